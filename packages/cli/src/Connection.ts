/**
 * The services of a command: on the project the environment names, or on the demo project.
 *
 * @since 0.1.0
 */
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as Console from "effect/Console"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Globals from "./Globals.ts"

/** Shows every request and answer on standard error, the way `curl -v` does, without the key. */
const logTraffic = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
  HttpClient.transform(client, (response, request) =>
    Effect.gen(function*() {
      const url = Option.match(HttpClientRequest.toUrl(request), { onNone: () => request.url, onSome: String })
      const headers = Object.entries(Headers.redact(request.headers, yield* Headers.CurrentRedactedNames))
      yield* Console.error(
        [`> ${request.method} ${url}`, ...headers.map(([name, value]) => `> ${name}: ${value}`)].join("\n")
      )
      const start = yield* DateTime.now
      return yield* Effect.onExit(response, (exit) =>
        Effect.flatMap(DateTime.now, (end) => {
          const millis = Duration.toMillis(DateTime.distance(start, end))
          if (Exit.isFailure(exit)) return Console.error(`< no answer after ${millis} ms`)
          const { headers, status } = exit.value
          const id = headers["x-request-id"] ?? headers["x-pinecone-request-id"] ?? "none"
          return Console.error(`< ${status} in ${millis} ms, request id ${id}`)
        }))
    }))

/**
 * Layer that provides the services of core as the global flags and the environment say. Built when a
 * command runs, so that help and usage errors need no key.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = Layer.unwrap(Effect.gen(function*() {
  const settings = {
    requestTimeout: Option.getOrUndefined(yield* Globals.RequestTimeout),
    transformClient: (yield* Globals.Debug) ? logTraffic : undefined
  }
  if (yield* Globals.Demo) {
    const Demo = yield* Effect.promise(() => import("./Demo.ts"))
    return Demo.layer(settings)
  }
  const options = yield* PineconeClient.config
  const host = Option.getOrElse(yield* Globals.Host, () => options.host)
  return Layer.provide(Pinecone.layer({ ...options, ...settings, host }), FetchHttpClient.layer)
}))
