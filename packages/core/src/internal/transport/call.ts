/** Builds requests and reads their responses, for endpoints of the contract and for any other request. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { memoize } from "effect/Function"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as UrlParams from "effect/http/UrlParams"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"
import { camelToSnake } from "effect/String"
import type * as Endpoints from "../../Endpoints.ts"
import * as PineconeError from "../../PineconeError.ts"
import * as Decoder from "../codec/decoder.ts"
import * as SourceJson from "../codec/source-json.ts"
import * as Contract from "../contract/endpoint.ts"
import * as Paths from "../contract/paths.ts"
import * as Versions from "../contract/versions.ts"
import { isSame } from "../same.ts"
import type * as Options from "./options.ts"
import type * as Reconcile from "./reconcile.ts"
import * as Response from "./response.ts"
import * as Sendable from "./sendable.ts"

/** One call: everything that its attempts have in common. */
export interface Call<A> {
  /** Name in spans and metrics. Low cardinality. */
  readonly name: string
  /** Name in errors and logs. */
  readonly operation: string
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  /** `true` if the call changes nothing, regardless of its method, so that a retry is safe. */
  readonly isRead: boolean
  /** Path in the contract, with the names of parameters instead of values. */
  readonly route: string | undefined
  /** Value of the version header. */
  readonly version: string
  /** Builds the request, without host, key and version. */
  readonly request: () => Exit.Exit<HttpClientRequest.HttpClientRequest, PineconeError.InvalidInput>
  /** Reads a successful response. */
  readonly read: (
    answer: Response.Answer,
    facts: Response.Facts
  ) => Exit.Exit<A, PineconeError.MalformedResponse | PineconeError.ConnectionFailed>
  /** Returns the next step to suggest for an error response. */
  readonly hint: (code: string | undefined, status: number) => string | undefined
  /** Recovery lookup for the result of a lost attempt. Makes a retry safe. */
  readonly recovery?: Reconcile.Recovery<A>
  /** Result if the resource no longer exists after a lost attempt: that attempt deleted it. */
  readonly whenGone?: Effect.Effect<A>
}

// ============================================================================
// Endpoints of the contract
// ============================================================================

/** The parts of a request to any endpoint. */
interface Input {
  readonly params?: unknown
  readonly query?: unknown
  readonly payload?: unknown
}

/** One endpoint of the contract, ready for use. */
interface Codec {
  /** The group of the contract that has the path, if any. It decides about versions. */
  readonly place: string | undefined
  /**
   * Returns the first field of a response, or of one of its rows, that does not match the parameters of the request.
   */
  readonly mismatch: (value: unknown, params: unknown) => string | undefined
  /** Builds the request for a call, without host, key and version. */
  readonly encode: (input: Input) => Exit.Exit<HttpClientRequest.HttpClientRequest, SchemaIssue.Issue>
  /** Decodes the body of a successful response. `undefined` if the endpoint has no response body. */
  readonly decode: ((json: Schema.Json) => Exit.Exit<unknown, SchemaIssue.Issue>) | undefined
}

const parameters = <Encoded>(fields: Readonly<Record<string, Schema.Codec<unknown, Encoded>>> | undefined) =>
  fields === undefined
    ? () => Exit.succeed(undefined)
    : SchemaParser.encodeUnknownExit(Schema.Struct(fields))

const invalidAt = (path: ReadonlyArray<PropertyKey>, message: string) =>
  Exit.fail(new SchemaIssue.Pointer(path, new SchemaIssue.InvalidValue({ message })))

const invalid = (field: string, message: string) => invalidAt([field], message)

const bodyOfGet = "must be omitted from a GET request"

/** Adds a body to a request. Fails for a body that JSON would change. */
const withJson = (request: HttpClientRequest.HttpClientRequest, body: unknown) =>
  Option.getOrElse(
    Option.liftThrowable(() => {
      const wrong = Sendable.wrongInBody(body)
      return wrong === undefined
        ? Exit.succeed(HttpClientRequest.bodyJsonUnsafe(request, body))
        : invalidAt(wrong.path.length === 0 ? ["payload"] : wrong.path, wrong.message)
    })(),
    () => invalid("payload", "must be JSON")
  )

