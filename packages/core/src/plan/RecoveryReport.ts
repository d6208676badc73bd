/**
 * Events, results and errors of a recovery.
 *
 * **Example** (Describing a verification)
 *
 * ```ts
 * import type * as RecoveryReport from "@pinecone-backups/core/plan/RecoveryReport"
 *
 * const describe = ({ reason, verdict }: Pick<RecoveryReport.Verification, "reason" | "verdict">) =>
 *   reason === null ? verdict : `${verdict}: ${reason.message}`
 *
 * console.log(describe({ verdict: "verified", reason: null })) // => verified
 * console.log(describe({
 *   verdict: "unverified",
 *   reason: { code: "unknown-count", message: "the backup does not report its number of records" }
 * }))
 * // => unverified: the backup does not report its number of records
 * ```
 *
 * @since 0.1.0
 */

import * as Data from "effect/Data"
import type * as DateTime from "effect/DateTime"
import type * as Backup from "../Backup.ts"
import type * as BackupSchedule from "../BackupSchedule.ts"
import type * as DrillReport from "../drill/DrillReport.ts"
import type * as PineconeError from "../PineconeError.ts"
import type * as PineconeIndex from "../PineconeIndex.ts"
import type * as RestoreJob from "../RestoreJob.ts"
import type * as WaitError from "../WaitError.ts"
import type * as RecoveryPlan from "./RecoveryPlan.ts"

// ============================================================================
// Verification
// ============================================================================

/**
 * The verification of a restored index.
 *
 * **Details**
 *
 * - `verified`: every requested check passed. The records of an index with a typed schema are not read: `sampled` is `null`.
 * - `unverified`: a check had no result, for example because a count is unknown, or no check was requested
 *
 * A check that fails is a {@link RecoveryError} instead.
 *
 * @category models
 * @since 0.1.0
 */
export interface Verification {
  readonly indexName: PineconeIndex.IndexName
  readonly verdict: "verified" | "unverified"
  /** Why the index is unverified; `null` if it is verified. */
  readonly reason: DrillReport.Reason | null
  /** The last count; `null` if there was none. */
  readonly counted: DrillReport.Counted | null
  /** The last count after the delay; `null` if the name did not exist before, or the first count had no result. */
  readonly recounted: DrillReport.Counted | null
  /** The sample; `null` if none was read. */
  readonly sampled: DrillReport.Sampled | null
}

// ============================================================================
// Events
// ============================================================================

/**
 * What a recovery has started, for error messages and to find it again.
 *
 * @category models
 * @since 0.1.0
 */
export interface Started {
  /** The index that the recovery restores into. */
  readonly target: PineconeIndex.IndexName
  readonly backupId: Backup.BackupId
  /** The restore job; `null` if no restore was started, or its ID is not known. */
  readonly restoreJobId: RestoreJob.RestoreJobId | null
  /** The backup of the index that is replaced; `null` if none was started. */
  readonly damagedBackupId: Backup.BackupId | null
  /** Whether this run has deleted the index that is replaced. */
  readonly hasDeleted: boolean
}

/**
 * The schedule at the end of a recovery. `unchanged` also means that an earlier run created it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Scheduled {
  readonly schedule: BackupSchedule.BackupSchedule
  readonly action: "created" | "updated" | "unchanged"
}

/**
 * The result of a recovery.
 *
 * @category models
 * @since 0.1.0
 */
export interface RecoveryResult {
  /** The plan that was carried out, as it was approved. */
  readonly plan: RecoveryPlan.RecoveryPlan
  /** The index, ready for use. */
  readonly index: PineconeIndex.PineconeIndex
  readonly started: Started
  /** `null` if the index was complete before, so that this run did not verify it. */
  readonly verification: Verification | null
  /** `null` for a side copy, and if the index has no enabled schedule. */
  readonly scheduled: Scheduled | null
  /** The side copy of a replacement that still exists. It is no longer needed. */
  readonly sideCopy: PineconeIndex.IndexName | null
}

