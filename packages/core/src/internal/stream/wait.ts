import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as PineconeError from "../../PineconeError.ts"
import * as Polling from "../../Polling.ts"
import * as WaitError from "../../WaitError.ts"
import * as DurationOption from "../duration.ts"
import { monotonicMillis } from "../time.ts"

type Options = Polling.WaitOptions<never> & Polling.NotFoundTolerance

/** The options of a wait that make sense, with their defaults. */
export const check = (operation: string, options: Options = {}) =>
  Effect.all({
    maxOutage: DurationOption.fromOption(operation, "maxOutage", options.maxOutage ?? "15 minutes"),
    maxAbsence: DurationOption.fromOption(operation, "maxAbsence", options.maxAbsence ?? "1 minute"),
    timeout: DurationOption.fromOption(operation, "timeout", options.timeout ?? Polling.defaultTimeout)
  })

interface Limits extends Effect.Success<ReturnType<typeof check>> {}

/** A poll that has begun. */
interface State extends Limits {
  /** Waits until it is time to ask again; fails if it never is. */
  readonly next: (input: unknown) => Effect.Effect<unknown, Cause.Done<unknown> | Polling.ScheduleError>
}

interface Question<A, B, E extends PineconeError.ListError> {
  readonly operation: string
  readonly ask: Effect.Effect<A, E>
  /** Whether `NotFound` may pass. */
  readonly mayBeAbsent: boolean
  /** Whether a failure is the end, and no failure. */
  readonly isEnd?: (error: E) => boolean
  /** What to say of an answer. */
  readonly toElements: (answer: A) => ReadonlyArray<B>
}

/** Asks again and again, and says what comes of it. Failures that may pass are left out while they may. */
export const poll = <A, B, E extends PineconeError.ListError>(
  { ask, isEnd, mayBeAbsent, operation, toElements }: Question<A, B, E>,
  options?: Options
): Stream.Stream<B, E | PineconeError.InvalidInput> =>
  Stream.suspend(() => {
    const end = [[], Option.none<State>()] as const
    let failingSince: number | undefined
    let absentSince: number | undefined

    /** Whether to go on after a failure at a time. */
    const isPassing = (error: E, now: number, { maxAbsence, maxOutage }: Limits): boolean => {
      failingSince ??= now
      absentSince = error._tag === "PineconeNotFound" && mayBeAbsent ? absentSince ?? now : undefined
      return absentSince === undefined
        ? (error.isRetryable || error.category === "protocol") && now - failingSince < Duration.toMillis(maxOutage)
        : now - absentSince < Duration.toMillis(maxAbsence)
    }

    /** What comes of asking once. */
    const once = Effect.fnUntraced(function*(state: State) {
      const result = yield* Effect.result(ask)
      if (Result.isSuccess(result)) {
        failingSince = absentSince = undefined
        return [toElements(result.success), Option.some(state)] as const
      }
      const error = result.failure
      if (isEnd?.(error)) return end
      if (!isPassing(error, yield* monotonicMillis, state)) return yield* Effect.fail(error)
      yield* Effect.logDebug(`${operation} goes on after ${error._tag}`)
      return [[], Option.some(state)] as const
    })

    return Stream.paginate<State | undefined, B, E | PineconeError.InvalidInput>(undefined, (state) =>
      state === undefined
        ? Effect.gen(function*() {
          const limits = yield* check(operation, options)
          const next = yield* Schedule.toStepWithSleep(options?.schedule ?? Polling.defaultSchedule)
          return yield* once({ ...limits, next })
        })
        : Effect.matchEffect(state.next(undefined), {
          onFailure: (error) =>
            Cause.isDone(error)
              ? Effect.succeed(end)
              : Effect.fail(PineconeError.invalidInput(operation, "schedule", error.message)),
          onSuccess: () => once(state)
        }))
  })

/** What the service answers, each time that it is asked. */
export const states = <A>(
  operation: string,
  ask: Effect.Effect<A, PineconeError.PineconeError>,
  mayBeAbsent: boolean,
  options?: Options
): Stream.Stream<A, PineconeError.PineconeError> =>
  poll({ operation, ask, mayBeAbsent, toElements: (answer) => [answer] }, options)

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
