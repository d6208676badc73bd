import * as Backups from "@pinecone-backups/core/Backups"
import * as Project from "@pinecone-backups/core/Project"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

// One class per project. The compiler knows which project a program needs.
export class Billing extends Project.Service<Billing>()("app/Billing") {}
export class Search extends Project.Service<Search>()("app/Search") {}

export const layer = Layer.mergeAll(
  Billing.layerConfig({ apiKey: Config.Redacted("BILLING_PINECONE_KEY") }),
  Search.layerConfig({ apiKey: Config.Redacted("SEARCH_PINECONE_KEY"), requestTimeout: "10 seconds" })
)

export const counts = Effect.gen(function*() {
  const billing = yield* Billing
  const search = yield* Search
  return {
    billing: yield* Stream.runCount(billing.backups.list()),
    search: yield* Stream.runCount(search.backups.list())
  }
})

// Code for one project uses the usual services, which its project provides.
const newest = Effect.gen(function*() {
  const backups = yield* Backups.Backups
  return yield* Stream.runHead(backups.list())
})

export const newestOfSearch = Effect.provide(newest, Search.layerServices)
