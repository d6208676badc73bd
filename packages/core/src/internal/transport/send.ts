/** Sends a request once, reads the response, and returns a value or a `PineconeError`. */
import * as Array from "effect/Array"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpTraceContext from "effect/http/HttpTraceContext"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import * as PineconeError from "../../PineconeError.ts"
import * as ConnectionCodes from "../connection-codes.ts"
import { monotonicMillisOf } from "../time.ts"
import type * as Call from "./call.ts"
import * as Metrics from "./metrics.ts"
import type * as Options from "./options.ts"
import * as Reconcile from "./reconcile.ts"
import * as Response from "./response.ts"
import { within } from "./within.ts"

/** Sends the requests of a connection. */
export interface Connection {
  /**
   * Builds the request of a call, once for all of its attempts. `lookup` is set if the request belongs to a recovery
   * lookup.
   */
  readonly prepare: <A>(
    call: Call.Call<A>,
    span: Tracer.Span,
    lookup: Reconcile.LookupKind | undefined
  ) => Exit.Exit<Exchange<A>, PineconeError.InvalidInput>
  /** Returns `true` if an attempt may have failed only because the server closed an idle connection. */
  readonly isStale: (error: PineconeError.PineconeError) => boolean
}

/** Parameters of one attempt. */
export interface Attempt {
  /** Number of attempts, including this one. */
  readonly attempts: number
  /** Time limit of this attempt. */
  readonly requestTimeout: Duration.Duration
  /** Time by which the response must have been read, in milliseconds of the monotonic clock. */
  readonly deadline: number
}

/** Sends a request once. */
export type Exchange<A> = (attempt: Attempt) => Effect.Effect<A, Reconcile.Failure>

/** Turns the failure of a client that rejects error statuses back into the response. */
const responseOf = (error: HttpClientError.HttpClientError) =>
  HttpClientError.isHttpClientError(error) && error.reason._tag === "StatusCodeError"
    ? Effect.succeed(error.reason.response)
    : Effect.fail(error)

/** Status of the response that a failed `HttpClient` had begun to receive. */
const statusOf = (error: HttpClientError.HttpClientError): number | undefined =>
  HttpClientError.isHttpClientError(error) && "response" in error.reason ? error.reason.response?.status : undefined

