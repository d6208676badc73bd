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
  /** The same without the path of the key file, which only the machine of this command line has. */
  readonly shared: string | undefined
}

/** The flags for a report that others read. */
export const shareable = ({ shared }: Flags): Flags => ({ text: shared, shared })

/** Stands for the path of a key file. A command with it fails until it is replaced, and acts on no other project. */
const anyKeyFile = "KEY-FILE"

/** The file of a shell's process substitution, which exists only while this command runs. */
const isTemporary = (path: string): boolean => /^\/(dev|proc\/[^/]+)\/fd\//.test(path)

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
      onNone: () => ({ text: undefined, shared: undefined }),
      onSome: ([demo, profiles, apiKeyFile, host, insecureHttp]) => {
        const withKeyFile = (path: Option.Option<string>) => {
          const all = [
            toggle("demo", demo),
            ...profiles.map((profile) => text("profile", profile)),
            option("api-key-file", path),
            option("host", host),
            toggle("insecure-http", insecureHttp)
          ]
          return all.includes(undefined) ? undefined : all.join("")
        }
        return {
          text: withKeyFile(Option.map(apiKeyFile, (path) => isTemporary(path) ? anyKeyFile : path)),
          shared: withKeyFile(Option.map(apiKeyFile, (path) => path === "-" ? path : anyKeyFile))
        }
      }
    })
)

/** A command that has the flags of its connection, if it connects. Its `otherwise` if it cannot be pasted. */
const connected = (command: CommandLine.Command, flags: Flags): CommandLine.Hint | undefined => {
  if (!command.connects) return command
  return flags.text === undefined
    ? command.otherwise
    : { ...command, line: `${command.line}${flags.text}`, connects: false }
}

const textOf = (hint: CommandLine.Hint | undefined): string | undefined =>
  typeof hint === "object" ? `${hint.before}${hint.line}${hint.after}` : hint

/** A command with the flags of its connection, if it connects. `undefined` if it cannot be pasted. */
export const line = (command: CommandLine.Command | undefined, flags: Flags): string | undefined =>
  command && textOf(connected(command, flags))

/** A command with the flags of this command line. `undefined` if it cannot be pasted. */
export const add = (command: CommandLine.Command | undefined): Effect.Effect<string | undefined> =>
  Effect.map(flags, (flags) => line(command, flags))

/** A hint whose command has the flags of this command line, so that it can be displayed where they are unknown. */
export const toHint = (hint: CommandLine.Hint | undefined): Effect.Effect<CommandLine.Hint | undefined> =>
  Effect.map(flags, (flags) => typeof hint === "object" ? connected(hint, flags) : hint)

/** The text of a hint, with the flags of this command line. */
export const inHint = (hint: CommandLine.Hint | undefined): Effect.Effect<string | undefined> =>
  Effect.map(toHint(hint), textOf)
