/** Columns shared by tables of backups, runs, restores and schedules. */
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Time from "../output/Time.ts"
import * as Format from "../terminal/Format.ts"
import * as Screen from "../terminal/Screen.ts"
import * as Symbols from "../terminal/SymbolsAndColors.ts"
import type * as Table from "../terminal/Table.ts"

/** The layout of a column on a narrow screen. */
type Layout = Pick<Table.Column<never>, "dropAt" | "shrinkTo" | "isPressing">

/** Reads a value that may be unknown. */
type Get<A, B> = (value: A) => B | null | undefined

/** The formats of a value. */
interface Style<in B> {
  readonly show: (value: B) => string
  readonly wide?: (value: B) => string
  readonly raw: (value: B) => string
}

const raw = Format.orElse("")

/** Makes columns for the time format and the screen. */
export const make = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const when = yield* Time.when
  const exactly = yield* Time.exactly
  const known = Symbols.orDash(screen)

  /** A column of a value that may be unknown. */
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

  /** A column of numbers, by default with thousands separators. */
  const number = <A>(
    header: string,
    get: Get<A, number>,
    { show = Format.count, ...layout }: Layout & { readonly show?: (value: number) => string } = {}
  ): Table.Column<A> => ({ ...column(header, get, { show, raw: String }, layout), align: "right" })

  return {
    column,
    /** A column of strings from the service. */
    text: <A>(header: string, get: Get<A, string>, layout: Layout = {}) =>
      column(header, get, { show: Format.plain, raw: String }, layout),
    number,
    /** A column of progress in percent. */
    percent: <A>(header: string, get: Get<A, number>, layout: Layout = {}) =>
      number(header, get, { ...layout, show: (percent) => `${Math.floor(percent)}%` }),
    /** A column of times in the time format. Exact in wide tables. */
    instant: <A>(header: string, get: Get<A, DateTime.Utc>, layout: Layout = {}) =>
      column(header, get, { show: when, wide: exactly, raw: Format.iso }, layout),
    /** A column of times that are never relative. */
    exactInstant: <A>(header: string, get: Get<A, DateTime.Utc>, layout: Layout = {}) =>
      column(header, get, { show: exactly, raw: Format.iso }, layout),
    /** The status reported by the service, with the symbol of its phase. */
    status: <A extends { readonly status: string }>(
      phaseOf: (value: A) => Symbols.Phase,
      layout: Layout = {}
    ): Table.Column<A> => ({
      ...layout,
      header: "STATUS",
      show: (value) => Symbols.status(screen, phaseOf(value), value.status),
      raw: ({ status }) => status
    }),
    /** The ID of a row, shortened except in wide tables. */
    id: shortened(dim),
    /** The ID of a related resource, shortened except in wide tables. */
    otherId: shortened((text) => text)
  }
})

/** Adapts a column to rows that contain its value. */
export const over =
  <A, B>(get: (row: B) => A) => ({ raw, show, wide, ...column }: Table.Column<A>): Table.Column<B> => ({
    ...column,
    show: (row) => show(get(row)),
    wide: wide && ((row) => wide(get(row))),
    raw: (row) => raw(get(row))
  })
