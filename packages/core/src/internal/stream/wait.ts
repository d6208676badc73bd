import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as PineconeError from "../../PineconeError.ts"
import * as Polling from "../../Polling.ts"
import * as WaitError from "../../WaitError.ts"
import * as DurationOption from "../duration.ts"
import { monotonicMillis } from "../time.ts"
import * as Step from "./step.ts"

type Options = Polling.WaitOptions<never> & Polling.NotFoundTolerance

/** Validates the options of a wait and adds defaults. */
export const check = (operation: string, options: Options = {}) =>
  Effect.all({
    maxOutage: DurationOption.fromOption(operation, "maxOutage", options.maxOutage ?? "15 minutes"),
    maxAbsence: DurationOption.fromOption(operation, "maxAbsence", options.maxAbsence ?? "1 minute"),
    timeout: DurationOption.fromOption(operation, "timeout", options.timeout ?? Polling.defaultTimeout)
  })

interface Question<A, E extends PineconeError.ListError> {
  readonly operation: string
  /** Requests the state once, in one or several steps. Only a complete sequence of steps is a result. */
  readonly ask: Step.Step<A, E>
  /** Tolerates `NotFound` for `maxAbsence`. */
  readonly mayBeAbsent: boolean
  /** Returns `true` for a failure that ends the stream without an error. */
  readonly isEnd?: (error: E) => boolean
}

/** Polls and emits the results. Skips transient failures while they are within their limits. */
export const poll = <A, E extends PineconeError.ListError>(
  { ask, isEnd, mayBeAbsent, operation }: Question<A, E>,
  options?: Options
): Stream.Stream<A, E | PineconeError.InvalidInput> =>
  Stream.unwrap(Effect.gen(function*() {
    const { maxAbsence, maxOutage } = yield* check(operation, options)
    const next = yield* Schedule.toStepWithSleep(options?.schedule ?? Polling.defaultSchedule)
    let failingSince: number | undefined
    let absentSince: number | undefined

    /** Returns `true` if a failure at the given time is tolerated. */
    const isPassing = (error: E, now: number): boolean => {
      failingSince ??= now
      absentSince = error._tag === "PineconeNotFound" && mayBeAbsent ? absentSince ?? now : undefined
      return absentSince === undefined
        ? (error.isRetryable || error.category === "protocol") && now - failingSince < Duration.toMillis(maxOutage)
        : now - absentSince < Duration.toMillis(maxAbsence)
    }

    const end = [[], Option.none()] as const

    /** Waits until the next poll. */
    const wait = Effect.matchEffect(next(undefined), {
      onFailure: (error) =>
        Cause.isDone(error)
          ? Effect.succeed(end)
          : Effect.fail(PineconeError.invalidInput(operation, "schedule", error.message)),
      onSuccess: () => Effect.succeed([[], Option.some(ask)] as const)
    })

    const take = (step: Step.Step<A, E>) =>
      Effect.matchEffect(step.run, {
        onFailure: (error) =>
          isEnd?.(error) ? Effect.succeed(end) : Effect.flatMap(monotonicMillis, (now) =>
            isPassing(error, now)
              ? Effect.as(
                Effect.logDebug(`${operation} continues after ${error._tag}`),
                [[], Option.some("wait" as const)] as const
              )
              : Effect.fail(error)),
        onSuccess: ([elements, rest]) => {
          // A first page that arrives each time does not end an outage of the second page.
          if (Option.isNone(rest)) failingSince = absentSince = undefined
          return Effect.succeed([elements, Option.some(Option.getOrElse(rest, () => "wait" as const))] as const)
        }
      })

    return Stream.paginate<Step.Step<A, E> | "wait", A, E | PineconeError.InvalidInput>(
      ask,
      (state) => state === "wait" ? wait : take(state)
    )
  }))

/** Emits the state that the service returns on each poll. */
export const states = <A>(
  operation: string,
  ask: Effect.Effect<A, PineconeError.PineconeError>,
  mayBeAbsent: boolean,
  options?: Options
): Stream.Stream<A, PineconeError.PineconeError> => poll({ operation, ask: Step.once(ask), mayBeAbsent }, options)

interface Wait<A, E, S> {
  readonly operation: string
  /** The operation that is waited for, so that the caller can resume the wait. */
  readonly started: S
  /** The resource that is waited for, as the subject of a sentence. */
  readonly subject: string
  readonly states: Stream.Stream<A, E>
  readonly isFinal: (state: A) => boolean
  readonly statusOf: (state: A) => string
  /** Start of the wait on the monotonic clock. Defaults to now. */
  readonly startedAt?: number
}

/** Returns the first final state. Fails with `WaitTimedOut` if it does not arrive in time, or if the states end. */
export const final = <A, E, S extends WaitError.Started>(
  { isFinal, operation, started, startedAt, states, statusOf, subject }: Wait<A, E, S>,
  options?: Polling.WaitOptions<A> & Polling.NotFoundTolerance
): Effect.Effect<A, E | PineconeError.InvalidInput | WaitError.WaitTimedOut<A, S>> =>
  Effect.gen(function*() {
    const { timeout } = yield* check(operation, options)
    const now = yield* monotonicMillis
    const began = startedAt ?? now
    let last: A | undefined
    yield* states.pipe(
      Stream.takeUntil(isFinal),
      Stream.runForEach((state) => {
        last = state
        return options?.onState?.(state) ?? Effect.void
      }),
      Effect.timeoutOrElse({
        duration: Duration.millis(began + Duration.toMillis(timeout) - now),
        orElse: () => Effect.void
      })
    )
    if (last !== undefined && isFinal(last)) return last
    const waited = Duration.millis(Math.round((yield* monotonicMillis) - began))
    const status = last === undefined ? "still had no known status" : `was still ${statusOf(last)}`
    const message = `${subject} ${status} after ${Duration.format(waited)}`
    return yield* new WaitError.WaitTimedOut<A, S>({ operation, message, waited, last, started })
  })

/** Adds the started operation to the error of a request that fails after the start. */
export const after = <S extends WaitError.Started>(operation: string, started: S, problem: string) =>
<A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, Exclude<E, PineconeError.PineconeError> | WaitError.Unfinished<S>, R> =>
  Effect.mapError(self, (error) =>
    PineconeError.isPineconeError(error)
      ? new WaitError.Unfinished<S>({ operation, message: `${problem}: ${error.message}`, started, cause: error })
      : error as Exclude<E, PineconeError.PineconeError>)
