/** The HTTP contract on the simulated service. */
import * as Clocks from "@pinecone-backups/core/health/Clocks"
import * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as ByteSize from "effect/ByteSize"
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import type * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiError from "effect/http-api/HttpApiError"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import * as HttpMethod from "effect/http/HttpMethod"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerError from "effect/http/HttpServerError"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Struct from "effect/Struct"
import type * as Fault from "../Fault.ts"
import * as DataPlane from "./data-plane.ts"
import type * as Engine from "./engine.ts"
import * as Injection from "./injection.ts"
import * as RequestRules from "./request-rules.ts"
import * as Settings from "./settings.ts"

// ============================================================================
// Handlers
// ============================================================================

/** API version of a request, or the oldest without the header; `undefined` for an unknown version. */
const versionOf = (request: HttpServerRequest.HttpServerRequest): RequestRules.Version | undefined => {
  const value = request.headers["x-pinecone-api-version"] ?? RequestRules.versions[0]
  return RequestRules.versions.find((version) => version === value)
}

/** API version of a request. `make` rejects unknown versions before. */
const knownVersionOf = (request: HttpServerRequest.HttpServerRequest): RequestRules.Version =>
  versionOf(request) ?? RequestRules.versions[0]

/** Path and query. The URL of a request in memory also has a host. */
const targetOf = ({ url }: HttpServerRequest.HttpServerRequest): string => url.replace(/^https?:\/\/[^/]*/, "")

export const pathOf = (request: HttpServerRequest.HttpServerRequest): string => targetOf(request).replace(/\?.*/, "")

const operations: ReadonlyMap<string, Settings.Operation> = new Map(
  Settings.Operation.literals.map((name) => [name, name])
)

const operationOf = (matches: ReadonlyArray<PineconeApi.Route>, method: string): Settings.Operation | undefined => {
  const route = matches.find((route) => route.method === method)
  return route && operations.get(`${route.group}.${route.endpoint}`)
}

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
const noteOf = (request: HttpServerRequest.HttpServerRequest, operation: Settings.Operation | undefined) => {
  const key = request.headers["api-key"] ?? ""
  const withoutKey = (text: string) => key.length < 8 ? text : text.replaceAll(key, "<redacted>")
  const note = (body: string) => ({
    method: request.method,
    url: withoutKey(targetOf(request)),
    operation,
    version: request.headers["x-pinecone-api-version"],
    body: withoutKey(body).slice(0, notedLength) || undefined
  })
  return HttpMethod.hasBody(request.method)
    ? Effect.map(Effect.orElseSucceed(textOf(request), () => ""), note)
    : Effect.succeed(note(""))
}

/** Removes null values, which count as omitted. */
const withoutNulls = (json: unknown): unknown =>
  Predicate.isObject(json) ? Record.filter(json, Predicate.isNotNull) : json

/** An endpoint of the contract whose requests have a body. */
interface HasPayload<A> {
  readonly payload: HttpApiEndpoint.PayloadMap
  readonly "~Payload": { readonly Type: A }
}

/** No endpoint declares this error. */
class PayloadTooLarge extends Data.TaggedError("PayloadTooLarge")<{}> {}

/** Removes fields that a version does not know, or for which it has different rules. */
const omit = (json: unknown, ...keys: ReadonlyArray<string>): unknown =>
  Predicate.isObject(json) ? Struct.omit(json, keys) : json

/**
 * Decodes the body of a request; `undefined` for invalid values. Fails if the body has the wrong shape, which is
 * checked before the account and the plan.
 */
