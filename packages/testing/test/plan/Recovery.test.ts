import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { deleteIndex, docs, look, plan, project, recover, refusal, writes } from "./RecoveryTest.ts"

describe("Recovery", () => {
  it.effect("recovers a deleted index with two writes", () =>
    Effect.gen(function*() {
      const before = yield* look()
      yield* deleteIndex()
      const { events, result } = yield* recover({ deletionProtection: "disabled" })
      assert.deepStrictEqual(yield* writes, ["Indexes.delete", "Backups.restore", "BackupSchedules.create"])
      assert.deepStrictEqual(yield* look(), before)
      console.log(events.map((e) => e._tag), result.verification)
    }).pipe(Effect.provide(project())))
})
