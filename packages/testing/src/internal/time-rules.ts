/** Effects of time on the state, and the status of backups and restores at a time. */
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import { memoize } from "effect/Function"
import * as Iterable from "effect/Iterable"
import * as Simulation from "./simulation.ts"

/** Runs happen at 06:00 UTC. */
export const at6 = (instant: DateTime.Utc): DateTime.Utc => DateTime.add(DateTime.startOf(instant, "day"), { hours: 6 })

/** Interval of a number of runs of a schedule. */
export const step = (frequency: BackupSchedule.Frequency, runs = 1): Partial<DateTime.DateTime.PartsForMath> =>
  frequency === "daily" ? { days: runs } : frequency === "weekly" ? { days: 7 * runs } : { months: runs }

/** Day of the month of the runs of a monthly schedule that could run now. */
export const anchorDayOf = (now: DateTime.Utc): number => DateTime.getPartUtc(now, "day")

/**
 * First run of a schedule created at `now`, at 06:00 UTC: the next day if daily, at least 7 days later if weekly, the
 * same day of the next month if monthly.
 */
export const firstRun = (frequency: BackupSchedule.Frequency, now: DateTime.Utc): DateTime.Utc => {
  const run = at6(DateTime.add(now, step(frequency)))
  return frequency === "weekly" && DateTime.isLessThan(run, DateTime.add(now, step(frequency)))
    ? DateTime.add(run, { days: 1 })
    : run
}

/**
 * Next run of a schedule after a run. A shorter month has the run on its last day: 31 January, 28 February, 31 March.
 */
const runAfter = (
  { anchorDay, frequency }: Pick<Simulation.Schedule, "anchorDay" | "frequency">,
  ranAt: DateTime.Utc
): DateTime.Utc => {
  const next = DateTime.add(ranAt, step(frequency))
  return frequency === "monthly"
    ? DateTime.setPartsUtc(next, {
      day: Math.min(anchorDay, DateTime.getPartUtc(DateTime.endOf(next, "month"), "day"))
    })
    : next
}

/** Times on the wire have four-digit years, so the time stops here. */
export const endOfTime = DateTime.makeUnsafe("9999-12-31T23:59:59Z")

/** Time stamp in the name of a scheduled backup: `20260424T060000Z`. */
export const stamp = (instant: DateTime.Utc): string =>
  DateTime.formatIso(instant).replace(/\.\d+/, "").replace(/[-:]/g, "")

/** Outcome of a backup that starts now. */
const endOf = (
  { project, switches }: Simulation.State,
  startAt: DateTime.Utc
): Pick<Simulation.Record, "endAt" | "ends"> => ({
  endAt: DateTime.addDuration(startAt, project.backupDuration),
  ends: switches.backupsEnd
})

/** Creates a backup of an index. The defaults are those of a manual backup. */
export const makeBackup = (
  state: Simulation.State,
  fields: Pick<Simulation.Record, "indexId" | "createdAt" | "startAt"> & Partial<Simulation.Record>
): readonly [Simulation.State, Simulation.Record] => {
  const [next, number] = Simulation.nextId(state, "backup")
  const index = state.indexes.get(fields.indexId)
  return [next, {
    id: fields.special?.backupId ?? Backup.BackupId.make(number),
    name: null,
    description: null,
    tags: index?.tags ?? {},
    ...endOf(state, fields.startAt),
    isDeleted: false,
    isExpired: false,
    // A row may say anything, but there is a number of records, and a restored index has as many.
    recordCount: Math.max(0, Math.round(fields.special?.recordCount ?? index?.recordCount ?? 0)),
    special: {},
    ...fields
  }]
}

/** Creates a backup of a schedule. */
export const makeRun = (
  state: Simulation.State,
  schedule: Simulation.Schedule,
  times: Pick<Simulation.Record, "createdAt" | "startAt">,
  special: Simulation.Record["special"] = {}
): readonly [Simulation.State, Simulation.Record] =>
  makeBackup(state, {
    scheduleId: schedule.id,
    indexId: schedule.indexId,
    name: `${schedule.name}-${stamp(times.startAt)}`,
    ...times,
    expireAt: DateTime.add(times.startAt, { days: schedule.expireAfterDays }),
    special
  })

