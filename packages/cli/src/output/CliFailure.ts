/** The errors of the command line itself. */
import * as Data from "effect/Data"
import * as Runtime from "effect/Runtime"
import type { ErrorReport } from "./ErrorReport.ts"

/** An error that is only displayed, never matched on. */
export class CliFailure extends Data.TaggedError("CliFailure")<{
  readonly message: string
  readonly report: ErrorReport
}> {
  constructor(report: ErrorReport) {
    super({ message: report.message, report })
  }
}

/** An error that was already displayed. Only its exit code is used. */
export class Reported extends Data.TaggedError("Reported")<{ readonly exitCode: number }> {
  override readonly [Runtime.errorExitCode] = this.exitCode
  override readonly [Runtime.errorReported] = false
}
