import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Note from "../src/output/Note.ts"
import * as Screen from "../src/terminal/Screen.ts"
import * as Text from "../src/terminal/Text.ts"
import { run } from "./harness.ts"

const onColumns = (errorColumns: number) =>
  Effect.map(Screen.Screen, (screen) => ({ ...screen, isErrorTerminal: true, errorColumns }))

const widths = Schema.Int.check(Schema.isBetween({ minimum: 12, maximum: 200 }))

describe("a note", () => {
  it.effect.prop(
    "fits the terminal without losing text",
    [widths, Schema.String],
    ([columns, text]) =>
      Effect.gen(function*() {
        const screen = yield* onColumns(columns)
        const lines = Note.fit(screen, text)
        for (const line of lines) assert.isAtMost(Text.width(line), columns, line)
        assert.strictEqual(lines.join("").replace(/ /g, ""), text.replace(/ /g, ""))
      })
  )

  it.effect("indents continuation lines, only on a terminal", () =>
    Effect.gen(function*() {
      const line = "  22 of 29 backups become due for deletion"
      assert.deepStrictEqual(Note.fit(yield* onColumns(30), line), [
        "  22 of 29 backups become",
        "    due for deletion"
      ])
      assert.deepStrictEqual(Note.fit(yield* Screen.Screen, line), [line])
    }))
})

describe("an error", () => {
  it.effect("does not wrap a command, and prints its reason below", () =>
    Effect.gen(function*() {
      const { stderr } = yield* run("--demo schedule create docs --every daily --keep 7", { errorColumns: 50 })
      assert.include(stderr, "\n  try         pcb schedule update docs --every daily --keep 7 --demo\n")
      assert.include(stderr, `\n${" ".repeat(14)}or use create --ensure\n`)
    }))

  it.effect("does not show any part of a key, wherever lines are wrapped", () =>
    Effect.gen(function*() {
      for (let errorColumns = 20; errorColumns < 80; errorColumns++) {
        const { stderr } = yield* run("backup list --status pcsk_marker_5f3a9b", { errorColumns })
        assert.notMatch(stderr, /mark|5f3a9b/, `${errorColumns} columns`)
      }
    }))
})
