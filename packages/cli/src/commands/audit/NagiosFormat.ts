/**
 * Formats an audit as monitoring plugin output (Nagios, Icinga): a status line with performance data, one line per
 * finding, then the age of each index.
 */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as Cadence from "@pinecone-backups/core/health/Cadence"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as RemedyCommand from "../../output/RemedyCommand.ts"
import type * as SameConnection from "../../output/SameConnection.ts"
import * as HealthSummary from "../../shared/HealthSummary.ts"
import * as Projects from "../../shared/Projects.ts"
import * as Format from "../../terminal/Format.ts"
import * as FailOn from "./FailOn.ts"
import type { Limits } from "./Limits.ts"
import * as ProjectReport from "./ProjectReport.ts"
import * as Summary from "./Summary.ts"

const service = "PINECONE_BACKUP"

/** Replaces `|`, which starts performance data and cannot be quoted. */
const safe = (text: string): string => Format.plain(text).replaceAll("|", "/")

/** A label of performance data, quoted if needed. Characters that cannot be quoted are replaced. */
const label = (text: string): string => {
  const plain = safe(text).replaceAll("=", "_")
  return /^[\w.@-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", "''")}'`
}

/** An unbounded range: no value raises an alert. */
const never = "~:"

/** A value, or `U` if it is unknown, with all its limits. */
const item = (
  name: string,
  value: number | null,
  { critical, max, unit = "", warning }: {
    readonly warning: number | string
    readonly critical: number | string
    readonly unit?: string
    readonly max?: number | null
  }
): string =>
  `${label(name)}=${value === null ? "U" : `${value}${unit}`};${warning};${critical};0${max == null ? "" : `;${max}`}`

/** The age in seconds above which an index is stale: from the finding, else the policy, else the enabled schedule. */
const ageLimitOf = (
  index: BackupHealth.IndexHealth,
  { at }: BackupHealth.BackupHealth,
  { policy }: Limits
): number | undefined => {
  const found = index.findings.find(({ check }) => check === "stale")?.evidence.values.limit
  if (found !== undefined) return found
  const { rpo } = BackupPolicy.requirementsOf(policy, index.indexName)
  if (rpo !== undefined) return Duration.toSeconds(rpo)
  const frequency = index.schedules.find(({ enabled }) => enabled)?.frequency
  const cadence = frequency === undefined ? undefined : Cadence.of(frequency)
  if (cadence === undefined) return undefined
  const newest = BackupHealth.newestAt(index) ?? at
  return Duration.toSeconds(DateTime.distance(newest, Cadence.lateAt(cadence, Cadence.slot(cadence, newest, 1))))
}

/** The age of the data of an index in seconds, and its limit. */
const ageOf = (name: string, age: number | null, limit: number | undefined): string => {
  const limits = { warning: limit ?? never, critical: limit ?? never }
  return item(name, age === null ? null : Math.round(age), { ...limits, unit: "s" })
}

/**
 * The largest age of all indexes. Unknown if the age of any index is unknown, because it has no backup or could not be
 * read.
 */
const oldestOf = (name: string, health: BackupHealth.BackupHealth, limits: Limits): string => {
  const existing = HealthSummary.existing(health)
  const [oldest] = [...existing].sort((self, that) => (that.ageSeconds ?? -1) - (self.ageSeconds ?? -1))
  const isKnown = existing.every(({ ageSeconds }) => ageSeconds !== null)
  return ageOf(
    name,
    isKnown ? oldest?.ageSeconds ?? null : null,
    oldest && ageLimitOf(oldest, health, limits)
  )
}

const firstPerformance = (
  health: BackupHealth.BackupHealth,
  limits: Limits,
  isMade = true,
  prefix = ""
): string => {
  const { quota: { limit, used }, totals } = health
  const { allowEmpty, failOn } = limits
  const ifMade = (value: number) => isMade ? value : null
  const least = allowEmpty ? never : "1:"
  const named = (name: string, value: number | null, limits: Parameters<typeof item>[2]) =>
    item(`${prefix}${name}`, value, limits)
  return [
    // Any finding of a severity exceeds the limit of 0.
    named("critical", ifMade(totals.critical), { warning: 0, critical: 0 }),
    named("warning", ifMade(totals.warning), { warning: failOn === "critical" ? never : 0, critical: never }),
    named("unknown", ifMade(totals.unknown), { warning: 0, critical: 0 }),
    named("notice", ifMade(totals.notice), { warning: failOn === "notice" ? 0 : never, critical: never }),
    named("indexes", ifMade(HealthSummary.existing(health).length), { warning: least, critical: least }),
    named("backups", used, {
      // A check fails at its limit. A range raises an alert only above its limit.
      warning: limit === null ? never : Math.ceil(BackupPolicy.quotaWarningShare * limit) - 1,
      critical: limit === null ? never : limit - 1,
      max: limit
    }),
    oldestOf(`${prefix}oldest_age`, health, limits)
  ].join(" ")
}

const describe = (finding: BackupHealth.Finding): string =>
  `${safe(Summary.subjectOf(finding))} ${finding.check}: ${safe(finding.sentence)}`

/** The finding that determines the status, and the number of other findings. */
const summaryOf = (health: BackupHealth.BackupHealth): string => {
  const findings = BackupHealth.findings(health)
  const worst = findings.find(({ severity }) => severity === health.status) ?? findings[0]
  const existing = HealthSummary.existing(health)
  if (worst === undefined) return `${HealthSummary.indexes(existing.length)} ok`
  const others = Summary.counts({ ...health.totals, [worst.severity]: health.totals[worst.severity] - 1 })
  return `${describe(worst)}${others.length === 0 ? "" : ` (+${others.join(", ")})`}`
}

const usualLimits: Limits = { failOn: FailOn.usual, policy: BackupPolicy.empty, allowEmpty: false }

/**
 * The lines of a report. `status` is the status to print, as decided by the command line, and `connection` has the flags
 * of the fixes.
 */
export const lines = (
  health: BackupHealth.BackupHealth,
  status: BackupHealth.Status,
  connection: SameConnection.Flags,
  limits: Limits = usualLimits
): ReadonlyArray<string> => {
  const existing = HealthSummary.existing(health)
  const details = BackupHealth.findings(health).map((finding) => {
    const fix = RemedyCommand.fixOf(finding, connection)
    return `[${finding.severity}] ${describe(finding)}${fix === null ? "" : ` - fix: ${safe(fix)}`}`
  })
  const ages = existing.map((index) =>
    ageOf(`${index.indexName} age`, index.ageSeconds, ageLimitOf(index, health, limits))
  )
  const last = details.pop() ?? `${HealthSummary.indexes(existing.length)} checked`
  return [
    `${service} ${status.toUpperCase()} - ${summaryOf(health)} | ${firstPerformance(health, limits)}`,
    ...details,
    // Append performance data to the last line of text: on its own line, some systems would read it as text.
    ages.length === 0 ? last : `${last} | ${ages.join(" ")}`
  ]
}

/** The line of a failed audit. It has the same performance data as a report, so that graphs continue. */
export const failed = (health: BackupHealth.BackupHealth): ReadonlyArray<string> =>
  health.project.map(({ sentence }) =>
    `${service} UNKNOWN - ${safe(sentence)} | ${firstPerformance(health, usualLimits, false)}`
  )

/** The number of indexes whose newest backup is too old. */
const staleOf = ({ health, profile }: ProjectReport.ProjectReport, isMade: boolean): string => {
  const stale = BackupHealth.findings(health).filter(({ check }) => check === "stale")
  return item(`${profile}::stale`, isMade ? stale.length : null, { warning: 0, critical: 0 })
}

/**
 * The line of several projects: the finding that determines the status of each project that is not ok, worst first,
 * then the number of projects. The labels of performance data start with the profile: `'prod::stale'`.
 */
export const several = (
  reports: ReadonlyArray<ProjectReport.ProjectReport>,
  notes: ReadonlyArray<string>,
  status: BackupHealth.Status
): ReadonlyArray<string> => {
  const text = [
    ...reports.filter(({ health }) => BackupHealth.findings(health).length > 0).map(({ health, profile }) =>
      `${safe(profile)}: ${summaryOf(health)}`
    ),
    `${Projects.count(reports.length)}, ${HealthSummary.indexes(ProjectReport.existing(reports).length)}`,
    ...notes.map(safe)
  ].join("; ")
  const performance = reports.flatMap((report) => {
    const isMade = report.error === undefined
    return [firstPerformance(report.health, report.limits, isMade, `${report.profile}::`), staleOf(report, isMade)]
  })
  return [`${service} ${status.toUpperCase()} - ${text} | ${performance.join(" ")}`]
}
