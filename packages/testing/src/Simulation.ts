/**
 * Pinecone's backup service as a value: what it holds, and what time does to it. No effects and no clock in
 * here, so that every rule is a table test and the in-memory layers and the emulator follow the same ones.
 * How it answers requests is in `SimulatedApi`.
 *
 * @since 0.1.0
 */
import * as Backup from "@pinecone-backups/core/Backup"
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as IndexSchema from "@pinecone-backups/core/IndexSchema"
import * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import { memoize } from "effect/Function"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Struct from "effect/Struct"
import * as Route from "./Route.ts"

// ============================================================================
// State
// ============================================================================

const count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** A hundred years: far more than any test needs, and a time plus that is still a time. */
const maxDays = 36_525

const days = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: maxDays }))

/**
 * Schema for how long something takes: from nothing to a hundred years, as a text such as `"10 minutes"`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Period = Schema.DurationFromString.check(
  Schema.makeFilter((duration) =>
    (Duration.toDays(duration) >= 0 && Duration.toDays(duration) <= maxDays) || `must be 0 to ${maxDays} days`
  )
)

/**
 * Schema for the project: its plan, what its key may do, and how long things take. As JSON, a duration is a
 * text such as `"10 minutes"`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Project = Schema.Struct({
  id: Schema.String,
  /** Whether the plan has backups and schedules. Those called Starter and Builder have not. */
  hasBackups: Schema.Boolean,
  /** Whether there are overdue invoices. */
  isOverdue: Schema.Boolean,
  /** The operations for which the key has no permission. */
  deniedOperations: Schema.Array(Schema.Literals(Route.operations)),
  /** How many backups there may be. */
  backupQuota: count,
  /** How many indexes there may be. */
  indexQuota: count,
  /** The longest retention a schedule may have, in days. */
  maxRetentionDays: days,
  /** How long a backup takes. */
  backupDuration: Period,
  /** How long a restore takes. */
  restoreDuration: Period,
  /** How long a backup can be read after it was deleted. */
  deletionDelay: Period,
  /** How long a new restore job cannot be read. */
  restoreJobDelay: Period
})

/**
 * The project.
 *
 * @category models
 * @since 0.1.0
 */
export interface Project extends Schema.Schema.Type<typeof Project> {}

/**
 * Schema for the switches: what the service does where sources say different things of it, and how what it
 * does ends.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Switches = Schema.Struct({
  /** The status of an answer to a create. Documents up to 2026-04 say 201, the service was seen to say 200. */
  createStatus: Schema.Literals([200, 201]),
  /** The form in which a key is refused: `byVersion` is JSON up to 2026-04 and text afterwards. */
  unauthenticated: Schema.Literals(["byVersion", "text", "json"]),
  /** How the last page says so: no `pagination`, a null one, or a token that leads to an empty page. */
  lastPage: Schema.Literals(["null", "missing", "emptyPage"]),
  /** What becomes of a `limit` above 100. */
  limitAbove100: Schema.Literals(["clamp", "refuse"]),
  /**
   * Whether version 2026-07 shows backups as older versions do, without tags and without types in the schema,
   * and no planned runs.
   */
  oldRows: Schema.Boolean,
  /** Whether version 2026-04 has schedules. */
  schedulesIn2026_04: Schema.Boolean,
  /** The status for a version the service does not know. */
  unknownVersion: Schema.Literals([400, 404]),
  /** How backups end that begin from now on. Versions before 2026-07 call a failed one `Failed`. */
  backupsEnd: Schema.Literals(["Ready", "InitializationFailed"]),
  /** How restores end that begin from now on. */
  restoresEnd: Schema.Literals(["Completed", "Failed", "Cancelled"])
})

/**
 * The switches.
 *
 * @category models
 * @since 0.1.0
 */
export interface Switches extends Schema.Schema.Type<typeof Switches> {}

/**
 * Schema for an index. It stays when it is deleted, since its backups speak of it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Index = Schema.Struct({
  id: PineconeIndex.IndexId,
  name: PineconeIndex.IndexName,
  deletedAt: Schema.optional(Schema.DateTimeUtcFromString),
  /** When it can be used: at once, unless it is being restored; null if it never can. */
  readyAt: Schema.NullOr(Schema.DateTimeUtcFromString),
  /** Pod-based indexes and encrypted ones cannot be backed up. */
  kind: Schema.Literals(["serverless", "byoc", "pod", "encrypted"]),
  dimension: count,
  schema: Schema.NullOr(IndexSchema.IndexSchema),
  recordCount: count,
  tags: Schema.Record(Schema.String, Schema.String),
  deletionProtection: Schema.Literals(["enabled", "disabled"]),
  sourceBackupId: Schema.optional(Backup.BackupId),
  /** What a restore asked for. It is on demand, if nothing. */
  readCapacity: Schema.optional(PineconeApi.ReadCapacity)
})

/**
 * An index.
 *
 * @category models
 * @since 0.1.0
 */
export interface Index extends Schema.Schema.Type<typeof Index> {}

