import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"

export const minuteMillis = 60_000
export const hourMillis = 60 * minuteMillis
export const dayMillis = 24 * hourMillis

/** An instant in milliseconds since 1970. */
export const millis = DateTime.toEpochMillis

/** The monotonic time of a clock in milliseconds. */
export const monotonicMillisOf = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6

/** The monotonic clock in milliseconds: what deadlines and durations are measured by, since nobody can set it. */
export const monotonicMillis: Effect.Effect<number> = /* @__PURE__ */ Clock.clockWith((clock) =>
  Effect.succeed(monotonicMillisOf(clock))
)

/** An instant that may be missing, in milliseconds since 1970. */
export const millisOf = (at: DateTime.Utc | null | undefined): number | undefined => at ? millis(at) : undefined
