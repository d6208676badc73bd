import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as IndexData from "../src/drill/IndexData.ts"
import * as IndexRecord from "../src/drill/IndexRecord.ts"
import * as IndexStats from "../src/drill/IndexStats.ts"
import * as Indexes from "../src/Indexes.ts"
import * as Decoder from "../src/internal/codec/decoder.ts"
import * as PineconeClient from "../src/PineconeClient.ts"
import type * as PineconeError from "../src/PineconeError.ts"
import * as PineconeIndex from "../src/PineconeIndex.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import * as Long from "./long.ts"
import {
  apiKey,
  assertTag,
  collectSpans,
  element,
  fastForward,
  index as indexJson,
  indexName,
  int,
  json,
  type Script,
  script,
  scriptWith
} from "./support.ts"

const name = PineconeIndex.IndexName.make("docs")

const host = "docs-a1b2c3d.svc.aped-4627-b74a.pinecone.io"

const index: PineconeClient.IndexAddress = { name, host }

const provide = ({ layer }: Pick<Script, "layer">, options?: Partial<PineconeClient.Options>) =>
  Layer.mergeAll(IndexData.layer, Indexes.layer).pipe(
    Layer.provide(PineconeClient.layer({ apiKey: Redacted.make(apiKey), retry: RetryPolicy.none, ...options })),
    Layer.provide(layer)
  )

const data = <A, E>(
  http: Pick<Script, "layer">,
  use: (data: IndexData.Service) => Effect.Effect<A, E>,
  options?: Partial<PineconeClient.Options>
) => Effect.provide(IndexData.IndexData.use(use), provide(http, options))

const ids = (...texts: ReadonlyArray<string>) => texts.map((text) => IndexRecord.RecordId.make(text))

const vector = (id: string): Schema.JsonObject => ({ id, values: [0.5, -1] })

const vectors = (...ids: ReadonlyArray<string>) =>
  json({ vectors: Object.fromEntries(ids.map((id) => [id, vector(id)])), namespace: "" })

const emptyStats = () => json({})

// ============================================================================
// Destinations of the API key
// ============================================================================

