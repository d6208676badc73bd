/**
 * The connection to Pinecone: where it goes, with which key, in which version of the API, and how every
 * way of failing becomes a `PineconeError`.
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
import * as ConfigError from "./internal/config-error.ts"
import * as OptionsConfig from "./internal/options-config.ts"
import * as Call from "./internal/transport/call.ts"
import type * as ConnectionOptions from "./internal/transport/connection-options.ts"
import * as Contract from "./internal/transport/contract.ts"
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
export interface Options extends ConnectionOptions.Options {}

/**
 * Options of the calls inside a {@link withOptions}. What is left out is as in the `withOptions` around it,
 * and without one as in the options of the connection.
 *
 * @category options
 * @since 0.1.0
 */
export interface CallOptions extends TransportOptions.CallOptions {
  /** How long one request may take, from sending it to having read the whole answer. */
  readonly requestTimeout?: Duration.Input | undefined
  /** When a request is sent again. `RetryPolicy.none` switches it off. */
  readonly retry?: RetryPolicy.RetryPolicy | undefined
  /**
   * How long a request may take with the wait for its turn and all its repetitions: takes the place of the `deadline` of the
   * retry policy. If the turn does not come by then, nothing is sent: `RequestTimedOut` with 0 `attempts`.
   */
  readonly deadline?: Duration.Input | undefined
}

/**
 * The options of the calls that are made now. {@link withOptions} sets them for a part of a program; a layer, or
 * `Effect.provideService`, for a whole one.
 *
 * @category references
 * @since 0.1.0
 */
export const CurrentCallOptions: Context.Reference<CallOptions> = TransportOptions.Current

// ============================================================================
// Service
// ============================================================================

type ContractGroups = typeof Contract.groups

/**
 * The endpoints of the contract, by group and name. An interface, so that declarations of other packages name it
 * instead of writing out every schema of the contract.
 *
 * @category models
 * @since 0.1.0
 */
export interface Groups extends ContractGroups {}

/**
 * The name of a group of endpoints: that of its service.
 *
 * @category models
 * @since 0.1.0
 */
export type GroupName = keyof Groups

/**
 * The name of an endpoint of a group.
 *
 * @category models
 * @since 0.1.0
 */
export type EndpointName<Group extends GroupName> = keyof Groups[Group] & string

type EndpointOf<Group extends GroupName, Name extends EndpointName<Group>> = Groups[Group][Name]

/**
 * The parts of a request to an endpoint of the contract, by its names.
 *
 * @category models
 * @since 0.1.0
 */
export type RequestOf<Group extends GroupName, Name extends EndpointName<Group>> = PineconeApi.EndpointRequest<
  EndpointOf<Group, Name>
>

/**
 * What a successful answer of an endpoint of the contract is decoded to, by its names.
 *
 * @category models
 * @since 0.1.0
 */
export type SuccessOf<Group extends GroupName, Name extends EndpointName<Group>> = PineconeApi.EndpointSuccess<
  EndpointOf<Group, Name>
