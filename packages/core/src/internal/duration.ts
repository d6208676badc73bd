import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as PineconeError from "../PineconeError.ts"

/** Whether something is a length of time. Effect reads the number NaN as none at all; here it is a mistake in somebody's sum. */
const isDurationInput = (u: unknown): u is Duration.Input => {
  if (Number.isNaN(u)) return false
  const duration = Duration.fromInput(u as Duration.Input)
  return Option.isSome(duration) && !Duration.isNegative(duration.value)
}

/** Schema for lengths of time. */
export const DurationInput = Schema.declare(isDurationInput, { expected: "a length of time" })

/** Schema for lengths of time that are not nothing. */
export const PositiveDurationInput = DurationInput.check(
  Schema.makeFilter((input) => Duration.isPositive(Duration.fromInputUnsafe(input)) || "must be longer than nothing")
)

/** The length of time that an option says. */
export const fromOption = (
  operation: string,
  field: string,
  input: Duration.Input
): Effect.Effect<Duration.Duration, PineconeError.InvalidInput> =>
  isDurationInput(input)
    ? Effect.succeed(Duration.fromInputUnsafe(input))
    : Effect.fail(PineconeError.invalidInput(operation, field, "Expected a length of time"))
