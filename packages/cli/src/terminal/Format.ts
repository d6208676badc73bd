/** Values as people and programs read them. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"

/** A text without the characters that would move a cursor or break a line: names come from a server. */
export const plain = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`
  )

/** A text in which everything that looks like an API key is none any more. */
export const withoutKeys = (text: string): string => text.replace(/pcsk_[\w-]+/g, "pcsk_…")

/** JSON in which every character that could move a cursor is an escape: another spelling of the same value. */
export const json = (value: object, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(
    /[\x7f-\x9f\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  )

/** The milliseconds of a day. */
export const dayMillis = 86_400_000

/** An instant for people: `2026-04-24 06:00 UTC`. */
export const minute = (instant: DateTime.Utc): string =>
  `${DateTime.formatIso(instant).slice(0, 16).replace("T", " ")} UTC`

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/** The month of an instant for people: `Apr`. */
export const month = (instant: DateTime.Utc): string => months[DateTime.getPartUtc(instant, "month") - 1] ?? ""

/** The day of an instant for people: `24 Apr`. */
export const day = (instant: DateTime.Utc): string => `${DateTime.getPartUtc(instant, "day")} ${month(instant)}`

/** An instant for programs: ISO 8601 in UTC, without a fraction that is zero. */
export const iso = (instant: DateTime.Utc): string => DateTime.formatIso(instant).replace(".000Z", "Z")

/** The same for JSON, where what is not known is `null`. */
export const isoOrNull = (at: DateTime.Utc | null | undefined): string | null => at == null ? null : iso(at)

const units = ["B", "kB", "MB", "GB", "TB", "PB"]

/** A size for people, in decimal units: `740 MB`. */
export const bytes = (size: number): string => {
  let [value, power] = [size, 0]
  while (Math.round(value) >= 1000 && power < units.length - 1) {
    value /= 1000
    power++
  }
  return `${value < 9.95 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`
}

/** A number for people: `98,214`. */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",")

/** A length of time for people, in its two largest units: `4m12s`. */
export const elapsed = (duration: Duration.Duration): string => {
  const { days, hours, minutes, seconds } = Duration.parts(duration)
  const parts = [[days, "d"], [hours, "h"], [minutes, "m"], [seconds, "s"]] as const
  const first = parts.findIndex(([value]) => value > 0)
  return first === -1
    ? "0s"
    : parts.slice(first, first + 2).filter(([value]) => value > 0).map(([value, unit]) => `${value}${unit}`).join("")
}

/** An instant as seen from another: `14h ago`, `in 10h`. */
export const relative = (instant: DateTime.Utc, now: DateTime.Utc): string => {
  const distance = DateTime.distance(now, instant)
  const { days, hours, minutes } = Duration.parts(Duration.abs(distance))
  const length = days > 0 ? `${days}d` : hours > 0 ? `${hours}h` : minutes > 0 ? `${minutes}m` : undefined
  return length === undefined ? "now" : Duration.isNegative(distance) ? `${length} ago` : `in ${length}`
}

/** An instant for people, in the time zone of this machine: `2026-04-24 08:00`. */
export const local = (instant: DateTime.Utc): string =>
  DateTime.formatLocal(instant, { locale: "sv-SE", dateStyle: "short", timeStyle: "short" })

/** An id for people: the first eight characters of one that is long. */
export const shortId = (id: string): string => id.length > 16 ? id.slice(0, 8) : id

/** A value by `show`, or what stands for one that is not there. */
export const orElse = (missing: string) => <A>(value: A | null | undefined, show: (value: A) => string): string =>
  value == null ? missing : show(value)
