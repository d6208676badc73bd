import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as PineconeError from "../PineconeError.ts"

/**
 * Returns `true` if a value is a duration. Effect reads the number NaN as zero, but here it is invalid, because it
 * comes from an error in a calculation.
 */
const isDurationInput = (u: unknown): u is Duration.Input => {
  if (Number.isNaN(u)) return false
  const duration = Duration.fromInput(u as Duration.Input)
  return Option.isSome(duration) && !Duration.isNegative(duration.value)
}

const expected = "a duration such as \"10 minutes\""

/** Schema for durations. */
export const DurationInput = Schema.declare(isDurationInput, { expected })

/** Schema for durations greater than zero. */
export const PositiveDurationInput = DurationInput.check(
  Schema.makeFilter((input) => Duration.isPositive(Duration.fromInputUnsafe(input)) || "must be greater than 0")
)

/** Reads an option with a duration. */
export const fromOption = (
  operation: string,
  field: string,
  input: Duration.Input
): Effect.Effect<Duration.Duration, PineconeError.InvalidInput> =>
  isDurationInput(input)
    ? Effect.succeed(Duration.fromInputUnsafe(input))
    : Effect.fail(PineconeError.invalidInput(operation, field, `Expected ${expected}`))
