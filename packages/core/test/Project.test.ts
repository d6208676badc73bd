import { assert, describe, it } from "@effect/vitest"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Backups from "../src/Backups.ts"
import * as HealthChecks from "../src/health/HealthChecks.ts"
import * as Pinecone from "../src/Pinecone.ts"
import * as PineconeClient from "../src/PineconeClient.ts"
import * as Project from "../src/Project.ts"
import { fastForward, indexName, json, noneBefore, scriptWith } from "./support.ts"

class Billing extends Project.Service<Billing>()("test/Billing") {}
class Search extends Project.Service<Search>()("test/Search") {}

/** A transport that records where each API key was used. */
const keys = () => {
  const seen: Array<string> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      seen.push(`${request.headers["api-key"]} ${url.host}${url.pathname}`)
      return HttpClientResponse.fromWeb(
        request,
        url.pathname === "/indexes" ? json({ indexes: [] }) : noneBefore()
      )
    })
  )
  return { seen, layer: Layer.succeed(HttpClient.HttpClient, client) }
}

const env = (env: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env }))

const both = Layer.mergeAll(
  Billing.layer({ apiKey: Redacted.make("billing-key"), host: "https://billing.example" }),
  Search.layerConfig({ apiKey: Config.Redacted("SEARCH_KEY") })
)

describe("Project.Service", () => {
  it.effect("separates the API keys, hosts and services of projects", () =>
    Effect.gen(function*() {
      const http = keys()
      yield* Effect.gen(function*() {
        for (const project of [yield* Billing, yield* Search]) {
          yield* Stream.runDrain(project.backups.list())
          yield* Stream.runDrain(project.restoreJobs.list())
          yield* project.indexes.list
        }
        const [billing, search] = [yield* Billing, yield* Search]
        for (const name of ["schedules", "backups", "restoreJobs", "indexes"] as const) {
          assert.notStrictEqual<unknown>(billing[name], search[name], name)
        }
      }).pipe(Effect.provide(both.pipe(Layer.provide(http.layer), Layer.provide(env({ SEARCH_KEY: "search-key" })))))
      assert.deepStrictEqual(http.seen, [
        "billing-key billing.example/backups",
        "billing-key billing.example/restore-jobs",
        "billing-key billing.example/indexes",
        "search-key api.pinecone.io/backups",
        "search-key api.pinecone.io/restore-jobs",
        "search-key api.pinecone.io/indexes"
      ])
    }))

  it.effect("reads the host, but never the API key, from the usual variables", () =>
    Effect.gen(function*() {
      const http = keys()
      const settings = { PINECONE_API_KEY: "usual-key", PINECONE_CONTROLLER_HOST: "http://localhost:5081" }
      const layer = Layer.provide(Search.layerConfig({ apiKey: Config.Redacted("SEARCH_KEY") }), http.layer)
      const program = Effect.flatMap(Search, ({ backups }) => Stream.runDrain(backups.list()))
      const error = yield* Effect.flip(Effect.provide(program, Layer.provide(layer, env(settings))))
      assert.instanceOf(error, Config.ConfigError)
      assert.include(String(error), "SEARCH_KEY")
      yield* Effect.provide(program, Layer.provide(layer, env({ ...settings, SEARCH_KEY: "search-key" })))
      assert.deepStrictEqual(http.seen, ["search-key localhost:5081/backups"])
    }))

  it.effect("provides the services of the project to code for a single project", () =>
    Effect.gen(function*() {
      const http = keys()
      const reusable = Effect.flatMap(Backups.Backups, (backups) => Stream.runDrain(backups.list()))
      yield* Effect.all([
        Effect.provide(reusable, Billing.layerServices),
        Effect.provide(reusable, Search.layerServices),
        Effect.provide(
          Effect.flatMap(HealthChecks.HealthChecks, (checks) => checks.gather()),
          Layer.provide(Layer.fresh(HealthChecks.layer), Search.layerServices)
        )
      ]).pipe(Effect.provide(both.pipe(Layer.provide(http.layer), Layer.provide(env({ SEARCH_KEY: "search-key" })))))
      assert.deepStrictEqual(http.seen.slice(0, 2), [
        "billing-key billing.example/backups",
        "search-key api.pinecone.io/backups"
      ])
      assert.isAbove(http.seen.length, 2)
      assert.isTrue(http.seen.slice(2).every((line) => line.startsWith("search-key ")), http.seen.join("\n"))
    }))
})

