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

  it.effect("has every command in a group, in text and in JSON", () =>
    Effect.gen(function*() {
      const { subcommands } = JSON.parse((yield* run("help -o json")).stdout)
      for (const { group, name } of subcommands) {
        assert.isString(group, `${name} has no group: add it to a group in Cli.ts`)
      }
      // The groups are not interleaved, and every command is below the heading of its group.
      const groups = subcommands.map(({ group }: { group: string }) => group)
      const titles = [...new Set<string>(groups)]
      assert.deepStrictEqual(groups, titles.flatMap((title) => groups.filter((group: string) => group === title)))
      const sections = (yield* run("help")).stdout.split("\n\n").map((section) => section.split("\n"))
      const listed = sections.filter(([title = ""]) => titles.includes(title.toLowerCase())).map((
        [title = "", ...rows]
      ) => [
        title.toLowerCase(),
        rows.flatMap((row) => /^ {2}([a-z]+)/.exec(row)?.[1] ?? [])
      ])
      assert.deepStrictEqual(
        listed,
        titles.map((title) => [
          title,
          subcommands.filter(({ group }: { group: string }) => group === title).map(({ name }: { name: string }) =>
            name
          )
        ])
      )
    }))

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

describe("the suggestion for an unexpected argument", () => {
  it.effect.each(
    [
      ["an index", "backup list carts", "--index carts"],
      ["an index, and another flag", "drill list carts --limit 3", "--index carts"],
      ["a name that needs quotes", ["backup", "list", "a b"], "--index 'a b'"],
      ["a name with a control character", ["backup", "list", "a\u001b[2J"], undefined],
      ["two names", "backup list a b", undefined],
      ["a second index", "backup list --index a b", undefined],
      ["a second index, after =", "backup list b --index=a", undefined],
      ["a second index, by the other name", "backup list --index-name a b", undefined],
      ["a command with arguments", "recover a b", undefined],
      ["a command without the flag", "emulator a", undefined]
    ] as const
  )("is correct for %s", ([, line, expected]) =>
    Effect.gen(function*() {
      const { exitCode, stderr } = yield* run(line)
      assert.strictEqual(exitCode, 2)
      assert.include(stderr, "Unexpected positional argument")
      assert.strictEqual(/did you mean (.*)\?/.exec(stderr)?.[1], expected)
    }))
})
