/** What time does to what the service holds, and what a backup or a restore looks like at a time. */
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import { memoize } from "effect/Function"
import * as Simulation from "./simulation.ts"

/** Runs happen at 06:00 UTC. */
export const at6 = (instant: DateTime.Utc): DateTime.Utc => DateTime.add(DateTime.startOf(instant, "day"), { hours: 6 })

/** How far so many runs of a schedule lie apart. */
export const step = (frequency: BackupSchedule.Frequency, runs = 1): Partial<DateTime.DateTime.PartsForMath> =>
  frequency === "daily" ? { days: runs } : frequency === "weekly" ? { days: 7 * runs } : { months: runs }

/** The day of the month that the monthly runs of a schedule keep to, if one could be now. */
export const anchorDayOf = (now: DateTime.Utc): number => DateTime.getPartUtc(now, "day")

/**
 * When a schedule that is created at `now` runs first: at 06:00 UTC of the next day, of the day a week on or
 * later, of the same day of the next month.
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

/** Years have four digits on the wire. Time goes no further. */
export const endOfTime = DateTime.makeUnsafe("9999-12-31T23:59:59Z")

/** The stamp in the name of a scheduled backup: `20260424T060000Z`. */
export const stamp = (instant: DateTime.Utc): string =>
  DateTime.formatIso(instant).replace(/\.\d+/, "").replace(/[-:]/g, "")

/** How a backup that begins now will end. */
const endOf = (
  { project, switches }: Simulation.State,
  startAt: DateTime.Utc
): Pick<Simulation.Record, "endAt" | "ends"> => ({
  endAt: DateTime.addDuration(startAt, project.backupDuration),
  ends: switches.backupsEnd
})

/** A backup of an index, before it is noted: what is not said of it is as for one made by hand. */
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

/** A backup of a schedule, before it is noted. */
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

/** The schedule that is due first at a time, and when. */
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

/** What tells a run of a schedule from all others. */
const slot = (id: BackupSchedule.ScheduleId, startAt: DateTime.Utc) => `${DateTime.toEpochMillis(startAt)} ${id}`

/**
 * What the service holds at a time: schedules have run, in the order in which they were due, and retention
 * has deleted what is too old. The same state, if nothing was due.
 *
 * A run that was planned happens at its time, ends as the settings then say, and one that was not planned happens all the
 * same; the next is planned a second later. Where schedules do not run, nothing but the next is left of one. Whether a quota that is used up stops a run is not known; here it does not.
 */
export const advance = (state: Simulation.State, now: DateTime.Utc): Simulation.State => {
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
    const plan = (schedule: Simulation.Schedule, createdAt: DateTime.Utc, startAt: DateTime.Utc) => {
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
      if (current.switches.schedulesRun) {
        plan(schedule, ranAt, ranAt)
      } else {
        // One that was seeded as planned ends as the seed says.
        const planned = records.get(slots.get(slot(schedule.id, ranAt)) ?? "")
        if (planned !== undefined && planned.special.status === undefined) records.delete(planned.id)
      }
      plan(schedule, DateTime.add(ranAt, { seconds: 1 }), nextRun)
      slots.delete(slot(schedule.id, ranAt))
      schedules.set(schedule.id, { ...schedule, nextRun, claimedNextRun: undefined })
    }
  }
  const expiry = firstExpiry(current.records)
  return expiry > DateTime.toEpochMillis(now) ? current : {
    ...current,
    records: Simulation.filterEntries(current.records, (record) => !isOver(record, now))
  }
}

/** When the first of the backups expires. Remembered, since every request asks and few change anything. */
const firstExpiry: (records: Simulation.State["records"]) => number = memoize((records) => {
  let first = Number.POSITIVE_INFINITY
  for (const { expireAt } of records.values()) {
    if (expireAt !== undefined) first = Math.min(first, DateTime.toEpochMillis(expireAt))
  }
  return first
})

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
 * A backup as a run of its schedule at a time. Everything the service could say is there; what a version
 * leaves out is not decided here.
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

/** A restore at a time. Whole percents of progress, as versions before 2026-07 report them. */
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
    // One that ended otherwise, perhaps at once, came close.
    percentComplete: isCompleted ? 100 : isOver ? 99 : Math.max(0, Math.min(99, Math.floor((done / whole) * 100))),
    ...restore.special
  }
}

/** Whether an index can be used at a time. */
export const isReady = ({ readyAt }: Simulation.Index, now: DateTime.Utc): boolean =>
  readyAt !== null && DateTime.isLessThanOrEqualTo(readyAt, now)

/** An index at a time, whose data is at a host. */
export const showIndex = (index: Simulation.Index, now: DateTime.Utc, host: string): PineconeIndex.PineconeIndex => {
  const ready = isReady(index, now)
  return {
    name: index.name,
    id: index.id,
    status: { ready, state: ready ? "Ready" : "Initializing" },
    host,
    deletionProtection: index.deletionProtection,
    tags: index.tags,
    ...(index.sourceBackupId !== undefined && { sourceBackupId: index.sourceBackupId })
  }
}
