/** Rhythms of schedules, derived from runs. Times are in milliseconds because a project can have 100,000 runs. */
import * as Array from "effect/Array"
import type * as DateTime from "effect/DateTime"
import { identity } from "effect/Function"
import * as Order from "effect/Order"
import * as BackupRun from "../../BackupRun.ts"
import type * as BackupSchedule from "../../BackupSchedule.ts"
import * as RunTimes from "../../internal/run-times.ts"
import { dayMillis, hourMillis, millis, millisOf, minuteMillis } from "../../internal/time.ts"
import { isFutureMillis, takenAtMillis } from "./judging.ts"
import { dayOf, deviationOf, lastDayOf, modulo, runsBetween, slotFrom } from "./slots.ts"

/** Interval and tolerance of a frequency, in days and hours. */
export interface Cadence {
  /** Interval from one run to the next. */
  readonly step: { readonly days: number } | { readonly months: number }
  /** Maximum interval from one run to the next, in days. 31 for months. */
  readonly longestDays: number
  /** Number of hours after the slot within which a run must start and its backup must be ready. */
  readonly slackHours: number
}

export const cadences: Readonly<Record<BackupSchedule.Frequency, Cadence>> = {
  daily: { step: { days: 1 }, longestDays: 1, slackHours: 2 },
  weekly: { step: { days: 7 }, longestDays: 7, slackHours: 6 },
  monthly: { step: { months: 1 }, longestDays: 31, slackHours: 24 }
}

export const cadenceOf = (frequency: BackupSchedule.BackupSchedule["frequency"]): Cadence | undefined =>
  Object.hasOwn(cadences, frequency) ? cadences[frequency as BackupSchedule.Frequency] : undefined

/** Fields of a schedule that determine when it runs. */
export interface Schedule {
  readonly createdAt?: DateTime.Utc | null | undefined
  readonly enabled?: boolean | null | undefined
  readonly frequency: BackupSchedule.BackupSchedule["frequency"]
  readonly nextScheduledRun?: DateTime.Utc | null | undefined
}

/** A started run. */
interface Begun {
  readonly at: number
  /** Slot of the run. With slots shortly before midnight, some runs start on the next day. */
  readonly slotAt: number
  /** Number of slots since the previous run; `undefined` for the first run and if the rhythm changed in between. */
  readonly count: number | undefined
  /** Number of days since the previous run; 0 for the first run. */
  readonly gap: number
  /** Slower frequency whose step matches the time since the previous run. */
  readonly slowerStep: Cadence | undefined
  /** Slower frequency of the schedule until this run, if its runs show that. */
  readonly slower: Cadence | undefined
  /** Day of the month of the rhythm, for a monthly schedule. */
  anchorDay: number
}

/** Time slots of a schedule, derived from its runs. */
export interface Rhythm {
  readonly cadence: Cadence
  /** Started runs, oldest first. */
  readonly begun: ReadonlyArray<Begun>
  /** Next run, if it is in the future. */
  readonly next: number | undefined
  readonly isEnabled: boolean
  readonly now: number
  /** Maximum distance of a run from its slot. */
  readonly tolerance: number
}

/** Maximum number of intervals, and minimum number of similar intervals, from which an unknown frequency is derived. */
const observed = { most: 10, least: 3 }

const isPlanned = (run: BackupRun.BackupRun): boolean => RunTimes.plannedFor(run) !== undefined

/** Sorted times of the started runs. */
export const timesOf = (runs: Iterable<BackupRun.BackupRun>, now: number): ReadonlyArray<number> => {
  const times: globalThis.Array<number> = []
  for (const run of runs) {
    const at = BackupRun.hasBegun(run) ? takenAtMillis(run, true, now) : undefined
    if (at !== undefined) times.push(at)
  }
  return times.sort((self, that) => self - that)
}

