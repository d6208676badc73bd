/** The server of the emulator. */
import * as ByteSize from "effect/ByteSize"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpApiError from "effect/http-api/HttpApiError"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import * as HttpMiddleware from "effect/http/HttpMiddleware"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerError from "effect/http/HttpServerError"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as NetAddress from "effect/net/NetAddress"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as ControlApi from "../ControlApi.ts"
import * as ControlPlane from "../ControlPlane.ts"
import * as Fault from "../Fault.ts"
import * as HostGuard from "../HostGuard.ts"
import * as Access from "./access.ts"
import * as App from "./app.ts"
import * as Control from "./control.ts"
import * as Injection from "./injection.ts"
import * as Inputs from "./inputs.ts"
import * as RequestRules from "./request-rules.ts"
import * as Routing from "./routing.ts"

/** Maximum body size of control requests. A state can be large. */
export const MaxControlSize = Context.Reference<ByteSize.ByteSize>(
  "@pinecone-backups/testing/internal/server/MaxControlSize",
  { defaultValue: () => ByteSize.mebibytes(256) }
)

/** Breaks the connection, or the response if the server hides its connections. */
const resetResponse = Effect.flatMap(
  HttpServerRequest.HttpServerRequest,
  ({ source }) =>
    Injection.closeConnection(source)
      ? Effect.succeed(HttpServerResponse.empty())
      : Effect.succeed(HttpServerResponse.stream(Stream.fail(new Fault.ConnectionReset())))
)

/** Matches paths exactly. */
const routerConfig: (typeof HttpRouter.RouterConfig)["Service"] = {
  caseSensitive: true,
  ignoreTrailingSlash: false,
  ignoreDuplicateSlashes: false
}

/** Converts a failure to a response: an unknown route, a request that violates `ControlApi`, or a bug of the emulator. */
const toResponse = (cause: Cause.Cause<unknown>) => {
  const reason = Cause.squash(cause)
  if (HttpServerError.isHttpServerError(reason)) {
    if (reason.reason._tag === "RouteNotFound") {
      const { request } = reason.reason
      const target = { method: request.method, path: Routing.pathOf(request), methods: [] }
      return Effect.succeed(App.refusalResponse(App.unsupported(target)))
    }
    if (reason.reason._tag === "RequestParseError" && reason.reason.reason === "BodyTooLarge") {
      return Effect.succeed(App.refusalResponse(App.tooLarge))
    }
  }
  // A response that violates `ControlApi` is a bug of the emulator.
  return HttpApiError.HttpApiSchemaError.is(reason) && reason.kind !== "Body" && reason.kind !== "ResponseHeaders"
    ? Effect.succeed(
      App.refusalResponse(RequestRules.refuse("InvalidArgument", Inputs.errorOf(reason.cause.issue, Inputs.at)))
    )
    : App.failed(cause)
}

/** The routes of `ControlApi`. */
const controlApp = Effect.fnUntraced(function*(access: Access.Access) {
  const plane = yield* ControlPlane.ControlPlane
  const scope = yield* Effect.scope
  const routes = yield* HttpRouter.toHttpEffect(
    HttpApiBuilder.layer(ControlApi.ControlApi).pipe(
      Layer.provide([Control.handlers(plane), HttpServer.layerServices])
    )
  ).pipe(Effect.provideService(HttpRouter.RouterConfig, routerConfig))
  // The descriptions are large, so each is created on first use.
  const descriptions = new Map<string, Effect.Effect<typeof routes>>()
  for (const [path, description] of Control.descriptions) {
    descriptions.set(path, yield* Effect.cached(Scope.provide(HttpRouter.toHttpEffect(description), scope)))
  }

  const maxSize = yield* MaxControlSize

  return Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    const path = Routing.pathOf(request)
    const refusal = (path === Control.healthPath ? undefined : access.refusalOfControl(request)) ??
      Control.misfit(request, path)
    if (refusal !== undefined) return App.refusalResponse(refusal)
    // Checks `Content-Length` before the body is read.
    if (Number(request.headers["content-length"]) > Number(maxSize)) return App.refusalResponse(App.tooLarge)
    return yield* Effect.flatten(descriptions.get(path) ?? Effect.succeed(routes))
  }).pipe(
    Effect.provideService(HttpIncomingMessage.MaxBodySize, maxSize),
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.interrupt
        : toResponse(cause)
    )
  )
})

const isControl = (path: string): boolean => path === "/_emulator" || path.startsWith("/_emulator/")

/** CORS middleware. A preflight does not count as a request to the service. */
const cors = (isPageAllowed: (origin: string) => boolean) =>
  HttpMiddleware.cors({
    // Requests of other clients have no origin.
    allowedOrigins: (origin: string | undefined) => origin !== undefined && isPageAllowed(origin),
    // Allows all requested headers, because programs also send trace headers and custom headers.
    allowedHeaders: [],
    exposedHeaders: ["*"],
    maxAge: 600
  })

/** Layer that serves the emulator over HTTP. */
export const layerServerWith = (
  options: Access.ServerOptions
): Layer.Layer<never, never, ControlPlane.ControlPlane | HttpServer.HttpServer> =>
  Layer.effectDiscard(Effect.gen(function*() {
    Access.check(options)
    const { address } = yield* HttpServer.HttpServer
    const bound = NetAddress.isInetAddress(address) ? NetAddress.formatIp(address.address) : undefined
    const access = Access.make(bound, options)
    const { app, path } = yield* ControlPlane.ControlPlane
    const { isPageAllowed } = access
    const forPages: ReturnType<typeof cors> = isPageAllowed === undefined ? identity : cors(isPageAllowed)
    const contract = forPages(yield* app)
    const control = access.allowsControl ? forPages(yield* controlApp(access)) : yield* controlApp(access)
    if (!HostGuard.isPrivate(bound)) {
      yield* Effect.logWarning(
        `The emulator is reachable from other machines${access.allowsControl ? ", including /_emulator" : ""}`
      )
    }
    const closing = yield* Deferred.make<never, Fault.ConnectionReset>()
    yield* HttpServer.serveEffect(
      Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
        const refusal = access.refusalOfHost(request)
        return refusal !== undefined
          ? Effect.succeed(App.refusalResponse(refusal))
          : isControl(Routing.pathOf(request))
          ? control
          : contract
      }).pipe(
        Effect.raceFirst(Deferred.await(closing)),
        Effect.catchTag("ConnectionReset", () => resetResponse),
        // Otherwise the server could not interrupt a hang when the client disconnects.
        Effect.interruptible
      )
    )
    const url = HttpServer.formatAddress(address)
    yield* Effect.logInfo(
      `The emulator listens on ${url}, has an interactive page at ${url}${Control.docsPath}, and keeps its state in ${
        path ?? "memory"
      }`
    )
    // A closing server waits for its requests, and a hang never ends.
    yield* Effect.addFinalizer(() => Deferred.fail(closing, new Fault.ConnectionReset()))
  }))

/** Layer that serves the emulator to the same machine only. */
export const layerServer = layerServerWith({})
