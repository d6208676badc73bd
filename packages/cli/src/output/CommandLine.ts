/** Command lines to paste into a shell, with names from other people. */
import * as Format from "../terminal/Format.ts"

const quoted = (word: string): string => /^[\w.@:/+-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`

/** Returns `true` if a string is safe as an argument: not a flag, and without control characters. */
const isWord = (word: string): boolean => word !== "" && !word.startsWith("-") && Format.plain(word) === word

/** Operands after `--`, quoted for a shell. They may look like flags. `undefined` if one contains control characters. */
export const operands = (words: ReadonlyArray<string>): string | undefined =>
  words.every((word) => !/\p{Cc}/u.test(word)) ? words.map(quoted).join(" ") : undefined

/**
 * A command line from a template.
 *
 * **Details**
 *
 * Inserted values are quoted if needed, so that a name cannot run a command. Several values are separated by spaces.
 * `undefined` if a value is empty, contains control characters or looks like a flag.
 */
export const make = (
  template: TemplateStringsArray,
  ...parts: ReadonlyArray<string | number | ReadonlyArray<string>>
): string | undefined => {
  const filledIn = parts.map((part) => typeof part === "object" ? part : [String(part)])
  return filledIn.flat().every(isWord)
    ? String.raw({ raw: template }, ...filledIn.map((words) => words.map(quoted).join(" ")))
    : undefined
}
