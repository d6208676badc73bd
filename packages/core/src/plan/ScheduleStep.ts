/**
 * Steps of a schedule plan: the changes, their consequences, and the reasons why a wish has no step.
 *
 * All schemas encode to JSON with keys in snake case. The tag is `type`.
 *
 * **Example** (Decoding a step from JSON)
 *
 * ```ts
 * import * as ScheduleStep from "@pinecone-backups/core/plan/ScheduleStep"
 * import * as Schema from "effect/Schema"
 *
 * const step = Schema.decodeUnknownSync(Schema.toCodecJson(ScheduleStep.Step))({
 *   type: "UpdateSchedule",
 *   index_name: "docs",
 *   index_id: "index-1",
 *   index_host: "docs-a1b2c3d.svc.aped-4627-b74a.pinecone.io",
 *   schedule_id: "schedule-1",
 *   schedule_name: "docs-daily",
 *   before: { retention_days: 30 },
 *   after: { retention_days: 7 },
 *   consequences: [{
 *     type: "Expires",
 *     backup_ids: ["backup-1"],
 *     of: 8,
 *     oldest: "2026-11-13T06:00:00Z",
 *     bytes: 1_000,
 *     until: "2026-11-22T20:00:00Z"
 *   }],
 *   consent: "yes"
 * })
 *
 * console.log(step._tag, step.consent) // => UpdateSchedule yes
 * console.log(ScheduleStep.lossesOf(step)) // => [ 'backup-1' ]
 * ```
 *
 * @since 0.1.0
 */

import * as Schema from "effect/Schema"
import { BackupId } from "../Backup.ts"
import { Frequency, ScheduleId } from "../BackupSchedule.ts"
import * as Wire from "../internal/codec/wire.ts"
import * as IndexSettings from "../internal/contract/index-settings.ts"
import { IndexId, IndexName } from "../PineconeIndex.ts"

const Time = Schema.DateTimeUtcFromString

// ============================================================================
// Consequences
// ============================================================================

/**
 * Schema for a consequence of a step.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Consequence = Schema.Union([
  /** Existing backups of the schedule expire, because the retention is shortened. */
  Wire.snakeTagged("Expires", {
    /** The backups that expire if the step is carried out at `until`. An earlier time loses no other backup. */
    backupIds: Schema.Array(BackupId),
    /** Number of existing backups of the schedule. */
    of: Schema.Int,
    /** The time of the oldest backup that expires; `null` if none of them has a time. */
    oldest: Schema.NullOr(Time),
    /** Total size of the backups that expire, in bytes; `null` if a size is unknown. */
    bytes: Schema.NullOr(Schema.Finite),
    until: Time
  }),
  /** The service creates a backup immediately. */
  Wire.snakeTagged("RunsNow", {}),
  /** The time of the next run changes. The service chooses it. */
  Wire.snakeTagged("RhythmMoves", {}),
  /** The index has no enabled schedule until the next step of the index. */
  Wire.snakeTagged("Uncovered", {}),
  /** No schedule creates backups of the index any more. */
  Wire.snakeTagged("StopsBackups", {}),
  /** Existing and future backups are kept longer. */
  Wire.snakeTagged("KeepsLonger", { fromDays: Schema.Finite, toDays: Schema.Finite }),
  /** The index can be deleted by one request. */
  Wire.snakeTagged("Unprotects", {}),
  /** The history of the schedule can no longer be read. Its backups are kept until they expire. */
  Wire.snakeTagged("LosesHistory", {}),
  /** Tags are removed from the index. */
  Wire.snakeTagged("RemovesTags", { keys: Schema.Array(Schema.String) }),
  /** The read capacity changes, and with it costs and performance. */
  Wire.snakeTagged("ChangesCapacity", {})
]).pipe(Schema.toTaggedUnion("_tag"))

/**
 * A consequence of a step.
 *
 * @category models
 * @since 0.1.0
 */
export type Consequence = typeof Consequence.Type

/**
 * Schema for the consent that a step needs.
 *
 * - `free`: nothing is lost
 * - `yes`: backups expire or stop, deletion protection or tags are removed, the read capacity changes, or a schedule is
 *   replaced or deleted
 * - `typed`: no good backup of the index would be left
 *
 * @category schemas
 * @since 0.1.0
 */
export const Consent = Schema.Literals(["free", "yes", "typed"])

/**
 * The consent that a step needs.
 *
 * @category models
 * @since 0.1.0
 */
export type Consent = typeof Consent.Type

// ============================================================================
// Steps
// ============================================================================

