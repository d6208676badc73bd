/**
 * The records of an index, as far as it takes to prove that they are there: how many, which ids, and what is stored under
 * some of them.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import * as Paging from "../internal/stream/paging.ts"
import type * as Page from "../Page.ts"
import * as PineconeClient from "../PineconeClient.ts"
import * as PineconeError from "../PineconeError.ts"
import type * as IndexRecord from "./IndexRecord.ts"
import * as IndexStats from "./IndexStats.ts"
import { endpoints } from "./internal/contract.ts"

/**
 * Options of what is about one namespace.
 *
 * @category options
 * @since 0.1.0
 */
export interface NamespaceOptions {
  /**
   * The namespace.
   *
   * @default the default namespace, which is the empty text
   */
  readonly namespace?: string | undefined
}

/**
 * Options of a list of ids.
 *
 * @category options
 * @since 0.1.0
 */
export interface ListIdsOptions extends NamespaceOptions {
  /** What the ids begin with. Left out, every id is listed. */
  readonly prefix?: string | undefined
}

/**
 * The records of an index.
 *
 * An index is given as the service described it, since it is the description that says at which host its data is. The key
 * goes there only by the rules of `PineconeClient.Options.indexDomains`: every operation fails with `HostRefused`, and
 * sends nothing, for any other host, and for an index that has none yet.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * Asks an index how many records it has, in all and by namespace. One request, sent again where that helps. The counts
   * lag behind writes, and behind a restore. What the index does not say is missing or null, and never zero.
   */
  readonly stats: (
    index: PineconeClient.IndexAddress
  ) => Effect.Effect<IndexStats.IndexStats, PineconeError.PineconeError>

  /** The namespaces of an index, from all pages. Only of serverless indexes. */
  readonly listNamespaces: (
    index: PineconeClient.IndexAddress,
    options?: Page.StreamOptions
  ) => Stream.Stream<IndexStats.Namespace, PineconeError.ListError>

  /** One page of the namespaces of an index. */
  readonly listNamespacesPage: (
    index: PineconeClient.IndexAddress,
    options?: Page.PageOptions
  ) => Effect.Effect<Page.Page<IndexStats.Namespace>, PineconeError.PineconeError>

  /** The pages of the namespaces of an index: like `listNamespaces`, with the tokens to go on from. */
  readonly listNamespacesPages: (
    index: PineconeClient.IndexAddress,
    options?: Page.StreamOptions
  ) => Stream.Stream<Page.Page<IndexStats.Namespace>, PineconeError.ListError>

  /** The ids of the records of a namespace, from all pages, in the order of their bytes. Only of serverless indexes. */
  readonly listIds: (
    index: PineconeClient.IndexAddress,
    options?: ListIdsOptions & Page.StreamOptions
  ) => Stream.Stream<IndexRecord.RecordId, PineconeError.ListError>

  /** One page of the ids of the records of a namespace. The service sends at most 100 at a time. */
  readonly listIdsPage: (
    index: PineconeClient.IndexAddress,
    options?: ListIdsOptions & Page.PageOptions
  ) => Effect.Effect<Page.Page<IndexRecord.RecordId>, PineconeError.PineconeError>

  /** The pages of the ids of a namespace: like `listIds`, with the tokens to go on from. */
  readonly listIdsPages: (
    index: PineconeClient.IndexAddress,
    options?: ListIdsOptions & Page.StreamOptions
  ) => Stream.Stream<Page.Page<IndexRecord.RecordId>, PineconeError.ListError>

  /**
   * Reads the records that have these ids in a namespace, in the order of the ids. An id that is not there is left out of
   * the result. Costs read units.
   *
   * The ids stand in the address of a request, so it takes one request for every 50 of them, or fewer if they are long,
   * one after the other. No ids send nothing. An empty id, and one with spaces, which the service does not take, is
   * `InvalidInput`. An answer with a record that was not asked for is `MalformedResponse`.
   */
  readonly fetch: (
    index: PineconeClient.IndexAddress,
    ids: Iterable<IndexRecord.RecordId>,
    options?: NamespaceOptions
  ) => Effect.Effect<ReadonlyMap<IndexRecord.RecordId, IndexRecord.IndexRecord>, PineconeError.PineconeError>
}

