import type * as Screen from "../src/terminal/Screen.ts"

const plain: Screen.Service["style"] = (_, text) => text

/** A terminal without colors. */
export const plainScreen = (columns: number): Screen.Service => ({
  isTerminal: true,
  columns,
  isErrorTerminal: true,
  errorColumns: columns,
  canAsk: false,
  isUnicode: true,
  style: plain,
  errorStyle: plain
})
