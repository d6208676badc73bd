/**
 * Runs of a backup schedule: planned, running and finished backups of the schedule.
 *
 * **Example** (Printing when a run was planned)
 *
 * ```ts
 * import * as BackupRun from "@pinecone-backups/core/BackupRun"
 * import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
 * import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
 * import * as Console from "effect/Console"
 * import * as DateTime from "effect/DateTime"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * export const program = Effect.gen(function*() {
 *   const schedules = yield* BackupSchedules.BackupSchedules
 *   yield* schedules.history(BackupSchedule.ScheduleId.make("nightly")).pipe(
 *     Stream.filter(BackupRun.isFailed),
 *     Stream.runForEach((run) => {
 *       const plannedFor = BackupRun.plannedFor(run)
 *       return Console.log(plannedFor && DateTime.formatIso(plannedFor), run.status)
 *     })
 *   )
 *   // => 2026-04-22T06:00:00.000Z Failed
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import type * as Types from "effect/Types"
import * as Backup from "./Backup.ts"
import * as BackupFields from "./internal/codec/backup-fields.ts"
import type * as Decoder from "./internal/codec/decoder.ts"
import * as SourceJson from "./internal/codec/source-json.ts"
import * as Wire from "./internal/codec/wire.ts"
import * as RunTimes from "./internal/run-times.ts"

/**
 * Schema for one run of a backup schedule, as the history of the schedule lists it.
 *
 * **Details**
 *
 * A run keeps its ID from the moment it is planned.
 *
 * **Gotchas**
 *
 * A run does not name its schedule. Fields that are optional here are missing or `null` in some responses of the
 * service, although its documentation says otherwise.
 *
 * @category schemas
 * @since 0.1.0
 */
export const BackupRun = Schema.Struct({
  backupId: Backup.BackupId,
  ...BackupFields.source,
  /**
   * `Scheduled` until the run starts. New values may appear. A run with a status that is not {@link isFinal} is not
   * finished.
   */
  status: Wire.openEnum(["Scheduled", "Initializing", "Ready", "InitializationFailed", "Failed"]),
  /** The time for which the run is planned. Set only while the status is `Scheduled`. */
  scheduledExecutionAt: Wire.maybeTimestamp,
  ...BackupFields.contents,
  /** The time at which the run was planned, or at which it ran: sources disagree, so do not base calculations on it. */
  createdAt: Wire.maybeTimestamp
})

/**
 * One run of a backup schedule.
 *
 * @category models
 * @since 0.1.0
 */
export interface BackupRun extends Schema.Schema.Type<typeof BackupRun> {}

export {
  /**
   * Returns `true` if the run finished without a usable backup.
   *
   * **Details**
   *
   * The status is `InitializationFailed` from version 2026-07 on and `Failed` before. The service does not report a
   * reason.
   *
   * @category guards
   * @since 0.1.0
   */
  isFailed,
  /**
   * Returns `true` if the run is finished, whether it succeeded or failed.
   *
   * @category guards
   * @since 0.1.0
   */
  isFinal,
  /**
   * Returns `true` if the run created a backup that can be restored.
   *
   * @category guards
   * @since 0.1.0
   */
  isReady
} from "./Backup.ts"

/**
 * Returns the time for which the run is or was planned, to the second.
 *
 * **Details**
 *
 * Reads `scheduledExecutionAt`, which the service removes once the run has started, and then the timestamp at the end
 * of the run's name, which stays. Returns `undefined` if the run has neither.
 *
 * **Gotchas**
 *
 * The names of manual backups are chosen by users, so this does not prove when such a backup was taken: use
 * `Copies.takenAt` instead.
 *
 * @category getters
 * @since 0.1.0
 */
export const plannedFor = (run: BackupRun): DateTime.Utc | undefined => {
  const at = RunTimes.plannedFor(run)
  return at === undefined ? undefined : DateTime.makeUnsafe(at)
}

/**
 * Returns `true` if the run has started. The service does not always list runs that are still `Scheduled`.
 *
 * @category guards
 * @since 0.1.0
 */
export const hasBegun = (run: BackupRun): boolean => run.status !== "Scheduled"

/**
 * Schema for a checkpoint: the statuses of the runs of a schedule, by ID. Plain JSON that can be stored anywhere.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Checkpoint = Schema.Record(Schema.String, Schema.String)

/**
 * The last known statuses of the runs of a schedule, by ID.
 *
 * @category models
 * @since 0.1.0
 */
export type Checkpoint = typeof Checkpoint.Type