/**
 * Schema for a schedule.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Schedule = Schema.Struct({
  id: BackupSchedule.ScheduleId,
  name: Schema.String,
  indexId: PineconeIndex.IndexId,
  frequency: BackupSchedule.Frequency,
  expireAfterDays: days,
  /** When it runs next; `undefined` while it is disabled. */
  nextRun: Schema.optional(Schema.DateTimeUtcFromString),
  /** When the service says that it does, where a seed wants that to be wrong. Until it runs or is changed. */
  claimedNextRun: Schema.optional(Schema.DateTimeUtcFromString),
  /** The day of the month it runs on, if it runs monthly: the last one of months that are shorter. */
  anchorDay: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 31 })),
  createdAt: Schema.DateTimeUtcFromString
})

/**
 * A schedule.
 *
 * @category models
 * @since 0.1.0
 */
export interface Schedule extends Schema.Schema.Type<typeof Schedule> {}

/** A time that may be left out, and is not taken for that if it is wrong, as in an answer of the service. */
const maybeTime = Schema.optionalKey(Schema.NullOr(Schema.DateTimeUtcFromString))

/** What a seed may say of a run. */
const Special = Schema.Struct({
  ...Struct.map({ ...BackupRun.BackupRun.fields, ...Backup.Backup.fields }, Schema.optionalKey),
  createdAt: maybeTime,
  sourceIndexDeletedAt: maybeTime,
  // As the model has it: read from an answer, a missing status would turn into one.
  status: Schema.optionalKey(Schema.toType(BackupRun.BackupRun.fields.status))
})

/**
 * Schema for a backup, made by hand or by a schedule, or planned by one. Its status follows from its times.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Record = Schema.Struct({
  id: Backup.BackupId,
  scheduleId: Schema.optional(BackupSchedule.ScheduleId),
  indexId: PineconeIndex.IndexId,
  name: Schema.NullOr(Schema.String),
  description: Schema.NullOr(Schema.String),
  tags: Schema.Record(Schema.String, Schema.String),
  createdAt: Schema.DateTimeUtcFromString,
  /** When it begins: planned until then. */
  startAt: Schema.DateTimeUtcFromString,
  /** When it ends. */
  endAt: Schema.DateTimeUtcFromString,
  ends: Switches.fields.backupsEnd,
  /** When it goes: retention says so, or someone deleted it. `undefined` if it stays. */
  expireAt: Schema.optional(Schema.DateTimeUtcFromString),
  /** Whether someone deleted it, so that retention has no say any more. */
  isDeleted: Schema.Boolean,
  /** Whether the backup is gone and the history of its schedule still has the run. */
  isExpired: Schema.Boolean,
  recordCount: count,
  /** What a seed says that the rules would not. */
  special: Special
})

/**
 * A backup.
 *
 * @category models
 * @since 0.1.0
 */
export interface Record extends Schema.Schema.Type<typeof Record> {}

/**
 * Schema for a restore.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Restore = Schema.Struct({
  id: RestoreJob.RestoreJobId,
  backupId: Backup.BackupId,
  indexId: PineconeIndex.IndexId,
  indexName: PineconeIndex.IndexName,
  createdAt: Schema.DateTimeUtcFromString,
  /** When it can be read. */
  visibleAt: Schema.DateTimeUtcFromString,
  /** When it ends. */
  endAt: Schema.DateTimeUtcFromString,
  ends: Switches.fields.restoresEnd,
  /** What a seed says that the rules would not. */
  special: Schema.Struct({
    ...Struct.map(RestoreJob.RestoreJob.fields, Schema.optionalKey),
    createdAt: maybeTime,
    completedAt: maybeTime,
    status: Schema.optionalKey(Schema.toType(RestoreJob.RestoreJob.fields.status))
  })
})

/**
 * A restore.
 *
 * @category models
 * @since 0.1.0
 */
export interface Restore extends Schema.Schema.Type<typeof Restore> {}

/** Schema for a map by id, which is a list as JSON. */
const byId = <S extends Schema.Codec<{ readonly id: string }, unknown>>(schema: S) =>
  Schema.Array(schema).check(
    Schema.makeFilter((list: ReadonlyArray<S["Type"]>) =>
      new Set(list.map(({ id }) => id)).size === list.length || "must not have an id twice"
    )
  ).pipe(
    Schema.decodeTo(
      Schema.ReadonlyMap(Schema.String, Schema.toType(schema)),
      SchemaTransformation.transform<ReadonlyMap<string, S["Type"]>, ReadonlyArray<S["Type"]>>({
        decode: (list) => new Map(list.map((entry) => [entry.id, entry])),
        encode: (map) => [...map.values()]
      })
    )
  )

/**
 * Schema for what the service holds. Maps are in order of creation. As JSON it is plain data: lists for maps,
 * texts for times.
 *
 * @category schemas
 * @since 0.1.0
 */
