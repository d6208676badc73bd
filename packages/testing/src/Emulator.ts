/**
 * The HTTP contract on the simulated service: the same handlers without a socket, under core's real
 * services, and on a server that any client in any language can talk to.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as ControlPlane from "./ControlPlane.ts"
/**
 * The emulator as an HTTP application. Checks in the service's order: key, version, route, parameters,
 * existence. Every answer carries an `x-request-id`, a `Date` by the time of the service, and `x-simulated-time`, which
 * says that no other clock counts. Faults come before all of it; one of them is that there is no answer, which is what
 * `ConnectionReset` says.
 *
 * @category constructors
 * @since 0.1.0
 */
export const app = Effect.flatMap(ControlPlane.ControlPlane, (plane) => plane.app)

/**
 * Layer that provides an `HttpClient` whose every request is answered by the emulator in this process,
 * whatever its host. The data of an index is at `NAME.svc.invalid`, to which a client sends its key with
 * `indexDomains: ["invalid"]`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory: Layer.Layer<HttpClient.HttpClient, never, ControlPlane.ControlPlane> = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(app, (handler) =>
    HttpClient.make((request) =>
      handler.pipe(
        Effect.provideService(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromClientRequest(request)),
        Effect.scoped,
        Effect.map((response) => HttpServerResponse.toClientResponse(response, { request })),
        Effect.mapError(({ message: description }) =>
          new HttpClientError.HttpClientError({
            reason: new HttpClientError.TransportError({ request, description })
          })
        )
      )
    ))
)

export type { ServerOptions } from "./internal/access.ts"

// A module of its own, so that whoever bundles the layer for tests has no server in it.
export {
  /**
   * Layer that serves the emulator over HTTP, on the `HttpServer` it is given, and the routes of `ControlApi` to
   * programs on the same machine.
   *
   * **Details**
   *
   * Requests are answered whose `Host` is loopback or the address that the server listens on: see `HostGuard`. `GET
   * /_emulator/health` says to any of them that the emulator runs, without a key.
   *
   * **Gotchas**
   *
   * Let the server listen on `127.0.0.1`: any key opens the emulator unless `apiKey` names one.
   *
   * @category layers
   * @since 0.1.0
   */
  layerServer,
  /**
   * The same as {@link layerServer} for other machines and for pages, as far as the options allow. Dies with a `TypeError` if
   * `allowHosts` or `cors` have something that is no name or no origin.
   *
   * @category layers
   * @since 0.1.0
   */
  layerServerWith
} from "./internal/server.ts"
