/** What an audit has found, for people: a line that sums it up, then index by index, the worst first. */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as DateTime from "effect/DateTime"
import * as RemedyCommand from "../../output/RemedyCommand.ts"
import * as HealthSummary from "../../shared/HealthSummary.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Text from "../../terminal/Text.ts"
import * as Summary from "./Summary.ts"

type Look = Screen.Level

/** The state of what has nothing worse to it: a notice leaves it as it is. */
const wordOf = (look: Look): string => look === "notice" ? "OK" : look.toUpperCase()

/** How wide a screen has to be for a sentence to stand beside the name of its check. */
const leastColumns = 60

/** The longest name that others, and sentences, are lined up with. */
const longestName = 24

const sign = ({ isUnicode }: Screen.Service, look: Look): string => Screen.levels[look][isUnicode ? "unicode" : "ascii"]

/** A text, and the same in its colour. */
interface Piece {
  readonly plain: string
  readonly dressed: string
}

const piece = ({ style }: Screen.Service, look: Look | "bold" | undefined, plain: string): Piece => ({
  plain,
  dressed: look === undefined ? plain : style(look === "bold" ? "bold" : Screen.levels[look].style, plain)
})

/** Pieces beside each other, as many on a line as fit. The others go on below, behind `indent`. */
const flow = (pieces: ReadonlyArray<Piece>, gap: string, indent: string, columns: number): ReadonlyArray<string> => {
  const lines: Array<Piece> = []
  for (const { dressed, plain } of pieces) {
    const last = lines.at(-1)
    if (last === undefined) lines.push({ plain, dressed })
    else if (Text.width(last.plain) + gap.length + Text.width(plain) <= columns) {
      lines[lines.length - 1] = { plain: last.plain + gap + plain, dressed: last.dressed + gap + dressed }
    } else lines.push({ plain: indent + plain, dressed: indent + dressed })
  }
  // What is wider than the screen is no longer dressed: a colour would have to be cut as well.
  return lines.flatMap(({ dressed, plain }) => Text.width(plain) <= columns ? [dressed] : Text.text(plain, columns))
}

const headOf = (health: BackupHealth.BackupHealth, screen: Screen.Service): ReadonlyArray<string> => {
  const existing = HealthSummary.existing(health)
  const good = existing.filter(({ status }) => status === "ok").length
  const separator = screen.isUnicode ? " · " : " - "
  return flow(
    [
      ...Summary.severities.filter((severity) => health.totals[severity] > 0).map((severity) =>
        piece(screen, severity, `${sign(screen, severity)} ${Summary.count(severity, health.totals[severity])}`)
      ),
      ...(good === 0 ? [] : [piece(screen, "ok", `${sign(screen, "ok")} ${HealthSummary.indexes(good)} ok`)]),
      piece(screen, undefined, `${HealthSummary.indexes(existing.length)}${separator}${Format.minute(health.at)}`)
    ],
    "   ",
    "",
    screen.columns
  )
}

interface Layout {
  readonly screen: Screen.Service
  /** Where what is said of a name or a check begins. */
  readonly column: number
}

const layoutOf = (health: BackupHealth.BackupHealth, screen: Screen.Service): Layout => {
  const widest = (texts: ReadonlyArray<string>) =>
    texts.map(Text.width).filter((width) => width <= longestName).reduce((widest, width) => Math.max(widest, width), 0)
  const names = widest(["project", ...health.indexes.map(({ indexName }) => Format.plain(indexName))])
  const checks = widest(BackupHealth.findings(health).map(({ check }) => check))
  return { screen, column: 2 + (screen.columns < leastColumns ? names : Math.max(names, checks + 4)) }
}

/** What a finding is of, where its index has several schedules and the sentence does not say it. */
const scheduleOf = ({ scheduleName, sentence }: BackupHealth.Finding, hasSeveral: boolean): string => {
  const name = scheduleName === null ? "" : Format.plain(scheduleName)
  return hasSeveral && name !== "" && !sentence.includes(name) ? `${name}: ` : ""
}

const findingLines = (
  finding: BackupHealth.Finding,
  hasSeveral: boolean,
  { column, screen }: Layout
): ReadonlyArray<string> => {
  const { columns } = screen
  const sentence = `${scheduleOf(finding, hasSeveral)}${Format.plain(finding.sentence)}`
  const { dressed: mark } = piece(screen, finding.severity, sign(screen, finding.severity))
  if (columns < leastColumns) {
    return [`  ${mark} ${finding.check}`, ...Text.text(sentence, columns - 4).map((line) => `    ${line}`)]
  }
  const indent = " ".repeat(column)
  const [first = "", ...rest] = Text.text(sentence, columns - column)
  return [`  ${mark} ${finding.check.padEnd(column - 4)}${first}`, ...rest.map((line) => indent + line)]
}

const fixIndent = "    fix  "

