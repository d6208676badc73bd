import { assert, describe, it } from "@effect/vitest"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as DemoProject from "../src/demo/DemoProject.ts"

describe("the demo project", () => {
  it.effect("has something to find for every check but that of what cannot be read", () =>
    Effect.gen(function*() {
      const checks = yield* HealthChecks.HealthChecks
      const plane = yield* ControlPlane.ControlPlane
      const health = HealthChecks.assess(yield* checks.gather(), { now: yield* plane.now, policy: DemoProject.policy })
      const found = new Set(BackupHealth.findings(health).map(({ check }) => check))
      assert.deepStrictEqual(HealthCheck.ids.filter((id) => !found.has(id)), ["unreadable"])
      assert.strictEqual(health.ignored.length, 1)
    }).pipe(Effect.provide(HealthChecks.layer.pipe(Layer.provideMerge(PineconeMemory.layer(DemoProject.options))))))
})
