import * as DateTime from "effect/DateTime"

/** A number of things: `1 run`, `3 runs`. */
export const count = (number: number, noun: string): string => `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`

/** A number for people: `98,214`. */
export const grouped = (number: number): string => String(number).replace(/\B(?=(\d{3})+$)/g, ",")

/** A length of time for people, as exactly as it matters: `45m`, `26h`, `2d14h`, `41d`. */
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

/** An instant for people: `2026-04-24 06:00 UTC`. */
export const when = (at: number): string =>
  `${DateTime.formatIso(DateTime.makeUnsafe(at)).slice(0, 16).replace("T", " ")} UTC`

/** A day for people: `2026-04-24`. */
export const day = (at: number): string => DateTime.formatIsoDateUtc(DateTime.makeUnsafe(at))

/** An id for people: the first eight characters of one that is long. */
export const shortId = (id: string): string => plain(id.length > 16 ? id.slice(0, 8) : id)

/** A text of the service in a sentence, without what could move a cursor or break a line. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, "\u{FFFD}")
