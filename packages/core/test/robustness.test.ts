import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import * as Tracer from "effect/Tracer"
import * as Util from "node:util"
import * as PineconeError from "../src/PineconeError.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import * as Long from "./long.ts"
import {
  apiKey,
  type Call,
  collectSpans,
  element,
  fastForward,
  int,
  type Method,
  mutations,
  oneOf,
  operations,
  scriptWith,
  services
} from "./support.ts"

// ============================================================================
// Responses
// ============================================================================

const text = Arbitrary.schema(Schema.String)

const anyJson = Arbitrary.schema(Schema.Json)

/** Strings in which the service repeats the API key. */
const echo = element(apiKey, `Bearer ${apiKey}`, `"${apiKey}"`, `${apiKey}${apiKey}`, `Invalid API key: ${apiKey}\n`)

const textOrEcho = oneOf(text, echo)

const code = oneOf<string>(
  element(...Object.values(PineconeError.apiErrors).map(({ code }) => code)),
  element("TEAPOT", "__proto__", "constructor", ""),
  textOrEcho
)

const envelopes = Arbitrary.map(
  Arbitrary.all({
    code,
    message: textOrEcho,
    details: oneOf<Schema.Json | undefined>(anyJson, echo, element(undefined))
  }),
  ({ code, details, message }) =>
    JSON.stringify({ error: { code, message, ...(details !== undefined && { details }) }, status: 400 })
)

/**
 * The text of any JSON, with what `JSON.stringify` never writes or few programs expect: numbers out of range, lone
 * surrogates, and the names of members of `Object`.
 */
const jsonTexts = (levels: number): Arbitrary.Arbitrary<string> => {
  const leaf = element(
    "1e999",
    "-1e999",
    "9".repeat(400),
    "-0",
    "1e-999",
    "0.5",
    "null",
    "true",
    "\"a\"",
    "\"\\ud800\""
  )
  if (levels === 0) return leaf
  const parts = Arbitrary.array(jsonTexts(levels - 1), { maxLength: 3 })
  const names = element("__proto__", "constructor", "toJSON", "error", "code", "message", "details", "\\ud800", "")
  return oneOf(
    leaf,
    Arbitrary.map(parts, (parts) => `[${parts.join(",")}]`),
    Arbitrary.map(
      Arbitrary.array(Arbitrary.all({ name: names, part: jsonTexts(levels - 1) }), { maxLength: 3 }),
      (members) => `{${members.map(({ name, part }) => `"${name}":${part}`).join(",")}}`
    )
  )
}

const nested = Arbitrary.map(
  Arbitrary.all({ levels: element(31, 32, 33, 256, 5_000), leaf: jsonTexts(1), isArray: element(true, false) }),
  ({ isArray, leaf, levels }) =>
    isArray ? "[".repeat(levels) + leaf + "]".repeat(levels) : "{\"a\":".repeat(levels) + leaf + "}".repeat(levels)
)

const anyText = oneOf(jsonTexts(3), nested)

/** Bodies of error responses: any JSON, alone and in the places that an error takes its fields from. */
const oddErrors = oneOf(
  anyText,
  Arbitrary.map(anyText, (details) => `{"error":{"code":"NOT_FOUND","message":"no","details":${details}}}`),
  Arbitrary.map(
    Arbitrary.all({ code: anyText, message: anyText, details: anyText }),
    ({ code, details, message }) => `{"error":{"code":${code},"message":${message},"details":${details}}}`
  ),
  Arbitrary.map(
    Arbitrary.all({ code: anyText, message: anyText, details: anyText }),
    ({ code, details, message }) => `{"code":${code},"message":${message},"details":${details}}`
  ),
  Arbitrary.map(anyText, (error) => `{"error":${error},"detail":${error}}`)
)

const truncated = (whole: Arbitrary.Arbitrary<string>) =>
  Arbitrary.map(
    Arbitrary.all({ whole, part: int(0, 99) }),
    ({ part, whole }) => whole.slice(0, Math.ceil(whole.length * part / 100))
  )

/** A documented success with changes in up to three places. */
const mutated = (success: Schema.JsonObject) =>
  Arbitrary.map(mutations(success, oneOf(anyJson, echo, element(undefined, null))), (json) => JSON.stringify(json))

const huge = "x".repeat(3_000_000)

const hugeBodies = element(
  huge,
  `"${huge}"`,
  `{"message":"${huge}"}`,
  `{"error":{"code":"${huge}","message":"${huge}"}}`,
  `${apiKey}${huge}${apiKey}`,
  `{"data":[{"name":"${huge}"}]}`
)

