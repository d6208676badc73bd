/**
 * How the names that people choose for schedules and backups compare.
 *
 * @since 0.1.0
 */

/**
 * The form of a name to compare and to look it up by: Unicode NFC. A letter with an accent can be spelled in two ways
 * that look the same and are typed by the same key, and which of them arrives depends on the keyboard, the file system
 * and the editor. Names that the service gives stay as it spells them.
 *
 * @category conversions
 * @since 0.1.0
 */
export const normalize = (name: string): string => name.normalize("NFC")

/**
 * Whether two names are the same, however their accents are spelled. Capital and small letters differ. A name that is
 * missing is the same as no other.
 *
 * **Example** (A schedule by the name that somebody typed)
 *
 * ```ts
 * import type { BackupSchedule } from "@pinecone-backups/core/BackupSchedule"
 * import * as Name from "@pinecone-backups/core/Name"
 *
 * export const find = (schedules: ReadonlyArray<BackupSchedule>, typed: string) =>
 *   schedules.find(({ name }) => Name.isSame(name, typed))
 * ```
 *
 * @category guards
 * @since 0.1.0
 */
export const isSame = (a: string | null | undefined, b: string | null | undefined): boolean =>
  a != null && b != null && (a === b || normalize(a) === normalize(b))
