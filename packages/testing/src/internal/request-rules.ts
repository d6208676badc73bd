/**
 * Responses of the simulated service: one pure function per endpoint, from the state and the time to the response and the
 * new state. Each function checks in the order of the service: account, permission, plan, values, existence, kind of index,
 * conflict, quota, state.
 */
import type * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as IndexRules from "@pinecone-backups/core/IndexRules"
import * as IndexSchema from "@pinecone-backups/core/IndexSchema"
import * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Base64 from "effect/encoding/Base64"
import { memoize } from "effect/Function"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Records from "./records.ts"
import * as Seeding from "./seeding.ts"
import type * as Settings from "./settings.ts"
import * as Simulation from "./simulation.ts"
import * as TimeRules from "./time-rules.ts"

// ============================================================================
// Responses
// ============================================================================

/**
 * API versions that the service knows. `unstable` and `2026-07` introduced backup schedules. The guides also document them for
 * `2026-04`.
 */
export const versions = ["2025-04", "2025-10", "2026-01.alpha", "2026-04", "2026-07", "unstable"] as const

/** A known API version. */
export type Version = (typeof versions)[number]

/** Returns `true` if a version has backup schedules. */
export const hasSchedules = (version: Version, switches: Pick<Settings.Switches, "schedulesIn2026_04">): boolean =>
  version === "2026-07" || version === "unstable" || (version === "2026-04" && switches.schedulesIn2026_04)

/** A refused request: the error and the message of the service. */
export interface Refusal<Status extends number = number> {
  readonly status: Status
  readonly code: string
  readonly message: string
}

/** Refuses a request with an error from the table of core. */
export const refuse = <Tag extends PineconeError.ApiErrorName>(
  tag: Tag,
  message: string
): Refusal<(typeof PineconeError.apiErrors)[Tag]["status"]> => {
  const { code, status }: (typeof PineconeError.apiErrors)[Tag] = PineconeError.apiErrors[tag]
  return { code, status, message }
}

/** Context of a request: the state after everything that was due, the time, and the API version. */
export interface Moment {
  readonly state: Simulation.State
  readonly now: DateTime.Utc
  readonly version: Version
  /** Returns the host with a name. @default a name that cannot be resolved */
  readonly hostOf?: (name: string) => string
}

/** Response to a request, and the new state. */
export type Operation<A> = (moment: Moment) => readonly [Simulation.State, Result.Result<A, Refusal>]

/** Applies other switches to a single request, if any. */
export const withSwitches = <A>(
  switches: Partial<Settings.Switches> | undefined,
  operation: Operation<A>
): Operation<A> =>
  switches === undefined ? operation : ({ state, ...moment }) => {
    const switched = { ...state, switches: { ...state.switches, ...switches } }
    const [next, answer] = operation({ ...moment, state: switched })
    return [next === switched ? state : { ...next, switches: state.switches }, answer]
  }

/** Returns the first failing check as a refusal. */
export const check = (
  ...checks: ReadonlyArray<readonly [isRefused: boolean, tag: PineconeError.ApiErrorName, message: string]>
): Result.Result<void, Refusal> => {
  const failed = checks.find(([isRefused]) => isRefused)
  return failed === undefined ? Result.void : Result.fail(refuse(failed[1], failed[2]))
}

const planWithout = "Scheduled backups are not available on the plan of this project."

/** Checks that come before values: the account, the key, and the plan if relevant. */
export const admit = (
  name: Settings.Operation,
  { deniedOperations, hasBackups, isOverdue }: Settings.Project
): Result.Result<void, Refusal> => {
  // Every request passes here, so the refusals are not prepared as in `check`.
  if (isOverdue && (name === "BackupSchedules.create" || name === "Backups.create" || name === "Backups.restore")) {
    return Result.fail(refuse("PaymentRequired", "The organization has overdue invoices."))
  }
  if (deniedOperations.includes(name)) {
    return Result.fail(refuse("PermissionDenied", `The API key has no permission for ${name}.`))
  }
  if (!hasBackups && name === "BackupSchedules.create") {
    return Result.fail(refuse("PermissionDenied", planWithout))
  }
  return !hasBackups && name === "Backups.create"
    ? Result.fail(refuse("PermissionDenied", "Backups are not available on the plan of this project."))
    : Result.void
}

