/** What an audit comes to: one word, and the exit code that says it to a monitoring system. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as BackupMetrics from "@pinecone-backups/core/health/BackupMetrics"

/** How things are. To whoever is strict, a warning is critical and a notice a warning; what is not known stays so. */
export const of = (
  { status, totals }: Pick<BackupHealth.BackupHealth, "status" | "totals">,
  isStrict: boolean
): BackupHealth.Status =>
  !isStrict || status === "unknown"
    ? status
    : totals.critical + totals.warning > 0
    ? "critical"
    : totals.notice > 0
    ? "warning"
    : "ok"

/** The exit codes of an audit, which are those of monitoring plugins. */
export const exitCodes = BackupMetrics.statusValues
