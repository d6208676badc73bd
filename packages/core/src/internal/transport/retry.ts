/** Retries requests where that is safe, after recovery lookups for lost attempts. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Pull from "effect/Pull"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import type * as Tracer from "effect/Tracer"
import * as PineconeError from "../../PineconeError.ts"
import type * as RateLimit from "../../RateLimit.ts"
import * as RetryPolicy from "../../RetryPolicy.ts"
import { inDoubt } from "../in-doubt.ts"
import { monotonicMillis, monotonicMillisOf } from "../time.ts"
import type * as Call from "./call.ts"
import * as Metrics from "./metrics.ts"
import * as Options from "./options.ts"
import * as Reconcile from "./reconcile.ts"
import type * as Send from "./send.ts"

/** A request that is about to be retried. */
export interface Retry {
  /** Service and method: `Backups.list`. */
  readonly operation: string
  /** Error of the last attempt. */
  readonly error: PineconeError.PineconeError
  /** Delay before the retry. */
  readonly delay: Duration.Duration
}

/** Connection options that apply between attempts. */
export interface Hooks {
  readonly onRetry?: ((retry: Retry) => Effect.Effect<void>) | undefined
  readonly rateLimit?: RateLimit.RateLimit | undefined
}

/** Reports the outcome of a request to the rate limit. */
type Report = Effect.Success<ReturnType<RateLimit.RateLimit["take"]>>

const answered: RateLimit.Outcome = { _tag: "answered" }

const failed: RateLimit.Outcome = { _tag: "failed" }

const inWholeMillis = (duration: Duration.Duration): string =>
  Duration.format(Duration.millis(Math.ceil(Duration.toMillis(duration))))

/** Method that decides whether a retry is safe. A call with a recovery lookup is as safe as a read. */
const safetyOf = <A>({ isRead, method, recovery }: Call.Call<A>) => recovery === undefined && !isRead ? method : "GET"

/** Hint for a request that was not retried because the service requested a longer delay than the policy allows. */
const hintOf = (
  { attempts, error }: Reconcile.Failed,
  method: Call.Call<unknown>["method"],
  { maxRetryAfter, times }: RetryPolicy.RetryPolicy,
  millisLeft: number
): string | undefined => {
  const { retryAfter } = error
  if (retryAfter === undefined || attempts > times || millisLeft <= 0 || !RetryPolicy.isSafe(method, error)) {
    return undefined
  }
  const isTooLong = Duration.isGreaterThan(retryAfter, Duration.fromInputUnsafe(maxRetryAfter)) ||
    Duration.toMillis(retryAfter) >= millisLeft
  return isTooLong
    ? `the service requested a delay of ${inWholeMillis(retryAfter)}, more than the retry policy allows`
    : undefined
}

/**
 * Runs calls: attempts up to the limits of the policy, and recovery lookups after attempts that may have taken effect.
 */
