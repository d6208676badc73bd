/** Help pages, as text and as JSON, and descriptions of usage errors. */
import type * as CliError from "effect/cli/CliError"
import type * as HelpDoc from "effect/cli/HelpDoc"
import * as Option from "effect/Option"
import type * as Screen from "../terminal/Screen.ts"
import * as Text from "../terminal/Text.ts"
import * as CommandLine from "./CommandLine.ts"
import type * as Json from "./Json.ts"

// ============================================================================
// Descriptions
// ============================================================================

/** The parts of a description. */
interface Description {
  readonly text: string
  /** The default value. */
  readonly fallback: string | undefined
  /** The environment variables. */
  readonly variables: ReadonlyArray<string>
  readonly choices: ReadonlyArray<string>
}

/**
 * Parses a description. effect/cli has no default or variable for flags, so descriptions end with them in brackets:
 * `Maximum time to wait [6h]`, `API host URL [PINECONE_CONTROLLER_HOST; https://…]`. effect/cli appends the choices.
 */
const read = (description: Option.Option<string>): Description => {
  const [, text = "", brackets = "", choices] =
    /^(.*?)(?: \[([^\]]*)\])?(?: ?\(choices: ([^)]*)\))?$/s.exec(Option.getOrElse(description, () => "")) ?? []
  const parts = brackets.split("; ").filter((part) => part !== "")
  const areVariables = (part: string) => part.split(", ").every((name) => /^[A-Z][A-Z0-9_]+$/.test(name))
  return {
    text,
    fallback: parts.find((part) => !areVariables(part)),
    variables: parts.filter(areVariables).flatMap((part) => part.split(", ")),
    choices: choices === undefined ? [] : choices.split(", ")
  }
}

const describe = (description: Option.Option<string>): string => {
  const { choices, fallback, text, variables } = read(description)
  const notes = [
    ...(fallback === undefined ? [] : [`default: ${fallback}`]),
    ...(variables.length === 0 ? [] : [`env: ${variables.join(", ")}`])
  ]
  const what = choices.length === 0 ? text : `${text}: ${choices.join(", ")}`
  return notes.length === 0 ? what : `${what} (${notes.join("; ")})`
}

// ============================================================================
// Pages
// ============================================================================

type Row = readonly [left: string, right: string]

/** The width of the left column. On a narrow screen, descriptions go below. */
const leftOf = (rows: ReadonlyArray<Row>, width: number): number => {
  const most = width < 56 ? 0 : 30
  return Math.max(2, ...rows.map(([text]) => text.length).filter((length) => length <= most))
}

/** Two columns. A left cell that is too long gets its own line. */
const columns = (
  rows: ReadonlyArray<Row>,
  width: number,
  left: number = leftOf(rows, width)
): ReadonlyArray<string> => {
  const indent = " ".repeat(left + 4)
  return rows.flatMap(([text, description]) => {
    const lines = Text.wrapWords(description, width - left - 4)
    return text.length > left || lines.length === 0
      ? [`  ${text}`, ...Text.hang(indent, lines)]
      : Text.hang(`  ${text.padEnd(left)}  `, lines)
  })
}

const flagRow = ({ aliases, description, name, required, type }: HelpDoc.FlagDoc): Row => {
  const short = aliases.filter((alias) => alias.length === 2)
  const long = aliases.filter((alias) => alias.length > 2)
  const names = (short.length === 0 ? "    " : "") + [...short, `--${name}`, ...long].join(", ")
  const value = type === "boolean" ? "" : type.startsWith("[=") ? type : ` ${type.startsWith("<") ? type : `<${type}>`}`
  return [names + value, `${describe(description)}${required ? " (required)" : ""}`]
}

/** Default width, and maximum width for readable lines. */
const usualWidth = 80
const greatestWidth = 120

