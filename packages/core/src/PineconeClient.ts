/**
 * The connection to Pinecone: where it goes, with which key, in which version of the API, and how every
 * way of failing becomes a `PineconeError`.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type * as Tracer from "effect/Tracer"
import * as Call from "./internal/transport/call.ts"
import * as Contract from "./internal/transport/contract.ts"
import * as IndexHost from "./internal/transport/index-host.ts"
import * as TransportOptions from "./internal/transport/options.ts"
import type * as Reconcile from "./internal/transport/reconcile.ts"
import * as RetryLoop from "./internal/transport/retry.ts"
import * as Send from "./internal/transport/send.ts"
import type * as PineconeApi from "./PineconeApi.ts"
import * as PineconeError from "./PineconeError.ts"
import type * as RateLimit from "./RateLimit.ts"
import type * as RetryPolicy from "./RetryPolicy.ts"

// ============================================================================
// Options
// ============================================================================

/**
 * A request that is about to be sent again.
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
export interface Options {
  /**
   * The API key of a project. Sent to `host` and nowhere else, not even along a redirect. What reads the data of an index
   * sends it to the host of that index, too: see `indexDomains`.
   */
  readonly apiKey: Redacted.Redacted<string>
  /**
   * Where the API is, with an optional path in front of its routes. `http:` only for loopback.
   *
   * @default "https://api.pinecone.io"
   */
  readonly host?: string | undefined
  /**
   * In which domains the data of an index may be, beside `pinecone.io` and the origin of `host`. The service names the
   * host of an index in an answer, and the key goes there: only over https, and only to a name in one of these domains.
   * Where `host` is loopback, so may the host of an index be.
   *
   * @default none
   */
  readonly indexDomains?: ReadonlyArray<string> | undefined
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
   * How fast requests are sent: a fixed budget, from `RateLimit.make`, or a pace that adapts to what the service allows,
   * from `RateLimit.makeAdaptive`. Every request waits for its turn, repeated ones included, and these before the others.
   * `requestTimeout` counts from when a request is sent, and the deadline of `retry` from when the first one is.
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
   * Changes the HTTP client: a circuit breaker, a proxy, more headers. Called once for `host`, and once for each host of
   * an index whose data is read. It never sees the key, which is set beneath it and only for that host; a client that is given to this library and follows redirects by
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
  /** The address it sends requests to, without a slash at the end. */
  readonly host: string
  /**
   * Sends a request of the contract, again where the policy allows, and decodes the answer. Groups and
   * endpoints are those of `PineconeApi`; the operation in errors and traces is the two names with a dot.
   */
  readonly execute: <Group extends GroupName, Name extends EndpointName<Group>>(
    group: Group,
    endpoint: Name,
    request: RequestOf<EndpointOf<Group, Name>>
  ) => Effect.Effect<SuccessOf<EndpointOf<Group, Name>>, PineconeError.PineconeError>
  /** Checks a request as `execute` does, and sends nothing. Returns what `execute` would send. */
  readonly check: <Group extends GroupName, Name extends EndpointName<Group>>(
    group: Group,
    endpoint: Name,
    request: RequestOf<EndpointOf<Group, Name>>
  ) => Effect.Effect<Request, PineconeError.InvalidInput>
  /**
   * Like `execute`, for requests that make something each time they are sent.
   *
   * **Details**
   *
   * After a failure that leaves open whether the service has made it (5xx, a timeout, no answer, or one that cannot be
   * read or is not about what was asked for), `locate` looks for it, up to three times in four seconds. What it finds is
   * the result, marked `recovered`. Only if there is nothing is the request sent again, where the policy allows. While
   * looking fails, it is not, and an error that remains is `inDoubt`; neither is it after a timeout, which leaves the
   * service at work, unless the request `isExclusive`. The requests of `locate` are sent once each, past every cache, and
   * may take a `requestTimeout` beyond the deadline.
   */
  readonly executeIdempotently: <Group extends GroupName, Name extends EndpointName<Group>>(
    group: Group,
    endpoint: Name,
    request: RequestOf<EndpointOf<Group, Name>>,
    recovery: Recovery<SuccessOf<EndpointOf<Group, Name>>>
  ) => Effect.Effect<Recoverable<SuccessOf<EndpointOf<Group, Name>>>, PineconeError.PineconeError>
  /**
   * Like `execute`, for an endpoint of the data plane, which has a host for each index: that which `index` names, as the
   * service described it. The operation in errors and traces is `group` and `name` with a dot.
   *
   * Fails with `HostRefused`, and sends nothing, if the key may not go there by the rules of `indexDomains`, or if there is
   * no host yet.
   */
  readonly executeOnIndex: <E extends Endpoint>(
    index: IndexAddress,
    group: string,
    name: string,
    endpoint: E,
    request: RequestOf<E>
  ) => Effect.Effect<SuccessOf<E>, PineconeError.PineconeError>
  /**
   * Sends a request that the contract does not have, and returns the text of the answer as it is, without the key.
   *
   * **Details**
   *
   * Key, host, version header, timeout, rate limit, errors and metrics are those of `execute`. The request is retried
   * where that is safe: a GET or DELETE after every retryable failure, any other method only after a 429, since a lost
   * write cannot be looked up here. The operation in errors and logs is the method and the path, and
   * `PineconeClient.request` in spans and metrics.
   *
   * Fails with `InvalidInput`, and sends nothing, if the path does not begin with one slash or leads out of the path of
   * the host, or if the body is not JSON or the request is a GET.
   */
  readonly request: (request: Request) => Effect.Effect<Answer, PineconeError.PineconeError>
}

