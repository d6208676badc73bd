/** Runs the doctor checks in order, and skips checks whose prerequisites failed. */
import * as Backups from "@pinecone-backups/core/Backups"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Host from "@pinecone-backups/core/Host"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import type * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RetryPolicy from "@pinecone-backups/core/RetryPolicy"
import * as ConfigProvider from "effect/ConfigProvider"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { identity } from "effect/Function"
import type * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as PlatformError from "effect/PlatformError"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as ResolveSetting from "../../config/ResolveSetting.ts"
import * as SettingNames from "../../config/SettingNames.ts"
import * as Settings from "../../config/Settings.ts"
import * as Connection from "../../Connection.ts"
import * as Globals from "../../input/Globals.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as DescribeError from "../../output/DescribeError.ts"
import * as HealthSummary from "../../shared/HealthSummary.ts"
import * as Program from "../../shared/Program.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Check from "./Check.ts"
import * as Completion from "./Completion.ts"
import * as Machine from "./Machine.ts"

// ============================================================================
// Files
// ============================================================================

/**
 * Returns `true` if other users of this machine can read a file. Always `false` on Windows, which does not have file
 * modes.
 */
const isLoose = Effect.fnUntraced(function*(path: string) {
  const { platform } = yield* Machine.Machine
  const fs = yield* FileSystem.FileSystem
  if (platform === "win32") return false
  return yield* Effect.match(fs.stat(path), { onFailure: () => false, onSuccess: ({ mode }) => (mode & 0o077) !== 0 })
})

const configFile = Effect.gen(function*() {
  const { file, path } = yield* Settings.Settings
  const at = yield* path
  const fs = yield* FileSystem.FileSystem
  if (!(yield* Effect.orElseSucceed(fs.exists(at), () => true))) return Check.ok("config", `${at} does not exist`)
  yield* file
  return (yield* isLoose(at))
    ? Check.warning("config", `${at} is readable by other users of this machine`, CommandLine.words`chmod 600 ${at}`)
    : Check.ok("config", at)
}).pipe(
  Effect.mapError(({ report }) =>
    // Without a home directory, all settings come from the environment.
    report.code === "NO_HOME" ? Check.skipped("config", report.message) : Check.ofReport("config", report)
  ),
  Effect.catch(Effect.succeed)
)

const profile = Effect.gen(function*() {
  const { find, profile } = yield* Settings.Settings
  const inUse = yield* profile
  if (inUse === undefined) return Check.ok("profile", "none")
  // Fails if the profile does not exist.
  yield* find("host")
  return Check.ok("profile", `${inUse.value} (${inUse.source})`)
}).pipe(
  Effect.mapError(({ report }) =>
    report.code === "UNKNOWN_PROFILE"
      ? Check.ofReport("profile", report)
      : Check.skipped("profile", "see the configuration file")
  ),
  Effect.catch(Effect.succeed)
)

// ============================================================================
// Connection
// ============================================================================

/** Validates a setting with core's own rules. */
const validate = (name: "api-key" | "host" | "api-version", value: string, allowsInsecure?: string) =>
  Effect.mapError(
    PineconeClient.config.parse(
      ConfigProvider.fromUnknown({
        PINECONE_API_KEY: "none",
        [SettingNames.variables[name]]: value,
        ...(allowsInsecure !== undefined && { [SettingNames.variables["insecure-http"]]: allowsInsecure })
      })
    ),
    (error) => Check.ofReport(name, DescribeError.toReport(error))
  )

/** Resolves a setting that may come from an invalid file. */
const sourced = (name: "api-key" | "host" | "api-version", setting: ResolveSetting.Name = name) =>
  Effect.mapError(ResolveSetting.of(setting), () => Check.skipped(name, "see the configuration file and the profile"))

