/**
 * How a wait ends other than well, and how a call fails that has started something already. What else can go wrong is a
 * `PineconeError`.
 *
 * Every error of this module has `started`: the id of what goes on, or has ended, at the service.
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
  /** The operation that waited, as it appears in traces: `"Backups.awaitReady"`. */
  readonly operation: string
  /** One sentence for people. */
  readonly message: string
}

/**
 * A backup that was started. `Backups.awaitReady` goes on waiting for it.
 *
 * @category models
 * @since 0.1.0
 */
export interface StartedBackup {
  readonly backupId: Backup.BackupId
}

/**
 * A restore that was started. `RestoreJobs.awaitReady` goes on waiting for it.
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
 * What was started before a call failed.
 *
 * @category models
 * @since 0.1.0
 */
export type Started = StartedBackup | StartedRestore | StartedSchedule

/**
 * A call has started something, and then a request failed: an outage that outlasts `maxOutage`, say. What was started goes
 * on. Making the same call again would start it a second time, or find it in the way.
 *
 * **Example** (Going on with the wait for a restore)
 *
 * ```ts
 * import type * as Backup from "@pinecone-backups/core/Backup"
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
 * import * as Effect from "effect/Effect"
 *
 * export const restore = Effect.fn(function*(id: Backup.BackupId) {
 *   const backups = yield* Backups.Backups
 *   const jobs = yield* RestoreJobs.RestoreJobs
 *   return yield* backups.restoreAndAwait(id, { name: "docs-restored" }).pipe(
 *     Effect.catchTag("PineconeUnfinished", ({ started }) => jobs.awaitReady(started.restoreJobId))
 *   )
 * })
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class Unfinished<out S extends Started> extends Data.TaggedError("PineconeUnfinished")<
  Common & {
    readonly started: Started
    /** Why it could not be finished. */
    readonly cause: PineconeError.PineconeError
  }
> {
  declare readonly started: S
}

/**
 * The service could not make the backup. It does not say why.
 *
 * @category errors
 * @since 0.1.0
 */
export class BackupFailed
  extends Data.TaggedError("PineconeBackupFailed")<Common & { readonly backup: Backup.Backup }>
{
  /** The backup that failed. */
  get started(): StartedBackup {
    return { backupId: this.backup.backupId }
  }
}

/**
 * The service could not restore the index. It does not say why. The index may be there, without its data.
 *
 * @category errors
 * @since 0.1.0
 */
export class RestoreFailed extends Data.TaggedError("PineconeRestoreFailed")<
  Common & {
    readonly job: RestoreJob.RestoreJob
    /** The index, if it is the index that failed although the job says it is completed. */
    readonly index?: PineconeIndex.PineconeIndex | undefined
  }
> {
  /** The restore that failed. */
  get started(): StartedRestore {
    return { restoreJobId: this.job.restoreJobId }
  }
}

/**
 * The restore was cancelled. The index may be there, without its data.
 *
 * @category errors
 * @since 0.1.0
 */
export class RestoreCancelled
  extends Data.TaggedError("PineconeRestoreCancelled")<Common & { readonly job: RestoreJob.RestoreJob }>
{
  /** The restore that was cancelled. */
  get started(): StartedRestore {
    return { restoreJobId: this.job.restoreJobId }
  }
}

/**
 * The time for waiting is over, or the schedule of asking has ended. What was waited for goes on.
 *
 * @category errors
 * @since 0.1.0
 */
export class WaitTimedOut<out A, out S extends Started> extends Data.TaggedError("PineconeWaitTimedOut")<
  Common & {
    /** How long it was waited. */
    readonly waited: Duration.Duration
    readonly last: unknown
    readonly started: Started
  }
> {
  /** What goes on. */
  declare readonly started: S
  /** The last state that was seen; `undefined` if there was none. */
  declare readonly last: A | undefined
}

/**
 * How the wait for a backup ends other than well.
 *
 * @category errors
 * @since 0.1.0
 */
export type AwaitReadyError = BackupFailed | WaitTimedOut<Backup.Backup, StartedBackup>

/**
 * How the wait for a restore job ends other than well.
 *
 * @category errors
 * @since 0.1.0
 */
export type AwaitCompletionError =
  | RestoreFailed
  | RestoreCancelled
  | WaitTimedOut<RestoreJob.RestoreJob, StartedRestore>

/**
 * How the wait for a restored index ends other than well.
 *
 * @category errors
 * @since 0.1.0
 */
export type AwaitRestoredError = AwaitCompletionError | WaitTimedOut<PineconeIndex.PineconeIndex, StartedRestore>

/**
 * How a restore that was started ends other than well, or the wait for it.
 *
 * @category errors
 * @since 0.1.0
 */
export type RestoreAndAwaitError = AwaitRestoredError | Unfinished<StartedRestore>
