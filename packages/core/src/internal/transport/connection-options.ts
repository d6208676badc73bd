/** Options of a connection. */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Redacted from "effect/Redacted"
import type * as RateLimit from "../../RateLimit.ts"
import type * as RetryPolicy from "../../RetryPolicy.ts"
import type * as Versions from "../contract/versions.ts"
import type * as RetryLoop from "./retry.ts"

export interface Options {
  /**
   * API key of a project. Sent only to `host`, and not along redirects. Operations on the data of an index also send it
   * to the host of that index: see `indexDomains`.
   */
  readonly apiKey: Redacted.Redacted<string>
  /**
   * URL of the API, with an optional base path. `http:` is only allowed for loopback, unless `allowInsecureHost` is
   * set.
   *
   * @default "https://api.pinecone.io"
   */
  readonly host?: string | undefined
  /**
   * Allows an `http:` URL beyond loopback. The key then travels unencrypted: do not use the key of a real project.
   *
   * @default false
   */
  readonly allowInsecureHost?: boolean | undefined
  /**
   * Domains that may serve the data of indexes, besides `pinecone.io` and the origin of `host`. The service names the
   * host of an index in a response, and the key is sent there: only over https, and only to a name in one of these
   * domains. If `host` is loopback, the host of an index may be loopback too.
   *
   * @default none
   */
  readonly indexDomains?: ReadonlyArray<string> | undefined
  /**
   * API version.
   *
   * @default "2026-04"
   */
  readonly apiVersion?: typeof Versions.ApiVersion.Type | undefined
  /**
   * Timeout for one request, including reading the whole response.
   *
   * @default "30 seconds"
   */
  readonly requestTimeout?: Duration.Input | undefined
  /**
   * Retry policy. `RetryPolicy.none` disables retries.
   *
   * @default RetryPolicy.defaultPolicy
   */
  readonly retry?: RetryPolicy.RetryPolicy | undefined
  /**
   * Called before each retry delay, for example to report progress. Not called for recovery lookups.
   *
   * @default none; retries are always logged at debug level
   */
  readonly onRetry?: ((retry: RetryLoop.Retry) => Effect.Effect<void>) | undefined
  /**
   * Rate limit: a fixed budget from `RateLimit.make`, or a rate from `RateLimit.makeAdaptive` that adapts to what the
   * service allows. Every request waits for its turn, and retries come first. `requestTimeout` starts when a request is
   * sent, and the deadline of `retry` when the first request is sent.
   *
   * @default none
   */
  readonly rateLimit?: RateLimit.RateLimit | undefined
  /**
   * Sends the trace context (`traceparent` and `b3`) with requests to Pinecone.
   *
   * @default false
   */
  readonly tracePropagation?: boolean | undefined
  /**
   * Wraps the HTTP client, for example to add a circuit breaker, a proxy or headers. Called once for `host`, and once
   * for each host of an index whose data is read.
   *
   * The wrapper never sees the key, which is added below it and only for that host. An `HttpClient` that follows
   * redirects by itself would forward the key. Leave retries to `retry`, which knows which of them are safe.
   */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}
