import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as DrillEngine from "@pinecone-backups/testing/DrillEngine"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import { createServer } from "node:http"
import * as Compose from "../../core/examples/compose.ts"
import * as Drill from "../../core/examples/drill.ts"
import * as Health from "../../core/examples/health.ts"
import * as Observe from "../../core/examples/observe.ts"
import * as Plan from "../../core/examples/plan.ts"
import * as Restore from "../../core/examples/restore.ts"
import * as SavedPlan from "../../core/examples/saved-plan.ts"
import * as StreamExample from "../../core/examples/stream.ts"
import { onVirtualTime } from "./support.ts"

const Listening = NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })

const address = Effect.map(
  HttpServer.HttpServer,
  ({ address }) => `http://127.0.0.1:${"port" in address ? address.port : 0}`
)

/** An emulator on a port of this machine, and the environment variables that select it. */
const withEmulator = <A, E>(program: Effect.Effect<A, E>, env: Record<string, string>) =>
  Effect.flatMap(address, (host) =>
    Effect.provide(
      program,
      ConfigProvider.layer(ConfigProvider.fromUnknown({
        PINECONE_API_KEY: "pcsk_examples",
        PINECONE_CONTROLLER_HOST: host,
        ...env
      }))
    )).pipe(
      Effect.provide(
        Emulator.layerServer.pipe(
          Layer.provideMerge(Listening),
          Layer.provide(ControlPlane.layer({ apiKey: "pcsk_examples", schedules: [{ id: "nightly", runs: 250 }] }))
        )
      )
    )

describe("the examples of core", () => {
  it.live("compose: runs unchanged over HTTP", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* withEmulator(Compose.main, { SCHEDULE_ID: "nightly" }),
        "250 successful runs"
      )
      assert.strictEqual(
        yield* withEmulator(Compose.main, { SCHEDULE_ID: "nightly", PINECONE_API_KEY: "wrong" }),
        "The API key is not valid"
      )
    }))

  it.effect("restore: copies an index or reports the failure", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.seedIndex()
      const copied = yield* onVirtualTime(Restore.copy("docs", "copy"), 20)
      assert.strictEqual(copied, "copy is ready")
      yield* plane.fault("RestoreJobs.describe", Fault.unknownValues(), { times: "always" })
      const late = yield* onVirtualTime(Restore.copy("docs", "late"), 20)
      assert.strictEqual(late, "Restore job job-2 was still Unheard after 2h. The operation continues")
    }).pipe(Effect.provide(PineconeMemory.layer())))

  it.effect("health: logs each finding with its remedy", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Health.checkBackups, "critical")
    }).pipe(
      Effect.provide(Layer.provide(HealthChecks.layer, PineconeMemory.layer({ indexes: [{ name: "prod-docs" }] })))
    ))

  it.effect("plan: creates missing schedules, and loses no backups", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      assert.deepStrictEqual(yield* Plan.applyPolicy, ["prod-docs: CreateSchedule: Done", "0 steps are left"])
      assert.deepStrictEqual(yield* Plan.applyPolicy, [])
      yield* plane.seedSchedule({ indexName: "prod-wiki", expireAfterDays: 90 })
      yield* plane.advance("70 days")
      assert.deepStrictEqual(yield* Plan.applyPolicy, [])
    }).pipe(Effect.provide(PineconeMemory.layer({ indexes: [{ name: "prod-docs" }] }))))

  it.effect("saved-plan: carries out a saved plan once", () =>
    Effect.gen(function*() {
      const text = yield* SavedPlan.save({ rules: [{ index: "docs", schedule: { every: "daily", keep: 30 } }] })
      const tags = Effect.map(SavedPlan.carryOut(text), (events) => events.map(({ _tag }) => _tag))
      assert.deepStrictEqual(yield* tags, ["Done", "Left"])
      assert.deepStrictEqual(yield* tags, ["Already", "Left"])
    }).pipe(Effect.provide(PineconeMemory.layer({ indexes: [{ name: "docs" }] }))))

  it.effect("stream: finds the failures", () =>
    Effect.gen(function*() {
      const failed = { status: "InitializationFailed", name: "bad" }
      assert.deepStrictEqual(
        yield* StreamExample.failures(BackupSchedule.ScheduleId.make("nightly")).pipe(
          Effect.provide(PineconeMemory.layer({ schedules: [{ id: "nightly", runs: [{}, failed, {}, failed] }] }))
        ),
        ["bad: Failed", "bad: Failed"]
      )
    }))

  it.effect("drill: verifies a backup, and reports the problem of a bad copy", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.seedIndex({ name: "docs", recordCount: 2_000, dimension: 4 })
      yield* plane.seedIndex({ name: "few", recordCount: 20, dimension: 4 })
      yield* plane.seedBackup({ indexName: "docs" })
      yield* plane.seedBackup({ indexName: "few" })
      const run = Effect.fnUntraced(function*(index: string, drillId: string) {
        const fiber = yield* Effect.forkChild(Drill.drill(index, drillId))
        yield* DrillEngine.advance("30 minutes")
        return yield* Fiber.join(fiber)
      })
      assert.strictEqual(yield* run("docs", "1"), "SUCCESSFUL")
      const small = yield* run("few", "2")
      assert.match(small, /^FAILED: drill-[0-9a-f]{32} has fewer than 1,000 records$/)
      yield* plane.fault("Backups.restore", Fault.flawedRestore({ missing: 7 }))
      assert.strictEqual(yield* run("docs", "3"), "FAILED: the backup has 2,000 records, the copy has 1,993")
    }).pipe(Effect.provide(Layer.provideMerge(Drill.Drills, PineconeMemory.layer()))))

  it.live("observe: a collector receives spans and metrics, but not the key", () =>
    Effect.gen(function*() {
      const received: Array<readonly [url: string, body: string]> = []
      const collect = Effect.gen(function*() {
        const request = yield* HttpServerRequest.HttpServerRequest
        received.push([request.url, yield* Effect.orDie(request.text)])
        return HttpServerResponse.jsonUnsafe({})
      })
      yield* Effect.gen(function*() {
        const collector = yield* address
        yield* withEmulator(Observe.main, { OTEL_EXPORTER_OTLP_ENDPOINT: collector })
      }).pipe(Effect.provide(Layer.provideMerge(HttpServer.serve(collect), Layer.fresh(Listening))))

      const bodies = (path: string) => received.filter(([url]) => url === path).map(([, body]) => body).join("\n")
      const spans = bodies("/v1/traces")
      assert.include(spans, "BackupSchedules.list")
      assert.include(spans, "/indexes/:index_name/backup-schedules")
      assert.include(bodies("/v1/metrics"), "pinecone_requests_total")
      assert.notInclude(JSON.stringify(received), "pcsk_examples")
    }))
})
