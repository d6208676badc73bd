/** Adds the flags of the connection to suggested commands, so that they act on the same project. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Globals from "../input/Globals.ts"
import * as CommandLine from "./CommandLine.ts"

/** The flags that select a project and its API key. */
export interface Flags {
  /**
   * The end of a command line: ` --demo`. Empty if settings from the environment and files select the project.
   * `undefined` if the flags are unknown or cannot be pasted: the command would use another project without them.
   */
  readonly text: string | undefined
}

const toggle = (name: string, flag: Option.Option<boolean>): string =>
  Option.match(flag, { onNone: () => "", onSome: (isOn) => isOn ? ` --${name}` : ` --no-${name}` })

const text = (name: string, value: string): string | undefined =>
  // `-` is standard input.
  value === "-" ? ` --${name} -` : CommandLine.words` --${name} ${value}`

const option = (name: string, flag: Option.Option<string>): string | undefined =>
  Option.match(flag, { onNone: () => "", onSome: (value) => text(name, value) })

/** The flags of this command line, or of one of its projects while that project is read. Unknown before parsing. */
export const flags: Effect.Effect<Flags> = Effect.map(
  Effect.all([
    Effect.serviceOption(Globals.Demo),
    Effect.serviceOption(Globals.Profiles),
    Effect.serviceOption(Globals.ApiKeyFile),
    Effect.serviceOption(Globals.Host),
    Effect.serviceOption(Globals.InsecureHttp)
  ]),
  (settings) =>
    Option.match(Option.all(settings), {
      onNone: () => ({ text: undefined }),
      onSome: ([demo, profiles, apiKeyFile, host, insecureHttp]) => {
        const all = [
          toggle("demo", demo),
          ...profiles.map((profile) => text("profile", profile)),
          option("api-key-file", apiKeyFile),
          option("host", host),
          toggle("insecure-http", insecureHttp)
        ]
        return { text: all.includes(undefined) ? undefined : all.join("") }
      }
    })
)

/** A command with the flags of its connection, if it connects. `undefined` if it cannot be pasted. */
export const line = (command: CommandLine.Command | undefined, flags: Flags): string | undefined => {
  if (command === undefined) return undefined
  const added = command.connects ? flags.text : ""
  return added === undefined
    ? command.otherwise
    : `${command.before}${command.line}${added}${command.after}`
}

/** A command with the flags of this command line. `undefined` if it cannot be pasted. */
export const add = (command: CommandLine.Command | undefined): Effect.Effect<string | undefined> =>
  Effect.map(flags, (flags) => line(command, flags))

/** A hint with the flags of this command line. */
export const inHint = (hint: CommandLine.Hint | undefined): Effect.Effect<string | undefined> =>
  typeof hint === "string" ? Effect.succeed(hint) : add(hint)
