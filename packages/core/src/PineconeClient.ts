/**
 * The connection to Pinecone: where it goes, with which key, in which version of the API, and how every
 * way of failing becomes a `PineconeError`.
 *
 * @since 0.1.0
 */
import * as Array from "effect/Array"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import { isHttpClientError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as SourceJson from "./internal/codec/source-json.ts"
import { PositiveDurationInput } from "./internal/duration.ts"
import * as Contract from "./internal/transport/contract.ts"
import * as Endpoint from "./internal/transport/endpoint.ts"
import * as Metrics from "./internal/transport/metrics.ts"
import * as Reconcile from "./internal/transport/reconcile.ts"
import * as Response from "./internal/transport/response.ts"
import type * as PineconeApi from "./PineconeApi.ts"
import * as PineconeError from "./PineconeError.ts"
import type * as RateLimit from "./RateLimit.ts"
import * as RetryPolicy from "./RetryPolicy.ts"

// ============================================================================
// Options
// ============================================================================

/**
 * What an HTTP header can carry without surprises. A key read from a file often ends with a line break,
 * so white space around it is dropped. The check never repeats the key it refuses.
 */
const ApiKey = Schema.RedactedFromValue(
  Schema.Trim.check(
    Schema.makeFilter((key: string) =>
      /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(key) ||
      "must be visible ASCII characters, without spaces, quotes and backslashes"
    )
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

/**
 * A request that is about to be sent again.
 *
 * @category models
 * @since 0.1.0
 */
export interface Retry {
  /** The service and its method: `Backups.list`. */
  readonly operation: string
  /** Why: what the last attempt failed with. */
  readonly error: PineconeError.PineconeError
  /** How long after that. */
  readonly delay: Duration.Duration
}

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
   * When a request is sent again. `RetryPolicy.none` switches it off.
   *
   * @default RetryPolicy.defaultPolicy
   */
  readonly retry?: RetryPolicy.RetryPolicy | undefined
  /**
   * Is run before the delay after which a request is sent again: to tell whoever waits. A look at what a lost request
   * has made is none.
   *
   * @default nothing; at debug level it is logged in any case
   */
  readonly onRetry?: ((retry: Retry) => Effect.Effect<void>) | undefined
  /**
   * A budget of requests, from `RateLimit.make`. Every request waits for its turn, repeated ones included, and
   * `requestTimeout` counts from when it is sent.
   *
   * @default none
   */
  readonly rateLimit?: RateLimit.RateLimit | undefined
  /**
   * Whether requests carry the trace they belong to (`traceparent` and `b3`) to Pinecone.
   *
   * @default false
   */
  readonly tracePropagation?: boolean | undefined
  /**
   * Changes the HTTP client: a circuit breaker, a proxy, more headers. It never sees the key, which is
   * set beneath it and only for `host`; a client that is given to this library and follows redirects by
   * itself would take the key along. Leave repeating requests to `retry`, which knows what is safe.
   */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

// ============================================================================
// Service
// ============================================================================

type Groups = typeof Contract.groups

type GroupName = keyof Groups

type EndpointName<Group extends GroupName> = keyof Groups[Group] & string

type EndpointOf<Group extends GroupName, Name extends EndpointName<Group>> = Groups[Group][Name]

type Fields<Name extends "params" | "query", E> = E extends
  { readonly [_ in Name]: infer F extends Schema.Struct.Fields } ? { readonly [_ in Name]: Schema.Struct.Type<F> }
  : {}

type RequestOf<E> =
  & Fields<"params", E>
  & Fields<"query", E>
  & (E extends { readonly payload: infer S extends Schema.Constraint } ? { readonly payload: S["Type"] } : {})

type SuccessOf<E> = E extends { readonly success: infer S extends Schema.Constraint } ? S["Type"] : void

/**
 * The connection.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /** The version of the API it speaks. */
  readonly apiVersion: PineconeApi.ApiVersion
  /**
   * Sends a request of the contract, again where the policy allows, and decodes the answer. Groups and
   * endpoints are those of `PineconeApi`; the operation in errors and traces is the two names with a dot.
   */
  readonly execute: <Group extends GroupName, Name extends EndpointName<Group>>(
    group: Group,
    endpoint: Name,
    request: RequestOf<EndpointOf<Group, Name>>
  ) => Effect.Effect<SuccessOf<EndpointOf<Group, Name>>, PineconeError.PineconeError>
  /** Checks a request as `execute` does, and sends nothing. */
  readonly check: <Group extends GroupName, Name extends EndpointName<Group>>(
    group: Group,
    endpoint: Name,
    request: RequestOf<EndpointOf<Group, Name>>
  ) => Effect.Effect<void, PineconeError.InvalidInput>
  /**
   * Like `execute`, for requests that make something each time they are sent. After a failure that leaves open
   * whether the service has made it (5xx, a timeout, no answer, or one that cannot be read), `find` looks for it,
   * three times in four seconds. What it finds is the answer, marked `recovered`. Only if there is nothing is the
   * request sent again, where the policy allows; while looking fails, it is not, and an error that remains is
   * `inDoubt`. The requests of `find` are sent once each, and may take a `requestTimeout` beyond the deadline.
   */
  readonly executeIdempotently: <Group extends GroupName, Name extends EndpointName<Group>>(
    group: Group,
    endpoint: Name,
    request: RequestOf<EndpointOf<Group, Name>>,
    find: Locate<SuccessOf<EndpointOf<Group, Name>>>
  ) => Effect.Effect<Recoverable<SuccessOf<EndpointOf<Group, Name>>>, PineconeError.PineconeError>
}

/**
 * Looks for what an earlier attempt of a call has made. `isNew` tells whether something was made since the call
 * began, by the clock of the service as far as its answers tell it, to the second; `undefined` if it has no time.
 * Fails with `"unclear"` if there is something that may or may not be it.
 *
 * @category models
 * @since 0.1.0
 */
export type Locate<A> = (
  isNew: (createdAt: DateTime.Utc | null | undefined) => boolean | undefined
) => Effect.Effect<A | undefined, PineconeError.ListError | "unclear">

/**
 * What a request has made.
 *
 * @category models
 * @since 0.1.0
 */
export type Recoverable<A> = A & {
  /**
   * Whether the service's answer was lost, so that this was found by looking. A schedule that was like that before
   * is found so, too.
   */
  readonly recovered: boolean
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
 * host is not an address the key may go to, the version is not known, or a timeout or the retry policy makes
 * no sense.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Service, PineconeError.InvalidInput, HttpClient.HttpClient> {
  const check = <A>(field: keyof Options, schema: Schema.Decoder<A>, input: unknown) =>
    Effect.mapError(Schema.decodeUnknownEffect(schema)(input), ({ issue }) => {
      const wrong = Response.firstIssue(issue, identity)
      const path = wrong.field === "" ? field : `${field}.${wrong.field}`
      return new PineconeError.InvalidInput({
        operation: "PineconeClient.make",
        field: path,
        message: `${path}: ${wrong.message}`
      })
    })

  const url = new URL(yield* check("host", Host, options.host ?? "https://api.pinecone.io"))
  const base = `${url.origin}${url.pathname}`
  const version = yield* check("apiVersion", Contract.ApiVersion, options.apiVersion ?? "2026-04")
  const key = Redacted.value(
    yield* check("apiKey", ApiKey, Redacted.isRedacted(options.apiKey) ? Redacted.value(options.apiKey) : undefined)
  )
  const timeout = Duration.fromInputUnsafe(
    yield* check("requestTimeout", PositiveDurationInput, options.requestTimeout ?? "30 seconds")
  )

  const policy = options.retry ?? RetryPolicy.defaultPolicy
  yield* check("retry", RetryPolicy.RetryPolicy, policy)
  const maxMillis = Duration.toMillis(policy.deadline)
  const scrub = Response.makeScrub(key)
  const requestInit: RequestInit = {
    ...Option.getOrUndefined(yield* Effect.serviceOption(FetchHttpClient.RequestInit)),
    redirect: "manual"
  }
  const http = (options.transformClient ?? identity)(withKey(yield* HttpClient.HttpClient, url.origin, key))

  const turn = options.rateLimit ?? Effect.void

  /** Waits for the turn to send a request again, unless it comes too late. */
  const turnBefore = (deadline: number, lastError: PineconeError.PineconeError) =>
    Effect.flatMap(
      Clock.currentTimeMillis,
      (now) =>
        now >= deadline ? Effect.fail(lastError) : Effect.timeoutOrElse(turn, {
          duration: Duration.millis(deadline - now),
          orElse: () => Effect.fail(lastError)
        })
    )

  /** The time of the service when our monotonic clock was at nothing, at least, as its latest answer tells it. */
  let serverOrigin: number | undefined

  /** Sends a request once and reads the whole answer, within `timeout`. */
  const send = (
    request: HttpClientRequest.HttpClientRequest,
    operation: string,
    attempts: number,
    timeout: Duration.Duration
  ) =>
    http.execute(request).pipe(
      Effect.catchIf(isStatusCodeError, (error) => Effect.succeed(error.reason.response)),
      Effect.tap((response) =>
        Effect.map(monotonicMillis, (now) => {
          const date = Response.date(response)
          if (date !== undefined) serverOrigin = date - now
        })
      ),
      Effect.flatMap(Response.fromResponse),
      Effect.mapError((error) =>
        new PineconeError.ConnectionFailed(
          Response.known({ operation, attempts, ...Response.readFailure(error, url.host, scrub) })
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
              attempts
            })
          )
      })
    )

  /** The request for a call, without host, key and version. */
  const encode = (groupName: string, name: string, input: Endpoint.Input) =>
    Effect.mapError(Endpoint.codecOf(endpointOf(groupName, name)).encode(input), ({ issue }) => {
      const { field, message } = Response.firstIssue(issue, scrub)
      return new PineconeError.InvalidInput({
        operation: `${groupName}.${name}`,
        field,
        message: `${field}: ${message}`
      })
    })

  const execute = Effect.fnUntraced(function*(
    groupName: string,
    name: string,
    input: Endpoint.Input,
    find?: Locate<unknown>
  ) {
    const operation = `${groupName}.${name}`
    const endpoint = endpointOf(groupName, name)
    const codec = Endpoint.codecOf(endpoint)
    const encoded = yield* encode(groupName, name, input)
    const span = yield* Effect.orDie(Effect.currentSpan)
    const request = encoded.pipe(
      HttpClientRequest.prependUrl(base),
      HttpClientRequest.setHeaders(
        // A span that is not recorded has ids that are none.
        options.tracePropagation === true && /^[0-9a-f]+$/.test(span.traceId)
          ? HttpTraceContext.toHeaders(span)
          : Headers.empty
      ),
      HttpClientRequest.setHeaders({
        accept: "application/json",
        "x-pinecone-api-version": Contract.versionHeader(version, groupName)
      })
    )
    span.attribute("http.request.method", endpoint.method)
    span.attribute("http.route", endpoint.path)

    yield* turn
    const startedAt = yield* Clock.currentTimeMillis
    const startedAtMonotonic = yield* monotonicMillis
    const isLook = yield* IsLook
    let attempts = 0
    /** Whether an earlier attempt may have done what was asked, although it did not say so. */
    let isAmbiguous = false
    /** Whether that was looked into since the last attempt. */
    let isLooked = false
    /** Whether it is still open after looking. */
    let isInDoubt = false

    const deadline = startedAt + maxMillis
    let lastError: PineconeError.PineconeError | undefined

    const isNew: Parameters<Locate<unknown>>[0] = (createdAt) =>
      createdAt
        ? DateTime.toEpochMillis(createdAt) >=
          (serverOrigin === undefined ? startedAt : serverOrigin + startedAtMonotonic)
        : undefined

    /** What an earlier attempt has made, if anything. Fails with the error of that attempt. */
    const look = Effect.fnUntraced(function*(error: PineconeError.PineconeError) {
      if (find === undefined || !isAmbiguous) return undefined
      isLooked = true
      isInDoubt = true
      const found = yield* Reconcile.lookFor(find(isNew)).pipe(
        Effect.provideService(IsLook, true),
        Effect.mapError(() => error),
        Effect.timeoutOrElse({
          duration: Duration.millis(
            Math.max(0, deadline - (yield* Clock.currentTimeMillis)) + Duration.toMillis(timeout)
          ),
          orElse: () => Effect.fail(error)
        })
      )
      // Of a success that could not be read it is certain that there is something.
      isInDoubt = found === undefined && error._tag === "PineconeMalformedResponse"
      if (found === undefined) return undefined
      span.attribute("pinecone.recovered", true)
      return made(found, true)
    })

    const attempt = Effect.gen(function*() {
      if (lastError !== undefined) {
        const error = lastError
        const found = yield* look(error)
        if (found !== undefined) return found
        yield* turnBefore(deadline, error)
        yield* Metrics.retried(operation)
      }
      attempts++
      isLooked = false
      const sentAt = yield* Clock.currentTimeMillis
      const left = Duration.millis(deadline - sentAt)
      const answer = yield* send(request, operation, attempts, Duration.min(timeout, left)).pipe(
        Effect.tapError(() => Metrics.record(operation, "none", sentAt))
      )
      yield* Metrics.record(operation, String(answer.status), sentAt)
      const facts = { operation, status: answer.status, requestId: Response.requestId(answer, scrub), attempts }
      span.attribute("http.response.status_code", answer.status)
      if (facts.requestId !== undefined) span.attribute("pinecone.request_id", facts.requestId)

      if (answer.status < 200 || answer.status > 299) {
        const { code, ...refusal } = Response.readRefusal(answer, scrub)
        return yield* PineconeError.fromAnswer(
          code,
          Response.known({
            ...facts,
            ...refusal,
            retryAfter: Response.retryAfter(answer, yield* DateTime.now),
            hint: hintOf(code, answer.status, version, groupName, input)
          })
        )
      }
      const value = yield* read(codec, answer, facts)
      return find === undefined ? value : made(value, false)
    })

    return yield* attempt.pipe(
      Effect.tapError((error) =>
        Effect.sync(() => {
          lastError = error
          isAmbiguous ||= mayHaveArrived(error)
        })
      ),
      retry(() =>
        // With a way to find what an attempt has made, another is as safe as asking.
        RetryPolicy.schedule(
          isLook ? RetryPolicy.none : policy,
          find === undefined ? endpoint.method : "GET",
          startedAt
        ).pipe(
          Schedule.tap(({ duration, input }) =>
            Effect.andThen(
              Metrics.retrying(operation, input, duration),
              options.onRetry?.({ operation, error: input, delay: duration }) ?? Effect.void
            )
          )
        )
      ),
      Effect.catch((error) =>
        isLooked ? Effect.fail(error) : Effect.flatMap(
          look(error),
          (found) => found === undefined ? Effect.fail(error) : Effect.succeed(found)
        )
      ),
      Effect.mapError((error) => isInDoubt ? PineconeError.inDoubt(error) : error),
      Effect.catchIf(
        (error) => endpoint.method === "DELETE" && isAmbiguous && error._tag === "PineconeNotFound",
        () => Effect.undefined
      ),
      Effect.ensuring(Effect.sync(() => span.attribute("pinecone.attempts", attempts)))
    )
  })

  /** The value of a successful answer. */
  const read = (codec: Endpoint.Codec, answer: Response.Answer, facts: Facts) => {
    if (codec.decode === undefined) return Effect.undefined
    const malformed = (field: string, message: string) =>
      new PineconeError.MalformedResponse(Response.known({
        ...facts,
        field: field === "" ? undefined : field,
        message: field === "" ? message : `${field}: ${message}`,
        body: Response.excerpt(answer.text, scrub)
      }))
    if (answer.isCut) return Effect.fail(malformed("", "The answer is larger than 64 MiB"))
    const json = Response.parseJson(answer.text)
    if (Option.isNone(json)) return Effect.fail(malformed("", "The answer is not JSON"))
    return codec.decode(json.value).pipe(
      Effect.mapError(({ issue }) => {
        const { field, message } = Response.firstIssue(issue, scrub)
        return malformed(field, message)
      }),
      // JSON can be nested deeper than a recursive decoder can follow. Engines differ in what they throw then.
      Effect.catchDefect(() => Effect.fail(malformed("", "The answer cannot be decoded"))),
      Effect.tap((value) => Effect.sync(() => SourceJson.rememberAll(value, json.value)))
    )
  }

  const traced = (group: string, name: string, input: Endpoint.Input, find?: Locate<unknown>) =>
    Effect.suspend(() => {
      let value: unknown
      return execute(group, name, input, find).pipe(
        // A span keeps what it ends with: a page would live as long as whatever becomes of the span.
        Effect.map((result) => {
          value = result
        }),
        // The place in the code that it would name is always this one.
        Effect.withSpan(`${group}.${name}`, { kind: "client" }, { captureStackTrace: false }),
        Effect.map(() => value)
      )
    }).pipe(
      // Effect's span of a request ends with the request itself, headers and all: a tracer would see the key.
      Effect.provideService(HttpClient.TracerDisabledWhen, () => true),
      Effect.provideService(FetchHttpClient.RequestInit, requestInit),
      Effect.updateService(Headers.CurrentRedactedNames, Array.append("api-key"))
    )

  return PineconeClient.of({
    apiVersion: version,
    // The contract relates the names, the request and the answer; inside they are only looked up.
    check: encode as Service["check"],
    execute: traced as Service["execute"],
    executeIdempotently: traced as Service["executeIdempotently"]
  })
})

