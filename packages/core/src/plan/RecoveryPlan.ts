/**
 * Plans for the recovery of an index from a backup: the options, the facts, the steps, and the reasons for a refusal.
 * `Recovery` makes plans and carries them out.
 *
 * **Example** (Proposing a side copy for an index that exists)
 *
 * ```ts
 * import * as IndexData from "@pinecone-backups/core/drill/IndexData"
 * import { IndexName } from "@pinecone-backups/core/PineconeIndex"
 * import * as Recovery from "@pinecone-backups/core/plan/Recovery"
 * import type * as RecoveryPlan from "@pinecone-backups/core/plan/RecoveryPlan"
 * import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Result from "effect/Result"
 *
 * const describe = ({ message, reason }: RecoveryPlan.Refusal) =>
 *   reason._tag === "IndexExists" ? `restore into ${reason.sideCopy} first` : message
 *
 * export const program = Effect.gen(function*() {
 *   const options = { index: IndexName.make("docs") }
 *   const plan = Recovery.plan(yield* Recovery.read(options), options)
 *   yield* Console.log(Result.isFailure(plan) ? describe(plan.failure) : plan.success.consent)
 *   // => restore into docs-from-backup-1 first
 * }).pipe(Effect.provide(Layer.provideMerge(
 *   IndexData.layer,
 *   PineconeMemory.layer({ schedules: [{ indexName: "docs", runs: 3 }] })
 * )))
 * ```
 *
 * @since 0.1.0
 */

import * as Data from "effect/Data"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Backup from "../Backup.ts"
import type * as Backups from "../Backups.ts"
import type * as BackupSchedule from "../BackupSchedule.ts"
import type * as BackupSchedules from "../BackupSchedules.ts"
import type * as DrillReport from "../drill/DrillReport.ts"
import type * as IndexData from "../drill/IndexData.ts"
import type * as Copies from "../health/Copies.ts"
import type * as Indexes from "../Indexes.ts"
import type * as PineconeApi from "../PineconeApi.ts"
import type * as PineconeIndex from "../PineconeIndex.ts"
import type * as RestoreJob from "../RestoreJob.ts"
import type * as RestoreJobs from "../RestoreJobs.ts"

/**
 * Services that a recovery needs.
 *
 * @category models
 * @since 0.1.0
 */
export type Services =
  | Backups.Backups
  | BackupSchedules.BackupSchedules
  | IndexData.IndexData
  | Indexes.Indexes
  | RestoreJobs.RestoreJobs

// ============================================================================
// Tags
// ============================================================================

/**
 * Keys of the tags that a side copy has in addition to the tags of its backup. They preserve the settings of the index that
 * the service does not keep, so that an interrupted replacement can continue.
 *
 * - `recover`: the name of the index
 * - `schedule`: the schedule, as `daily;30;on;docs-daily`: frequency, retention in days, `on` or `off`, and name
 * - `protection`: the deletion protection, `enabled` or `disabled`
 * - `replace`: the ID of the index that is being replaced. Set just before that index is deleted.
 *
 * @category models
 * @since 0.1.0
 */
export const tags = {
  recover: "pinecone-backups-recover",
  schedule: "pinecone-backups-schedule",
  protection: "pinecone-backups-protection",
  replace: "pinecone-backups-replace"
} as const

// ============================================================================
// Options
// ============================================================================

/**
 * The desired schedule. Omitted fields come from the schedule of the index, from the tags of the side copy, or from the
 * backups, in that order.
 *
 * @category options
 * @since 0.1.0
 */
export interface ScheduleWish {
  readonly name?: string | undefined
  readonly frequency?: BackupSchedule.Frequency | undefined
  readonly retentionDays?: number | undefined
}

