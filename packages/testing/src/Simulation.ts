/**
 * Pinecone's backup service as a value: what it holds, and what time does to it. No effects and no clock in
 * here, so that every rule is a table test and the in-memory layers and the emulator follow the same ones.
 * How it answers requests is in `SimulatedApi`.
 *
 * @since 0.1.0
 */
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import type * as IndexSchema from "@pinecone-backups/core/IndexSchema"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"

// ============================================================================
// State
// ============================================================================

/**
 * The project and its plan.
 *
 * @category models
 * @since 0.1.0
 */
export interface Project {
  readonly id: string
  /** Whether the plan has backups and schedules. Those called Starter and Builder have not. */
  readonly hasBackups: boolean
  /** Whether there are overdue invoices. */
  readonly isOverdue: boolean
  /** How many backups there may be. */
  readonly backupQuota: number
  /** How many indexes there may be. */
  readonly indexQuota: number
  /** The longest retention a schedule may have, in days. */
  readonly maxRetentionDays: number
  /** How long a backup takes. */
  readonly backupDuration: Duration.Duration
  /** How long a restore takes. */
  readonly restoreDuration: Duration.Duration
}

/**
 * Where sources say different things of the service, what it does.
 *
 * @category models
 * @since 0.1.0
 */
export interface Switches {
  /**
   * Whether version 2026-07 shows backups as older versions do, without tags and without types in the schema,
   * and no planned runs. It was seen to.
   *
   * @default false
   */
  readonly oldRows: boolean
}

/**
 * An index. It stays when it is deleted, since its backups speak of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Index {
  readonly id: PineconeIndex.IndexId
  readonly name: PineconeIndex.IndexName
  readonly deletedAt: DateTime.Utc | undefined
  /** When it can be used: at once, unless it is being restored. */
  readonly readyAt: DateTime.Utc
  /** Pod-based indexes and encrypted ones cannot be backed up. */
  readonly kind: "serverless" | "pod" | "encrypted"
  readonly dimension: number
  readonly schema: IndexSchema.IndexSchema | null
  readonly recordCount: number
  readonly tags: Record_<string>
  readonly deletionProtection: "enabled" | "disabled"
  readonly sourceBackupId: Backup.BackupId | undefined
}

/**
 * A schedule.
 *
 * @category models
 * @since 0.1.0
 */
export interface Schedule {
  readonly id: BackupSchedule.ScheduleId
  readonly name: string
  readonly indexId: PineconeIndex.IndexId
  readonly frequency: BackupSchedule.Frequency
  readonly expireAfterDays: number
  /** When it runs next; `undefined` while it is disabled. */
  readonly nextRun: DateTime.Utc | undefined
  readonly createdAt: DateTime.Utc
}

/**
 * A backup, made by hand or by a schedule, or planned by one. Its status follows from its times.
 *
 * @category models
 * @since 0.1.0
 */
export interface Record {
  readonly id: Backup.BackupId
  readonly scheduleId: BackupSchedule.ScheduleId | undefined
  readonly indexId: PineconeIndex.IndexId
  readonly name: string | null
  readonly description: string | null
  readonly tags: Record_<string>
  readonly createdAt: DateTime.Utc
  /** When it begins: planned until then. */
  readonly startAt: DateTime.Utc
  /** When it ends. */
  readonly endAt: DateTime.Utc
  readonly ends: "Ready" | "InitializationFailed"
  /** When retention deletes it; `undefined` if nothing does. */
  readonly expireAt: DateTime.Utc | undefined
  readonly recordCount: number
  /** What a seed says that the rules would not. */
  readonly special: Partial<BackupRun.BackupRun>
}

type Record_<A> = { readonly [key: string]: A }

/**
 * A restore.
 *
 * @category models
 * @since 0.1.0
 */
export interface Restore {
  readonly id: RestoreJob.RestoreJobId
  readonly backupId: Backup.BackupId
  readonly indexId: PineconeIndex.IndexId
  readonly indexName: PineconeIndex.IndexName
  readonly createdAt: DateTime.Utc
  /** When it ends. */
  readonly endAt: DateTime.Utc
  /** What a seed says that the rules would not. */
  readonly special: Partial<RestoreJob.RestoreJob>
}

