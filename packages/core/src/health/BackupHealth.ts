/**
 * Whether backups are good: what was found, in facts about a project, by the checks of `HealthCheck`.
 *
 * Data alone. `HealthChecks` asks the service for the facts, and makes a report of them.
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
 * What was read, or why it could not be.
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
}

/**
 * What is known of a project. Backups that are there are what counts as backups, and a history as a record of runs only,
 * so the backups are to be read after the histories.
 *
 * @category facts
 * @since 0.1.0
 */
export interface Facts {
  /** The indexes that are looked at. */
  readonly indexes: ReadonlyArray<IndexFacts>
  /** The ids and names of all indexes of the project: backups of others are those of deleted ones. */
  readonly all: ReadonlyArray<PineconeIndex.PineconeIndex>
  /**
   * Whether the list of indexes keeps a row of an index that the service does not know by its name. Nobody knows then
   * which indexes were deleted, so nothing is said of backups of others.
   *
   * @default false
   */
  readonly isListContradicted?: boolean | undefined
  /** The backups of the project. */
  readonly backups: Read<Backup.Backup>
  /** The restore jobs of the project. */
  readonly restoreJobs: Read<RestoreJob.RestoreJob>
}

// ============================================================================
// Report
// ============================================================================

const Time = Schema.DateTimeUtcFromString

/**
 * Schema for what a finding rests on.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Evidence = Wire.snakeStruct({
  scheduleIds: Schema.Array(ScheduleId),
  backupIds: Schema.Array(BackupId),
  restoreJobIds: Schema.Array(RestoreJobId),
  /** When what was: `newest`, `missed`, `expires` … The same thing may have been several times. */
  times: Schema.Array(Schema.Struct({ what: Schema.String, at: Time })),
  /** How much of what there is: `records`, `median`, `quota` … Lengths of time are in seconds. */
  values: Schema.Record(Schema.String, Schema.Finite)
})

/**
 * What a finding rests on.
 *
 * @category models
 * @since 0.1.0
 */
export interface Evidence extends Schema.Schema.Type<typeof Evidence> {}

/**
 * Schema for something that a check has found.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Finding = Wire.snakeStruct({
  check: HealthCheck,
  severity: Severity,
  /** The index, if it is about one and not about the project. */
  indexName: Schema.NullOr(IndexName),
  /** The name or, if it has none, the id of the schedule, if it is about one. */
  scheduleName: Schema.NullOr(Schema.String),
  /** What is wrong, for people. Begins with a small letter and has no full stop. */
  sentence: Schema.String,
  /** What to do about it; `null` if no single operation helps. */
  remedy: Schema.NullOr(Remedy),
  evidence: Evidence
})

/**
 * Something that a check has found.
 *
 * @category models
 * @since 0.1.0
 */
export interface Finding extends Schema.Schema.Type<typeof Finding> {}

/**
 * Schema for how things are: as bad as the worst finding. A `notice` leaves them `ok`, and nothing is better than
 * `unknown` where something could not be read.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Status = Schema.Literals(["ok", "warning", "critical", "unknown"])

/**
 * How things are.
 *
 * @category models
 * @since 0.1.0
 */
export type Status = typeof Status.Type

/**
 * Schema for how a schedule is doing.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ScheduleHealth = Wire.snakeStruct({
  scheduleId: ScheduleId,
  /** Its name or, if it has none, its id. */
  name: Schema.String,
  enabled: Schema.Boolean,
  frequency: Schema.String,
  /** How many seconds there should be between two runs, at most; `null` if that is not known. */
  intervalSeconds: Schema.NullOr(Schema.Finite),
  nextRunAt: Schema.NullOr(Time),
  /** The status of the latest run that is over. */
  lastStatus: Schema.NullOr(Schema.String),
  /** When the latest run was that has made a usable backup, and what is in it. */
  lastSuccessAt: Schema.NullOr(Time),
  recordCount: Schema.NullOr(Schema.Finite),
  sizeBytes: Schema.NullOr(Schema.Finite),
  /** How many runs are missing of the time that was looked at; `null` if its history could not be read. */
  missedRuns: Schema.NullOr(Schema.Int)
})

