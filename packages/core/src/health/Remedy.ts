/**
 * What to do about a finding, as data: which operation, on what. Front ends show it in their own way, the command line as a
 * command to paste.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { BackupId } from "../Backup.ts"
import { Frequency, ScheduleId } from "../BackupSchedule.ts"
import * as Wire from "../internal/codec/wire.ts"
import { IndexName } from "../PineconeIndex.ts"
import { RestoreJobId } from "../RestoreJob.ts"

const schedule = {
  scheduleId: ScheduleId,
  /** Its name, if no other schedule and no index of the project has the same name. */
  scheduleName: Schema.NullOr(Schema.String)
}

const remedy = <const Tag extends string, const Fields extends Schema.Struct.Fields>(tag: Tag, fields: Fields) =>
  Schema.TaggedStruct(tag, fields).pipe(Schema.encodeKeys({ ...Wire.snakeKeys(fields), _tag: "type" as const }))

/**
 * Schema for a remedy. In JSON the tag is `type`, and the other keys are in snake case.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Remedy = Schema.Union([
  /** Create a schedule for an index. */
  remedy("CreateSchedule", { indexName: IndexName, frequency: Frequency, retentionDays: Schema.Finite }),
  /** Change how often a schedule runs, or for how many days it keeps a backup. */
  remedy("UpdateSchedule", {
    ...schedule,
    frequency: Schema.optionalKey(Frequency),
    retentionDays: Schema.optionalKey(Schema.Finite)
  }),
  /** Enable a schedule that is paused. */
  remedy("ResumeSchedule", schedule),
  /** Create a backup of an index, and wait until it is ready. */
  remedy("CreateBackup", { indexName: IndexName }),
  /** Restore a backup into a new index, and wait until that is ready. */
  remedy("RestoreBackup", {
    backupId: BackupId,
    /** A name for the new index that no other has. */
    targetIndexName: IndexName
  }),
  /** Protect an index from being deleted. */
  remedy("ProtectIndex", { indexName: IndexName }),
  /** Read a schedule. */
  remedy("InspectSchedule", schedule),
  /** Read a backup. */
  remedy("InspectBackup", { backupId: BackupId }),
  /** Read a restore job. */
  remedy("InspectRestoreJob", { restoreJobId: RestoreJobId }),
  /** List the backups of an index. */
  remedy("InspectIndexBackups", {
    indexName: IndexName,
    /** Whether the index was deleted, and only its backups are left. */
    isDeleted: Schema.Boolean
  }),
  /** List the backups that a schedule made. */
  remedy("InspectScheduleBackups", schedule),
  /** List the backups that no schedule made. */
  remedy("InspectManualBackups", {})
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
