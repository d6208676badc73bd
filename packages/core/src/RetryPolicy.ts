/**
 * When a request is sent again, and how long after.
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
 * Schema for policies that make sense.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RetryPolicy = Schema.Struct({
  /**
   * How often a request is sent again, at most.
   *
   * @default 3
   */
  times: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  /**
   * The delay before the first repetition is between nothing and this, by chance ("full jitter"); the bound
   * doubles with every repetition.
   *
   * A GET whose connection the other side closes is repeated once without any delay, if there was an answer before: most
   * often the connection had been idle for too long.
   *
   * @default "500 millis"
   */
  baseDelay: DurationInput,
  /**
   * What the bound grows to.
   *
   * @default "20 seconds"
   */
  maxDelay: DurationInput,
  /**
   * A `Retry-After` of the service that is longer than the delay takes its place. One that is longer than this ends the
   * repetitions at once, and the `hint` of the error says so: a request that comes earlier than asked would be refused
   * again. That of the connection also limits how long a `Retry-After` holds up other requests of its `rateLimit`.
   *
   * @default "1 minute"
   */
  maxRetryAfter: DurationInput,
  /**
   * How long an operation may take with all its repetitions, from when the first request is sent; the wait for the turn of
   * that one does not count. Nothing is sent again that could not be sent by then; the last error is what the operation fails with. A look at what a
   * lost request has made may take one `requestTimeout` more.
   *
   * @default "2 minutes"
   */
  deadline: PositiveDurationInput
})

/**
 * When a request is sent again, and how long after.
 *
 * Which failures are repeated is not a matter of taste and so not part of the policy: 429 for every
 * method, since such a request was not accepted; 408, 5xx except 501, failed connections and timeouts for
 * GET and DELETE, since a POST or PATCH may have been carried out and the API knows no idempotency key. Those are
 * repeated if a look shows that they were not.
 *
 * @category models
 * @since 0.1.0
 */
export interface RetryPolicy extends Schema.Schema.Type<typeof RetryPolicy> {}

/**
 * The policy of a client that is given none.
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
 * The policy of sending nothing again: `retry: RetryPolicy.none`. Only the timeout of the one request is left. What
 * was made by a request whose answer is lost is looked for all the same.
 *
 * @category constructors
 * @since 0.1.0
 */
export const none: RetryPolicy = { ...defaultPolicy, times: 0, deadline: Duration.infinity }

/**
 * Whether a request that failed may be sent again without doing twice what it asks for.
 *
 * @category guards
 * @since 0.1.0
 */
export const isSafe = (method: HttpMethod.HttpMethod, error: PineconeError.PineconeError): boolean =>
  error.isRetryable && (method === "GET" || method === "DELETE" || error.status === 429)

/**
 * The delays of a policy, as a schedule over the errors of a request. It ends with the first error that is
 * not {@link isSafe} to repeat. `startedAt` is when the operation began, in milliseconds of the monotonic clock, so that
 * setting the clock of the machine neither ends nor prolongs the repetitions.
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
