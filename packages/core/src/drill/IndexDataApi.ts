/**
 * The HTTP contract of the data plane, limited to the operations of `IndexData`. The paths are relative to the host of the
 * index. `IndexData` and the emulator use the same definitions.
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
 * Schema for an error of the data plane: a gRPC status code as a number, sent with an HTTP status.
 *
 * @category schemas
 * @since 0.1.0
 */
export const DataError = <const Status extends number>(status: Status) =>
  Schema.Struct({ code: Schema.Int, message: Schema.String, details: Schema.Array(Schema.Json) }).pipe(
    HttpApiSchema.status(status)
  )

/** Set by `PineconeClient` on every request, with the API key. */
const headers = { "x-pinecone-api-version": Schema.optionalKey(Schema.String) }

const { fetch, listIds, listNamespaces, stats } = endpoints

/**
 * The contract. Endpoints have the names of the operations of `IndexData`, which errors and traces use too.
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
  // The newest supported version.
  .annotate(OpenApi.Version, "2026-07")

/**
 * The name of an operation of the data plane in errors and traces, such as `"IndexData.stats"`.
 *
 * @category models
 * @since 0.1.0
 */
export type OperationName = `IndexData.${keyof typeof endpoints & string}`
