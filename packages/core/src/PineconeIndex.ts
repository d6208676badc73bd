/**
 * Names and ids of indexes.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Schema for the name of an index. Two indexes can bear the same name one after the other.
 *
 * @category schemas
 * @since 0.1.0
 */
export const IndexName = Schema.String.pipe(Schema.brand("IndexName"))

/**
 * The name of an index.
 *
 * @category models
 * @since 0.1.0
 */
export type IndexName = typeof IndexName.Type

/**
 * Schema for the id of an index. It outlives the index in the backups made of it, and an index made
 * anew under the same name has another.
 *
 * @category schemas
 * @since 0.1.0
 */
export const IndexId = Schema.String.pipe(Schema.brand("IndexId"))

/**
 * The id of an index.
 *
 * @category models
 * @since 0.1.0
 */
export type IndexId = typeof IndexId.Type
