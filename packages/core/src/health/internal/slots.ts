import * as DateTime from "effect/DateTime"
import { dayMillis, hourMillis, millis } from "../../internal/time.ts"

// Slots of runs. Times are in milliseconds because a project can have 100,000 runs.

/** Interval of a cadence. */
interface Stepped {
  readonly step: { readonly days: number } | { readonly months: number }
}

export const modulo = (number: number, divisor: number): number => ((number % divisor) + divisor) % divisor

export const dayOf = (at: number): number => DateTime.getPartUtc(DateTime.makeUnsafe(at), "day")

export const lastDayOf = (at: number): number => dayOf(millis(DateTime.endOf(DateTime.makeUnsafe(at), "month")))

/** Number of months since the year 0. */
const monthOf = (at: number): number => {
  const { month, year } = DateTime.toPartsUtc(DateTime.makeUnsafe(at))
  return year * 12 + month
}

/**
 * Time of the run that follows a given run by `count` intervals. Monthly runs are on the anchor day, or on the last day
 * of a shorter month.
 */
export const slotMillis = ({ step }: Stepped, from: number, count: number, anchorDay: number = dayOf(from)): number => {
  if ("days" in step) return from + step.days * count * dayMillis
  const month = DateTime.add(DateTime.makeUnsafe(from), { months: step.months * count })
  const day = Math.min(anchorDay, lastDayOf(millis(month)))
  return millis(month) + (day - DateTime.getPartUtc(month, "day")) * dayMillis
}

/** Distance of `to` from the nearest whole number of steps after `from`. For monthly schedules, a step is a day. */
export const deviationOf = ({ step }: Stepped, from: number, to: number): number => {
  const stepMillis = "days" in step ? step.days * dayMillis : dayMillis
  const apart = modulo(to - from, stepMillis)
  return Math.min(apart, stepMillis - apart)
}

/** Number of runs between two times; `undefined` if they belong to different rhythms. */
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
  // If the days differ, the smaller day must be the end of a month that is too short for the larger day.
  const [smaller, larger] = dayOf(from) <= dayOf(to) ? [from, to] : [to, from]
  return dayOf(smaller) === dayOf(larger) || dayOf(smaller) === lastDayOf(smaller)
    ? monthOf(to) - monthOf(from)
    : undefined
}

/** Number of whole steps between two times; for monthly schedules, may count an incomplete month. */
const runsUntil = ({ step }: Stepped, from: number, to: number): number =>
  "days" in step ? Math.floor((to - from) / (step.days * dayMillis)) : monthOf(to) - monthOf(from)

/** First slot of the rhythm of `run` that is not before `earliest`. */
export const slotFrom = (cadence: Stepped, run: number, earliest: number, anchorDay: number): number => {
  const back = runsUntil(cadence, earliest, run)
  const first = slotMillis(cadence, run, -back, anchorDay)
  return first < earliest ? slotMillis(cadence, run, 1 - back, anchorDay) : first
}

/** Time when the run of a slot becomes late. */
export const lateMillis = ({ slackHours }: { readonly slackHours: number }, slot: number): number =>
  slot + slackHours * hourMillis
