/**
 * The HTTP contract of the data plane, as far as it takes to see whether the records of an index are there. Every index
 * has a host of its own, at which these paths are. `IndexData` calls by the same data, and the emulator implements it.
 *
 * @since 0.1.0
 */
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import { endpoints } from "./internal/contract.ts"

/**
 * Schema for an error of the data plane, which has a number of gRPC as its code, and comes with an HTTP status.
 *
 * @category schemas
 * @since 0.1.0
 */
export const DataError = <const Status extends number>(status: Status) =>
  Schema.Struct({ code: Schema.Int, message: Schema.String, details: Schema.Array(Schema.Json) }).pipe(
    HttpApiSchema.status(status)
  )

/** Every request carries it; `PineconeClient` sets it, and the key. */
const headers = { "x-pinecone-api-version": Schema.optionalKey(Schema.String) }

const { fetch, listIds, listNamespaces, stats } = endpoints

/**
 * The contract. An endpoint is an operation of `IndexData`, so that `"IndexData.stats"` names the same thing here, in errors
 * and in traces.
 *
 * @category models
 * @since 0.1.0
 */
export const IndexDataApi = HttpApi.make("PineconeData").add(
  HttpApiGroup.make("IndexData").add(
    HttpApiEndpoint.post("stats", stats.path, { ...stats, headers, error: stats.errors.map(DataError) })
      .annotate(OpenApi.Identifier, "describeIndexStats"),
    HttpApiEndpoint.get("listIds", listIds.path, { ...listIds, headers, error: listIds.errors.map(DataError) })
      .annotate(OpenApi.Identifier, "listVectors"),
    HttpApiEndpoint.get("fetch", fetch.path, { ...fetch, headers, error: fetch.errors.map(DataError) })
      .annotate(OpenApi.Identifier, "fetchVectors"),
    HttpApiEndpoint.get("listNamespaces", listNamespaces.path, {
      ...listNamespaces,
      headers,
      error: listNamespaces.errors.map(DataError)
    }).annotate(OpenApi.Identifier, "listNamespacesOperation")
  )
)
  .annotate(OpenApi.Title, "Pinecone data plane")
  // The newest version that it covers.
  .annotate(OpenApi.Version, "2026-07")

/**
 * An operation of the data plane, by the name it has in errors and traces: `"IndexData.stats"`.
 *
 * @category models
 * @since 0.1.0
 */
export type OperationName = `IndexData.${keyof typeof endpoints & string}`
