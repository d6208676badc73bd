import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Headers from "effect/http/Headers"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Stream from "effect/Stream"
import * as PineconeError from "../../PineconeError.ts"
import * as SourceJson from "../codec/source-json.ts"
import * as ConnectionCodes from "../connection-codes.ts"

/** An answer of the service, with its body read. */
export interface Answer {
  readonly status: number
  readonly headers: Headers.Headers
  readonly text: string
  /** Whether there was more than anybody should keep. */
  readonly isCut: boolean
}

/** Far more than any page of the API: a hundred rows are some sixty kilobytes. */
const maxBytes = 64 * 1024 * 1024

/** Reads an answer to its end, or to as much as is kept of one that seems to have none. */
export const fromResponse = (
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<Answer, HttpClientError.HttpClientError> => {
  const { headers, status } = response
  const encoding = headers["content-encoding"]
  // What says how long it is, and is not packed, is read at once: a stream has its price.
  if (encoding === undefined && Number(headers["content-length"]) <= maxBytes) {
    return Effect.map(response.text, (text) => ({ status, headers, text, isCut: false }))
  }
  const stream = encoding === undefined ? response.stream : unpacked(response, encoding)
  return Effect.map(readStream(stream), (body) => ({ status, headers, ...body }))
}

/** How a body that begins with this byte is packed, if it is: a text begins with none of these. */
const formatOf = (first: number | undefined, encoding: string): CompressionFormat | undefined => {
  if (first === undefined) return undefined
  if (first === 0x1f) return "gzip"
  if (!/deflate/i.test(encoding)) return undefined
  // Some servers leave out the header of the format.
  return first === 0x78 ? "deflate" : /[\s{["<\dtfn-]/.test(String.fromCharCode(first)) ? undefined : "deflate-raw"
}

/**
 * The body of a response that says that it is packed. `fetch` has unpacked it already, and leaves the header; other
 * clients have not. Fails if the body ends early.
 */
const unpacked = (
  response: HttpClientResponse.HttpClientResponse,
  encoding: string
): HttpClientResponse.HttpClientResponse["stream"] =>
  Stream.unwrap(Effect.map(Stream.runCollect(limited(response.stream)), (chunks) => {
    const format = formatOf(chunks.find((chunk) => chunk.length > 0)?.[0], encoding)
    return format === undefined ? Stream.fromIterable(chunks) : Stream.fromReadableStream({
      evaluate: () =>
        new Blob(chunks as Array<Uint8Array<ArrayBuffer>>).stream().pipeThrough(new DecompressionStream(format)),
      onError: (cause) =>
        new HttpClientError.HttpClientError({
          reason: new HttpClientError.DecodeError({ request: response.request, response, cause })
        })
    })
  }))

/** As much of a body as is kept, and one part more if there is more. */
const limited = (stream: HttpClientResponse.HttpClientResponse["stream"]): typeof stream =>
  Stream.suspend(() => {
    let bytes = 0
    return Stream.takeWhile(stream, (chunk) => {
      const isWanted = bytes <= maxBytes
      bytes += chunk.length
      return isWanted
    })
  })

const readStream = (stream: HttpClientResponse.HttpClientResponse["stream"]) =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    const texts: Array<string> = []
    let bytes = 0
    return limited(stream).pipe(
      Stream.runForEach((chunk) =>
        Effect.sync(() => {
          bytes += chunk.length
          if (bytes <= maxBytes) texts.push(decoder.decode(chunk, { stream: true }))
        })
      ),
      // An answer without a body is an empty one.
      Effect.catchIf((error) => error.reason._tag === "EmptyBodyError", () => Effect.void),
      Effect.map(() => ({ text: texts.join("") + decoder.decode(), isCut: bytes > maxBytes }))
    )
  })

/** Takes the key out of a text. */
export type Scrub = (text: string) => string

/**
 * The scrub for a key: should the service ever repeat it, it goes no further. A key of a few letters is no
 * secret but an emulator's, and may be part of any word.
 */
export const makeScrub = (key: string): Scrub => (text) => key.length < 8 ? text : text.replaceAll(key, "<redacted>")

const maxExcerpt = 1_000

/** The beginning of a text, without the key in it and without cutting a character in two. */
const excerpt = (text: string, scrub: Scrub): string => {
  const clean = scrub(text)
  return clean.length <= maxExcerpt ? clean : `${clean.slice(0, maxExcerpt).replace(/[\uD800-\uDBFF]$/, "")}…`
}

const maxDepth = 32

/** JSON without the key in it, and without what is nested too deeply to be worked with. */
const scrubJson = (json: unknown, scrub: Scrub, depth = 0): Schema.Json => {
  if (Predicate.isString(json)) return scrub(json)
  if (Array.isArray(json)) return depth === maxDepth ? [] : json.map((part) => scrubJson(part, scrub, depth + 1))
  if (Predicate.isObject(json)) {
    return depth === maxDepth ? {} : Object.fromEntries(
      Object.entries(json).map(([name, part]) => [scrub(name), scrubJson(part, scrub, depth + 1)])
    )
  }
  // What came out of `JSON.parse` and is none of these is a number, a truth value or null.
  return json as Schema.Json
}

/** The fields that have a value, so that an error prints what is known and nothing else. */
export const known = <A extends object>(fields: A): A =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as A

/** Parses JSON; `none` for anything else. */
export const parseJson: (text: string) => Option.Option<Schema.Json> = Option.liftThrowable((text) => JSON.parse(text))

const field = (json: unknown, name: string): unknown => Predicate.isObject(json) ? Reflect.get(json, name) : undefined

const nonEmpty = (value: unknown): string | undefined => Predicate.isString(value) && value !== "" ? value : undefined

/** What an error answer says. `details` are those of the envelope, or the number and the details of the data plane. */
interface Refusal {
  readonly code: string | undefined
  readonly message: string
  readonly details: Schema.Json | undefined
  /** The beginning of the body, unless it was the documented envelope. */
  readonly body: string | undefined
}

/**
 * Reads the body of an error answer: the envelope, else a top-level `message` as older services of
 * Pinecone and its data plane send, else a JSON string or what else may be meant as one, else plain text. Pages of gateways
 * are not for reading aloud: of markup, of broken JSON, and of nothing at all, only the status makes the
 * message.
 */
const readRefusal = (answer: Answer, scrub: Scrub): Refusal => {
  const json = Option.getOrUndefined(parseJson(answer.text))
  const error = field(json, "error")
  const code = nonEmpty(field(error, "code"))
  const message = nonEmpty(field(error, "message"))
  const details = field(error, "details")
  const number = error === undefined ? field(json, "code") : undefined
  const other = nonEmpty(field(json, "message")) ?? nonEmpty(error) ?? nonEmpty(field(json, "detail")) ?? nonEmpty(json)
  const isEnvelope = code !== undefined && message !== undefined
  const text = answer.text.trim()
  const isPlainText = json === undefined && /^[^<{[]/.test(text)
  return {
    code: code === undefined ? undefined : excerpt(code, scrub),
    message: excerpt(
      message ?? other ?? (isPlainText ? text : `HTTP status ${answer.status}`),
      scrub
    ),
    details: Predicate.isNumber(number)
      ? scrubJson(known({ code: number, details: field(json, "details") }), scrub)
      : isEnvelope && details !== undefined
      ? scrubJson(details, scrub)
      : undefined,
    body: isEnvelope ? undefined : nonEmpty(excerpt(answer.text, scrub))
  }
}

/** What an error says of the answer it is about. */
export interface Facts {
  readonly operation: string
  readonly status: number
  readonly requestId: string | undefined
  readonly attempts: number
}

/** The error of an answer that is no success. `hint` says what to try, by the code and status of the answer. */
export const toError = (
  answer: Answer,
  facts: Facts,
  hint: (code: string | undefined, status: number) => string | undefined,
  scrub: Scrub
): Effect.Effect<PineconeError.PineconeError> =>
  Effect.map(DateTime.now, (now) => {
    const { code, ...refusal } = readRefusal(answer, scrub)
    return PineconeError.fromAnswer(
      code,
      known({ ...facts, ...refusal, retryAfter: retryAfter(answer, now), hint: hint(code, answer.status) })
    )
  })

export const tooDeep = "The answer is nested too deeply"

/** The error of a successful answer that is not what it should be, in a field if one is named. */
export const malformed = (answer: Answer, facts: Facts, scrub: Scrub, message: string, field = "") =>
  new PineconeError.MalformedResponse(known({
    ...facts,
    field: field === "" ? undefined : field,
    message: field === "" ? message : `${field}: ${message}`,
    body: excerpt(answer.text, scrub)
  }))

/** The text of a successful answer, unless it is too long to have been kept. */
export const toText = (
  answer: Answer,
  facts: Facts,
  scrub: Scrub
): Exit.Exit<string, PineconeError.MalformedResponse> =>
  answer.isCut
    ? Exit.fail(malformed(answer, facts, scrub, "The answer is larger than 64 MiB"))
    : Exit.succeed(answer.text)

/**
 * Reads a successful answer that has nothing to say: an empty body, or any JSON but an error. The page of a gateway, to
 * log in for example, is not the answer of the service.
 */
export const toNothing = (
  answer: Answer,
  facts: Facts,
  scrub: Scrub
): Exit.Exit<void, PineconeError.MalformedResponse> => {
  const text = toText(answer, facts, scrub)
  if (Exit.isFailure(text)) return text
  if (text.value.trim() === "") return Exit.void
  const json = Option.getOrUndefined(parseJson(text.value))
  return json === undefined || field(json, "error") !== undefined
    ? Exit.fail(malformed(answer, facts, scrub, "The answer is not that of a deletion"))
    : Exit.void
}

/**
 * Whether a body that is no JSON may be the beginning of one: `fetch` unpacks what there is of a packed body that ends early
 * and says nothing of it.
 */
const isCutShort = ({ headers, text }: Answer): boolean =>
  headers["content-encoding"] !== undefined && /^\s*([{[]|$)/.test(text)

/** The error of an answer that ended before it was complete. */
const cutShort = ({ attempts, operation }: Facts) =>
  new PineconeError.ConnectionFailed({
    operation,
    attempts,
    message: "The answer broke off: its packed body ends early"
  })

/** Far deeper than anything that the API nests. */
const deepest = 256

const isDeeper = (json: Schema.Json, depth: number): boolean => {
  if (typeof json !== "object" || json === null) return false
  if (depth === 0) return true
  if (Array.isArray(json)) {
    for (let index = 0; index < json.length; index++) {
      if (isDeeper(json[index], depth - 1)) return true
    }
    return false
  }
  const object = json as Schema.JsonObject
  for (const key in object) {
    const part = object[key]!
    if (typeof part === "object" && part !== null && isDeeper(part, depth - 1)) return true
  }
  return false
}

/** The value of a successful answer. */
export const toValue = (
  answer: Answer,
  facts: Facts,
  decode: (json: Schema.Json) => Exit.Exit<unknown, SchemaIssue.Issue>,
  scrub: Scrub
): Exit.Exit<unknown, PineconeError.MalformedResponse | PineconeError.ConnectionFailed> => {
  const text = toText(answer, facts, scrub)
  if (Exit.isFailure(text)) return text
  const json = parseJson(text.value)
  if (Option.isNone(json)) {
    return Exit.fail(isCutShort(answer) ? cutShort(facts) : malformed(answer, facts, scrub, "The answer is not JSON"))
  }
  // A value keeps what it came from, also in fields that nobody knows, and no engine writes that as JSON again.
  if (isDeeper(json.value, deepest)) return Exit.fail(malformed(answer, facts, scrub, tooDeep))
  const value = decode(json.value)
  if (Exit.isSuccess(value)) SourceJson.rememberAll(value.value, json.value)
  return Exit.mapError(value, (issue) => {
    const { field, message } = firstIssue(issue, scrub)
    return malformed(answer, facts, scrub, message, field)
  })
}

/** The request id, under either of the names the service's clients look for. */
export const requestId = (answer: Answer, scrub: Scrub): string | undefined => {
  const id = nonEmpty(answer.headers["x-pinecone-request-id"]) ?? nonEmpty(answer.headers["x-request-id"])
  return id === undefined ? undefined : excerpt(id, scrub)
}

/** How long `Retry-After` asks to wait, counted from `now`. Nonsense is no answer. */
const retryAfter = (answer: Answer, now: DateTime.Utc): Duration.Duration | undefined =>
  Option.fromNullishOr(answer.headers["retry-after"]).pipe(
    Option.flatMap((text) => Result.getSuccess(Headers.parseRetryAfter(text))),
    Option.map((value) => Headers.retryAfterDelay(value, DateTime.toEpochMillis(now))),
    Option.getOrUndefined
  )

/** Whether an answer comes from a cache: it has an `Age` other than 0. */
export const isCached = (headers: Headers.Headers): boolean => (headers["age"] ?? "0").trim() !== "0"

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1()

/** The first thing a schema found wrong: where, as `data[3].backup_id`, and what. */
export const firstIssue = (
  issue: SchemaIssue.Issue,
  scrub: Scrub
): { readonly field: string; readonly message: string } => {
  const [first] = formatIssues(issue).issues
  const path = (first?.path ?? []).map((segment) => Predicate.isObject(segment) ? Reflect.get(segment, "key") : segment)
  return {
    field: scrub(
      path.map((key) => Predicate.isNumber(key) ? `[${key}]` : `.${String(key)}`).join("").replace(/^\./, "")
    ),
    message: excerpt(first?.message ?? "", scrub)
  }
}

/**
 * What the `fetch` of Chromium, of Safari and of Firefox says of every request that fails. The reason is kept from the page,
 * since it would tell about a host that does not let the page read it.
 */
const opaque = /^(Failed to fetch|Load failed|NetworkError when attempting to fetch resource)\b/

const browserHint =
  "browsers do not tell the reason; most often the host sends no CORS headers, as Pinecone's API does not. Call it from a " +
  "server, where the API key also stays secret"

/**
 * Why there is no answer: the messages of an error and of its causes, the code of the innermost that has one or stands for one, and what to
 * do if a browser keeps the reason to itself.
 */
export const readFailure = (
  error: unknown,
  host: string,
  scrub: Scrub
): { readonly message: string; readonly code: string | undefined; readonly hint: string | undefined } => {
  const reason = HttpClientError.isHttpClientError(error) ? error.reason : undefined
  const messages = [
    reason !== undefined && "response" in reason ? `The answer of ${host} broke off` : `Could not reach ${host}`
  ]
  let code: string | undefined
  let isOpaque = false
  let cause: unknown = reason === undefined ? error : reason.cause ?? reason.description
  for (let depth = 0; depth < 5 && cause !== undefined; depth++) {
    const message = nonEmpty((nonEmpty(field(cause, "message")) ?? nonEmpty(cause) ?? "").replace(/\s+/g, " ").trim())
    // `fetch` of Node says no more than that: its cause says what other clients say.
    const isEmpty = message === "fetch failed" && field(cause, "cause") !== undefined
    if (message !== undefined && !isEmpty && !messages.includes(message)) messages.push(message)
    code = ConnectionCodes.fromCause(nonEmpty(field(cause, "code")), message) ?? code
    isOpaque = field(cause, "name") === "TypeError" && message !== undefined && opaque.test(message)
    // Node reports one attempt per address in `errors`, with an empty message of its own.
    const errors = field(cause, "errors")
    cause = field(cause, "cause") ?? (Array.isArray(errors) ? errors[0] : undefined)
  }
  return {
    message: excerpt(messages.join(": "), scrub),
    code: code === undefined ? undefined : excerpt(code, scrub),
    hint: isOpaque && code === undefined ? browserHint : undefined
  }
}
