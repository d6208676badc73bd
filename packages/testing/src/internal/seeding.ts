/** Adds seeds to the state. */
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as IndexRules from "@pinecone-backups/core/IndexRules"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as DateTime from "effect/DateTime"
import { pipe } from "effect/Function"
import * as Predicate from "effect/Predicate"
import * as Seed from "../Seed.ts"
import * as Inputs from "./inputs.ts"
import * as Settings from "./settings.ts"
import * as Simulation from "./simulation.ts"
import * as TimeRules from "./time-rules.ts"

const taken = (message: string) => new Seed.SeedError({ reason: "AlreadyExists", message })

const invalid = (message: string) => new Seed.SeedError({ reason: "InvalidArgument", message })

const invalidAt: Inputs.ToError = (path, text) => invalid(Inputs.at(path, text))

type SeededRun = Exclude<typeof Seed.Run.Type, "missing">

type InstantOf<A> = { [Key in keyof A]-?: DateTime.Utc extends A[Key] ? Key : never }[keyof A]

/** Keys of instants in seeds. */
const instants: Readonly<
  Record<
    | InstantOf<typeof Seed.Index.Type>
    | InstantOf<Omit<typeof Seed.Schedule.Type, "runs">>
    | InstantOf<SeededRun>
    | InstantOf<typeof Seed.Backup.Type>
    | InstantOf<typeof Seed.RestoreJob.Type>,
    true
  >
> = {
  completedAt: true,
  createdAt: true,
  deletedAt: true,
  failedAt: true,
  nextScheduledRun: true,
  plannedFor: true,
  readyAt: true,
  scheduledExecutionAt: true,
  sourceIndexDeletedAt: true,
  terminatesAt: true
}

/** Parses the instants of a seed. `inside` is its path in errors. */
const withInstants = (seed: unknown, inside: Inputs.Path): unknown => {
  // The schema rejects it.
  if (!Predicate.isObject(seed)) return seed
  Inputs.checkObject(seed, inside, invalidAt)
  return Object.fromEntries(
    Object.entries(seed).map(([key, value]) => [
      key,
      value != null && Object.hasOwn(instants, key)
        ? Inputs.instant(value, [...inside, key], invalidAt)
        : value
    ])
  )
}

const checkIndex = Inputs.checkOf(Seed.Index, invalidAt)

const checkSchedule = Inputs.checkOf(Seed.Schedule, invalidAt)

const checkBackup = Inputs.checkOf(Seed.Backup, invalidAt)

const checkRestoreJob = Inputs.checkOf(Seed.RestoreJob, invalidAt)

/** Adds an entry. Its ID must be unused. */
const withNewEntry = <A extends { readonly id: string }>(
  map: ReadonlyMap<string, A>,
  kind: string,
  entry: A
): ReadonlyMap<string, A> => {
  if (map.has(entry.id)) throw taken(`A ${kind} with the ID ${entry.id} already exists.`)
  return Simulation.withEntry(map, entry.id, entry)
}

/**
 * Adds an index.
 *
 * @throws Seed.SeedError if a value or a key is invalid, the ID or the name is in use, the record counts of the namespaces do
 * not add up, or the name of the default namespace is not the empty string
 */
export const addIndex = (
  state: Simulation.State,
  now: DateTime.Utc,
  given: Seed.Index,
  inside: Inputs.Path = []
): readonly [Simulation.State, Simulation.Index] => {
  const seed = checkIndex(withInstants(given, inside), inside)
  const [next, number] = Simulation.nextId(state, "index")
  const sum = seed.namespaces && Object.values(seed.namespaces).reduce((sum, count) => sum + count, 0)
  if (seed.namespaces?.["__default__"] !== undefined) {
    throw invalid("The name of the default namespace must be \"\" in a seed.")
  }
  if (sum !== undefined && sum !== (seed.recordCount ?? sum)) {
    throw invalid(`The namespaces of an index have ${sum} records instead of ${seed.recordCount}.`)
  }
  const index: Simulation.Index = {
    readyAt: now,
    kind: "serverless",
    dimension: 1536,
    schema: null,
    recordCount: sum ?? 120_000,
    tags: {},
    deletionProtection: "disabled",
    ...Settings.defined(seed),
    id: PineconeIndex.IndexId.make(seed.id ?? number),
    name: PineconeIndex.IndexName.make(seed.name ?? "docs")
  }
  const wrong = IndexRules.wrongName(index.name)
  if (wrong !== undefined) throw invalid(`The name ${JSON.stringify(index.name)} of an index ${wrong}.`)
  if (index.deletedAt === undefined && Simulation.activeIndex(state, index.name) !== undefined) {
    throw taken(`An index with the name ${index.name} already exists.`)
  }
  return [{ ...next, indexes: withNewEntry(next.indexes, "index", index) }, index]
}

