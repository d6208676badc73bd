/**
 * Ids of backups.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

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
