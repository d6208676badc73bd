import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Long from "../../core/test/long.ts"
import { Sequence, violationsOf } from "./writes.ts"

describe("writes under faults", () => {
  it.effect.prop(
    "happen once, or fail in doubt",
    { sequence: Sequence },
    ({ sequence }) =>
      Effect.map(
        violationsOf(sequence),
        (violations) => assert.lengthOf(violations, 0, violations.map(({ kind }) => kind).join("; "))
      ),
    { arbitrary: { runs: Long.soak(300, 10_000) }, timeout: Long.soak(120_000, 3_600_000) }
  )
})
