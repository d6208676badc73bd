/**
 * The product of a command on standard output: a table for people, tab-separated values for pipes, the
 * API's own JSON for programs. Nothing else is ever written there.
 */
import * as Array from "effect/Array"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as PlatformError from "effect/PlatformError"
import type * as Schema from "effect/Schema"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Globals from "../input/Globals.ts"
import * as Format from "../terminal/Format.ts"
import { Screen } from "../terminal/Screen.ts"
import * as Table from "../terminal/Table.ts"
import * as Text from "../terminal/Text.ts"
import * as Note from "./Note.ts"

/** How a command was asked to print: by a flag of its own, if it has one, by that of all, or by the environment. */
const asked = Effect.fnUntraced(function*<F extends string>(formats: ReadonlyArray<F>, own: Option.Option<F>) {
  if (Option.isSome(yield* Globals.Json)) return Option.some("json" as const)
  const flag = yield* Globals.Output
  const given = Option.orElse(own, () => flag)
  return Option.isSome(given) ? given : yield* Config.option(Config.Literals(formats, "PCB_OUTPUT"))
})

const askedFormat = Effect.suspend(() => asked(Globals.formats, Option.none()))

/**
 * How a command was asked to print that has formats of its own, and a flag for them; if it was not asked, whatever
 * suits the reader.
 */
export const formatOf = Effect.fnUntraced(function*<F extends string>(
  formats: ReadonlyArray<F>,
  own: Option.Option<F>
) {
  const { isTerminal } = yield* Screen
  return Option.getOrElse(yield* asked(formats, own), () => isTerminal ? "table" as const : "tsv" as const)
})

/** How a command was asked to print; if it was not asked, whatever suits the reader. */
export const chosenFormat = Effect.suspend(() => formatOf(Globals.formats, Option.none()))

/**
 * Writes lines to standard output, as fast as they are read there. What happens when nobody reads them any
 * more, or the disk is full, is decided for the whole program, in `bin`.
 */
export const write = <E, R>(
  lines: Stream.Stream<string, E, R>
): Effect.Effect<void, E | PlatformError.PlatformError, R | Stdio.Stdio> =>
  writeTexts(Stream.map(lines, (line) => `${line}\n`))

const writeTexts = <E, R>(
  texts: Stream.Stream<string, E, R>
): Effect.Effect<void, E | PlatformError.PlatformError, R | Stdio.Stdio> =>
  Effect.flatMap(Stdio.Stdio, (stdio) =>
    texts.pipe(
      Stream.mapArray((texts) => Array.of(texts.join(""))),
      Stream.run(stdio.stdout({ endOnDone: false }))
    ))

/** How many of many texts that are there already are written at once. */
const textsAtOnce = 1_000

/** JSON on one line for programs, on several for people. */
export const json = (value: object) => Effect.map(jsonIndent, (indent) => Format.json(value, indent))

const jsonIndent = Effect.map(Screen, ({ isTerminal }) => isTerminal ? 2 : undefined)

/**
 * Prints rows that are JSON already as one document. One that is not complete has no `pagination`: it must not look like
 * one that is.
 */
const writeDocument = Effect.fnUntraced(function*(rows: Iterable<string>, isComplete: boolean) {
  const isLaidOut = (yield* jsonIndent) !== undefined
  const texts = function*() {
    yield isLaidOut ? "{\n  \"data\": [" : "{\"data\":["
    let count = 0
    for (const row of rows) {
      const separator = count++ === 0 ? "" : ","
      yield isLaidOut ? `${separator}\n    ${row.replaceAll("\n", "\n    ")}` : `${separator}${row}`
    }
    yield isLaidOut && count > 0 ? "\n  ]" : "]"
    if (isComplete) yield isLaidOut ? ",\n  \"pagination\": null" : ",\"pagination\":null"
    yield isLaidOut ? "\n}\n" : "}\n"
  }
  yield* writeTexts(Stream.rechunk(Stream.fromIterable(texts()), textsAtOnce))
})

/** Prints lines that are laid out already. */
export const lines = (lines: ReadonlyArray<string>) => write(Stream.fromIterable(lines))

/**
 * Prints lines as they come up, from where neither services nor failures can be had. What becomes of a failure is
 * decided for the whole program, in `bin`.
 */
export const printer = Effect.map(
  Stdio.Stdio,
  (stdio) => (line: string): Effect.Effect<void> =>
    Effect.orDie(Effect.provideService(write(Stream.make(line)), Stdio.Stdio, stdio))
)

