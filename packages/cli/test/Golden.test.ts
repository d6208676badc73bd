import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Golden from "./golden.ts"

/** Commands whose output is not wrapped: for programs, to paste, or an ID on a line of its own. */
const isAsLongAsItIs = /-o |--json|help|completion|pcb api|pcb demo|policy pull/

describe.each(Golden.files)("golden/%s.txt", { timeout: 120_000 }, (file) => {
  it.effect.each(
    Golden.sectionsOf(file).map((section, index) =>
      [section.split("\n").slice(0, 2).join(" "), section, index] as const
    )
  )("matches the output: %s", ([, section, index]) =>
    Effect.gen(function*() {
      const expected = Golden.parse(section)
      const actual = yield* Golden.transcript(expected)
      if (process.env.UPDATE_GOLDEN !== undefined) Golden.update(file, index, actual)
      else assert.strictEqual(Golden.format(actual), Golden.format(expected))

      for (const { line, output } of actual.steps) {
        // A usage error prints no result. For audit, doctor and plan, 2 is a result.
        if (output.includes("exit 2") && !/pcb (audit|check|doctor|policy plan)/.test(line)) {
          assert.isTrue(output.every((text) => /^(2>|exit 2)/.test(text)), line)
        }
      }
      const isMarked = actual.where.includes("color")
      const columns = Number.parseInt(actual.where, 10)
      for (const { line, output } of actual.steps) {
        for (const text of output) {
          if (columns > 0 && !isMarked && !text.startsWith("2> ") && !isAsLongAsItIs.test(line)) {
            assert.isAtMost(Golden.widthOf(text), columns, text)
          }
          if (actual.where.includes("ascii")) {
            assert.match(text, /^[\t\x20-\x7e]*$/)
          }
        }
      }
    }))
})
