/**
 * Requests that are not of the contract: with the same key, host and version as those that are, sent again where
 * that is safe, and failing with the same errors.
 */
import * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import type * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as RetryPolicy from "@pinecone-backups/core/RetryPolicy"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"

/** A request. */
export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  /** With the query. */
  readonly path: string
  /** JSON. */
  readonly body?: string | undefined
}

/** An answer that is no error. */
export interface Answer {
  readonly status: number
  readonly text: string
}

/** The names of the groups of the contract by the paths that are theirs. */
const groups = Object.entries(PineconeApi.PineconeApi.groups).flatMap(([group, { endpoints }]) =>
  Object.values(endpoints).map(({ path }) => ({
    group,
    pattern: new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}$`)
  }))
)

/** The value of the version header for a path: that of its group, where the contract has it. */
const versionOf = (path: string, version: PineconeApi.ApiVersion = "2026-04"): string => {
  const found = groups.find(({ pattern }) => pattern.test(path.replace(/\?.*/s, "")))
  return found === undefined ? version : PineconeApi.versionHeader(version, found.group)
}

/** The whole address of a path. */
export const urlOf = (path: string, host = "https://api.pinecone.io"): string => `${host.replace(/\/+$/, "")}${path}`

const field = (json: unknown, name: string): unknown => Predicate.isObject(json) ? Reflect.get(json, name) : undefined

const text = (value: unknown): string | undefined => Predicate.isString(value) && value !== "" ? value : undefined

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))

/** What an error answer says: in the envelope, at the top, or in plain words. */
const readRefusal = (status: number, body: string) => {
  const json = Option.getOrUndefined(parseJson(body))
  const error = field(json, "error")
  const code = text(field(error, "code"))
  const message = text(field(error, "message")) ?? text(field(json, "message"))
  const isPlain = json === undefined && /^[^<{[]/.test(body.trim())
  return {
    code,
    message: (message ?? (isPlain ? body.trim() : `HTTP status ${status}`)).slice(0, 1_000),
    isEnvelope: code !== undefined && message !== undefined
  }
}

/** The innermost reason why there is no answer: `ECONNREFUSED`. */
const codeOf = (error: unknown, depth = 0): string | undefined =>
  depth === 6
    ? undefined
    : [field(error, "cause"), field(error, "reason")].map((cause) => codeOf(cause, depth + 1)).find(
      Predicate.isNotUndefined
    )
      ?? text(field(error, "code"))

/** Far more than any answer of the API. Of one that is larger no more is read. */
const maxMebibytes = 64

/** Reads an answer to its end, if that comes. */
const readBody = (response: HttpClientResponse.HttpClientResponse) =>
  Effect.suspend(() => {
    let bytes = 0
    const isCut = () => bytes > maxMebibytes * 1024 * 1024
    return response.stream.pipe(
      Stream.takeUntil((chunk) => {
        bytes += chunk.length
        return isCut()
      }),
      Stream.decodeText,
      Stream.mkString,
      // An answer without a body is an empty one.
      Effect.catchIf((error) => error.reason._tag === "EmptyBodyError", () => Effect.succeed("")),
      Effect.map((text) => ({ text, isCut: isCut() }))
    )
  })

/** A way to send requests. The key is set beneath what logs them, and for this host alone. */
export const make = Effect.fnUntraced(function*(
  { apiKey, apiVersion, host, onRetry, requestTimeout, transformClient = identity }: PineconeClient.Options
) {
  const key = Redacted.value(apiKey)
  const { origin } = new URL(urlOf("/", host))
  // A key of a few letters is no secret but an emulator's, and may be part of any word.
  const scrub = (text: string) => key.length < 8 ? text : text.replaceAll(key, "<redacted>")
  const timeout = Duration.fromInputUnsafe(requestTimeout ?? "30 seconds")
  const http = transformClient(
    HttpClient.mapRequest(
      yield* HttpClient.HttpClient,
      (request) =>
        Option.exists(HttpClientRequest.toUrl(request), (url) => url.origin === origin)
          ? HttpClientRequest.setHeader(request, "api-key", key)
          : request
    )
  )

  return Effect.fnUntraced(function*({ body, method, path }: Request): Effect.fn.Return<
    Answer,
    PineconeError.PineconeError
  > {
    const operation = `${method} ${path}`
    const plain = HttpClientRequest.make(method)(urlOf(path, host)).pipe(
      HttpClientRequest.setHeaders({
        accept: "application/json",
        "x-pinecone-api-version": versionOf(path, apiVersion)
      })
    )
    const request = body === undefined ? plain : HttpClientRequest.bodyText(plain, body, "application/json")
    const startedAt = yield* Clock.currentTimeMillis
    let attempts = 0

    const attempt = Effect.gen(function*() {
      attempts++
      const { headers, isCut, status, text: body } = yield* http.execute(request).pipe(
        Effect.flatMap((response) =>
          Effect.map(readBody(response), (body) => ({ status: response.status, headers: response.headers, ...body }))
        ),
        Effect.mapError((error) => {
          const code = codeOf(error)
          return new PineconeError.ConnectionFailed({
            operation,
            attempts,
            message: scrub(`Could not reach ${new URL(origin).host}${code === undefined ? "" : `: ${code}`}`),
            ...(code !== undefined && { code })
          })
        }),
        Effect.timeoutOrElse({
          duration: timeout,
          orElse: () =>
            Effect.fail(
              new PineconeError.RequestTimedOut({
                operation,
                attempts,
                timeout,
                message: `No complete answer within ${Duration.format(timeout)}`
              })
            )
        })
      )
      if (status >= 200 && status <= 299) {
        if (!isCut) return { status, text: scrub(body) }
        return yield* new PineconeError.MalformedResponse({
          operation,
          status,
          attempts,
          message: `The answer is larger than ${maxMebibytes} MiB`,
          body: scrub(body.slice(0, 2_000)).slice(0, 1_000)
        })
      }
      const { code, isEnvelope, message } = readRefusal(status, scrub(body))
      const requestId = text(headers["x-pinecone-request-id"]) ?? text(headers["x-request-id"])
      const retryAfter = Result.getOrUndefined(Headers.parseRetryAfter(headers["retry-after"] ?? ""))
      const now = yield* DateTime.now
      return yield* PineconeError.fromAnswer(code, {
        operation,
        attempts,
        status,
        message,
        ...(requestId !== undefined && { requestId: scrub(requestId) }),
        ...(retryAfter !== undefined &&
          { retryAfter: Headers.retryAfterDelay(retryAfter, DateTime.toEpochMillis(now)) }),
        ...(!isEnvelope && body !== "" && { body: scrub(body).slice(0, 1_000) })
      })
    })

    return yield* attempt.pipe(
      Effect.retry(Schedule.tap(
        RetryPolicy.schedule(RetryPolicy.defaultPolicy, method, startedAt),
        ({ duration, input }) => onRetry?.({ operation, error: input, delay: duration }) ?? Effect.void
      )),
      // The span of the client would show headers to a tracer, and fetch would take the key along a redirect.
      Effect.provideService(HttpClient.TracerDisabledWhen, () => true),
      Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" })
    )
  })
})

/** The rows of a page, and the token of the next one. */
interface Page {
  readonly rows: ReadonlyArray<object>
  readonly next: string | undefined
}

/** Reads a page. `undefined`, if the text is none. */
export const readPage = (body: string): Page | undefined => {
  const json = Option.getOrUndefined(parseJson(body))
  const rows = field(json, "data")
  return Array.isArray(rows) && rows.every(Predicate.isObjectKeyword)
    ? { rows, next: text(field(field(json, "pagination"), "next")) }
    : undefined
}
