import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Redacted from "effect/Redacted"
import * as Tracer from "effect/Tracer"
import * as Endpoints from "../src/Endpoints.ts"
import * as PineconeApi from "../src/PineconeApi.ts"
import * as PineconeClient from "../src/PineconeClient.ts"
import type * as PineconeError from "../src/PineconeError.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import {
  type Answer,
  apiKey,
  assertTag,
  collectSpans,
  describeJob,
  envelope,
  fastForward,
  historyPage,
  jobId,
  json,
  scheduleId,
  type Script,
  script,
  scriptWith,
  services
} from "./support.ts"

const request = (
  { layer }: Pick<Script, "layer">,
  request: PineconeClient.Request,
  options?: Partial<PineconeClient.Options>
) =>
  Effect.provide(
    PineconeClient.PineconeClient.use((client) => client.request(request)),
    PineconeClient.layer({ apiKey: Redacted.make(apiKey), retry: RetryPolicy.none, ...options }).pipe(
      Layer.provide(layer)
    )
  )

const get = { method: "GET", path: "/not/of/the/contract?a=b%20c&d" } as const

const headers = (version: string) => ({
  "accept": "application/json",
  "api-key": apiKey,
  "x-pinecone-api-version": version
})

describe("PineconeClient.request", () => {
  it.effect("sends the request once and unchanged", () =>
    Effect.gen(function*() {
      const http = script(new Response("{ \"a\": 1 }", { status: 203 }))
      const answer = yield* request(http, get, { host: "https://proxy.example/pinecone/" })
      assert.deepStrictEqual(answer, { status: 203, text: "{ \"a\": 1 }" })
      assert.deepStrictEqual(http.requests, [{
        method: "GET",
        url: "https://proxy.example/pinecone/not/of/the/contract?a=b%20c&d",
        headers: headers("2026-04")
      }])
    }))

  it.effect.each(["POST", "PUT", "PATCH", "DELETE"] as const)(
    "returns the body unchanged: %s",
    (method) =>
      Effect.gen(function*() {
        const http = script(new Response(null, { status: 202 }))
        const body = "{\"big\": 12345678901234567890}"
        assert.deepStrictEqual(yield* request(http, { method, path: "/x", body }), { status: 202, text: "" })
        const [sent] = http.requests
        assert.deepStrictEqual([sent?.method, sent?.body, sent?.headers["content-type"]], [
          method,
          body,
          "application/json"
        ])
      })
  )

  it.effect.each(
    [
      ["/indexes", "2026-04", "2026-04"],
      ["/backup-schedules/x/history?limit=2", "2026-04", "unstable"],
      ["/backup-schedules/x/history", "2026-07", "2026-07"],
      ["/backup-schedules", "2026-04", "2026-04"]
    ] as const
  )("sends %s in version %s with version %s", ([path, apiVersion, version]) =>
    Effect.gen(function*() {
      const http = script(json({}))
      yield* request(http, { method: "GET", path }, { apiVersion })
      assert.deepStrictEqual(http.requests[0]!.headers, headers(version))
    }))

  it.effect.each([
    "",
    "indexes",
    "https://evil.example/x",
    "//evil.example/x",
    "@evil.example/x",
    "/../x",
    "/indexes/..",
    "/indexes/%2E%2e/x",
    "/indexes/./x?a=b",
    "/a b",
    "/a\nb",
    "/a\\b",
    "/a#b",
    "/\ud800"
  ])("rejects the path %j", (path) =>
    Effect.gen(function*() {
      const http = script()
      const error = yield* Effect.flip(request(http, { method: "GET", path }))
      assertTag(error, "PineconeInvalidInput")
      assert.deepStrictEqual([error.field, error.operation], ["path", `GET ${path}`])
      assert.isTrue(error.message.startsWith("path: must "), error.message)
      assert.deepStrictEqual(http.requests, [])
    }))

  it.effect.each(
    [
      ["GET", "{}", "body: must be omitted from a GET request"],
      ["POST", "{", "body: must be JSON"],
      ["POST", "", "body: must be JSON"],
      ["POST", "{\"name\":\"\ud800\"}", "body: must be well-formed Unicode"]
    ] as const
  )("rejects an invalid body: %s %s", ([method, body, message]) =>
    Effect.gen(function*() {
      const http = script()
      const error = yield* Effect.flip(request(http, { method, path: "/x", body }))
      assertTag(error, "PineconeInvalidInput")
      assert.deepStrictEqual([error.field, error.message], ["body", message])
      assert.deepStrictEqual(http.requests, [])
    }))

  it.effect("accepts dots in the query and in names", () =>
    Effect.gen(function*() {
      const http = script(json({}), json({}))
      yield* request(http, { method: "GET", path: "/x?next=/../y" })
      yield* request(http, { method: "GET", path: "/a..b/...%2e" })
      assert.deepStrictEqual(http.requests.map(({ url }) => url), [
        "https://api.pinecone.io/x?next=/../y",
        "https://api.pinecone.io/a..b/...%2e"
      ])
    }))

  it.effect("uses the host of the client", () =>
    Effect.gen(function*() {
      const client = yield* PineconeClient.make({ apiKey: Redacted.make(apiKey), host: "https://Proxy.Example/p/" })
      assert.strictEqual(client.host, "https://proxy.example/p")
    }).pipe(Effect.provide(script().layer)))
})

