import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as RetryPolicy from "@pinecone-backups/core/RetryPolicy"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { createServer } from "node:http"
import * as Engine from "../src/internal/engine.ts"
import * as Settings from "../src/internal/settings.ts"
import { indexName, sendTo, stateOf } from "./support.ts"

const ask = Effect.fnUntraced(function*(path: string, method: "GET" | "POST" | "DELETE" = "GET") {
  const client = yield* HttpClient.HttpClient
  const response = yield* client.execute(
    HttpClientRequest.make(method)(path, { headers: { "api-key": "any", "x-pinecone-api-version": "2026-07" } }).pipe(
      method === "POST" ? HttpClientRequest.bodyText("{}", "application/json") : (request) => request
    )
  )
  return { status: response.status, headers: response.headers, text: yield* response.text }
})

const Plane = ControlPlane.layer({
  indexes: [{ name: "docs" }],
  schedules: [{ id: "nightly", runs: [{ status: "Scheduled" }, {}] }]
})

const Memory = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(HttpClient.HttpClient, HttpClient.mapRequest(HttpClientRequest.prependUrl("http://memory.localhost")))
).pipe(Layer.provide(Emulator.layerMemory), Layer.provideMerge(Plane))

const Http = Layer.effect(
  HttpClient.HttpClient,
  Effect.gen(function*() {
    const { address } = yield* HttpServer.HttpServer
    const client = yield* HttpClient.HttpClient
    return HttpClient.mapRequest(
      client,
      HttpClientRequest.prependUrl(`http://127.0.0.1:${"port" in address ? address.port : 0}`)
    )
  })
).pipe(
  Layer.provide(FetchHttpClient.layer),
  Layer.provideMerge(Emulator.layerServer),
  Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
  Layer.provideMerge(Plane)
)

const backups = Effect.gen(function*() {
  const plane = yield* ControlPlane.ControlPlane
  return (yield* stateOf(plane)).records.size
})