const smallBodies = (success: Schema.JsonObject) =>
  oneOf<string>(
    element(""),
    text,
    echo,
    element("<html><h1>502 Bad Gateway</h1></html>", `<!doctype html><p>${apiKey}</p>`),
    envelopes,
    truncated(envelopes),
    Arbitrary.map(anyJson, (json) => JSON.stringify(json)),
    Arbitrary.map(echo, (text) => JSON.stringify(text)),
    Arbitrary.map(textOrEcho, (message) => JSON.stringify({ message })),
    mutated(success),
    truncated(mutated(success))
  )

/** A body of 3 MB is slow, so only one body in forty has this size. */
const bodies = (success: Schema.JsonObject) =>
  Arbitrary.flatMap(int(1, 40), (turn) => turn === 40 ? hugeBodies : smallBodies(success))

// Header values are visible ASCII, because a client never receives other values.
const headers = Arbitrary.all({
  "x-request-id": element("", "req-1", apiKey),
  "x-pinecone-request-id": element("", "req-2", `id=${apiKey}`),
  "retry-after": element("", "5", "-1", "1e9", "9".repeat(40), "Thu, 01 Jan 2026 00:00:30 GMT", "soon", apiKey),
  "content-type": element("", "application/json", "text/html", apiKey),
  "location": element("", `https://evil.example/?key=${apiKey}`)
})

const statuses = oneOf(int(200, 599), element(200, 400, 401, 404, 429, 500, 503))

const hasNoBody = (status: number) => status === 204 || status === 205 || status === 304

interface Answer {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** Responses to an operation. A page has a token, so that a stream does not end by itself. */
const answersTo = (
  { success = {} }: { readonly success: Schema.JsonObject | undefined }
): Arbitrary.Arbitrary<Answer> =>
  Arbitrary.all({
    status: statuses,
    body: bodies("pagination" in success ? { ...success, pagination: { next: "token" } } : success),
    headers
  })

/** Any operation, and a response to it. */
const calls = Arbitrary.flatMap(
  int(0, operations.length - 1),
  (index) => Arbitrary.map(answersTo(operations[index]!), (answer) => ({ method: operations[index]!.method, answer }))
)

const callOf = (method: Method) => operations.find((operation) => operation.method === method)!.call

const respond = ({ body, headers, status }: Answer): Response =>
  new Response(hasNoBody(status) ? null : body, {
    status,
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ""))
  })

// ============================================================================
// Observation
// ============================================================================

/** Runs a call against a service that always returns the same response, and keeps its spans. */
const observe = Effect.fnUntraced(function*(call: Call, answer: Answer, retry = RetryPolicy.none) {
  const { spans, tracer } = collectSpans()
  const exit = yield* call.pipe(
    Effect.provide(services(scriptWith(() => respond(answer)), { retry })),
    Effect.exit,
    Effect.provideService(Tracer.Tracer, tracer),
    fastForward
  )
  return { exit, spans }
})

/** The log output for an error, in every format. */
const logged = (error: unknown) =>
  Effect.suspend(() => {
    const lines: Array<string> = []
    const collect = <Output>(logger: Logger.Logger<unknown, Output>) =>
      Logger.map(logger, (line) => void lines.push(typeof line === "string" ? line : Util.inspect(line, { depth: 10 })))
    return Effect.gen(function*() {
      yield* Effect.logError(error)
      yield* Effect.logError("failed", Cause.fail(error))
      return lines.join("\n")
    }).pipe(
      Effect.provide(
        Logger.layer([
          collect(Logger.formatSimple),
          collect(Logger.formatLogFmt),
          collect(Logger.formatStructured),
          collect(Logger.formatJson)
        ])
      )
    )
  })

const excerptAround = (text: string, part: string) => {
  const at = text.indexOf(part)
  return text.slice(Math.max(0, at - 300), at + part.length + 100)
}

const assertKeyless = (rendered: string, where: string) =>
  assert.isFalse(rendered.includes(apiKey), `${where} shows the key: ${excerptAround(rendered, apiKey)}`)

// ============================================================================
// Properties
// ============================================================================

const assertValueOrError = (exit: Exit.Exit<unknown, PineconeError.ListError>, answer: Answer) => {
  if (Exit.isFailure(exit)) {
    assert.strictEqual(exit.cause.reasons.length, 1)
    const [reason] = exit.cause.reasons
    assert.isTrue(Cause.isFailReason(reason!), Cause.pretty(exit.cause))
    assert.isTrue(PineconeError.isListError((reason as Cause.Fail<unknown>).error), Cause.pretty(exit.cause))
  }
  if (answer.status >= 300) {
    assert.isTrue(Exit.isFailure(exit))
  }
}

