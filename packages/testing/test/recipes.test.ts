import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Effect3 from "effect3/Effect"
import * as Fiber3 from "effect3/Fiber"
import { execFile } from "node:child_process"
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"
import * as Effect3Recipe from "../../core/examples/effect3.ts"
import * as HttpHandler from "../../core/examples/http-handler.ts"
import * as Projects from "../../core/examples/projects.ts"
import * as Promises from "../../core/examples/promises.ts"
import Worker from "../../core/examples/worker.ts"

const root = new URL("../../../", import.meta.url)

const job = "restored"
const seeds = { restoreJobs: [{ id: job, targetIndexName: "docs-copy" }], schedules: [{ id: "nightly", runs: 3 }] }

const Memory = PineconeMemory.layer(seeds)

const Listening = NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })

const address = Effect.map(
  HttpServer.HttpServer,
  ({ address }) => `http://127.0.0.1:${"port" in address ? address.port : 0}`
)

/** A simulated Pinecone on a port of this machine. */
const Server = Emulator.layerServer.pipe(
  Layer.provideMerge(Listening),
  Layer.provide(ControlPlane.layer({ ...seeds, apiKey: "pcsk_recipes" }))
)

/** A server that never responds, and reports when a request arrives and when the client disconnects. */
const Silent = Effect.gen(function*() {
  const arrived = yield* Deferred.make<void>()
  const hungUp = yield* Deferred.make<void>()
  const host = yield* Effect.acquireRelease(
    Effect.callback<{ readonly url: string; readonly close: () => void }>((resume) => {
      const server = createServer((_, response) => {
        response.on("close", () => Deferred.doneUnsafe(hungUp, Effect.void))
        Deferred.doneUnsafe(arrived, Effect.void)
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        resume(Effect.succeed({
          url: `http://127.0.0.1:${port}`,
          close: () => {
            server.closeAllConnections()
            server.close()
          }
        }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )
  const services = Layer.provide(
    Pinecone.layer({ apiKey: Redacted.make("pcsk_recipes"), host: host.url }),
    FetchHttpClient.layer
  )
  return { services, arrived: Deferred.await(arrived), hungUp: Deferred.await(hungUp) }
})

const closed = <A extends { readonly close: () => Promise<void> }>(make: () => A) =>
  Effect.acquireRelease(Effect.sync(make), ({ close }) => Effect.promise(close))

describe("recipes", () => {
  it.live("http-handler: responds, and maps errors to statuses", () =>
    Effect.gen(function*() {
      const { handle } = yield* closed(() => HttpHandler.makeHandler(Memory))
      const get = (index: string) =>
        Effect.promise(() => handle(new Request(`http://app.localhost/backups?index=${index}`)))
      const response = yield* get("docs")
      const rows = yield* Effect.promise(() => response.json())
      assert.strictEqual(response.status, 200)
      assert.lengthOf(rows, 3)
      assert.property(rows[0], "backup_id")
      assert.strictEqual((yield* get("other")).status, 404)
      assert.strictEqual((yield* get("")).status, 400)
    }))

  it.live("http-handler: a client that disconnects interrupts the request to Pinecone", () =>
    Effect.gen(function*() {
      const silent = yield* Silent
      const { handle } = yield* closed(() => HttpHandler.makeHandler(silent.services))
      const controller = new AbortController()
      const answer = yield* Effect.forkChild(Effect.flip(Effect.tryPromise({
        try: () => handle(new Request("http://app.localhost/backups?index=docs", { signal: controller.signal })),
        catch: String
      })))
      yield* silent.arrived
      controller.abort()
      yield* silent.hungUp
      assert.include(yield* Fiber.join(answer), "interrupted")
    }))

  it.live("promises: resolve, iterate, and reject with the error of the library", () =>
    Effect.gen(function*() {
      const client = yield* closed(() => Promises.connect(Memory))
      assert.strictEqual((yield* Effect.promise(() => client.restoreJob(job))).targetIndexName, "docs-copy")

      const iterable = yield* Effect.promise(() => client.history("nightly"))
      const runs = yield* Stream.runCollect(Stream.orDie(Stream.fromAsyncIterable(iterable, String)))
      assert.deepStrictEqual(runs.map(({ status }) => status), ["Scheduled", "Ready", "Ready", "Ready"])

      const error = yield* Effect.flip(Effect.tryPromise({
        try: () => client.restoreJob("none"),
        catch: (error) => PineconeError.isPineconeError(error) ? error : String(error)
      }))
      assert.instanceOf(error, PineconeError.NotFound)
      assert.match(Promises.explain(error), /^PineconeNotFound \(notFound\): Restore job/)
    }))

  it.live("promises: a signal interrupts", () =>
    Effect.gen(function*() {
      const silent = yield* Silent
      const client = yield* closed(() => Promises.connect(silent.services))
      const controller = new AbortController()
      const call = yield* Effect.forkChild(
        Effect.flip(Effect.tryPromise({
          try: () => client.restoreJob(job, { signal: controller.signal }),
          catch: Promises.explain
        }))
      )
      yield* silent.arrived
      controller.abort()
      yield* silent.hungUp
      assert.strictEqual(yield* Fiber.join(call), "Error: All fibers interrupted without error")
    }))

  it.live("effect3: receives plain data and tagged errors, with both versions in one process", () =>
    Effect.gen(function*() {
      const client = yield* closed(() => Promises.connect(Memory))
      const pinecone = Effect3Recipe.make(client)
      const run = <A, E>(effect: Effect3.Effect<A, E>) => Effect.promise(() => Effect3.runPromise(effect))
      assert.include(yield* run(pinecone.restoreJob(job)), { restore_job_id: job, status: "Completed" })
      const caught = pinecone.restoreJob("none").pipe(
        Effect3.catchTag("PineconeFailure", ({ isRetryable, reason }) => Effect3.succeed({ isRetryable, reason }))
      )
      assert.deepStrictEqual(yield* run(caught), { isRetryable: false, reason: "PineconeNotFound" })
    }))

  it.live("effect3: an interruption in Effect 3 ends the request", () =>
    Effect.gen(function*() {
      const silent = yield* Silent
      const client = yield* closed(() => Promises.connect(silent.services))
      const fiber = Effect3.runFork(Effect3Recipe.make(client).restoreJob(job))
      yield* silent.arrived
      yield* Effect.promise(() => Effect3.runPromise(Effect3.asVoid(Fiber3.interrupt(fiber))))
      yield* silent.hungUp
    }))

  it.live("commonjs: Node requires the packages from a .cjs file", () =>
    Effect.gen(function*() {
      const host = yield* address
      const script = `
        const { PineconeBackups, pineconeProvider } = require(${
        JSON.stringify(
          fileURLToPath(new URL("packages/core/examples/commonjs.cjs", root))
        )
      })
        const backups = pineconeProvider.useFactory()
        if (!(backups instanceof PineconeBackups)) throw new Error("not what the token says")
        backups.restoreJob(process.argv[1])
          .then((job) => console.log(job.status), (error) => console.log(error._tag))
          .finally(() => backups.onModuleDestroy())`
      const run = (id: string) =>
        Effect.callback<string>((resume) => {
          execFile(
            fileURLToPath(new URL("node_modules/.bin/node", root)),
            ["--input-type=commonjs", "--eval", script, id],
            { env: { PINECONE_API_KEY: "pcsk_recipes", PINECONE_CONTROLLER_HOST: host }, timeout: 60_000 },
            (error, stdout, stderr) => resume(error ? Effect.die(new Error(stderr)) : Effect.succeed(stdout.trim()))
          )
        })
      assert.deepStrictEqual(yield* Effect.all([run(job), run("none")]), ["Completed", "PineconeNotFound"])
    }).pipe(Effect.provide(Server)))

  it.live("worker: reads its settings from env, ignores other bindings, and shares nothing between requests", () =>
    Effect.gen(function*() {
      const env = {
        PINECONE_API_KEY: "pcsk_recipes",
        PINECONE_CONTROLLER_HOST: yield* address,
        BUCKET: new Map(),
        get BROKEN(): string {
          throw new Error("a binding that must not be read")
        }
      }
      const { BUCKET, PINECONE_API_KEY, PINECONE_CONTROLLER_HOST } = env
      const settings = { BUCKET, PINECONE_API_KEY, PINECONE_CONTROLLER_HOST }
      const fetch = (env: Parameters<typeof Worker.fetch>[1]) =>
        Effect.promise(() => Worker.fetch(new Request("http://worker.localhost/"), env))
      const response = yield* fetch(env)
      assert.deepStrictEqual(yield* Effect.promise(() => response.json()), ["docs", "docs-copy"])
      assert.strictEqual((yield* fetch({ ...settings, PINECONE_API_KEY: "" })).status, 502)
      assert.strictEqual((yield* fetch({ ...settings, PINECONE_API_KEY: "wrong" })).status, 502)
      assert.strictEqual((yield* fetch(settings)).status, 200)
    }).pipe(Effect.provide(Server)))

  it.live("projects: each has a separate key and service", () =>
    Effect.gen(function*() {
      const billing = Layer.provide(Projects.Billing.layerNoDeps, PineconeMemory.layer({ backups: [{}] }))
      const search = Layer.provide(
        Projects.Search.layerNoDeps,
        PineconeMemory.layer({ backups: [{ name: "older" }, { name: "newest" }] })
      )
      const test = Layer.mergeAll(billing, search)
      assert.deepStrictEqual(yield* Effect.provide(Projects.counts, test), { billing: 1, search: 2 })
      assert.isTrue(Option.isSome(yield* Effect.provide(Projects.newestOfSearch, test)))

      const env = (env: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromUnknown(env))
      const settings = { PINECONE_CONTROLLER_HOST: yield* address, BILLING_PINECONE_KEY: "pcsk_recipes" }
      const layer = Layer.provide(Projects.layer, FetchHttpClient.layer)
      const counts = (more: Record<string, string>) =>
        Effect.provide(Projects.counts, Layer.provide(layer, env({ ...settings, ...more })))
      assert.deepStrictEqual(yield* counts({ SEARCH_PINECONE_KEY: "pcsk_recipes" }), { billing: 3, search: 3 })
      assert.instanceOf(yield* Effect.flip(counts({ SEARCH_PINECONE_KEY: "wrong" })), PineconeError.Unauthenticated)
      assert.include(String(yield* Effect.flip(counts({}))), "SEARCH_PINECONE_KEY")
    }).pipe(Effect.provide(Server)))
})
