import { assert, it } from "@effect/vitest"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
// The service of the first example.
import { layer, RestorePoints } from "./compose.ts"

// In production: Pinecone.layerFetch
const PineconeTest = PineconeMemory.layer({
  schedules: [{ id: "nightly", runs: [{ status: "InitializationFailed" }, {}, {}] }]
})

it.effect("counts what there is to restore from", () =>
  Effect.gen(function*() {
    const points = yield* RestorePoints
    assert.strictEqual(yield* points.of("nightly"), "2 usable backups")
    assert.strictEqual(yield* points.of("weekly"), "The schedule does not exist")
  }).pipe(Effect.provide(Layer.provide(layer, PineconeTest))))