/** Derives a cadence from sorted times. */
export const stepOf = (times: ReadonlyArray<number>): Cadence | undefined => {
  const latest = times.slice(-observed.most - 1)
  const gaps = Array.sort(
    latest.slice(1).map((at, position) => (at - (latest[position] ?? at)) / dayMillis),
    Order.Number
  )
  const [smallest = 0] = gaps
  // Runs less than 15 minutes apart do not show an interval.
  if (smallest < 1 / 24 / 4) return undefined
  // Months have 28 to 31 days, and runs start some minutes late.
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

/** Derives a rhythm from started runs and their sorted times. */
export const rhythmOf = (
  schedule: Schedule,
  begun: ReadonlyArray<BackupRun.BackupRun>,
  times: ReadonlyArray<number>,
  now: number
): Rhythm | undefined => {
  const cadence = cadenceOf(schedule.frequency) ??
    stepOf(times.filter((at) => !isFutureMillis(at, now)))
  if (cadence === undefined) return undefined
  return read(cadence, schedule, times, now, toleranceOf(cadence, times, () => begun.every(isPlanned)))
}

/** Planned times are exact to the second. */
const leastToleranceMillis = 5 * minuteMillis

/** Minimum number of intervals from which the tolerance is derived. */
const leastGaps = 4

/**
 * Maximum distance of a run from its slot. A run further away belongs to another rhythm. Without planned times, runs start
 * some minutes late: up to 1/24 of the step, and up to 3 hours. A long enough history shows its own deviation.
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
 * Returns `true` if the first run of a frequency can follow the previous run after `days`. The maximum is the step of
 * the frequency, plus 1 day until the time of day of the runs, plus the days between the previous run and the change of
 * the frequency.
 */
const isFirstStep = ({ longestDays }: Cadence, days: number, waited: number): boolean =>
  days > (longestDays < 28 ? longestDays - 0.1 : 27) && days <= longestDays + 1 + waited

/** Slower frequency whose step can be `days` long. */
const slowerOf = ({ longestDays }: Cadence, days: number): Cadence | undefined =>
  longestDays < 7 && isFirstStep(cadences.weekly, days, 0)
    ? cadences.weekly
    : longestDays < 28 && isFirstStep(cadences.monthly, days, 0)
    ? cadences.monthly
    : undefined

/**
 * Maps the time of a run to its slot. If some runs start shortly before midnight and others shortly after, the latter belong
 * to the previous day, because runs start late, not early.
 */
const slotOf = (times: ReadonlyArray<number>, tolerance: number): (at: number) => number => {
  const timeOfDay = (at: number) => modulo(at, dayMillis)
  const isJustAfter = (at: number) => timeOfDay(at) <= tolerance
  return times.some((at) => timeOfDay(at) >= dayMillis - tolerance) && times.some(isJustAfter)
    ? (at) => isJustAfter(at) ? at - timeOfDay(at) - 1 : at
    : identity
}

/** Sets the day of the month of each rhythm: the largest day of its runs, because short months have smaller days. */
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
      // If all runs are on the last days of short months, the anchor day may be the day of the creation.
      if (createdAt && slots.every(isAtEnd)) slots.push(millis(createdAt))
    }
    const anchorDay = slots.reduce((day, slot) => Math.max(day, dayOf(slot)), 1)
    for (const run of rhythm) run.anchorDay = anchorDay
  }
}

/** Derives a rhythm from sorted times. */
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
    // The time of a run dated in the future is unreliable.
    if (isFutureMillis(at, now)) break
    if (before === undefined) {
      const days = schedule.createdAt ? (at - millis(schedule.createdAt)) / dayMillis : Infinity
      // A history that starts long after the creation may have lost runs.
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

/** Returns `true` if there are no slots between a run and the previous run, because the schedule was slower then. */
export const wasSlower = (
  { longestDays }: Cadence,
  before: Begun,
  { gap, slower }: Begun,
  after: Begun | undefined
): boolean =>
  slower !== undefined ||
  (before.slower !== undefined && gap <= before.slower.longestDays + longestDays + 1) ||
  (after?.slowerStep !== undefined && isFirstStep(after.slowerStep, gap, longestDays))

/**
 * The slots after a run: the first slot, and the time from which slots are counted. The next run of the schedule determines
 * the rhythm, which may have started after the run.
 */
export const slotsAfter = ({ begun, cadence, next, tolerance }: Rhythm, run: Begun) => {
  const from = next ?? run.slotAt
  const anchorDay = next === undefined || runsBetween(cadence, run.slotAt, next, tolerance) !== undefined
    ? run.anchorDay
    : dayOf(next)
  const slower = run === begun.at(-1) ? run.slower : undefined
  const days = slower === undefined ? cadence.longestDays / 2 : slower.longestDays + cadence.longestDays - 0.5
  return { from, anchorDay, first: slotFrom(cadence, from, run.at + days * dayMillis, anchorDay) }
}
