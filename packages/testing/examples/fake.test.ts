import { assert, it } from "@effect/vitest"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { layer, RestorePoints } from "./compose.ts"

// Implement only the operations that the code under test calls.
const Schedules = Layer.mock(BackupSchedules.BackupSchedules, { history: () => Stream.empty })

it.effect("counts no backups in an empty history", () =>
  Effect.gen(function*() {
    const points = yield* RestorePoints
    assert.strictEqual(yield* points.of("nightly"), "0 backups to restore from")
  }).pipe(Effect.provide(Layer.provide(layer, Schedules))))