export const State = Schema.Struct({
  project: Project,
  switches: Switches,
  indexes: byId(Index),
  schedules: byId(Schedule),
  records: byId(Record),
  restores: byId(Restore),
  /** How many things there have been, by kind, which is where ids come from. Ids count up from 1, so that they never depend on chance. */
  ids: Schema.Struct({ backup: count, index: count, job: count, schedule: count })
}).check(
  Schema.makeFilter(({ indexes, records, restores, schedules }) => {
    for (const [kind, things] of Object.entries({ schedule: schedules, backup: records, restore: restores })) {
      for (const { id, indexId } of things.values()) {
        if (!indexes.has(indexId)) return `must have the index ${indexId} of the ${kind} ${id}`
      }
    }
    const enabled = [...schedules.values()].filter(({ nextRun }) => nextRun !== undefined)
    for (const { id, indexId } of schedules.values()) {
      if (indexes.get(indexId)?.deletedAt !== undefined) return `must not have the schedule ${id} of a deleted index`
    }
    return new Set(enabled.map(({ indexId }) => indexId)).size === enabled.length ||
      "must not have two enabled schedules of an index"
  })
)

/**
 * What the service holds.
 *
 * @category models
 * @since 0.1.0
 */
export interface State extends Schema.Schema.Type<typeof State> {}

/**
 * Schema for the service in a file or a message: what it holds, and at what time it does.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Dump = Schema.Struct({
  /** Of this form. */
  version: Schema.Literal(1),
  now: Schema.DateTimeUtcFromString,
  state: State
})

/**
 * The service in a file or a message.
 *
 * @category models
 * @since 0.1.0
 */
export interface Dump extends Schema.Schema.Type<typeof Dump> {}

/**
 * A service that holds nothing, in a project of the Standard plan.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (project: Optional<Project> = {}, switches: Optional<Switches> = {}): State => ({
  project: {
    id: "project-1",
    hasBackups: true,
    isOverdue: false,
    deniedOperations: [],
    backupQuota: 500,
    indexQuota: 20,
    maxRetentionDays: 365,
    backupDuration: Duration.minutes(10),
    restoreDuration: Duration.minutes(10),
    deletionDelay: Duration.zero,
    restoreJobDelay: Duration.zero,
    ...defined(project)
  },
  switches: {
    createStatus: 200,
    unauthenticated: "byVersion",
    lastPage: "null",
    limitAbove100: "clamp",
    oldRows: false,
    schedulesIn2026_04: true,
    unknownVersion: 400,
    backupsEnd: "Ready",
    restoresEnd: "Completed",
    ...defined(switches)
  },
  indexes: new Map(),
  schedules: new Map(),
  records: new Map(),
  restores: new Map(),
  ids: { backup: 0, index: 0, job: 0, schedule: 0 }
})

/**
 * A service of which some settings are others.
 *
 * @category combinators
 * @since 0.1.0
 */
export const configure = (
  state: State,
  project: Optional<Project> = {},
  switches: Optional<Switches> = {}
): State => ({
  ...state,
  project: { ...state.project, ...defined(project) },
  switches: { ...state.switches, ...defined(switches) }
})

/** What is there of an object: a key that is `undefined` says no more than one that is left out. */
const defined = <A extends object>(fields: A): Defined<A> =>
  // Keys and values that are left keep their types.
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<A>

type Optional<A> = { readonly [Key in keyof A]?: A[Key] | undefined }

type Defined<A> = { readonly [Key in keyof A]: Exclude<A[Key], undefined> }

/**
 * Gives out an id: `"backup-1"`, counting up.
 *
 * @category combinators
 * @since 0.1.0
 */
export const nextId = (state: State, kind: keyof State["ids"]): readonly [State, string] => {
  const number = state.ids[kind] + 1
  const next = { ...state, ids: { ...state.ids, [kind]: number } }
  const id = `${kind}-${number}`
  const taken = { backup: state.records, index: state.indexes, job: state.restores, schedule: state.schedules }[kind]
  return taken.has(id) ? nextId(next, kind) : [next, id]
}

/**
 * A map with one entry more, or another.
 *
 * @category combinators
 * @since 0.1.0
 */
export const withEntry = <A>(map: ReadonlyMap<string, A>, key: string, value: A): ReadonlyMap<string, A> =>
  new Map(map).set(key, value)

/**
 * A map of the entries that are to stay.
 *
 * @category combinators
 * @since 0.1.0
 */
export const filterEntries = <A>(map: ReadonlyMap<string, A>, stays: (value: A) => boolean): ReadonlyMap<string, A> =>
  new Map([...map].filter(([, value]) => stays(value)))

/**
 * The indexes that were not deleted.
 *
 * @category getters
 * @since 0.1.0
 */
export const activeIndexes = (state: State): ReadonlyArray<Index> =>
  [...state.indexes.values()].filter((index) => index.deletedAt === undefined)

/**
 * The index that bears a name now.
 *
 * @category getters
 * @since 0.1.0
 */
export const activeIndex = (state: State, name: string): Index | undefined =>
  activeIndexes(state).find((index) => index.name === name)

/**
 * Whether an index has a schedule that is enabled. There can be one.
 *
 * @category guards
 * @since 0.1.0
 */
export const hasEnabledSchedule = (state: Pick<State, "schedules">, indexId: string): boolean =>
  [...state.schedules.values()].some((schedule) => schedule.indexId === indexId && schedule.nextRun !== undefined)

