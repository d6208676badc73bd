/** The flags every command has. */
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flags from "./Flags.ts"

/** The ways to print a result. */
export const formats = ["table", "wide", "json", "ndjson", "tsv", "id"] as const

/** Whether a way to print is JSON, so that errors are, too. */
export const isJson = (format: string | undefined): boolean => format === "json" || format === "ndjson"

/** A flag that every command has, and that may be left out. */
const optional = <const Name extends string, A>(
  name: Name,
  flag: (name: string) => Flag.Flag<A>,
  description: string
) => GlobalFlag.Setting(name)({ flag: Flags.optional(description)(flag(name)) })

/** A text that may not be empty: that is what is left of a variable which is not set. */
const text = (metavar: string, expected: string) => (name: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar(metavar),
    Flag.filter((value) => value !== "", () => `Expected ${expected}, got nothing`)
  )

/** How to print the result. */
export const Output = optional(
  "output",
  (name) => Flag.withAlias(Flag.Literals(name, formats), "o"),
  "How to print the result [a table on a terminal, TSV in a pipe; PCB_OUTPUT]"
)

/** The result as the API's own JSON, or as the fields of it that are named. */
export const Json = optional(
  "json",
  (name) => Flag.String(name).pipe(Flag.withOptionalValue(""), Flag.withMetavar("<fields>")),
  "The same as -o json; --json=name,status prints these fields alone"
)

/** The names of the fields that were asked for. */
export const fieldNames = (fields: Option.Option<string>): ReadonlyArray<string> =>
  Option.getOrElse(fields, () => "").split(",").map((name) => name.trim()).filter((name) => name !== "")

/** The ways to say when something was. */
export const times = ["relative", "local", "utc"] as const

/** How to say when something was. */
export const Time = optional(
  "time",
  (name) => Flag.Literals(name, times),
  "How tables show times; in a pipe, relative is UTC [relative; PCB_TIME]"
)

/** Whether to say nothing but errors on standard error. */
export const Quiet = GlobalFlag.Setting("quiet")({
  flag: Flag.withAlias(Flags.toggle("quiet", "No notes on standard error, errors only"), "q")
})

/** Whether to ask nothing. */
export const NoInput = optional(
  "no-input",
  Flag.Boolean,
  "Ask nothing: what needs a yes is refused without --yes [PCB_NO_INPUT, CI]"
)

/** Whether to use the built-in demo project instead of a real one. */
export const Demo = optional(
  "demo",
  Flag.Boolean,
  "Use the built-in demo project: no account, no key, no network [PCB_DEMO]"
)

/** Where the API is, if nobody says. The same as the default of core, which help does not load. */
export const defaultHost = "https://api.pinecone.io"

/** Where the API is. To a configuration an empty text is none, and the key would go elsewhere. */
export const Host = optional(
  "host",
  text("<url>", "a URL"),
  `Where the API is [PINECONE_CONTROLLER_HOST; ${defaultHost}]`
)

/** Whether the key may travel to a host that is not loopback without encryption. */
export const InsecureHttp = optional(
  "insecure-http",
  Flag.Boolean,
  "Allow http to another machine, where the API key travels unencrypted [PINECONE_ALLOW_INSECURE_HOST]"
)

/**
 * Whether to dress what is printed in colours. Nobody asks for it here: help and mistakes come before flags are
 * parsed, so `bin` asks the bare arguments.
 */
const Color = optional(
  "color",
  (name) => Flag.Literals(name, ["auto", "always", "never"]),
  "Whether to use colours, unless NO_COLOR is set [auto; NO_COLOR, FORCE_COLOR, TERM]"
)

/** Which part of the configuration file to use. */
export const Profile = optional(
  "profile",
  text("<name>", "the name of a profile"),
  "Which profile of the configuration file to use [PCB_PROFILE]"
)

/** Where the API key is, instead of in the environment. */
export const ApiKeyFile = optional(
  "api-key-file",
  text("<path|->", "a path"),
  "Read the API key from this file, or from standard input"
)

/** How long one request may take. */
export const RequestTimeout = optional("request-timeout", Flags.duration, "How long one request may take [30s]")

/** Whether to show requests and the status of their answers. */
const Debug = optional(
  "debug",
  Flag.Boolean,
  "Show requests and how they were answered, without the key [PCB_DEBUG, PINECONE_DEBUG]"
)

/**
 * A switch: the flag, else its variable, else off. Asked by the command and not by the parser, which has no words for a
 * variable that is wrong.
 */
export const isOn = Effect.fnUntraced(function*(
  flag: Option.Option<boolean>,
  variable: string,
  otherwise: Effect.Effect<boolean, Config.ConfigError> = Effect.succeed(false)
) {
  if (Option.isSome(flag)) return flag.value
  const value = yield* Config.option(Config.Boolean(variable))
  return Option.isSome(value) ? value.value : yield* otherwise
})

/** Whether a variable that other programs read too, with values of their own, is on: anything but a word for no. */
const isSet = (variable: string) =>
  Effect.map(
    Config.option(Config.String(variable)),
    Option.exists((value) => !["", "0", "false", "no", "off", "n"].includes(value.trim().toLowerCase()))
  )

/** Whether requests and the status of their answers are shown. */
export const isDebugging = Effect.flatMap(Debug, (flag) => isOn(flag, "PCB_DEBUG", isSet("PINECONE_DEBUG")))

/** Whether this runs in a pipeline, where nobody sits. */
export const isCi = isSet("CI")

/**
 * The flags of the connection to the service that are given: they say nothing to a command that has none. `--demo` is not one
 * of them, since it says that there is none.
 */
export const givenForConnection = Effect.gen(function*() {
  const all: Readonly<Record<string, Option.Option<unknown>>> = {
    "--api-key-file": yield* ApiKeyFile,
    "--host": yield* Host,
    "--insecure-http": yield* InsecureHttp,
    "--request-timeout": yield* RequestTimeout,
    "--debug": yield* Debug
  }
  return Object.keys(all).filter((name) => all[name] !== undefined && Option.isSome(all[name]))
})

/** All of them, in the order of the help page. */
export const all = [
  Output,
  Json,
  Quiet,
  Time,
  Color,
  NoInput,
  Demo,
  Profile,
  ApiKeyFile,
  Host,
  InsecureHttp,
  RequestTimeout,
  Debug
] as const
