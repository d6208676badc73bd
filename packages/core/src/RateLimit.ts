/**
 * A budget of requests, so that many operations at once do not run into the service's own limits.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as RateLimiter from "effect/persistence/RateLimiter"
import * as Semaphore from "effect/Semaphore"
import * as PineconeError from "./PineconeError.ts"

/**
 * Waits until one more request may be sent.
 *
 * @category models
 * @since 0.1.0
 */
export type RateLimit = Effect.Effect<void>

/**
 * Creates a budget of `limit` requests in each `window`, kept in memory with Effect's `RateLimiter`: what was
 * saved up can be spent at once, and then requests are let through evenly. Clients share a budget by sharing
 * the value. Fails with `InvalidInput` for a limit below 1 and a window that is no length of time.
 *
 * **Example** (Sending ten requests a second at most)
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
    return yield* PineconeError.invalidInput("RateLimit.make", "window", "must be a length of time")
  }
  // A store of its own, whatever other stores the application has. It holds nothing that must be released.
  const store = yield* Effect.scoped(Layer.build(Layer.fresh(RateLimiter.layerStoreMemory)))
  const limiter = yield* Effect.provideContext(RateLimiter.make, store)
  const take: RateLimit = limiter.consume({
    algorithm: "token-bucket",
    key: "pinecone",
    limit: options.limit,
    window: window.value,
    onExceeded: "fail"
  }).pipe(
    // Whoever gives up while it waits has taken nothing. A store in memory does not fail otherwise.
    Effect.catch(({ reason }) =>
      reason._tag === "RateLimitExceeded" ? Effect.delay(take, reason.retryAfter) : Effect.die(reason)
    ),
    Effect.asVoid
  )
  // One at a time, so that turns come in the order in which they were asked for.
  return Semaphore.makeUnsafe(1).withPermits(1)(take)
})
