/** The HTTP contract on the simulated service. */
import * as ByteSize from "effect/ByteSize"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import * as HttpMethod from "effect/http/HttpMethod"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"
import * as Tracer from "effect/Tracer"
import type * as Fault from "../Fault.ts"
import * as DataPlane from "./data-plane.ts"
import type * as Engine from "./engine.ts"
import * as Handlers from "./handlers.ts"
import * as Injection from "./injection.ts"
import * as Inputs from "./inputs.ts"
import * as RequestRules from "./request-rules.ts"
import * as Routing from "./routing.ts"
import type * as Settings from "./settings.ts"

// ============================================================================
// Requests
// ============================================================================

/** API version of a request, or the oldest without the header; `undefined` for an unknown version. */
const versionOf = (request: HttpServerRequest.HttpServerRequest): RequestRules.Version | undefined => {
  const value = request.headers["x-pinecone-api-version"] ?? RequestRules.versions[0]
  return RequestRules.versions.find((version) => version === value)
}

/** API version of a request. `make` rejects unknown versions before. */
const knownVersionOf = (request: HttpServerRequest.HttpServerRequest): RequestRules.Version =>
  versionOf(request) ?? RequestRules.versions[0]

export const toEnvelope = <Status extends number>({ code, message, status }: RequestRules.Refusal<Status>) => ({
  error: { code, message },
  status
})

export const refusalResponse = (refusal: RequestRules.Refusal) =>
  HttpServerResponse.jsonUnsafe(toEnvelope(refusal), { status: refusal.status })

export const tooLarge = RequestRules.refuse("PayloadTooLarge", "The request body is too large.")

/** More than any request of the contract needs. */
const maxBodySize = ByteSize.mebibytes(1)

const textOf = (request: HttpServerRequest.HttpServerRequest) =>
  Effect.provideService(request.text, HttpIncomingMessage.MaxBodySize, maxBodySize)

/** Maximum number of characters of a body to record. */
const notedLength = 4_000

/** The recorded part of a request, with the key redacted. A short key would match any text. */
const noteOf = (
  request: HttpServerRequest.HttpServerRequest,
  { operation, url }: Routing.Target
) => {
  const key = request.headers["api-key"] ?? ""
  const withoutKey = (text: string) => key.length < 8 ? text : text.replaceAll(key, "<redacted>")
  const note = (body: string) => ({
    method: request.method,
    url: withoutKey(url),
    operation,
    version: request.headers["x-pinecone-api-version"],
    body: withoutKey(body).slice(0, notedLength) || undefined
  })
  return HttpMethod.hasBody(request.method)
    ? Effect.map(Effect.orElseSucceed(textOf(request), () => ""), note)
    : Effect.succeed(note(""))
}

/** Returns `true` if a request is from a client in the same program. */
const isInMemory = ({ source }: HttpServerRequest.HttpServerRequest): boolean =>
  HttpClientRequest.isHttpClientRequest(source)

/**
 * Sets the route of the span of a server, as `HttpRouter` does. A request in memory has no server span: its parent span is
 * that of the client, or of the program.
 */
const noteRoute = (
  context: Context.Context<HttpServerRequest.HttpServerRequest>,
  request: HttpServerRequest.HttpServerRequest,
  { pattern }: Routing.Target
): void => {
  const span = Context.getOrUndefined(context, Tracer.ParentSpan)
  if (pattern !== undefined && span?._tag === "Span" && span.kind === "server" && !isInMemory(request)) {
    span.attribute("http.route", pattern)
  }
}

/** Removes null values, which count as omitted. */
const withoutNulls = (json: unknown): unknown =>
  Predicate.isObject(json) ? Record.filter(json, Predicate.isNotNull) : json

/** Removes fields that a version does not know, or for which it has different rules. */
const omit = (json: unknown, ...keys: ReadonlyArray<string>): unknown =>
  Predicate.isObject(json) ? Struct.omit(json, keys) : json

const undecodable = RequestRules.refuse("UnprocessableEntity", "The request body could not be decoded.")

/**
 * Decodes the body of a request; `undefined` for invalid values. Fails if the body is too large or has the wrong shape,
 * which is checked before the account and the plan.
 */
const readPayload = (request: HttpServerRequest.HttpServerRequest, schema: Schema.Codec<unknown>) =>
  Effect.gen(function*() {
    const version = knownVersionOf(request)
    const text = yield* Effect.mapError(textOf(request), () => tooLarge)
    const sent = withoutNulls(Option.getOrUndefined(Option.liftThrowable(JSON.parse)(text)))
    const json = version === "2026-07" ? sent : omit(sent, "read_capacity")
    const decode = Schema.decodeUnknownEffect(schema)
    const payload = yield* decode(json, { disableChecks: true }).pipe(
      // The service does not report the field.
      Effect.tapError(({ message }) => Effect.logDebug(`A request body does not match the contract: ${message}`)),
      Effect.mapError(() => undecodable)
    )
    // The contract has the rule for tags of 2026-07.
    const checked = version === "2026-07" ? json : omit(json, "tags")
    return (yield* Effect.isSuccess(decode(checked))) ? payload : undefined
  })

