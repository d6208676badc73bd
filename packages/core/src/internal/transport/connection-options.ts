/** What a connection is made with. */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Redacted from "effect/Redacted"
import type * as RateLimit from "../../RateLimit.ts"
import type * as RetryPolicy from "../../RetryPolicy.ts"
import type * as Contract from "./contract.ts"
import type * as RetryLoop from "./retry.ts"

export interface Options {
  /**
   * The API key of a project. Sent to `host` and nowhere else, not even along a redirect. What reads the data of an index
   * sends it to the host of that index, too: see `indexDomains`.
   */
  readonly apiKey: Redacted.Redacted<string>
  /**
   * Where the API is, with an optional path in front. `http:` is only for loopback, unless `allowInsecureHost`.
   *
   * @default "https://api.pinecone.io"
   */
  readonly host?: string | undefined
  /**
   * Whether `host` may be `http:` beyond loopback. The key then travels unencrypted: use none of a real project.
   *
   * @default false
   */
  readonly allowInsecureHost?: boolean | undefined
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
  readonly apiVersion?: typeof Contract.ApiVersion.Type | undefined
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
  readonly onRetry?: ((retry: RetryLoop.Retry) => Effect.Effect<void>) | undefined
  /**
   * How fast requests are sent: a fixed budget, from `RateLimit.make`, or a pace that adapts to what the service allows,
   * from `RateLimit.makeAdaptive`. Every request waits for its turn, repeated ones included, and these before the others.
   * `requestTimeout` counts from when a request is sent, the deadline of `retry` from when the first one is.
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
   * an index whose data is read. It never sees the key, which is set beneath it and only for that host; a client that is
   * given to this library and follows redirects by itself would take the key along. Leave repeating requests to `retry`,
   * which knows what is safe.
   */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}
