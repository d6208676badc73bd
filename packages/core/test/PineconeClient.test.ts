import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Tracer from "effect/Tracer"
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Util from "node:util"
import type * as Endpoints from "../src/Endpoints.ts"
import type * as Page from "../src/Page.ts"
import * as Pinecone from "../src/Pinecone.ts"
import * as PineconeClient from "../src/PineconeClient.ts"
import * as PineconeError from "../src/PineconeError.ts"
import * as RestoreJob from "../src/RestoreJob.ts"
import * as RestoreJobs from "../src/RestoreJobs.ts"
import {
  apiKey,
  assertTag,
  collectSpans,
  describeJob,
  envelope,
  fastForward,
  history,
  historyPage,
  job,
  jobId,
  json,
  lookupDenied,
  operations,
  row,
  type Script,
  script,
  scriptWith,
  services
} from "./support.ts"

const emptyPage = () => json({ data: [], pagination: null })

const headers = (version: string) => ({
  "accept": "application/json",
  "api-key": apiKey,
  "x-pinecone-api-version": version
})

// ============================================================================
// Options
// ============================================================================

const connect = (options: PineconeClient.Options) =>
  Effect.provide(historyPage(undefined, "s"), services(script(emptyPage()), options))

describe("the host option", () => {
  it.effect.each([
    ["https://api.pinecone.io", "https://api.pinecone.io/backup-schedules/s/history"],
    ["https://api.pinecone.io/", "https://api.pinecone.io/backup-schedules/s/history"],
    ["https://proxy.example/pinecone", "https://proxy.example/pinecone/backup-schedules/s/history"],
    ["https://proxy.example/pinecone/", "https://proxy.example/pinecone/backup-schedules/s/history"],
    ["https://proxy.example:8443/a/b%20c", "https://proxy.example:8443/a/b%20c/backup-schedules/s/history"],
    ["HTTPS://API.PINECONE.IO", "https://api.pinecone.io/backup-schedules/s/history"],
    ["http://localhost", "http://localhost/backup-schedules/s/history"],
    ["http://localhost:5081", "http://localhost:5081/backup-schedules/s/history"],
    ["http://LOCALHOST:5081/", "http://localhost:5081/backup-schedules/s/history"],
    ["http://pinecone.localhost", "http://pinecone.localhost/backup-schedules/s/history"],
    ["http://127.0.0.1:5081", "http://127.0.0.1:5081/backup-schedules/s/history"],
    ["http://127.8.9.10", "http://127.8.9.10/backup-schedules/s/history"],
    ["http://[::1]:5081", "http://[::1]:5081/backup-schedules/s/history"]
  ])("sends requests for %s to %s", ([host, url]) =>
    Effect.gen(function*() {
      const http = script(emptyPage())
      yield* Effect.provide(historyPage(undefined, "s"), services(http, { host }))
      assert.deepStrictEqual(http.requests.map((sent) => sent.url), [url])
    }))

  it.effect.each([
    ["http://api.pinecone.io", "must be https"],
    ["http://10.0.0.1", "must be https"],
    ["http://0.0.0.0", "must be https"],
    ["http://[::]", "must be https"],
    ["http://[::2]", "must be https"],
    ["http://localhost.example.com", "must be https"],
    ["http://mylocalhost", "must be https"],
    ["http://127.0.0.1.example.com", "must be https"],
    ["http://example.com/localhost", "must be https"],
    ["http://localhost@example.com", "must be https"],
    ["http://example.com#@localhost", "must be https"],
    ["http://user@localhost", "must not have credentials"],
    ["https://user@api.pinecone.io", "must not have credentials"],
    ["https://user:secret@api.pinecone.io", "must not have credentials"],
    ["https://:secret@api.pinecone.io", "must not have credentials"],
    ["https://api.pinecone.io?a=b", "must not have credentials, a query"],
    ["https://api.pinecone.io#top", "must not have credentials, a query or a fragment"],
    ["", "must be a URL"],
    ["api.pinecone.io", "must be a URL"],
    ["localhost:5081", "must be a URL"],
    ["//api.pinecone.io", "must be a URL"],
    ["/pinecone", "must be a URL"],
    ["ftp://api.pinecone.io", "must be a URL"],
    ["file:///etc/passwd", "must be a URL"],
    ["data:text/plain,a", "must be a URL"],
    ["https://", "must be a URL"]
  ])("rejects %j: %s", ([host, message]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(connect({ apiKey: Redacted.make(apiKey), host }))
      assertTag(error, "PineconeInvalidInput")
      assert.strictEqual(error.operation, "PineconeClient.make")
      assert.strictEqual(error.field, "host")
      assert.isTrue(error.message.startsWith(`host: ${message}`), error.message)
      assert.notInclude(Util.inspect(error, { depth: 10 }), "secret")
    }))

  it.effect("accepts http to a remote host only if allowed, and the error message explains it", () =>
    Effect.gen(function*() {
      const options = { apiKey: Redacted.make(apiKey), host: "http://pinecone:5081" }
      for (const allowInsecureHost of [undefined, false]) {
        const error = yield* Effect.flip(connect({ ...options, allowInsecureHost }))
        assert.strictEqual(
          error.message,
          "host: must be https: an unencrypted connection would expose the API key; allowInsecureHost: true allows it"
        )
      }
      const http = script(emptyPage())
      yield* Effect.provide(historyPage(undefined, "s"), services(http, { ...options, allowInsecureHost: true }))
      assert.deepStrictEqual(http.requests.map(({ url }) => url), [
        "http://pinecone:5081/backup-schedules/s/history"
      ])
      const wrong = yield* Effect.flip(connect({ ...options, allowInsecureHost: "false" as never }))
      assertTag(wrong, "PineconeInvalidInput")
      assert.strictEqual(wrong.field, "allowInsecureHost")
      for (const host of ["ftp://pinecone", "http://user@pinecone", "http://pinecone?a"]) {
        const error = yield* Effect.flip(connect({ ...options, host, allowInsecureHost: true }))
        assertTag(error, "PineconeInvalidInput")
        assert.strictEqual(error.field, "host")
      }
    }))

  // These may be rejected or accepted, but the API key must not be sent to a different path.
  it.effect.each([
    ["https://proxy.example/p?"],
    ["https://proxy.example/p#"],
    ["https://proxy.example/p?#"],
    [" https://proxy.example/p "],
    ["https://proxy.example/p "],
    ["https://proxy.example/p/\n"],
    ["https://proxy.example/p\t"]
  ])("rejects %j or sends it to its routes", ([host]) =>
    Effect.gen(function*() {
      const http = script(emptyPage())
      const result = yield* Effect.result(Effect.provide(historyPage(undefined, "s"), services(http, { host })))
      if (result._tag === "Failure") {
        assertTag(result.failure, "PineconeInvalidInput")
        assert.strictEqual(result.failure.field, "host")
        assert.deepStrictEqual(http.requests, [])
      } else {
        assert.deepStrictEqual(
          http.requests.map((sent) => sent.url),
          ["https://proxy.example/p/backup-schedules/s/history"]
        )
      }
    }))
})

describe("the apiKey option", () => {
  const renderings = (error: unknown): string =>
    [
      String(error),
      JSON.stringify(error),
      Util.inspect(error, { depth: 10, showHidden: true }),
      Cause.pretty(Cause.fail(error))
    ].join("\n")

  it.effect.each<[string, string]>([
    ["no white space", "Marker-Key"],
    ["surrounding spaces", "  Marker-Key  "],
    ["a trailing line break", "Marker-Key\n"],
    ["a trailing Windows line break", "Marker-Key\r\n"],
    ["surrounding tabs", "\tMarker-Key\t"]
  ])("trims a key with %s", ([_, key]) =>
    Effect.gen(function*() {
      const http = script(emptyPage())
      yield* Effect.provide(historyPage(), services(http, { apiKey: Redacted.make(key) }))
      assert.strictEqual(http.requests[0]!.headers["api-key"], "Marker-Key")
    }))

  const notVisible = "must be visible ASCII characters, without spaces, quotes and backslashes"

  it.effect.each<[string, string, string]>([
    ["no characters", "", "must not be empty"],
    ["only white space", " \n", "must not be empty"],
    ["a space inside", "Marker Key", notVisible],
    ["a line break inside", "Marker\nKey", notVisible],
    ["an injected header", "Marker\r\nHost: evil.example", notVisible],
    ["a null character", "Marker\0Key", notVisible],
    ["a non-ASCII letter", "MarkerKeyü", notVisible],
    ["a typographic hyphen", "Marker\u2011Key", notVisible],
    ["a delete character", "Marker\u007fKey", notVisible]
  ])("rejects a key with %s without printing it", ([_, key, problem]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(connect({ apiKey: Redacted.make(key) }))
      assertTag(error, "PineconeInvalidInput")
      assert.strictEqual(error.operation, "PineconeClient.make")
      assert.strictEqual(error.field, "apiKey")
      assert.strictEqual(error.message, `apiKey: ${problem}`)
      assert.notInclude(renderings(error), "Marker")
    }))
})