/** The help page of a command: usage, description, examples, then arguments and flags. */
export const page = (doc: HelpDoc.HelpDoc, screen: Pick<Screen.Service, "columns" | "style">): string => {
  const width = screen.columns === Infinity ? usualWidth : Math.min(screen.columns, greatestWidth)
  const { args = [], examples = [], flags, globalFlags = [], inheritedFlags = [], subcommands = [] } = doc
  const path = doc.commandPath ?? []
  const heading = (text: string) => screen.style("bold", text)
  const section = (title: string, lines: ReadonlyArray<string>) =>
    lines.length === 0 ? [] : ["", heading(title), ...lines]
  const table = (title: string, rows: ReadonlyArray<Row>, left?: number) => section(title, columns(rows, width, left))
  const groups = subcommands.map(({ commands, group }) => ({
    title: group?.toUpperCase() ?? "COMMANDS",
    rows: commands.map(({ alias, description, name, shortDescription }): Row => [
      alias === undefined ? name : `${name}, ${alias}`,
      shortDescription ?? description
    ])
  }))
  // All groups have the same columns.
  const left = leftOf(groups.flatMap(({ rows }) => rows), width)
  const [usage = "", ...more] = Text.wrapWords(doc.usage, width - 7)

  return [
    `${heading("USAGE")}  ${usage}`,
    ...more.map((line) => `         ${line}`),
    ...(doc.description === "" ? [] : ["", ...Text.wrapWords(doc.description, width)]),
    ...section(
      "EXAMPLES",
      examples.flatMap(({ command, description }) => [
        ...(description === undefined ? [] : Text.wrapWords(description, width - 4))
          .map((line) => screen.style("dim", `  # ${line}`)),
        `  ${command}`
      ])
    ),
    ...groups.flatMap(({ rows, title }) => table(title, rows, left)),
    ...table(
      "ARGUMENTS",
      args.map(({ description, name, required, variadic }) => [
        `<${name}>${variadic ? "..." : ""}`,
        `${describe(description)}${required ? "" : " (optional)"}`
      ])
    ),
    ...table("FLAGS", [...flags, ...inheritedFlags].map(flagRow)),
    // Only the page of the program lists the global flags.
    ...(path.length <= 1
      ? table("GLOBAL FLAGS", globalFlags.map(flagRow))
      : ["", `Global flags: ${path[0]} --help`])
  ].join("\n")
}

const flagToJson = ({ aliases, description, name, required, type }: HelpDoc.FlagDoc) => {
  const { choices, fallback, text, variables } = read(description)
  return {
    name,
    aliases,
    type,
    description: text,
    required,
    ...(fallback !== undefined && { default: fallback }),
    ...(variables.length > 0 && { environment: variables }),
    ...(choices.length > 0 && { choices })
  }
}

/** The help page of a command as JSON. */
export const toJson = (doc: HelpDoc.HelpDoc): typeof Json.HelpPage.Encoded => ({
  command: doc.commandPath ?? [],
  description: doc.description,
  usage: doc.usage,
  examples: (doc.examples ?? []).map(({ command, description }) => ({
    command,
    ...(description !== undefined && { description })
  })),
  arguments: (doc.args ?? []).map(({ description, name, required, type, variadic }) => {
    const { choices, text } = read(description)
    return { name, type, description: text, required, variadic, ...(choices.length > 0 && { choices }) }
  }),
  flags: [...doc.flags, ...(doc.inheritedFlags ?? [])].map(flagToJson),
  subcommands: (doc.subcommands ?? []).flatMap(({ commands, group }) =>
    commands.map(({ alias, description, name }) => ({
      name,
      ...(alias !== undefined && { alias }),
      ...(group !== undefined && { group }),
      description
    }))
  ),
  global_flags: (doc.globalFlags ?? []).map(flagToJson)
})

// ============================================================================
// Usage errors
// ============================================================================

/** The edit distance between two strings, counting swapped letters as one edit. */
const distance = (a: string, b: string): number => {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const above = rows[i - 1]!
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, replaced, isSwap ? rows[i - 2]![j - 2]! + 1 : Infinity))
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}

/** Suggestions for a mistyped word: the nearest words, and words that start with it. */
export const nearest = (typed: string, all: ReadonlyArray<string>): ReadonlyArray<string> => {
  const word = typed.toLowerCase()
  const near = [...new Set(all)].map((one) => ({
    one,
    off: word.length >= 3 && one.toLowerCase().startsWith(word) ? 0 : distance(word, one.toLowerCase())
  })).filter(({ off, one }) => off <= Math.min(2, Math.floor(one.length / 2)))
  const least = Math.min(...near.map(({ off }) => off))
  return near.filter(({ off }) => off === least).map(({ one }) => one)
}

