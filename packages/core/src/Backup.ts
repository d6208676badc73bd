/**
 * Backups: stored copies of an index, which are kept when the index is deleted.
 *
 * **Example** (Selecting the backups that can be restored)
 *
 * ```ts
 * import * as Backup from "@pinecone-backups/core/Backup"
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * export const program = Effect.gen(function*() {
 *   const backups = yield* Backups.Backups
 *   const usable = yield* backups.listByIndex(PineconeIndex.IndexName.make("docs")).pipe(
 *     Stream.filter(Backup.isReady),
 *     Stream.runCollect
 *   )
 *   yield* Console.log(`${usable.length} usable backups`) // => 5 usable backups
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as BackupFields from "./internal/codec/backup-fields.ts"
import * as SourceJson from "./internal/codec/source-json.ts"
import * as Wire from "./internal/codec/wire.ts"
import * as IdempotencyKey from "./internal/idempotency-key.ts"

/**
 * Schema for the ID of a backup. A schedule run and the backup it creates share the same ID.
 *
 * @category schemas
 * @since 0.1.0
 */
export const BackupId = Schema.String.pipe(Schema.brand("BackupId"))

/**
 * The ID of a backup.
 *
 * @category models
 * @since 0.1.0
 */
export type BackupId = typeof BackupId.Type

/**
 * Schema for a backup.
 *
 * **Gotchas**
 *
 * Fields that are optional here are missing or `null` in some responses of the service, although its documentation says
 * otherwise.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Backup = Schema.Struct({
  backupId: BackupId,
  ...BackupFields.source,
  /** New values may appear. A backup with a status that is not {@link isFinal} is still in progress. */
  status: Wire.openEnum(["Initializing", "Ready", "InitializationFailed", "Failed"]),
  ...BackupFields.contents,
  /** Distance metric. Declared by the API up to version 2026-04, but not seen in any response. */
  metric: Wire.maybe(Schema.String),
  /** The time of creation. The responses to create and describe can differ by tens of microseconds. */
  createdAt: Wire.maybeTimestamp,
  /** The time at which the index was deleted, on backups of a deleted index. Version 2026-07. */
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
 * A value with the status of a backup: a backup or a schedule run.
 *
 * @category models
 * @since 0.1.0
 */
export interface HasStatus {
  readonly status: string
}

/**
 * Returns `true` if the backup is complete and can be restored.
 *
 * @category guards
 * @since 0.1.0
 */
export const isReady = (backup: HasStatus): boolean => backup.status === "Ready"

/**
 * Returns `true` if the backup failed.
 *
 * **Details**
 *
 * The status is `InitializationFailed` from version 2026-07 on and `Failed` before. The service does not report a
 * reason.
 *
 * @category guards
 * @since 0.1.0
 */
export const isFailed = (backup: HasStatus): boolean =>
  backup.status === "InitializationFailed" || backup.status === "Failed"

/**
 * Returns `true` if the backup is finished, whether it succeeded or failed.
 *
 * @category guards
 * @since 0.1.0
 */
export const isFinal = (backup: HasStatus): boolean => isReady(backup) || isFailed(backup)

/**
 * Returns the idempotency key that a backup was created with.
 *
 * **Details**
 *
 * The key is stored at the end of the description: `nightly [key deploy-42]`. Returns `undefined` if the description
 * has no key, or if the response does not include the description.
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
 * Returns the backup as JSON with the API's field names.
 *
 * **Details**
 *
 * For a backup that the service returned, the result is the original JSON object, including unknown keys and the
 * original spelling of timestamps.
 *
 * @category getters
 * @since 0.1.0
 */
export const toJson = (backup: Backup): Schema.JsonObject => SourceJson.recall(backup, FromWire)
