/**
 * Backup schedules: what makes Pinecone back an index up by itself.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as SourceJson from "./internal/codec/source-json.ts"
import * as Timestamp from "./internal/codec/timestamp.ts"
import * as Wire from "./internal/codec/wire.ts"
import * as PineconeIndex from "./PineconeIndex.ts"

/**
 * Schema for the id of a backup schedule. Ids are opaque: nothing checks their form until one is sent.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ScheduleId = Schema.String.pipe(Schema.brand("ScheduleId"))

/**
 * The id of a backup schedule.
 *
 * @category models
 * @since 0.1.0
 */
export type ScheduleId = typeof ScheduleId.Type

/**
 * The longest name of a schedule whose backups have names that are no longer than those that people may choose: the
 * service adds the time of the run to it.
 *
 * @category models
 * @since 0.1.0
 */
export const maxNameLength: number = PineconeIndex.maxNameLength - Timestamp.stampLength

/**
 * Schema for how often a schedule can be told to run. The service chooses the time of day; samples run at
 * 06:00 UTC.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Frequency = Schema.Literals(["daily", "weekly", "monthly"])

/**
 * How often a schedule can be told to run.
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
  /** Chosen at creation, and never changes. */
  name: Wire.maybe(Schema.String),
  /** An index made anew under the same name has another id, and so not this schedule. */
  indexId: PineconeIndex.IndexId,
  projectId: Wire.maybe(Schema.String),
  scheduleType: Wire.maybe(Schema.String),
  /** New values may appear. */
  frequency: Wire.openEnum(Frequency.literals),
  /** After how many days a backup of this schedule is deleted. */
  retentionExpireAfterDays: Wire.maybeNumber,
  /** Whether it runs. At most one schedule of an index does. */
  enabled: Wire.maybe(Schema.Boolean),
  /** When it runs next. While it is disabled this is `null`, missing, or a time that means nothing. */
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
 * The schedule as JSON with the API's field names. For a schedule that came from the service this is the
 * very object it sent.
 *
 * @category getters
 * @since 0.1.0
 */
export const toJson = (schedule: BackupSchedule): Schema.JsonObject => SourceJson.recall(schedule, FromWire)