describe("the apiVersion option", () => {
  it.effect("rejects an unknown version", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(connect({ apiKey: Redacted.make(apiKey), apiVersion: "2025-04" as never }))
      assertTag(error, "PineconeInvalidInput")
      assert.strictEqual(error.field, "apiVersion")
    }))
})

describe("the requestTimeout option", () => {
  it.effect.each<Duration.Input>([
    0,
    "0 seconds",
    -5,
    "-1 minute",
    Number.NaN,
    "half a minute" as never
  ])(
    "rejects %j",
    (requestTimeout) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(connect({ apiKey: Redacted.make(apiKey), requestTimeout }))
        assertTag(error, "PineconeInvalidInput")
        assert.strictEqual(error.operation, "PineconeClient.make")
        assert.strictEqual(error.field, "requestTimeout")
      })
  )
})

describe("PineconeClient.make", () => {
  it.effect("sends nothing", () =>
    Effect.gen(function*() {
      const http = script()
      yield* PineconeClient.make({ apiKey: Redacted.make(apiKey) }).pipe(Effect.provide(http.layer))
      assert.deepStrictEqual(http.requests, [])
    }))
})

describe("PineconeClient.layerFetch", () => {
  it.effect("requires only the configuration", () =>
    Effect.gen(function*() {
      const value = yield* describeJob().pipe(
        Effect.provide(
          Layer.provide(
            Pinecone.layerFetch,
            ConfigProvider.layer(ConfigProvider.fromEnv({ env: { PINECONE_API_KEY: apiKey } }))
          )
        ),
        Effect.provideService(FetchHttpClient.Fetch, () => Promise.resolve(json(job)))
      )
      assert.strictEqual(value.status, "Completed")
    }))
})

describe("PineconeClient.layerConfig", () => {
  const withEnv = (
    env: Readonly<Record<string, string>>,
    http = script(emptyPage(), json({ ...job, restore_job_id: "j" }))
  ) =>
    Effect.gen(function*() {
      yield* historyPage(undefined, "s")
      yield* describeJob("j")
      return http.requests
    }).pipe(
      Effect.provide(
        Pinecone.layerConfig().pipe(
          Layer.provide(http.layer),
          Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
        )
      )
    )

  it.effect("requires only the API key", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* withEnv({ PINECONE_API_KEY: apiKey }), [
        { method: "GET", url: "https://api.pinecone.io/backup-schedules/s/history", headers: headers("unstable") },
        { method: "GET", url: "https://api.pinecone.io/restore-jobs/j", headers: headers("2026-04") }
      ])
    }))

  it.effect("reads the host and the version", () =>
    Effect.gen(function*() {
      const requests = yield* withEnv({
        PINECONE_API_KEY: `${apiKey}\n`,
        PINECONE_CONTROLLER_HOST: "http://localhost:5081/p",
        PINECONE_API_VERSION: "2026-07"
      })
      assert.deepStrictEqual(requests, [
        { method: "GET", url: "http://localhost:5081/p/backup-schedules/s/history", headers: headers("2026-07") },
        { method: "GET", url: "http://localhost:5081/p/restore-jobs/j", headers: headers("2026-07") }
      ])
    }))

  it.effect("reads whether the host may use http for a remote host", () =>
    Effect.gen(function*() {
      const env = { PINECONE_API_KEY: apiKey, PINECONE_CONTROLLER_HOST: "http://pinecone:5081" }
      const requests = yield* withEnv({ ...env, PINECONE_ALLOW_INSECURE_HOST: "true" })
      assert.strictEqual(requests[1]?.url, "http://pinecone:5081/restore-jobs/j")
      // The variable may have a meaning for other programs.
      yield* withEnv({ PINECONE_API_KEY: apiKey, PINECONE_ALLOW_INSECURE_HOST: "maybe" })
      for (const value of ["false", ""]) {
        const error = yield* Effect.flip(withEnv({ ...env, PINECONE_ALLOW_INSECURE_HOST: value }))
        assert.strictEqual(
          error.message,
          "PINECONE_CONTROLLER_HOST: must be https: an unencrypted connection would expose the API key; PINECONE_ALLOW_INSECURE_HOST=true allows it"
        )
      }
    }))

  it.effect.each<[string, Readonly<Record<string, string>>, string]>([
    [
      "an invalid PINECONE_ALLOW_INSECURE_HOST",
      {
        PINECONE_API_KEY: "Marker",
        PINECONE_CONTROLLER_HOST: "http://pinecone",
        PINECONE_ALLOW_INSECURE_HOST: "Marker"
      },
      "PINECONE_ALLOW_INSECURE_HOST"
    ],
    ["a missing key", {}, "PINECONE_API_KEY"],
    ["an empty key", { PINECONE_API_KEY: "" }, "PINECONE_API_KEY"],
    ["a blank key", { PINECONE_API_KEY: "  " }, "PINECONE_API_KEY"],
    ["a key with a space", { PINECONE_API_KEY: "Marker Key" }, "PINECONE_API_KEY"],
    ["an unknown version", { PINECONE_API_KEY: "Marker", PINECONE_API_VERSION: "2025-04" }, "PINECONE_API_VERSION"],
    [
      "an invalid URL",
      { PINECONE_API_KEY: "Marker", PINECONE_CONTROLLER_HOST: "pinecone" },
      "PINECONE_CONTROLLER_HOST"
    ],
    [
      "an unencrypted host",
      { PINECONE_API_KEY: "Marker", PINECONE_CONTROLLER_HOST: "http://api.pinecone.io" },
      "PINECONE_CONTROLLER_HOST"
    ],
    [
      "credentials in the host",
      { PINECONE_API_KEY: "Marker", PINECONE_CONTROLLER_HOST: "https://me:Marker@api.pinecone.io" },
      "PINECONE_CONTROLLER_HOST"
    ]
  ])(
    "fails with a ConfigError that names the variable but does not contain the value: %s",
    ([_, env, variable]) =>
      Effect.gen(function*() {
        const http = script()
        const error = yield* Effect.flip(withEnv(env, http))
        assert.instanceOf(error, Config.ConfigError)
        assert.isTrue(error.message.startsWith(`${variable}${error.message.includes("is not set") ? " " : ": "}`))
        assert.notInclude(error.message, "\n")
        const rendered = [String(error), JSON.stringify(error), Util.inspect(error, { depth: 10 })].join("\n")
        assert.include(rendered, variable)
        assert.notInclude(rendered, "Marker")
        assert.deepStrictEqual(http.requests, [])
      })
  )
})

describe("PineconeClient.config", () => {
  it.effect("fails with a readable sentence, as an effect and by parse", () =>
    Effect.gen(function*() {
      const message = "PINECONE_API_KEY is not set: set it to the API key of a Pinecone project"
      const empty = ConfigProvider.fromEnv({ env: {} })
      const effect = Effect.provideService(PineconeClient.config, ConfigProvider.ConfigProvider, empty)
      for (const used of [effect, PineconeClient.config.parse(empty)]) {
        const error = yield* Effect.flip(used)
        assert.instanceOf(error, Config.ConfigError)
        assert.strictEqual(error.message, message)
        // The output of Node.js for a rejected promise that is not an `Error`.
        assert.propertyVal(error, "stack", `ConfigError: ${message}`)
      }
      assert.isTrue(Config.isConfig(PineconeClient.config))
      const part = Config.all({ pinecone: PineconeClient.config, limit: Config.Int("LIMIT") })
      const { limit, pinecone } = yield* part.parse(
        ConfigProvider.fromEnv({ env: { PINECONE_API_KEY: apiKey, LIMIT: "3" } })
      )
      assert.deepStrictEqual([Redacted.value(pinecone.apiKey), limit], [apiKey, 3])
    }))

  it.effect("is missing, not invalid, if the API key is not set", () =>
    Effect.gen(function*() {
      const optional = (env: Record<string, string>) =>
        Config.option(PineconeClient.config).parse(ConfigProvider.fromEnv({ env }))
      assert.isTrue(Option.isNone(yield* optional({})))
      assert.isTrue(Option.isSome(yield* optional({ PINECONE_API_KEY: apiKey })))
      const wrong = yield* Effect.flip(optional({ PINECONE_API_KEY: apiKey, PINECONE_API_VERSION: "2020-01" }))
      assert.include(wrong.cause.message, "\"2026-07\"")
    }))
})

describe("the shortest program in the README", () => {
  it("exits with a readable sentence if the API key is missing", () => {
    const readme = Fs.readFileSync(new URL("../README.md", import.meta.url), "utf8")
    const program = readme.match(/```ts\n([^`]*runPromise[^`]*)```/)?.[1] ?? ""
    assert.include(program, "Effect.runPromise(program")
    const { PINECONE_API_KEY: _, ...env } = process.env
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      cwd: new URL("..", import.meta.url),
      env,
      encoding: "utf8"
    })
    assert.strictEqual(status, 1)
    assert.include(stderr, "PINECONE_API_KEY is not set: set it to the API key of a Pinecone project")
    assert.notInclude(stderr, "[object Object]")
    assert.isBelow(stderr.split("\n").length, 15, stderr)
  })
})