/**
 * Options of a recovery: what to recover, and how. Only `index` is required.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** The name of the index. The index may exist, or have been deleted. */
  readonly index: PineconeIndex.IndexName
  /** Latest time at which the backup may have been taken. @default no limit */
  readonly at?: DateTime.Utc | undefined
  /**
   * The backup to restore. It must be ready, but may be shrunk, empty or without a record count, which rules out a backup
   * otherwise.
   *
   * @default the newest good copy that is not shrunk
   */
  readonly backupId?: Backup.BackupId | undefined
  /**
   * The ID of the index whose backups are used, if several indexes had the name.
   *
   * @default the index that exists, if it has a good copy, otherwise the index with a good copy that was deleted last
   */
  readonly indexId?: PineconeIndex.IndexId | undefined
  /**
   * Restores into a side copy with this name, which gets no schedule and no deletion protection. With `replace`, the name of
   * the side copy to use.
   *
   * @default restores under the name of the index. With `replace`: `sideCopyName`
   */
  readonly to?: PineconeIndex.IndexName | undefined
  /**
   * Replaces the existing index. Requires a side copy of the chosen backup, which is verified first. Also removes what a
   * failed restore left behind. @default false
   */
  readonly replace?: boolean | undefined
  /**
   * Whether a replacement first backs up the index, unless it has no records or a backup with records of the last hour from an
   * earlier attempt. @default true
   */
  readonly backUpFirst?: boolean | undefined
  /**
   * Whether a replacement accepts a side copy of which only the counts can be verified, because the records of an index with a
   * typed schema are not read. @default false
   */
  readonly acceptCounts?: boolean | undefined
  /** The schedule of the recovered index; `"none"` creates no schedule. @default see {@link ScheduleWish} */
  readonly schedule?: ScheduleWish | "none" | undefined
  /**
   * The deletion protection of the recovered index.
   *
   * @default that of the existing index, otherwise `"enabled"`
   */
  readonly deletionProtection?: "enabled" | "disabled" | undefined
  /**
   * Changes of the tags. `null` removes a tag. Omitted tags keep the value from the existing index that is replaced, or from
   * the backup.
   */
  readonly tags?: Readonly<Record<string, string | null>> | undefined
  /** Sources disagree on whether restores honor it. @default on demand */
  readonly readCapacity?: PineconeApi.ReadCapacity | undefined
  /** Share by which a copy may be smaller than the median of the backups before it. @default 0.5 */
  readonly maxShrink?: number | undefined
  /** Number of indexes that the project may have, which the API does not report. @default not checked */
  readonly indexQuota?: number | undefined
}

// ============================================================================
// Facts
// ============================================================================

/**
 * Facts about an index name, as read from the service. Every list is complete.
 *
 * @category facts
 * @since 0.1.0
 */
export interface Facts {
  /** When the facts were read. */
  readonly at: DateTime.Utc
  /** The indexes of the project. */
  readonly indexes: ReadonlyArray<PineconeIndex.PineconeIndex>
  /** The backups of every index that ever had the name. */
  readonly backups: ReadonlyArray<Backup.Backup>
  /** The backups of the index that exists under the name. Empty without an index. */
  readonly liveBackups: ReadonlyArray<Backup.Backup>
  /** The schedules of the index that exists under the name. Empty without an index. */
  readonly schedules: ReadonlyArray<BackupSchedule.BackupSchedule>
  /** The restore jobs of the project, read after the indexes. */
  readonly jobs: ReadonlyArray<RestoreJob.RestoreJob>
  /** Number of records of the index that exists under the name; `null` if unknown, or not read without `replace`. */
  readonly records: number | null
}

// ============================================================================
// Plan
// ============================================================================

/**
 * The backup that is restored.
 *
 * @category models
 * @since 0.1.0
 */
export interface Copy extends DrillReport.DrilledBackup {
  /** Time up to which the index can have lost no record: 15 minutes before `takenAt`. `null` if unknown. */
  readonly dataUntil: DateTime.Utc | null
  /** When its retention ends; `null` if unknown, or if it has no retention. */
  readonly expiresAt: DateTime.Utc | null
  /** The tags; `null` if the service does not report them. */
  readonly tags: Readonly<Record<string, string>> | null
}

/**
 * A backup that is newer than the chosen one, and why it was not chosen: its state, `shrunk`, `before-replace` for the
 * backup of a damaged index that a replacement made, or `unidentified` if the service does not report the ID of its
 * index. Such a backup may be of another index with the same name.
 *
 * @category models
 * @since 0.1.0
 */
export interface Skipped {
  readonly backupId: Backup.BackupId
  readonly name: string | null
  readonly takenAt: DateTime.Utc | null
  readonly recordCount: number | null
  readonly reason: Exclude<Copies.State, "good"> | "shrunk" | "before-replace" | "unidentified"
}

/**
 * Another index that had the name, and that has backups.
 *
 * @category models
 * @since 0.1.0
 */
