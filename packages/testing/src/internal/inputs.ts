/** Instants and durations in any form that Effect accepts. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/** An object whose instants can have any form that Effect accepts, such as `"2026-04-24T06:00:00Z"`. */
export type WithInstants<A> = {
  readonly [Key in keyof A]: DateTime.Utc extends A[Key] ? A[Key] | DateTime.DateTime.Input : A[Key]
}

/** An object whose durations can have any form that Effect accepts, such as `"10 minutes"`. */
export type WithDurations<A> = {
  readonly [Key in keyof A]: Duration.Duration extends A[Key] ? A[Key] | Duration.Input : A[Key]
}

/** Parses an instant; `undefined` if it is invalid. */
export const instant = (input: DateTime.DateTime.Input): DateTime.Utc | undefined =>
  Option.getOrUndefined(Option.map(DateTime.make(input), DateTime.toUtc))

/** Parses a duration; `undefined` if it is invalid. */
export const duration = (input: Duration.Input): Duration.Duration | undefined =>
  Option.getOrUndefined(Duration.fromInput(input))

/** Parses an optional duration. Throws if it is invalid. */
export const optionalDuration = (input: Duration.Input | undefined): Duration.Duration | undefined =>
  input === undefined ? undefined : Duration.fromInputUnsafe(input)
