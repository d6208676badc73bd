import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Decoder from "./decoder.ts"

const digit = (text: string, at: number): number => text.charCodeAt(at) - 48

/** The two-digit number at `at`, or `NaN`. */
const two = (text: string, at: number): number => {
  const tens = digit(text, at)
  const ones = digit(text, at + 1)
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN
}

/** Days from 1970-01-01 to a day of the Gregorian calendar, by counting years from March. */
const daysFromEpoch = (year: number, month: number, day: number): number => {
  const y = month > 2 ? year : year - 1
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

const daysInMonth = (year: number, month: number): number =>
  month !== 2
    ? month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
    : year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
    ? 29
    : 28

/** The offset in minutes that starts at `at` and ends the text: nothing, `Z`, `+00:00` or `+0000`. */
const offset = (text: string, at: number): number => {
  if (at === text.length) return 0
  const sign = text[at]
  if (sign === "Z" || sign === "z") return at + 1 === text.length ? 0 : NaN
  if (sign !== "+" && sign !== "-") return NaN
  const colon = text[at + 3] === ":" ? 1 : 0
  if (at + 5 + colon !== text.length) return NaN
  const hours = two(text, at + 1)
  const minutes = two(text, at + 3 + colon)
  return hours <= 23 && minutes <= 59 ? (sign === "+" ? 1 : -1) * (hours * 60 + minutes) : NaN
}

/** The milliseconds of an instant of the calendar, or `NaN` if it has none such, or a part is no number. */
const millisOf = (year: number, month: number, day: number, hour: number, minute: number, second: number): number =>
  // A comparison with `NaN` is false, so this refuses every part that was not a number.
  year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month) &&
    hour <= 23 && minute <= 59 && second <= 60
    ? (((daysFromEpoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000
    : NaN

/**
 * Reads the spellings the service and its documents use: `T` or a space, no fraction or one to nine
 * digits of it, `Z`, `+00:00`, `+0000` or no zone at all, which means UTC. What is finer than a
 * millisecond is dropped. `undefined` for any other text.
 *
 * Written out because `Date` reads a text without a zone as local time, and because a history of a
 * hundred thousand runs has two hundred thousand of these.
 */
export const parse = (text: string): DateTime.Utc | undefined => {
  const instant = parseUsual(text)
  const millis = Number.isNaN(instant) ? parseAny(text) : instant
  // `DateTime.makeUnsafe` would make a `Date` first.
  return Number.isNaN(millis) ? undefined : DateTime.toUtc({ epochMilliseconds: millis } as DateTime.DateTime)
}

/** The day that was read last, as 20260803, which is that of most texts of a list. No text reads as -1. */
let lastDay = -1

/** When that day began. */
let lastDayMillis = NaN

/**
 * The milliseconds of a text in the spelling that the service uses most: `2026-08-03T06:00:00Z`, with three or more digits
 * of a fraction or none. `NaN` for any other text, of which some are timestamps, too.
 */
const parseUsual = (text: string): number => {
  const { length } = text
  if (length < 20 || length > 30 || text.charCodeAt(length - 1) !== 90) return NaN
  // One that is below 0 or above 9 leaves a sign.
  let sign = 0
  const digitAt = (at: number): number => {
    const digit = text.charCodeAt(at) - 48
    sign |= digit | (9 - digit)
    return digit
  }
  const day = ((((((digitAt(0) * 10 + digitAt(1)) * 10 + digitAt(2)) * 10 + digitAt(3)) * 10 + digitAt(5)) * 10 +
            digitAt(6)) * 10 + digitAt(8)) * 10 + digitAt(9)
  const hour = digitAt(11) * 10 + digitAt(12)
  const minute = digitAt(14) * 10 + digitAt(15)
  const second = digitAt(17) * 10 + digitAt(18)
  let millis = 0
  if (length > 20) {
    if (length < 24 || text.charCodeAt(19) !== 46) return NaN
    millis = (digitAt(20) * 10 + digitAt(21)) * 10 + digitAt(22)
    for (let at = 23; at < length - 1; at++) digitAt(at)
  }
  if (
    sign < 0 || hour > 23 || minute > 59 || second > 60 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 ||
    text.charCodeAt(10) !== 84 || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58
  ) return NaN
  if (day !== lastDay) {
    const start = millisOf(Math.floor(day / 10_000), Math.floor(day / 100) % 100, day % 100, 0, 0, 0)
    if (Number.isNaN(start)) return NaN
    lastDay = day
    lastDayMillis = start
  }
  return lastDayMillis + ((hour * 60 + minute) * 60 + second) * 1000 + millis
}

/** The milliseconds of a text in any of the spellings, or `NaN`. */
const parseAny = (text: string): number => {
  const whole = millisOf(
    two(text, 0) * 100 + two(text, 2),
    two(text, 5),
    two(text, 8),
    two(text, 11),
    two(text, 14),
    two(text, 17)
  )
  const separator = text[10]
  if (
    text[4] !== "-" || text[7] !== "-" || text[13] !== ":" || text[16] !== ":" ||
    (separator !== "T" && separator !== " " && separator !== "t")
  ) return NaN
  let at = 19
  let millis = 0
  if (text[at] === ".") {
    let scale = 100
    const start = ++at
    for (let d = digit(text, at); d >= 0 && d <= 9; d = digit(text, ++at)) {
      millis += d * scale
      scale = Math.floor(scale / 10)
    }
    if (at === start || at > start + 9) return NaN
  }
  return whole + millis - offset(text, at) * 60_000
}

/** How many characters a stamp has. */
export const stampLength = "-20260424T060000Z".length

/**
 * Reads the stamp at the end of the name of a scheduled backup, `-20260424T060000Z`, in milliseconds since 1970.
 * `undefined` if there is none.
 */
export const parseStamp = (name: string): number | undefined => {
  const at = name.length - stampLength + 1
  if (name[at - 1] !== "-" || name[at + 8] !== "T" || name[at + 15] !== "Z") return undefined
  const millis = millisOf(
    two(name, at) * 100 + two(name, at + 2),
    two(name, at + 4),
    two(name, at + 6),
    two(name, at + 9),
    two(name, at + 11),
    two(name, at + 13)
  )
  return Number.isNaN(millis) ? undefined : millis
}

/** What a JSON value says as an instant: nothing unless it is a text in one of the known spellings. */
const fromJson = (json: unknown): DateTime.Utc | null => typeof json === "string" ? parse(json) ?? null : null

/**
 * An instant in an answer. The service sends it, sends `null`, or leaves the key out; what is none of the known
 * spellings reads as `null`, so that one odd timestamp does not cost the whole list.
 * Written with six digits and `Z`, as the service writes most of them.
 */
export const Timestamp = Schema.Json.pipe(
  Schema.annotate({ description: "A timestamp as a text, or null. Any other value counts as an unknown time." }),
  Schema.decodeTo(
    Schema.NullOr(Schema.DateTimeUtc),
    SchemaTransformation.transform<DateTime.Utc | null, Schema.Json>({
      decode: fromJson,
      encode: (instant) => instant === null ? null : DateTime.formatIso(instant).replace("Z", "000Z")
    })
  )
)

/** The reader of what {@link Timestamp} decodes. */
export const makeRead = (): Decoder.Read => {
  const readJson = Decoder.of(Schema.Json.ast)
  return (json) =>
    typeof json === "string" || json === null ? fromJson(json) : readJson(json) === undefined ? undefined : null
}
