import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Golden from "./golden.ts"
import { run } from "./harness.ts"

/** Every command, as its words. */
const commands: Effect.Effect<ReadonlyArray<ReadonlyArray<string>>> = Effect.suspend(() => below([]))

const below = (path: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<ReadonlyArray<string>>> =>
  Effect.gen(function*() {
    const { stdout } = yield* run([...path, "--help", "-o", "json"])
    const names: ReadonlyArray<string> = JSON.parse(stdout).subcommands.map(({ name }: { name: string }) => name)
    const deeper = yield* Effect.forEach(names, (name) => below([...path, name]))
    return [path, ...deeper.flat()]
  })

describe("help", () => {
  it.effect.each([40, 60, 80, 120, 200])(
    "fits %i columns, except for commands to paste",
    (columns) =>
      Effect.gen(function*() {
        for (const path of yield* commands) {
          const { stdout } = yield* run([...path, "--help"], { columns })
          const lines = stdout.replace(/\nEXAMPLES\n(  .*\n)*/, "\n").split("\n")
          for (const line of lines) assert.isAtMost(line.length, columns, line)
        }
      })
  )

  it.effect("has at least two examples for every command with a handler", () =>
    Effect.gen(function*() {
      for (const path of [["schedule", "history"], ["restore", "describe"], ["emulator"], ["api"], ["config"]]) {
        const { stdout } = yield* run([...path, "--help", "-o", "json"])
        assert.isAtLeast(JSON.parse(stdout).examples.length, 2, path.join(" "))
      }
    }))

  it.effect("has a golden page for every command", () =>
    Effect.gen(function*() {
      const pages = Golden.sectionsOf("help").flatMap((section) => Golden.parse(section).steps.map(({ line }) => line))
      for (const path of yield* commands) assert.include(pages, ["pcb", ...path, "--help"].join(" "))
    }))
})