const fixLines = (fix: string, { columns, style }: Screen.Service): ReadonlyArray<string> => {
  const [first = "", ...rest] = Text.command(Format.plain(fix), {
    columns,
    first: columns - fixIndent.length,
    indent: columns < leastColumns ? "      " : " ".repeat(fixIndent.length + 2)
  })
  return [`    ${style("dim", "fix")}  ${first}`, ...rest]
}

/** Findings, with what mends them below. What mends several that stand together is said once. */
const findingsLines = (
  findings: ReadonlyArray<BackupHealth.Finding>,
  hasSeveral: boolean,
  layout: Layout
): ReadonlyArray<string> =>
  findings.flatMap((finding, index) => {
    const fix = RemedyCommand.fixOf(finding)
    const next = findings[index + 1]
    return [
      ...findingLines(finding, hasSeveral, layout),
      ...(fix === null || (next && RemedyCommand.fixOf(next)) === fix ? [] : fixLines(fix, layout.screen))
    ]
  })

/** What there is to say of an index of which all is well. */
const factsOf = (
  { ageSeconds, copies, dataUntil, isDeleted, schedules }: BackupHealth.IndexHealth,
  at: DateTime.Utc
): ReadonlyArray<string> => {
  const next = schedules.flatMap(({ nextRunAt }) => nextRunAt ?? []).sort(DateTime.Order).at(0)
  return [
    ...(ageSeconds === null || dataUntil === null ? [] : [Format.relative(dataUntil, at)]),
    ...(copies === null ? [] : [`${Format.count(copies)} restorable`]),
    ...(isDeleted ? ["index deleted"] : next === undefined ? [] : [`next ${Format.relative(next, at)}`])
  ]
}

const titleLines = (
  name: string,
  look: Look,
  facts: ReadonlyArray<string>,
  { column, screen }: Layout
): ReadonlyArray<string> => {
  const separator = screen.isUnicode ? " · " : " - "
  return flow(
    [
      piece(screen, "bold", Text.pad(name, column - 2)),
      piece(screen, look === "notice" ? "ok" : look, wordOf(look)),
      ...(facts.length === 0 ? [] : [piece(screen, undefined, facts.join(separator))])
    ],
    "  ",
    "  ",
    screen.columns
  )
}

const indexLines = (index: BackupHealth.IndexHealth, at: DateTime.Utc, layout: Layout): ReadonlyArray<string> => [
  ...titleLines(
    Format.plain(index.indexName),
    index.status,
    index.status === "ok" ? factsOf(index, at) : [],
    layout
  ),
  ...findingsLines(index.findings, index.schedules.length > 1, layout)
]

const ignoredLine = ({ finding, reason, until }: BackupHealth.Ignored): string =>
  `${finding.check} of ${Summary.subjectOf(finding)}: ${Format.plain(reason)}, until ${
    DateTime.formatIsoDateUtc(until)
  }`

const ignoredLines = (
  ignored: ReadonlyArray<BackupHealth.Ignored>,
  screen: Screen.Service
): ReadonlyArray<string> => [
  piece(screen, "bold", "ignored").dressed,
  ...ignored.flatMap((one) => {
    const [first = "", ...rest] = Text.text(ignoredLine(one), screen.columns - 4)
    return [
      `  ${piece(screen, "notice", sign(screen, "notice")).dressed} ${first}`,
      ...rest.map((line) => `    ${line}`)
    ]
  })
]

const worstOf = (findings: ReadonlyArray<BackupHealth.Finding>): HealthCheck.Severity =>
  findings[0]?.severity ?? "notice"

const rankOf = (findings: ReadonlyArray<BackupHealth.Finding>): number =>
  HealthCheck.Severity.literals.indexOf(worstOf(findings))

/** The lines of a page. */
export const lines = (health: BackupHealth.BackupHealth, screen: Screen.Service): ReadonlyArray<string> => {
  const layout = layoutOf(health, screen)
  const isQuiet = ({ findings, status }: BackupHealth.IndexHealth) => status === "ok" && findings.length === 0
  const quiet = health.indexes.filter(isQuiet)
  const loud = health.indexes.filter((index) => !isQuiet(index))
  // Indexes come the worst first, and the project before those that are no worse.
  const isWorse = ({ findings }: BackupHealth.IndexHealth) => rankOf(findings) < rankOf(health.project)
  const blocksOf = (indexes: ReadonlyArray<BackupHealth.IndexHealth>) =>
    indexes.map((index) => indexLines(index, health.at, layout))
  const blocks = [
    headOf(health, screen),
    ...blocksOf(loud.filter(isWorse)),
    health.project.length === 0 ? [] : [
      ...titleLines("project", worstOf(health.project), [], layout),
      ...findingsLines(health.project, false, layout)
    ],
    ...blocksOf(loud.filter((index) => !isWorse(index))),
    quiet.flatMap((index) => indexLines(index, health.at, layout)),
    health.ignored.length === 0 ? [] : ignoredLines(health.ignored, screen)
  ].filter((block) => block.length > 0)
  return blocks.flatMap((block, index) => index === 0 ? block : ["", ...block])
}
