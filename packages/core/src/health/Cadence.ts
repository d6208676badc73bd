/**
 * How often a schedule runs: when its next run is due, and which of its runs are missing.
 *
 * @since 0.1.0
 */

import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as BackupRun from "../BackupRun.ts"
import type * as BackupSchedule from "../BackupSchedule.ts"
import { dayMillis, millis } from "../internal/time.ts"
import { futureTolerance } from "./internal/judging.ts"
import * as Rhythms from "./internal/rhythms.ts"
import { dayOf, lastDayOf, lateMillis, modulo, slotFrom, slotMillis } from "./internal/slots.ts"

// ============================================================================
// Frequencies
// ============================================================================

/**
 * What a frequency means in days and hours.
 *
 * @category models
 * @since 0.1.0
 */
export interface Cadence extends Rhythms.Cadence {}

/**
 * What each frequency means.
 *
 * @category models
 * @since 0.1.0
 */
export const cadences: Readonly<Record<BackupSchedule.Frequency, Cadence>> = Rhythms.cadences

/**
 * What a frequency means; `undefined` for one that this library does not know.
 *
 * @category getters
 * @since 0.1.0
 */
export const of = (frequency: BackupSchedule.BackupSchedule["frequency"]): Cadence | undefined =>
  Rhythms.cadenceOf(frequency)

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
  DateTime.makeUnsafe(slotMillis(cadence, millis(from), count, anchorDay))

/**
 * When the run of a slot is late: its slack after the slot.
 *
 * @category getters
 * @since 0.1.0
 */
export const lateAt = (cadence: Cadence, slot: DateTime.Utc): DateTime.Utc =>
  DateTime.makeUnsafe(lateMillis(cadence, millis(slot)))

/**
 * What tells when a schedule runs.
 *
 * @category models
 * @since 0.1.0
 */
export interface Schedule extends Rhythms.Schedule {}

/**
 * When a schedule should have run first: at the first of its slots on a day that is its step after the one on which it was
 * created, or later. Where the service does not say when it runs next, its slots are not known, and it is a day later
 * than it could be. `undefined` if nobody knows when it was created, and for a frequency that this library does not know.
 *
 * @category getters
 * @since 0.1.0
 */
export const firstSlot = ({ createdAt, frequency, nextScheduledRun: next }: Schedule): DateTime.Utc | undefined => {
  const cadence = of(frequency)
  if (cadence === undefined || !createdAt) return undefined
  const afterStep = slotMillis(cadence, millis(createdAt), 1)
  if (!next) return DateTime.makeUnsafe(afterStep + dayMillis)
  // On the last day of a short month it may keep to a day that this month does not have.
  const nextDay = dayOf(millis(next))
  const anchorDay = nextDay === lastDayOf(millis(next)) ? Math.max(nextDay, dayOf(millis(createdAt))) : nextDay
  return DateTime.makeUnsafe(slotFrom(cadence, millis(next), afterStep - modulo(afterStep, dayMillis), anchorDay))
}

// ============================================================================
// Rhythms
// ============================================================================

/**
 * What the runs of a schedule tell of when it runs, to be asked with {@link missed}, {@link lateAfter} and
 * {@link anchorDay}. Times in it are milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rhythm extends Rhythms.Rhythm {}

/**
 * How often a schedule runs by what its latest runs show, in any order: the step that three of them are apart, at least,
 * and none of them by much less. `undefined` if they show no such step. For a frequency that this library does not know.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromRuns = (runs: Iterable<BackupRun.BackupRun>, now: DateTime.Utc): Cadence | undefined =>
  Rhythms.stepOf(
    Rhythms.timesOf(runs, millis(now)).filter((at) => at <= millis(now) + Duration.toMillis(futureTolerance))
  )

/**
 * Reads what the runs of a schedule tell, in any order. For a frequency that this library does not know, the rhythm is
 * that of {@link fromRuns}; `undefined` if there is none.
 *
 * - Runs are what has begun. A row that is `Scheduled` proves nothing: the service may send none.
 * - Two runs that are no whole number of steps apart are of two rhythms: between them the schedule was paused and
 *   resumed, or its frequency was changed.
 * - Nothing says when a frequency was changed. That it was slower is known by two steps of it in a row, the one before
 *   the first run included, or by one where nothing is known of the time before.
 *
 * @category constructors
 * @since 0.1.0
 */
export const rhythm = (
  schedule: Schedule,
  runs: Iterable<BackupRun.BackupRun>,
  now: DateTime.Utc
): Rhythm | undefined => {
  const begun = Array.fromIterable(runs).filter(BackupRun.hasBegun)
  return Rhythms.rhythmOf(schedule, begun, Rhythms.timesOf(begun, millis(now)), millis(now))
}

/**
 * The day of the month that a schedule keeps to, by its runs and by when it runs next: 31, if its latest run was on 28
 * February and the next is on 31 March. `undefined` if it does not run monthly, or has not run.
 *
 * @category getters
 * @since 0.1.0
 */
export const anchorDay = ({ begun, cadence }: Rhythm): number | undefined =>
  cadence === cadences.monthly ? begun.at(-1)?.anchorDay : undefined

/**
 * When what a run has made is too old, since the next should have taken its place. `undefined` if there is no run of that
 * time.
 *
 * @category getters
 * @since 0.1.0
 */
export const lateAfter = (rhythm: Rhythm, at: DateTime.Utc): DateTime.Utc | undefined => {
  const run = rhythm.begun.findLast((run) => run.at === millis(at))
  return run && DateTime.makeUnsafe(lateMillis(rhythm.cadence, Rhythms.slotsAfter(rhythm, run).first))
}

/**
 * The times since another at which a schedule should have run and has not, oldest first: between two of its runs and, if
 * it is enabled, after the latest.
 *
 * - Between two rhythms nothing is missing.
 * - A run after the latest is missing when its slack is over. Where the service says when the schedule runs next, that
 *   time has to agree, so that a rhythm that has begun anew is not taken for missing runs.
 * - Where runs lay a week or a month apart and the schedule is faster now, nothing is missing up to the time at which the
 *   slower one would have run again.
 * - What was before the first run is not known, and neither is anything of a schedule without runs.
 *
 * @category getters
 * @since 0.1.0
 */
export const missed = (rhythm: Rhythm, since: DateTime.Utc): ReadonlyArray<DateTime.Utc> => {
  const { begun, cadence, isEnabled, now, tolerance } = rhythm
  const found: globalThis.Array<DateTime.Utc> = []

  /** Adds the slots of a rhythm that are wanted, from one time until before another. */
  const add = (run: number, from: number, to: number, anchorDay: number) => {
    if (to <= millis(since)) return
    const first = slotFrom(cadence, run, Math.max(from, millis(since)), anchorDay)
    for (
      let count = 0, at = first;
      at < to && lateMillis(cadence, at) < now;
      at = slotMillis(cadence, first, ++count, anchorDay)
    ) {
      found.push(DateTime.makeUnsafe(at))
    }
  }

  for (const [position, run] of begun.entries()) {
    const before = begun[position - 1]
    if (before === undefined || run.count === undefined || run.count < 2) continue
    if (Rhythms.wasSlower(cadence, before, run, begun[position + 1])) continue
    add(before.slotAt, before.at + tolerance, run.slotAt - tolerance, run.anchorDay)
  }
  const latest = begun.at(-1)
  if (latest !== undefined && isEnabled) {
    const { anchorDay, first, from } = Rhythms.slotsAfter(rhythm, latest)
    add(from, first, Infinity, anchorDay)
  }
  return found
}
