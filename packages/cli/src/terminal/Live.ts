/** Lines that are redrawn in place on a terminal. */
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Globals from "../input/Globals.ts"
import { Screen } from "./Screen.ts"

/** An area of a terminal. */
export interface Canvas {
  /** Replaces the drawn lines. No line may be wider than the terminal. */
  readonly draw: (...lines: ReadonlyArray<string>) => Effect.Effect<void>
  /** Erases the lines, to print something permanent. */
  readonly erase: Effect.Effect<void>
  /** Hides the cursor while an effect draws, and restores it at the end. */
  readonly during: (
    end: "erase" | "leave"
  ) => <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

const escape = {
  clearLine: "\r\x1b[2K",
  clearBelow: "\x1b[J",
  hideCursor: "\x1b[?25l",
  showCursor: "\x1b[?25h",
  noWrap: "\x1b[?7l",
  wrap: "\x1b[?7h",
  up: (lines: number) => lines > 0 ? `\x1b[${lines}A` : ""
} as const

/** Creates a canvas at the cursor of an output. */
export const canvas = (to: "stdout" | "stderr"): Effect.Effect<Canvas, never, Stdio.Stdio> =>
  Effect.map(Stdio.Stdio, (stdio) => {
    let drawn: ReadonlyArray<string> = []
    let isCursorWanted = true
    let isCursorVisible = true

    /** Write failures are ignored. */
    const write = (text: string): Effect.Effect<void> =>
      Effect.ignore(Stream.run(Stream.make(text), stdio[to]({ endOnDone: false })))

    const draw = (...lines: ReadonlyArray<string>) =>
      Effect.suspend(() => {
        if (lines.length === drawn.length && lines.every((line, index) => line === drawn[index])) return Effect.void
        const top = escape.up(drawn.length - 1)
        // The terminal truncates lines if it became narrower. The last line is always redrawn, because the terminal
        // echoes input such as `^C` there.
        const text = lines.map((line, index) =>
          line === drawn[index] && index < lines.length - 1
            ? ""
            : `${escape.clearLine}${escape.noWrap}${line}${escape.wrap}`
        ).join("\n")
        const rest = lines.length < drawn.length ? `\n${escape.clearBelow}${escape.up(1)}` : ""
        drawn = lines
        const cursor = isCursorVisible && !isCursorWanted ? escape.hideCursor : ""
        isCursorVisible = isCursorWanted
        return write(`${cursor}${top}${text}${rest}`)
      })

    const erasing = () => {
      const text = `${escape.up(drawn.length - 1)}${escape.clearLine}${drawn.length > 1 ? escape.clearBelow : ""}`
      drawn = []
      return text
    }

    return {
      draw,
      erase: Effect.suspend(() => write(erasing())),
      during: (end) => (self) =>
        Effect.suspend(() => {
          isCursorWanted = false
          return Effect.ensuring(
            self,
            Effect.suspend(() => {
              isCursorWanted = true
              if (isCursorVisible) return Effect.void
              isCursorVisible = true
              return write(`${end === "erase" ? erasing() : drawn.length > 0 ? "\r\n" : ""}${escape.showCursor}`)
            })
          )
        })
    }
  })

/** `true` if live lines can be drawn: the terminal supports them, is not a CI log, and no requests are logged to it. */
export const canDraw = Effect.gen(function*() {
  const term = yield* Config.option(Config.String("TERM"))
  return Option.getOrUndefined(term) !== "dumb" && !(yield* Globals.isCi) &&
    !(yield* Globals.isDebugging)
})

/** Makes a function that prints a permanent line on standard error, replacing a live line if there is one. */
export const line = Effect.gen(function*() {
  const { isErrorTerminal } = yield* Screen
  const clear = isErrorTerminal && (yield* canDraw) ? escape.clearLine : ""
  return (text: string): Effect.Effect<void> => Console.error(`${clear}${text}`)
})

const frames = { unicode: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"], ascii: ["|", "/", "-", "\\"] } as const

/** A frame of the spinner. */
export const spinner = (frame: number, isUnicode: boolean): string => {
  const all = isUnicode ? frames.unicode : frames.ascii
  return all[frame % all.length] ?? ""
}
