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

/** The options of a wait that make sense, with their defaults. */
export const check = (operation: string, options: Options = {}) =>
  Effect.all({
    maxOutage: DurationOption.fromOption(operation, "maxOutage", options.maxOutage ?? "15 minutes"),
    maxAbsence: DurationOption.fromOption(operation, "maxAbsence", options.maxAbsence ?? "1 minute"),
    timeout: DurationOption.fromOption(operation, "timeout", options.timeout ?? Polling.defaultTimeout)
  })

interface Question<A, E extends PineconeError.ListError> {
  readonly operation: string
  /** Asks once. */
  readonly ask: Step.Step<A, E>
  /** Whether `NotFound` may pass. */
  readonly mayBeAbsent: boolean
  /** Whether a failure is the end, and no failure. */
  readonly isEnd?: (error: E) => boolean
}

/** Asks again and again, and says what comes of it. Failures that may pass are left out while they may. */
export const poll = <A, E extends PineconeError.ListError>(
  { ask, isEnd, mayBeAbsent, operation }: Question<A, E>,
  options?: Options
): Stream.Stream<A, E | PineconeError.InvalidInput> =>
  Stream.unwrap(Effect.gen(function*() {
    const { maxAbsence, maxOutage } = yield* check(operation, options)
    const next = yield* Schedule.toStepWithSleep(options?.schedule ?? Polling.defaultSchedule)
    let failingSince: number | undefined
    let absentSince: number | undefined

    /** Whether to go on after a failure at a time. */
    const isPassing = (error: E, now: number): boolean => {
      failingSince ??= now
      absentSince = error._tag === "PineconeNotFound" && mayBeAbsent ? absentSince ?? now : undefined
      return absentSince === undefined
        ? (error.isRetryable || error.category === "protocol") && now - failingSince < Duration.toMillis(maxOutage)
        : now - absentSince < Duration.toMillis(maxAbsence)
    }

    const end = [[], Option.none()] as const

    /** Waits until it is time to ask again. */
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
                Effect.logDebug(`${operation} goes on after ${error._tag}`),
                [[], Option.some("wait" as const)] as const
              )
              : Effect.fail(error)),
        onSuccess: ([elements, rest]) => {
          failingSince = absentSince = undefined
          return Effect.succeed([elements, Option.some(Option.getOrElse(rest, () => "wait" as const))] as const)
        }
      })

    return Stream.paginate<Step.Step<A, E> | "wait", A, E | PineconeError.InvalidInput>(
      ask,
      (state) => state === "wait" ? wait : take(state)
    )
  }))

/** What the service answers, each time that it is asked. */
export const states = <A>(
  operation: string,
  ask: Effect.Effect<A, PineconeError.PineconeError>,
  mayBeAbsent: boolean,
  options?: Options
): Stream.Stream<A, PineconeError.PineconeError> => poll({ operation, ask: Step.once(ask), mayBeAbsent }, options)

interface Wait<A, E, S> {
  readonly operation: string
  /** What is waited for, for whoever wants to go on. */
  readonly started: S
  /** What is waited for, at the beginning of a sentence. */
  readonly subject: string
  readonly states: Stream.Stream<A, E>
  readonly isFinal: (state: A) => boolean
  readonly statusOf: (state: A) => string
  /** When it began, by the monotonic clock, if not now. */
  readonly startedAt?: number
}

/** The final one of some states, or `WaitTimedOut` if it does not come, or not in time. */
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
    const status = last === undefined ? "could not be seen" : `was still ${statusOf(last)}`
    const message = `${subject} ${status} after ${Duration.format(waited)}`
    return yield* new WaitError.WaitTimedOut<A, S>({ operation, message, waited, last, started })
  })

/** What follows a start: where a request fails then, the failure says what was started. */
export const after = <S extends WaitError.Started>(operation: string, started: S, problem: string) =>
<A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, Exclude<E, PineconeError.PineconeError> | WaitError.Unfinished<S>, R> =>
  Effect.mapError(self, (error) =>
    PineconeError.isPineconeError(error)
      ? new WaitError.Unfinished<S>({ operation, message: `${problem}: ${error.message}`, started, cause: error })
      : error as Exclude<E, PineconeError.PineconeError>)