/** Fills in the parameters of a path. Schemas of endpoints that are not in the contract may accept any value. */
const pathOf = (pattern: string) => {
  // Every second part is the name of a parameter.
  const parts = pattern.split(/:(\w+)/)
  const problem = wrongPath(pattern) ?? (pattern.includes("?") ? "must not have a query" : undefined)
  if (problem !== undefined) return () => invalid("path", problem)
  return (values: Readonly<Record<string, unknown>> = {}): Exit.Exit<string, SchemaIssue.Issue> => {
    const path = [...parts]
    for (let index = 1; index < parts.length; index += 2) {
      const value = values[parts[index]!] ?? ""
      const text = String(value)
      const message = Sendable.wrongInUrl(value) ?? Contract.wrongInPath(text)
      if (message !== undefined) return invalid(parts[index]!, message)
      path[index] = encodeURIComponent(text)
    }
    return Exit.succeed(path.join(""))
  }
}

const decoder = (schema: Schema.Decoder<unknown>): Codec["decode"] => {
  Decoder.of(schema.ast)
  return SchemaParser.decodeUnknownExit(schema)
}

/**
 * Derives the codec of an endpoint from the contract.
 *
 * `HttpApiClient` can do this too, but it accepts only the declared statuses, prepares a decoder for each of them, and
 * pulls in routing, multipart and event streams: a third more code in a browser.
 */
const codecOf: (endpoint: Contract.Endpoint) => Codec = memoize(
  ({ method, path, payload, success, ...endpoint }) => {
    const encodeParams = parameters(endpoint.params)
    const encodeQuery = parameters(endpoint.query)
    const encodePayload = payload === undefined ? undefined : SchemaParser.encodeUnknownExit(payload)
    const fill = pathOf(path)
    const needs = Object.entries({ params: endpoint.params, query: endpoint.query, payload })
      .flatMap(([part, schema]) => schema === undefined ? [] : part as keyof Input)

    return {
      place: Paths.find(path)?.group,
      mismatch: mismatchOf(endpoint.echoes),
      encode: (input) => {
        const missing = needs.find((part) => input[part] === undefined)
        if (missing !== undefined) return invalid(missing, "must not be missing")
        if (method === "GET" && payload !== undefined) return invalid("payload", bodyOfGet)
        const params = encodeParams(input.params)
        if (Exit.isFailure(params)) return Exit.failCause(params.cause)
        const query = encodeQuery(input.query)
        if (Exit.isFailure(query)) return Exit.failCause(query.cause)
        const path = fill(params.value)
        if (Exit.isFailure(path)) return Exit.failCause(path.cause)
        const wrong = query.value && Sendable.wrongInQuery(query.value)
        if (wrong !== undefined) return invalidAt(wrong.path, wrong.message)
        const search = query.value === undefined ? "" : UrlParams.toString(UrlParams.fromInput(query.value))
        // Built as one string, because `HttpClient` parses the URL again for every added parameter.
        const request = HttpClientRequest.make(method)(`${path.value}${search === "" ? "" : `?${search}`}`)
        if (encodePayload === undefined) return Exit.succeed(request)
        const body = encodePayload(input.payload)
        if (Exit.isFailure(body)) return Exit.failCause(body.cause)
        return withJson(request, body.value)
      },
      decode: success === undefined ? undefined : decoder(success)
    }
  }
)

/** Creates a call of an endpoint, either of the contract or of the data plane. */
export const ofEndpoint = <E extends Contract.Endpoint>(
  settings: Options.Settings,
  endpoint: E,
  request: Endpoints.EndpointRequest<E>
): Call<Endpoints.EndpointSuccess<E>> =>
  // The schemas of the endpoint encode the request and decode the response.
  ofInput(settings, endpoint, request as Input) as Call<Endpoints.EndpointSuccess<E>>

