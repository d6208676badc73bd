import { assert, describe, it } from "@effect/vitest"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as Effect from "effect/Effect"
import * as ExitCode from "../src/output/ExitCode.ts"
import { run } from "./harness.ts"
import { project, seeds } from "./project.ts"

/** As in the README, worst first. */
const order = [5, 1, 4, 8, 3, 7, 2, 6, 124]

describe("the exit code of several failures", () => {
  it("is the worse of two, in any order", () => {
    for (const [position, worse] of order.entries()) {
      assert.strictEqual(ExitCode.worst([worse]), worse)
      for (const better of order.slice(position)) {
        assert.strictEqual(ExitCode.worst([worse, better]), worse)
        assert.strictEqual(ExitCode.worst([better, worse]), worse)
      }
    }
  })

  it("is the unexpected code if no code is known", () => {
    assert.strictEqual(ExitCode.worst([]), 1)
    assert.strictEqual(ExitCode.worst([99]), 1)
  })

  it.effect.each(["schedule pause nope docs-daily", "schedule pause docs-daily nope"])(
    "is the code of the worst, in any order: %s",
    (args) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds)
        yield* plane.fault("BackupSchedules.update", Fault.respond({ status: 403 }), { times: "always" })
        // A rejection is worse than a missing resource.
        assert.strictEqual((yield* run(args, { on: plane })).exitCode, 4)
      })
  )
})
