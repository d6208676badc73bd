/** What standard output is connected to, as far as layout depends on it. */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as util from "node:util"

/** Colours and weights, by Node's names. */
export type Style = Extract<Parameters<typeof util.styleText>[0], string>

/** What standard output is connected to. */
export interface Service {
  /** Whether a person reads along. */
  readonly isTerminal: boolean
  /** How many columns there are; `Infinity` if nobody reads along. */
  readonly columns: number
  /** Whether a person reads standard error. */
  readonly isErrorTerminal: boolean
  /** How many columns standard error has. */
  readonly errorColumns: number
  /** Whether there is somebody to ask. */
  readonly canAsk: boolean
  /** Whether symbols outside ASCII can be shown. */
  readonly isUnicode: boolean
  /** Dresses a text, where colours are wanted. */
  readonly style: (style: Style, text: string) => string
  /** Dresses a text for standard error, where colours are wanted there. */
  readonly errorStyle: (style: Style, text: string) => string
}

/** What standard output is connected to. By default: to a program, or a file. */
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

/** How large a terminal is. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

/** How large the terminal is by now, for what stays on it: somebody may have changed that. */
export const CurrentSize = Context.Reference<Effect.Effect<Size>>("@pinecone-backups/cli/terminal/Screen/CurrentSize", {
  defaultValue: () => Effect.map(Screen, ({ columns }) => ({ columns, rows: Infinity }))
})

/** A variable of the environment that is set to something. */
const variable = (name: string) => Effect.orElseSucceed(Config.NonEmptyString(name), () => undefined)

/**
 * Layer that looks at the outputs of this process and at the environment: `NO_COLOR`, which wins over
 * `--color`, which wins over `FORCE_COLOR` and `TERM`; `COLUMNS` and the locale.
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
        const isColourful = noColor === undefined && (color === "always" || (color !== "never" && isUsual))
        return (style, text) =>
          // Importing it loads all that it has, parsers and workers too.
          isColourful ? process.getBuiltinModule("node:util").styleText(style, text, { validateStream: false }) : text
      }
      const screen: Service = {
        isTerminal,
        columns: isTerminal ? columns || Number((yield* variable("COLUMNS")) ?? 80) || 80 : Infinity,
        isErrorTerminal,
        errorColumns: process.stderr.columns || 80,
        // Node makes its standard input when somebody looks at it, and few commands do.
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