const readPayload = <A>(request: HttpServerRequest.HttpServerRequest, endpoint: HasPayload<A>) =>
  Effect.gen(function*() {
    const version = knownVersionOf(request)
    const text = yield* Effect.mapError(textOf(request), () => new PayloadTooLarge())
    const sent = withoutNulls(Option.getOrUndefined(Option.liftThrowable(JSON.parse)(text)))
    const json = version === "2026-07" ? sent : omit(sent, "read_capacity")
    const schema = [...endpoint.payload.values()][0]?.schemas[0]
    // The contract loses the types of its schemas.
    const decode = Schema.decodeUnknownEffect(schema as unknown as Schema.Codec<A>)
    const payload = yield* decode(json, { disableChecks: true }).pipe(
      // The service does not report the field.
      Effect.tapError(({ message }) => Effect.logDebug(`A request body does not match the contract: ${message}`)),
      Effect.mapError(() =>
        toEnvelope(RequestRules.refuse("UnprocessableEntity", "The request body could not be decoded."))
      )
    )
    // The contract has the rule for tags of 2026-07.
    const checked = version === "2026-07" ? json : omit(json, "tags")
    return (yield* Effect.isSuccess(decode(checked))) ? payload : undefined
  })

const makeHandlers = (engine: Engine.Engine) => {
  /**
   * Responds in the version of the request, after everything that is due has happened. `before` reads the state that an
   * operation changes.
   */
  const answer = <A>(
    request: HttpServerRequest.HttpServerRequest,
    operation: RequestRules.Operation<A>,
    before?: RequestRules.Operation<A>
  ) =>
    Effect.gen(function*() {
      const switches = yield* Injection.RequestSwitches
      const pretence = yield* Injection.Pretence
      const switched = RequestRules.withSwitches(switches, operation)
      const version = knownVersionOf(request)
      const hostOf = DataPlane.hostOf(request)
      return yield* Effect.fromResult(
        yield* engine.modify((state, now) => {
          const [next, answer] = switched({ state, now, version, hostOf })
          if (pretence === undefined || Result.isFailure(answer)) return [next, answer]
          // The reported ID is never reused.
          const undone = next.ids === state.ids ? state : { ...state, ids: next.ids }
          return pretence === "asked" || before === undefined
            ? [undone, answer]
            : [undone, RequestRules.withSwitches(switches, before)({ state: undone, now, version, hostOf })[1]]
        })
      )
    }).pipe(Effect.mapError(toEnvelope))

  /** Responds to a request with a body. */
  const answerPayload = <A, B>(
    request: HttpServerRequest.HttpServerRequest,
    endpoint: HasPayload<A>,
    name: Settings.Operation,
    operation: (payload: A) => RequestRules.Operation<B>,
    before?: RequestRules.Operation<B>
  ) =>
    readPayload(request, endpoint).pipe(
      Effect.flatMap((payload) =>
        answer<B>(request, payload === undefined ? RequestRules.refuseValues(name) : operation(payload), before)
      ),
      Effect.catchTag("PayloadTooLarge", () => Effect.succeed(refusalResponse(tooLarge)))
    )

  return Layer.mergeAll(
    HttpApiBuilder.group(PineconeApi.PineconeApi, "BackupSchedules", (handlers) =>
      handlers
        .handleRaw("create", ({ endpoint, params, request }) =>
          answerPayload(request, endpoint, "BackupSchedules.create", (payload) =>
            RequestRules.createSchedule({
              indexName: params.index_name,
              name: payload.name,
              frequency: payload.schedule.frequency,
              expireAfterDays: payload.retention.expire_after_days
            })))
        .handleRaw("update", ({ endpoint, params, request }) =>
          answerPayload(request, endpoint, "BackupSchedules.update", (payload) =>
            RequestRules.updateSchedule(params.schedule_id, {
              frequency: payload.frequency,
              expireAfterDays: payload.retention?.expire_after_days,
              enabled: payload.enabled
            }), RequestRules.describeSchedule(params.schedule_id)))
        .handleAll({
          list: ({ params, query, request }) =>
            answer(request, RequestRules.listSchedules({ indexName: params.index_name, ...query })),
          describe: ({ params, request }) =>
            answer(request, RequestRules.describeSchedule(params.schedule_id)),
          delete: ({ params, request }) =>
            answer(request, RequestRules.deleteSchedule(params.schedule_id)),
          history: ({ params, query, request }) =>
            answer(request, RequestRules.history({ scheduleId: params.schedule_id, ...query }))
        })),
    HttpApiBuilder.group(PineconeApi.PineconeApi, "Backups", (handlers) =>
      handlers
        .handleRaw("create", ({ endpoint, params, request }) =>
          answerPayload(request, endpoint, "Backups.create", (payload) =>
            RequestRules.createBackup({ indexName: params.index_name, ...payload })))
        .handleRaw("restore", ({ endpoint, params, request }) =>
          Effect.flatMap(Injection.RestoreFlaws, (flaws) =>
            answerPayload(request, endpoint, "Backups.restore", (payload) =>
              RequestRules.restore({
                backupId: params.backup_id,
                name: payload.name,
                tags: payload.tags,
                deletionProtection: payload.deletion_protection,
                readCapacity: payload.read_capacity,
                flaws
              }))))
        .handleAll({
          listByIndex: ({ params, query: { include_deleted: includeDeleted, ...query }, request }) =>
            answer(
              request,
              RequestRules.listBackupsByIndex({ indexName: params.index_name, includeDeleted, ...query })
            ),
          list: ({ query, request }) =>
            answer(request, RequestRules.listBackups(query)),
          describe: ({ params, request }) =>
            answer(request, RequestRules.describeBackup(params.backup_id)),
          delete: ({ params, request }) =>
            answer(request, RequestRules.deleteBackup(params.backup_id))
        })),
    HttpApiBuilder.group(PineconeApi.PineconeApi, "RestoreJobs", (handlers) =>
      handlers.handleAll({
        list: ({ query, request }) => answer(request, RequestRules.listRestoreJobs(query)),
        describe: ({ params, request }) => answer(request, RequestRules.describeRestoreJob(params.job_id))
      })),
    HttpApiBuilder.group(PineconeApi.PineconeApi, "Indexes", (handlers) =>
      handlers
        .handleRaw("list", ({ request }) =>
          Effect.map(answer(request, RequestRules.listIndexes), HttpServerResponse.jsonUnsafe))
        .handleRaw("describe", ({ params, request }) =>
          Effect.map(answer(request, RequestRules.describeIndex(params.index_name)), HttpServerResponse.jsonUnsafe))
        .handleRaw("configure", ({ endpoint, params, request }) =>
          Effect.map(
            answerPayload(request, endpoint, "Indexes.configure", (payload) =>
              RequestRules.configureIndex(params.index_name, {
                deletionProtection: payload.deletion_protection,
                tags: payload.tags,
                readCapacity: payload.read_capacity
              }), RequestRules.describeIndex(params.index_name)),
            (answer) =>
              HttpServerResponse.isHttpServerResponse(answer)
                ? answer
                : HttpServerResponse.jsonUnsafe(answer, { status: 202 })
          ))
        .handle("delete", ({ params, request }) =>
          answer(request, RequestRules.deleteIndex(params.index_name))))
  )
}

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

