/** What the runs of a schedule tell of its rhythm, in milliseconds, since a project has a hundred thousand runs. */
import * as Array from "effect/Array"
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import { identity } from "effect/Function"
import * as Order from "effect/Order"
import * as BackupRun from "../../BackupRun.ts"
import type * as BackupSchedule from "../../BackupSchedule.ts"
import * as RunTimes from "../../internal/run-times.ts"
import { dayMillis, hourMillis, millis, millisOf, minuteMillis } from "../../internal/time.ts"
import { futureTolerance, takenAtMillis } from "./judging.ts"
import { dayOf, deviationOf, lastDayOf, modulo, runsBetween, slotFrom } from "./slots.ts"

/** What a frequency means in days and hours. */
export interface Cadence {
  /** From one run to the next. */
  readonly step: { readonly days: number } | { readonly months: number }
  /** The longest time from one run to the next, in days: months have up to 31. */
  readonly longestDays: number
  /** How many hours after its time a run may begin, or its backup be ready, before that is too late. */
  readonly slackHours: number
}

export const cadences: Readonly<Record<BackupSchedule.Frequency, Cadence>> = {
  daily: { step: { days: 1 }, longestDays: 1, slackHours: 2 },
  weekly: { step: { days: 7 }, longestDays: 7, slackHours: 6 },
  monthly: { step: { months: 1 }, longestDays: 31, slackHours: 24 }
}

export const cadenceOf = (frequency: BackupSchedule.BackupSchedule["frequency"]): Cadence | undefined =>
  Object.hasOwn(cadences, frequency) ? cadences[frequency as BackupSchedule.Frequency] : undefined

/** What tells when a schedule runs. */
export interface Schedule {
  readonly createdAt?: DateTime.Utc | null | undefined
  readonly enabled?: boolean | null | undefined
  readonly frequency: BackupSchedule.BackupSchedule["frequency"]
  readonly nextScheduledRun?: DateTime.Utc | null | undefined
}

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

/** What the runs of a schedule tell of when it runs. */
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

const isPlanned = (run: BackupRun.BackupRun): boolean => RunTimes.plannedFor(run) !== undefined

/** The times of those that have begun, in order. */
export const timesOf = (runs: Iterable<BackupRun.BackupRun>, now: number): ReadonlyArray<number> => {
  const times: globalThis.Array<number> = []
  for (const run of runs) {
    const at = BackupRun.hasBegun(run) ? takenAtMillis(run, true, now) : undefined
    if (at !== undefined) times.push(at)
  }
  return times.sort((self, that) => self - that)
}

/** The step of times in order. */
export const stepOf = (times: ReadonlyArray<number>): Cadence | undefined => {
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

/** Reads runs that have begun, and their times, in order. */
export const rhythmOf = (
  schedule: Schedule,
  begun: ReadonlyArray<BackupRun.BackupRun>,
  times: ReadonlyArray<number>,
  now: number
): Rhythm | undefined => {
  const cadence = cadenceOf(schedule.frequency) ??
    stepOf(times.filter((at) => at <= now + Duration.toMillis(futureTolerance)))
  if (cadence === undefined) return undefined
  return read(cadence, schedule, times, now, toleranceOf(cadence, times, () => begun.every(isPlanned)))
}

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
 * The slots after a run: the first that it should have been followed by, and what they are counted from. When the
 * schedule runs next tells their rhythm, which may have begun after the run.
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
