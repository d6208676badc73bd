/**
 * Statistics of an index: its number of records and namespaces.
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
  /** The name. The default namespace is the empty string, or `"__default__"`. */
  name: Schema.String,
  /** Number of records. Missing or `null` if unknown, which is not the same as 0. */
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
  /** Number of records. */
  recordCount: DataWire.maybeCount
})

/**
 * Schema for the statistics of an index. Every field can be missing or `null`, which is not the same as 0.
 *
 * @category schemas
 * @since 0.1.0
 */
export const IndexStats = Schema.Struct({
  /** Number of records in all namespaces. Lags behind writes and restores. */
  recordCount: DataWire.maybeCount,
  /** Statistics by namespace. The default namespace is the empty string, or `"__default__"`: see {@link countsOf}. */
  namespaces: Wire.maybe(Schema.Record(
    Schema.String,
    Schema.NullOr(DataWire.renamed(NamespaceStats, { recordCount: "vectorCount" }))
  )),
  /** Dimension of dense vectors. A sparse index has none. */
  dimension: DataWire.maybeCount,
  /** Similarity metric: `"cosine"`, `"euclidean"` or `"dotproduct"`. */
  metric: Wire.maybe(Schema.String),
  /** `"dense"` or `"sparse"`. */
  vectorType: Wire.maybe(Schema.String)
})

/**
 * The statistics of an index.
 *
 * @category models
 * @since 0.1.0
 */
export interface IndexStats extends Schema.Schema.Type<typeof IndexStats> {}

/**
 * The other name of the default namespace, which is the empty string in this library.
 *
 * @category models
 * @since 0.1.0
 */
export const defaultNamespace = "__default__"

/**
 * Returns the number of records by namespace, with the default namespace as the empty string. The count of a namespace is
 * `undefined` if it is unknown, or if the two names of the default namespace have different counts. Returns `undefined` if
 * the index does not report its namespaces.
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
 * Codec between the statistics of an index and the API's JSON object.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FromWire: Schema.Codec<IndexStats, Schema.JsonObject> = DataWire.renamed(IndexStats, {
  recordCount: "totalVectorCount"
})

/**
 * Returns the statistics as JSON with the API's field names. For a response of the service, returns the original object.
 *
 * @category getters
 * @since 0.1.0
 */
export const toJson = (stats: IndexStats): Schema.JsonObject => SourceJson.recall(stats, FromWire)