const notFound = refusalResponse(RequestRules.refuse("NotFound", "Not found."))

/** No code is defined for 405. All versions have this code, which means a client error. */
export const methodNotAllowed: RequestRules.Refusal = {
  status: 405,
  code: "INVALID_ARGUMENT",
  message: "Method not allowed."
}

/** Matches paths exactly. */
export const routerConfig: (typeof HttpRouter.RouterConfig)["Service"] = {
  // The service does not limit the length of IDs. The default limit of the router is 100 characters.
  maxParamLength: 10_000,
  caseSensitive: true,
  ignoreTrailingSlash: false,
  ignoreDuplicateSlashes: false
}

/**
 * Converts a failure to a response: an unknown route, a request that violates the contract, or a bug of the emulator.
 * `describe` formats a violation.
 */
export const toResponse = (
  cause: Cause.Cause<unknown>,
  describe: (error: HttpApiError.HttpApiSchemaError) => string = () => RequestRules.invalidParameters
) =>
  Effect.gen(function*() {
    const reason = Cause.squash(cause)
    if (HttpServerError.isHttpServerError(reason)) {
      if (reason.reason._tag === "RouteNotFound") return notFound
      if (reason.reason._tag === "RequestParseError" && reason.reason.reason === "BodyTooLarge") {
        return refusalResponse(tooLarge)
      }
    }
    // A response that violates the contract is a bug of the emulator.
    if (HttpApiError.HttpApiSchemaError.is(reason) && reason.kind !== "Body" && reason.kind !== "ResponseHeaders") {
      return refusalResponse(RequestRules.refuse("InvalidArgument", describe(reason)))
    }
    yield* Effect.logError("The emulator failed", cause)
    return refusalResponse(RequestRules.refuse("Unknown", "Internal server error"))
  })