describe("the host of an index", () => {
  it.effect("receives the API key, the version and no other secrets", () =>
    Effect.gen(function*() {
      const http = script(emptyStats())
      yield* data(http, (_) => _.stats(index), { apiVersion: "2026-07" })
      assert.deepStrictEqual(http.requests, [{
        method: "POST",
        url: `https://${host}/describe_index_stats`,
        headers: {
          "accept": "application/json",
          "api-key": apiKey,
          "content-length": "2",
          "content-type": "application/json",
          "x-pinecone-api-version": "2026-07"
        },
        body: "{}"
      }])
    }))

  it.effect.each(
    [
      ["pinecone.io", "https://pinecone.io"],
      ["DOCS.Pinecone.IO", "https://docs.pinecone.io"],
      ["https://docs.svc.pinecone.io", "https://docs.svc.pinecone.io"],
      ["https://docs.svc.pinecone.io/", "https://docs.svc.pinecone.io"],
      ["docs.svc.example", "https://docs.svc.example", { indexDomains: ["svc.example"] }],
      // The origin of the control plane already has the API key.
      ["https://proxy.example/data/docs", "https://proxy.example/data/docs", { host: "https://proxy.example/api" }],
      ["http://127.0.0.1:5081/data/docs", "http://127.0.0.1:5081/data/docs", { host: "http://127.0.0.1:5081" }],
      ["http://localhost:6000", "http://localhost:6000", { host: "http://127.0.0.1:5081" }],
      ["http://[::1]:6000/x/", "http://[::1]:6000/x", { host: "http://localhost:5081" }]
    ] satisfies ReadonlyArray<readonly [string, string, Partial<PineconeClient.Options>?]>
  )("is accepted: %s", ([host, base, options]) =>
    Effect.gen(function*() {
      const http = script(emptyStats())
      yield* data(http, (_) => _.stats({ name, host }), options)
      assert.deepStrictEqual(http.requests.map(({ headers, url }) => [url, headers["api-key"]]), [
        [`${base}/describe_index_stats`, apiKey]
      ])
    }))

  const refused: ReadonlyArray<readonly [host: string, problem: string, options?: Partial<PineconeClient.Options>]> = [
    ["evil.example", "it is not in a domain that indexDomains allows"],
    ["pinecone.io.evil.example", "it is not in a domain that indexDomains allows"],
    ["evilpinecone.io", "it is not in a domain that indexDomains allows"],
    ["docs.pinecone.io.", "it is not in a domain that indexDomains allows"],
    ["docs.pinecone.іo", "it is not in a domain that indexDomains allows"],
    ["docs.svc.example", "it is not in a domain that indexDomains allows", {
      indexDomains: ["vc.example", "other.svc.example"]
    }],
    ["10.0.0.7", "it is not in a domain that indexDomains allows", { host: "http://127.0.0.1:5081" }],
    ["http://docs.pinecone.io", "it is not https"],
    ["http://docs.svc.example", "it is not https", { indexDomains: ["svc.example"] }],
    ["ftp://docs.pinecone.io", "it is not an HTTP address"],
    ["docs.pinecone.io:8443", "it has a port"],
    ["docs.pinecone.io/data", "it has a path"],
    ["docs.pinecone.io/..;/x", "it has a path"],
    ["key@docs.pinecone.io", "it is not a host"],
    ["evil.example\\.pinecone.io", "it is not a host"],
    ["evil.example?.pinecone.io", "it is not a host"],
    ["evil.example#.pinecone.io", "it is not a host"],
    ["evil.example\n.pinecone.io", "it is not a host"],
    ["evil.example%2f.pinecone.io", "it is not a host"],
    ["docs pinecone.io", "it is not a host"],
    ["https://", "it is not a host"],
    ["127.0.0.1", "it is on this machine, but the control plane is not"],
    ["http://localhost:5081/data/docs", "it is on this machine, but the control plane is not"],
    ["0x7f.1", "it is on this machine, but the control plane is not"]
  ]

  it.effect.each(refused)(
    "is rejected without sending anything: %j",
    ([host, problem, options]) =>
      Effect.gen(function*() {
        const http = script()
        const calls = [
          ["IndexData.stats", (_: IndexData.Service) => _.stats({ name, host })],
          ["IndexData.fetch", (_: IndexData.Service) => _.fetch({ name, host }, ids("a"))],
          ["IndexData.listIds", (_: IndexData.Service) => Stream.runCollect(_.listIds({ name, host }))],
          // A rejected host must not be replaced by the other host.
          ["IndexData.stats", (_: IndexData.Service) => _.stats({ name, host: "docs.pinecone.io", privateHost: host })]
        ] as const
        for (const [operation, call] of calls) {
          const error = yield* Effect.flip(data<unknown, PineconeError.ListError>(http, call, options))
          assertTag(error, "PineconeHostRefused")
          assert.deepStrictEqual([error.operation, error.host, error.category, error.isRetryable], [
            operation,
            host,
            "protocol",
            false
          ])
          assert.strictEqual(
            error.message,
            `The API key is not sent to ${
              JSON.stringify(host)
            }, which the service returned as the host of index docs: ${problem}`
          )
        }
        assert.deepStrictEqual(http.requests, [])
      })
  )

  it.effect("is allowed to be missing while an index is not ready", () =>
    Effect.gen(function*() {
      for (const address of [{ name }, { name, host: null }, { name, host: "" }]) {
        const error = yield* Effect.flip(data(script(), (_) => _.stats(address)))
        assertTag(error, "PineconeHostRefused")
        assert.deepStrictEqual([error.host, error.message], [
          undefined,
          "Index docs has no host until it is ready"
        ])
      }
    }))

  it.effect("is the private host if there is one, as in the official client", () =>
    Effect.gen(function*() {
      const http = script(emptyStats())
      yield* data(http, (_) => _.stats({ ...index, privateHost: "docs.svc.private.aped.pinecone.io" }))
      assert.strictEqual(http.requests[0]?.url, "https://docs.svc.private.aped.pinecone.io/describe_index_stats")
    }))

  it.effect("receives no API key if the control plane is compromised", () =>
    Effect.gen(function*() {
      const http = scriptWith(() => json({ ...indexJson, host: "collector.example", private_host: null }))
      const error = yield* Effect.gen(function*() {
        const indexes = yield* Indexes.Indexes
        const data = yield* IndexData.IndexData
        return yield* Effect.flip(data.stats(yield* indexes.describe(indexName)))
      }).pipe(Effect.provide(provide(http)))
      assertTag(error, "PineconeHostRefused")
      assert.deepStrictEqual(http.requests.map(({ url }) => new URL(url).host), ["api.pinecone.io"])
    }))

  it.effect("is not printed if it contains the API key", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(data(script(), (_) => _.stats({ name, host: `${apiKey}.example` })))
      assert.notInclude(JSON.stringify(error), apiKey)
    }))

  it.effect("does not forward the API key on a redirect to a different index or the control plane", () =>
    Effect.gen(function*() {
      for (const location of ["https://other.pinecone.io/", "https://api.pinecone.io/indexes"]) {
        const http = scriptWith(({ url }) =>
          url.startsWith(`https://${host}`) ? new Response(null, { status: 307, headers: { location } }) : emptyStats()
        )
        yield* data(http, (_) => _.stats(index), {
          transformClient: (client) => HttpClient.followRedirects(client, 1)
        })
        assert.deepStrictEqual(http.requests.map(({ headers, url }) => [new URL(url).host, "api-key" in headers]), [
          [host, true],
          [new URL(location).host, false]
        ])
      }
    }))

  it.effect.each(["", "Svc.example", ".example", "a b", "https://x.example", "1.2.3.4", "x.example:1"])(
    "rejects the index domain %j",
    (domain) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(data(script(), (_) => _.stats(index), { indexDomains: [domain] }))
        assertTag(error, "PineconeInvalidInput")
        assert.strictEqual(error.field, "indexDomains[0]")
      })
  )

  it.effect("has a separate connection, and up to 100 connections are kept", () =>
    Effect.gen(function*() {
      let made = 0
      const http = scriptWith(emptyStats)
      yield* data(http, (_) =>
        Effect.gen(function*() {
          const ask = (number: number) => _.stats({ name, host: `docs-${number}.pinecone.io` })
          for (let number = 0; number < 120; number++) yield* ask(number)
          yield* ask(119)
          assert.strictEqual(made, 121)
          yield* ask(0)
          assert.strictEqual(made, 122)
        }), {
        transformClient: (client) => {
          made++
          return client
        }
      })
    }))
})