const suite = <E>(name: string, services: Layer.Layer<ControlPlane.ControlPlane | HttpClient.HttpClient, E>) =>
  layer(services)(`Fault, ${name}:`, (it) => {
    it.effect("respond returns the given response", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* plane.fault("Backups.list", Fault.respond({ status: 503 }))
        yield* plane.fault("Backups.list", Fault.respond({ status: 503, body: "" }))
        yield* plane.fault("Backups.list", Fault.respond({ status: 525, body: "error code: 525" }))
        yield* plane.fault("Backups.list", Fault.respond({ status: 400, body: { a: 1 }, headers: { "x-a": "b" } }))

        const answers = [yield* ask("/backups"), yield* ask("/backups"), yield* ask("/backups"), yield* ask("/backups")]
        assert.deepStrictEqual(answers.map(({ status, text }) => [status, text]), [
          [
            503,
            `{"error":{"code":"SERVICE_UNAVAILABLE","message":"A fault returns 503."},"status":503}`
          ],
          [503, ""],
          [525, "error code: 525"],
          [400, `{"a":1}`]
        ])
        assert.strictEqual(answers[3]?.headers["x-a"], "b")
        assert.strictEqual((yield* ask("/backups")).status, 200)
      }))

    it.effect("rateLimited responds with 429, with an optional Retry-After", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* plane.fault("*", Fault.rateLimited())
        yield* plane.fault("*", Fault.rateLimited({ retryAfter: "1500 millis" }))
        yield* plane.fault("*", Fault.rateLimited({ retryAfter: DateTime.makeUnsafe("2026-04-23T16:36:51Z") }))

        const answers = [yield* ask("/backups"), yield* ask("/nothing"), yield* ask("/restore-jobs")]
        assert.deepStrictEqual(answers.map(({ headers, status }) => [status, headers["retry-after"]]), [
          [429, undefined],
          [429, "2"],
          [429, "Thu, 23 Apr 2026 16:36:51 GMT"]
        ])
      }))

    it.effect("html and notFound respond without the error envelope", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* plane.fault("Backups.describe", Fault.html())
        yield* plane.fault("Backups.describe", Fault.notFound)

        const page = yield* ask("/backups/backup-2")
        assert.deepStrictEqual([page.status, page.headers["content-type"]], [502, "text/html"])
        assert.match(page.text, /^<!DOCTYPE html>/)
        const missing = yield* ask("/backups/backup-2")
        assert.deepStrictEqual([missing.status, missing.text], [404, `{"code":5,"message":"Not found.","details":[]}`])
      }))

    it.effect("reset breaks the connection and changes nothing, afterCommit carries out the request", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const before = yield* backups
        yield* plane.fault("Backups.create", Fault.reset)
        const create = ask("/indexes/docs/backups", "POST")

        assert.strictEqual((yield* Effect.flip(create)).reason._tag, "TransportError")
        assert.strictEqual(yield* backups, before)

        yield* plane.fault("Backups.create", Fault.afterCommit(Fault.reset))
        assert.strictEqual((yield* Effect.flip(create)).reason._tag, "TransportError")
        assert.strictEqual(yield* backups, before + 1)
      }))

    it.effect("hang never responds, and ends when the client disconnects", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* plane.fault("RestoreJobs.list", Fault.hang)
        const fiber = yield* Effect.forkChild(ask("/restore-jobs"))
        // A request takes real time to cross a socket.
        yield* TestClock.withLive(
          Effect.repeat(Effect.delay(plane.faults, "1 millis"), { until: (faults) => faults.length === 0 })
        )
        assert.isUndefined(fiber.pollUnsafe())
        yield* Fiber.interrupt(fiber)
        assert.strictEqual((yield* ask("/restore-jobs")).status, 200)
      }))

    it.effect("truncated, unknownValues and withoutFields change a response", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const path = "/backups/backup-2"
        const whole = (yield* ask(path)).text
        yield* plane.fault("Backups.describe", Fault.truncated)
        yield* plane.fault("Backups.describe", Fault.unknownValues())
        yield* plane.fault("Backups.describe", Fault.withoutFields(["status", "created_at"]))

        assert.strictEqual((yield* ask(path)).text, whole.slice(0, Math.floor(whole.length / 2)))
        const { cloud, created_at, status, ...rest } = JSON.parse(whole)
        assert.deepStrictEqual(JSON.parse((yield* ask(path)).text), {
          ...JSON.parse(JSON.stringify(rest).replace(`"metric":"cosine"`, `"metric":"Unheard"`)),
          created_at,
          cloud: "Unheard",
          status: "Unheard"
        })
        assert.deepStrictEqual(JSON.parse((yield* ask(path)).text), { ...rest, cloud })
      }))

    it.effect("oldRows returns rows of older versions in 2026-07", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* plane.fault("BackupSchedules.history", Fault.oldRows)
        const path = "/backup-schedules/nightly/history"

        const old = JSON.parse((yield* ask(path)).text).data
        assert.deepStrictEqual(old.map((row: { status: string }) => row.status), ["Ready"])
        assert.strictEqual(old[0].dimension, 1536)
        assert.isNull(old[0].tags)
        assert.notProperty(JSON.parse((yield* ask(path)).text).data[1], "dimension")
      }))
  })

suite("in memory", Memory)
suite("over HTTP", Http)

