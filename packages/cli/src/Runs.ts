/**
 * The runs of a schedule in time: which there were, which there should have been, and how they ended.
 *
 * @since 0.1.0
 */
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as DateTime from "effect/DateTime"
import type * as Screen from "./Screen.ts"

/**
 * A time at which a schedule ran, should have run, or will.
 *
 * @category models
 * @since 0.1.0
 */
export interface Slot {
  readonly at: DateTime.Utc
  readonly phase: Screen.Phase
  /** There is none where a run was missed, and where one is planned that the history does not list. */
  readonly run?: BackupRun.BackupRun | undefined
}

/**
 * When a run was, as well as that is known.
 *
 * @category getters
 * @since 0.1.0
 */
export const timeOf = (run: BackupRun.BackupRun): DateTime.Utc | undefined =>
  BackupRun.plannedFor(run) ?? run.createdAt ?? undefined

const hour = 3_600_000
const day = 24 * hour

const millis = DateTime.toEpochMillis

/**
 * How far a run has come, by what it says of itself.
 *
 * @category getters
 * @since 0.1.0
 */
export const phaseOf = (run: BackupRun.BackupRun): Screen.Phase =>
  run.status === "Scheduled"
    ? "planned"
    : BackupRun.isReady(run)
    ? "done"
    : BackupRun.isFailed(run)
    ? "failed"
    : "underWay"

/** The same in time: one that should have begun an hour ago is late, and so is one that began an hour after its time. */
const phaseAt = (run: BackupRun.BackupRun, at: DateTime.Utc, now: DateTime.Utc): Screen.Phase => {
  const phase = phaseOf(run)
  if (phase === "planned") return millis(now) - millis(at) > hour ? "late" : phase
  // `createdAt` is when a run was planned or when it ran. After its time, it can only be the latter.
  const delay = run.createdAt ? millis(run.createdAt) - millis(at) : 0
  return phase === "done" && delay > hour ? "late" : phase
}

/** How many missing runs in a row are told of. A date may be nonsense, such as 1 January of the year 1. */
const mostMissed = 1_000

/** The times between two runs at which there should have been one: the latest of them, where there are very many. */
const between = (
  frequency: BackupSchedule.BackupSchedule["frequency"],
  from: DateTime.Utc,
  to: DateTime.Utc
): ReadonlyArray<DateTime.Utc> => {
  const times = (count: number, distanceOf: (steps: number) => Partial<DateTime.DateTime.PartsForMath>) => {
    const left = Math.max(0, count - mostMissed)
    const length = Math.max(0, count - left)
    return Array.from({ length }, (_, index) => DateTime.add(from, distanceOf(left + index + 1)))
  }
  switch (frequency) {
    case "daily":
      // Whole days between two days, since the time of day moves when a schedule is resumed.
      return times(Math.floor(millis(to) / day) - Math.floor(millis(from) / day) - 1, (days) => ({ days }))
    case "weekly":
      return times(Math.floor((millis(to) - millis(from)) / (7 * day) + 0.4) - 1, (weeks) => ({ weeks }))
    case "monthly": {
      const monthsOf = (instant: DateTime.Utc) =>
        DateTime.getPartUtc(instant, "year") * 12 + DateTime.getPartUtc(instant, "month")
      return times(monthsOf(to) - monthsOf(from) - 1, (months) => ({ months }))
    }
    default:
      // A rhythm this program does not know.
      return []
  }
}

/** No rhythm leads further ahead than a month: what is said to be years ahead is no time. */
const horizon = 366 * day

/**
 * The slots of a schedule, oldest first: every run whose time is known, the runs that are missing between two of them,
 * and the next one. Whether a schedule was paused for a while is not known: then, too, runs are missing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const slots = (
  { enabled, frequency, nextScheduledRun }: Pick<
    BackupSchedule.BackupSchedule,
    "enabled" | "frequency" | "nextScheduledRun"
  >,
  runs: Iterable<BackupRun.BackupRun>,
  now: DateTime.Utc
): ReadonlyArray<Slot> => {
  const known: Array<Slot> = []
  for (const run of runs) {
    const at = timeOf(run)
    if (at !== undefined && millis(at) - millis(now) < horizon) known.push({ at, phase: phaseAt(run, at, now), run })
  }
  // Of a schedule that is paused, the time of the next run means nothing.
  if (enabled !== false && nextScheduledRun) {
    const next = millis(nextScheduledRun)
    const ahead = next - millis(now)
    if (ahead > 0 && ahead < horizon && !known.some(({ at }) => Math.abs(millis(at) - next) < hour)) {
      known.push({ at: nextScheduledRun, phase: "planned" })
    }
  }
  known.sort((self, that) => millis(self.at) - millis(that.at))
  return known.flatMap((slot, index) => {
    const previous = known[index - 1]
    const missed = previous === undefined ? [] : between(frequency, previous.at, slot.at)
    return [...missed.filter((at) => millis(at) < millis(now)).map((at): Slot => ({ at, phase: "missed" })), slot]
  })
}

/**
 * The latest backup that can be restored, by when it was planned.
 *
 * @category getters
 * @since 0.1.0
 */
export const lastReady = (runs: Iterable<BackupRun.BackupRun>): DateTime.Utc | undefined => {
  let last: DateTime.Utc | undefined
  for (const run of runs) {
    const at = BackupRun.isReady(run) ? timeOf(run) : undefined
    if (at !== undefined && (last === undefined || millis(at) > millis(last))) last = at
  }
  return last
}