/**
 * An event of a recovery.
 *
 * - `Planned`: the plan, first of all, and again whenever the facts have changed it
 * - `Step`: a step starts
 * - `Started`: a restore was started, or found. `isOwn` if this run started it.
 * - `Progress`: a wait continues: the status of the restore job, the index or the backup
 * - `Counted`: the records of an index were counted, and do not agree with the backup yet
 * - `Recounting`: the records agree with the backup, and are counted again at a later time: an index that is restored
 *   under its old name can lose its records shortly after
 * - `Verified`: an index was verified
 * - `BackedUp`: the index that will be replaced was backed up
 * - `Deleted`: an index was deleted
 * - `Configured`: the settings of an index were changed
 * - `Scheduled`: the schedule was created or changed
 * - `Recovered`: the result, last of all
 *
 * @category models
 * @since 0.1.0
 */
export type RecoveryEvent =
  | { readonly _tag: "Planned"; readonly plan: RecoveryPlan.RecoveryPlan }
  | { readonly _tag: "Step"; readonly step: RecoveryPlan.Step }
  | { readonly _tag: "Started"; readonly started: Started; readonly isOwn: boolean }
  | {
    readonly _tag: "Progress"
    readonly subject: "restore" | "index" | "backup" | "deletion"
    readonly status: string
    /** `null` if the service does not report it. */
    readonly percentComplete: number | null
  }
  | {
    readonly _tag: "Counted"
    readonly indexName: PineconeIndex.IndexName
    readonly counted: DrillReport.Counted
    readonly expected: number | null
  }
  | { readonly _tag: "Recounting"; readonly indexName: PineconeIndex.IndexName; readonly at: DateTime.Utc }
  | { readonly _tag: "Verified"; readonly verification: Verification }
  | { readonly _tag: "BackedUp"; readonly backup: Backup.Backup }
  | { readonly _tag: "Deleted"; readonly indexName: PineconeIndex.IndexName }
  | { readonly _tag: "Configured"; readonly index: PineconeIndex.PineconeIndex }
  | { readonly _tag: "Scheduled"; readonly scheduled: Scheduled }
  | { readonly _tag: "Recovered"; readonly result: RecoveryResult }

// ============================================================================
// Errors
// ============================================================================

/**
 * Code of a {@link RecoveryError}.
 *
 * - `refused`: the facts no longer allow a plan; `refusal` has the reason
 * - `moved`: the facts have changed so that the remaining steps are not those of the plan
 * - `request`: a request failed; `cause` has the error
 * - `quota`: a quota of backups or indexes is used up
 * - `restore-failed`, `backup-failed`: the service reports that the restore or the backup failed. Also a backup of the index
 *   that is replaced which has no records, or does not report their number. Without `backUpFirst`, none is needed.
 * - `unverified`: the side copy of a replacement could not be verified. Nothing was deleted.
 * - `verification-failed`: the restored index is not the backup. Nothing was removed.
 * - `not-empty`: the index that a failed restore left behind has records, or does not report their number
 * - `timeout`: a wait timed out. The operation is still running on the service.
 *
 * @category models
 * @since 0.1.0
 */
export type Code =
  | "refused"
  | "moved"
  | "request"
  | "quota"
  | "restore-failed"
  | "backup-failed"
  | "unverified"
  | "verification-failed"
  | "not-empty"
  | "timeout"

/**
 * A recovery that ended before it was complete. Repeating it with `options` continues it.
 *
 * @category errors
 * @since 0.1.0
 */
export class RecoveryError extends Data.TaggedError("RecoveryError")<{
  readonly code: Code
  /** A readable sentence. */
  readonly message: string
  /** Options of the plan, with the chosen backup. */
  readonly options: RecoveryPlan.RecoveryPlan["options"]
  /** What this run has started or found. */
  readonly started: Started
  /** The step that failed; `null` between steps. */
  readonly step: RecoveryPlan.Step | null
  readonly refusal?: RecoveryPlan.Refusal | undefined
  readonly cause?: PineconeError.ListError | WaitError.AwaitRestoredError | WaitError.AwaitReadyError | undefined
}> {}