/**
 * What says where the data of an index is: an index, as the service described it.
 *
 * @category models
 * @since 0.1.0
 */
export interface IndexAddress extends IndexHost.Address {}

/**
 * An endpoint of the data plane, as data.
 *
 * @category models
 * @since 0.1.0
 */
export interface Endpoint extends Contract.Endpoint {}

/**
 * A request as data: one that the contract does not have, or what a check says would be sent.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request extends Call.Request {}

/**
 * A successful answer to a request that the contract does not have.
 *
 * @category models
 * @since 0.1.0
 */
export interface Answer {
  readonly status: number
  /** The body. Empty if the answer has none. */
  readonly text: string
}

/**
 * How the result of a write is known when the answer to it is lost.
 *
 * @category models
 * @since 0.1.0
 */
export interface Recovery<A> extends Reconcile.Recovery<A> {}

/**
 * What a request has made.
 *
 * @category models
 * @since 0.1.0
 */
export type Recoverable<A> = A & {
  /**
   * Whether this was found by looking, because the service's answer was lost. So is a schedule that was like that before,
   * and a backup whose idempotency key was there before.
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
 * host is not an address the key may go to, an index domain is not the name of one, the version is not known, or a timeout or the retry policy makes
 * no sense.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Service, PineconeError.InvalidInput, HttpClient.HttpClient> {
  const settings = yield* TransportOptions.validate(options)
  const client = yield* Effect.context<HttpClient.HttpClient>()
  /** A connection sends the key to one origin, so every host has its own. */
  const connect = (settings: TransportOptions.Settings) =>
    Send.make(settings, {
      tracePropagation: options.tracePropagation === true,
      transformClient: options.transformClient ?? identity
    }).pipe(
      Effect.map((connection) => RetryLoop.make(connection, settings, options)),
      Effect.provideContext(client)
    )
  const run = yield* connect(settings)
  const perform = <A>(call: Call.Call<A>) => traced(call.name, (span) => run(call, span))

  const endpoint = (group: string, name: string, input: Call.Input) =>
    Call.ofEndpoint(settings, group, name, groups[group]![name]!, input)
  const check = (...call: Parameters<typeof endpoint>) => Call.preview(endpoint(...call))
  const execute = (...call: Parameters<typeof endpoint>) => perform(endpoint(...call))
  const executeIdempotently = (group: string, name: string, input: Call.Input, recovery: Recovery<unknown>) =>
    perform(Call.recoverable(endpoint(group, name, input), recovery, settings))

  const onIndex = new Map<string, Effect.Success<ReturnType<typeof connect>>>()
  const runOn = Effect.fnUntraced(function*(operation: string, index: IndexAddress) {
    const address = IndexHost.resolve(index, settings)
    if (Result.isFailure(address)) {
      const { host, problem: message } = address.failure
      return yield* new PineconeError.HostRefused({ operation, message, ...(host !== undefined && { host }) })
    }
    const url = address.success
    const base = TransportOptions.baseOf(url)
    const run = onIndex.get(base) ?? (yield* connect({ ...settings, url, base }))
    // Whoever makes an index a night must not have all of their hosts in memory.
    const [oldest] = onIndex.keys()
    if (oldest !== undefined && onIndex.size >= maxIndexHosts && !onIndex.has(base)) onIndex.delete(oldest)
    onIndex.set(base, run)
    return run
  })
  const executeOnIndex: Service["executeOnIndex"] = (index, group, name, endpoint, request) => {
    const call = Call.ofEndpoint(settings, group, name, endpoint, request as Call.Input)
    const answer = Effect.flatMap(
      runOn(call.operation, index),
      (run) => traced(call.name, (span) => run(call, span))
    )
    // The schema of the endpoint has read it.
    return answer as Effect.Effect<SuccessOf<typeof endpoint>, PineconeError.PineconeError>
  }

  return PineconeClient.of({
    apiVersion: settings.apiVersion,
    host: settings.base,
    // The contract relates the names, the request and the answer; inside they are only looked up.
    check: check as Service["check"],
    execute: execute as Service["execute"],
    executeIdempotently: executeIdempotently as Service["executeIdempotently"],
    executeOnIndex,
    request: (request) => perform(Call.ofRequest(settings, request))
  })
})

const groups: Readonly<Record<string, Readonly<Record<string, Contract.Endpoint>>>> = Contract.groups

/** Of how many indexes the connections are kept. */
const maxIndexHosts = 100

/** Runs a call in a span of its own. */
const traced = <A, E>(name: string, use: (span: Tracer.Span) => Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    let value: A | undefined
    return Effect.flatMap(Effect.orDie(Effect.currentSpan), use).pipe(
      // A span keeps what it ends with: a page would live as long as whatever becomes of the span.
      Effect.map((result) => {
        value = result
      }),
      // The place in the code that it would name is always this one.
      Effect.withSpan(name, { kind: "client" }, { captureStackTrace: false }),
      Effect.map(() => {
        const result = value as A
        // What a transport keeps of the request for a while must not keep the page.
        value = undefined
        return result
      })
    )
  })

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
  apiKey: Config.schema(TransportOptions.ApiKey, "PINECONE_API_KEY"),
  host: Config.schema(TransportOptions.Host, "PINECONE_CONTROLLER_HOST").pipe(Config.withDefault(undefined)),
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
