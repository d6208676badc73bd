/**
 * How often a schedule runs: when its next run is due, and which of its runs are missing.
 *
 * @since 0.1.0
 */
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import { identity } from "effect/Function"
import * as Order from "effect/Order"
import * as BackupRun from "../BackupRun.ts"
import type * as BackupSchedule from "../BackupSchedule.ts"
import * as RunTimes from "../internal/run-times.ts"
import { dayMillis, hourMillis, millis, millisOf, minuteMillis } from "../internal/time.ts"
import { futureTolerance, takenAtMillis } from "./Copies.ts"
import {
  dayOf,
  deviationOf,
  lastDayOf,
  lateMillis,
  modulo,
  runsBetween,
  slotFrom,
  slotMillis
} from "./internal/slots.ts"

// ============================================================================
// Frequencies
// ============================================================================

/**
 * What a frequency means in days and hours.
 *
 * @category models
 * @since 0.1.0
 */
export interface Cadence {
  /** From one run to the next. */
  readonly step: { readonly days: number } | { readonly months: number }
  /** The longest time from one run to the next, in days: months have up to 31. */
  readonly longestDays: number
  /** How many hours after its time a run may begin, or its backup be ready, before that is too late. */
  readonly slackHours: number
}

/**
 * What each frequency means.
 *
 * @category models
 * @since 0.1.0
 */
export const cadences: Readonly<Record<BackupSchedule.Frequency, Cadence>> = {
  daily: { step: { days: 1 }, longestDays: 1, slackHours: 2 },
  weekly: { step: { days: 7 }, longestDays: 7, slackHours: 6 },
  monthly: { step: { months: 1 }, longestDays: 31, slackHours: 24 }
}

/**
 * What a frequency means; `undefined` for one that this library does not know.
 *
 * @category getters
 * @since 0.1.0
 */
export const of = (frequency: BackupSchedule.BackupSchedule["frequency"]): Cadence | undefined =>
  Object.hasOwn(cadences, frequency) ? cadences[frequency as BackupSchedule.Frequency] : undefined

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
export interface Schedule {
  readonly createdAt?: DateTime.Utc | null | undefined
  readonly enabled?: boolean | null | undefined
  readonly frequency: BackupSchedule.BackupSchedule["frequency"]
  readonly nextScheduledRun?: DateTime.Utc | null | undefined
}

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

/** A run that has begun. */
interface Begun {
  readonly at: number
  /** When it should have run. Of a rhythm close to midnight, some runs begin on the day after. */
  readonly slotAt: number
  /** How many runs after the one before it is; `undefined` if it is of another rhythm, or the first. */
  readonly count: number | undefined
  /** How many days after the one before it is; 0 for the first. */
  readonly gap: number
  /** The slower frequency that the time between it and the one before it is a step of. */
  readonly slowerStep: Cadence | undefined
  /** The slower frequency that the schedule had up to it, as far as its runs tell. */
  readonly slower: Cadence | undefined
  /** The day of the month that its rhythm keeps to, if it runs monthly. */
  anchorDay: number
}

/**
 * What the runs of a schedule tell of when it runs, to be asked with {@link missed}, {@link lateAfter} and
 * {@link anchorDay}. Times in it are milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rhythm {
  readonly cadence: Cadence
  /** The runs that have begun, oldest first. */
  readonly begun: ReadonlyArray<Begun>
  /** When it runs next, if that is still to come. */
  readonly next: number | undefined
  readonly isEnabled: boolean
  readonly now: number
  /** How far from it runs may begin. */
  readonly tolerance: number
}

/** How many of the latest runs tell the rhythm of a frequency that nobody knows, and how many steps have to be alike. */
const observed = { most: 10, least: 3 }

