import { assert, describe, layer } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as IndexData from "@pinecone-backups/core/drill/IndexData"
import * as IndexRecord from "@pinecone-backups/core/drill/IndexRecord"
import * as IndexStats from "@pinecone-backups/core/drill/IndexStats"
import * as Indexes from "@pinecone-backups/core/Indexes"
import type * as Pinecone from "@pinecone-backups/core/Pinecone"
import type * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Long from "../../core/test/long.ts"
import { element, indexName, int } from "./support.ts"

type Services = Exclude<Pinecone.Services, RestoreJobs.RestoreJobs> | IndexData.IndexData | ControlPlane.ControlPlane

/** An index that was seeded, as the service describes it. */
const seed = Effect.fnUntraced(function*(seed: Seed.Index) {
  const plane = yield* ControlPlane.ControlPlane
  const indexes = yield* Indexes.Indexes
  const { name } = yield* plane.seedIndex(seed)
  return yield* indexes.describe(name)
})

/** The counts of an index, and the reported total. */
const count = Effect.fnUntraced(function*(index: PineconeIndex.PineconeIndex) {
  const data = yield* IndexData.IndexData
  const stats = yield* data.stats(index)
  return { all: stats.recordCount, of: Object.fromEntries(IndexStats.countsOf(stats) ?? []) }
})

const listAll = (index: PineconeIndex.PineconeIndex, options?: IndexData.ListIdsOptions) =>
  IndexData.IndexData.use((data) => Stream.runCollect(data.listIds(index, options)))

/** Some records of a namespace. */
const sample = Effect.fnUntraced(function*(index: PineconeIndex.PineconeIndex, namespace = "") {
  const data = yield* IndexData.IndexData
  const ids = yield* data.listIds(index, { namespace }).pipe(Stream.take(20), Stream.runCollect)
  return [...(yield* data.fetch(index, ids, { namespace })).values()]
})

/**
 * Backs up and restores an index, optionally with a fault. The copy has just become ready. `name` distinguishes it from other
 * copies.
 */
const restored = Effect.fnUntraced(function*(name: string, source: Seed.Index, fault?: Fault.Fault) {
  const plane = yield* ControlPlane.ControlPlane
  const indexes = yield* Indexes.Indexes
  const backups = yield* Backups.Backups
  const original = yield* seed({ ...source, name })
  const { backupId } = yield* backups.create(original.name)
  yield* plane.advance("10 minutes")
  if (fault !== undefined) yield* plane.fault("Backups.restore", fault)
  yield* backups.restore(backupId, { name: `${name}-copy` })
  yield* plane.advance("10 minutes")
  return {
    original,
    backup: yield* backups.describe(backupId),
    copy: yield* indexes.describe(indexName(`${name}-copy`))
  }
})

const small = { dimension: 4, namespaces: { "": 30, "a": 20, "b": 10 } }

/** Number of indexes created for paging. */
let paged = 0

