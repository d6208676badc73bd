/**
 * The connection to Pinecone: host, API key, API version, retries and rate limits, and the mapping of failures to
 * `PineconeError`.
 *
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual, identity } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type * as Endpoints from "./Endpoints.ts"
import * as ConfigError from "./internal/config-error.ts"
import * as OptionsConfig from "./internal/options-config.ts"
import * as Call from "./internal/transport/call.ts"
import type * as ConnectionOptions from "./internal/transport/connection-options.ts"
import type * as IndexHost from "./internal/transport/index-host.ts"
import * as OnIndex from "./internal/transport/on-index.ts"
import * as TransportOptions from "./internal/transport/options.ts"
import type * as Reconcile from "./internal/transport/reconcile.ts"
import * as RetryLoop from "./internal/transport/retry.ts"
import * as Send from "./internal/transport/send.ts"
import * as Trace from "./internal/transport/trace.ts"
import * as Turns from "./internal/transport/turns.ts"
import type * as PineconeApi from "./PineconeApi.ts"
import type * as PineconeError from "./PineconeError.ts"
import type * as RetryPolicy from "./RetryPolicy.ts"

// ============================================================================
// Options
// ============================================================================

/**
 * A request that is about to be retried.
 *
 * @category models
 * @since 0.1.0
 */
export interface Retry extends RetryLoop.Retry {}

/**
 * Options of a connection.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options extends ConnectionOptions.Options {}

/**
 * Options for the calls inside {@link withOptions}.
 *
 * **Details**
 *
 * Omitted options are inherited from the surrounding `withOptions`, and otherwise from the connection.
 *
 * @category options
 * @since 0.1.0
 */
export interface CallOptions extends TransportOptions.CallOptions {
  /** Timeout for one request, including reading the whole response. */
  readonly requestTimeout?: Duration.Input | undefined
  /** Retry policy. `RetryPolicy.none` disables retries. */
  readonly retry?: RetryPolicy.RetryPolicy | undefined
  /**
   * Time limit for a request, including waiting for the rate limit and all retries. Replaces the `deadline` of the
   * retry policy.
   *
   * **Details**
   *
   * If the rate limit does not admit the request in time, nothing is sent and the call fails with `RequestTimedOut`,
   * with `attempts: 0`.
   */
  readonly deadline?: Duration.Input | undefined
}

/**
 * The options of the current calls. {@link withOptions} sets them for part of a program; a layer or
 * `Effect.provideService` sets them for a whole program.
 *
 * @category references
 * @since 0.1.0
 */
export const CurrentCallOptions: Context.Reference<CallOptions> = TransportOptions.Current

// ============================================================================
// Service
// ============================================================================

/**
 * A connection to Pinecone.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /** The API version of the connection. */
  readonly apiVersion: PineconeApi.ApiVersion
  /** The URL to which requests are sent, without a trailing slash. */
  readonly host: string
  /**
   * Sends a request of the contract, retries it according to the policy, and decodes the response.
   *
   * **Details**
   *
   * The endpoints of the contract are in `Endpoints`. The operation in errors and traces is `group.name` of the
   * endpoint.
   */
  readonly execute: <E extends Endpoints.Endpoint>(
    endpoint: E,
    request: Endpoints.EndpointRequest<E>
  ) => Effect.Effect<Endpoints.EndpointSuccess<E>, PineconeError.PineconeError>
  /** Validates a request like `execute` without sending it, and returns the request that `execute` would send. */
  readonly check: <E extends Endpoints.Endpoint>(
    endpoint: E,
    request: Endpoints.EndpointRequest<E>
  ) => Effect.Effect<Request, PineconeError.InvalidInput>
  /**
   * Like `execute`, for requests that are not idempotent.
   *
   * **Details**
   *
   * After a failure that may have taken effect (5xx, timeout, no response, or a response that is unreadable or does not
   * match the request), runs `locate` up to three times in four seconds. A match is the result, marked `recovered`.
   * Without a match, the request is retried if the policy allows.
   *
   * **Gotchas**
   *
   * If `locate` fails, the request is not retried and the error is `inDoubt`. The same applies after a timeout, unless
   * `isExclusive` is set, because the service may still be processing the request. Requests of `locate` are not
   * retried, bypass every cache, and may exceed the deadline by one `requestTimeout`.
   */
  readonly executeIdempotently: <E extends Endpoints.Endpoint>(
    endpoint: E,
    request: Endpoints.EndpointRequest<E>,
    recovery: Recovery<Endpoints.EndpointSuccess<E>>
  ) => Effect.Effect<Recoverable<Endpoints.EndpointSuccess<E>>, PineconeError.PineconeError>
  /**
   * Like `execute`, for an endpoint of the data plane, which has a separate host for each index.
   *
   * **Details**
   *
   * The host is that of `index`, an index that the service returned. Fails with `HostRefused` before anything is sent
   * if `indexDomains` does not allow the host, or if the index has no host yet.
   */
  readonly executeOnIndex: <E extends Endpoints.Endpoint>(
    index: IndexAddress,
    endpoint: E,
    request: Endpoints.EndpointRequest<E>
  ) => Effect.Effect<Endpoints.EndpointSuccess<E>, PineconeError.PineconeError>
  /**
   * Sends a request that is not in the contract, and returns the unparsed response with the API key removed.
   *
   * **When to use**
   *
   * For endpoints of the API that this library does not support.
   *
   * **Details**
   *
   * Host, API key, version header, timeout, rate limit, errors and metrics are the same as for `execute`. A GET or
   * DELETE is retried after every retryable failure. Any other method is retried only after a 429, because a lost write
   * cannot be looked up. The operation in errors and logs is the method and the path, and `PineconeClient.request` in
   * spans and metrics.
   *
   * Fails with `InvalidInput` before anything is sent if the path does not start with exactly one slash or leaves the
   * path of the host, if the body is not JSON, or if a GET has a body.
   *
   * **Example** (Reading an endpoint that is not in the contract)
   *
   * ```ts
   * import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
   * import * as Console from "effect/Console"
   * import * as Effect from "effect/Effect"
   *
   * export const program = Effect.gen(function*() {
   *   const client = yield* PineconeClient.PineconeClient
   *   const { status } = yield* client.request({ method: "GET", path: "/indexes" })
   *   yield* Console.log(status) // => 200
   * })
   * ```
   */
  readonly request: (request: Request) => Effect.Effect<Answer, PineconeError.PineconeError>
}

