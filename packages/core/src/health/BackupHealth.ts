/**
 * Data models of a health report: the facts about a project, the findings of the checks, and the options of an assessment.
 *
 * `HealthChecks` gathers the facts and assesses them. All schemas encode to JSON with keys in snake case.
 *
 * **Example** (Assessing facts without a service)
 *
 * ```ts
 * import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
 * import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
 * import { IndexId, IndexName } from "@pinecone-backups/core/PineconeIndex"
 * import * as Result from "effect/Result"
 *
 * const docs = {
 *   name: IndexName.make("docs"),
 *   id: IndexId.make("index-1"),
 *   deletionProtection: "enabled"
 * }
 * const facts: BackupHealth.Facts = {
 *   indexes: [{ index: docs, schedules: Result.succeed([]) }],
 *   all: [docs],
 *   backups: Result.succeed([]),
 *   restoreJobs: Result.succeed([])
 * }
 * const health = HealthChecks.assess(facts, { now: "2026-11-21T20:00:00Z" })
 *
 * console.log(health.status) // => critical
 * for (const { check, sentence } of BackupHealth.findings(health)) {
 *   console.log(`${check}: ${sentence}`) // => unprotected: no backup schedule and no usable backup
 * }
 * ```
 *
 * @since 0.1.0
 */

import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Backup from "../Backup.ts"
import { BackupId } from "../Backup.ts"
import type * as BackupRun from "../BackupRun.ts"
import type * as BackupSchedule from "../BackupSchedule.ts"
import { ScheduleId } from "../BackupSchedule.ts"
import type * as DrillLog from "../drill/DrillLog.ts"
import * as DrillReport from "../drill/DrillReport.ts"
import * as Wire from "../internal/codec/wire.ts"
import type * as PineconeError from "../PineconeError.ts"
import type * as PineconeIndex from "../PineconeIndex.ts"
import { IndexName } from "../PineconeIndex.ts"
import type * as RestoreJob from "../RestoreJob.ts"
import { RestoreJobId } from "../RestoreJob.ts"
import type * as BackupPolicy from "./BackupPolicy.ts"
import type * as Clocks from "./Clocks.ts"
import { HealthCheck, Severity } from "./HealthCheck.ts"
import { lagMillis } from "./internal/limits.ts"
import { Remedy } from "./Remedy.ts"

// ============================================================================
// Facts
// ============================================================================

/**
 * Rows that were read, or the error that prevented reading them.
 *
 * @category facts
 * @since 0.1.0
 */
export type Read<A> = Result.Result<ReadonlyArray<A>, PineconeError.ListError>

/**
 * A schedule and its history.
 *
 * @category facts
 * @since 0.1.0
 */
export interface ScheduleFacts {
  readonly schedule: BackupSchedule.BackupSchedule
  readonly runs: Read<BackupRun.BackupRun>
}

/**
 * An index and its schedules.
 *
 * @category facts
 * @since 0.1.0
 */
export interface IndexFacts {
  readonly index: PineconeIndex.PineconeIndex
  readonly schedules: Read<ScheduleFacts>
  /**
   * Backups that the service lists for the name of the index, without those of deleted indexes. They identify an index that
   * has neither an ID nor a schedule. @default not requested
   */
  readonly backups?: Read<Backup.Backup> | undefined
}

/**
 * Facts about a project, as read from the service.
 *
 * **Gotchas**
 *
 * Read the backups after the histories. Otherwise a backup that becomes ready in between looks like a deleted backup.
 *
 * @category facts
 * @since 0.1.0
 */
export interface Facts {
  /** Indexes to check. */
  readonly indexes: ReadonlyArray<IndexFacts>
  /** All indexes of the project. Backups of any other index count as backups of a deleted index. */
  readonly all: ReadonlyArray<PineconeIndex.PineconeIndex>
  /**
   * Whether the list has an index that cannot be found by its name. It is then unknown which indexes were deleted, so no
   * check of deleted indexes runs.
   *
   * @default false
   */
  readonly isListContradicted?: boolean | undefined
  /** Backups of the project. */
  readonly backups: Read<Backup.Backup>
  /** Restore jobs of the project. */
  readonly restoreJobs: Read<RestoreJob.RestoreJob>
  /** The log of restore drills, or the reason why it could not be read. `undefined` if no log is kept. */
  readonly drills?: Result.Result<ReadonlyArray<DrillLog.DrillEntry>, DrillLog.DrillLogError> | undefined
}

// ============================================================================
// Report
// ============================================================================

const Time = Schema.DateTimeUtcFromString