// ============================================================================
// Counts
// ============================================================================

describe("IndexData.stats", () => {
  it.effect("returns the reported values, and unknown for missing values", () =>
    Effect.gen(function*() {
      const read = (body: Schema.JsonObject) => data(script(json(body)), (_) => _.stats(index))
      const full = {
        namespaces: { "": { vectorCount: 50_000 }, "ns": { vectorCount: "30000" }, "odd": {} },
        dimension: 1024,
        indexFullness: 0,
        totalVectorCount: 80_000,
        metric: "cosine",
        vectorType: "dense"
      }
      const stats = yield* read(full)
      assert.deepStrictEqual([stats.recordCount, stats.dimension, stats.metric, stats.vectorType], [
        80_000,
        1024,
        "cosine",
        "dense"
      ])
      assert.deepStrictEqual([...IndexStats.countsOf(stats) ?? []], [["", 50_000], ["ns", 30_000], ["odd", undefined]])
      assert.deepStrictEqual(IndexStats.toJson(stats), full)

      const none = yield* read({})
      assert.isUndefined(none.recordCount)
      assert.isUndefined(IndexStats.countsOf(none))
      for (const totalVectorCount of [-1, 1.5, "many", "-3", "", null, true, [], 2 ** 53, "9007199254740993"]) {
        assert.isNull((yield* read({ totalVectorCount })).recordCount, JSON.stringify(totalVectorCount))
      }
      assert.strictEqual((yield* read({ totalVectorCount: 0 })).recordCount, 0)
    }))

  it.effect("finds the default namespace by both of its names unless they contradict each other", () =>
    Effect.gen(function*() {
      const counts = (namespaces: Schema.JsonObject) =>
        Effect.map(
          data(script(json({ namespaces })), (_) => _.stats(index)),
          (stats) => [...IndexStats.countsOf(stats) ?? []]
        )
      assert.deepStrictEqual(yield* counts({ __default__: { vectorCount: 7 } }), [["", 7]])
      assert.deepStrictEqual(yield* counts({ "": { vectorCount: 7 }, "__default__": { vectorCount: 7 } }), [["", 7]])
      assert.deepStrictEqual(
        yield* counts({ "": { vectorCount: 7 }, "__default__": { vectorCount: 0 } }),
        [["", undefined]]
      )
      assert.deepStrictEqual(yield* counts({ "": null }), [["", undefined]])
    }))

  it.effect("is retried as a read, and is never in doubt", () =>
    Effect.gen(function*() {
      const http = script(
        new Response("<html>", { status: 502 }),
        new Response(null, { status: 503 }),
        json({ totalVectorCount: 3 })
      )
      const stats = yield* fastForward(data(http, (_) => _.stats(index), { retry: RetryPolicy.defaultPolicy }))
      assert.strictEqual(stats.recordCount, 3)
      assert.lengthOf(http.requests, 3)

      const down = scriptWith(() => new Response(null, { status: 503 }))
      const error = yield* Effect.flip(data(down, (_) => _.stats(index)))
      assertTag(error, "PineconeServiceUnavailable")
      assert.deepStrictEqual([error.isRetryable, error.inDoubt], [true, undefined])
    }))

  it.effect("fails on a response that is not an object", () =>
    Effect.gen(function*() {
      for (const body of ["null", "[]", "7", "<html>", "", `{"namespaces":[]}`]) {
        const error = yield* Effect.flip(data(script(new Response(body)), (_) => _.stats(index)))
        assertTag(error, "PineconeMalformedResponse")
        assert.strictEqual(error.operation, "IndexData.stats")
      }
    }))

  it.effect("has a span with the name of the operation and without the API key", () =>
    Effect.gen(function*() {
      const { spans, tracer } = collectSpans()
      yield* Effect.withTracer(data(script(emptyStats()), (_) => _.stats(index)), tracer)
      assert.deepStrictEqual(spans.map((span) => [span.name, span.attributes.get("http.route")]), [
        ["IndexData.stats", "/describe_index_stats"]
      ])
      assert.notInclude(
        JSON.stringify(spans.map(({ attributes, events, name }) => [name, [...attributes], events])),
        apiKey
      )
    }))
})