/**
 * What is said where an index would have two schedules that are enabled.
 *
 * @category constants
 * @since 0.1.0
 */
export const onlyOneSchedule = "The index already has an enabled backup schedule."

/**
 * What is said of a retention that is too short or too long.
 *
 * @category getters
 * @since 0.1.0
 */
export const retentionMessage = ({ project }: Pick<State, "project">): string =>
  `Retention must be between 1 and ${project.maxRetentionDays} days.`

// ============================================================================
// Time
// ============================================================================

/** Runs happen at 06:00 UTC. */
const at6 = (instant: DateTime.Utc): DateTime.Utc => DateTime.add(DateTime.startOf(instant, "day"), { hours: 6 })

/**
 * How far the runs of a schedule lie apart.
 *
 * @category getters
 * @since 0.1.0
 */
export const step = (frequency: BackupSchedule.Frequency): Partial<DateTime.DateTime.PartsForMath> =>
  frequency === "daily" ? { days: 1 } : frequency === "weekly" ? { days: 7 } : { months: 1 }

/** The day of the month that the monthly runs of a schedule keep to, if one could be now. */
export const anchorDayOf = (now: DateTime.Utc): number => DateTime.getPartUtc(now, "day")

/**
 * When a schedule that is created at `now` runs first: at 06:00 UTC of the next day, of the day a week on or
 * later, of the same day of the next month.
 *
 * @category getters
 * @since 0.1.0
 */
export const firstRun = (frequency: BackupSchedule.Frequency, now: DateTime.Utc): DateTime.Utc => {
  const run = at6(DateTime.add(now, step(frequency)))
  return frequency === "weekly" && DateTime.isLessThan(run, DateTime.add(now, step(frequency)))
    ? DateTime.add(run, { days: 1 })
    : run
}

/**
 * When a schedule runs after a run. A month that is too short for its day has the run on its last: after 31
 * January come 28 February and 31 March.
 *
 * @category getters
 * @since 0.1.0
 */
export const runAfter = (
  { anchorDay, frequency }: Pick<Schedule, "anchorDay" | "frequency">,
  ranAt: DateTime.Utc
): DateTime.Utc => {
  const next = DateTime.add(ranAt, step(frequency))
  return frequency === "monthly"
    ? DateTime.setPartsUtc(next, {
      day: Math.min(anchorDay, DateTime.getPartUtc(DateTime.endOf(next, "month"), "day"))
    })
    : next
}

/** The stamp in the name of a scheduled backup: `20260424T060000Z`. */
const stamp = (instant: DateTime.Utc): string => DateTime.formatIso(instant).replace(/\.\d+/, "").replace(/[-:]/g, "")

/** How a backup that begins now will end. */
const endOf = ({ project, switches }: State, startAt: DateTime.Utc): Pick<Record, "endAt" | "ends"> => ({
  endAt: DateTime.addDuration(startAt, project.backupDuration),
  ends: switches.backupsEnd
})

/** A backup of a schedule, before it is noted. */
const makeRun = (
  state: State,
  schedule: Schedule,
  times: { readonly createdAt: DateTime.Utc; readonly startAt: DateTime.Utc },
  special: Record["special"] = {}
): readonly [State, Record] => {
  const [next, number] = nextId(state, "backup")
  const index = state.indexes.get(schedule.indexId)
  return [next, {
    id: special.backupId ?? Backup.BackupId.make(number),
    scheduleId: schedule.id,
    indexId: schedule.indexId,
    name: `${schedule.name}-${stamp(times.startAt)}`,
    description: null,
    tags: index?.tags ?? {},
    ...times,
    ...endOf(state, times.startAt),
    isDeleted: false,
    isExpired: false,
    expireAt: DateTime.add(times.startAt, { days: schedule.expireAfterDays }),
    recordCount: index?.recordCount ?? 0,
    special
  }]
}

/**
 * Plans a backup of a schedule.
 *
 * @category combinators
 * @since 0.1.0
 */
export const planRun = (...run: Parameters<typeof makeRun>): readonly [State, Record] => {
  const [next, record] = makeRun(...run)
  return [{ ...next, records: withEntry(next.records, record.id, record) }, record]
}

/** The schedule that is due first at a time, and when. */
const nextDue = (state: State, now: DateTime.Utc): readonly [Schedule, DateTime.Utc] | undefined => {
  let due: readonly [Schedule, DateTime.Utc] | undefined
  for (const schedule of state.schedules.values()) {
    const { nextRun } = schedule
    if (nextRun === undefined || DateTime.isGreaterThan(nextRun, now)) continue
    if (due === undefined || DateTime.isLessThan(nextRun, due[1])) due = [schedule, nextRun]
  }
  return due
}

const isOver = ({ expireAt }: Record, now: DateTime.Utc): boolean =>
  expireAt !== undefined && DateTime.isLessThanOrEqualTo(expireAt, now)

/** What tells a run of a schedule from all others. */
const slot = (id: BackupSchedule.ScheduleId, startAt: DateTime.Utc) => `${DateTime.toEpochMillis(startAt)} ${id}`

