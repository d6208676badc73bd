/** Formats an audit as Markdown, for a pull request or a job summary. */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as DateTime from "effect/DateTime"
import * as Markdown from "../../output/Markdown.ts"
import * as RemedyCommand from "../../output/RemedyCommand.ts"
import * as HealthSummary from "../../shared/HealthSummary.ts"
import * as Format from "../../terminal/Format.ts"
import * as Summary from "./Summary.ts"

const marks = { critical: "🔴", unknown: "❔", warning: "🟡", notice: "⚪" } as const

/** The lines of the document. */
export const lines = (health: BackupHealth.BackupHealth, status: BackupHealth.Status): ReadonlyArray<string> => {
  const good = HealthSummary.existing(health).filter(({ status }) => status === "ok")
  return [
    `### Backups: ${status}`,
    "",
    [...Summary.parts(health), Format.minute(health.at)].join(" · "),
    ...Markdown.table(
      ["Severity", "Index", "Check", "Finding", "Fix"],
      BackupHealth.findings(health).map((finding) => {
        const { check, indexName, sentence, severity } = finding
        const fix = RemedyCommand.fixOf(finding)
        return [
          `${marks[severity]} ${severity}`,
          indexName === null ? "(project)" : Markdown.code(indexName),
          check,
          Markdown.text(sentence),
          fix === null ? "" : Markdown.code(fix)
        ]
      })
    ),
    ...Markdown.folded(
      `${HealthSummary.indexes(good.length)} ok`,
      Markdown.table(
        ["Index", "Age", "Restorable"],
        good.map(({ copies, dataUntil, indexName }) => [
          Markdown.code(indexName),
          dataUntil === null ? "" : Format.relative(dataUntil, health.at),
          copies === null ? "" : Format.count(copies)
        ])
      )
    ),
    ...Markdown.folded(
      `${Format.count(health.ignored.length)} ignored`,
      Markdown.table(
        ["Index", "Check", "Reason", "Until"],
        health.ignored.map(({ finding, reason, until }) => [
          finding.indexName === null ? "(project)" : Markdown.code(finding.indexName),
          finding.check,
          Markdown.text(reason),
          DateTime.formatIsoDateUtc(until)
        ])
      )
    )
  ]
}

/** The lines of a failed audit. */
export const failed = (health: BackupHealth.BackupHealth): ReadonlyArray<string> => [
  `### Backups: ${health.status}`,
  "",
  ...health.project.map(({ sentence, severity }) => `${marks[severity]} ${Markdown.text(sentence)}`)
]
