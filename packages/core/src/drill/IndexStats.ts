/**
 * What an index says of its contents: how many records it has.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as SourceJson from "../internal/codec/source-json.ts"
import * as Wire from "../internal/codec/wire.ts"
import * as DataWire from "./internal/data-wire.ts"

/**
 * Schema for a namespace of an index.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Namespace = Schema.Struct({
  /** Its name. The default namespace is the empty text, or `"__default__"`. */
  name: Schema.String,
  /** How many records are in it. Missing or null is never the same as zero. */
  recordCount: DataWire.maybeCount
})

/**
 * A namespace of an index.
 *
 * @category models
 * @since 0.1.0
 */
export interface Namespace extends Schema.Schema.Type<typeof Namespace> {}

/**
 * Codec between a namespace and the API's JSON object.
 *
 * @category schemas
 * @since 0.1.0
 */
export const NamespaceFromWire: Schema.Codec<Namespace, Schema.JsonObject> = Wire.fromWire(Namespace)

const NamespaceStats = Schema.Struct({
  /** How many records are in it. */
  recordCount: DataWire.maybeCount
})

/**
 * Schema for what an index says of its contents. Every field may be missing, or null, which is never the same as zero.
 *
 * @category schemas
 * @since 0.1.0
 */
export const IndexStats = Schema.Struct({
  /** How many records there are in all namespaces. It lags behind writes, and behind a restore. */
  recordCount: DataWire.maybeCount,
  /** What is known of each namespace. The default namespace is the empty text, or `"__default__"`: see {@link countsOf}. */
  namespaces: Wire.maybe(Schema.Record(
    Schema.String,
    Schema.NullOr(DataWire.renamed(NamespaceStats, { recordCount: "vectorCount" }))
  )),
  /** The dimension of dense vectors. A sparse index has none. */
  dimension: DataWire.maybeCount,
  /** The metric by which vectors are compared: `"cosine"`. */
  metric: Wire.maybe(Schema.String),
  /** `"dense"` or `"sparse"`. */
  vectorType: Wire.maybe(Schema.String)
})

/**
 * What an index says of its contents.
 *
 * @category models
 * @since 0.1.0
 */
export interface IndexStats extends Schema.Schema.Type<typeof IndexStats> {}

/**
 * The other name of the default namespace, which is the empty text in this library.
 *
 * @category models
 * @since 0.1.0
 */
export const defaultNamespace = "__default__"

/**
 * How many records each namespace has, with the default namespace as the empty text. The count of a namespace is
 * `undefined` if it is not known, also where the two names of the default namespace say different things. `undefined` if
 * the index does not say which namespaces it has.
 *
 * @category getters
 * @since 0.1.0
 */
export const countsOf = ({ namespaces }: IndexStats): ReadonlyMap<string, number | undefined> | undefined => {
  if (!namespaces) return undefined
  const counts = new Map<string, number | undefined>()
  for (const [name, stats] of Object.entries(namespaces)) {
    const namespace = name === defaultNamespace ? "" : name
    const count = stats?.recordCount ?? undefined
    counts.set(namespace, counts.has(namespace) && counts.get(namespace) !== count ? undefined : count)
  }
  return counts
}

/**
 * Codec between what an index says and the API's JSON object.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FromWire: Schema.Codec<IndexStats, Schema.JsonObject> = DataWire.renamed(IndexStats, {
  recordCount: "totalVectorCount"
})

/**
 * What an index says, as JSON with the API's field names. For an answer of the service this is the very object it sent.
 *
 * @category getters
 * @since 0.1.0
 */
export const toJson = (stats: IndexStats): Schema.JsonObject => SourceJson.recall(stats, FromWire)
