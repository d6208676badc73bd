/** What holds for a setting, and who says so. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Globals from "../input/Globals.ts"
import * as Format from "../terminal/Format.ts"
import * as SettingNames from "./SettingNames.ts"
import * as Settings from "./Settings.ts"

/** What holds where nobody says anything. */
export const defaults = {
  "api-key": undefined,
  "host": Globals.defaultHost,
  "insecure-http": "false",
  "api-version": "2026-04",
  "output": "table on a terminal, tsv in a pipe",
  "time": "relative",
  "store": "a file of this user"
} as const satisfies Readonly<Record<Exclude<SettingNames.Name, "api-key-file">, string | undefined>>

/** A setting with a value of its own. */
export type Name = keyof typeof defaults

/** What holds for a setting. */
interface Sourced {
  /** Of `--api-key-file` where the key is, and not the key. `undefined`, if nobody says anything. */
  readonly value: string | undefined
  /** The flag, the variable, the file and its profile; `default`, or `nowhere`. */
  readonly source: string
}

/** The flags that say it. */
const flags = {
  "api-key": ["--api-key-file", Globals.ApiKeyFile],
  "host": ["--host", Globals.Host],
  "insecure-http": ["--insecure-http", Globals.InsecureHttp],
  "output": ["--output", Globals.Output],
  "time": ["--time", Globals.Time]
} as const

/** What holds for a setting: what a flag says, else the environment, else files. */
export const of = Effect.fnUntraced(function*(name: Name) {
  const sourced = (value: string | undefined, source: string): Sourced => ({ value, source })
  const { environment, find } = yield* Settings.Settings
  if (name !== "api-version" && name !== "store") {
    const [flag, global] = flags[name]
    const given: Option.Option<string | boolean> = yield* global
    if (Option.isSome(given)) return sourced(String(given.value), flag)
  }
  const variable = SettingNames.variables[name]
  const fromEnvironment = yield* Config.option(Config.NonEmptyString(variable)).parse(environment)
  if (Option.isSome(fromEnvironment)) return sourced(fromEnvironment.value, variable)
  const value = defaults[name]
  return (yield* find(name)) ?? sourced(value, value === undefined ? "nowhere" : "default")
})

/** As much of a value as may be shown: of a key, and of credentials in an address, that they are there. */
export const shown = (name: Name, value: string): string =>
  name === "api-key" ? "(set)" : Format.withoutKeys(value.replace(/\/\/[^/@]*@/, "//…@"))