/**
 * Schema for the evidence for a finding.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Evidence = Wire.snakeStruct({
  scheduleIds: Schema.Array(ScheduleId),
  backupIds: Schema.Array(BackupId),
  restoreJobIds: Schema.Array(RestoreJobId),
  /**
   * Labeled times, such as `newest`, `missed` and `expires`. A label can occur several times. `late` is the time since which
   * the newest backup is too old, or the first run is late.
   */
  times: Schema.Array(Schema.Struct({ what: Schema.String, at: Time })),
  /** Labeled numbers, such as `records`, `median` and `quota`. Durations are in seconds. */
  values: Schema.Record(Schema.String, Schema.Finite)
})

/**
 * Evidence for a finding: IDs, times and values.
 *
 * @category models
 * @since 0.1.0
 */
export interface Evidence extends Schema.Schema.Type<typeof Evidence> {}

/**
 * Schema for a finding.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Finding = Wire.snakeStruct({
  check: HealthCheck,
  severity: Severity,
  /** Name of the index; `null` for a finding about the project. */
  indexName: Schema.NullOr(IndexName),
  /** Name of the schedule, or its ID if it has no name; `null` if the finding is not about a schedule. */
  scheduleName: Schema.NullOr(Schema.String),
  /** Description of the problem. Starts with a lowercase letter and has no full stop. */
  sentence: Schema.String,
  /** Operation that fixes or inspects the problem; `null` if no single operation helps. */
  remedy: Schema.NullOr(Remedy),
  evidence: Evidence
})

/**
 * A finding: one result of a check.
 *
 * @category models
 * @since 0.1.0
 */
export interface Finding extends Schema.Schema.Type<typeof Finding> {}

/**
 * Schema for the status of a project or an index.
 *
 * **Details**
 *
 * The status is the severity of the worst finding. A `notice` leaves the status `ok`. If anything could not be read, the
 * status is `unknown`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Status = Schema.Literals(["ok", "warning", "critical", "unknown"])

/**
 * Status of a project or an index.
 *
 * @category models
 * @since 0.1.0
 */
export type Status = typeof Status.Type

/**
 * Schema for the backups that are stored.
 *
 * **Details**
 *
 * Counts backups in any status, but a failed backup only if the service reports its size.
 *
 * @category schemas
 * @since 0.1.0
 */
export const StoredBackups = Wire.snakeStruct({
  /** Number of stored backups. */
  backups: Schema.Int,
  /** Total size of the backups with a known size, in bytes. The service reports approximate sizes. */
  bytes: Schema.Finite,
  /** Number of backups with an unknown size, such as running backups. They are not in `bytes`. */
  unknownSizes: Schema.Int
})

/**
 * The backups that are stored, with their total size.
 *
 * @category models
 * @since 0.1.0
 */
export interface StoredBackups extends Schema.Schema.Type<typeof StoredBackups> {}

/**
 * Schema for the health of a schedule.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ScheduleHealth = Wire.snakeStruct({
  scheduleId: ScheduleId,
  /** The name, or the ID of a schedule without a name. */
  name: Schema.String,
  enabled: Schema.Boolean,
  frequency: Schema.String,
  /** Maximum interval between two runs, in seconds; `null` if unknown. */
  intervalSeconds: Schema.NullOr(Schema.Finite),
  nextRunAt: Schema.NullOr(Time),
  /** Status of the latest finished run. */
  lastStatus: Schema.NullOr(Schema.String),
  /** Time of the latest run that produced a usable backup. */
  lastSuccessAt: Schema.NullOr(Time),
  /** Number of records in the backup of that run. */
  recordCount: Schema.NullOr(Schema.Finite),
  /** Size of the backup of that run, in bytes. */
  sizeBytes: Schema.NullOr(Schema.Finite),
  /** Number of missed runs in the period that was checked; `null` if the history could not be read. */
  missedRuns: Schema.NullOr(Schema.Int),
  /** Stored backups of the schedule; `null` if the history or the backups could not be read. */
  stored: Schema.optionalKey(Schema.NullOr(StoredBackups))
})

/**
 * Health of a schedule.
 *
 * @category models
 * @since 0.1.0
 */
export interface ScheduleHealth extends Schema.Schema.Type<typeof ScheduleHealth> {}

/**
 * Schema for the restore drills of an index.
 *
 * @category schemas
 * @since 0.1.0
 */
export const DrillHealth = Wire.snakeStruct({
  /** When the last drill ended. Canceled drills do not count. */
  endedAt: Time,
  outcome: DrillReport.Outcome,
  /** End of the last successful drill; `null` if no drill was successful. */
  lastSuccessAt: Schema.NullOr(Time),
  /** Duration of the last restore that a drill completed, in seconds: the recovery time. `null` if unknown. */
  restoreSeconds: Schema.NullOr(Schema.Finite)
})

/**
 * The restore drills of an index.
 *
 * @category models
 * @since 0.1.0
 */
export interface DrillHealth extends Schema.Schema.Type<typeof DrillHealth> {}

