import { assert, it } from "@effect/vitest"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { check } from "./health.ts"

const ChecksTest = Layer.provideMerge(
  HealthChecks.layer,
  PineconeMemory.layer({ schedules: [{ id: "nightly", indexName: "prod-docs", runs: 7 }] })
)

it.effect("somebody is called when backups fail, and when nobody can know", () =>
  Effect.gen(function*() {
    const plane = yield* ControlPlane.ControlPlane
    yield* TestClock.adjust("7 days")
    assert.strictEqual(yield* check, "ok")

    yield* plane.configure({ switches: { backupsEnd: "InitializationFailed" } })
    yield* TestClock.adjust("1 day")
    assert.strictEqual(yield* check, "critical")

    yield* plane.configure({ switches: { backupsEnd: "Ready" } })
    yield* TestClock.adjust("1 day")
    assert.strictEqual(yield* check, "warning")

    yield* plane.fault("Backups.list", Fault.truncated)
    assert.strictEqual(yield* check, "unknown")
  }).pipe(Effect.provide(ChecksTest)))
