/** Formats values for people and programs. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"

/**
 * Characters that a screen does not show as they are: control characters, line breaks, bidirectional controls, and
 * invisible ones such as zero-width spaces, tags and variation selectors.
 */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

const spelled = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`
}

/** Escapes every character that a screen would not show as it is. */
export const visible = (text: string): string => text.replace(hidden, spelled)

/** The API keys of this process, which must not be printed. Longest first: a key may be the beginning of another. */
let ownKeys: ReadonlyArray<string> = []

/**
 * Redacts an API key of this process in all output. A short key belongs to an emulator and may be part of a word, so it
 * is not redacted.
 */
export const hideKey = (key: string): void => {
  if (key.length < 8 || ownKeys.includes(key)) return
  ownKeys = [...ownKeys, key].sort((self, that) => that.length - self.length)
}

/** Redacts the API keys of this process, and everything that looks like one. */
export const withoutKeys = (text: string): string => {
  const clean = text.includes("pcsk_") ? text.replace(/pcsk_[\w-]+/g, "pcsk_…") : text
  return ownKeys.reduce((text, key) => text.replaceAll(key, "<redacted>"), clean)
}

/** Makes a string from the service safe to print. */
export const plain = (text: string): string => visible(withoutKeys(text))

/**
 * JSON without API keys. Escapes every character that a screen would not show as it is. The parsed values do not
 * change.
 */
export const json = (value: object, indent?: number): string => {
  const text = JSON.stringify(value, null, indent)
  // Redact only strings: a number cannot be a key.
  const clean = withoutKeys(text) === text ? text : text.replace(/"(?:[^"\\]|\\.)*"/g, withoutKeys)
  // Keep line breaks, which are only between values here.
  return clean.replace(
    hidden,
    (character) =>
      character === "\n" ?
        character :
        character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")
  )
}

/** Milliseconds per day. */
export const dayMillis = 86_400_000

/** An instant: `2026-04-24 06:00 UTC`. */
export const minute = (instant: DateTime.Utc): string =>
  `${DateTime.formatIso(instant).slice(0, 16).replace("T", " ")} UTC`

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/** The month of an instant: `Apr`. */
export const month = (instant: DateTime.Utc): string => months[DateTime.getPartUtc(instant, "month") - 1] ?? ""

/** The day of an instant: `24 Apr`. */
export const day = (instant: DateTime.Utc): string => `${DateTime.getPartUtc(instant, "day")} ${month(instant)}`

/** An instant in ISO 8601, in UTC, without a zero fraction. */
export const iso = (instant: DateTime.Utc): string => DateTime.formatIso(instant).replace(".000Z", "Z")

/** An instant for JSON. `null` if it is unknown. */
export const isoOrNull = (at: DateTime.Utc | null | undefined): string | null => at == null ? null : iso(at)

const units = ["B", "kB", "MB", "GB", "TB", "PB"]

/** A size in decimal units: `740 MB`. */
export const bytes = (size: number): string => {
  let [value, power] = [size, 0]
  while (Math.round(value) >= 1000 && power < units.length - 1) {
    value /= 1000
    power++
  }
  return `${value < 9.95 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`
}

/** A number with thousands separators: `98,214`. */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",")

/** A number and a noun: `1 backup`, `3 backups`. */
export const countOf = (number: number, noun: string, nouns = `${noun}s`): string =>
  `${count(number)} ${number === 1 ? noun : nouns}`

/** A duration in its two largest units: `4m12s`. */
export const elapsed = (duration: Duration.Duration): string => {
  const { days, hours, minutes, seconds } = Duration.parts(duration)
  const parts = [[days, "d"], [hours, "h"], [minutes, "m"], [seconds, "s"]] as const
  const first = parts.findIndex(([value]) => value > 0)
  return first === -1
    ? "0s"
    : parts.slice(first, first + 2).filter(([value]) => value > 0).map(([value, unit]) => `${value}${unit}`).join("")
}

/** An instant relative to another: `14h ago`, `in 10h`. */
export const relative = (instant: DateTime.Utc, now: DateTime.Utc): string => {
  const distance = DateTime.distance(now, instant)
  const { days, hours, minutes } = Duration.parts(Duration.abs(distance))
  const length = days > 0 ? `${days}d` : hours > 0 ? `${hours}h` : minutes > 0 ? `${minutes}m` : undefined
  return length === undefined ? "now" : Duration.isNegative(distance) ? `${length} ago` : `in ${length}`
}

/**
 * An instant in the time zone of this machine: `2026-04-24 08:00 +02:00`. The offset distinguishes the two hours when
 * clocks are set back.
 */
export const local = (instant: DateTime.Utc): string => {
  const text = DateTime.formatIsoOffset(DateTime.setZone(instant, DateTime.zoneMakeLocal()))
  return `${text.slice(0, 16).replace("T", " ")} ${text.slice(-6)}`
}

/** A short ID: the first eight characters of a long one. */
export const shortId = (id: string): string => id.length > 16 ? id.slice(0, 8) : id

/** Formats a value with `show`, or returns `missing`. */
export const orElse = (missing: string) => <A>(value: A | null | undefined, show: (value: A) => string): string =>
  value == null ? missing : show(value)
