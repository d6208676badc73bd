/** What a command says beside its result: on standard error, and not at all if it is to be quiet. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Globals from "../input/Globals.ts"
import * as Screen from "../terminal/Screen.ts"
import * as Text from "../terminal/Text.ts"
import * as SameConnection from "./SameConnection.ts"

/** Texts that are commands: they have to stay what can be pasted into a shell. */
export const isCommand = /^(pcb|export|chmod|echo) /

/** How wide standard error is, where somebody reads it. */
export const columnsOf = ({ errorColumns, isErrorTerminal }: Screen.Service): number =>
  isErrorTerminal ? errorColumns : Infinity

/** A line on as many as it takes on standard error. What goes on stands a little to the right of where it began. */
export const fit = (screen: Screen.Service, line: string): ReadonlyArray<string> => {
  const columns = columnsOf(screen)
  if (Text.width(line) <= columns) return [line]
  const indent = line.length - line.trimStart().length
  return Text.wrap(line.slice(indent), Math.max(1, columns - indent - 2))
    .map((part, index) => " ".repeat(index === 0 ? indent : indent + 2) + part)
}

/** Prints lines on standard error, as its screen asks for. */
export const print = (linesFor: (screen: Screen.Service) => ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.flatMap(Screen.Screen, (screen) => Console.error(linesFor(screen).join("\n")))

/** Says something, however quiet it is to be. Texts of the service go through `Format.plain` first. */
export const always = (...lines: ReadonlyArray<string>) => print((screen) => lines.flatMap((line) => fit(screen, line)))

const unlessQuiet = (self: Effect.Effect<void>) =>
  Effect.flatMap(Globals.Quiet, (isQuiet) => isQuiet ? Effect.void : self)

/** Says something. Texts of the service go through `Format.plain` first. */
export const info = (...lines: ReadonlyArray<string>) => unlessQuiet(always(...lines))

/** Says something about how a result is shown, and not about what it says. */
export const dim = (line: string) =>
  unlessQuiet(print((screen) => fit(screen, line).map((part) => screen.errorStyle("dim", part))))

/** What to do next, as a command of this program to paste; nothing, where there is none that could be. */
export const nextStep = Effect.fnUntraced(function*(step: string | undefined, why?: string) {
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

/** What to add about something whose making was not answered, so that it was found by looking. */
export const recovered = ({ recovered }: { readonly recovered: boolean }): string =>
  recovered ? " (the answer was lost; it was found by looking)" : ""

/** Says to whoever interrupts a request that it may have been carried out all the same, and where to look. */
export const onInDoubt = (what: string, look: string | undefined) =>
  Effect.onInterrupt(() =>
    Effect.flatMap(SameConnection.add(look), (look) => {
      const where = look === undefined ? "" : ` Look: ${look}`
      return Console.error(`Stopped before there was an answer; the ${what} may have been started.${where}`)
    })
  )