/**
 * What the service holds. Maps are in order of creation.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  readonly project: Project
  readonly switches: Switches
  readonly indexes: ReadonlyMap<string, Index>
  readonly schedules: ReadonlyMap<string, Schedule>
  readonly records: ReadonlyMap<string, Record>
  readonly restores: ReadonlyMap<string, Restore>
  /** How many ids were given out, by kind. Ids count up from 1, so that they never depend on chance. */
  readonly ids: { readonly [Kind in "backup" | "index" | "job" | "schedule"]: number }
}

/**
 * A service that holds nothing, in a project of the Standard plan.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (project: Partial<Project> = {}): State => ({
  project: {
    id: "project-1",
    hasBackups: true,
    isOverdue: false,
    backupQuota: 500,
    indexQuota: 20,
    maxRetentionDays: 365,
    backupDuration: Duration.minutes(10),
    restoreDuration: Duration.minutes(10),
    ...project
  },
  switches: { oldRows: false },
  indexes: new Map(),
  schedules: new Map(),
  records: new Map(),
  restores: new Map(),
  ids: { backup: 0, index: 0, job: 0, schedule: 0 }
})

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

/** The stamp in the name of a scheduled backup: `20260424T060000Z`. */
const stamp = (instant: DateTime.Utc): string => DateTime.formatIso(instant).replace(/\.\d+/, "").replace(/[-:]/g, "")