// ============================================================================
// Endpoints of a program
// ============================================================================

describe("an endpoint that is not in the contract", () => {
  const describeCollection = {
    group: "Collections",
    name: "describe",
    method: "GET",
    path: "/collections/:name/parts/:part",
    params: { name: Schema.String, part: Schema.optionalKey(Schema.Int) },
    query: { ids: Schema.Array(Schema.String), all: Schema.Boolean },
    success: Schema.Struct({ size: Schema.Int }),
    errors: [404]
  } as const satisfies Endpoints.Endpoint

  const call = (params: { readonly name: string; readonly part?: number }) =>
    PineconeClient.PineconeClient.use((client) =>
      client.execute(describeCollection, { params, query: { ids: ["a", "b"], all: true } })
    )

  const connection = ({ layer }: Pick<Script, "layer">) =>
    Layer.provide(PineconeClient.layer({ apiKey: Redacted.make(apiKey) }), layer)

  it.effect("is sent with its parameters, and its response is decoded", () =>
    Effect.gen(function*() {
      const http = script(json({ size: 3 }))
      const collection = yield* Effect.provide(call({ name: "a/b", part: 7 }), connection(http))
      assert.deepStrictEqual(collection, { size: 3 })
      assert.deepStrictEqual(http.requests, [{
        method: "GET",
        url: "https://api.pinecone.io/collections/a%2Fb/parts/7?ids=a&ids=b&all=true",
        headers: headers("2026-04")
      }])
    }))

  it.effect("is named in errors by its group and name", () =>
    Effect.gen(function*() {
      const http = script(new Response(null, { status: 404 }))
      const error = yield* Effect.flip(Effect.provide(call({ name: "a", part: 1 }), connection(http)))
      assertTag(error, "PineconeNotFound")
      assert.strictEqual(error.operation, "Collections.describe")
    }))

  it.effect.each<[string, Parameters<typeof call>[0], string]>([
    ["missing", { name: "a" }, "part: must not be empty"],
    ["empty", { name: "", part: 1 }, "name: must not be empty"],
    ["..", { name: "..", part: 1 }, `name: must not be ".."`],
    ["a lone surrogate", { name: "\ud800", part: 1 }, "name: must be well-formed Unicode"]
  ])("is not sent if a parameter of its path is %s", ([, params, message]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.provide(call(params), connection(script())))
      assertTag(error, "PineconeInvalidInput")
      assert.strictEqual(error.message, message)
    }))

  it.effect.each<[string, string]>([
    [".evil.example/a", "path: must start with exactly one slash"],
    ["//evil.example/a", "path: must start with exactly one slash"],
    ["/collections/../indexes/:name", "path: must not have . or .. as a segment"],
    ["/collections/:name#", "path: must not have spaces, backslashes or #"],
    ["/collections/:name?all=true", "path: must not have a query"]
  ])("is not sent to %s", ([path, message]) =>
    Effect.gen(function*() {
      // JavaScript does not check the type of the path.
      const endpoint = { ...describeCollection, path: path as `/${string}` }
      const error = yield* PineconeClient.PineconeClient.use((client) =>
        client.execute(endpoint, { params: { name: "a", part: 1 }, query: { ids: [], all: true } })
      ).pipe(Effect.provide(connection(script())), Effect.flip)
      assertTag(error, "PineconeInvalidInput")
      assert.include(error.message, message)
    }))

  it.effect("is sent with the version that its path needs", () =>
    Effect.gen(function*() {
      const http = script(json({ size: 1 }))
      const endpoint = { ...describeCollection, path: "/indexes/:name/backup-schedules" } as const
      yield* PineconeClient.PineconeClient.use((client) =>
        client.execute(endpoint, { params: { name: "a" }, query: { ids: [], all: true } })
      ).pipe(Effect.provide(connection(http)))
      assert.strictEqual(http.requests[0]?.headers["x-pinecone-api-version"], "unstable")
    }))

  it.effect("is not sent without a part of its request, or with a body if it is a GET", () =>
    Effect.gen(function*() {
      const withBody = { ...describeCollection, payload: Schema.String } as const
      const whole = { params: { name: "a", part: 1 }, query: { ids: [], all: true }, payload: "a" }
      const requests = [{ ...whole, params: undefined }, { ...whole, query: undefined }, whole]
      const messages = yield* PineconeClient.PineconeClient.use((client) =>
        // JavaScript does not check the types of the parts.
        Effect.forEach(requests, (request) => Effect.flip(client.execute(withBody, request as typeof whole)))
      ).pipe(Effect.provide(connection(script())))
      assert.deepStrictEqual(messages.map(({ message }) => message), [
        "params: must not be missing",
        "query: must not be missing",
        "payload: must be omitted from a GET request"
      ])
    }))

  const createCollection = {
    group: "Collections",
    name: "create",
    method: "POST",
    path: "/collections/:name",
    params: { name: Schema.Any },
    query: { q: Schema.optionalKey(Schema.Any) },
    payload: Schema.Any,
    errors: []
  } as const satisfies Endpoints.Endpoint

  const create = (request: { readonly name?: unknown; readonly q?: unknown; readonly payload?: unknown }) =>
    PineconeClient.PineconeClient.use((client) =>
      client.execute(createCollection, {
        params: { name: request.name ?? "a" },
        query: "q" in request ? { q: request.q } : {},
        payload: "payload" in request ? request.payload : {}
      } as Endpoints.EndpointRequest<typeof createCollection>)
    )

  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic

  it.effect.each<[what: string, request: Parameters<typeof create>[0], message: string]>([
    ["a body with a bigint", { payload: { count: 1n } }, "count: must be JSON"],
    ["a body with NaN", { payload: { size: Number.NaN } }, "size: must be a finite number"],
    ["a body with Infinity", { payload: { size: Infinity } }, "size: must be a finite number"],
    ["a body with NaN deep inside", { payload: { a: [{ b: [1, -Infinity] }] } }, "a[0].b[1]: must be a finite number"],
    ["a body that is NaN", { payload: Number.NaN }, "payload: must be a finite number"],
    ["a body with a gap in a list", { payload: { values: [1, undefined, 2] } }, "values[1]: must be JSON"],
    [
      "a body with an empty slot in a list",
      { payload: { values: Object.assign([], { length: 1 }) } },
      "values[0]: must be JSON"
    ],
    ["a body with a function", { payload: { run: () => 1 } }, "run: must be JSON"],
    ["a body with a date", { payload: { at: DateTime.toDateUtc(DateTime.makeUnsafe(0)) } }, "at: must be JSON"],
    ["a body with a map", { payload: { tags: new Map([["a", 1]]) } }, "tags: must be JSON"],
    ["a body with bytes", { payload: { bytes: new Uint8Array(2) } }, "bytes: must be JSON"],
    ["a body with its own JSON", { payload: { url: { toJSON: () => "https://x" } } }, "url: must be JSON"],
    ["a list with its own JSON", { payload: { urls: Object.assign([], { toJSON: () => 1 }) } }, "urls: must be JSON"],
    ["a body that contains itself", { payload: cyclic }, "payload: must be JSON"],
    ["a query with a lone surrogate", { q: "a\ud800" }, "q: must be well-formed Unicode"],
    ["a query with a lone surrogate in a list", { q: ["a", "\udc00b"] }, "q[1]: must be well-formed Unicode"],
    ["a query with NaN", { q: Number.NaN }, "q: must be a finite number"],
    ["a query with null", { q: null }, "q: must be a string, a number or a boolean"],
    ["a query with a gap in a list", { q: ["a", undefined] }, "q[1]: must be a string, a number or a boolean"],
    ["a query with an object", { q: { a: 1 } }, "q: must be a string, a number or a boolean"],
    ["a path with NaN", { name: Number.NaN }, "name: must be a finite number"],
    ["a path with an object", { name: {} }, "name: must be a string, a number or a boolean"]
  ])("is not sent with %s, whatever its schemas are", ([, request, message]) =>
    Effect.gen(function*() {
      const error = yield* create(request).pipe(Effect.provide(connection(script())), Effect.flip)
      assertTag(error, "PineconeInvalidInput")
      assert.strictEqual(error.operation, "Collections.create")
      assert.strictEqual(error.message, message)
    }))

  it.effect("is not sent with NaN if its schema has a number", () =>
    Effect.gen(function*() {
      const payload = Schema.Struct({ weights: Schema.Array(Schema.Struct({ value: Schema.Number })) })
      const endpoint = { ...createCollection, query: {}, payload } as const
      const error = yield* PineconeClient.PineconeClient.use((client) =>
        client.check(endpoint, { params: { name: "a" }, query: {}, payload: { weights: [{ value: Number.NaN }] } })
      ).pipe(Effect.provide(connection(script())), Effect.flip)
      assert.deepStrictEqual([error._tag, error.field], ["PineconeInvalidInput", "weights[0].value"])
    }))

  it.effect("is sent as it is with every other value", () =>
    Effect.gen(function*() {
      const empty = () => new Response(null, { status: 200 })
      const http = script(empty(), empty())
      const payload = {
        text: "ü😀\ud800",
        list: [null, true, 1.5, -0, { more: [] }],
        omitted: undefined,
        tags: { toJSON: "x" },
        plain: Object.assign(Object.create(null), { a: 1 })
      }
      yield* Effect.provide(
        Effect.andThen(create({ q: ["ü", "😀", 1.5, false], payload }), create({ name: true, q: undefined })),
        connection(http)
      )
      assert.deepStrictEqual(http.requests.map(({ body, url }) => [url, body]), [
        [
          "https://api.pinecone.io/collections/a?q=%C3%BC&q=%F0%9F%98%80&q=1.5&q=false",
          `{"text":"ü😀\\ud800","list":[null,true,1.5,0,{"more":[]}],"tags":{"toJSON":"x"},"plain":{"a":1}}`
        ],
        ["https://api.pinecone.io/collections/true", "{}"]
      ])
    }))

  it.effect("is not recovered without a response body if it deletes and has one", () =>
    Effect.gen(function*() {
      const deletion = { ...describeCollection, name: "delete", method: "DELETE" } as const
      const http = script(new Response(null, { status: 503 }), new Response(null, { status: 404 }))
      const error = yield* PineconeClient.PineconeClient.use((client) =>
        client.execute(deletion, { params: { name: "a", part: 1 }, query: { ids: [], all: false } })
      ).pipe(Effect.provide(connection(http)), fastForward, Effect.flip)
      assertTag(error, "PineconeNotFound")
      assert.lengthOf(http.requests, 2)
    }))
})

