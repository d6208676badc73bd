import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it, layer } from "@effect/vitest"
import * as ControlApi from "@pinecone-backups/testing/ControlApi"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as HostGuard from "@pinecone-backups/testing/HostGuard"
import * as ByteSize from "effect/ByteSize"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as HttpApiClient from "effect/http-api/HttpApiClient"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import { createServer } from "node:http"
import { MaxControlSize } from "../src/internal/server.ts"
import { port, sendRaw, ServerTest } from "./http.ts"
import { iso, start, stateOf } from "./support.ts"

const Service = ControlPlane.layer({ now: DateTime.makeUnsafe(start), speed: 0, apiKey: "pcsk_secret" })

/** A client derived from the routes, as in any TypeScript program. */
const client = Effect.flatMap(
  port,
  (port) => HttpApiClient.make(ControlApi.ControlApi, { baseUrl: `http://127.0.0.1:${port}` })
)

const backup = { "api-key": "pcsk_secret" }

layer(ServerTest.pipe(Layer.provideMerge(Service), Layer.provideMerge(FetchHttpClient.layer)))("ControlApi", (it) => {
  it.effect("adds seeds, and reports contradictions with the state", () =>
    Effect.gen(function*() {
      const { Emulator } = yield* client
      yield* Emulator.seed({
        payload: { schedules: [{ id: "nightly", runs: [{ status: "InitializationFailed" }, {}] }] }
      })
      const history = yield* sendRaw({ path: "/backup-schedules/nightly/history", headers: backup })
      assert.deepStrictEqual(
        JSON.parse(history.text).data.map(({ status }: { status: string }) => status),
        ["Scheduled", "InitializationFailed", "Ready"]
      )
      const again = yield* sendRaw({
        method: "POST",
        path: "/_emulator/seed",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ indexes: [{ name: "other" }], schedules: [{ id: "nightly" }] })
      })
      assert.deepStrictEqual([again.status, JSON.parse(again.text)], [409, {
        error: { code: "ALREADY_EXISTS", message: "A schedule with the ID nightly already exists." },
        status: 409
      }])
      const plane = yield* ControlPlane.ControlPlane
      assert.strictEqual((yield* stateOf(plane)).indexes.size, 1)
    }))

  it.effect("moves the time and changes its speed", () =>
    Effect.gen(function*() {
      const { Emulator } = yield* client
      const { now } = yield* Emulator.advance({ payload: { duration: Duration.days(7) } })
      assert.strictEqual(iso(now), "2026-04-30T16:36:51Z")
      assert.deepStrictEqual((yield* Emulator.now()).now, now)
      assert.deepStrictEqual((yield* Emulator.setSpeed({ payload: { speed: 0 } })).now, now)
    }))

  it.effect("adds, lists and clears faults", () =>
    Effect.gen(function*() {
      const { Emulator } = yield* client
      yield* Emulator.fault({ payload: { operation: "Backups.list", fault: Fault.html({ status: 503 }), skip: 1 } })
      assert.deepStrictEqual(yield* Emulator.faults(), [
        { operation: "Backups.list", fault: Fault.html({ status: 503 }), skip: 1 }
      ])
      const list = sendRaw({ path: "/backups", headers: backup })
      assert.deepStrictEqual([(yield* list).status, (yield* list).status, (yield* list).status], [200, 503, 200])
      yield* Emulator.fault({ payload: { operation: "Backups.list", fault: Fault.html(), for: Duration.minutes(30) } })
      assert.deepStrictEqual([(yield* list).status, (yield* list).status], [502, 502])
      yield* Emulator.advance({ payload: { duration: Duration.minutes(30) } })
      assert.strictEqual((yield* list).status, 200)
      yield* Emulator.fault({ payload: { operation: "*", fault: Fault.hang, times: "always" } })
      yield* Emulator.clearFaults()
      assert.deepStrictEqual(yield* Emulator.faults(), [])
    }))

  it.effect("sends or omits the Date of a fault", () =>
    Effect.gen(function*() {
      const { Emulator } = yield* client
      const plane = yield* ControlPlane.ControlPlane
      const date = Effect.map(sendRaw({ path: "/backups", headers: backup }), ({ headers }) => headers.date)
      const later = (duration: Duration.Input) =>
        Effect.map(plane.now, (now) => DateTime.toDateUtc(DateTime.addDuration(now, duration)).toUTCString())
      yield* Emulator.fault({ payload: { operation: "*", fault: Fault.clockSkew({ date: "missing" }) } })
      yield* Emulator.fault({ payload: { operation: "*", fault: Fault.clockSkew({ date: "-10 minutes" }) } })
      assert.deepStrictEqual(
        [yield* date, yield* date, yield* date],
        [undefined, yield* later("-10 minutes"), yield* later(0)]
      )
    }))

  it.effect("lists received requests, without control requests", () =>
    Effect.gen(function*() {
      const { Emulator } = yield* client
      yield* Emulator.clearRequests()
      yield* sendRaw({ path: "/backups?limit=3", headers: backup })
      yield* sendRaw({ path: "/nothing" })
      const create = "/indexes/docs/backups"
      yield* sendRaw({ method: "POST", path: create, headers: backup, body: `{"name":"B"}` })
      assert.deepStrictEqual(yield* Emulator.requests(), [
        {
          method: "GET",
          operation: "Backups.list",
          url: "/backups?limit=3",
          version: "2026-07",
          body: null,
          status: 200
        },
        { method: "GET", operation: null, url: "/nothing", version: "2026-07", body: null, status: 401 },
        {
          method: "POST",
          operation: "Backups.create",
          url: create,
          version: "2026-07",
          body: `{"name":"B"}`,
          status: 400
        }
      ])
    }))

  it.effect("changes settings and restores a state", () =>
    Effect.gen(function*() {
      const { Emulator } = yield* client
      const dump = yield* Emulator.dump()
      yield* Emulator.configure({ payload: { project: { hasBackups: false }, switches: { unknownVersion: 404 } } })
      const create = sendRaw({ method: "POST", path: "/indexes/docs/backups", headers: backup, body: "{}" })
      assert.strictEqual((yield* create).status, 403)
      yield* Emulator.load({ payload: dump })
      assert.strictEqual((yield* create).status, 200)
      assert.notDeepEqual(yield* Emulator.dump(), dump)
    }))

  it.effect.each<[method: string, path: string, body: string, status: number]>([
    ["POST", "/_emulator/seed", "{", 400],
    ["POST", "/_emulator/seed", `{"schedules":[{"runs":-1}]}`, 400],
    ["POST", "/_emulator/seed", `{"schedules":[{"runs":1e9}]}`, 400],
    ["POST", "/_emulator/clock/advance", `{"duration":"soon"}`, 400],
    ["POST", "/_emulator/clock/advance", `{"duration":"Infinity"}`, 400],
    ["POST", "/_emulator/clock/advance", `{"duration":"100000000 days"}`, 400],
    ["POST", "/_emulator/clock/advance", `{"duration":"-1 days"}`, 400],
    ["PUT", "/_emulator/clock/speed", `{"speed":-1}`, 400],
    ["PUT", "/_emulator/clock/speed", `{"speed":1000001}`, 400],
    ["PUT", "/_emulator/clock/speed", `{"speed":1e300}`, 400],
    ["PATCH", "/_emulator/settings", `{"project":{"backupDuration":"Infinity"}}`, 400],
    ["PATCH", "/_emulator/settings", `{"project":{"deletionDelay":"-1 days"}}`, 400],
    ["PATCH", "/_emulator/settings", `{"project":{"maxRetentionDays":1e9}}`, 400],
    ["POST", "/_emulator/seed", `{"schedules":[{"expireAfterDays":1e9}]}`, 400],
    ["POST", "/_emulator/seed", `{"schedules":[{"expireAfterDays":-1}]}`, 400],
    ["POST", "/_emulator/faults", `{"operation":"Backups.nothing","fault":{"_tag":"Hang"}}`, 400],
    ["POST", "/_emulator/faults", `{"operation":"*","fault":{"_tag":"Fire"}}`, 400],
    ["POST", "/_emulator/faults", `{"operation":"*","fault":{"_tag":"RateLimited","retryAfter":"1\\r\\nX: y"}}`, 400],
    [
      "POST",
      "/_emulator/faults",
      `{"operation":"*","fault":{"_tag":"Respond","status":200,"headers":{"a b":"c"}}}`,
      400
    ],
    ["POST", "/_emulator/seed", `{"indexes":[{"name":"Docs!"}]}`, 400],
    ["POST", "/_emulator/seed", `{"schedules":[{"id":"long","indexName":"long","expireAfterDays":366}]}`, 400],
    [
      "POST",
      "/_emulator/seed",
      `{"schedules":[{"indexName":"later","runs":[{"plannedFor":"2999-01-01T00:00:00Z"}]}]}`,
      400
    ],
    ["PUT", "/_emulator/state", `{"version":2}`, 400],
    ["GET", "/_emulator", "", 404],
    ["GET", "/_emulator/nothing", "", 404],
    ["GET", "/_emulator/../backups", "", 404]
  ])(
    "reports the error of an invalid request: %s %s %s",
    ([method, path, body, status]) =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const before = yield* plane.dump
        const answer = yield* sendRaw({
          method,
          path,
          headers: { "content-type": "application/json" },
          ...(body !== "" && { body })
        })
        assert.strictEqual(answer.status, status, answer.text)
        const { error } = JSON.parse(answer.text)
        assert.strictEqual(error.code, status === 400 ? "INVALID_ARGUMENT" : "NOT_FOUND")
        assert.notMatch(answer.text, /\bat .*:\d+:\d+|node_modules/)
        assert.deepStrictEqual(yield* plane.dump, before)
      })
  )

  it.effect.each<[method: string, path: string, body: string, message: string]>([
    ["POST", "/_emulator/seed", `{"projekt":{}}`, "projekt: Unknown key. Expected indexes, schedules, "],
    ["POST", "/_emulator/seed", `{"schedules":[{},{"freqency":"weekly"}]}`, "schedules[1].freqency: Unknown key. "],
    [
      "POST",
      "/_emulator/seed",
      `{"schedules":[{"runs":[{"stauts":"x"}]}]}`,
      "schedules[0].runs[0].stauts: Unknown key. "
    ],
    [
      "POST",
      "/_emulator/seed",
      `{"indexes":[{"dimensions":3}]}`,
      "indexes[0].dimensions: Unknown key. Expected id, name, "
    ],
    ["POST", "/_emulator/seed", `{"backups":[{"index":"docs"}]}`, "backups[0].index: Unknown key. "],
    ["POST", "/_emulator/seed", `{"restoreJobs":[{"indexName":"docs"}]}`, "restoreJobs[0].indexName: Unknown key. "],
    [
      "POST",
      "/_emulator/seed",
      `{"indexes":[{"dimension":-3}]}`,
      "indexes[0].dimension: Expected a value greater than or "
    ],
    ["PATCH", "/_emulator/settings", `{"project":{"quota":3}}`, "project.quota: Unknown key. "],
    ["PATCH", "/_emulator/settings", `{"switches":{"oldrows":true}}`, "switches.oldrows: Unknown key. "],
    [
      "PATCH",
      "/_emulator/settings",
      `{"switches":{"oldRows":1}}`,
      "switches.oldRows: Expected boolean | null, got 1"
    ],
    ["POST", "/_emulator/clock/advance", `{"duration":"1 day","speed":1}`, "speed: Unknown key. Expected duration"],
    ["PUT", "/_emulator/clock/speed", `{"speed":1,"sped":2}`, "sped: Unknown key. Expected speed"],
    [
      "POST",
      "/_emulator/faults",
      `{"operation":"*","fault":{"_tag":"Hang"},"tims":2}`,
      "tims: Unknown key. Expected operation, "
    ],
    [
      "POST",
      "/_emulator/faults",
      `{"operation":"*","fault":{"_tag":"Hang"},"for":"0 seconds"}`,
      "for: Expected a duration of more than 0, got 0 millis"
    ],
    [
      "POST",
      "/_emulator/faults",
      `{"operation":"*","fault":{"_tag":"Delay","duration":"-1 seconds"}}`,
      "fault.duration: Expected a duration of 0 to 36525 days, got -1000 millis"
    ],
    [
      "POST",
      "/_emulator/faults",
      `{"operation":"*","fault":{"_tag":"Html","code":502}}`,
      "fault.code: Unknown key. Expected status"
    ],
    [
      "POST",
      "/_emulator/faults",
      `{"operation":"*","fault":{"_tag":"AfterCommit","fault":{"_tag":"Html","code":502}}}`,
      "fault.fault.code: Unknown key. Expected status"
    ]
  ])(
    "rejects and names an invalid value or an unknown key: %s %s %s",
    ([method, path, body, message]) =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const before = yield* plane.dump
        const answer = yield* sendRaw({ method, path, headers: { "content-type": "application/json" }, body })
        assert.strictEqual(answer.status, 400, answer.text)
        const { error } = JSON.parse(answer.text)
        assert.strictEqual(error.message.slice(0, message.length), message)
        assert.deepStrictEqual([yield* plane.dump, yield* plane.faults], [before, []])
      })
  )

  it.effect.each<[what: string, headers: Record<string, string>, status: number]>([
    ["a name that resolves to this machine", { host: "evil.example" }, 403],
    ["a name that looks like this machine", { host: "localhost.evil.example:80" }, 403],
    ["a foreign page", { origin: "https://evil.example" }, 403],
    ["a page without an origin of its own", { origin: "null" }, 403],
    ["this machine by name", { host: "localhost:5081" }, 200],
    ["this machine by a name that ends in a dot", { host: "localhost.:5081" }, 200],
    ["this machine by its other address", { host: "[::1]:5081" }, 200],
    ["a page of this machine", { origin: "http://localhost:5081" }, 200]
  ])("accepts only programs on this machine: %s", ([, headers, status]) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* sendRaw({ path: "/_emulator/clock", headers })).status, status)
    }))

  it.effect.each<[host: string, status: number]>([
    ["evil.example", 403],
    ["localhost.evil.example:80", 403],
    ["127.0.0.1.evil.example", 403],
    ["10.0.0.7", 403],
    ["emulator", 403],
    ["localhost:5081", 200],
    ["LOCALHOST", 200],
    ["localhost.:5081", 200],
    ["localhost..", 403],
    ["pinecone.localhost", 200],
    ["127.0.0.1", 200],
    ["[::1]:5081", 200]
  ])("refuses requests for another host: %s", ([host, status]) =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.clearRequests
      const answer = yield* sendRaw({ path: "/indexes", headers: { ...backup, host } })
      assert.strictEqual(answer.status, status)
      assert.lengthOf(yield* plane.requests, status === 200 ? 1 : 0)
      if (status === 200) return
      assert.deepStrictEqual(JSON.parse(answer.text), {
        error: {
          code: "PERMISSION_DENIED",
          message: HostGuard.refusalOf("emulator", host)
        },
        status
      })
    }))

  it.effect.each([
    `{"operation":"*","fault":{"_tag":"Fire"}}`,
    `{"operation":"*","fault":{}}`,
    `{"operation":"*","fault":{"_tag":"AfterCommit","fault":{"_tag":"Fire"}}}`
  ])("lists the known faults for an unknown fault: %s", (body) =>
    Effect.gen(function*() {
      const headers = { "content-type": "application/json" }
      const answer = yield* sendRaw({ method: "POST", path: "/_emulator/faults", headers, body })
      const { message } = JSON.parse(answer.text).error
      assert.include(message, "an object whose _tag is one of Respond, RateLimited, Html, ")
      assert.match(message, /^(fault\.)?fault: [^{}|]+, got \{("_tag":"Fire")?\}$/)
    }))

  it.effect.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/jsonp",
    "text/plain; x=application/json"
  ])(
    "names the required content type: %s",
    (type) =>
      Effect.gen(function*() {
        const answer = yield* sendRaw({
          method: "POST",
          path: "/_emulator/clock/advance",
          headers: { "content-type": type },
          body: `{"duration":"1 day"}`
        })
        assert.deepStrictEqual([answer.status, JSON.parse(answer.text)], [415, {
          error: {
            code: "INVALID_ARGUMENT",
            message: `The body must be JSON: send it with "content-type: application/json", not ${type}.`
          },
          status: 415
        }])
      })
  )

  it.effect("accepts JSON content types in any spelling, and a body without a type", () =>
    Effect.gen(function*() {
      for (const headers of [{}, { "content-type": "Application/JSON; charset=utf-8" }]) {
        const options = { method: "PUT", path: "/_emulator/clock/speed", headers, body: `{"speed":0}` }
        assert.strictEqual((yield* sendRaw(options)).status, 200)
      }
    }))

  it.effect.each<[method: string, path: string, status: number]>([
    ["GET", "/_emulator/seed", 405],
    ["POST", "/_emulator/settings", 405],
    ["DELETE", "/_emulator/clock", 405],
    ["PATCH", "/_emulator/faults", 405],
    ["POST", "/_emulator/docs", 405],
    ["PUT", "/_emulator/openapi.json", 405],
    ["GET", "/_emulator/clock/", 404],
    ["GET", "/_emulator/CLOCK", 404]
  ])(
    "responds with 405 on known paths and 404 on unknown paths: %s %s",
    ([method, path, status]) =>
      Effect.gen(function*() {
        const answer = yield* sendRaw({ method, path, headers: { "content-type": "text/plain" } })
        assert.deepStrictEqual([answer.status, JSON.parse(answer.text).status], [status, status])
      })
  )

  it.effect("serves the contract as a file", () =>
    Effect.gen(function*() {
      const { headers, status, text } = yield* sendRaw({ path: "/_emulator/openapi.json" })
      assert.deepStrictEqual([status, headers["content-type"]], [200, "application/json"])
      const { openapi, paths } = JSON.parse(text)
      assert.match(openapi, /^3\./)
      assert.property(paths, "/backup-schedules/{schedule_id}/history")
      assert.property(paths, "/_emulator/clock/advance")
      const refused = yield* sendRaw({ path: "/_emulator/openapi.json", headers: { origin: "https://evil.example" } })
      assert.strictEqual(refused.status, 403)
    }))

  it.effect("serves an interactive page without external resources", () =>
    Effect.gen(function*() {
      const { headers, status, text } = yield* sendRaw({ path: "/_emulator/docs" })
      assert.strictEqual(status, 200)
      assert.match(headers["content-type"] ?? "", /^text\/html/)
      assert.include(text, "list_backup_schedule_history")
      assert.include(text, "/_emulator/clock/advance")
      assert.include(text, `{"ApiKey":{"type":"apiKey","in":"header","name":"Api-Key"}}`)
      assert.include(text, `"withDefaultFonts":false`)
      assert.notMatch(text, /<script[^>]* src=/)
    }))
})

