/**
 * How fast requests are sent, so that many operations at once do not run into the service's own limits.
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
 * What became of a request.
 *
 * - `answered`: the service did what it was asked for, or said why not
 * - `refused`: 429. `retryAfter` is how long it asked to wait; `undefined` if it did not, or asked for longer than
 *   `maxRetryAfter` of the connection's `retry` policy, whatever the options of the call say: then each request is refused
 *   by itself
 * - `failed`: 408, 5xx, or no answer, also because it was not waited for, which says nothing about the number of requests
 *
 * @category models
 * @since 0.1.0
 */
export type Outcome =
  | { readonly _tag: "answered" }
  | { readonly _tag: "refused"; readonly retryAfter: Duration.Duration | undefined }
  | { readonly _tag: "failed" }

/**
 * Gives requests their turn.
 *
 * **Details**
 *
 * {@link make} and {@link makeAdaptive} keep their state in memory, for all connections that are given the same value.
 * Anything else with this method will do: a budget that several processes share, for example.
 *
 * @category models
 * @since 0.1.0
 */
export interface RateLimit {
  /**
   * Waits until one request may be sent, and returns what wants to know its outcome, which is told once for every turn
   * that was taken. Interrupting it while it waits gives the place back. A request that `isRetry` was sent before, or looks
   * up what a lost one has made: its operation has a deadline to meet, so its turn comes before those of all requests that
   * have not begun.
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

  // One at a time in each line, so that turns come in the order in which they were asked for.
  const retries = Semaphore.makeUnsafe(1)
  const firsts = Semaphore.makeUnsafe(1)

  /** Waits for a turn at the head of a line. After each wait it looks again: there may be a pause since, or a retry. */
  const atHead = (isRetry: boolean, isFirstLook: boolean): Effect.Effect<ReturnType<typeof report>> =>
    Effect.flatMap(monotonicMillis, (now) => {
      if (!isRetry && waitingRetries > 0) {
        // The line of the retries is empty once this passes, unless there is another by then.
        return Effect.andThen(retries.withPermit(Effect.void), atHead(isRetry, false))
      }
      const taken = Pace.take(pace, now)
      pace = taken.pace
      return taken.wait === 0
        ? Effect.succeed(report(now, !isFirstLook))
        : Effect.delay(atHead(isRetry, false), Duration.millis(taken.wait))
    })

  return {
    // Whoever gives up while it waits has taken nothing.
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
 * Creates a fixed budget of `limit` requests in each `window`: what was saved up can be spent at once, and then
 * requests are let through evenly. When the service refuses a request with 429, all wait for its `Retry-After`, what was
 * saved up is lost, and what may be saved up grows from one request to `limit` with the answers. Clients share a budget by
 * sharing the value. Fails with `InvalidInput` for a limit below 1 and a window that is no length of time.
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
  const rate = options.limit / Duration.toSeconds(window.value)
  return fromLimits({ initial: rate, min: rate, max: rate, burst: options.limit })
})

/**
 * Options of an adaptive pace. The service documents no limit for its control plane, so the defaults are those of this
 * library.
 *
 * @category options
 * @since 0.1.0
 */
export interface AdaptiveOptions {
  /**
   * Requests a second to begin with.
   *
   * @default 10, or the nearest to it that `min` and `max` allow
   */
  readonly initial?: number | undefined
  /**
   * Requests a second that remain, however many are refused.
   *
   * @default 1, or `max` if that is less
   */
  readonly min?: number | undefined
  /**
   * Requests a second that are never exceeded, but for those that were saved up.
   *
   * @default 100
   */
  readonly max?: number | undefined
  /**
   * How many requests may be sent at once at first, and after a time in which none was sent.
   *
   * @default 10
   */
  readonly burst?: number | undefined
}

/**
 * Creates a pace that finds out what the service allows.
 *
 * **Details**
 *
 * While requests have to wait and nothing is refused, every answer adds one request a second, which doubles the pace each
 * second. Where nobody has to wait, the pace stays. A 429 halves it, all requests wait for the `Retry-After`, and what was saved up is lost. Requests that were refused together
 * count as one refusal. From then on the pace grows by a twentieth each second. Failures that are no 429 do not change it.
 *
 * Refused requests still count as attempts of the `retry` policy. Clients share a pace by sharing the value. Fails
 * with `InvalidInput` for a number that is not positive, for a `min` above `max`, for an `initial` that is not between
 * them, and for a `burst` that is not a whole number.
 *
 * **Example** (As fast as the service allows, up to fifty requests a second)
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
  if (!Number.isFinite(max) || max <= 0) return yield* invalid("max", "must be a number above 0")
  if (!(min > 0 && min <= max)) return yield* invalid("min", "must be a number above 0, and not above max")
  if (!(min <= initial && initial <= max)) return yield* invalid("initial", "must be between min and max")
  if (!Number.isInteger(burst) || burst < 1) return yield* invalid("burst", "must be a whole number, 1 or more")
  return fromLimits({ initial, min, max, burst })
})
