/**
 * Read access to the data of an index: counts, IDs and records, as required by restore drills.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import * as Contract from "../internal/contract/endpoint.ts"
import * as Paging from "../internal/stream/paging.ts"
import type * as Page from "../Page.ts"
import * as PineconeClient from "../PineconeClient.ts"
import * as PineconeError from "../PineconeError.ts"
import type * as IndexRecord from "./IndexRecord.ts"
import * as IndexStats from "./IndexStats.ts"
import { endpoints } from "./internal/contract.ts"

/**
 * Options of operations on one namespace.
 *
 * @category options
 * @since 0.1.0
 */
export interface NamespaceOptions {
  /**
   * The namespace.
   *
   * @default the default namespace, which is the empty string
   */
  readonly namespace?: string | undefined
}

/**
 * Options of a list of IDs.
 *
 * @category options
 * @since 0.1.0
 */
export interface ListIdsOptions extends NamespaceOptions {
  /** Only IDs with this prefix. @default every ID */
  readonly prefix?: string | undefined
}

/**
 * Operations on the data of an index.
 *
 * Operations take the index as the service described it, because the description has the host of its data. The API key is
 * sent to that host only if `PineconeClient.Options.indexDomains` allows it. For any other host, and for an index without
 * a host, every operation fails with `HostRefused` and sends nothing.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * Reads the number of records, in total and by namespace. Counts lag behind writes and restores. Unknown counts are
   * missing or `null`, never 0.
   */
  readonly stats: (
    index: PineconeClient.IndexAddress
  ) => Effect.Effect<IndexStats.IndexStats, PineconeError.PineconeError>

  /** Lists the namespaces of an index, from all pages. Serverless indexes only. */
  readonly listNamespaces: (
    index: PineconeClient.IndexAddress,
    options?: Page.StreamOptions
  ) => Stream.Stream<IndexStats.Namespace, PineconeError.ListError>

  /** Lists one page of the namespaces of an index. */
  readonly listNamespacesPage: (
    index: PineconeClient.IndexAddress,
    options?: Page.PageOptions
  ) => Effect.Effect<Page.Page<IndexStats.Namespace>, PineconeError.PineconeError>

  /** Lists the pages of the namespaces of an index: like `listNamespaces`, with the tokens of the pages. */
  readonly listNamespacesPages: (
    index: PineconeClient.IndexAddress,
    options?: Page.StreamOptions
  ) => Stream.Stream<Page.Page<IndexStats.Namespace>, PineconeError.ListError>

  /** Lists the record IDs of a namespace, from all pages, sorted by bytes. Serverless indexes only. */
  readonly listIds: (
    index: PineconeClient.IndexAddress,
    options?: ListIdsOptions & Page.StreamOptions
  ) => Stream.Stream<IndexRecord.RecordId, PineconeError.ListError>

  /** Lists one page of the record IDs of a namespace, up to 100. */
  readonly listIdsPage: (
    index: PineconeClient.IndexAddress,
    options?: ListIdsOptions & Page.PageOptions
  ) => Effect.Effect<Page.Page<IndexRecord.RecordId>, PineconeError.PineconeError>

  /** Lists the pages of the record IDs of a namespace: like `listIds`, with the tokens of the pages. */
  readonly listIdsPages: (
    index: PineconeClient.IndexAddress,
    options?: ListIdsOptions & Page.StreamOptions
  ) => Stream.Stream<Page.Page<IndexRecord.RecordId>, PineconeError.ListError>

  /**
   * Reads records of a namespace by ID, in the order of the IDs. IDs that do not exist are omitted. Costs read units.
   *
   * The IDs are part of the URL, so each request has up to 50, or fewer if they are long. Requests are sent one after the
   * other. Without IDs, nothing is sent. Fails with `InvalidInput` if an ID is empty or has spaces, which the service does
   * not accept, and with `MalformedResponse` if the response has a record that was not requested.
   */
  readonly fetch: (
    index: PineconeClient.IndexAddress,
    ids: Iterable<IndexRecord.RecordId>,
    options?: NamespaceOptions
  ) => Effect.Effect<ReadonlyMap<IndexRecord.RecordId, IndexRecord.IndexRecord>, PineconeError.PineconeError>
}

/**
 * Operations on the data of an index.
 *
 * **Example** (Counting and reading the records of a restored index)
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

/** Maximum number of IDs in a request for records. */
const maxIds = 50

/** Maximum length of the IDs of a request: proxies accept URLs of about 8,000 characters. */
const maxLength = 4_000

/** Splits a list of IDs into parts that each fit into a URL. */
const chunksOf = (ids: Iterable<IndexRecord.RecordId>): ReadonlyArray<ReadonlyArray<IndexRecord.RecordId>> => {
  const chunks: Array<Array<IndexRecord.RecordId>> = []
  let length = Infinity
  for (const id of new Set(ids)) {
    // An encoded character that is not ASCII takes up to twelve characters, and every ID is preceded by its parameter.
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

/** The parameter of a namespace. Omitted for the default namespace, which has two names. */
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
  const ids = Paging.pages(endpoints.listIds, (id: IndexRecord.RecordId) => id)((of: Ids, query) =>
    Effect.map(
      client.executeOnIndex(of.index, endpoints.listIds, {
        query: { ...namespaceQuery(of), ...(of.prefix !== undefined && { prefix: of.prefix }), ...query }
      }),
      ({ data, ...page }) => ({ ...page, data: data?.map(({ id }) => id) ?? null })
    )
  )

  const namespaces = Paging.pages(endpoints.listNamespaces, ({ name }: IndexStats.Namespace) => name)(
    (index: PineconeClient.IndexAddress, query) => client.executeOnIndex(index, endpoints.listNamespaces, { query })
  )

  const fetchSome = Effect.fnUntraced(function*(
    index: PineconeClient.IndexAddress,
    ids: ReadonlyArray<IndexRecord.RecordId>,
    options: NamespaceOptions
  ) {
    const query = { ids, ...namespaceQuery(options) }
    const { vectors } = yield* client.executeOnIndex(index, endpoints.fetch, { query })
    const found = new Map(Object.entries(vectors ?? {}))
    const asked = ids.flatMap((id) => {
      const record = found.get(id)
      return record === undefined ? [] : [[id, record] as const]
    })
    if (asked.length === found.size) return asked
    return yield* new PineconeError.MalformedResponse({
      operation: Contract.operationOf(endpoints.fetch),
      message: "vectors: The response does not match the request",
      field: "vectors",
      status: 200,
      attempts: 1
    })
  })

  return IndexData.of({
    stats: (index) => client.executeOnIndex(index, endpoints.stats, { payload: {} }),
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
