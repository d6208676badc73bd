/**
 * Reports of restore drills: the evidence that a backup can, or cannot, be restored.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { BackupId } from "../Backup.ts"
import * as Wire from "../internal/codec/wire.ts"
import { isSame } from "../internal/same.ts"
import { IndexId, IndexName } from "../PineconeIndex.ts"
import { RestoreJobId } from "../RestoreJob.ts"

const Time = Schema.DateTimeUtcFromString

const Count = Schema.NullOr(Schema.Finite)

/**
 * Schema for the outcome of a drill:
 *
 * - `SUCCESSFUL`: restored, and every check passed
 * - `UNVERIFIED`: restored, but a check had no result, for example because a count is unknown
 * - `FAILED`: not restored, or a check failed
 * - `TIMED_OUT`: not restored and verified within the timeout
 * - `CANCELLED`: canceled before it ended
 *
 * @category schemas
 * @since 0.1.0
 */
export const Outcome = Schema.Literals(["SUCCESSFUL", "UNVERIFIED", "FAILED", "TIMED_OUT", "CANCELLED"])

/**
 * The outcome of a drill.
 *
 * @category models
 * @since 0.1.0
 */
export type Outcome = typeof Outcome.Type

/**
 * Schema for the code of a reason.
 *
 * Before the restore: `no-copy`, `size-limit`, `size-unknown`, `index-quota`. Restore: `restore-failed`,
 * `restore-cancelled`, `index-vanished`, `name-taken`. Verification: `records`, `namespaces`, `records-vanished`,
 * `sample`, `probe`, `unknown-count`, `unknown-sample`, `unknown-probe`. Any time: `request` (a request failed),
 * `timeout`, `cancelled`, `defect`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ReasonCode = Schema.Literals([
  "no-copy",
  "size-limit",
  "size-unknown",
  "index-quota",
  "restore-failed",
  "restore-cancelled",
  "index-vanished",
  "name-taken",
  "records",
  "namespaces",
  "records-vanished",
  "sample",
  "probe",
  "unknown-count",
  "unknown-sample",
  "unknown-probe",
  "request",
  "timeout",
  "cancelled",
  "defect"
])

/**
 * The code of a reason.
 *
 * @category models
 * @since 0.1.0
 */
export type ReasonCode = typeof ReasonCode.Type

/**
 * Schema for the reason why a drill was not successful: a code for programs, and a sentence for people.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Reason = Schema.Struct({ code: ReasonCode, message: Schema.String })

/**
 * The reason why a drill was not successful.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reason extends Schema.Schema.Type<typeof Reason> {}

/**
 * Schema for the backup of a drill.
 *
 * @category schemas
 * @since 0.1.0
 */
export const DrilledBackup = Wire.snakeStruct({
  backupId: BackupId,
  name: Schema.NullOr(Schema.String),
  /** The index that was backed up. An index that was created later with the same name has another ID. */
  sourceIndexId: IndexId,
  /** When it was taken, from `Copies.takenAt`. */
  takenAt: Schema.NullOr(Time),
  recordCount: Count,
  namespaceCount: Count,
  sizeBytes: Count,
  /** The dimension of its dense vectors; 0 for a sparse index, `null` if unknown. */
  dimension: Count,
  /** Whether the index has a typed schema, whose records have operations of their own: no sample is read. */
  hasTypedSchema: Schema.Boolean
})

/**
 * The backup of a drill.
 *
 * @category models
 * @since 0.1.0
 */
export interface DrilledBackup extends Schema.Schema.Type<typeof DrilledBackup> {}

/**
 * Schema for a newer backup that was not chosen, and the reason: its state from `Copies`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Skipped = Wire.snakeStruct({
  backupId: BackupId,
  takenAt: Schema.NullOr(Time),
  state: Schema.Literals(["uncounted", "undated", "future", "empty", "running", "failed"])
})

/**
 * A newer backup that was not chosen.
 *
 * @category models
 * @since 0.1.0
 */
export interface Skipped extends Schema.Schema.Type<typeof Skipped> {}

/**
 * Schema for one count of the restored copy. `null` stands for unknown, never for 0.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Counted = Wire.snakeStruct({
  at: Time,
  records: Count,
  /** Number of namespaces that have records. */
  namespaces: Count,
  /** Namespaces without records, up to 10. The default namespace is the empty string. */
  emptyNamespaces: Schema.Array(Schema.String)
})

/**
 * One count of the restored copy.
 *
 * @category models
 * @since 0.1.0
 */
export interface Counted extends Schema.Schema.Type<typeof Counted> {}