// ============================================================================
// The application
// ============================================================================

/** A gateway rejects invalid keys: as text since 2026-07 and for `unstable`, as JSON before. */
const unauthenticated = (
  version: RequestRules.Version | undefined,
  { unauthenticated: form }: Settings.Switches
) =>
  form === "text" || (form === "byVersion" && (version === "2026-07" || version === "unstable"))
    ? HttpServerResponse.text("Invalid API key", { status: 401 })
    : refusalResponse(RequestRules.refuse("Unauthenticated", "Invalid API key."))

/** Maximum length of a path in a message. */
const shownLength = 200

/**
 * The refusal of a request whose path, or method at its path, the emulator does not have. The message does not imitate the
 * service, which may have the route. No code is defined for 405. All versions have this code, which means a client error.
 */
export const unsupported = ({ method, methods, path, where = "" }: {
  readonly method: string
  readonly path: string
  /** Supported methods of the path. */
  readonly methods: ReadonlyArray<string>
  /** Plane or version that the path does not exist in. */
  readonly where?: string
}): RequestRules.Refusal => {
  const shown = path.length <= shownLength ? path : `${path.slice(0, shownLength)}…`
  const message = `This emulator does not support ${method} ${shown}${where}`
  return methods.length === 0
    ? RequestRules.refuse("NotFound", `${message}.`)
    : { status: 405, code: "INVALID_ARGUMENT", message: `${message}, only ${methods.join(", ")}.` }
}

const undecodablePath = RequestRules.refuse("NotFound", "The path is not valid percent-encoding.")

/** The response to a request with invalid values in its path or query. */
const invalid = refusalResponse(RequestRules.refuse("InvalidArgument", RequestRules.invalidParameters))

/** Converts an answer to a response. An answer that violates the contract is a bug of the emulator, and a defect. */
const responseOf =
  ({ encode, name, refusals }: Handlers.Route, status: number) =>
  (answer: Result.Result<unknown, RequestRules.Refusal>): HttpServerResponse.HttpServerResponse => {
    if (Result.isFailure(answer)) {
      if (refusals.has(answer.failure.status)) return refusalResponse(answer.failure)
      throw new Error(`${name} must not be refused with ${answer.failure.status}`)
    }
    const json = encode(answer.success)
    return json === undefined
      ? HttpServerResponse.empty({ status })
      : HttpServerResponse.jsonUnsafe(json, { status })
  }

/** The response to a request that made the emulator fail: a bug of the emulator, or of the program that controls it. */
export const failed = (cause: Cause.Cause<unknown>) => {
  const reason = Cause.squash(cause)
  const message = reason instanceof Inputs.InvalidValue ? reason.message : "Internal server error"
  return Effect.as(
    Effect.logError("The emulator failed", cause),
    refusalResponse(RequestRules.refuse("Unknown", message))
  )
}

/** The application: `ControlPlane.App`. */
type App = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  Fault.ConnectionReset,
  HttpServerRequest.HttpServerRequest
>