/** Plans a backup of a schedule. */
export const planRun = (...run: Parameters<typeof makeRun>): readonly [Simulation.State, Simulation.Record] => {
  const [next, record] = makeRun(...run)
  return [{ ...next, records: Simulation.withEntry(next.records, record.id, record) }, record]
}

/** Returns the schedule that is due first, and its time. */
const nextDue = (
  state: Simulation.State,
  now: DateTime.Utc
): readonly [Simulation.Schedule, DateTime.Utc] | undefined => {
  let due: readonly [Simulation.Schedule, DateTime.Utc] | undefined
  for (const schedule of state.schedules.values()) {
    const { nextRun } = schedule
    if (nextRun === undefined || DateTime.isGreaterThan(nextRun, now)) continue
    if (due === undefined || DateTime.isLessThan(nextRun, due[1])) due = [schedule, nextRun]
  }
  return due
}

const isOver = ({ expireAt }: Simulation.Record, now: DateTime.Utc): boolean =>
  expireAt !== undefined && DateTime.isLessThanOrEqualTo(expireAt, now)

/** Key of a run of a schedule. */
const slot = (id: BackupSchedule.ScheduleId, startAt: DateTime.Utc) => `${DateTime.toEpochMillis(startAt)} ${id}`

/**
 * Advances the state to a time: runs schedules in the order in which they are due, deletes expired backups, and completes
 * deletions of indexes. Returns the same state if nothing was due.
 *
 * A due run happens, planned or not, with the outcome in the settings. The next run is planned a second later. If
 * schedules do not run, a due run is dropped, and the next run is planned. It is unknown whether a used-up quota
 * prevents runs. The simulation assumes that it does not.
 */
export const advance = (state: Simulation.State, now: DateTime.Utc): Simulation.State => {
  let current = state
  let due = nextDue(current, now)
  if (due !== undefined) {
    // Many schedules have many runs in a year, so the maps are copied once, not for each run.
    const records = new Map(state.records)
    const schedules = new Map(state.schedules)
    const slots = new Map<string, string>()
    for (const { id, scheduleId, startAt } of records.values()) {
      if (scheduleId !== undefined) slots.set(slot(scheduleId, startAt), id)
    }
    const plan = (schedule: Simulation.Schedule, createdAt: DateTime.Utc, startAt: DateTime.Utc) => {
      const plannedId = slots.get(slot(schedule.id, startAt))
      if (plannedId !== undefined) {
        const planned = records.get(plannedId)
        // A seeded planned run has the outcome of its seed.
        const isSeeded = planned?.special.status !== undefined
        if (planned !== undefined && !isSeeded && DateTime.Equivalence(createdAt, startAt)) {
          records.set(plannedId, { ...planned, ...endOf(current, startAt) })
        }
        return
      }
      const [next, record] = makeRun(current, schedule, { createdAt, startAt })
      current = next
      slots.set(slot(schedule.id, startAt), record.id)
      // After a long time, only unexpired backups are kept.
      if (!isOver(record, now)) records.set(record.id, record)
    }
    current = { ...current, records, schedules }
    for (; due !== undefined; due = nextDue(current, now)) {
      const [schedule, ranAt] = due
      const nextRun = runAfter(schedule, ranAt)
      if (current.switches.schedulesRun) {
        plan(schedule, ranAt, ranAt)
      } else {
        // A seeded planned run has the outcome of its seed.
        const planned = records.get(slots.get(slot(schedule.id, ranAt)) ?? "")
        if (planned !== undefined && planned.special.status === undefined) records.delete(planned.id)
      }
      plan(schedule, DateTime.add(ranAt, { seconds: 1 }), nextRun)
      slots.delete(slot(schedule.id, ranAt))
      schedules.set(schedule.id, { ...schedule, nextRun, claimedNextRun: undefined })
    }
  }
  if (firstExpiry(current.records) <= DateTime.toEpochMillis(now)) {
    current = { ...current, records: Simulation.filterEntries(current.records, (record) => !isOver(record, now)) }
  }
  return firstTermination(current.indexes) > DateTime.toEpochMillis(now) ? current : {
    ...current,
    indexes: new Map([...current.indexes].map(([id, { terminatesAt, ...index }]) => [
      id,
      terminatesAt === undefined
        ? index
        : DateTime.isGreaterThan(terminatesAt, now)
        ? { ...index, terminatesAt }
        : { ...index, deletedAt: terminatesAt }
    ]))
  }
}