/**
 * What the service holds at a time: schedules have run, in the order in which they were due, and retention
 * has deleted what is too old. The same state, if nothing was due.
 *
 * A run that was planned happens at its time, ends as the settings then say, and one that was not planned happens all the
 * same; the next is planned a second later. Whether a quota that is used up stops a run is not known; here it does not.
 *
 * @category combinators
 * @since 0.1.0
 */
export const advance = (state: State, now: DateTime.Utc): State => {
  let current = state
  let due = nextDue(current, now)
  if (due !== undefined) {
    // A year of many schedules is many runs, so the maps are copied once and not for each of them.
    const records = new Map(state.records)
    const schedules = new Map(state.schedules)
    const slots = new Map<string, string>()
    for (const { id, scheduleId, startAt } of records.values()) {
      if (scheduleId !== undefined) slots.set(slot(scheduleId, startAt), id)
    }
    const plan = (schedule: Schedule, createdAt: DateTime.Utc, startAt: DateTime.Utc) => {
      const plannedId = slots.get(slot(schedule.id, startAt))
      if (plannedId !== undefined) {
        const planned = records.get(plannedId)
        // One that was seeded as planned ends as the seed says.
        const isSeeded = planned?.special.status !== undefined
        if (planned !== undefined && !isSeeded && DateTime.Equivalence(createdAt, startAt)) {
          records.set(plannedId, { ...planned, ...endOf(current, startAt) })
        }
        return
      }
      const [next, record] = makeRun(current, schedule, { createdAt, startAt })
      current = next
      slots.set(slot(schedule.id, startAt), record.id)
      // Of a century only what is left of it is kept.
      if (!isOver(record, now)) records.set(record.id, record)
    }
    current = { ...current, records, schedules }
    for (; due !== undefined; due = nextDue(current, now)) {
      const [schedule, ranAt] = due
      const nextRun = runAfter(schedule, ranAt)
      plan(schedule, ranAt, ranAt)
      plan(schedule, DateTime.add(ranAt, { seconds: 1 }), nextRun)
      slots.delete(slot(schedule.id, ranAt))
      schedules.set(schedule.id, { ...schedule, nextRun, claimedNextRun: undefined })
    }
  }
  const expiry = firstExpiry(current.records)
  return expiry > DateTime.toEpochMillis(now) ? current : {
    ...current,
    records: filterEntries(current.records, (record) => !isOver(record, now))
  }
}

/** When the first of the backups expires. Remembered, since every request asks and few change anything. */
const firstExpiry: (records: State["records"]) => number = memoize((records) => {
  let first = Number.POSITIVE_INFINITY
  for (const { expireAt } of records.values()) {
    if (expireAt !== undefined) first = Math.min(first, DateTime.toEpochMillis(expireAt))
  }
  return first
})

/**
 * The status of a backup at a time.
 *
 * @category getters
 * @since 0.1.0
 */
export const statusOf = (record: Record, now: DateTime.Utc): string =>
  record.special.status !== undefined && record.special.status !== "Scheduled"
    ? record.special.status
    : DateTime.isGreaterThan(record.startAt, now)
    ? "Scheduled"
    : DateTime.isGreaterThan(record.endAt, now)
    ? "Initializing"
    : record.ends

/**
 * A backup as a run of its schedule at a time. Everything the service could say is there; what a version
 * leaves out is not decided here.
 *
 * @category getters
 * @since 0.1.0
 */
export const showRun = (state: State, record: Record, now: DateTime.Utc): BackupRun.BackupRun => {
  const index = state.indexes.get(record.indexId)
  const status = statusOf(record, now)
  const isReady = status === "Ready"
  return {
    backupId: record.id,
    sourceIndexId: record.indexId,
    sourceIndexName: index?.name ?? PineconeIndex.IndexName.make(""),
    tags: record.tags,
    name: record.name,
    description: record.description,
    ...(status === "Scheduled" && { scheduledExecutionAt: record.startAt }),
    cloud: "aws",
    region: "us-east-1",
    dimension: index?.dimension ?? null,
    schema: index?.schema ?? null,
    recordCount: isReady ? record.recordCount : null,
    namespaceCount: isReady ? 1 : null,
    sizeBytes: isReady ? record.recordCount * 6_200 : null,
    createdAt: record.createdAt,
    ...record.special,
    status
  }
}

/**
 * A restore at a time. Whole percents of progress, as versions before 2026-07 report them.
 *
 * @category getters
 * @since 0.1.0
 */
export const showRestore = (restore: Restore, now: DateTime.Utc): RestoreJob.RestoreJob => {
  const isOver = DateTime.isLessThanOrEqualTo(restore.endAt, now)
  const isCompleted = isOver && restore.ends === "Completed"
  const whole = Duration.toMillis(DateTime.distance(restore.createdAt, restore.endAt))
  const done = Duration.toMillis(DateTime.distance(restore.createdAt, now))
  return {
    restoreJobId: restore.id,
    backupId: restore.backupId,
    targetIndexName: restore.indexName,
    targetIndexId: restore.indexId,
    status: isOver ? restore.ends : "Pending",
    createdAt: restore.createdAt,
    completedAt: isCompleted ? restore.endAt : null,
    // One that ended otherwise, perhaps at once, came close.
    percentComplete: isCompleted ? 100 : isOver ? 99 : Math.max(0, Math.min(99, Math.floor((done / whole) * 100))),
    ...restore.special
  }
}