const indexNamed = (
  state: Simulation.State,
  now: DateTime.Utc,
  name: string
): readonly [Simulation.State, Simulation.Index] => {
  const index = Simulation.activeIndex(state, name)
  return index === undefined ? addIndex(state, now, { name }) : [state, index]
}

/** Time a number of runs before a run. Computed in one step, so that short months do not shift it. */
const back = (frequency: BackupSchedule.Frequency, from: DateTime.Utc, runs: number): DateTime.Utc =>
  DateTime.subtract(from, TimeRules.step(frequency, runs))

/**
 * Adds a schedule and its runs. Returns the runs of the seed, without the automatically planned run.
 *
 * @throws Seed.SeedError if a value or a key is invalid, the ID of the schedule or of a backup is in use, the index has
 * another enabled schedule, the project does not allow the retention, a finished run is planned for the future, or a planned
 * run has expired
 */
export const addSchedule = (
  state: Simulation.State,
  now: DateTime.Utc,
  given: Seed.Schedule,
  inside: Inputs.Path = []
): readonly [
  Simulation.State,
  { readonly schedule: Simulation.Schedule; readonly runs: ReadonlyArray<BackupRun.BackupRun> }
] => {
  const seed = checkSchedule(
    withInstants(
      Predicate.isObject(given) && Array.isArray(given.runs)
        ? { ...given, runs: given.runs.map((run, index) => withInstants(run, [...inside, "runs", index])) }
        : given,
      inside
    ),
    inside
  )
  const [withIndex, index] = indexNamed(state, now, seed.indexName ?? "docs")
  const [withId, number] = Simulation.nextId(withIndex, "schedule")
  const frequency = seed.frequency ?? "daily"
  const today = TimeRules.at6(now)
  const lastRun = DateTime.isGreaterThan(today, now) ? DateTime.subtract(today, { days: 1 }) : today
  const nextRun = DateTime.add(lastRun, TimeRules.step(frequency))
  const schedule: Simulation.Schedule = {
    id: BackupSchedule.ScheduleId.make(seed.id ?? number),
    name: seed.name ?? seed.id ?? "nightly",
    indexId: index.id,
    frequency,
    expireAfterDays: seed.expireAfterDays ?? 30,
    nextRun: seed.enabled === false ? undefined : nextRun,
    ...(seed.nextScheduledRun !== undefined && { claimedNextRun: seed.nextScheduledRun }),
    anchorDay: TimeRules.anchorDayOf(lastRun),
    createdAt: seed.createdAt ?? now
  }
  const schedules = withNewEntry(withId.schedules, "schedule", schedule)
  if (schedule.expireAfterDays > state.project.maxRetentionDays) {
    throw invalid(Simulation.retentionMessage(state))
  }
  if (schedule.nextRun !== undefined && Simulation.hasEnabledSchedule(state, index.id)) {
    throw taken(Simulation.onlyOneSchedule)
  }
  let current: Simulation.State = { ...withId, schedules }

  // A history can be very long, so the map is copied once, not for each run.
  const records = new Map(current.records)
  const add = (
    startAt: DateTime.Utc,
    createdAt: DateTime.Utc,
    special: Simulation.Record["special"],
    ran: Partial<Simulation.Record>
  ) => {
    const [next, record] = TimeRules.makeRun({ ...current, records }, schedule, { createdAt, startAt }, special)
    if (records.has(record.id)) {
      throw taken(`A backup with the ID ${record.id} already exists.`)
    }
    const added = { ...record, ...ran }
    records.set(record.id, added)
    current = { ...next, records }
    return added
  }
  const isPlanned = (special: Simulation.Record["special"]) => special.status === "Scheduled"
  const planned = back(frequency, nextRun, 1)
  let ran = 0
  const runs: Array<Simulation.Record> = []
  const { runs: seededRuns = 0 } = seed
  const seeds: ReadonlyArray<typeof Seed.Run.Type> = typeof seededRuns === "object"
    ? seededRuns
    : Array.from({ length: seededRuns }, () => ({}))
  for (const seeded of seeds) {
    if (seeded === "missing") {
      ran++
      continue
    }
    const { expired: isExpired = false, plannedFor, ...others } = seeded
    const special = Settings.defined(others)
    const done = { ends: "Ready", expireAt: undefined, isExpired } as const
    if (isPlanned(special)) {
      if (isExpired) throw invalid("The backup of a Scheduled run cannot have expired.")
      if (plannedFor !== undefined) {
        throw invalid("A Scheduled run is at the next run of its schedule, so it cannot have plannedFor.")
      }
      runs.push(add(nextRun, planned, special, { ...done, endAt: nextRun }))
      continue
    }
    if (plannedFor !== undefined && DateTime.isGreaterThan(plannedFor, now)) {
      throw invalid("A run that has started cannot be planned for the future.")
    }
    const place = back(frequency, lastRun, ran++)
    const startAt = plannedFor ?? (special.createdAt ? DateTime.min(special.createdAt, now) : place)
    runs.push(add(startAt, back(frequency, startAt, 1), special, { ...done, endAt: startAt }))
  }
  if (schedule.nextRun !== undefined && !runs.some(({ special }) => isPlanned(special))) {
    add(nextRun, planned, {}, {})
  }
  return [current, { schedule, runs: runs.map((record) => TimeRules.showRun(current, record, now)) }]
}