describe("an error of PineconeClient.request", () => {
  const fieldsOf = (error: PineconeError.ListError) => {
    const { operation: _, ...fields } = { ...error }
    return { ...fields, message: error.message, code: "code" in error ? error.code : undefined }
  }

  const failed = Effect.fail(
    new HttpClientError.HttpClientError({
      reason: new HttpClientError.TransportError({
        request: HttpClientRequest.get("https://api.pinecone.io"),
        cause: new TypeError("fetch failed", {
          cause: Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })
        })
      })
    })
  )

  it.effect.each<[string, () => Answer]>([
    ["an envelope", () => json(envelope("NOT_FOUND", `no ${apiKey}`, { [apiKey]: 1 }), { status: 404 })],
    ["a top-level message", () => json({ message: "no" }, { status: 403 })],
    ["a detail", () => json({ detail: "Forbidden for you" }, { status: 403 })],
    ["an error that is a string", () => json({ error: "gone" }, { status: 403 })],
    ["a JSON string", () => json("Forbidden", { status: 403 })],
    ["plain text", () => new Response(`Invalid key ${apiKey}`, { status: 401 })],
    ["a page", () => new Response("<html>", { status: 502 })],
    ["a long page", () => new Response("x".repeat(3_000), { status: 502 })],
    ["an empty body", () => new Response(null, { status: 503, headers: { "retry-after": "7", "x-request-id": "r" } })],
    ["a redirect", () => new Response(null, { status: 302, headers: { location: "https://evil.example/" } })],
    ["no response", () => failed],
    ["no response in time", () => Effect.never]
  ])("is the same as for the contract: %s", ([_, answer]) =>
    Effect.gen(function*() {
      const expected = yield* fastForward(Effect.flip(Effect.provide(describeJob(), services(script(answer())))))
      const path = `/restore-jobs/${jobId}`
      const error = yield* fastForward(Effect.flip(request(script(answer()), { method: "GET", path })))
      assert.strictEqual(error.operation, `GET ${path}`)
      assert.deepStrictEqual(fieldsOf(error), fieldsOf(expected))
      assert.notInclude(JSON.stringify(error), apiKey)
    }))

  it.effect("has the hint about the version on the routes of the contract", () =>
    Effect.gen(function*() {
      for (const paginationToken of [undefined, "t"]) {
        const answer = () => json(envelope("INVALID_ARGUMENT", "no"), { status: 400 })
        const page = paginationToken === undefined ? undefined : { paginationToken }
        const expected = yield* Effect.flip(Effect.provide(historyPage(page), services(script(answer()))))
        const error = yield* Effect.flip(request(script(answer()), {
          method: "GET",
          path: `/backup-schedules/${scheduleId}/history${paginationToken ? `?paginationToken=${paginationToken}` : ""}`
        }))
        assertTag(expected, "PineconeInvalidArgument")
        assertTag(error, "PineconeInvalidArgument")
        assert.strictEqual(error.hint, expected.hint)
        assert.strictEqual(error.hint === undefined, paginationToken !== undefined)
      }
    }))

  it.effect("reports a response that is too large", () =>
    Effect.gen(function*() {
      const chunk = new TextEncoder().encode("x".repeat(1024 * 1024))
      const endless = new ReadableStream({ pull: (controller) => controller.enqueue(chunk) })
      const error = yield* Effect.flip(request(script(new Response(endless)), get))
      assertTag(error, "PineconeMalformedResponse")
      assert.strictEqual(error.message, "The response is larger than 64 MiB")
      assert.strictEqual(error.body?.length, 1_001)
    }))

  it.effect("rejects JSON that is nested too deeply to be written again", () =>
    Effect.gen(function*() {
      const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth)
      assert.strictEqual((yield* request(script(new Response(nested(200))), get)).text, nested(200))
      const error = yield* Effect.flip(request(script(new Response(nested(100_000))), get))
      assertTag(error, "PineconeMalformedResponse")
      assert.strictEqual(error.message, "The response is nested too deeply")
    }))
})

