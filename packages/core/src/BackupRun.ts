/**
 * The runs of a backup schedule: backups it has made, is making or will make.
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
 * A run keeps its id from the moment it is planned. Nothing in it names the schedule. Fields that are
 * optional here are missing or `null` in some answers of the service, whatever its documents say.
 *
 * @category schemas
 * @since 0.1.0
 */
export const BackupRun = Schema.Struct({
  backupId: Backup.BackupId,
  ...BackupFields.source,
  /** `Scheduled` until the run starts. New values may appear: what is not {@link isFinal} is not over. */
  status: Wire.openEnum(["Scheduled", "Initializing", "Ready", "InitializationFailed", "Failed"]),
  /** When the run is planned for. Only while `Scheduled`. */
  scheduledExecutionAt: Wire.maybeTimestamp,
  ...BackupFields.contents,
  /** When the run was planned, or when it ran: sources disagree, so do not compute with it. */
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
   * Whether the run is over and made no usable backup. The service says `InitializationFailed` from version
   * 2026-07 on and `Failed` before, and never why.
   *
   * @category guards
   * @since 0.1.0
   */
  isFailed,
  /**
   * Whether the run is over, well or badly.
   *
   * @category guards
   * @since 0.1.0
   */
  isFinal,
  /**
   * Whether the run has made a backup that can be restored.
   *
   * @category guards
   * @since 0.1.0
   */
  isReady
} from "./Backup.ts"

/**
 * When the run was or is planned for, as it says itself: `scheduledExecutionAt`, which goes away once the run has
 * started, else the stamp at the end of its name, which stays. Exact to the second.
 *
 * **Gotchas**
 *
 * People choose the names of other backups, so this is no evidence of when such a backup was taken: that is
 * `Copies.takenAt`.
 *
 * @category getters
 * @since 0.1.0
 */
export const plannedFor = (run: BackupRun): DateTime.Utc | undefined => {
  const at = RunTimes.plannedFor(run)
  return at === undefined ? undefined : DateTime.makeUnsafe(at)
}

/**
 * Whether the run has begun. One that is `Scheduled` has not; the service may list such runs or not.
 *
 * @category guards
 * @since 0.1.0
 */
export const hasBegun = (run: BackupRun): boolean => run.status !== "Scheduled"

/**
 * Schema for what is known of the runs of a schedule: their statuses, by id. Plain JSON, to be kept anywhere.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Checkpoint = Schema.Record(Schema.String, Schema.String)

/**
 * What is known of the runs of a schedule: their statuses, by id.
 *
 * @category models
 * @since 0.1.0
 */
export type Checkpoint = typeof Checkpoint.Type

/**
 * The checkpoint of a history as it was read: to follow it from there on.
 *
 * @category constructors
 * @since 0.1.0
 */
export const checkpoint = (runs: Iterable<BackupRun>): Checkpoint =>
  Object.fromEntries(Array.from(runs, ({ backupId, status }) => [backupId, status]))

/**
 * A change in the history of a schedule: of a run that was not there before, or of the status of one that was.
 *
 * @category models
 * @since 0.1.0
 */
export interface Change {
  /**
   * - `Finished`: the run has made a backup that can be restored
   * - `Failed`: it is over and has made none
   * - `Appeared`: it was not there before and is not over
   * - `Changed`: it has another status and is not over; a run that was over before is not reported so again
   */
  readonly _tag: "Appeared" | "Changed" | "Finished" | "Failed"
  readonly run: BackupRun
  /** The status it had before; `undefined` if it was not there. */
  readonly previousStatus: string | undefined
  /**
   * Where to go on after this change. Of the changes that were found on one page only the last moves it, so that
   * after a restart some may come again and none is missed. It is made when it is read, and as long as the history. To keep a
   * place for long, keep this and not the change, which holds on to what has changed since.
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
 * The run as JSON with the API's field names. For a run that came from the service this is the very
 * object it sent, with keys that this library does not know and times as they were spelled.
 *
 * @category getters
 * @since 0.1.0
 */
export const toJson = (run: BackupRun): Schema.JsonObject => SourceJson.recall(run, FromWire)
