/**
 * Indexes, as far as backing them up and restoring them goes.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as SourceJson from "./internal/codec/source-json.ts"
import * as Wire from "./internal/codec/wire.ts"

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
 * The longest name that a new index can have. From version 2026-07 on, the same goes for a new backup.
 *
 * @category models
 * @since 0.1.0
 */
export const maxNameLength = 45

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

const Status = Schema.Struct({ ready: Wire.maybe(Schema.Boolean), state: Wire.maybe(Schema.String) })

/**
 * Schema for an index: only what backing up and restoring needs. The rest is in {@link toJson}.
 *
 * @category schemas
 * @since 0.1.0
 */
export const PineconeIndex = Schema.Struct({
  name: IndexName,
  id: Wire.maybe(IndexId),
  /** Whether it can be used, and in which state it is. */
  status: Wire.maybe(Status),
  /** The host name its data is reached at. */
  host: Wire.maybe(Schema.String),
  /** The host name its data is reached at from a private network. */
  privateHost: Wire.maybe(Schema.String),
  /** `"enabled"` keeps it from being deleted. */
  deletionProtection: Wire.maybe(Schema.String),
  tags: Wire.maybe(Wire.Tags),
  /** The backup it was restored from. A text, and not a `BackupId`, since that backup may be gone. */
  sourceBackupId: Wire.maybe(Schema.String)
})

/**
 * An index.
 *
 * @category models
 * @since 0.1.0
 */
export interface PineconeIndex extends Schema.Schema.Type<typeof PineconeIndex> {}

/** States in which an index is not to be used, and never will be, whatever else it says of itself. */
const lost = ["InitializationFailed", "Terminating"]

const isLost = ({ status }: PineconeIndex): boolean => lost.includes(status?.state ?? "")

/**
 * Whether the index can be used. One whose making has failed, or that is being deleted, cannot, even if the service calls
 * it ready in the same answer.
 *
 * @category guards
 * @since 0.1.0
 */
export const isReady = (index: PineconeIndex): boolean => index.status?.ready === true && !isLost(index)

/**
 * Whether the index can be used, or never will be because making it has failed or it is being deleted.
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
 * The index as JSON with the API's field names. For an index that came from the service this is the very
 * object it sent.
 *
 * @category getters
 * @since 0.1.0
 */
export const toJson = (index: PineconeIndex): Schema.JsonObject => SourceJson.recall(index, FromWire)