export interface OtherIndex {
  readonly indexId: PineconeIndex.IndexId
  /** `null` if it exists, or if the time is unknown. */
  readonly deletedAt: DateTime.Utc | null
  /** Number of its good copies. */
  readonly goodCopies: number
  /** When its newest good copy was taken. */
  readonly newestAt: DateTime.Utc | null
}

/**
 * Origin of a setting: the options, the existing index or its schedule, the tags of the side copy, the backup, a conclusion
 * from the backups, or a careful default.
 *
 * @category models
 * @since 0.1.0
 */
export type Source = "options" | "index" | "side-copy" | "backup" | "inferred" | "default"

/**
 * A setting and its origin.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sourced<out A> {
  readonly value: A
  readonly source: Source
}

/**
 * The schedule of the recovered index.
 *
 * @category models
 * @since 0.1.0
 */
export interface PlannedSchedule {
  readonly name: Sourced<string>
  readonly frequency: Sourced<BackupSchedule.Frequency>
  readonly retentionDays: Sourced<number>
  /** A schedule that was paused is not created: it protects nothing, and the service creates enabled schedules only. */
  readonly isPaused: boolean
}

/**
 * The settings of the recovered index. A side copy has none of them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings {
  /** `null` if no schedule is wanted, or none is known. */
  readonly schedule: PlannedSchedule | null
  readonly deletionProtection: Sourced<"enabled" | "disabled">
  /** All tags; `null` if they are not known before the restore, which takes them from the backup. */
  readonly tags: Sourced<Readonly<Record<string, string>> | null>
  /** `null` stands for on demand. */
  readonly readCapacity: Sourced<PineconeApi.ReadCapacity | null>
}

/**
 * A step of a recovery. `AwaitDeletion`, `AwaitRestore` and `Verify` only read. Every other step changes something.
 *
 * @category models
 * @since 0.1.0
 */
export type Step =
  /** Wait until an index that is being deleted is gone. */
  | { readonly _tag: "AwaitDeletion"; readonly indexName: PineconeIndex.IndexName }
  /** Delete an index without records that a failed restore left behind. */
  | {
    readonly _tag: "DeleteFailed"
    readonly indexName: PineconeIndex.IndexName
    readonly restoreJobId: RestoreJob.RestoreJobId | null
    readonly isProtected: boolean
  }
  /** Restore the backup into a new index. */
  | {
    readonly _tag: "Restore"
    readonly indexName: PineconeIndex.IndexName
    readonly backupId: Backup.BackupId
    /** `undefined` takes the tags of the backup. */
    readonly tags: Readonly<Record<string, string>> | undefined
    readonly deletionProtection: "enabled" | "disabled"
    readonly readCapacity: PineconeApi.ReadCapacity | undefined
  }
  /** Wait until the restore is completed and the index is ready. The job is `null` if it is not known yet. */
  | {
    readonly _tag: "AwaitRestore"
    readonly indexName: PineconeIndex.IndexName
    readonly restoreJobId: RestoreJob.RestoreJobId | null
  }
  /** Verify the restored index: once, or twice some minutes apart if the name existed before. */
  | { readonly _tag: "Verify"; readonly indexName: PineconeIndex.IndexName; readonly isRepeated: boolean }
  /** Back up the index that will be replaced, and wait for the backup. */
  | {
    readonly _tag: "BackUp"
    readonly indexName: PineconeIndex.IndexName
    /** A backup that an earlier attempt started; `null` creates one. */
    readonly backupId: Backup.BackupId | null
  }
  /** Save the settings of the index in the tags of the side copy. */
  | {
    readonly _tag: "SaveSettings"
    readonly indexName: PineconeIndex.IndexName
    readonly tags: Readonly<Record<string, string>>
  }
  /** Disable the deletion protection of the index that will be replaced. */
  | { readonly _tag: "Unprotect"; readonly indexName: PineconeIndex.IndexName }
  /** Delete the index that will be replaced, **with its data and its schedules**. */
  | { readonly _tag: "Delete"; readonly indexName: PineconeIndex.IndexName }
  /** Change settings that the restored index does not have. An empty value removes a tag. */
  | {
    readonly _tag: "Configure"
    readonly indexName: PineconeIndex.IndexName
    readonly deletionProtection: "enabled" | "disabled" | undefined
    readonly tags: Readonly<Record<string, string>>
  }
  /** Create the schedule. */
  | {
    readonly _tag: "CreateSchedule"
    readonly indexName: PineconeIndex.IndexName
    readonly name: string
    readonly frequency: BackupSchedule.Frequency
    readonly retentionDays: number
  }
  /** Change an existing schedule to what the options say. */
  | {
    readonly _tag: "UpdateSchedule"
    readonly indexName: PineconeIndex.IndexName
    readonly scheduleId: BackupSchedule.ScheduleId
    readonly frequency: BackupSchedule.Frequency | undefined
    readonly retentionDays: number | undefined
  }

