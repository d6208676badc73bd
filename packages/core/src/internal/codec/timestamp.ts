import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Decoder from "./decoder.ts"

const digit = (text: string, at: number): number => text.charCodeAt(at) - 48

/** Returns the two-digit number at `at`, or `NaN`. */
const two = (text: string, at: number): number => {
  const tens = digit(text, at)
  const ones = digit(text, at + 1)
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN
}

/** Days from 1970-01-01 to a Gregorian date, counting years from March. */
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

/**
 * Returns the offset in minutes that ends the text, starting at `at`: nothing, `Z`, `+00:00` or `+0000`. `NaN` if
 * invalid.
 */
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

/** Returns the milliseconds since 1970 of a date and time, or `NaN` if it does not exist or a part is `NaN`. */
const millisOf = (year: number, month: number, day: number, hour: number, minute: number, second: number): number =>
  // Comparisons with `NaN` are false, so this rejects `NaN` too.
  year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month) &&
    hour <= 23 && minute <= 59 && second <= 60
    ? (((daysFromEpoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000
    : NaN

/**
 * Parses the timestamp formats of the service and its documentation: `T` or a space, an optional fraction of one to
 * nine digits, and `Z`, `+00:00`, `+0000` or no zone, which means UTC. Digits after milliseconds are dropped. Returns
 * `undefined` for other text.
 *
 * `Date` would parse a timestamp without a zone as local time, and a history of 100,000 runs has 200,000 timestamps.
 */
export const parse = (text: string): DateTime.Utc | undefined => {
  const instant = parseUsual(text)
  const millis = Number.isNaN(instant) ? parseAny(text) : instant
  // `DateTime.makeUnsafe` would create a `Date` first.
  return Number.isNaN(millis) ? undefined : DateTime.toUtc({ epochMilliseconds: millis } as DateTime.DateTime)
}

/** The day that was parsed last, as 20260803. Most timestamps of a list share it. No text parses to -1. */
let lastDay = -1

/** Start of that day in milliseconds. */
let lastDayMillis = NaN

/**
 * Parses the most frequent format: `2026-08-03T06:00:00Z`, with no fraction or with three or more digits. Returns
 * milliseconds, or `NaN` for other text, which may still be a timestamp.
 */
const parseUsual = (text: string): number => {
  const { length } = text
  if (length < 20 || length > 30 || text.charCodeAt(length - 1) !== 90) return NaN
  // Negative if any character is not a digit.
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

/** Parses any supported format. Returns milliseconds or `NaN`. */
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

/** Number of characters of a stamp. */
export const stampLength = "-20260424T060000Z".length

/**
 * Parses the stamp that ends the name of a scheduled backup, `-20260424T060000Z`. Returns milliseconds since 1970, or
 * `undefined` if the name has no stamp.
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

/** Returns the instant in a JSON value, or `null` if it is not a timestamp. */
const fromJson = (json: unknown): DateTime.Utc | null => typeof json === "string" ? parse(json) ?? null : null

const toText = (instant: DateTime.Utc): string => DateTime.formatIso(instant).replace("Z", "000Z")

/**
 * An instant in a response. The service sends it, sends `null`, or omits the key. An unknown format decodes to `null`,
 * so that one odd timestamp does not cost the whole list. Encoded with six decimals and `Z`, like most timestamps of
 * the service.
 */
export const Timestamp = Schema.Json.pipe(
  Schema.annotate({ description: "A timestamp as a string, or null. Any other value counts as unknown." }),
  Schema.decodeTo(
    Schema.NullOr(Schema.DateTimeUtc),
    SchemaTransformation.transform<DateTime.Utc | null, Schema.Json>({
      decode: fromJson,
      encode: (instant) => instant === null ? null : toText(instant)
    })
  )
)

/** Creates the reader of {@link Timestamp}. */
export const makeRead = (): Decoder.Read => {
  const readJson = Decoder.of(Schema.Json.ast)
  return (json) =>
    typeof json === "string" || json === null ? fromJson(json) : readJson(json) === undefined ? undefined : null
}

/** Writes a {@link Timestamp}. */
export const write: Decoder.Write = (instant) =>
  instant === null
    ? null
    : DateTime.isDateTime(instant) && DateTime.isUtc(instant)
    ? toText(instant)
    : undefined