/** A running service as an HTTP application. */
export const make = (engine: Engine.Engine): App => {
  /** Returns the error response for a request that is rejected before routing. */
  const refusalOf = (
    request: HttpServerRequest.HttpServerRequest,
    switches: Settings.Switches,
    toRefusal: (refusal: RequestRules.Refusal) => HttpServerResponse.HttpServerResponse
  ): HttpServerResponse.HttpServerResponse | undefined => {
    const version = versionOf(request)
    if (!engine.acceptsKey(request.headers["api-key"])) return unauthenticated(version, switches)
    if (version !== undefined) return undefined
    const value = request.headers["x-pinecone-api-version"]
    return toRefusal(
      RequestRules.refuse(
        switches.unknownVersion === 404 ? "NotFound" : "InvalidArgument",
        `API version ${value} is not supported.`
      )
    )
  }

  const respondOfIndex = Effect.fnUntraced(
    function*(request: HttpServerRequest.HttpServerRequest, target: Routing.Target) {
      const { switches } = engine.settings()
      const refused = refusalOf(request, switches, DataPlane.refusalResponse)
      if (refused !== undefined) return refused
      if (target.operation === undefined) {
        const { methods, path } = target
        const { method } = request
        return DataPlane.refusalResponse(unsupported({ method, path, methods, where: " on the host of an index" }))
      }
      const body = HttpMethod.hasBody(request.method) ? yield* Effect.option(textOf(request)) : Option.none()
      const json = Option.getOrUndefined(Option.flatMap(body, Option.liftThrowable(JSON.parse)))
      const operation = DataPlane.operationOf(target, json)
      if (operation === undefined) return DataPlane.invalidResponse
      const answer = yield* engine.modify((state, now) => operation({ state, now, version: knownVersionOf(request) }))
      return Result.match(answer, {
        onFailure: DataPlane.refusalResponse,
        onSuccess: (json) => HttpServerResponse.jsonUnsafe(json)
      })
    }
  )

  /** Carries out an operation after everything that is due has happened. Without parts, its values are refused. */
  const answer = (
    request: HttpServerRequest.HttpServerRequest,
    context: Context.Context<never>,
    { handler, name, reader }: Handlers.Route,
    parts: Handlers.Parts | undefined
  ) => {
    const switches = Context.get(context, Injection.RequestSwitches)
    const pretence = Context.get(context, Injection.Pretence)
    const switched = RequestRules.withSwitches(switches, parts ? handler(parts) : RequestRules.refuseValues(name))
    const version = knownVersionOf(request)
    const hostOf = DataPlane.hostOf(request)
    return engine.modify((state, now) => {
      const [next, answer] = switched({ state, now, version, hostOf })
      if (pretence === undefined || Result.isFailure(answer)) return [next, answer]
      // The reported ID is never reused.
      const undone = next.ids === state.ids ? state : { ...state, ids: next.ids }
      return pretence === "asked" || reader === undefined || parts === undefined
        ? [undone, answer]
        : [undone, RequestRules.withSwitches(switches, reader(parts))({ state: undone, now, version, hostOf })[1]]
    })
  }

  const respond = (
    request: HttpServerRequest.HttpServerRequest,
    context: Context.Context<never>,
    { group, methods, operation, path, query: search }: Routing.Target
  ): Effect.Effect<HttpServerResponse.HttpServerResponse> => {
    const { project, switches } = engine.settings()
    const refused = refusalOf(request, switches, refusalResponse)
    if (refused !== undefined) return Effect.succeed(refused)
    const version = knownVersionOf(request)
    const { method } = request
    if (group === "BackupSchedules" && !RequestRules.hasSchedules(version, switches)) {
      const where = ` in API version ${version}`
      return Effect.succeed(refusalResponse(unsupported({ method, path, methods: [], where })))
    }
    const route = operation && Handlers.routeOf(operation)
    if (route === undefined) return Effect.succeed(refusalResponse(unsupported({ method, path, methods })))
    // The service validates bodies before permissions, but queries after them.
    const admitted = method === "GET" ? RequestRules.admit(route.name, project) : Result.void
    if (Result.isFailure(admitted)) return Effect.succeed(refusalResponse(admitted.failure))
    const params = route.paramsOf(path)
    if (params === undefined) return Effect.succeed(refusalResponse(undecodablePath))
    const query = route.queryOf(search)
    if (Exit.isFailure(params) || Exit.isFailure(query)) return Effect.succeed(invalid)
    const flaws = Context.get(context, Injection.RestoreFlaws)
    const parts = { params: params.value, query: query.value, payload: undefined, flaws }
    const isCreated = route.status === 200 && route.name.endsWith(".create")
    const toResponse = responseOf(route, isCreated ? switches.createStatus : route.status)
    return route.payload === undefined
      ? Effect.map(answer(request, context, route, parts), toResponse)
      : Effect.matchEffect(readPayload(request, route.payload), {
        onFailure: (refusal) => Effect.succeed(refusalResponse(refusal)),
        onSuccess: (payload) =>
          Effect.map(
            answer(request, context, route, payload === undefined ? undefined : { ...parts, payload }),
            toResponse
          )
      })
  }

  return Effect.contextWith((context: Context.Context<HttpServerRequest.HttpServerRequest>) => {
    const request = Context.get(context, HttpServerRequest.HttpServerRequest)
    const target = Routing.targetOf(request)
    const { operation } = target
    noteRoute(context, request, target)
    const work = target.indexName === undefined
      // A fault changes the context.
      ? Effect.contextWith((context: Context.Context<never>) => respond(request, context, target))
      : respondOfIndex(request, target)
    return Effect.flatMap(noteOf(request, target), (note) => {
      const { answered, id } = engine.received(note)
      return Effect.flatMap(Effect.exit(engine.nextFault(operation)), (fault) => {
        // A client would retry a response, and hide a bug of the program that chooses the faults.
        if (Exit.isFailure(fault) && isInMemory(request)) return Effect.failCause(fault.cause)
        const injected = Exit.isFailure(fault)
          ? Exit.failCause(fault.cause)
          : fault.value === undefined
          ? work
          : Injection.inject(fault.value, work, engine.controls.now)
        const response = Effect.catchDefect(injected, (defect) => failed(Cause.die(defect)))
        return Effect.map(response, (response) => {
          answered(response.status)
          // The clock of the emulator can differ from the clock of the machine.
          const date = engine.timeBy(Context.get(context, Clock.Clock))
          const headers = Injection.headers(Exit.isSuccess(fault) ? fault.value : undefined, { date, id })
          if (!("date" in headers)) Injection.withholdDate(request)
          return HttpServerResponse.setHeaders(response, headers)
        })
      })
    })
  })
}
