/**
 * The emulator: the HTTP contract of Pinecone on the simulated service. The same handlers run in memory, below the services
 * of core, and on a server for clients in any language.
 *
 * **Example** (Serving the emulator to an HTTP client)
 *
 * ```ts
 * import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
 * import * as Emulator from "@pinecone-backups/testing/Emulator"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as HttpClient from "effect/http/HttpClient"
 * import * as Layer from "effect/Layer"
 *
 * export const program = Effect.gen(function*() {
 *   const response = yield* HttpClient.get("http://localhost/indexes", { headers: { "Api-Key": "any" } })
 *   yield* Console.log(response.status) // => 200
 * }).pipe(
 *   // A server: Emulator.layerServer with NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 5081 })
 *   Effect.provide(Layer.provide(Emulator.layerMemory, ControlPlane.layer()))
 * )
 * ```
 *
 * @since 0.1.0
 */

import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as ControlPlane from "./ControlPlane.ts"

/**
 * The emulator as an HTTP application.
 *
 * **Details**
 *
 * Checks in the order of the service: key, version, route, parameters, existence. Every response has an `x-request-id`, a
 * `Date` in the time of the service, and `x-simulated-time`, which marks that time as authoritative. Faults come before all
 * checks. Fails with `ConnectionReset` if a fault breaks the connection.
 *
 * @category constructors
 * @since 0.1.0
 */
export const app = Effect.flatMap(ControlPlane.ControlPlane, (plane) => plane.app)

/**
 * Layer for an `HttpClient` whose requests are handled by the emulator in this process, for any host.
 *
 * **Details**
 *
 * The data of an index is at `NAME.svc.invalid`. A client sends its key there with `indexDomains: ["invalid"]`. The
 * `HttpClient` creates no spans and adds no trace headers.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory: Layer.Layer<HttpClient.HttpClient, never, ControlPlane.ControlPlane> = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(app, (handler) => {
    const send = (request: HttpClientRequest.HttpClientRequest) => {
      if (Option.isNone(HttpClientRequest.toUrl(request))) {
        const description = `Invalid URL: ${request.url}`
        return Effect.fail(failure(new HttpClientError.InvalidUrlError({ request, description })))
      }
      return handler.pipe(
        Effect.provideService(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromClientRequest(request)),
        Effect.matchEffect({
          onFailure: ({ message: description }) =>
            Effect.fail(failure(new HttpClientError.TransportError({ request, description }))),
          onSuccess: (response) => Effect.succeed(HttpServerResponse.toClientResponse(response, { request }))
        })
      )
    }
    // `HttpClient.make` would prepare what no connection needs, such as a signal that aborts it.
    return HttpClient.makeWith<HttpClientError.HttpClientError, never, HttpClientError.HttpClientError, never>(
      (request) => Effect.flatMap(request, send),
      Effect.succeed
    )
  })
)

const failure = (reason: HttpClientError.HttpClientErrorReason) => new HttpClientError.HttpClientError({ reason })

export type { ServerOptions } from "./internal/access.ts"

// The server is a separate module, so that bundles of the test layer do not include it.
export {
  /**
   * Layer that serves the emulator on an `HttpServer`, and the routes of `ControlApi` to programs on the same machine.
   *
   * **Details**
   *
   * Accepts requests whose `Host` is loopback or the address that the server listens on, as described in `HostGuard`.
   * `GET /_emulator/health` reports that the emulator is running, and does not require a key.
   *
   * **Gotchas**
   *
   * Listen on `127.0.0.1`: the emulator accepts any key unless `apiKey` is set.
   *
   * @category layers
   * @since 0.1.0
   */
  layerServer,
  /**
   * Like {@link layerServer}, with options that admit other machines and web pages.
   *
   * **Details**
   *
   * Dies with a `ControlPlane.InvalidValue` if an option is invalid or unknown, for example if `allowHosts` has an invalid
   * name, or `cors` an invalid origin.
   *
   * @category layers
   * @since 0.1.0
   */
  layerServerWith
} from "./internal/server.ts"
