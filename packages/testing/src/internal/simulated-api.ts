/**
 * The answers of the simulated service: one pure function for each endpoint, from the state and the time to
 * the state afterwards and the answer. Each checks in the service's order: account, plan, values, existence,
 * kind of index, conflict, quota, state.
 */
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as IndexSchema from "@pinecone-backups/core/IndexSchema"
import * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Base64 from "effect/encoding/Base64"
import { memoize } from "effect/Function"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Route from "./route.ts"
import * as Seeding from "./seeding.ts"
import type * as Settings from "./settings.ts"
import * as SimulationTime from "./simulation-time.ts"
import * as Simulation from "./simulation.ts"

// ============================================================================
// Answers
// ============================================================================

/**
 * The version values the service knows. Backup schedules came with `unstable` and `2026-07`; the guides
 * also promise them for `2026-04`.
 */
export const versions = ["2025-04", "2025-10", "2026-01.alpha", "2026-04", "2026-07", "unstable"] as const

/** A version value the service knows. */
export type Version = (typeof versions)[number]

const withoutSchedules: ReadonlyArray<Version> = ["2025-04", "2025-10", "2026-01.alpha"]

/** Whether a version has backup schedules. */
export const hasSchedules = (version: Version, switches: Pick<Settings.Switches, "schedulesIn2026_04">): boolean =>
  version === "2026-04" ? switches.schedulesIn2026_04 : !withoutSchedules.includes(version)

/** A request that is refused: which error it is, and what the service says. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** Refuses a request with one of the errors in core's table. */
export const refuse = (tag: PineconeError.ApiErrorName, message: string): Refusal => {
  const { code, status } = PineconeError.apiErrors[tag]
  return { code, status, message }
}

/** The answer to a request: from the state, with everything that was due at the time done, to the state afterwards. */
export type Operation<A> = (
  state: Simulation.State,
  now: DateTime.Utc
) => readonly [Simulation.State, Result.Result<A, Refusal>]

/** A request to which other switches apply than to all others. */
export const withSwitches =
  <A>(switches: Partial<Settings.Switches>, operation: Operation<A>): Operation<A> => (state, now) => {
    const switched = { ...state, switches: { ...state.switches, ...switches } }
    const [next, answer] = operation(switched, now)
    return [next === switched ? state : { ...next, switches: state.switches }, answer]
  }

/** A request whose answer is shown in another way. */
export const mapAnswer =
  <A, B>(operation: Operation<A>, f: (state: Simulation.State, answer: A) => B): Operation<B> => (state, now) => {
    const [next, answer] = operation(state, now)
    return [next, Result.map(answer, (value) => f(next, value))]
  }

/** A request that changes nothing. */
const read =
  <A>(f: (state: Simulation.State, now: DateTime.Utc) => Result.Result<A, Refusal>): Operation<A> => (state, now) => [
    state,
    f(state, now)
  ]

/** A request that changes something unless it is refused. */
const write = <A>(
  f: (state: Simulation.State, now: DateTime.Utc) => Result.Result<readonly [Simulation.State, A], Refusal>
): Operation<A> =>
(state, now) =>
  Result.match(f(state, now), {
    onFailure: (refusal) => [state, Result.fail(refusal)] as const,
    onSuccess: ([next, answer]) => [next, Result.succeed(answer)] as const
  })

/** The first of the checks that fails, as a refusal. */
const check = (
  ...checks: ReadonlyArray<readonly [isRefused: boolean, tag: PineconeError.ApiErrorName, message: string]>
) => {
  const failed = checks.find(([isRefused]) => isRefused)
  return failed === undefined ? Result.void : Result.fail(refuse(failed[1], failed[2]))
}

const found = <A>(value: A | undefined, message: string): Result.Result<A, Refusal> =>
  value === undefined ? Result.fail(refuse("NotFound", message)) : Result.succeed(value)

