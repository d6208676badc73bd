import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { once } from "node:events"
import { Worker } from "node:worker_threads"
import * as Node from "../examples/node.ts"
import * as BackupSchedule from "../src/BackupSchedule.ts"
import * as BackupSchedules from "../src/BackupSchedules.ts"
import * as Pinecone from "../src/Pinecone.ts"
import { apiKey, row } from "./support.ts"

/** Answers every request with the next text, and counts the requests in shared memory. Runs in a thread of its own. */
const server = `
  const { createServer } = require("node:http")
  const { parentPort, workerData: { requests, texts } } = require("node:worker_threads")
  createServer((request, response) => {
    const text = texts[Atomics.add(requests, 0, 1)]
    Atomics.notify(requests, 0)
    response.setHeader("content-type", "application/json").end(text)
  }).listen(0, "127.0.0.1", function() { parentPort.postMessage(this.address().port) })
`

const pages = 5

/** Starts the server, which stops with the scope. Returns its URL and the count. */
const serve = Effect.gen(function*() {
  const requests = new Int32Array(new SharedArrayBuffer(4))
  const texts = Array.from({ length: pages }, (_, index) =>
    JSON.stringify({
      data: [row(`run-${index}`)],
      pagination: index + 1 < pages ? { next: `token-${index}` } : null
    }))
  const worker = yield* Effect.acquireRelease(
    Effect.sync(() => new Worker(server, { eval: true, workerData: { requests, texts } })),
    (worker) => Effect.promise(() => worker.terminate())
  )
  const [port] = yield* Effect.promise(() => once(worker, "message"))
  return { host: `http://127.0.0.1:${port}`, requests }
})

describe("the prefetch option", () => {
  it.effect.each([["fetch", Pinecone.layerFetch], ["the client for Node", Node.layer]] as const)(
    "sends the next request before a consumer that never waits processes a page: %s",
    ([, layer]) =>
      Effect.gen(function*() {
        const { host, requests } = yield* serve
        const env = { PINECONE_API_KEY: apiKey, PINECONE_CONTROLLER_HOST: host }
        let processed = 0
        /** Blocks this thread until the next page was requested. */
        const block = () => {
          const wanted = Math.min(++processed + 1, pages)
          for (let count = 0; count < wanted; count = Atomics.load(requests, 0)) {
            assert.notStrictEqual(Atomics.wait(requests, 0, count, 5_000), "timed-out", `page ${wanted}`)
          }
        }
        yield* BackupSchedules.BackupSchedules.use((schedules) =>
          Stream.runForEach(
            schedules.history(BackupSchedule.ScheduleId.make("nightly"), { prefetch: 1 }),
            () => Effect.sync(block)
          )
        ).pipe(Effect.provide(Layer.provide(layer, ConfigProvider.layer(ConfigProvider.fromUnknown(env)))))
        assert.strictEqual(processed, pages)
      }).pipe(Effect.scoped)
  )
})