const monotonicMillis = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

/** Whether a request belongs to a look, which repeats itself. */
const IsLook = Context.Reference("@pinecone-backups/core/PineconeClient/IsLook", { defaultValue: () => false })

/** `Effect.retry` with a schedule that is made when there is something to try again. */
const retry =
  <E>(schedule: () => Schedule.Schedule<unknown, E>) => <A, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.catch(self, (error) => {
      let next: Effect.Effect<A, E, R> = Effect.fail(error)
      const attempt = Effect.suspend(() => {
        const current = next
        next = self
        return current
      })
      return Effect.retry(attempt, schedule())
    })

/** What a request has made, with the JSON object it came from. */
const made = <A>(value: A, recovered: boolean): Recoverable<A> => SourceJson.inherit({ ...value, recovered }, value)

/** Whether the service may have got a request, and done what it asks for, although it failed. */
const mayHaveArrived = (error: PineconeError.PineconeError): boolean =>
  error._tag === "PineconeMalformedResponse" || (error._tag === "PineconeConnectionFailed"
    ? error.code !== "ECONNREFUSED" && error.code !== "ENOTFOUND"
    : error.isRetryable && error.status !== 429)

/** What is known of an answer before it is read. */
interface Facts {
  readonly operation: string
  readonly status: number
  readonly requestId: string | undefined
  readonly attempts: number
}