/** Checks the API key and returns it. */
const apiKey = Effect.gen(function*() {
  const { source, value = "" } = yield* sourced("api-key")
  const isFlag = source === "--api-key-file"
  const key = isFlag
    ? yield* Effect.mapError(Connection.readKey(value), ({ report }) => Check.ofReport("api-key", report))
    : value
  yield* validate("api-key", key)
  const { loose } = yield* Settings.Settings
  const files = [
    ...loose.keys(),
    ...(isFlag && value !== "-" && (yield* isLoose(value)) ? [value] : [])
  ]
  const from = `from ${isFlag ? `${source} ${value}` : source}`
  const host = yield* Effect.orElseSucceed(ResolveSetting.of("host"), () => undefined)
  const check = files.length > 0
    ? Check.warning(
      "api-key",
      `${from}, which is readable by other users of this machine`,
      CommandLine.words`chmod 600 ${files}`
    )
    : isPinecone(host?.value ?? "") && !Check.looksLikeKey(key.trim())
    ? Check.warning(
      "api-key",
      `${from}; it does not look like a Pinecone API key`,
      "copy the key from the console again"
    )
    : Check.ok("api-key", from)
  return { check, key: Redacted.make(key) }
}).pipe(Effect.catch((check) => Effect.succeed({ check, key: undefined })))

const urlOf = (host: string): URL | undefined =>
  Option.getOrUndefined(Option.liftThrowable((text: string) => new URL(text))(host))

const isPinecone = (host: string): boolean => /(^|\.)pinecone\.io$/.test(urlOf(host)?.hostname ?? "")

/** Checks a setting that is not secret. */
const setting = Effect.fnUntraced(function*(name: "host" | "api-version") {
  const { source, value = "" } = yield* sourced(name)
  const url = urlOf(value)
  const isInsecure = url !== undefined && Host.isInsecure(url)
  yield* validate(name, value, isInsecure ? (yield* sourced(name, "insecure-http")).value : undefined)
  const found = `${ResolveSetting.shown(name, value)} (${source})`
  if (isInsecure) {
    return Check.warning(
      name,
      `${found}: the API key is sent unencrypted`,
      "use https, or a key without access to real data"
    )
  }
  return Check.ok(name, url?.protocol === "http:" ? `${found}, an emulator on this machine` : found)
}, Effect.catch(Effect.succeed))

// ============================================================================
// Network
// ============================================================================

const proxyVariables = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"]

/** Checks whether a proxy is set and used for a URL. */
const proxy = Effect.fnUntraced(function*(url: URL) {
  const { proxyFor } = yield* Machine.Machine
  const set = yield* Effect.filter(
    proxyVariables.flatMap((name) => [name, name.toLowerCase()]),
    (name) => Effect.map(Completion.variable(name), (value) => value !== undefined)
  )
  const isLoopback = Host.isLoopback(url.hostname)
  // Requests to http hosts do not use a proxy.
  const isUsed = url.protocol === "https:" && set.length > 0 && proxyFor(url.href) !== ""
  return { check: Check.proxy(set, { isLoopback, isUsed }), isUsed }
})

/** The network steps to the host. */
const wayToHost = ["dns", "tcp", "tls"] as const

/** Timeout of one step. */
const stepTimeout = Duration.seconds(10)

const onTheWay = <A>(self: Effect.Effect<A, Machine.Unreachable>) =>
  Effect.timeoutOrElse(self, {
    duration: stepTimeout,
    orElse: () => Effect.fail(new Machine.Unreachable({ code: "ETIMEDOUT" }))
  })

/** Runs the network steps to the host until one fails, and returns that step. */
const reachHost = Effect.fnUntraced(function*(url: URL, hasProxy: boolean, emit: Emit) {
  const machine = yield* Machine.Machine
  const isEncrypted = url.protocol === "https:"
  const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1")
  const address = { hostname, port: Number(url.port || (isEncrypted ? 443 : 80)) }
  const steps = {
    dns: Effect.map(machine.resolve(hostname), (found) => `${hostname} resolves to ${found.slice(0, 2).join(" and ")}`),
    tcp: Effect.as(machine.connect(address), `${url.hostname}:${address.port} is open`),
    tls: isEncrypted ? machine.secure(address) : Effect.undefined
  }
  for (const [index, id] of wayToHost.entries()) {
    const [took, result] = yield* Effect.timed(Effect.result(onTheWay<string | undefined>(steps[id])))
    if (Result.isFailure(result)) {
      const { code } = result.failure
      yield* emit(
        Check.unreachable(id, url.hostname, code, hasProxy),
        ...Check.allSkipped(wayToHost.slice(index + 1), `see ${id}`)
      )
      return id
    }
    yield* emit(
      result.success === undefined
        ? Check.skipped(id, "the host uses http")
        : Check.ok(id, `${result.success}, in ${inMillis(took)}`)
    )
  }
  return undefined
})