describe("Fault, on virtual time:", () => {
  it.effect("delay responds later, and changes nothing if the client gives up", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const before = yield* backups
      yield* plane.fault("Backups.create", Fault.delay("10 seconds"), { times: 2 })
      const create = ask("/indexes/docs/backups", "POST")

      const impatient = yield* Effect.forkChild(Effect.timeoutOption(create, "9 seconds"))
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual((yield* Fiber.join(impatient))._tag, "None")
      assert.strictEqual(yield* backups, before)

      const patient = yield* Effect.forkChild(create)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* Fiber.join(patient)).status, 200)
      assert.strictEqual(yield* backups, before + 1)
    }).pipe(Effect.provide(Memory)))

  it.effect("hang never responds, and can be interrupted", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.fault("Backups.list", Fault.hang)
      const fiber = yield* Effect.forkChild(ask("/backups"))
      yield* TestClock.adjust("1000 days")
      assert.isUndefined(fiber.pollUnsafe())
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
    }).pipe(Effect.provide(Memory)))

  it.effect("makes a client of core wait for Retry-After, without creating a duplicate", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const service = yield* Backups.Backups
      yield* plane.fault("Backups.create", Fault.rateLimited({ retryAfter: "30 seconds" }))

      const fiber = yield* Effect.forkChild(service.create(indexName("docs")))
      yield* TestClock.adjust("29 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber)).status, "Initializing")

      yield* plane.fault("Backups.create", Fault.afterCommit(Fault.html({ status: 504 })))
      const second = yield* Effect.forkChild(service.create(indexName("docs")))
      yield* TestClock.adjust("1 second")
      assert.isTrue((yield* Fiber.join(second)).recovered)
      assert.strictEqual((yield* stateOf(plane)).records.size, 2)
    }).pipe(Effect.provide(PineconeMemory.layer({ indexes: [{ name: "docs" }] }))))

  it.effect("can be given as options", () =>
    Effect.gen(function*() {
      const jobs = yield* RestoreJobs.RestoreJobs
      assert.strictEqual((yield* Effect.flip(jobs.listPage())).message, "A fault returns 500.")
      assert.lengthOf((yield* jobs.listPage()).data, 0)
    }).pipe(Effect.provide(PineconeMemory.layer({
      retry: RetryPolicy.none,
      faults: [{ operation: "RestoreJobs.list", fault: Fault.respond({ status: 500 }) }]
    }))))
})

