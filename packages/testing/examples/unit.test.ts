import { assert, it } from "@effect/vitest"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
// The service from the example above.
import { layer, RestorePoints } from "./compose.ts"

// In production: Pinecone.layerFetch
const PineconeTest = PineconeMemory.layer({
  schedules: [{ id: "nightly", runs: [{ status: "InitializationFailed" }, {}, {}] }]
})

it.effect("counts the ready backups of a schedule", () =>
  Effect.gen(function*() {
    const points = yield* RestorePoints
    assert.strictEqual(yield* points.of("nightly"), "2 backups to restore from")
    assert.strictEqual(yield* points.of("weekly"), "Schedule not found")
  }).pipe(Effect.provide(Layer.provide(layer, PineconeTest))))