/** Handler of a request. It can yield refusals. */
type Body<A> = (moment: Moment) => Generator<Result.Result<unknown, Refusal>, A, unknown>

/** The response of an operation, if the project and its key allow it. */
const answerOf = <A>(name: Settings.Operation, body: Body<A>, moment: Moment): Result.Result<A, Refusal> => {
  const admitted = admit(name, moment.state.project)
  return Result.isFailure(admitted) ? Result.fail(admitted.failure) : Result.gen(() => body(moment))
}

/** A request that changes the state unless it is refused. */
const write = <A>(name: Settings.Operation, body: Body<readonly [Simulation.State, A]>): Operation<A> => (moment) => {
  const answer = answerOf(name, body, moment)
  return [Result.isSuccess(answer) ? answer.success[0] : moment.state, Result.map(answer, ([, value]) => value)]
}

/** A request that does not change the state. */
export const read = <A>(name: Settings.Operation, body: Body<A>): Operation<A> => (moment) => [
  moment.state,
  answerOf(name, body, moment)
]

/** A request for one object. */
const describe = <A, B>(
  name: Settings.Operation,
  find: (moment: Moment) => Result.Result<A, Refusal>,
  show: (object: A, moment: Moment) => B
): Operation<B> =>
(moment) => {
  const { state } = moment
  return [
    state,
    Result.flatMap(admit(name, state.project), () => Result.map(find(moment), (object) => show(object, moment)))
  ]
}

const found = <A>(value: A | undefined, message: string): Result.Result<A, Refusal> =>
  value === undefined ? Result.fail(refuse("NotFound", message)) : Result.succeed(value)

/** Message of the service for any invalid value. */
export const invalidParameters = "The request contains invalid parameters."

export const invalid = Result.fail(refuse("InvalidArgument", invalidParameters))

/** Refuses invalid values, after the checks that come before values. */
export const refuseValues = (name: Settings.Operation): Operation<never> =>
  read(name, function*() {
    return yield* invalid
  })

/** Refuses kinds of indexes that cannot be backed up. */
const checkKind = ({ kind }: Simulation.Index) =>
  check(
    [kind === "pod", "InvalidArgument", "Pod indexes cannot be backed up."],
    [kind === "encrypted", "InvalidArgument", "Indexes with a customer-managed key cannot be backed up."]
  )

// ============================================================================
// Pages
// ============================================================================

/** Parameters of a request for a page. */
export interface PageRequest {
  readonly limit?: number | undefined
  readonly paginationToken?: string | undefined
}

/** Lazy rows of a list. */
export interface Rows<out Row> {
  readonly length: number
  readonly slice: (start: number, end: number) => ReadonlyArray<Row>
}

/** A page of a list. */
export interface Envelope<A> {
  readonly data: ReadonlyArray<A>
  /** Missing, or null, on the last page. */
  readonly pagination?: { readonly next: string } | null
}

const PageToken = Schema.fromJsonString(
  Schema.Struct({
    limit: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)),
    offset: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
  })
)

const decodeToken = (token: string) =>
  Base64.decodeString(token).pipe(Result.flatMap((json) => Schema.decodeUnknownResult(PageToken)(json)))

/**
 * Returns one page of rows, converted by `show`. A token has an offset and the page size of the first page. A `limit` next to
 * a token overrides the size but not the offset. A page has up to 100 rows. The token is validated before the rows are read,
 * and only the rows of the page are read.
 */
export const list = <Row, A>(
  name: Settings.Operation,
  { limit: requested, paginationToken }: PageRequest,
  rows: (moment: Moment) => Result.Result<Rows<Row>, Refusal>,
  show: (row: Row, moment: Moment) => A
): Operation<Envelope<A>> =>
  read(name, function*(moment) {
    const { lastPage, limitAbove100 } = moment.state.switches
    const start = yield* (paginationToken === undefined
      ? Result.succeed({ limit: moment.version === "2026-07" ? 100 : 10, offset: 0 })
      : Result.orElse(decodeToken(paginationToken), () => invalid))
    const size = requested ?? start.limit
    if (size > 100 && limitAbove100 === "refuse") return yield* invalid
    const all = yield* rows(moment)
    const limit = Math.min(size, 100)
    const end = start.offset + limit
    const data = all.slice(start.offset, end).map((row) => show(row, moment))
    const isLast = end >= all.length && !(lastPage === "emptyPage" && data.length === limit)
    if (!isLast) return { data, pagination: { next: Base64.encode(JSON.stringify({ limit, offset: end })) } }
    return lastPage === "missing" ? { data } : { data, pagination: null }
  })

