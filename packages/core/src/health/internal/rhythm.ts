import * as DateTime from "effect/DateTime"
import type * as BackupSchedule from "../../BackupSchedule.ts"

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

export const cadences: Readonly<Record<BackupSchedule.Frequency, Cadence>> = {
  daily: { step: { days: 1 }, longestDays: 1, slackHours: 2 },
  weekly: { step: { days: 7 }, longestDays: 7, slackHours: 6 },
  monthly: { step: { months: 1 }, longestDays: 31, slackHours: 24 }
}

export const of = (frequency: BackupSchedule.BackupSchedule["frequency"]): Cadence | undefined =>
  Object.hasOwn(cadences, frequency) ? cadences[frequency as BackupSchedule.Frequency] : undefined

// Times are milliseconds from here on: a project has a hundred thousand runs.

const hourMillis = 3_600_000
const dayMillis = 24 * hourMillis

/** Planned times are exact to the second. What lies further apart is another rhythm. */
const toleranceMillis = 5 * 60_000

const dayOf = (at: number): number => DateTime.getPartUtc(DateTime.makeUnsafe(at), "day")

const lastDayOf = (at: number): number =>
  dayOf(DateTime.toEpochMillis(DateTime.endOf(DateTime.makeUnsafe(at), "month")))

/** Months since the year 0. */
const monthOf = (at: number): number => {
  const { month, year } = DateTime.toPartsUtc(DateTime.makeUnsafe(at))
  return year * 12 + month
}

/** The time that lies so many runs after a run, on a day of the month or the last one that there is. */
export const slot = ({ step }: Cadence, from: number, count: number, anchorDay: number = dayOf(from)): number => {
  if ("days" in step) return from + step.days * count * dayMillis
  const month = DateTime.add(DateTime.makeUnsafe(from), { months: step.months * count })
  const day = Math.min(anchorDay, lastDayOf(DateTime.toEpochMillis(month)))
  return DateTime.toEpochMillis(month) + (day - DateTime.getPartUtc(month, "day")) * dayMillis
}

/** How many runs apart two times of one rhythm are; `undefined` if they are of two. */
const runsBetween = ({ step }: Cadence, from: number, to: number): number | undefined => {
  if ("days" in step) {
    const stepMillis = step.days * dayMillis
    const count = Math.round((to - from) / stepMillis)
    return Math.abs(from + count * stepMillis - to) <= toleranceMillis ? count : undefined
  }
  if (Math.abs((from % dayMillis) - (to % dayMillis)) > toleranceMillis) return undefined
  // Of two days that differ, the smaller is the end of a month that is too short for the other.
  const [smaller, larger] = dayOf(from) <= dayOf(to) ? [from, to] : [to, from]
  return dayOf(smaller) === dayOf(larger) || dayOf(smaller) === lastDayOf(smaller)
    ? monthOf(to) - monthOf(from)
    : undefined
}

/** How many whole steps there are from one time to another, or one too many. */
const runsUntil = ({ step }: Cadence, from: number, to: number): number =>
  "days" in step ? Math.floor((to - from) / (step.days * dayMillis)) : monthOf(to) - monthOf(from)

/** The first time, not before `earliest`, that lies a number of runs after or before a run. */
const slotFrom = (cadence: Cadence, run: number, earliest: number, anchorDay: number): number => {
  const back = runsUntil(cadence, earliest, run)
  const first = slot(cadence, run, -back, anchorDay)
  return first < earliest ? slot(cadence, run, 1 - back, anchorDay) : first
}

/** The first slot on a day that is a step after the one on which a schedule was created, or later. */
export const firstSlot = (cadence: Cadence, createdAt: number, next: number | undefined): number => {
  const afterStep = slot(cadence, createdAt, 1)
  if (next === undefined) return afterStep + dayMillis
  // On the last day of a short month it may keep to a day that this month does not have.
  const anchorDay = dayOf(next) === lastDayOf(next) ? Math.max(dayOf(next), dayOf(createdAt)) : dayOf(next)
  return slotFrom(cadence, next, afterStep - modulo(afterStep, dayMillis), anchorDay)
}

const modulo = (number: number, divisor: number): number => ((number % divisor) + divisor) % divisor

/** A run that has begun. */
interface Begun {
  readonly at: number
  /** How many runs after the one before it is; `undefined` if it is of another rhythm, or the first. */
  readonly count: number | undefined
  /** How many days after the one before it is; 0 for the first. */
  readonly gap: number
  /** The slower frequency that the time between it and the one before it is a step of. */
  readonly slowerStep: Cadence | undefined
  /** The slower frequency that the schedule had up to it, as far as its runs tell. */
  readonly slower: Cadence | undefined
  /** The day of the month that its rhythm keeps to: the largest there is, since short months have smaller ones. */
  anchorDay: number
  /** Whether it and those before it of its rhythm were on the last day of their month. Of monthly ones alone. */
  isAtEnd: boolean
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
}

