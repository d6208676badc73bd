import { assert, it } from "@effect/vitest"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { layer, RestorePoints } from "./compose.ts"

// What the code under test does not call is left out.
const Schedules = Layer.mock(BackupSchedules.BackupSchedules, { history: () => Stream.empty })

it.effect("counts nothing where nothing is", () =>
  Effect.gen(function*() {
    const points = yield* RestorePoints
    assert.strictEqual(yield* points.of("nightly"), "0 usable backups")
  }).pipe(Effect.provide(Layer.provide(layer, Schedules))))
