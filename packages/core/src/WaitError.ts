/**
 * Errors that end a wait, and errors of calls that have already started an operation. All other errors are a
 * `PineconeError`.
 *
 * **Details**
 *
 * Every error of this module has `started`, with the ID of the backup, restore job or schedule that the call started.
 *
 * @since 0.1.0
 */

import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import type * as Backup from "./Backup.ts"
import type * as BackupSchedule from "./BackupSchedule.ts"
import type * as PineconeError from "./PineconeError.ts"
import type * as PineconeIndex from "./PineconeIndex.ts"
import type * as RestoreJob from "./RestoreJob.ts"

interface Common {
  /** The name of the waiting operation, as in traces: `"Backups.awaitReady"`. */
  readonly operation: string
  /** A readable sentence. */
  readonly message: string
}

/**
 * A backup that was started. `Backups.awaitReady` resumes the wait.
 *
 * @category models
 * @since 0.1.0
 */
export interface StartedBackup {
  readonly backupId: Backup.BackupId
}

/**
 * A restore that was started. `RestoreJobs.awaitReady` resumes the wait.
 *
 * @category models
 * @since 0.1.0
 */
export interface StartedRestore {
  readonly restoreJobId: RestoreJob.RestoreJobId
}

/**
 * A schedule that was created.
 *
 * @category models
 * @since 0.1.0
 */
export interface StartedSchedule {
  readonly scheduleId: BackupSchedule.ScheduleId
}

/**
 * The backup, restore or schedule that was started before a call failed.
 *
 * @category models
 * @since 0.1.0
 */
export type Started = StartedBackup | StartedRestore | StartedSchedule

/**
 * A request failed after the call had started an operation: for example, an outage lasted longer than `maxOutage`.
 *
 * **Details**
 *
 * The operation keeps running on the service.
 *
 * **Gotchas**
 *
 * Repeating the call can start a second operation or conflict with the first. `BackupSchedules.ensure` is the exception:
 * repeating it completes the change.
 *
 * **Example** (Resuming the wait for a restore)
 *
 * ```ts
 * import * as Backup from "@pinecone-backups/core/Backup"
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Effect.gen(function*() {
 *   const backups = yield* Backups.Backups
 *   const jobs = yield* RestoreJobs.RestoreJobs
 *   const { index } = yield* backups.restoreAndAwait(Backup.BackupId.make("d2f4a908"), { name: "docs-restored" }).pipe(
 *     Effect.catchTag("PineconeUnfinished", ({ started }) => jobs.awaitReady(started.restoreJobId))
 *   )
 *   yield* Console.log(index.name) // => docs-restored
 * })
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class Unfinished<out S extends Started> extends Data.TaggedError("PineconeUnfinished")<
  Common & {
    readonly started: Started
    /** The error of the failed request. */
    readonly cause: PineconeError.PineconeError
  }
> {
  declare readonly started: S
}

/**
 * The backup failed. The service does not report a reason.
 *
 * @category errors
 * @since 0.1.0
 */
export class BackupFailed
  extends Data.TaggedError("PineconeBackupFailed")<Common & { readonly backup: Backup.Backup }>
{
  /** The failed backup. */
  get started(): StartedBackup {
    return { backupId: this.backup.backupId }
  }
}

/**
 * The restore failed. The service does not report a reason. The index may exist without data.
 *
 * @category errors
 * @since 0.1.0
 */
export class RestoreFailed extends Data.TaggedError("PineconeRestoreFailed")<
  Common & {
    readonly job: RestoreJob.RestoreJob
    /** The index, if the restore job is completed and the index failed. */
    readonly index?: PineconeIndex.PineconeIndex | undefined
  }
> {
  /** The failed restore. */
  get started(): StartedRestore {
    return { restoreJobId: this.job.restoreJobId }
  }
}

/**
 * The restore was canceled. The index may exist without data.
 *
 * @category errors
 * @since 0.1.0
 */
export class RestoreCancelled
  extends Data.TaggedError("PineconeRestoreCancelled")<Common & { readonly job: RestoreJob.RestoreJob }>
{
  /** The canceled restore. */
  get started(): StartedRestore {
    return { restoreJobId: this.job.restoreJobId }
  }
}

/**
 * The wait timed out, or its polling schedule ended. The operation keeps running on the service.
 *
 * @category errors
 * @since 0.1.0
 */
export class WaitTimedOut<out A, out S extends Started> extends Data.TaggedError("PineconeWaitTimedOut")<
  Common & {
    /** The duration of the wait. */
    readonly waited: Duration.Duration
    readonly last: unknown
    readonly started: Started
  }
> {
  /** The operation that is still running. */
  declare readonly started: S
  /** The last state seen; `undefined` if no state was seen. */
  declare readonly last: A | undefined
}

/**
 * Errors that end the wait for a backup.
 *
 * @category errors
 * @since 0.1.0
 */
export type AwaitReadyError = BackupFailed | WaitTimedOut<Backup.Backup, StartedBackup>

/**
 * Errors that end the wait for a restore job.
 *
 * @category errors
 * @since 0.1.0
 */
export type AwaitCompletionError =
  | RestoreFailed
  | RestoreCancelled
  | WaitTimedOut<RestoreJob.RestoreJob, StartedRestore>

/**
 * Errors that end the wait for a restored index.
 *
 * @category errors
 * @since 0.1.0
 */
export type AwaitRestoredError = AwaitCompletionError | WaitTimedOut<PineconeIndex.PineconeIndex, StartedRestore>

/**
 * Errors of a restore that was started, and of the wait for it.
 *
 * @category errors
 * @since 0.1.0
 */
export type RestoreAndAwaitError = AwaitRestoredError | Unfinished<StartedRestore>
