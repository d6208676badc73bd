/** Connects a command to the configured project or to the demo project. */
import * as Clocks from "@pinecone-backups/core/health/Clocks"
import * as Host from "@pinecone-backups/core/Host"
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as RateLimit from "@pinecone-backups/core/RateLimit"
import * as RetryPolicy from "@pinecone-backups/core/RetryPolicy"
import * as Clock from "effect/Clock"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import { flow, identity } from "effect/Function"
import type * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Settings from "./config/Settings.ts"
import * as Globals from "./input/Globals.ts"
import { CliFailure } from "./output/CliFailure.ts"
import * as DescribeError from "./output/DescribeError.ts"
import * as ExitCode from "./output/ExitCode.ts"
import * as Note from "./output/Note.ts"
import * as Output from "./output/Output.ts"
import * as SystemReason from "./output/SystemReason.ts"
import * as Time from "./output/Time.ts"
import * as Format from "./terminal/Format.ts"
import * as Live from "./terminal/Live.ts"
import { Screen } from "./terminal/Screen.ts"
import * as Symbols from "./terminal/SymbolsAndColors.ts"

/** The HTTP client of requests. Defaults to the client of Node.js, loaded on first use. */
export const Transport = Context.Reference<Layer.Layer<HttpClient.HttpClient>>(
  "@pinecone-backups/cli/Connection/Transport",
  {
    defaultValue: () =>
      Layer.unwrap(Effect.promise(() => import("./config/NodeTransport.ts")).pipe(Effect.map(({ layer }) => layer)))
  }
)

/**
 * Domains, in addition to Pinecone's own, whose hosts receive the key with requests for the data of an index. Only the
 * service in memory, which has its own hosts, needs any.
 */
export const IndexDomains = Context.Reference<ReadonlyArray<string>>("@pinecone-backups/cli/Connection/IndexDomains", {
  defaultValue: () => []
})

/** The project of the connection, if the command reads several. Notes name it. */
export const Project = Context.Reference<string | undefined>("@pinecone-backups/cli/Connection/Project", {
  defaultValue: () => undefined
})

/** The start of a note about the connection: the project, if the command reads several. */
const about = Effect.map(Project, (name) => name === undefined ? "" : `${Format.plain(name)}: `)

/** The request ID from the headers of a response. */
export const requestIdOf = (headers: Headers.Headers): string | undefined =>
  headers["x-request-id"] ?? headers["x-pinecone-request-id"]

/** Logs every request and response status to standard error, like `curl -v`, without the API key. */
const logTraffic = (key: Redacted.Redacted<string>) => (client: HttpClient.HttpClient): HttpClient.HttpClient => {
  // The key may also appear in other places: echoed by the service, or typed by mistake.
  const safe = (line: string) => Format.plain(line.replaceAll(Redacted.value(key), "<redacted>"))
  const log = (...lines: ReadonlyArray<string>) => Console.error(lines.map(safe).join("\n"))

  return HttpClient.transform(client, (response, request) =>
    Effect.gen(function*() {
      const url = Option.match(HttpClientRequest.toUrl(request), { onNone: () => request.url, onSome: String })
      const headers = Object.entries({ ...request.headers, "api-key": "<redacted>" })
      yield* log(`> ${request.method} ${url}`, ...headers.map(([name, value]) => `> ${name}: ${value}`))
      const start = yield* Clock.monotonicTimeNanos
      return yield* Effect.onExit(response, (exit) =>
        Effect.flatMap(Clock.monotonicTimeNanos, (end) => {
          const millis = Math.round(Duration.toMillis(Duration.nanos(end - start)))
          if (Exit.isFailure(exit)) return log(`< no response after ${millis} ms`)
          const { headers, status } = exit.value
          return log(`< ${status} in ${millis} ms, request ID ${requestIdOf(headers) ?? "none"}`)
        }))
    }))
}

/**
 * Tracks the service's time from its responses. An emulator may run at any time; the clock of this machine or the
 * `Date` of a response may be wrong.
 */