/** How a kind of value is printed. */
export interface View<in A> {
  readonly columns: ReadonlyArray<Table.Column<A>>
  /** The API's own object. */
  readonly toJson: (value: A) => Schema.JsonObject
  readonly id: (value: A) => string
}

/** Of JSON, all or the fields that were asked for. */
export const fieldsOf = Effect.map(Globals.Json, (fields) => {
  const names = Globals.fieldNames(fields)
  return (json: Schema.JsonObject): Schema.JsonObject =>
    names.length === 0 ? json : Object.fromEntries(names.map((name) => [name, json[name] ?? null]))
})

/** The JSON of values: all of it, or the fields that were asked for. */
export const toJson = <A>(view: View<A>) => Effect.map(fieldsOf, (pick) => (value: A) => pick(view.toJson(value)))

/** What to say of columns for which there is no room. */
export const hiddenNote = (headers: ReadonlyArray<string>): string =>
  `(hidden at this width: ${headers.join(", ")}; -o wide shows all)`

/** The screen as tables are laid out for it: `-o wide` asks for everything. */
const tableScreen = Effect.gen(function*() {
  const screen = yield* Screen
  return (yield* chosenFormat) === "wide" ? { ...screen, columns: Infinity } : screen
})

/**
 * The lines of a table, for a page that has more than that, and the headers of the columns for which there is no room.
 */
export const table = Effect.fnUntraced(function*<A>(view: View<A>, rows: ReadonlyArray<A>) {
  const screen = yield* tableScreen
  const layout = Table.layout(view.columns, rows, screen)
  return { lines: [screen.style("bold", layout.header), ...rows.map(layout.line)], hidden: layout.hidden }
})

/**
 * Prints a list as it arrives, only `json` waits for its end, to print one document or none. A list
 * without rows prints nothing as a table, and says so on standard error. One that `limit` cuts short is JSON
 * without `pagination`. One without an end is never one document, so its `json` is `ndjson`.
 */
export const list = Effect.fnUntraced(function*<A, E, R>(
  view: View<A>,
  rows: Stream.Stream<A, E, R>,
  options: {
    readonly limit: Option.Option<number>
    readonly empty: string
    readonly isEndless?: boolean | undefined
  }
) {
  const jsonOf = yield* toJson(view)
  const limit = Option.getOrElse(options.limit, () => Infinity)
  const limited = Stream.take(rows, limit)
  const format = yield* chosenFormat
  switch (format === "json" && options.isEndless === true ? "ndjson" : format) {
    case "json": {
      const indent = yield* jsonIndent
      const all = yield* Stream.runCollect(
        Stream.map(Stream.take(rows, limit + 1), (row) => Format.json(jsonOf(row), indent))
      )
      return yield* writeDocument(Array.take(all, limit), all.length <= limit)
    }
    case "ndjson":
      return yield* write(Stream.map(limited, (row) => Format.json(jsonOf(row))))
    case "tsv":
      return yield* write(Stream.map(limited, Table.tsv(view.columns)))
    case "id":
      return yield* write(Stream.map(limited, (row) => Format.plain(view.id(row))))
    case "wide":
    case "table": {
      const screen = yield* tableScreen
      let layout: Table.Layout<A> | undefined
      yield* write(Stream.mapArray(limited, (rows) => {
        if (layout !== undefined) return Array.map(rows, layout.line)
        layout = Table.layout(view.columns, rows, screen)
        return Array.prepend(Array.map(rows, layout.line), screen.style("bold", layout.header))
      }))
      if (layout === undefined) return yield* Note.info(options.empty)
      if (layout.hidden.length > 0) yield* Note.dim(hiddenNote(layout.hidden))
    }
  }
})

/** The texts of a row, as a format prints them: one for each column of a table, else one in all. */
const textsOf = Effect.fnUntraced(function*<A>(view: View<A>) {
  const jsonOf = yield* toJson(view)
  const indent = yield* jsonIndent
  const screen = yield* tableScreen
  const tsv = Table.tsv(view.columns)
  switch (yield* chosenFormat) {
    case "json":
      return (row: A) => [Format.json(jsonOf(row), indent)]
    case "ndjson":
      return (row: A) => [Format.json(jsonOf(row))]
    case "tsv":
      return (row: A) => [tsv(row)]
    case "id":
      return (row: A) => [Format.plain(view.id(row))]
    case "wide":
    case "table":
      return (row: A) => view.columns.map((column) => Table.cell(column, row, screen))
  }
})

/** A view of rows of which nothing but the texts is left. */
const ofTexts = <A>({ columns }: View<A>): View<ReadonlyArray<string>> => ({
  columns: columns.map(({ wide: _, ...column }, index) => {
    const text = (texts: ReadonlyArray<string>) => texts[index] ?? ""
    return { ...column, show: text, raw: text }
  }),
  toJson: () => ({}),
  id: ([text = ""]) => text
})

