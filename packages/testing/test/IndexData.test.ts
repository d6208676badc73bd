import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as IndexData from "@pinecone-backups/core/drill/IndexData"
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import type * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as RetryPolicy from "@pinecone-backups/core/RetryPolicy"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { createServer } from "node:http"
import { port } from "./http.ts"
import * as IndexDataTest from "./IndexDataTest.ts"

const apiKey = "pcsk_emulator"

/** The tests share a project, and each test creates indexes. Requests are not retried. */
const options = { project: { indexQuota: 10_000, backupQuota: 10_000 }, retry: RetryPolicy.none }

/** In this process, where the host of an index is a name that cannot be resolved. */
const MemoryTest = (apiVersion: PineconeApi.ApiVersion) =>
  Layer.provideMerge(IndexData.layer, PineconeMemory.layer({ ...options, apiVersion }))

/** Over `fetch`, where the host of an index is a path on the server. */
const HttpTest = (apiVersion: PineconeApi.ApiVersion) =>
  Layer.mergeAll(Pinecone.layerServices, IndexData.layer).pipe(
    Layer.provide(Layer.unwrap(Effect.map(port, (port) =>
      PineconeClient.layer({
        ...options,
        apiKey: Redacted.make(apiKey),
        host: `http://127.0.0.1:${port}`,
        apiVersion
      })))),
    Layer.provide(FetchHttpClient.layer),
    Layer.provideMerge(Emulator.layerServer),
    Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
    Layer.provideMerge(ControlPlane.layer({ ...options, apiKey }))
  )

for (const apiVersion of ["2026-04", "2026-07"] as const) {
  IndexDataTest.suite(`in memory, ${apiVersion}`, MemoryTest(apiVersion))
  IndexDataTest.suite(`over HTTP, ${apiVersion}`, HttpTest(apiVersion))
}
