/**
 * Rules for the names and tags of new indexes, which a request must follow. For checks before a request is made.
 *
 * **Example** (Checking the name of a new index)
 *
 * ```ts
 * import * as IndexRules from "@pinecone-backups/core/IndexRules"
 *
 * console.log(IndexRules.wrongName("docs-restored")) // => undefined
 * console.log(IndexRules.wrongName("Docs"))
 * // => must be 1 to 45 lower-case letters, digits and hyphens, with a letter or digit at both ends
 * ```
 *
 * @since 0.1.0
 */

import { maxNameLength } from "./internal/name-length.ts"

/**
 * Returns the problem with a name, or `undefined` if the name is valid.
 *
 * **Details**
 *
 * The rule applies to the names of new indexes in every version, and to the names of new backups from version 2026-07
 * on.
 *
 * @category guards
 * @since 0.1.0
 */
export const wrongName = (name: string): string | undefined =>
  name.length <= maxNameLength && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)
    ? undefined
    : `must be 1 to ${maxNameLength} lower-case letters, digits and hyphens, with a letter or digit at both ends`

/**
 * Maximum number of tags of an index.
 *
 * @category models
 * @since 0.1.0
 */
export const maxTags = 20

/**
 * Returns `true` if a string is valid as the key of a tag.
 *
 * @category guards
 * @since 0.1.0
 */
export const isTagKey = (key: string): boolean => /^[A-Za-z0-9_-]{1,80}$/.test(key)

/**
 * Returns `true` if a string is valid as the value of a tag. In a change, an empty value removes the tag.
 *
 * @category guards
 * @since 0.1.0
 */
export const isTagValue = (value: string): boolean => /^[\x20-\x7e]{0,120}$/.test(value)

/**
 * Returns the problem with the tags of an index, or `undefined` if all are valid. `count` is the number of tags that the
 * index will have.
 *
 * @category guards
 * @since 0.1.0
 */
export const wrongTags = (
  tags: Readonly<Record<string, string>>,
  count: number = Object.keys(tags).length
): string | undefined =>
  count > maxTags
    ? `must have at most ${maxTags} tags`
    : Object.entries(tags).every(([key, value]) => isTagKey(key) && isTagValue(value))
    ? undefined
    : "must have keys of 1 to 80 letters, digits, _ and -, and values of up to 120 printable ASCII characters"
