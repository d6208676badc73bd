import { assert, describe, it } from "@effect/vitest"
import * as Text from "../src/terminal/Text.ts"

describe("Text.cut", () => {
  it("does not split graphemes", () => {
    assert.strictEqual(Text.cut("abc", 2), "ab")
    assert.strictEqual(Text.cut("日本語", 4), "日本")
    assert.strictEqual(Text.cut("日本語", 5), "日本")
    assert.strictEqual(Text.cut("e\u0301e\u0301", 1), "e\u0301")
    assert.strictEqual(Text.cut("👩‍👩‍👧!", 1), "")
    assert.strictEqual(Text.cut("short", 80), "short")
  })
})

describe("Text.shorten", () => {
  it("counts columns instead of characters", () => {
    assert.strictEqual(Text.shorten("nightly", 7, "…"), "nightly")
    assert.strictEqual(Text.shorten("nightly", 5, "…"), "nigh…")
    assert.strictEqual(Text.shorten("nightly", 5, "..."), "ni...")
    assert.strictEqual(Text.shorten("日本語日本語", 7, "…"), "日本語…")
    assert.strictEqual(Text.shorten("a👩‍👩‍👧b👩‍👩‍👧c", 3, "…"), "a…")
  })
})

describe("Text.wrapParts", () => {
  it("fills lines regardless of styles", () => {
    assert.deepStrictEqual(
      Text.wrapParts(["\u001b[31mone\u001b[39m", "two", "three"], 8, { indent: "  ", separator: ", " }),
      ["\u001b[31mone\u001b[39m, two", "  three"]
    )
  })
})