/**
 * The records of an index.
 *
 * **Example** (Counting and reading what a restore has made)
 *
 * ```ts
 * import * as Backup from "@pinecone-backups/core/Backup"
 * import * as IndexData from "@pinecone-backups/core/drill/IndexData"
 * import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
 * import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * export const look = Effect.fn(function*(backup: Backup.Backup, id: RestoreJob.RestoreJobId) {
 *   const jobs = yield* RestoreJobs.RestoreJobs
 *   const data = yield* IndexData.IndexData
 *   const { index } = yield* jobs.awaitReady(id)
 *
 *   const { recordCount } = yield* data.stats(index)
 *   const ids = yield* data.listIds(index).pipe(Stream.take(20), Stream.runCollect)
 *   const records = yield* data.fetch(index, ids)
 *   return { expected: backup.recordCount, found: recordCount, sample: records.size }
 * })
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class IndexData extends Context.Service<IndexData, Service>()("@pinecone-backups/core/drill/IndexData") {}

/** How many ids a request for records has at most. */
const maxIds = 50

/** How long they are together at most: servers in between take addresses of some 8,000 characters. */
const maxLength = 4_000

/** Parts of a list of ids that fit into an address each. */
const chunksOf = (ids: Iterable<IndexRecord.RecordId>): ReadonlyArray<ReadonlyArray<IndexRecord.RecordId>> => {
  const chunks: Array<Array<IndexRecord.RecordId>> = []
  let length = Infinity
  for (const id of new Set(ids)) {
    // A character that is not ASCII takes up to twelve in an address, and every id its name.
    const own = "&ids=".length + id.replace(/[^\w.-]/gu, "%00%00%00%00").length
    const last = chunks.at(-1)
    length += own
    if (last === undefined || length > maxLength || last.length === maxIds) {
      chunks.push([id])
      length = own
    } else last.push(id)
  }
  return chunks
}

/** A namespace as it is asked for. The default one has two names, and none is always understood. */
const namespaceQuery = ({ namespace = "" }: NamespaceOptions) =>
  namespace === "" || namespace === IndexStats.defaultNamespace ? {} : { namespace }

/**
 * Creates the operations on a connection.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Service, never, PineconeClient.PineconeClient> = Effect.gen(function*() {
  const client = yield* PineconeClient.PineconeClient

  interface Ids extends ListIdsOptions {
    readonly index: PineconeClient.IndexAddress
  }
  const ids = Paging.pages("IndexData.listIds", (id: IndexRecord.RecordId) => id)((of: Ids, query) =>
    Effect.map(
      client.executeOnIndex(of.index, "IndexData", "listIds", endpoints.listIds, {
        query: { ...namespaceQuery(of), ...(of.prefix !== undefined && { prefix: of.prefix }), ...query }
      }),
      ({ data, ...page }) => ({ ...page, data: data?.map(({ id }) => id) ?? null })
    )
  )

  const namespaces = Paging.pages("IndexData.listNamespaces", ({ name }: IndexStats.Namespace) => name)(
    (index: PineconeClient.IndexAddress, query) =>
      client.executeOnIndex(index, "IndexData", "listNamespaces", endpoints.listNamespaces, { query })
  )

  const fetchSome = Effect.fnUntraced(function*(
    index: PineconeClient.IndexAddress,
    ids: ReadonlyArray<IndexRecord.RecordId>,
    options: NamespaceOptions
  ) {
    const query = { ids, ...namespaceQuery(options) }
    const { vectors } = yield* client.executeOnIndex(index, "IndexData", "fetch", endpoints.fetch, { query })
    const found = new Map(Object.entries(vectors ?? {}))
    const asked = ids.flatMap((id) => {
      const record = found.get(id)
      return record === undefined ? [] : [[id, record] as const]
    })
    if (asked.length === found.size) return asked
    return yield* new PineconeError.MalformedResponse({
      operation: "IndexData.fetch",
      message: "vectors: The response does not match the request",
      field: "vectors",
      status: 200,
      attempts: 1
    })
  })

  return IndexData.of({
    stats: (index) => client.executeOnIndex(index, "IndexData", "stats", endpoints.stats, { payload: {} }),
    listNamespaces: namespaces.stream,
    listNamespacesPage: namespaces.page,
    listNamespacesPages: namespaces.pages,
    listIds: (index, options) => ids.stream({ ...options, index }, options),
    listIdsPage: (index, options) => ids.page({ ...options, index }, options),
    listIdsPages: (index, options) => ids.pages({ ...options, index }, options),
    fetch: (index, ids, options = {}) =>
      Effect.map(
        Effect.forEach(chunksOf(ids), (chunk) => fetchSome(index, chunk, options)),
        (chunks) => new Map(chunks.flat())
      )
  })
})

/**
 * Layer that provides the operations on a connection.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<IndexData, never, PineconeClient.PineconeClient> = Layer.effect(IndexData, make)
