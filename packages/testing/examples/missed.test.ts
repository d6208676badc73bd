import { assert, it } from "@effect/vitest"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Clocks from "@pinecone-backups/core/health/Clocks"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"

it.effect("reports missed runs, then a gateway with a wrong clock", () =>
  Effect.gen(function*() {
    const { transformClient, verdict } = yield* Clocks.make
    const ChecksTest = Layer.provideMerge(
      HealthChecks.layer,
      PineconeMemory.layer({ transformClient, schedules: [{ id: "nightly", indexName: "prod-docs", runs: 7 }] })
    )
    yield* Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const checks = yield* HealthChecks.HealthChecks
      const found = Effect.map(
        checks.check({ clocks: verdict, only: ["missed", "clock"] }),
        (health) => BackupHealth.findings(health).map(({ check, severity }) => [check, severity])
      )

      yield* plane.configure({ switches: { schedulesRun: false } })
      yield* TestClock.adjust("2 days")
      assert.deepStrictEqual(yield* found, [["missed", "critical"]])

      yield* plane.configure({ switches: { schedulesRun: true } })
      yield* TestClock.adjust("1 day")
      assert.deepStrictEqual(yield* found, [["missed", "warning"]])

      yield* plane.fault("Backups.list", Fault.clockSkew({ date: "2 days" }))
      assert.deepStrictEqual(yield* found, [["clock", "unknown"], ["missed", "unknown"]])
    }).pipe(Effect.provide(ChecksTest))
  }))
