/** Formats an audit for people: a summary line, then the findings of each index, worst first. */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as DateTime from "effect/DateTime"
import * as RemedyCommand from "../../output/RemedyCommand.ts"
import type * as SameConnection from "../../output/SameConnection.ts"
import * as HealthSummary from "../../shared/HealthSummary.ts"
import * as Format from "../../terminal/Format.ts"
import type * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as Table from "../../terminal/Table.ts"
import * as Text from "../../terminal/Text.ts"
import * as ProjectReport from "./ProjectReport.ts"
import * as Summary from "./Summary.ts"

/** Minimum width to print sentences beside the names of checks. */
const leastColumns = 60

/** Longest name considered for alignment. */
const longestName = 24

/** Joins parts into lines. Continuation lines start with `indent`. */
const flow = (
  parts: ReadonlyArray<string>,
  columns: number,
  { indent, separator }: { readonly indent: string; readonly separator: string }
): ReadonlyArray<string> =>
  // Remove styles from lines that have to be cut: cutting would break escape sequences.
  Text.wrapParts(parts, columns, { indent, separator }).flatMap((line) =>
    Text.width(line) <= columns ? [line] : Text.wrap(Text.undressed(line), columns)
  )

/** The layout of a report. By default, nothing is folded or repeated. */
export interface Options {
  /** Whether notices of indexes without other findings are only counted. */
  readonly foldNotices?: boolean | undefined
  /** The size of the terminal. A longer report repeats its summary at the end. */
  readonly size?: Screen.Size | undefined
}

/** Returns `true` if lines scroll off a terminal that also shows the next prompt. */
const isLonger = (lines: ReadonlyArray<string>, { columns, rows }: Screen.Size): boolean => {
  const height = (line: string) => Math.max(1, Math.ceil(Text.width(line) / columns))
  return lines.length >= rows || (rows < Infinity && lines.reduce((sum, line) => sum + height(line), 0) >= rows)
}

/** Adds the summary in one line, worst first, to a report that is longer than the terminal. */
const withSummary = (
  lines: ReadonlyArray<string>,
  [summary = ""]: ReadonlyArray<string>,
  { size }: Options
): ReadonlyArray<string> => size !== undefined && isLonger(lines, size) ? [...lines, "", summary] : lines

const headOf = (health: BackupHealth.BackupHealth, screen: Screen.Service): ReadonlyArray<string> => {
  const existing = HealthSummary.existing(health)
  const good = existing.filter(({ status }) => status === "ok").length
  return flow(
    [
      ...HealthCheck.Severity.literals.filter((severity) => health.totals[severity] > 0).map((severity) =>
        Symbols.level(screen, severity, ` ${Summary.count(severity, health.totals[severity])}`)
      ),
      ...(good === 0 ? [] : [Symbols.level(screen, "ok", ` ${HealthSummary.indexes(good)} ok`)]),
      `${HealthSummary.indexes(existing.length)}${Symbols.separator(screen)}${Format.minute(health.at)}`
    ],
    screen.columns,
    { indent: "", separator: "   " }
  )
}

interface Layout {
  readonly screen: Screen.Service
  /** The flags of the fixes. */
  readonly connection: SameConnection.Flags
  /** The column at which facts and sentences start. */
  readonly column: number
}

const layoutOf = (
  health: BackupHealth.BackupHealth,
  screen: Screen.Service,
  connection: SameConnection.Flags
): Layout => {
  const widest = (texts: ReadonlyArray<string>) =>
    texts.map(Text.width).filter((width) => width <= longestName).reduce((widest, width) => Math.max(widest, width), 0)
  const names = widest(["project", ...health.indexes.map(({ indexName }) => Format.plain(indexName))])
  const checks = widest(BackupHealth.findings(health).map(({ check }) => check))
  return { screen, connection, column: 2 + (screen.columns < leastColumns ? names : Math.max(names, checks + 4)) }
}

/** The schedule of a finding, if the index has several and the sentence does not name it. */
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
  const mark = Symbols.level(screen, finding.severity)
  if (columns < leastColumns) {
    return [`  ${mark} ${finding.check}`, ...Text.wrap(sentence, columns - 4).map((line) => `    ${line}`)]
  }
  return Text.hang(`  ${mark} ${finding.check.padEnd(column - 4)}`, Text.wrap(sentence, columns - column))
}

const fixIndent = "    fix  "

const fixLines = (fix: string, { columns, style }: Screen.Service): ReadonlyArray<string> => {
  const [first = "", ...rest] = Text.wrapCommand(Format.plain(fix), {
    columns,
    first: columns - fixIndent.length,
    indent: columns < leastColumns ? "      " : " ".repeat(fixIndent.length + 2)
  })
  return [`    ${style("dim", "fix")}  ${first}`, ...rest]
}

