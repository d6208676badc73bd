import { assert, describe, it } from "@effect/vitest"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { CliFailure } from "../src/output/CliFailure.ts"
import * as DescribeError from "../src/output/DescribeError.ts"
import type * as ErrorReport from "../src/output/ErrorReport.ts"

describe("DescribeError.toReport", () => {
  it.effect("returns data whose copies keep the message", () =>
    Effect.gen(function*() {
      const failure = new CliFailure({ code: "PORT_IN_USE", message: "Port 80 is in use", exitCode: 1 })
      const missing = yield* Effect.flip(Config.Int("PORT").parse(ConfigProvider.fromUnknown({ PORT: "x" })))
      const invalid = new PineconeError.InvalidInput({
        operation: "Backups.create",
        message: "too long",
        field: "name"
      })
      for (const error of [failure, missing, invalid, new Error("broken"), "broken"]) {
        const report = DescribeError.toReport(error)
        const copy = { ...report, exitCode: 9 }
        assert.notStrictEqual(copy.message, "")
        assert.strictEqual(copy.message, report.message)
        assert.deepStrictEqual(DescribeError.toReport(new CliFailure(copy)), copy)
      }
    }))

  it("does not accept an error in place of a report", () => {
    class Lookalike
      extends Data.Error<{ readonly code: string; readonly message: string; readonly exitCode: number }>
    {}
    const error = new Lookalike({ code: "X", message: "lost by a copy", exitCode: 1 })
    // @ts-expect-error: an error has a stack.
    const report: ErrorReport.ErrorReport = error
    assert.notProperty({ ...report }, "message")
  })
})
