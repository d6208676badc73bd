/** What an audit comes to: one word, and the exit code that says it to a monitoring system. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as BackupMetrics from "@pinecone-backups/core/health/BackupMetrics"
import type * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as Format from "../../terminal/Format.ts"

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

/** What a finding is about: the name of an index, or the project. */
export const subjectOf = ({ indexName }: BackupHealth.Finding): string =>
  indexName === null ? "project" : Format.plain(indexName)

const nouns: Readonly<Record<HealthCheck.Severity, readonly [one: string, many: string]>> = {
  critical: ["critical", "critical"],
  unknown: ["unknown", "unknown"],
  warning: ["warning", "warnings"],
  notice: ["notice", "notices"]
}

/** A number of findings: `1 warning`. */
export const count = (severity: HealthCheck.Severity, number: number): string =>
  `${Format.count(number)} ${nouns[severity][number === 1 ? 0 : 1]}`

/** How many findings there are of each severity that has any, the worst first. */
export const counts = (totals: BackupHealth.BackupHealth["totals"]): ReadonlyArray<string> =>
  (["critical", "unknown", "warning", "notice"] as const).filter((severity) => totals[severity] > 0)
    .map((severity) => count(severity, totals[severity]))

/** A number of indexes: `1 index`. */
export const indexes = (number: number): string => `${Format.count(number)} ${number === 1 ? "index" : "indexes"}`

/** The indexes that are there, without those of which only backups are left. */
export const living = ({ indexes }: BackupHealth.BackupHealth): ReadonlyArray<BackupHealth.IndexHealth> =>
  indexes.filter(({ isDeleted }) => !isDeleted)