/**
 * Schema for the fields of a schedule before a step: the fields that the step changes, or all fields if it deletes the
 * schedule.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ScheduleImage = Wire.snakeStruct({
  frequency: Schema.optionalKey(Schema.String),
  retentionDays: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
  enabled: Schema.optionalKey(Schema.Boolean)
})

/**
 * Fields of a schedule before a step.
 *
 * @category models
 * @since 0.1.0
 */
export interface ScheduleImage extends Schema.Schema.Type<typeof ScheduleImage> {}

/**
 * Schema for the fields of a schedule that a step changes, with their new values.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ScheduleChange = Wire.snakeStruct({
  frequency: Schema.optionalKey(Frequency),
  retentionDays: Schema.optionalKey(Schema.Int),
  enabled: Schema.optionalKey(Schema.Boolean)
})

/**
 * Fields of a schedule that a step changes, with their new values.
 *
 * @category models
 * @since 0.1.0
 */
export interface ScheduleChange extends Schema.Schema.Type<typeof ScheduleChange> {}

const Tags = Schema.Record(Schema.String, Schema.NullOr(Schema.String))

/**
 * Schema for the settings of an index before a step: the settings that the step changes. A tag that is `null` does not
 * exist.
 *
 * @category schemas
 * @since 0.1.0
 */
export const SettingsImage = Wire.snakeStruct({
  deletionProtection: Schema.optionalKey(Schema.String),
  tags: Schema.optionalKey(Tags),
  /** The read capacity in the format of the API. */
  readCapacity: Schema.optionalKey(Schema.Json)
})

/**
 * Settings of an index before a step.
 *
 * @category models
 * @since 0.1.0
 */
export interface SettingsImage extends Schema.Schema.Type<typeof SettingsImage> {}

/**
 * Schema for the settings of an index that a step changes, with their new values. A tag that is `null` is removed.
 *
 * @category schemas
 * @since 0.1.0
 */
export const SettingsChange = Wire.snakeStruct({
  deletionProtection: Schema.optionalKey(Schema.Literals(["enabled", "disabled"])),
  tags: Schema.optionalKey(Tags),
  readCapacity: Schema.optionalKey(IndexSettings.ReadCapacity)
})

/**
 * Settings of an index that a step changes, with their new values.
 *
 * @category models
 * @since 0.1.0
 */
export interface SettingsChange extends Schema.Schema.Type<typeof SettingsChange> {}

const step = {
  indexName: IndexName,
  /** The ID of the index; `null` if nothing showed it. */
  indexId: Schema.NullOr(IndexId),
  /**
   * The host of the index, which identifies an index without an ID: another index with the name has another host. `null` if
   * unknown.
   */
  indexHost: Schema.NullOr(Schema.String),
  consequences: Schema.Array(Consequence),
  consent: Consent
}

const schedule = { scheduleId: ScheduleId, scheduleName: Schema.NullOr(Schema.String) }

/**
 * Schema for a step of a plan: one request that changes one object.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Step = Schema.Union([
  /** Changes the settings of an index. */
  Wire.snakeTagged("ConfigureIndex", { ...step, before: SettingsImage, after: SettingsChange }),
  /** Creates a schedule, enabled. */
  Wire.snakeTagged("CreateSchedule", {
    ...step,
    /** The schedules that the index has at that moment. */
    before: Wire.snakeStruct({ scheduleIds: Schema.Array(ScheduleId) }),
    after: Wire.snakeStruct({ name: Schema.String, frequency: Frequency, retentionDays: Schema.Int })
  }),
  /** Changes a schedule. */
  Wire.snakeTagged("UpdateSchedule", { ...step, ...schedule, before: ScheduleImage, after: ScheduleChange }),
  /** Pauses or deletes the enabled schedule of an index, so that the next step can enable another one. */
  Wire.snakeTagged("MakeWay", {
    ...step,
    ...schedule,
    before: ScheduleImage,
    /** `null` if the schedule is deleted. */
    after: Schema.NullOr(ScheduleChange)
  }),
  /** Deletes a schedule that the policy does not have. */
  Wire.snakeTagged("DeleteSchedule", { ...step, ...schedule, before: ScheduleImage, after: Schema.Null })
]).pipe(Schema.toTaggedUnion("_tag"))

/**
 * A step of a plan: one request that changes one object.
 *
 * @category models
 * @since 0.1.0
 */
export type Step = typeof Step.Type

/**
 * Returns the IDs of the backups that expire because of a step, if it is carried out within the validity of its plan.
 *
 * @category getters
 * @since 0.1.0
 */
export const lossesOf = ({ consequences }: Pick<Step, "consequences">): ReadonlyArray<BackupId> =>
  consequences.flatMap((consequence) => consequence._tag === "Expires" ? consequence.backupIds : [])

// ============================================================================
// Wishes without a step
// ============================================================================

