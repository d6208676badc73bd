/**
 * The services of a command: on the project the environment names, or on the demo project.
 *
 * @since 0.1.0
 */
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Format from "./Format.ts"
import * as Globals from "./Globals.ts"

/**
 * What requests are sent with: `fetch`, unless told otherwise.
 *
 * @category services
 * @since 0.1.0
 */
export const Transport = Context.Reference<Layer.Layer<HttpClient.HttpClient>>(
  "@pinecone-backups/cli/Connection/Transport",
  { defaultValue: () => FetchHttpClient.layer }
)

/** Shows every request and the status of its answer on standard error, the way `curl -v` does, without the key. */
const logTraffic = (key: Redacted.Redacted<string>) => (client: HttpClient.HttpClient): HttpClient.HttpClient => {
  // What the service repeats, and what was typed by mistake, may be the key.
  const log = (...lines: ReadonlyArray<string>) =>
    Console.error(lines.map((line) => Format.plain(line.replaceAll(Redacted.value(key), "<redacted>"))).join("\n"))

  return HttpClient.transform(client, (response, request) =>
    Effect.gen(function*() {
      const url = Option.match(HttpClientRequest.toUrl(request), { onNone: () => request.url, onSome: String })
      const headers = Object.entries({ ...request.headers, "api-key": "<redacted>" })
      yield* log(`> ${request.method} ${url}`, ...headers.map(([name, value]) => `> ${name}: ${value}`))
      const start = yield* DateTime.now
      return yield* Effect.onExit(response, (exit) =>
        Effect.flatMap(DateTime.now, (end) => {
          const millis = Duration.toMillis(DateTime.distance(start, end))
          if (Exit.isFailure(exit)) return log(`< no answer after ${millis} ms`)
          const { headers, status } = exit.value
          const id = headers["x-request-id"] ?? headers["x-pinecone-request-id"] ?? "none"
          return log(`< ${status} in ${millis} ms, request id ${id}`)
        }))
    }))
}

/** `PINECONE_CONTROLLER_HOST` may be wrong where `--host` says better. */
const config = (host: Option.Option<string>) =>
  Option.match(host, {
    onNone: () => PineconeClient.config,
    onSome: (host) =>
      PineconeClient.config.pipe(
        Effect.provideServiceEffect(
          ConfigProvider.ConfigProvider,
          Effect.map(
            ConfigProvider.ConfigProvider,
            (environment) =>
              ConfigProvider.orElse(ConfigProvider.fromUnknown({ PINECONE_CONTROLLER_HOST: host }), environment)
          )
        )
      )
  })

/**
 * Layer that provides the services of core as the global flags and the environment say. Built when a
 * command runs, so that help and usage errors need no key.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = Layer.unwrap(Effect.gen(function*() {
  const requestTimeout = Option.getOrUndefined(yield* Globals.RequestTimeout)
  const isDebugging = yield* Globals.isOn(yield* Globals.Debug, "PCB_DEBUG", "PINECONE_DEBUG")
  if (yield* Globals.isOn(yield* Globals.Demo, "PCB_DEMO")) {
    const Demo = yield* Effect.promise(() => import("./Demo.ts"))
    return Demo.layer({
      requestTimeout,
      transformClient: isDebugging ? logTraffic(Redacted.make("memory")) : undefined
    })
  }
  const options = yield* config(yield* Globals.Host)
  const transformClient = isDebugging ? logTraffic(options.apiKey) : undefined
  return Layer.provide(Pinecone.layer({ ...options, requestTimeout, transformClient }), yield* Transport)
}))
