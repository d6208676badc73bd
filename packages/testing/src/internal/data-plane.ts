/**
 * The data plane over HTTP. Every index has a host: a name of its own for clients in this process, and a path of the one
 * server for all others, which also works where ports are mapped.
 */
import * as IndexDataApi from "@pinecone-backups/core/drill/IndexDataApi"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Schema from "effect/Schema"
import * as DataRules from "./data-rules.ts"
import * as Records from "./records.ts"
import * as RequestRules from "./request-rules.ts"
import * as Settings from "./settings.ts"

const { endpoints } = IndexDataApi.IndexDataApi.groups.IndexData

/** What a request to the host of an index asks for. */
export interface Target {
  readonly indexName: string
  readonly path: string
  readonly query: URLSearchParams
  /** Whether there is anything at the path. */
  readonly isKnown: boolean
  readonly operation: Settings.Operation | undefined
}

/** The index whose host in memory a request is for. */
const inMemory = /^https?:\/\/([^/.]+)\.svc\.invalid(?=[/?]|$)/i

/** The index whose path of the server a request is for. */
const onServer = /^\/data\/([^/?]+)(?=[/?]|$)/

/** What a request asks of an index, if it is not for the control plane. */
export const targetOf = ({ method, originalUrl, url }: HttpServerRequest.HttpServerRequest): Target | undefined => {
  const [indexInMemory] = inMemory.exec(originalUrl)?.slice(1) ?? []
  const [base = "", indexName = indexInMemory] = onServer.exec(url) ?? []
  if (indexName === undefined) return undefined
  const [path = "", query] = url.slice(base.length).split(/\?(.*)/s)
  const atPath = Object.entries(endpoints).filter(([, endpoint]) => endpoint.path === path)
  const [endpoint] = atPath.find(([, endpoint]) => endpoint.method === method) ?? []
  return {
    indexName,
    path,
    query: new URLSearchParams(query),
    isKnown: atPath.length > 0,
    operation: Settings.Operation.literals.find((name) => name === `IndexData.${endpoint}`)
  }
}

/** Where the data of an index is for whoever has sent a request. One that has crossed no socket says no host. */
export const hostOf = ({ headers }: HttpServerRequest.HttpServerRequest) => (name: string): string =>
  headers["host"] === undefined ? Records.hostInMemory(name) : `http://${headers["host"]}/data/${name}`

/** The numbers that gRPC has for the codes of the control plane. */
const codes: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  SERVICE_UNAVAILABLE: 14,
  UNAUTHENTICATED: 16
}

const unknownCode = 2

/** An error of the data plane: a number and no envelope. */
export const refusalResponse = ({ code, message, status }: RequestRules.Refusal) =>
  HttpServerResponse.jsonUnsafe({ code: codes[code] ?? unknownCode, message, details: [] }, { status })

/** The answer to what a request asks of an index; `undefined` if there is none. `body` is what it was sent, as JSON. */
export const operationOf = (
  { indexName: name, operation, query }: Target,
  body: unknown
): RequestRules.Operation<Schema.JsonObject> | undefined => {
  const text = (key: string) => query.get(key) ?? undefined
  const limit = text("limit")
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit)) return undefined
  const page = { limit: limit === undefined ? undefined : Number(limit), paginationToken: text("paginationToken") }
  switch (operation) {
    case "IndexData.stats":
      return DataRules.stats(name, body)
    case "IndexData.fetch":
      return DataRules.fetch({ name, ids: query.getAll("ids"), namespace: text("namespace") })
    case "IndexData.listIds":
      return DataRules.listIds({ name, namespace: text("namespace"), prefix: text("prefix"), ...page })
    case "IndexData.listNamespaces":
      return DataRules.listNamespaces({ name, prefix: text("prefix"), ...page })
    default:
      return undefined
  }
}

/** The answer to a request whose values are not valid. */
export const invalidResponse = refusalResponse(
  RequestRules.refuse("InvalidArgument", RequestRules.invalidParameters)
)