// ============================================================================
// Formats of versions
// ============================================================================

const failedStatus = (status: string, version: Version) =>
  version !== "2026-07" && status === "InitializationFailed" ? "Failed" : status

/** Default fields of an index. A dense index has both kinds of vectors. */
const classicSchema = (dimension: number): IndexSchema.IndexSchema => ({
  fields: {
    ...(dimension > 0 && { _values: { type: "dense_vector" as const, dimension, metric: "cosine" } }),
    _sparse_values: { type: "sparse_vector" }
  }
})

/** A run in the format of a version. */
const showRun = (record: Simulation.Record, { now, state, version }: Moment): BackupRun.BackupRun => {
  const run = TimeRules.showRun(state, record, now)
  if (version !== "2026-07") return { ...run, schema: null, status: failedStatus(run.status, version) }
  const tags = run.tags && Object.keys(run.tags).length > 0 ? run.tags : null
  if (state.switches.oldRows) return { ...run, tags: null, schema: null }
  const { dimension: _, schema, ...documented } = run
  const typed = schema ?? (record.special.schema === null ? null : classicSchema(run.dimension ?? 0))
  return { ...documented, tags, ...(typed && { schema: typed }) }
}

/** A backup in the format of a version. */
const showBackup = (record: Simulation.Record, moment: Moment): Backup.Backup => {
  const { now, state, version } = moment
  const { scheduledExecutionAt: _, schema, ...shown } = showRun(record, moment)
  // Only one version has the early form of typed schemas.
  const typed = version === "2026-01.alpha" ? TimeRules.showRun(state, record, now).schema : schema
  const hasSchema = typed && (version === "2026-07" || version === "2026-01.alpha")
  const { dimension, ...alpha } = shown
  const backup: Backup.Backup = {
    ...(version === "2026-01.alpha" ? alpha : shown),
    ...(hasSchema ? { schema: typed } : version === "2026-07" && state.switches.oldRows && { schema: null })
  }
  const deletedAt = state.indexes.get(record.indexId)?.deletedAt
  return deletedAt === undefined || version !== "2026-07" ? backup : { ...backup, sourceIndexDeletedAt: deletedAt }
}

/** A restore job in the format of a version. Since 2026-07, only completed progress is reported. */
const showRestore = (restore: Simulation.Restore, { now, version }: Moment): RestoreJob.RestoreJob => {
  const job = TimeRules.showRestore(restore, now)
  if (version !== "2026-07" || RestoreJob.isCompleted(job)) return job
  const { percentComplete: _, ...documented } = job
  return documented
}

const showSchedule = (schedule: Simulation.Schedule, { state }: Moment): BackupSchedule.BackupSchedule => ({
  scheduleId: schedule.id,
  name: schedule.name,
  indexId: schedule.indexId,
  projectId: state.project.id,
  scheduleType: "time-based",
  frequency: schedule.frequency,
  retentionExpireAfterDays: schedule.expireAfterDays,
  enabled: schedule.nextRun !== undefined,
  nextScheduledRun: schedule.nextRun === undefined ? null : schedule.claimedNextRun ?? schedule.nextRun,
  createdAt: schedule.createdAt
})

// ============================================================================
// Backup schedules
// ============================================================================

const noIndex = (name: string) => `Index ${name} not found.`

const indexOf = ({ state }: Moment, name: string) => found(Simulation.activeIndex(state, name), noIndex(name))

/** The index with a name, unless it is being deleted. Which writes the service accepts until then is not documented. */
const lastingIndexOf = (moment: Moment, name: string) =>
  Result.flatMap(
    indexOf(moment, name),
    (index) => found(index.terminatesAt === undefined ? index : undefined, noIndex(name))
  )

const hostNameOf = ({ hostName, name }: Simulation.Index): string => hostName ?? name

/** The index that has a host. */
export const indexAt = ({ state }: Moment, hostName: string) =>
  found(Simulation.activeIndexes(state).find((index) => hostNameOf(index) === hostName), noIndex(hostName))

const scheduleOf = ({ state }: Moment, id: string) => found(state.schedules.get(id), "Backup schedule not found.")

