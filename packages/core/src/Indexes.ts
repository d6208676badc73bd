/**
 * The operations on indexes that backing up and restoring cannot do without.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as IndexDifference from "./internal/index-difference.ts"
import * as OptionNames from "./internal/option-names.ts"
import * as Call from "./internal/transport/call.ts"
import type * as PineconeClient from "./PineconeClient.ts"
import type * as PineconeError from "./PineconeError.ts"
import type * as PineconeIndex from "./PineconeIndex.ts"

/**
 * What to change about an index. What is left out stays.
 *
 * @category options
 * @since 0.1.0
 */
export interface ConfigureOptions {
  /** Whether the index is protected from being deleted. */
  readonly deletionProtection?: "enabled" | "disabled" | undefined
  /**
   * The tags to change. An empty value removes a tag, and tags that are not named stay. An empty object changes
   * nothing and is not sent.
   */
  readonly tags?: Readonly<Record<string, string>> | undefined
}

/**
 * The operations on indexes that backing up and restoring cannot do without.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /** The indexes of the project. The service does not page them. Fails with `MalformedResponse` without an array. */
  readonly list: Effect.Effect<ReadonlyArray<PineconeIndex.PineconeIndex>, PineconeError.PineconeError>

  /** Describes an index. One that is being restored is there before it is ready. */
  readonly describe: (
    name: PineconeIndex.IndexName
  ) => Effect.Effect<PineconeIndex.PineconeIndex, PineconeError.PineconeError>

  /**
   * Changes deletion protection and tags of an index, and makes sure that the index shows the change. Options that
   * change nothing send nothing but a describe.
   *
   * If the answer is lost, the index is described. Only if it is not as it should be is the request sent again. If the
   * answer does not show the change, the index is described up to three times in four seconds, and the result is
   * `recovered`; if it does not show it then, this fails with `MalformedResponse`, which is `inDoubt`.
   */
  readonly configure: (
    name: PineconeIndex.IndexName,
    options: ConfigureOptions
  ) => Effect.Effect<PineconeClient.Recoverable<PineconeIndex.PineconeIndex>, PineconeError.PineconeError>

  /**
   * Deletes an index **with its data and its schedules**. Its backups stay. Fails with `Forbidden` while
   * deletion protection is on. The index is gone some time later.
   */
  readonly delete: (name: PineconeIndex.IndexName) => Effect.Effect<void, PineconeError.PineconeError>
}

/**
 * The operations on indexes that backing up and restoring cannot do without.
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

  const describe: Service["describe"] = (name) =>
    client.execute("Indexes", "describe", { params: { index_name: name } })

  const configure: Service["configure"] = Effect.fnUntraced(function*(name, options) {
    const { deletionProtection, tags } = options
    const hasTags = tags !== undefined && Object.keys(tags).length > 0
    if (deletionProtection === undefined && !hasTags) {
      return Call.made(yield* describe(name), false)
    }
    return yield* client.executeIdempotently("Indexes", "configure", {
      params: { index_name: name },
      payload: {
        ...(deletionProtection !== undefined && { deletion_protection: deletionProtection }),
        ...(hasTags && { tags })
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
    list: Effect.map(client.execute("Indexes", "list", {}), ({ indexes }) => indexes),
    describe,
    configure,
    delete: (name) => client.execute("Indexes", "delete", { params: { index_name: name } })
  })
})

/**
 * Layer that provides the operations on a connection.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<Indexes, never, PineconeClient.PineconeClient> = Layer.effect(Indexes, make)
