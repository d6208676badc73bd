/**
 * Cadence of a schedule: the interval and time slots of its runs, when a run is late, and which runs were missed.
 *
 * **Example** (Finding a missed run)
 *
 * ```ts
 * import { BackupId } from "@pinecone-backups/core/Backup"
 * import type * as BackupRun from "@pinecone-backups/core/BackupRun"
 * import * as Cadence from "@pinecone-backups/core/health/Cadence"
 * import { IndexId, IndexName } from "@pinecone-backups/core/PineconeIndex"
 * import * as DateTime from "effect/DateTime"
 *
 * const at = (day: string) => DateTime.makeUnsafe(`2026-11-${day}T06:00:00Z`)
 * const runs = ["16", "17", "19"].map((day): BackupRun.BackupRun => ({
 *   backupId: BackupId.make(`run-${day}`),
 *   sourceIndexId: IndexId.make("index-1"),
 *   sourceIndexName: IndexName.make("docs"),
 *   status: "Ready",
 *   createdAt: at(day)
 * }))
 * const rhythm = Cadence.rhythm({ frequency: "daily", enabled: true }, runs, at("20"))
 * const missed = rhythm ? Cadence.missed(rhythm, at("01")) : []
 *
 * console.log(missed.map(DateTime.formatIsoDateUtc)) // => [ '2026-11-18' ]
 * ```
 *
 * @since 0.1.0
 */

import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as BackupRun from "../BackupRun.ts"
import type * as BackupSchedule from "../BackupSchedule.ts"
import { dayMillis, millis } from "../internal/time.ts"
import { isFutureMillis } from "./internal/judging.ts"
import * as Rhythms from "./internal/rhythms.ts"
import { dayOf, lastDayOf, lateMillis, modulo, slotFrom, slotMillis } from "./internal/slots.ts"

// ============================================================================
// Frequencies
// ============================================================================

/**
 * Interval and tolerance of a frequency, in days and hours.
 *
 * @category models
 * @since 0.1.0
 */
export interface Cadence extends Rhythms.Cadence {}

/**
 * The cadence of each frequency.
 *
 * @category models
 * @since 0.1.0
 */
export const cadences: Readonly<Record<BackupSchedule.Frequency, Cadence>> = Rhythms.cadences

/**
 * Returns the cadence of a frequency; `undefined` for a frequency that this version does not know.
 *
 * @category getters
 * @since 0.1.0
 */
export const of = (frequency: BackupSchedule.BackupSchedule["frequency"]): Cadence | undefined =>
  Rhythms.cadenceOf(frequency)

/**
 * Returns the time of the run that follows a given run by `count` intervals, or precedes it if `count` is negative.
 *
 * **Details**
 *
 * A monthly schedule runs on a fixed day of the month, `anchorDay` (1 to 31), or on the last day of a shorter month: 31
 * January, 28 February, 31 March. `anchorDay` defaults to the day of `from`.
 *
 * @category getters
 * @since 0.1.0
 */
export const slot = (cadence: Cadence, from: DateTime.Utc, count: number, anchorDay?: number): DateTime.Utc =>
  DateTime.makeUnsafe(slotMillis(cadence, millis(from), count, anchorDay))

/**
 * Returns the time when the run of a slot becomes late: the slot plus the slack of the cadence.
 *
 * @category getters
 * @since 0.1.0
 */
export const lateAt = (cadence: Cadence, slot: DateTime.Utc): DateTime.Utc =>
  DateTime.makeUnsafe(lateMillis(cadence, millis(slot)))

/**
 * Fields of a schedule that determine when it runs.
 *
 * @category models
 * @since 0.1.0
 */
export interface Schedule extends Rhythms.Schedule {}

/**
 * Returns the time at which the first run of a schedule is due.
 *
 * **Details**
 *
 * This is the first slot on or after the day that is one step after the creation. Without `nextScheduledRun`, the slots are
 * unknown, and the result is up to a day late. Returns `undefined` if the creation time or the frequency is unknown.
 *
 * @category getters
 * @since 0.1.0
 */
