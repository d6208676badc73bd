/** The timeline of a schedule: runs, missed runs and planned runs, with their outcomes. */
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as Cadence from "@pinecone-backups/core/health/Cadence"
import * as Copies from "@pinecone-backups/core/health/Copies"
import * as DateTime from "effect/DateTime"
import * as Order from "effect/Order"
import type * as Symbols from "../terminal/SymbolsAndColors.ts"

/** A time at which a schedule ran, should have run, or will run. */
export interface Slot {
  readonly at: DateTime.Utc
  readonly phase: Symbols.Phase
  /** `undefined` for a missed or planned run, unless the history lists it. */
  readonly run?: BackupRun.BackupRun | undefined
}

/** The labels of outcomes. */
export const outcomeLabels = {
  done: "ready",
  failed: "failed",
  missed: "missed",
  late: "late",
  underWay: "running",
  planned: "planned"
} as const satisfies Readonly<Record<Symbols.Phase, string>>

const hour = 3_600_000
const day = 24 * hour

const millis = DateTime.toEpochMillis

/** The phase of a run, from its status. */
export const phaseOf = (run: BackupRun.BackupRun): Symbols.Phase =>
  run.status === "Scheduled"
    ? "planned"
    : BackupRun.isReady(run)
    ? "done"
    : BackupRun.isFailed(run)
    ? "failed"
    : "underWay"

/**
 * The phase of a run, from its status and the current time. A run is late if it started over an hour after its planned
 * time, or has not started by then.
 */
const phaseAt = (run: BackupRun.BackupRun, at: DateTime.Utc, now: DateTime.Utc): Symbols.Phase => {
  const phase = phaseOf(run)
  if (phase === "planned") return millis(now) - millis(at) > hour ? "late" : phase
  // `createdAt` is the planned or the actual time of a run. After the planned time, it can only be the actual time.
  const delay = run.createdAt ? millis(run.createdAt) - millis(at) : 0
  return phase === "done" && delay > hour ? "late" : phase
}

/** Maximum number of missed runs, in case of a nonsensical date such as 1 January of the year 1. */
const mostMissed = 1_000

/** Times further ahead are invalid, because the longest cadence is a month. */
const horizon = 366 * day

/**
 * The slots of a schedule, oldest first: every run with a known time, the missed runs according to `Cadence`, and the
 * next run. A run still listed as `Scheduled` long after its time is missed, too.
 */
export const slots = (
  schedule: Pick<BackupSchedule.BackupSchedule, "enabled" | "frequency" | "nextScheduledRun">,
  runs: ReadonlyArray<BackupRun.BackupRun>,
  now: DateTime.Utc
): ReadonlyArray<Slot> => {
  const { enabled, nextScheduledRun } = schedule
  const rhythm = Cadence.rhythm(schedule, runs, now)
  const missed = rhythm === undefined
    ? []
    : Cadence.missed(rhythm, DateTime.subtract(now, { days: mostMissed * rhythm.cadence.longestDays }))
  const isNear = (at: DateTime.Utc) => (other: { readonly at: DateTime.Utc }) =>
    Math.abs(millis(other.at) - millis(at)) < hour
  const all: Array<Slot> = missed.map((at) => ({ at, phase: "missed" }))
  for (const run of runs) {
    const at = Copies.takenAt(run, true, now)
    if (at === undefined || millis(at) - millis(now) >= horizon) continue
    const slot = { at, phase: phaseAt(run, at, now), run }
    const found = BackupRun.hasBegun(run) ? -1 : all.findIndex(isNear(at))
    if (found === -1) all.push(slot)
    else all[found] = { ...slot, phase: "missed" }
  }
  // Ignore the next run time of a paused schedule.
  if (enabled !== false && nextScheduledRun) {
    const ahead = millis(nextScheduledRun) - millis(now)
    if (ahead > 0 && ahead < horizon && !all.some(isNear(nextScheduledRun))) {
      all.push({ at: nextScheduledRun, phase: "planned" })
    }
  }
  return all.sort(Order.mapInput(DateTime.Order, ({ at }) => at))
}

/** The latest past slots, oldest first, up to `length`. */
export const latest = (
  schedule: Parameters<typeof slots>[0],
  runs: ReadonlyArray<BackupRun.BackupRun>,
  now: DateTime.Utc,
  length: number
): ReadonlyArray<Slot> => slots(schedule, runs, now).filter(({ phase }) => phase !== "planned").slice(-length)

/** Number of recent runs in strips and JSON. */
export const recentRuns = 14

/** The JSON of the latest runs. */
export const recentToJson = (
  schedule: Parameters<typeof slots>[0],
  runs: ReadonlyArray<BackupRun.BackupRun>,
  now: DateTime.Utc
) =>
  latest(schedule, runs, now, recentRuns).map(({ at, phase, run }) => ({
    at: DateTime.formatIso(at),
    outcome: outcomeLabels[phase],
    backup_id: run?.backupId ?? null
  }))

/** The time of the latest ready run. */
export const lastReady = (runs: ReadonlyArray<BackupRun.BackupRun>): DateTime.Utc | undefined =>
  runs.filter(BackupRun.isReady).flatMap((run) => Copies.takenAt(run, true) ?? []).sort(DateTime.Order).at(-1)
