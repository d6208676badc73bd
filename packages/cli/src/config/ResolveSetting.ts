/** Resolves settings and their sources. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Globals from "../input/Globals.ts"
import * as Format from "../terminal/Format.ts"
import * as SettingNames from "./SettingNames.ts"
import * as Settings from "./Settings.ts"

/** The defaults of settings. */
export const defaults = {
  "api-key": undefined,
  "host": Globals.defaultHost,
  "insecure-http": "false",
  "api-version": "2026-04",
  "output": "table on a terminal, tsv in a pipe",
  "time": "relative",
  "store": "a file of this user",
  "policy": "a file in the current directory"
} as const satisfies Readonly<Record<Exclude<SettingNames.Name, "api-key-file">, string | undefined>>

/** The name of a setting that has a value. */
export type Name = keyof typeof defaults

/** The value and source of a setting. */
interface Sourced {
  /** For `--api-key-file`, the path of the file instead of the key. `undefined` if the setting is not set. */
  readonly value: string | undefined
  /** The flag, the variable, or the file and profile; otherwise `default` or `not set`. */
  readonly source: string
}

/** The flags of settings. */
const flags = {
  "api-key": ["--api-key-file", Globals.ApiKeyFile],
  "host": ["--host", Globals.Host],
  "insecure-http": ["--insecure-http", Globals.InsecureHttp],
  "output": ["--output", Globals.Output],
  "time": ["--time", Globals.Time]
} as const

/** Resolves a setting: from its flag, else the environment, else files. */
export const of = Effect.fnUntraced(function*(name: Name) {
  const sourced = (value: string | undefined, source: string): Sourced => ({ value, source })
  const { environment, find } = yield* Settings.Settings
  if (name !== "api-version" && name !== "store" && name !== "policy") {
    const [flag, global] = flags[name]
    const given: Option.Option<string | boolean> = yield* global
    if (Option.isSome(given)) return sourced(String(given.value), flag)
  }
  const variable = SettingNames.variables[name]
  if (variable !== undefined) {
    const fromEnvironment = yield* Config.option(Config.NonEmptyString(variable)).parse(environment)
    if (Option.isSome(fromEnvironment)) return sourced(fromEnvironment.value, variable)
  }
  const value = defaults[name]
  return (yield* find(name)) ?? sourced(value, value === undefined ? "not set" : "default")
})

/** A value without secrets: keys and credentials in URLs are masked. */
export const shown = (name: Name, value: string): string =>
  name === "api-key" ? "(set)" : Format.withoutKeys(value.replace(/\/\/[^/@]*@/, "//…@"))
