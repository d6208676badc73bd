/**
 * The connection to Pinecone: where it goes, with which key, in which version of the API, and how every
 * way of failing becomes a `PineconeError`.
 *
 * @since 0.1.0
 */
import * as Array from "effect/Array"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import type * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Answer from "./internal/answer.ts"
import * as Endpoint from "./internal/endpoint.ts"
import * as Raw from "./internal/raw.ts"
import * as PineconeApi from "./PineconeApi.ts"
import * as PineconeError from "./PineconeError.ts"

// ============================================================================
// Options
// ============================================================================

/**
 * What an HTTP header can carry without surprises. A key read from a file often ends with a line break,
 * so white space around it is dropped. The check never repeats the key it refuses.
 */
const ApiKey = Schema.RedactedFromValue(
  Schema.Trim.check(
    Schema.makeFilter((key: string) => /^[\x21-\x7e]+$/.test(key) || "must be visible ASCII characters, without spaces")
  ),
  { label: "api-key" }
)

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" ||
  /^127(\.\d+){3}$/.test(hostname)

/** The address of the API. The key goes there, so it travels encrypted or not at all. */
const Host = Schema.String.check(
  Schema.makeFilter((host: string) => {
    const url = Option.getOrUndefined(Option.liftThrowable((text: string) => new URL(text))(host))
    return url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")
      ? "must be a URL like https://api.pinecone.io"
      : url.protocol === "http:" && !isLoopback(url.hostname)
      ? "must be https: an unencrypted connection would show the API key"
      : url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== ""
      ? "must not have credentials, a query or a fragment"
      : undefined
  })
)

const RequestTimeout = Schema.Duration.check(
  Schema.makeFilter((duration: Duration.Duration) => Duration.isPositive(duration) || "must be longer than nothing")
)

/**
 * Options of a connection.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** The API key of a project. Sent to `host` and nowhere else, not even along a redirect. */
  readonly apiKey: Redacted.Redacted<string>
  /**
   * Where the API is, with an optional path in front of its routes. `http:` only for loopback.
   *
   * @default "https://api.pinecone.io"
   */
  readonly host?: string | undefined
  /**
   * The version of the API to speak.
   *
   * @default "2026-04"
   */
  readonly apiVersion?: PineconeApi.ApiVersion | undefined
  /**
   * How long one request may take, from sending it to having read the whole answer.
   *
   * @default "30 seconds"
   */
  readonly requestTimeout?: Duration.Input | undefined
  /**
   * Whether requests carry the trace they belong to (`traceparent`) to Pinecone.
   *
   * @default false
   */
  readonly tracePropagation?: boolean | undefined
  /** Changes the HTTP client: a proxy, a rate limit, more headers. It sees requests with the key in them. */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

// ============================================================================
// Service
// ============================================================================

type Groups = (typeof PineconeApi.PineconeApi)["groups"]

type GroupName = keyof Groups

type EndpointName<Group extends GroupName> = keyof Groups[Group]["endpoints"] & string

type EndpointOf<Group extends GroupName, Name extends EndpointName<Group>> = Groups[Group]["endpoints"][Name]

type Part<Name extends string, S extends Schema.Constraint> = [S] extends [never] ? {}
  : { readonly [_ in Name]: S["Type"] }

type RequestOf<E> = E extends HttpApiEndpoint.ConstraintRequest
  ? Part<"params", E["~Params"]> & Part<"query", E["~Query"]> & Part<"payload", E["~Payload"]>
  : never

type SuccessOf<E> = E extends { readonly "~Success": infer S extends Schema.Constraint } ? S["Type"] : never

/**
 * The connection.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * Sends one request of the contract and decodes its answer. Groups and endpoints are those of
   * `PineconeApi`; the operation in errors and traces is the two names with a dot.
   */
  readonly execute: <Group extends GroupName, Name extends EndpointName<Group>>(
    group: Group,
    endpoint: Name,
    request: RequestOf<EndpointOf<Group, Name>>
  ) => Effect.Effect<SuccessOf<EndpointOf<Group, Name>>, PineconeError.PineconeError>
}

/**
 * The connection to Pinecone that the services of this library share. Use it directly for nothing but
 * services of your own.
 *
 * @category services
 * @since 0.1.0
 */
export class PineconeClient
  extends Context.Service<PineconeClient, Service>()("@pinecone-backups/core/PineconeClient")
{}

// ============================================================================
// Constructors
// ============================================================================

