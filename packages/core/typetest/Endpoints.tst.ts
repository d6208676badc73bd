import type * as Backup from "@pinecone-backups/core/Backup"
import * as Endpoints from "@pinecone-backups/core/Endpoints"
import type * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import type * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "tstyche"

declare const client: PineconeClient.Service
declare const index_name: PineconeIndex.IndexName
declare const backup_id: Backup.BackupId

const base = { group: "Collections", name: "create", method: "POST", path: "/collections/:name", errors: [] } as const

/** A schema that needs a service to decode and to encode. */
declare const withService: Schema.Codec<string, string, "service", "service">

describe("PineconeClient.execute", () => {
  it("returns the model of the endpoint", () => {
    expect(client.execute(Endpoints.Backups.describe, { params: { backup_id } })).type.toBe<
      Effect.Effect<Backup.Backup, PineconeError.PineconeError>
    >()
    expect(client.execute(Endpoints.Backups.delete, { params: { backup_id } })).type.toBe<
      Effect.Effect<void, PineconeError.PineconeError>
    >()
  })

  it("returns an unknown value if the type of the endpoint does not show whether there is one", () => {
    expect<Endpoints.EndpointSuccess<Endpoints.Endpoint>>().type.toBe<unknown>()
  })

  it("accepts only the request of the endpoint", () => {
    expect(client.execute).type.toBeCallableWith(Endpoints.Backups.create, { params: { index_name }, payload: {} })
    expect(client.execute).type.not.toBeCallableWith(Endpoints.Backups.create, { params: { index_name } })
    expect(client.execute).type.not.toBeCallableWith(Endpoints.Backups.create, { params: { backup_id }, payload: {} })
    expect(client.execute).type.not.toBeCallableWith(Endpoints.Backups.describe, { params: { backup_id: "b" } })
  })
})

describe("Endpoint", () => {
  it("has the name of its operation", () => {
    expect(Endpoints.Backups.create.group).type.toBe<"Backups">()
    expect(Endpoints.Backups.create.name).type.toBe<"create">()
  })

  it("accepts a body that encodes to JSON", () => {
    expect<Endpoints.Endpoint>().type.toBeAssignableFrom({
      ...base,
      payload: Schema.Struct({ at: Schema.DateTimeUtcFromString, tag: Schema.optionalKey(Schema.String) })
    })
  })

  it("rejects a body that JSON cannot express", () => {
    expect<Endpoints.Endpoint>().type.not.toBeAssignableFrom({
      ...base,
      payload: Schema.Struct({ count: Schema.BigInt })
    })
    expect<Endpoints.Endpoint>().type.not.toBeAssignableFrom({ ...base, payload: Schema.Struct({ at: Schema.Date }) })
    expect<Endpoints.Endpoint>().type.not.toBeAssignableFrom({ ...base, payload: Schema.Unknown })
  })

  it("rejects a schema that needs a service", () => {
    expect<Endpoints.Endpoint>().type.not.toBeAssignableFrom({ ...base, payload: withService })
    expect<Endpoints.Endpoint>().type.not.toBeAssignableFrom({ ...base, success: withService })
  })

  it("accepts parameters that a URL can express", () => {
    expect<Endpoints.Endpoint>().type.toBeAssignableFrom({
      ...base,
      params: { name: Schema.String },
      query: { limit: Schema.optionalKey(Schema.Int), all: Schema.Boolean, ids: Schema.Array(Schema.String) }
    })
  })

  it("rejects parameters that a URL cannot express", () => {
    const filter = Schema.Struct({ a: Schema.String })
    expect<Endpoints.Endpoint>().type.not.toBeAssignableFrom({ ...base, query: { filter } })
    expect<Endpoints.Endpoint>().type.not.toBeAssignableFrom({ ...base, query: { name: Schema.NullOr(Schema.String) } })
    expect<Endpoints.Endpoint>().type.not.toBeAssignableFrom({ ...base, query: { ids: Schema.Array(Schema.Int) } })
    expect<Endpoints.Endpoint>().type.not.toBeAssignableFrom({ ...base, params: { ids: Schema.Array(Schema.String) } })
  })
})