/**
 * Schema for the health of the backups of an index.
 *
 * @category schemas
 * @since 0.1.0
 */
export const IndexHealth = Wire.snakeStruct({
  indexName: IndexName,
  status: Status,
  /** Whether the index was deleted and only its backups remain. */
  isDeleted: Schema.Boolean,
  /** Number of usable backups; `null` if the backups could not be read. */
  copies: Schema.NullOr(Schema.Int),
  /** Time up to which the newest usable backup has data: 15 minutes before it was taken. */
  dataUntil: Schema.NullOr(Time),
  /** Age of that data, in seconds. */
  ageSeconds: Schema.NullOr(Schema.Finite),
  /** Stored backups of the index, by any schedule or none; `null` if the backups could not be read. */
  stored: Schema.optionalKey(Schema.NullOr(StoredBackups)),
  schedules: Schema.Array(ScheduleHealth),
  /** Restore drills; `null` if the index has no drill. Omitted if no drill log was read, or a recent drill is unreadable. */
  drill: Schema.optionalKey(Schema.NullOr(DrillHealth)),
  /** Findings, worst first. */
  findings: Schema.Array(Finding)
})

/**
 * Health of the backups of an index.
 *
 * @category models
 * @since 0.1.0
 */
export interface IndexHealth extends Schema.Schema.Type<typeof IndexHealth> {}

/**
 * Schema for a finding that an exception of the policy suppresses.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Ignored = Schema.Struct({ finding: Finding, reason: Schema.String, until: Time })

/**
 * A finding that an exception of the policy suppresses.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ignored extends Schema.Schema.Type<typeof Ignored> {}

/**
 * Schema for the health of the backups of a project.
 *
 * @category schemas
 * @since 0.1.0
 */
export const BackupHealth = Schema.Struct({
  /** Time of the assessment. */
  at: Time,
  status: Status,
  /** Number of findings by severity. */
  totals: Schema.Struct({
    critical: Schema.Int,
    warning: Schema.Int,
    unknown: Schema.Int,
    notice: Schema.Int
  }),
  /** Number of backups in the project and the maximum number; `null` if unknown. */
  quota: Schema.Struct({ used: Schema.NullOr(Schema.Int), limit: Schema.NullOr(Schema.Int) }),
  /** Findings about the project as a whole. */
  project: Schema.Array(Finding),
  /** Findings, worst first. */
  indexes: Schema.Array(IndexHealth),
  ignored: Schema.Array(Ignored)
})

/**
 * Health of the backups of a project.
 *
 * @category models
 * @since 0.1.0
 */
export interface BackupHealth extends Schema.Schema.Type<typeof BackupHealth> {}

/**
 * Returns all findings: first of the project, then of each index, worst first.
 *
 * @category getters
 * @since 0.1.0
 */
export const findings = (health: BackupHealth): ReadonlyArray<Finding> => [
  ...health.project,
  ...health.indexes.flatMap(({ findings }) => findings)
]

/**
 * Returns the time at which the newest usable backup was taken; `undefined` if there is no such backup, or if unknown.
 *
 * @category getters
 * @since 0.1.0
 */
export const newestAt = ({ dataUntil }: IndexHealth): DateTime.Utc | undefined =>
  dataUntil === null ? undefined : DateTime.add(dataUntil, { milliseconds: lagMillis })

// ============================================================================
// Assessing
// ============================================================================

/**
 * Options of an assessment.
 *
 * @category options
 * @since 0.1.0
 */
export interface AssessOptions {
  /** The current time. `assess` throws if this is not a valid instant, as `DateTime.makeUnsafe` does. */
  readonly now: DateTime.DateTime.Input
  /**
   * Readings of other clocks. If the clocks contradict each other, checks of ages use the latest clock and are `unknown`.
   *
   * @default only `now`
   */
  readonly clocks?: Clocks.Verdict | undefined
  /** @default BackupPolicy.empty */
  readonly policy?: BackupPolicy.BackupPolicy | undefined
  /**
   * Period up to now in which failed and missed runs are reported even if a later run succeeded. Extends at least to the
   * latest run. Missed runs are not reported from before the retention of the schedule, because older runs are not listed
   * reliably.
   *
   * @default "7 days"
   */
  readonly since?: Duration.Input | undefined
  /**
   * Whether a project without indexes is `ok`. If `false`, it is `unknown`, because the API key may belong to another
   * project.
   *
   * @default false
   */
  readonly allowEmpty?: boolean | undefined
  /** Only run these checks. `unreadable`, `no-indexes` and `clock` always run. */
  readonly only?: ReadonlyArray<HealthCheck> | undefined
  /** Checks to skip. `unreadable`, `no-indexes` and `clock` cannot be skipped. */
  readonly skip?: ReadonlyArray<HealthCheck> | undefined
}