const inMillis = (duration: Duration.Duration): string => `${Math.round(Duration.toMillis(duration))} ms`

// ============================================================================
// Service
// ============================================================================

/** The headers of a response, and when it arrived. */
interface Answered {
  readonly headers: Headers.Headers
  readonly at: DateTime.Utc
}

const ofFailure = (id: Check.Id) => (error: unknown) =>
  Effect.succeed(Check.ofReport(id, DescribeError.toReport(error)))

/** Lists the indexes. Fails with the error of the service. */
const api = Effect.fnUntraced(function*(latest: Effect.Effect<Answered | undefined>) {
  const indexes = yield* Indexes.Indexes
  const [took, all] = yield* Effect.timed(indexes.list)
  const answered = yield* latest
  const id = answered === undefined ? undefined : Connection.requestIdOf(answered.headers)
  const found = [
    HealthSummary.indexes(all.length),
    `in ${inMillis(took)}`,
    ...(id === undefined ? [] : [`request ID ${id}`])
  ]
  return [Check.ok("api", found.join(", ")), all] as const
})

const backups = Effect.gen(function*() {
  const { listPage } = yield* Backups.Backups
  const { data } = yield* listPage({ limit: 1 })
  return Check.ok(
    "backups",
    data.length === 0 ? "readable with this key; the project has none" : "readable with this key"
  )
}).pipe(Effect.catch(ofFailure("backups")))

const schedules = Effect.fnUntraced(function*(indexName: PineconeIndex.IndexName | undefined, version: string) {
  if (indexName === undefined) return Check.skipped("schedules", "the project has no indexes")
  const { listPage } = yield* BackupSchedules.BackupSchedules
  yield* listPage(indexName, { limit: 1 })
  return Check.ok("schedules", `available in API version ${version}`)
}, Effect.catch(ofFailure("schedules")))

/** Checks that send requests to the service. */
const service = Effect.fnUntraced(function*(environment: Environment, version: string, emit: Emit) {
  let answered: Answered | undefined
  const latest = Effect.sync(() => answered)
  const watch: NonNullable<PineconeClient.Options["transformClient"]> = HttpClient.transform((response) =>
    Effect.tap(response, ({ headers }) =>
      Effect.map(DateTime.now, (at) => {
        answered = { headers, at }
      }))
  )
  const connection = Connection.layerWith((options) => ({
    ...options,
    // No retries: the first result is what matters here.
    retry: RetryPolicy.none,
    transformClient: (client) => watch((options.transformClient ?? identity)(client))
  }))
  const ask = Effect.gen(function*() {
    const asked = yield* Effect.result(api(latest))
    if (Result.isFailure(asked)) {
      yield* emit(yield* ofFailure("api")(asked.failure))
      return yield* emit(...Check.allSkipped(["backups", "schedules"], "see api"))
    }
    const [check, indexes] = asked.success
    yield* emit(check, yield* backups, yield* schedules(indexes[0]?.name, version))
  })
  yield* Layer.build(connection).pipe(
    // The API key check has already reported these warnings.
    Effect.provideService(Globals.Quiet, true),
    Effect.flatMap((services) => Effect.provideContext(ask, services)),
    Effect.scoped
  )
  const last = yield* latest
  yield* emit(
    environment !== "remote"
      ? Check.skipped("clock", otherClocks[environment])
      : last === undefined
      ? Check.skipped("clock", "no response")
      : Check.clock(last.headers["date"], last.at)
  )
})

