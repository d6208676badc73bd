/** Adds the current connection to suggested commands. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Globals from "../input/Globals.ts"
import * as CommandLine from "./CommandLine.ts"

const toggle = (name: string, flag: Option.Option<boolean>): string | undefined =>
  Option.match(flag, { onNone: () => "", onSome: (isOn) => isOn ? ` --${name}` : ` --no-${name}` })

const text = (name: string, flag: Option.Option<string>): string | undefined =>
  Option.match(flag, {
    onNone: () => "",
    // `-` is standard input.
    onSome: (value) => value === "-" ? ` --${name} -` : CommandLine.make` --${name} ${value}`
  })

/**
 * Adds the flags that select the project and API key of this command line. Settings from the environment and files need
 * no flags. `undefined` if a flag's value cannot be pasted, because the command would use another project without it.
 */
export const add = Effect.fnUntraced(function*(command: string | undefined) {
  const flags = [
    toggle("demo", yield* Globals.Demo),
    ...(yield* Globals.Profiles).map((profile) => text("profile", Option.some(profile))),
    text("api-key-file", yield* Globals.ApiKeyFile),
    text("host", yield* Globals.Host),
    toggle("insecure-http", yield* Globals.InsecureHttp)
  ]
  return command === undefined || flags.includes(undefined) ? undefined : `${command}${flags.join("")}`
})

/** Matches a hint that is a single command of this program which connects to Pinecone. */
const connects = /^pcb (?!config |emulator|completion)[^,;]+$/

/** Adds the current connection to the hint of an error, if the hint is a command that does not have it. */
export const inHint = Effect.fnUntraced(function*(hint: string) {
  if (!connects.test(hint) || / --(demo|no-demo|profile|api-key-file|host) ?/.test(hint)) return hint
  return yield* add(hint)
})
