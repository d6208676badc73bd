/**
 * The product of a command on standard output: a table for people, tab-separated values for pipes, the
 * API's own JSON for programs. Nothing else is ever written there.
 *
 * @since 0.1.0
 */
import * as Array from "effect/Array"
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as PlatformError from "effect/PlatformError"
import type * as Schema from "effect/Schema"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Format from "./Format.ts"
import * as Globals from "./Globals.ts"
import { Screen } from "./Screen.ts"
import * as Table from "./Table.ts"

/** How a command was asked to print; if it was not asked, whatever suits the reader. */
const chosenFormat = Effect.gen(function*() {
  const { isTerminal } = yield* Screen
  const fromEnvironment = yield* Config.option(Config.Literals(Globals.formats, "PCB_OUTPUT"))
  const chosen = Option.orElse(yield* Globals.Output, () => fromEnvironment)
  return Option.getOrElse(chosen, () => isTerminal ? "table" as const : "tsv" as const)
})

/**
 * Writes lines to standard output, as fast as they are read there. What happens when nobody reads them any
 * more, or the disk is full, is decided for the whole program, in `bin`.
 */
const write = <E, R>(
  lines: Stream.Stream<string, E, R>
): Effect.Effect<void, E | PlatformError.PlatformError, R | Stdio.Stdio> =>
  Effect.flatMap(Stdio.Stdio, (stdio) =>
    lines.pipe(
      Stream.mapArray((lines) => Array.of(lines.map((line) => `${line}\n`).join(""))),
      Stream.run(stdio.stdout({ endOnDone: false }))
    ))

/** JSON on one line for programs, on several for people. */
const json = (value: object) => Effect.map(Screen, ({ isTerminal }) => Format.json(value, isTerminal ? 2 : undefined))

/**
 * How a kind of value is printed.
 *
 * @category models
 * @since 0.1.0
 */
export interface View<in A> {
  readonly columns: ReadonlyArray<Table.Column<A>>
  /** The API's own object. */
  readonly toJson: (value: A) => Schema.JsonObject
}

/**
 * Prints a list as it arrives, only `json` waits for its end, to print one document or none. A list
 * without rows prints nothing as a table, and says so on standard error. One that `limit` cuts short is JSON
 * without `pagination`.
 *
 * @category printing
 * @since 0.1.0
 */
export const list = Effect.fnUntraced(function*<A, E, R>(
  view: View<A>,
  rows: Stream.Stream<A, E, R>,
  options: { readonly limit: Option.Option<number>; readonly empty: string }
) {
  const limited = Option.match(options.limit, { onNone: () => rows, onSome: (limit) => Stream.take(rows, limit) })
  switch (yield* chosenFormat) {
    case "json": {
      const limit = Option.getOrElse(options.limit, () => Infinity)
      const all = yield* Stream.runCollect(Option.isSome(options.limit) ? Stream.take(rows, limit + 1) : rows)
      const data = all.slice(0, limit).map(view.toJson)
      // A list that was cut short must not look like one that is complete.
      return yield* write(Stream.fromEffect(json(all.length > limit ? { data } : { data, pagination: null })))
    }
    case "ndjson":
      return yield* write(Stream.map(limited, (row) => Format.json(view.toJson(row))))
    case "tsv":
      return yield* write(Stream.map(limited, Table.tsv(view.columns)))
    case "table": {
      const { columns, style } = yield* Screen
      let layout: Table.Layout<A> | undefined
      yield* write(Stream.mapArray(limited, (rows) => {
        if (layout !== undefined) return Array.map(rows, layout.line)
        layout = Table.layout(view.columns, rows, columns)
        return Array.prepend(Array.map(rows, layout.line), style("bold", layout.header))
      }))
      if (layout === undefined) return yield* Console.error(options.empty)
      if (layout.hidden.length > 0) {
        yield* Console.error(`(hidden at this width: ${layout.hidden.join(", ")})`)
      }
    }
  }
})

/**
 * Prints one value; as a table, one field a line.
 *
 * @category printing
 * @since 0.1.0
 */
export const one = Effect.fnUntraced(function*<A>(view: View<A>, value: A) {
  switch (yield* chosenFormat) {
    case "json":
      return yield* write(Stream.fromEffect(json(view.toJson(value))))
    case "ndjson":
      return yield* write(Stream.make(Format.json(view.toJson(value))))
    case "tsv":
      return yield* write(Stream.make(Table.tsv(view.columns)(value)))
    case "table": {
      const { style } = yield* Screen
      const label = Math.max(...view.columns.map(({ header }) => header.length))
      return yield* write(Stream.fromIterable(
        view.columns.map(({ header, show }) => `${style("bold", header.padEnd(label))}  ${show(value)}`.trimEnd())
      ))
    }
  }
})
