/**
 * Restore jobs: the making of a new index from a backup.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { BackupId } from "./Backup.ts"
import * as SourceJson from "./internal/codec/source-json.ts"
import * as Wire from "./internal/codec/wire.ts"
import { IndexId, IndexName } from "./PineconeIndex.ts"

/**
 * Schema for the id of a restore job.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RestoreJobId = Schema.String.pipe(Schema.brand("RestoreJobId"))

/**
 * The id of a restore job.
 *
 * @category models
 * @since 0.1.0
 */
export type RestoreJobId = typeof RestoreJobId.Type

/**
 * Schema for a restore job.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RestoreJob = Schema.Struct({
  restoreJobId: RestoreJobId,
  backupId: BackupId,
  targetIndexName: IndexName,
  targetIndexId: IndexId,
  /** New values may appear: what is not {@link isFinal} is not over. */
  status: Wire.openEnum(["Pending", "Completed", "Failed", "Cancelled"]),
  createdAt: Wire.maybeTimestamp,
  /** Only once the job is completed. */
  completedAt: Wire.maybeTimestamp,
  /**
   * Up to version 2026-04 the progress from 0 to 100, with fractions. In 2026-07 it is 100 once the job
   * is completed and otherwise not sent, so a missing number means "unknown", never 0: wait for
   * {@link isFinal} instead.
   */
  percentComplete: Wire.maybeNumber
})

/**
 * A restore job.
 *
 * @category models
 * @since 0.1.0
 */
export interface RestoreJob extends Schema.Schema.Type<typeof RestoreJob> {}

/**
 * Whether the restored index holds the data of the backup.
 *
 * @category guards
 * @since 0.1.0
 */
export const isCompleted = (job: RestoreJob): boolean => job.status === "Completed"

/**
 * Whether the job is over and the index was not restored. The service does not say why.
 *
 * @category guards
 * @since 0.1.0
 */
export const isFailed = (job: RestoreJob): boolean => job.status === "Failed" || job.status === "Cancelled"

/**
 * Whether the job is over, well or badly.
 *
 * @category guards
 * @since 0.1.0
 */
export const isFinal = (job: RestoreJob): boolean => isCompleted(job) || isFailed(job)

/**
 * Codec between a restore job and the API's JSON object.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FromWire: Schema.Codec<RestoreJob, Schema.JsonObject> = Wire.fromWire(RestoreJob)

/**
 * Schema for a restore that was started: the job that does it, and the index that it makes. The index is
 * there at once and cannot be used until the job is completed.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Started = Schema.Struct({ restoreJobId: RestoreJobId, indexId: IndexId })

/**
 * A restore that was started.
 *
 * @category models
 * @since 0.1.0
 */
export interface Started extends Schema.Schema.Type<typeof Started> {}

/**
 * Codec between a restore that was started and the API's JSON object.
 *
 * @category schemas
 * @since 0.1.0
 */
export const StartedFromWire: Schema.Codec<Started, Schema.JsonObject> = Wire.fromWire(Started)

/**
 * The job as JSON with the API's field names. For a job that came from the service this is the very
 * object it sent, with keys that this library does not know and times as they were spelled.
 *
 * @category getters
 * @since 0.1.0
 */
export const toJson = (job: RestoreJob): Schema.JsonObject => SourceJson.recall(job, FromWire)
