/**
 * How often a schedule runs: when its next run is due, and which of its runs are missing.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as BackupRun from "./BackupRun.ts"
import type * as BackupSchedule from "./BackupSchedule.ts"

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

const hourMillis = 3_600_000
const dayMillis = 24 * hourMillis

/** Planned times are exact to the second. What lies further apart is another rhythm. */
const toleranceMillis = 5 * 60_000

const millis = DateTime.toEpochMillis

const dayOf = (at: DateTime.Utc): number => DateTime.getPartUtc(at, "day")

const lastDayOf = (at: DateTime.Utc): number => dayOf(DateTime.endOf(at, "month"))

/** Months since the year 0. */
const monthOf = (at: DateTime.Utc): number => DateTime.getPartUtc(at, "year") * 12 + DateTime.getPartUtc(at, "month")

/**
 * The time that lies so many runs after a run, or before it if `count` is negative.
 *
 * A schedule that runs monthly keeps to a day of the month: `anchorDay`, from 1 to 31, or the last day of a month
 * that is too short for it. After 31 January come 28 February and 31 March. Left out, it is the day of `from`.
 *
 * @category getters
 * @since 0.1.0
 */
export const slot = (
  cadence: Cadence,
  from: DateTime.Utc,
  count: number,
  anchorDay: number = dayOf(from)
): DateTime.Utc => {
  if ("days" in cadence.step) return DateTime.add(from, { days: cadence.step.days * count })
  const month = DateTime.add(from, { months: cadence.step.months * count })
  return DateTime.setPartsUtc(month, { day: Math.min(anchorDay, lastDayOf(month)) })
}

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
 * When a schedule should have run first: at the first of its slots on a day that is its step after the one on which it was
 * created. Slots are counted from when it runs next; where the service does not say that, it is a day later than it could
 * be. `undefined` for a frequency that this library does not know, or where nobody knows when it was created.
 *
 * @category getters
 * @since 0.1.0
 */
export const firstSlot = (
  { createdAt, frequency, nextScheduledRun: next }: {
    readonly createdAt?: DateTime.Utc | null | undefined
    readonly frequency: BackupSchedule.BackupSchedule["frequency"]
    readonly nextScheduledRun?: DateTime.Utc | null | undefined
  }
): DateTime.Utc | undefined => {
  const cadence = of(frequency)
  if (cadence === undefined || !createdAt) return undefined
  const afterStep = slot(cadence, createdAt, 1)
  if (!next) return DateTime.add(afterStep, { days: 1 })
  const earliest = DateTime.startOf(afterStep, "day")
  // On the last day of a short month it may keep to a day that this one does not have.
  const anchorDay = dayOf(next) === lastDayOf(next) ? Math.max(dayOf(next), dayOf(createdAt)) : dayOf(next)
  const back = Math.max(0, runsUntil(cadence, earliest, next))
  const first = slot(cadence, next, -back, anchorDay)
  return DateTime.isLessThan(first, earliest) ? slot(cadence, next, 1 - back, anchorDay) : first
}

/** How many runs apart two times of one rhythm are; `undefined` if they are of two. */
const runsBetween = ({ step }: Cadence, from: DateTime.Utc, to: DateTime.Utc): number | undefined => {
  if ("days" in step) {
    const count = Math.round((millis(to) - millis(from)) / (step.days * dayMillis))
    return Math.abs(millis(from) + count * step.days * dayMillis - millis(to)) <= toleranceMillis ? count : undefined
  }
  const isSameTime = Math.abs((millis(from) % dayMillis) - (millis(to) % dayMillis)) <= toleranceMillis
  // Of two days that differ, the smaller is the end of a month that is too short for the other.
  const [smaller, larger] = dayOf(from) <= dayOf(to) ? [from, to] : [to, from]
  return isSameTime && (dayOf(smaller) === dayOf(larger) || dayOf(smaller) === lastDayOf(smaller))
    ? monthOf(to) - monthOf(from)
    : undefined
}

/** A run and those after it that keep its rhythm, oldest first. */
type Rhythm = [DateTime.Utc, ...Array<DateTime.Utc>]

/** The rhythms of what has begun by now, oldest first. */
const rhythmsOf = (
  cadence: Cadence,
  runs: Iterable<BackupRun.BackupRun>,
  now: DateTime.Utc
): ReadonlyArray<Rhythm> => {
  const times: Array<DateTime.Utc> = []
  for (const run of runs) {
    const at = BackupRun.hasBegun(run) ? BackupRun.takenAt(run) : undefined
    if (at !== undefined && millis(at) <= millis(now)) times.push(at)
  }
  const rhythms: Array<Rhythm> = []
  let latest: DateTime.Utc | undefined
  for (const at of times.sort(DateTime.Order)) {
    const current = rhythms.at(-1)
    if (current === undefined || latest === undefined || runsBetween(cadence, latest, at) === undefined) {
      rhythms.push([at])
    } else current.push(at)
    latest = at
  }
  return rhythms
}

/** The day of the month that a rhythm keeps to: the largest there is, since short months have smaller ones. */
const anchorDayOf = (rhythm: Iterable<DateTime.Utc>): number => {
  let largest = 1
  for (const at of rhythm) largest = Math.max(largest, dayOf(at))
  return largest
}

/** What it takes to say when a schedule runs, and which of its runs are missing. */
interface HasRhythm {
  readonly enabled?: boolean | null | undefined
  readonly frequency: BackupSchedule.BackupSchedule["frequency"]
  readonly nextScheduledRun?: DateTime.Utc | null | undefined
}