/**
 * How often a schedule runs by what its latest runs show, in any order: the step that three of them are apart, at least,
 * and none of them by much less. `undefined` if they show no such step. For a frequency that this library does not know.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromRuns = (runs: Iterable<BackupRun.BackupRun>, now: DateTime.Utc): Cadence | undefined =>
  stepOf(timesOf(runs, millis(now)).filter((at) => at <= millis(now) + Duration.toMillis(futureTolerance)))

const isPlanned = (run: BackupRun.BackupRun): boolean => RunTimes.plannedFor(run) !== undefined

const timesOf = (runs: Iterable<BackupRun.BackupRun>, now: number): ReadonlyArray<number> => {
  const times: globalThis.Array<number> = []
  for (const run of runs) {
    const at = BackupRun.hasBegun(run) ? takenAtMillis(run, true, now) : undefined
    if (at !== undefined) times.push(at)
  }
  return times.sort((self, that) => self - that)
}

/** The step of times in order. */
const stepOf = (times: ReadonlyArray<number>): Cadence | undefined => {
  const latest = times.slice(-observed.most - 1)
  const gaps = Array.sort(
    latest.slice(1).map((at, position) => (at - (latest[position] ?? at)) / dayMillis),
    Order.Number
  )
  const [smallest = 0] = gaps
  // Two runs at once are no step.
  if (smallest < 1 / 24 / 4) return undefined
  // Months are of 28 to 31 days, and runs begin some minutes late.
  const alike = gaps.filter((gap) => gap < 1.25 * smallest)
  if (alike.length < observed.least) return undefined
  const days = alike[Math.floor(alike.length / 2)] ?? smallest
  const known = Object.values(cadences).find(({ longestDays, slackHours }) =>
    longestDays < 28
      ? Math.abs(days - longestDays) <= slackHours / 2 / 24
      : days > 27.5 && days < longestDays + 0.5
  )
  return known ?? { step: { days }, longestDays: days, slackHours: Math.min(24, 2 * days) }
}

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
  return rhythmOf(schedule, begun, timesOf(begun, millis(now)), millis(now))
}

/**
 * The same, of runs that have begun, and their times in milliseconds, in order.
 *
 * @internal
 */
export const rhythmOf = (
  schedule: Schedule,
  begun: ReadonlyArray<BackupRun.BackupRun>,
  times: ReadonlyArray<number>,
  now: number
): Rhythm | undefined => {
  const cadence = of(schedule.frequency) ??
    stepOf(times.filter((at) => at <= now + Duration.toMillis(futureTolerance)))
  if (cadence === undefined) return undefined
  return read(cadence, schedule, times, now, toleranceOf(cadence, times, () => begun.every(isPlanned)))
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
  return run && DateTime.makeUnsafe(lateMillis(rhythm.cadence, slotsAfter(rhythm, run).first))
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
    if (wasSlower(cadence, before, run, begun[position + 1])) continue
    add(before.slotAt, before.at + tolerance, run.slotAt - tolerance, run.anchorDay)
  }
  const latest = begun.at(-1)
  if (latest !== undefined && isEnabled) {
    const { anchorDay, first, from } = slotsAfter(rhythm, latest)
    add(from, first, Infinity, anchorDay)
  }
  return found
}

// ============================================================================
// In milliseconds, since a project has a hundred thousand runs
// ============================================================================

/** Planned times are exact to the second. */
const leastToleranceMillis = 5 * minuteMillis

/** How many times between runs have to be known before they tell how exact the runs are. */
const leastGaps = 4

/**
 * How far from their rhythm runs may begin. What lies further apart is another rhythm. Where nothing says when runs were
 * planned, they are some minutes late: up to a twenty-fourth of the step, and three hours at most. A history that is
 * long enough tells how exact it is.
 */
const toleranceOf = (cadence: Cadence, times: ReadonlyArray<number>, arePlanned: () => boolean): number => {
  const most = Math.max(leastToleranceMillis / 5, Math.min(3, cadence.longestDays) * hourMillis)
  const deviations = times.slice(1).map((at, position) => deviationOf(cadence, times[position] ?? at, at))
    .sort((self, that) => self - that)
  const usual = deviations[Math.floor(deviations.length / 2)] ?? 0
  return deviations.length < leastGaps
    ? arePlanned() ? Math.min(leastToleranceMillis, most) : most
    : Math.min(most, Math.max(leastToleranceMillis, 4 * usual))
}

/**
 * Whether so many days may lie before the first run of a frequency: its step, up to a day until the time it runs at, and
 * how long it had been, when the frequency was changed, that it ran.
 */
const isFirstStep = ({ longestDays }: Cadence, days: number, waited: number): boolean =>
  days > (longestDays < 28 ? longestDays - 0.1 : 27) && days <= longestDays + 1 + waited

/** The slower frequency that so many days could be a step of. */
const slowerOf = ({ longestDays }: Cadence, days: number): Cadence | undefined =>
  longestDays < 7 && isFirstStep(cadences.weekly, days, 0)
    ? cadences.weekly
    : longestDays < 28 && isFirstStep(cadences.monthly, days, 0)
    ? cadences.monthly
    : undefined

/**
 * When the runs of some times should have run. If some begin just before midnight and others just after it, the latter are
 * of the day that ends: runs begin late, and not early.
 */
const slotOf = (times: ReadonlyArray<number>, tolerance: number): (at: number) => number => {
  const timeOfDay = (at: number) => modulo(at, dayMillis)
  const isJustAfter = (at: number) => timeOfDay(at) <= tolerance
  return times.some((at) => timeOfDay(at) >= dayMillis - tolerance) && times.some(isJustAfter)
    ? (at) => isJustAfter(at) ? at - timeOfDay(at) - 1 : at
    : identity
}