/**
 * Adds a manual backup. It is ready, unless the seed has another status.
 *
 * @throws Seed.SeedError if a value or a key is invalid, or the ID is in use
 */
export const addBackup = (
  state: Simulation.State,
  now: DateTime.Utc,
  given: Seed.Backup,
  inside: Inputs.Path = []
): readonly [Simulation.State, BackupRun.BackupRun] => {
  const { indexName, ...others } = checkBackup(withInstants(given, inside), inside)
  const special = Settings.defined(others)
  const known = special.sourceIndexId === undefined ? undefined : state.indexes.get(special.sourceIndexId)
  const [withIndex, index] = known === undefined ? indexNamed(state, now, indexName ?? "docs") : [state, known]
  const createdAt = special.createdAt ?? now
  // A manual backup was never planned, regardless of its name.
  const startAt = DateTime.min(createdAt, now)
  const [next, record] = TimeRules.makeBackup(withIndex, {
    indexId: index.id,
    name: special.name ?? null,
    description: special.description ?? null,
    tags: special.tags ?? index.tags,
    createdAt,
    startAt,
    endAt: startAt,
    ends: "Ready",
    special
  })
  const seeded = { ...next, records: withNewEntry(next.records, "backup", record) }
  return [seeded, TimeRules.showRun(seeded, record, now)]
}

/**
 * Adds a restore job, and its target index if that does not exist.
 *
 * @throws Seed.SeedError if a value or a key is invalid, or the ID is in use
 */
export const addRestoreJob = (
  state: Simulation.State,
  now: DateTime.Utc,
  given: Seed.RestoreJob,
  inside: Inputs.Path = []
): readonly [Simulation.State, RestoreJob.RestoreJob] => {
  const seed = checkRestoreJob(withInstants(given, inside), inside)
  const [withBackup, backupId] = seed.backupId === undefined
    ? Simulation.nextId(state, "backup")
    : [state, seed.backupId]
  const [withId, number] = Simulation.nextId(withBackup, "job")
  const takes = { seconds: 6 }
  const isCompleted = seed.status === undefined || seed.status === "Completed"
  const createdAt = seed.createdAt ??
    (isCompleted ? DateTime.subtract(seed.completedAt ?? now, takes) : now)
  const endAt = seed.completedAt ?? (isCompleted ? DateTime.add(createdAt, takes) : createdAt)
  const name = seed.targetIndexName ?? "restored"
  const existing = Simulation.activeIndex(withId, name)
  const [next, index] = existing === undefined
    ? addIndex(withId, now, {
      name,
      readyAt: isCompleted ? endAt : null,
      ...((seed.status === "Failed" || seed.status === "Cancelled") && { failedAt: endAt })
    })
    : [withId, existing]
  const restore: Simulation.Restore = {
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
  return [
    { ...next, restores: withNewEntry(next.restores, "restore job", restore) },
    TimeRules.showRestore(restore, now)
  ]
}

/**
 * Adds a set of seeds.
 *
 * @throws Seed.SeedError if a seed is invalid, or the set has an unknown key
 */
export const addAll = (state: Simulation.State, now: DateTime.Utc, seeds: Seed.Seeds): Simulation.State => {
  Inputs.checkKeys(seeds, Object.keys(Seed.Seeds.fields), [], invalidAt)
  const add = <Kind extends keyof Seed.Seeds>(
    kind: Kind,
    f: (
      state: Simulation.State,
      now: DateTime.Utc,
      seed: NonNullable<Seed.Seeds[Kind]>[number],
      inside: Inputs.Path
    ) => readonly [Simulation.State, unknown]
  ) =>
  (state: Simulation.State) =>
    Inputs.listOf<NonNullable<Seed.Seeds[Kind]>[number]>(seeds[kind], [kind], invalidAt)
      .reduce((state, seed, index) => f(state, now, seed, [kind, index])[0], state)
  return pipe(
    state,
    add("indexes", addIndex),
    add("schedules", addSchedule),
    add("backups", addBackup),
    add("restoreJobs", addRestoreJob)
  )
}
