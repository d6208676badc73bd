/** Fields that backups and runs of a schedule have in common. */
import * as Schema from "effect/Schema"
import { IndexSchema } from "../../IndexSchema.ts"
import { IndexId, IndexName } from "../../PineconeIndex.ts"
import * as Wire from "./wire.ts"

/** The index that was backed up, and the names of the backup. */
export const source = {
  sourceIndexId: IndexId,
  sourceIndexName: IndexName,
  /** Tags of the index when the backup was taken. */
  tags: Wire.maybe(Wire.Tags),
  name: Wire.maybe(Schema.String),
  description: Wire.maybe(Schema.String)
}

/** Contents of the backup. */
export const contents = {
  cloud: Wire.maybe(Schema.String),
  region: Wire.maybe(Schema.String),
  /** Dimension of the vectors; 0 for a sparse index. No longer documented in version 2026-07. */
  dimension: Wire.maybeNumber,
  /** Schema of the index: metadata fields only, or every field. */
  schema: Wire.maybe(IndexSchema),
  /** Unknown until `Ready`. */
  recordCount: Wire.maybeNumber,
  /** Unknown until `Ready`. */
  namespaceCount: Wire.maybeNumber,
  /** Approximate size in bytes. Unknown until `Ready`. */
  sizeBytes: Wire.maybeNumber
}