// ============================================================================
// Time
// ============================================================================

describe("a call without a response", () => {
  const endless = (headers: Record<string, string>) => () =>
    Effect.succeed(new Response(new ReadableStream({}), { headers }))

  const answers = [
    ["no response", () => Effect.never],
    ["a body that never ends", endless({})],
    ["a body that never reaches its content length", endless({ "content-length": "100" })]
  ] as const

  for (const [name, answer] of answers) {
    it.effect(`times out after exactly 30 seconds: ${name}`, () =>
      Effect.gen(function*() {
        const http = scriptWith(answer)
        const fiber = yield* Effect.forkChild(
          Effect.flip(Effect.provide(historyPage(), services(http)))
        )
        yield* TestClock.adjust(29_999)
        assert.isUndefined(fiber.pollUnsafe())
        assert.isFalse(http.signals[0]!.aborted)

        yield* TestClock.adjust(1)
        const error = yield* Fiber.join(fiber)
        assertTag(error, "PineconeRequestTimedOut")
        assert.strictEqual(error.operation, "BackupSchedules.history")
        assert.strictEqual(error.message, "No complete response within 30s")
        assert.deepStrictEqual(error.timeout, Duration.seconds(30))
        assert.strictEqual(error.attempts, 1)
        assert.isTrue(http.signals[0]!.aborted)
        assert.strictEqual(http.requests.length, 1)
      }))

    it.effect(`times out after the requestTimeout option: ${name}`, () =>
      Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(
          Effect.flip(
            Effect.provide(describeJob(), services(scriptWith(answer), { requestTimeout: "1500 millis" }))
          )
        )
        yield* TestClock.adjust(1_499)
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust(1)
        const error = yield* Fiber.join(fiber)
        assertTag(error, "PineconeRequestTimedOut")
        assert.strictEqual(error.operation, "RestoreJobs.describe")
        assert.deepStrictEqual(error.timeout, Duration.millis(1_500))
      }))

    it.effect(`aborts the request when it is interrupted: ${name}`, () =>
      Effect.gen(function*() {
        const http = scriptWith(answer)
        const fiber = yield* Effect.forkChild(Effect.provide(describeJob(), services(http)))
        yield* TestClock.adjust(1_000)
        assert.isFalse(http.signals[0]!.aborted)

        yield* Fiber.interrupt(fiber)
        assert.isTrue(http.signals[0]!.aborted)
        const exit = yield* Fiber.await(fiber)
        assert.isTrue(exit._tag === "Failure" && Cause.hasInterruptsOnly(exit.cause))
      }))
  }

  it.effect("waits indefinitely with an infinite timeout", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(
        Effect.provide(describeJob(), services(scriptWith(() => Effect.never), { requestTimeout: "Infinity" }))
      )
      yield* TestClock.adjust("365 days")
      assert.isUndefined(fiber.pollUnsafe())
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("applies the timeout to each request", () =>
    Effect.gen(function*() {
      const http = scriptWith(() => Effect.delay(Effect.sync(emptyPage), "20 seconds"))
      const fiber = yield* Effect.forkChild(
        Effect.gen(function*() {
          yield* historyPage()
          yield* historyPage()
        }).pipe(Effect.provide(services(http)))
      )
      yield* TestClock.adjust("20 seconds")
      yield* TestClock.adjust("20 seconds")
      yield* Fiber.join(fiber)
      assert.strictEqual(http.requests.length, 2)
    }))
})

// ============================================================================
// Error responses
// ============================================================================

const refuse = (response: Response, options?: Partial<PineconeClient.Options>) =>
  Effect.gen(function*() {
    const error = yield* Effect.flip(Effect.provide(describeJob(), services(script(response), options)))
    assert.isTrue(PineconeError.isPineconeError(error))
    return error as PineconeError.ApiError | PineconeError.UnrecognizedError
  })

