import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as PineconeError from "../../PineconeError.ts"

/** Why something cannot be looked for: there is one of which nobody can say whether it is it. */
export type Unclear = "unclear"

/** When to look: what the service has begun may take a moment to show. */
const delays: ReadonlyArray<Duration.Input> = ["0 millis", "1 second", "3 seconds"]

/** Looks for something up to three times. Fails if the last look does, or if no other could help. */
export const lookFor = Effect.fnUntraced(function*<A>(
  find: Effect.Effect<A | undefined, PineconeError.ListError | Unclear>
): Effect.fn.Return<A | undefined, PineconeError.ListError | Unclear> {
  let result: Result.Result<A | undefined, PineconeError.ListError | Unclear> = Result.succeed(undefined)
  for (const delay of delays) {
    yield* Effect.sleep(delay)
    result = yield* Effect.result(find)
    if (Result.isSuccess(result) && result.success !== undefined) return result.success
    if (Result.isFailure(result) && (Predicate.isString(result.failure) || !result.failure.isRetryable)) break
  }
  return yield* Effect.fromResult(result)
})
