/** Steps of a drill that the workflow engine records, and that are retried after durable delays. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Activity from "effect/workflow/Activity"
import * as DurableClock from "effect/workflow/DurableClock"
import { millis } from "../../internal/time.ts"
import { DrillFailure, type StepError } from "../DrillError.ts"
import * as DrillReport from "../DrillReport.ts"

/** A delay that grows by half with each attempt. Whole seconds, because times of the engine are whole milliseconds. */
export const pause = (attempt: number, first: Duration.Duration, most: Duration.Duration): Duration.Duration =>
  Duration.min(Duration.seconds(Math.round(Duration.toSeconds(first) * 1.5 ** attempt)), most)

/** A durable delay. Without the threshold, the engine restarts delays of up to a minute from zero after a crash. */
export const sleep = (name: string, duration: Duration.Duration) =>
  DurableClock.sleep({ name, duration, inMemoryThreshold: 0 })

/** An instant in whole milliseconds, because the engine records nothing finer. */
export const whole = (at: DateTime.Utc): DateTime.Utc => DateTime.makeUnsafe(Math.floor(millis(at)))

/** The time in whole milliseconds. */
export const now: Effect.Effect<DateTime.Utc> = Effect.map(DateTime.now, whole)

/** The recorded result of one attempt of a step, and when it ended. */
export interface Attempt<A> {
  readonly at: DateTime.Utc
  readonly result:
    | { readonly _tag: "Done"; readonly value: A }
    | { readonly _tag: "Unavailable"; readonly message: string; readonly isRestoring?: boolean }
    | { readonly _tag: "Failed"; readonly code: DrillReport.ReasonCode; readonly message: string }
}

/**
 * Schema for attempts of a step with a result. Create it once per step: a schema is compiled on first use, and a replay uses
 * the schema of every recorded step.
 */
export const Attempt = <A, I>(success: Schema.Codec<A, I>): Schema.Codec<Attempt<A>> =>
  Schema.Struct({
    at: Schema.DateTimeUtcFromMillis,
    result: Schema.Union([
      Schema.TaggedStruct("Done", { value: success }),
      Schema.TaggedStruct("Unavailable", {
        message: Schema.String,
        isRestoring: Schema.optionalKey(Schema.Boolean)
      }),
      Schema.TaggedStruct("Failed", { code: DrillReport.ReasonCode, message: Schema.String })
    ])
    // The compiler cannot resolve a field whose type is a parameter.
  }) as never

/** The result of a step as a value. */
const resultOf = <A, R>(
  execute: Effect.Effect<A, StepError, R>
): Effect.Effect<Attempt<A>["result"], never, R> =>
  Effect.match(execute, {
    onSuccess: (value): Attempt<A>["result"] => ({ _tag: "Done", value }),
    onFailure: (error) =>
      error._tag === "DrillUnavailable"
        ? {
          _tag: "Unavailable",
          message: error.message,
          ...(error.isRestoring !== undefined && { isRestoring: error.isRestoring })
        }
        : { _tag: "Failed", code: error.code, message: error.message }
  })

/** Executes a step once, without recording its result. */
export const attemptPlainly = <A, R>(execute: Effect.Effect<A, StepError, R>): Effect.Effect<Attempt<A>, never, R> =>
  Effect.flatMap(resultOf(execute), (result) => Effect.map(now, (at) => ({ at, result })))

/** Executes a step once, and records its result. A crash before the result is recorded executes it again. */
export const attempt = <A, R>(
  name: string,
  success: Schema.Codec<Attempt<A>>,
  execute: Effect.Effect<A, StepError, R>
) => Activity.make({ name, success, execute: attemptPlainly(execute) })

/** Message of a drill that was not completed before its deadline. */
export const late = "the drill was not completed within its timeout"

/**
 * Like `attempt`, but fails with the code `timeout` instead if the deadline has passed. A drill that resumes after its deadline,
 * because no runner was up, must not do more than remove its index.
 */
export const attemptBefore = <A, R>(
  deadline: DateTime.Utc,
  name: string,
  success: Schema.Codec<Attempt<A>>,
  execute: Effect.Effect<A, StepError, R>
) =>
  attempt(
    name,
    success,
    Effect.flatMap(now, (at): Effect.Effect<A, StepError, R> =>
      millis(at) > millis(deadline) ? Effect.fail(new DrillFailure({ code: "timeout", message: late })) : execute)
  )

/** Time limit for retrying an unavailable step. */
const maxOutage = Duration.minutes(15)

/**
 * Retries a step while it is unavailable. Fails with the code `request` after 15 minutes of outage, and with `timeout` at the
 * deadline. Waiting for another restore is not an outage.
 */
export const persist = Effect.fnUntraced(function*<A, R>(
  name: string,
  success: Schema.Codec<Attempt<A>>,
  execute: Effect.Effect<A, StepError, R>,
  deadline: DateTime.Utc
) {
  let failingSince: number | undefined
  for (let n = 0;; n++) {
    const { at, result } = yield* attemptBefore(deadline, `${name}/${n}`, success, execute)
    if (result._tag === "Done") return { at, value: result.value }
    if (result._tag === "Failed") return yield* new DrillFailure({ code: result.code, message: result.message })
    failingSince = result.isRestoring === true ? undefined : failingSince ?? millis(at)
    if (failingSince !== undefined && millis(at) - failingSince >= Duration.toMillis(maxOutage)) {
      return yield* new DrillFailure({ code: "request", message: result.message })
    }
    yield* sleepUntil(`${name}-pause/${n}`, at, pause(n, Duration.seconds(5), Duration.minutes(2)), deadline)
  }
})

/** Sleeps, but not beyond the deadline. Fails with the code `timeout` if there is no time left. */
export const sleepUntil = Effect.fnUntraced(function*(
  name: string,
  at: DateTime.Utc,
  duration: Duration.Duration,
  deadline: DateTime.Utc
) {
  const left = Duration.millis(Math.max(0, millis(deadline) - millis(at)))
  if (Duration.isZero(left)) {
    return yield* new DrillFailure({ code: "timeout", message: late })
  }
  yield* sleep(name, Duration.min(duration, left))
})
