/**
 * Restore jobs: the service's records of restoring a backup into a new index.
 *
 * **Example** (Printing the progress of a restore job)
 *
 * ```ts
 * import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
 * import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Effect.gen(function*() {
 *   const jobs = yield* RestoreJobs.RestoreJobs
 *   const job = yield* jobs.describe(RestoreJob.RestoreJobId.make("9857add2"))
 *   yield* Console.log(job.targetIndexName, RestoreJob.isFinal(job) ? job.status : "still running")
 *   // => docs-copy still running
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { BackupId } from "./Backup.ts"
import * as SourceJson from "./internal/codec/source-json.ts"
import * as Wire from "./internal/codec/wire.ts"
import { IndexId, IndexName } from "./PineconeIndex.ts"

/**
 * Schema for the ID of a restore job.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RestoreJobId = Schema.String.pipe(Schema.brand("RestoreJobId"))

/**
 * The ID of a restore job.
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
  /** New values may appear. A job with a status that is not {@link isFinal} is still running. */
  status: Wire.openEnum(["Pending", "Completed", "Failed", "Cancelled"]),
  createdAt: Wire.maybeTimestamp,
  /** The time of completion. Set only once the job is completed. */
  completedAt: Wire.maybeTimestamp,
  /**
   * Progress in percent.
   *
   * **Details**
   *
   * Up to version 2026-04 a number from 0 to 100, with fractions. In version 2026-07 it is 100 once the job is
   * completed and otherwise missing.
   *
   * **Gotchas**
   *
   * A missing number means unknown, not 0. To wait for the end of the job, use {@link isFinal}.
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
 * Returns `true` if the job is completed and the restored index has the data of the backup.
 *
 * @category guards
 * @since 0.1.0
 */
export const isCompleted = (job: RestoreJob): boolean => job.status === "Completed"

/**
 * Returns `true` if the job finished without restoring the index. The service does not report a reason.
 *
 * @category guards
 * @since 0.1.0
 */
export const isFailed = (job: RestoreJob): boolean => job.status === "Failed" || job.status === "Cancelled"

/**
 * Returns `true` if the job is finished, whether it succeeded, failed or was canceled.
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
 * Schema for the response to starting a restore: the restore job and the new index.
 *
 * **Gotchas**
 *
 * The index exists immediately, but is not usable until the job is completed.
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
 * Codec between a started restore and the API's JSON object.
 *
 * @category schemas
 * @since 0.1.0
 */
export const StartedFromWire: Schema.Codec<Started, Schema.JsonObject> = Wire.fromWire(Started)

/**
 * Returns the restore job as JSON with the API's field names.
 *
 * **Details**
 *
 * For a job that the service returned, the result is the original JSON object, including unknown keys and the original
 * spelling of timestamps.
 *
 * @category getters
 * @since 0.1.0
 */
export const toJson = (job: RestoreJob): Schema.JsonObject => SourceJson.recall(job, FromWire)
