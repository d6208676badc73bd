/**
 * What was probably meant.
 *
 * @since 0.1.0
 */
import type * as CliError from "effect/cli/CliError"

/** How many letters have to be typed, dropped, replaced or swapped with their neighbour to get from one text to another. */
const distance = (from: string, to: string): number => {
  const rows = Array.from(
    { length: from.length + 1 },
    (_, row) => Array.from({ length: to.length + 1 }, (_, column) => row === 0 ? column : column === 0 ? row : 0)
  )
  const at = (row: number, column: number) => rows[row]?.[column] ?? Infinity
  for (let row = 1; row <= from.length; row++) {
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1]
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      rows[row]?.splice(
        column,
        1,
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (isSame ? 0 : 1),
          isSwapped ? at(row - 2, column - 2) + 1 : Infinity
        )
      )
    }
  }
  return at(from.length, to.length)
}

/**
 * The message of an error, and what was probably meant where a value is not one of those there are. The parser does
 * this for commands and flags, not for their values.
 *
 * @category formatting
 * @since 0.1.0
 */
export const messageOf = (error: CliError.CliError): string => {
  if (error._tag !== "InvalidValue") return error.message
  // The values there are, as the parser lists them: "daily" | "weekly".
  const values = /^"[^"]*"(?: \| "[^"]*")+$/.test(error.expected) ? error.expected.slice(1, -1).split("\" | \"") : []
  const typed = error.value.toLowerCase()
  const [best] = values.map((value) => [distance(typed, value), value] as const)
    .filter(([distance, value]) => distance <= Math.min(2, value.length - 1))
    .sort(([self], [that]) => self - that)
  return best === undefined ? error.message : `${error.message}. Did you mean "${best[1]}"?`
}
