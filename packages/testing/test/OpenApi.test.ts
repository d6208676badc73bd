import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { sendRaw, ServerTest } from "./http.ts"
import * as OpenApi from "./openapi.ts"
import { start } from "./support.ts"

type Version = keyof typeof OpenApi.control

/** An intended difference of responses from the documents. */
interface Difference {
  readonly versions: ReadonlyArray<Version>
  /** Matches `<operation> <path>: <problem>`. Rows of a list and named fields are written as `*`. */
  readonly pattern: RegExp
}

const differences: ReadonlyArray<Difference> = [
  // The service sends null where the documents only allow a missing key.
  {
    versions: ["2026-04", "2026-07"],
    pattern: /^Backups\.\w+ .*\/(name|description): must be string$/
  },
  {
    versions: ["2026-04", "2026-07"],
    pattern: /^Backups\.\w+ .*\/(record_count|namespace_count|size_bytes): must be integer$/
  },
  { versions: ["2026-04"], pattern: /^RestoreJobs\.list \/data\/\*\/completed_at: must be string$/ },
  { versions: ["2026-04"], pattern: /^\w+\.\w+ \/pagination: must be object$/ },
  // Backups of sparse indexes have dimension 0, according to the guide.
  { versions: ["2026-04"], pattern: /^Backups\.\w+ .*\/dimension: must be >= 1$/ }
]

const ajv = new Ajv2020({ allErrors: true, strictTypes: false })
ajv.addFormat("date-time", {
  type: "string",
  validate: (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)
})

const nameOf = ({ instancePath, keyword, message, params }: ErrorObject) => {
  const path = instancePath.replace(/\/\d+(?=\/|$)/g, "/*").replace(/\/fields\/[^/]+/, "/fields/*")
  const detail = keyword === "additionalProperties"
    ? `unknown key ${params.additionalProperty}`
    : keyword === "required"
    ? `missing key ${params.missingProperty}`
    : message
  return `${path || "/"}: ${detail}`
}

/** The distinct differences of a body from a schema. */
const compare = (schema: object, body: string): ReadonlyArray<string> => {
  const validate = ajv.compile(schema)
  validate(JSON.parse(body))
  return [...new Set((validate.errors ?? []).map(nameOf))]
}

const EmulatorTest = ServerTest.pipe(
  Layer.provideMerge(ControlPlane.layer({
    now: DateTime.makeUnsafe(start),
    indexes: [
      { name: "docs", dimension: 1536, tags: { team: "search" } },
      { name: "sparse", dimension: 0 },
      { name: "new", readyAt: null },
      { name: "deleted", id: "deleted-id", deletedAt: DateTime.makeUnsafe("2026-04-20T10:00:00Z") },
      { name: "pods", kind: "pod" },
      { name: "byoc", kind: "byoc" },
      {
        name: "typed",
        schema: {
          fields: {
            body: { type: "string", fullTextSearch: { language: "en", stemming: false, stopWords: false } },
            embedding: { type: "dense_vector", dimension: 8, metric: "cosine" }
          }
        }
      }
    ],
    schedules: [
      { id: "nightly", indexName: "docs", runs: [{ status: "Scheduled" }, {}, { status: "InitializationFailed" }] },
      { id: "paused", indexName: "sparse", enabled: false, runs: 1 }
    ],
    backups: [
      { backupId: Backup.BackupId.make("ready"), indexName: "docs" },
      { backupId: Backup.BackupId.make("failed"), indexName: "docs", status: "InitializationFailed" },
      { backupId: Backup.BackupId.make("of-typed"), indexName: "typed" },
      { backupId: Backup.BackupId.make("of-sparse"), indexName: "sparse" },
      {
        backupId: Backup.BackupId.make("of-deleted"),
        indexName: "deleted",
        sourceIndexId: PineconeIndex.IndexId.make("deleted-id")
      }
    ],
    restoreJobs: [
      { id: "done", backupId: "ready", targetIndexName: "docs-restored" },
      { id: "failed", backupId: "ready", targetIndexName: "docs-failed", status: "Failed" },
      { id: "cancelled", backupId: "ready", targetIndexName: "docs-cancelled", status: "Cancelled" }
    ]
  }))
)

/** Every operation of the control plane that returns a body, in an order in which each succeeds. */
const exchanges: ReadonlyArray<readonly [operation: string, method: string, path: string, body?: object]> = [
  ["Backups.create", "POST", "/indexes/docs/backups", { name: "manual", description: "before reindexing" }],
  ["Backups.create", "POST", "/indexes/sparse/backups", {}],
  ["Backups.restore", "POST", "/backups/ready/create-index", { name: "copy", tags: { from: "backup" } }],
  ["Backups.describe", "GET", "/backups/ready"],
  ["Backups.describe", "GET", "/backups/of-deleted"],
  ["Backups.list", "GET", "/backups"],
  ["Backups.list", "GET", "/backups?limit=2"],
  ["Backups.listByIndex", "GET", "/indexes/docs/backups?include_deleted=true"],
  ["RestoreJobs.list", "GET", "/restore-jobs"],
  ["RestoreJobs.list", "GET", "/restore-jobs?limit=1"],
  ["RestoreJobs.describe", "GET", "/restore-jobs/done"],
  ["Indexes.configure", "PATCH", "/indexes/docs", { deletion_protection: "enabled" }],
  ["Indexes.list", "GET", "/indexes"],
  ["Indexes.describe", "GET", "/indexes/docs"],
  ["Indexes.describe", "GET", "/indexes/copy"],
  ["Indexes.describe", "GET", "/indexes/pods"],
  ["Indexes.describe", "GET", "/indexes/byoc"],
  ["Indexes.describe", "GET", "/indexes/typed"],
  ["BackupSchedules.create", "POST", "/indexes/typed/backup-schedules", {
    name: "weekly",
    schedule: { type: "time-based", frequency: "weekly" },
    retention: { expire_after_days: 7 }
  }],
  ["BackupSchedules.update", "PATCH", "/backup-schedules/paused", { retention: { expire_after_days: 9 } }],
  ["BackupSchedules.describe", "GET", "/backup-schedules/nightly"],
  ["BackupSchedules.list", "GET", "/indexes/docs/backup-schedules"],
  ["BackupSchedules.history", "GET", "/backup-schedules/nightly/history"],
  ["BackupSchedules.history", "GET", "/backup-schedules/nightly/history?limit=1"]
]

