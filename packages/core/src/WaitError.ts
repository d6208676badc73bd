/**
 * How a wait ends other than well. What else can go wrong in a wait is a `PineconeError`.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import type * as Backup from "./Backup.ts"
import type * as PineconeIndex from "./PineconeIndex.ts"
import type * as RestoreJob from "./RestoreJob.ts"

interface Common {
  /** The operation that waited, as it appears in traces: `"Backups.awaitReady"`. */
  readonly operation: string
  /** One sentence for people. */
  readonly message: string
}

/**
 * The service could not make the backup. It does not say why.
 *
 * @category errors
 * @since 0.1.0
 */
export class BackupFailed
  extends Data.TaggedError("PineconeBackupFailed")<Common & { readonly backup: Backup.Backup }>
{}

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
> {}

/**
 * The restore was cancelled. The index may be there, without its data.
 *
 * @category errors
 * @since 0.1.0
 */
export class RestoreCancelled
  extends Data.TaggedError("PineconeRestoreCancelled")<Common & { readonly job: RestoreJob.RestoreJob }>
{}

/**
 * The time for waiting is over, or the schedule of asking has ended. What was waited for goes on.
 *
 * @category errors
 * @since 0.1.0
 */
export class WaitTimedOut<out A> extends Data.TaggedError("PineconeWaitTimedOut")<
  Common & {
    /** How long it was waited. */
    readonly waited: Duration.Duration
    readonly last: unknown
  }
> {
  /** The last state that was seen; `undefined` if there was none. */
  declare readonly last: A | undefined
}

/**
 * How the wait for a backup ends other than well.
 *
 * @category errors
 * @since 0.1.0
 */
export type AwaitReadyError = BackupFailed | WaitTimedOut<Backup.Backup>

/**
 * How the wait for a restore job ends other than well.
 *
 * @category errors
 * @since 0.1.0
 */
export type AwaitCompletionError = RestoreFailed | RestoreCancelled | WaitTimedOut<RestoreJob.RestoreJob>

/**
 * How the wait for a restored index ends other than well.
 *
 * @category errors
 * @since 0.1.0
 */
export type AwaitRestoredError = AwaitCompletionError | WaitTimedOut<PineconeIndex.PineconeIndex>
