/** Instants and lengths of time as the authors of tests write them. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/** An object in whose place instants may be written in every form that Effect takes: `"2026-04-24T06:00:00Z"`. */
export type WithInstants<A> = {
  readonly [Key in keyof A]: DateTime.Utc extends A[Key] ? A[Key] | DateTime.DateTime.Input : A[Key]
}

/** An object in whose place lengths of time may be written in every form that Effect takes: `"10 minutes"`. */
export type WithDurations<A> = {
  readonly [Key in keyof A]: Duration.Duration extends A[Key] ? A[Key] | Duration.Input : A[Key]
}

/** The instant that is meant, or `undefined` if none is. */
export const instant = (input: DateTime.DateTime.Input): DateTime.Utc | undefined =>
  Option.getOrUndefined(Option.map(DateTime.make(input), DateTime.toUtc))

/** The length of time that is meant, or `undefined` if none is. */
export const duration = (input: Duration.Input): Duration.Duration | undefined =>
  Option.getOrUndefined(Duration.fromInput(input))

/** A length of time that may be left out. Throws if it is none. */
export const optionalDuration = (input: Duration.Input | undefined): Duration.Duration | undefined =>
  input === undefined ? undefined : Duration.fromInputUnsafe(input)