describe("Fault rules", () => {
  const rule = (
    operation: Fault.Rule["operation"],
    fault: Fault.Fault,
    options: Partial<Pick<Fault.Rule, "times" | "skip">> = {}
  ): Fault.Rule => ({ operation, fault, ...options })
  const a = Fault.respond({ status: 500 })
  const b = Fault.respond({ status: 503 })

  /** Statuses of the faults of a number of requests for one operation. */
  const statuses = (rules: ReadonlyArray<Fault.Rule>, count: number, operation: Fault.Operation = "Backups.list") => {
    let left = rules
    return Array.from({ length: count }, () => {
      const [fault, next] = Engine.takeFault(left, operation, DateTime.makeUnsafe(0))
      left = next
      return fault?._tag === "Respond" ? fault.status : 200
    })
  }

  it.each<[what: string, rules: ReadonlyArray<Fault.Rule>, expected: ReadonlyArray<number>]>([
    ["happens once", [rule("*", a)], [500, 200, 200, 200]],
    ["happens so often", [rule("*", a, { times: 3 })], [500, 500, 500, 200]],
    ["happens always", [rule("*", a, { times: "always" })], [500, 500, 500, 500]],
    ["skips", [rule("*", a, { skip: 2 })], [200, 200, 500, 200]],
    ["happens in order", [rule("*", a, { times: 2 }), rule("*", b)], [500, 500, 503, 200]],
    ["lets the next one while it skips", [rule("*", a, { skip: 1 }), rule("*", b)], [503, 500, 200, 200]],
    ["does not affect other operations", [rule("Backups.create", a)], [200, 200, 200, 200]]
  ])("%s", (_, rules, expected) => {
    assert.deepStrictEqual(statuses(rules, 4), expected)
  })

  it.effect("can be listed and cleared, and reject invalid counts", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.fault("Backups.list", a, { times: 3, skip: 1 })
      assert.deepStrictEqual(yield* plane.faults, [rule("Backups.list", a, { times: 3, skip: 1 })])
      yield* sendTo(plane, "GET", "/backups")
      yield* sendTo(plane, "GET", "/backups")
      assert.deepStrictEqual(yield* plane.faults, [rule("Backups.list", a, { times: 2, skip: 0 })])
      yield* plane.clearFaults
      assert.deepStrictEqual(yield* plane.faults, [])
      assert.isTrue(Exit.hasDies(yield* Effect.exit(plane.fault("*", a, { times: 0 }))))
      assert.isTrue(Exit.hasDies(yield* Effect.exit(plane.fault("*", a, { skip: -1 }))))
    }).pipe(Effect.provide(ControlPlane.layer())))

  it.effect("lasts for a duration in the time of the service", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.fault("*", a, { for: "30 minutes" })
      yield* plane.fault("Backups.list", b, { for: "40 minutes", times: 1 })
      const happens = Effect.map(sendTo(plane, "GET", "/backups"), ({ status }) => status)
      assert.deepStrictEqual([yield* happens, yield* happens], [500, 500])
      yield* TestClock.adjust("10 minutes")
      yield* plane.advance("19 minutes")
      assert.strictEqual(yield* happens, 500)
      yield* plane.advance("1 minute")
      assert.deepStrictEqual([yield* happens, yield* happens], [503, 200])
      yield* plane.fault("*", a, { for: "1 minute" })
      assert.lengthOf(yield* plane.faults, 1)
      yield* plane.advance("1 minute")
      assert.lengthOf(yield* plane.faults, 0)
    }).pipe(Effect.provide(ControlPlane.layer())))

  it.effect.prop("round-trips through JSON", { rule: Fault.Rule }, ({ rule }) =>
    Effect.sync(() => {
      const json = Schema.fromJsonString(Schema.toCodecJson(Fault.Rule))
      const text = Schema.encodeSync(json)(rule)
      assert.strictEqual(Schema.encodeSync(json)(Schema.decodeSync(json)(text)), text)
    }))

  it.each<[json: unknown, fault: Fault.Fault]>([
    [{ _tag: "RateLimited" }, Fault.rateLimited()],
    [{ _tag: "RateLimited", retryAfter: 20 }, Fault.rateLimited({ retryAfter: "20 seconds" })],
    [{ _tag: "RateLimited", retryAfter: 1.5 }, Fault.rateLimited({ retryAfter: "1500 millis" })],
    [{ _tag: "RateLimited", retryAfter: "20" }, Fault.rateLimited({ retryAfter: "20 seconds" })],
    [{ _tag: "RateLimited", retryAfter: "20 seconds" }, Fault.rateLimited({ retryAfter: "20 seconds" })],
    [{ _tag: "RateLimited", retryAfter: "1500 millis" }, Fault.rateLimited({ retryAfter: "1500 millis" })],
    [
      { _tag: "RateLimited", retryAfter: "Thu, 23 Apr 2026 16:36:51 GMT" },
      Fault.rateLimited({ retryAfter: DateTime.makeUnsafe("2026-04-23T16:36:51Z") })
    ],
    [{ _tag: "Html" }, Fault.html()],
    [{ _tag: "UnknownValues" }, Fault.unknownValues()],
    [{ _tag: "AfterCommit", fault: { _tag: "Html" } }, Fault.afterCommit(Fault.html())],
    [{ _tag: "ClockSkew", date: "-10 minutes" }, Fault.clockSkew({ date: "-10 minutes" })],
    [
      { _tag: "ClockSkew", date: "missing", createdAt: "500 millis", age: "30 seconds" },
      Fault.clockSkew({
        date: "missing",
        createdAt: "500 millis",
        age: "30 seconds"
      })
    ],
    [{ _tag: "WrongObject" }, Fault.wrongObject()],
    [{ _tag: "WrongObject", parts: ["id"] }, Fault.wrongObject({ parts: ["id"] })],
    [{ _tag: "MissingData" }, Fault.missingData()],
    [
      { _tag: "MissingData", data: "null", pagination: "kept" },
      Fault.missingData({ data: "null", pagination: "kept" })
    ],
    [{ _tag: "UnreadableTimes", form: "number" }, Fault.unreadableTimes({ form: "number" })],
    [{ _tag: "FutureDated", by: "1 hour", stamps: true }, Fault.futureDated({ by: "1 hour", stamps: true })],
    [{ _tag: "LyingSuccess", answer: "page" }, Fault.lyingSuccess({ answer: "page" })],
    [
      { _tag: "FlawedRestore", missing: 3, statsDelay: "5 minutes", vanish: { records: 1, after: "1 hour" } },
      Fault.flawedRestore({ missing: 3, statsDelay: "5 minutes", vanish: { records: 1, after: "1 hour" } })
    ],
    [{ _tag: "AfterCommit", fault: { _tag: "WrongObject" } }, Fault.afterCommit(Fault.wrongObject())]
  ])("equals its JSON form: %j", (json, fault) => {
    assert.deepStrictEqual(Schema.decodeUnknownSync(Fault.Fault)(json), fault)
  })

  it.each<[json: unknown]>([
    [{ _tag: "RateLimited", retryAfter: "soon" }],
    [{ _tag: "RateLimited", retryAfter: "" }],
    [{ _tag: "RateLimited", retryAfter: -1 }],
    [{ _tag: "RateLimited", retryAfter: "-1 seconds" }],
    [{ _tag: "RateLimited", retryAfter: "Infinity" }],
    [{ _tag: "RateLimited", retryAfter: "2026-04-23" }],
    [{ _tag: "RateLimited", retryAfter: null }],
    [{ _tag: "WithoutFields", fields: [""] }],
    [{ _tag: "AfterCommit", fault: { _tag: "OldRows" } }],
    [{ _tag: "AfterCommit", fault: { _tag: "LyingSuccess" } }],
    [{ _tag: "AfterCommit", fault: { _tag: "FlawedRestore", empty: true } }],
    [{ _tag: "FlawedRestore", missing: -1 }],
    [{ _tag: "FlawedRestore", values: "odd" }],
    [{ _tag: "ClockSkew", date: "soon" }],
    [{ _tag: "ClockSkew", date: "Infinity" }],
    [{ _tag: "ClockSkew", createdAt: "-36526 days" }],
    [{ _tag: "ClockSkew", createdAt: "missing" }],
    [{ _tag: "ClockSkew", age: "-1 seconds" }],
    [{ _tag: "WrongObject", parts: ["host"] }],
    [{ _tag: "MissingData", data: "kept" }],
    [{ _tag: "UnreadableTimes", form: "" }],
    [{ _tag: "FutureDated", by: "-1 seconds" }],
    [{ _tag: "LyingSuccess", answer: "after" }],
    [{ _tag: "Html", status: null }]
  ])("is invalid as JSON: %j", (json) => {
    assert.isTrue(Result.isFailure(Schema.decodeUnknownResult(Fault.Fault)(json)))
  })

  it.effect("dies in memory if chooseFault dies", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.make({ chooseFault: () => Effect.die("broken") })
      assert.deepStrictEqual(yield* Effect.exit(sendTo(plane, "GET", "/backups")), Exit.die("broken"))
    }))

  it.effect.each<[choose: () => Effect.Effect<never>, message: string]>([
    [() => Effect.die("broken"), "Internal server error"],
    [
      () => Effect.succeed(Object({ _tag: "Respond", status: 99 })),
      "chooseFault.status: Expected a value between 200 and 599, got 99"
    ],
    [() => Object(Fault.hang), "chooseFault: Expected a function that returns an Effect"]
  ])(
    "responds over HTTP with the error envelope if chooseFault fails: %#",
    ([chooseFault, message]) =>
      Effect.gen(function*() {
        const { app, requests } = yield* ControlPlane.make({ chooseFault })
        const request = new Request("http://localhost/backups", { headers: { "api-key": "any" } })
        const response = yield* Effect.flatten(app).pipe(
          Effect.provideService(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromWeb(request)),
          Effect.map(HttpServerResponse.toWeb)
        )
        assert.strictEqual(response.status, 500)
        assert.deepStrictEqual(yield* Effect.promise(() => response.json()), {
          error: { code: "UNKNOWN", message },
          status: 500
        })
        assert.deepStrictEqual((yield* requests).map(({ status }) => status), [500])
      })
  )

  it.effect("can be chosen for each request, based on the rules", () =>
    Effect.gen(function*() {
      const asked: Array<readonly [Fault.Operation | undefined, string | undefined]> = []
      const plane = yield* ControlPlane.make({
        faults: [rule("Backups.list", a)],
        chooseFault: (operation, fault) =>
          Effect.sync(() => {
            asked.push([operation, fault?._tag])
            return fault ?? b
          })
      })
      const statuses = yield* Effect.forEach(["/backups", "/nothing"], (path) => sendTo(plane, "GET", path))
      assert.deepStrictEqual(statuses.map(({ status }) => status), [500, 503])
      assert.deepStrictEqual(asked, [["Backups.list", "Respond"], [undefined, undefined]])
    }))

  it("encodes a duration as a string", () => {
    assert.deepStrictEqual(Schema.encodeSync(Fault.Fault)(Fault.delay("2 seconds")), {
      _tag: "Delay",
      duration: "2000 millis"
    })
    assert.isTrue(Result.isFailure(Schema.decodeUnknownResult(Fault.Fault)({ _tag: "Respond", status: 99 })))
    assert.strictEqual(Duration.toMillis(Fault.delay("2 seconds").duration), 2000)
  })

  it("accepts the operations of the contract", () => {
    assert.lengthOf(Settings.Operation.literals, 22)
  })
})