describe("the API key in PineconeClient.request", () => {
  it.effect("is removed from a response with escapes", () =>
    Effect.gen(function*() {
      const escaped = [...apiKey].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")
      const { text } = yield* request(script(new Response(`{"echo": "${escaped}", "n": 1}`)), get)
      assert.strictEqual(text, "{\"echo\": \"<redacted>\", \"n\": 1}")
    }))

  it.effect("is removed from responses and operations", () =>
    Effect.gen(function*() {
      const http = script(json({ echo: `the key is ${apiKey}` }), new Response(null, { status: 404 }))
      assert.strictEqual((yield* request(http, get)).text, "{\"echo\":\"the key is <redacted>\"}")
      const error = yield* Effect.flip(request(http, { method: "GET", path: `/x?key=${apiKey}` }))
      assert.strictEqual(error.operation, "GET /x?key=<redacted>")
    }))
})

describe("retrying PineconeClient.request", () => {
  const sent = Effect.fnUntraced(function*(
    method: PineconeClient.Request["method"],
    ...statuses: ReadonlyArray<number>
  ) {
    const told: Array<string> = []
    const http = scriptWith((_, index) => new Response(null, { status: statuses[index] ?? 200 }))
    const result = yield* fastForward(Effect.result(request(http, { method, path: "/x" }, {
      retry: undefined,
      onRetry: ({ operation }) => Effect.sync(() => told.push(operation))
    })))
    const end = result._tag === "Success" ? result.success.status : result.failure._tag
    return [http.requests.length, told, end]
  })

  it.effect("depends on whether a retry is safe", () =>
    Effect.gen(function*() {
      for (const method of ["GET", "DELETE"] as const) {
        assert.deepStrictEqual(yield* sent(method, 503, 429), [3, [`${method} /x`, `${method} /x`], 200])
      }
      for (const method of ["POST", "PUT", "PATCH"] as const) {
        assert.deepStrictEqual(yield* sent(method, 503), [1, [], "PineconeServiceUnavailable"])
        assert.deepStrictEqual(yield* sent(method, 429), [2, [`${method} /x`], 200])
      }
    }))

  it.effect("returns the outcome of the last DELETE", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* sent("DELETE", 503, 404), [2, ["DELETE /x"], "PineconeNotFound"])
    }))
})