/** `POST /indexes/{index_name}/backup-schedules` */
export const createSchedule = (request: {
  readonly indexName: string
  readonly name: string
  readonly frequency: BackupSchedule.Frequency
  readonly expireAfterDays: number
}): Operation<BackupSchedule.BackupSchedule> =>
  write("BackupSchedules.create", function*(moment) {
    const { now, state } = moment
    yield* check([
      request.expireAfterDays > state.project.maxRetentionDays,
      "InvalidArgument",
      Simulation.retentionMessage(state)
    ])
    const index = yield* lastingIndexOf(moment, request.indexName)
    yield* checkKind(index)
    const { scheduleLimit } = state.switches
    yield* check(
      [Simulation.hasEnabledSchedule(state, index.id), "AlreadyExists", Simulation.onlyOneSchedule],
      [
        scheduleLimit !== null && Simulation.schedulesOf(state, index.id).length >= scheduleLimit,
        "Forbidden",
        `The index already has ${scheduleLimit} backup schedules.`
      ]
    )
    const [withId, id] = Simulation.nextId(state, "schedule")
    const nextRun = TimeRules.firstRun(request.frequency, now)
    const schedule: Simulation.Schedule = {
      id: BackupSchedule.ScheduleId.make(id),
      name: request.name,
      indexId: index.id,
      frequency: request.frequency,
      expireAfterDays: request.expireAfterDays,
      nextRun,
      anchorDay: TimeRules.anchorDayOf(now),
      createdAt: now
    }
    const added = { ...withId, schedules: Simulation.withEntry(withId.schedules, id, schedule) }
    const [planned] = TimeRules.planRun(added, schedule, { createdAt: now, startAt: nextRun })
    return [planned, showSchedule(schedule, moment)] as const
  })

/** `GET /indexes/{index_name}/backup-schedules` */
export const listSchedules = (
  request: PageRequest & { readonly indexName: string }
): Operation<Envelope<BackupSchedule.BackupSchedule>> =>
  list(
    "BackupSchedules.list",
    request,
    (moment) =>
      Result.map(
        indexOf(moment, request.indexName),
        ({ id }) => Array.reverse(Simulation.schedulesOf(moment.state, id))
      ),
    showSchedule
  )

/** `GET /backup-schedules/{schedule_id}` */
export const describeSchedule = (id: string): Operation<BackupSchedule.BackupSchedule> =>
  describe("BackupSchedules.describe", (moment) => scheduleOf(moment, id), showSchedule)

/** Removes the planned run of a schedule. */
const unplan = (state: Simulation.State, id: string, now: DateTime.Utc): Simulation.State => ({
  ...state,
  records: Simulation.filterEntries(
    state.records,
    (record) => record.scheduleId !== id || DateTime.isLessThanOrEqualTo(record.startAt, now)
  )
})

/**
 * `PATCH /backup-schedules/{schedule_id}`
 *
 * Disabling removes the planned run. Enabling takes a backup immediately and counts the next run from now. A new retention
 * also applies to existing backups.
 */
export const updateSchedule = (id: string, request: {
  readonly frequency?: BackupSchedule.Frequency | undefined
  readonly expireAfterDays?: number | undefined
  readonly enabled?: boolean | undefined
}): Operation<BackupSchedule.BackupSchedule> =>
  write("BackupSchedules.update", function*(moment) {
    const { now, state } = moment
    const scheduled = scheduleOf(moment, id)
    const isResuming = request.enabled === true && Result.isSuccess(scheduled) &&
      scheduled.success.nextRun === undefined
    yield* check(
      [isResuming && !state.project.hasBackups, "PermissionDenied", planWithout],
      [
        (request.expireAfterDays ?? 1) > state.project.maxRetentionDays,
        "InvalidArgument",
        Simulation.retentionMessage(state)
      ]
    )
    const existing = yield* scheduled
    yield* check([
      isResuming && Simulation.hasEnabledSchedule(state, existing.indexId),
      "AlreadyExists",
      Simulation.onlyOneSchedule
    ])
    const frequency = request.frequency ?? existing.frequency
    const nextRun = isResuming
      ? DateTime.add(now, TimeRules.step(frequency))
      : request.enabled === false || existing.nextRun === undefined
      ? undefined
      : frequency === existing.frequency
      ? existing.nextRun
      : TimeRules.firstRun(frequency, now)
    const isReplanned = nextRun !== existing.nextRun
    const schedule: Simulation.Schedule = {
      ...existing,
      frequency,
      expireAfterDays: request.expireAfterDays ?? existing.expireAfterDays,
      nextRun,
      claimedNextRun: undefined,
      anchorDay: isReplanned ? TimeRules.anchorDayOf(now) : existing.anchorDay
    }
    let current = isReplanned ? unplan(state, id, now) : state
    if (request.expireAfterDays !== undefined) current = retime(current, schedule)
    if (isResuming) current = TimeRules.planRun(current, schedule, { createdAt: now, startAt: now })[0]
    if (isReplanned && nextRun !== undefined) {
      current = TimeRules.planRun(current, schedule, { createdAt: now, startAt: nextRun })[0]
    }
    const changed = { ...current, schedules: Simulation.withEntry(current.schedules, id, schedule) }
    return [changed, showSchedule(schedule, moment)] as const
  })

