import { assert, describe, layer } from "@effect/vitest"
import * as Backups from "@pinecone-backups/core/Backups"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import type * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import * as EventLoop from "../../core/test/event-loop.ts"
import { indexName, onVirtualTime } from "./support.ts"

// The tests share the layer and its clock. The time of the service advances, so every test creates its own indexes and
// seeds.

const found = (health: BackupHealth.BackupHealth) =>
  BackupHealth.findings(health).map(({ check, sentence, severity }) => [check, severity, sentence])

/** A permanent failure of any route. */
const refused = Fault.respond({ status: 403 })

/** Suite for `HealthChecks`, for every way to provide the services. */
export const suite = <E>(name: string, services: Layer.Layer<Pinecone.Services | ControlPlane.ControlPlane, E>) =>
  layer(Layer.provideMerge(HealthChecks.layer, services))(name, (it) => {
    describe("HealthChecks", () => {
      /** Seeds an index with a schedule that has run for a number of days. */
      const nightly = Effect.fnUntraced(function*(name: string, runs: number) {
        const plane = yield* ControlPlane.ControlPlane
        const index = indexName(name)
        const { id } = yield* plane.seedSchedule({ indexName: index, name, runs, expireAfterDays: 365 })
        return { id, index }
      })

      it.effect("finds nothing in a healthy project with many pages", () =>
        Effect.gen(function*() {
          const checks = yield* HealthChecks.HealthChecks
          const { index } = yield* nightly("well", 130)
          const health = yield* checks.check({
            indexes: [index],
            skip: ["untested", "no-copy-yet", "no-deletion-protection", "quota"]
          })
          assert.deepStrictEqual(found(health), [])
          assert.deepStrictEqual(health.indexes.map(({ copies, indexName }) => [copies, String(indexName)]), [
            [130, "well"]
          ])
          assert.strictEqual(health.status, "ok")
        }))

      it.effect("reads only the requested indexes, and reports progress", () =>
        Effect.gen(function*() {
          const checks = yield* HealthChecks.HealthChecks
          const indexes = [(yield* nightly("first", 1)).index, (yield* nightly("second", 1)).index]
          const progress: Array<HealthChecks.Progress> = []
          yield* checks.check({
            indexes,
            concurrency: 1,
            onProgress: (step) => Effect.sync(() => progress.push(step))
          })
          assert.deepStrictEqual(progress, [{ done: 1, total: 2 }, { done: 2, total: 2 }])

          const error = yield* Effect.flip(checks.check({ indexes: [...indexes, indexName("nowhere")] }))
          assert.deepStrictEqual([error._tag, error.message], ["PineconeNotFound", "Index nowhere not found."])
        }))

      it.effect.each<[operation: Fault.Operation, sentence: RegExp, index: string | null]>([
        [
          "BackupSchedules.list",
          /^the schedules of this index could not be read: .* \(PermissionDenied\)$/,
          "no-schedules"
        ],
        [
          "BackupSchedules.history",
          /^the history of no-history could not be read: .* \(PermissionDenied\)$/,
          "no-history"
        ],
        ["Backups.list", /^the backups of the project could not be read: .* \(PermissionDenied\)$/, null],
        ["RestoreJobs.list", /^the restore jobs of the project could not be read: .* \(PermissionDenied\)$/, null]
      ])(
        "reports unreadable data along with all other findings: %s",
        ([operation, sentence, index]) =>
          Effect.gen(function*() {
            const plane = yield* ControlPlane.ControlPlane
            const checks = yield* HealthChecks.HealthChecks
            const broken = yield* nightly(index ?? `broken-${operation.length}`, 3)
            const lostIndex = indexName(`lost-${operation.length}`)
            const lost = yield* plane.seedSchedule({ indexName: lostIndex, runs: ["missing", {}, {}] })
            // The first request is for the first requested index. Lists of the project may take many requests.
            yield* plane.fault(operation, refused, { times: index === null ? "always" : 1 })

            const health = yield* checks.check({
              indexes: [broken.index, lostIndex],
              concurrency: 1,
              skip: ["untested", "no-copy-yet", "no-deletion-protection", "quota", "stale", "orphan"]
            })
            yield* plane.clearFaults

            assert.strictEqual(health.status, "unknown")
            const findings = BackupHealth.findings(health)
            const unknown = findings.filter(({ severity }) => severity === "unknown")
            assert.deepStrictEqual(unknown.map(({ check }) => check), ["unreadable"])
            assert.match(unknown[0]?.sentence ?? "", sentence)
            assert.strictEqual(unknown[0]?.indexName, index)
            // Unrelated facts are still complete.
            assert.deepStrictEqual(
              findings.filter(({ check }) => check === "missed").map(({ evidence }) => evidence.scheduleIds),
              [[lost.id]]
            )
            assert.deepStrictEqual(
              found(
                yield* checks.check({
                  indexes: [broken.index],
                  skip: ["untested", "no-copy-yet", "no-deletion-protection", "quota"]
                })
              ),
              []
            )
          })
      )

      it.effect.each<[operation: Fault.Operation, name: string]>([
        ["BackupSchedules.list", "hidden-schedules"],
        ["BackupSchedules.history", "hidden-history"]
      ])(
        "is unknown if a route responds with 404 for an existing resource: %s",
        ([operation, name]) =>
          Effect.gen(function*() {
            const plane = yield* ControlPlane.ControlPlane
            const checks = yield* HealthChecks.HealthChecks
            const { index } = yield* nightly(name, 3)
            const options = {
              indexes: [index],
              skip: ["untested", "no-copy-yet", "no-deletion-protection", "quota"]
            } as const
            for (const fault of [Fault.notFound, Fault.respond({ status: 404 })]) {
              yield* plane.fault(operation, fault)
              const health = yield* checks.check(options)
              assert.deepStrictEqual(found(health).map(([check, severity]) => [check, severity]), [[
                "unreadable",
                "unknown"
              ]])
              assert.strictEqual(health.status, "unknown")
            }
            assert.deepStrictEqual(found(yield* checks.check(options)), [])
          })
      )

      it.effect("stops sending requests after five consecutive failures", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const checks = yield* HealthChecks.HealthChecks
          const names = Array.from({ length: 20 }, (_, index) => `outage-${index}`)
          const indexes = yield* Effect.forEach(names, (name) => Effect.map(nightly(name, 1), ({ index }) => index))
          yield* plane.fault("BackupSchedules.history", Fault.respond({ status: 503 }), { times: "always" })
          yield* plane.clearRequests
          const health = yield* onVirtualTime(checks.check({ indexes, concurrency: 1 }), 40)
          const asked = (yield* plane.requests).filter(({ operation }) => operation === "BackupSchedules.history")
          yield* plane.clearFaults

          // Five failed requests with four attempts each.
          assert.strictEqual(asked.length, 20)
          assert.strictEqual(health.totals.unknown, indexes.length)
          assert.isTrue(health.indexes.every(({ status }) => status === "unknown"))
          assert.strictEqual((yield* checks.check({ indexes })).totals.unknown, 0)
        }))

      it.effect("fails if the indexes cannot be listed", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const checks = yield* HealthChecks.HealthChecks
          yield* plane.fault("Indexes.list", refused)
          const error = yield* Effect.flip(checks.check())
          assert.strictEqual(error._tag, "PineconePermissionDenied")
        }))

      it.effect("omits resources that were deleted while gathering", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const checks = yield* HealthChecks.HealthChecks
          const schedules = yield* BackupSchedules.BackupSchedules
          const going = yield* nightly("going", 3)
          yield* plane.fault("BackupSchedules.history", Fault.delay("1 second"))
          const checking = yield* Effect.forkChild(
            checks.check({
              indexes: [going.index],
              skip: ["untested", "no-copy-yet", "no-deletion-protection", "quota", "orphan"]
            })
          )
          // Sent so far: the indexes and the schedules of one index. A history follows.
          const isWaiting = Effect.map(plane.requests, (requests) =>
            requests.at(-1)?.operation === "BackupSchedules.history" && requests.at(-1)?.status === undefined)
          yield* Effect.repeat(EventLoop.turn, {
            until: () =>
              isWaiting
          })
          yield* schedules.delete(going.id)
          yield* TestClock.adjust("1 second")

          const health = yield* Fiber.join(checking)
          // The remaining index has no schedule any more.
          assert.deepStrictEqual(found(health).map(([check, severity]) => [check, severity]), [[
            "unprotected",
            "warning"
          ]])
        }))

      it.effect("finds the backups of an index by its ID", () =>
        Effect.gen(function*() {
          const checks = yield* HealthChecks.HealthChecks
          const backups = yield* Backups.Backups
          const plane = yield* ControlPlane.ControlPlane
          const { name } = yield* plane.seedIndex({ name: "by-hand" })
          yield* backups.create(name, { name: "by-hand" })
          yield* plane.advance("11 minutes")
          const health = yield* checks.check({ indexes: [name] })
          assert.deepStrictEqual(
            found(health).filter(([check]) => check === "unprotected").map(([check, severity]) => [check, severity]),
            [["unprotected", "warning"]]
          )
          assert.deepStrictEqual(health.at, yield* DateTime.now)
        }))
    })
  })
