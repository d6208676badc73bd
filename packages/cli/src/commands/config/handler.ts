/** Handlers of `pcb config`. */
import * as CliError from "effect/cli/CliError"
import * as Prompt from "effect/cli/Prompt"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Struct from "effect/Struct"
import * as ResolveSetting from "../../config/ResolveSetting.ts"
import type * as SettingNames from "../../config/SettingNames.ts"
import * as Settings from "../../config/Settings.ts"
import type { File } from "../../config/SettingsFile.ts"
import * as Globals from "../../input/Globals.ts"
import type * as Json from "../../output/Json.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as Columns from "../../shared/Columns.ts"
import * as Confirmation from "../../shared/Confirmation.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"

// ============================================================================
// show
// ============================================================================

/** A row of `pcb config show`, without secrets. */
interface Row {
  readonly setting: string
  readonly value: string | undefined
  readonly source: string
}

const view = Effect.map(Columns.make, ({ text }): Output.View<Row> => ({
  toJson: ({ setting, source, value = null }): typeof Json.Setting.Encoded => ({ setting, value, source }),
  id: ({ setting }) => setting,
  columns: [
    text("SETTING", ({ setting }) => setting),
    text("VALUE", ({ value }) => value, { shrinkTo: 20 }),
    text("SOURCE", ({ source }) => source, { dropAt: 1, isPressing: true })
  ]
}))

const rows = Effect.gen(function*() {
  const { profile } = yield* Settings.Settings
  const row = Effect.fnUntraced(function*(setting: ResolveSetting.Name) {
    const { source, value } = yield* ResolveSetting.of(setting)
    const isSaid = value !== undefined && source !== "default"
    return { setting, source, value: isSaid ? ResolveSetting.shown(setting, value) : value } satisfies Row as Row
  })
  const inUse = yield* profile
  const all = yield* Effect.forEach(Struct.keys(ResolveSetting.defaults), row)
  return [{ setting: "profile", value: inUse?.value, source: inUse?.source ?? "not set" }, ...all]
})

/** `pcb config` and `pcb config show` */
export const show = Effect.fnUntraced(function*() {
  yield* Output.list(yield* view, Stream.fromIterable(yield* rows), { limit: Option.none(), empty: "" })
  yield* Settings.warn("all")
})

/** `pcb config path` */
export const path = Effect.flatMap(Settings.Settings, ({ path }) => Effect.flatMap(path, Console.log))

// ============================================================================
// set and unset
// ============================================================================

/**
 * Parses a Boolean setting, accepting the same words as its variable. Other strings are returned unchanged, and
 * rejected when the file is validated.
 */
const switchOf = (text: string): Effect.Effect<boolean | string> =>
  Effect.orElseSucceed(Config.Boolean("value").parse(ConfigProvider.fromUnknown({ value: text })), () => text)

/** Changes a setting of the profile in `--profile`, or else a top-level setting. */
const change = Effect.fnUntraced(function*(name: SettingNames.Name | "profile", value: string | undefined) {
  const { path, update } = yield* Settings.Settings
  const profile = Option.getOrUndefined(yield* Globals.Profile)
  const typed = name === "insecure-http" && value !== undefined ? yield* switchOf(value) : value
  const changed = <A extends object>(settings: A) =>
    typed === undefined ? Struct.omit({ ...settings, [name]: "" }, [name]) : { ...settings, [name]: typed }
  // The file is validated before it is saved, so the type need not match here.
  yield* update((all) =>
    (profile === undefined || name === "profile"
      ? changed(all)
      : { ...all, profiles: { ...all.profiles, [profile]: changed(all.profiles?.[profile] ?? {}) } }) as File
  )
  const at = profile === undefined || name === "profile" ? "" : ` of profile ${Format.plain(profile)}`
  yield* Note.info(`${name}${at} ${value === undefined ? "unset" : "set"} in ${Format.plain(yield* path)}`)
})

/**
 * Reads a secret from a prompt or from standard input, never from an argument, which the shell would keep in its
 * history.
 */
const readSecret = Effect.fnUntraced(function*(message: string) {
  const { canAsk } = yield* Screen.Screen
  if (canAsk) {
    return Redacted.value(yield* Confirmation.prompt(Prompt.Password({ message })))
  }
  const { stdin } = yield* Stdio.Stdio
  return yield* Effect.orElseSucceed(Stream.mkString(Stream.decodeText(stdin)), () => "")
})

const usage = (error: CliError.NonShowHelpErrors) =>
  new CliError.ShowHelp({ commandPath: ["pcb", "config", "set"], errors: [error] })

/** Returns `true` for the URL of a database with a password in it. */
const hasPassword = (store: string): boolean =>
  Option.exists(Option.liftThrowable((text: string) => new URL(text))(store), (url) => url.password !== "")

interface SetInput {
  readonly name: SettingNames.Name | "profile"
  readonly value: Option.Option<string>
}

/** `pcb config set` */
export const set = Effect.fnUntraced(function*({ name, value }: SetInput) {
  const isSecret = name === "api-key" ||
    (name === "store" && Option.exists(value, (value) => value === "-" || hasPassword(value)))
  if (!isSecret) {
    if (Option.isSome(value)) return yield* change(name, value.value)
    return yield* usage(new CliError.MissingArgument({ argument: "value" }))
  }
  if (Option.isSome(value) && value.value !== "-") {
    const message = name === "store"
      ? "Do not pass a URL with a password as an argument, which the shell history keeps. Use pcb config set store - < FILE"
      : "Do not pass the API key as an argument, which the shell history keeps. Use pcb config set api-key < FILE"
    return yield* usage(new CliError.ValidationError({ message }))
  }
  yield* change(name, (yield* readSecret(name === "store" ? "Store" : "API key")).trim())
})

/** `pcb config unset` */
export const unset = ({ name }: Pick<SetInput, "name">) => change(name, undefined)
