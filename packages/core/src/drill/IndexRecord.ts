/**
 * Records of an index.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Wire from "../internal/codec/wire.ts"
import * as DataWire from "./internal/data-wire.ts"

/**
 * Schema for the ID of a record, which is unique in its namespace.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RecordId = Schema.String.pipe(Schema.brand("RecordId"))

/**
 * The ID of a record.
 *
 * @category models
 * @since 0.1.0
 */
export type RecordId = typeof RecordId.Type

/**
 * Schema for a record. In lists of numbers, `null` stands for a value that is not a finite number.
 *
 * @category schemas
 * @since 0.1.0
 */
export const IndexRecord = Schema.Struct({
  id: RecordId,
  /** The dense vector. Missing, `null` or empty if the record has none. */
  values: DataWire.maybeFloats,
  /** The sparse vector: its values and their indices. Missing or `null` if the record has none. */
  sparseValues: Wire.maybe(Schema.Struct({ indices: DataWire.maybeFloats, values: DataWire.maybeFloats })),
  metadata: Wire.maybe(Schema.Record(Schema.String, Schema.Json))
})

/**
 * A record.
 *
 * @category models
 * @since 0.1.0
 */
export interface IndexRecord extends Schema.Schema.Type<typeof IndexRecord> {}

/**
 * Codec between a record and the API's JSON object.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FromWire: Schema.Codec<IndexRecord, Schema.JsonObject> = DataWire.renamed(IndexRecord, {})
