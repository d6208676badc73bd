/**
 * Schemas of indexes, as backups and runs report them.
 *
 * **Example** (Reading the kinds of fields)
 *
 * ```ts
 * import * as IndexSchema from "@pinecone-backups/core/IndexSchema"
 * import * as Schema from "effect/Schema"
 *
 * const { fields } = Schema.decodeUnknownSync(IndexSchema.IndexSchema)({
 *   fields: {
 *     embedding: { type: "dense_vector", dimension: 1536, metric: "cosine" },
 *     title: { type: "string", filterable: true },
 *     year: { filterable: true },
 *     location: { type: "geo" }
 *   }
 * })
 *
 * for (const [name, { type }] of Object.entries(fields ?? {})) {
 *   console.log(name, type)
 * }
 * // => embedding dense_vector
 * // => title string
 * // => year legacy
 * // => location opaque
 * ```
 *
 * @since 0.1.0
 */

import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Wire from "./internal/codec/wire.ts"

const description = Wire.maybe(Schema.String)
const filterable = Wire.maybe(Schema.Boolean)
const dimension = Wire.maybe(Schema.Finite)
/** `cosine`, `dotproduct`, `euclidean`, or a metric that this version does not know. */
const metric = Wire.maybe(Schema.String)

/**
 * Schema for a field of dense vectors. In a classic vector index, the field is named `_values`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const DenseVector = Schema.Struct({ type: Schema.Literal("dense_vector"), description, dimension, metric })

/**
 * Schema for a field of sparse vectors. In a classic vector index, the field is named `_sparse_values`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const SparseVector = Schema.Struct({ type: Schema.Literal("sparse_vector"), description })

/**
 * Schema for a text field that the service converts to vectors. Sparse models have no dimension.
 *
 * @category schemas
 * @since 0.1.0
 */
export const SemanticText = Schema.Struct({
  type: Schema.Literal("semantic_text"),
  description,
  model: Wire.maybe(Schema.String),
  dimension,
  metric,
  writeParameters: Wire.maybe(Schema.JsonObject),
  readParameters: Wire.maybe(Schema.JsonObject)
})

const Ngram = Schema.Struct({ minGram: dimension, maxGram: dimension, prefixOnly: filterable })

const FullTextSearch = Schema.Struct({
  language: Wire.maybe(Schema.String),
  stemming: Wire.maybe(Schema.Boolean),
  stopWords: Wire.maybe(Schema.Boolean),
  ngram: Wire.maybe(Wire.fromWire(Ngram))
})

/**
 * Schema for a text field, with its settings for full-text search.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Text = Schema.Struct({
  type: Schema.Literal("string"),
  description,
  fullTextSearch: Wire.maybe(Wire.fromWire(FullTextSearch)),
  filterable
})

/**
 * Schema for a field of scalar values. `integer` occurs only in old indexes.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Scalar = Schema.Struct({
  type: Schema.Literals(["string_list", "float", "integer", "boolean"]),
  description,
  filterable
})

/**
 * Schema for a metadata field of an index created before fields had types. The API returns it without a `type`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Legacy = Schema.Struct({ type: Schema.Literal("legacy"), filterable: Schema.Boolean })

/**
 * Schema for a field of an unknown type, as the API's JSON.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Opaque = Schema.Struct({ type: Schema.Literal("opaque"), json: Schema.Json })

const OtherFromWire = Wire.fromAny(Schema.Union([Legacy, Opaque]), {
  decode: (json) =>
    Predicate.isObject(json) && !Predicate.hasProperty(json, "type") &&
      Predicate.hasProperty(json, "filterable") && Predicate.isBoolean(json.filterable)
      ? { type: "legacy" as const, filterable: json.filterable }
      : { type: "opaque" as const, json },
  encode: (field) => field.type === "legacy" ? { filterable: field.filterable } : field.json
})

/**
 * Schema for a field of an index. `type` is the kind of the field.
 *
 * **Details**
 *
 * A field with an unknown type, or with properties that do not match its type, is `opaque`, so that a single field
 * cannot make a whole list unreadable.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Field = Schema.Union([
  Wire.fromWire(DenseVector),
  Wire.fromWire(SparseVector),
  Wire.fromWire(SemanticText),
  Wire.fromWire(Text),
  Wire.fromWire(Scalar),
  OtherFromWire
])

/**
 * A field.
 *
 * @category models
 * @since 0.1.0
 */
export type Field = typeof Field.Type

/**
 * Schema for the schema of an index: its fields by name.
 *
 * @category schemas
 * @since 0.1.0
 */
export const IndexSchema = Schema.Struct({ fields: Wire.maybe(Schema.Record(Schema.String, Field)) })

/**
 * The schema of an index.
 *
 * @category models
 * @since 0.1.0
 */
export interface IndexSchema extends Schema.Schema.Type<typeof IndexSchema> {}