describe("a fault that changes a response", () => {
  const plane = ControlPlane.make({
    indexes: [{ name: "docs" }],
    schedules: [{ id: "nightly", indexName: "docs" }],
    backups: [{ backupId: Backup.BackupId.make("kept"), indexName: "docs" }]
  })

  it.effect.each<[name: string, fault: Fault.Fault]>([
    ["truncated", Fault.truncated],
    ["unknownValues", Fault.unknownValues()],
    ["withoutFields", Fault.withoutFields(["name"])],
    ["oldRows", Fault.oldRows]
  ])("keeps the status: %s", ([, fault]) =>
    Effect.gen(function*() {
      const service = yield* plane
      yield* service.fault("*", fault, { times: "always" })
      const statuses = yield* Effect.forEach(
        [
          ["GET", "/backups/kept"],
          ["GET", "/backups/nope"],
          ["POST", "/indexes/docs/backups"],
          ["DELETE", "/backups/kept"]
        ] as const,
        ([method, path]) => sendTo(service, method, path, method === "POST" ? { name: "UPPER" } : undefined)
      )
      assert.deepStrictEqual(statuses.map(({ status }) => status), [200, 404, 400, 202])
    }))

  it.effect.each<[path: string, names: ReadonlyArray<string>]>([
    ["/indexes/docs/backup-schedules", ["frequency", "schedule_type"]],
    ["/backups", ["status", "cloud"]],
    ["/indexes", ["state", "metric", "deletion_protection", "cloud"]],
    ["/backups/nope", ["code"]]
  ])("replaces every enumerated value: %s", ([path, names]) =>
    Effect.gen(function*() {
      const service = yield* plane
      const before = (yield* sendTo(service, "GET", path)).text
      yield* service.fault("*", Fault.unknownValues({ value: "Odd" }))
      const { text } = yield* sendTo(service, "GET", path)
      for (const name of names) {
        assert.match(before, new RegExp(`"${name}":"(?!Odd")`))
        assert.include(text, `"${name}":"Odd"`)
        assert.notMatch(text, new RegExp(`"${name}":"(?!Odd")`))
      }
    }))
})

