import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as PineconeError from "../src/PineconeError.ts"
import { assertTag } from "./support.ts"

const tags = Object.keys(PineconeError.apiErrors) as Array<PineconeError.ApiErrorName>

const answer = (status: number) => ({
  operation: "BackupSchedules.history",
  message: "No.",
  status,
  attempts: 1
})

const fullAnswer = {
  ...answer(429),
  requestId: "req-1",
  body: "<html>",
  details: { reason: ["a", 1, null] },
  retryAfter: Duration.seconds(5),
  hint: "Try something else"
}

// The codes up to version 2026-04, and the two codes added in 2026-07.
const codes = [
  ["OK", 200, "protocol"],
  ["INVALID_ARGUMENT", 400, "validation"],
  ["OUT_OF_RANGE", 400, "validation"],
  ["UNAUTHENTICATED", 401, "auth"],
  ["PAYMENT_REQUIRED", 402, "quota"],
  ["PERMISSION_DENIED", 403, "permission"],
  ["FORBIDDEN", 403, "quota"],
  ["NOT_FOUND", 404, "notFound"],
  ["ALREADY_EXISTS", 409, "conflict"],
  ["ABORTED", 409, "conflict"],
  ["FAILED_PRECONDITION", 412, "conflict"],
  ["PAYLOAD_TOO_LARGE", 413, "validation"],
  ["UNPROCESSABLE_ENTITY", 422, "validation"],
  ["RESOURCE_EXHAUSTED", 429, "throttling"],
  ["QUOTA_EXCEEDED", 429, "quota"],
  ["UNKNOWN", 500, "server"],
  ["INTERNAL", 500, "server"],
  ["DATA_LOSS", 500, "server"],
  ["UNIMPLEMENTED", 501, "server"],
  ["SERVICE_UNAVAILABLE", 503, "server"],
  ["UNAVAILABLE", 503, "server"],
  ["DEADLINE_EXCEEDED", 504, "server"]
] as const

const pascalCase = (code: string) =>
  code === "OK" ? "Ok" : code.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())

const classOf = (tag: PineconeError.ApiErrorName) =>
  PineconeError[tag] as (new(...args: never) => PineconeError.ApiError) & Schema.Top

/** One error of each class, with every field set. */
const samples: ReadonlyArray<readonly [PineconeError.ListError, Schema.Top]> = [
  ...codes.map(([code]) => {
    const error = PineconeError.fromAnswer(code, fullAnswer)
    return [error, classOf(pascalCase(code) as PineconeError.ApiErrorName)] as const
  }),
  [new PineconeError.UnrecognizedError({ ...fullAnswer, code: "TEAPOT" }), PineconeError.UnrecognizedError],
  [
    new PineconeError.ConnectionFailed({ operation: "a.b", message: "m", code: "ECONNREFUSED", attempts: 1 }),
    PineconeError.ConnectionFailed
  ],
  [
    new PineconeError.RequestTimedOut({ operation: "a.b", message: "m", timeout: Duration.seconds(30), attempts: 1 }),
    PineconeError.RequestTimedOut
  ],
  [
    new PineconeError.MalformedResponse({ ...answer(200), requestId: "r", body: "[]", field: "data[0].backup_id" }),
    PineconeError.MalformedResponse
  ],
  [new PineconeError.PaginationLoop({ operation: "a.b", message: "m", pages: 3 }), PineconeError.PaginationLoop],
  [new PineconeError.InvalidInput({ operation: "a.b", message: "m", field: "limit" }), PineconeError.InvalidInput],
  [new PineconeError.HostRefused({ operation: "a.b", message: "m", host: "h" }), PineconeError.HostRefused]
]

