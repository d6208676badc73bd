/**
 * Client-side rate limits, so that many concurrent operations do not exceed the limits of the service.
 *
 * **Example** (Measuring a fixed limit)
 *
 * ```ts
 * import * as RateLimit from "@pinecone-backups/core/RateLimit"
 * import * as Console from "effect/Console"
 * import * as Duration from "effect/Duration"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Effect.gen(function*() {
 *   const rateLimit = yield* RateLimit.make({ limit: 2, window: "1 second" })
 *   const requests = Effect.replicateEffect(rateLimit.take({ isRetry: false }), 6)
 *   const [elapsed] = yield* Effect.timed(requests)
 *   // Two requests are admitted immediately, and then one every 500 ms.
 *   yield* Console.log(Duration.format(elapsed)) // => 2s
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Semaphore from "effect/Semaphore"
import { monotonicMillis } from "./internal/time.ts"
import * as Pace from "./internal/transport/pace.ts"
import * as PineconeError from "./PineconeError.ts"

/**
 * The outcome of a request.
 *
 * - `answered`: the service processed or rejected the request
 * - `refused`: the service returned 429. `retryAfter` is the requested delay; `undefined` if the service did not
 *   request a delay, or if the delay exceeds `maxRetryAfter` of the connection's `retry` policy, regardless of the
 *   options of the call. In that case the delay does not hold up other requests
 * - `failed`: 408, 5xx, or no response, including interrupted requests; does not affect the rate
 *
 * @category models
 * @since 0.1.0
 */
export type Outcome =
  | { readonly _tag: "answered" }
  | { readonly _tag: "refused"; readonly retryAfter: Duration.Duration | undefined }
  | { readonly _tag: "failed" }

/**
 * A rate limiter for requests.
 *
 * **Details**
 *
 * {@link make} and {@link makeAdaptive} keep their state in memory. Connections share a limit by sharing the value. Any
 * other object with this method can be used, for example a limit that several processes share.
 *
 * @category models
 * @since 0.1.0
 */
export interface RateLimit {
  /**
   * Waits until a request may be sent, and returns a function to report its outcome.
   *
   * **Details**
   *
   * The function is called exactly once for each request that was admitted. Interrupting the wait releases the place in
   * the queue. `isRetry` is `true` for retries and for recovery lookups. The operations behind them have a deadline, so
   * they are admitted before all first requests.
   */
  readonly take: (
    request: { readonly isRetry: boolean }
  ) => Effect.Effect<(outcome: Outcome) => Effect.Effect<void>>
}

const fromLimits = (limits: Pace.Limits): RateLimit => {
  let pace = Pace.make(limits)
  let waiting = 0
  let waitingRetries = 0

  const report = (takenAt: number, hasWaited: boolean) => (outcome: Outcome) =>
    Effect.map(monotonicMillis, (now) => {
      if (outcome._tag === "answered") pace = Pace.answered(pace, limits, takenAt, hasWaited || waiting > 0)
      if (outcome._tag === "refused") {
        const pause = outcome.retryAfter === undefined ? 0 : Duration.toMillis(outcome.retryAfter)
        pace = Pace.refused(pace, limits, takenAt, now, pause)
      }
    })

  // One permit per queue, so that requests are admitted in order.
  const retries = Semaphore.makeUnsafe(1)
  const firsts = Semaphore.makeUnsafe(1)

  /** Waits at the head of a queue. Checks again after each wait, because a pause or a retry may have been added. */
  const atHead = (isRetry: boolean, isFirstCheck: boolean): Effect.Effect<ReturnType<typeof report>> =>
    Effect.flatMap(monotonicMillis, (now) => {
      if (!isRetry && waitingRetries > 0) {
        // The queue of retries is empty when this completes, unless another retry was added in the meantime.
        return Effect.andThen(retries.withPermit(Effect.void), atHead(isRetry, false))
      }
      const taken = Pace.take(pace, now)
      pace = taken.pace
      return taken.wait === 0
        ? Effect.succeed(report(now, !isFirstCheck))
        : Effect.delay(atHead(isRetry, false), Duration.millis(taken.wait))
    })

  return {
    // An interrupted waiter consumes no token.
    take: ({ isRetry }) =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          const isAlone = waiting === 0
          waiting++
          if (isRetry) waitingRetries++
          return isAlone
        }),
        (isAlone) => (isRetry ? retries : firsts).withPermit(atHead(isRetry, isAlone)),
        () =>
          Effect.sync(() => {
            waiting--
            if (isRetry) waitingRetries--
          })
      )
  }
}

