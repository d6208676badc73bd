import { assert, it } from "@effect/vitest"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { layer, SuccessfulRuns } from "./compose.ts"

// Implement only the operations that the code under test calls.
const Schedules = Layer.mock(BackupSchedules.BackupSchedules, { history: () => Stream.empty })

it.effect("counts no runs in an empty history", () =>
  Effect.gen(function*() {
    const runs = yield* SuccessfulRuns
    assert.strictEqual(yield* runs.of("nightly"), "0 successful runs")
  }).pipe(Effect.provide(Layer.provide(layer, Schedules))))
