import { assert, describe, it } from "@effect/vitest"
import * as IndexDataApi from "@pinecone-backups/core/drill/IndexDataApi"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import { Ajv2020 } from "ajv/dist/2020.js"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Layer from "effect/Layer"
import { sendRaw, ServerTest } from "./http.ts"
import { start } from "./support.ts"

// The wire format of the data plane. The schemas are stricter than those of the published documents (`openapi.ts`), where every
// key is optional: the keys that the emulator always sends are required here.

// ============================================================================
// Schemas
// ============================================================================

const object = (properties: Record<string, object>, optional: ReadonlyArray<string> = []) => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((key) => !optional.includes(key)),
  additionalProperties: false
})

const text = { type: "string" }
const count = { type: "integer", minimum: 0 }
const list = (items: object, minItems = 0) => ({ type: "array", items, minItems })
const pagination = object({ next: { type: "string", minLength: 1 } })
const usage = object({ readUnits: count })
const numbers = list({ type: "number" })

const Stats = object({
  namespaces: { type: "object", additionalProperties: object({ vectorCount: count }) },
  // Missing for sparse indexes.
  dimension: { type: "integer", minimum: 1 },
  indexFullness: { type: "number" },
  totalVectorCount: count,
  metric: text,
  vectorType: { enum: ["dense", "sparse"] }
}, ["dimension"])

const Ids = object({ vectors: list(object({ id: text })), pagination, namespace: text, usage }, ["pagination"])

const Records = object({
  vectors: {
    type: "object",
    additionalProperties: object({
      id: { type: "string", minLength: 1, maxLength: 512 },
      values: numbers,
      sparseValues: object({ indices: list(count, 1), values: { ...numbers, minItems: 1 } }),
      metadata: { type: "object" }
    }, ["sparseValues"])
  },
  namespace: text,
  usage
})

const namespacesOf = (record_count: object) =>
  object({ namespaces: list(object({ name: text, record_count })), pagination, total_count: count }, ["pagination"])

const Namespaces = { "2026-04": namespacesOf(count), "2026-07": namespacesOf({ type: "string", pattern: "^\\d+$" }) }

const DataError = object({ code: { type: "integer" }, message: text, details: { type: "array" } })

const ajv = new Ajv2020({ allErrors: true, strictTypes: false })

const fits = (schema: object, body: string) => {
  const validate = ajv.compile(schema)
  assert.isTrue(validate(JSON.parse(body)), `${ajv.errorsText(validate.errors)} in ${body.slice(0, 500)}`)
}

// ============================================================================
// Requests
// ============================================================================

const EmulatorTest = ServerTest.pipe(
  Layer.provideMerge(ControlPlane.layer({
    apiKey: "pcsk_data",
    now: DateTime.makeUnsafe(start),
    indexes: [
      { name: "docs", dimension: 5, namespaces: { "": 130, "ns 1": 20 } },
      { name: "sparse", dimension: 0, recordCount: 3 },
      { name: "making", readyAt: null },
      { name: "pods", kind: "pod" }
    ]
  }))
)

const send = (
  path: string,
  options: { readonly version?: string; readonly body?: string; readonly key?: string } = {}
) =>
  sendRaw({
    path,
    method: options.body === undefined ? "GET" : "POST",
    body: options.body,
    headers: { "api-key": options.key ?? "pcsk_data", "x-pinecone-api-version": options.version ?? "2026-07" }
  })

const body = (path: string, options?: Parameters<typeof send>[1]) =>
  Effect.map(send(path, options), ({ status, text }) => {
    assert.strictEqual(status, 200, text)
    return text
  })

