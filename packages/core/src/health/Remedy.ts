/**
 * What to do about a finding, as data: which operation, on what. Front ends show it in their own way, the command line as a
 * command to paste.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { BackupId } from "../Backup.ts"
import { Frequency, ScheduleId } from "../BackupSchedule.ts"
import { IndexName } from "../PineconeIndex.ts"
import { RestoreJobId } from "../RestoreJob.ts"

const schedule = {
  scheduleId: ScheduleId,
  /** Its name, if no other schedule and no index of the project has the same name. */
  scheduleName: Schema.NullOr(Schema.String)
}

const tagKey = { _tag: "type" } as const
const indexKeys = { ...tagKey, indexName: "index_name" } as const
const scheduleKeys = { ...tagKey, scheduleId: "schedule_id", scheduleName: "schedule_name" } as const

/**
 * Schema for a remedy. In JSON the tag is `type`, and the other keys are in snake case.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Remedy = Schema.Union([
  /** Create a schedule for an index. */
  Schema.TaggedStruct("CreateSchedule", { indexName: IndexName, frequency: Frequency, retentionDays: Schema.Finite })
    .pipe(Schema.encodeKeys({ ...indexKeys, retentionDays: "retention_days" })),
  /** Change how often a schedule runs, or for how many days it keeps a backup. */
  Schema.TaggedStruct("UpdateSchedule", {
    ...schedule,
    frequency: Schema.optionalKey(Frequency),
    retentionDays: Schema.optionalKey(Schema.Finite)
  }).pipe(Schema.encodeKeys({ ...scheduleKeys, retentionDays: "retention_days" })),
  /** Enable a schedule that is paused. */
  Schema.TaggedStruct("ResumeSchedule", schedule).pipe(Schema.encodeKeys(scheduleKeys)),
  /** Create a backup of an index, and wait until it is ready. */
  Schema.TaggedStruct("CreateBackup", { indexName: IndexName }).pipe(Schema.encodeKeys(indexKeys)),
  /** Restore the newest backup of an index into a new index, and wait until that is ready. */
  Schema.TaggedStruct("RestoreLatest", {
    indexName: IndexName,
    /** A name for the new index. */
    targetIndexName: IndexName
  }).pipe(Schema.encodeKeys({ ...indexKeys, targetIndexName: "target_index_name" })),
  /** Read a schedule. */
  Schema.TaggedStruct("InspectSchedule", schedule).pipe(Schema.encodeKeys(scheduleKeys)),
  /** Read a backup. */
  Schema.TaggedStruct("InspectBackup", { backupId: BackupId }).pipe(
    Schema.encodeKeys({ ...tagKey, backupId: "backup_id" })
  ),
  /** Read a restore job. */
  Schema.TaggedStruct("InspectRestoreJob", { restoreJobId: RestoreJobId }).pipe(
    Schema.encodeKeys({ ...tagKey, restoreJobId: "restore_job_id" })
  ),
  /** List the backups of an index. */
  Schema.TaggedStruct("InspectIndexBackups", {
    indexName: IndexName,
    /** Whether the index was deleted, and only its backups are left. */
    isDeleted: Schema.Boolean
  }).pipe(Schema.encodeKeys({ ...indexKeys, isDeleted: "is_deleted" })),
  /** List the backups that a schedule made. */
  Schema.TaggedStruct("InspectScheduleBackups", schedule).pipe(Schema.encodeKeys(scheduleKeys)),
  /** List the backups that no schedule made. */
  Schema.TaggedStruct("InspectManualBackups", {}).pipe(Schema.encodeKeys(tagKey))
]).pipe(Schema.toTaggedUnion("_tag"))

/**
 * What to do about a finding. `Remedy.match` handles every kind.
 *
 * **Example** (Running the remedies that create a backup)
 *
 * ```ts
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
 * import * as Effect from "effect/Effect"
 *
 * export const mend = Effect.fn(function*({ remedy }: BackupHealth.Finding) {
 *   const backups = yield* Backups.Backups
 *   if (remedy?._tag === "CreateBackup") yield* backups.create(remedy.indexName)
 * })
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export type Remedy = typeof Remedy.Type