describe("an error of the data plane", () => {
  it.effect.each(
    [
      [400, 3, "PineconeInvalidArgument"],
      [404, 5, "PineconeNotFound"],
      [429, 8, "PineconeResourceExhausted"],
      [503, 14, "PineconeServiceUnavailable"]
    ] as const
  )("is classified by status, and keeps its number: %i, %i", ([status, code, tag]) =>
    Effect.gen(function*() {
      const body = { code, message: `No. ${apiKey}`, details: [{ reason: apiKey }] }
      const error = yield* Effect.flip(data(script(json(body, { status })), (_) => _.stats(index)))
      assert.strictEqual(error._tag, tag)
      assert.isTrue("details" in error)
      assert.deepInclude(error, { message: "No. <redacted>", details: { code, details: [{ reason: "<redacted>" }] } })
    }))
})

// ============================================================================
// IDs and records
// ============================================================================

describe("IndexData.listIds", () => {
  it.effect("reads one namespace page by page, with the page size only in the first request", () =>
    Effect.gen(function*() {
      const http = script(
        json({ vectors: [{ id: "a" }, { id: "b" }], pagination: { next: "t 1" }, namespace: "ns" }),
        json({ vectors: [], pagination: { next: "t2" } }),
        json({ vectors: [{ id: "b" }, { id: "c" }] })
      )
      const all = yield* data(
        http,
        (_) => Stream.runCollect(_.listIds(index, { namespace: "n&s", prefix: "a/b", pageSize: 2 }))
      )
      assert.deepStrictEqual(all, ids("a", "b", "c"))
      const base = `https://${host}/vectors/list?namespace=n%26s&prefix=a%2Fb`
      assert.deepStrictEqual(http.requests.map(({ url }) => url), [
        `${base}&limit=2`,
        `${base}&paginationToken=t+1`,
        `${base}&paginationToken=t2`
      ])
    }))

  it.effect("omits the default namespace from the request, under either of its names", () =>
    Effect.gen(function*() {
      for (const options of [{}, { namespace: "" }, { namespace: "__default__" }]) {
        const http = script(json({ vectors: [] }))
        const page = yield* data(http, (_) => _.listIdsPage(index, options))
        assert.deepStrictEqual(page, { data: [], next: undefined })
        assert.strictEqual(http.requests[0]?.url, `https://${host}/vectors/list`)
      }
    }))

  it.effect("fails on a response without an array", () =>
    Effect.gen(function*() {
      for (const body of [{}, { vectors: null }, { namespace: "", usage: { readUnits: 1 } }]) {
        const error = yield* Effect.flip(data(script(json(body)), (_) => _.listIdsPage(index)))
        assertTag(error, "PineconeMalformedResponse")
        assert.deepStrictEqual([error.field, error.message], ["vectors", "vectors: Expected an array"])
      }
    }))

  it.effect("fails with PaginationLoop if the pages lead in a circle", () =>
    Effect.gen(function*() {
      const http = scriptWith(() => json({ vectors: [{ id: "a" }], pagination: { next: "t" } }))
      const error = yield* Effect.flip(data(http, (_) => Stream.runDrain(_.listIds(index))))
      assertTag(error, "PineconePaginationLoop")
      assert.strictEqual(error.operation, "IndexData.listIds")
    }))

  it.effect.prop(
    "returns all IDs in order, regardless of how the service splits the pages",
    { sizes: Arbitrary.array(int(0, 5), { maxLength: 12 }), lastPage: element("missing", "null", "empty") },
    ({ lastPage, sizes }) =>
      Effect.gen(function*() {
        let count = 0
        const pages = [...sizes, 1].map((size) => Array.from({ length: size }, () => `id-${count++}`))
        const http = scriptWith((_, at) => {
          const vectors = (pages[at] ?? []).map((id) => ({ id }))
          if (at < pages.length - 1 || (lastPage === "empty" && at < pages.length)) {
            return json({ vectors, pagination: { next: `token-${at}` } })
          }
          return json({ vectors, ...(lastPage === "null" && { pagination: null }) })
        })
        const all = yield* data(http, (_) => Stream.runCollect(_.listIds(index)))
        assert.deepStrictEqual(all, ids(...pages.flat()))
        assert.lengthOf(http.requests, pages.length + (lastPage === "empty" ? 1 : 0))
      }),
    { arbitrary: { runs: Long.runs(100) } }
  )
})

