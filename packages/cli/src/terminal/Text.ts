/** The width of texts on a screen, and how they are cut, padded and broken into lines. */
import * as CliOutput from "effect/cli/CliOutput"

const ascii = /^[\x20-\x7e]*$/

/** How many columns of a screen a text takes. Colours take none. */
export const width = (text: string): number => ascii.test(text) ? text.length : CliOutput.displayWidth(text)

/** A text without colours. */
export const undressed = (text: string): string => text.replace(/\p{Cc}\[[\d;]*m/gu, "")

/** Made when it is needed, since that takes 10 ms. */
let graphemes: Intl.Segmenter | undefined

/** As much of a text as fits some columns. What looks like one character is not cut through, however wide it is. */
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

/** A text in so many columns at most, with an ellipsis where it was cut. For texts without colours. */
export const shorten = (text: string, columns: number, ellipsis: string): string =>
  width(text) <= columns ? text : `${cut(text, columns - ellipsis.length)}${ellipsis}`

/** A text and spaces, up to so many columns. */
export const pad = (text: string, columns: number, align: "left" | "right" = "left"): string => {
  const space = " ".repeat(Math.max(0, columns - width(text)))
  return align === "right" ? space + text : text + space
}

/** Lines below each other, the first behind a label and the others as far to the right as it. */
export const hang = (label: string, lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const indent = " ".repeat(width(label))
  return lines.map((line, index) => (index === 0 ? label : indent) + line)
}

/**
 * Parts of a text, as many on a line of so many columns as fit, with a separator between them. The lines below the first
 * begin with `indent`. A part that is wider than that has a line of its own.
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

/** The words of a text, on lines of so many columns. A word that is longer than a line has one of its own. */
export const wrapWords = (text: string, columns: number): ReadonlyArray<string> =>
  wrapParts(text.split(" "), columns, { separator: " " })

/** A word in parts of so many columns. What is wider than that, and one character, stays whole. */
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

/** A text on lines of so many columns. A word that is longer than a line goes on in the next. */
export const wrap = (text: string, columns: number): ReadonlyArray<string> =>
  width(text) <= columns
    ? [text]
    : wrapParts(text.split(" ").flatMap((word) => split(word, columns)), columns, { separator: " " })

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
export const wrapCommand = (
  command: string,
  { columns, first, indent }: { readonly columns: number; readonly first: number; readonly indent: string }
): ReadonlyArray<string> => {
  if (width(command) <= first) return [command]
  const lines: Array<string> = []
  let line = ""
  /** Of every line but the last, two columns are for what says that it goes on. */
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
    if (line !== "") goOn(" \\", indent)
    if (width(word) <= room()) {
      line += word
      continue
    }
    // Parts of a word are put together again where each stands at the beginning of a line.
    for (let rest = unquoted(word), isFirst = true; isFirst || rest !== ""; isFirst = false) {
      if (!isFirst) goOn("\\", "")
      const start = shellStart(rest, room())
      line += quoted(start)
      rest = rest.slice(start.length)
    }
  }
  return [...lines, line]
}