describe("ControlApi", () => {
  it.effect("warns if other machines can reach it", () =>
    Effect.gen(function*() {
      for (const [host, expected] of [["127.0.0.1", 0], ["0.0.0.0", 1]] as const) {
        const warnings: Array<unknown> = []
        const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
          if (logLevel === "Warn") warnings.push(message)
        })
        yield* Layer.build(Emulator.layerServer.pipe(
          Layer.provide(NodeHttpServer.layer(createServer, { host, port: 0 })),
          Layer.provide(ControlPlane.layer()),
          Layer.provide(Logger.layer([logger]))
        )).pipe(Effect.scoped)
        assert.lengthOf(warnings, expected)
      }
    }))

  it.effect("logs its address, interactive page and state file in one line", () =>
    Effect.gen(function*() {
      const lines: Array<unknown> = []
      const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
        if (logLevel === "Info") lines.push(message)
      })
      yield* Layer.build(Emulator.layerServer.pipe(
        Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
        Layer.provide(ControlPlane.layer()),
        Layer.provide(Logger.layer([logger]))
      )).pipe(Effect.scoped)
      assert.lengthOf(lines, 1)
      assert.match(
        String(lines[0]),
        /^The emulator listens on (http:\/\/127\.0\.0\.1:\d+), has an interactive page at \1\/_emulator\/docs, and keeps its state in memory$/
      )
    }))

  it.live("closes while a request hangs", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(Layer.provideMerge(ServerTest, ControlPlane.layer()), scope)
      const plane = Context.get(context, ControlPlane.ControlPlane)
      yield* plane.fault("*", Fault.hang)
      const hung = yield* Effect.forkChild(Effect.exit(Effect.provide(sendRaw({ path: "/backups" }), context)))
      yield* Effect.repeat(Effect.delay(plane.faults, "1 millis"), { until: (faults) => faults.length === 0 })
      const [took] = yield* Effect.timed(Scope.close(scope, Exit.void))
      assert.isBelow(Duration.toSeconds(took), 2)
      assert.strictEqual((yield* Fiber.join(hung))._tag, "Failure")
    }))

  it.effect("does not exist in memory", () =>
    Effect.gen(function*() {
      const client = yield* HttpClient.HttpClient
      const { status } = yield* client.get("http://localhost/_emulator/clock", { headers: { "api-key": "any" } })
      assert.strictEqual(status, 404)
    }).pipe(Effect.provide(Layer.provide(Emulator.layerMemory, ControlPlane.layer()))))
})

