import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type * as PineconeError from "../PineconeError.ts"
import * as Polling from "../Polling.ts"
import * as RestoreJob from "../RestoreJob.ts"
import * as WaitError from "../WaitError.ts"
import * as DurationOption from "./duration.ts"

type Options = Polling.WaitOptions & Polling.MaybeAbsent

/** The options of a wait that make sense, with their defaults. */
export const check = (operation: string, options: Options = {}) =>
  Effect.all({
    maxOutage: DurationOption.fromOption(operation, "maxOutage", options.maxOutage ?? "15 minutes"),
    maxAbsence: DurationOption.fromOption(operation, "maxAbsence", options.maxAbsence ?? "1 minute"),
    timeout: DurationOption.fromOption(operation, "timeout", options.timeout ?? "6 hours")
  })

interface Question<A> {
  readonly operation: string
  readonly ask: Effect.Effect<A, PineconeError.PineconeError>
  /** Whether `NotFound` may pass. */
  readonly mayBeAbsent: boolean
}

/** What the service answers each time it is asked. Failures that may pass are left out while they may. */
export const answers = <A extends object>(
  { ask, mayBeAbsent, operation }: Question<A>,
  options?: Options
): Stream.Stream<A, PineconeError.PineconeError> =>
  Stream.unwrap(Effect.gen(function*() {
    const { maxAbsence, maxOutage } = yield* check(operation, options)
    let answeredAt = yield* Clock.currentTimeMillis
    let absentSince: number | undefined

    const onFailure = Effect.fnUntraced(function*(error: PineconeError.PineconeError) {
      const now = yield* Clock.currentTimeMillis
      absentSince = error._tag === "NotFound" && mayBeAbsent ? absentSince ?? now : undefined
      const mayPass = absentSince === undefined
        ? error.isRetryable
        : now - absentSince < Duration.toMillis(maxAbsence)
      if (!mayPass || now - answeredAt >= Duration.toMillis(maxOutage)) return yield* error
      yield* Effect.logDebug(`${operation} goes on after ${error._tag}`)
      return undefined
    })
    const onSuccess = (answer: A) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        answeredAt = now
        absentSince = undefined
        return answer
      })
    return Stream.fromEffectSchedule(
      Effect.matchEffect(ask, { onFailure, onSuccess }),
      options?.schedule ?? Polling.defaultSchedule
    )
  })).pipe(Stream.filter(Predicate.isNotUndefined))

interface Wait<A, E> {
  readonly operation: string
  /** What is waited for, at the beginning of a sentence. */
  readonly subject: string
  readonly states: Stream.Stream<A, E>
  readonly isFinal: (state: A) => boolean
  readonly statusOf: (state: A) => string
  /** When it began, if not now. */
  readonly startedAt?: number
}

/** The final one of some states, or `WaitTimedOut` if it does not come, or not in time. */
export const final = <A, E>(
  { isFinal, operation, startedAt, states, statusOf, subject }: Wait<A, E>,
  options?: Options
): Effect.Effect<A, E | PineconeError.InvalidInput | WaitError.WaitTimedOut<A>> =>
  Effect.gen(function*() {
    const { timeout } = yield* check(operation, options)
    const now = yield* Clock.currentTimeMillis
    const began = startedAt ?? now
    let last: A | undefined
    yield* states.pipe(
      Stream.takeUntil(isFinal),
      Stream.runForEach((state) => Effect.sync(() => last = state)),
      Effect.timeoutOrElse({
        duration: Duration.millis(began + Duration.toMillis(timeout) - now),
        orElse: () => Effect.void
      })
    )
    if (last !== undefined && isFinal(last)) return last
    const waited = Duration.millis((yield* Clock.currentTimeMillis) - began)
    const status = last === undefined ? "could not be seen" : `was still ${statusOf(last)}`
    const message = `${subject} ${status} after ${Duration.format(waited)}`
    return yield* new WaitError.WaitTimedOut<A>({ operation, message, waited, last })
  }).pipe(Effect.withSpan(operation))

/** A restore job that is over, if it is completed. */
export const completed = (
  operation: string,
  job: RestoreJob.RestoreJob
): Effect.Effect<RestoreJob.RestoreJob, WaitError.RestoreFailed | WaitError.RestoreCancelled> => {
  if (RestoreJob.isCompleted(job)) return Effect.succeed(job)
  const message =
    `Restore job ${job.restoreJobId} ended as ${job.status}: index ${job.targetIndexName} was not restored`
  return Effect.fail(
    job.status === "Cancelled"
      ? new WaitError.RestoreCancelled({ operation, message, job })
      : new WaitError.RestoreFailed({ operation, message, job })
  )
}