/** What a request with a body makes: a schedule, a change of one, a backup, or an index. */
export type Product = "schedule" | "change" | "backup" | "index"

/** The operations that make something. */
const products: Partial<Record<Route.Operation, Product>> = {
  "BackupSchedules.create": "schedule",
  "BackupSchedules.update": "change",
  "Backups.create": "backup",
  "Backups.restore": "index"
}

const isUnpaid = ({ isOverdue }: Settings.Project, product: Product | undefined): boolean =>
  isOverdue && product !== undefined && product !== "change"

const overdue = "The organization has overdue invoices."

/** A request whose key needs a permission. It is looked at after the account is and before values are. */
export const withPermission =
  <A>(name: Route.Operation | undefined, operation: Operation<A>): Operation<A> => (state, now) =>
    name !== undefined && state.project.deniedOperations.includes(name) ?
      [
        state,
        Result.flatMap(
          check([isUnpaid(state.project, products[name]), "PaymentRequired", overdue]),
          () => Result.fail(refuse("PermissionDenied", `The API key has no permission for ${name}.`))
        )
      ] :
      operation(state, now)

/** Only whether the key has the permission. */
export const permit = (name: Route.Operation): Operation<void> => withPermission(name, read(() => Result.void))

/** What is checked before values are: the account, and the plan where there is one to check. */
const checkProject = (project: Settings.Project, product: Product) => {
  const { hasBackups } = project
  return check(
    [isUnpaid(project, product), "PaymentRequired", overdue],
    [!hasBackups && product === "schedule", "PermissionDenied", planWithout],
    [!hasBackups && product === "backup", "PermissionDenied", "Backups are not available on the plan of this project."]
  )
}

/** What the service says of values that are not valid, whichever they are. */
export const invalidParameters: Refusal = refuse("InvalidArgument", "The request contains invalid parameters.")

/** Refuses values that no rule lets through, after what is checked before values are. */
export const refuseValues = (product: Product): Operation<never> =>
  read((state) => Result.flatMap(checkProject(state.project, product), () => Result.fail(invalidParameters)))

/** Some kinds of indexes cannot be backed up. */
const checkKind = ({ kind }: Simulation.Index) =>
  check(
    [kind === "pod", "InvalidArgument", "Pod indexes cannot be backed up."],
    [kind === "encrypted", "InvalidArgument", "Indexes with a customer-managed key cannot be backed up."]
  )

// ============================================================================
// Pages
// ============================================================================