describe("a deleted backup that can still be read", () => {
  const deleted = Effect.gen(function*() {
    const plane = yield* ControlPlane.make({
      schedules: [{ id: "nightly", runs: [{ backupId: Backup.BackupId.make("made") }] }],
      project: { deletionDelay: Duration.hours(1) }
    })
    assert.strictEqual((yield* sendTo(plane, "DELETE", "/backups/made")).status, 202)
    assert.strictEqual((yield* sendTo(plane, "GET", "/backups/made")).status, 200)
    return plane
  })

  it.effect("disappears on time, even if the retention of its schedule changes", () =>
    Effect.gen(function*() {
      const plane = yield* deleted
      const retention = { retention: { expire_after_days: 90 } }
      assert.strictEqual((yield* sendTo(plane, "PATCH", "/backup-schedules/nightly", retention)).status, 200)
      yield* TestClock.adjust("59 minutes")
      assert.strictEqual((yield* sendTo(plane, "GET", "/backups/made")).status, 200)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* sendTo(plane, "GET", "/backups/made")).status, 404)
    }))

  it.effect("does not disappear earlier if it is deleted again", () =>
    Effect.gen(function*() {
      const plane = yield* deleted
      yield* plane.configure({ project: { deletionDelay: Duration.minutes(1) } })
      assert.strictEqual((yield* sendTo(plane, "DELETE", "/backups/made")).status, 202)
      yield* TestClock.adjust("59 minutes")
      assert.strictEqual((yield* sendTo(plane, "GET", "/backups/made")).status, 200)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* sendTo(plane, "GET", "/backups/made")).status, 404)
    }))
})
