/**
 * The same for each of several things: what fails is reported, and the others go on.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Failure from "./Failure.ts"
import * as Output from "./Output.ts"

/**
 * What became of several things.
 *
 * @category models
 * @since 0.1.0
 */
export interface Outcome<out B> {
  readonly done: ReadonlyArray<B>
  /** The exit codes of those that failed. */
  readonly exitCodes: ReadonlyArray<number>
}

/**
 * Does something with each, one after the other. Failures are reported at once.
 *
 * @category combinators
 * @since 0.1.0
 */
export const each = Effect.fnUntraced(function*<A, B, E, R>(
  items: ReadonlyArray<A>,
  f: (item: A) => Effect.Effect<B, E, R>
) {
  const format = yield* Output.chosenFormat
  const done: Array<B> = []
  const exitCodes: Array<number> = []
  for (const item of items) {
    const result = yield* Effect.result(f(item))
    if (Result.isSuccess(result)) {
      done.push(result.success)
      continue
    }
    const reported = yield* Effect.flip(Failure.report(result.failure, format === "json" || format === "ndjson"))
    exitCodes.push(reported.exitCode)
  }
  const outcome: Outcome<B> = { done, exitCodes }
  return outcome
})

/**
 * Ends a command with the worst of several outcomes.
 *
 * @category combinators
 * @since 0.1.0
 */
export const end = (...outcomes: ReadonlyArray<Outcome<unknown>>): Effect.Effect<void, Failure.Reported> => {
  const exitCodes = outcomes.flatMap(({ exitCodes }) => exitCodes)
  return exitCodes.length === 0
    ? Effect.void
    : Effect.fail(new Failure.Reported({ exitCode: Failure.worst(exitCodes) }))
}