const makeServiceTime = Effect.fnUntraced(function*(isDebugging: boolean) {
  const { forget, transformClient, verdict } = yield* Clocks.make
  let isTold = !isDebugging
  const tell = Effect.fnUntraced(function*({ headers }: HttpClientResponse.HttpClientResponse) {
    const own = yield* DateTime.now
    const reading = Clocks.fromHeaders(headers, own)
    if (isTold || reading === undefined || !Clocks.isOther(reading)) return
    isTold = true
    const difference = DateTime.distance(own, reading.date)
    const isBehind = Duration.isNegative(difference)
    yield* Console.error(
      `* the service's clock is at ${Format.iso(reading.date)}, ${Format.elapsed(Duration.abs(difference))} ${
        isBehind ? "behind" : "ahead of"
      } this machine; using ${isBehind && !reading.isSimulated ? "this machine's clock" : "the service's clock"}`
    )
  })
  return {
    now: Effect.map(verdict, ({ now }) => now),
    observed: { forget, verdict },
    /** Adds time tracking to a client. */
    observe: flow(transformClient, HttpClient.tap(tell))
  }
})

/** Reads the API key from the file of `--api-key-file`. */
export const readKey = Effect.fnUntraced(function*(path: string) {
  const stdio = yield* Stdio.Stdio
  const fs = yield* FileSystem.FileSystem
  const failure = (message: string) =>
    new CliFailure({ code: "NO_API_KEY", message: `--api-key-file: ${message}`, exitCode: ExitCode.auth })
  const text = yield* Effect.mapError(
    path === "-" ? Stream.mkString(Stream.decodeText(stdio.stdin)) : fs.readFileString(path),
    (error) => failure(`cannot read ${path}: ${SystemReason.of(error)}`)
  )
  return text.trim() !== "" ? text : yield* failure(`${path === "-" ? "standard input" : path} is empty`)
})

/**
 * API key, host, permission for unencrypted http, and API version: from flags, then the environment, then files. A
 * value set by a flag is not read from other sources, which may be invalid.
 */
const config = Effect.gen(function*() {
  const host = Option.getOrUndefined(yield* Globals.Host)
  const allowsInsecure = Option.getOrUndefined(yield* Globals.InsecureHttp)
  const keyFile = Option.getOrUndefined(yield* Globals.ApiKeyFile)
  const flags = ConfigProvider.fromUnknown({
    ...(allowsInsecure !== undefined && { PINECONE_ALLOW_INSECURE_HOST: String(allowsInsecure) }),
    ...(host !== undefined && { PINECONE_CONTROLLER_HOST: host }),
    ...(keyFile !== undefined && { PINECONE_API_KEY: yield* readKey(keyFile) })
  })
  const provider = ConfigProvider.orElse(flags, yield* ConfigProvider.ConfigProvider)
  const options = yield* Effect.mapError(PineconeClient.config.parse(provider), (error) =>
    // Errors name the flag if the value comes from a flag.
    DescribeError.ofConfig(error, {
      ...(host !== undefined && { PINECONE_CONTROLLER_HOST: "--host" }),
      ...(keyFile !== undefined && { PINECONE_API_KEY: "--api-key-file" })
    }))
  yield* Settings.warn("ours")
  const url = new URL(options.host ?? Globals.defaultHost)
  if (Host.isInsecure(url)) {
    yield* Note.info(`warning: ${yield* about}the API key is sent unencrypted to ${Format.plain(url.host)}`)
  }
  return options
})

/** `true` if the command uses the demo project. */
export const isDemo = Effect.flatMap(Globals.Demo, (flag) => Globals.isOn(flag, "PCB_DEMO"))

/** Retry delays longer than this are reported. */
const longWait = Duration.seconds(5)

/** Reports a long retry delay, once for all requests that wait at the same time. */
const tellOfWaits = Effect.gen(function*() {
  if (yield* Globals.Quiet) return undefined
  const say = yield* Live.line
  const ellipsis = Symbols.ellipsis(yield* Screen)
  const subject = yield* about
  let until: bigint | undefined
  return Effect.fnUntraced(function*({ delay, error }: PineconeClient.Retry) {
    const now = yield* Clock.monotonicTimeNanos
    if (!Duration.isGreaterThan(delay, longWait) || (until !== undefined && now < until)) return
    until = now + Duration.toNanosUnsafe(delay)
    const time = Format.elapsed(Duration.seconds(Math.ceil(Duration.toSeconds(delay))))
    const what = error.status ?? DescribeError.nameOf(error)
    yield* say(
      error.retryAfter !== undefined
        ? `${subject}The service asked to wait ${time} (${what}); retrying ${ellipsis}`
        : `${subject}The request failed (${what}); retrying in ${time} ${ellipsis}`
    )
  })
})

