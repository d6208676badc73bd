/** Command lines to paste into a shell, with names from other people. */
import * as Format from "../terminal/Format.ts"

const quoted = (word: string): string => /^[\w.@:/+-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`

/** Returns `true` if a string is safe as an argument: not a flag, and without control characters. */
const isWord = (word: string): boolean => word !== "" && !word.startsWith("-") && Format.plain(word) === word

/** Operands after `--`, quoted for a shell. They may look like flags. `undefined` if one contains control characters. */
export const operands = (words: ReadonlyArray<string>): string | undefined =>
  words.every((word) => !/\p{Cc}/u.test(word)) ? words.map(quoted).join(" ") : undefined

type Template = readonly [
  template: TemplateStringsArray,
  ...parts: ReadonlyArray<string | number | ReadonlyArray<string>>
]

/**
 * Words of a command line from a template.
 *
 * **Details**
 *
 * Inserted values are quoted if needed, so that a name cannot run a command. Several values are separated by spaces.
 * `undefined` if a value is empty, contains control characters or looks like a flag.
 */
export const words = (...[template, ...parts]: Template): string | undefined => {
  const filledIn = parts.map((part) => typeof part === "object" ? part : [String(part)])
  return filledIn.flat().every(isWord)
    ? String.raw({ raw: template }, ...filledIn.map((words) => words.map(quoted).join(" ")))
    : undefined
}

/** A suggested command line of this program. `SameConnection` makes it a string that can be pasted. */
export interface Command {
  /** Text in front of the command line. */
  readonly before: string
  readonly line: string
  /** Operands or text after the command line, where no flag can follow. */
  readonly after: string
  /** Replaces everything if the command line cannot be pasted. */
  readonly otherwise: string | undefined
  /** Whether the command connects to Pinecone, so that it needs the flags of the connection. */
  readonly connects: boolean
}

/** The suggested next step: a command, or text that at most mentions commands. */
export type Hint = string | Command

/** A command from parts. Its first part has the name of the program. `undefined` if any part is. */
export const join = (parts: ReadonlyArray<string | undefined>, connects = true): Command | undefined =>
  parts.includes(undefined)
    ? undefined
    : { before: "", line: parts.join(""), after: "", otherwise: undefined, connects }

/** A command that connects to Pinecone, from a template as in {@link words}. */
export const make = (...template: Template): Command | undefined => join([words(...template)])

/** Like {@link make}, for a command that does not connect. */
export const unconnected = (...template: Template): Command | undefined => join([words(...template)], false)

/** A hint with text around a command. `otherwise` is the hint if the command cannot be pasted. */
export const within = (
  command: Command | undefined,
  { after = "", before = "", otherwise }: {
    readonly before?: string
    readonly after?: string
    readonly otherwise?: string | undefined
  }
): Hint | undefined => command === undefined ? otherwise : { ...command, before, after, otherwise }
