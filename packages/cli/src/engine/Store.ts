/** Where the drills of a project are kept: a file of this user, or a Postgres database. */
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
import * as Format from "../terminal/Format.ts"
import * as NodeVersion from "./NodeVersion.ts"

/** A store. Only one process runs the drills in a file. Any number of machines run those in a database. */
export type Store =
  | { readonly _tag: "File"; readonly path: string }
  | { readonly _tag: "Postgres"; readonly url: Redacted.Redacted<string> }

/** A store as it may be printed, without a password. */
export const describe = (store: Store): string =>
  Format.plain(
    store._tag === "File" ? store.path : ResolveSetting.shown("store", Redacted.value(store.url))
  )

const unusable = (message: string, hint: string) =>
  new CliFailure({ code: "STORE_UNUSABLE", message, hint, exitCode: ExitCode.usage })

/** A variable of the environment. An empty one counts as unset. */
const variable = (name: string) => Effect.orElseSucceed(Config.NonEmptyString(name), () => undefined)

/** The folder for the state of this user's programs. */
const stateDirectory = Effect.gen(function*() {
  const { join } = yield* Path.Path
  const own = yield* variable(process.platform === "win32" ? "LOCALAPPDATA" : "XDG_STATE_HOME")
  if (own !== undefined) return join(own, "pcb")
  const home = yield* variable("HOME")
  if (home !== undefined) return join(home, ".local", "state", "pcb")
  return yield* new CliFailure({
    code: "NO_STATE_FOLDER",
    message: "There is no folder to keep drills in: neither HOME nor XDG_STATE_HOME is set",
    hint: `set ${SettingNames.variables.store} to the path of a file, or to the URL of a Postgres database`,
    exitCode: ExitCode.usage
  })
})

/** The file of a project if no store is set. A profile stands for a project, so each has its own. */
const usualFile = Effect.gen(function*() {
  const { join } = yield* Path.Path
  const profile = yield* (yield* Settings.Settings).profile
  const suffix = profile === undefined ? "" : `-${encodeURIComponent(profile.value)}`
  return join(yield* stateDirectory, `drills${suffix}.db`)
})

const isDatabase = (value: string): boolean => /^postgres(ql)?:\/\//i.test(value)

/** The store of this command line: `PCB_STORE`, the configuration file, or a file in the user's state directory. */
const locate = Effect.gen(function*() {
  const { source, value = "" } = yield* ResolveSetting.of("store")
  if (source !== "default" && isDatabase(value)) {
    return { _tag: "Postgres", url: Redacted.make(value) } satisfies Store as Store
  }
  if (source !== "default" && /^\w+:\/\//.test(value)) {
    return yield* unusable(
      `${source}: the store must be a path or a postgres:// URL`,
      "other databases are not supported"
    )
  }
  return { _tag: "File", path: source === "default" ? yield* usualFile : value } satisfies Store as Store
})

const checkNode = (store: Store) =>
  store._tag === "Postgres" || NodeVersion.isSupported(process.versions.node)
    ? Effect.succeed(store)
    : Effect.fail(unusable(
      `Drills in a file need Node ${NodeVersion.oldest} or newer; this is Node ${process.versions.node}`,
      `set ${SettingNames.variables.store} to the URL of a Postgres database, or update Node`
    ))

/** The store of this command line. Fails if this version of Node cannot use it. */
export const resolve = Effect.flatMap(locate, checkNode)

/** The store of this command line, if it exists; `undefined` if nothing was ever kept in it. */
export const existing = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const store = yield* locate
  if (store._tag === "File" && !(yield* Effect.orElseSucceed(fs.exists(store.path), () => true))) return undefined
  return yield* checkNode(store)
})

/** Creates the folder of a store in a file. Only its owner can read it. */
export const prepare = Effect.fnUntraced(function*(store: Store) {
  if (store._tag === "Postgres") return
  const fs = yield* FileSystem.FileSystem
  const { dirname } = yield* Path.Path
  yield* Effect.mapError(
    fs.makeDirectory(dirname(store.path), { recursive: true, mode: 0o700 }),
    ({ reason }) =>
      unusable(
        `The folder of ${describe(store)} cannot be created: ${reason._tag}`,
        `set ${SettingNames.variables.store} to the path of a file that can be written`
      )
  )
})