/**
 * The part of an index that contains its host. Every index that the service returned can be used.
 *
 * @category models
 * @since 0.1.0
 */
export interface IndexAddress extends IndexHost.Address {}

/**
 * A request as data: input of `request`, and result of the checks.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request extends Call.Request {}

/**
 * A successful response to a request that is not in the contract.
 *
 * @category models
 * @since 0.1.0
 */
export interface Answer {
  readonly status: number
  /** The body; empty if the response has none. */
  readonly text: string
}

/**
 * Describes how to look up the result of a write after its response was lost.
 *
 * @category models
 * @since 0.1.0
 */
export interface Recovery<A> extends Reconcile.Recovery<A> {}

/**
 * Result of a write, marked if it was recovered.
 *
 * @category models
 * @since 0.1.0
 */
export type Recoverable<A> = A & {
  /**
   * `true` if the result was found by a recovery lookup because the response was lost, or if it is an existing backup
   * with the idempotency key. The lookup also finds a schedule that already had the requested values before the call.
   */
  readonly recovered: boolean
}

/**
 * Service with the connection that all services of this library share.
 *
 * **When to use**
 *
 * To implement your own operations. Otherwise use the services of this library.
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
 * Creates a connection without sending anything.
 *
 * **Details**
 *
 * Fails with `InvalidInput` if the API key is not a valid header value, the host is not a URL to which the API key may
 * be sent, an index domain is not a domain name, the API version is unknown, a timeout or the retry policy is invalid,
 * or another option has the wrong type.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Service, PineconeError.InvalidInput, HttpClient.HttpClient> {
  const settings = yield* TransportOptions.validate(options)
  const http = yield* Effect.context<HttpClient.HttpClient>()
  /** A connection sends the API key to one origin, so every host has its own connection. */
  const connect = (settings: TransportOptions.Settings) =>
    Send.make(settings, {
      tracePropagation: options.tracePropagation === true,
      transformClient: options.transformClient ?? identity
    }).pipe(
      Effect.map((connection) => RetryLoop.make(connection, settings, options)),
      Effect.provideContext(http)
    )
  const run = yield* connect(settings)
  const perform = <A>(call: Call.Call<A>) => Trace.traced(call.name, (span) => run(call, span))

  const runOn = OnIndex.make(settings, connect)

  const client = PineconeClient.of({
    apiVersion: settings.apiVersion,
    host: settings.base,
    check: (endpoint, request) => Call.preview(Call.ofEndpoint(settings, endpoint, request)),
    execute: (endpoint, request) => perform(Call.ofEndpoint(settings, endpoint, request)),
    executeIdempotently: (endpoint, request, recovery) =>
      perform(Call.recoverable(Call.ofEndpoint(settings, endpoint, request), recovery, settings)),
    executeOnIndex: (index, endpoint, request) => {
      const call = Call.ofEndpoint(settings, endpoint, request)
      return Effect.flatMap(
        runOn(call.operation, index),
        (run) => Trace.traced(call.name, (span) => run(call, span))
      )
    },
    request: (request) => perform(Call.ofRequest(settings, request))
  })
  return yield* Turns.provide(client, Redacted.make(settings.apiKey, { label: "api-key" }))
})

// ============================================================================
// Options of calls
// ============================================================================