/**
 * Something to know before a recovery starts.
 *
 * @category models
 * @since 0.1.0
 */
export type Warning =
  /** The retention of the backup ends before the restore is expected to be completed. */
  | {
    readonly _tag: "ExpiresSoon"
    readonly backupId: Backup.BackupId
    readonly at: DateTime.Utc
    /** The newest good copy that does not expire so soon. */
    readonly alternative: Backup.BackupId | null
    /** The schedule whose retention would have to be raised, if it exists. */
    readonly scheduleId: BackupSchedule.ScheduleId | null
  }
  /** An earlier good backup of the index has far more records: more than `maxShrink` would be missing. */
  | {
    readonly _tag: "FewerRecords"
    readonly recordCount: number
    /** The newest such backup. */
    readonly earlier: Copy
  }
  /** The backup was chosen by its ID, and would not be chosen otherwise. Not reported in addition to `FewerRecords`. */
  | {
    readonly _tag: "DoubtfulBackup"
    readonly backupId: Backup.BackupId
    readonly reason: Skipped["reason"]
  }
  /**
   * The replacement that the plan continues may have been abandoned: the index has good backups that were taken later. The plan
   * then needs a yes.
   */
  | {
    readonly _tag: "NewerBackups"
    readonly count: number
    readonly newest: Copy
  }
  /** No schedule of the index is known, so none is created. */
  | { readonly _tag: "NoSchedule" }
  /** The schedule was paused, so it is not created. */
  | { readonly _tag: "PausedSchedule"; readonly name: string }
  /** Schedules of the existing index that a replacement deletes and does not create again. */
  | { readonly _tag: "LosesSchedules"; readonly names: ReadonlyArray<string> }
  /** The index has another enabled schedule, which stays as it is. */
  | { readonly _tag: "OtherSchedule"; readonly scheduleId: BackupSchedule.ScheduleId; readonly name: string | null }
  /** The side copy cannot store these settings or tags as tags. */
  | { readonly _tag: "NotStored"; readonly indexName: PineconeIndex.IndexName; readonly what: ReadonlyArray<string> }

/**
 * State of a recovery, derived from the facts alone.
 *
 * - `absent`: the target does not exist
 * - `deleting`: an index is being deleted under the name of the target
 * - `failed`: a failed restore left an index without records behind
 * - `restoring`: the restore is running
 * - `restored`: the target is ready, and was not verified in this run
 * - `complete`: the target is ready and has its settings
 * - `replacing`: the side copy exists, and the index was not replaced yet
 * - `interrupted`: the index was deleted for a replacement, and not restored yet
 *
 * @category models
 * @since 0.1.0
 */
export type State =
  | "absent"
  | "deleting"
  | "failed"
  | "restoring"
  | "restored"
  | "complete"
  | "replacing"
  | "interrupted"

/**
 * The confirmation that a plan needs: none, a yes, or the typed name of the index that is deleted.
 *
 * @category models
 * @since 0.1.0
 */
export type Consent = "free" | "yes" | "typed"

/**
 * The index that a replacement deletes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Replaced {
  /** `null` if it has neither schedules nor backups, which show the ID. */
  readonly indexId: PineconeIndex.IndexId | null
  /** The recovered index may have another host. `null` if unknown. */
  readonly host: string | null
  /** Number of its records; `null` if unknown. */
  readonly records: number | null
}

/**
 * A plan for the recovery of an index.
 *
 * @category models
 * @since 0.1.0
 */