describe("an error response", () => {
  it.effect("keeps every field of the documented envelope", () =>
    Effect.gen(function*() {
      const error = yield* refuse(
        json(envelope("NOT_FOUND", "Restore job not found", { id: ["j", 1, null] }), {
          status: 404,
          headers: { "x-request-id": "req-1" }
        })
      )
      assertTag(error, "PineconeNotFound")
      assert.instanceOf(error, PineconeError.NotFound)
      assert.strictEqual(error.operation, "RestoreJobs.describe")
      assert.strictEqual(error.code, "NOT_FOUND")
      assert.strictEqual(error.message, "Restore job not found")
      assert.strictEqual(error.status, 404)
      assert.strictEqual(error.requestId, "req-1")
      assert.deepStrictEqual(error.details, { id: ["j", 1, null] })
      assert.strictEqual(error.attempts, 1)
      assert.isUndefined(error.body)
      assert.isUndefined(error.retryAfter)
      assert.isUndefined(error.hint)
    }))

  it.effect("has the status of the response, not of the envelope", () =>
    Effect.gen(function*() {
      const error = yield* refuse(json({ ...envelope("UNKNOWN", "No"), status: 418 }, { status: 503 }))
      assertTag(error, "PineconeUnknown")
      assert.strictEqual(error.status, 503)
    }))

  it.effect("fails with UnrecognizedError for an unknown code", () =>
    Effect.gen(function*() {
      const error = yield* refuse(json(envelope("TEAPOT", "Short and stout"), { status: 418 }))
      assertTag(error, "PineconeUnrecognizedError")
      assert.strictEqual(error.code, "TEAPOT")
      assert.strictEqual(error.message, "Short and stout")
      assert.isUndefined(error.body)
    }))

  const long = "x".repeat(3_000_000)

  it.effect.each<[string, string, number, string, string, string | undefined]>([
    [
      "a top-level message",
      "{\"code\":2,\"message\":\"internal error\",\"details\":[]}",
      500,
      "Unknown",
      "internal error",
      "="
    ],
    ["a JSON string", "\"Invalid API key\"", 401, "Unauthenticated", "Invalid API key", "="],
    ["plain text", "Invalid API key", 401, "Unauthenticated", "Invalid API key", "="],
    [
      "plain text with surrounding white space",
      "\n Invalid API key \n",
      401,
      "Unauthenticated",
      "Invalid API key",
      "="
    ],
    ["an HTML page", "<html><h1>502 Bad Gateway</h1></html>", 502, "Unavailable", "HTTP status 502", "="],
    ["an HTML page after white space", "\r\n<!doctype html>", 503, "ServiceUnavailable", "HTTP status 503", "="],
    ["an empty body", "", 504, "DeadlineExceeded", "HTTP status 504", undefined],
    ["white space", "  \n", 504, "DeadlineExceeded", "HTTP status 504", "="],
    [
      "truncated JSON",
      "{\"error\":{\"code\":\"NOT_FO",
      404,
      "NotFound",
      "HTTP status 404",
      "="
    ],
    ["JSON without a message", "{\"ok\":false}", 409, "AlreadyExists", "HTTP status 409", "="],
    ["a JSON number", "42", 400, "InvalidArgument", "HTTP status 400", "="],
    ["JSON null", "null", 400, "InvalidArgument", "HTTP status 400", "="],
    ["a JSON array", "[{\"message\":\"no\"}]", 400, "InvalidArgument", "HTTP status 400", "="],
    ["an empty JSON string", "\"\"", 400, "InvalidArgument", "HTTP status 400", "="],
    ["an envelope without a code", "{\"error\":{\"message\":\"no\"}}", 404, "NotFound", "no", "="],
    ["an envelope with an empty code", "{\"error\":{\"code\":\"\",\"message\":\"no\"}}", 404, "NotFound", "no", "="],
    ["an envelope with a numeric code", "{\"error\":{\"code\":5,\"message\":\"no\"}}", 404, "NotFound", "no", "="],
    ["an envelope without a message", "{\"error\":{\"code\":\"ABORTED\"}}", 404, "Aborted", "HTTP status 404", "="],
    [
      "an envelope with an empty message",
      "{\"error\":{\"code\":\"ABORTED\",\"message\":\"\"}}",
      404,
      "Aborted",
      "HTTP status 404",
      "="
    ],
    ["an error that is a string", "{\"error\":\"gone\"}", 410, "UnrecognizedError", "gone", "="],
    ["3 MB of plain text", long, 502, "Unavailable", `${"x".repeat(1_000)}…`, `${"x".repeat(1_000)}…`],
    ["3 MB of a JSON string", `"${long}"`, 502, "Unavailable", `${"x".repeat(1_000)}…`, `"${"x".repeat(999)}…`],
    [
      "a 3 MB message",
      `{"message":"${long}"}`,
      502,
      "Unavailable",
      `${"x".repeat(1_000)}…`,
      `{"message":"${"x".repeat(988)}…`
    ]
  ])("is decoded from %s", ([_, text, status, tag, message, body]) =>
    Effect.gen(function*() {
      const error = yield* refuse(new Response(text === "" ? null : text, { status }))
      assert.strictEqual(error._tag, `Pinecone${tag}`)
      assert.strictEqual(error.status, status)
      assert.strictEqual(error.message, message)
      assert.strictEqual(error.body, body === "=" ? text : body)
    }))

  it.effect("never splits a character at the end of an excerpt", () =>
    Effect.gen(function*() {
      const error = yield* refuse(new Response(`a${"😀".repeat(600)}`, { status: 500 }))
      assert.strictEqual(error.message, `a${"😀".repeat(499)}…`)
    }))

  it.effect("with a 3 MB message in the envelope stays readable", () =>
    Effect.gen(function*() {
      const error = yield* refuse(json(envelope("NOT_FOUND", long), { status: 404 }))
      assertTag(error, "PineconeNotFound")
      assert.strictEqual(error.message, `${"x".repeat(1_000)}…`)
      assert.isUndefined(error.body)
    }))

  it.effect("with a 3 MB code stays readable", () =>
    Effect.gen(function*() {
      const error = yield* refuse(json(envelope(long, "no"), { status: 404 }))
      assertTag(error, "PineconeUnrecognizedError")
      assert.isAtMost(error.code?.length ?? 0, 1_010)
    }))

  it.effect.each<[string, string, Schema.Json]>([
    ["in the envelope", "{\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"no\",\"details\":{\"a\":[1e999,2]}}}", {
      a: [null, 2]
    }],
    ["negative", "{\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"no\",\"details\":-1e999}}", null],
    ["as the code of the data plane", "{\"code\":1e999,\"message\":\"no\",\"details\":[]}", {
      code: null,
      details: []
    }],
    ["in the details of the data plane", "{\"code\":5,\"message\":\"no\",\"details\":[1e999]}", {
      code: 5,
      details: [null]
    }]
  ])("has null for a number out of range: %s", ([_, body, details]) =>
    Effect.gen(function*() {
      const error = yield* refuse(new Response(body, { status: 404 }))
      assertTag(error, "PineconeNotFound")
      assert.strictEqual(error.message, "no")
      assert.deepStrictEqual(error.details, details)
    }))

  it.effect("with deeply nested details is still an error", () =>
    Effect.gen(function*() {
      const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`
      const exit = yield* Effect.exit(
        refuse(new Response(`{"error":{"code":"NOT_FOUND","message":"no","details":${deep}}}`, { status: 404 }))
      )
      assert.isTrue(exit._tag === "Success" && exit.value._tag === "PineconeNotFound", Util.inspect(exit, { depth: 3 }))
    }))

  describe("the request ID", () => {
    it.effect.each<[Readonly<Record<string, string>>, string | undefined]>([
      [{}, undefined],
      [{ "x-request-id": "a" }, "a"],
      [{ "x-pinecone-request-id": "b" }, "b"],
      [{ "X-Pinecone-Request-Id": "b", "X-Request-Id": "a" }, "b"],
      [{ "x-pinecone-request-id": "", "x-request-id": "a" }, "a"]
    ])("is read from the headers %j: %s", ([headers, requestId]) =>
      Effect.gen(function*() {
        const error = yield* refuse(json(envelope("UNKNOWN", "no"), { status: 500, headers }))
        assert.strictEqual(error.requestId, requestId)
      }))

    it.effect("is kept for a success that does not decode", () =>
      Effect.gen(function*() {
        const error = yield* refuse(json([], { headers: { "x-request-id": "a" } }))
        assert.strictEqual(error.requestId, "a")
      }))
  })

  describe("the Retry-After header", () => {
    // 2026-01-01T00:00:00Z
    const now = 1_767_225_600_000

    it.effect.each<[string, Duration.Duration | undefined]>([
      ["0", Duration.zero],
      ["5", Duration.seconds(5)],
      [" 120 ", Duration.minutes(2)],
      ["Thu, 01 Jan 2026 00:00:30 GMT", Duration.seconds(30)],
      ["Wed, 31 Dec 2025 23:59:00 GMT", Duration.zero],
      ["-5", undefined],
      ["1.5", undefined],
      ["soon", undefined],
      ["Thu, 99 Jan 2026 00:00:30 GMT", undefined],
      ["", undefined]
    ])("is parsed: %s", ([value, expected]) =>
      Effect.gen(function*() {
        yield* TestClock.setTime(now)
        const error = yield* refuse(
          json(envelope("RESOURCE_EXHAUSTED", "Slow down"), { status: 429, headers: { "retry-after": value } })
        )
        assertTag(error, "PineconeResourceExhausted")
        assert.deepStrictEqual(error.retryAfter, expected)
      }))

    it.effect("is accepted with a huge number", () =>
      Effect.gen(function*() {
        const error = yield* refuse(
          json(envelope("RESOURCE_EXHAUSTED", "Slow down"), {
            status: 429,
            headers: { "retry-after": "9".repeat(300) }
          })
        )
        assertTag(error, "PineconeResourceExhausted")
        assert.isString(JSON.stringify(error))
      }))
  })
})

describe("the hint about the API version", () => {
  const hint = (version: string) =>
    `Backup schedules moved between versions of the API: try apiVersion (PINECONE_API_VERSION) "${version}"`

  const historyError = (response: Response, options: Partial<PineconeClient.Options>, page?: Page.PageOptions) =>
    Effect.map(
      Effect.flip(Effect.provide(historyPage(page), services(script(response), options))),
      (error) => "hint" in error ? error.hint : undefined
    )

  const silent = [
    ["plain text", () => "404 page not found"],
    ["an HTML page", () => "<html>Not found</html>"],
    ["foreign JSON", () => "{\"detail\":\"Not Found\"}"],
    ["an empty body", () => null]
  ] as const

  for (const status of [404, 405, 410, 501]) {
    for (const [name, body] of silent) {
      it.effect(`is present for ${status} and ${name}`, () =>
        Effect.gen(function*() {
          assert.strictEqual(
            yield* historyError(new Response(body(), { status }), { apiVersion: "2026-04" }),
            hint("2026-07")
          )
          assert.strictEqual(
            yield* historyError(new Response(body(), { status }), { apiVersion: "2026-07" }),
            hint("2026-04")
          )
        }))

      it.effect(`is absent on other routes for ${status} and ${name}`, () =>
        Effect.gen(function*() {
          assert.isUndefined((yield* refuse(new Response(body(), { status }))).hint)
        }))
    }

    it.effect(`is absent if the service returns ${status} with its own message`, () =>
      Effect.gen(function*() {
        const response = json(envelope("NOT_FOUND", "Backup schedule not found"), { status })
        assert.isUndefined(yield* historyError(response, {}))
      }))
  }

  it.effect("is present for a 400 to a request that cannot be invalid", () =>
    Effect.gen(function*() {
      const response = () =>
        json(envelope("INVALID_ARGUMENT", "API version 2026-04 is not supported."), { status: 400 })
      assert.strictEqual(yield* historyError(response(), {}), hint("2026-07"))
      assert.strictEqual(yield* historyError(response(), {}, { limit: 5 }), hint("2026-07"))
      assert.isUndefined(yield* historyError(response(), {}, { paginationToken: "t" }))
      assert.isUndefined((yield* refuse(response())).hint)
    }))

  it.effect.each([401, 402, 403, 409, 412, 422, 429, 500, 502, 503, 504])(
    "is absent for a bare %s",
    (status) =>
      Effect.gen(function*() {
        assert.isUndefined(yield* historyError(new Response("no", { status }), {}))
      })
  )
})

// ============================================================================
// No response
// ============================================================================

describe("a transport failure", () => {
  const request = HttpClientRequest.get("https://api.pinecone.io/secret-path")

  const failWith = (cause: unknown) =>
    Effect.fail(
      new HttpClientError.HttpClientError({
        reason: new HttpClientError.TransportError({ request, cause })
      })
    )

  const connectionError = (cause: unknown, options?: Partial<PineconeClient.Options>) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.provide(describeJob(), services(script(failWith(cause)), options)))
      assertTag(error, "PineconeConnectionFailed")
      return error
    })

  it.effect("lists every cause, and has the code of the innermost cause", () =>
    Effect.gen(function*() {
      const cause = Object.assign(
        new TypeError("fetch failed", {
          cause: Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:443"), {
            code: "ECONNREFUSED",
            cause: new Error("no listener")
          })
        }),
        { code: "FETCH_FAILED" }
      )
      const error = yield* connectionError(cause)
      assert.strictEqual(
        error.message,
        "Could not reach api.pinecone.io: connect ECONNREFUSED 127.0.0.1:443: no listener"
      )
      assert.strictEqual(error.code, "ECONNREFUSED")
      assert.strictEqual(error.operation, "RestoreJobs.describe")
      assert.strictEqual(error.attempts, 1)
      assert.isTrue(error.isRetryable)
    }))

  it.effect("has the host and port of the request", () =>
    Effect.gen(function*() {
      const error = yield* connectionError(new Error("no"), { host: "http://localhost:5081/prefix" })
      assert.strictEqual(error.message, "Could not reach localhost:5081: no")
    }))

  it.effect("lists the attempts at several addresses", () =>
    Effect.gen(function*() {
      const attempt = Object.assign(new Error("connect ENETUNREACH ::1:443"), { code: "ENETUNREACH" })
      const error = yield* connectionError(
        new TypeError("fetch failed", { cause: new AggregateError([attempt], "") })
      )
      assert.strictEqual(error.message, "Could not reach api.pinecone.io: connect ENETUNREACH ::1:443")
      assert.strictEqual(error.code, "ENETUNREACH")
    }))

  it.effect("prints repeated messages once", () =>
    Effect.gen(function*() {
      const error = yield* connectionError(new Error("reset", { cause: new Error("reset") }))
      assert.strictEqual(error.message, "Could not reach api.pinecone.io: reset")
      assert.isUndefined(error.code)
    }))

  const cyclic = new Error("round")
  cyclic.cause = cyclic

  it.effect.each<[string, unknown, string]>([
    ["undefined", undefined, ""],
    ["null", null, ""],
    ["a string", "socket hang up", ": socket hang up"],
    ["a number", 5, ""],
    ["an object", { message: 5, code: {}, cause: null }, ""],
    ["its own cause", cyclic, ": round"],
    ["an empty AggregateError", new AggregateError([]), ""]
  ])("caused by %s fails with ConnectionFailed", ([_, cause, message]) =>
    Effect.gen(function*() {
      const error = yield* connectionError(cause)
      assert.strictEqual(error.message, `Could not reach api.pinecone.io${message}`)
    }))

  describe("without a cause in a browser", () => {
    const viaFetch = (cause: unknown) =>
      describeJob().pipe(
        Effect.provide(services({ layer: FetchHttpClient.layer })),
        Effect.provideService(FetchHttpClient.Fetch, () => Promise.reject(cause)),
        Effect.flip,
        Effect.map((error) => {
          assertTag(error, "PineconeConnectionFailed")
          return error
        })
      )

    it.effect.each([
      ["Chromium", "Failed to fetch"],
      ["a newer Chromium", "Failed to fetch (api.pinecone.io)"],
      ["Safari", "Load failed"],
      ["Firefox", "NetworkError when attempting to fetch resource."]
    ])("has a hint: %s", ([_, message]) =>
      Effect.gen(function*() {
        const error = yield* viaFetch(new TypeError(message))
        assert.strictEqual(error.message, `Could not reach api.pinecone.io: ${message}`)
        assert.match(error.hint ?? "", /no CORS headers.*server/)
      }))

    it.effect.each<[string, unknown]>([
      ["Node", new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) })],
      ["a failure with a code", Object.assign(new TypeError("Failed to fetch"), { code: "ConnectionRefused" })],
      ["an error of a different class", new Error("Failed to fetch")],
      ["a different message", new TypeError("Failed to parse URL")]
    ])("has no hint if the cause is known: %s", ([_, cause]) =>
      Effect.gen(function*() {
        assert.isUndefined((yield* viaFetch(cause)).hint)
      }))
  })

  it.effect("does not keep the request", () =>
    Effect.gen(function*() {
      const error = yield* connectionError(new Error(`Invalid header value: ${apiKey}`))
      const rendered = Util.inspect(error, { depth: 10, showHidden: true })
      assert.notInclude(rendered, apiKey)
      assert.notInclude(rendered, "secret-path")
      assert.strictEqual(error.message, "Could not reach api.pinecone.io: Invalid header value: <redacted>")
    }))

  it.effect.each<[string, Record<string, string>]>([
    ["a body", {}],
    ["a body with a content length", { "content-length": "100" }]
  ])("fails with ConnectionFailed while reading %s", ([_, headers]) =>
    Effect.gen(function*() {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode("{\"restore_job"))
          controller.error(Object.assign(new Error("terminated"), { code: "UND_ERR_SOCKET" }))
        }
      })
      const error = yield* Effect.flip(Effect.provide(describeJob(), services(script(new Response(body, { headers })))))
      assertTag(error, "PineconeConnectionFailed")
      assert.strictEqual(error.message, "The response of api.pinecone.io is incomplete: terminated")
      assert.strictEqual(error.code, "UND_ERR_SOCKET")
    }))
})

// ============================================================================
// Success responses
// ============================================================================

describe("a success response", () => {
  const reading = operations.filter(({ success }) => success !== undefined)

  it.effect.each([200, 201, 202, 203, 206, 226, 299])(
    "is accepted with any 2xx status: %s",
    (status) =>
      Effect.gen(function*() {
        const value = yield* Effect.provide(describeJob(), services(script(json(job, { status }))))
        assert.deepStrictEqual(RestoreJob.toJson(value), job)
      })
  )

  it.effect("is decoded with a byte order mark", () =>
    Effect.gen(function*() {
      const response = new Response(new TextEncoder().encode(`\ufeff${JSON.stringify(job)}`))
      const value = yield* Effect.provide(describeJob(), services(script(response)))
      assert.strictEqual(value.status, "Completed")
    }))

  it.effect("is decoded with any content type", () =>
    Effect.gen(function*() {
      const response = new Response(JSON.stringify(job), { headers: { "content-type": "text/plain" } })
      const value = yield* Effect.provide(describeJob(), services(script(response)))
      assert.strictEqual(value.status, "Completed")
    }))

  it.effect.each([
    ["text", "ok"],
    ["HTML", "<html>Sign in</html>"],
    ["an empty body", ""],
    ["truncated JSON", "{\"restore_job_id\":\"a"]
  ])("fails with MalformedResponse if it is %s", ([_, text]) =>
    Effect.gen(function*() {
      for (const { call, operation } of reading) {
        const error = yield* Effect.flip(Effect.provide(call, services(script(new Response(text), lookupDenied()))))
        assertTag(error, "PineconeMalformedResponse")
        assert.strictEqual(error.operation, operation)
        assert.strictEqual(error.message, "The response is not JSON")
        assert.strictEqual(error.status, 200)
        assert.strictEqual(error.body, text)
        assert.isUndefined(error.field)
      }
    }))

  it.effect.each<[string, Schema.Json]>([
    ["null", null],
    ["a number", 5],
    ["a string", "ok"],
    ["an array", []],
    ["true", true]
  ])("fails with MalformedResponse if it is JSON for %s", ([_, body]) =>
    Effect.gen(function*() {
      for (const { call } of reading) {
        const error = yield* Effect.flip(Effect.provide(call, services(script(json(body), lookupDenied()))))
        assertTag(error, "PineconeMalformedResponse")
        assert.isUndefined(error.field)
        assert.strictEqual(error.body, JSON.stringify(body))
      }
    }))

  it.effect.each<[string, Schema.Json]>([
    ["data", { data: {} }],
    ["data", { data: "none" }],
    ["data[0]", { data: [null] }],
    ["data[1]", { data: [row("a"), []] }],
    ["data[1].backup_id", { data: [row("a"), { ...row("b"), backup_id: null }] }],
    ["data[0].source_index_name", { data: [{ ...row("a"), source_index_name: 5 }] }],
    ["data[0].name", { data: [{ ...row("a"), name: 7 }] }],
    ["data[0].status", { data: [{ ...row("a"), status: 5 }] }],
    ["data[0].tags", { data: [{ ...row("a"), tags: "none" }] }],
    ["pagination", { data: [], pagination: "none" }],
    ["pagination.next", { data: [], pagination: { next: 5 } }],
    ["pagination.next", { data: [], pagination: { next: "\ud800" } }]
  ])("reports the invalid field %s", ([field, body]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.provide(historyPage(), services(script(json(body)))))
      assertTag(error, "PineconeMalformedResponse")
      assert.strictEqual(error.field, field)
      assert.isTrue(error.message.startsWith(`${field}: `), error.message)
      assert.strictEqual(error.body, JSON.stringify(body))
      assert.isFalse(error.isRetryable)
    }))

  it.effect("keeps only the beginning of an invalid 3 MB body", () =>
    Effect.gen(function*() {
      const body = { data: [{ ...row("a"), name: "x".repeat(3_000_000), status: 5 }] }
      const error = yield* Effect.flip(Effect.provide(historyPage(), services(script(json(body)))))
      assertTag(error, "PineconeMalformedResponse")
      assert.strictEqual(error.field, "data[0].status")
      assert.isAtMost(error.body?.length ?? 0, 1_001)
      assert.isBelow(Util.inspect(error, { depth: 10 }).length, 10_000)
    }))

  it.effect.each(["schema", "tags", "unknown_key", "created_at"])(
    "is not a defect with a deeply nested %s",
    (key) =>
      Effect.gen(function*() {
        const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`
        const value = key === "tags" ? `{"a":${deep}}` : deep
        const text = JSON.stringify({ data: [{ ...row("a"), [key]: "DEEP" }] }).replace("\"DEEP\"", value)
        const exit = yield* Effect.exit(
          Effect.provide(historyPage(), services(script(new Response(text), lookupDenied())))
        )
        assert.isFalse(
          exit._tag === "Failure" && Cause.hasDies(exit.cause),
          Util.inspect(exit, { depth: 3 }).slice(0, 500)
        )
      })
  )

  it.effect("is decoded up to 256 levels, at any position, and rejected beyond", () =>
    Effect.gen(function*() {
      /** Creates a response with a nesting depth, in a row or beside it. */
      const answer = (levels: number, isRow: boolean) => {
        const around = isRow ? 3 : 1
        const deep = JSON.parse(`${"[".repeat(levels - around)}${"]".repeat(levels - around)}`)
        return json({
          data: [{ ...row("a"), ...(isRow && { unknown_key: deep }) }],
          ...(!isRow && { unknown_key: deep })
        })
      }
      for (const isRow of [true, false]) {
        const { data } = yield* Effect.provide(historyPage(), services(script(answer(256, isRow))))
        assert.strictEqual(data.length, 1)
        const error = yield* Effect.flip(Effect.provide(historyPage(), services(script(answer(257, isRow)))))
        assertTag(error, "PineconeMalformedResponse")
        assert.strictEqual(error.message, "The response is nested too deeply")
      }
    }))
})

