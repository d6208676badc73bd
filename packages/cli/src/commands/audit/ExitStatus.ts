/** What an audit comes to: one word, and the exit code that says it to a monitoring system. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as BackupMetrics from "@pinecone-backups/core/health/BackupMetrics"
import type * as Effect from "effect/Effect"
import * as ExitCode from "../../output/ExitCode.ts"
import type * as FailOn from "./FailOn.ts"
import * as FormatNames from "./FormatNames.ts"

/**
 * The status of a report: `warning` for what is less than critical and fails all the same, `ok` for what does not fail.
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

/** The exit codes of an audit, which are those of monitoring plugins. */
export const exitCodes = BackupMetrics.statusValues

/** Says how an audit will end: to a monitoring system, the exit codes of other commands are news. */
export const decide = (exitCode: number, format?: FormatNames.Name): Effect.Effect<void> =>
  ExitCode.decide(
    exitCode,
    ExitCode.auditFailed,
    format !== undefined && FormatNames.isForMonitoring(format) ? exitCode : undefined
  )