/**
 * The day of the month that a schedule keeps to, by its runs and by when it runs next: 31, if its latest run was on 28
 * February and the next is on 31 March. `undefined` if it does not run monthly, or has not run.
 *
 * @category getters
 * @since 0.1.0
 */
export const anchorDay = (
  { frequency, nextScheduledRun }: HasRhythm,
  runs: Iterable<BackupRun.BackupRun>,
  now: DateTime.Utc
): number | undefined => {
  const cadence = of(frequency)
  const rhythm = cadence === cadences.monthly ? rhythmsOf(cadence, runs, now).at(-1) : undefined
  const latest = rhythm?.at(-1)
  if (rhythm === undefined || latest === undefined) return undefined
  const isKept = nextScheduledRun && runsBetween(cadences.monthly, latest, nextScheduledRun) !== undefined
  return anchorDayOf(isKept ? [...rhythm, nextScheduledRun] : rhythm)
}

/** How many whole steps there are from one time to another, or one too many. */
const runsUntil = ({ step }: Cadence, from: DateTime.Utc, to: DateTime.Utc): number =>
  "days" in step ? Math.floor((millis(to) - millis(from)) / (step.days * dayMillis)) : monthOf(to) - monthOf(from)

const daysBetween = (from: DateTime.Utc, to: DateTime.Utc): number =>
  Math.round((millis(to) - millis(from)) / dayMillis)

const isWeek = (days: number | undefined): boolean => days === 7

const isMonth = (days: number | undefined): boolean => days !== undefined && days >= 28 && days <= 31

/**
 * Whether a gap in a daily rhythm is none, since the schedule ran weekly or monthly at the time: the gap beside it is a
 * week or a month as well, or the one before it is and this one ended when the schedule became daily. Nothing says when
 * a frequency was changed.
 */
const wasSlower = (days: number, before: number | undefined, after?: number): boolean =>
  isWeek(before)
    ? days <= 7
    : isMonth(before)
    ? days <= 31
    : (isWeek(days) && isWeek(after)) || (isMonth(days) && isMonth(after))

/**
 * The times at which a schedule should have run and has not, oldest first: between two of its runs and, if it is
 * enabled, after the latest.
 *
 * - Runs are what has begun. A row that is `Scheduled` proves nothing: the service may send none.
 * - Two runs that are no whole number of steps apart are of two rhythms. Between them the schedule was paused and
 *   resumed, or its frequency was changed, and nothing is missing.
 * - A run after the latest is missing when its slack is over. Where the service says when the schedule runs next, that
 *   time has to agree, so that a rhythm that has begun anew is not taken for missing runs.
 * - What was before the first run is not known, and neither is anything of a schedule without runs, or of a frequency
 *   that this library does not know.
 *
 * @category getters
 * @since 0.1.0
 */
export const missed = (
  schedule: HasRhythm,
  runs: Iterable<BackupRun.BackupRun>,
  period: { readonly since: DateTime.Utc; readonly now: DateTime.Utc }
): ReadonlyArray<DateTime.Utc> => {
  const { enabled, frequency, nextScheduledRun } = schedule
  const { now, since } = period
  const cadence = of(frequency)
  if (cadence === undefined) return []
  const rhythms = rhythmsOf(cadence, runs, now)
  const found: Array<DateTime.Utc> = []

  /** Adds slots, the latest first, as long as they are wanted and not before `first`. */
  const add = (first: number, slotAt: (back: number) => DateTime.Utc) => {
    const oldest = Math.max(first, millis(since))
    for (let back = 1, at = slotAt(1); millis(at) >= oldest; at = slotAt(++back)) found.push(at)
  }

  const isDaily = cadence === cadences.daily
  const all = rhythms.flat()
  const gaps = all.slice(1).map((at, index) => daysBetween(all[index]!, at))
  let day = 1
  let position = 0
  for (const rhythm of rhythms) {
    day = anchorDayOf(rhythm)
    for (const [index, at] of rhythm.entries()) {
      const from = rhythm[index - 1]
      const gap = gaps[position - 1]
      if (
        from !== undefined && gap !== undefined && !(isDaily && wasSlower(gap, gaps[position - 2], gaps[position]))
      ) {
        const count = runsBetween(cadence, from, at) ?? 0
        add(millis(from) + toleranceMillis, (back) => slot(cadence, from, count - back, day))
      }
      position++
    }
  }

  const latest = all.at(-1)
  const isSlower = latest !== undefined && isDaily && wasSlower(daysBetween(latest, now), gaps.at(-1))
  if (latest !== undefined && enabled !== false && !isSlower) {
    const first = millis(slot(cadence, latest, 1, day)) - toleranceMillis
    if (nextScheduledRun && millis(nextScheduledRun) > millis(now)) {
      const next = nextScheduledRun
      const nextDay = runsBetween(cadence, latest, next) === undefined ? dayOf(next) : Math.max(day, dayOf(next))
      // Nothing of the time until then is missing, however far off it is.
      const ahead = Math.max(0, runsUntil(cadence, now, next) - 1)
      add(first, (back) => slot(cadence, next, -back - ahead, nextDay))
    } else {
      const count = runsUntil(cadence, latest, now) + 1
      add(first, (back) => slot(cadence, latest, count - back, day))
    }
  }
  const late = millis(now) - cadence.slackHours * hourMillis
  return found.filter((at) => millis(at) < late).sort(DateTime.Order)
}