/**
 * Creates a connection. Sends nothing. Fails with `InvalidInput` when the key cannot be a header, the
 * host is not an address the key may go to, or the timeout is not a length of time.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Service, PineconeError.InvalidInput, HttpClient.HttpClient> {
  const check = <A>(field: keyof Options, schema: Schema.Decoder<A>, input: unknown) =>
    Effect.mapError(Schema.decodeUnknownEffect(schema)(input), ({ issue }) =>
      new PineconeError.InvalidInput({
        operation: "PineconeClient.make",
        field,
        message: `${field}: ${Answer.firstIssue(issue, identity).message}`
      }))

  const url = new URL(yield* check("host", Host, options.host ?? "https://api.pinecone.io"))
  const base = `${url.origin}${url.pathname}`
  const version = yield* check("apiVersion", PineconeApi.ApiVersion, options.apiVersion ?? "2026-04")
  const key = Redacted.value(yield* check("apiKey", ApiKey, Redacted.value(options.apiKey)))
  const timeout = yield* check(
    "requestTimeout",
    RequestTimeout,
    Option.getOrNull(Duration.fromInput(options.requestTimeout ?? "30 seconds"))
  )

  const scrub = Answer.makeScrub(key)
  const requestInit = Option.getOrUndefined(yield* Effect.serviceOption(FetchHttpClient.RequestInit))
  const http = (options.transformClient ?? identity)(yield* HttpClient.HttpClient)

  /** Sends a request and reads the whole answer, in time. */
  const send = (request: HttpClientRequest.HttpClientRequest, operation: string) =>
    http.execute(request).pipe(
      Effect.catchIf(isStatusCodeError, (error) => Effect.succeed(error.reason.response)),
      Effect.flatMap((response) =>
        Effect.map(
          response.text,
          (text): Answer.Answer => ({ status: response.status, headers: response.headers, text })
        )
      ),
      Effect.mapError(({ cause }) =>
        new PineconeError.ConnectionFailed(
          Answer.known({ operation, attempts: 1, ...Answer.readCause(cause, url.host, scrub) })
        )
      ),
      Effect.timeoutOrElse({
        duration: timeout,
        orElse: () =>
          Effect.fail(
            new PineconeError.RequestTimedOut({
              operation,
              message: `No complete answer within ${Duration.format(timeout)}`,
              timeout,
              attempts: 1
            })
          )
      })
    )

  const execute = Effect.fnUntraced(function*(groupName: string, name: string, input: Endpoint.Input) {
    const operation = `${groupName}.${name}`
    const group = groups[groupName]!
    const codec = Endpoint.codecOf(group.endpoints[name]!)

    const request = yield* Effect.mapError(codec.encode(input), ({ issue }) => {
      const { field, message } = Answer.firstIssue(issue, scrub)
      return new PineconeError.InvalidInput({ operation, field, message: `${field}: ${message}` })
    })
    const trace = options.tracePropagation === true
      ? Option.map(yield* Effect.option(Effect.currentSpan), HttpTraceContext.toHeaders)
      : Option.none()
    const answer = yield* send(
      request.pipe(
        HttpClientRequest.prependUrl(base),
        HttpClientRequest.setHeaders(Option.getOrElse(trace, () => Headers.empty)),
        HttpClientRequest.setHeaders({
          accept: "application/json",
          "api-key": key,
          "x-pinecone-api-version": PineconeApi.versionHeader(version, group)
        })
      ),
      operation
    )
    const facts = { operation, status: answer.status, requestId: Answer.requestId(answer, scrub), attempts: 1 }

    if (answer.status < 200 || answer.status > 299) {
      const { code, ...refusal } = Answer.readRefusal(answer, scrub)
      return yield* PineconeError.fromAnswer(
        code,
        Answer.known({
          ...facts,
          ...refusal,
          retryAfter: Answer.retryAfter(answer, yield* DateTime.now),
          hint: hintOf(code, answer.status, version, group, input)
        })
      )
    }

    const malformed = (field: string, message: string) =>
      new PineconeError.MalformedResponse(Answer.known({
        ...facts,
        field: field === "" ? undefined : field,
        message: field === "" ? message : `${field}: ${message}`,
        body: Answer.excerpt(answer.text, scrub)
      }))
    const json = Answer.parseJson(answer.text)
    if (Option.isNone(json)) return yield* malformed("", "The answer is not JSON")
    const value = yield* codec.decode(json.value).pipe(
      Effect.mapError(({ issue }) => {
        const { field, message } = Answer.firstIssue(issue, scrub)
        return malformed(field, message)
      }),
      // JSON can be nested deeper than any recursive decoder can follow.
      Effect.catchDefect((defect) =>
        defect instanceof RangeError
          ? Effect.fail(malformed("", "The answer is nested too deeply"))
          : Effect.die(defect)
      )
    )
    Raw.rememberAll(value, json.value)
    return value
  })

  return PineconeClient.of({
    // The contract relates the names, the request and the answer; inside they are only looked up.
    execute: ((group: string, name: string, input: Endpoint.Input) =>
      execute(group, name, input).pipe(
        Effect.withSpan(`${group}.${name}`),
        // Effect's span of a request ends with the request itself, headers and all: a tracer would see the key.
        Effect.provideService(HttpClient.TracerDisabledWhen, () => true),
        Effect.provideService(FetchHttpClient.RequestInit, { ...requestInit, redirect: "manual" }),
        Effect.updateService(Headers.CurrentRedactedNames, Array.append("api-key"))
      )) as Service["execute"]
  })
})