layer(
  ServerTest.pipe(
    Layer.provide(Layer.succeed(MaxControlSize, ByteSize.kibibytes(100))),
    Layer.provideMerge(ControlPlane.layer({ indexes: [{ name: "docs" }] }))
  )
)("a body that is too large", (it) => {
  const headers = { "content-type": "application/json" }
  const tooLarge = { error: { code: "PAYLOAD_TOO_LARGE", message: "The request body is too large." }, status: 413 }

  it.effect.each<[what: string, method: string, path: string, length: Record<string, string>]>([
    ["a state that says how long it is", "PUT", "/_emulator/state", { "content-length": "1000000" }],
    ["a state that does not", "PUT", "/_emulator/state", { "transfer-encoding": "chunked" }],
    ["seeds", "POST", "/_emulator/seed", { "transfer-encoding": "chunked" }]
  ])("is refused and changes nothing: %s", ([, method, path, length]) =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const before = yield* plane.dump
      const answer = yield* sendRaw({ method, path, headers: { ...headers, ...length }, body: " ".repeat(1_000_000) })
      assert.strictEqual(answer.status, 413)
      assert.deepStrictEqual(JSON.parse(answer.text), tooLarge)
      assert.deepStrictEqual(yield* plane.dump, before)
      assert.strictEqual((yield* sendRaw({ path: "/_emulator/clock" })).status, 200)
    }))

  it.effect("is refused by its Content-Length before it is sent", () =>
    Effect.gen(function*() {
      const answer = yield* sendRaw({
        method: "PUT",
        path: "/_emulator/state",
        headers: { ...headers, "content-length": "1000000000000" },
        body: "{"
      })
      assert.strictEqual(answer.status, 413)
    }))

  it.effect("is refused if it is one byte too large", () =>
    Effect.gen(function*() {
      for (const [size, status] of [[102_400, 400], [102_401, 413]] as const) {
        const body = "[".padEnd(size)
        for (const length of [{}, { "transfer-encoding": "chunked" }]) {
          const answer = yield* sendRaw({
            method: "PUT",
            path: "/_emulator/state",
            headers: { ...headers, ...length },
            body
          })
          assert.strictEqual(answer.status, status, answer.text)
        }
      }
    }))
})