const earliest = (instants: Iterable<DateTime.Utc | undefined>): number => {
  let first = Number.POSITIVE_INFINITY
  for (const instant of instants) {
    if (instant !== undefined) first = Math.min(first, DateTime.toEpochMillis(instant))
  }
  return first
}

/** Earliest expiry of the backups. Cached, because every request needs it and few change it. */
const firstExpiry: (records: Simulation.State["records"]) => number = memoize((records) =>
  earliest(Iterable.map(records.values(), ({ expireAt }) => expireAt))
)

/** Earliest end of the indexes that are being deleted. Cached. */
const firstTermination: (indexes: Simulation.State["indexes"]) => number = memoize((indexes) =>
  earliest(Iterable.map(indexes.values(), ({ terminatesAt }) => terminatesAt))
)

/** The status of a backup at a time. */
export const statusOf = (record: Simulation.Record, now: DateTime.Utc): string =>
  record.special.status !== undefined && record.special.status !== "Scheduled"
    ? record.special.status
    : DateTime.isGreaterThan(record.startAt, now)
    ? "Scheduled"
    : DateTime.isGreaterThan(record.endAt, now)
    ? "Initializing"
    : record.ends

/**
 * A backup as a run of its schedule at a time, with all fields. Fields that an API version lacks are removed later.
 */
export const showRun = (state: Simulation.State, record: Simulation.Record, now: DateTime.Utc): BackupRun.BackupRun => {
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
    namespaceCount: isReady ? Object.keys(Simulation.contentsOf(state, record).namespaces).length : null,
    sizeBytes: isReady ? record.recordCount * 6_200 : null,
    createdAt: record.createdAt,
    ...record.special,
    status
  }
}

/** A restore at a time. Progress in whole percent, as versions before 2026-07 report it. */
export const showRestore = (restore: Simulation.Restore, now: DateTime.Utc): RestoreJob.RestoreJob => {
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
    // A restore with another outcome, even an immediate one, almost completed.
    percentComplete: isCompleted ? 100 : isOver ? 99 : Math.max(0, Math.min(99, Math.floor((done / whole) * 100))),
    ...restore.special
  }
}

/** The state of an index at a time. */
const stateOf = ({ failedAt, readyAt, terminatesAt }: Simulation.Index, now: DateTime.Utc): string =>
  terminatesAt !== undefined
    ? "Terminating"
    : failedAt !== undefined && DateTime.isLessThanOrEqualTo(failedAt, now)
    ? "InitializationFailed"
    : readyAt !== null && DateTime.isLessThanOrEqualTo(readyAt, now)
    ? "Ready"
    : "Initializing"

/** Returns `true` if an index is ready at a time. */
export const isReady = (index: Simulation.Index, now: DateTime.Utc): boolean => stateOf(index, now) === "Ready"

/** An index at a time, with its host and its ID, which most requests do not show. */
export const showIndex = (index: Simulation.Index, now: DateTime.Utc, host: string): PineconeIndex.PineconeIndex => ({
  name: index.name,
  id: index.id,
  status: { ready: isReady(index, now), state: stateOf(index, now) },
  host,
  deletionProtection: index.deletionProtection,
  tags: index.tags,
  ...(index.sourceBackupId !== undefined && { sourceBackupId: index.sourceBackupId })
})