/** Suite for `IndexData`, for every way to provide the services. */
export const suite = <E>(name: string, services: Layer.Layer<Services, E>) =>
  layer(services)(name, (it) => {
    describe("an index", () => {
      it.effect("has the seeded number of records in its namespaces", () =>
        Effect.gen(function*() {
          const index = yield* seed({ name: "counted", ...small })
          assert.deepStrictEqual(yield* count(index), { all: 60, of: { "": 30, "a": 20, "b": 10 } })
          const data = yield* IndexData.IndexData
          const stats = yield* data.stats(index)
          assert.deepStrictEqual([stats.dimension, stats.metric, stats.vectorType], [4, "cosine", "dense"])
          for (const [namespace, count] of Object.entries(small.namespaces)) {
            const ids = yield* listAll(index, { namespace })
            assert.lengthOf(new Set(ids), count)
            assert.deepStrictEqual(ids, [...ids].sort())
            const records = yield* data.fetch(index, ids, { namespace })
            assert.deepStrictEqual([...records.keys()], ids)
          }
          assert.deepStrictEqual(yield* listAll(index, { namespace: "none" }), [])
          const page = yield* data.listNamespacesPage(index, { limit: 2 })
          const rest = yield* data.listNamespacesPage(index, { paginationToken: page.next })
          assert.deepStrictEqual(
            [...page.data, ...rest.data].map(({ name, recordCount }) => [name, recordCount]),
            [["__default__", 30], ["a", 20], ["b", 10]]
          )
          assert.isUndefined(rest.next)
        }))

      it.effect("has 1,000,000 records without using memory", () =>
        Effect.gen(function*() {
          const index = yield* seed({ name: "large", recordCount: 1_000_000 })
          const data = yield* IndexData.IndexData
          assert.deepStrictEqual(yield* count(index), { all: 1_000_000, of: { "": 1_000_000 } })
          const first = yield* data.listIds(index).pipe(Stream.take(250), Stream.runCollect)
          assert.lengthOf(new Set(first), 250)
          const tail = yield* listAll(index, { prefix: "doc-00000000009999" })
          assert.lengthOf(tail, 100)
          const [last] = yield* data.fetch(index, tail.slice(-1))
          assert.deepStrictEqual(last?.[1].metadata, { place: 999_999, title: "Document 999999" })
          assert.lengthOf(last?.[1].values ?? [], 1536)
          assert.deepStrictEqual(yield* listAll(index, { prefix: "no" }), [])
        }))

      it.effect("has sparse vectors if it has no dimension", () =>
        Effect.gen(function*() {
          const index = yield* seed({ name: "sparse", dimension: 0, recordCount: 3 })
          const data = yield* IndexData.IndexData
          const stats = yield* data.stats(index)
          assert.deepStrictEqual([stats.dimension, stats.vectorType], [undefined, "sparse"])
          for (const { sparseValues, values } of yield* sample(index)) {
            assert.deepStrictEqual(values, [])
            const indices = sparseValues?.indices ?? []
            assert.lengthOf(new Set(indices), 8)
            assert.lengthOf(sparseValues?.values ?? [], 8)
          }
        }))

      it.effect("does not return unknown records", () =>
        Effect.gen(function*() {
          const index = yield* seed({ name: "absent", ...small })
          const data = yield* IndexData.IndexData
          const [id] = yield* listAll(index, { namespace: "a" })
          assert.isDefined(id)
          const others = ["doc-1", "x", `${id}0`, id.slice(0, -1), "doc-0000000000000099-00000000"]
          const ids = [...others.map((other) => IndexRecord.RecordId.make(other)), id]
          assert.deepStrictEqual([...(yield* data.fetch(index, ids, { namespace: "a" })).keys()], [id])
          // An ID is valid in only one namespace.
          assert.strictEqual((yield* data.fetch(index, ids)).size, 0)
        }))

      it.effect("cannot be read if deleted, not ready or pod-based, or without permission", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const indexes = yield* Indexes.Indexes
          const data = yield* IndexData.IndexData
          const fails = <A, E extends { readonly _tag: string; readonly message: string }>(
            call: Effect.Effect<A, E>
          ) => Effect.map(Effect.flip(call), ({ _tag, message }) => [_tag, message])

          const gone = yield* seed({ name: "gone" })
          yield* indexes.delete(gone.name)
          assert.deepStrictEqual(yield* fails(data.stats(gone)), ["PineconeNotFound", "Index gone not found."])

          const making = yield* seed({ name: "making", readyAt: null })
          const notReady = ["PineconeServiceUnavailable", "Index making is not ready."]
          assert.deepStrictEqual(yield* fails(data.stats(making)), notReady)
          assert.deepStrictEqual(yield* fails(data.listIdsPage(making)), notReady)

          const pods = yield* seed({ name: "pods", kind: "pod", recordCount: 7 })
          assert.strictEqual((yield* count(pods)).all, 7)
          for (const call of [data.listIdsPage(pods), data.listNamespacesPage(pods)]) {
            assert.deepStrictEqual(
              yield* fails<unknown, Effect.Error<typeof call>>(call),
              ["PineconeInvalidArgument", "Pod indexes cannot be listed."]
            )
          }

          yield* plane.configure({ project: { deniedOperations: ["IndexData.stats"] } })
          const denied = yield* Effect.flip(data.stats(pods))
          yield* plane.configure({ project: { deniedOperations: [] } })
          assert.strictEqual(denied._tag, "PineconePermissionDenied")
          assert.deepInclude(denied, { status: 403, details: { code: 7, details: [] } })
        }))

      it.effect.prop(
        "lists every ID once, and has a record for each",
        {
          records: int(0, 350),
          pageSize: int(1, 120),
          digit: element("", "0", "1", "2"),
          lastPage: element("null", "missing", "emptyPage")
        },
        ({ digit, lastPage, pageSize, records }) =>
          Effect.gen(function*() {
            const plane = yield* ControlPlane.ControlPlane
            const data = yield* IndexData.IndexData
            yield* plane.configure({ switches: { lastPage } })
            const index = yield* seed({ name: `paged-${++paged}`, dimension: 2, recordCount: records })
            const prefix = digit === "" ? "" : `doc-0000000000000${digit}`
            const ids = yield* Stream.runCollect(data.listIds(index, { pageSize, prefix }))
            const places = Array.from({ length: records }, (_, place) => place)
              .filter((place) => digit === "" || Math.floor(place / 100) === Number(digit))
            const fetched = yield* data.fetch(index, ids)
            assert.deepStrictEqual([...fetched.values()].map(({ metadata }) => metadata?.["place"]), places)
            assert.deepStrictEqual(ids, [...ids].sort())
          }),
        { arbitrary: { runs: Long.runs(25) } }
      )
    })

    describe("a restored index", () => {
      it.effect("has the same records as its source, as many as the backup", () =>
        Effect.gen(function*() {
          const { backup, copy, original } = yield* restored("whole", small)
          assert.deepStrictEqual([backup.recordCount, backup.namespaceCount], [60, 3])
          assert.deepStrictEqual(yield* count(copy), yield* count(original))
          for (const namespace of ["", "a", "b"]) {
            assert.deepStrictEqual(yield* sample(copy, namespace), yield* sample(original, namespace))
          }
        }))

      it.effect("has the counts of its backup if they differ from the source", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const indexes = yield* Indexes.Indexes
          yield* seed({ name: "older", ...small })
          const { backupId } = yield* plane.seedBackup({ indexName: "older", recordCount: 7, namespaceCount: 4 })
          yield* backups.restore(backupId, { name: "older-copy" })
          yield* plane.advance("10 minutes")
          const counts = yield* count(yield* indexes.describe(indexName("older-copy")))
          assert.strictEqual(counts.all, 7)
          assert.lengthOf(Object.keys(counts.of), 4)
        }))

      it.effect("has as many records as the run of a schedule that it is restored from", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const indexes = yield* Indexes.Indexes
          yield* seed({ name: "nightly", ...small })
          const backupId = Backup.BackupId.make("run-with-7-records")
          yield* plane.seedSchedule({ indexName: "nightly", name: "nightly", runs: [{ backupId, recordCount: 7 }] })
          yield* backups.restore(backupId, { name: "nightly-copy" })
          yield* plane.advance("10 minutes")
          assert.strictEqual((yield* count(yield* indexes.describe(indexName("nightly-copy")))).all, 7)
        }))

      it.effect.each<[name: string, fault: Fault.Fault, left: Readonly<Record<string, number>>]>([
        ["empty", Fault.flawedRestore({ empty: true }), {}],
        ["missing", Fault.flawedRestore({ missing: 3 }), { "": 30, "a": 20, "b": 7 }],
        ["missing-many", Fault.flawedRestore({ missing: 31 }), { "": 29 }],
        ["missing-all", Fault.flawedRestore({ missing: 1_000 }), {}],
        ["lost", Fault.flawedRestore({ lostNamespaces: 1 }), { "": 30, "a": 20 }],
        ["lost-and-missing", Fault.flawedRestore({ lostNamespaces: 2, missing: 1 }), { "": 29 }]
      ])("lacks the records of a fault in counts, IDs and records: %s", ([name, fault, left]) =>
        Effect.gen(function*() {
          const { copy, original } = yield* restored(name, small, fault)
          const data = yield* IndexData.IndexData
          const all = Object.values(left).reduce((sum, count) => sum + count, 0)
          assert.deepStrictEqual(yield* count(copy), { all, of: left })
          for (const namespace of ["", "a", "b"]) {
            const ids = yield* listAll(copy, { namespace })
            assert.lengthOf(ids, left[namespace] ?? 0)
            const before = yield* listAll(original, { namespace })
            assert.deepStrictEqual([...(yield* data.fetch(copy, before, { namespace })).keys()], ids)
          }
        }))

      it.effect("has flawed vectors (dimension, zero, NaN) with unchanged counts", () =>
        Effect.gen(function*() {
          const vectors = Effect.fnUntraced(function*(name: string, flaws: Parameters<typeof Fault.flawedRestore>[0]) {
            const { copy } = yield* restored(name, { dimension: 3, recordCount: 6 }, Fault.flawedRestore(flaws))
            assert.deepStrictEqual(yield* count(copy), { all: 6, of: { "": 6 } })
            return (yield* sample(copy)).map(({ values }) => values ?? [])
          })
          assert.isTrue((yield* vectors("short", { dimension: 2 })).every((values) => values.length === 2))
          assert.isTrue((yield* vectors("none", { dimension: 0 })).every((values) => values.length === 0))
          for (const values of yield* vectors("zero", { values: "zero" })) assert.deepStrictEqual(values, [0, 0, 0])
          for (const values of yield* vectors("nan", { values: "nan" })) {
            assert.deepStrictEqual(values, [null, null, null])
          }
          const some = yield* vectors("some", { values: "zero", every: 4 })
          assert.deepStrictEqual(some.map((values) => values.every((value) => value === 0)), [
            true,
            false,
            false,
            false,
            true,
            false
          ])
        }))

      it.effect("counts with a delay and lists immediately", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const { copy } = yield* restored("late", small, Fault.flawedRestore({ statsDelay: "4 minutes" }))
          assert.deepStrictEqual(yield* count(copy), { all: 0, of: {} })
          assert.lengthOf(yield* listAll(copy), 30)
          yield* plane.advance("1 minute")
          assert.deepStrictEqual(yield* count(copy), { all: 14, of: { "": 7, "a": 5, "b": 2 } })
          yield* plane.advance("3 minutes")
          assert.deepStrictEqual(yield* count(copy), { all: 60, of: { "": 30, "a": 20, "b": 10 } })
        }))

      it.effect("loses records some minutes after it is ready", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const fault = Fault.flawedRestore({ vanish: { records: 12, after: "5 minutes" } })
          const { copy } = yield* restored("vanishing", small, fault)
          yield* plane.advance("299 seconds")
          assert.strictEqual((yield* count(copy)).all, 60)
          assert.lengthOf(yield* listAll(copy, { namespace: "b" }), 10)
          yield* plane.advance("1 second")
          assert.deepStrictEqual(yield* count(copy), { all: 48, of: { "": 30, "a": 18 } })
          assert.deepStrictEqual(yield* listAll(copy, { namespace: "b" }), [])
        }))

      it.effect("keeps its flaws and its records in a dump", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const flaws = { missing: 2, vanish: { records: 1, after: "1 minute" } } as const
          const { copy } = yield* restored("dumped", small, Fault.flawedRestore(flaws))
          const before = [yield* count(copy), yield* sample(copy)]
          yield* plane.load(yield* plane.dump)
          assert.deepStrictEqual([yield* count(copy), yield* sample(copy)], before)
        }))
    })

    describe("a fault", () => {
      it.effect("affects the given operation of an index", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const data = yield* IndexData.IndexData
          const index = yield* seed({ name: "faulty", ...small })
          const ids = yield* listAll(index)

          yield* plane.fault("IndexData.stats", Fault.withoutFields(["totalVectorCount", "vectorCount"]))
          assert.deepStrictEqual(yield* count(index), {
            all: undefined,
            of: { "": undefined, "a": undefined, "b": undefined }
          })
          yield* plane.fault("IndexData.stats", Fault.respond({ status: 200, body: {} }))
          assert.isUndefined(IndexStats.countsOf(yield* data.stats(index)))
          yield* plane.fault("IndexData.listIds", Fault.missingData())
          assert.strictEqual((yield* Effect.flip(data.listIdsPage(index)))._tag, "PineconeMalformedResponse")
          yield* plane.fault("IndexData.fetch", Fault.rateLimited({ retryAfter: "2 minutes" }))
          assert.strictEqual((yield* Effect.flip(data.fetch(index, ids)))._tag, "PineconeResourceExhausted")
          yield* plane.fault("IndexData.fetch", Fault.notFound)
          assert.strictEqual((yield* Effect.flip(data.fetch(index, ids)))._tag, "PineconeNotFound")
          yield* plane.fault("IndexData.fetch", Fault.truncated)
          assert.strictEqual((yield* Effect.flip(data.fetch(index, ids)))._tag, "PineconeMalformedResponse")
          // The fault affects only restores.
          yield* plane.fault("IndexData.stats", Fault.flawedRestore({ empty: true }))
          assert.strictEqual((yield* count(index)).all, 60)
          const asked = (yield* plane.requests).filter(({ operation }) => operation?.startsWith("IndexData."))
          assert.deepStrictEqual(
            asked.slice(-3).map(({ method, operation, status }) => [method, operation, status]),
            [["GET", "IndexData.fetch", 404], ["GET", "IndexData.fetch", 200], ["POST", "IndexData.stats", 200]]
          )
        }))
    })
  })
