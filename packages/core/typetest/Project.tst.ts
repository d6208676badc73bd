import type * as Backups from "@pinecone-backups/core/Backups"
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as Project from "@pinecone-backups/core/Project"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Layer from "effect/Layer"
import { describe, expect, it } from "tstyche"

describe("Project.Service", () => {
  class Billing extends Project.Service<Billing>()("typetest/Billing") {}
  class Search extends Project.Service<Search>()("typetest/Search") {}

  it("rejects the services of a different project", () => {
    const program = Effect.map(Billing, ({ backups }) => backups)
    expect(program).type.toBe<Effect.Effect<Backups.Service, never, Billing>>()
    const other = Search.layerConfig({ apiKey: Config.Redacted("SEARCH_PINECONE_KEY") })
    // The requirements that remain after providing the other project: all of them.
    expect<Exclude<Effect.Services<typeof program>, Layer.Success<typeof other>>>().type.toBe<Billing>()
    expect<Layer.Error<typeof other>>().type.toBe<Config.ConfigError | PineconeError.InvalidInput>()
  })

  it("requires an API key", () => {
    expect(Search.layerConfig).type.not.toBeCallableWith({})
    expect(Search.layerConfig).type.not.toBeCallableWith({ apiKey: undefined })
  })
})

describe("layerConfig", () => {
  it("fails with InvalidInput only if it has options", () => {
    expect(Pinecone.layerConfig()).type.toBe<
      Layer.Layer<Pinecone.Services, Config.ConfigError, HttpClient.HttpClient>
    >()
    expect(Pinecone.layerConfig({})).type.toBe<
      Layer.Layer<Pinecone.Services, Config.ConfigError | PineconeError.InvalidInput, HttpClient.HttpClient>
    >()
  })
})