interface Text {
  readonly at: number
  readonly texts: ReadonlyArray<string>
}

/** The newest first. Those of one time stay in the order in which they came. */
const byTime = (self: Text, that: Text): number => that.at - self.at

/**
 * Prints a list with the newest rows first, and says how many rows there are. The service promises no order, so all of
 * them have to be there before the first can be printed: each is kept once, as the text that it becomes, and rows
 * beyond `limit` are not kept. With `-o ndjson` and no limit, rows are printed as they arrive, in the order of the
 * service. The view is made when the first row is there, since what time it is for the service is known by then.
 */
export const newest = Effect.fnUntraced(function*<A, E, R, E2, R2>(
  view: Effect.Effect<View<A>, E2, R2>,
  rows: Stream.Stream<A, E, R>,
  options: {
    readonly limit: Option.Option<number>
    readonly empty: string
    /** When a row is of, as a number to compare. */
    readonly at: (row: A) => number
  }
) {
  const { at, empty } = options
  const format = yield* chosenFormat
  let count = 0
  if (format === "ndjson" && Option.isNone(options.limit)) {
    const counted = Stream.mapArray(rows, (rows) => {
      count += rows.length
      return rows
    })
    yield* list(yield* view, counted, { limit: Option.none(), empty })
    return count
  }
  const limit = Option.getOrElse(options.limit, () => Infinity)
  const made = yield* Effect.cached(
    Effect.flatMap(view, (view) => Effect.map(textsOf(view), (texts) => ({ view, texts })))
  )
  let kept: Array<Text> = []
  /** Leaves out what is not among the newest. */
  const cut = () => {
    kept.sort(byTime)
    if (kept.length > limit) kept.length = limit
  }
  yield* Stream.runForEachArray(rows, (rows) =>
    Effect.map(made, ({ texts }) => {
      for (const row of rows) {
        count++
        kept.push({ at: at(row), texts: texts(row) })
      }
      if (kept.length > 2 * limit + textsAtOnce) cut()
    }))
  cut()
  const all = kept.map(({ texts }) => texts)
  kept = []
  const lines = Stream.rechunk(Stream.fromIterable(all), textsAtOnce)
  if (format === "json") {
    yield* writeDocument(all.map(([text = ""]) => text), count <= limit)
  } else if (format !== "table" && format !== "wide") {
    yield* write(Stream.map(lines, ([text = ""]) => text))
  } else if (all.length === 0) {
    yield* Note.info(empty)
  } else {
    const screen = yield* tableScreen
    const layout = Table.layout(ofTexts((yield* made).view).columns, all, screen)
    yield* write(Stream.concat(Stream.make(screen.style("bold", layout.header)), Stream.map(lines, layout.line)))
    if (layout.hidden.length > 0) yield* Note.dim(hiddenNote(layout.hidden))
  }
  return count
})

/** Values that are there already, however few or many. */
const all = <A>(view: View<A>, values: ReadonlyArray<A>) =>
  list(view, Stream.fromIterable(values), { limit: Option.none(), empty: "" })

/** Prints one value; as a table, one field a line, and nothing shortened. */
export const one = Effect.fnUntraced(function*<A>(view: View<A>, value: A) {
  switch (yield* chosenFormat) {
    case "json":
      return yield* write(Stream.fromEffect(json((yield* toJson(view))(value))))
    case "wide":
    case "table": {
      const { columns, style } = yield* Screen
      const label = Math.max(...view.columns.map(({ header }) => header.length))
      const gap = " ".repeat(Table.gap)
      return yield* lines(view.columns.map(({ header, show, wide = show }) => {
        const text = wide(value)
        // Where there is no room beside its name, it stands below it.
        return label + Table.gap + Text.width(text) > columns
          ? `${style("bold", header)}\n${gap}${text}`
          : `${style("bold", header.padEnd(label))}${gap}${text}`.trimEnd()
      }))
    }
    default:
      return yield* all(view, [value])
  }
})

/**
 * Prints what a command has made or done, one value or many: nothing on a terminal that was not asked for it, since
 * the notes have said it there.
 */
export const made = Effect.fnUntraced(function*<A>(view: View<A>, values: ReadonlyArray<A>, isMany = false) {
  const { isTerminal } = yield* Screen
  const [first] = values
  if (first === undefined || (isTerminal && Option.isNone(yield* askedFormat))) return
  yield* isMany ? all(view, values) : one(view, first)
})
