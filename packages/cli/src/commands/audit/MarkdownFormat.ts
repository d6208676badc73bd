/** Formats an audit as Markdown, for a pull request or a job summary. */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as DateTime from "effect/DateTime"
import * as RemedyCommand from "../../output/RemedyCommand.ts"
import * as HealthSummary from "../../shared/HealthSummary.ts"
import * as Format from "../../terminal/Format.ts"
import * as Summary from "./Summary.ts"

const references: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" }

/** Escapes a string for Markdown. A user or team name must not become a mention. */
const text = (text: string): string =>
  Format.plain(text)
    .replace(/[&<>]/g, (character) => references[character] ?? "")
    .replace(/[\\`*_{}[\]+!|~$]/g, String.raw`\$&`)
    // Prevent issue references and links. GitHub still links them if they are only escaped.
    .replace(/[@#]/g, "$&<!-- -->")
    .replace(/\b(https?|www)([:.])/gi, "$1<!-- -->$2")

/** A string as inline code. */
const code = (text: string): string =>
  /^[\w .@:+%/'"=-]+$/.test(text) && text.trim() === text
    ? `\`${text}\``
    : `<code>${Format.plain(text).replace(/[^\p{L}\p{N} ]/gu, (character) => `&#${character.codePointAt(0)};`)}</code>`

const marks = { critical: "🔴", unknown: "❔", warning: "🟡", notice: "⚪" } as const

const row = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

const table = (headers: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  rows.length === 0 ? [] : ["", row(headers), row(headers.map(() => "---")), ...rows.map(row)]

/** A collapsed section. */
const folded = (summary: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", `<details><summary>${summary}</summary>`, ...lines, "", "</details>"]

/** The lines of the document. */
export const lines = (health: BackupHealth.BackupHealth, status: BackupHealth.Status): ReadonlyArray<string> => {
  const good = HealthSummary.existing(health).filter(({ status }) => status === "ok")
  return [
    `### Backups: ${status}`,
    "",
    [...Summary.parts(health), Format.minute(health.at)].join(" · "),
    ...table(
      ["Severity", "Index", "Check", "Finding", "Fix"],
      BackupHealth.findings(health).map((finding) => {
        const { check, indexName, sentence, severity } = finding
        const fix = RemedyCommand.fixOf(finding)
        return [
          `${marks[severity]} ${severity}`,
          indexName === null ? "(project)" : code(indexName),
          check,
          text(sentence),
          fix === null ? "" : code(fix)
        ]
      })
    ),
    ...folded(
      `${HealthSummary.indexes(good.length)} ok`,
      table(
        ["Index", "Age", "Restorable"],
        good.map(({ copies, dataUntil, indexName }) => [
          code(indexName),
          dataUntil === null ? "" : Format.relative(dataUntil, health.at),
          copies === null ? "" : Format.count(copies)
        ])
      )
    ),
    ...folded(
      `${Format.count(health.ignored.length)} ignored`,
      table(
        ["Index", "Check", "Reason", "Until"],
        health.ignored.map(({ finding, reason, until }) => [
          finding.indexName === null ? "(project)" : code(finding.indexName),
          finding.check,
          text(reason),
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
  ...health.project.map(({ sentence, severity }) => `${marks[severity]} ${text(sentence)}`)
]