/** The application: `ControlPlane.App`. */
type App = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  Fault.ConnectionReset,
  HttpServerRequest.HttpServerRequest | Scope.Scope
>

/** A running service as an HTTP application. */
export const make = Effect.fnUntraced(function*(engine: Engine.Engine): Effect.fn.Return<App, never, Scope.Scope> {
  const routes = yield* HttpRouter.toHttpEffect(
    HttpApiBuilder.layer(PineconeApi.PineconeApi).pipe(Layer.provide([makeHandlers(engine), HttpServer.layerServices]))
  ).pipe(Effect.provideService(HttpRouter.RouterConfig, routerConfig))

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
      switches.unknownVersion === 404
        ? RequestRules.refuse("NotFound", "Not found.")
        : RequestRules.refuse("InvalidArgument", `API version ${value} is not supported.`)
    )
  }

  const respondOfIndex = Effect.fnUntraced(
    function*(request: HttpServerRequest.HttpServerRequest, target: DataPlane.Target) {
      const { switches } = yield* engine.modify((state) => [state, state])
      const refused = refusalOf(request, switches, DataPlane.refusalResponse)
      if (refused !== undefined) return refused
      if (target.operation === undefined) {
        return DataPlane.refusalResponse(
          target.isKnown ? methodNotAllowed : RequestRules.refuse("NotFound", "Not found.")
        )
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

  const respond = Effect.fnUntraced(function*(
    request: HttpServerRequest.HttpServerRequest,
    matches: ReadonlyArray<PineconeApi.Route>,
    operation: Settings.Operation | undefined
  ) {
    const { project, switches } = yield* engine.modify((state) => [state, state])
    const refused = refusalOf(request, switches, refusalResponse)
    if (refused !== undefined) return refused
    const version = knownVersionOf(request)
    const isForSchedules = matches.some(({ group }) => group === "BackupSchedules")
    if (matches.length === 0 || (isForSchedules && !RequestRules.hasSchedules(version, switches))) return notFound
    if (operation === undefined) return refusalResponse(methodNotAllowed)
    // The service validates bodies before permissions, but queries after them.
    const admitted = request.method === "GET" ? RequestRules.admit(operation, project) : Result.void
    if (Result.isFailure(admitted)) return refusalResponse(admitted.failure)
    const response = yield* routes
    const isCreated = response.status === 200 && operation.endsWith(".create")
    return isCreated ? HttpServerResponse.setStatus(response, switches.createStatus) : response
  }, Effect.catchCause((cause) => Cause.hasInterruptsOnly(cause) ? Effect.interrupt : toResponse(cause)))

  return Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    const target = DataPlane.targetOf(request)
    const matches = PineconeApi.routesAt(pathOf(request))
    const operation = target === undefined ? operationOf(matches, request.method) : target.operation
    const { answered, id } = yield* Effect.flatMap(noteOf(request, operation), engine.received)
    const work = target === undefined ? respond(request, matches, operation) : respondOfIndex(request, target)
    const fault = yield* Effect.exit(engine.nextFault(operation))
    const response = yield* Effect.flatMap(
      fault,
      (fault) => fault === undefined ? work : Injection.inject(fault, work, engine.controls.now)
    ).pipe(Effect.catchDefect((defect) => toResponse(Cause.die(defect))))
    yield* answered(response.status)
    // The clock of the emulator can differ from the clock of the machine.
    const headers = Injection.headers(Exit.isSuccess(fault) ? fault.value : undefined, {
      date: yield* engine.controls.now,
      [Clocks.simulatedHeader]: "true",
      "x-request-id": id
    })
    if (!("date" in headers)) Injection.withholdDate(request)
    return HttpServerResponse.setHeaders(response, headers)
  })
})