describe("published OpenAPI documents", () => {
  for (const version of ["2026-04", "2026-07"] as const) {
    it.live(`describe every response of the control plane in ${version}, apart from known differences`, () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const schemas: Record<string, object> = OpenApi.control[version]
        const found = new Set<string>()
        const checked = new Set<string>()
        // Before and after backups and restores have finished.
        for (const time of ["first", "later"]) {
          for (const [operation, method, path, body] of exchanges) {
            const schema = schemas[operation]
            if (schema === undefined || (time === "later" && method === "POST")) continue
            const { status, text } = yield* sendRaw({
              method,
              path,
              headers: { "x-pinecone-api-version": version, "content-type": "application/json" },
              body: body === undefined ? undefined : JSON.stringify(body)
            })
            assert.oneOf(status, [200, 201, 202], `${method} ${path}: ${text}`)
            for (const difference of compare(schema, text)) found.add(`${operation} ${difference}`)
            checked.add(operation)
          }
          yield* plane.advance("1 hour")
        }
        for (const path of ["/backups/none", "/indexes/none", "/restore-jobs/none", "/none", "/backups?limit=0"]) {
          const { status, text } = yield* sendRaw({ path, headers: { "x-pinecone-api-version": version } })
          assert.oneOf(status, [400, 404], path)
          assert.deepStrictEqual(compare(OpenApi.ErrorResponse, text), [], path)
        }
        assert.deepStrictEqual([...checked].sort(), Object.keys(schemas).sort())
        const known = differences.filter(({ versions }) => versions.includes(version))
        assert.deepStrictEqual([...found].filter((text) => !known.some(({ pattern }) => pattern.test(text))), [])
        // A difference that no longer exists must be removed from the list.
        assert.deepStrictEqual(known.filter(({ pattern }) => ![...found].some((text) => pattern.test(text))), [])
      }).pipe(Effect.provide(EmulatorTest)))
  }

  const failures: ReadonlyArray<readonly [status: number, method: string, path: string, body?: object]> = [
    [400, "GET", "/backups?limit=0"],
    [422, "POST", "/indexes/docs/backups", { name: 1 }],
    [404, "GET", "/backups/none"],
    [404, "GET", "/restore-jobs/none"],
    [404, "GET", "/indexes/none"],
    [409, "POST", "/backups/ready/create-index", { name: "docs" }]
  ]

  for (const version of ["2026-04", "2026-07"] as const) {
    it.live(`describe errors of the control plane in ${version}`, () =>
      Effect.gen(function*() {
        for (const [expected, method, path, body] of failures) {
          const { status, text } = yield* sendRaw({
            method,
            path,
            headers: { "x-pinecone-api-version": version, "content-type": "application/json" },
            body: body === undefined ? undefined : JSON.stringify(body)
          })
          assert.strictEqual(status, expected, `${method} ${path}: ${text}`)
          assert.deepStrictEqual(compare(OpenApi.ErrorResponse, text), [], `${method} ${path}`)
        }
      }).pipe(Effect.provide(EmulatorTest)))
  }

  it.live("describe every response of the data plane in 2026-04", () =>
    Effect.gen(function*() {
      const exchanges: ReadonlyArray<readonly [keyof typeof OpenApi.data, string, body?: string]> = [
        ["stats", "/describe_index_stats", "{}"],
        ["listIds", "/vectors/list"],
        ["listNamespaces", "/namespaces"],
        ["error", "/vectors/list?limit=0"]
      ]
      for (const index of ["docs", "sparse"]) {
        const send = (path: string, body?: string) =>
          sendRaw({
            method: body === undefined ? "GET" : "POST",
            path: `/data/${index}${path}`,
            headers: { "x-pinecone-api-version": "2026-04" },
            body
          })
        for (const [operation, path, body] of exchanges) {
          const { status, text } = yield* send(path, body)
          assert.strictEqual(status, operation === "error" ? 400 : 200, text)
          assert.deepStrictEqual(compare(OpenApi.data[operation], text), [], `${operation} of ${index}`)
        }
        const { vectors } = JSON.parse((yield* send("/vectors/list?limit=3")).text)
        const ids = vectors.map(({ id }: { readonly id: string }) => `ids=${encodeURIComponent(id)}`).join("&")
        assert.deepStrictEqual(compare(OpenApi.data.fetch, (yield* send(`/vectors/fetch?${ids}`)).text), [])
      }
    }).pipe(Effect.provide(EmulatorTest)))

  it("are compared strictly: an unknown key, a missing key and a wrong type are differences", () => {
    const job = {
      restore_job_id: 1,
      backup_id: "b",
      target_index_name: "i",
      status: "Pending",
      created_at: "2026-04-23T16:36:51Z",
      extra: true
    }
    assert.sameMembers([...compare(OpenApi.control["2026-07"]["RestoreJobs.describe"], JSON.stringify(job))], [
      "/: missing key target_index_id",
      "/: unknown key extra",
      "/restore_job_id: must be string"
    ])
  })
})
