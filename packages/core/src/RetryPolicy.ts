/**
 * Retry policies: number of retries, delays and deadline.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpMethod from "effect/http/HttpMethod"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { DurationInput, PositiveDurationInput } from "./internal/duration.ts"
import { monotonicMillis } from "./internal/time.ts"
import type * as PineconeError from "./PineconeError.ts"

/**
 * Schema for valid retry policies.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RetryPolicy = Schema.Struct({
  /**
   * Maximum number of retries.
   *
   * @default 3
   */
  times: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  /**
   * Upper bound of the first retry delay (full jitter). The bound doubles with every retry.
   *
   * **Details**
   *
   * A GET whose connection was closed by the server is retried once without a delay if the server had responded before,
   * because the connection had usually been idle for too long.
   *
   * @default "500 millis"
   */
  baseDelay: DurationInput,
  /**
   * Maximum upper bound of the retry delay.
   *
   * @default "20 seconds"
   */
  maxDelay: DurationInput,
  /**
   * Maximum delay that the service can request with `Retry-After`.
   *
   * **Details**
   *
   * A `Retry-After` that is longer than the delay replaces it. A `Retry-After` that exceeds this maximum ends the
   * retries immediately, and the `hint` of the error reports it, because an earlier retry would be rejected again. The
   * maximum of the connection also limits how long a `Retry-After` delays other requests of its `rateLimit`.
   *
   * @default "1 minute"
   */
  maxRetryAfter: DurationInput,
  /**
   * Time limit for the operation including retries, measured from the first request, not including the time that
   * request waits for the rate limit.
   *
   * **Details**
   *
   * A retry that cannot be sent within the limit is not attempted, and the operation fails with the last error. A
   * recovery lookup may exceed the limit by one `requestTimeout`.
   *
   * @default "2 minutes"
   */
  deadline: PositiveDurationInput
})

/**
 * A retry policy: the number of retries, their delays, and a deadline.
 *
 * **Details**
 *
 * The policy does not decide which failures are retried. That depends only on what is safe:
 *
 * - 429 for every method, because the request was not accepted
 * - 408, 5xx except 501, failed connections and timeouts for GET and DELETE
 * - the same failures for POST and PATCH only after a recovery lookup finds nothing, because the request may have taken
 *   effect and the API has no idempotency keys
 *
 * **Example** (Retrying more often, for up to 10 minutes)
 *
 * ```ts
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
 * import * as RetryPolicy from "@pinecone-backups/core/RetryPolicy"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const patient: RetryPolicy.RetryPolicy = { ...RetryPolicy.defaultPolicy, times: 20, deadline: "10 minutes" }
 *
 * export const program = Effect.gen(function*() {
 *   const backups = yield* Backups.Backups
 *   const count = yield* Stream.runCount(backups.list()).pipe(PineconeClient.withOptions({ retry: patient }))
 *   yield* Console.log(count) // => 6
 * })
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface RetryPolicy extends Schema.Schema.Type<typeof RetryPolicy> {}

/**
 * The default retry policy.
 *
 * @category constructors
 * @since 0.1.0
 */
export const defaultPolicy: RetryPolicy = {
  times: 3,
  baseDelay: "500 millis",
  maxDelay: "20 seconds",
  maxRetryAfter: "1 minute",
  deadline: "2 minutes"
}

/**
 * The retry policy without retries: `retry: RetryPolicy.none`.
 *
 * **Details**
 *
 * Each request is still limited by its timeout. Recovery lookups after a lost response still run.
 *
 * @category constructors
 * @since 0.1.0
 */
export const none: RetryPolicy = { ...defaultPolicy, times: 0, deadline: Duration.infinity }

/**
 * Returns `true` if a failed request can be retried without the risk of carrying it out twice.
 *
 * @category guards
 * @since 0.1.0
 */
export const isSafe = (method: HttpMethod.HttpMethod, error: PineconeError.PineconeError): boolean =>
  error.isRetryable && (method === "GET" || method === "DELETE" || error.status === 429)

/**
 * Creates a schedule with the delays of a policy, with the errors of a request as input.
 *
 * **Details**
 *
 * The schedule ends at the first error that is not {@link isSafe} to retry. `startedAt` is the start of the operation
 * in milliseconds of the monotonic clock, so changing the system time does not affect the deadline.
 *
 * @category constructors
 * @since 0.1.0
 */
export const schedule = (
  policy: RetryPolicy,
  method: HttpMethod.HttpMethod,
  startedAt: number
): Schedule.Schedule<Duration.Duration, PineconeError.PineconeError> => {
  const maxDelay = Duration.fromInputUnsafe(policy.maxDelay)
  const maxRetryAfter = Duration.fromInputUnsafe(policy.maxRetryAfter)
  const deadline = startedAt + Duration.toMillis(policy.deadline)
  return Schedule.exponential(policy.baseDelay).pipe(
    Schedule.setInputType<PineconeError.PineconeError>(),
    Schedule.modifyDelay(({ duration, input }) =>
      Effect.map(Random.next, (chance) => {
        const delay = Duration.times(Duration.min(duration, maxDelay), chance)
        return input.retryAfter !== undefined
          ? Duration.max(delay, input.retryAfter)
          : delay
      })
    ),
    Schedule.upTo({ times: policy.times }),
    Schedule.while(({ duration, input }) =>
      Effect.map(monotonicMillis, (now) =>
        isSafe(method, input) && now + Duration.toMillis(duration) < deadline &&
        Duration.isLessThanOrEqualTo(input.retryAfter ?? Duration.zero, maxRetryAfter))
    )
  )
}
