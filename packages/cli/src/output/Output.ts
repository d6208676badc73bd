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
  Effect.flatMap(Stdio.Stdio, (stdio) =>
    lines.pipe(
      Stream.mapArray((lines) => Array.of(lines.map((line) => `${line}\n`).join(""))),
      Stream.run(stdio.stdout({ endOnDone: false }))
    ))

/** JSON on one line for programs, on several for people. */
export const json = (value: object) =>
  Effect.map(Screen, ({ isTerminal }) => Format.json(value, isTerminal ? 2 : undefined))

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
      const all = yield* Stream.runCollect(Stream.take(rows, limit + 1))
      const data = all.slice(0, limit).map(jsonOf)
      // A list that was cut short must not look like one that is complete.
      return yield* write(Stream.fromEffect(json(all.length > limit ? { data } : { data, pagination: null })))
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
