/** The report of one of several projects. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import type * as ErrorReport from "../../output/ErrorReport.ts"
import * as HealthSummary from "../../shared/HealthSummary.ts"
import * as Projects from "../../shared/Projects.ts"
import type { Looked } from "./html/View.ts"
import type { Limits } from "./Limits.ts"
import * as Summary from "./Summary.ts"

/** The report of one of several projects. The report of a project that could not be read has an unknown status. */
export interface ProjectReport extends Omit<Projects.Project<unknown>, "result"> {
  readonly health: BackupHealth.BackupHealth
  /** The reason why the project could not be read. */
  readonly error: ErrorReport.Printable | undefined
  readonly limits: Limits
  /** What the report is based on, if the project could be read. */
  readonly looked?: Looked | undefined
}

/** The number of findings in all projects, by severity. */
const totals = (reports: ReadonlyArray<ProjectReport>): BackupHealth.BackupHealth["totals"] =>
  reports.reduce((sum, { health: { totals } }) => ({
    critical: sum.critical + totals.critical,
    warning: sum.warning + totals.warning,
    unknown: sum.unknown + totals.unknown,
    notice: sum.notice + totals.notice
  }), { critical: 0, warning: 0, unknown: 0, notice: 0 })

/** The existing indexes of all projects that could be read. */
export const existing = (reports: ReadonlyArray<ProjectReport>): ReadonlyArray<BackupHealth.IndexHealth> =>
  reports.flatMap(({ health }) => HealthSummary.existing(health))

/** The parts of the total line: `1 critical`, `2 warnings`, `5 indexes`, `2 projects`. */
export const parts = (reports: ReadonlyArray<ProjectReport>): ReadonlyArray<string> => [
  ...Summary.counts(totals(reports)),
  HealthSummary.indexes(existing(reports).length),
  Projects.count(reports.length)
]
