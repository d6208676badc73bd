import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
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

/** A response of the service, with its body. */
export interface Answer {
  readonly status: number
  readonly headers: Headers.Headers
  readonly text: string
  /** `true` if the body is larger than the limit and was cut. */
  readonly isCut: boolean
}

/** Far more than any page of the API: 100 rows are about 60 kB. */
const maxBytes = 64 * 1024 * 1024

/** Reads a response to its end, or up to the size limit. */
export const fromResponse = (
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<Answer, HttpClientError.HttpClientError> => {
  const { headers, status } = response
  const encoding = headers["content-encoding"]
  // An uncompressed body of known length is read in one step, because a stream costs more.
  if (encoding === undefined && Number(headers["content-length"]) <= maxBytes) {
    return Effect.map(response.text, (text) => ({ status, headers, text, isCut: false }))
  }
  const stream = encoding === undefined ? response.stream : unpacked(response, encoding)
  return Effect.map(readStream(stream), (body) => ({ status, headers, ...body }))
}

/** Detects the compression of a body by its first byte. JSON and plain text start with other bytes. */
const formatOf = (first: number | undefined, encoding: string): CompressionFormat | undefined => {
  if (first === undefined) return undefined
  if (first === 0x1f) return "gzip"
  if (!/deflate/i.test(encoding)) return undefined
  // Some servers omit the zlib header.
  return first === 0x78 ? "deflate" : /[\s{["<\dtfn-]/.test(String.fromCharCode(first)) ? undefined : "deflate-raw"
}

/**
 * Decompresses the body of a response with a `content-encoding` header. `fetch` has already decompressed it and keeps
 * the header. Other clients do not decompress. Fails if the body ends early.
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

/** The stream up to the size limit, plus one chunk if there is more. */
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
      // A response without a body has an empty body.
      Effect.catchIf((error) => error.reason._tag === "EmptyBodyError", () => Effect.void),
      Effect.map(() => ({ text: texts.join("") + decoder.decode(), isCut: bytes > maxBytes }))
    )
  })

/** Removes the key from a text. */
export type Scrub = (text: string) => string

/**
 * Returns a pattern for the spellings of a character in JSON. JSON in a string of JSON has several backslashes, and the
 * bound keeps the search fast in a text of nothing else.
 */
const spellings = (character: string): string => {
  const hex = character.charCodeAt(0).toString(16).padStart(4, "0")
  const anyCase = hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)
  const plain = character === "/" ? "\\\\{0,15}/" : `\\u${hex}`
  return `(?:${plain}|\\\\{1,15}u${anyCase})`
}

/**
 * Creates the scrub for a key, in case the service echoes it, including spellings with JSON escapes. A key of a few
 * letters belongs to an emulator, is not secret, and may be part of any word.
 */
export const makeScrub = (key: string): Scrub => {
  if (key.length < 8) return identity
  // Few connections need it.
  let pattern: RegExp | undefined
  return (text) => {
    if (!text.includes("\\")) return text.replaceAll(key, "<redacted>")
    // Text is searched instead of parsed, because it may be cut off, or have JSON only as a part.
    pattern ??= new RegExp(Array.from(key, spellings).join(""), "g")
    return text.replace(pattern, "<redacted>")
  }
}

const maxExcerpt = 1_000

/** Returns the start of a text, without the key and without splitting a surrogate pair. */
const excerpt = (text: string, scrub: Scrub): string => {
  const clean = scrub(text)
  return clean.length <= maxExcerpt ? clean : `${clean.slice(0, maxExcerpt).replace(/[\uD800-\uDBFF]$/, "")}…`
}

const maxDepth = 32

/**
 * Removes the key from JSON, and everything that is nested too deeply to process. A number out of range, such as
 * `1e999`, becomes `null`: `JSON.parse` returns an infinity for it, which is not JSON and which the errors refuse.
 */
const scrubJson = (json: unknown, scrub: Scrub, depth = 0): Schema.Json => {
  if (Predicate.isString(json)) return scrub(json)
  if (Predicate.isNumber(json)) return Number.isFinite(json) ? json : null
  if (Array.isArray(json)) return depth === maxDepth ? [] : json.map((part) => scrubJson(part, scrub, depth + 1))
  if (Predicate.isObject(json)) {
    return depth === maxDepth ? {} : Object.fromEntries(
      Object.entries(json).map(([name, part]) => [scrub(name), scrubJson(part, scrub, depth + 1)])
    )
  }
  // `JSON.parse` returns only booleans and null besides these.
  return json as Schema.Json
}

