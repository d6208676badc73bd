import { assert, describe, it } from "@effect/vitest"
import * as ExitCode from "../src/output/ExitCode.ts"

/** As the README has it, the worst first. */
const order = [5, 1, 4, 8, 3, 7, 2, 6, 124]

describe("the exit code of several failures", () => {
  it("is the worse of any two, in any order", () => {
    for (const [position, worse] of order.entries()) {
      assert.strictEqual(ExitCode.worst([worse]), worse)
      for (const better of order.slice(position)) {
        assert.strictEqual(ExitCode.worst([worse, better]), worse)
        assert.strictEqual(ExitCode.worst([better, worse]), worse)
      }
    }
  })

  it("is that of something unexpected where none is known", () => {
    assert.strictEqual(ExitCode.worst([]), 1)
    assert.strictEqual(ExitCode.worst([99]), 1)
  })
})
