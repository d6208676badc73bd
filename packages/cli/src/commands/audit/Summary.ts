/** Short summaries of an audit, shared by its formats. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as HealthSummary from "../../shared/HealthSummary.ts"
import * as Format from "../../terminal/Format.ts"

/** The subject of a finding: the name of an index, or "project". */
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

/** The number of findings by severity, worst first, without zeros. */
export const counts = (totals: BackupHealth.BackupHealth["totals"]): ReadonlyArray<string> =>
  HealthCheck.Severity.literals.filter((severity) => totals[severity] > 0)
    .map((severity) => count(severity, totals[severity]))

/** The number of findings by severity, then the number of indexes: `1 critical`, `2 warnings`, `5 indexes`. */
export const parts = (health: BackupHealth.BackupHealth): ReadonlyArray<string> => [
  ...counts(health.totals),
  HealthSummary.indexes(HealthSummary.existing(health).length)
]