/** Applies the retention of a schedule to its existing and planned backups. */
const retime = (state: Simulation.State, schedule: Simulation.Schedule): Simulation.State => ({
  ...state,
  records: new Map([...state.records].map(([id, record]) => [
    id,
    record.scheduleId === schedule.id && record.expireAt !== undefined && !record.isDeleted
      ? { ...record, expireAt: DateTime.add(record.startAt, { days: schedule.expireAfterDays }) }
      : record
  ]))
})

/** `DELETE /backup-schedules/{schedule_id}` */
export const deleteSchedule = (id: string): Operation<void> =>
  write("BackupSchedules.delete", function*(moment) {
    yield* scheduleOf(moment, id)
    const { now, state } = moment
    const schedules = Simulation.filterEntries(state.schedules, (schedule) => schedule.id !== id)
    return [{ ...unplan(state, id, now), schedules }, undefined] as const
  })

/** `GET /backup-schedules/{schedule_id}/history` */
export const history = (
  request: PageRequest & { readonly scheduleId: string }
): Operation<Envelope<BackupRun.BackupRun>> =>
  list("BackupSchedules.history", request, (moment) =>
    Result.map(scheduleOf(moment, request.scheduleId), ({ id }) => {
      const { now, state, version } = moment
      const runs = bySchedule(newestFirst(state.records)).get(id) ?? []
      return version === "2026-07" && state.switches.oldRows ? begun(runs, now) : runs
    }), showRun)

/**
 * Sorts by latest start, then by latest creation. Cached until the state changes, because every page of a long list needs it.
 */
const newestFirst: (records: Simulation.State["records"]) => ReadonlyArray<Simulation.Record> = memoize((records) =>
  // The sort is stable, so the latest stays first among equal starts.
  Array.reverse(records.values()).sort((one, other) =>
    DateTime.toEpochMillis(other.startAt) - DateTime.toEpochMillis(one.startAt)
  )
)

/** Groups a list by key, keeping its order. Cached. */
const partsBy = (
  keyOf: (record: Simulation.Record) => string | undefined
): (all: ReadonlyArray<Simulation.Record>) => ReadonlyMap<string | undefined, ReadonlyArray<Simulation.Record>> =>
  memoize((all) => {
    const parts = new Map<string | undefined, Array<Simulation.Record>>()
    for (const record of all) {
      const part = parts.get(keyOf(record))
      if (part === undefined) parts.set(keyOf(record), [record])
      else part.push(record)
    }
    return parts
  })

const bySchedule = partsBy(({ scheduleId }) => scheduleId)
const byIndex = partsBy(({ indexId }) => indexId)

// ============================================================================
// Backups
// ============================================================================

/** Existing backups, in the same order. Expired backups appear only in histories. */
const kept: (records: Simulation.State["records"]) => ReadonlyArray<Simulation.Record> = memoize((records) =>
  newestFirst(records).filter(({ isExpired }) => !isExpired)
)

/** Returns `true` if a backup was started. Planned runs appear only in the history of their schedule. */
const isBegun = (record: Simulation.Record, now: DateTime.Utc): boolean =>
  TimeRules.statusOf(record, now) !== "Scheduled"

/** Skips the planned runs of a list that is sorted newest first. */
const begun = (records: ReadonlyArray<Simulation.Record>, now: DateTime.Utc): ReadonlyArray<Simulation.Record> =>
  Array.dropWhile(records, (record) => !isBegun(record, now))