export const make = (connection: Send.Connection, settings: Options.CallSettings, { onRetry, rateLimit }: Hooks) => {
  // A pause delays every call of the connection, so the policy of the connection applies, not the policy of the
  // rejected call.
  const maxPause = Duration.fromInputUnsafe(settings.retry.maxRetryAfter)

  const usualDeadline = Duration.fromInputUnsafe(settings.retry.deadline)

  const outcomeOf = ({ isRetryable, retryAfter, status }: PineconeError.PineconeError): RateLimit.Outcome => {
    if (status === undefined || (isRetryable && status !== 429)) return failed
    if (status !== 429) return answered
    // A pause that this request does not wait for must not delay others. Each of those requests fails immediately with
    // the same hint.
    const isWaitedFor = retryAfter !== undefined && Duration.isLessThanOrEqualTo(retryAfter, maxPause)
    return { _tag: "refused", retryAfter: isWaitedFor ? retryAfter : undefined }
  }

  /**
   * Runs an attempt when the rate limit gives the request its turn, and reports the outcome to the rate limit,
   * including interruption and a turn that came too late. `wait` receives the turn and waits for it.
   */
  const inTurn = <A, E extends { readonly error: PineconeError.PineconeError }>(
    isRetry: boolean,
    wait: (turn: Effect.Effect<void>) => Effect.Effect<void, E>,
    attempt: Effect.Effect<A, E>
  ): Effect.Effect<A, E> =>
    rateLimit === undefined ? Effect.andThen(wait(Effect.void), attempt) : Effect.suspend(() => {
      let report: Report | undefined
      let isSent = false
      const turn = Effect.map(rateLimit.take({ isRetry }), (taken) => {
        report = taken
      })
      const sent = Effect.suspend(() => {
        isSent = true
        return attempt
      })
      return Effect.onExit(Effect.andThen(wait(turn), sent), (exit) => {
        if (report === undefined) return Effect.void
        if (Exit.isSuccess(exit)) return report(answered)
        const failure = isSent ? Cause.findErrorOption(exit.cause) : Option.none()
        return report(Option.isSome(failure) ? outcomeOf(failure.value.error) : failed)
      })
    })

  /**
   * Creates a function that waits for the delay before the next attempt, and returns `false` if there must not be one.
   */
  const makeDelay = Effect.fnUntraced(function*<A>(
    call: Call.Call<A>,
    policy: RetryPolicy.RetryPolicy,
    startedAt: number
  ) {
    const { method, operation } = call
    const isOnce = (yield* Reconcile.Lookup) === "once"
    const schedule = RetryPolicy.schedule(isOnce ? RetryPolicy.none : policy, safetyOf(call), startedAt).pipe(
      // Servers close idle connections. A read can use another connection immediately.
      Schedule.modifyDelay(({ duration, input }) =>
        Effect.succeed(
          method === "GET" && input.attempts === 1 && connection.isStale(input) ? Duration.zero : duration
        )
      ),
      Schedule.tap(({ duration, input }) =>
        Effect.andThen(
          Effect.logDebug(`${operation} failed with ${input._tag} and is retried in ${inWholeMillis(duration)}`),
          onRetry?.({ operation, error: input, delay: duration }) ?? Effect.void
        )
      )
    )
    const step = yield* Schedule.toStepWithSleep(schedule)
    return (error: PineconeError.PineconeError) =>
      step(error).pipe(Effect.as(true), Pull.catchDone(() => Effect.succeed(false)))
  })

  /** Continues after a failed first attempt. */
  const recover = Effect.fnUntraced(function*<A>(
    call: Call.Call<A>,
    span: Tracer.Span,
    exchange: Send.Exchange<A>,
    { requestTimeout, retry: policy }: Options.CallSettings,
    startedAt: number,
    first: Reconcile.Failed
  ): Effect.fn.Return<A, PineconeError.PineconeError> {
    const deadline = startedAt + Duration.toMillis(policy.deadline)

    /** Runs the recovery lookup. Fails with the state after the lookup if nothing is found. */
    const reconcile = (failed: Reconcile.Failed) =>
      Effect.flatMap(monotonicMillis, (now) =>
        Reconcile.reconcile(
          failed,
          call.recovery,
          Duration.millis(Math.max(0, deadline - now) + Duration.toMillis(requestTimeout))
        )).pipe(Effect.tap(() => Effect.sync(() => span.attribute("pinecone.recovered", true))))

    /** Waits for the turn of a retry. Fails if the turn comes after the deadline. */
    const waitAgain = (failed: Reconcile.Failed) => (turn: Effect.Effect<void>) =>
      Effect.flatMap(
        monotonicMillis,
        (now) =>
          now >= deadline ? Effect.fail(failed) : Effect.timeoutOrElse(
            turn,
            { duration: Duration.millis(deadline - now), orElse: () => Effect.fail(failed) }
          )
      ).pipe(Effect.tap(() => Metrics.retried(call.name)))

    /** The next attempt: recovery lookup, turn and request. */
    const attempt = (previous: Reconcile.Failed): Effect.Effect<A, Reconcile.Failed> =>
      Effect.catch(reconcile(previous), (failed) => {
        if (failed.doubt === "unresolved") return Effect.fail(failed)
        const attempts = failed.attempts + 1
        return inTurn(
          true,
          waitAgain(failed),
          Effect.suspend(() =>
            Effect.mapError(
              exchange({ attempts, requestTimeout, deadline }),
              (failure) => Reconcile.afterFailure(failed, attempts, failure)
            )
          )
        )
      })

    const delay = yield* makeDelay(call, policy, startedAt)
    let failed = first
    while (yield* delay(failed.error)) {
      const result = yield* Effect.result(attempt(failed))
      if (Result.isSuccess(result)) return result.success
      failed = result.failure
    }

    const hint = hintOf(failed, safetyOf(call), policy, deadline - (yield* monotonicMillis))
    return yield* (failed.doubt === "open" ? reconcile(failed) : Effect.fail(failed)).pipe(
      Effect.catch(({ doubt, error }) => {
        if (call.whenGone !== undefined && doubt !== "none" && Reconcile.isGone(error)) return call.whenGone
        const isInDoubt = doubt === "unresolved" || (doubt === "open" && !call.isRead)
        const told = hint === undefined ? error : Object.assign(error, { hint })
        return Effect.fail(isInDoubt ? inDoubt(told) : told)
      })
    )
  })

  /** Makes waits and retries children of the span of the call. */
  const inside = (span: Tracer.Span) => Effect.withParentSpan(span, { captureStackTrace: false })

  return <A>(call: Call.Call<A>, span: Tracer.Span): Effect.Effect<A, PineconeError.PineconeError> =>
    Effect.withFiber(({ context }) => {
      const lookup = Context.get(context, Reconcile.Lookup)
      const run = (own: Options.CallSettings): Effect.Effect<A, PineconeError.PineconeError> => {
        const prepared = connection.prepare(call, span, lookup)
        if (Exit.isFailure(prepared)) return Effect.failCause(prepared.cause)
        const exchange = prepared.value
        const now = () => monotonicMillisOf(Context.get(context, Clock.Clock))
        // The deadline of a policy starts with the first request, the deadline of a call starts here.
        let startedAt = now()
        const allowed = own === settings ? usualDeadline : Duration.fromInputUnsafe(own.retry.deadline)
        const send = () =>
          exchange({
            attempts: 1,
            requestTimeout: own.requestTimeout,
            deadline: startedAt + Duration.toMillis(allowed)
          })
        const goOn = (failure: Reconcile.Failure) =>
          // Nothing was sent, so there is nothing to retry.
          failure.error.attempts === 0
            ? Effect.fail(failure.error)
            : inside(span)(recover(call, span, exchange, own, startedAt, Reconcile.afterFailure(undefined, 1, failure)))
        if (rateLimit === undefined) return Effect.catch(send(), goOn)

        const tooLate = () =>
          Effect.fail<Reconcile.Failure>({
            error: new PineconeError.RequestTimedOut({
              operation: call.operation,
              message: `Nothing was sent: the rate limit did not allow the request within ${Duration.format(allowed)}`,
              timeout: allowed,
              attempts: 0
            }),
            status: undefined,
            isUnsent: true
          })
        const wait = (turn: Effect.Effect<void>) =>
          inside(span)(
            own.isDeadlineOfCall === true ? Effect.timeoutOrElse(turn, { duration: allowed, orElse: tooLate }) : turn
          )
        const attempt = Effect.suspend(() => {
          if (own.isDeadlineOfCall !== true) startedAt = now()
          return now() >= startedAt + Duration.toMillis(allowed) ? tooLate() : send()
        })
        // A recovery lookup is part of another operation, which has a deadline.
        return Effect.catch(inTurn(lookup === "once", wait, attempt), goOn)
      }
      const options = Context.get(context, Options.Current)
      return options === Options.none
        ? run(settings)
        : Effect.flatMap(Options.forCall(settings, options, call.operation), run)
    })
}