/** Rate limit: a burst of 100 requests for small projects, then as fast as the service allows, up to 100 per second. */
const pace = RateLimit.makeAdaptive({ burst: 100, max: 100 })

/** The connection options. */
const settings = Effect.gen(function*() {
  const requestTimeout = Option.getOrUndefined(yield* Globals.RequestTimeout)
  const options: PineconeClient.Options = (yield* isDemo)
    ? { apiKey: Redacted.make("memory"), host: "http://memory.localhost" }
    : yield* config
  yield* Effect.sync(() => Format.hideKey(Redacted.value(options.apiKey)))
  const transformClient = (yield* Globals.isDebugging) ? logTraffic(options.apiKey) : undefined
  return {
    ...options,
    requestTimeout,
    transformClient,
    indexDomains: yield* IndexDomains,
    rateLimit: yield* pace,
    onRetry: yield* tellOfWaits
  }
})

/** The connection options, after checking the output format: an invalid format must fail before anything changes. */
const options = Effect.andThen(Output.chosenFormat, settings)

/** The demo project, loaded on demand. */
export const demo = Effect.promise(() => import("./demo/DemoProject.ts"))

const connectUntimed = Effect.fnUntraced(function*(settings: PineconeClient.Options) {
  const { requestTimeout, transformClient } = settings
  if (yield* isDemo) return (yield* demo).layer({ requestTimeout, transformClient })
  const { now, observe, observed } = yield* makeServiceTime(yield* Globals.isDebugging)
  return Pinecone.layerServices.pipe(
    Layer.provideMerge(
      PineconeClient.layer({ ...settings, transformClient: flow(observe, transformClient ?? identity) })
    ),
    Layer.merge(Layer.mergeAll(Layer.succeed(Time.Now, now), Layer.succeed(Time.Observed, observed))),
    Layer.provide(yield* Transport)
  )
})

/** Layer that connects with the given options. */
const from = <E, R>(options: Effect.Effect<PineconeClient.Options, E, R>) =>
  Layer.unwrap(
    Effect.flatMap(options, (options) =>
      // An invalid time format must fail before anything changes, too.
      Effect.andThen(Time.when, connectUntimed(options)))
  )

/**
 * Layer that provides the services of core and their client, configured by the global flags and the environment. Built
 * when a command runs, so that help and usage errors need no API key.
 */
export const layer = from(options)

/** Connects with {@link layer}, runs an effect, and releases the connection afterwards. */
export const connected = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.flatMap(Layer.build(layer), (services) => Effect.provideContext(self, services)))

/** Like {@link layer}, for commands that do not print times. They ignore an invalid time format. */
export const layerUntimed = Layer.unwrap(Effect.flatMap(options, connectUntimed))

/** Like {@link layer}, with changed options, for commands that have already checked the output format. */
export const layerWith = (change: (options: PineconeClient.Options) => PineconeClient.Options) =>
  from(Effect.map(settings, change))

/**
 * Like {@link layer}, for commands that read a whole project and check their own output formats.
 *
 * **Details**
 *
 * Requests are retried up to 10 times, after the delay that the service asks for. Without a requested delay, 10 retries
 * take up to 40 seconds, because monitoring systems wait about a minute for a result. `onFailure` receives the error
 * before each retry, and `undefined` once the service responds.
 */
export const layerPatient = (onFailure: (error: PineconeError.PineconeError | undefined) => Effect.Effect<void>) =>
  from(Effect.map(settings, (options) => ({
    ...options,
    retry: { ...RetryPolicy.defaultPolicy, times: 10, maxDelay: "5 seconds", deadline: "10 minutes" } as const,
    onRetry: (retry: PineconeClient.Retry) =>
      Effect.andThen(onFailure(retry.error), options.onRetry?.(retry) ?? Effect.void),
    transformClient: flow(
      HttpClient.tap(({ status }) => status >= 500 || status === 429 ? Effect.void : onFailure(undefined)),
      options.transformClient ?? identity
    )
  })))
