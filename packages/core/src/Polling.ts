/**
 * How to wait for something: when to ask again, and for how long.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

/**
 * How a schedule may fail: `Schedule.cron` does, if its text is no cron expression.
 *
 * @category options
 * @since 0.1.0
 */
export interface ScheduleError {
  readonly message: string
}

/**
 * Options of what asks again and again.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /**
   * When to ask again. A schedule that ends, ends the asking; one that fails makes the call fail with
   * `InvalidInput`.
   *
   * @default defaultSchedule
   */
  readonly schedule?: Schedule.Schedule<unknown, unknown, ScheduleError> | undefined
  /**
   * How long the service may give no usable answer before its failure becomes that of the caller. What is put up with
   * are failures that are `isRetryable`, after the client has repeated the request as its policy says, and answers
   * that cannot be read. It counts from the first failure in a row. A list of several pages is an answer when it has been
   * read to its end.
   *
   * @default "15 minutes"
   */
  readonly maxOutage?: Duration.Input | undefined
}

/**
 * Options of a wait for something whose states are of type `A`.
 *
 * @category options
 * @since 0.1.0
 */
export interface WaitOptions<in A> extends Options {
  /**
   * How long to wait at most, before the wait fails with `WaitTimedOut`. `Duration.infinity` for ever.
   *
   * @default defaultTimeout
   */
  readonly timeout?: Duration.Input | undefined
  /** What to do with every state that is seen, the last included, before asking again: to show progress, say. */
  readonly onState?: ((state: A) => Effect.Effect<void>) | undefined
}

/**
 * Options of a wait for something that may not be there at first.
 *
 * @category options
 * @since 0.1.0
 */
export interface NotFoundTolerance {
  /**
   * How long `NotFound` is put up with, from the first in a row. The service gives that answer for a moment after a restore was started,
   * and while it cannot reach its own list of jobs; but also for a job that never was, and for one whose index
   * was deleted.
   *
   * @default "1 minute"
   */
  readonly maxAbsence?: Duration.Input | undefined
}

/**
 * The timeout of a wait that is given none: 6 hours. The longest restore that Pinecone's documentation speaks of takes 5.
 *
 * @category constructors
 * @since 0.1.0
 */
export const defaultTimeout: Duration.Duration = /* @__PURE__ */ Duration.hours(6)

/**
 * The schedule of a wait that is given none: after 2 seconds, then half as long again each time, up to 15
 * seconds; every delay up to a fifth shorter or longer by chance.
 *
 * @category constructors
 * @since 0.1.0
 */
export const defaultSchedule: Schedule.Schedule<unknown> = /* @__PURE__ */ Schedule.jittered(
  /* @__PURE__ */ Schedule.min([
    /* @__PURE__ */ Schedule.exponential("2 seconds", 1.5),
    /* @__PURE__ */ Schedule.spaced("15 seconds")
  ])
)
