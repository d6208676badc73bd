/**
 * Settings from files: the configuration file with its profiles, and the API key of the official Pinecone CLI.
 *
 * Flags and the environment take precedence. Files are read only if nothing else sets the requested value.
 */
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type * as PlatformError from "effect/PlatformError"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Argv from "../input/Argv.ts"
import * as Globals from "../input/Globals.ts"
import * as Projects from "../input/Projects.ts"
import { CliFailure } from "../output/CliFailure.ts"
import * as CommandLine from "../output/CommandLine.ts"
import * as ExitCode from "../output/ExitCode.ts"
import * as Note from "../output/Note.ts"
import * as SystemReason from "../output/SystemReason.ts"
import * as SettingNames from "./SettingNames.ts"
import type { File, Parts, Wrong } from "./SettingsFile.ts"

/** A value and the file it comes from. */
interface Sourced {
  readonly value: string
  /** For display: `~/.config/pcb/config.json, profile work`. */
  readonly source: string
}

/** The settings. */
export interface Service {
  /** The environment, without files. */
  readonly environment: ConfigProvider.ConfigProvider
  /** The path of the configuration file, even if the file does not exist. */
  readonly path: Effect.Effect<string, CliFailure>
  /** The content of the configuration file. Empty if it does not exist. */
  readonly file: Effect.Effect<File, CliFailure>
  /** The profile in use and its source. */
  readonly profile: Effect.Effect<Sourced | undefined, CliFailure>
  /** Reads a setting from files. */
  readonly find: (name: SettingNames.Name) => Effect.Effect<Sourced | undefined, CliFailure>
  /**
   * The files read so far that contain a key and are readable by other users. The value is `false` for files of the
   * official Pinecone CLI.
   */
  readonly loose: ReadonlyMap<string, boolean>
  /**
   * The profiles in the configuration file, and whether each may have an API key of its own. A profile that cannot be
   * read may have one.
   */
  readonly profiles: Effect.Effect<ReadonlyMap<string, boolean>, CliFailure>
  /** The settings of another profile. They do not depend on other profiles, which may be invalid. */
  readonly ofProfile: (name: string) => Service
  /** Updates the current content of the configuration file, under a lock. */
  readonly update: (change: (file: File) => File) => Effect.Effect<void, CliFailure>
}

/** The settings. */
export class Settings extends Context.Service<Settings, Service>()("@pinecone-backups/cli/config/Settings") {}

/** Warns about files with a key that other users can read: all of them, or only the files of pcb. */
export const warn = Effect.fnUntraced(function*(which: "all" | "ours") {
  const { loose } = yield* Settings
  for (const [path, isOurs] of loose) {
    if (isOurs || which === "all") {
      yield* Note.info(
        `note: the API key is readable by other users of this machine: ${CommandLine.words`chmod 600 ${path}` ?? path}`
      )
    }
  }
})

const invalid = (message: string, hint: CommandLine.Hint) =>
  new CliFailure({ code: "INVALID_CONFIG", message, hint, exitCode: ExitCode.usage })

/** The error for a file that cannot be used. */
const unusable = (path: string, wrong: string) => invalid(`${path}: ${wrong}`, "fix or delete the file")

/** The error for a file that the operating system refuses to read or write. There may be no file to fix or delete. */
const refused = (path: string, operation: "read" | "written") => (error: PlatformError.PlatformError) => {
  const wrong = operation === "read" ? SystemReason.of(error) : SystemReason.ofWrite(error)
  return new CliFailure({
    code: "INVALID_CONFIG",
    message: `${path}: cannot be ${operation}: ${wrong}`,
    hint: error.reason._tag === "PermissionDenied" ? "check the permissions of the file and its folder" : undefined,
    exitCode: ExitCode.usage
  })
}

const settingsFile = Effect.promise(() => import("./SettingsFile.ts"))

const decodeFile = (text: string) => Effect.flatMap(settingsFile, ({ decode }) => decode(text))

