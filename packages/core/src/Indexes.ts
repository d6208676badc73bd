/**
 * Operations on indexes that backups and restores depend on.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { endpoints } from "./internal/contract/indexes.ts"
import * as IndexDifference from "./internal/index-difference.ts"
import * as OptionNames from "./internal/option-names.ts"
import * as Call from "./internal/transport/call.ts"
import type * as PineconeApi from "./PineconeApi.ts"
import type * as PineconeClient from "./PineconeClient.ts"
import * as PineconeError from "./PineconeError.ts"
import type * as PineconeIndex from "./PineconeIndex.ts"

/**
 * Changes to an index. Omitted fields stay as they are.
 *
 * @category options
 * @since 0.1.0
 */
export interface ConfigureOptions {
  /** Whether the index is protected from deletion. */
  readonly deletionProtection?: "enabled" | "disabled" | undefined
  /**
   * The tags to change. An empty value removes a tag, and omitted tags stay as they are. An empty object changes
   * nothing and is not sent.
   */
  readonly tags?: Readonly<Record<string, string>> | undefined
  /**
   * The read capacity: on demand, or dedicated nodes. Requires version 2026-07. The call succeeds when the index shows the
   * requested capacity. The nodes can take 30 minutes longer.
   */
  readonly readCapacity?: PineconeApi.ReadCapacity | undefined
}

/**
 * Operations on indexes that backups and restores depend on.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * Returns all indexes of the project: the service does not paginate this list. Fails with `MalformedResponse` if the
   * response has no array.
   */
  readonly list: Effect.Effect<ReadonlyArray<PineconeIndex.PineconeIndex>, PineconeError.PineconeError>

  /** Returns an index by its name. An index that is being restored exists before it is ready. */
  readonly describe: (
    name: PineconeIndex.IndexName
  ) => Effect.Effect<PineconeIndex.PineconeIndex, PineconeError.PineconeError>

  /**
   * Changes the deletion protection, the tags and the read capacity of an index, and verifies that the index shows the
   * change.
   *
   * **Details**
   *
   * If the response is lost, reads the index back, and retries the request only if the index does not show the change.
   * If the response does not show the change, reads the index up to three times in four seconds. The result is then
   * `recovered`, or the call fails with `MalformedResponse`, which is `inDoubt`. Options without changes only read the
   * index.
   *
   * **Example** (Protecting an index from deletion)
   *
   * ```ts
   * import * as Indexes from "@pinecone-backups/core/Indexes"
   * import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
   * import * as Console from "effect/Console"
   * import * as Effect from "effect/Effect"
   *
   * export const program = Effect.gen(function*() {
   *   const indexes = yield* Indexes.Indexes
   *   const index = yield* indexes.configure(PineconeIndex.IndexName.make("docs"), { deletionProtection: "enabled" })
   *   yield* Console.log(index.name, index.deletionProtection) // => docs enabled
   * })
   * ```
   */
  readonly configure: (
    name: PineconeIndex.IndexName,
    options: ConfigureOptions
  ) => Effect.Effect<PineconeClient.Recoverable<PineconeIndex.PineconeIndex>, PineconeError.PineconeError>

  /**
   * Deletes an index **with its data and its schedules**. Its backups are kept.
   *
   * **Details**
   *
   * Fails with `Forbidden` while deletion protection is enabled.
   *
   * **Gotchas**
   *
   * The deletion takes effect with a delay.
   */
  readonly delete: (name: PineconeIndex.IndexName) => Effect.Effect<void, PineconeError.PineconeError>
}

/**
 * Service that provides the operations on indexes.
 *
 * @category services
 * @since 0.1.0
 */
export class Indexes extends Context.Service<Indexes, Service>()("@pinecone-backups/core/Indexes") {}

/**
 * Creates the operations on a connection.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Service, never, PineconeClient.PineconeClient> = Effect.gen(function*() {
  const client = yield* OptionNames.client

  const describe: Service["describe"] = (name) => client.execute(endpoints.describe, { params: { index_name: name } })

  const configure: Service["configure"] = Effect.fnUntraced(function*(name, options) {
    const { deletionProtection, readCapacity, tags } = options
    const hasTags = tags !== undefined && Object.keys(tags).length > 0
    if (deletionProtection === undefined && readCapacity === undefined && !hasTags) {
      return Call.made(yield* describe(name), false)
    }
    if (readCapacity !== undefined && client.apiVersion === "2026-04") {
      return yield* PineconeError.invalidInput("Indexes.configure", "readCapacity", "requires API version 2026-07")
    }
    return yield* client.executeIdempotently(endpoints.configure, {
      params: { index_name: name },
      payload: {
        ...(deletionProtection !== undefined && { deletion_protection: deletionProtection }),
        ...(hasTags && { tags }),
        ...(readCapacity !== undefined && { read_capacity: readCapacity })
      }
    }, {
      locate: Effect.map(
        describe(name),
        (index) => IndexDifference.of(index, options) === undefined ? index : undefined
      ),
      mismatch: (index) => IndexDifference.of(index, options),
      isExclusive: true
    })
  })

  return Indexes.of({
    // Suspended, so that programs without this call never create its decoder.
    list: Effect.suspend(() => Effect.map(client.execute(endpoints.list, {}), ({ indexes }) => indexes)),
    describe,
    configure,
    delete: (name) => client.execute(endpoints.delete, { params: { index_name: name } })
  })
})

/**
 * Layer that provides the operations on a connection.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<Indexes, never, PineconeClient.PineconeClient> = Layer.effect(Indexes, make)
