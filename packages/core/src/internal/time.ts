import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"

export const minuteMillis = 60_000
export const hourMillis = 60 * minuteMillis
export const dayMillis = 24 * hourMillis

/** Converts an instant to milliseconds since 1970. */
export const millis = DateTime.toEpochMillis

/** The monotonic time of a clock in milliseconds. */
export const monotonicMillisOf = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6

/**
 * The monotonic time in milliseconds. Deadlines and durations use it, because it is not affected by changes to the
 * system time.
 */
export const monotonicMillis: Effect.Effect<number> = /* @__PURE__ */ Clock.clockWith((clock) =>
  Effect.succeed(monotonicMillisOf(clock))
)

/** Converts an optional instant to milliseconds since 1970. */
export const millisOf = (at: DateTime.Utc | null | undefined): number | undefined => at ? millis(at) : undefined
