/** The columns that tables of backups, runs, restores and schedules have in common. */
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Time from "../output/Time.ts"
import * as Format from "../terminal/Format.ts"
import * as Screen from "../terminal/Screen.ts"
import * as Symbols from "../terminal/SymbolsAndColors.ts"
import type * as Table from "../terminal/Table.ts"

/** What becomes of a column where the screen is narrow. */
type Layout = Pick<Table.Column<never>, "dropAt" | "shrinkTo" | "isPressing">

/** A value, as far as it is known. */
type Get<A, B> = (value: A) => B | null | undefined

/** How a value is written. */
interface Style<in B> {
  readonly show: (value: B) => string
  readonly wide?: (value: B) => string
  readonly raw: (value: B) => string
}

const raw = Format.orElse("")

/** The columns, as people want times to be told and as the screen shows what is not known. */
export const make = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const when = yield* Time.when
  const exactly = yield* Time.exactly
  const known = Symbols.orDash(screen)

  /** A value that may not be known. */
  const column = <A, B>(
    header: string,
    get: Get<A, B>,
    { wide, ...style }: Style<B>,
    layout: Layout = {}
  ): Table.Column<A> => ({
    ...layout,
    header,
    show: (value) => known(get(value), style.show),
    wide: wide && ((value) => known(get(value), wide)),
    raw: (value) => raw(get(value), style.raw)
  })

  const dim = (text: string) => screen.style("dim", text)
  const shortened =
    (show: (text: string) => string) =>
    <A>(header: string, get: (value: A) => string, layout: Layout = {}): Table.Column<A> => ({
      ...layout,
      header,
      show: (value) => show(Format.plain(Format.shortId(get(value)))),
      wide: (value) => Format.plain(get(value)),
      raw: get
    })

  /** A number: with thousands separators, if `show` does not say otherwise. */
  const number = <A>(
    header: string,
    get: Get<A, number>,
    { show = Format.count, ...layout }: Layout & { readonly show?: (value: number) => string } = {}
  ): Table.Column<A> => ({ ...column(header, get, { show, raw: String }, layout), align: "right" })

  return {
    column,
    /** A text of the service. */
    text: <A>(header: string, get: Get<A, string>, layout: Layout = {}) =>
      column(header, get, { show: Format.plain, raw: String }, layout),
    number,
    /** How far something has come, of a hundred. */
    percent: <A>(header: string, get: Get<A, number>, layout: Layout = {}) =>
      number(header, get, { ...layout, show: (percent) => `${Math.floor(percent)}%` }),
    /** An instant, as it is to be told; exactly, where there is room for it. */
    instant: <A>(header: string, get: Get<A, DateTime.Utc>, layout: Layout = {}) =>
      column(header, get, { show: when, wide: exactly, raw: Format.iso }, layout),
    /** An instant that is never told as seen from now. */
    exactInstant: <A>(header: string, get: Get<A, DateTime.Utc>, layout: Layout = {}) =>
      column(header, get, { show: exactly, raw: Format.iso }, layout),
    /** The status in the word of the service, with the symbol of how far that is. */
    status: <A extends { readonly status: string }>(
      phaseOf: (value: A) => Symbols.Phase,
      layout: Layout = {}
    ): Table.Column<A> => ({
      ...layout,
      header: "STATUS",
      show: (value) => Symbols.status(screen, phaseOf(value), value.status),
      raw: ({ status }) => status
    }),
    /** The id of a row, shortened where there is no room for it. */
    id: shortened(dim),
    /** The id of something that the row is about. */
    otherId: shortened((text) => text)
  }
})

/** The column of something that rows of another kind have. */
export const over =
  <A, B>(get: (row: B) => A) => ({ raw, show, wide, ...column }: Table.Column<A>): Table.Column<B> => ({
    ...column,
    show: (row) => show(get(row)),
    wide: wide && ((row) => wide(get(row))),
    raw: (row) => raw(get(row))
  })