/**
 * Schema for a wish that cannot be met.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Blocked = Schema.Union([
  /** The index does not exist. */
  Wire.snakeTagged("NoSuchIndex", {
    indexName: IndexName,
    /** Number of backups of deleted indexes with this name; `null` if they could not be read. */
    backups: Schema.NullOr(Schema.Int),
    /** Number of usable backups among them; `null` if they could not be read. */
    usable: Schema.NullOr(Schema.Int)
  }),
  /** The index is not ready, or is being deleted. */
  Wire.snakeTagged("NotReady", { indexName: IndexName, state: Schema.NullOr(Schema.String) }),
  /** A schedule must be created, but the service does not back up pod-based indexes. */
  Wire.snakeTagged("PodIndex", { indexName: IndexName }),
  /** A schedule must be created, but the policy does not have all its fields. */
  Wire.snakeTagged("NeedsFields", { indexName: IndexName, fields: Schema.Array(Schema.Literals(["every", "keep"])) }),
  /** Several schedules match the wish. */
  Wire.snakeTagged("Ambiguous", {
    indexName: IndexName,
    /** The name in the policy; `null` if it has no name. */
    scheduleName: Schema.NullOr(Schema.String),
    scheduleIds: Schema.Array(ScheduleId)
  }),
  /** The wish contradicts a requirement of the policy. */
  Wire.snakeTagged("Contradiction", { indexName: IndexName, field: Schema.String, sentence: Schema.String }),
  /** The retention would make backups expire, and the policy has `allowLoss: false`. */
  Wire.snakeTagged("WouldLose", {
    indexName: IndexName,
    ...schedule,
    retentionDays: Schema.Finite,
    backupIds: Schema.Array(BackupId)
  }),
  /** The index would have more tags than the service allows. */
  Wire.snakeTagged("TooManyTags", { indexName: IndexName, count: Schema.Int })
]).pipe(Schema.toTaggedUnion("_tag"))

/**
 * A wish that cannot be met.
 *
 * @category models
 * @since 0.1.0
 */
export type Blocked = typeof Blocked.Type

/**
 * Schema for facts that could not be read, or that contradict each other.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Unknown = Wire.snakeStruct({
  /** `null` for the project. */
  indexName: Schema.NullOr(IndexName),
  what: Schema.Literals(["project", "index", "schedules", "history", "backups", "settings"]),
  /** The reason, as a sentence without a full stop. */
  reason: Schema.String
})

/**
 * Facts that could not be read, or that contradict each other.
 *
 * @category models
 * @since 0.1.0
 */
export interface Unknown extends Schema.Schema.Type<typeof Unknown> {}

/**
 * Schema for a schedule of a managed index that the policy does not have.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Extra = Wire.snakeStruct({
  indexName: IndexName,
  ...schedule,
  frequency: Schema.String,
  retentionDays: Schema.NullOr(Schema.Finite),
  enabled: Schema.Boolean
})

/**
 * A schedule of a managed index that the policy does not have.
 *
 * @category models
 * @since 0.1.0
 */
export interface Extra extends Schema.Schema.Type<typeof Extra> {}

// ============================================================================
// Changes since a plan
// ============================================================================

/**
 * Schema for a difference between an approved plan and the current facts, because of which an index is not changed.
 *
 * **Details**
 *
 * - `changed`: a value that a step changes is no longer the value of the plan. `field`, `planned` and `found` are set.
 * - `new-step`: a change would be needed that the plan does not have
 * - `loses-more`: backups would expire that the plan does not list
 * - `last-copy`: no good backup would be left, which the plan does not say
 * - `replaced`: another index has the name now, or nothing shows that it is the same index
 * - `gone`: the index does not exist any more
 * - `blocked`: a wish can no longer be met
 * - `undone`: an earlier step of the plan would be needed again
 * - `unknown`: the facts contradict each other
 * - `expired`: the plan is no longer valid
 *
 * @category schemas
 * @since 0.1.0
 */
export const Moved = Wire.snakeTagged("Moved", {
  indexName: IndexName,
  reason: Schema.Literals([
    "changed",
    "new-step",
    "loses-more",
    "last-copy",
    "replaced",
    "gone",
    "blocked",
    "undone",
    "unknown",
    "expired"
  ]),
  /** The schedule, if the difference is about a schedule. */
  scheduleId: Schema.NullOr(ScheduleId),
  /** The field, such as `retention_days`, or `null`. */
  field: Schema.NullOr(Schema.String),
  /** The value in the plan. */
  planned: Schema.NullOr(Schema.Json),
  /** The current value. */
  found: Schema.NullOr(Schema.Json)
})

/**
 * A difference between an approved plan and the current facts, because of which an index is not changed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Moved extends Schema.Schema.Type<typeof Moved> {}
