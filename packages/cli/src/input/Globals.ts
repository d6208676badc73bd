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

/** How to print the result. */
export const Output = GlobalFlag.Setting("output")({
  flag: Flag.Literals("output", formats).pipe(
    Flag.withAlias("o"),
    Flag.withDescription("How to print the result [a table on a terminal, TSV in a pipe; PCB_OUTPUT]"),
    Flag.optional
  )
})

/** The result as the API's own JSON, or as the fields of it that are named. */
export const Json = GlobalFlag.Setting("json")({
  flag: Flag.String("json").pipe(
    Flag.withOptionalValue(""),
    Flag.withMetavar("<fields>"),
    Flag.withDescription("The same as -o json; --json=name,status prints these fields alone"),
    Flag.optional
  )
})

/** The ways to say when something was. */
export const times = ["relative", "local", "utc"] as const

/** How to say when something was. */
export const Time = GlobalFlag.Setting("time")({
  flag: Flag.Literals("time", times).pipe(
    Flag.withDescription("How tables say when something was [relative; PCB_TIME]"),
    Flag.optional
  )
})

/** Whether to say nothing but errors on standard error. */
export const Quiet = GlobalFlag.Setting("quiet")({
  flag: Flag.Boolean("quiet").pipe(
    Flag.withAlias("q"),
    Flag.withDescription("No notes on standard error, errors only"),
    Flag.withDefault(false)
  )
})

/** Whether to ask nothing. */
export const NoInput = GlobalFlag.Setting("no-input")({
  flag: Flag.Boolean("no-input").pipe(
    Flag.withDescription("Ask nothing: what needs a yes is refused without --yes [PCB_NO_INPUT, CI]"),
    Flag.optional
  )
})

/** Whether to use the built-in demo project instead of a real one. */
export const Demo = GlobalFlag.Setting("demo")({
  flag: Flag.Boolean("demo").pipe(
    Flag.withDescription("Use the built-in demo project: no account, no key, no network [PCB_DEMO]"),
    Flag.optional
  )
})

/** Where the API is, if nobody says. The same as the default of core, which help does not load. */
export const defaultHost = "https://api.pinecone.io"

/** Where the API is. */
export const Host = GlobalFlag.Setting("host")({
  flag: Flag.String("host").pipe(
    Flag.withMetavar("<url>"),
    // A variable that was empty. To a configuration an empty text is none, and the key would go elsewhere.
    Flag.filter((host) => host !== "", () => "Expected a URL, got nothing"),
    Flag.withDescription(`Where the API is [PINECONE_CONTROLLER_HOST; ${defaultHost}]`),
    Flag.optional
  )
})

/**
 * Whether to dress what is printed in colours. Nobody asks for it here: help and mistakes come before flags are
 * parsed, so `bin` asks the bare arguments.
 */
const Color = GlobalFlag.Setting("color")({
  flag: Flag.Literals("color", ["auto", "always", "never"]).pipe(
    Flag.withDescription("Whether to use colours, unless NO_COLOR is set [auto; NO_COLOR, FORCE_COLOR, TERM]"),
    Flag.optional
  )
})

/** Which part of the configuration file to use. */
export const Profile = GlobalFlag.Setting("profile")({
  flag: Flag.String("profile").pipe(
    Flag.withMetavar("<name>"),
    Flag.filter((name) => name !== "", () => "Expected the name of a profile, got nothing"),
    Flag.withDescription("Which profile of the configuration file to use [PCB_PROFILE]"),
    Flag.optional
  )
})

/** Where the API key is, instead of in the environment. */
export const ApiKeyFile = GlobalFlag.Setting("api-key-file")({
  flag: Flag.String("api-key-file").pipe(
    Flag.withMetavar("<path|->"),
    Flag.filter((path) => path !== "", () => "Expected a path, got nothing"),
    Flag.withDescription("Read the API key from this file, or from standard input"),
    Flag.optional
  )
})

/** How long one request may take. */
export const RequestTimeout = GlobalFlag.Setting("request-timeout")({
  flag: Flags.duration("request-timeout").pipe(
    Flag.withDescription("How long one request may take [30s]"),
    Flag.optional
  )
})

/** Whether to show requests and the status of their answers. */
const Debug = GlobalFlag.Setting("debug")({
  flag: Flag.Boolean("debug").pipe(
    Flag.withDescription("Show requests and how they were answered, without the key [PCB_DEBUG, PINECONE_DEBUG]"),
    Flag.optional
  )
})

/**
 * A switch: the flag, else the first of its variables that is set, else off. Asked by the command and not
 * by the parser, which has no words for a variable that is wrong.
 */
export const isOn = Effect.fnUntraced(function*(flag: Option.Option<boolean>, ...variables: ReadonlyArray<string>) {
  if (Option.isSome(flag)) return flag.value
  for (const variable of variables) {
    const value = yield* Config.option(Config.Boolean(variable))
    if (Option.isSome(value)) return value.value
  }
  return false
})

/** Whether requests and the status of their answers are shown. */
export const isDebugging = Effect.flatMap(Debug, (flag) => isOn(flag, "PCB_DEBUG", "PINECONE_DEBUG"))

/** Whether this runs in a pipeline, where nobody sits: `CI` is anything but empty, `0` or `false`. */
export const isCi = Effect.map(
  Config.option(Config.String("CI")),
  Option.exists((value) => !["", "0", "false"].includes(value.toLowerCase()))
)

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
  RequestTimeout,
  Debug
] as const
