import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Sink from "effect/Sink"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Live from "../src/terminal/Live.ts"
import * as Vt from "./vt.ts"

/** The output, and the resulting screen of a terminal that had a line on it. */
const terminal = (columns?: number) => {
  let written = ""
  const into = () => Sink.forEach((text: string | Uint8Array) => Effect.sync(() => written += String(text)))
  return {
    canvas: Effect.provideService(
      Live.canvas("stdout"),
      Stdio.Stdio,
      Stdio.make({ args: Effect.succeed([]), stdin: Stream.empty, stdout: into, stderr: into })
    ),
    written: () => written,
    shown: () => Vt.show(`$ pcb\n${written}`, columns)
  }
}

const frames = Schema.NonEmptyArray(Schema.NonEmptyArray(Schema.Literals(["", "a", "bb", "ccccc", "日本"])))

describe("Live.canvas", () => {
  it.effect.prop("shows only the latest lines", [frames], ([frames]) =>
    Effect.gen(function*() {
      const { canvas, shown } = terminal()
      const { draw } = yield* canvas
      for (const lines of frames) {
        yield* draw(...lines)
        const last = lines.findLastIndex((line) => line !== "")
        assert.deepStrictEqual(shown().lines, ["$ pcb", ...lines.slice(0, last + 1)])
        assert.strictEqual(shown().row, lines.length)
      }
    }))

  it.effect("writes nothing if nothing changed", () =>
    Effect.gen(function*() {
      const { canvas, written } = terminal()
      const { draw } = yield* canvas
      yield* draw("a", "b")
      const before = written()
      yield* draw("a", "b")
      assert.strictEqual(written(), before)
      yield* draw("a", "c")
      assert.notStrictEqual(written(), before)
    }))

  it.effect("does not wrap lines on a terminal that became narrower", () =>
    Effect.gen(function*() {
      const { canvas, shown } = terminal(6)
      const { draw } = yield* canvas
      yield* draw("123456789", "next")
      yield* draw("1234567890", "next")
      assert.deepStrictEqual(shown().lines.map((line) => line.slice(0, 5)), ["$ pcb", "12345", "next"])
      assert.isTrue(shown().isWrapping)
    }))

  it.effect.each([["erase", ["$ pcb"]], ["leave", ["$ pcb", "a", "b"]]] as const)(
    "hides the cursor while drawing, and restores it below the last line: %s",
    ([end, expected]) =>
      Effect.gen(function*() {
        const { canvas, shown } = terminal()
        const { draw, during } = yield* canvas
        const exit = yield* Effect.exit(
          during(end)(Effect.gen(function*() {
            yield* draw("a", "b")
            assert.isFalse(shown().isCursorVisible)
            return yield* Effect.fail("over")
          }))
        )
        assert.strictEqual(exit._tag, "Failure")
        assert.deepStrictEqual([shown().lines, shown().row], [[...expected], expected.length])
        assert.isTrue(shown().isCursorVisible)
      })
  )

  it.effect("makes room for permanent lines, and continues below", () =>
    Effect.gen(function*() {
      const { canvas, shown } = terminal()
      const { draw, erase } = yield* canvas
      yield* draw("a", "b", "c")
      yield* erase
      assert.deepStrictEqual(shown().lines, ["$ pcb"])
      yield* draw("d")
      assert.deepStrictEqual(shown().lines, ["$ pcb", "d"])
    }))
})