/**
 * Finds the day of the month that the runs of each rhythm keep to: the largest there is, since short months have smaller
 * ones.
 */
const setAnchorDays = (
  begun: ReadonlyArray<Begun>,
  { createdAt }: Schedule,
  next: number | undefined,
  tolerance: number
): void => {
  const isAtEnd = (slot: number) => dayOf(slot) === lastDayOf(slot)
  for (let end = begun.length, start = end - 1; end > 0; end = start, start--) {
    while (begun[start]?.count !== undefined) start--
    const rhythm = begun.slice(start, end)
    const slots = rhythm.map(({ slotAt }) => slotAt)
    const latest = slots.at(-1)
    if (end === begun.length && latest !== undefined) {
      if (next !== undefined && runsBetween(cadences.monthly, latest, next, tolerance) !== undefined) slots.push(next)
      // One that runs on the last days of short months may keep to the day on which it was created.
      if (createdAt && slots.every(isAtEnd)) slots.push(millis(createdAt))
    }
    const anchorDay = slots.reduce((day, slot) => Math.max(day, dayOf(slot)), 1)
    for (const run of rhythm) run.anchorDay = anchorDay
  }
}

/** Reads what the times of runs tell, which are in order. */
const read = (
  cadence: Cadence,
  schedule: Schedule,
  times: ReadonlyArray<number>,
  now: number,
  tolerance: number
): Rhythm => {
  const nextAt = millisOf(schedule.nextScheduledRun)
  const toSlot = slotOf(nextAt === undefined ? times : [...times, nextAt], tolerance)
  const next = nextAt === undefined ? undefined : toSlot(nextAt)
  const begun: globalThis.Array<Begun> = []
  let before: Begun | undefined
  let gapBefore: number | undefined
  for (const at of times) {
    // One that is in the future tells nothing.
    if (at > now + Duration.toMillis(futureTolerance)) break
    if (before === undefined) {
      const days = schedule.createdAt ? (at - millis(schedule.createdAt)) / dayMillis : Infinity
      // Of a history that begins long after the creation, something may be gone.
      gapBefore = days > cadences.monthly.longestDays + 1 ? undefined : days
      const slower = slowerOf(cadence, days)
      before = { at, slotAt: toSlot(at), count: undefined, gap: 0, slowerStep: slower, slower, anchorDay: 1 }
    } else {
      const slotAt = toSlot(at)
      const count = runsBetween(cadence, before.slotAt, slotAt, tolerance)
      const gap = (at - before.at) / dayMillis
      const slower = slowerOf(cadence, gap)
      const slowerStep = slower !== undefined && runsBetween(slower, before.slotAt, slotAt, tolerance) === 1
        ? slower
        : undefined
      const isKnown = slowerStep !== undefined &&
        (gapBefore === undefined || isFirstStep(slowerStep, gapBefore, cadence.longestDays))
      before = {
        at,
        slotAt,
        count,
        gap,
        slowerStep,
        slower: isKnown ? slowerStep : undefined,
        anchorDay: 1
      }
      gapBefore = gap
    }
    begun.push(before)
  }
  if (cadence === cadences.monthly) setAnchorDays(begun, schedule, next, tolerance)
  return {
    cadence,
    begun,
    next: nextAt !== undefined && nextAt > now ? next : undefined,
    isEnabled: schedule.enabled !== false,
    now,
    tolerance
  }
}

/** Whether there are no slots between a run and the one before it, since the schedule had a slower frequency then. */
const wasSlower = (
  { longestDays }: Cadence,
  before: Begun,
  { gap, slower }: Begun,
  after: Begun | undefined
): boolean =>
  slower !== undefined ||
  (before.slower !== undefined && gap <= before.slower.longestDays + longestDays + 1) ||
  (after?.slowerStep !== undefined && isFirstStep(after.slowerStep, gap, longestDays))

/**
 * The slots after a run: the first that it should have been followed by, and what they are counted from. When the
 * schedule runs next tells their rhythm, which may have begun after the run.
 */
const slotsAfter = ({ begun, cadence, next, tolerance }: Rhythm, run: Begun) => {
  const from = next ?? run.slotAt
  const anchorDay = next === undefined || runsBetween(cadence, run.slotAt, next, tolerance) !== undefined
    ? run.anchorDay
    : dayOf(next)
  const slower = run === begun.at(-1) ? run.slower : undefined
  const days = slower === undefined ? cadence.longestDays / 2 : slower.longestDays + cadence.longestDays - 0.5
  return { from, anchorDay, first: slotFrom(cadence, from, run.at + days * dayMillis, anchorDay) }
}