export const firstSlot = ({ createdAt, frequency, nextScheduledRun: next }: Schedule): DateTime.Utc | undefined => {
  const cadence = of(frequency)
  if (cadence === undefined || !createdAt) return undefined
  const afterStep = slotMillis(cadence, millis(createdAt), 1)
  if (!next) return DateTime.makeUnsafe(afterStep + dayMillis)
  // On the last day of a short month, the anchor day may be a day that the month does not have.
  const nextDay = dayOf(millis(next))
  const anchorDay = nextDay === lastDayOf(millis(next)) ? Math.max(nextDay, dayOf(millis(createdAt))) : nextDay
  return DateTime.makeUnsafe(slotFrom(cadence, millis(next), afterStep - modulo(afterStep, dayMillis), anchorDay))
}

// ============================================================================
// Rhythms
// ============================================================================

/**
 * Time slots of a schedule, derived from its runs. Input of {@link missed}, {@link lateAfter} and {@link anchorDay}.
 *
 * **Details**
 *
 * Times are in milliseconds since the epoch.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rhythm extends Rhythms.Rhythm {}

/**
 * Derives the cadence of a schedule from its latest runs, in any order.
 *
 * **When to use**
 *
 * For a frequency that this version does not know.
 *
 * **Details**
 *
 * The interval must occur at least three times, and no interval may be much shorter. Otherwise returns `undefined`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromRuns = (runs: Iterable<BackupRun.BackupRun>, now: DateTime.Utc): Cadence | undefined =>
  Rhythms.stepOf(
    Rhythms.timesOf(runs, millis(now)).filter((at) => !isFutureMillis(at, millis(now)))
  )

/**
 * Derives the time slots of a schedule from its runs, in any order.
 *
 * **Details**
 *
 * - For a frequency that this version does not know, uses the cadence of {@link fromRuns}, and returns `undefined` if
 *   that result is `undefined`.
 * - Only started runs count. `Scheduled` rows are ignored, because the service may not list them.
 * - Two runs that are not a whole number of steps apart belong to two cadences: in between, the schedule was paused and
 *   resumed, or its frequency was changed.
 * - The service does not report when a frequency was changed. Two consecutive steps of a slower frequency show that the
 *   schedule was slower before. The step before the first run counts, and a single step is enough if nothing is known
 *   about the time before it.
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
 * Returns the day of the month on which a monthly schedule runs, from its runs and its next run: 31 if the latest run was
 * on 28 February and the next is on 31 March. Returns `undefined` if the schedule is not monthly or has not run.
 *
 * @category getters
 * @since 0.1.0
 */
export const anchorDay = ({ begun, cadence }: Rhythm): number | undefined =>
  cadence === cadences.monthly ? begun.at(-1)?.anchorDay : undefined

/**
 * Returns the time when the backup of a run becomes too old, because the next run is late. Returns `undefined` if no
 * run has the time `at`.
 *
 * @category getters
 * @since 0.1.0
 */
export const lateAfter = (rhythm: Rhythm, at: DateTime.Utc): DateTime.Utc | undefined => {
  const run = rhythm.begun.findLast((run) => run.at === millis(at))
  return run && DateTime.makeUnsafe(lateMillis(rhythm.cadence, Rhythms.slotsAfter(rhythm, run).first))
}

/**
 * Returns the times of missed runs from `since` on, oldest first: between two runs and, for an enabled schedule, after the
 * latest run.
 *
 * **Details**
 *
 * - No run is missed between two cadences.
 * - A run after the latest run is missed once its slack has passed. If the service reports the next run, the missed time
 *   must fit it, so that a restarted cadence does not look like missed runs.
 * - After a change from weekly or monthly to a faster frequency, no run is missed until the slower schedule would have run
 *   again.
 * - No run is missed before the first run, or of a schedule without runs.
 *
 * @category getters
 * @since 0.1.0
 */
export const missed = (rhythm: Rhythm, since: DateTime.Utc): ReadonlyArray<DateTime.Utc> => {
  const { begun, cadence, isEnabled, now, tolerance } = rhythm
  const found: globalThis.Array<DateTime.Utc> = []

  /** Adds the slots from `from` to before `to` that are late and not before `since`. */
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