/** A backup of a schedule, before it is noted. */
const makeRun = (
  state: State,
  schedule: Schedule,
  times: { readonly createdAt: DateTime.Utc; readonly startAt: DateTime.Utc },
  special: Partial<BackupRun.BackupRun> = {}
): readonly [State, Record] => {
  const [next, id] = nextId(state, "backup")
  const index = state.indexes.get(schedule.indexId)
  return [next, {
    id: special.backupId ?? Backup.BackupId.make(id),
    scheduleId: schedule.id,
    indexId: schedule.indexId,
    name: `${schedule.name}-${stamp(times.startAt)}`,
    description: null,
    tags: index?.tags ?? {},
    ...times,
    endAt: DateTime.addDuration(times.startAt, state.project.backupDuration),
    ends: "Ready",
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

/** What tells a run of a schedule from all others. */
const slot = (id: BackupSchedule.ScheduleId, startAt: DateTime.Utc) => `${DateTime.toEpochMillis(startAt)} ${id}`

/**
 * What the service holds at a time: schedules have run, in the order in which they were due, and retention
 * has deleted what is too old. The same state, if nothing was due.
 *
 * A run that was planned happens as planned, and one that was not happens all the same; the next is planned a
 * second later. A month is a calendar month, so what ran on the 31st runs on the 28th, and stays there.
 * Whether a quota that is used up stops a run is not known; here it does not.
 *
 * @category combinators
 * @since 0.1.0
 */
export const advance = (state: State, now: DateTime.Utc): State => {
  let current = state
  let due = nextDue(current, now)
  if (due !== undefined) {
    // A year of many schedules is many runs, so the map is copied once and not for each of them.
    const records = new Map(state.records)
    const slots = new Set<string>()
    for (const { scheduleId, startAt } of records.values()) {
      if (scheduleId !== undefined) slots.add(slot(scheduleId, startAt))
    }
    const plan = (schedule: Schedule, createdAt: DateTime.Utc, startAt: DateTime.Utc) => {
      if (slots.has(slot(schedule.id, startAt))) return
      const [next, record] = makeRun(current, schedule, { createdAt, startAt })
      current = next
      records.set(record.id, record)
      slots.add(slot(schedule.id, startAt))
    }
    current = { ...current, records }
    for (; due !== undefined; due = nextDue(current, now)) {
      const [schedule, ranAt] = due
      const nextRun = DateTime.add(ranAt, step(schedule.frequency))
      plan(schedule, ranAt, ranAt)
      plan(schedule, DateTime.add(ranAt, { seconds: 1 }), nextRun)
      current = { ...current, schedules: withEntry(current.schedules, schedule.id, { ...schedule, nextRun }) }
    }
  }
  const isExpired = ({ expireAt }: Record) => expireAt !== undefined && DateTime.isLessThanOrEqualTo(expireAt, now)
  for (const record of current.records.values()) {
    if (isExpired(record)) {
      return { ...current, records: filterEntries(current.records, (record) => !isExpired(record)) }
    }
  }
  return current
}

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
  const isCompleted = DateTime.isLessThanOrEqualTo(restore.endAt, now)
  const whole = Duration.toMillis(DateTime.distance(restore.createdAt, restore.endAt))
  const done = Duration.toMillis(DateTime.distance(restore.createdAt, now))
  return {
    restoreJobId: restore.id,
    backupId: restore.backupId,
    targetIndexName: restore.indexName,
    targetIndexId: restore.indexId,
    status: isCompleted ? "Completed" : "Pending",
    createdAt: restore.createdAt,
    completedAt: isCompleted ? restore.endAt : null,
    percentComplete: isCompleted || whole === 0 ? 100 : Math.floor((done / whole) * 100),
    ...restore.special
  }
}

// ============================================================================
// Seeding
// ============================================================================

/**
 * An index to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface IndexSeed extends Partial<Omit<Index, "id" | "name" | "deletedAt">> {
  /** @default "index-1", counting up */
  readonly id?: string | undefined
  /** @default "docs" */
  readonly name?: string | undefined
}

/**
 * A schedule to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface ScheduleSeed {
  /** @default "schedule-1", counting up */
  readonly id?: string | undefined
  /** The id, if that is given. @default "nightly" */
  readonly name?: string | undefined
  /** The index, which is made if there is none of that name. @default "docs" */
  readonly indexName?: string | undefined
  /** @default "daily" */
  readonly frequency?: BackupSchedule.Frequency | undefined
  /** @default 30 */
  readonly expireAfterDays?: number | undefined
  /** @default true */
  readonly enabled?: boolean | undefined
  /**
   * The runs, newest first: how many good ones, or what is special about each. They lie one interval apart,
   * the newest at the last 06:00 UTC; one that is `Scheduled` lies at the next. None of them expires.
   *
   * @default 0
   */
  readonly runs?: number | ReadonlyArray<Partial<BackupRun.BackupRun>> | undefined
}

/**
 * A backup to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface BackupSeed extends Partial<Backup.Backup> {
  /** The index, which is made if there is none of that name. @default "docs" */
  readonly indexName?: string | undefined
}

/**
 * A restore job to begin with.
 *
 * @category options
 * @since 0.1.0
 */
export interface RestoreJobSeed {
  /** @default "job-1", counting up */
  readonly id?: string | undefined
  /** @default "restored" */
  readonly targetIndexName?: string | undefined
  /** A status it keeps. Left out, it is completed. */
  readonly status?: string | undefined
  /** @default "backup-1", counting up */
  readonly backupId?: string | undefined
  /** Started now, if left out. */
  readonly createdAt?: DateTime.Utc | undefined
  /** Six seconds after the start, if left out and the job is completed. */
  readonly completedAt?: DateTime.Utc | undefined
  /** From 0 to 100; 100 if left out and the job is completed, else 0. */
  readonly percentComplete?: number | undefined
}

/**
 * Adds an index.
 *
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
    sourceBackupId: undefined,
    ...seed,
    id: PineconeIndex.IndexId.make(seed.id ?? number),
    name: PineconeIndex.IndexName.make(seed.name ?? "docs"),
    deletedAt: undefined
  }
  return [{ ...next, indexes: withEntry(next.indexes, index.id, index) }, index]
}

const indexNamed = (state: State, now: DateTime.Utc, name: string): readonly [State, Index] => {
  const index = activeIndex(state, name)
  return index === undefined ? seedIndex(state, now, { name }) : [state, index]
}

/**
 * Adds a schedule and its runs.
 *
 * @category combinators
 * @since 0.1.0
 */
