/** The properties of standard output and standard error that layout depends on. */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as util from "node:util"

/** Colors and text styles, by their names in Node.js. */
export type Style = Extract<Parameters<typeof util.styleText>[0], string>

/** The properties of the outputs. */
export interface Service {
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean
  /** The width of standard output. `Infinity` if it is not a terminal. */
  readonly columns: number
  /** Whether standard error is a terminal. */
  readonly isErrorTerminal: boolean
  /** The width of standard error. */
  readonly errorColumns: number
  /** Whether prompts are possible. */
  readonly canAsk: boolean
  /** Whether Unicode symbols can be shown. */
  readonly isUnicode: boolean
  /** Styles text for standard output, if it has color. */
  readonly style: (style: Style, text: string) => string
  /** Styles text for standard error, if it has color. */
  readonly errorStyle: (style: Style, text: string) => string
}

/** The properties of the outputs. Defaults to a pipe or file. */
export const Screen = Context.Reference<Service>("@pinecone-backups/cli/terminal/Screen", {
  defaultValue: () => ({
    isTerminal: false,
    columns: Infinity,
    isErrorTerminal: false,
    errorColumns: 80,
    canAsk: false,
    isUnicode: true,
    style: (_, text) => text,
    errorStyle: (_, text) => text
  })
})

/** The size of a terminal. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

/** The current size of the terminal, which may change while a page is shown. */
export const CurrentSize = Context.Reference<Effect.Effect<Size>>("@pinecone-backups/cli/terminal/Screen/CurrentSize", {
  defaultValue: () => Effect.map(Screen, ({ columns }) => ({ columns, rows: Infinity }))
})

/** A non-empty environment variable. */
const variable = (name: string) => Effect.orElseSucceed(Config.NonEmptyString(name), () => undefined)

/**
 * Layer that inspects the outputs and environment of this process: `NO_COLOR`, which overrides `--color`, which
 * overrides `FORCE_COLOR` and `TERM`; `COLUMNS` and the locale.
 */
export const layerProcess = (color: string | undefined): Layer.Layer<never> =>
  Layer.effectContext(
    Effect.gen(function*() {
      const { columns, isTTY } = process.stdout
      const isTerminal = isTTY === true
      const isErrorTerminal = process.stderr.isTTY === true
      const locale = (yield* variable("LC_ALL")) ?? (yield* variable("LC_CTYPE")) ?? (yield* variable("LANG"))
      const forceColor = yield* variable("FORCE_COLOR")
      const noColor = yield* variable("NO_COLOR")
      const isDumb = (yield* variable("TERM")) === "dumb"
      const stylist = (isTerminal: boolean): Service["style"] => {
        const isUsual = forceColor === undefined ? isTerminal && !isDumb : forceColor !== "0"
        const isColored = noColor === undefined && (color === "always" || (color !== "never" && isUsual))
        return (style, text) =>
          // An import would load all of `node:util`.
          isColored ? process.getBuiltinModule("node:util").styleText(style, text, { validateStream: false }) : text
      }
      const screen: Service = {
        isTerminal,
        columns: isTerminal ? columns || Number((yield* variable("COLUMNS")) ?? 80) || 80 : Infinity,
        isErrorTerminal,
        errorColumns: process.stderr.columns || 80,
        // A getter, because Node.js creates standard input on first access, and few commands need it.
        get canAsk() {
          return isErrorTerminal && process.stdin.isTTY === true
        },
        isUnicode: process.platform === "win32" || /utf-?8/i.test(locale ?? ""),
        style: stylist(isTerminal),
        errorStyle: stylist(isErrorTerminal)
      }
      const size = Effect.sync((): Size => ({
        columns: process.stdout.columns || screen.columns,
        rows: process.stdout.rows || Infinity
      }))
      return Context.add(Context.make(Screen, screen), CurrentSize, size)
    })
  )