/**
 * Runs the calls of an effect or stream with different options than those of the connection.
 *
 * **Details**
 *
 * The options apply to each request: to each page of a list, and to each poll of a wait. The `timeout` and `maxOutage`
 * of a wait are not affected. Inside another `withOptions`, omitted and `undefined` options are inherited from it.
 * Invalid options make the call fail with `InvalidInput` before anything is sent.
 *
 * **Example** (Setting a short and a long timeout)
 *
 * ```ts
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import * as Indexes from "@pinecone-backups/core/Indexes"
 * import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
 * import * as RetryPolicy from "@pinecone-backups/core/RetryPolicy"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * export const program = Effect.gen(function*() {
 *   const backups = yield* Backups.Backups
 *   const indexes = yield* Indexes.Indexes
 *   const names = yield* indexes.list.pipe(
 *     PineconeClient.withOptions({ requestTimeout: "2 seconds", retry: RetryPolicy.none })
 *   )
 *   const all = yield* backups.list().pipe(
 *     PineconeClient.withOptions({ requestTimeout: "2 minutes", deadline: "10 minutes" }),
 *     Stream.runCollect
 *   )
 *   yield* Console.log(names.length, all.length) // => 3 6
 * })
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const withOptions: {
  (options: CallOptions): <Self extends Callable>(self: Self) => Self
  <Self extends Callable>(self: Self, options: CallOptions): Self
} = dual(2, (self: Callable, options: CallOptions): Callable => {
  const update = (outer: CallOptions): CallOptions => TransportOptions.inside(outer, options)
  return Stream.isStream(self)
    ? Stream.updateService(self, CurrentCallOptions, update)
    : Effect.updateService(self, CurrentCallOptions, update)
})

/**
 * A value that makes calls: an effect or a stream.
 *
 * @category models
 * @since 0.1.0
 */
export type Callable = Effect.Effect<unknown, unknown, unknown> | Stream.Stream<unknown, unknown, unknown>

// ============================================================================
// Layers
// ============================================================================

/**
 * Layer that connects with the given options over any `HttpClient`. Fails like {@link make}.
 *
 * **Gotchas**
 *
 * With `FetchHttpClient`, redirects are disabled for the requests of this library, because fetch would send the API key
 * along. If you use your own `FetchHttpClient.RequestInit`, for example for the `dispatcher` of a proxy, provide it to
 * this layer too. Otherwise it has no effect.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options
): Layer.Layer<PineconeClient, PineconeError.InvalidInput, HttpClient.HttpClient> =>
  Layer.effect(PineconeClient, make(options))

/**
 * Connection options read from `Config`:
 *
 * - `PINECONE_API_KEY`: the API key; surrounding white space is removed
 * - `PINECONE_CONTROLLER_HOST`: the URL of the API; defaults to `https://api.pinecone.io`
 * - `PINECONE_ALLOW_INSECURE_HOST`: whether that URL may be `http:` for a remote host; defaults to `false` and does not
 *   apply to the `host` option
 * - `PINECONE_API_VERSION`: `2026-04` (the default) or `2026-07`
 *
 * **Details**
 *
 * A missing API key or an invalid value is a `ConfigError` with a readable message, which never contains the API key.
 *
 * @category options
 * @since 0.1.0
 */
export const config: Config.Config<Options> = /* @__PURE__ */ ConfigError.withReadableErrors(OptionsConfig.make({}))

/**
 * Connection options, each as a value or as a `Config`. Omitted options are read like {@link config}.
 *
 * @category options
 * @since 0.1.0
 */
export type ConfigOptions = {
  readonly [Name in keyof Options]?: Options[Name] | Config.Config<Options[Name]>
}

/**
 * Layer that connects with options from `Config`, over any `HttpClient`.
 *
 * **Details**
 *
 * Accepts options as values and as `Config` values, and reads the variables of {@link config} for omitted options.
 * Fails with a `ConfigError` if the configuration lacks a value or has an invalid value. The message is a sentence:
 * `PINECONE_API_KEY is not set: …`. With options, it also fails like {@link make}, which validates their values.
 *
 * **Example** (Reading the API key from a different variable)
 *
 * ```ts
 * import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
 * import * as Config from "effect/Config"
 *
 * export const BillingClient = PineconeClient.layerConfig({
 *   apiKey: Config.Redacted("BILLING_PINECONE_KEY"),
 *   requestTimeout: "10 seconds"
 * })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export function layerConfig(): Layer.Layer<PineconeClient, Config.ConfigError, HttpClient.HttpClient>
export function layerConfig(
  options: ConfigOptions
): Layer.Layer<PineconeClient, Config.ConfigError | PineconeError.InvalidInput, HttpClient.HttpClient>
export function layerConfig(
  options?: ConfigOptions
): Layer.Layer<PineconeClient, Config.ConfigError | PineconeError.InvalidInput, HttpClient.HttpClient> {
  return Layer.effect(
    PineconeClient,
    options === undefined
      // Options from the configuration have passed every check of `make`.
      ? Effect.flatMap(config, (options) => Effect.orDie(make(options)))
      : Effect.flatMap(ConfigError.withReadableErrors(OptionsConfig.make(options)), make)
  )
}

/**
 * Layer that connects with options from {@link config}, using `fetch`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFetch: Layer.Layer<PineconeClient, Config.ConfigError> = Layer.provide(
  layerConfig(),
  FetchHttpClient.layer
)
