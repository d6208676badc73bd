/** The runs of a schedule in time: which there were, which there should have been, and how they ended. */
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as Cadence from "@pinecone-backups/core/health/Cadence"
import * as Copies from "@pinecone-backups/core/health/Copies"
import * as DateTime from "effect/DateTime"
import * as Order from "effect/Order"
import type * as Symbols from "../terminal/SymbolsAndColors.ts"

/** A time at which a schedule ran, should have run, or will. */
export interface Slot {
  readonly at: DateTime.Utc
  readonly phase: Symbols.Phase
  /** There is none where a run was missed or is planned, unless the history lists it all the same. */
  readonly run?: BackupRun.BackupRun | undefined
}

/** What came of a run, in a word. */
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

/** How far a run has come, by what it says of itself. */
export const phaseOf = (run: BackupRun.BackupRun): Symbols.Phase =>
  run.status === "Scheduled"
    ? "planned"
    : BackupRun.isReady(run)
    ? "done"
    : BackupRun.isFailed(run)
    ? "failed"
    : "underWay"

/** The same in time: one that should have begun an hour ago is late, and so is one that began an hour after its time. */
const phaseAt = (run: BackupRun.BackupRun, at: DateTime.Utc, now: DateTime.Utc): Symbols.Phase => {
  const phase = phaseOf(run)
  if (phase === "planned") return millis(now) - millis(at) > hour ? "late" : phase
  // `createdAt` is when a run was planned or when it ran. After its time, it can only be the latter.
  const delay = run.createdAt ? millis(run.createdAt) - millis(at) : 0
  return phase === "done" && delay > hour ? "late" : phase
}

/** How many missing runs there may be. A date may be nonsense, such as 1 January of the year 1. */
const mostMissed = 1_000

/** No rhythm leads further ahead than a month: what is said to be years ahead is no time. */
const horizon = 366 * day

/**
 * The slots of a schedule, oldest first: every run whose time is known, those that `Cadence` misses, and the next one.
 * A run that is listed as `Scheduled` long after its time is missed, too.
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
  // Of a schedule that is paused, the time of the next run means nothing.
  if (enabled !== false && nextScheduledRun) {
    const ahead = millis(nextScheduledRun) - millis(now)
    if (ahead > 0 && ahead < horizon && !all.some(isNear(nextScheduledRun))) {
      all.push({ at: nextScheduledRun, phase: "planned" })
    }
  }
  return all.sort(Order.mapInput(DateTime.Order, ({ at }) => at))
}

/** The latest slots whose time has come, oldest first, `length` at most. */
export const latest = (
  schedule: Parameters<typeof slots>[0],
  runs: ReadonlyArray<BackupRun.BackupRun>,
  now: DateTime.Utc,
  length: number
): ReadonlyArray<Slot> => slots(schedule, runs, now).filter(({ phase }) => phase !== "planned").slice(-length)

/** How many runs a strip shows, and a program gets. */
export const recentRuns = 14

/** What a program gets of the latest runs. */
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

/** The latest backup that can be restored, by when it was planned. */
export const lastReady = (runs: ReadonlyArray<BackupRun.BackupRun>): DateTime.Utc | undefined =>
  runs.filter(BackupRun.isReady).flatMap((run) => Copies.takenAt(run, true) ?? []).sort(DateTime.Order).at(-1)
