import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { drill, engine, project, seedBackup, summary, temporaries } from "./DrillTest.ts"
import * as Layer from "effect/Layer"

describe("RestoreDrill", () => {
  it.effect("restores the newest backup, verifies it, and removes the copy", () =>
    Effect.gen(function*() {
      yield* seedBackup()
      const report = yield* drill()
      console.log(JSON.stringify(report, null, 1))
      assert.deepStrictEqual(yield* temporaries, [])
      assert.strictEqual(summary(report).outcome, "SUCCESSFUL")
    }).pipe(Effect.provide(engine.pipe(Layer.provideMerge(project())))))
})
