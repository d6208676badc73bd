import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import type * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { createServer } from "node:http"
import * as ServicesTest from "./ServicesTest.ts"

/** The services over `fetch`, on an emulator that listens on a port of this machine. */
const HttpTest = (apiVersion: PineconeApi.ApiVersion) =>
  Layer.unwrap(Effect.gen(function*() {
    const { address } = yield* HttpServer.HttpServer
    const port = "port" in address ? address.port : 0
    return Pinecone.layer({
      apiKey: Redacted.make("pcsk_emulator"),
      host: `http://127.0.0.1:${port}`,
      apiVersion
    })
  })).pipe(
    Layer.provide(FetchHttpClient.layer),
    Layer.provideMerge(Emulator.layerServer),
    Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
    Layer.provideMerge(ControlPlane.layer({ apiKey: "pcsk_emulator" }))
  )

for (const apiVersion of ["2026-04", "2026-07"] as const) {
  ServicesTest.suite(`in memory, ${apiVersion}`, PineconeMemory.layer({ apiVersion }))
  ServicesTest.suite(`over HTTP, ${apiVersion}`, HttpTest(apiVersion))
}