/** Removes fields without a value, so that an error prints only known fields. */
export const known = <A extends object>(fields: A): A =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as A

/** Parses JSON. Returns `none` for anything else. Named, so that profiles show its time. */
export const parseJson: (text: string) => Option.Option<Schema.Json> = Option.liftThrowable(
  function parseJson(text: string) {
    return JSON.parse(text)
  }
)

const field = (json: unknown, name: string): unknown => Predicate.isObject(json) ? Reflect.get(json, name) : undefined

const nonEmpty = (value: unknown): string | undefined => Predicate.isString(value) && value !== "" ? value : undefined

/**
 * The content of an error response. `details` is from the envelope, or holds the number and the details of the data
 * plane.
 */
interface Refusal {
  readonly code: string | undefined
  readonly message: string
  readonly details: Schema.Json | undefined
  /** Start of the body, unless the body is the documented envelope. */
  readonly body: string | undefined
}

/**
 * Reads the body of an error response: the envelope, else a top-level `message` as sent by older services and the data
 * plane, else a JSON string or another likely field, else plain text. For HTML, broken JSON and an empty body the
 * message is the status.
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

/** Fields that every error about a response has. */
export interface Facts {
  readonly operation: string
  readonly status: number
  readonly requestId: string | undefined
  readonly attempts: number
}

/** Returns the error of an unsuccessful response. `hint` returns the next step for a code and status. */
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

export const tooDeep = "The response is nested too deeply"

/** Creates the error of a successful response that is invalid, in the named field if there is one. */
export const malformed = (answer: Answer, facts: Facts, scrub: Scrub, message: string, field = "") =>
  new PineconeError.MalformedResponse(known({
    ...facts,
    field: field === "" ? undefined : field,
    message: field === "" ? message : `${field}: ${message}`,
    body: excerpt(answer.text, scrub)
  }))

/** Returns the text of a successful response, unless it is too large. */
export const toText = (
  answer: Answer,
  facts: Facts,
  scrub: Scrub
): Exit.Exit<string, PineconeError.MalformedResponse> =>
  answer.isCut
    ? Exit.fail(malformed(answer, facts, scrub, "The response is larger than 64 MiB"))
    : Exit.succeed(answer.text)

/**
 * Reads a successful response without content: an empty body, or any JSON except an error. Anything else, such as the
 * login page of a gateway, is not from the service.
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
    ? Exit.fail(malformed(answer, facts, scrub, "The response is not that of a deletion"))
    : Exit.void
}

/**
 * Returns `true` if invalid JSON may be the start of valid JSON. `fetch` decompresses a truncated body without an
 * error.
 */
const isCutShort = ({ headers, text }: Answer): boolean =>
  headers["content-encoding"] !== undefined && /^\s*([{[]|$)/.test(text)

/** Creates the error of a truncated response. */
const cutShort = ({ attempts, operation }: Facts) =>
  new PineconeError.ConnectionFailed({
    operation,
    attempts,
    message: "The response is incomplete: its compressed body ends early"
  })

/** Far deeper than anything in the API. */
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

/** Returns `true` if a text is JSON that an engine can read but not write, because it is nested too deeply. */
export const isUnwritable = (text: string): boolean =>
  Option.exists(parseJson(text), (json) => Option.isNone(Option.liftThrowable(JSON.stringify)(json)))

/**
 * Returns JSON with `null` for each number out of range, such as `1e999`, for which `JSON.parse` returns an infinity.
 * `JSON.stringify` writes these as `null`.
 */
const inRange = (json: Schema.Json): Schema.Json => JSON.parse(JSON.stringify(json))

/** Decodes a successful response. */
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
    return Exit.fail(isCutShort(answer) ? cutShort(facts) : malformed(answer, facts, scrub, "The response is not JSON"))
  }
  // A value keeps its source JSON, including unknown fields, and engines cannot write JSON that is nested this deeply.
  if (isDeeper(json.value, deepest)) return Exit.fail(malformed(answer, facts, scrub, tooDeep))
  let source = json.value
  let value = decode(source)
  // One number out of range must not cost the whole list. Looking for it in every response would cost time.
  if (Exit.isFailure(value)) {
    source = inRange(source)
    value = decode(source)
  }
  if (Exit.isSuccess(value)) SourceJson.rememberAll(value.value, source)
  return Exit.mapError(value, (issue) => {
    const { field, message } = firstIssue(issue, scrub)
    return malformed(answer, facts, scrub, message, field)
  })
}

