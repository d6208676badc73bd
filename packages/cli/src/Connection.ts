/** The services of a command: on the project the environment names, or on the demo project. */
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
import * as Time from "./output/Time.ts"
import * as Format from "./terminal/Format.ts"
import * as Live from "./terminal/Live.ts"
import { Screen } from "./terminal/Screen.ts"
import * as Symbols from "./terminal/SymbolsAndColors.ts"

/** What requests are sent with: the client of Node, unless told otherwise. Loaded when it is first needed. */
export const Transport = Context.Reference<Layer.Layer<HttpClient.HttpClient>>(
  "@pinecone-backups/cli/Connection/Transport",
  {
    defaultValue: () =>
      Layer.unwrap(Effect.promise(() => import("./config/NodeTransport.ts")).pipe(Effect.map(({ layer }) => layer)))
  }
)

/**
 * Domains whose hosts get the key with requests for the data of an index, beside Pinecone's own. The service in memory has
 * hosts of its own; nothing else needs any.
 */
export const IndexDomains = Context.Reference<ReadonlyArray<string>>("@pinecone-backups/cli/Connection/IndexDomains", {
  defaultValue: () => []
})

/** What the service calls a request, as its answer says. */
export const requestIdOf = (headers: Headers.Headers): string | undefined =>
  headers["x-request-id"] ?? headers["x-pinecone-request-id"]

/** Shows every request and the status of its answer on standard error, the way `curl -v` does, without the key. */
const logTraffic = (key: Redacted.Redacted<string>) => (client: HttpClient.HttpClient): HttpClient.HttpClient => {
  // What the service repeats, and what was typed by mistake, may be the key.
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
          if (Exit.isFailure(exit)) return log(`< no answer after ${millis} ms`)
          const { headers, status } = exit.value
          return log(`< ${status} in ${millis} ms, request id ${requestIdOf(headers) ?? "none"}`)
        }))
    }))
}

/**
 * What time it is for the service, as far as its answers tell, and what notes that. An emulator may have any time, and
 * the clock of this machine may be wrong, as may the date of an answer.
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
      `* it is ${Format.iso(reading.date)} for the service, ${Format.elapsed(Duration.abs(difference))} ${
        isBehind ? "before" : "after"
      } the time of this machine: times are seen from ${isBehind && !reading.isSimulated ? "here" : "there"}`
    )
  })
  return {
    now: Effect.map(verdict, ({ now }) => now),
    observed: { forget, verdict },
    /** The client that notes it. */
    observe: flow(transformClient, HttpClient.tap(tell))
  }
})

/** The key, by `--api-key-file`. */
export const readKey = Effect.fnUntraced(function*(path: string) {
  const stdio = yield* Stdio.Stdio
  const fs = yield* FileSystem.FileSystem
  const failure = (message: string) =>
    new CliFailure({ code: "NO_API_KEY", message: `--api-key-file: ${message}`, exitCode: ExitCode.auth })
  const text = yield* Effect.mapError(
    path === "-" ? Stream.mkString(Stream.decodeText(stdio.stdin)) : fs.readFileString(path),
    ({ reason }) => failure(`cannot read ${path}: ${reason._tag}`)
  )
  return text.trim() !== "" ? text : yield* failure(`${path === "-" ? "standard input" : path} is empty`)
})

/**
 * Key, host, whether that may be insecure, and version, by the flags, the environment and files, in this order. What a flag
 * says is not even looked for elsewhere, where it may be wrong.
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
    // What is wrong has the name by which it was said.
    DescribeError.ofConfig(error, {
      ...(host !== undefined && { PINECONE_CONTROLLER_HOST: "--host" }),
      ...(keyFile !== undefined && { PINECONE_API_KEY: "--api-key-file" })
    }))
  yield* Settings.warn("ours")
  const url = new URL(options.host ?? Globals.defaultHost)
  if (Host.isInsecure(url)) yield* Note.info(`warning: the API key travels unencrypted to ${Format.plain(url.host)}`)
  return options
})

/** Whether it is about the demo project. */
export const isDemo = Effect.flatMap(Globals.Demo, (flag) => Globals.isOn(flag, "PCB_DEMO"))

/** A wait between two attempts that is told of: longer than it takes to wonder. */
const longWait = Duration.seconds(5)

/** Tells of a long wait, once for all requests that wait at the same time. */
const tellOfWaits = Effect.gen(function*() {
  if (yield* Globals.Quiet) return undefined
  const say = yield* Live.line
  const ellipsis = Symbols.ellipsis(yield* Screen)
  let until: bigint | undefined
  return Effect.fnUntraced(function*({ delay, error }: PineconeClient.Retry) {
    const now = yield* Clock.monotonicTimeNanos
    if (!Duration.isGreaterThan(delay, longWait) || (until !== undefined && now < until)) return
    until = now + Duration.toNanosUnsafe(delay)
    const time = Format.elapsed(Duration.seconds(Math.ceil(Duration.toSeconds(delay))))
    const what = error.status ?? DescribeError.nameOf(error)
    yield* say(
      error.retryAfter !== undefined
        ? `The service asks to wait ${time} (${what}); trying again ${ellipsis}`
        : `The service could not answer (${what}); trying again in ${time} ${ellipsis}`
    )
  })
})

/**
 * How fast requests are sent: those about a small project at once, and those about a large one as fast as the service
 * allows, up to a hundred a second.
 */
const pace = RateLimit.makeAdaptive({ burst: 100, max: 100 })

/** How to connect. */
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

/** The same for commands that ask later how to print: a mistake in that has to be told before anything is changed. */
const options = Effect.andThen(Output.chosenFormat, settings)

/** The demo project, which is loaded only when it is asked for. */
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

/** Layer that connects by these options. */
const from = <E, R>(options: Effect.Effect<PineconeClient.Options, E, R>) =>
  Layer.unwrap(
    Effect.flatMap(options, (options) =>
      // A mistake in the way to say when something was has to be told before anything is changed, too.
      Effect.andThen(Time.when, connectUntimed(options)))
  )

/**
 * Layer that provides the services of core, and the client under them, as the global flags and the environment say.
 * Built when a command runs, so that help and usage errors need no key.
 */
export const layer = from(options)

/** The same for a command that prints no times, so that a wrong setting of how to print them does not stop it. */
export const layerUntimed = Layer.unwrap(Effect.flatMap(options, connectUntimed))

/** The same as it is changed here, for commands that have looked at the format before. */
export const layerWith = (change: (options: PineconeClient.Options) => PineconeClient.Options) =>
  from(Effect.map(settings, change))

/**
 * The same for commands that ask about a whole project, would rather wait than give up half way, and have formats of their own
 * to look at. A request that is refused for there being too many is sent again ten times, as late as the service wants.
 * Without a word on that, ten times take 40 seconds at most: what runs audits does not wait for more than a minute to
 * hear that a service fails. `onFailure` is told why a request is sent again, and `undefined` once the service answers.
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
