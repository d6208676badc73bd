/** The global flags. */
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flags from "./Flags.ts"

/** The output formats. */
export const formats = ["table", "wide", "json", "ndjson", "tsv", "id"] as const

/** Returns `true` if an output format is JSON. Errors are then JSON, too. */
export const isJson = (format: string | undefined): boolean => format === "json" || format === "ndjson"

/** An optional global flag. */
const optional = <const Name extends string, A>(
  name: Name,
  flag: (name: string) => Flag.Flag<A>,
  description: string
) => GlobalFlag.Setting(name)({ flag: Flags.optional(description)(flag(name)) })

/** A non-empty string flag: an empty string comes from an unset shell variable. */
const text = (metavar: string, expected: string) => (name: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar(metavar),
    Flag.filter((value) => value !== "", () => `Expected ${expected}, got an empty string`)
  )

/** `--output` */
export const Output = optional(
  "output",
  (name) => Flag.withAlias(Flag.Literals(name, formats), "o"),
  "Output format [table on a terminal, tsv in a pipe; PCB_OUTPUT]"
)

/** `--json`, with optional field names. */
export const Json = optional(
  "json",
  (name) => Flag.String(name).pipe(Flag.withOptionalValue(""), Flag.withMetavar("<fields>")),
  "Print JSON (same as -o json); --json=name,status prints only these fields"
)

/** The field names in `--json=…`. */
export const fieldNames = (fields: Option.Option<string>): ReadonlyArray<string> =>
  Option.getOrElse(fields, () => "").split(",").map((name) => name.trim()).filter((name) => name !== "")

/** The time formats. */
export const times = ["relative", "local", "utc"] as const

/** `--time` */
export const Time = optional(
  "time",
  (name) => Flag.Literals(name, times),
  "Time format in tables (in a pipe, relative prints UTC) [relative; PCB_TIME]"
)

/** `--quiet` */
export const Quiet = GlobalFlag.Setting("quiet")({
  flag: Flag.withAlias(Flags.toggle("quiet", "Print only errors to standard error"), "q")
})

/** `--no-pager` */
export const NoPager = GlobalFlag.Setting("no-pager")({
  flag: Flags.toggle("no-pager", "Print long tables directly, without a pager [PCB_PAGER, PAGER]")
})

/** `--no-input` */
export const NoInput = optional(
  "no-input",
  Flag.Boolean,
  "Never prompt; fail if confirmation is needed and --yes is missing [PCB_NO_INPUT, CI]"
)

/** `--demo` */
export const Demo = optional(
  "demo",
  Flag.Boolean,
  "Use the built-in demo project: no account, key or network [PCB_DEMO]"
)

/** The default API host. Duplicates core's default, so that help does not load core. */
export const defaultHost = "https://api.pinecone.io"

/** `--host`. Rejects an empty string, which `Config` would treat as unset: the key would go to another host. */
export const Host = optional(
  "host",
  text("<url>", "a URL"),
  `API host URL [PINECONE_CONTROLLER_HOST; ${defaultHost}]`
)

/** `--insecure-http` */
export const InsecureHttp = optional(
  "insecure-http",
  Flag.Boolean,
  "Allow http to another machine, which sends the API key unencrypted [PINECONE_ALLOW_INSECURE_HOST]"
)

/** `--color`. Not read here: help and usage errors are printed before parsing, so `main` reads the raw arguments. */
const Color = optional(
  "color",
  (name) => Flag.Literals(name, ["auto", "always", "never"]),
  "Color output (NO_COLOR takes precedence) [auto; NO_COLOR, FORCE_COLOR, TERM]"
)

/** `--profile`. Only the commands in `Projects.commands` accept several. */
export const Profiles = GlobalFlag.Setting("profile")({
  flag: Flags.repeated(
    text("<name>", "the name of a profile")("profile").pipe(
      Flag.withDescription("Profile of the configuration file to use [PCB_PROFILE]")
    )
  )
})

/** The profile in `--profile`. */
export const Profile = Effect.map(Profiles, ([name]) => Option.fromUndefinedOr(name))

/** `--api-key-file` */
export const ApiKeyFile = optional(
  "api-key-file",
  text("<path|->", "a path"),
  "Read the API key from this file, or from standard input (-)"
)

/** `--request-timeout` */
export const RequestTimeout = optional("request-timeout", Flags.duration, "Timeout for one request [30s]")

/** `--debug` */
const Debug = optional(
  "debug",
  Flag.Boolean,
  "Log requests and response statuses, without the API key [PCB_DEBUG, PINECONE_DEBUG]"
)

/**
 * Resolves a switch: its flag, else its variable, else `otherwise`. Commands call this, because the parser cannot
 * report an invalid variable.
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

/** Returns `true` if a variable shared with other programs is set to anything but a negative word. */
const isSet = (variable: string) =>
  Effect.map(
    Config.option(Config.String(variable)),
    Option.exists((value) => !["", "0", "false", "no", "off", "n"].includes(value.trim().toLowerCase()))
  )

/** `true` if requests are logged. */
export const isDebugging = Effect.flatMap(Debug, (flag) => isOn(flag, "PCB_DEBUG", isSet("PINECONE_DEBUG")))

/** `true` in a CI job, where prompts cannot be answered. */
export const isCi = isSet("CI")

/**
 * The connection flags that are given, for commands without a connection. Excludes `--demo`, which means that no
 * connection is used.
 */
export const givenForConnection = Effect.gen(function*() {
  const all: Readonly<Record<string, Option.Option<unknown>>> = {
    "--profile": yield* Profile,
    "--api-key-file": yield* ApiKeyFile,
    "--host": yield* Host,
    "--insecure-http": yield* InsecureHttp,
    "--request-timeout": yield* RequestTimeout,
    "--debug": yield* Debug
  }
  return Object.keys(all).filter((name) => all[name] !== undefined && Option.isSome(all[name]))
})

/** All global flags, in the order of the help page. */
export const all = [
  Output,
  Json,
  Quiet,
  Time,
  Color,
  NoPager,
  NoInput,
  Demo,
  Profiles,
  ApiKeyFile,
  Host,
  InsecureHttp,
  RequestTimeout,
  Debug
] as const
