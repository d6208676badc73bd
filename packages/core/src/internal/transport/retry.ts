/** Sends a request again where that is safe, and looks up what lost attempts made before it does. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Pull from "effect/Pull"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import type * as Tracer from "effect/Tracer"
import type * as PineconeError from "../../PineconeError.ts"
import type * as RateLimit from "../../RateLimit.ts"
import * as RetryPolicy from "../../RetryPolicy.ts"
import { inDoubt } from "../in-doubt.ts"
import { monotonicMillis, monotonicMillisOf } from "../time.ts"
import type * as Call from "./call.ts"
import * as Metrics from "./metrics.ts"
import * as Options from "./options.ts"
import * as Reconcile from "./reconcile.ts"
import type * as Send from "./send.ts"

/** A request that is about to be sent again. */
export interface Retry {
  /** The service and its method: `Backups.list`. */
  readonly operation: string
  /** Why: what the last attempt failed with. */
  readonly error: PineconeError.PineconeError
  /** How long after that. */
  readonly delay: Duration.Duration
}

/** The options of a connection that act between attempts. */
export interface Hooks {
  readonly onRetry?: ((retry: Retry) => Effect.Effect<void>) | undefined
  readonly rateLimit?: RateLimit.RateLimit | undefined
}

/** What wants to know the outcome of a request. */
type Report = Effect.Success<ReturnType<RateLimit.RateLimit["take"]>>

const answered: RateLimit.Outcome = { _tag: "answered" }

const inWholeMillis = (duration: Duration.Duration): string =>
  Duration.format(Duration.millis(Math.ceil(Duration.toMillis(duration))))

