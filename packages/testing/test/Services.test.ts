import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import type * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { createServer } from "node:http"
import * as Long from "../../core/test/long.ts"
import * as HealthChecksTest from "./HealthChecksTest.ts"
import * as ServicesTest from "./ServicesTest.ts"
import * as WaitsTest from "./WaitsTest.ts"

const apiKey = "pcsk_emulator"

/** The tests share a project, and each test creates indexes. */
const project = { indexQuota: 10_000, backupQuota: 10_000 }

/** A client for requests that the services never send. Tests only give the path. */
const RawTest = (host: string, apiVersion: PineconeApi.ApiVersion) =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(
      HttpClient.HttpClient,
      HttpClient.mapRequest((request) =>
        request.pipe(
          HttpClientRequest.prependUrl(host),
          HttpClientRequest.setHeaders({ "api-key": apiKey, "x-pinecone-api-version": apiVersion })
        )
      )
    )
  )

/** The services in this process, without a socket. */
const MemoryTest = (apiVersion: PineconeApi.ApiVersion) =>
  RawTest("http://memory.localhost", apiVersion).pipe(
    Layer.provide(Emulator.layerMemory),
    Layer.provideMerge(PineconeMemory.layer({ apiVersion, project }))
  )

/** The services over `fetch`, on an emulator that listens on a port of this machine. */
const HttpTest = (apiVersion: PineconeApi.ApiVersion) =>
  Layer.unwrap(Effect.gen(function*() {
    const { address } = yield* HttpServer.HttpServer
    const host = `http://127.0.0.1:${"port" in address ? address.port : 0}`
    return Layer.merge(
      Pinecone.layer({ apiKey: Redacted.make(apiKey), host, apiVersion }),
      RawTest(host, apiVersion)
    )
  })).pipe(
    Layer.provide(FetchHttpClient.layer),
    Layer.provideMerge(Emulator.layerServer),
    Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
    Layer.provideMerge(ControlPlane.layer({ apiKey, project }))
  )

WaitsTest.suite("in memory, 2026-04", MemoryTest("2026-04"), 20)
WaitsTest.suite("in memory, 2026-07", MemoryTest("2026-07"), 20)
// A response over loopback takes a few milliseconds, so each wait takes long.
if (Long.isLong) WaitsTest.suite("over HTTP, 2026-07", HttpTest("2026-07"), 250)

for (const apiVersion of ["2026-04", "2026-07"] as const) {
  HealthChecksTest.suite(`in memory, ${apiVersion}`, MemoryTest(apiVersion))
  HealthChecksTest.suite(`over HTTP, ${apiVersion}`, HttpTest(apiVersion))
  ServicesTest.suite(`in memory, ${apiVersion}`, apiVersion, MemoryTest(apiVersion))
  ServicesTest.suite(`over HTTP, ${apiVersion}`, apiVersion, HttpTest(apiVersion))
}
