/**
 * Comparison of the names that users choose for schedules and backups.
 *
 * @since 0.1.0
 */

/**
 * Normalizes a name for comparison and lookup: Unicode NFC.
 *
 * **Details**
 *
 * An accented letter has two encodings that look the same and are typed with the same key. The keyboard, the file
 * system and the editor determine which is used. Names that the service returns are kept as they are.
 *
 * @category conversions
 * @since 0.1.0
 */
export const normalize = (name: string): string => name.normalize("NFC")

/**
 * Returns `true` if two names are the same, regardless of how accents are encoded.
 *
 * **Details**
 *
 * Case-sensitive. A missing name is not the same as any other name.
 *
 * **Example** (Comparing two encodings of a name)
 *
 * ```ts
 * import * as Name from "@pinecone-backups/core/Name"
 *
 * console.log(Name.isSame("caf\u00e9", "cafe\u0301")) // => true
 * console.log(Name.isSame("docs", "Docs")) // => false
 * ```
 *
 * @category guards
 * @since 0.1.0
 */
export const isSame = (a: string | null | undefined, b: string | null | undefined): boolean =>
  a != null && b != null && (a === b || normalize(a) === normalize(b))
