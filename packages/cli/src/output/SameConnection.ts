/** Commands to paste that connect to where this one does. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Globals from "../input/Globals.ts"
import * as CommandLine from "./CommandLine.ts"

const toggle = (name: string, flag: Option.Option<boolean>): string | undefined =>
  Option.match(flag, { onNone: () => "", onSome: (isOn) => isOn ? ` --${name}` : ` --no-${name}` })

const text = (name: string, flag: Option.Option<string>): string | undefined =>
  Option.match(flag, {
    onNone: () => "",
    // Standard input, which is no word to quote.
    onSome: (value) => value === "-" ? ` --${name} -` : CommandLine.make` --${name} ${value}`
  })

/**
 * Adds the flags that say which project, and whose key, this command line is about. What the environment and files say needs no
 * flag: it is the same for the next command. `undefined` if a flag has a value that cannot be pasted: without it, the command
 * would be about another project.
 */
export const add = Effect.fnUntraced(function*(command: string | undefined) {
  const flags = [
    toggle("demo", yield* Globals.Demo),
    text("profile", yield* Globals.Profile),
    text("api-key-file", yield* Globals.ApiKeyFile),
    text("host", yield* Globals.Host),
    toggle("insecure-http", yield* Globals.InsecureHttp)
  ]
  return command === undefined || flags.includes(undefined) ? undefined : `${command}${flags.join("")}`
})
