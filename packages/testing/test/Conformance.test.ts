import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as Config from "effect/Config"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { createServer } from "node:http"
import * as ConformanceTest from "./ConformanceTest.ts"
import { start } from "./support.ts"

/** The tests share a project, and every one of them makes indexes. */
const Plane = ControlPlane.layer({
  apiKey: "pcsk_conformance",
  now: DateTime.makeUnsafe(start),
  project: { indexQuota: 10_000, backupQuota: 10_000 }
})

/** Fills in host and key, unless the key is what is tested. */
const prepare = (host: string, key: string) =>
  HttpClient.mapRequest((request) =>
    request.pipe(
      HttpClientRequest.prependUrl(host),
      HttpClientRequest.setHeaders({ "api-key": key, ...request.headers })
    )
  )

const target = (host: string) =>
  Effect.gen(function*() {
    const plane = yield* ControlPlane.ControlPlane
    let count = 0
    return {
      client: prepare(host, "pcsk_conformance")(yield* HttpClient.HttpClient),
      index: Effect.suspend(() =>
        Effect.map(plane.seedIndex({ name: `index-${++count}` }), ({ name }) => String(name))
      ),
      plane
    }
  })

const MemoryTest = Layer.effect(ConformanceTest.Target, target("http://memory.localhost")).pipe(
  Layer.provide(Emulator.layerMemory),
  Layer.provide(Plane)
)

const HttpTest = Layer.effect(
  ConformanceTest.Target,
  Effect.gen(function*() {
    const { address } = yield* HttpServer.HttpServer
    return yield* target(`http://127.0.0.1:${"port" in address ? address.port : 0}`)
  })
).pipe(
  Layer.provide(FetchHttpClient.layer),
  Layer.provide(Emulator.layerServer),
  Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
  Layer.provide(Plane)
)

ConformanceTest.suite("in memory", MemoryTest, { isOurs: true })
ConformanceTest.suite("over HTTP", HttpTest, { isOurs: true })

describe("Conformance", () => {
  it("has every question that the contract leaves open and answers for an emulator", () => {
    const numbers = ConformanceTest.rows.flatMap((row) =>
      [...row.matchAll(/14\.(\d+)/g)].map(([, number]) => Number(number))
    )
    assert.deepStrictEqual([...new Set(numbers)].sort((a, b) => a - b), Array.from({ length: 32 }, (_, row) => row + 1))
  })
})

// The real service, for whoever has an account: it makes backups and schedules of the index, and deletes them.
const account = Effect.runSync(Effect.option(Effect.all({
  key: Config.String("PINECONE_CONFORMANCE_API_KEY"),
  index: Config.String("PINECONE_CONFORMANCE_INDEX")
})))
if (Option.isSome(account)) {
  const { index, key } = account.value
  const RealTest = Layer.effect(
    ConformanceTest.Target,
    Effect.map(HttpClient.HttpClient, (client) => ({
      client: prepare("https://api.pinecone.io", key)(client),
      index: Effect.succeed(index),
      plane: undefined
    }))
  ).pipe(Layer.provide(FetchHttpClient.layer))
  ConformanceTest.suite("on the real service", RealTest, { isOurs: false })
} else {
  describe("Conformance, on the real service", () => {
    it.skip("needs PINECONE_CONFORMANCE_API_KEY and PINECONE_CONFORMANCE_INDEX", () => {})
  })
}
