/** Tables without lines: aligned columns on a screen, tab-separated values in a pipe. */
import * as Format from "./Format.ts"
import * as Symbols from "./SymbolsAndColors.ts"
import * as Text from "./Text.ts"

/** A column of a table over values of type `A`. */
export interface Column<in A> {
  readonly header: string
  /** What a person sees. May be dressed in colours. */
  readonly show: (value: A) => string
  /** What a person sees who wants everything: nothing shortened. As `show`, if left out. */
  readonly wide?: ((value: A) => string) | undefined
  /** What a program gets: nothing shortened, nothing dressed. */
  readonly raw: (value: A) => string
  readonly align?: "left" | "right" | undefined
  /** Where the screen is narrow, columns with a lower number are shown first; those without one always. */
  readonly dropAt?: number | undefined
  /** What it may be shortened to, where the screen is narrower than that, or for columns that are `pressing`. */
  readonly shrinkTo?: number | undefined
  /** Whether others are shortened before this one is left out. */
  readonly isPressing?: boolean | undefined
}

/** What a screen shows of a row in a column: all of it, where there is room for everything. */
export const cell = <A>(column: Column<A>, row: A, screen: { readonly columns: number }): string =>
  (screen.columns === Infinity ? column.wide ?? column.show : column.show)(row)

/** How many columns there are between two of a table. */
export const gap = 2

/** A table that is laid out by its first rows and printed as more of them arrive. */
export interface Layout<in A> {
  /** The header line. */
  readonly header: string
  /** The headers of the columns that do not fit the screen. */
  readonly hidden: ReadonlyArray<string>
  /** The line of one value. */
  readonly line: (value: A) => string
}

/**
 * Lays a table out: as wide as the first rows need, and without the columns the screen has no room for. On a screen
 * of `Infinity` columns there is room for everything, and nothing is shortened.
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
  // The most important first, each that still fits; on the screen they keep their order.
  let left = screen.columns + gap
  const fitting = new Set<typeof cells[number]>()
  for (const cell of [...cells].sort((self, that) => (self.column.dropAt ?? 0) - (that.column.dropAt ?? 0))) {
    const { dropAt = 0, isPressing = false } = cell.column
    const needed = cell.width + gap
    const missing = needed - left
    if (missing > 0) {
      const isDropped = dropAt > 0
      // Rather than being left out it is shortened itself, and only then are others.
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

/** The line of one value as tab-separated values. */
export const tsv = <A>(columns: ReadonlyArray<Column<A>>) => (row: A): string =>
  columns.map((column) => Format.plain(column.raw(row))).join("\t")
