/** Tables without lines: aligned columns on a screen, tab-separated values in a pipe. */
import * as Format from "./Format.ts"
import * as Symbols from "./SymbolsAndColors.ts"
import * as Text from "./Text.ts"

/** A column of a table over values of type `A`. */
export interface Column<in A> {
  readonly header: string
  /** The cell for people. May be colored. */
  readonly show: (value: A) => string
  /** The cell in a wide table, not shortened. Defaults to `show`. */
  readonly wide?: ((value: A) => string) | undefined
  /** The value for programs, neither shortened nor styled. */
  readonly raw: (value: A) => string
  readonly align?: "left" | "right" | undefined
  /** On a narrow screen, columns with a higher number are dropped first. Columns without a number are never dropped. */
  readonly dropAt?: number | undefined
  /** Minimum width when shortened, on a narrow screen or to make room for a pressing column. */
  readonly shrinkTo?: number | undefined
  /** Whether other columns are shortened before this one is dropped. */
  readonly isPressing?: boolean | undefined
}

/** The cell of a row, in full if the screen is unlimited. */
export const cell = <A>(column: Column<A>, row: A, screen: { readonly columns: number }): string =>
  (screen.columns === Infinity ? column.wide ?? column.show : column.show)(row)

/** Number of spaces between columns. */
export const gap = 2

/** A table layout, based on the first rows and used for all rows. */
export interface Layout<in A> {
  /** The header line. */
  readonly header: string
  /** The headers of columns that do not fit. */
  readonly hidden: ReadonlyArray<string>
  /** Formats the line of one value. */
  readonly line: (value: A) => string
}

/**
 * Lays out a table: as wide as the first rows need, without columns that do not fit. With `Infinity` columns,
 * everything fits and nothing is shortened.
 */
export const layout = <A>(
  columns: ReadonlyArray<Column<A>>,
  firstRows: ReadonlyArray<A>,
  screen: { readonly columns: number; readonly isUnicode: boolean }
): Layout<A> => {
  const show = (column: Column<A>, row: A) => cell(column, row, screen)
  const cells = columns.map((column) => ({
    column,
    width: firstRows.reduce((widest, row) => Math.max(widest, Text.width(show(column, row))), Text.width(column.header))
  }))
  const spare = ({ column, width }: typeof cells[number]) => Math.max(0, width - (column.shrinkTo ?? Infinity))
  // Place columns by importance while they fit. They are printed in their original order.
  let left = screen.columns + gap
  const fitting = new Set<typeof cells[number]>()
  for (const cell of [...cells].sort((self, that) => (self.column.dropAt ?? 0) - (that.column.dropAt ?? 0))) {
    const { dropAt = 0, isPressing = false } = cell.column
    const needed = cell.width + gap
    const missing = needed - left
    if (missing > 0) {
      const isDropped = dropAt > 0
      // Shorten the column itself before dropping it, and only then shorten others.
      const fitsShortened = spare(cell) >= missing
      const candidates = fitsShortened ? [cell] : [...fitting, ...(isDropped ? [] : [cell])]
      const shrinking = candidates.sort((self, that) => spare(that) - spare(self))[0]
      const cut = shrinking === undefined ? 0 : Math.min(missing, spare(shrinking))
      if (isDropped && !fitsShortened && (!isPressing || cut < missing)) continue
      if (shrinking !== undefined) shrinking.width -= cut
      left += cut
    }
    fitting.add(cell)
    left -= needed
  }
  const shown = cells.filter((cell) => fitting.has(cell))

  const join = (textOf: (column: Column<A>) => string) =>
    shown.map(({ column, width }) => {
      const text = textOf(column)
      const fitted = column.shrinkTo === undefined ? text : Text.shorten(text, width, Symbols.ellipsis(screen))
      return Text.pad(fitted, width, column.align)
    }).join(" ".repeat(gap)).trimEnd()
  return {
    header: join((column) => column.header),
    hidden: cells.filter((cell) => !fitting.has(cell)).map(({ column }) => column.header.toLowerCase()),
    line: (row) => join((column) => show(column, row))
  }
}

/** Formats one value as a line of tab-separated values. */
export const tsv = <A>(columns: ReadonlyArray<Column<A>>) => (row: A): string =>
  columns.map((column) => Format.plain(column.raw(row))).join("\t")
