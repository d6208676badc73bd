import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Recent from "../src/internal/recent.ts"
import { int } from "./support.ts"

describe("Recent", () => {
  // Few different strings, so that each is repeated after various intervals.
  it.effect.prop(
    "remembers at least the last strings, and never twice as many, in any order of repetition",
    [int(1, 6), Arbitrary.array(int(0, 17), { maxLength: 200 })],
    ([size, numbers]) =>
      Effect.sync(() => {
        const recent = Recent.make(size)
        /** All added strings, with the latest at the end. */
        const added = new Set<string>()
        for (const text of numbers.map(String)) {
          const wasThere = recent.has(text)
          assert.strictEqual(recent.add(text), !wasThere)
          added.delete(text)
          added.add(text)
          const remembered = [...added].filter(recent.has)
          const last = [...added].slice(-size)
          assert.deepStrictEqual(remembered.slice(-last.length), last)
          assert.isBelow(remembered.length, 2 * size)
        }
      }),
    { arbitrary: { runs: 200 } }
  )

  it("forgets a string that was repeated just before it would have been forgotten", () => {
    const recent = Recent.make(3)
    for (const text of ["a", "b", "c", "d", "e", "a", "f", "g", "h", "i", "j", "k"]) recent.add(text)
    assert.isFalse(recent.has("d"))
    assert.isTrue(recent.has("i"))
  })

  it("keeps pinned strings, regardless of what follows", () => {
    const recent = Recent.make(3)
    recent.add("a")
    recent.pin(["a", "b"])
    const later = Array.from({ length: 20 }, (_, index) => `later ${index}`)
    for (const text of later) assert.isTrue(recent.add(text))
    for (const text of ["a", "b", ...later.slice(-3)]) assert.isFalse(recent.add(text))
    assert.deepStrictEqual(later.slice(0, 12).filter(recent.has), [])
  })
})
