/**
 * `pcb config`
 *
 * @since 0.1.0
 */
import * as Argument from "effect/cli/Argument"
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Prompt from "effect/cli/Prompt"
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Struct from "effect/Struct"
import * as Terminal from "effect/Terminal"
import * as Consent from "../Consent.ts"
import * as Format from "../Format.ts"
import * as Globals from "../Globals.ts"
import type * as Json from "../Json.ts"
import * as Note from "../Note.ts"
import * as Output from "../Output.ts"
import * as Screen from "../Screen.ts"
import * as Settings from "../Settings.ts"

// ============================================================================
// show
// ============================================================================

/** A setting, as far as it may be shown. */
interface Row {
  readonly setting: string
  readonly value: string | undefined
  readonly source: string
}

const view = Effect.map(Screen.Screen, (screen): Output.View<Row> => {
  const known = Screen.orDash(screen)
  return {
    toJson: ({ setting, source, value = null }): typeof Json.Setting.Encoded => ({ setting, value, source }),
    id: ({ setting }) => setting,
    columns: [
      { header: "SETTING", show: ({ setting }) => setting, raw: ({ setting }) => setting },
      {
        header: "VALUE",
        shrinkTo: 20,
        show: ({ value }) => known(value, Format.plain),
        raw: ({ value = "" }) => value
      },
      {
        header: "FROM",
        dropAt: 1,
        isPressing: true,
        show: ({ source }) => Format.plain(source),
        raw: ({ source }) => source
      }
    ]
  }
})

const defaults: Readonly<Record<Exclude<Settings.Name, "api-key-file">, string | undefined>> = {
  "api-key": undefined,
  "host": "https://api.pinecone.io",
  "api-version": "2026-04",
  "output": "table on a terminal, tsv in a pipe",
  "time": "relative"
}

/** A key, and credentials in an address, are told to be there and no more. */
const hidden = (name: keyof typeof defaults, value: string): string =>
  name === "api-key" ? "(set)" : Format.withoutKeys(value.replace(/\/\/[^/@]*@/, "//…@"))

const rows = Effect.gen(function*() {
  const { environment, find, profile } = yield* Settings.Settings
  const flags: Partial<Record<keyof typeof defaults, readonly [flag: string, value: Option.Option<string>]>> = {
    "api-key": ["--api-key-file", yield* Globals.ApiKeyFile],
    "host": ["--host", yield* Globals.Host],
    "output": ["--output", yield* Globals.Output],
    "time": ["--time", yield* Globals.Time]
  }
  const row = Effect.fnUntraced(function*(name: keyof typeof defaults) {
    const show = (value: string, source: string): Row => ({ setting: name, value: hidden(name, value), source })
    const [flag, given] = flags[name] ?? ["", Option.none<string>()]
    if (Option.isSome(given)) return show(given.value, flag)
    const variable = Settings.variables[name]
    const fromEnvironment = yield* Config.option(Config.NonEmptyString(variable)).parse(environment)
    if (Option.isSome(fromEnvironment)) return show(fromEnvironment.value, variable)
    const found = yield* find(name)
    return found === undefined
      ? { setting: name, value: defaults[name], source: defaults[name] === undefined ? "nowhere" : "default" }
      : show(found.value, found.source)
  })
  const inUse = yield* profile
  const all = yield* Effect.forEach(Struct.keys(defaults), row)
  return [{ setting: "profile", value: inUse?.value, source: inUse?.source ?? "nowhere" }, ...all]
})

const showAll = Effect.gen(function*() {
  yield* Output.list(yield* view, Stream.fromIterable(yield* rows), { limit: Option.none(), empty: "" })
  yield* Settings.warn("all")
})

const show = Command.make("show", {}, () => showAll).pipe(
  Command.withDescription("Show every setting and where it comes from; of the key, that there is one"),
  Command.withExamples([
    { command: "pcb config show", description: "What holds here" },
    { command: "pcb config show --profile staging", description: "What would hold with another profile" }
  ])
)