const groups: Readonly<Record<string, Readonly<Record<string, Contract.Endpoint>>>> = Contract.groups

const endpointOf = (group: string, name: string): Contract.Endpoint => groups[group]![name]!

/**
 * The client with the key: the innermost layer, so that nothing on top of it sees the key, and only for
 * requests to the origin it is meant for, so that a layer that follows redirects does not take it along.
 */
const withKey = (client: HttpClient.HttpClient, origin: string, key: string): HttpClient.HttpClient =>
  HttpClient.makeWith(
    (request) =>
      client.postprocess(
        Effect.map(request, (request) =>
          // The first says the same as the second, and is what is true of nearly every request.
          request.url.startsWith(`${origin}/`) ||
            Option.exists(HttpClientRequest.toUrl(request), (url) => url.origin === origin)
            ? HttpClientRequest.setHeader(request, "api-key", key)
            : request)
      ),
    client.preprocess
  )

/** A client that fails on a status has still brought the answer. */
const isStatusCodeError = (
  error: unknown
): error is HttpClientError.HttpClientError & { readonly reason: HttpClientError.StatusCodeError } =>
  isHttpClientError(error) && error.reason._tag === "StatusCodeError"

/**
 * What to try when a schedule route refuses a request in a way it would not if it knew the version: with
 * no code of the service's own, or as invalid although there is nothing in it that could be.
 */
const hintOf = (
  code: string | undefined,
  status: number,
  version: PineconeApi.ApiVersion,
  group: string,
  { payload, query }: Endpoint.Input
): string | undefined => {
  const isSilent = code === undefined && (status === 404 || status === 405 || status === 410 || status === 501)
  const isGroundless = status === 400 && payload === undefined && !Predicate.hasProperty(query, "paginationToken") &&
    !(Predicate.hasProperty(query, "limit") && Number(query.limit) > 100)
  return Contract.isUnstable(group) && (isSilent || isGroundless)
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
  apiVersion: Config.schema(Contract.ApiVersion, "PINECONE_API_VERSION").pipe(Config.withDefault(undefined))
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