describe("a lost write of PineconeClient.request", () => {
  it.effect.each<[method: PineconeClient.Request["method"], status: number, inDoubt: true | undefined]>([
    ["POST", 503, true],
    ["PATCH", 500, true],
    ["PUT", 504, true],
    ["POST", 429, undefined],
    ["POST", 409, undefined],
    ["GET", 503, undefined],
    ["DELETE", 503, true]
  ])(
    "is in doubt, so that it is not retried: %s with status %i, %s",
    ([method, status, inDoubt]) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(request(script(new Response(null, { status })), { method, path: "/x" }))
        assert.strictEqual("inDoubt" in error ? error.inDoubt : undefined, inDoubt)
        assert.strictEqual(error.isRetryable, inDoubt === undefined && status !== 409)
      })
  )
})

describe("the span and the metrics of PineconeClient.request", () => {
  it.effect("have the same name for all requests, and only paths of the contract", () =>
    Effect.gen(function*() {
      const { spans, tracer } = collectSpans()
      const http = scriptWith(() => json({}, { headers: { "x-request-id": "r" } }))
      yield* Effect.gen(function*() {
        yield* request(http, get)
        yield* request(http, { method: "GET", path: "/backups/secret-id?a=b" })
      }).pipe(Effect.provideService(Tracer.Tracer, tracer))
      const attributes = {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "pinecone.attempts": 1,
        "pinecone.request_id": "r"
      }
      assert.deepStrictEqual(spans.map((span) => [span.name, Object.fromEntries(span.attributes)]), [
        ["PineconeClient.request", attributes],
        ["PineconeClient.request", { ...attributes, "http.route": "/backups/:backup_id" }]
      ])
      const snapshot = yield* Metric.snapshot
      assert.deepStrictEqual(
        snapshot.map(({ attributes, id }) => [id, attributes]),
        [
          ["pinecone_requests_total", { operation: "PineconeClient.request", status: "200" }],
          ["pinecone_request_duration_seconds", { operation: "PineconeClient.request" }]
        ]
      )
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map())))
})

describe("PineconeApi.routesAt", () => {
  it("returns the endpoints of a path", () => {
    const at = (path: string) =>
      PineconeApi.routesAt(path).map(({ endpoint, group, method, path }) => `${group}.${endpoint} ${method} ${path}`)
    assert.deepStrictEqual(at("/backups/b"), [
      "Backups.describe GET /backups/:backup_id",
      "Backups.delete DELETE /backups/:backup_id"
    ])
    assert.deepStrictEqual(at("/backups/b/create-index"), ["Backups.restore POST /backups/:backup_id/create-index"])
    assert.deepStrictEqual(at("/backups/create-index"), at("/backups/b"))
    assert.deepStrictEqual(at("/backups/a\nb"), at("/backups/b"))
    for (
      const path of [
        "",
        "/",
        "//",
        "//backups",
        "/backups/",
        "/backups//",
        "/backups/b/",
        "/backups/b/c",
        "/backups/b/create-index/c",
        "/:/b",
        "/indexes/docs/:",
        "backups",
        "/backups\n"
      ]
    ) {
      assert.deepStrictEqual(at(path), [], path)
    }
  })

  it("finds every endpoint at its path", () => {
    const { BackupSchedules, Backups, Indexes, RestoreJobs } = Endpoints
    for (const group of [BackupSchedules, Backups, RestoreJobs, Indexes]) {
      for (const { group: name, method, name: endpoint, path } of Object.values<Endpoints.Endpoint>(group)) {
        const found = PineconeApi.routesAt(path.replace(/:\w+/g, "x"))
        assert.deepInclude(found, { group: name, endpoint, method, path })
        // The version of a request depends on the group.
        assert.isTrue(found.every((route) => route.group === name && route.path === path))
      }
    }
  })
})
