/**
 * Backups: copies of an index that outlive it.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as BackupFields from "./internal/codec/backup-fields.ts"
import * as SourceJson from "./internal/codec/source-json.ts"
import * as Wire from "./internal/codec/wire.ts"
import * as IdempotencyKey from "./internal/idempotency-key.ts"

/**
 * Schema for the id of a backup. A run of a schedule and the backup it makes share one.
 *
 * @category schemas
 * @since 0.1.0
 */
export const BackupId = Schema.String.pipe(Schema.brand("BackupId"))

/**
 * The id of a backup.
 *
 * @category models
 * @since 0.1.0
 */
export type BackupId = typeof BackupId.Type

/**
 * Schema for a backup.
 *
 * Fields that are optional here are missing or `null` in some answers of the service, whatever its
 * documents say.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Backup = Schema.Struct({
  backupId: BackupId,
  ...BackupFields.source,
  /** New values may appear: what is not {@link isFinal} is not over. */
  status: Wire.openEnum(["Initializing", "Ready", "InitializationFailed", "Failed"]),
  ...BackupFields.contents,
  /** Distance metric. Declared up to version 2026-04, and never seen. */
  metric: Wire.maybe(Schema.String),
  /** Some tens of microseconds apart in the answers to create and to describe. */
  createdAt: Wire.maybeTimestamp,
  /** When the index was deleted, on backups whose index was. Version 2026-07. */
  sourceIndexDeletedAt: Wire.maybeTimestamp
})

/**
 * A backup.
 *
 * @category models
 * @since 0.1.0
 */
export interface Backup extends Schema.Schema.Type<typeof Backup> {}

/**
 * What tells how a backup is going: a backup, or a run of a schedule.
 *
 * @category models
 * @since 0.1.0
 */
export interface HasStatus {
  readonly status: string
}

/**
 * Whether the backup is made and can be restored.
 *
 * @category guards
 * @since 0.1.0
 */
export const isReady = (backup: HasStatus): boolean => backup.status === "Ready"

/**
 * Whether the making of the backup ended badly. The service says `InitializationFailed` from version
 * 2026-07 on and `Failed` before, and never why.
 *
 * @category guards
 * @since 0.1.0
 */
export const isFailed = (backup: HasStatus): boolean =>
  backup.status === "InitializationFailed" || backup.status === "Failed"

/**
 * Whether the making of the backup is over, well or badly.
 *
 * @category guards
 * @since 0.1.0
 */
export const isFinal = (backup: HasStatus): boolean => isReady(backup) || isFailed(backup)

/**
 * The idempotency key that a backup was created with, which is at the end of its description: `nightly [key deploy-42]`.
 * `undefined` if the description has none, or is not known: the service leaves it out of some answers.
 *
 * @category getters
 * @since 0.1.0
 */
export const idempotencyKey = ({ description }: Pick<Backup, "description">): string | undefined =>
  IdempotencyKey.read(description)

/**
 * Codec between a backup and the API's JSON object.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FromWire: Schema.Codec<Backup, Schema.JsonObject> = Wire.fromWire(Backup)

/**
 * The backup as JSON with the API's field names. For a backup that came from the service this is the very
 * object it sent, with keys that this library does not know and times as they were spelled.
 *
 * @category getters
 * @since 0.1.0
 */
export const toJson = (backup: Backup): Schema.JsonObject => SourceJson.recall(backup, FromWire)
