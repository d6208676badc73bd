/** The routes of requests: on the control plane, or on the host of an index. */
import * as IndexDataApi from "@pinecone-backups/core/drill/IndexDataApi"
import * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as Settings from "./settings.ts"

/** The route of a request. */
export interface Target {
  /** Path and query as they were sent. */
  readonly url: string
  /** Path without the query; on the host of an index, relative to that host. */
  readonly path: string
  /** Query without the question mark. */
  readonly query: string
  /** The path with parameter names instead of values; `undefined` for an unknown path. */
  readonly pattern: string | undefined
  /** Methods that the path supports. */
  readonly methods: ReadonlyArray<string>
  readonly operation: Settings.Operation | undefined
  /** Group of the path on the control plane. */
  readonly group: string | undefined
  /** Name of the index whose host the request was sent to; `undefined` for the control plane. */
  readonly indexName: string | undefined
}

/** URL of an index in memory. */
const inMemory = /^https?:\/\/([^/.]+)\.svc\.invalid(?=[/?]|$)/i

/** Path of an index on the server. */
const onServer = /^\/data\/([^/?]+)(?=[/?]|$)/

/** Path and query. Some requests also have a host, and requests in memory a fragment, which is never sent. */
const urlOf = ({ url }: HttpServerRequest.HttpServerRequest): string =>
  url.replace(/^https?:\/\/[^/]*/, "").replace(/#.*/s, "")

const split = (url: string): readonly [path: string, query: string] => {
  const at = url.indexOf("?")
  return at === -1 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)]
}

export const pathOf = (request: HttpServerRequest.HttpServerRequest): string => split(urlOf(request))[0]

const makeDataOperations = (): ReadonlyMap<string, ReadonlyMap<string, Settings.Operation>> => {
  const all = new Map<string, Map<string, Settings.Operation>>()
  for (const [name, { method, path }] of Object.entries(IndexDataApi.IndexDataApi.groups.IndexData.endpoints)) {
    const operations = all.get(path) ?? new Map<string, Settings.Operation>()
    // `Object.entries` loses the literal types.
    all.set(path, operations.set(method, `IndexData.${name}` as IndexDataApi.OperationName))
  }
  return all
}

/** Operations of the data plane, by path and method. Its paths have no parameters. */
const dataOperations = makeDataOperations()

/** Returns the route of a request. */
export const targetOf = (request: HttpServerRequest.HttpServerRequest): Target => {
  const { method, originalUrl } = request
  const url = urlOf(request)
  const onPath = onServer.exec(url)
  const indexName = onPath?.[1] ?? inMemory.exec(originalUrl)?.[1]
  if (indexName === undefined) {
    const [path, query] = split(url)
    const routes = PineconeApi.routesAt(path)
    const route = routes.find((route) => route.method === method)
    return {
      url,
      path,
      query,
      pattern: routes[0]?.path,
      methods: routes.map(({ method }) => method),
      // The names of the contract are those of operations.
      operation: route && `${route.group}.${route.endpoint}` as PineconeApi.OperationName,
      group: routes[0]?.group,
      indexName
    }
  }
  const [rest, query] = split(url.slice(onPath?.[0].length ?? 0))
  const path = rest === "" ? "/" : rest
  const operations = dataOperations.get(path)
  return {
    url,
    path,
    query,
    pattern: operations && `${onPath === null ? "" : "/data/:index_name"}${path}`,
    methods: [...operations?.keys() ?? []],
    operation: operations?.get(method),
    group: undefined,
    indexName
  }
}