/** Findings with their fixes below. A fix shared by consecutive findings is printed once. */
const findingsLines = (
  findings: ReadonlyArray<BackupHealth.Finding>,
  hasSeveral: boolean,
  layout: Layout
): ReadonlyArray<string> =>
  findings.flatMap((finding, index) => {
    const fix = RemedyCommand.fixOf(finding, layout.connection)
    const next = findings[index + 1]
    return [
      ...findingLines(finding, hasSeveral, layout),
      ...(fix === null || (next && RemedyCommand.fixOf(next, layout.connection)) === fix
        ? []
        : fixLines(fix, layout.screen))
    ]
  })

/** Facts about an index that is ok. */
const factsOf = (
  { ageSeconds, copies, dataUntil, schedules }: BackupHealth.IndexHealth,
  at: DateTime.Utc
): ReadonlyArray<string> => {
  const next = schedules.flatMap(({ nextRunAt }) => nextRunAt ?? []).sort(DateTime.Order).at(0)
  return [
    ...(ageSeconds === null || dataUntil === null ? [] : [Format.relative(dataUntil, at)]),
    ...(copies === null ? [] : [`${Format.count(copies)} restorable`]),
    ...(next === undefined ? [] : [`next ${Format.relative(next, at)}`])
  ]
}

const titleLines = (
  name: string,
  level: Symbols.Level,
  facts: ReadonlyArray<string>,
  { column, screen }: Layout
): ReadonlyArray<string> => {
  // An index with only notices is ok.
  const shown = level === "notice" ? "ok" : level
  const parts = [
    screen.style("bold", Text.pad(name, column - 2)),
    Symbols.inColorOf(screen, shown, shown.toUpperCase()),
    ...(facts.length === 0 ? [] : [facts.join(Symbols.separator(screen))])
  ]
  return flow(parts, screen.columns, { indent: "  ", separator: "  " })
}

const indexLines = (index: BackupHealth.IndexHealth, at: DateTime.Utc, layout: Layout): ReadonlyArray<string> => [
  ...titleLines(
    Format.plain(index.indexName),
    HealthSummary.levelOf(index),
    index.status === "ok" ? factsOf(index, at) : [],
    layout
  ),
  ...findingsLines(index.findings, index.schedules.length > 1, layout)
]

const ignoredLines = (ignored: ReadonlyArray<BackupHealth.Ignored>, screen: Screen.Service): ReadonlyArray<string> => [
  screen.style("bold", "ignored"),
  ...ignored.flatMap(({ finding, reason, until }) => {
    const what = `${finding.check} of ${Summary.subjectOf(finding)}: ${Format.plain(reason)}`
    const line = `${what}, until ${DateTime.formatIsoDateUtc(until)}`
    return Text.hang(`  ${Symbols.level(screen, "notice")} `, Text.wrap(line, screen.columns - 4))
  })
]

const worstOf = (findings: ReadonlyArray<BackupHealth.Finding>): HealthCheck.Severity =>
  findings[0]?.severity ?? "notice"

const rankOf = (findings: ReadonlyArray<BackupHealth.Finding>): number =>
  HealthCheck.Severity.literals.indexOf(worstOf(findings))

/** The number of folded notices. */
const foldedLines = (folded: ReadonlyArray<BackupHealth.Finding>, screen: Screen.Service): ReadonlyArray<string> =>
  folded.length === 0
    ? []
    : Text.wrap(
      `${Symbols.ellipsis(screen)} and ${Summary.count("notice", folded.length)}; -o wide shows all`,
      screen.columns
    ).map((line) => screen.style("dim", line))

/** The blocks of a report below its head: findings of the project, indexes, and suppressed findings. */
const blocksOf = (
  health: BackupHealth.BackupHealth,
  screen: Screen.Service,
  connection: SameConnection.Flags,
  { foldNotices = false }: Options
): ReadonlyArray<ReadonlyArray<string>> => {
  const layout = layoutOf(health, screen, connection)
  const isQuiet = ({ findings, status }: BackupHealth.IndexHealth) =>
    status === "ok" && findings.every(({ severity }) => foldNotices && severity === "notice")
  const quiet = health.indexes.filter(isQuiet)
  const loud = health.indexes.filter((index) => !isQuiet(index))
  // Worst first; findings of the project come before equally severe indexes.
  const isWorse = ({ findings }: BackupHealth.IndexHealth) => rankOf(findings) < rankOf(health.project)
  const blocksOf = (indexes: ReadonlyArray<BackupHealth.IndexHealth>) =>
    indexes.map((index) => indexLines(index, health.at, layout))
  return [
    ...blocksOf(loud.filter(isWorse)),
    health.project.length === 0 ? [] : [
      ...titleLines("project", worstOf(health.project), [], layout),
      ...findingsLines(health.project, false, layout)
    ],
    ...blocksOf(loud.filter((index) => !isWorse(index))),
    [
      ...quiet.flatMap((index) => indexLines({ ...index, findings: [] }, health.at, layout)),
      ...foldedLines(quiet.flatMap(({ findings }) => findings), screen)
    ],
    health.ignored.length === 0 ? [] : ignoredLines(health.ignored, screen)
  ]
}