describe("the models of the data plane", () => {
  const survives = <A>(name: string, model: Schema.Codec<A, unknown>, codec: Schema.Codec<A, Schema.JsonObject>) =>
    it.effect.prop(
      `survive encoding to JSON, with the schema and with the reader: ${name}`,
      { value: Arbitrary.schema(Schema.toType(model)) },
      ({ value }) =>
        Effect.gen(function*() {
          const encoded = JSON.parse(JSON.stringify(yield* Schema.encodeEffect(codec)(value)))
          const back = yield* Schema.decodeUnknownEffect(codec)(encoded)
          assert.deepStrictEqual(JSON.stringify(yield* Schema.encodeEffect(codec)(back)), JSON.stringify(encoded))
          assert.deepStrictEqual(Decoder.of(codec.ast)(encoded), back)
        }),
      { arbitrary: { runs: Long.runs(200) } }
    )

  survives("stats", IndexStats.IndexStats, IndexStats.FromWire)
  survives("a namespace", IndexStats.Namespace, IndexStats.NamespaceFromWire)
  survives("a record", IndexRecord.IndexRecord, IndexRecord.FromWire)
})

describe("IndexData.listNamespaces", () => {
  it.effect("reads counts from numbers and strings", () =>
    Effect.gen(function*() {
      const http = script(
        json({
          namespaces: [{ name: "a", record_count: 3 }, { name: "b", record_count: "4" }],
          pagination: { next: "t" }
        }),
        json({ namespaces: [{ name: "c" }], pagination: null, total_count: 3 })
      )
      const all = yield* data(http, (_) => Stream.runCollect(_.listNamespaces(index)))
      assert.deepStrictEqual(all.map(({ name, recordCount }) => [name, recordCount]), [
        ["a", 3],
        ["b", 4],
        ["c", undefined]
      ])
    }))
})

