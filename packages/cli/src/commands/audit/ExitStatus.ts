/** The overall status of an audit, and its exit code. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as BackupMetrics from "@pinecone-backups/core/health/BackupMetrics"
import type * as Effect from "effect/Effect"
import * as ExitCode from "../../output/ExitCode.ts"
import type * as FailOn from "./FailOn.ts"
import * as FormatNames from "./FormatNames.ts"

/**
 * The status of a report under `--fail-on`: `ok` if nothing fails, `warning` if only findings below critical fail.
 * `unknown` always fails.
 */
export const of = (
  { status, totals }: Pick<BackupHealth.BackupHealth, "status" | "totals">,
  failOn: FailOn.FailOn
): BackupHealth.Status => {
  switch (status) {
    case "unknown":
    case "critical":
      return status
    case "warning":
      return failOn === "critical" ? "ok" : "warning"
    case "ok":
      return failOn === "notice" && totals.notice > 0 ? "warning" : "ok"
  }
}

/** The exit codes of an audit, which are the exit codes of monitoring plugins. */
export const exitCodes = BackupMetrics.statusValues

/**
 * Sets the exit code of an audit before its result is printed, because monitoring systems would misread the exit codes
 * of other commands.
 */
export const decide = (exitCode: number, format?: FormatNames.Name): Effect.Effect<void> =>
  ExitCode.decide(
    exitCode,
    ExitCode.auditFailed,
    format !== undefined && FormatNames.isForMonitoring(format) ? exitCode : undefined
  )