// Its groups have no common type that names their endpoints one by one.
const groups = PineconeApi.PineconeApi.groups as {} as Readonly<Record<string, HttpApiGroup.Top>>

/** A client that fails on a status has still brought the answer. */
const isStatusCodeError = (
  error: HttpClientError.HttpClientError
): error is HttpClientError.HttpClientError & { readonly reason: HttpClientError.StatusCodeError } =>
  error.reason._tag === "StatusCodeError"

/**
 * What to try when a schedule route refuses a request in a way it would not if it knew the version: with
 * no code of the service's own, or as invalid although there is nothing in it that could be.
 */
const hintOf = (
  code: string | undefined,
  status: number,
  version: PineconeApi.ApiVersion,
  group: HttpApiGroup.Top,
  input: Endpoint.Input
): string | undefined => {
  const isSilent = code === undefined && (status === 404 || status === 405 || status === 410 || status === 501)
  const isGroundless = status === 400 && !Predicate.hasProperty(input.query, "paginationToken")
  return PineconeApi.isUnstable(group) && (isSilent || isGroundless)
    ? `Backup schedules moved between versions of the API: try apiVersion (PINECONE_API_VERSION) "${
      version === "2026-04" ? "2026-07" : "2026-04"
    }"`
    : undefined
}

// ============================================================================
// Layers
// ============================================================================

/**
 * Layer that connects with the given options over any `HttpClient`. Fails like {@link make}.
 *
 * With `FetchHttpClient`, redirects are switched off for the requests of this library, since fetch would
 * take the key along. Provide a `FetchHttpClient.RequestInit` of your own (a proxy's `dispatcher`, say)
 * to this layer too, or it will not be seen.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options
): Layer.Layer<PineconeClient, PineconeError.InvalidInput, HttpClient.HttpClient> =>
  Layer.effect(PineconeClient, make(options))

/**
 * The options as the configuration says:
 *
 * - `PINECONE_API_KEY`: the key; white space around it is dropped
 * - `PINECONE_CONTROLLER_HOST`: where the API is, `https://api.pinecone.io` if not set
 * - `PINECONE_API_VERSION`: `2026-04` (if not set) or `2026-07`
 *
 * A missing key and a value that is not valid are a `ConfigError`, which never shows the key.
 *
 * @category options
 * @since 0.1.0
 */
export const config: Config.Config<Options> = Config.all({
  apiKey: Config.schema(ApiKey, "PINECONE_API_KEY"),
  host: Config.schema(Host, "PINECONE_CONTROLLER_HOST").pipe(Config.withDefault(undefined)),
  apiVersion: Config.schema(PineconeApi.ApiVersion, "PINECONE_API_VERSION").pipe(Config.withDefault(undefined))
})

/**
 * Layer that connects as the {@link config} says, over any `HttpClient`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig: Layer.Layer<PineconeClient, Config.ConfigError, HttpClient.HttpClient> = Layer.effect(
  PineconeClient,
  // The configuration has passed every check that `make` makes.
  Effect.flatMap(config, (options) => Effect.orDie(make(options)))
)

/**
 * Layer that connects as the {@link config} says, with `fetch`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFetch: Layer.Layer<PineconeClient, Config.ConfigError> = Layer.provide(
  layerConfig,
  FetchHttpClient.layer
)
