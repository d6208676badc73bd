import type * as Endpoints from "@pinecone-backups/core/Endpoints"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** An endpoint that this library does not have. Its operation in errors, metrics and traces is `Collections.describe`. */
const describeCollection = {
  group: "Collections",
  name: "describe",
  method: "GET",
  path: "/collections/:collection_name",
  params: { collection_name: Schema.NonEmptyString },
  success: Schema.Struct({ name: Schema.String, status: Schema.String }),
  errors: [404]
} as const satisfies Endpoints.Endpoint

export const statusOf = Effect.fn("statusOf")(function*(collection_name: string) {
  const client = yield* PineconeClient.PineconeClient
  const { status } = yield* client.execute(describeCollection, { params: { collection_name } })
  return status
})
