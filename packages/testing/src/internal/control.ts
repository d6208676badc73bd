/** The handlers of `ControlApi`. */
import * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import type * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiScalar from "effect/http-api/HttpApiScalar"
import * as OpenApi from "effect/http-api/OpenApi"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Layer from "effect/Layer"
import { ControlApi } from "../ControlApi.ts"
import type * as ControlPlane from "../ControlPlane.ts"
import * as Seed from "../Seed.ts"
import { toEnvelope, unsupported } from "./app.ts"
import * as RequestRules from "./request-rules.ts"

export const handlers = (plane: ControlPlane.Service) => {
  const time = Effect.map(plane.now, (now) => ({ now }))
  return HttpApiBuilder.group(ControlApi, "Emulator", (handlers) =>
    handlers.handleAll({
      health: () => Effect.succeed({ status: "ok" as const }),
      seed: ({ payload }) =>
        Effect.catchDefect(plane.seed(payload), (defect) =>
          defect instanceof Seed.SeedError
            ? Effect.fail(toEnvelope(RequestRules.refuse(defect.reason, defect.message)))
            : Effect.die(defect)),
      configure: ({ payload }) => plane.configure(payload),
      now: () => time,
      advance: ({ payload }) => Effect.andThen(plane.advance(payload.duration), time),
      setSpeed: ({ payload }) => Effect.andThen(plane.setSpeed(payload.speed), time),
      faults: () => plane.faults,
      fault: ({ payload: { fault, operation, ...extent } }) => plane.fault(operation, fault, extent),
      clearFaults: () => plane.clearFaults,
      requests: () =>
        Effect.map(plane.requests, (requests) =>
          requests.map((request) => ({
            ...request,
            operation: request.operation ?? null,
            version: request.version ?? null,
            body: request.body ?? null,
            status: request.status ?? null
          }))),
      clearRequests: () => plane.clearRequests,
      dump: () => plane.dump,
      load: ({ payload }) =>
        Effect.mapError(
          plane.load(payload),
          ({ message }) => toEnvelope(RequestRules.refuse("InvalidArgument", message))
        )
    }))
}

/** The routes of the service and of the emulator, for the documentation page. */
const documentation = HttpApi.make("Documentation")
  .addHttpApi(ControlApi)
  .addHttpApi(PineconeApi.PineconeApi)
  .annotate(OpenApi.Title, "Pinecone backup and restore, emulated")
  // The contract leaves the key to the client. Here the client is the page, which has to prompt for it.
  .annotate(OpenApi.Transform, (spec) => ({
    ...spec,
    components: {
      ...spec["components"],
      securitySchemes: { ApiKey: { type: "apiKey", in: "header", name: "Api-Key" } }
    },
    security: [{ ApiKey: [] }, {}]
  }))

export const docsPath = "/_emulator/docs"

/** Route of the health check, open to every client. */
export const healthPath = ControlApi.groups.Emulator.endpoints.health.path

/** Descriptions of the routes, by path: an interactive page, and an OpenAPI file for generators. */
export const descriptions: ReadonlyMap<string, Layer.Layer<never, never, HttpRouter.HttpRouter>> = new Map([
  // Default fonts would be loaded from another host.
  [docsPath, HttpApiScalar.layer(documentation, { path: docsPath, scalar: { withDefaultFonts: false } })],
  [
    "/_emulator/openapi.json",
    HttpRouter.add(
      "GET",
      "/_emulator/openapi.json",
      Effect.sync(() => HttpServerResponse.jsonUnsafe(OpenApi.fromApi(documentation)))
    )
  ]
])

const endpoints: ReadonlyArray<{
  readonly method: string
  readonly path: string
  readonly payload: HttpApiEndpoint.PayloadMap
}> = Object.values(ControlApi.groups.Emulator.endpoints)

/** Returns the refusal of a request before its body is read, because of its method or content type. */
export const misfit = (
  request: HttpServerRequest.HttpServerRequest,
  path: string
): RequestRules.Refusal | undefined => {
  const contentType = request.headers["content-type"]
  const method = request.method === "HEAD" ? "GET" : request.method
  const atPath = endpoints.filter((endpoint) => endpoint.path === path)
  const isDescription = descriptions.has(path)
  if (atPath.length === 0 && !isDescription) return undefined
  const endpoint = atPath.find((endpoint) => endpoint.method === method)
  if (endpoint === undefined && !(isDescription && method === "GET")) {
    const methods = [...isDescription ? ["GET"] : [], ...atPath.map(({ method }) => method)]
    return unsupported({ method: request.method, path, methods })
  }
  return endpoint === undefined || endpoint.payload.size === 0 || contentType === undefined ||
      /^application\/json\s*(;|$)/i.test(contentType)
    ? undefined
    : {
      status: 415,
      code: "INVALID_ARGUMENT",
      message: `The body must be JSON: send it with "content-type: application/json", not ${contentType}.`
    }
}
