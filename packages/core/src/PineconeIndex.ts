/**
 * Indexes, with the fields that backups and restores need.
 *
 * **Example** (Checking whether an index is ready)
 *
 * ```ts
 * import * as Indexes from "@pinecone-backups/core/Indexes"
 * import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Effect.gen(function*() {
 *   const indexes = yield* Indexes.Indexes
 *   const index = yield* indexes.describe(PineconeIndex.IndexName.make("docs"))
 *   yield* Console.log(index.name, PineconeIndex.isReady(index)) // => docs true
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as SourceJson from "./internal/codec/source-json.ts"
import * as Wire from "./internal/codec/wire.ts"
import * as NameLength from "./internal/name-length.ts"

/**
 * Schema for the name of an index. The name of a deleted index can be reused.
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
 * The maximum length of the name of a new index. From version 2026-07 on, it also applies to the name of a new backup.
 *
 * @category models
 * @since 0.1.0
 */
export const maxNameLength: number = NameLength.maxNameLength

/**
 * Schema for the ID of an index.
 *
 * **Details**
 *
 * The backups of a deleted index keep its ID. A new index with the same name has a different ID.
 *
 * @category schemas
 * @since 0.1.0
 */
export const IndexId = Schema.String.pipe(Schema.brand("IndexId"))

/**
 * The ID of an index.
 *
 * @category models
 * @since 0.1.0
 */
export type IndexId = typeof IndexId.Type

const Status = Schema.Struct({ ready: Wire.maybe(Schema.Boolean), state: Wire.maybe(Schema.String) })

const Dedicated = Schema.Struct({
  nodeType: Wire.maybe(Schema.String),
  scaling: Wire.maybe(Schema.String),
  manual: Wire.maybe(Schema.Struct({ replicas: Wire.maybeNumber, shards: Wire.maybeNumber }))
})

const CapacityStatus = Schema.Struct({
  state: Wire.maybe(Schema.String),
  currentReplicas: Wire.maybeNumber,
  currentShards: Wire.maybeNumber,
  errorMessage: Wire.maybe(Schema.String)
})

/**
 * Schema for the read capacity of an index as the service reports it. New modes and states may appear.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ReadCapacity = Schema.Struct({
  /** `"OnDemand"` or `"Dedicated"`. */
  mode: Wire.maybe(Schema.String),
  /** The requested nodes. A change can take 30 minutes. */
  dedicated: Wire.maybe(Wire.fromWire(Dedicated)),
  /** The progress of a change, and the nodes that are in use. */
  status: Wire.maybe(Wire.fromWire(CapacityStatus))
})

/**
 * The read capacity of an index as the service reports it.
 *
 * @category models
 * @since 0.1.0
 */
export interface ReadCapacity extends Schema.Schema.Type<typeof ReadCapacity> {}

/** Any other JSON is an unknown read capacity, so that it does not make the whole list unreadable. */
const UnknownCapacity = Wire.fromAny(Schema.Null, { decode: () => null, encode: () => null })

/**
 * Schema for an index, with the fields that backups and restores need. {@link toJson} has all fields.
 *
 * @category schemas
 * @since 0.1.0
 */
export const PineconeIndex = Schema.Struct({
  name: IndexName,
  id: Wire.maybe(IndexId),
  /** The readiness and the state of the index. */
  status: Wire.maybe(Status),
  /** The host name of the data plane of the index. */
  host: Wire.maybe(Schema.String),
  /** The host name of the data plane of the index in a private network. */
  privateHost: Wire.maybe(Schema.String),
  /** `"enabled"` prevents the index from being deleted. */
  deletionProtection: Wire.maybe(Schema.String),
  tags: Wire.maybe(Wire.Tags),
  /** The read capacity, from version 2026-07 on. `null` if it has an unknown format. */
  readCapacity: Schema.optionalKey(Schema.Union([ReadCapacity, UnknownCapacity])),
  /**
   * The backup from which the index was restored. A string instead of a `BackupId`, because the backup may have been
   * deleted.
   */
  sourceBackupId: Wire.maybe(Schema.String)
})

/**
 * An index.
 *
 * @category models
 * @since 0.1.0
 */
export interface PineconeIndex extends Schema.Schema.Type<typeof PineconeIndex> {}

/** States in which an index is not usable and will not become usable, even if the response reports it as ready. */
const lost = ["InitializationFailed", "Terminating"]

const isLost = ({ status }: PineconeIndex): boolean => lost.includes(status?.state ?? "")

/**
 * Returns `true` if the index is usable.
 *
 * **Details**
 *
 * Returns `false` for an index whose creation failed or that is being deleted, even if the same response reports it as
 * ready.
 *
 * @category guards
 * @since 0.1.0
 */
export const isReady = (index: PineconeIndex): boolean => index.status?.ready === true && !isLost(index)

/**
 * Returns `true` if the index is usable, or never will be because its creation failed or it is being deleted.
 *
 * @category guards
 * @since 0.1.0
 */
export const isFinal = (index: PineconeIndex): boolean => isReady(index) || isLost(index)

/**
 * Codec between an index and the API's JSON object.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FromWire: Schema.Codec<PineconeIndex, Schema.JsonObject> = Wire.fromWire(PineconeIndex)

/**
 * Returns the index as JSON with the API's field names.
 *
 * **Details**
 *
 * For an index that the service returned, the result is the original JSON object.
 *
 * @category getters
 * @since 0.1.0
 */
export const toJson = (index: PineconeIndex): Schema.JsonObject => SourceJson.recall(index, FromWire)