/**
 * Creates a checkpoint from the runs of a history, so that `followHistory` continues from there.
 *
 * @category constructors
 * @since 0.1.0
 */
export const checkpoint = (runs: Iterable<BackupRun>): Checkpoint =>
  Object.fromEntries(Array.from(runs, ({ backupId, status }) => [backupId, status]))

/**
 * A change in the history of a schedule: a new run, or a new status of a known run.
 *
 * @category models
 * @since 0.1.0
 */
export interface Change {
  /**
   * The kind of change:
   *
   * - `Finished`: the run created a backup that can be restored
   * - `Failed`: the run finished without a usable backup
   * - `Appeared`: the run is new and not finished
   * - `Changed`: the run has a new status and is not finished; a run that was finished before is not reported again
   */
  readonly _tag: "Appeared" | "Changed" | "Finished" | "Failed"
  readonly run: BackupRun
  /** The status before the change; `undefined` if the run is new. */
  readonly previousStatus: string | undefined
  /**
   * The checkpoint to resume from after this change.
   *
   * **Details**
   *
   * Only the last of the changes found on one page advances the checkpoint, so after a restart some changes may be
   * emitted again, but none is missed. The checkpoint is computed when it is read, and has an entry for every run of
   * the history.
   *
   * **Gotchas**
   *
   * To remember a position for a long time, keep the checkpoint instead of the change, because a change keeps all later
   * changes in memory.
   */
  readonly checkpoint: Checkpoint
}

/** Reads a run by the names of its fields. Which of them are missing depends on the version of the API. */
const byName: Decoder.ByName<BackupRun, typeof BackupRun.fields> = (read) => (json) => {
  const backupId = read.backupId(json["backup_id"])
  const sourceIndexId = read.sourceIndexId(json["source_index_id"])
  const sourceIndexName = read.sourceIndexName(json["source_index_name"])
  if (backupId === undefined || sourceIndexId === undefined || sourceIndexName === undefined) return undefined
  const run: Partial<Types.Mutable<BackupRun>> = { backupId, sourceIndexId, sourceIndexName }
  const tags = read.tags(json["tags"])
  if (tags !== undefined) run.tags = tags
  else if ("tags" in json) return undefined
  const name = read.name(json["name"])
  if (name !== undefined) run.name = name
  else if ("name" in json) return undefined
  const description = read.description(json["description"])
  if (description !== undefined) run.description = description
  else if ("description" in json) return undefined
  const status = read.status(json["status"])
  if (status === undefined) return undefined
  run.status = status
  const scheduledExecutionAt = read.scheduledExecutionAt(json["scheduled_execution_at"])
  if (scheduledExecutionAt !== undefined) run.scheduledExecutionAt = scheduledExecutionAt
  else if ("scheduled_execution_at" in json) return undefined
  const cloud = read.cloud(json["cloud"])
  if (cloud !== undefined) run.cloud = cloud
  else if ("cloud" in json) return undefined
  const region = read.region(json["region"])
  if (region !== undefined) run.region = region
  else if ("region" in json) return undefined
  const dimension = read.dimension(json["dimension"])
  if (dimension !== undefined) run.dimension = dimension
  else if ("dimension" in json) return undefined
  const schema = read.schema(json["schema"])
  if (schema !== undefined) run.schema = schema
  else if ("schema" in json) return undefined
  const recordCount = read.recordCount(json["record_count"])
  if (recordCount !== undefined) run.recordCount = recordCount
  else if ("record_count" in json) return undefined
  const namespaceCount = read.namespaceCount(json["namespace_count"])
  if (namespaceCount !== undefined) run.namespaceCount = namespaceCount
  else if ("namespace_count" in json) return undefined
  const sizeBytes = read.sizeBytes(json["size_bytes"])
  if (sizeBytes !== undefined) run.sizeBytes = sizeBytes
  else if ("size_bytes" in json) return undefined
  const createdAt = read.createdAt(json["created_at"])
  if (createdAt !== undefined) run.createdAt = createdAt
  else if ("created_at" in json) return undefined
  return run as BackupRun
}

/**
 * Codec between a run and the API's JSON object.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FromWire: Schema.Codec<BackupRun, Schema.JsonObject> = Wire.fromWire(BackupRun, byName)

/**
 * Returns the run as JSON with the API's field names.
 *
 * **Details**
 *
 * For a run that the service returned, the result is the original JSON object, including unknown keys and the original
 * spelling of timestamps.
 *
 * @category getters
 * @since 0.1.0
 */
export const toJson = (run: BackupRun): Schema.JsonObject => SourceJson.recall(run, FromWire)
