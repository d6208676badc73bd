import { assert, describe, it } from "@effect/vitest"
import * as DrillIndex from "@pinecone-backups/core/drill/DrillIndex"
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillProbe from "@pinecone-backups/core/drill/DrillProbe"
import type * as DrillReport from "@pinecone-backups/core/drill/DrillReport"
import * as DrillRequest from "@pinecone-backups/core/drill/DrillRequest"
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
import * as Ref from "effect/Ref"
import { accepted, drill, engine, finish, project, request, seedBackup, summary, temporaries } from "./DrillTest.ts"

const world = (options?: PineconeMemory.Options) => engine.pipe(Layer.provideMerge(project(options)))

const ended = (outcome: DrillReport.Outcome, code: DrillReport.ReasonCode) => ({ outcome, code, leftover: null })

describe("RestoreDrill", () => {
  it.effect(
    "neither fails nor leaves its index behind because of one response that does not find it",
    () =>
      Effect.gen(function*() {
        // The first response is about the index that the backup is chosen from.
        for (let skip = 1; skip < 10; skip++) {
          yield* Effect.gen(function*() {
            const plane = yield* ControlPlane.ControlPlane
            yield* seedBackup()
            yield* plane.fault("Indexes.describe", Fault.notFound, { skip, times: 1 })
            const { leftover, outcome } = yield* drill({}, "14 hours")
            const message = `response ${skip}`
            assert.strictEqual(outcome, "SUCCESSFUL", message)
            assert.isNull(leftover, message)
            assert.deepStrictEqual(yield* temporaries, [], message)
          }).pipe(Effect.provide(world()))
        }
      }),
    60_000
  )

  describe("the choice", () => {
    it.effect("skips newer backups that are not good copies, with their states", () =>
      Effect.gen(function*() {
        yield* seedBackup()
        yield* seedBackup({ createdAt: "2026-04-22T06:00:00Z", status: "InitializationFailed" })
        yield* seedBackup({ createdAt: "2026-04-23T06:00:00Z", recordCount: 0 })
        const report = yield* drill()
        assert.strictEqual(report.outcome, "SUCCESSFUL")
        assert.strictEqual(report.backup?.backupId, "backup-1")
        assert.deepStrictEqual(
          report.skipped.map(({ backupId, state }) => `${backupId} ${state}`),
          ["backup-3 empty", "backup-2 failed"]
        )
      }).pipe(Effect.provide(world())))

    it.effect("is FAILED without a good copy, and sends nothing", () =>
      Effect.gen(function*() {
        yield* seedBackup({ status: "InitializationFailed" })
        const report = yield* drill()
        assert.deepInclude(summary(report), ended("FAILED", "no-copy"))
        assert.lengthOf(report.skipped, 1)
        assert.strictEqual(yield* accepted("Backups.restore"), 0)
        assert.strictEqual(yield* accepted("Indexes.delete"), 0)
      }).pipe(Effect.provide(world())))

    it.effect("is random among the good copies within the time", () =>
      Effect.gen(function*() {
        for (const day of ["01", "18", "19", "20", "21", "22"]) {
          yield* seedBackup({ createdAt: `2026-04-${day}T06:00:00Z` })
        }
        const chosen = new Set<string | undefined>()
        for (let n = 0; n < 8; n++) {
          const report = yield* drill({
            drillId: `random-${n}`,
            pick: DrillRequest.random("10 days"),
            verify: DrillRequest.count,
            recountAfter: Duration.zero
          })
          chosen.add(report.backup?.backupId)
        }
        assert.isFalse(chosen.has("backup-1"))
        assert.isAbove(chosen.size, 1)
      }).pipe(Effect.provide(world())))

    it.effect("finds the backups of an index that was deleted", () =>
      Effect.gen(function*() {
        const indexes = yield* Indexes.Indexes
        yield* seedBackup()
        yield* indexes.delete(request().index)
        assert.strictEqual((yield* drill()).outcome, "SUCCESSFUL")
      }).pipe(Effect.provide(world())))

    it.effect("refuses a backup above the size limit, and restores it without a limit", () =>
      Effect.gen(function*() {
        const sizeBytes = 11 * 2 ** 30
        yield* seedBackup({ sizeBytes })
        const refused = yield* drill()
        assert.deepInclude(summary(refused), ended("FAILED", "size-limit"))
        assert.include(refused.reason?.message, "Raise maxBytes")
        assert.strictEqual(yield* accepted("Backups.restore"), 0)
        assert.strictEqual((yield* drill({ drillId: "all", maxBytes: null })).outcome, "SUCCESSFUL")
      }).pipe(Effect.provide(world())))

    it.effect("refuses a backup of unknown size", () =>
      Effect.gen(function*() {
        yield* seedBackup({ sizeBytes: null })
        assert.deepInclude(summary(yield* drill()), ended("FAILED", "size-unknown"))
      }).pipe(Effect.provide(world())))

    it.effect("refuses to exceed the index quota", () =>
      Effect.gen(function*() {
        yield* seedBackup()
        assert.deepInclude(summary(yield* drill({ indexQuota: 1 })), ended("FAILED", "index-quota"))
        assert.strictEqual(yield* accepted("Backups.restore"), 0)
      }).pipe(Effect.provide(world())))

    it.effect("reports a quota that the service refuses", () =>
      Effect.gen(function*() {
        yield* seedBackup()
        assert.deepInclude(summary(yield* drill()), ended("FAILED", "index-quota"))
      }).pipe(Effect.provide(world({ project: { indexQuota: 1 } }))))
  })

  describe("the restore", () => {
    it.effect("takes six virtual hours in seconds, and few requests", () =>
      Effect.gen(function*() {
        yield* seedBackup()
        const fiber = yield* Effect.forkChild(RestoreDrill.run(request({ timeout: Duration.hours(8) })))
        yield* DrillEngine.settle
        const before = process.cpuUsage()
        const report = yield* finish(fiber, "8 hours", "10 minutes")
        // About 1 second on an idle machine. Elapsed time would depend on what else it does.
        assert.isBelow(process.cpuUsage(before).user, 6_000_000)
        assert.strictEqual(report.outcome, "SUCCESSFUL")
        assert.strictEqual(report.restoreSeconds, 6 * 3_600)
        assert.isAtMost(yield* accepted("RestoreJobs.describe"), 40)
      }).pipe(Effect.provide(world({ project: { restoreDuration: "6 hours" } }))))

    it.effect("is TIMED_OUT at the deadline", () =>
      Effect.gen(function*() {
        yield* seedBackup()
        const report = yield* drill({ timeout: Duration.hours(1) })
        assert.deepInclude(summary(report), ended("TIMED_OUT", "timeout"))
        const { endedAt, startedAt } = report.times
        assert.isAtLeast(Duration.toMinutes(DateTime.distance(startedAt, endedAt)), 60)
        assert.isAtMost(Duration.toMinutes(DateTime.distance(startedAt, endedAt)), 65)
        assert.deepStrictEqual(yield* temporaries, [])
      }).pipe(Effect.provide(world({ project: { restoreDuration: "5 hours" } }))))

    for (const [status, code] of [["Failed", "restore-failed"], ["Cancelled", "restore-cancelled"]] as const) {
      it.effect(`is FAILED if its job is ${status}`, () =>
        Effect.gen(function*() {
          yield* seedBackup()
          assert.deepInclude(summary(yield* drill()), ended("FAILED", code))
          assert.deepStrictEqual(yield* temporaries, [])
        }).pipe(Effect.provide(world({ switches: { restoresEnd: status } }))))
    }

    it.effect("is FAILED if its index vanishes", () =>
      Effect.gen(function*() {
        const indexes = yield* Indexes.Indexes
        yield* seedBackup()
        const fiber = yield* Effect.forkChild(RestoreDrill.run(request()))
        yield* DrillEngine.advance("1 minute")
        yield* indexes.delete(DrillIndex.nameOf(yield* RestoreDrill.executionId("drill-1")))
        assert.deepInclude(summary(yield* finish(fiber)), ended("FAILED", "index-vanished"))
      }).pipe(Effect.provide(world())))

    it.effect("refuses an index of the same name that is not its own, and leaves it alone", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* seedBackup()
        const name = DrillIndex.nameOf(yield* RestoreDrill.executionId("drill-1"))
        yield* plane.seedIndex({ name, tags: { team: "search" } })
        assert.deepInclude(summary(yield* drill()), ended("FAILED", "name-taken"))
        assert.strictEqual(yield* accepted("Indexes.delete"), 0)
      }).pipe(Effect.provide(world())))

    const ambiguous = [
      ["the connection breaks", Fault.reset],
      ["it is answered with 500", Fault.respond({ status: 500 })],
      ["it is answered with HTML", Fault.html({ status: 502 })]
    ] as const
    for (const [name, fault] of ambiguous) {
      it.effect(`is requested once if it is carried out and ${name}`, () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          yield* seedBackup()
          yield* plane.fault("Backups.restore", Fault.afterCommit(fault), { times: 2 })
          const report = yield* drill()
          assert.strictEqual(report.outcome, "SUCCESSFUL")
          assert.strictEqual(report.restoreJobId, "job-1")
          assert.deepStrictEqual(yield* temporaries, [])
        }).pipe(Effect.provide(world())))
    }

    it.effect("adopts the job of an index that exists although it could not be looked up", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* seedBackup()
        yield* plane.fault("Backups.restore", Fault.afterCommit(Fault.reset))
        yield* plane.fault("RestoreJobs.list", Fault.respond({ status: 503 }), { times: "always", for: "5 minutes" })
        const report = yield* drill()
        assert.strictEqual(report.outcome, "SUCCESSFUL")
        const requests = (yield* plane.requests).filter(({ operation }) => operation === "Backups.restore")
        assert.lengthOf(requests, 1)
      }).pipe(Effect.provide(world({ project: { restoreDuration: "1 hour" } }))))

    it.effect("outlasts an outage while it waits", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* seedBackup()
        const fiber = yield* Effect.forkChild(RestoreDrill.run(request()))
        yield* DrillEngine.advance("1 minute")
        yield* plane.fault("*", Fault.respond({ status: 503 }), { times: "always", for: "40 minutes" })
        assert.strictEqual((yield* finish(fiber)).outcome, "SUCCESSFUL")
      }).pipe(Effect.provide(world())))
  })

  describe("the removal", () => {
    for (const status of [409, 412, 503]) {
      it.effect(`is repeated while it is answered with ${status}, and the report waits for it`, () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          yield* seedBackup()
          yield* plane.fault("Indexes.delete", Fault.respond({ status }), { times: 8 })
          const report = yield* drill()
          assert.strictEqual(report.outcome, "SUCCESSFUL")
          assert.isNotNull(report.times.removedAt)
          assert.deepStrictEqual(yield* temporaries, [])
        }).pipe(Effect.provide(world())))
    }

    it.effect("waits for an index that cannot be seen at first", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* seedBackup()
        // The restore is carried out but refused, and for half a minute neither its job nor its index can be found.
        yield* plane.fault("Backups.restore", Fault.afterCommit(Fault.respond({ status: 403 })))
        yield* plane.fault("Indexes.describe", Fault.notFound, { skip: 1, times: "always", for: "30 seconds" })
        const report = yield* drill()
        assert.deepInclude(summary(report), ended("FAILED", "request"))
        assert.isNotNull(report.times.removedAt)
        assert.strictEqual(yield* accepted("Indexes.delete"), 1)
        assert.deepStrictEqual(yield* temporaries, [])
      }).pipe(Effect.provide(world({ project: { restoreJobDelay: "30 seconds" } }))))

    it.effect("waits for an accepted restore whose index and job cannot be seen yet", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* seedBackup()
        yield* plane.fault("Indexes.describe", Fault.notFound, { skip: 1, times: "always", for: "30 seconds" })
        const executionId = yield* RestoreDrill.start(request())
        yield* DrillEngine.advance("2 seconds", "1 second")
        assert.strictEqual(yield* accepted("Backups.restore"), 1)
        yield* RestoreDrill.cancel(executionId)
        yield* DrillEngine.advance("30 minutes")
        const log = yield* DrillLog.DrillLog
        const report = (yield* log.get(executionId))?.report
        assert.deepStrictEqual([report?.outcome, report?.leftover], ["CANCELLED", null])
        assert.deepStrictEqual(yield* temporaries, [])
      }).pipe(Effect.provide(world({ project: { restoreJobDelay: "30 seconds" } }))))

    it.effect("outlasts a restore that keeps the index from being deleted for hours", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* seedBackup()
        yield* plane.fault("Indexes.delete", Fault.respond({ status: 412 }), { times: "always", for: "5 hours" })
        const report = yield* drill({ timeout: Duration.hours(1) })
        assert.deepInclude(summary(report), ended("TIMED_OUT", "timeout"))
        assert.isAtLeast(Duration.toHours(DateTime.distance(report.times.startedAt, report.times.endedAt)), 5)
        assert.deepStrictEqual(yield* temporaries, [])
      }).pipe(Effect.provide(world({ project: { restoreDuration: "5 hours" } }))))

    it.effect("is given up after an hour, and the report names the leftover", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* seedBackup()
        yield* plane.fault("Indexes.delete", Fault.respond({ status: 403 }), { times: "always" })
        const report = yield* drill()
        assert.strictEqual(report.outcome, "SUCCESSFUL")
        const [left] = yield* temporaries
        assert.strictEqual(report.leftover, left?.name)
        assert.strictEqual(report.times.removedAt, null)
      }).pipe(Effect.provide(world())))
  })

  describe("the report", () => {
    it.effect("waits for a log that is unavailable, and keeps the result", () =>
      Effect.gen(function*() {
        yield* seedBackup()
        const report = yield* drill()
        assert.strictEqual(report.outcome, "SUCCESSFUL")
        const log = yield* DrillLog.DrillLog
        assert.deepStrictEqual((yield* log.get(report.executionId))?.report, report)
        assert.deepStrictEqual(yield* temporaries, [])
      }).pipe(Effect.provide(RestoreDrill.layer.pipe(
        Layer.provide(Layer.effect(
          DrillLog.DrillLog,
          Effect.gen(function*() {
            const log = yield* DrillLog.DrillLog
            const attempts = yield* Ref.make(0)
            return DrillLog.DrillLog.of({
              ...log,
              put: (report) =>
                Effect.flatMap(
                  Ref.getAndUpdate(attempts, (n) => n + 1),
                  (n) =>
                    n < 15 ? Effect.fail(new DrillLog.DrillLogError({ message: "the disk is full" })) : log.put(report)
                )
            })
          })
        )),
        Layer.provideMerge(DrillEngine.layer),
        Layer.provideMerge(project())
      ))))
  })

  describe("the probe", () => {
    const probed = (probe: DrillProbe.Probe | undefined) =>
      Effect.gen(function*() {
        yield* seedBackup()
        return summary(yield* drill({ probe: true }))
      }).pipe(Effect.provide(
        RestoreDrill.layer.pipe(
          Layer.provide(probe === undefined ? Layer.empty : DrillProbe.layer(probe)),
          Layer.provideMerge(DrillEngine.layer),
          Layer.provideMerge(project())
        )
      ))

    it.effect("gets the restored index", () =>
      Effect.gen(function*() {
        const seen = yield* Ref.make<DrillProbe.Restored | undefined>(undefined)
        const result = yield* probed((restored) => Ref.set(seen, restored))
        assert.strictEqual(result.outcome, "SUCCESSFUL")
        assert.strictEqual(result.checks["probe"], "passed")
        const restored = yield* Ref.get(seen)
        assert.strictEqual(restored?.source, "docs")
        assert.isDefined(restored && DrillIndex.of(restored.index))
        assert.strictEqual(restored?.backup.backupId, "backup-1")
      }))

    it.effect("fails the drill", () =>
      Effect.gen(function*() {
        const result = yield* probed(() => Effect.fail(new DrillProbe.ProbeFailed({ message: "no answer for cats" })))
        assert.deepInclude(result, ended("FAILED", "probe"))
      }))

    it.effect("leaves the drill UNVERIFIED if it cannot be completed", () =>
      Effect.gen(function*() {
        const unknown = ended("UNVERIFIED", "unknown-probe")
        assert.deepInclude(
          yield* probed(() => Effect.fail(new DrillProbe.ProbeUnknown({ message: "no model" }))),
          unknown
        )
        assert.deepInclude(yield* probed(() => Effect.die("secret")), unknown)
        assert.deepInclude(yield* probed(undefined), unknown)
      }))

    it.effect("leaves the drill UNVERIFIED if it interrupts itself, and runs once", () =>
      Effect.gen(function*() {
        const runs = yield* Ref.make(0)
        const result = yield* probed(() => Effect.andThen(Ref.update(runs, (n) => n + 1), Effect.interrupt))
        assert.deepInclude(result, ended("UNVERIFIED", "unknown-probe"))
        assert.strictEqual(yield* Ref.get(runs), 1)
      }))

    it.effect("is interrupted at the deadline", () =>
      Effect.gen(function*() {
        assert.deepInclude(yield* probed(() => Effect.never), ended("TIMED_OUT", "timeout"))
      }))
  })
})