const path = Command.make(
  "path",
  {},
  () => Effect.flatMap(Settings.Settings, ({ path }) => Effect.flatMap(path, Console.log))
).pipe(
  Command.withDescription("Print where the configuration file is"),
  Command.withExamples([{ command: "cat \"$(pcb config path)\"", description: "What is in it" }])
)

// ============================================================================
// set and unset
// ============================================================================

const names = [...Settings.names, "profile"] as const

const name = Argument.Literals("setting", names).pipe(Argument.withDescription(`One of ${names.join(", ")}`))

/** What is changed: the settings of a profile, if one is named on the command line, else those of all. */
const change = Effect.fnUntraced(function*(name: Settings.Name | "profile", value: string | undefined) {
  const { file, path, save } = yield* Settings.Settings
  const all = yield* file
  const profile = Option.getOrUndefined(yield* Globals.Profile)
  const changed = <A extends object>(settings: A) =>
    value === undefined ? Struct.omit({ ...settings, [name]: "" }, [name]) : { ...settings, [name]: value }
  // What is saved is checked first, so that it need not have the type before.
  yield* save(
    (profile === undefined || name === "profile"
      ? changed(all)
      : { ...all, profiles: { ...all.profiles, [profile]: changed(all.profiles?.[profile] ?? {}) } }) as Settings.File
  )
  const at = profile === undefined || name === "profile" ? "" : ` of profile ${Format.plain(profile)}`
  yield* Note.say(`${name}${at} ${value === undefined ? "unset" : "set"} in ${Format.plain(yield* path)}`)
})

/** A key comes by way of a prompt or of standard input, never as an argument, which a shell keeps in its history. */
const readKey = Effect.gen(function*() {
  const { canAsk } = yield* Screen.Screen
  if (canAsk) {
    const answer = Prompt.run(Prompt.Password({ message: "API key" }))
    return Redacted.value(yield* Effect.provideServiceEffect(answer, Terminal.Terminal, Consent.onStandardError))
  }
  const { stdin } = yield* Stdio.Stdio
  return yield* Effect.orElseSucceed(Stream.mkString(Stream.decodeText(stdin)), () => "")
})

const usage = (error: CliError.NonShowHelpErrors) =>
  new CliError.ShowHelp({ commandPath: ["pcb", "config", "set"], errors: [error] })

const set = Command.make("set", {
  name,
  value: Argument.String("value").pipe(
    Argument.withDescription("Its value; left out for api-key, which is asked for or read from standard input"),
    Argument.optional
  )
}, ({ name, value }) =>
  Effect.gen(function*() {
    if (name !== "api-key") {
      if (Option.isSome(value)) return yield* change(name, value.value)
      return yield* usage(new CliError.MissingArgument({ argument: "value" }))
    }
    if (Option.isSome(value) && value.value !== "-") {
      const message = "The key is not an argument, which the shell would keep: pcb config set api-key < FILE"
      return yield* usage(new CliError.ValidationError({ message }))
    }
    yield* change(name, (yield* readKey).trim())
  })).pipe(
    Command.withDescription("Write a setting into the configuration file"),
    Command.withExamples([
      { command: "pcb config set output wide", description: "For every command" },
      {
        command: "pcb config set api-key --profile staging",
        description: "Asks for the key, and keeps it for a profile"
      },
      { command: "pcb config set profile staging", description: "The profile to use from now on" }
    ])
  )

const unset = Command.make("unset", { name }, ({ name }) => change(name, undefined)).pipe(
  Command.withDescription("Take a setting out of the configuration file"),
  Command.withExamples([{ command: "pcb config unset output", description: "Back to the default" }])
)

/**
 * `pcb config`
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make("config", {}, () => showAll).pipe(
  Command.withDescription("Settings that hold for every command, and where they come from"),
  Command.withExamples([
    { command: "pcb config", description: "Every setting and its source" },
    { command: "pcb config set host http://127.0.0.1:5081 --profile local", description: "A profile for the emulator" }
  ]),
  Command.withSubcommands([show, path, set, unset])
)