/**
 * Schema for the sample that was read from the restored copy.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Sampled = Wire.snakeStruct({
  at: Time,
  /** Number of records that were chosen. */
  chosen: Schema.Int,
  /** Number of records that were read and have usable vectors. */
  sound: Schema.Int,
  /** Namespaces that the records are from, up to 10. */
  namespaces: Schema.Array(Schema.String),
  /** Problems, one per record, up to 10: the ID of the record, and the problem. */
  problems: Schema.Array(Schema.Struct({ namespace: Schema.String, id: Schema.String, problem: Schema.String }))
})

/**
 * The sample that was read from the restored copy.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sampled extends Schema.Schema.Type<typeof Sampled> {}

/**
 * Schema for one check of a drill. `passed` and `failed` are results. `unknown` means that the check could not be
 * completed, and `skipped` that it was not requested, not reached, or does not apply; `detail` has the cause.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Check = Schema.Struct({
  check: Schema.Literals(["count", "sample", "probe", "recount"]),
  result: Schema.Literals(["passed", "failed", "unknown", "skipped"]),
  detail: Schema.NullOr(Schema.String)
})

/**
 * One check of a drill.
 *
 * @category models
 * @since 0.1.0
 */
export interface Check extends Schema.Schema.Type<typeof Check> {}

/**
 * Schema for the times of the steps of a drill. `null` if the step was not reached.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Times = Wire.snakeStruct({
  startedAt: Time,
  /** When the backup was chosen. */
  chosenAt: Schema.NullOr(Time),
  /** When the service accepted the restore. */
  requestedAt: Schema.NullOr(Time),
  /** When the restore was first seen to be complete, and the index ready. */
  restoredAt: Schema.NullOr(Time),
  countedAt: Schema.NullOr(Time),
  sampledAt: Schema.NullOr(Time),
  probedAt: Schema.NullOr(Time),
  recountedAt: Schema.NullOr(Time),
  /** When the temporary index was seen to be gone. */
  removedAt: Schema.NullOr(Time),
  endedAt: Time
})

/**
 * The times of the steps of a drill.
 *
 * @category models
 * @since 0.1.0
 */
export interface Times extends Schema.Schema.Type<typeof Times> {}

/**
 * Schema for the report of a drill. In JSON the keys are in snake case, and times are ISO 8601 strings.
 *
 * @category schemas
 * @since 0.1.0
 */
export const DrillReport = Wire.snakeStruct({
  executionId: Schema.String,
  drillId: Schema.String,
  indexName: IndexName,
  outcome: Outcome,
  /** Why the drill was not successful; `null` if it was. */
  reason: Schema.NullOr(Reason),
  /** The backup that was chosen; `null` if none was. */
  backup: Schema.NullOr(DrilledBackup),
  /** Newer backups that were not chosen, newest first. */
  skipped: Schema.Array(Skipped),
  restoreJobId: Schema.NullOr(RestoreJobId),
  /**
   * Duration of the restore in seconds, from the creation to the completion of the restore job, which is the recovery
   * time. `null` if the job does not have both times.
   */
  restoreSeconds: Schema.NullOr(Schema.Finite),
  times: Times,
  /** The last count before the sample was read; `null` if there was none. */
  counted: Schema.NullOr(Counted),
  /** The last count after the delay; `null` if there was none. */
  recounted: Schema.NullOr(Counted),
  /** The sample; `null` if none was read. */
  sampled: Schema.NullOr(Sampled),
  checks: Schema.Array(Check),
  /** The temporary index, if it could not be removed. `null` if it was removed or never created. */
  leftover: Schema.NullOr(IndexName)
})

/**
 * The report of a drill.
 *
 * @category models
 * @since 0.1.0
 */
export interface DrillReport extends Schema.Schema.Type<typeof DrillReport> {}

/**
 * Returns `true` if a report proves that the backup can be restored. `UNVERIFIED` does not.
 *
 * @category guards
 * @since 0.1.0
 */
export const isProof = ({ outcome }: Pick<DrillReport, "outcome">): boolean => outcome === "SUCCESSFUL"

/**
 * Returns `false` if a report is about an earlier index with the same name, that is, if its backup was taken of an index
 * with another ID. Unknown IDs do not differ.
 *
 * @category guards
 * @since 0.1.0
 */
export const isOf = ({ backup }: Pick<DrillReport, "backup">, indexId: IndexId | null | undefined): boolean =>
  backup === null || indexId == null || isSame(backup.sourceIndexId, indexId)

/**
 * Returns `true` if a report has a sample of records, all of them sound. Otherwise, records were only counted.
 *
 * @category guards
 * @since 0.1.0
 */
export const isSampled = ({ checks }: Pick<DrillReport, "checks">): boolean =>
  checks.some(({ check, result }) => check === "sample" && result === "passed")