const backupOf = ({ now, state }: Moment, id: string) => {
  const record = state.records.get(id)
  return found(
    record !== undefined && !record.isExpired && isBegun(record, now) ? record : undefined,
    `Backup ${id} not found.`
  )
}

/** `POST /indexes/{index_name}/backups` */
export const createBackup = (request: {
  readonly indexName: string
  readonly name?: string | undefined
  readonly description?: string | undefined
}): Operation<Backup.Backup> =>
  write("Backups.create", function*(moment) {
    const { now, state, version } = moment
    if (version === "2026-07" && request.name !== undefined && IndexRules.wrongName(request.name) !== undefined) {
      return yield* invalid
    }
    const index = yield* lastingIndexOf(moment, request.indexName)
    yield* checkKind(index)
    yield* check([
      begun(kept(state.records), now).length >= state.project.backupQuota,
      "Forbidden",
      "The backup quota of the project is used up."
    ])
    const [withId, record] = TimeRules.makeBackup(state, {
      indexId: index.id,
      name: request.name ?? null,
      description: request.description ?? null,
      createdAt: now,
      startAt: now
    })
    return [
      { ...withId, records: Simulation.withEntry(withId.records, record.id, record) },
      showBackup(record, moment)
    ] as const
  })

/** `GET /backups` */
export const listBackups = (request: PageRequest): Operation<Envelope<Backup.Backup>> =>
  list("Backups.list", request, ({ now, state }) => Result.succeed(begun(kept(state.records), now)), showBackup)

/** `GET /indexes/{index_name}/backups` */
export const listBackupsByIndex = (
  request: PageRequest & { readonly indexName: string; readonly includeDeleted?: boolean | undefined }
): Operation<Envelope<Backup.Backup>> =>
  list("Backups.listByIndex", request, (moment) => {
    const { now, state } = moment
    const all = kept(state.records)
    const { includeDeleted, indexName } = request
    if (includeDeleted !== true) {
      return Result.map(indexOf(moment, indexName), ({ id }) => begun(byIndex(all).get(id) ?? [], now))
    }
    const ids = Array.filter(state.indexes.values(), ({ name }) => name === indexName).map(({ id }) => id)
    const backups = begun(all, now).filter(({ indexId }) => ids.includes(indexId))
    return found(ids.length > 0 ? backups : undefined, noIndex(indexName))
  }, showBackup)

/** `GET /backups/{backup_id}` */
export const describeBackup = (id: string): Operation<Backup.Backup> =>
  describe("Backups.describe", (moment) => backupOf(moment, id), showBackup)

/** `DELETE /backups/{backup_id}` */
export const deleteBackup = (id: string): Operation<void> =>
  write("Backups.delete", function*(moment) {
    const { now, state } = moment
    const record = yield* backupOf(moment, id)
    if (record.isDeleted) return [state, undefined] as const
    const pending = Array.filter(
      state.restores.values(),
      (restore) => restore.backupId === id && !RestoreJob.isFinal(TimeRules.showRestore(restore, now))
    )
    yield* check([
      pending.length > 0,
      "FailedPrecondition",
      `Restore jobs from this backup are pending: [${pending.map((restore) => restore.id).join(", ")}]`
    ])
    const deletedAt = DateTime.addDuration(now, state.project.deletionDelay)
    const expireAt = record.expireAt === undefined ? deletedAt : DateTime.min(deletedAt, record.expireAt)
    const records = DateTime.isGreaterThan(expireAt, now)
      ? Simulation.withEntry(state.records, id, { ...record, expireAt, isDeleted: true })
      : Simulation.filterEntries(state.records, (record) => record.id !== id)
    return [{ ...state, records }, undefined] as const
  })

/**
 * Returns `true` if tags are valid for a new index. Versions before 2026-07 have stricter limits on values, but do not
 * limit the number of tags.
 */
const areTags = (tags: Readonly<{ [key: string]: string }>, version: Version): boolean =>
  version === "2026-07"
    ? Schema.is(PineconeApi.NewTags)(tags)
    : Object.entries(tags).every(([key, value]) =>
      /^[A-Za-z0-9_-]{1,80}$/.test(key) && /^[A-Za-z0-9;@_.+ -]{0,120}$/.test(value)
    )

