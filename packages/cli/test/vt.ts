/** The screen of a terminal after some output. */
export interface Screen {
  /** The lines, without trailing spaces. */
  readonly lines: ReadonlyArray<string>
  /** The line of the cursor, from 0. */
  readonly row: number
  readonly isCursorVisible: boolean
  readonly isWrapping: boolean
}

const sequence = new RegExp(`${"\u001b"}\\[(?<parameters>[\\d;?]*)(?<command>[A-Za-z])|(?<character>[^])`, "gu")

/** A terminal with a number of columns that supports only the escape codes of this program. */
export const show = (written: string, columns = Infinity): Screen => {
  const lines: Array<Array<string>> = [[]]
  let row = 0
  let column = 0
  let isCursorVisible = true
  let isWrapping = true
  const type = (character: string) => {
    if (column >= columns) {
      if (!isWrapping) column = columns - 1
      else newLine()
    }
    const line = lines[row] ?? []
    while (line.length < column) line.push(" ")
    line[column] = character
    column++
  }
  const newLine = () => {
    row++
    column = 0
    while (lines.length <= row) lines.push([])
  }
  for (const { groups = {} } of written.matchAll(sequence)) {
    const { character, command = "", parameters = "" } = groups
    if (character === "\r") column = 0
    else if (character === "\n") newLine()
    else if (character !== undefined) type(character)
    else {
      switch (`${parameters.startsWith("?") ? parameters : ""}${command}`) {
        case "A":
          row = Math.max(0, row - Number(parameters || 1))
          break
        case "K":
          if (parameters !== "2") throw new Error(`Not known here: ${parameters}K`)
          lines[row] = []
          break
        case "J":
          if (parameters !== "") throw new Error(`Not known here: ${parameters}J`)
          lines[row] = (lines[row] ?? []).slice(0, column)
          lines.length = row + 1
          break
        case "m":
          break
        case "?25l":
        case "?25h":
          isCursorVisible = command === "h"
          break
        case "?7l":
        case "?7h":
          isWrapping = command === "h"
          break
        default:
          throw new Error(`Not known here: ${parameters}${command}`)
      }
    }
  }
  const shown = lines.map((line) => line.join("").trimEnd())
  return { lines: shown.slice(0, shown.findLastIndex((line) => line !== "") + 1), row, isCursorVisible, isWrapping }
}