/** Creates a connection on an `HttpClient`. */
export const make = Effect.fnUntraced(function*(
  { apiKey, base, scrub, url }: Options.Settings,
  { tracePropagation, transformClient }: {
    readonly tracePropagation: boolean
    readonly transformClient: (client: HttpClient.HttpClient) => HttpClient.HttpClient
  }
): Effect.fn.Return<Connection, never, HttpClient.HttpClient> {
  // Only a connection that has been used can be stale.
  let hasAnswered = false
  const http = transformClient(withKey(yield* HttpClient.HttpClient, url.origin, apiKey))
  const requestInit: RequestInit = {
    ...Option.getOrUndefined(yield* Effect.serviceOption(FetchHttpClient.RequestInit)),
    redirect: "manual"
  }

  const always = () => true

  /** Context of a request. Adding entries is cheap; merging two contexts would copy both. */
  const contextOf = (context: Context.Context<never>, span: Tracer.Span) =>
    context.pipe(
      Context.add(FetchHttpClient.RequestInit, requestInit),
      // Effect's own span of a request records its headers, so a tracer would see the key.
      Context.add(HttpClient.TracerDisabledWhen, always),
      Context.add(Tracer.ParentSpan, span),
      Context.add(
        Headers.CurrentRedactedNames,
        Array.append(Context.get(context, Headers.CurrentRedactedNames), "api-key")
      )
    )

  /** Request headers by API version. */
  const headers = new Map<string, Headers.Headers>()
  const headersOf = (version: string): Headers.Headers => {
    const known = headers.get(version)
    if (known !== undefined) return known
    const own = Headers.fromInput({ accept: "application/json", "x-pinecone-api-version": version })
    headers.set(version, own)
    return own
  }

  const exchange = <A>(
    { hint, name, operation, read }: Call.Call<A>,
    request: HttpClientRequest.HttpClientRequest,
    span: Tracer.Span,
    { attempts, deadline, requestTimeout }: Attempt
  ): Effect.Effect<A, Reconcile.Failure> =>
    Effect.withFiber(({ context }) => {
      const clock = Context.get(context, Clock.Clock)
      const sentAt = monotonicMillisOf(clock)
      const millis = Math.min(Duration.toMillis(requestTimeout), Math.ceil(deadline - sentAt))
      const record = (status: string) => Metrics.record(context, name, status, monotonicMillisOf(clock) - sentAt)
      // Known before the body, and still known if the body never arrives.
      let status: number | undefined
      const send = Effect.flatMap(Effect.catch(http.execute(request), responseOf), (response) => {
        status = response.status
        return Response.fromResponse(response)
      })
      const timedOut = () => {
        const timeout = Duration.min(requestTimeout, Duration.millis(millis))
        return Effect.fail(
          new PineconeError.RequestTimedOut({
            operation,
            message: `No complete response within ${Duration.format(timeout)}`,
            timeout,
            attempts
          })
        )
      }
      const failed = (error: PineconeError.PineconeError, isUnsent = false): Reconcile.Failure => ({
        error,
        status,
        isUnsent
      })
      const answer = within(send, contextOf(context, span), millis, timedOut)
      span.attribute("pinecone.attempts", attempts)
      return Effect.matchEffect(answer, {
        onFailure: (error) => {
          record("none")
          if (error._tag === "PineconeRequestTimedOut") return Effect.fail(failed(error))
          status ??= statusOf(error)
          return Effect.fail(failed(
            new PineconeError.ConnectionFailed(
              Response.known({ operation, attempts, ...Response.readFailure(error, url.host, scrub) })
            ),
            status === undefined && Response.isUnsent(error)
          ))
        },
        onSuccess: (answer): Effect.Effect<A, Reconcile.Failure> => {
          record(String(answer.status))
          const facts = { operation, status: answer.status, requestId: Response.requestId(answer, scrub), attempts }
          hasAnswered = true
          span.attribute("http.response.status_code", answer.status)
          if (facts.requestId !== undefined) span.attribute("pinecone.request_id", facts.requestId)
          if (answer.status < 200 || answer.status > 299) {
            return Effect.flatMap(Response.toError(answer, facts, hint, scrub), (error) => Effect.fail(failed(error)))
          }
          return Response.isCached(answer.headers) && Context.get(context, Reconcile.Lookup) !== undefined
            ? Effect.fail(failed(
              Response.malformed(
                answer,
                facts,
                scrub,
                "The response is from a cache and may be older than the write"
              )
            ))
            : Exit.mapError(read(answer, facts), (error) => failed(error))
        }
      })
    })

  return {
    isStale: (error) =>
      hasAnswered && error._tag === "PineconeConnectionFailed" && ConnectionCodes.isClosed(error.code),
    prepare: (call, span, lookup) =>
      Exit.map(call.request(), (plain) => {
        span.attribute("http.request.method", call.method)
        if (call.route !== undefined) span.attribute("http.route", call.route)
        // In one step, because each change of a request copies it.
        const whole = HttpClientRequest.makeWith(
          plain.method,
          `${base}${plain.url}`,
          plain.urlParams,
          plain.hash,
          Headers.merge(plain.headers, headersOf(call.version)),
          plain.body
        )
        // Unsampled spans have placeholder ids.
        const isTraced = tracePropagation && /^[0-9a-f]+$/.test(span.traceId)
        const request = !isTraced && lookup === undefined ? whole : HttpClientRequest.setHeaders(whole, {
          ...(isTraced ? HttpTraceContext.toHeaders(span) : undefined),
          ...(lookup !== undefined && { "cache-control": "no-cache" })
        })
        return (attempt) => exchange(call, request, span, attempt)
      })
  }
})

/**
 * Adds the key to requests. This is the innermost layer, so that no other layer sees the key. Only requests to the
 * given origin get it, so that a layer that follows redirects does not forward it.
 */
const withKey = (client: HttpClient.HttpClient, origin: string, key: string): HttpClient.HttpClient =>
  HttpClient.makeWith(
    (request) =>
      client.postprocess(
        Effect.map(request, (request) =>
          // Fast check that is true for nearly every request; the second check is the exact one.
          request.url.startsWith(`${origin}/`) ||
            Option.exists(HttpClientRequest.toUrl(request), (url) => url.origin === origin)
            ? HttpClientRequest.setHeader(request, "api-key", key)
            : request)
      ),
    client.preprocess
  )
