import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Golden from "./golden.ts"

/** Commands whose output is prose, tables or command lines. */
const commands = [
  "pcb --help",
  "pcb audit --help",
  "pcb schedule update --help",
  "pcb audit",
  "pcb audit -o table carts --only stalle",
  "pcb status",
  "pcb status nope",
  "HOME=/none pcb doctor",
  "pcb schedule list",
  "pcb schedule history docs",
  "pcb schedule history docs --limit 3",
  "pcb schedule describe docs",
  "pcb schedule update docs --keep 7 --dry-run",
  "pcb backup list --limit 3",
  "pcb backup describe final",
  "pcb backup delete final --dry-run",
  "pcb backup prune --dry-run",
  "pcb restore list",
  "pcb restore describe docs-restored",
  "pcb recover blog-2024 --dry-run",
  "pcb policy plan",
  "pcb drill list",
  "pcb config show",
  "pcb demo"
]

/** The words of the output, without the note about hidden columns. */
const wordsOf = ({ steps }: Golden.Session): ReadonlyArray<string> =>
  steps.flatMap(({ output }) =>
    output.map((line) => line.replace(/^2> ?/, "")).join("\n")
      .replace(/\(hidden at this width: [^)]*\)/g, "")
      // A separator at the end of a line may be omitted.
      .split(/[;,]?\s+/)
  )

/** A mark of a shortened cell or a continued command line, a chart, or the width of the terminal. */
const isNoWord = /^$|…|^\\$|^[▁-█]+$|^40$/

describe("a terminal of 40 columns", { timeout: 60_000 }, () => {
  it.effect.each(commands)("prints every word of `%s` whole", (line) =>
    Effect.gen(function*() {
      const steps = [{ line, output: [] }]
      const narrow = yield* Golden.transcript({ where: "40 columns", steps })
      const wide = new Set(wordsOf(yield* Golden.transcript({ where: "400 columns", steps })))
      const broken = wordsOf(narrow).filter((word) => !wide.has(word) && !isNoWord.test(word))
      assert.deepStrictEqual(broken, [], narrow.steps[0]?.output.join("\n"))
    }))
})
