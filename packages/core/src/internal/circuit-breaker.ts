import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as PineconeError from "../PineconeError.ts"

/** Number of consecutive retryable failures that open a circuit breaker. */
const outageFailures = 5

/** Runs a read and returns its result. Sends nothing while the circuit breaker is open. */
export type CircuitBreaker = <A>(
  self: Effect.Effect<A, PineconeError.ListError>
) => Effect.Effect<Result.Result<A, PineconeError.ListError>>

/**
 * Circuit breaker: after five consecutive retryable failures, sends no more requests and returns the last failure. Each
 * failure has exhausted the retries of the client, so 1,000 indexes would otherwise take hours.
 */
export const make = (): CircuitBreaker => {
  let failures: ReadonlyArray<PineconeError.ListError> = []
  return Effect.fnUntraced(
    function*<A>(
      self: Effect.Effect<A, PineconeError.ListError>
    ): Effect.fn.Return<Result.Result<A, PineconeError.ListError>> {
      const last = failures.at(-1)
      if (last !== undefined && failures.length >= outageFailures) return Result.fail(last)
      const result = yield* Effect.result(self)
      failures = Result.isFailure(result) && result.failure.isRetryable ? [...failures, result.failure] : []
      return result
    }
  )
}
