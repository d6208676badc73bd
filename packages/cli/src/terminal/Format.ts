/** Values as people and programs read them. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"

/**
 * What a screen does not show as itself: what moves a cursor or breaks a line, turns the direction of a text around, or is
 * not seen at all, such as spaces without a width, tags, and what chooses a variant of the character before it.
 */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

const spelled = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`
}

/** A text in which every character that a screen would not show as itself is spelled out. */
export const visible = (text: string): string => text.replace(hidden, spelled)

/** The key of this process, which is in no text that it prints. */
let ownKey: string | undefined

/** Keeps the key of this process out of what is printed. One of a few letters is an emulator's, and part of any word. */
export const hideKey = (key: string): void => {
  ownKey = key.length < 8 ? undefined : key
}

/** A text in which the key of this process, and everything that looks like an API key, is none any more. */
export const withoutKeys = (text: string): string => {
  const clean = text.includes("pcsk_") ? text.replace(/pcsk_[\w-]+/g, "pcsk_…") : text
  return ownKey === undefined ? clean : clean.replaceAll(ownKey, "<redacted>")
}

/** A text of the service, as it may be shown: names come from a server. */
export const plain = (text: string): string => visible(withoutKeys(text))

/**
 * JSON in which every character that a screen would not show as itself is an escape, which is another spelling of the
 * same value, and in whose texts there is no key.
 */
export const json = (value: object, indent?: number): string => {
  const text = JSON.stringify(value, null, indent)
  // A number is no key, whatever its digits are.
  const clean = withoutKeys(text) === text ? text : text.replace(/"(?:[^"\\]|\\.)*"/g, withoutKeys)
  // Line breaks are between values here.
  return clean.replace(
    hidden,
    (character) =>
      character === "\n" ?
        character :
        character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")
  )
}

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

/**
 * An instant for people, in the time zone of this machine: `2026-04-24 08:00 +02:00`. Without the offset, an hour that
 * comes twice when the clocks go back would be one.
 */
export const local = (instant: DateTime.Utc): string => {
  const text = DateTime.formatIsoOffset(DateTime.setZone(instant, DateTime.zoneMakeLocal()))
  return `${text.slice(0, 16).replace("T", " ")} ${text.slice(-6)}`
}

/** An id for people: the first eight characters of one that is long. */
export const shortId = (id: string): string => id.length > 16 ? id.slice(0, 8) : id

/** A value by `show`, or what stands for one that is not there. */
export const orElse = (missing: string) => <A>(value: A | null | undefined, show: (value: A) => string): string =>
  value == null ? missing : show(value)
