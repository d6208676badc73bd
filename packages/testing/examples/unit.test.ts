import { assert, it } from "@effect/vitest"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as LatestBackup from "../../core/examples/compose.ts"

const PineconeTest = PineconeMemory.layer({
  schedules: [{ id: "nightly", runs: [{ status: "InitializationFailed" }, { name: "nightly-2", recordCount: 7 }] }]
})

it.effect("finds the latest good backup", () =>
  Effect.gen(function*() {
    const latest = yield* LatestBackup.LatestBackup
    assert.strictEqual(yield* latest.of("nightly"), "nightly-2 holds 7 records")
    assert.strictEqual(yield* latest.of("weekly"), "There is no such schedule")
  }).pipe(Effect.provide(Layer.provide(LatestBackup.layer, PineconeTest))))