describe("identical writes of two projects", () => {
  const create = (project: Project.Project) => Effect.ignore(project.backups.create(indexName, { name: "once" }))
  const ensure = (project: Project.Project) =>
    Effect.ignore(
      project.schedules.ensure(indexName, { name: "once", frequency: "daily", expireAfterDays: 7, enabled: true })
    )

  /** Returns the number of concurrent calls in projects with these API keys, if writes get no response. */
  const underWay = (call: typeof create, [billingKey, searchKey]: readonly [string, string]) =>
    Effect.gen(function*() {
      const http = scriptWith(({ method }) => method === "GET" ? json({ data: [], pagination: null }) : Effect.never)
      const layer = Layer.mergeAll(
        Billing.layer({ apiKey: Redacted.make(billingKey) }),
        Search.layer({ apiKey: Redacted.make(searchKey) })
      )
      yield* fastForward(
        Effect.gen(function*() {
          const calls = [call(yield* Billing), call(yield* Search)]
          yield* Effect.all(calls, { concurrency: 2 }).pipe(Effect.timeoutOption("1 second"))
        }).pipe(Effect.provide(Layer.provide(layer, http.layer)))
      )
      return http.requests.filter(({ method }) => method === "POST").length
    })

  it.effect.each([["Backups.create", create], ["BackupSchedules.ensure", ensure]] as const)(
    "run concurrently in different projects, and one after another on two connections to the same project: %s",
    ([_, call]) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* underWay(call, ["billing-key", "search-key"]), 2)
        assert.strictEqual(yield* underWay(call, ["billing-key", "billing-key"]), 1)
        // White space around an API key is not part of it.
        assert.strictEqual(yield* underWay(call, ["billing-key", "billing-key\n"]), 1)
      })
  )

  it.effect("do not print the API key", () =>
    Effect.gen(function*() {
      const apiKey = "pcsk_never_to_be_shown"
      const client = yield* PineconeClient.make({ apiKey: Redacted.make(apiKey) })
      for (const name of Reflect.ownKeys(client)) {
        const member: unknown = Reflect.get(client, name)
        assert.isTrue(typeof member === "function" || typeof member === "string", String(name))
        assert.notInclude(String(member), apiKey)
      }
    }).pipe(Effect.provide(keys().layer)))
})

describe("two layers in one graph", () => {
  const list = Effect.flatMap(Backups.Backups, (backups) => Stream.runDrain(backups.list()))

  it.effect.each(
    [
      ["Pinecone.layer", (key: string) => Pinecone.layer({ apiKey: Redacted.make(key) })],
      ["Pinecone.layerConfig", (key: string) => Pinecone.layerConfig({ apiKey: Config.succeed(Redacted.make(key)) })]
    ] as const
  )("keep the services of each project: %s", ([_, layerOf]) =>
    Effect.gen(function*() {
      const http = keys()
      const runs: Array<Effect.Effect<void, unknown>> = []
      const capture = (key: string) =>
        Layer.provide(
          Layer.effectDiscard(Effect.gen(function*() {
            runs.push(Effect.provideService(list, Backups.Backups, yield* Backups.Backups))
          })),
          layerOf(key)
        )
      yield* Effect.gen(function*() {
        yield* Effect.all(runs)
        assert.sameMembers(http.seen, ["one api.pinecone.io/backups", "two api.pinecone.io/backups"])
      }).pipe(Effect.provide(Layer.provide(Layer.mergeAll(capture("one"), capture("two")), http.layer)))
    }))
})