/** `POST /backups/{backup_id}/create-index` */
export const restore = (request: {
  readonly backupId: string
  readonly name: string
  readonly tags?: Readonly<{ [key: string]: string }> | undefined
  readonly deletionProtection?: "enabled" | "disabled" | undefined
  readonly readCapacity?: PineconeApi.ReadCapacity | undefined
  /** Flaws of the records. */
  readonly flaws?: Records.Flaws | undefined
}): Operation<RestoreJob.Started> =>
  write("Backups.restore", function*(moment) {
    const { now, state, version } = moment
    const { name, tags } = request
    if (!areTags(tags ?? {}, version)) return yield* invalid
    const record = yield* backupOf(moment, request.backupId)
    const active = Simulation.activeIndexes(state)
    yield* check(
      [active.some((index) => index.name === name), "AlreadyExists", `Index ${name} already exists.`],
      [active.length >= state.project.indexQuota, "Forbidden", "The index quota of the project is used up."],
      [TimeRules.statusOf(record, now) !== "Ready", "FailedPrecondition", `Backup ${record.id} is not ready.`]
    )
    const source = state.indexes.get(record.indexId)
    const endAt = DateTime.addDuration(now, state.project.restoreDuration)
    const before = Array.filter(state.indexes.values(), (index) => index.name === name).length
    const [withIndex, index] = Seeding.addIndex(state, now, {
      name,
      ...(state.switches.restoresEnd === "Completed" ? { readyAt: endAt } : { readyAt: null, failedAt: endAt }),
      // No name of an index has an underscore.
      ...(before > 0 && state.switches.hostsChange && { hostName: `${name}_${before + 1}` }),
      ...(source !== undefined && { dimension: source.dimension, schema: source.schema }),
      recordCount: record.recordCount,
      ...Simulation.contentsOf(state, record),
      flaws: request.flaws,
      tags: tags ?? record.tags,
      deletionProtection: request.deletionProtection,
      sourceBackupId: record.id,
      readCapacity: request.readCapacity
    })
    const [withId, id] = Simulation.nextId(withIndex, "job")
    const job: Simulation.Restore = {
      id: RestoreJob.RestoreJobId.make(id),
      backupId: record.id,
      indexId: index.id,
      indexName: index.name,
      createdAt: now,
      visibleAt: DateTime.addDuration(now, state.project.restoreJobDelay),
      endAt,
      ends: state.switches.restoresEnd,
      special: {}
    }
    return [
      { ...withId, restores: Simulation.withEntry(withId.restores, id, job) },
      { restoreJobId: job.id, indexId: index.id }
    ] as const
  })

// ============================================================================
// Restore jobs
// ============================================================================

/** Returns `true` if a job can be read: its target index exists, and the job is not too new. */
const isReadable = ({ indexId, visibleAt }: Simulation.Restore, { now, state }: Moment): boolean =>
  state.indexes.get(indexId)?.deletedAt === undefined && DateTime.isLessThanOrEqualTo(visibleAt, now)

/** `GET /restore-jobs` */
export const listRestoreJobs = (request: PageRequest): Operation<Envelope<RestoreJob.RestoreJob>> =>
  list("RestoreJobs.list", request, (moment) =>
    Result.succeed(
      Array.reverse(Array.filter(moment.state.restores.values(), (restore) => isReadable(restore, moment)))
    ), showRestore)

/** `GET /restore-jobs/{job_id}` */
export const describeRestoreJob = (id: string): Operation<RestoreJob.RestoreJob> =>
  describe("RestoreJobs.describe", (moment) => {
    const restore = moment.state.restores.get(id)
    const isThere = restore !== undefined && isReadable(restore, moment)
    return found(isThere ? restore : undefined, `Restore job ${id} not found.`)
  }, showRestore)

// ============================================================================
// Indexes
// ============================================================================

const IndexSchemaToJson = Schema.encodeSync(Schema.toCodecJson(IndexSchema.IndexSchema))

/**
 * An index as JSON, including fields that clients of the whole API need: its location and its schema.
 */