describe("IndexData.fetch", () => {
  it.effect("returns records by ID, and omits missing records", () =>
    Effect.gen(function*() {
      const http = script(json({
        vectors: {
          b: { id: "b", values: [1, 0.5], metadata: { tag: ["x"], n: 1 } },
          a: { id: "a", values: [], sparseValues: { indices: [1, 9], values: [0.5, 2] } }
        },
        namespace: "ns",
        usage: { readUnits: 1 }
      }))
      const records = yield* data(http, (_) => _.fetch(index, ids("a", "gone", "b", "a"), { namespace: "ns" }))
      assert.deepStrictEqual([...records], [
        [ids("a")[0], { id: "a", values: [], sparseValues: { indices: [1, 9], values: [0.5, 2] } }],
        [ids("b")[0], { id: "b", values: [1, 0.5], metadata: { tag: ["x"], n: 1 } }]
      ] as never)
      assert.deepStrictEqual(http.requests.map(({ method, url }) => [method, url]), [
        ["GET", `https://${host}/vectors/fetch?ids=a&ids=gone&ids=b&namespace=ns`]
      ])
    }))

  it.effect("returns null for values that are not finite numbers", () =>
    Effect.gen(function*() {
      const http = script(
        new Response(
          `{"vectors":{"a":{"id":"a","values":[1,"NaN",null,"Infinity",1e999,"2",{}],"sparseValues":{"indices":"x"}},"b":{"id":"b","values":"x"}}}`
        )
      )
      const [a, b] = [...(yield* data(http, (_) => _.fetch(index, ids("a", "b")))).values()]
      assert.deepStrictEqual(a?.values, [1, null, null, null, null, null, null])
      assert.deepStrictEqual(a?.sparseValues, { indices: null })
      assert.isNull(b?.values)
    }))

  it.effect("rejects a response with other records or without records", () =>
    Effect.gen(function*() {
      const answers: ReadonlyArray<readonly [Schema.JsonObject, string]> = [
        [{ vectors: { b: vector("b") } }, "vectors"],
        [{ vectors: { a: vector("a"), b: vector("b") } }, "vectors"],
        [{ vectors: { a: vector("b") } }, "vectors.a.id"],
        [{ vectors: { a: { values: [1] } } }, "vectors.a.id"],
        [{ namespace: "" }, "vectors"],
        [{ vectors: null }, "vectors"],
        [{ vectors: [vector("a")] }, "vectors"]
      ]
      for (const [body, field] of answers) {
        const error = yield* Effect.flip(data(script(json(body)), (_) => _.fetch(index, ids("a"))))
        assertTag(error, "PineconeMalformedResponse")
        assert.strictEqual(error.field, field, JSON.stringify(body))
      }
    }))

  it.effect.each(
    [["", "must not be empty"], ["a b", "must not have spaces"], ["\ud800", "must be well-formed"]] as const
  )(
    "sends nothing for the ID %j",
    ([id, problem]) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(data(script(), (_) => _.fetch(index, ids("a", id))))
        assertTag(error, "PineconeInvalidInput")
        assert.isTrue(error.message.startsWith(`ids[1]: ${problem}`), error.message)
      })
  )

  it.effect("sends nothing for an empty list of IDs", () =>
    Effect.map(data(script(), (_) => _.fetch(index, [])), (records) => assert.strictEqual(records.size, 0)))

  it.effect.prop(
    "requests every ID once, in URLs that are short enough",
    { lengths: Arbitrary.array(int(1, 512), { maxLength: 200 }), letter: element("x", "é", "/") },
    ({ lengths, letter }) =>
      Effect.gen(function*() {
        const all = ids(...lengths.map((length, at) => `${at}${letter.repeat(length - 1)}`))
        const http = scriptWith(({ url }) => vectors(...new URL(url).searchParams.getAll("ids")))
        const records = yield* data(http, (_) => _.fetch(index, all))
        assert.deepStrictEqual([...records.keys()], all)
        const asked = http.requests.map(({ url }) => new URL(url).searchParams.getAll("ids"))
        assert.deepStrictEqual(asked.flat(), all)
        for (const [at, { url }] of http.requests.entries()) {
          assert.isTrue(asked[at]!.length === 1 || (asked[at]!.length <= 50 && url.length < 4_200), url)
        }
      }),
    { arbitrary: { runs: Long.runs(100) } }
  )
})