// ============================================================================
// Surroundings
// ============================================================================

const { deadline, times } = RetryPolicy.defaultPolicy

const retries = Effect.map(Globals.RequestTimeout, (timeout) =>
  Check.ok(
    "retries",
    `up to ${times} within ${Format.elapsed(Duration.fromInputUnsafe(deadline))}; request timeout ${
      Option.match(timeout, { onNone: () => "30s", onSome: Format.elapsed })
    }`
  ))

// ============================================================================
// Everything
// ============================================================================

/** Receives results as soon as they are available. */
type Emit = (...checks: ReadonlyArray<Check.Check>) => Effect.Effect<void, PlatformError.PlatformError>

/** The kind of host that receives the requests. */
type Environment = "demo" | "loopback" | "insecure" | "remote"

const environmentOf = (url: URL | undefined): Environment =>
  url?.protocol === "https:" ? "remote" : url !== undefined && Host.isInsecure(url) ? "insecure" : "loopback"

/** Reasons for not comparing the clock of a host. */
const otherClocks: Readonly<Record<Exclude<Environment, "remote">, string>> = {
  demo: "the demo project has its own clock",
  loopback: "the host is on this machine",
  insecure: "the host uses http: treated as an emulator with its own clock"
}

/** Runs all checks and emits their results, in the order of {@link Check.ids}. */
export const examine = Effect.fnUntraced(function*(emit: Emit) {
  const machine = yield* Machine.Machine
  const { version } = yield* Program.Program
  const isDemo = yield* Connection.isDemo
  const isCi = yield* Globals.isCi
  yield* emit(
    Check.ok("node", machine.node),
    Check.ok("platform", `${machine.platform} ${machine.architecture}`),
    Check.ok("version", version),
    yield* configFile,
    yield* profile
  )
  if (isDemo) {
    const inProcess = "the demo project runs in this process"
    yield* emit(
      Check.ok("api-key", "not needed for the demo project"),
      Check.ok("host", inProcess),
      Check.ok("api-version", `${ResolveSetting.defaults["api-version"]} (default)`),
      ...Check.allSkipped(["proxy", ...wayToHost], inProcess)
    )
    yield* service("demo", ResolveSetting.defaults["api-version"], emit)
  } else yield* connection(emit)
  yield* emit(yield* retries, Check.terminal(yield* Screen.Screen, isCi), yield* Completion.completion(isCi))
})

/** Checks the settings, the network and the service. */
const connection = Effect.fnUntraced(function*(emit: Emit) {
  const { check, key } = yield* apiKey
  const [ofHost, ofVersion] = [yield* setting("host"), yield* setting("api-version")]
  yield* emit(check, ofHost, ofVersion)
  const isUsable = ({ status }: Check.Check) => status === "ok" || status === "warning"
  const { value = "" } = isUsable(ofHost) ? yield* ResolveSetting.of("host") : {}
  const url = urlOf(value)
  let broken: string | undefined = [check, ofHost, ofVersion].find((check) => !isUsable(check))?.id
  if (url === undefined) {
    yield* emit(...Check.allSkipped(["proxy", ...wayToHost], "see host"))
  } else {
    const { check, isUsed } = yield* proxy(url)
    yield* emit(check)
    if (isUsed) yield* emit(...Check.allSkipped(wayToHost, "requests go through the proxy"))
    else broken = (yield* reachHost(url, check.status === "warning", emit)) ?? broken
  }
  if (broken !== undefined || key === undefined) {
    return yield* emit(...Check.allSkipped(["api", "backups", "schedules", "clock"], `see ${broken}`))
  }
  const { value: version = "" } = yield* ResolveSetting.of("api-version")
  const current = yield* ConfigProvider.ConfigProvider
  const own = ConfigProvider.fromUnknown({ PINECONE_API_KEY: Redacted.value(key) })
  yield* service(environmentOf(url), version, emit).pipe(
    // Standard input can be read only once, so pass on the key.
    Effect.provideService(Globals.ApiKeyFile, Option.none()),
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.orElse(own, current))
  )
})
