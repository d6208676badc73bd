/** Formats Markdown for GitHub. */
import * as Format from "../terminal/Format.ts"

const references: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" }

/** Escapes a string for Markdown. A user or team name must not become a mention. */
export const text = (text: string): string =>
  Format.plain(text)
    .replace(/[&<>]/g, (character) => references[character] ?? "")
    .replace(/[\\`*_{}[\]+!|~$]/g, String.raw`\$&`)
    // Prevent issue references and links. GitHub still links them if they are only escaped.
    .replace(/[@#]/g, "$&<!-- -->")
    .replace(/\b(https?|www)([:.])/gi, "$1<!-- -->$2")

/** A string as inline code. */
export const code = (text: string): string =>
  /^[\w .@:+%/'"=-]+$/.test(text) && text.trim() === text
    ? `\`${text}\``
    : `<code>${Format.plain(text).replace(/[^\p{L}\p{N} ]/gu, (character) => `&#${character.codePointAt(0)};`)}</code>`

const row = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

/** A table. Empty without rows. */
export const table = (
  headers: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<string> => rows.length === 0 ? [] : ["", row(headers), row(headers.map(() => "---")), ...rows.map(row)]

/** A collapsed section. Empty without lines. */
export const folded = (summary: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", `<details><summary>${summary}</summary>`, ...lines, "", "</details>"]