/** Separates blocks with empty lines. */
const joined = (blocks: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  blocks.filter((block) => block.length > 0).flatMap((block, index) => index === 0 ? block : ["", ...block])

/** The lines of the report. `connection` has the flags of the fixes. */
export const lines = (
  health: BackupHealth.BackupHealth,
  screen: Screen.Service,
  connection: SameConnection.Flags,
  options: Options = {}
): ReadonlyArray<string> => {
  const head = headOf(health, screen)
  return withSummary(joined([head, ...blocksOf(health, screen, connection, options)]), head, options)
}

/** The table of several projects, worst first. */
const projectsOf = (
  reports: ReadonlyArray<ProjectReport.ProjectReport>,
  screen: Screen.Service
): ReadonlyArray<string> => {
  const known = Symbols.orDash(screen)
  const column = (
    header: string,
    show: (report: ProjectReport.ProjectReport) => string,
    layout: Pick<Table.Column<never>, "align" | "dropAt" | "isPressing" | "shrinkTo"> = {}
  ): Table.Column<ProjectReport.ProjectReport> => ({ ...layout, header, show, raw: show })
  const { header, line } = Table.layout(
    [
      column("PROJECT", ({ profile }) => Format.plain(profile), { shrinkTo: 12 }),
      column("STATUS", ({ health: { status } }) => Symbols.level(screen, status, ` ${status}`)),
      column(
        "INDEXES",
        ({ error, health }) =>
          known(error === undefined ? HealthSummary.existing(health).length : undefined, Format.count),
        { align: "right", dropAt: 2 }
      ),
      column("FOUND", ({ health }) => Summary.counts(health.totals).join(", "), {
        shrinkTo: 12,
        dropAt: 1,
        isPressing: true
      })
    ],
    reports,
    screen
  )
  return [screen.style("bold", header), ...reports.map(line)]
}

/** The total line of several projects, and the notes about profiles. */
const totalOf = (
  reports: ReadonlyArray<ProjectReport.ProjectReport>,
  notes: ReadonlyArray<string>,
  screen: Screen.Service
): ReadonlyArray<string> => [
  ...flow(ProjectReport.parts(reports), screen.columns, { indent: "", separator: Symbols.separator(screen) }),
  ...notes.flatMap((text) => Text.wrap(text, screen.columns))
]

/**
 * The report of one of several projects, below a heading. It is not indented, because a command line that continues a
 * word on the next line could not be pasted.
 */
const sectionOf = (
  report: ProjectReport.ProjectReport,
  screen: Screen.Service,
  options: Options
): ReadonlyArray<string> => {
  const { connection, error, health, profile } = report
  const { columns, isUnicode, style } = screen
  const title = Text.hang(isUnicode ? "━━ " : "== ", Text.wrap(Format.plain(profile), columns - 3))
    .map((line) => style("bold", line))
  if (error === undefined) return joined([title, ...blocksOf(health, screen, connection, options)])
  const hint = error.hint === undefined ? [] : Text.wrap(Format.plain(error.hint), columns - fixIndent.length)
  return [
    ...title,
    ...findingsLines(health.project, false, layoutOf(health, screen, connection)),
    ...Text.hang(`    ${style("dim", "try")}  `, hint)
  ]
}

/** The lines of several reports: a table of the projects with a total line, then the report of each project. */
export const several = (
  reports: ReadonlyArray<ProjectReport.ProjectReport>,
  notes: ReadonlyArray<string>,
  screen: Screen.Service,
  options: Options = {}
): ReadonlyArray<string> => {
  const total = totalOf(reports, notes, screen)
  const sections = reports.map((report) => sectionOf(report, screen, options))
  return withSummary(joined([projectsOf(reports, screen), total, ...sections]), total, options)
}

/** The lines of a failed audit. */
export const failed = (health: BackupHealth.BackupHealth, screen: Screen.Service): ReadonlyArray<string> =>
  health.project.map(({ sentence, severity }) =>
    `${Symbols.level(screen, severity, ` ${health.status.toUpperCase()}`)}  ${Format.plain(sentence)}`
  )
