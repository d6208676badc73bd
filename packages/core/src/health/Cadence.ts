/**
 * How often a schedule runs: when its next run is due, and which of its runs are missing.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as BackupRun from "../BackupRun.ts"
import * as Rhythm from "./internal/rhythm.ts"

export {
  /**
   * What each frequency means.
   *
   * @category models
   * @since 0.1.0
   */
  cadences,
  /**
   * What a frequency means; `undefined` for one that this library does not know.
   *
   * @category getters
   * @since 0.1.0
   */
  of
} from "./internal/rhythm.ts"

/**
 * What a frequency means in days and hours.
 *
 * @category models
 * @since 0.1.0
 */
export type Cadence = Rhythm.Cadence

const millis = DateTime.toEpochMillis

/**
 * The time that lies so many runs after a run, or before it if `count` is negative.
 *
 * A schedule that runs monthly keeps to a day of the month: `anchorDay`, from 1 to 31, or the last day of a month
 * that is too short for it. After 31 January come 28 February and 31 March. Left out, it is the day of `from`.
 *
 * @category getters
 * @since 0.1.0
 */
export const slot = (cadence: Cadence, from: DateTime.Utc, count: number, anchorDay?: number): DateTime.Utc =>
  DateTime.makeUnsafe(Rhythm.slot(cadence, millis(from), count, anchorDay))

/**
 * When a schedule whose latest slot was at `from` is late: its step and its slack after that. `anchorDay` is as for
 * {@link slot}.
 *
 * @category getters
 * @since 0.1.0
 */
export const lateAt = (cadence: Cadence, from: DateTime.Utc, anchorDay?: number): DateTime.Utc =>
  DateTime.add(slot(cadence, from, 1, anchorDay), { hours: cadence.slackHours })

/**
 * What tells when a schedule runs.
 *
 * @category models
 * @since 0.1.0
 */
export type Schedule = Rhythm.Schedule

/**
 * When a schedule should have run first: at the first of its slots on a day that is its step after the one on which it was
 * created, or later. Where the service does not say when it runs next, its slots are not known, and it is a day later
 * than it could be. `undefined` if nobody knows when it was created, and for a frequency that this library does not know.
 *
 * @category getters
 * @since 0.1.0
 */
export const firstSlot = ({ createdAt, frequency, nextScheduledRun: next }: Schedule): DateTime.Utc | undefined => {
  const cadence = Rhythm.of(frequency)
  return cadence === undefined || !createdAt
    ? undefined
    : DateTime.makeUnsafe(Rhythm.firstSlot(cadence, millis(createdAt), next ? millis(next) : undefined))
}

const rhythmOf = (
  schedule: Schedule,
  runs: Iterable<BackupRun.BackupRun>,
  now: DateTime.Utc
): Rhythm.Rhythm | undefined => {
  const cadence = Rhythm.of(schedule.frequency)
  if (cadence === undefined) return undefined
  const times: Array<number> = []
  for (const run of runs) {
    const at = BackupRun.hasBegun(run) ? BackupRun.takenAt(run) : undefined
    if (at !== undefined) times.push(millis(at))
  }
  return Rhythm.read(cadence, schedule, times.sort((self, that) => self - that), millis(now))
}

/**
 * The day of the month that a schedule keeps to, by its runs and by when it runs next: 31, if its latest run was on 28
 * February and the next is on 31 March. `undefined` if it does not run monthly, or has not run.
 *
 * @category getters
 * @since 0.1.0
 */
export const anchorDay = (
  schedule: Schedule,
  runs: Iterable<BackupRun.BackupRun>,
  now: DateTime.Utc
): number | undefined => {
  const rhythm = schedule.frequency === "monthly" ? rhythmOf(schedule, runs, now) : undefined
  return rhythm && Rhythm.anchorDay(rhythm)
}

/**
 * The times at which a schedule should have run and has not, oldest first: between two of its runs and, if it is
 * enabled, after the latest.
 *
 * - Runs are what has begun. A row that is `Scheduled` proves nothing: the service may send none.
 * - Two runs that are no whole number of steps apart are of two rhythms. Between them the schedule was paused and
 *   resumed, or its frequency was changed, and nothing is missing.
 * - A run after the latest is missing when its slack is over. Where the service says when the schedule runs next, that
 *   time has to agree, so that a rhythm that has begun anew is not taken for missing runs.
 * - Nothing says when a frequency was changed. Where runs lay a week or a month apart and the schedule is faster now,
 *   nothing is missing up to the time at which the slower one would have run again.
 * - What was before the first run is not known, and neither is anything of a schedule without runs, or of a frequency
 *   that this library does not know.
 *
 * @category getters
 * @since 0.1.0
 */
export const missed = (
  schedule: Schedule,
  runs: Iterable<BackupRun.BackupRun>,
  period: { readonly since: DateTime.Utc; readonly now: DateTime.Utc }
): ReadonlyArray<DateTime.Utc> => {
  const rhythm = rhythmOf(schedule, runs, period.now)
  return rhythm === undefined ? [] : Rhythm.missed(rhythm, millis(period.since)).map((at) => DateTime.makeUnsafe(at))
}
