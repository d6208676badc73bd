/**
 * Prints the result of a command to standard output: a table for people, tab-separated values for pipes, the API's own
 * JSON for programs. Nothing else is written there.
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

/** The requested output format: from the command's own flag, the global flag, or the environment. */
const asked = Effect.fnUntraced(function*<F extends string>(formats: ReadonlyArray<F>, own: Option.Option<F>) {
  if (Option.isSome(yield* Globals.Json)) return Option.some("json" as const)
  const flag = yield* Globals.Output
  const given = Option.orElse(own, () => flag)
  return Option.isSome(given) ? given : yield* Config.option(Config.Literals(formats, "PCB_OUTPUT"))
})

const askedFormat = Effect.suspend(() => asked(Globals.formats, Option.none()))

/** The output format of a command with its own formats. Defaults to a table on a terminal, else TSV. */
export const formatOf = Effect.fnUntraced(function*<F extends string>(
  formats: ReadonlyArray<F>,
  own: Option.Option<F>
) {
  const { isTerminal } = yield* Screen
  return Option.getOrElse(yield* asked(formats, own), () => isTerminal ? "table" as const : "tsv" as const)
})

/** The output format. Defaults to a table on a terminal, else TSV. */
export const chosenFormat = Effect.suspend(() => formatOf(Globals.formats, Option.none()))

/** Writes lines to standard output, as fast as they are read. `bin` handles closed pipes and full disks. */
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

/** Maximum number of buffered strings per write. */
const textsAtOnce = 1_000

/** Formats JSON: indented on a terminal, else on one line. */
export const json = (value: object) => Effect.map(jsonIndent, (indent) => Format.json(value, indent))

const jsonIndent = Effect.map(Screen, ({ isTerminal }) => isTerminal ? 2 : undefined)

/** Prints JSON rows as one document. An incomplete document has no `pagination`. */
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

/** Prints formatted lines. */
export const lines = (lines: ReadonlyArray<string>) => write(Stream.fromIterable(lines))

/**
 * Makes a function that prints lines immediately, without services or failures. Write failures become defects, which
 * `bin` handles.
 */
export const printer = Effect.map(
  Stdio.Stdio,
  (stdio) => (line: string): Effect.Effect<void> =>
    Effect.orDie(Effect.provideService(write(Stream.make(line)), Stdio.Stdio, stdio))
)

/** The presentation of a kind of value. */
export interface View<in A> {
  readonly columns: ReadonlyArray<Table.Column<A>>
  /** Converts a value to the API's own JSON. */
  readonly toJson: (value: A) => Schema.JsonObject
  readonly id: (value: A) => string
}

/** Selects the fields in `--json=…`, or all fields. */
export const fieldsOf = Effect.map(Globals.Json, (fields) => {
  const names = Globals.fieldNames(fields)
  return (json: Schema.JsonObject): Schema.JsonObject =>
    names.length === 0 ? json : Object.fromEntries(names.map((name) => [name, json[name] ?? null]))
})

/** Converts values to JSON with the selected fields. */
export const toJson = <A>(view: View<A>) => Effect.map(fieldsOf, (pick) => (value: A) => pick(view.toJson(value)))

/** The note about columns that do not fit. */
export const hiddenNote = (headers: ReadonlyArray<string>): string =>
  `(hidden at this width: ${headers.join(", ")}; -o wide shows all)`

/** The screen for tables. `-o wide` makes it unlimited. */
const tableScreen = Effect.gen(function*() {
  const screen = yield* Screen
  return (yield* chosenFormat) === "wide" ? { ...screen, columns: Infinity } : screen
})

/** The lines of a table that is part of a page, and the headers of hidden columns. */
export const table = Effect.fnUntraced(function*<A>(view: View<A>, rows: ReadonlyArray<A>) {
  const screen = yield* tableScreen
  const layout = Table.layout(view.columns, rows, screen)
  return { lines: [screen.style("bold", layout.header), ...rows.map(layout.line)], hidden: layout.hidden }
})

/**
 * Prints a list as rows arrive. Only `json` waits for all rows, to print one complete document.
 *
 * **Details**
 *
 * An empty table prints `empty` to standard error. With more rows than `limit`, JSON has no `pagination`. An endless
 * list prints NDJSON even if the format is `json`.
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

/** Formats a row: one string per column for a table, otherwise a single string. */
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

/** A view of formatted rows. */
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

/** Newest first. Rows with the same time keep their order. */
const byTime = (self: Text, that: Text): number => that.at - self.at

/**
 * Prints a list, newest rows first, and returns the number of rows.
 *
 * **Details**
 *
 * The service does not guarantee an order, so all rows are read before the first is printed. Rows are kept as strings,
 * and only as many as `limit` allows. With `-o ndjson` and no limit, rows are printed in the order of the service as
 * they arrive. The view is made when the first row arrives, because the service's time is known by then.
 */
export const newest = Effect.fnUntraced(function*<A, E, R, E2, R2>(
  view: Effect.Effect<View<A>, E2, R2>,
  rows: Stream.Stream<A, E, R>,
  options: {
    readonly limit: Option.Option<number>
    readonly empty: string
    /** The time of a row, as a number. */
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
  /** Drops all but the newest rows. */
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

/** Prints all of the given values. */
const all = <A>(view: View<A>, values: ReadonlyArray<A>) =>
  list(view, Stream.fromIterable(values), { limit: Option.none(), empty: "" })

/** Prints one value. As a table, it has one field per line, and nothing is shortened. */
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
        // A value that does not fit beside its header goes below.
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
 * Prints what a command created or changed. Prints nothing on a terminal without an explicit format, because notes have
 * reported it.
 */
export const made = Effect.fnUntraced(function*<A>(view: View<A>, values: ReadonlyArray<A>, isMany = false) {
  const { isTerminal } = yield* Screen
  const [first] = values
  if (first === undefined || (isTerminal && Option.isNone(yield* askedFormat))) return
  yield* isMany ? all(view, values) : one(view, first)
})