/** Creates the settings of a command line. Reads `--profile` from the raw arguments, before they are parsed. */
export const make = Effect.fnUntraced(function*(args: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  const { dirname, join } = yield* Path.Path
  const environment = yield* ConfigProvider.ConfigProvider
  const loose = new Map<string, boolean>()

  const variable = (name: string) =>
    Effect.orElseSucceed(Config.NonEmptyString(name).parse(environment), () => undefined)

  const home = Effect.flatMap(
    variable("HOME"),
    (home) => home === undefined ? variable("USERPROFILE") : Effect.succeed(home)
  )

  const path = yield* Effect.cached(Effect.gen(function*() {
    const own = process.platform === "win32" ? yield* variable("APPDATA") : yield* variable("XDG_CONFIG_HOME")
    if (own !== undefined) return join(own, "pcb", "config.json")
    const directory = yield* home
    if (directory !== undefined) return join(directory, ".config", "pcb", "config.json")
    return yield* new CliFailure({
      code: "NO_HOME",
      message: "No location for the configuration file: neither HOME nor XDG_CONFIG_HOME is set",
      exitCode: ExitCode.usage
    })
  }))

  /** The content of a file, or `undefined` if it does not exist. */
  const read = (path: string) =>
    fs.readFileString(path).pipe(
      Effect.catchIf((error) => error.reason._tag === "NotFound", () => Effect.undefined),
      Effect.mapError(refused(path, "read"))
    )

  /** Records a file with a secret that is readable by other users. Windows does not have file modes. */
  const checkMode = (path: string, isOurs = true) =>
    process.platform === "win32" ? Effect.void : Effect.match(fs.stat(path), {
      onFailure: () => undefined,
      onSuccess: ({ mode }) => void ((mode & 0o077) !== 0 && loose.set(path, isOurs))
    })

  const decode = (at: string, text: string | undefined) =>
    text === undefined
      ? Effect.succeed<File>({})
      : Effect.mapError(decodeFile(text), ({ message }) => unusable(at, message))

  /** The text of the configuration file and its path, if it exists. Its parts and the whole are decoded separately. */
  const content = yield* Effect.cached(Effect.gen(function*() {
    const at = yield* Effect.orElseSucceed(path, () => undefined)
    const text = at === undefined ? undefined : yield* read(at)
    return at === undefined || text === undefined ? undefined : { at, text }
  }))

  /** Decodes the configuration file, if it exists. */
  const decoded = <A>(decode: (text: string) => Effect.Effect<A, Wrong>) =>
    Effect.flatMap(content, (found) =>
      found === undefined
        ? Effect.undefined
        : Effect.mapError(decode(found.text), ({ message }) => unusable(found.at, message)))

  const parts = yield* Effect.cached(
    Effect.map(
      decoded((text) => Effect.flatMap(settingsFile, ({ decodeParts }) => decodeParts(text))),
      (found): Parts => found ?? { top: {}, profiles: new Map() }
    )
  )

  const profiles = Effect.map(
    parts,
    ({ profiles }) =>
      new Map([...profiles].map(([name, profile]) => [
        name,
        Result.isFailure(profile) || profile.success["api-key"] !== undefined ||
        profile.success["api-key-file"] !== undefined
      ]))
  )

  /**
   * The file as a profile sees it: the top level, and the profiles that are valid. An invalid profile must not affect the
   * projects of others.
   */
  const fileOf = (name: string) =>
    Effect.flatMap(parts, ({ profiles, top }) => {
      const own = profiles.get(name)
      if (own !== undefined && Result.isFailure(own)) {
        return Effect.flatMap(path, (at) => Effect.fail(unusable(at, own.failure.message)))
      }
      return Effect.succeed<File>({
        ...top,
        profiles: Object.fromEntries(
          [...profiles].flatMap(([name, profile]) => Result.isSuccess(profile) ? [[name, profile.success]] : [])
        )
      })
    })

  // A command that reads several projects has no profile of its own. Its other settings are those of the top level.
  const areSeveral = Projects.areTyped(args)

  const profile = yield* Effect.cached(Effect.gen(function*() {
    if (areSeveral) return undefined
    const flag = Argv.valueOf(args, "--profile")
    if (flag !== undefined) return { value: flag, source: "--profile" }
    const fromEnvironment = yield* variable("PCB_PROFILE")
    if (fromEnvironment !== undefined) return { value: fromEnvironment, source: "PCB_PROFILE" }
    const { profile } = (yield* parts).top
    return profile === undefined ? undefined : { value: profile, source: yield* path }
  }))

  const file = yield* Effect.cached(
    areSeveral
      ? Effect.map(parts, ({ top }): File => top)
      : Effect.flatMap(profile, (inUse) =>
        inUse === undefined
          ? Effect.map(decoded(decodeFile), (file): File => file ?? {})
          : fileOf(inUse.value))
  )

  /** Reads the API key from a separate file. */
  const readKeyFile = Effect.fnUntraced(function*(path: string, source: string) {
    const text = yield* read(path)
    yield* checkMode(path)
    if (text === undefined || text.trim() === "") {
      return yield* unusable(source, `api-key-file: ${path} ${text === undefined ? "does not exist" : "is empty"}`)
    }
    return { value: text.trim(), source: path }
  })

  /** Reads the API key of the official Pinecone CLI. */
  const official = Effect.gen(function*() {
    const directory = yield* home
    if (directory === undefined) return undefined
    const at = join(directory, ".config", "pinecone")
    const secrets = yield* read(join(at, "secrets.yaml"))
    if (secrets === undefined) return undefined
    const { keyOf } = yield* Effect.promise(() => import("./OfficialCli.ts"))
    const key = keyOf(secrets, (yield* read(join(at, "state.yaml"))) ?? "")
    if (key === undefined) return undefined
    yield* checkMode(join(at, "secrets.yaml"), false)
    return { value: key, source: `${join(at, "secrets.yaml")}, of the official Pinecone CLI` }
  })

  const makeFind = (
    file: Effect.Effect<File, CliFailure>,
    profile: Service["profile"]
  ): Service["find"] =>
    Effect.fnUntraced(function*(name) {
      const all = yield* file
      const inUse = yield* profile
      const profiles = all.profiles ?? {}
      // Ignores inherited properties such as `constructor`.
      const own = inUse !== undefined && Object.hasOwn(profiles, inUse.value) ? profiles[inUse.value] : undefined
      if (inUse !== undefined && own === undefined) {
        const known = Object.keys(profiles)
        return yield* new CliFailure({
          code: "UNKNOWN_PROFILE",
          message: `Profile "${inUse.value}" does not exist (from ${inUse.source})`,
          hint: known.length === 0
            ? CommandLine.unconnected`pcb config set host ${Globals.defaultHost} --profile ${inUse.value}`
            : `use one of these profiles: ${known.join(", ")}`,
          exitCode: ExitCode.usage
        })
      }
      // A key applies only to the host in the same part of the file, as does permission to send the key unencrypted.
      const isKey = name === "api-key"
      const isForHost = isKey || name === "insecure-http"
      const ownHost = own?.host ?? all.host
      const host = Argv.valueOf(args, "--host") ?? (yield* variable(SettingNames.variables.host)) ?? ownHost
      const places = isForHost && !isSameHost(host, ownHost) ? [] : [
        ...(own === undefined ? [] : [{ values: own, label: `, profile ${inUse?.value}` }]),
        ...(isForHost && own?.host !== undefined ? [] : [{ values: all, label: "" }])
      ]
      for (const { label, values } of places) {
        const source = `${yield* Effect.orElseSucceed(path, () => "")}${label}`
        const value = values[name]
        if (value !== undefined) {
          // The URL of a database may have a password in it.
          if (isKey || (name === "store" && String(value).includes("@"))) yield* checkMode(yield* path)
          return { value: String(value), source }
        }
        const keyFile = values["api-key-file"]
        if (isKey && keyFile !== undefined) return yield* readKeyFile(keyFile, source)
      }
      // The key of the official Pinecone CLI applies only to Pinecone's own host.
      return isKey && isSameHost(host, undefined) ? yield* official : undefined
    })

  const update = Effect.fnUntraced(function*(change: (file: File) => File) {
    const at = yield* path
    const OwnedFile = yield* Effect.promise(() => import("@pinecone-backups/testing/OwnedFile"))
    yield* Effect.scoped(Effect.gen(function*() {
      yield* fs.makeDirectory(dirname(at), { recursive: true, mode: 0o700 })
      const owned = yield* Effect.retry(OwnedFile.open(at), {
        while: ({ _tag }) => _tag === "FileInUse",
        // Another update takes a few milliseconds.
        schedule: Schedule.spaced("20 millis"),
        times: 500
      })
      const settings = change(yield* decode(at, yield* owned.read))
      const text = JSON.stringify(settings, null, 2)
      // Validate before replacing the file.
      yield* Effect.mapError(
        decodeFile(text),
        ({ first, message }) => invalid(message, first ?? "the file was not changed")
      )
      yield* owned.replace(`${text}\n`)
    })).pipe(
      Effect.catchTags({
        PlatformError: (error) => refused(at, "written")(error),
        UnusableFile: ({ reason }) => unusable(at, reason),
        FileInUse: ({ lock, message }) => invalid(message, `try again; if no such process exists, delete ${lock}`)
      }),
      Effect.provideService(FileSystem.FileSystem, fs)
    )
  })

  const from = (file: Effect.Effect<File, CliFailure>, profile: Service["profile"]): Service => ({
    environment,
    path,
    file,
    profile,
    find: makeFind(file, profile),
    loose,
    profiles,
    ofProfile: (name) => from(fileOf(name), Effect.succeed({ value: name, source: "--profile" })),
    update
  })

  return Settings.of(from(file, profile))
})

/** Returns `true` if two hosts are the same. Defaults to Pinecone's own host. */
const isSameHost = (self = Globals.defaultHost, that = Globals.defaultHost): boolean =>
  self.replace(/\/+$/, "") === that.replace(/\/+$/, "")

/** Configuration from the environment, then from files. */
export const provider = ({ environment, find }: Service): ConfigProvider.ConfigProvider =>
  ConfigProvider.orElse(
    environment,
    ConfigProvider.make((path) => {
      const [variable, ...inside] = path
      const name = SettingNames.names.find((name) => SettingNames.variables[name] === variable)
      return name === undefined || inside.length > 0 ? Effect.undefined : Effect.mapBoth(find(name), {
        onFailure: (cause) => new ConfigProvider.SourceError({ message: cause.message, cause }),
        onSuccess: (found) => found === undefined ? undefined : ConfigProvider.makeValue(found.value)
      })
    })
  )
