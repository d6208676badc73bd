/**
 * Remedies for findings, as data: an operation and its arguments. The command line renders a remedy as a command. Other
 * front ends can render it their own way.
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
  /** The name, if no other schedule and no index of the project has the same name. */
  scheduleName: Schema.NullOr(Schema.String)
}

const remedy = Wire.snakeTagged

/**
 * Schema for a remedy. In JSON, the tag is `type`, and the other keys are in snake case.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Remedy = Schema.Union([
  /** Create a schedule for an index. */
  remedy("CreateSchedule", { indexName: IndexName, frequency: Frequency, retentionDays: Schema.Finite }),
  /** Change the frequency or the retention of a schedule. */
  remedy("UpdateSchedule", {
    ...schedule,
    frequency: Schema.optionalKey(Frequency),
    retentionDays: Schema.optionalKey(Schema.Finite)
  }),
  /** Enable a paused schedule. */
  remedy("ResumeSchedule", schedule),
  /** Create a backup of an index and wait until it is ready. */
  remedy("CreateBackup", { indexName: IndexName }),
  /** Recover an index, and verify it. */
  remedy("RecoverIndex", {
    indexName: IndexName,
    /** @default the newest good backup */
    backupId: Schema.optionalKey(BackupId),
    /** An unused name for a side copy next to the index. @default the index was deleted, and is restored under its name */
    targetIndexName: Schema.optionalKey(IndexName)
  }),
  /** Enable deletion protection for an index. */
  remedy("ProtectIndex", { indexName: IndexName }),
  /** Run a restore drill of an index. */
  remedy("RunDrill", { indexName: IndexName }),
  /** Remove the temporary indexes that restore drills left behind. */
  remedy("CleanUpDrills", {
    /** One of them. */
    indexName: IndexName
  }),
  /** Read a schedule. */
  remedy("InspectSchedule", schedule),
  /** Read a backup. */
  remedy("InspectBackup", { backupId: BackupId }),
  /** Read a restore job. */
  remedy("InspectRestoreJob", { restoreJobId: RestoreJobId }),
  /** Preview the recovery of a deleted index, which may have been deleted on purpose. */
  remedy("InspectRecovery", { indexName: IndexName }),
  /** List the backups of an index. */
  remedy("InspectIndexBackups", {
    indexName: IndexName,
    /** Whether the index was deleted and only its backups remain. */
    isDeleted: Schema.Boolean
  }),
  /** List the backups of a schedule. */
  remedy("InspectScheduleBackups", schedule),
  /** List the manual backups. */
  remedy("InspectManualBackups", {})
]).pipe(Schema.toTaggedUnion("_tag"))

/**
 * A remedy for a finding.
 *
 * **Details**
 *
 * `Remedy.match` handles every kind of remedy.
 *
 * **Example** (Running remedies that create a backup)
 *
 * ```ts
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
 * import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
 * import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * export const program = Effect.gen(function*() {
 *   const backups = yield* Backups.Backups
 *   const checks = yield* HealthChecks.HealthChecks
 *   for (const { remedy } of BackupHealth.findings(yield* checks.check())) {
 *     if (remedy?._tag === "CreateBackup") yield* backups.create(remedy.indexName)
 *     else yield* Console.log(`skipped: ${remedy?._tag}`)
 *   }
 * }).pipe(
 *   Effect.provide(Layer.provideMerge(HealthChecks.layer, PineconeMemory.layer({ indexes: [{ name: "docs" }] })))
 * )
 * // => skipped: CreateSchedule
 * // => skipped: ProtectIndex
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export type Remedy = typeof Remedy.Type

const readOnly: { readonly [Tag in Remedy["_tag"]]: boolean } = {
  CreateSchedule: false,
  UpdateSchedule: false,
  ResumeSchedule: false,
  CreateBackup: false,
  RecoverIndex: false,
  ProtectIndex: false,
  RunDrill: false,
  CleanUpDrills: false,
  InspectSchedule: true,
  InspectBackup: true,
  InspectRestoreJob: true,
  InspectRecovery: true,
  InspectIndexBackups: true,
  InspectScheduleBackups: true,
  InspectManualBackups: true
}

/**
 * Returns `true` if a remedy only reads data. Any other remedy changes the project.
 *
 * **Example** (Telling remedies apart)
 *
 * ```ts
 * import { IndexName } from "@pinecone-backups/core/PineconeIndex"
 * import * as Remedy from "@pinecone-backups/core/health/Remedy"
 *
 * console.log(Remedy.isReadOnly({ _tag: "InspectManualBackups" })) // => true
 * console.log(Remedy.isReadOnly({ _tag: "CreateBackup", indexName: IndexName.make("docs") })) // => false
 * ```
 *
 * @category guards
 * @since 0.1.0
 */
export const isReadOnly = ({ _tag }: Remedy): boolean => readOnly[_tag]