describe("a redirect", () => {
  it.effect("is not followed and fails", () =>
    Effect.gen(function*() {
      const response = new Response(null, { status: 302, headers: { location: "https://evil.example/" } })
      const http = script(response)
      const error = yield* Effect.flip(Effect.provide(describeJob(), services(http)))
      assertTag(error, "PineconeUnrecognizedError")
      assert.strictEqual(error.status, 302)
      assert.strictEqual(error.category, "protocol")
      assert.strictEqual(http.requests.length, 1)
    }))

  const fetched = (layer: Layer.Layer<Pinecone.Services, PineconeError.InvalidInput, HttpClient.HttpClient>) =>
    Effect.gen(function*() {
      const calls: Array<{ readonly url: string; readonly init: RequestInit | undefined }> = []
      const error = yield* Effect.flip(describeJob()).pipe(
        Effect.provide(Layer.provide(layer, FetchHttpClient.layer)),
        Effect.provideService(FetchHttpClient.Fetch, (url, init) => {
          calls.push({ url: String(url), init })
          return Promise.resolve(
            new Response(null, { status: 307, headers: { location: "https://evil.example/" } })
          )
        })
      )
      assertTag(error, "PineconeUnrecognizedError")
      assert.strictEqual(error.status, 307)
      assert.deepStrictEqual(calls.map((call) => call.url), [`https://api.pinecone.io/restore-jobs/${jobId}`])
      return calls[0]!.init!
    })

  const options = { apiKey: Redacted.make(apiKey) }

  it.effect("is not followed by fetch", () =>
    Effect.gen(function*() {
      const init = yield* fetched(Pinecone.layer(options))
      assert.strictEqual(init.redirect, "manual")
      assert.strictEqual(new globalThis.Headers(init.headers).get("api-key"), apiKey)
    }))

  it.effect("is not followed by fetch with a provided RequestInit, whose other settings are kept", () =>
    Effect.gen(function*() {
      const init = yield* fetched(
        Pinecone.layer(options).pipe(
          Layer.provide(
            Layer.succeed(FetchHttpClient.RequestInit, { redirect: "follow", credentials: "omit", keepalive: true })
          )
        )
      )
      assert.strictEqual(init.redirect, "manual")
      assert.strictEqual(init.credentials, "omit")
      assert.strictEqual(init.keepalive, true)
    }))

  it.effect("is not followed by fetch with a RequestInit around the call", () =>
    Effect.gen(function*() {
      const init = yield* Effect.provideService(fetched(Pinecone.layer(options)), FetchHttpClient.RequestInit, {
        redirect: "follow"
      })
      assert.strictEqual(init.redirect, "manual")
    }))
})