// ============================================================================
// Seeding
// ============================================================================

/**
 * A seed that contradicts what is there, such as an id that is taken, or that the service would refuse. It is
 * thrown, since it is a mistake in the set-up of a test and no outcome of one.
 *
 * @category errors
 * @since 0.1.0
 */
export class SeedError extends Data.TaggedError("SeedError")<{
  /** What the service would call it. */
  readonly reason: "AlreadyExists" | "InvalidArgument"
  readonly message: string
}> {}

const taken = (message: string) => new SeedError({ reason: "AlreadyExists", message })

const invalid = (message: string) => new SeedError({ reason: "InvalidArgument", message })

/** Adds an entry whose id must not be taken. */
const withNewEntry = <A extends { readonly id: string }>(
  map: ReadonlyMap<string, A>,
  kind: string,
  entry: A
): ReadonlyMap<string, A> => {
  if (map.has(entry.id)) throw taken(`There is a ${kind} with the id ${entry.id} already.`)
  return withEntry(map, entry.id, entry)
}

/**
 * Schema for an index to begin with.
 *
 * @category schemas
 * @since 0.1.0
 */
export const IndexSeed = Schema.Struct({
  ...Struct.map(Struct.omit(Index.fields, ["deletedAt"]), Schema.optional),
  /** When it was deleted. Only backups of it are left then, seeded after it with its id. */
  deletedAt: Index.fields.deletedAt,
  /** @default "index-1", counting up */
  id: Schema.optional(Schema.String),
  /** @default "docs" */
  name: Schema.optional(Schema.String)
})

/**
 * An index to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface IndexSeed extends Schema.Schema.Type<typeof IndexSeed> {}

/** As many as fit into memory. */
const manyRuns = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))

/** What a seed may say of a run, or that there is none. */
const RunSeed = Schema.Union([
  Schema.Literal("missing"),
  Schema.Struct({
    ...Struct.map(Special.fields, Schema.optional),
    /** Another time than its place in the list says. Not for a run that is `Scheduled`. */
    plannedFor: Schema.optional(Schema.DateTimeUtcFromString),
    /**
     * Whether retention has deleted the backup. The history of the schedule has the run all the same; no list of
     * backups has it, and by its id nothing is found. Not for a run that is `Scheduled`. @default false
     */
    expired: Schema.optional(Schema.Boolean)
  })
])

/**
 * Schema for a schedule to begin with.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ScheduleSeed = Schema.Struct({
  /** @default "schedule-1", counting up */
  id: Schema.optional(Schema.String),
  /** The id, if that is given. @default "nightly" */
  name: Schema.optional(Schema.String),
  /** The index, which is made if there is none of that name. @default "docs" */
  indexName: Schema.optional(Schema.String),
  /** @default "daily" */
  frequency: Schema.optional(BackupSchedule.Frequency),
  /** @default 30 */
  expireAfterDays: Schema.optional(Schedule.fields.expireAfterDays),
  /** @default true */
  enabled: Schema.optional(Schema.Boolean),
  /** @default now */
  createdAt: Schema.optional(Schema.DateTimeUtcFromString),
  /** What the service is to say of its next run, until that: a time that has passed, say. The truth, if left out. */
  nextScheduledRun: Schema.optional(Schema.DateTimeUtcFromString),
  /**
   * The runs, newest first: how many good ones, or what is special about each. They lie one interval apart,
   * the newest at the last 06:00 UTC; one that is `Scheduled` lies at the next, and is planned anyway if the
   * schedule is enabled. None of those that ran expires.
   *
   * At the place of one that is `"missing"` nothing is made. One that has a `plannedFor`, or a `createdAt` alone,
   * lies there, and has that time in its name; those after it lie where they would anyway.
   *
   * @default 0
   */
  runs: Schema.optional(Schema.Union([manyRuns, Schema.Array(RunSeed)]))
})

/**
 * A schedule to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface ScheduleSeed extends Schema.Schema.Type<typeof ScheduleSeed> {}

/**
 * Schema for a backup to begin with.
 *
 * @category schemas
 * @since 0.1.0
 */
export const BackupSeed = Schema.Struct({
  ...Struct.map(Special.fields, Schema.optional),
  /** The index by its id, if there is one, so that it may be a deleted one. By its name, if left out. */
  sourceIndexId: Schema.optional(PineconeIndex.IndexId),
  /** The index, which is made if there is none of that name. @default "docs" */
  indexName: Schema.optional(Schema.String)
})