>

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
    request: RequestOf<Group, Name>
  ) => Effect.Effect<SuccessOf<Group, Name>, PineconeError.PineconeError>
  /** Checks a request as `execute` does, and sends nothing. Returns what `execute` would send. */
  readonly check: <Group extends GroupName, Name extends EndpointName<Group>>(
    group: Group,
    endpoint: Name,
    request: RequestOf<Group, Name>
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
    request: RequestOf<Group, Name>,
    recovery: Recovery<SuccessOf<Group, Name>>
  ) => Effect.Effect<Recoverable<SuccessOf<Group, Name>>, PineconeError.PineconeError>
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
    request: PineconeApi.EndpointRequest<E>
  ) => Effect.Effect<PineconeApi.EndpointSuccess<E>, PineconeError.PineconeError>
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
 * host is not an address the key may go to, an index domain is not the name of a domain, the version is not known, or a
 * timeout or the retry policy makes no sense.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  options: Options
): Effect.fn.Return<Service, PineconeError.InvalidInput, HttpClient.HttpClient> {
  const settings = yield* TransportOptions.validate(options)
  const http = yield* Effect.context<HttpClient.HttpClient>()
  /** A connection sends the key to one origin, so every host has its own. */
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

  const endpoint = (group: string, name: string, input: Call.Input) =>
    Call.ofEndpoint(settings, group, name, groups[group]![name]!, input)
  const check = (...call: Parameters<typeof endpoint>) => Call.preview(endpoint(...call))
  const execute = (...call: Parameters<typeof endpoint>) => perform(endpoint(...call))
  const executeIdempotently = (group: string, name: string, input: Call.Input, recovery: Recovery<unknown>) =>
    perform(Call.recoverable(endpoint(group, name, input), recovery, settings))

  const runOn = OnIndex.make(settings, connect)
  const executeOnIndex: Service["executeOnIndex"] = (index, group, name, endpoint, request) => {
    const call = Call.ofEndpoint(settings, group, name, endpoint, request as Call.Input)
    const answer = Effect.flatMap(
      runOn(call.operation, index),
      (run) => Trace.traced(call.name, (span) => run(call, span))
    )
    // The schema of the endpoint has read it.
    return answer as Effect.Effect<PineconeApi.EndpointSuccess<typeof endpoint>, PineconeError.PineconeError>
  }

  const client = PineconeClient.of({
    apiVersion: settings.apiVersion,
    host: settings.base,
    // The contract relates the names, the request and the answer; inside they are only looked up.
    check: check as Service["check"],
    execute: execute as Service["execute"],
    executeIdempotently: executeIdempotently as Service["executeIdempotently"],
    executeOnIndex,
    request: (request) => perform(Call.ofRequest(settings, request))
  })
  return yield* Turns.provide(client, Redacted.make(settings.apiKey, { label: "api-key" }))
})

const groups: Readonly<Record<string, Readonly<Record<string, Contract.Endpoint>>>> = Contract.groups

// ============================================================================
// Options of calls
// ============================================================================

/**
 * Makes the calls of an effect or a stream with other options than those of the connection.
 *
 * **Details**
 *
 * The options hold for each request: of a list for each page, of a wait for each time that it asks, whose own `timeout` and
 * `maxOutage` stay as they are. Options that make no sense are `InvalidInput` of the call, and nothing is sent. Inside
 * another `withOptions`, what is left out or `undefined` is as that one says.
 *
 * **Example** (A list that may take long, and a look that must be quick)
 *
 * ```ts
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import * as Indexes from "@pinecone-backups/core/Indexes"
 * import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
 * import * as RetryPolicy from "@pinecone-backups/core/RetryPolicy"
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
 *   return [names.length, all.length]
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
 * What makes calls: an effect or a stream.
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
 * - `PINECONE_ALLOW_INSECURE_HOST`: whether that, and no `host` option, may be `http:` on another machine, `false` if not set
 * - `PINECONE_API_VERSION`: `2026-04` (if not set) or `2026-07`
 *
 * A missing key and a value that is not valid are a `ConfigError` with a sentence for a message, which never has the key.
 *
 * @category options
 * @since 0.1.0
 */
export const config: Config.Config<Options> = /* @__PURE__ */ ConfigError.withReadableErrors(OptionsConfig.make({}))

/**
 * Options of a connection, each as a value or as a `Config`. An omitted option is read as {@link config} reads it.
 *
 * @category options
 * @since 0.1.0
 */
export type ConfigOptions = {
  readonly [Name in keyof Options]?: Options[Name] | Config.Config<Options[Name]>
}

/**
 * Layer that connects as the {@link config} says, over any `HttpClient`. What is wrong with that is a `ConfigError` whose
 * message is a sentence: `PINECONE_API_KEY is not set: …`.
 *
 * **Details**
 *
 * Takes options as values and as `Config` values, and reads the variables of {@link config} for those that are
 * omitted. Fails with a `ConfigError` if the configuration lacks a value or has an invalid one. With options, also fails
 * like {@link make}, since their values are not checked until then.
 *
 * **Example** (A key of another name)
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
      // The configuration has passed every check that `make` makes.
      ? Effect.flatMap(config, (options) => Effect.orDie(make(options)))
      : Effect.flatMap(ConfigError.withReadableErrors(OptionsConfig.make(options)), make)
  )
}

/**
 * Layer that connects as the {@link config} says, with `fetch`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFetch: Layer.Layer<PineconeClient, Config.ConfigError> = Layer.provide(
  layerConfig(),
  FetchHttpClient.layer
)