// ============================================================================
// The caller's HttpClient
// ============================================================================

describe("the transformClient option", () => {
  it.effect("keeps the errors if the client rejects error statuses", () =>
    Effect.gen(function*() {
      const error = yield* refuse(
        json(envelope("FAILED_PRECONDITION", "Not yet"), { status: 412, headers: { "x-request-id": "r" } }),
        { transformClient: HttpClient.filterStatusOk }
      )
      assertTag(error, "PineconeFailedPrecondition")
      assert.strictEqual(error.message, "Not yet")
      assert.strictEqual(error.requestId, "r")
    }))

  it.effect("receives every request and can change it", () =>
    Effect.gen(function*() {
      const http = script(emptyPage(), json(job))
      yield* Effect.gen(function*() {
        yield* historyPage()
        yield* describeJob()
      }).pipe(Effect.provide(services(http, {
        transformClient: HttpClient.mapRequest(HttpClientRequest.setHeader("x-team", "search"))
      })))
      assert.deepStrictEqual(http.requests.map((sent) => sent.headers["x-team"]), ["search", "search"])
      assert.deepStrictEqual(http.requests.map((sent) => sent.headers["api-key"]), [apiKey, apiKey])
    }))

  it.effect("can retry", () =>
    Effect.gen(function*() {
      const http = script(new Response(null, { status: 503 }), json(job))
      const value = yield* Effect.provide(
        describeJob(),
        services(http, { transformClient: HttpClient.retryTransient({ times: 1 }) })
      )
      assert.strictEqual(value.status, "Completed")
      assert.strictEqual(http.requests.length, 2)
    }))
})

// ============================================================================
// Traces and secrets
// ============================================================================

describe("the trace of a call", () => {
  it.effect("has one span per request, named after the operation", () =>
    Effect.gen(function*() {
      const { spans, tracer } = collectSpans()
      const http = script(json({ data: [row("a")], pagination: { next: "2" } }), new Response("no", { status: 500 }))
      const caller = yield* Effect.gen(function*() {
        yield* Effect.flip(Stream.runDrain(history()))
        return yield* Effect.currentSpan
      }).pipe(
        Effect.provide(services(http, { tracePropagation: true })),
        Effect.withSpan("caller"),
        Effect.provideService(Tracer.Tracer, tracer)
      )
      const operations = spans.filter((span) => span.name !== "caller")

      assert.deepStrictEqual(operations.map((span) => span.name), [
        "BackupSchedules.history",
        "BackupSchedules.history"
      ])
      assert.deepStrictEqual(
        operations.map((span) => span.status._tag === "Ended" && span.status.exit._tag),
        ["Success", "Failure"]
      )
      // Retaining the spans must not retain the pages.
      assert.deepStrictEqual(operations[0]!.status._tag === "Ended" && operations[0]!.status.exit, Exit.void)
      assert.deepStrictEqual(operations.map((span) => Option.getOrUndefined(span.parent)?.spanId), [
        caller.spanId,
        caller.spanId
      ])
      assert.deepStrictEqual(
        http.requests.map((sent) => sent.headers["traceparent"]),
        operations.map((span) => `00-${caller.traceId}-${span.spanId}-01`)
      )
    }))
})