/**
 * A backup to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface BackupSeed extends Schema.Schema.Type<typeof BackupSeed> {}

/**
 * Schema for a restore job to begin with.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RestoreJobSeed = Schema.Struct({
  /** @default "job-1", counting up */
  id: Schema.optional(Schema.String),
  /** @default "restored" */
  targetIndexName: Schema.optional(Schema.String),
  /**
   * A status that it keeps, whatever the time; the index it makes is ready only if that is `Completed`. Left
   * out, the job is completed, or pending until `completedAt`.
   */
  status: Schema.optional(Schema.String),
  /** @default "backup-1", counting up */
  backupId: Schema.optional(Schema.String),
  /** Six seconds before `completedAt`, or now, if the job has no such time. */
  createdAt: Schema.optional(Schema.DateTimeUtcFromString),
  /** Six seconds after `createdAt`, or now, if the job is completed. A later time lets it run until then. */
  completedAt: Schema.optional(Schema.DateTimeUtcFromString),
  /** From 0 to 100. Left out, it follows from the times; 0 for a job that keeps another status. */
  percentComplete: Schema.optional(Schema.Finite)
})

/**
 * A restore job to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface RestoreJobSeed extends Schema.Schema.Type<typeof RestoreJobSeed> {}

/**
 * Adds an index.
 *
 * @throws SeedError if there is an index of that id, or an active one of that name, or no index can have that name
 * @category combinators
 * @since 0.1.0
 */
export const seedIndex = (state: State, now: DateTime.Utc, seed: IndexSeed): readonly [State, Index] => {
  const [next, number] = nextId(state, "index")
  const index: Index = {
    readyAt: now,
    kind: "serverless",
    dimension: 1536,
    schema: null,
    recordCount: 120_000,
    tags: {},
    deletionProtection: "disabled",
    ...defined(seed),
    id: PineconeIndex.IndexId.make(seed.id ?? number),
    name: PineconeIndex.IndexName.make(seed.name ?? "docs")
  }
  const wrong = PineconeApi.wrongName(index.name)
  if (wrong !== undefined) throw invalid(`The name ${JSON.stringify(index.name)} of an index ${wrong}.`)
  if (index.deletedAt === undefined && activeIndex(state, index.name) !== undefined) {
    throw taken(`There is an index with the name ${index.name} already.`)
  }
  return [{ ...next, indexes: withNewEntry(next.indexes, "index", index) }, index]
}

const indexNamed = (state: State, now: DateTime.Utc, name: string): readonly [State, Index] => {
  const index = activeIndex(state, name)
  return index === undefined ? seedIndex(state, now, { name }) : [state, index]
}

/** What lies so many runs before a run. Counted from it in one step, so that a short month shifts none. */
const back = (frequency: BackupSchedule.Frequency, from: DateTime.Utc, runs: number): DateTime.Utc =>
  DateTime.subtract(
    from,
    frequency === "daily" ? { days: runs } : frequency === "weekly" ? { days: 7 * runs } : { months: runs }
  )

/**
 * Adds a schedule and its runs. Those that were asked for come back; one that is planned anyway does not.
 *
 * @throws SeedError if there is a schedule or a backup of that id, or another enabled schedule of the index, or if
 * the retention is not one that the project allows, or a run that ran was planned for later, or one that is planned has
 * expired
 * @category combinators
 * @since 0.1.0
 */
export const seedSchedule = (
  state: State,
  now: DateTime.Utc,
  seed: ScheduleSeed
): readonly [State, { readonly schedule: Schedule; readonly runs: ReadonlyArray<BackupRun.BackupRun> }] => {
  const [withIndex, index] = indexNamed(state, now, seed.indexName ?? "docs")
  const [withId, number] = nextId(withIndex, "schedule")
  const frequency = seed.frequency ?? "daily"
  const today = at6(now)
  const lastRun = DateTime.isGreaterThan(today, now) ? DateTime.subtract(today, { days: 1 }) : today
  const nextRun = DateTime.add(lastRun, step(frequency))
  const schedule: Schedule = {
    id: BackupSchedule.ScheduleId.make(seed.id ?? number),
    name: seed.name ?? seed.id ?? "nightly",
    indexId: index.id,
    frequency,
    expireAfterDays: seed.expireAfterDays ?? 30,
    nextRun: seed.enabled === false ? undefined : nextRun,
    ...(seed.nextScheduledRun !== undefined && { claimedNextRun: seed.nextScheduledRun }),
    anchorDay: anchorDayOf(lastRun),
    createdAt: seed.createdAt ?? now
  }
  const schedules = withNewEntry(withId.schedules, "schedule", schedule)
  if (!Schema.is(days)(schedule.expireAfterDays) || schedule.expireAfterDays > state.project.maxRetentionDays) {
    throw invalid(retentionMessage(state))
  }
  if (schedule.nextRun !== undefined && hasEnabledSchedule(state, index.id)) throw taken(onlyOneSchedule)
  let current: State = { ...withId, schedules }

  // A history may be very long, so the map is copied once and not for each run.
  const records = new Map(current.records)
  const add = (startAt: DateTime.Utc, createdAt: DateTime.Utc, special: Record["special"], ran: Partial<Record>) => {
    const [next, record] = makeRun({ ...current, records }, schedule, { createdAt, startAt }, special)
    if (records.has(record.id)) {
      throw taken(`There is a backup with the id ${record.id} already.`)
    }
    const added = { ...record, ...ran }
    records.set(record.id, added)
    current = { ...next, records }
    return added
  }
  const isPlanned = (special: Record["special"]) => special.status === "Scheduled"
  const planned = DateTime.subtract(nextRun, step(frequency))
  let ran = 0
  const runs: Array<Record> = []
  const seeds: ReadonlyArray<typeof RunSeed.Type> = typeof seed.runs === "object"
    ? seed.runs
    : Array.from({ length: seed.runs ?? 0 }, () => ({}))
  for (const seeded of seeds) {
    if (seeded === "missing") {
      ran++
      continue
    }
    const { expired: isExpired = false, plannedFor, ...given } = seeded
    const special = defined(given)
    const done = { ends: "Ready", expireAt: undefined, isExpired } as const
    if (isPlanned(special)) {
      if (isExpired) throw invalid("A run that is Scheduled has no backup that could have expired.")
      if (plannedFor !== undefined) throw invalid("A run that is Scheduled lies at the next run of its schedule.")
      runs.push(add(nextRun, planned, special, { ...done, endAt: nextRun }))
      continue
    }
    if (plannedFor !== undefined && DateTime.isGreaterThan(plannedFor, now)) {
      throw invalid("A run that ran cannot be planned for later.")
    }
    const place = back(frequency, lastRun, ran++)
    const startAt = plannedFor ?? (special.createdAt ? DateTime.min(special.createdAt, now) : place)
    runs.push(add(startAt, back(frequency, startAt, 1), special, { ...done, endAt: startAt }))
  }
  if (schedule.nextRun !== undefined && !runs.some(({ special }) => isPlanned(special))) {
    add(nextRun, planned, {}, {})
  }
  return [current, { schedule, runs: runs.map((record) => showRun(current, record, now)) }]
}