/**
 * How a schedule is doing.
 *
 * @category models
 * @since 0.1.0
 */
export interface ScheduleHealth extends Schema.Schema.Type<typeof ScheduleHealth> {}

/**
 * Schema for how the backups of an index are.
 *
 * @category schemas
 * @since 0.1.0
 */
export const IndexHealth = Wire.snakeStruct({
  indexName: IndexName,
  status: Status,
  /** Whether the index is gone, and only backups of it are left. */
  isDeleted: Schema.Boolean,
  /** How many usable backups there are; `null` if that could not be read. */
  copies: Schema.NullOr(Schema.Int),
  /** Up to when data is in the newest of them: a quarter of an hour before it was taken. */
  dataUntil: Schema.NullOr(Time),
  /** How many seconds ago that was. */
  ageSeconds: Schema.NullOr(Schema.Finite),
  schedules: Schema.Array(ScheduleHealth),
  /** The worst first. */
  findings: Schema.Array(Finding)
})

/**
 * How the backups of an index are.
 *
 * @category models
 * @since 0.1.0
 */
export interface IndexHealth extends Schema.Schema.Type<typeof IndexHealth> {}

/**
 * Schema for a finding that an exception of the policy keeps from counting.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Ignored = Schema.Struct({ finding: Finding, reason: Schema.String, until: Time })

/**
 * A finding that an exception of the policy keeps from counting.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ignored extends Schema.Schema.Type<typeof Ignored> {}

/**
 * Schema for how the backups of a project are.
 *
 * @category schemas
 * @since 0.1.0
 */
export const BackupHealth = Schema.Struct({
  /** When this was so. */
  at: Time,
  status: Status,
  /** How many findings there are of each severity. */
  totals: Schema.Struct({
    critical: Schema.Int,
    warning: Schema.Int,
    unknown: Schema.Int,
    notice: Schema.Int
  }),
  /** How many backups there are, and may be; `null` if that is not known. */
  quota: Schema.Struct({ used: Schema.NullOr(Schema.Int), limit: Schema.NullOr(Schema.Int) }),
  /** What is about no single index. */
  project: Schema.Array(Finding),
  /** The worst first. */
  indexes: Schema.Array(IndexHealth),
  ignored: Schema.Array(Ignored)
})

/**
 * How the backups of a project are.
 *
 * @category models
 * @since 0.1.0
 */
export interface BackupHealth extends Schema.Schema.Type<typeof BackupHealth> {}

/**
 * Every finding: those of the project first, then those of the indexes, the worst first.
 *
 * @category getters
 * @since 0.1.0
 */
export const findings = (health: BackupHealth): ReadonlyArray<Finding> => [
  ...health.project,
  ...health.indexes.flatMap(({ findings }) => findings)
]

/**
 * When the newest usable backup of an index was taken; `undefined` if there is none, or that is not known.
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
 * What to look for.
 *
 * @category options
 * @since 0.1.0
 */
export interface AssessOptions {
  /** What time it is. What is no instant is thrown, as by `DateTime.makeUnsafe`. */
  readonly now: DateTime.DateTime.Input
  /**
   * What other clocks say. If they contradict each other, checks of ages go by the latest, and are `unknown`.
   *
   * @default no clock but `now`
   */
  readonly clocks?: Clocks.Verdict | undefined
  /** @default BackupPolicy.empty */
  readonly policy?: BackupPolicy.BackupPolicy | undefined
  /**
   * How far back runs that failed or are missing are looked for, where a later one was good. At least as far as the
   * latest run, and no further than the retention of a schedule, before which nothing is known.
   *
   * @default "7 days"
   */
  readonly since?: Duration.Input | undefined
  /**
   * Whether a project without an index is `ok`. Otherwise it is `unknown`, since the key of another project sees the
   * same.
   *
   * @default false
   */
  readonly allowEmpty?: boolean | undefined
  /** Only these checks. What could not be read, and that there is no index, is said in any case. */
  readonly only?: ReadonlyArray<HealthCheck> | undefined
  /** All but these. */
  readonly skip?: ReadonlyArray<HealthCheck> | undefined
}