/** Runs calls: as many attempts as the policy allows, and a lookup after those that may have been carried out. */
export const make = (connection: Send.Connection, settings: Options.CallSettings, { onRetry, rateLimit }: Hooks) => {
  const outcomeOf = (
    { isRetryable, retryAfter, status }: PineconeError.PineconeError,
    { maxRetryAfter }: RetryPolicy.RetryPolicy
  ): RateLimit.Outcome => {
    if (status === undefined || (isRetryable && status !== 429)) return { _tag: "failed" }
    if (status !== 429) return answered
    // What a request does not wait for must not hold up others: each of them fails at once, and says so.
    const isWaitedFor = retryAfter !== undefined &&
      Duration.isLessThanOrEqualTo(retryAfter, Duration.fromInputUnsafe(maxRetryAfter))
    return { _tag: "refused", retryAfter: isWaitedFor ? retryAfter : undefined }
  }

  /** Tells the rate limit what becomes of an attempt. */
  const reported = <A>(
    report: Report | undefined,
    policy: RetryPolicy.RetryPolicy,
    attempt: Effect.Effect<A, PineconeError.PineconeError>
  ) =>
    report === undefined ? attempt : Effect.tapError(
      Effect.tap(attempt, () => report(answered)),
      (error) => report(outcomeOf(error, policy))
    )

  /** Creates what waits for the delay before the next attempt. It answers `false` if there must be none. */
  const makeDelay = Effect.fnUntraced(function*<A>(
    { isRead, method, operation, recovery }: Call.Call<A>,
    policy: RetryPolicy.RetryPolicy,
    startedAt: number
  ) {
    const isOnce = (yield* Reconcile.Lookup) === "once"
    // With a lookup, another attempt is as safe as reading.
    const safety = recovery === undefined && !isRead ? method : "GET"
    const schedule = RetryPolicy.schedule(isOnce ? RetryPolicy.none : policy, safety, startedAt).pipe(
      // Servers close connections that nobody uses. Another one can be tried at once.
      Schedule.modifyDelay(({ duration, input }) =>
        Effect.succeed(
          recovery === undefined && input.attempts === 1 && connection.isStale(input) ? Duration.zero : duration
        )
      ),
      Schedule.tap(({ duration, input }) =>
        Effect.andThen(
          Effect.logDebug(`${operation} failed with ${input._tag} and is tried again in ${inWholeMillis(duration)}`),
          onRetry?.({ operation, error: input, delay: duration }) ?? Effect.void
        )
      )
    )
    const step = yield* Schedule.toStepWithSleep(schedule)
    return (error: PineconeError.PineconeError) =>
      step(error).pipe(Effect.as(true), Pull.catchDone(() => Effect.succeed(false)))
  })

  /** Goes on after the first attempt has failed. */
  const recover = Effect.fnUntraced(function*<A>(
    call: Call.Call<A>,
    span: Tracer.Span,
    exchange: Send.Exchange<A>,
    { requestTimeout, retry: policy }: Options.CallSettings,
    startedAt: number,
    first: Reconcile.Failed
  ): Effect.fn.Return<A, PineconeError.PineconeError> {
    const deadline = startedAt + Duration.toMillis(policy.deadline)

    /** What the failed attempts made. Fails with the state after the lookup if they made nothing. */
    const reconcile = (failed: Reconcile.Failed) =>
      Effect.flatMap(monotonicMillis, (now) =>
        Reconcile.reconcile(
          failed,
          call.recovery,
          Duration.millis(Math.max(0, deadline - now) + Duration.toMillis(requestTimeout))
        )).pipe(Effect.tap(() => Effect.sync(() => span.attribute("pinecone.recovered", true))))

    /** Waits for the turn to send the request again, unless it comes too late. */
    const turnAgain = (failed: Reconcile.Failed) =>
      Effect.flatMap(
        monotonicMillis,
        (now) =>
          now >= deadline ? Effect.fail(failed) : Effect.timeoutOrElse(
            rateLimit?.take({ isRetry: true }) ?? Effect.undefined,
            { duration: Duration.millis(deadline - now), orElse: () => Effect.fail(failed) }
          )
      ).pipe(Effect.tap(() => Metrics.retried(call.name)))

    /** The next attempt: a lookup, the turn and the request. */
    const attempt = (previous: Reconcile.Failed): Effect.Effect<A, Reconcile.Failed> =>
      Effect.catch(reconcile(previous), (failed) => {
        if (failed.doubt === "unresolved") return Effect.fail(failed)
        const attempts = failed.attempts + 1
        return Effect.flatMap(turnAgain(failed), (report) =>
          Effect.mapError(
            reported(report, policy, exchange({ attempts, requestTimeout, deadline })),
            (error) => Reconcile.afterFailure(failed, attempts, error)
          ))
      })

    const delay = yield* makeDelay(call, policy, startedAt)
    let failed = first
    while (yield* delay(failed.error)) {
      const result = yield* Effect.result(attempt(failed))
      if (Result.isSuccess(result)) return result.success
      failed = result.failure
    }

    return yield* (failed.doubt === "open" ? reconcile(failed) : Effect.fail(failed)).pipe(
      Effect.catch(({ doubt, error }) => {
        if (call.whenGone !== undefined && doubt !== "none" && Reconcile.isGone(error)) return call.whenGone
        const isInDoubt = doubt === "unresolved" || (doubt === "open" && !call.isRead)
        return Effect.fail(isInDoubt ? inDoubt(error) : error)
      })
    )
  })

  /** What comes after the first attempt, or before it, is part of the call. */
  const inside = (span: Tracer.Span) => Effect.withParentSpan(span, { captureStackTrace: false })

  return <A>(call: Call.Call<A>, span: Tracer.Span): Effect.Effect<A, PineconeError.PineconeError> =>
    Effect.withFiber(({ context }) => {
      const lookup = Context.get(context, Reconcile.Lookup)
      const run = (own: Options.CallSettings): Effect.Effect<A, PineconeError.PineconeError> => {
        const prepared = connection.prepare(call, span, lookup)
        if (Exit.isFailure(prepared)) return Effect.failCause(prepared.cause)
        const exchange = prepared.value
        const first = (report?: Report) => {
          const startedAt = monotonicMillisOf(Context.get(context, Clock.Clock))
          const deadline = startedAt + Duration.toMillis(own.retry.deadline)
          return Effect.catch(
            reported(report, own.retry, exchange({ attempts: 1, requestTimeout: own.requestTimeout, deadline })),
            (error) =>
              inside(span)(recover(call, span, exchange, own, startedAt, Reconcile.afterFailure(undefined, 1, error)))
          )
        }
        // A lookup is part of another operation, which may have a deadline to meet.
        return rateLimit === undefined
          ? first()
          : Effect.flatMap(inside(span)(rateLimit.take({ isRetry: lookup === "once" })), first)
      }
      const options = Context.get(context, Options.Current)
      return options === Options.none
        ? run(settings)
        : Effect.flatMap(Options.forCall(settings, options, call.operation), run)
    })
}