export const seedSchedule = (
  state: State,
  now: DateTime.Utc,
  seed: ScheduleSeed
): readonly [State, { readonly schedule: Schedule; readonly runs: ReadonlyArray<BackupRun.BackupRun> }] => {
  const [withIndex, index] = indexNamed(state, now, seed.indexName ?? "docs")
  const [withSchedule, number] = nextId(withIndex, "schedule")
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
    createdAt: now
  }
  const specials: ReadonlyArray<Partial<BackupRun.BackupRun>> = typeof seed.runs === "object"
    ? seed.runs
    : Array.from({ length: seed.runs ?? 0 }, () => ({}))

  let current: State = { ...withSchedule, schedules: withEntry(withSchedule.schedules, schedule.id, schedule) }
  let runAt = lastRun
  const records: Array<Record> = []
  for (const special of specials) {
    const startAt = special.status === "Scheduled" ? nextRun : runAt
    const createdAt = DateTime.subtract(startAt, step(frequency))
    const [next, record] = planRun(current, schedule, { createdAt, startAt }, special)
    const kept = { ...record, endAt: startAt, expireAt: undefined }
    current = { ...next, records: withEntry(next.records, kept.id, kept) }
    records.push(kept)
    if (special.status !== "Scheduled") runAt = DateTime.subtract(runAt, step(frequency))
  }
  return [current, { schedule, runs: records.map((record) => showRun(current, record, now)) }]
}

/**
 * Adds a backup that was made by hand. It is ready, unless the seed says otherwise.
 *
 * @category combinators
 * @since 0.1.0
 */
export const seedBackup = (
  state: State,
  now: DateTime.Utc,
  seed: BackupSeed
): readonly [State, BackupRun.BackupRun] => {
  const { indexName, ...special } = seed
  const [withIndex, index] = indexNamed(state, now, indexName ?? "docs")
  const [next, number] = nextId(withIndex, "backup")
  const id = seed.backupId ?? Backup.BackupId.make(number)
  const record: Record = {
    id,
    scheduleId: undefined,
    indexId: index.id,
    name: seed.name ?? null,
    description: seed.description ?? null,
    tags: seed.tags ?? index.tags,
    createdAt: seed.createdAt ?? now,
    startAt: seed.createdAt ?? now,
    endAt: seed.createdAt ?? now,
    ends: "Ready",
    expireAt: undefined,
    recordCount: seed.recordCount ?? index.recordCount,
    special
  }
  const seeded = { ...next, records: withEntry(next.records, id, record) }
  return [seeded, showRun(seeded, record, now)]
}

/**
 * Adds a restore job, and the index it makes if there is none of that name.
 *
 * @category combinators
 * @since 0.1.0
 */
export const seedRestoreJob = (
  state: State,
  now: DateTime.Utc,
  seed: RestoreJobSeed
): readonly [State, RestoreJob.RestoreJob] => {
  const [withIndex, index] = indexNamed(state, now, seed.targetIndexName ?? "restored")
  const [withBackup, backupNumber] = seed.backupId === undefined
    ? nextId(withIndex, "backup")
    : [withIndex, seed.backupId]
  const [next, number] = nextId(withBackup, "job")
  const createdAt = seed.createdAt ?? now
  const status = seed.status ?? "Completed"
  const isCompleted = status === "Completed"
  const restore: Restore = {
    id: RestoreJob.RestoreJobId.make(seed.id ?? number),
    backupId: Backup.BackupId.make(backupNumber),
    indexId: index.id,
    indexName: index.name,
    createdAt,
    endAt: createdAt,
    special: {
      status,
      completedAt: seed.completedAt ?? (isCompleted ? DateTime.add(createdAt, { seconds: 6 }) : null),
      percentComplete: seed.percentComplete ?? (isCompleted ? 100 : 0)
    }
  }
  return [{ ...next, restores: withEntry(next.restores, restore.id, restore) }, showRestore(restore, now)]
}
