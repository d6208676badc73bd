/** Shows a plan to people: the changes of each index with their consequences, then a summary line. */
import type * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import type * as SameConnection from "../../output/SameConnection.ts"
import * as Format from "../../terminal/Format.ts"
import type * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as Text from "../../terminal/Text.ts"
import * as Describe from "./Describe.ts"
import * as PlanSummary from "./PlanSummary.ts"

/** Minimum width to print changes beside the names of indexes. */
const leastColumns = 60

/** Longest name considered for alignment. */
const longestName = 24

/** A line about an index, after its symbol. A command is wrapped so that it can be pasted. */
type Line = { readonly symbol: string; readonly text: string } | { readonly command: string }

/** Options of the lines of a plan. */
interface Options {
  /** Whether the plan is about to be applied. */
  readonly isNow?: boolean
  /** The flags of the commands. */
  readonly connection: SameConnection.Flags
}

/** The lines about an index, or about the project. */
interface Block {
  readonly name: string
  readonly lines: ReadonlyArray<Line>
}

const styles = { "+": "green", "~": "yellow", "-": "red" } as const

type Plan = SchedulePlan.SchedulePlan

const stepLines = (step: Plan["steps"][number], isNow: boolean, screen: Screen.Service): ReadonlyArray<Line> => {
  const { sign, text } = Describe.step(step)
  return [
    { symbol: screen.style(styles[sign], sign), text },
    ...Describe.consequences(step, isNow).map(({ isLoss, text }) => ({
      symbol: isLoss ? Symbols.level(screen, "warning") : " ",
      text: isLoss ? text : `  ${text}`
    }))
  ]
}

/** The blocks of a plan, by the name of the index. Facts about the project come first. */
const blocksOf = (plan: Plan, { connection, isNow = false }: Options, screen: Screen.Service): ReadonlyArray<Block> => {
  const byName = new Map<string, Array<Line>>()
  const add = (name: string, lines: ReadonlyArray<Line>) => byName.set(name, [...byName.get(name) ?? [], ...lines])
  for (const unknown of plan.unknown) {
    add(unknown.indexName ?? "", [{ symbol: Symbols.level(screen, "unknown"), text: Describe.unknown(unknown) }])
  }
  for (const step of plan.steps) add(step.indexName, stepLines(step, isNow, screen))
  for (const blocked of plan.blocked) {
    const command = Describe.fixOf(blocked, connection)
    add(blocked.indexName, [
      { symbol: Symbols.level(screen, "critical"), text: Describe.blocked(blocked) },
      ...(command === undefined ? [] : [{ command }])
    ])
  }
  const blocks = [...byName].sort(([self], [that]) => self < that ? -1 : 1)
    .map(([name, lines]) => ({ name: name === "" ? "project" : Format.plain(name), lines }))
  return plan.extra.length === 0 ? blocks : [...blocks, {
    name: "not in the policy",
    lines: plan.extra.map((extra) => ({ symbol: Symbols.level(screen, "notice"), text: Describe.extra(extra) }))
  }]
}

/** The lines of a block, with the name beside or above them. */
const blockLines = ({ lines, name }: Block, column: number, screen: Screen.Service): ReadonlyArray<string> => {
  const { columns, style } = screen
  const isNarrow = columns < leastColumns
  const indent = isNarrow ? 2 : column
  const texts = lines.flatMap((line) => {
    if ("command" in line) {
      const label = `${" ".repeat(indent + 2)}${style("dim", "fix")}  `
      const [first = "", ...rest] = Text.wrapCommand(Format.plain(line.command), {
        columns,
        first: columns - indent - 7,
        indent: " ".repeat(indent + 2)
      })
      return [`${label}${first}`, ...rest]
    }
    const { symbol, text } = line
    const inset = text.length - text.trimStart().length
    return Text.hang(
      `${" ".repeat(indent)}${symbol} ${" ".repeat(inset)}`,
      Text.wrap(text.trimStart(), columns - indent - inset - 2)
    )
  })
  const title = style("bold", name)
  const [first = "", ...rest] = texts
  return isNarrow || Text.width(name) + 2 > column
    ? [...Text.wrap(name, columns).map((line) => style("bold", line)), ...texts]
    : [title + " ".repeat(column - Text.width(name)) + first.slice(column), ...rest]
}

const levels = { "in-step": "ok", "drift": "warning", "unknown": "unknown" } as const

/** The summary line. */
export const summary = (summary: PlanSummary.Summary, screen: Screen.Service): ReadonlyArray<string> => {
  const [first = "", ...rest] = Text.wrapParts(PlanSummary.parts(summary), screen.columns - 2, { separator: "; " })
    .flatMap((line) => Text.wrap(line, screen.columns - 2))
  return [Symbols.level(screen, levels[summary.verdict], ` ${first}`), ...rest.map((line) => `  ${line}`)]
}

/** The lines of a plan. */
export const lines = (
  plan: Plan,
  result: PlanSummary.Summary,
  screen: Screen.Service,
  options: Options
): ReadonlyArray<string> => {
  const blocks = blocksOf(plan, options, screen)
  const widest = Math.max(0, ...blocks.map(({ name }) => Text.width(name)).filter((width) => width <= longestName))
  return [...blocks.flatMap((block) => blockLines(block, widest + 2, screen)), ...summary(result, screen)]
}
