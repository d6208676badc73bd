/**
 * The same done to several things: what fails for one keeps none of the others from being done, and the worst failure
 * has the exit code.
 *
 * `Effect.partition` does it to each, and {@link end} makes one failure of those that failed.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

/**
 * Some of several things failed. Each failure is reported as if it were alone, unless it has been.
 *
 * @category errors
 * @since 0.1.0
 */
export class SeveralFailed<out E>
  extends Data.TaggedError("SeveralFailed")<{ readonly failures: ReadonlyArray<unknown> }>
{
  /** Two or more. */
  declare readonly failures: ReadonlyArray<E>
}

/**
 * Fails if something failed: with the failure itself, if it is the only one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const end = <E>(failures: ReadonlyArray<E>): Effect.Effect<void, E | SeveralFailed<E>> => {
  const [first, second] = failures
  return first === undefined
    ? Effect.void
    : Effect.fail(second === undefined ? first : new SeveralFailed<E>({ failures }))
}