/**
 * Creates a fixed limit of `limit` requests per `window`, as a token bucket.
 *
 * **Details**
 *
 * Unused requests accumulate up to `limit` and can be sent in a burst. Then requests are admitted at even intervals. After
 * a 429, all requests wait for the `Retry-After`, the accumulated requests are lost, and the capacity grows back from 1
 * to `limit` with each response. Connections share a limit by sharing the value. Fails with `InvalidInput` if `limit`
 * is below 1, or if `window` is not a duration.
 *
 * **Example** (Sending up to 10 requests per second)
 *
 * ```ts
 * import * as Pinecone from "@pinecone-backups/core/Pinecone"
 * import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
 * import * as RateLimit from "@pinecone-backups/core/RateLimit"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * export const layer = Layer.unwrap(Effect.gen(function*() {
 *   const options = yield* PineconeClient.config
 *   const rateLimit = yield* RateLimit.make({ limit: 10, window: "1 second" })
 *   return Pinecone.layer({ ...options, rateLimit })
 * }))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(options: {
  readonly limit: number
  readonly window: Duration.Input
}): Effect.fn.Return<RateLimit, PineconeError.InvalidInput> {
  if (!Number.isInteger(options.limit) || options.limit < 1) {
    return yield* PineconeError.invalidInput("RateLimit.make", "limit", "must be a whole number, 1 or more")
  }
  const window = Duration.fromInput(options.window)
  if (Option.isNone(window) || !Duration.isPositive(window.value) || !Duration.isFinite(window.value)) {
    return yield* PineconeError.invalidInput("RateLimit.make", "window", "must be a finite duration greater than 0")
  }
  const rate = options.limit / Duration.toSeconds(window.value)
  return fromLimits({ initial: rate, min: rate, max: rate, burst: options.limit })
})

/**
 * Options for an adaptive rate limit. The service does not document a limit for its control plane, so the defaults are
 * chosen by this library.
 *
 * @category options
 * @since 0.1.0
 */
export interface AdaptiveOptions {
  /**
   * Initial requests per second.
   *
   * @default 10, limited to the range from `min` to `max`
   */
  readonly initial?: number | undefined
  /**
   * Minimum requests per second, even after many responses with 429.
   *
   * @default 1, or `max` if that is less
   */
  readonly min?: number | undefined
  /**
   * Maximum requests per second, not counting a burst.
   *
   * @default 100
   */
  readonly max?: number | undefined
  /**
   * Number of requests that may be sent in a burst, initially and after an idle period.
   *
   * @default 10
   */
  readonly burst?: number | undefined
}

/**
 * Creates a rate limit that adapts to the limits of the service.
 *
 * **Details**
 *
 * While requests are waiting and the service has not returned a 429, every response adds one request per second, which
 * doubles the rate each second. The rate does not change while no request is waiting. A 429 halves the rate, makes all
 * requests wait for the `Retry-After`, and discards the accumulated requests. Concurrent requests that receive a 429
 * count once. From then on the rate grows by 5% each second. Other failures do not change the rate.
 *
 * Requests that receive a 429 still count as attempts of the `retry` policy. Connections share a limit by sharing the
 * value. Fails with `InvalidInput` if a number is not positive, `min` is greater than `max`, `initial` is not between
 * `min` and `max`, or `burst` is not an integer.
 *
 * **Example** (Adapting up to 50 requests per second)
 *
 * ```ts
 * import * as Pinecone from "@pinecone-backups/core/Pinecone"
 * import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
 * import * as RateLimit from "@pinecone-backups/core/RateLimit"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * export const layer = Layer.unwrap(Effect.gen(function*() {
 *   const options = yield* PineconeClient.config
 *   const rateLimit = yield* RateLimit.makeAdaptive({ max: 50 })
 *   return Pinecone.layer({ ...options, rateLimit })
 * }))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeAdaptive = Effect.fnUntraced(function*(
  options: AdaptiveOptions = {}
): Effect.fn.Return<RateLimit, PineconeError.InvalidInput> {
  const { burst = 10, max = 100 } = options
  const { min = Math.min(1, max) } = options
  const { initial = Math.max(min, Math.min(10, max)) } = options
  const invalid = (field: keyof AdaptiveOptions, problem: string) =>
    PineconeError.invalidInput("RateLimit.makeAdaptive", field, problem)
  if (!Number.isFinite(max) || max <= 0) return yield* invalid("max", "must be a number greater than 0")
  if (!(min > 0 && min <= max)) return yield* invalid("min", "must be a number greater than 0, up to max")
  if (!(min <= initial && initial <= max)) return yield* invalid("initial", "must be between min and max")
  if (!Number.isInteger(burst) || burst < 1) return yield* invalid("burst", "must be a whole number, 1 or more")
  return fromLimits({ initial, min, max, burst })
})