describe("the tracePropagation option", () => {
  const sentHeaders = (tracePropagation: boolean | undefined) =>
    Effect.gen(function*() {
      const http = script(json(job))
      const span = yield* Effect.gen(function*() {
        yield* describeJob()
        return yield* Effect.currentSpan
      }).pipe(Effect.withSpan("caller"), Effect.provide(services(http, { tracePropagation })))
      return { sent: http.requests[0]!.headers, traceId: span.traceId }
    })

  it.effect.each([undefined, false])("is disabled: %s", (setting) =>
    Effect.gen(function*() {
      const { sent } = yield* sentHeaders(setting)
      assert.deepStrictEqual(sent, headers("2026-04"))
    }))

  it.effect("sends the trace of the caller if it is enabled", () =>
    Effect.gen(function*() {
      const { sent, traceId } = yield* sentHeaders(true)
      assert.match(sent["traceparent"] ?? "", new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
    }))
})

describe("the api-key header", () => {
  it.effect("is redacted during a request, in addition to the names that the caller redacts", () =>
    Effect.gen(function*() {
      const names: Array<ReadonlyArray<string | RegExp>> = []
      const rendered: Array<string> = []
      const client = HttpClient.make((request, _url, _signal, fiber) =>
        Effect.sync(() => {
          names.push(Context.get(fiber.context, Headers.CurrentRedactedNames))
          rendered.push(JSON.stringify(request), Util.inspect(request, { depth: 10 }))
          return HttpClientResponse.fromWeb(request, json(job))
        })
      )
      yield* describeJob().pipe(
        Effect.provide(services({ layer: Layer.succeed(HttpClient.HttpClient, client) })),
        Effect.provideService(Headers.CurrentRedactedNames, ["x-mine"])
      )
      assert.deepStrictEqual(names, [["x-mine", "api-key"]])
      assert.notInclude(rendered.join("\n"), apiKey)
    }))
})

describe("an API key repeated in a response", () => {
  const echo = `You sent ${apiKey}, ${apiKey}!`
  const scrubbed = "You sent <redacted>, <redacted>!"

  it.effect("is removed from the message and the body", () =>
    Effect.gen(function*() {
      const error = yield* refuse(new Response(echo, { status: 401 }))
      assert.strictEqual(error.message, scrubbed)
      assert.strictEqual(error.body, scrubbed)
    }))

  it.effect("is removed from the details, including keys", () =>
    Effect.gen(function*() {
      const details = { [echo]: [echo, { nested: echo, count: 1, flag: true, nothing: null }] }
      const error = yield* refuse(json(envelope("UNAUTHENTICATED", echo, details), { status: 401 }))
      assert.strictEqual(error.message, scrubbed)
      assert.deepStrictEqual(error.details, {
        [scrubbed]: [scrubbed, { nested: scrubbed, count: 1, flag: true, nothing: null }]
      })
    }))

  it.effect("is removed from the code", () =>
    Effect.gen(function*() {
      const error = yield* refuse(json(envelope(apiKey, "no"), { status: 401 }))
      assertTag(error, "PineconeUnrecognizedError")
      assert.strictEqual(error.code, "<redacted>")
    }))

  it.effect("is removed from the request ID", () =>
    Effect.gen(function*() {
      const error = yield* refuse(
        json(envelope("UNAUTHENTICATED", "no"), { status: 401, headers: { "x-request-id": `r-${apiKey}` } })
      )
      assert.strictEqual(error.requestId, "r-<redacted>")
    }))

  it.effect("is removed from a success that does not decode", () =>
    Effect.gen(function*() {
      const error = yield* refuse(json({ ...job, restore_job_id: null, status: echo }))
      assert.notInclude(Util.inspect(error, { depth: 10 }), apiKey)
    }))

  /** The API key with the characters at some positions written as escapes. */
  const escapedWhere = (isEscaped: (at: number) => boolean, escape = (hex: string) => `\\u${hex}`) =>
    [...apiKey].map((letter, at) => isEscaped(at) ? escape(letter.charCodeAt(0).toString(16).padStart(4, "0")) : letter)
      .join("")

  const escapedKeys: ReadonlyArray<readonly [what: string, key: string]> = [
    ["one character", escapedWhere((at) => at === 4)],
    ["the first character", escapedWhere((at) => at === 0)],
    ["the last character", escapedWhere((at) => at === apiKey.length - 1)],
    ["every character", escapedWhere(() => true)],
    [
      "every second character, in capital letters",
      escapedWhere((at) => at % 2 === 0, (hex) => `\\u${hex.toUpperCase()}`)
    ],
    ["JSON in a string of JSON", escapedWhere((at) => at === 4, (hex) => `\\\\u${hex}`)]
  ]

  /** Bodies with the key, as JSON and as text that is not quite JSON. */
  const bodiesWith: ReadonlyArray<(key: string) => string> = [
    (key) => `{"oops":"bad key ${key}!"}`,
    (key) => `{"${key}":1}`,
    (key) => `"${key}"`,
    (key) => `{"message":"${key}"}`,
    (key) => `{"error":{"code":"UNAUTHENTICATED","message":"${key}","details":{"${key}":["${key}"]}}}`,
    (key) => `{"error":{"code":"${key}","message":"${key}"}}`,
    (key) => `{"oops":"\\n\\\\${key}", "rest": "is cut of`,
    (key) => `<html><script>var error = {"key":"${key}"}</script>`,
    (key) => `{"oops":"${key}","deep":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
    (key) => `${"x".repeat(985)} ${key}`
  ]

  it.effect.each(escapedKeys)("is removed if the escapes are those of %s", ([_, key]) =>
    Effect.gen(function*() {
      for (const body of bodiesWith) {
        for (const status of [200, 401, 503]) {
          const error = yield* refuse(new Response(body(key), { status }))
          const rendered = `${Util.inspect(error, { depth: 10 })}${JSON.stringify(error)}${error.message}`
            // What printing adds.
            .replaceAll(/\\+/g, "\\")
          const spelled = rendered.replaceAll(/\\u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
          assert.notInclude(spelled, apiKey.slice(0, 12), `${status} ${body("KEY").slice(0, 60)}`)
        }
      }
    }))

  it.effect("is removed in time from a text of backslashes", () =>
    Effect.gen(function*() {
      const error = yield* refuse(new Response(`${"\\".repeat(3_000_000)}${apiKey}`, { status: 502 }))
      assertTag(error, "PineconeUnavailable")
    }))

  it.effect("leaves all other text as it is", () =>
    Effect.gen(function*() {
      for (const body of ["{\"a\":\"\\u0070csk\\n\\\\\"}", "C:\\pcsk_\\u", `${apiKey.slice(0, -1)}\\u0000`]) {
        assert.strictEqual((yield* refuse(new Response(body, { status: 401 }))).body, body)
      }
    }))

  it.effect("is removed if it has characters with a meaning in patterns", () =>
    Effect.gen(function*() {
      const key = "a+b/c.(d)[e]{2}^$|?*-~=&"
      for (const text of [key, key.replace("/", "\\/"), key.replace("+", "\\u002b").replace("/", "\\u002F")]) {
        const error = yield* refuse(new Response(`{"oops":"${text}"}`, { status: 401 }), { apiKey: Redacted.make(key) })
        assert.strictEqual(error.body, "{\"oops\":\"<redacted>\"}")
      }
    }))

  it.effect("is removed if an excerpt ends within it", () =>
    Effect.gen(function*() {
      for (let shown = 1; shown < apiKey.length; shown++) {
        const text = "x".repeat(1_000 - shown) + apiKey
        const error = yield* refuse(new Response(text, { status: 502 }))
        const rendered = Util.inspect(error, { depth: 10 })
        // A few letters reveal nothing, and most API keys have the same prefix.
        assert.notInclude(rendered, apiKey.slice(0, 12), `${shown} characters of the key are in the excerpt`)
      }
    }))

  it.effect("is kept if it is short, because it can be part of any word", () =>
    Effect.gen(function*() {
      const error = yield* refuse(new Response("a test", { status: 401 }), { apiKey: Redacted.make("test") })
      assert.strictEqual(error.message, "a test")
    }))
})

describe("an endless response", () => {
  const endless = () => {
    const chunk = new TextEncoder().encode("x".repeat(1024 * 1024))
    let pulled = 0
    let isCancelled = false
    const body = new ReadableStream({
      pull: (controller) => {
        pulled++
        controller.enqueue(chunk)
      },
      cancel: () => {
        isCancelled = true
      }
    })
    return { body, seen: () => ({ pulled, isCancelled }) }
  }

  it.effect.each<[number, string, Record<string, string>]>([
    [200, "MalformedResponse", {}],
    [503, "ServiceUnavailable", {}],
    [200, "MalformedResponse", { "content-length": "99000000000" }],
    [200, "MalformedResponse", { "content-length": "1000", "content-encoding": "gzip" }]
  ])(
    "is read up to 64 MiB and then closed: status %i ends in %s, with headers %o",
    ([status, tag, headers]) =>
      Effect.gen(function*() {
        const { body, seen } = endless()
        const error = yield* refuse(new Response(body, { status, headers }))
        assert.strictEqual(error._tag, `Pinecone${tag}`)
        assert.isTrue(seen().isCancelled)
        assert.isBelow(seen().pulled, 70)
      })
  )
})

describe("a client that follows redirects", () => {
  it.effect("does not send the API key to a different origin through transformClient", () =>
    Effect.gen(function*() {
      const http = script(
        new Response(null, { status: 307, headers: { location: "https://elsewhere.example/restore-jobs/job" } }),
        new Response(null, { status: 404 })
      )
      yield* Effect.flip(Effect.provide(
        Effect.flatMap(RestoreJobs.RestoreJobs, (jobs) => jobs.describe(RestoreJob.RestoreJobId.make("job"))),
        services(http, { transformClient: HttpClient.followRedirects(3) })
      ))
      assert.deepStrictEqual(http.requests.map(({ headers, url }) => [url, headers["api-key"]]), [
        ["https://api.pinecone.io/restore-jobs/job", apiKey],
        ["https://elsewhere.example/restore-jobs/job", undefined]
      ])
    }))
})
