/**
 * The data plane over HTTP. Every index has a host: its own name for clients in this process, and a path of the server for
 * other clients, which also works with mapped ports.
 */
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Schema from "effect/Schema"
import * as DataRules from "./data-rules.ts"
import * as Records from "./records.ts"
import * as RequestRules from "./request-rules.ts"
import type * as Routing from "./routing.ts"

/** Returns the host of an index, as seen by the client. Requests in memory have no `Host` header. */
export const hostOf = ({ headers }: HttpServerRequest.HttpServerRequest) => (name: string): string =>
  headers["host"] === undefined ? Records.hostInMemory(name) : `http://${headers["host"]}/data/${name}`

/** gRPC numbers of the error codes of the control plane. */
const codes: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  SERVICE_UNAVAILABLE: 14,
  UNAUTHENTICATED: 16
}

const unknownCode = 2

/** Error response of the data plane, with a numeric code and without an envelope. */
export const refusalResponse = ({ code, message, status }: RequestRules.Refusal) =>
  HttpServerResponse.jsonUnsafe({ code: codes[code] ?? unknownCode, message, details: [] }, { status })

/** Returns the operation of a request for an index; `undefined` for an invalid request. `body` is its JSON body. */
export const operationOf = (
  { indexName: name = "", operation, query }: Routing.Target,
  body: unknown
): RequestRules.Operation<Schema.JsonObject> | undefined => {
  const params = new URLSearchParams(query)
  const text = (key: string) => params.get(key) ?? undefined
  const limit = text("limit")
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit)) return undefined
  const page = { limit: limit === undefined ? undefined : Number(limit), paginationToken: text("paginationToken") }
  switch (operation) {
    case "IndexData.stats":
      return DataRules.stats(name, body)
    case "IndexData.fetch":
      return DataRules.fetch({ name, ids: params.getAll("ids"), namespace: text("namespace") })
    case "IndexData.listIds":
      return DataRules.listIds({ name, namespace: text("namespace"), prefix: text("prefix"), ...page })
    case "IndexData.listNamespaces":
      return DataRules.listNamespaces({ name, prefix: text("prefix"), ...page })
    default:
      return undefined
  }
}

/** Response to a request with invalid values. */
export const invalidResponse = refusalResponse(
  RequestRules.refuse("InvalidArgument", RequestRules.invalidParameters)
)