/**
 * Adds a backup that was made by hand. It is ready, unless the seed says otherwise.
 *
 * @throws SeedError if there is a backup of that id
 * @category combinators
 * @since 0.1.0
 */
export const seedBackup = (
  state: State,
  now: DateTime.Utc,
  seed: BackupSeed
): readonly [State, BackupRun.BackupRun] => {
  const { indexName, ...given } = seed
  const special = defined(given)
  const known = special.sourceIndexId === undefined ? undefined : state.indexes.get(special.sourceIndexId)
  const [withIndex, index] = known === undefined ? indexNamed(state, now, indexName ?? "docs") : [state, known]
  const [next, number] = nextId(withIndex, "backup")
  const createdAt = special.createdAt ?? now
  const record: Record = {
    id: special.backupId ?? Backup.BackupId.make(number),
    scheduleId: undefined,
    indexId: index.id,
    name: special.name ?? null,
    description: special.description ?? null,
    tags: special.tags ?? index.tags,
    createdAt,
    // A backup that was made by hand was never planned, whatever is written on it.
    startAt: DateTime.min(createdAt, now),
    endAt: DateTime.min(createdAt, now),
    ends: "Ready",
    expireAt: undefined,
    isDeleted: false,
    isExpired: false,
    // A row may say anything, but there is a number of records.
    recordCount: Math.max(0, Math.round(special.recordCount ?? index.recordCount)),
    special
  }
  const seeded = { ...next, records: withNewEntry(next.records, "backup", record) }
  return [seeded, showRun(seeded, record, now)]
}

/**
 * Adds a restore job, and the index it makes if there is none of that name.
 *
 * @throws SeedError if there is a restore job of that id
 * @category combinators
 * @since 0.1.0
 */
export const seedRestoreJob = (
  state: State,
  now: DateTime.Utc,
  seed: RestoreJobSeed
): readonly [State, RestoreJob.RestoreJob] => {
  const [withBackup, backupId] = seed.backupId === undefined ? nextId(state, "backup") : [state, seed.backupId]
  const [withId, number] = nextId(withBackup, "job")
  const takes = { seconds: 6 }
  const isCompleted = seed.status === undefined || seed.status === "Completed"
  const createdAt = seed.createdAt ??
    (isCompleted ? DateTime.subtract(seed.completedAt ?? now, takes) : now)
  const endAt = seed.completedAt ?? (isCompleted ? DateTime.add(createdAt, takes) : createdAt)
  const name = seed.targetIndexName ?? "restored"
  const existing = activeIndex(withId, name)
  const [next, index] = existing === undefined
    ? seedIndex(withId, now, { name, readyAt: isCompleted ? endAt : null })
    : [withId, existing]
  const restore: Restore = {
    id: RestoreJob.RestoreJobId.make(seed.id ?? number),
    backupId: Backup.BackupId.make(backupId),
    indexId: index.id,
    indexName: index.name,
    createdAt,
    visibleAt: createdAt,
    endAt,
    ends: "Completed",
    special: {
      ...(seed.status !== undefined && {
        status: seed.status,
        completedAt: isCompleted ? endAt : seed.completedAt ?? null,
        percentComplete: isCompleted ? 100 : 0
      }),
      ...(seed.percentComplete !== undefined && { percentComplete: seed.percentComplete })
    }
  }
  return [{ ...next, restores: withNewEntry(next.restores, "restore job", restore) }, showRestore(restore, now)]
}
