/**
 * What a command says beside its result: on standard error, and not at all if it is to be quiet.
 *
 * @since 0.1.0
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Globals from "./Globals.ts"

/**
 * Says something. Texts of the service go through `Format.plain` first.
 *
 * @category printing
 * @since 0.1.0
 */
export const say = (...lines: ReadonlyArray<string>) =>
  Effect.flatMap(Globals.Quiet, (isQuiet) => isQuiet ? Effect.void : Console.error(lines.join("\n")))

/**
 * What to do next, as a command to paste; nothing, where there is none that could be.
 *
 * @category printing
 * @since 0.1.0
 */
export const next = (command: string | undefined, why?: string) =>
  command === undefined ? Effect.void : say(`  next  ${command}${why === undefined ? "" : `   (${why})`}`)

/**
 * What to add about something whose making was not answered, so that it was found by looking.
 *
 * @category formatting
 * @since 0.1.0
 */
export const recovered = ({ recovered }: { readonly recovered: boolean }): string =>
  recovered ? " (the answer was lost; it was found by looking)" : ""

/**
 * Says to whoever interrupts a request that it may have been carried out all the same, and where to look.
 *
 * @category printing
 * @since 0.1.0
 */
export const onInDoubt = (what: string, look: string | undefined) =>
  Effect.onInterrupt(() =>
    Console.error(
      `Stopped before there was an answer; the ${what} may have been started.${
        look === undefined ? "" : ` Look: ${look}`
      }`
    )
  )
