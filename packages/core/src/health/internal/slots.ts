import * as DateTime from "effect/DateTime"
import { dayMillis, hourMillis, millis } from "../../internal/time.ts"

// When runs are due, in milliseconds, since a project has a hundred thousand of them.

/** What a cadence says of the time from one run to the next. */
interface Stepped {
  readonly step: { readonly days: number } | { readonly months: number }
}

export const modulo = (number: number, divisor: number): number => ((number % divisor) + divisor) % divisor

export const dayOf = (at: number): number => DateTime.getPartUtc(DateTime.makeUnsafe(at), "day")

export const lastDayOf = (at: number): number => dayOf(millis(DateTime.endOf(DateTime.makeUnsafe(at), "month")))

/** Months since the year 0. */
const monthOf = (at: number): number => {
  const { month, year } = DateTime.toPartsUtc(DateTime.makeUnsafe(at))
  return year * 12 + month
}

/** The time that lies so many runs after a run, on a day of the month or the last one that there is. */
export const slotMillis = ({ step }: Stepped, from: number, count: number, anchorDay: number = dayOf(from)): number => {
  if ("days" in step) return from + step.days * count * dayMillis
  const month = DateTime.add(DateTime.makeUnsafe(from), { months: step.months * count })
  const day = Math.min(anchorDay, lastDayOf(millis(month)))
  return millis(month) + (day - DateTime.getPartUtc(month, "day")) * dayMillis
}

/** How far a time lies from the nearest that is a whole number of steps, or at the same time of day, after another. */
export const deviationOf = ({ step }: Stepped, from: number, to: number): number => {
  const stepMillis = "days" in step ? step.days * dayMillis : dayMillis
  const apart = modulo(to - from, stepMillis)
  return Math.min(apart, stepMillis - apart)
}

/** How many runs apart two times of one rhythm are; `undefined` if they are of two. */
export const runsBetween = (
  cadence: Stepped,
  from: number,
  to: number,
  toleranceMillis: number
): number | undefined => {
  const { step } = cadence
  if ("days" in step) {
    const stepMillis = step.days * dayMillis
    const count = Math.round((to - from) / stepMillis)
    return Math.abs(from + count * stepMillis - to) <= toleranceMillis ? count : undefined
  }
  if (deviationOf(cadence, from, to) > toleranceMillis) return undefined
  // Of two days that differ, the smaller is the end of a month that is too short for the other.
  const [smaller, larger] = dayOf(from) <= dayOf(to) ? [from, to] : [to, from]
  return dayOf(smaller) === dayOf(larger) || dayOf(smaller) === lastDayOf(smaller)
    ? monthOf(to) - monthOf(from)
    : undefined
}

/** How many whole steps there are from one time to another, or one too many. */
const runsUntil = ({ step }: Stepped, from: number, to: number): number =>
  "days" in step ? Math.floor((to - from) / (step.days * dayMillis)) : monthOf(to) - monthOf(from)

/** The first time, not before `earliest`, that lies a number of runs after or before a run. */
export const slotFrom = (cadence: Stepped, run: number, earliest: number, anchorDay: number): number => {
  const back = runsUntil(cadence, earliest, run)
  const first = slotMillis(cadence, run, -back, anchorDay)
  return first < earliest ? slotMillis(cadence, run, 1 - back, anchorDay) : first
}

/** When the run of a slot is late. */
export const lateMillis = ({ slackHours }: { readonly slackHours: number }, slot: number): number =>
  slot + slackHours * hourMillis
