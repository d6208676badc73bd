import { assert, describe, it } from "@effect/vitest"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import type * as Clocks from "@pinecone-backups/core/health/Clocks"
import * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as DemoProject from "../src/demo/DemoProject.ts"

describe("the demo project", () => {
  it.effect("has a finding for all but ten checks", () =>
    Effect.gen(function*() {
      const checks = yield* HealthChecks.HealthChecks
      const plane = yield* ControlPlane.ControlPlane
      const health = HealthChecks.assess(yield* checks.gather(), { now: yield* plane.now, policy: DemoProject.policy })
      const found = new Set(BackupHealth.findings(health).map(({ check }) => check))
      assert.deepStrictEqual(HealthCheck.ids.filter((id) => !found.has(id)), [
        "unreadable",
        "no-indexes",
        "clock",
        "future-dated",
        "gone-early",
        "no-copy-yet",
        "index-gone",
        // The demo project has no drill log.
        "drill-failed",
        "drill-overdue",
        "drill-leftover"
      ])
      assert.strictEqual(health.ignored.length, 1)
    }).pipe(Effect.provide(HealthChecks.layer.pipe(Layer.provideMerge(PineconeMemory.layer(DemoProject.options))))))

  it.effect("has age checks that become unknown if clocks contradict each other", () =>
    Effect.gen(function*() {
      const facts = yield* HealthChecks.HealthChecks.use((checks) => checks.gather())
      const now = yield* ControlPlane.ControlPlane.use((plane) => plane.now)
      const assess = (clocks?: Clocks.Verdict) =>
        HealthChecks.assess(facts, { clocks, now, policy: DemoProject.policy })
      const all = (health: BackupHealth.BackupHealth) =>
        new Map(BackupHealth.findings(health).map((finding) => [finding.sentence, finding]))
      const before = all(assess())
      const health = assess({ _tag: "Contradictory", now, own: now, earliest: DateTime.subtract(now, { days: 9 }) })
      const after = all(health)
      const changed = new Set(
        [...before].filter(([sentence, { severity }]) => after.get(sentence)?.severity !== severity).map((
          [_, finding]
        ) => finding.check)
      )
      assert.deepStrictEqual(HealthCheck.ids.filter((id) => changed.has(id)), [
        "stale",
        "never-ran",
        "missed",
        "stuck",
        "last-copy-expiring",
        "paused",
        "lagging",
        "overdue",
        "untested"
      ])
      for (const [sentence, { check }] of before) {
        if (changed.has(check)) assert.strictEqual(after.get(sentence)?.severity, "unknown", sentence)
      }
      assert.isTrue(health.indexes.every(({ status }) => status === "unknown"))
      assert.strictEqual(health.status, "unknown")
    }).pipe(Effect.provide(HealthChecks.layer.pipe(Layer.provideMerge(PineconeMemory.layer(DemoProject.options))))))
})