const ofInput = (
  { apiVersion, scrub }: Options.Settings,
  endpoint: Contract.Endpoint,
  input: Input
): Call<unknown> => {
  const operation = Contract.operationOf(endpoint)
  const { decode, encode, mismatch, place = "" } = codecOf(endpoint)
  return {
    name: operation,
    operation,
    method: endpoint.method,
    isRead: endpoint.method === "GET" || endpoint.isRead === true,
    route: endpoint.path,
    version: Versions.versionHeader(apiVersion, place),
    request: () =>
      Exit.mapError(encode(input), (issue) => {
        const { field, message } = Response.firstIssue(issue, scrub)
        return PineconeError.invalidInput(operation, field, message)
      }),
    read: decode === undefined
      ? (answer, facts) => Response.toNothing(answer, facts, scrub)
      : held(
        (answer, facts) => Response.toValue(answer, facts, decode, scrub),
        (value) => mismatch(value, input.params),
        scrub
      ),
    hint: (code, status) => hintOf(code, status, apiVersion, place, input),
    // Without a response body, the response to the lost request is known.
    ...(endpoint.method === "DELETE" && decode === undefined && { whenGone: Effect.undefined })
  }
}

/** Reads a response and compares it with the request. `mismatch` returns the first field that differs. */
const held = <A>(
  read: Call<A>["read"],
  mismatch: (value: A) => string | undefined,
  scrub: Response.Scrub
): Call<A>["read"] =>
(answer, facts) => {
  const value = read(answer, facts)
  const field = Exit.isSuccess(value) ? mismatch(value.value) : undefined
  return field === undefined
    ? value
    : Exit.fail(Response.malformed(answer, facts, scrub, "The response does not match the request", field))
}

const mismatchOf = (echoes: Contract.Endpoint["echoes"] = {}): Codec["mismatch"] => {
  const fields = Object.entries(echoes).map(([param, key]) => ({ param, key, name: camelToSnake(key) }))
  return (value, params) => {
    if (fields.length === 0 || !Predicate.isObject(value)) return undefined
    const rows = Predicate.hasProperty(value, "data") ? value.data : undefined
    for (const { key, name, param } of fields) {
      const asked = String(Reflect.get(params as object, param))
      if (rows === undefined) {
        if (!isSame(Reflect.get(value, key), asked)) return name
      } else if (Array.isArray(rows)) {
        const at = rows.findIndex((row) => !isSame(row[key], asked))
        if (at !== -1) return `data[${at}].${name}`
      }
    }
    return undefined
  }
}

/** Adds a recovery lookup to a call. The response is compared with the request. */
export const recoverable = <A>(
  call: Call<A>,
  { isExclusive, locate, mismatch }: Reconcile.Recovery<A>,
  { scrub }: Options.Settings
): Call<A & { readonly recovered: boolean }> => {
  const { whenGone: _, ...rest } = call
  const read = mismatch === undefined ? call.read : held(call.read, mismatch, scrub)
  return {
    ...rest,
    read: (answer, facts) => Exit.map(read(answer, facts), (value) => made(value, false)),
    recovery: {
      isExclusive,
      locate: Effect.map(locate, (found) => found === undefined ? undefined : made(found, true))
    }
  }
}

/** Marks the result of a create or update as recovered or not, and keeps its source JSON. */
export const made = <A>(value: A, recovered: boolean): A & { readonly recovered: boolean } =>
  SourceJson.inherit({ ...value, recovered }, value)

/**
 * Hint for a schedule route that rejects a request as if it did not know the API version: without a Pinecone error
 * code, or as invalid although nothing in the request can be invalid.
 */
