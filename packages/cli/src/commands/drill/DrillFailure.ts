/** CLI errors and exit codes of unsuccessful drills. */
import type * as DrillReport from "@pinecone-backups/core/drill/DrillReport"
import { CliFailure } from "../../output/CliFailure.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import type * as Drills from "./Drills.ts"
import * as DrillView from "./DrillView.ts"

const exitCodes: Readonly<Record<DrillReport.Outcome, number>> = {
  SUCCESSFUL: 0,
  UNVERIFIED: ExitCode.unverified,
  FAILED: ExitCode.failed,
  TIMED_OUT: ExitCode.timedOut,
  CANCELLED: ExitCode.cancelled
}

/** Converts an unsuccessful drill to a CLI error. Returns `undefined` if the drill was successful or has not ended. */
export const of = ({ entry, executionId }: Drills.Drill): CliFailure | undefined => {
  const report = entry?.report
  if (report == null || report.outcome === "SUCCESSFUL") return undefined
  return new CliFailure({
    code: `DRILL_${report.outcome}`,
    message: DrillView.summaryOf(report),
    ...(report.leftover !== null && { why: `the temporary index ${report.leftover} could not be removed` }),
    hint: report.leftover === null
      ? CommandLine.make`pcb drill show ${executionId}`
      : "pcb drill clean",
    exitCode: exitCodes[report.outcome]
  })
}