const showIndex = (
  index: Simulation.Index,
  { hostOf = Records.hostInMemory, now, state, version }: Moment
): Schema.JsonObject => {
  const { id, source_backup_id, ...documented } = PineconeIndex.toJson(
    TimeRules.showIndex(index, now, hostOf(hostNameOf(index)))
  )
  const json = { ...documented, ...(id !== undefined && state.switches.indexIds && { id }) }
  const { dimension, kind, readCapacity = { mode: "OnDemand" }, schema } = index
  const place = { cloud: "aws", region: "us-east-1" }
  if (version !== "2026-07") {
    const read_capacity = { ...readCapacity, status: { state: "Ready" } }
    const spec = kind === "pod"
      ? { pod: { environment: "us-east-1-aws", pod_type: "p1.x1", pods: 1, replicas: 1, shards: 1 } }
      : kind === "byoc"
      ? { byoc: { environment: "byoc-1", read_capacity } }
      : { serverless: { ...place, read_capacity } }
    return { ...json, ...(dimension > 0 && { dimension }), ...Records.kindOf(dimension), spec }
  }
  return {
    ...json,
    ...(source_backup_id !== undefined && { source_backup_id }),
    deployment: kind === "pod"
      ? { deployment_type: "pod", environment: "us-east-1-aws", pod_type: "p1.x1" }
      : kind === "byoc"
      ? { deployment_type: "byoc", environment: "byoc-1" }
      : { deployment_type: "managed", ...place },
    schema: IndexSchemaToJson(schema ?? classicSchema(dimension)),
    read_capacity: { ...readCapacity, status: { state: "Ready", current_replicas: null, current_shards: null } }
  }
}

/** `GET /indexes` */
export const listIndexes: Operation<Schema.JsonObject> = read("Indexes.list", function*(moment) {
  return { indexes: Simulation.activeIndexes(moment.state).map((index) => showIndex(index, moment)) }
})

/** `GET /indexes/{index_name}` */
export const describeIndex = (name: string): Operation<Schema.JsonObject> =>
  describe("Indexes.describe", (moment) => indexOf(moment, name), showIndex)

/**
 * `PATCH /indexes/{index_name}`
 *
 * Omitted fields do not change. Tags are merged, an empty value removes a tag, and no tags change nothing.
 */
export const configureIndex = (name: string, request: {
  readonly deletionProtection?: "enabled" | "disabled" | undefined
  readonly tags?: Readonly<{ [key: string]: string }> | undefined
  /** Applied immediately. */
  readonly readCapacity?: PineconeApi.ReadCapacity | undefined
}): Operation<Schema.JsonObject> =>
  write("Indexes.configure", function*(moment) {
    const { state, version } = moment
    const { deletionProtection, readCapacity, tags = {} } = request
    const isSet = (value: string) => value !== ""
    if (!areTags(Record.filter(tags, isSet), version)) return yield* invalid
    const existing = yield* lastingIndexOf(moment, name)
    const merged = Record.filter({ ...existing.tags, ...tags }, isSet)
    if (!areTags(merged, version)) return yield* invalid
    const index: Simulation.Index = {
      ...existing,
      tags: merged,
      deletionProtection: deletionProtection ?? existing.deletionProtection,
      readCapacity: readCapacity ?? existing.readCapacity
    }
    return [
      { ...state, indexes: Simulation.withEntry(state.indexes, index.id, index) },
      showIndex(index, moment)
    ] as const
  })

/**
 * `DELETE /indexes/{index_name}`
 *
 * Also deletes its schedules, but not its backups. Until the deletion takes effect, the index is terminating. A second
 * request then changes nothing.
 */
export const deleteIndex = (name: string): Operation<void> =>
  write("Indexes.delete", function*(moment) {
    const { now, state } = moment
    const index = yield* indexOf(moment, name)
    if (index.terminatesAt !== undefined) return [state, undefined] as const
    yield* check([
      index.deletionProtection === "enabled",
      "Forbidden",
      `Deletion protection is enabled for index ${name}.`
    ])
    const schedules = Simulation.schedulesOf(state, index.id)
    const current = schedules.reduce((current, { id }) => unplan(current, id, now), state)
    const goneAt = DateTime.addDuration(now, state.project.indexDeletionDelay)
    const isGone = DateTime.isLessThanOrEqualTo(goneAt, now)
    const deleted: Simulation.Index = { ...index, ...(isGone ? { deletedAt: now } : { terminatesAt: goneAt }) }
    return [{
      ...current,
      indexes: Simulation.withEntry(current.indexes, index.id, deleted),
      schedules: Simulation.filterEntries(current.schedules, ({ indexId }) => indexId !== index.id)
    }, undefined] as const
  })
