/**
 * Options and defaults for waiting: the polling interval and the time limits.
 *
 * **Example** (Polling every 30 seconds for up to 1 hour)
 *
 * ```ts
 * import * as Backup from "@pinecone-backups/core/Backup"
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import type * as Polling from "@pinecone-backups/core/Polling"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Schedule from "effect/Schedule"
 *
 * const patient: Polling.WaitOptions<Backup.Backup> = {
 *   schedule: Schedule.spaced("30 seconds"),
 *   timeout: "1 hour",
 *   onState: ({ status }) => Console.log(status)
 * }
 *
 * export const program = Effect.gen(function*() {
 *   const backups = yield* Backups.Backups
 *   yield* backups.awaitReady(Backup.BackupId.make("d2f4a908"), patient) // => Ready
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

/**
 * The error of a polling schedule: `Schedule.cron` fails with it if the expression is invalid.
 *
 * @category options
 * @since 0.1.0
 */
export interface ScheduleError {
  readonly message: string
}

/**
 * Polling options.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /**
   * The delays between polls. When the schedule ends, polling ends. If the schedule fails, the call fails with
   * `InvalidInput`.
   *
   * @default defaultSchedule
   */
  readonly schedule?: Schedule.Schedule<unknown, unknown, ScheduleError> | undefined
  /**
   * Maximum time without a usable response, after which the call fails with the last error.
   *
   * **Details**
   *
   * Retryable failures that remain after the retries of the client, and unreadable responses, are tolerated until then.
   * The time is measured from the first consecutive failure. A list of several pages counts as a usable response when
   * it has been read completely.
   *
   * @default "15 minutes"
   */
  readonly maxOutage?: Duration.Input | undefined
}

/**
 * Options for waiting for a resource with states of type `A`.
 *
 * @category options
 * @since 0.1.0
 */
export interface WaitOptions<in A> extends Options {
  /**
   * Time limit of the wait, after which it fails with `WaitTimedOut`. Use `Duration.infinity` to wait indefinitely.
   *
   * @default defaultTimeout
   */
  readonly timeout?: Duration.Input | undefined
  /** Called with every state, including the last, before the next poll: for example to show progress. */
  readonly onState?: ((state: A) => Effect.Effect<void>) | undefined
}

/**
 * Options for waiting for a resource that may not be found at first.
 *
 * @category options
 * @since 0.1.0
 */
export interface NotFoundTolerance {
  /**
   * Maximum time for which `NotFound` is tolerated, measured from the first consecutive `NotFound`.
   *
   * **Details**
   *
   * The service returns `NotFound` for a moment after a restore was started and while its list of jobs is unavailable,
   * but also for jobs that never existed and for jobs whose index was deleted.
   *
   * @default "1 minute"
   */
  readonly maxAbsence?: Duration.Input | undefined
}

/**
 * The default timeout of a wait: 6 hours. The longest restore in Pinecone's documentation takes 5 hours.
 *
 * @category constructors
 * @since 0.1.0
 */
export const defaultTimeout: Duration.Duration = /* @__PURE__ */ Duration.hours(6)

/**
 * The default polling schedule: a delay of 2 seconds that grows by 50% each time, up to 15 seconds. Every delay is
 * randomized by up to 20%.
 *
 * @category constructors
 * @since 0.1.0
 */
export const defaultSchedule: Schedule.Schedule<unknown> = /* @__PURE__ */ Schedule.jittered(
  /* @__PURE__ */ Schedule.min([
    /* @__PURE__ */ Schedule.exponential(/* @__PURE__ */ Duration.seconds(2), 1.5),
    /* @__PURE__ */ Schedule.spaced(/* @__PURE__ */ Duration.seconds(15))
  ])
)
