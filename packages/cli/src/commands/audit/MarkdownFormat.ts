/** What an audit has found, in Markdown: for a pull request, or the summary of a job. */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as DateTime from "effect/DateTime"
import * as RemedyCommand from "../../output/RemedyCommand.ts"
import * as HealthSummary from "../../shared/HealthSummary.ts"
import * as Format from "../../terminal/Format.ts"
import * as Summary from "./Summary.ts"

const references: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" }

/** A text that is nothing but text. A name of a person or a team must call nobody. */
const text = (text: string): string =>
  Format.plain(text)
    .replace(/[&<>]/g, (character) => references[character] ?? "")
    .replace(/[\\`*_{}[\]+!|~$]/g, String.raw`\$&`)
    // Neither the number of an issue nor an address is a link. What is only escaped is one all the same.
    .replace(/[@#]/g, "$&<!-- -->")
    .replace(/\b(https?|www)([:.])/gi, "$1<!-- -->$2")

/** A text as it is, letter by letter. */
const code = (text: string): string =>
  /^[\w .@:+%/'"=-]+$/.test(text) && text.trim() === text
    ? `\`${text}\``
    : `<code>${Format.plain(text).replace(/[^\p{L}\p{N} ]/gu, (character) => `&#${character.codePointAt(0)};`)}</code>`

const marks = { critical: "🔴", unknown: "❔", warning: "🟡", notice: "⚪" } as const

const row = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

const table = (headers: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  rows.length === 0 ? [] : ["", row(headers), row(headers.map(() => "---")), ...rows.map(row)]

/** A part that is opened by whoever wants to see it. */
const folded = (summary: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", `<details><summary>${summary}</summary>`, ...lines, "", "</details>"]

/** The lines of a document. */
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

/** The lines of an audit that could not be made. */
export const failed = (health: BackupHealth.BackupHealth): ReadonlyArray<string> => [
  `### Backups: ${health.status}`,
  "",
  ...health.project.map(({ sentence, severity }) => `${marks[severity]} ${text(sentence)}`)
]
