import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Recent from "../src/internal/recent.ts"
import { int } from "./support.ts"

/** Returns a UUID with a number in each of its parts. */
const uuid = (number: number): string => {
  const part = (number * 0x1234_5678 % 2 ** 32).toString(16).padStart(8, "0")
  return `${part}-${number.toString(16).padStart(4, "0")}-4abc-9def-${part}${part.slice(4)}`
}

/** Strings by number: plain text, UUIDs, and strings that are almost UUIDs or differ from one only in their case. */
const kinds: ReadonlyArray<(number: number) => string> = [
  String,
  uuid,
  (number) => number % 2 === 0 ? uuid(number) : `backup-${number}`,
  (number) => number % 2 === 0 ? uuid(number) : uuid(number - 1).toUpperCase(),
  (number) => number % 2 === 0 ? uuid(number) : uuid(number - 1).replaceAll("-", ":"),
  (number) => number % 2 === 0 ? uuid(number) : `${uuid(number - 1)} `
]

describe("Recent", () => {
  // Few different strings, so that each is repeated after various intervals.
  it.effect.prop(
    "remembers at least the last strings, and never twice as many, in any order of repetition",
    [int(1, 6), int(0, kinds.length - 1), Arbitrary.array(int(0, 17), { maxLength: 200 })],
    ([size, kind, numbers]) =>
      Effect.sync(() => {
        const recent = Recent.make(size)
        /** All added strings, with the latest at the end. */
        const added = new Set<string>()
        for (const text of numbers.map(kinds[kind]!)) {
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
    { arbitrary: { runs: 300 } }
  )

  it.each(kinds)("remembers as much of a long list (%#)", (textOf) => {
    const size = 500
    const recent = Recent.make(size)
    for (let number = 0; number < 3_000; number++) {
      assert.isTrue(recent.add(textOf(number)))
      assert.isTrue(recent.has(textOf(Math.max(0, number - size + 1))))
      if (number >= 2 * size) assert.isFalse(recent.has(textOf(number - 2 * size)))
    }
  })

  it("forgets a string that was repeated just before it would have been forgotten", () => {
    const recent = Recent.make(3)
    for (const text of ["a", "b", "c", "d", "e", "a", "f", "g", "h", "i", "j", "k"]) recent.add(text)
    assert.isFalse(recent.has("d"))
    assert.isTrue(recent.has("i"))
  })

  it("distinguishes UUIDs that differ in one character, and the one with zeros from nothing", () => {
    const nil = "00000000-0000-0000-0000-000000000000"
    const recent = Recent.make(1_000)
    assert.isFalse(recent.has(nil))
    assert.isTrue(recent.add(nil))
    assert.isFalse(recent.add(nil))
    for (let at = 0; at < nil.length; at++) {
      for (const digit of nil[at] === "-" ? "" : "123456789abcdefg") {
        assert.isTrue(recent.add(`${nil.slice(0, at)}${digit}${nil.slice(at + 1)}`))
      }
    }
  })

  it.each([String, uuid])("keeps pinned strings, regardless of what follows (%#)", (textOf) => {
    const recent = Recent.make(3)
    const [a, b] = [textOf(1), textOf(2)]
    recent.add(a)
    recent.pin([a, b])
    const later = Array.from({ length: 20 }, (_, index) => textOf(index + 10))
    // Repeating a pinned string does not make it forgettable.
    for (const text of later) assert.deepStrictEqual([recent.add(text), recent.add(a)], [true, false])
    for (const text of [a, b, ...later.slice(-3)]) assert.isFalse(recent.add(text))
    assert.deepStrictEqual(later.slice(0, 12).filter(recent.has), [])
  })
})