const hintOf = (
  code: string | undefined,
  status: number,
  version: Options.Settings["apiVersion"],
  group: string,
  { payload, query }: Input
): string | undefined => {
  const isSilent = code === undefined && (status === 404 || status === 405 || status === 410 || status === 501)
  const isGroundless = status === 400 && payload === undefined && !Predicate.hasProperty(query, "paginationToken") &&
    !(Predicate.hasProperty(query, "limit") && Number(query.limit) > 100)
  return Versions.isUnstable(group) && (isSilent || isGroundless)
    ? `Backup schedules moved between versions of the API: try apiVersion (PINECONE_API_VERSION) "${
      version === "2026-04" ? "2026-07" : "2026-04"
    }"`
    : undefined
}

// ============================================================================
// Any other request
// ============================================================================

/** Input of `request` of the client. */
export interface Request {
  readonly method: Call<unknown>["method"]
  /** Path below the path of the host, with its query: `"/indexes?limit=10"`. Sent unchanged. */
  readonly path: string
  /** Body, as JSON text. */
  readonly body?: string | undefined
}

/** Returns the request of a call as data, without host, key and version. */
export const preview = (
  { method, request }: Pick<Call<unknown>, "method" | "request">
): Effect.Effect<Request, PineconeError.InvalidInput> =>
  Effect.map(
    Effect.suspend(request),
    ({ body, url: path }) =>
      body._tag === "Uint8Array" ? { method, path, body: new TextDecoder().decode(body.body) } : { method, path }
  )

/**
 * Returns the problem with a path, if any. A path must stay below the path of the host, and must not be rewritten on
 * the way.
 */
const wrongPath = (path: string): string | undefined =>
  !/^\/(?!\/)/.test(path)
    ? "must start with exactly one slash, and must not have a host"
    : /[\s\\#\p{Cc}\p{Surrogate}]/u.test(path)
    ? "must not have spaces, backslashes or #"
    : /\/(\.|%2e){1,2}(\/|$)/i.test(pathnameOf(path))
    ? "must not have . or .. as a segment"
    : undefined

const wrongBody = ({ body, method }: Request): string | undefined =>
  body === undefined
    ? undefined
    : method === "GET"
    ? bodyOfGet
    : Option.isNone(Response.parseJson(body))
    ? "must be JSON"
    : Contract.notWellFormed(body)

const pathnameOf = (path: string): string => path.replace(/\?.*/s, "")

/** Creates a call of any path. The version is that of the route at the path, if it is in the contract. */
export const ofRequest = (
  { apiVersion, scrub }: Options.Settings,
  request: Request
): Call<{ readonly status: number; readonly text: string }> => {
  const { body, method, path } = request
  const place = Paths.find(pathnameOf(path))
  const operation = scrub(`${method} ${path}`)
  const isBare = method === "GET" && !path.includes("?")
  return {
    name: "PineconeClient.request",
    operation,
    method,
    isRead: method === "GET",
    route: place?.path,
    version: place === undefined ? apiVersion : Versions.versionHeader(apiVersion, place.group),
    request: () => {
      for (const [field, wrong] of [["path", wrongPath(path)], ["body", wrongBody(request)]] as const) {
        if (wrong !== undefined) return Exit.fail(PineconeError.invalidInput(operation, field, wrong))
      }
      const plain = HttpClientRequest.make(method)(path)
      return Exit.succeed(body === undefined ? plain : HttpClientRequest.bodyText(plain, body, "application/json"))
    },
    read: (answer, facts) => {
      const text = Response.toText(answer, facts, scrub)
      if (Exit.isFailure(text)) return Exit.failCause(text.cause)
      return Response.isUnwritable(text.value)
        ? Exit.fail(Response.malformed(answer, facts, scrub, Response.tooDeep))
        : Exit.succeed({ status: answer.status, text: scrub(text.value) })
    },
    // A request with a query or a body may be invalid; a bare GET cannot be.
    hint: (code, status) => hintOf(code, status, apiVersion, place?.group ?? "", { payload: isBare ? undefined : path })
  }
}
