/**
 * What an audit has found, for Nagios, Icinga and whatever else runs monitoring plugins: a line with performance data,
 * then a line for each finding, then the age of each index.
 */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as RemedyCommand from "../../output/RemedyCommand.ts"
import * as HealthSummary from "../../shared/HealthSummary.ts"
import * as Format from "../../terminal/Format.ts"
import * as Summary from "./Summary.ts"

const service = "PINECONE_BACKUP"

/** A text in which nothing begins performance data. There is no way to quote it. */
const safe = (text: string): string => Format.plain(text).replaceAll("|", "/")

/** A label of performance data: in quotes, if it has to be, and without what quotes do not help against. */
const label = (text: string): string => {
  const plain = safe(text).replaceAll("=", "_")
  return /^[\w.@-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", "''")}'`
}

/** The age of the data of an index in seconds, and the limit it has gone over. */
const ageOf = (name: string, { ageSeconds, findings }: BackupHealth.IndexHealth): ReadonlyArray<string> => {
  const limit = findings.find(({ check }) => check === "stale")?.evidence.values.limit
  return ageSeconds === null ? [] : [`${label(name)}=${Math.round(ageSeconds)}s;;${limit ?? ""};0`]
}

const firstPerformance = (health: BackupHealth.BackupHealth): ReadonlyArray<string> => {
  const { quota, totals } = health
  const [oldest] = [...HealthSummary.existing(health)].sort((self, that) =>
    (that.ageSeconds ?? -1) - (self.ageSeconds ?? -1)
  )
  return [
    // More than none is what each of them is about.
    `critical=${totals.critical};;0;0`,
    `warning=${totals.warning};0;;0`,
    `unknown=${totals.unknown};;;0`,
    `notice=${totals.notice};;;0`,
    `indexes=${HealthSummary.existing(health).length};;;0`,
    ...(quota.used === null ? [] : [`backups=${quota.used};;;0;${quota.limit ?? ""}`.replace(/;$/, "")]),
    ...(oldest === undefined ? [] : ageOf("oldest_age", oldest))
  ]
}

const describe = (finding: BackupHealth.Finding): string =>
  `${safe(Summary.subjectOf(finding))} ${finding.check}: ${safe(finding.sentence)}`

/** The finding that the status is due to, and how many there are besides. */
const summaryOf = (health: BackupHealth.BackupHealth): string => {
  const findings = BackupHealth.findings(health)
  const worst = findings.find(({ severity }) => severity === health.status) ?? findings[0]
  const existing = HealthSummary.existing(health)
  if (worst === undefined) return `${HealthSummary.indexes(existing.length)} ok`
  const others = Summary.counts({ ...health.totals, [worst.severity]: health.totals[worst.severity] - 1 })
  return `${describe(worst)}${others.length === 0 ? "" : ` (+${others.join(", ")})`}`
}

/** The lines of a report. `status` is what is said to be so, which is for the command line to decide. */
export const lines = (health: BackupHealth.BackupHealth, status: BackupHealth.Status): ReadonlyArray<string> => {
  const details = BackupHealth.findings(health).map((finding) => {
    const fix = RemedyCommand.fixOf(finding)
    return `[${finding.severity}] ${describe(finding)}${fix === null ? "" : ` - fix: ${safe(fix)}`}`
  })
  const ages = HealthSummary.existing(health).flatMap((index) => ageOf(`${index.indexName} age`, index))
  const last = details.pop() ?? `${HealthSummary.indexes(HealthSummary.existing(health).length)} looked at`
  return [
    `${service} ${status.toUpperCase()} - ${summaryOf(health)} | ${firstPerformance(health).join(" ")}`,
    ...details,
    // Performance data goes on behind the last line of text. On a line of its own some would read it as text.
    ages.length === 0 ? last : `${last} | ${ages.join(" ")}`
  ]
}

/** The line of an audit that could not be made, and why. */
export const failed = (why: string): string => `${service} UNKNOWN - ${Format.withoutKeys(safe(why))}`
