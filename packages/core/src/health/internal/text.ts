import * as DateTime from "effect/DateTime"

/** Formats a count with its noun: `1 run`, `3 runs`. */
export const count = (number: number, noun: string): string => `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`

/** Formats a number with thousands separators: `98,214`. */
export const grouped = (number: number): string => String(number).replace(/\B(?=(\d{3})+$)/g, ",")

/** Formats a duration, less precisely the longer it is: `45m`, `26h`, `2d14h`, `41d`. */
export const length = (millis: number): string => {
  const minutes = Math.floor(millis / 60_000)
  const hours = Math.floor(minutes / 60)
  const days = Math.floor(hours / 24)
  return hours < 1
    ? `${minutes}m`
    : hours < 48
    ? `${hours}h`
    : `${days}d${days < 14 && hours % 24 > 0 ? `${hours % 24}h` : ""}`
}

/** Formats an instant: `2026-04-24 06:00 UTC`. */
export const when = (at: number): string =>
  `${DateTime.formatIso(DateTime.makeUnsafe(at)).slice(0, 16).replace("T", " ")} UTC`

/** Formats a date: `2026-04-24`. */
export const day = (at: number): string => DateTime.formatIsoDateUtc(DateTime.makeUnsafe(at))

/** Shortens a long ID to its first eight characters. */
export const shortId = (id: string): string => plain(id.length > 16 ? id.slice(0, 8) : id)

/** Replaces control characters in a string of the service, which could move the cursor or break a line. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, "\u{FFFD}")
