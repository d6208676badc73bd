/** The drill store of a project: a SQLite file or a Postgres database. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Redacted from "effect/Redacted"
import * as ResolveSetting from "../config/ResolveSetting.ts"
import * as SettingNames from "../config/SettingNames.ts"
import * as Settings from "../config/Settings.ts"
import { CliFailure } from "../output/CliFailure.ts"
import * as ExitCode from "../output/ExitCode.ts"
import * as SystemReason from "../output/SystemReason.ts"
import * as Format from "../terminal/Format.ts"
import * as NodeVersion from "./NodeVersion.ts"

/** A store. A file has at most one runner; a database can have runners on several machines. */
export type Store =
  | { readonly _tag: "File"; readonly path: string }
  | { readonly _tag: "Postgres"; readonly url: Redacted.Redacted<string> }

/** Describes a store for output, without the password. */
export const describe = (store: Store): string =>
  Format.plain(
    store._tag === "File" ? store.path : ResolveSetting.shown("store", Redacted.value(store.url))
  )

const unusable = (message: string, hint: string) =>
  new CliFailure({ code: "STORE_UNUSABLE", message, hint, exitCode: ExitCode.usage })

/** Reads an environment variable. An empty variable counts as unset. */
const variable = (name: string) => Effect.orElseSucceed(Config.NonEmptyString(name), () => undefined)

/** The folder for state files of `pcb`. */
const stateDirectory = Effect.gen(function*() {
  const { join } = yield* Path.Path
  const own = yield* variable(process.platform === "win32" ? "LOCALAPPDATA" : "XDG_STATE_HOME")
  if (own !== undefined) return join(own, "pcb")
  const home = yield* variable("HOME")
  if (home !== undefined) return join(home, ".local", "state", "pcb")
  return yield* new CliFailure({
    code: "NO_STATE_FOLDER",
    message: "No folder for the drill store: neither HOME nor XDG_STATE_HOME is set",
    hint: `set ${SettingNames.variables.store} to a file path or the URL of a Postgres database`,
    exitCode: ExitCode.usage
  })
})

/** The default file. Each profile has its own, because a profile stands for a project. */
const usualFile = Effect.gen(function*() {
  const { join } = yield* Path.Path
  const profile = yield* (yield* Settings.Settings).profile
  const suffix = profile === undefined ? "" : `-${encodeURIComponent(profile.value)}`
  return join(yield* stateDirectory, `drills${suffix}.db`)
})

const isDatabase = (value: string): boolean => /^postgres(ql)?:\/\//i.test(value)

/** Locates the store: from `PCB_STORE` or the configuration file, else the default file. */
const locate = Effect.gen(function*() {
  const { source, value = "" } = yield* ResolveSetting.of("store")
  if (source !== "default" && isDatabase(value)) {
    return { _tag: "Postgres", url: Redacted.make(value) } satisfies Store as Store
  }
  if (source !== "default" && /^\w+:\/\//.test(value)) {
    return yield* unusable(
      `${source}: must be a file path or a postgres:// URL`,
      "other databases are not supported"
    )
  }
  return { _tag: "File", path: source === "default" ? yield* usualFile : value } satisfies Store as Store
})

const checkNode = (store: Store) =>
  store._tag === "Postgres" || NodeVersion.isSupported(process.versions.node)
    ? Effect.succeed(store)
    : Effect.fail(unusable(
      `A file store requires Node ${NodeVersion.oldest} or newer; this is Node ${process.versions.node}`,
      `update Node, or set ${SettingNames.variables.store} to the URL of a Postgres database`
    ))

/** The configured store. Fails if this version of Node does not support it. */
export const resolve = Effect.flatMap(locate, checkNode)

/** The configured store; `undefined` if its file does not exist. */
export const existing = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const store = yield* locate
  if (store._tag === "File" && !(yield* Effect.orElseSucceed(fs.exists(store.path), () => true))) return undefined
  return yield* checkNode(store)
})

/** Creates the folder of a file store, accessible only to the user. */
export const prepare = Effect.fnUntraced(function*(store: Store) {
  if (store._tag === "Postgres") return
  const fs = yield* FileSystem.FileSystem
  const { dirname } = yield* Path.Path
  yield* Effect.mapError(
    fs.makeDirectory(dirname(store.path), { recursive: true, mode: 0o700 }),
    (error) =>
      unusable(
        `Cannot create the folder of ${describe(store)}: ${SystemReason.ofWrite(error)}`,
        `set ${SettingNames.variables.store} to a writable file path`
      )
  )
})
