/** Command lines to paste into a shell, with names in them that somebody else has chosen. */
import * as Format from "../terminal/Format.ts"

const quoted = (word: string): string => /^[\w.@:/+-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`

/** What can stand for itself: no option, and nothing that no terminal should be given. */
const isWord = (word: string): boolean => word !== "" && !word.startsWith("-") && Format.plain(word) === word

/**
 * A command line out of a template. What is filled in is quoted where a shell would not take it for a plain word, so
 * that a name cannot be a command; several words are separated by spaces. `undefined` if one of them is empty, has
 * characters that no terminal should be given, or would be taken for an option.
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