describe("a call with any response", () => {
  for (const operation of operations) {
    it.effect.prop(
      `returns a value or a PineconeError: ${operation.method}`,
      [answersTo(operation)],
      ([answer]) =>
        Effect.gen(function*() {
          const { exit } = yield* observe(operation.call, answer)
          assertValueOrError(exit, answer)
        }),
      { arbitrary: { runs: Long.runs(40) } }
    )
  }

  it.effect.prop(
    "returns a value or a PineconeError after retries, too",
    [calls],
    ([{ answer, method }]) =>
      Effect.gen(function*() {
        const { exit } = yield* observe(callOf(method), answer, RetryPolicy.defaultPolicy)
        assertValueOrError(exit, answer)
      }),
    { arbitrary: { runs: Long.runs(200) } }
  )

  it.effect.prop(
    "fails with a PineconeError of its status if that is an error, whatever JSON the body is",
    [oddErrors, int(400, 599)],
    ([body, status]) =>
      Effect.gen(function*() {
        for (const method of ["Backups.describe", "Backups.create", "Backups.delete"] as const) {
          const { exit } = yield* observe(callOf(method), { status, body, headers: {} })
          assertValueOrError(exit, { status, body, headers: {} })
          const error = Cause.squash((exit as Exit.Failure<unknown, PineconeError.ListError>).cause)
          assert.strictEqual((error as PineconeError.PineconeError).status, status)
          if (error instanceof PineconeError.NotFound) assert.isTrue(Schema.is(Schema.Json)(error.details ?? null))
        }
      }),
    { arbitrary: { runs: Long.runs(200) } }
  )

  it.effect.prop(
    "never has the API key in an error, in any format",
    [calls],
    ([{ answer, method }]) =>
      Effect.gen(function*() {
        const { exit } = yield* observe(callOf(method), answer)
        if (Exit.isSuccess(exit)) return
        const error = Cause.squash(exit.cause) as PineconeError.ListError

        assertKeyless(error.message, "message")
        assertKeyless(JSON.stringify(error), "JSON.stringify")
        assertKeyless(Util.inspect(error, { depth: 10 }), "inspect")
        assertKeyless(Util.inspect(error, { depth: 10, showHidden: true }), "inspect with hidden properties")
        assertKeyless(String(error), "String")
        assertKeyless(error.stack ?? "", "stack")
        assertKeyless(Cause.pretty(exit.cause), "Cause.pretty")
        assertKeyless(Util.inspect(exit, { depth: 10 }), "inspect of the exit")
        assertKeyless(yield* logged(error), "the log")
      }),
    { arbitrary: { runs: Long.runs(500) } }
  )

  it.effect.prop(
    "never has the API key in its spans if it fails",
    [calls],
    ([{ answer, method }]) =>
      Effect.gen(function*() {
        const { exit, spans } = yield* observe(callOf(method), answer)
        // A successful result belongs to the caller, including a repeated API key.
        if (Exit.isSuccess(exit)) return

        assert.isAbove(spans.length, 0)
        for (const span of spans) {
          assertKeyless(span.name, `the name of ${span.name}`)
          assertKeyless(Util.inspect([...span.attributes], { depth: 10 }), `the attributes of ${span.name}`)
          assertKeyless(Util.inspect(span.events, { depth: 10 }), `the events of ${span.name}`)
          // The exit of a page is a success, even if a later page fails.
          if (span.status._tag === "Ended" && Exit.isSuccess(span.status.exit)) continue
          assertKeyless(Util.inspect(span.status, { depth: 20 }), `the exit of ${span.name}`)
        }
      }),
    { arbitrary: { runs: Long.runs(400) } }
  )
})

describe("the exits of the spans", () => {
  const jsonBigInt = (_: string, value: unknown) => typeof value === "bigint" ? String(value) : value

  for (const { call, method, success } of operations) {
    it.effect(`do not contain the API key: ${method}`, () =>
      Effect.gen(function*() {
        for (
          const answer of [
            { status: 200, body: JSON.stringify(success ?? {}) },
            { status: 404, body: "{\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"no\"},\"status\":404}" },
            { status: 200, body: "[]" }
          ]
        ) {
          const { spans } = yield* observe(call, { ...answer, headers: {} })
          assert.isAbove(spans.length, 0)
          for (const span of spans) {
            assert.strictEqual(span.status._tag, "Ended")
            assertKeyless(Util.inspect(span.status, { depth: 20 }), `the exit of ${span.name}`)
            assertKeyless(JSON.stringify(span.status, jsonBigInt), `the exit of ${span.name} as JSON`)
          }
        }
      }))
  }
})
