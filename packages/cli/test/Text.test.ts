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

describe("Text.beside", () => {
  const beside = (text: string, columns: number) => Text.beside("try         ", text, columns)

  it("aligns continuation lines beside the label", () =>
    assert.deepStrictEqual(beside("check the name or ID", 24), ["try         check the", "            name or ID"]))

  it("puts the text below the label if a word fits only there", () =>
    assert.deepStrictEqual(beside("see pinecone-backups.policy.yaml first", 36), [
      "try",
      "    see pinecone-backups.policy.yaml",
      "    first"
    ]))

  it("splits a word that is wider than the lines below", () =>
    assert.deepStrictEqual(beside("a".repeat(30), 24), [
      `try         ${"a".repeat(12)}`,
      `            ${"a".repeat(12)}`,
      `            ${"a".repeat(6)}`
    ]))
})

describe("Text.wrapCommand", () => {
  it("indents a word less rather than splitting it", () =>
    assert.deepStrictEqual(
      Text.wrapCommand(`pcb backup describe ${"a".repeat(36)} --wait`, { columns: 40, first: 31, indent: "      " }),
      ["pcb backup describe \\", `  ${"a".repeat(36)} \\`, "      --wait"]
    ))
})