/** A usage error, with suggestions. */
export interface Mistake {
  readonly message: string
  readonly suggestions: ReadonlyArray<string>
}

/** Joins choices: `daily, weekly or monthly`. */
const oneOf = (words: ReadonlyArray<string>): string =>
  [words.slice(0, -1).join(", "), ...words.slice(-1)].filter((part) => part !== "").join(" or ")

/** Parses the choices that effect/cli joins into one string: `"daily" | "weekly"`. */
const choicesOf = (expected: string): ReadonlyArray<string> =>
  /^"[^"]*"(?: \| "[^"]*")*$/.test(expected) ? expected.slice(1, -1).split("\" | \"") : []

/** The message of effect/cli for an invalid number, which can only be recognized by its text. */
const notANumber = "Expected a string representing a finite number"

const isName = ({ _tag }: CliError.NonShowHelpErrors) => _tag === "UnrecognizedOption" || _tag === "UnknownSubcommand"

/**
 * Describes the usage error to report. An unknown name is reported first, because other errors often follow from it.
 */
export const mistake = (
  errors: ReadonlyArray<CliError.NonShowHelpErrors>,
  { args = [], flags, globalFlags = [], inheritedFlags = [], subcommands = [] }: HelpDoc.HelpDoc,
  commandLine: ReadonlyArray<string>
): Mistake => {
  const error = errors.find(isName) ?? errors[0]
  if (error === undefined) return { message: "Invalid command line", suggestions: [] }
  switch (error._tag) {
    case "UnrecognizedOption": {
      const names = [...flags, ...inheritedFlags, ...globalFlags].flatMap(({ aliases, name }) => [
        name,
        ...aliases.map((alias) => alias.replace(/^-+/, "")).filter((alias) => alias.length > 1)
      ])
      const [name = ""] = error.option.replace(/^-+/, "").split("=")
      return {
        message: `Unrecognized flag: ${error.option.replace(/=.*/s, "")}`,
        suggestions: error.option.startsWith("--") ? nearest(name, names).map((name) => `--${name}`) : []
      }
    }
    case "UnknownSubcommand": {
      const names = subcommands.flatMap(({ commands }) => commands).flatMap(({ alias, name }) =>
        alias === undefined ? [name] : [name, alias]
      )
      return {
        message: `Unknown command: ${[...(error.parent ?? []), error.subcommand].join(" ")}`,
        suggestions: nearest(error.subcommand, names)
      }
    }
    case "InvalidValue": {
      const { expected, kind, option, value } = error
      const choices = choicesOf(expected)
      const own = flags.find(({ name }) => name === option)
      if (own !== undefined && read(own.description).choices.includes(value)) {
        // A flag before the command is the global flag, which does not accept this value.
        return { message: `--${option} ${value} must come after the command`, suggestions: [] }
      }
      const what = kind === "argument"
        ? `Invalid value for argument <${option}>: "${value}"`
        : value === ""
        ? `Missing value for flag --${option}`
        : `Invalid value for flag --${option}: "${value}"`
      const wanted = choices.length > 0
        ? `Expected ${oneOf(choices)}`
        : expected === notANumber
        ? "Expected a number"
        : expected.startsWith("Expected ")
        ? expected
        : `Expected: ${expected}`
      return { message: `${what}. ${wanted}`, suggestions: nearest(value, choices) }
    }
    case "UnexpectedArgument": {
      const [word = "", ...others] = error.arguments
      const index = args.length === 0 && others.length === 0 ? flags.find(({ name }) => name === "index") : undefined
      const isGiven = commandLine.some((given) =>
        ["--index", ...index?.aliases ?? []].includes(given.replace(/=.*/s, ""))
      )
      const flag = index === undefined || isGiven ? undefined : CommandLine.words`--index ${word}`
      return { message: error.message, suggestions: flag === undefined ? [] : [flag] }
    }
    default:
      return { message: error.message, suggestions: [] }
  }
}
