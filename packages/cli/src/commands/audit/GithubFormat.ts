/** Formats an audit as GitHub Actions annotations. */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import type * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as RemedyCommand from "../../output/RemedyCommand.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import * as Format from "../../terminal/Format.ts"
import * as ProjectReport from "./ProjectReport.ts"
import * as Summary from "./Summary.ts"

const commands: Readonly<Record<HealthCheck.Severity, string>> = {
  critical: "error",
  unknown: "error",
  warning: "warning",
  notice: "notice"
}

const data = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A")

const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C")

const annotations = (
  health: BackupHealth.BackupHealth,
  connection: SameConnection.Flags,
  profile?: string
): ReadonlyArray<string> =>
  BackupHealth.findings(health).map((finding) => {
    const { check, sentence, severity } = finding
    const fix = RemedyCommand.fixOf(finding, SameConnection.shareable(connection))
    const subject = [...(profile === undefined ? [] : [Format.plain(profile)]), Summary.subjectOf(finding)].join(": ")
    const message = [Format.plain(sentence), ...(fix === null ? [] : [`fix: ${Format.plain(fix)}`])].join("\n")
    return `::${commands[severity]} title=${property(`${subject}: ${check}`)}::${data(message)}`
  })

/** One line per finding, then a summary for the log. `connection` has the flags of the fixes. */
export const lines = (
  health: BackupHealth.BackupHealth,
  status: BackupHealth.Status,
  connection: SameConnection.Flags
): ReadonlyArray<string> => [
  ...annotations(health, connection),
  `${status}: ${Summary.parts(health).join(", ")}`
]

/** The lines of a failed audit. */
export const failed = (health: BackupHealth.BackupHealth, connection: SameConnection.Flags): ReadonlyArray<string> => [
  ...annotations(health, connection),
  `${health.status}: ${Summary.counts(health.totals).join(", ")}`
]

/** One line per finding of every project, then a summary for the log. */
export const several = (
  reports: ReadonlyArray<ProjectReport.ProjectReport>,
  notes: ReadonlyArray<string>,
  status: BackupHealth.Status
): ReadonlyArray<string> => [
  ...reports.flatMap(({ connection, health, profile }) => annotations(health, connection, profile)),
  [`${status}: ${ProjectReport.parts(reports).join(", ")}`, ...notes].join("; ")
]
