/**
 * Backup schedules, which back up an index automatically.
 *
 * **Example** (Checking the length of a name)
 *
 * ```ts
 * import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
 *
 * console.log(BackupSchedule.maxNameLength) // => 28
 * console.log("docs-nightly".length <= BackupSchedule.maxNameLength) // => true
 * ```
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as SourceJson from "./internal/codec/source-json.ts"
import * as Timestamp from "./internal/codec/timestamp.ts"
import * as Wire from "./internal/codec/wire.ts"
import * as PineconeIndex from "./PineconeIndex.ts"

/**
 * Schema for the ID of a backup schedule. IDs are opaque: their format is not checked until a request is sent.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ScheduleId = Schema.String.pipe(Schema.brand("ScheduleId"))

/**
 * The ID of a backup schedule.
 *
 * @category models
 * @since 0.1.0
 */
export type ScheduleId = typeof ScheduleId.Type

/**
 * The maximum length of a schedule name that keeps the names of its backups within the API limit for names you choose.
 *
 * **Details**
 *
 * The service appends the time of the run to the name of the schedule.
 *
 * @category models
 * @since 0.1.0
 */
export const maxNameLength: number = PineconeIndex.maxNameLength - Timestamp.stampLength

/**
 * Schema for the frequency of a schedule. The service chooses the time of day, which is 06:00 UTC in its samples.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Frequency = Schema.Literals(["daily", "weekly", "monthly"])

/**
 * The frequency of a schedule.
 *
 * @category models
 * @since 0.1.0
 */
export type Frequency = typeof Frequency.Type

/**
 * Schema for a backup schedule.
 *
 * @category schemas
 * @since 0.1.0
 */
export const BackupSchedule = Schema.Struct({
  scheduleId: ScheduleId,
  /** The name of the schedule, set at creation. It never changes. */
  name: Wire.maybe(Schema.String),
  /** The ID of the index. A new index with the same name has a different ID and therefore not this schedule. */
  indexId: PineconeIndex.IndexId,
  projectId: Wire.maybe(Schema.String),
  scheduleType: Wire.maybe(Schema.String),
  /** New values may appear. */
  frequency: Wire.openEnum(Frequency.literals),
  /** Number of days after which a backup of this schedule is deleted. */
  retentionExpireAfterDays: Wire.maybeNumber,
  /** Whether the schedule runs. An index has at most one enabled schedule. */
  enabled: Wire.maybe(Schema.Boolean),
  /** The time of the next run. Missing, `null` or meaningless while the schedule is disabled. */
  nextScheduledRun: Wire.maybeTimestamp,
  createdAt: Wire.maybeTimestamp
})

/**
 * A backup schedule.
 *
 * @category models
 * @since 0.1.0
 */
export interface BackupSchedule extends Schema.Schema.Type<typeof BackupSchedule> {}

/**
 * Codec between a backup schedule and the API's JSON object.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FromWire: Schema.Codec<BackupSchedule, Schema.JsonObject> = Wire.fromWire(BackupSchedule)

/**
 * Returns the schedule as JSON with the API's field names.
 *
 * **Details**
 *
 * For a schedule that the service returned, the result is the original JSON object.
 *
 * @category getters
 * @since 0.1.0
 */
export const toJson = (schedule: BackupSchedule): Schema.JsonObject => SourceJson.recall(schedule, FromWire)
