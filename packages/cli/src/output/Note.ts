/** Notes beside the result, on standard error. `--quiet` suppresses most notes. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Globals from "../input/Globals.ts"
import * as Screen from "../terminal/Screen.ts"
import * as Text from "../terminal/Text.ts"
import type * as CommandLine from "./CommandLine.ts"
import * as SameConnection from "./SameConnection.ts"

/** Matches hints that are commands, which must stay pasteable. */
export const isCommand = /^(pcb|export|chmod|echo) /

/** The width of standard error. `Infinity` if it is not a terminal. */
export const columnsOf = ({ errorColumns, isErrorTerminal }: Screen.Service): number =>
  isErrorTerminal ? errorColumns : Infinity

/** Wraps a line to the width of standard error. Continuation lines are indented by two more columns. */
export const fit = (screen: Screen.Service, line: string): ReadonlyArray<string> => Text.fit(line, columnsOf(screen))

/** Standard error in place of standard output, for lines that are printed on either. */
export const screenOf = (screen: Screen.Service): Screen.Service => ({
  ...screen,
  style: screen.errorStyle,
  columns: columnsOf(screen)
})

/** Prints lines on standard error, formatted for its screen. */
export const print = (linesFor: (screen: Screen.Service) => ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.flatMap(Screen.Screen, (screen) => Console.error(linesFor(screen).join("\n")))

/** Prints a note, even with `--quiet`. Strings from the service must go through `Format.plain` first. */
export const always = (...lines: ReadonlyArray<string>) => print((screen) => lines.flatMap((line) => fit(screen, line)))

const unlessQuiet = (self: Effect.Effect<void>) =>
  Effect.flatMap(Globals.Quiet, (isQuiet) => isQuiet ? Effect.void : self)

/** Prints a note. Strings from the service must go through `Format.plain` first. */
export const info = (...lines: ReadonlyArray<string>) => unlessQuiet(always(...lines))

/** Prints a note about the presentation of a result. */
export const dim = (line: string) =>
  unlessQuiet(print((screen) => fit(screen, line).map((part) => screen.errorStyle("dim", part))))

/** Prints the next command to run. Prints nothing if `step` is `undefined` or cannot be pasted. */
export const nextStep = Effect.fnUntraced(function*(step: CommandLine.Command | undefined, why?: string) {
  const command = yield* SameConnection.add(step)
  if (command === undefined) return
  yield* unlessQuiet(print((screen) => {
    const label = "  next  "
    const line = label.replace("next", screen.errorStyle("dim", "next")) + command
    if (why === undefined) return [line]
    const reason = screen.errorStyle("dim", `(${why})`)
    return Text.width(`${line}   (${why})`) <= columnsOf(screen)
      ? [`${line}   ${reason}`]
      : [line, `${" ".repeat(label.length)}${reason}`]
  }))
})

/** The suffix for a result found by a recovery lookup. */
export const recovered = ({ recovered }: { readonly recovered: boolean }): string =>
  recovered ? " (response lost; found by a recovery lookup)" : ""

/** If the request is interrupted, notes that it may have taken effect, and how to check. */
export const onInDoubt = (what: string, look: CommandLine.Command | undefined) =>
  Effect.onInterrupt(() =>
    Effect.flatMap(SameConnection.add(look), (look) => {
      const where = look === undefined ? "" : ` To check, run ${look}`
      return Console.error(`Interrupted before the response arrived; the ${what} may have started.${where}`)
    })
  )