describe("the data plane", () => {
  it.live("responds in the documented format in every version", () =>
    Effect.gen(function*() {
      for (const version of ["2026-04", "2026-07"] as const) {
        for (const name of ["docs", "sparse"]) {
          const path = `/data/${name}`
          fits(Stats, yield* body(`${path}/describe_index_stats`, { version, body: "{}" }))
          const ids = yield* body(`${path}/vectors/list`, { version })
          fits(Ids, ids)
          const first: ReadonlyArray<{ readonly id: string }> = JSON.parse(ids).vectors
          const query = first.slice(0, 30).map(({ id }) => `ids=${id}`).join("&")
          const records = yield* body(`${path}/vectors/fetch?${query}`, { version })
          fits(Records, records)
          assert.deepStrictEqual(
            JSON.parse(records).usage,
            { readUnits: Math.max(1, Math.ceil(Math.min(first.length, 30) / 10)) }
          )
          fits(Namespaces[version], yield* body(`${path}/namespaces`, { version }))
          fits(Namespaces[version], yield* body(`${path}/namespaces?limit=1`, { version }))
        }
      }
    }).pipe(Effect.provide(EmulatorTest)))

  it.live("pages by token, without pagination on the last page, and accepts both names of the default namespace", () =>
    Effect.gen(function*() {
      const list = (query: string) => Effect.map(body(`/data/docs/vectors/list?${query}`), (text) => JSON.parse(text))
      const first = yield* list("")
      assert.lengthOf(first.vectors, 100)
      const second = yield* list(`paginationToken=${encodeURIComponent(first.pagination.next)}`)
      assert.lengthOf(second.vectors, 30)
      assert.notProperty(second, "pagination")
      assert.deepStrictEqual(yield* list("namespace=__default__"), first)
      assert.deepStrictEqual(yield* list("namespace="), first)
      assert.lengthOf((yield* list("namespace=ns+1")).vectors, 20)
      assert.lengthOf((yield* list("namespace=none")).vectors, 0)
      assert.lengthOf((yield* list("limit=500")).vectors, 100)
      // The token remembers the size.
      const small = yield* list("limit=7")
      const rest = yield* list(`paginationToken=${encodeURIComponent(small.pagination.next)}`)
      assert.deepStrictEqual([small.vectors.length, rest.vectors.length], [7, 7])
    }).pipe(Effect.provide(EmulatorTest)))

  it.live("refuses with a gRPC code and without an envelope", () =>
    Effect.gen(function*() {
      const get = (path: string) => send(path)
      const post = (path: string, body: string) => send(path, { body })
      const rows: ReadonlyArray<readonly [ReturnType<typeof send>, status: number, code: number]> = [
        [post("/data/none/describe_index_stats", "{}"), 404, 5],
        [get("/data/none/vectors/list"), 404, 5],
        [get("/data/docs"), 404, 5],
        [get("/data/docs/"), 404, 5],
        [get("/data/docs/vectors/query"), 404, 5],
        [get("/data/docs/describe_index_stats"), 405, 3],
        [post("/data/docs/vectors/list", "{}"), 405, 3],
        [post("/data/docs/describe_index_stats", ""), 400, 3],
        [post("/data/docs/describe_index_stats", "[1"), 400, 3],
        [post("/data/docs/describe_index_stats", `{"filter":{"a":1}}`), 400, 3],
        [get("/data/docs/vectors/list?limit=0"), 400, 3],
        [get("/data/docs/vectors/list?limit=x"), 400, 3],
        [get("/data/docs/vectors/list?paginationToken=x"), 400, 3],
        [get("/data/docs/vectors/fetch"), 400, 3],
        [get("/data/docs/vectors/fetch?ids="), 400, 3],
        [get("/data/docs/vectors/fetch?ids=a+b"), 400, 3],
        [get(`/data/docs/vectors/fetch?${"ids=a&".repeat(1_001)}`), 400, 3],
        [get("/data/pods/vectors/list"), 400, 3],
        [get("/data/pods/namespaces"), 400, 3],
        [post("/data/making/describe_index_stats", "{}"), 503, 14],
        [send("/data/docs/vectors/list", { version: "2020-01" }), 400, 3],
        [send("/data/docs/vectors/list", { version: "2026-04", key: "wrong" }), 401, 16]
      ]
      for (const [row, [request, status, code]] of rows.entries()) {
        const answer = yield* request
        if (status !== 401) fits(DataError, answer.text)
        const said = JSON.parse(answer.text)
        assert.deepStrictEqual(
          [answer.status, status === 401 ? 16 : said.code],
          [status, code],
          `${row}: ${answer.text}`
        )
      }
      const wrongKey = yield* send("/data/docs/vectors/list", { key: "wrong" })
      assert.deepStrictEqual([wrongKey.status, wrongKey.text], [401, "Invalid API key"])
      assert.strictEqual((yield* post("/data/docs/describe_index_stats", `{"filter":{}}`)).status, 200)
    }).pipe(Effect.provide(EmulatorTest)))

  it.live("is at the host of the request for the index, so that ports can be mapped", () =>
    Effect.gen(function*() {
      for (const host of ["localhost:9000", "127.0.0.1:1", "[::1]:9000"]) {
        const { text } = yield* sendRaw({ path: "/indexes/docs", headers: { host, "api-key": "pcsk_data" } })
        assert.strictEqual(JSON.parse(text).host, `http://${host}/data/docs`)
      }
      const foreign = yield* sendRaw({
        path: "/data/docs/vectors/list",
        headers: { "host": "docs.example", "api-key": "pcsk_data" }
      })
      assert.strictEqual(foreign.status, 403)
    }).pipe(Effect.provide(EmulatorTest)))

  it.live("supports faults, including a flawed restore added over HTTP", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const { backupId } = yield* plane.seedBackup({ indexName: "docs" })
      const told = yield* sendRaw({
        method: "POST",
        path: "/_emulator/faults",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ operation: "Backups.restore", fault: { _tag: "FlawedRestore", missing: 7 } })
      })
      assert.strictEqual(told.status, 204, told.text)
      const restore = yield* send(`/backups/${backupId}/create-index`, { body: `{"name":"copy"}` })
      assert.strictEqual(restore.status, 202, restore.text)
      yield* plane.advance("10 minutes")
      const stats = JSON.parse(yield* body("/data/copy/describe_index_stats", { body: "{}" }))
      assert.strictEqual(stats.totalVectorCount, 143)

      yield* plane.fault("IndexData.stats", Fault.html({ status: 502 }))
      assert.strictEqual((yield* send("/data/docs/describe_index_stats", { body: "{}" })).status, 502)
    }).pipe(Effect.provide(EmulatorTest)))
})

describe("the contract of the data plane", () => {
  it("has the documented paths, parameters and operations", () => {
    const { paths } = OpenApi.fromApi(IndexDataApi.IndexDataApi)
    const operations = Object.entries(paths).flatMap(([path, item]) =>
      (["get", "post"] as const).flatMap((method) => {
        const operation = item[method]
        return operation === undefined ? [] : [[
          `${method} ${path}`,
          operation.operationId,
          operation.parameters.filter(({ in: place }) => place === "query").map(({ name, required }) =>
            required ? name : `${name}?`
          ).sort()
        ]]
      })
    )
    assert.deepStrictEqual(operations, [
      ["post /describe_index_stats", "describeIndexStats", []],
      ["get /vectors/list", "listVectors", ["limit?", "namespace?", "paginationToken?", "prefix?"]],
      ["get /vectors/fetch", "fetchVectors", ["ids", "namespace?"]],
      ["get /namespaces", "listNamespacesOperation", ["limit?", "paginationToken?"]]
    ])
  })
})
