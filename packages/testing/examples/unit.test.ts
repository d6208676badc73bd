import { assert, it } from "@effect/vitest"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
// The service from the example above.
import { layer, SuccessfulRuns } from "./compose.ts"

// In production: Pinecone.layerFetch
const PineconeTest = PineconeMemory.layer({
  schedules: [{ id: "nightly", runs: [{ status: "InitializationFailed" }, {}, {}] }]
})

it.effect("counts the successful runs of a schedule", () =>
  Effect.gen(function*() {
    const runs = yield* SuccessfulRuns
    assert.strictEqual(yield* runs.of("nightly"), "2 successful runs")
    assert.strictEqual(yield* runs.of("weekly"), "Schedule not found")
  }).pipe(Effect.provide(Layer.provide(layer, PineconeTest))))