describe("PineconeClient.layerConfig with options", () => {
  const hostOf = (options: PineconeClient.ConfigOptions, settings: Record<string, string>) =>
    Effect.provide(
      Effect.map(PineconeClient.PineconeClient, ({ apiVersion, host }) => [host, apiVersion]),
      PineconeClient.layerConfig(options).pipe(Layer.provide(keys().layer), Layer.provide(env(settings)))
    )

  it.effect("accepts values and Config values, and reads the variables of omitted or undefined options", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* hostOf({
          apiKey: Config.Redacted("KEY"),
          host: "https://given.example",
          apiVersion: undefined,
          transformClient: (client) => client
        }, { KEY: "k", PINECONE_API_VERSION: "2026-07", PINECONE_CONTROLLER_HOST: "https://variable.example" }),
        ["https://given.example", "2026-07"]
      )
      assert.deepStrictEqual(
        yield* hostOf({ host: Config.String("HOST") }, { PINECONE_API_KEY: "k", HOST: "https://h.example" }),
        ["https://h.example", "2026-04"]
      )
    }))

  it.effect.each<[options: PineconeClient.ConfigOptions, settings: Record<string, string>]>([
    [{ allowInsecureHost: true }, { PINECONE_CONTROLLER_HOST: "http://pinecone" }],
    [{ host: "http://pinecone", allowInsecureHost: true }, {}],
    [{ host: "http://pinecone", allowInsecureHost: Config.Boolean("IS_TEST") }, { IS_TEST: "true" }],
    [{ allowInsecureHost: undefined }, {
      PINECONE_CONTROLLER_HOST: "http://pinecone",
      PINECONE_ALLOW_INSECURE_HOST: "true"
    }]
  ])(
    "accepts http to a remote host if the option allows it, or the variable for a host from the configuration: %j, %j",
    ([options, settings]) =>
      Effect.gen(function*() {
        const env = { PINECONE_API_KEY: "k", ...settings }
        assert.deepStrictEqual(yield* hostOf(options, env), ["http://pinecone", "2026-04"])
      })
  )

  it.effect.each<[options: PineconeClient.ConfigOptions, settings: Record<string, string>, message: string]>([
    [
      { host: "http://pinecone" },
      {},
      "host: must be https: an unencrypted connection would expose the API key; allowInsecureHost: true allows it"
    ],
    [
      { host: "http://pinecone", allowInsecureHost: false },
      { PINECONE_ALLOW_INSECURE_HOST: "true" },
      "host: must be https"
    ],
    [{ allowInsecureHost: false }, {
      PINECONE_CONTROLLER_HOST: "http://pinecone",
      PINECONE_ALLOW_INSECURE_HOST: "true"
    }, "PINECONE_CONTROLLER_HOST: must be https"],
    // The variable does not apply to a host set by the program.
    [{ host: "http://pinecone" }, { PINECONE_ALLOW_INSECURE_HOST: "true" }, "host: must be https"],
    [{ host: "http://pinecone" }, { PINECONE_ALLOW_INSECURE_HOST: "perhaps" }, "host: must be https"],
    [{ host: Config.String("HOST"), allowInsecureHost: undefined }, {
      HOST: "http://pinecone",
      PINECONE_ALLOW_INSECURE_HOST: "true"
    }, "host: must be https"],
    [{}, {
      PINECONE_CONTROLLER_HOST: "http://pinecone",
      PINECONE_ALLOW_INSECURE_HOST: "perhaps"
    }, "PINECONE_ALLOW_INSECURE_HOST: "]
  ])(
    "rejects http to a remote host if neither an option nor a variable allows it: %j, %j",
    ([options, settings, message]) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(hostOf(options, { PINECONE_API_KEY: "k", ...settings }))
        assert.isTrue(error.message.startsWith(message), error.message)
      })
  )

  it.effect("fails with a ConfigError that has the name of the variable, or with InvalidInput that has the name of the option", () =>
    Effect.gen(function*() {
      const missing = yield* Effect.flip(hostOf({ apiKey: Config.Redacted("KEY") }, { PINECONE_API_KEY: "k" }))
      assert.instanceOf(missing, Config.ConfigError)
      assert.strictEqual(missing.message, "KEY is not set")
      const invalid = yield* Effect.flip(hostOf({ host: Config.String("HOST") }, {
        PINECONE_API_KEY: "k",
        HOST: "http://api.pinecone.io"
      }))
      assert.deepInclude(invalid, { _tag: "PineconeInvalidInput", field: "host" })
    }))
})
