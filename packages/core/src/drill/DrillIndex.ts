/**
 * Temporary indexes of restore drills: their names, and the tag that marks them.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import { millis } from "../internal/time.ts"
import * as PineconeIndex from "../PineconeIndex.ts"

/**
 * The key of the tag of a temporary index. Its value is the execution ID of the drill.
 *
 * @category models
 * @since 0.1.0
 */
export const tag = "pinecone-backups-drill"

/**
 * The key of the tag with the start of the drill, in milliseconds since 1970. It distinguishes the index of a drill from one that
 * an earlier drill with the same ID left behind, whose state was lost.
 *
 * @category models
 * @since 0.1.0
 */
export const startTag = "pinecone-backups-drill-start"

/**
 * The temporary index of a drill.
 *
 * @category models
 * @since 0.1.0
 */
export interface DrillIndex {
  /** The name, from {@link nameOf}. */
  readonly name: PineconeIndex.IndexName
  /** The execution ID of the drill, 32 hexadecimal digits. */
  readonly executionId: string
}

/**
 * Returns the name of the temporary index of a drill: `drill-` and the execution ID.
 *
 * @category getters
 * @since 0.1.0
 */
export const nameOf = (executionId: string): PineconeIndex.IndexName =>
  PineconeIndex.IndexName.make(`drill-${executionId}`)

/**
 * Creates the reference to the temporary index of a drill. Sends nothing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (executionId: string): DrillIndex => ({ name: nameOf(executionId), executionId })

/**
 * Returns the tags of the temporary index of a drill that started at a time.
 *
 * @category getters
 * @since 0.1.0
 */
export const tagsOf = ({ executionId }: DrillIndex, startedAt: DateTime.Utc): Readonly<Record<string, string>> => ({
  [tag]: executionId,
  [startTag]: String(millis(startedAt))
})

const pattern = /^drill-([0-9a-f]{32})$/

/**
 * Returns the drill that created an index; `undefined` unless both the name and the tag of the index are those of the
 * same drill.
 *
 * @category getters
 * @since 0.1.0
 */
export const of = (index: Pick<PineconeIndex.PineconeIndex, "name" | "tags">): DrillIndex | undefined => {
  const executionId = pattern.exec(index.name)?.[1]
  return executionId !== undefined && index.tags?.[tag] === executionId ? make(executionId) : undefined
}