describe("the table of API errors", () => {
  it("has the 22 codes of the contract, with their statuses and categories", () => {
    assert.strictEqual(codes.length, 22)
    assert.sameDeepMembers(
      tags.map((tag) => {
        const { category, code, status } = PineconeError.apiErrors[tag]
        return [code, status, category]
      }),
      codes.map((row) => [...row])
    )
  })

  it("has a tag that corresponds to each code", () => {
    for (const tag of tags) {
      assert.strictEqual(tag, pascalCase(PineconeError.apiErrors[tag].code))
    }
  })

  it.each(codes)("maps %s with status %s to category %s", (code, status, category) => {
    const error = PineconeError.fromAnswer(code, answer(status))
    const tag = pascalCase(code) as PineconeError.ApiErrorName

    assert.strictEqual(error._tag, `Pinecone${tag}`)
    assert.isTrue(error instanceof classOf(tag))
    assert.instanceOf(error, Error)
    assert.strictEqual(error.name, `PineconeError/${tag}`)
    assert.strictEqual(error.code, code)
    assert.strictEqual(error.category, category)
    assert.strictEqual(error.status, status)
    assert.strictEqual(error.message, "No.")
    assert.strictEqual(error.operation, "BackupSchedules.history")
    assert.strictEqual(error.isRetryable, [429, 500, 503, 504].includes(status))
  })
})

describe("PineconeError.fromAnswer", () => {
  it("keeps every field of the response", () => {
    const error = PineconeError.fromAnswer("RESOURCE_EXHAUSTED", fullAnswer)
    const { attempts, body, details, hint, message, operation, requestId, retryAfter, status } = error
    assert.deepStrictEqual(
      { attempts, body, details, hint, message, operation, requestId, retryAfter, status },
      fullAnswer
    )
  })

  it("selects the class by code, regardless of the status", () => {
    const error = PineconeError.fromAnswer("QUOTA_EXCEEDED", answer(403))
    assertTag(error, "PineconeQuotaExceeded")
    assert.strictEqual(error.status, 403)
    assert.isFalse(error.isRetryable)
  })

  it.each([
    ["TEAPOT", 418, "validation", false],
    ["TEAPOT", 404, "notFound", false],
    ["TEAPOT", 503, "server", true],
    ["not_found", 404, "notFound", false],
    ["NotFound", 404, "notFound", false],
    ["__proto__", 400, "validation", false],
    ["constructor", 400, "validation", false],
    ["toString", 302, "protocol", false]
  ])(
    "returns UnrecognizedError for the unknown code %s with status %s, with category %s",
    (code, status, category, isRetryable) => {
      const error = PineconeError.fromAnswer(code, answer(status))
      assertTag(error, "PineconeUnrecognizedError")
      assert.strictEqual(error.code, code)
      assert.strictEqual(error.category, category)
      assert.strictEqual(error.isRetryable, isRetryable)
    }
  )

  // Placeholders for a missing code.
  const byStatus: Readonly<Record<number, readonly [PineconeError.ApiErrorName, PineconeError.Category]>> = {
    400: ["InvalidArgument", "validation"],
    401: ["Unauthenticated", "auth"],
    402: ["PaymentRequired", "quota"],
    403: ["PermissionDenied", "permission"],
    404: ["NotFound", "notFound"],
    408: ["DeadlineExceeded", "server"],
    409: ["AlreadyExists", "conflict"],
    412: ["FailedPrecondition", "conflict"],
    413: ["PayloadTooLarge", "validation"],
    422: ["UnprocessableEntity", "validation"],
    429: ["ResourceExhausted", "throttling"],
    500: ["Unknown", "server"],
    501: ["Unimplemented", "server"],
    502: ["Unavailable", "server"],
    503: ["ServiceUnavailable", "server"],
    504: ["DeadlineExceeded", "server"],
    525: ["Unavailable", "server"]
  }

  it.each(Object.entries(byStatus))("maps a bare %s to %j", (status, [tag, category]) => {
    const error = PineconeError.fromAnswer(undefined, answer(Number(status)))
    assertTag(error, `Pinecone${tag}`)
    assert.isTrue(error instanceof classOf(tag))
    assert.strictEqual(error.category, category)
    assert.strictEqual(error.status, Number(status))
  })

  it("returns a class for every status without a code", () => {
    for (let status = 200; status <= 599; status++) {
      const error = PineconeError.fromAnswer(undefined, answer(status))
      const [tag, category] = byStatus[status] ??
        (status >= 500 ? ["Unavailable", "server"] : ["UnrecognizedError", status >= 400 ? "validation" : "protocol"])

      assert.strictEqual(error._tag, `Pinecone${tag}`, `${status}`)
      assert.strictEqual(error.category, category, `${status}`)
      assert.strictEqual(error.status, status)
      assert.strictEqual(
        error.isRetryable,
        status === 408 || status === 429 || (status >= 500 && status !== 501),
        `${status}`
      )
    }
  })
})

