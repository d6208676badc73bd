import { assert, describe, it } from "@effect/vitest"
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillReport from "@pinecone-backups/core/drill/DrillReport"
import * as DrillRequest from "@pinecone-backups/core/drill/DrillRequest"
import * as DrillTarget from "@pinecone-backups/core/drill/DrillTarget"
import * as IndexData from "@pinecone-backups/core/drill/IndexData"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as DrillEngine from "@pinecone-backups/testing/DrillEngine"
import * as Fault from "@pinecone-backups/testing/Fault"
import type * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as DrillScript from "../examples/drill-script.ts"
import * as Support from "./DrillTest.ts"
import { accepted, drill, project, request, seedBackup, summary, temporaries } from "./DrillTest.ts"

const world = (options?: PineconeMemory.Options) => Support.engine.pipe(Layer.provideMerge(project(options)))

/** A drill of a backup that is restored with a flaw. */
const flawed = Effect.fnUntraced(function*(flaws: Fault.Flaws, options?: Parameters<typeof request>[0]) {
  const plane = yield* ControlPlane.ControlPlane
  yield* seedBackup()
  yield* plane.fault("Backups.restore", Fault.flawedRestore(flaws))
  const report = yield* drill(options)
  assert.deepStrictEqual(yield* temporaries, [])
  return report
})

const passed = { count: "passed", sample: "passed", probe: "skipped", recount: "passed" } as const

