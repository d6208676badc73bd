/** Texts and command lines on a screen of so many columns. */
import * as CliOutput from "effect/cli/CliOutput"
import * as Live from "./Live.ts"

const ascii = /^[\x20-\x7e]*$/

/** How many columns a text takes. */
export const width = (text: string): number => ascii.test(text) ? text.length : CliOutput.displayWidth(text)

/** A text and spaces, up to so many columns. */
export const pad = (text: string, columns: number): string => text + " ".repeat(Math.max(0, columns - width(text)))

/** A word in parts of so many columns. What is wider than that, and one character, stays whole. */
const parts = (word: string, columns: number): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (let rest = word; rest !== "";) {
    const part = width(rest) <= columns ? rest : Live.cut(rest, columns) || rest
    found.push(part)
    rest = rest.slice(part.length)
  }
  return found
}

/** A text on lines of so many columns. A word that is longer than a line goes on in the next. */
export const text = (text: string, columns: number): ReadonlyArray<string> => {
  if (width(text) <= columns) return [text]
  const lines: Array<string> = []
  for (const word of text.split(" ")) {
    const last = lines.at(-1)
    if (last !== undefined && width(last) + 1 + width(word) <= columns) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(...parts(word, columns))
  }
  return lines
}

/** The words of a command line as they are written, quotes included. */
const wordsOf = (command: string): ReadonlyArray<string> =>
  [...command.matchAll(/(?:'[^']*'|\\.|[^\s'\\])+/gs)].map(([word]) => word)

/** What a word says, without its quotes. */
const unquoted = (word: string): string => word.replace(/'([^']*)'|\\(.)/gs, (_, quoted, escaped) => quoted ?? escaped)

const quoted = (text: string): string => /^[\w.@:+-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** The beginning of a text that has room in so many columns when it is quoted, and is one character at least. */
const shellStart = (text: string, columns: number): string => {
  let start = ""
  for (const character of text) {
    if (start !== "" && width(quoted(start + character)) > columns) break
    start += character
  }
  return start
}

/**
 * A command line on lines of so many columns, to be pasted into a shell as they are. The first line has `first` columns
 * and the others begin with `indent`, but for what goes on in the middle of a word.
 */
export const command = (
  command: string,
  { columns, first, indent }: { readonly columns: number; readonly first: number; readonly indent: string }
): ReadonlyArray<string> => {
  if (width(command) <= first) return [command]
  const lines: Array<string> = []
  let line = ""
  let left = first
  /** Of every line but the last, two columns are for what says that it goes on. */
  const room = 2
  for (const word of wordsOf(command)) {
    if (line !== "" && width(line) + 1 + width(word) <= left - room) {
      line += ` ${word}`
      continue
    }
    if (line !== "") {
      lines.push(`${line} \\`)
      line = indent
      left = columns
    }
    if (width(line + word) <= left - room) {
      line += word
      continue
    }
    // Parts of a word are put together again where each stands at the beginning of a line.
    for (let rest = unquoted(word), isFirst = true; isFirst || rest !== ""; isFirst = false) {
      if (!isFirst) {
        lines.push(`${line}\\`)
        line = ""
        left = columns
      }
      const start = shellStart(rest, left - room - width(line))
      line += quoted(start)
      rest = rest.slice(start.length)
    }
  }
  return [...lines, line]
}
