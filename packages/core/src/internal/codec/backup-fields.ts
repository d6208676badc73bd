/** What a backup and a run of a schedule have in common. */
import * as Schema from "effect/Schema"
import { IndexSchema } from "../../IndexSchema.ts"
import { IndexId, IndexName } from "../../PineconeIndex.ts"
import * as Wire from "./wire.ts"

/** What it is a backup of, and what it is called. */
export const source = {
  sourceIndexId: IndexId,
  sourceIndexName: IndexName,
  /** The tags the index had when the backup was made. */
  tags: Wire.maybe(Wire.Tags),
  name: Wire.maybe(Schema.String),
  description: Wire.maybe(Schema.String)
}

/** What is in it. */
export const contents = {
  cloud: Wire.maybe(Schema.String),
  region: Wire.maybe(Schema.String),
  /** Dimension of the vectors; 0 for a sparse index. Version 2026-07 no longer documents it. */
  dimension: Wire.maybeNumber,
  /** The schema of the index: metadata fields only, or every field. */
  schema: Wire.maybe(IndexSchema),
  /** Not known until `Ready`. */
  recordCount: Wire.maybeNumber,
  /** Not known until `Ready`. */
  namespaceCount: Wire.maybeNumber,
  /** In bytes, and approximate. Not known until `Ready`. */
  sizeBytes: Wire.maybeNumber
}
