import * as DateTime from "effect/DateTime"

export const minuteMillis = 60_000
export const hourMillis = 60 * minuteMillis
export const dayMillis = 24 * hourMillis

/** An instant in milliseconds since 1970. */
export const millis = DateTime.toEpochMillis

/** The same, of an instant that may be missing. */
export const millisOf = (at: DateTime.Utc | null | undefined): number | undefined => at ? millis(at) : undefined
