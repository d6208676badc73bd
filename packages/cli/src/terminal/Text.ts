/** Measures, cuts, pads and wraps text. */
import * as CliOutput from "effect/cli/CliOutput"
import { identity } from "effect/Function"

const ascii = /^[\x20-\x7e]*$/

/** The width of text in columns, without styles. */
export const width = (text: string): number => ascii.test(text) ? text.length : CliOutput.displayWidth(text)

/** Removes styles from text. */
export const undressed = (text: string): string => text.replace(/\p{Cc}\[[\d;]*m/gu, "")

/** Created on demand, because creation takes 10 ms. */
let graphemes: Intl.Segmenter | undefined

/** Cuts text to a width, without splitting a grapheme. */
export const cut = (text: string, columns: number): string => {
  if (width(text) <= columns) return text
  graphemes ??= new Intl.Segmenter()
  let left = columns
  let end = 0
  for (const { index, segment } of graphemes.segment(text)) {
    left -= CliOutput.displayWidth(segment)
    if (left < 0) break
    end = index + segment.length
  }
  return text.slice(0, end)
}

/** Shortens unstyled text to a width, with an ellipsis. */
export const shorten = (text: string, columns: number, ellipsis: string): string =>
  width(text) <= columns ? text : `${cut(text, columns - ellipsis.length)}${ellipsis}`

/** Pads text with spaces to a width. */
export const pad = (text: string, columns: number, align: "left" | "right" = "left"): string => {
  const space = " ".repeat(Math.max(0, columns - width(text)))
  return align === "right" ? space + text : text + space
}

/** Prefixes the first line with a label, and indents the others to align with it. */
export const hang = (label: string, lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const indent = " ".repeat(width(label))
  return lines.map((line, index) => (index === 0 ? label : indent) + line)
}

/**
 * Joins parts into lines of a maximum width, with separators. Continuation lines start with `indent`. A part that is
 * too wide gets its own line.
 */
export const wrapParts = (
  parts: ReadonlyArray<string>,
  columns: number,
  { indent = "", separator }: { readonly separator: string; readonly indent?: string | undefined }
): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const part of parts) {
    const last = lines.at(-1)
    if (last !== undefined && width(last) + width(separator) + width(part) <= columns) {
      lines[lines.length - 1] = last + separator + part
    } else if (part !== "") lines.push(last === undefined ? part : indent + part)
  }
  return lines
}

/** Wraps text at spaces. A word that is too long gets its own line. */
export const wrapWords = (text: string, columns: number): ReadonlyArray<string> =>
  wrapParts(text.split(" "), columns, { separator: " " })

/** Splits a word into parts of a maximum width. A single character that is wider stays whole. */
const split = (word: string, columns: number): ReadonlyArray<string> => {
  const found: Array<string> = []
  let rest = word
  do {
    const part = cut(rest, columns) || rest
    found.push(part)
    rest = rest.slice(part.length)
  } while (rest !== "")
  return found
}

/** Wraps text at spaces, and splits words that are too long. */
export const wrap = (text: string, columns: number): ReadonlyArray<string> =>
  width(text) <= columns
    ? [text]
    : wrapParts(text.split(" ").flatMap((word) => split(word, columns)), columns, { separator: " " })

/** Wraps a line. Continuation lines are indented by two more columns than the line. */
export const fit = (line: string, columns: number): ReadonlyArray<string> => {
  if (width(line) <= columns) return [line]
  const indent = line.length - line.trimStart().length
  return wrap(line.slice(indent), Math.max(1, columns - indent - 2))
    .map((part, index) => " ".repeat(index === 0 ? indent : indent + 2) + part)
}

/**
 * Wraps text beside a label, so that continuation lines align. If a word fits below the label but not beside it, all of
 * the text goes below. `dress` styles each line.
 */
export const beside = (
  label: string,
  text: string,
  columns: number,
  dress: (line: string) => string = identity
): ReadonlyArray<string> => {
  const indent = "    "
  const room = Math.max(1, columns - width(label))
  const longest = text.split(" ").reduce((longest, word) => Math.max(longest, width(word)), 0)
  return longest > room && longest <= columns - indent.length
    ? [label.trimEnd(), ...wrap(text, columns - indent.length).map((line) => `${indent}${dress(line)}`)]
    : hang(label, wrap(text, room).map(dress))
}

/** The words of a command line, with quotes. */
const wordsOf = (command: string): ReadonlyArray<string> =>
  [...command.matchAll(/(?:'[^']*'|\\.|[^\s'\\])+/gs)].map(([word]) => word)

/** A word without quotes. */
const unquoted = (word: string): string => word.replace(/'([^']*)'|\\(.)/gs, (_, quoted, escaped) => quoted ?? escaped)

const quoted = (text: string): string => /^[\w.@:+-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/** The longest prefix that fits a width when quoted, at least one character. */
const shellStart = (text: string, columns: number): string => {
  let start = ""
  for (const character of text) {
    if (start !== "" && width(quoted(start + character)) > columns) break
    start += character
  }
  return start
}

/**
 * Wraps a command line so that it can be pasted into a shell. The first line has `first` columns; the others start with
 * `indent` or less, and with nothing when they continue a word.
 */
export const wrapCommand = (
  command: string,
  { columns, first, indent }: { readonly columns: number; readonly first: number; readonly indent: string }
): ReadonlyArray<string> => {
  if (width(command) <= first) return [command]
  const lines: Array<string> = []
  let line = ""
  /** The remaining width, reserving two columns for the continuation mark. */
  const room = () => (lines.length === 0 ? first : columns) - 2 - width(line)
  const goOn = (end: string, begin: string) => {
    lines.push(line + end)
    line = begin
  }
  for (const word of wordsOf(command)) {
    if (line !== "" && width(word) < room()) {
      line += ` ${word}`
      continue
    }
    // Indent less rather than split a word.
    if (line !== "") goOn(" \\", indent.slice(0, Math.max(0, columns - 2 - width(word))))
    if (width(word) <= room()) {
      line += word
      continue
    }
    // The shell joins the parts of a word only if they are not indented.
    for (let rest = unquoted(word), isFirst = true; isFirst || rest !== ""; isFirst = false) {
      if (!isFirst) goOn("\\", "")
      const start = shellStart(rest, room())
      line += quoted(start)
      rest = rest.slice(start.length)
    }
  }
  return [...lines, line]
}