export interface RecoveryPlan {
  /** The options, with the chosen backup. Repeating the recovery with these options continues it. */
  readonly options: Options & { readonly backupId: Backup.BackupId }
  readonly goal: "restore" | "side-copy" | "replace"
  readonly state: State
  /** The index that exists at the end: the index itself, or the side copy. */
  readonly target: PineconeIndex.IndexName
  /** The side copy of a replacement, which is left in place. */
  readonly sideCopy: PineconeIndex.IndexName | null
  readonly copy: Copy
  /** Newer backups that were not chosen, newest first. */
  readonly skipped: ReadonlyArray<Skipped>
  /** Other indexes that had the name, the index that was deleted last first. */
  readonly others: ReadonlyArray<OtherIndex>
  readonly settings: Settings
  /** The steps that are left, in order. */
  readonly steps: ReadonlyArray<Step>
  readonly consent: Consent
  readonly warnings: ReadonlyArray<Warning>
  /** The restore job of the target, if it exists. */
  readonly restoreJobId: RestoreJob.RestoreJobId | null
  /** Shortest and longest duration of the completed restores that the service still lists; `null` if there are none. */
  readonly restoreDuration: { readonly shortest: Duration.Duration; readonly longest: Duration.Duration } | null
  /** The index that is replaced; `null` if no existing index is. */
  readonly replaced: Replaced | null
}

// ============================================================================
// Refusals
// ============================================================================

/**
 * Why no plan was made.
 *
 * - `NoBackups`: there are no backups of an index with the name
 * - `NoGoodCopy`: no copy is good enough to be chosen; `best` is the best of the others
 * - `UnknownBackup`: the backup does not exist, or is not a backup of an index with the name
 * - `BackupDeleted`: the backup of an interrupted replacement no longer exists, but its side copy has the data
 * - `BackupNotReady`: the backup cannot be restored
 * - `UnknownIndexId`: no backup of an index with the name has the ID
 * - `ContradictoryId`: the service contradicts itself about the ID of the index, or returns rows of it without an ID
 * - `IndexExists`: the index exists and is not the result of this recovery. Nothing is overwritten: `sideCopy` is a name to
 *   restore into.
 * - `NameTaken`: another index has the name of the side copy
 * - `NoSideCopy`: a replacement needs the side copy `sideCopy` first
 * - `OnlyCounts`: the records of the side copy cannot be read, so a replacement needs `acceptCounts`
 * - `RestoreFailed`: the restore failed and left an index behind. `isRemovable` if `replace` would delete it; `older` is the
 *   next older good copy.
 * - `IndexQuota`: the project has no room for another index
 *
 * @category models
 * @since 0.1.0
 */
export type RefusalReason =
  | { readonly _tag: "NoBackups" }
  | {
    readonly _tag: "NoGoodCopy"
    readonly best: Skipped | null
    readonly skipped: ReadonlyArray<Skipped>
    readonly others: ReadonlyArray<OtherIndex>
  }
  | { readonly _tag: "UnknownBackup"; readonly backupId: Backup.BackupId }
  | {
    readonly _tag: "BackupDeleted"
    readonly backupId: Backup.BackupId
    readonly sideCopy: PineconeIndex.IndexName
  }
  | { readonly _tag: "BackupNotReady"; readonly backupId: Backup.BackupId; readonly status: string }
  | { readonly _tag: "UnknownIndexId"; readonly indexId: PineconeIndex.IndexId }
  | { readonly _tag: "ContradictoryId" }
  | {
    readonly _tag: "IndexExists"
    readonly copy: Copy
    readonly sideCopy: PineconeIndex.IndexName
    /** Whether the side copy exists. */
    readonly hasSideCopy: boolean
  }
  | { readonly _tag: "NameTaken"; readonly indexName: PineconeIndex.IndexName }
  | { readonly _tag: "NoSideCopy"; readonly copy: Copy; readonly sideCopy: PineconeIndex.IndexName }
  | { readonly _tag: "OnlyCounts"; readonly copy: Copy; readonly sideCopy: PineconeIndex.IndexName }
  | {
    readonly _tag: "RestoreFailed"
    readonly indexName: PineconeIndex.IndexName
    readonly copy: Copy
    readonly restoreJobId: RestoreJob.RestoreJobId | null
    readonly isRemovable: boolean
    readonly older: Backup.BackupId | null
  }
  | { readonly _tag: "IndexQuota"; readonly count: number; readonly quota: number }

/**
 * A refusal to make a plan. Nothing was sent.
 *
 * @category errors
 * @since 0.1.0
 */
export class Refusal extends Data.TaggedError("RecoveryRefused")<{
  readonly index: PineconeIndex.IndexName
  readonly reason: RefusalReason
  /** A readable sentence. */
  readonly message: string
}> {}
