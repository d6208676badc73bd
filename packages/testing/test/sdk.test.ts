import { assert, describe, it } from "@effect/vitest"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import { Errors, Pinecone } from "@pinecone-database/pinecone"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { port, ServerTest } from "./http.ts"
import { start } from "./support.ts"

// The official client, which is based on the published contract and independent of this project.

const withEmulator = (test: (pinecone: Pinecone, plane: ControlPlane.Service) => Effect.Effect<void, unknown>) =>
  Effect.gen(function*() {
    const controllerHostUrl = `http://127.0.0.1:${yield* port}`
    yield* test(new Pinecone({ apiKey: "pcsk_any", controllerHostUrl }), yield* ControlPlane.ControlPlane)
  }).pipe(
    Effect.provide(
      ServerTest.pipe(
        Layer.provideMerge(ControlPlane.layer({ now: DateTime.makeUnsafe(start), indexes: [{ name: "docs" }] }))
      )
    )
  )

/** The error of the client. */
class Thrown extends Data.TaggedError("Thrown")<{ readonly cause: unknown }> {}

const call = <A>(f: () => Promise<A>) => Effect.tryPromise({ try: f, catch: (cause) => new Thrown({ cause }) })

describe("the official client", () => {
  it.live("creates, lists, pauses, resumes and deletes schedules, and reads their history", () =>
    withEmulator((pinecone, plane) =>
      Effect.gen(function*() {
        const { backupSchedules } = pinecone
        const options = { name: "nightly", frequency: "daily", retentionDays: 7 } as const
        const created = yield* call(() => backupSchedules.create("docs", options))
        assert.isTrue(created.enabled)
        assert.instanceOf(created.nextScheduledRun, Date)
        yield* plane.advance("3 days")

        const { data } = yield* call(() => backupSchedules.list("docs"))
        assert.deepStrictEqual(data.map(({ scheduleId }) => scheduleId), [created.scheduleId])
        const history = yield* call(() => backupSchedules.history(created.scheduleId, { limit: 2 }))
        assert.deepStrictEqual(history.data.map(({ status }) => status), ["Scheduled", "Ready"])
        const next = history.pagination?.next
        const rest = yield* call(() =>
          backupSchedules.history(created.scheduleId, next === undefined ? {} : { paginationToken: next })
        )
        assert.lengthOf(rest.data, 2)

        const paused = yield* call(() => backupSchedules.update(created.scheduleId, { enabled: false }))
        assert.isFalse(paused.enabled)
        assert.isNull(paused.nextScheduledRun)
        const resumed = yield* call(() => backupSchedules.update(created.scheduleId, { enabled: true }))
        assert.isTrue(resumed.enabled)
        assert.isTrue((yield* call(() => backupSchedules.describe(created.scheduleId))).enabled)

        yield* call(() => backupSchedules.delete(created.scheduleId))
        const gone = yield* Effect.flip(call(() => backupSchedules.describe(created.scheduleId)))
        assert.instanceOf(gone.cause, Errors.PineconeNotFoundError)
      })
    ))

  it.live("creates a backup, waits, restores, waits and deletes", () =>
    withEmulator((pinecone, plane) =>
      Effect.gen(function*() {
        const { backups, restoreJobs } = pinecone
        const { backupId } = yield* call(() => backups.create("docs", { name: "before-reindex", description: "why" }))
        const tooEarly = yield* Effect.flip(call(() => backups.createIndex(backupId, { name: "copy" })))
        assert.instanceOf(tooEarly.cause, Error)
        assert.strictEqual((yield* call(() => backups.describe(backupId))).status, "Initializing")
        yield* plane.advance("10 minutes")
        const ready = yield* call(() => backups.describe(backupId))
        assert.deepStrictEqual([ready.status, ready.name, ready.recordCount], ["Ready", "before-reindex", 120_000])
        assert.lengthOf((yield* call(() => backups.list())).data ?? [], 1)
        assert.lengthOf((yield* call(() => backups.listByIndex("docs", { includeDeleted: true }))).data ?? [], 1)

        const { restoreJobId } = yield* call(() =>
          backups.createIndex(backupId, { name: "copy", tags: { from: "backup" }, deletionProtection: "disabled" })
        )
        assert.strictEqual((yield* call(() => restoreJobs.describe(restoreJobId))).status, "Pending")
        yield* Effect.flip(call(() => backups.delete(backupId)))
        yield* plane.advance("10 minutes")
        const job = yield* call(() => restoreJobs.describe(restoreJobId))
        assert.deepStrictEqual([job.status, job.percentComplete], ["Completed", 100])
        assert.lengthOf((yield* call(() => restoreJobs.list())).data, 1)

        const index = yield* call(() => pinecone.describeIndex("copy"))
        assert.deepStrictEqual([index.name, index.status.ready, index.dimension], ["copy", true, 1536])
        assert.lengthOf((yield* call(() => pinecone.listIndexes())).indexes ?? [], 2)
        yield* call(() => pinecone.deleteIndex("copy"))
        yield* call(() => backups.delete(backupId))
        assert.lengthOf((yield* call(() => backups.list())).data ?? [], 0)
      })
    ))

  it.live("throws the errors that the SDK defines", () =>
    withEmulator((pinecone, plane) =>
      Effect.gen(function*() {
        const { backups, backupSchedules } = pinecone
        const fails = (f: () => Promise<unknown>) =>
          Effect.map(Effect.flip(call(f)), ({ cause }) => cause instanceof Error ? cause.name : "")
        const options = { name: "nightly", frequency: "daily", retentionDays: 7 } as const
        assert.strictEqual(yield* fails(() => backups.create("no")), "PineconeNotFoundError")
        assert.strictEqual(
          yield* fails(() => backupSchedules.create("docs", { ...options, retentionDays: 366 })),
          "PineconeBadRequestError"
        )
        yield* call(() => backupSchedules.create("docs", options))
        assert.strictEqual(yield* fails(() => backupSchedules.create("docs", options)), "PineconeConflictError")
        yield* plane.configure({ project: { isOverdue: true } })
        assert.strictEqual(yield* fails(() => backups.create("docs")), "PineconePaymentRequiredError")
      })
    ))

  it.live("counts, lists and reads the records of an index and of its copy", () =>
    withEmulator((pinecone, plane) =>
      Effect.gen(function*() {
        yield* plane.seedIndex({ name: "data-source", dimension: 3, namespaces: { "": 120, "ns": 5 } })
        const { backupId } = yield* call(() => pinecone.backups.create("data-source"))
        yield* plane.advance("10 minutes")
        yield* call(() => pinecone.backups.createIndex(backupId, { name: "data-copy" }))
        yield* plane.advance("10 minutes")
        yield* plane.clearRequests

        const read = Effect.fnUntraced(function*(name: string) {
          const index = pinecone.index(name)
          const stats = yield* call(() => index.describeIndexStats())
          const first = yield* call(() => index.listPaginated({ limit: 100 }))
          const next = first.pagination?.next
          assert.isDefined(next)
          const second = yield* call(() => index.listPaginated({ limit: 100, paginationToken: next }))
          assert.isUndefined(second.pagination?.next)
          const ids = [...first.vectors ?? [], ...second.vectors ?? []].map(({ id }) => id ?? "")
          assert.lengthOf(new Set(ids), 120)
          const { records } = yield* call(() => index.fetch({ ids: [...ids.slice(0, 2), "none"] }))
          assert.deepStrictEqual(Object.keys(records), ids.slice(0, 2))
          const inNamespace = yield* call(() => index.namespace("ns").listPaginated({ prefix: "doc-" }))
          assert.lengthOf(inNamespace.vectors ?? [], 5)
          const { namespaces } = yield* call(() => index.listNamespaces())
          return { stats, ids, records, namespaces: namespaces?.map(({ name, recordCount }) => [name, recordCount]) }
        })
        const source = yield* read("data-source")
        assert.deepStrictEqual(source.stats, {
          namespaces: { "": { recordCount: 120 }, "ns": { recordCount: 5 } },
          dimension: 3,
          indexFullness: 0,
          totalRecordCount: 125
        })
        assert.isTrue(Object.values(source.records).every(({ values }) => values?.length === 3))
        assert.deepStrictEqual(source.namespaces, [["__default__", "120"], ["ns", "5"]])
        assert.deepStrictEqual(yield* read("data-copy"), source)
        const requests = (yield* plane.requests).filter(({ url }) => url.startsWith("/data/data-copy/"))
        assert.deepStrictEqual(requests.map(({ operation, status, version }) => [operation, status, version]), [
          ["IndexData.stats", 200, "2026-07"],
          ["IndexData.listIds", 200, "2026-07"],
          ["IndexData.listIds", 200, "2026-07"],
          ["IndexData.fetch", 200, "2026-07"],
          ["IndexData.listIds", 200, "2026-07"],
          ["IndexData.listNamespaces", 200, "2026-07"]
        ])
      })
    ))
})