/** What a request for a page says. */
export interface PageRequest {
  readonly limit?: number | undefined
  readonly paginationToken?: string | undefined
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

/** The rows of a list: those of `all` from an index on. */
export interface Rows<Row> {
  readonly all: ReadonlyArray<Row>
  readonly from: number
}

/** The rows of a list that begins with some that do not belong to it. Takes as many steps as `all` has digits. */
const rowsFrom = <Row>(all: ReadonlyArray<Row>, belongs: (row: Row) => boolean): Rows<Row> => {
  let from = 0
  for (let end = all.length; from < end;) {
    const middle = (from + end) >>> 1
    const row = all[middle]
    if (row !== undefined && belongs(row)) end = middle
    else from = middle + 1
  }
  return { all, from }
}

/**
 * One page of rows, each shown by `show`. A token is an offset and remembers the page size it began with; a
 * `limit` beside it overrides the size and keeps the offset. More than 100 rows are never sent. A token is
 * looked at before the rows are, of which only those of the page are looked at.
 */
export const page = <Row, A>(
  { lastPage, limitAbove100 }: Pick<Settings.Switches, "lastPage" | "limitAbove100">,
  version: Version,
  request: PageRequest,
  rows: () => Result.Result<Rows<Row>, Refusal>,
  show: (row: Row) => A
): Result.Result<Envelope<A>, Refusal> =>
  Result.gen(function*() {
    const start = yield* (request.paginationToken === undefined
      ? Result.succeed({ limit: version === "2026-07" ? 100 : 10, offset: 0 })
      : Result.mapError(decodeToken(request.paginationToken), () => invalidParameters))
    const size = request.limit ?? start.limit
    if (size > 100 && limitAbove100 === "refuse") return yield* Result.fail(invalidParameters)
    const { all, from } = yield* rows()
    const limit = Math.min(size, 100)
    const end = start.offset + limit
    const data = all.slice(from + start.offset, from + end).map(show)
    const isLast = from + end >= all.length && !(lastPage === "emptyPage" && data.length === limit)
    if (!isLast) return { data, pagination: { next: Base64.encode(JSON.stringify({ limit, offset: end })) } }
    return lastPage === "missing" ? { data } : { data, pagination: null }
  })

// ============================================================================
// What a version shows
// ============================================================================

const failedStatus = (status: string, version: Version) =>
  version !== "2026-07" && status === "InitializationFailed" ? "Failed" : status

/** The fields of an index that was made without any: a dense one has both kinds of vectors. */
const classicSchema = (dimension: number): IndexSchema.IndexSchema => ({
  fields: {
    ...(dimension > 0 && { _values: { type: "dense_vector" as const, dimension, metric: "cosine" } }),
    _sparse_values: { type: "sparse_vector" }
  }
})

/** A run as a version shows it. */
const showRun = (
  state: Simulation.State,
  record: Simulation.Record,
  now: DateTime.Utc,
  version: Version
): BackupRun.BackupRun => {
  const run = SimulationTime.showRun(state, record, now)
  if (version !== "2026-07") return { ...run, schema: null, status: failedStatus(run.status, version) }
  const tags = run.tags && Object.keys(run.tags).length > 0 ? run.tags : null
  if (state.switches.oldRows) return { ...run, tags: null, schema: null }
  const { dimension: _, schema, ...documented } = run
  const typed = schema ?? (record.special.schema === null ? null : classicSchema(run.dimension ?? 0))
  return { ...documented, tags, ...(typed && { schema: typed }) }
}

/** A backup as a version shows it. */
const showBackup = (
  state: Simulation.State,
  record: Simulation.Record,
  now: DateTime.Utc,
  version: Version
): Backup.Backup => {
  const { scheduledExecutionAt: _, schema, ...shown } = showRun(state, record, now, version)
  // The early form of typed schemas came and went with one version.
  const typed = version === "2026-01.alpha" ? SimulationTime.showRun(state, record, now).schema : schema
  const hasSchema = typed && (version === "2026-07" || version === "2026-01.alpha")
  const { dimension, ...alpha } = shown
  const backup: Backup.Backup = {
    ...(version === "2026-01.alpha" ? alpha : shown),
    ...(hasSchema ? { schema: typed } : version === "2026-07" && state.switches.oldRows && { schema: null })
  }
  const deletedAt = state.indexes.get(record.indexId)?.deletedAt
  return deletedAt === undefined || version !== "2026-07" ? backup : { ...backup, sourceIndexDeletedAt: deletedAt }
}

/** A restore job as a version shows it: since 2026-07 progress is reported only as done. */
const showRestore = (restore: Simulation.Restore, now: DateTime.Utc, version: Version): RestoreJob.RestoreJob => {
  const job = SimulationTime.showRestore(restore, now)
  if (version !== "2026-07" || RestoreJob.isCompleted(job)) return job
  const { percentComplete: _, ...documented } = job
  return documented
}

const showSchedule = (state: Simulation.State, schedule: Simulation.Schedule): BackupSchedule.BackupSchedule => ({
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

const planWithout = "Scheduled backups are not available on the plan of this project."
const noSchedule = "Backup schedule not found."
const noIndex = (name: string) => `Index ${name} not found.`

const scheduleOf = (state: Simulation.State, version: Version, id: string) =>
  found(hasSchedules(version, state.switches) ? state.schedules.get(id) : undefined, noSchedule)

/** `POST /indexes/{index_name}/backup-schedules` */
export const createSchedule = (request: {
  readonly indexName: string
  readonly name: string
  readonly frequency: BackupSchedule.Frequency
  readonly expireAfterDays: number
}): Operation<BackupSchedule.BackupSchedule> =>
  write((state, now) =>
    Result.gen(function*() {
      yield* checkProject(state.project, "schedule")
      yield* check([
        request.expireAfterDays > state.project.maxRetentionDays,
        "InvalidArgument",
        Simulation.retentionMessage(state)
      ])
      const index = yield* found(Simulation.activeIndex(state, request.indexName), noIndex(request.indexName))
      yield* checkKind(index)
      yield* check([Simulation.hasEnabledSchedule(state, index.id), "AlreadyExists", Simulation.onlyOneSchedule])
      const [withId, id] = Simulation.nextId(state, "schedule")
      const nextRun = SimulationTime.firstRun(request.frequency, now)
      const schedule: Simulation.Schedule = {
        id: BackupSchedule.ScheduleId.make(id),
        name: request.name,
        indexId: index.id,
        frequency: request.frequency,
        expireAfterDays: request.expireAfterDays,
        nextRun,
        anchorDay: SimulationTime.anchorDayOf(now),
        createdAt: now
      }
      const added = { ...withId, schedules: Simulation.withEntry(withId.schedules, id, schedule) }
      const [planned] = SimulationTime.planRun(added, schedule, { createdAt: now, startAt: nextRun })
      return [planned, showSchedule(planned, schedule)] as const
    })
  )

/** `GET /indexes/{index_name}/backup-schedules` */
export const listSchedules = (
  version: Version,
  request: PageRequest & { readonly indexName: string }
): Operation<Envelope<BackupSchedule.BackupSchedule>> =>
  read((state) =>
    page(
      state.switches,
      version,
      request,
      () =>
        found(
          hasSchedules(version, state.switches) ? Simulation.activeIndex(state, request.indexName) : undefined,
          noIndex(request.indexName)
        ).pipe(
          Result.map((index) => ({
            all: Array.reverse(Array.filter(state.schedules.values(), ({ indexId }) => indexId === index.id)),
            from: 0
          }))
        ),
      (schedule) => showSchedule(state, schedule)
    )
  )

/** `GET /backup-schedules/{schedule_id}` */
export const describeSchedule = (version: Version, id: string): Operation<BackupSchedule.BackupSchedule> =>
  read((state) => Result.map(scheduleOf(state, version, id), (schedule) => showSchedule(state, schedule)))

/** The state without the run a schedule has planned. */
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
 * Disabling takes the planned run away. Enabling makes a backup at once and counts from now. A new retention
 * also goes for the backups that were made.
 */
export const updateSchedule = (version: Version, id: string, request: {
  readonly frequency?: BackupSchedule.Frequency | undefined
  readonly expireAfterDays?: number | undefined
  readonly enabled?: boolean | undefined
}): Operation<BackupSchedule.BackupSchedule> =>
  write((state, now) =>
    Result.gen(function*() {
      const scheduled = scheduleOf(state, version, id)
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
      const isEnabled = existing.nextRun !== undefined
      yield* check([
        isResuming && Simulation.hasEnabledSchedule(state, existing.indexId),
        "AlreadyExists",
        Simulation.onlyOneSchedule
      ])
      const frequency = request.frequency ?? existing.frequency
      const nextRun = isResuming
        ? DateTime.add(now, SimulationTime.step(frequency))
        : request.enabled === false || !isEnabled
        ? undefined
        : frequency === existing.frequency
        ? existing.nextRun
        : SimulationTime.firstRun(frequency, now)
      const schedule: Simulation.Schedule = {
        ...existing,
        frequency,
        expireAfterDays: request.expireAfterDays ?? existing.expireAfterDays,
        nextRun,
        claimedNextRun: undefined,
        anchorDay: nextRun === existing.nextRun ? existing.anchorDay : SimulationTime.anchorDayOf(now)
      }
      const isReplanned = nextRun !== existing.nextRun
      let current = isReplanned ? unplan(state, id, now) : state
      if (request.expireAfterDays !== undefined) current = retime(current, schedule)
      if (isResuming) current = SimulationTime.planRun(current, schedule, { createdAt: now, startAt: now })[0]
      if (isReplanned && nextRun !== undefined) {
        current = SimulationTime.planRun(current, schedule, { createdAt: now, startAt: nextRun })[0]
      }
      const changed = { ...current, schedules: Simulation.withEntry(current.schedules, id, schedule) }
      return [changed, showSchedule(changed, schedule)] as const
    })
  )

/** Counts the retention of a schedule anew, for the backups it has made and plans. */
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
export const deleteSchedule = (version: Version, id: string): Operation<void> =>
  write((state, now) =>
    Result.map(scheduleOf(state, version, id), () => [
      {
        ...unplan(state, id, now),
        schedules: Simulation.filterEntries(state.schedules, (schedule) => schedule.id !== id)
      },
      undefined
    ])
  )

/** `GET /backup-schedules/{schedule_id}/history` */
export const history = (
  version: Version,
  request: PageRequest & { readonly scheduleId: string }
): Operation<Envelope<BackupRun.BackupRun>> =>
  read((state, now) =>
    page(
      state.switches,
      version,
      request,
      () =>
        Result.map(
          scheduleOf(state, version, request.scheduleId),
          ({ id }) => {
            const runs = bySchedule(newestFirst(state.records)).get(id) ?? []
            return version === "2026-07" && state.switches.oldRows ? begun(runs, now) : { all: runs, from: 0 }
          }
        ),
      (record) => showRun(state, record, now, version)
    )
  )

/**
 * Latest start first; of those that start together, the one that came last. Remembered for as long as
 * nothing changes, since a walk through a long list asks for it with every page.
 */
const newestFirst: (records: Simulation.State["records"]) => ReadonlyArray<Simulation.Record> = memoize((records) =>
  // Stable, so the last stays first among equals.
  Array.reverse(records.values()).sort((one, other) =>
    DateTime.toEpochMillis(other.startAt) - DateTime.toEpochMillis(one.startAt)
  )
)

/** The parts of a list, in its order. Remembered as it is, and made only for who asks. */
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

/** The backups that are there, in the same order: of those that expired, the histories of schedules alone may speak. */
const kept: (records: Simulation.State["records"]) => ReadonlyArray<Simulation.Record> = memoize((records) =>
  newestFirst(records).filter(({ isExpired }) => !isExpired)
)

/** Whether a backup was begun: runs that are planned are in the history of their schedule only. */
const isBegun = (record: Simulation.Record, now: DateTime.Utc): boolean =>
  SimulationTime.statusOf(record, now) !== "Scheduled"

/** Of a list with the newest first, those that were begun: runs are planned for the future. */
const begun = (records: ReadonlyArray<Simulation.Record>, now: DateTime.Utc): Rows<Simulation.Record> =>
  rowsFrom(records, (record) => isBegun(record, now))

const countBegun = (state: Simulation.State, now: DateTime.Utc): number => {
  const { all, from } = begun(kept(state.records), now)
  return all.length - from
}

const backupOf = (state: Simulation.State, now: DateTime.Utc, id: string) => {
  const record = state.records.get(id)
  return found(
    record !== undefined && !record.isExpired && isBegun(record, now) ? record : undefined,
    `Backup ${id} not found.`
  )
}

/** `POST /indexes/{index_name}/backups` */
export const createBackup = (version: Version, request: {
  readonly indexName: string
  readonly name?: string | undefined
  readonly description?: string | undefined
}): Operation<Backup.Backup> =>
  write((state, now) =>
    Result.gen(function*() {
      yield* checkProject(state.project, "backup")
      if (version === "2026-07" && request.name !== undefined && PineconeApi.wrongName(request.name) !== undefined) {
        return yield* Result.fail(invalidParameters)
      }
      const index = yield* found(Simulation.activeIndex(state, request.indexName), noIndex(request.indexName))
      yield* checkKind(index)
      yield* check([
        countBegun(state, now) >= state.project.backupQuota,
        "Forbidden",
        "The backup quota of the project is used up."
      ])
      const [withId, id] = Simulation.nextId(state, "backup")
      const record: Simulation.Record = {
        id: Backup.BackupId.make(id),
        scheduleId: undefined,
        indexId: index.id,
        name: request.name ?? null,
        description: request.description ?? null,
        tags: index.tags,
        createdAt: now,
        startAt: now,
        endAt: DateTime.addDuration(now, state.project.backupDuration),
        ends: state.switches.backupsEnd,
        expireAt: undefined,
        isDeleted: false,
        isExpired: false,
        recordCount: index.recordCount,
        special: {}
      }
      const added = { ...withId, records: Simulation.withEntry(withId.records, id, record) }
      return [added, showBackup(added, record, now, version)] as const
    })
  )

/** `GET /backups` */
export const listBackups = (version: Version, request: PageRequest): Operation<Envelope<Backup.Backup>> =>
  read((state, now) =>
    page(
      state.switches,
      version,
      request,
      () => Result.succeed(begun(kept(state.records), now)),
      (record) => showBackup(state, record, now, version)
    )
  )

/** The backups of one index, or of all that ever had a name, in order. */
const ofIndexes = (records: Simulation.State["records"], ids: ReadonlyArray<string>) => {
  const all = kept(records)
  const [id, ...others] = ids
  return id === undefined || others.length > 0
    ? all.filter(({ indexId }) => ids.includes(indexId))
    : byIndex(all).get(id) ?? []
}

/** `GET /indexes/{index_name}/backups` */
export const listBackupsByIndex = (
  version: Version,
  request: PageRequest & { readonly indexName: string; readonly includeDeleted?: boolean | undefined }
): Operation<Envelope<Backup.Backup>> =>
  read((state, now) =>
    page(
      state.switches,
      version,
      request,
      () => {
        const ids = new Set<string>()
        for (const { deletedAt, id, name } of state.indexes.values()) {
          if (name === request.indexName && (request.includeDeleted === true || deletedAt === undefined)) ids.add(id)
        }
        return ids.size === 0
          ? Result.fail(refuse("NotFound", noIndex(request.indexName)))
          : Result.succeed(begun(ofIndexes(state.records, [...ids]), now))
      },
      (record) => showBackup(state, record, now, version)
    )
  )

/** `GET /backups/{backup_id}` */
export const describeBackup = (version: Version, id: string): Operation<Backup.Backup> =>
  read((state, now) => Result.map(backupOf(state, now, id), (record) => showBackup(state, record, now, version)))

/** `DELETE /backups/{backup_id}` */
export const deleteBackup = (id: string): Operation<void> =>
  write((state, now) =>
    Result.gen(function*() {
      const record = yield* backupOf(state, now, id)
      if (record.isDeleted) return [state, undefined] as const
      const pending = [...state.restores.values()].filter((restore) =>
        restore.backupId === id && !RestoreJob.isFinal(SimulationTime.showRestore(restore, now))
      )
      yield* check([
        pending.length > 0,
        "FailedPrecondition",
        `Restore jobs from this backup are pending: [${pending.map((restore) => restore.id).join(", ")}]`
      ])
      const deletedAt = DateTime.addDuration(now, state.project.deletionDelay)
      const goneAt = record.expireAt === undefined ? deletedAt : DateTime.min(deletedAt, record.expireAt)
      return [
        {
          ...state,
          records: DateTime.isGreaterThan(goneAt, now)
            ? Simulation.withEntry(state.records, id, { ...record, expireAt: goneAt, isDeleted: true })
            : Simulation.filterEntries(state.records, (record) => record.id !== id)
        },
        undefined
      ] as const
    })
  )

/** Whether tags are good for a new index. Before 2026-07 values have fewer characters, and tags no number. */
const areTags = (tags: Readonly<{ [key: string]: string }>, version: Version): boolean =>
  version === "2026-07"
    ? Schema.is(PineconeApi.NewTags)(tags)
    : Object.entries(tags).every(([key, value]) =>
      /^[A-Za-z0-9_-]{1,80}$/.test(key) && /^[A-Za-z0-9;@_.+ -]{0,120}$/.test(value)
    )

/** `POST /backups/{backup_id}/create-index` */
export const restore = (version: Version, request: {
  readonly backupId: string
  readonly name: string
  readonly tags?: Readonly<{ [key: string]: string }> | undefined
  readonly deletionProtection?: "enabled" | "disabled" | undefined
  readonly readCapacity?: PineconeApi.ReadCapacity | undefined
}): Operation<RestoreJob.Started> =>
  write((state, now) =>
    Result.gen(function*() {
      yield* checkProject(state.project, "index")
      if (!areTags(request.tags ?? {}, version)) return yield* Result.fail(invalidParameters)
      const record = yield* backupOf(state, now, request.backupId)
      const active = Simulation.activeIndexes(state)
      yield* check(
        [active.some((index) => index.name === request.name), "AlreadyExists", `Index ${request.name} already exists.`],
        [active.length >= state.project.indexQuota, "Forbidden", "The index quota of the project is used up."],
        [SimulationTime.statusOf(record, now) !== "Ready", "FailedPrecondition", `Backup ${record.id} is not ready.`]
      )
      const source = state.indexes.get(record.indexId)
      const endAt = DateTime.addDuration(now, state.project.restoreDuration)
      const [withIndex, index] = Seeding.addIndex(state, now, {
        name: request.name,
        readyAt: state.switches.restoresEnd === "Completed" ? endAt : null,
        ...(source !== undefined && { dimension: source.dimension, schema: source.schema }),
        recordCount: record.recordCount,
        tags: request.tags ?? record.tags,
        deletionProtection: request.deletionProtection ?? "disabled",
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
  )

// ============================================================================
// Restore jobs
// ============================================================================

const isVisible = ({ visibleAt }: Simulation.Restore, now: DateTime.Utc): boolean =>
  DateTime.isLessThanOrEqualTo(visibleAt, now)

/** A job whose target index was deleted cannot be read any more, and one that is new perhaps not yet. */
const isReadable = (state: Simulation.State, restore: Simulation.Restore, now: DateTime.Utc): boolean =>
  state.indexes.get(restore.indexId)?.deletedAt === undefined && isVisible(restore, now)

/** The jobs whose index is there, newest first. Remembered for as long as neither changes. */
const jobsOf: (restores: Simulation.State["restores"]) => (
  indexes: Simulation.State["indexes"]
) => ReadonlyArray<Simulation.Restore> = memoize((restores) =>
  memoize((indexes) =>
    Array.reverse(Array.filter(restores.values(), ({ indexId }) => indexes.get(indexId)?.deletedAt === undefined))
  )
)

/** When all of some jobs can be read. Remembered for as long as they do not change. */
const allVisibleAt: (jobs: ReadonlyArray<Simulation.Restore>) => number = memoize((jobs) =>
  jobs.reduce((latest, { visibleAt }) => Math.max(latest, DateTime.toEpochMillis(visibleAt)), -Infinity)
)

/** Those that can be read. A delay that was changed lets a later job be seen before an earlier one. */
const visibleJobs = (jobs: ReadonlyArray<Simulation.Restore>, now: DateTime.Utc): Rows<Simulation.Restore> => ({
  all: allVisibleAt(jobs) <= DateTime.toEpochMillis(now) ? jobs : jobs.filter((job) => isVisible(job, now)),
  from: 0
})

/** `GET /restore-jobs` */
export const listRestoreJobs = (version: Version, request: PageRequest): Operation<Envelope<RestoreJob.RestoreJob>> =>
  read((state, now) =>
    page(
      state.switches,
      version,
      request,
      () => Result.succeed(visibleJobs(jobsOf(state.restores)(state.indexes), now)),
      (restore) => showRestore(restore, now, version)
    )
  )

/** `GET /restore-jobs/{job_id}` */
export const describeRestoreJob = (version: Version, id: string): Operation<RestoreJob.RestoreJob> =>
  read((state, now) => {
    const restore = state.restores.get(id)
    return Result.map(
      found(
        restore !== undefined && isReadable(state, restore, now) ? restore : undefined,
        `Restore job ${id} not found.`
      ),
      (restore) => showRestore(restore, now, version)
    )
  })

// ============================================================================
// Indexes
// ============================================================================

/** `GET /indexes` */
export const listIndexes: Operation<{ readonly indexes: ReadonlyArray<PineconeIndex.PineconeIndex> }> = read(
  (state, now) =>
    Result.succeed({
      indexes: Simulation.activeIndexes(state).map((index) => SimulationTime.showIndex(index, now))
    })
)

/** `GET /indexes/{index_name}` */
export const describeIndex = (name: string): Operation<PineconeIndex.PineconeIndex> =>
  read((state, now) =>
    Result.map(
      found(Simulation.activeIndex(state, name), noIndex(name)),
      (index) => SimulationTime.showIndex(index, now)
    )
  )

const IndexSchemaToJson = Schema.encodeSync(Schema.toCodecJson(IndexSchema.IndexSchema))

/**
 * An index with what backing up does not need and clients of the whole API rely on: where it is kept, and
 * its fields.
 */
export const indexToJson = (
  state: Simulation.State,
  version: Version,
  index: PineconeIndex.PineconeIndex
): Schema.JsonObject => {
  const json = PineconeIndex.toJson(index)
  const held = Simulation.activeIndex(state, index.name)
  if (held === undefined) return json
  const { dimension, kind, readCapacity = { mode: "OnDemand" }, schema } = held
  const place = { cloud: "aws", region: "us-east-1" }
  const metric = "cosine"
  if (version !== "2026-07") {
    const spec = kind === "pod"
      ? { pod: { environment: "us-east-1-aws", pod_type: "p1.x1", pods: 1, replicas: 1, shards: 1 } }
      : { serverless: place }
    return { ...json, dimension, metric, vector_type: "dense", spec }
  }
  return {
    ...json,
    deployment: kind === "pod"
      ? { deployment_type: "pod", environment: "us-east-1-aws", pod_type: "p1.x1" }
      : kind === "byoc"
      ? { deployment_type: "byoc", environment: "byoc-1" }
      : { deployment_type: "managed", ...place },
    schema: IndexSchemaToJson(schema ?? classicSchema(dimension)),
    read_capacity: { ...readCapacity, status: { state: "Ready", current_replicas: null, current_shards: null } }
  }
}

/**
 * `DELETE /indexes/{index_name}`
 *
 * Its schedules go with it, its backups stay.
 */
export const deleteIndex = (name: string): Operation<void> =>
  write((state, now) =>
    Result.gen(function*() {
      const index = yield* found(Simulation.activeIndex(state, name), noIndex(name))
      yield* check([
        index.deletionProtection === "enabled",
        "Forbidden",
        `Deletion protection is enabled for index ${name}.`
      ])
      const schedules = [...state.schedules.values()].filter(({ indexId }) => indexId === index.id)
      const current = schedules.reduce((current, { id }) => unplan(current, id, now), state)
      return [{
        ...current,
        indexes: Simulation.withEntry(current.indexes, index.id, { ...index, deletedAt: now }),
        schedules: Simulation.filterEntries(current.schedules, ({ indexId }) => indexId !== index.id)
      }, undefined] as const
    })
  )