/** What tells when a schedule runs. */
export interface Schedule {
  readonly createdAt?: DateTime.Utc | null | undefined
  readonly enabled?: boolean | null | undefined
  readonly frequency: BackupSchedule.BackupSchedule["frequency"]
  readonly nextScheduledRun?: DateTime.Utc | null | undefined
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
 * Reads what the times of runs tell, which are to be in order. Nothing says when a frequency was changed: that it was slower
 * is known by two steps of it in a row, the one before the first run included, or by one where nothing is known of the
 * time before.
 */
export const read = (cadence: Cadence, schedule: Schedule, times: ReadonlyArray<number>, now: number): Rhythm => {
  const isMonthly = cadence === cadences.monthly
  const next = schedule.nextScheduledRun ? DateTime.toEpochMillis(schedule.nextScheduledRun) : undefined
  const begun: Array<Begun> = []
  let before: Begun | undefined
  let gapBefore: number | undefined
  for (const at of times) {
    if (at > now) break
    const day = isMonthly ? dayOf(at) : 1
    const isAtEnd = isMonthly && day === lastDayOf(at)
    if (before === undefined) {
      const days = schedule.createdAt ? (at - DateTime.toEpochMillis(schedule.createdAt)) / dayMillis : Infinity
      // Of a history that begins long after the creation, something may be gone.
      gapBefore = days > cadences.monthly.longestDays + 1 ? undefined : days
      const slower = slowerOf(cadence, days)
      before = { at, count: undefined, gap: 0, slowerStep: slower, slower, anchorDay: day, isAtEnd }
    } else {
      const count = runsBetween(cadence, before.at, at)
      const gap = (at - before.at) / dayMillis
      const slower = slowerOf(cadence, gap)
      const slowerStep = slower !== undefined && runsBetween(slower, before.at, at) === 1 ? slower : undefined
      const isKnown = slowerStep !== undefined &&
        (gapBefore === undefined || isFirstStep(slowerStep, gapBefore, cadence.longestDays))
      before = {
        at,
        count,
        gap,
        slowerStep,
        slower: isKnown ? slowerStep : undefined,
        anchorDay: count === undefined ? day : Math.max(day, before.anchorDay),
        isAtEnd: isAtEnd && (count === undefined || before.isAtEnd)
      }
      gapBefore = gap
    }
    begun.push(before)
  }
  if (isMonthly) {
    if (before !== undefined && next !== undefined && runsBetween(cadence, before.at, next) !== undefined) {
      before.anchorDay = Math.max(before.anchorDay, dayOf(next))
      before.isAtEnd &&= dayOf(next) === lastDayOf(next)
    }
    // One that runs on the last days of short months may keep to the day on which it was created.
    if (before?.isAtEnd === true && schedule.createdAt) {
      before.anchorDay = Math.max(before.anchorDay, dayOf(DateTime.toEpochMillis(schedule.createdAt)))
    }
    // All of a rhythm keep to the day of its last.
    for (let position = begun.length - 2; position >= 0; position--) {
      const run = begun[position]
      const after = begun[position + 1]
      if (run !== undefined && after?.count !== undefined) run.anchorDay = after.anchorDay
    }
  }
  return {
    cadence,
    begun,
    next: next !== undefined && next > now ? next : undefined,
    isEnabled: schedule.enabled !== false,
    now
  }
}

/** The day of the month that it keeps to now. */
export const anchorDay = ({ begun }: Rhythm): number | undefined => begun.at(-1)?.anchorDay

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
const slotsAfter = ({ begun, cadence, next }: Rhythm, run: Begun) => {
  const from = next ?? run.at
  const anchorDay = next === undefined || runsBetween(cadence, run.at, next) !== undefined
    ? run.anchorDay
    : dayOf(next)
  const slower = run === begun.at(-1) ? run.slower : undefined
  const days = slower === undefined ? cadence.longestDays / 2 : slower.longestDays + cadence.longestDays - 0.5
  return { from, anchorDay, first: slotFrom(cadence, from, run.at + days * dayMillis, anchorDay) }
}

/** When what a run has made is too old, since the next should have taken its place. `undefined` if there is no such run. */
export const lateAfter = (rhythm: Rhythm, at: number): number | undefined => {
  const run = rhythm.begun.findLast((run) => run.at === at)
  return run === undefined ? undefined : slotsAfter(rhythm, run).first + rhythm.cadence.slackHours * hourMillis
}

/** The slots since a time, the oldest first, at which there should have been a run. */
export const missed = (rhythm: Rhythm, since: number): ReadonlyArray<number> => {
  const { begun, cadence, isEnabled, now } = rhythm
  const late = now - cadence.slackHours * hourMillis
  const found: Array<number> = []

  /** Adds the slots of a rhythm that are wanted, from one time until before another. */
  const add = (run: number, from: number, to: number, anchorDay: number) => {
    if (to <= since) return
    const first = slotFrom(cadence, run, Math.max(from, since), anchorDay)
    for (let count = 0, at = first; at < Math.min(to, late); at = slot(cadence, first, ++count, anchorDay)) {
      found.push(at)
    }
  }

  for (const [position, run] of begun.entries()) {
    const before = begun[position - 1]
    if (before === undefined || run.count === undefined || run.count < 2) continue
    if (wasSlower(cadence, before, run, begun[position + 1])) continue
    add(before.at, before.at + toleranceMillis, run.at - toleranceMillis, run.anchorDay)
  }
  const latest = begun.at(-1)
  if (latest !== undefined && isEnabled) {
    const { anchorDay, first, from } = slotsAfter(rhythm, latest)
    add(from, first, Infinity, anchorDay)
  }
  return found
}
