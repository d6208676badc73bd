/** CLI errors and exit codes of unsuccessful drills. */
import type * as DrillReport from "@pinecone-backups/core/drill/DrillReport"
import { CliFailure } from "../../output/CliFailure.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Format from "../../terminal/Format.ts"
import type * as Drills from "./Drills.ts"
import * as DrillView from "./DrillView.ts"

const exitCodes: Readonly<Record<DrillReport.Outcome, number>> = {
  SUCCESSFUL: 0,
  UNVERIFIED: ExitCode.unverified,
  FAILED: ExitCode.failed,
  TIMED_OUT: ExitCode.timedOut,
  CANCELLED: ExitCode.cancelled
}

/**
 * Converts an unsuccessful drill to a CLI error. Returns `undefined` if the drill was successful or has not ended. Drills of the
 * demo project cannot be shown later, because they end with their command.
 */
export const of = (
  { entry, executionId, indexName, isDropped }: Drills.Drill,
  isDemo: boolean
): CliFailure | undefined => {
  if (entry !== undefined && entry.problem !== null) {
    return new CliFailure({
      code: "DRILL_UNREADABLE",
      message: `The report of the drill of ${Format.plain(indexName)} is unreadable: ${Format.plain(entry.problem)}`,
      exitCode: ExitCode.unexpected
    })
  }
  if (isDropped === true && entry === undefined) {
    return new CliFailure({
      code: "DRILL_CANCELLED",
      message: `The drill of ${Format.plain(indexName)} did not start: its round was canceled`,
      exitCode: ExitCode.cancelled
    })
  }
  const report = entry?.report
  if (report == null || report.outcome === "SUCCESSFUL") return undefined
  return new CliFailure({
    code: `DRILL_${report.outcome}`,
    message: DrillView.summaryOf(report),
    ...(report.leftover !== null && { why: `the temporary index ${report.leftover} could not be removed` }),
    ...(report.leftover !== null
      ? { hint: CommandLine.make`pcb drill clean` }
      : isDemo
      ? {}
      : { hint: CommandLine.make`pcb drill show ${executionId}` }),
    exitCode: exitCodes[report.outcome]
  })
}
