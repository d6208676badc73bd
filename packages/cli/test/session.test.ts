import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as TestClock from "effect/testing/TestClock"
import { readFileSync } from "node:fs"
import { start } from "./harness.ts"
import { project, seeds } from "./project.ts"

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")

/** The commands of a session in the README, each with what it printed. */
const sessions = [...readme.matchAll(/<!-- run: seeds -->\n\n```text\n([^]*?)```/g)].map(([, text = ""]) =>
  text.split(/^\$ pcb /m).slice(1).map((part) => {
    const [args = "", ...output] = part.split("\n")
    return { args, output: output.join("\n") }
  })
)

describe("README, backups and restores", () => {
  it.effect("shows what commands really print on a terminal", () =>
    Effect.gen(function*() {
      assert.lengthOf(sessions, 1)
      for (const session of sessions) {
        const plane = yield* project(seeds)
        for (const { args, output } of session) {
          const { fiber, run } = yield* start(args, {
            on: plane,
            columns: 100,
            errorColumns: 100,
            env: { TERM: "dumb" }
          })
          yield* Effect.yieldNow
          while (args.includes("--wait") && fiber.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
          const { stderr, stdout } = yield* run
          // A log says more than a terminal, where it is drawn over.
          const lines = `${stdout}${stderr}`.replaceAll(/^\S+ {2}(Pending|Completed).* · .*\n/gm, "")
          assert.strictEqual(lines, output, args)
        }
      }
    }).pipe(Random.withSeed("README")))
})
