/** Formats an audit as Markdown, for a pull request or a job summary. */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as DateTime from "effect/DateTime"
import * as Markdown from "../../output/Markdown.ts"
import * as RemedyCommand from "../../output/RemedyCommand.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import * as HealthSummary from "../../shared/HealthSummary.ts"
import * as Format from "../../terminal/Format.ts"
import * as ProjectReport from "./ProjectReport.ts"
import * as Summary from "./Summary.ts"

const marks = { critical: "🔴", unknown: "❔", warning: "🟡", notice: "⚪" } as const

/** A report, and its profile if the document is about several projects. */
interface Section {
  readonly health: BackupHealth.BackupHealth
  readonly profile?: string
  /** The flags of the fixes. */
  readonly connection: SameConnection.Flags
}

/** The tables of reports: findings, then indexes that are ok and suppressed findings. */
const tables = (sections: ReadonlyArray<Section>): ReadonlyArray<string> => {
  const areSeveral = sections.some(({ profile }) => profile !== undefined)
  const headers = (...names: ReadonlyArray<string>) => areSeveral ? ["Project", ...names] : names
  const rows = (rowsOf: (section: Section) => ReadonlyArray<ReadonlyArray<string>>) =>
    sections.flatMap((section) =>
      rowsOf(section).map((cells) => section.profile === undefined ? cells : [Markdown.code(section.profile), ...cells])
    )
  const good = ({ health }: Section) => HealthSummary.existing(health).filter(({ status }) => status === "ok")
  return [
    ...Markdown.table(
      headers("Severity", "Index", "Check", "Finding", "Fix"),
      rows(({ connection, health }) =>
        BackupHealth.findings(health).map((finding) => {
          const { check, indexName, sentence, severity } = finding
          const fix = RemedyCommand.fixOf(finding, SameConnection.shareable(connection))
          return [
            `${marks[severity]} ${severity}`,
            indexName === null ? "(project)" : Markdown.code(indexName),
            check,
            Markdown.text(sentence),
            fix === null ? "" : Markdown.code(fix)
          ]
        })
      )
    ),
    ...Markdown.folded(
      `${HealthSummary.indexes(sections.flatMap(good).length)} ok`,
      Markdown.table(
        headers("Index", "Age", "Restorable"),
        rows((section) =>
          good(section).map(({ copies, dataUntil, indexName }) => [
            Markdown.code(indexName),
            dataUntil === null ? "" : Format.relative(dataUntil, section.health.at),
            copies === null ? "" : Format.count(copies)
          ])
        )
      )
    ),
    ...Markdown.folded(
      `${Format.count(sections.flatMap(({ health }) => health.ignored).length)} ignored`,
      Markdown.table(
        headers("Index", "Check", "Reason", "Until"),
        rows(({ health }) =>
          health.ignored.map(({ finding, reason, until }) => [
            finding.indexName === null ? "(project)" : Markdown.code(finding.indexName),
            finding.check,
            Markdown.text(reason),
            DateTime.formatIsoDateUtc(until)
          ])
        )
      )
    )
  ]
}

/** The lines of the document. `connection` has the flags of the fixes. */
export const lines = (
  health: BackupHealth.BackupHealth,
  status: BackupHealth.Status,
  connection: SameConnection.Flags
): ReadonlyArray<string> => [
  `### Backups: ${status}`,
  "",
  [...Summary.parts(health), Format.minute(health.at)].join(" · "),
  ...tables([{ health, connection }])
]

/** The marks of statuses. */
const statusMarks = { ...marks, ok: "🟢" } as const

/** The lines of the document about several projects: a table of projects, then their findings. */
export const several = (
  reports: ReadonlyArray<ProjectReport.ProjectReport>,
  notes: ReadonlyArray<string>,
  status: BackupHealth.Status
): ReadonlyArray<string> => [
  `### Backups: ${status}`,
  "",
  [...ProjectReport.parts(reports), ...notes.map(Markdown.text)].join(" · "),
  ...Markdown.table(
    ["Project", "Status", "Indexes", "Found"],
    reports.map(({ error, health, others, profile }) => [
      [profile, ...others].map(Markdown.code).join(", "),
      `${statusMarks[health.status]} ${health.status}`,
      error === undefined ? Format.count(HealthSummary.existing(health).length) : "",
      Summary.counts(health.totals).join(", ")
    ])
  ),
  ...tables(reports)
]

/** The lines of a failed audit. */
export const failed = (health: BackupHealth.BackupHealth): ReadonlyArray<string> => [
  `### Backups: ${health.status}`,
  "",
  ...health.project.map(({ sentence, severity }) => `${marks[severity]} ${Markdown.text(sentence)}`)
]
