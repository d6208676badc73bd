import * as DateTime from "effect/DateTime"

export const minuteMillis = 60_000
export const hourMillis = 60 * minuteMillis
export const dayMillis = 24 * hourMillis

/** An instant in milliseconds since 1970. */
export const millis = DateTime.toEpochMillis
