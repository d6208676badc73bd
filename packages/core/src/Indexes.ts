/**
 * The operations on indexes that backing up and restoring cannot do without.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PineconeClient from "./PineconeClient.ts"
import type * as PineconeError from "./PineconeError.ts"
import type * as PineconeIndex from "./PineconeIndex.ts"

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
  const client = yield* PineconeClient.PineconeClient

  return Indexes.of({
    list: Effect.map(client.execute("Indexes", "list", {}), ({ indexes }) => indexes),
    describe: (name) => client.execute("Indexes", "describe", { params: { index_name: name } }),
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