describe("every error class", () => {
  it("has a sample in this test", () => {
    assert.sameMembers(
      samples.map(([error]) => error._tag.replace("Pinecone", "")),
      [
        ...tags,
        "UnrecognizedError",
        "ConnectionFailed",
        "RequestTimedOut",
        "MalformedResponse",
        "PaginationLoop",
        "InvalidInput",
        "HostRefused"
      ]
    )
  })

  for (const [error, schema] of samples) {
    describe(error._tag, () => {
      it("is an Error with its own name, and a PineconeError unless it is a list error", () => {
        assert.isTrue(PineconeError.isListError(error))
        assert.strictEqual(PineconeError.isPineconeError(error), error._tag !== "PineconePaginationLoop")
        assert.instanceOf(error, Error)
        assert.strictEqual(error.name, `PineconeError/${error._tag.slice("Pinecone".length)}`)
      })

      it("has the common members, and prints only its own fields", () => {
        const { attempts, requestId, retryAfter, status } = error
        for (const [name, value] of Object.entries({ attempts, requestId, retryAfter, status })) {
          assert.strictEqual(Object.hasOwn(error, name), value !== undefined, name)
        }
      })

      it.effect("is caught by its tag", () =>
        Effect.gen(function*() {
          const failing: Effect.Effect<never, PineconeError.ListError> = Effect.fail(error)
          const caught = yield* Effect.catchTag(failing, error._tag, (caught) => Effect.succeed(caught))
          assert.strictEqual(caught, error)
        }))

      it.effect("fails the effect that yields it", () =>
        Effect.gen(function*() {
          const failing = Effect.fnUntraced(function*(isBroken: boolean) {
            if (isBroken) return yield* error
            return "fine"
          })
          const caught = yield* Effect.flip(failing(true))
          assert.strictEqual(caught, error)
        }))

      it.effect("survives encoding to a JSON string", () =>
        Effect.gen(function*() {
          const codec = Schema.fromJsonString(
            Schema.toCodecJson(schema as Schema.Codec<PineconeError.ListError, unknown>)
          )
          const text = yield* Schema.encodeEffect(codec)(error)
          const back = yield* Schema.decodeEffect(codec)(text)

          assert.instanceOf(back, error.constructor as never)
          assert.isTrue(PineconeError.isListError(back))
          assert.deepStrictEqual(fieldsOf(back), fieldsOf(error))
          assert.strictEqual(back.category, error.category)
          assert.strictEqual(back.isRetryable, error.isRetryable)
        }))
    })
  }
})

/** The printed error without the stack. */
const fieldsOf = (error: PineconeError.ListError): Readonly<Record<string, unknown>> => {
  const { stack: _, ...fields } = Object.fromEntries(
    Object.getOwnPropertyNames(error).map((name) => [name, Reflect.get(error, name)])
  )
  return fields
}

describe("error classes without a code", () => {
  it.each(
    [
      ["ConnectionFailed", "transport", true],
      ["RequestTimedOut", "transport", true],
      ["MalformedResponse", "protocol", false],
      ["PaginationLoop", "protocol", false],
      ["InvalidInput", "validation", false],
      ["HostRefused", "protocol", false]
    ] as const
  )("%s has category %s and isRetryable %s", (name, category, isRetryable) => {
    const [error] = samples.find(([error]) => error._tag === `Pinecone${name}`)!
    assert.strictEqual(error.category, category)
    assert.strictEqual(error.isRetryable, isRetryable)
  })
})

describe("PineconeError.isPineconeError", () => {
  it.each([
    [null],
    [undefined],
    ["NotFound"],
    [{ _tag: "PineconeNotFound" }],
    [new Error("NotFound")],
    [PineconeError.NotFound],
    [Object.assign(new Error(), { _tag: "PineconeNotFound", code: "NOT_FOUND", status: 404 })]
  ])("returns false for %s", (value) => {
    assert.isFalse(PineconeError.isPineconeError(value))
  })
})