describe("RestoreDrill", () => {
  describe("a sound backup", () => {
    it.effect("is SUCCESSFUL, with the times of its steps and of the restore job", () =>
      Effect.gen(function*() {
        yield* seedBackup()
        const report = yield* drill()
        assert.deepStrictEqual(summary(report), { outcome: "SUCCESSFUL", code: null, checks: passed, leftover: null })
        assert.isTrue(DrillReport.isProof(report))
        assert.isTrue(DrillReport.isSampled(report))
        assert.strictEqual(report.restoreSeconds, 600)
        assert.deepInclude(report.counted, { records: 100, namespaces: 3 })
        assert.deepInclude(report.sampled, { chosen: 20, sound: 20 })
        const { countedAt, endedAt, recountedAt, requestedAt, restoredAt, startedAt } = report.times
        const times = [startedAt, requestedAt, restoredAt, countedAt, recountedAt, endedAt].map((at) =>
          at === null ? NaN : DateTime.toEpochMillis(at)
        )
        assert.deepStrictEqual(times, times.toSorted((one, other) => one - other))
        assert.isAtLeast(times[4]! - times[3]!, 300_000)
        assert.deepStrictEqual(yield* temporaries, [])
        assert.strictEqual(yield* accepted("Backups.restore"), 1)
        assert.strictEqual(yield* accepted("Indexes.delete"), 1)
      }).pipe(Effect.provide(world())))

    it.effect("leaves its report in the log, which JSON keeps as it is", () =>
      Effect.gen(function*() {
        yield* seedBackup()
        const report = yield* drill()
        const log = yield* DrillLog.DrillLog
        const entry = yield* log.get(yield* RestoreDrill.executionId("drill-1"))
        assert.deepStrictEqual(entry?.report, report)
        assert.deepStrictEqual(
          entry?.deadlineAt,
          DateTime.addDuration(report.times.startedAt, Duration.hours(6))
        )
        const codec = Schema.fromJsonString(DrillReport.DrillReport)
        const json = yield* Schema.encodeEffect(codec)(report)
        assert.deepStrictEqual(yield* Schema.decodeEffect(codec)(json), report)
        assert.include(json, "\"restore_seconds\":600")
      }).pipe(Effect.provide(world())))

    it.effect("restores into an index with the name and the tags of the drill, and without deletion protection", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const indexes = yield* Indexes.Indexes
        yield* seedBackup({ tags: { team: "search" } })
        const executionId = yield* RestoreDrill.start(request())
        yield* DrillEngine.advance("1 minute")
        const [temporary] = yield* temporaries
        assert.deepStrictEqual(temporary, { name: `drill-${executionId}` as never, executionId })
        const index = yield* indexes.describe(temporary!.name)
        const log = yield* DrillLog.DrillLog
        const startedAt = (yield* log.get(executionId))?.startedAt
        assert.deepStrictEqual(index.tags, {
          "pinecone-backups-drill": executionId,
          "pinecone-backups-drill-start": String(startedAt && DateTime.toEpochMillis(startedAt))
        })
        assert.strictEqual(index.deletionProtection, "disabled")
        const requests = yield* plane.requests
        assert.notInclude(JSON.stringify(requests), "\"memory\"")
      }).pipe(Effect.provide(world())))

    it.effect("is only counted if that is requested", () =>
      Effect.gen(function*() {
        yield* seedBackup()
        const report = yield* drill({ verify: DrillRequest.count, recountAfter: Duration.zero })
        assert.deepStrictEqual(summary(report).checks, {
          count: "passed",
          sample: "skipped",
          probe: "skipped",
          recount: "skipped"
        })
        assert.strictEqual(report.outcome, "SUCCESSFUL")
        assert.isFalse(DrillReport.isSampled(report))
        assert.strictEqual(yield* accepted("IndexData.fetch"), 0)
      }).pipe(Effect.provide(world())))

    it.effect("is sampled if the index is sparse", () =>
      Effect.gen(function*() {
        yield* seedBackup()
        assert.deepStrictEqual(summary(yield* drill()).checks, passed)
      }).pipe(Effect.provide(world({ indexes: [{ name: "docs", dimension: 0, recordCount: 40 }] }))))

    it.effect("is only counted if the index has a typed schema, and the report says so", () =>
      Effect.gen(function*() {
        yield* seedBackup()
        const report = yield* drill()
        assert.strictEqual(report.outcome, "SUCCESSFUL")
        assert.isFalse(DrillReport.isSampled(report))
        const check = report.checks.find(({ check }) => check === "sample")
        assert.strictEqual(check?.result, "skipped")
        assert.include(check?.detail, "no sample was read")
        assert.strictEqual(yield* accepted("IndexData.fetch"), 0)
      }).pipe(Effect.provide(world({
        apiVersion: "2026-07",
        indexes: [{
          name: "docs",
          recordCount: 40,
          schema: { fields: { title: { type: "string" }, embedding: { type: "dense_vector", dimension: 4 } } }
        }]
      }))))

    it.effect("waits for counts that lag", () =>
      Effect.gen(function*() {
        const report = yield* flawed({ statsDelay: "8 minutes" })
        assert.deepStrictEqual(summary(report).checks, passed)
      }).pipe(Effect.provide(world())))

    it.effect("ignores a difference within the tolerance", () =>
      Effect.gen(function*() {
        const report = yield* flawed({ missing: 5 }, { tolerance: 0.05 })
        assert.deepStrictEqual(summary(report).checks, passed)
        assert.strictEqual(report.counted?.records, 95)
      }).pipe(Effect.provide(world())))
  })

  it("runs in a script, without the test clock of @effect/vitest", () =>
    Effect.runPromise(DrillScript.program).then(({ outcome, restoreSeconds }) =>
      assert.deepStrictEqual([outcome, restoreSeconds], ["SUCCESSFUL", 600])
    ))

  describe("a flawed copy", () => {
    const cases: ReadonlyArray<readonly [string, Fault.Flaws, DrillReport.ReasonCode, string]> = [
      ["lacks records", { missing: 5 }, "records", "the backup has 100 records, the copy has 95"],
      ["is empty", { empty: true }, "records", "the backup has 100 records, the copy has 0"],
      ["lacks a namespace", { lostNamespaces: 1 }, "records", "the backup has 100 records, the copy has 90"],
      ["has late counts", { statsDelay: "1 day" }, "records", "the backup has 100 records"],
      ["has vectors of another dimension", { dimension: 3 }, "sample", "its vector has 3 dimensions instead of 4"],
      ["has vectors with NaN", { values: "nan" }, "sample", "a value is not a finite number"],
      ["has zero vectors", { values: "zero" }, "sample", "all values are zero"],
      [
        "loses records later",
        { vanish: { records: 5, after: "4 minutes" } },
        "records-vanished",
        "after the first count, the backup has 100 records, the copy has 95"
      ]
    ]
    for (const [name, flaws, code, message] of cases) {
      it.effect(`is FAILED if it ${name}`, () =>
        Effect.gen(function*() {
          const report = yield* flawed(flaws)
          assert.strictEqual(report.outcome, "FAILED")
          assert.strictEqual(report.reason?.code, code)
          assert.include(report.reason?.message, message)
          assert.strictEqual(report.leftover, null)
          assert.isFalse(DrillReport.isProof(report))
        }).pipe(Effect.provide(world())))
    }

    it.effect("is FAILED if it lacks a namespace, even with a tolerance", () =>
      Effect.gen(function*() {
        const report = yield* flawed({ lostNamespaces: 1 }, { tolerance: 0.5 })
        assert.deepInclude(summary(report), { outcome: "FAILED", code: "namespaces" })
      }).pipe(Effect.provide(world())))
  })

  describe("unknown counts", () => {
    const cases: ReadonlyArray<readonly [string, Fault.Operation, ReadonlyArray<string>]> = [
      ["the backup does not report its namespaces", "Backups.listByIndex", ["namespace_count"]],
      ["the copy does not report its records", "IndexData.stats", ["totalVectorCount"]],
      ["the copy does not report its namespaces", "IndexData.stats", ["namespaces"]]
    ]
    for (const [name, operation, fields] of cases) {
      it.effect(`are UNVERIFIED if ${name}`, () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          yield* seedBackup()
          yield* plane.fault(operation, Fault.withoutFields(fields), { times: "always" })
          const report = yield* drill({ verify: DrillRequest.count })
          assert.deepInclude(summary(report), { outcome: "UNVERIFIED", code: "unknown-count", leftover: null })
          assert.isFalse(DrillReport.isProof(report))
        }).pipe(Effect.provide(world())))
    }

    it.effect("are UNVERIFIED if the counts cannot be read", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* seedBackup()
        yield* plane.fault("IndexData.stats", Fault.respond({ status: 500 }), { times: "always" })
        const report = yield* drill()
        assert.deepInclude(summary(report), { outcome: "UNVERIFIED", code: "unknown-count", leftover: null })
        assert.strictEqual(report.counted, null)
      }).pipe(Effect.provide(world())))

    it.effect("are UNVERIFIED if a namespace lists fewer records than it reports", () =>
      Effect.gen(function*() {
        yield* seedBackup()
        const report = yield* drill()
        assert.deepInclude(summary(report), { outcome: "UNVERIFIED", code: "unknown-sample", leftover: null })
        assert.include(report.reason?.message, "namespace \"a\" reports 30 records")
      }).pipe(Effect.provide(Support.engine.pipe(
        Layer.provide(DrillTarget.layer),
        Layer.provide(Layer.effect(
          IndexData.IndexData,
          Effect.map(IndexData.IndexData, (data) =>
            IndexData.IndexData.of({
              ...data,
              listIds: (index, options) => options?.namespace === "a" ? Stream.empty : data.listIds(index, options)
            }))
        )),
        Layer.provideMerge(project())
      ))))

    it.effect("are UNVERIFIED if the records cannot be read", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* seedBackup()
        yield* plane.fault("IndexData.fetch", Fault.respond({ status: 500 }), { times: "always" })
        const report = yield* drill()
        assert.deepInclude(summary(report), { outcome: "UNVERIFIED", code: "unknown-sample" })
        assert.isFalse(DrillReport.isSampled(report))
      }).pipe(Effect.provide(world())))
  })
})