/** Request ID, from either of the headers that Pinecone's clients read. */
export const requestId = (answer: Answer, scrub: Scrub): string | undefined => {
  const id = nonEmpty(answer.headers["x-pinecone-request-id"]) ?? nonEmpty(answer.headers["x-request-id"])
  return id === undefined ? undefined : excerpt(id, scrub)
}

/** Delay requested by `Retry-After`, counted from `now`. `undefined` if the header is invalid. */
const retryAfter = (answer: Answer, now: DateTime.Utc): Duration.Duration | undefined =>
  Option.fromNullishOr(answer.headers["retry-after"]).pipe(
    Option.flatMap((text) => Result.getSuccess(Headers.parseRetryAfter(text))),
    Option.map((value) => Headers.retryAfterDelay(value, DateTime.toEpochMillis(now))),
    Option.getOrUndefined
  )

/** Returns `true` if a response is from a cache: its `Age` is not 0. */
export const isCached = (headers: Headers.Headers): boolean => (headers["age"] ?? "0").trim() !== "0"

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1()

/** Returns the first issue of a schema: the field, such as `data[3].backup_id`, and the message. */
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
 * Message with which `fetch` fails in Chromium, Safari and Firefox. Browsers hide the reason, because it would reveal
 * something about a host that the page must not read.
 */
const opaque = /^(Failed to fetch|Load failed|NetworkError when attempting to fetch resource)\b/

const browserHint =
  "browsers hide the reason; usually, the host sends no CORS headers, and neither does Pinecone's API. Call it from a " +
  "server, where the API key also stays secret"

/** Causes of an error to look at. Errors can be their own cause. */
const maxCauses = 5

/**
 * Returns `true` if the innermost cause with a code shows that nothing was sent, `false` if it does not, and `undefined`
 * if no cause has a code. Of the errors of several addresses, each must show it.
 */
const showsUnsent = (cause: unknown, depth = 0): boolean | undefined => {
  if (depth === maxCauses) return undefined
  const errors = field(cause, "errors")
  const inner = field(cause, "cause")
  const innermost = inner !== undefined
    ? showsUnsent(inner, depth + 1)
    : Array.isArray(errors) && errors.length > 0
    ? errors.every((error) => showsUnsent(error, depth + 1) === true)
    : undefined
  if (innermost !== undefined) return innermost
  const message = nonEmpty(field(cause, "message"))
  const code = ConnectionCodes.fromCause(nonEmpty(field(cause, "code")), message)
  return code === undefined ? undefined : ConnectionCodes.isUnsent(code, nonEmpty(field(cause, "syscall")), message)
}

const reasonOf = (error: unknown) => HttpClientError.isHttpClientError(error) ? error.reason : undefined

const causeOf = (error: unknown): unknown => {
  const reason = reasonOf(error)
  return reason === undefined ? error : reason.cause ?? reason.description
}

/** Returns `true` if a missing response shows that the request was not sent. */
export const isUnsent = (error: unknown): boolean => showsUnsent(causeOf(error)) === true

/**
 * Explains a missing response: the messages of an error and its causes, the innermost connection code, and a hint if a
 * browser hides the reason.
 */
export const readFailure = (
  error: unknown,
  host: string,
  scrub: Scrub
): { readonly message: string; readonly code: string | undefined; readonly hint: string | undefined } => {
  const reason = reasonOf(error)
  const messages = [
    reason !== undefined && "response" in reason ? `The response of ${host} is incomplete` : `Could not reach ${host}`
  ]
  let code: string | undefined
  let isOpaque = false
  let cause = causeOf(error)
  for (let depth = 0; depth < maxCauses && cause !== undefined; depth++) {
    const message = nonEmpty((nonEmpty(field(cause, "message")) ?? nonEmpty(cause) ?? "").replace(/\s+/g, " ").trim())
    // `fetch` of Node always fails with this message. Its cause has the message that other clients report.
    const isEmpty = message === "fetch failed" && field(cause, "cause") !== undefined
    if (message !== undefined && !isEmpty && !messages.includes(message)) messages.push(message)
    code = ConnectionCodes.fromCause(nonEmpty(field(cause, "code")), message) ?? code
    isOpaque = field(cause, "name") === "TypeError" && message !== undefined && opaque.test(message)
    // Node reports one error per address in `errors`, and an empty message.
    const errors = field(cause, "errors")
    cause = field(cause, "cause") ?? (Array.isArray(errors) ? errors[0] : undefined)
  }
  return {
    message: excerpt(messages.join(": "), scrub),
    code: code === undefined ? undefined : excerpt(code, scrub),
    hint: isOpaque && code === undefined ? browserHint : undefined
  }
}
