import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as Random from "effect/Random"
import * as References from "effect/References"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Tracer from "effect/Tracer"
import type * as PineconeClient from "../src/PineconeClient.ts"
import * as RateLimit from "../src/RateLimit.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import * as Long from "./long.ts"
import {
  type Answer,
  apiKey,
  assertTag,
  backup,
  backupId,
  backups,
  type Call,
  collectSpans,
  envelope,
  fastForward,
  history,
  indexes,
  indexName,
  int,
  json,
  operations,
  row,
  schedule,
  scheduleId,
  schedules,
  script,
  scriptWith,
  services,
  unnamed
} from "./support.ts"

// ============================================================================
// Observation
// ============================================================================

const chance = (...numbers: ReadonlyArray<number>) => {
  let count = 0
  const next = () => numbers[count++ % numbers.length]!
  return { nextDoubleUnsafe: next, nextIntUnsafe: next }
}

/** Runs a call to its end and returns the times of each request and of the end. Every random number is one half. */
const observe = Effect.fnUntraced(function*(
  call: Call,
  answer: (index: number) => Answer,
  options?: Partial<PineconeClient.Options>
) {
  const start = yield* Clock.currentTimeMillis
  const since = Effect.map(Clock.currentTimeMillis, (now) => now - start)
  const times: Array<number> = []
  let method: string | undefined
  const http = scriptWith((sent) => {
    method ??= sent.method
    // Recovery lookups are forbidden here; they are tested in recovery.test.ts.
    if (sent.method !== method) return respond(403)
    return Effect.flatMap(since, (time) => {
      const index = times.length
      times.push(time)
      const next = answer(index)
      return Effect.isEffect(next) ? next : Effect.succeed(next)
    })
  })
  const result = yield* fastForward(
    Effect.result(Effect.provide(call, services(http, { retry: undefined, ...options })))
  ).pipe(Effect.provideService(Random.Random, chance(0.5)))
  return { times, result, end: yield* since, requests: http.requests }
})

/** Like `observe`, for a call that fails. */
const failing = Effect.fnUntraced(function*(...parameters: Parameters<typeof observe>) {
  const { result, ...observed } = yield* observe(...parameters)
  assert.isTrue(result._tag === "Failure", "the call succeeds")
  if (result._tag === "Success") return assert.fail()
  const error = result.failure
  return { ...observed, error, attempts: error.attempts }
})

// ============================================================================
// Responses
// ============================================================================

const respond = (status: number, headers: Record<string, string> = {}) => new Response("no", { status, headers })

const broken = (code: string, syscall = "read") =>
  Effect.fail(
    new HttpClientError.HttpClientError({
      reason: new HttpClientError.TransportError({
        request: HttpClientRequest.get("https://api.pinecone.io"),
        cause: Object.assign(new Error("fetch failed"), { code, syscall })
      })
    })
  )

const reset = broken("ECONNRESET")

const brokenBody = () =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("{\"backup_id\":"))
        controller.error(new Error("terminated"))
      }
    })
  )

/** A call for each HTTP method, with a successful response. */
const get = { method: "GET", call: backups((_) => _.describe(backupId)), success: () => json(backup) }
const del = {
  method: "DELETE",
  call: backups((_) => _.delete(backupId)),
  success: () => new Response(null, { status: 202 })
}
const post = { method: "POST", call: backups((_) => _.create(indexName)), success: () => json(unnamed) }
const patch = {
  method: "PATCH",
  call: schedules((_) => _.update(scheduleId, { enabled: false })),
  success: () => json({ ...schedule, enabled: false })
}
const methods = [get, del, post, patch]

const isRepeatable = (method: string) => method === "GET" || method === "DELETE"

/** The times of the requests of a call with three retries: half of 500, 1,000 and 2,000 ms apart. */
const fourTimes = [0, 250, 750, 1_750]

// ============================================================================
// Retries
// ============================================================================

describe("the status of a response", () => {
  /** The number of requests for a permanent status: for GET and DELETE, and for POST and PATCH. */
  const table: ReadonlyArray<readonly [status: number, safe: number, unsafe: number]> = [
    [400, 1, 1],
    [401, 1, 1],
    [402, 1, 1],
    [403, 1, 1],
    [404, 1, 1],
    [405, 1, 1],
    [408, 4, 1],
    [409, 1, 1],
    [410, 1, 1],
    [412, 1, 1],
    [413, 1, 1],
    [418, 1, 1],
    [422, 1, 1],
    [425, 1, 1],
    [429, 4, 4],
    [499, 1, 1],
    [500, 4, 1],
    [501, 1, 1],
    [502, 4, 1],
    [503, 4, 1],
    [504, 4, 1],
    [525, 4, 1],
    [599, 4, 1]
  ]

  for (const { call, method } of methods) {
    for (const [status, safe, unsafe] of table) {
      const count = isRepeatable(method) ? safe : unsafe
      it.effect(`ends after attempt ${count}: ${status} to ${method}`, () =>
        Effect.gen(function*() {
          const { attempts, error, times } = yield* failing(call, () => respond(status))
          assert.deepStrictEqual(times, fourTimes.slice(0, count))
          assert.strictEqual(attempts, count)
          assert.strictEqual(error.status, status)
        }))
    }
  }

  it.effect("takes precedence over the code of the envelope", () =>
    Effect.gen(function*() {
      for (
        const [status, code, count] of [
          [429, "QUOTA_EXCEEDED", 4],
          [403, "QUOTA_EXCEEDED", 1],
          [400, "UNAVAILABLE", 1],
          [503, "INVALID_ARGUMENT", 4],
          [501, "UNAVAILABLE", 1]
        ] as const
      ) {
        const { times } = yield* failing(get.call, () => json(envelope(code, "no"), { status }))
        assert.strictEqual(times.length, count, `${status} ${code}`)
      }
    }))

  it.effect("does not cause a retry of an unreadable success", () =>
    Effect.gen(function*() {
      const { error, times } = yield* failing(get.call, () => json([]))
      assertTag(error, "PineconeMalformedResponse")
      assert.deepStrictEqual(times, [0])
    }))
})

describe("every operation", () => {
  for (const { call, method, operation } of operations) {
    it.effect(`${method} is retried after 503 only if it is a read or deletion, and always after 429`, () =>
      Effect.gen(function*() {
        const unavailable = yield* failing(call, () => respond(503))
        const count = isRepeatable(unavailable.requests[0]!.method) ? 4 : 1
        assert.deepStrictEqual(unavailable.times, fourTimes.slice(0, count))
        assert.strictEqual(unavailable.error.operation, operation)

        const throttled = yield* failing(call, () => respond(429))
        assert.deepStrictEqual(throttled.times, fourTimes)
        // The same request, to the last byte.
        assert.deepStrictEqual(throttled.requests, throttled.requests.map(() => throttled.requests[0]!))
      }))
  }
})

describe("a write without a response to any attempt", () => {
  it.effect.each(methods.filter(({ method }) => method !== "GET"))(
    "is in doubt: $method",
    ({ call }) =>
      Effect.gen(function*() {
        for (const answer of [() => respond(503), () => reset, brokenBody]) {
          const { error } = yield* failing(call, answer)
          assert.isTrue("inDoubt" in error && error.inDoubt)
          assert.isFalse(error.isRetryable)
        }
        for (const answer of [() => respond(429), () => respond(400), () => broken("ECONNREFUSED", "connect")]) {
          const { error } = yield* failing(call, answer)
          assert.isUndefined("inDoubt" in error ? error.inDoubt : undefined)
        }
      })
  )
})

describe("a request without a response", () => {
  for (const { call, method } of methods) {
    const count = isRepeatable(method) ? 4 : 1

    it.effect(`ends after attempt ${count} with failed connections: ${method}`, () =>
      Effect.gen(function*() {
        const { attempts, error, times } = yield* failing(call, () => reset)
        assertTag(error, "PineconeConnectionFailed")
        assert.deepStrictEqual(times, fourTimes.slice(0, count))
        assert.strictEqual(attempts, count)
      }))

    it.effect(`ends after attempt ${count} with timeouts: ${method}`, () =>
      Effect.gen(function*() {
        const { attempts, error, times } = yield* failing(call, () => Effect.never, { requestTimeout: "1 second" })
        assertTag(error, "PineconeRequestTimedOut")
        assert.deepStrictEqual(times, [0, 1_250, 2_750, 4_750].slice(0, count))
        assert.strictEqual(attempts, count)
      }))
  }

  it.effect("ends after attempt 4 with incomplete responses", () =>
    Effect.gen(function*() {
      const { error, times } = yield* failing(get.call, brokenBody)
      assertTag(error, "PineconeConnectionFailed")
      assert.deepStrictEqual(times, fourTimes)
    }))
})

describe("a success", () => {
  for (const { call, method, success } of methods) {
    it.effect.each([0, 1, 2, 3])(
      `is returned after %s responses with 429: ${method}`,
      (failures) =>
        Effect.gen(function*() {
          const { result, times } = yield* observe(call, (index) => index < failures ? respond(429) : success())
          assert.strictEqual(result._tag, "Success")
          assert.deepStrictEqual(times, fourTimes.slice(0, failures + 1))
        })
    )
  }

  it.effect("is not reached after 4 failures", () =>
    Effect.gen(function*() {
      const { attempts, times } = yield* failing(get.call, (index) => index < 4 ? respond(503) : json(backup))
      assert.deepStrictEqual(times, fourTimes)
      assert.strictEqual(attempts, 4)
    }))

  it.effect("is returned after failures of every kind", () =>
    Effect.gen(function*() {
      const answers = [respond(408), reset, brokenBody(), json(backup)]
      const { result, times } = yield* observe(get.call, (index) => answers[index]!)
      assert.strictEqual(result._tag, "Success")
      assert.deepStrictEqual(times, fourTimes)
    }))
})

describe("a final failure", () => {
  it.effect("ends the retries", () =>
    Effect.gen(function*() {
      const { attempts, error, times } = yield* failing(get.call, (index) => respond(index === 0 ? 503 : 403))
      assertTag(error, "PineconePermissionDenied")
      assert.deepStrictEqual(times, [0, 250])
      assert.strictEqual(attempts, 2)
    }))

  it.effect("ends the retries of a POST after a 429", () =>
    Effect.gen(function*() {
      const { attempts, error, times } = yield* failing(post.call, (index) => respond(index === 0 ? 429 : 500))
      assertTag(error, "PineconeUnknown")
      assert.deepStrictEqual(times, [0, 250])
      assert.strictEqual(attempts, 2)
    }))

  it.effect("is returned with all of its fields", () =>
    Effect.gen(function*() {
      const { error } = yield* failing(get.call, (index) =>
        json(envelope("UNKNOWN", `no ${index}`), {
          status: 500 + index % 3 * 2,
          headers: { "x-request-id": `r${index}` }
        }))
      assertTag(error, "PineconeUnknown")
      assert.strictEqual(error.message, "no 3")
      assert.strictEqual(error.requestId, "r3")
      assert.strictEqual(error.status, 500)
    }))
})

describe("a page of a stream", () => {
  it.effect("is retried separately", () =>
    Effect.gen(function*() {
      const answers = [
        json({ data: [row("a")], pagination: { next: "2" } }),
        respond(503),
        reset,
        json({ data: [row("b")], pagination: null })
      ]
      const http = script(...answers)
      const runs = yield* history().pipe(
        Stream.runCollect,
        Effect.provide(services(http, { retry: undefined })),
        fastForward
      )
      assert.deepStrictEqual(runs.map((run) => run.backupId as string), ["a", "b"])
      assert.deepStrictEqual(http.requests.map((sent) => new URL(sent.url).search), [
        "?limit=100",
        "?paginationToken=2",
        "?paginationToken=2",
        "?paginationToken=2"
      ])
    }))
})

// ============================================================================
// Times
// ============================================================================

describe("Retry-After", () => {
  // 2026-01-01T00:00:00Z
  const now = 1_767_225_600_000

  for (
    const { call, method, status, success } of [
      { ...get, status: 503 },
      { ...del, status: 503 },
      ...methods.map((row) => ({ ...row, status: 429 }))
    ]
  ) {
    it.effect.each<[string, number]>([
      ["2", 2_000],
      [" 7 ", 7_000],
      // Shorter than the delay, which is kept.
      ["0", 250],
      ["Thu, 01 Jan 2026 00:00:05 GMT", 5_000],
      ["Wed, 31 Dec 2025 23:59:00 GMT", 250],
      ["60", 60_000],
      // Not a valid value, so the delay is random.
      ["-1", 250],
      ["soon", 250],
      ["1.5", 250],
      ["", 250]
    ])(`of %s after ${status} to ${method} delays the retry by %s ms`, ([retryAfter, delay]) =>
      Effect.gen(function*() {
        yield* TestClock.setTime(now)
        const { result, times } = yield* observe(
          call,
          (index) => index === 0 ? respond(status, { "retry-after": retryAfter }) : success()
        )
        assert.strictEqual(result._tag, "Success")
        assert.deepStrictEqual(times, [0, delay])
      }))

    it.effect.each(["61", "86400", "Fri, 02 Jan 2026 00:00:00 GMT", "9".repeat(300)])(
      `of %s after ${status} to ${method} exceeds the policy and ends the retries`,
      (retryAfter) =>
        Effect.gen(function*() {
          yield* TestClock.setTime(now)
          const { end, error, times } = yield* failing(call, () => respond(status, { "retry-after": retryAfter }))
          assert.deepStrictEqual(times, [0])
          assert.strictEqual(end, 0)
          assert.strictEqual(error.status, status)
          assert.isTrue(error.retryAfter !== undefined && Duration.toMillis(error.retryAfter) > 60_000)
          const hint = "hint" in error ? error.hint : undefined
          assert.match(
            hint ?? "",
            /^the service requested a delay of .+, more than the retry policy allows$/
          )
        })
    )
  }

  it.effect("does not cause a retry by itself", () =>
    Effect.gen(function*() {
      for (const { call } of [post, patch]) {
        const { error, times } = yield* failing(call, () => respond(503, { "retry-after": "1" }))
        assert.deepStrictEqual(times, [0])
        assert.isTrue(error.retryAfter !== undefined && Duration.toMillis(error.retryAfter) === 1_000)
      }
    }))

  it.effect("is in the hint only if it is the reason for not retrying", () =>
    Effect.gen(function*() {
      const hintOf = (
        call: Call,
        headers: Record<string, string>,
        retry: Partial<RetryPolicy.RetryPolicy> = {},
        status = 503
      ) =>
        Effect.map(
          failing(call, () => respond(status, headers), { retry: { ...RetryPolicy.defaultPolicy, ...retry } }),
          ({ error }) => "hint" in error ? error.hint : undefined
        )
      const long = { "retry-after": "90" }
      const told = "the service requested a delay of 1m 30s, more than the retry policy allows"
      assert.strictEqual(yield* hintOf(get.call, long), told)
      // The policy allows the delay, but the remaining time does not.
      assert.strictEqual(yield* hintOf(get.call, long, { maxRetryAfter: "1 hour", deadline: "80 seconds" }), told)
      // No attempt is left, regardless of the delay.
      assert.isUndefined(yield* hintOf(get.call, long, { times: 0 }))
      assert.isUndefined(yield* hintOf(get.call, { "retry-after": "1" }))
      assert.isUndefined(yield* hintOf(get.call, long, {}, 404))
    }))

  it.effect("is measured from the response, not from the request", () =>
    Effect.gen(function*() {
      const { times } = yield* observe(get.call, (index) =>
        index === 0
          ? Effect.delay(Effect.sync(() => respond(503, { "retry-after": "2" })), "10 seconds")
          : json(backup))
      assert.deepStrictEqual(times, [0, 12_000])
    }))
})

describe("the deadline", () => {
  it.effect("ends the retries with the last error", () =>
    Effect.gen(function*() {
      const { attempts, end, error, times } = yield* failing(
        get.call,
        () => respond(503, { "retry-after": "60" })
      )
      // The third request would be sent after exactly two minutes.
      assert.deepStrictEqual(times, [0, 60_000])
      assert.strictEqual(end, 60_000)
      assert.strictEqual(attempts, 2)
      assertTag(error, "PineconeServiceUnavailable")
    }))

  it.effect("aborts the last request", () =>
    Effect.gen(function*() {
      const { attempts, end, error, times } = yield* failing(get.call, () => Effect.never)
      assert.deepStrictEqual(times, [0, 30_250, 60_750, 91_750])
      assert.strictEqual(end, 120_000)
      assert.strictEqual(attempts, 4)
      assertTag(error, "PineconeRequestTimedOut")
      assert.strictEqual(Duration.toMillis(error.timeout), 28_250)
    }))

  it.effect("applies to a single request, too", () =>
    Effect.gen(function*() {
      const { end, error, times } = yield* failing(post.call, () => Effect.never, { requestTimeout: "1 hour" })
      assertTag(error, "PineconeRequestTimedOut")
      assert.deepStrictEqual(times, [0])
      assert.strictEqual(end, 120_000)
    }))

  it.effect("can be set by the caller", () =>
    Effect.gen(function*() {
      const { attempts, end, times } = yield* failing(get.call, () => respond(503), {
        retry: { ...RetryPolicy.defaultPolicy, times: 100, deadline: "1 second" }
      })
      assert.deepStrictEqual(times, [0, 250, 750])
      assert.strictEqual(end, 750)
      assert.strictEqual(attempts, 3)
    }))

  it.effect("is not exceeded by waiting for the rate limit", () =>
    Effect.gen(function*() {
      const rateLimit = yield* RateLimit.make({ limit: 1, window: "10 minutes" })
      const { attempts, error, times } = yield* failing(get.call, () => respond(503), { rateLimit })
      assert.deepStrictEqual(times, [0])
      assertTag(error, "PineconeServiceUnavailable")
      assert.strictEqual(attempts, 1)
    }))

  it.effect("applies to each page separately", () =>
    Effect.gen(function*() {
      const slowPage = (index: number) =>
        Effect.delay(
          Effect.sync(() => json({ data: [row(`${index}`)], pagination: index < 9 ? { next: `${index}` } : null })),
          "29 seconds"
        )
      const { result, times } = yield* observe(schedules((_) => _.history(scheduleId)), slowPage)
      assert.strictEqual(result._tag, "Success")
      assert.strictEqual(times.length, 10)
    }))
})

describe("the retry delay", () => {
  const bound = (index: number, base: number, max: number) => Math.min(base * 2 ** index, max)

  const chances = Arbitrary.array(
    Arbitrary.schema(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 0.999 }))),
    {
      minLength: 8,
      maxLength: 8
    }
  )

  it.effect.prop(
    "is a random part of a bound that doubles up to a maximum",
    [chances, int(1, 2_000), int(1, 30_000)],
    ([chances, base, max]) =>
      Effect.gen(function*() {
        const times: Array<number> = []
        const http = scriptWith(() =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            times.push(now)
            return respond(503)
          })
        )
        const start = yield* Clock.currentTimeMillis
        const retry = {
          ...RetryPolicy.defaultPolicy,
          times: 8,
          baseDelay: base,
          maxDelay: max,
          deadline: "Infinity"
        } as const
        yield* fastForward(Effect.result(Effect.provide(get.call, services(http, { retry })))).pipe(
          Effect.provideService(Random.Random, chance(...chances))
        )
        assert.strictEqual(times.length, 9)
        assert.strictEqual(times[0], start)
        for (const [index, part] of chances.entries()) {
          assert.approximately(times[index + 1]! - times[index]!, part * bound(index, base, max), 0.01)
        }
      }),
    { arbitrary: { runs: Long.runs(50) } }
  )

  it.effect("is between 0 and the bound for every random number", () =>
    Effect.gen(function*() {
      const http = scriptWith(() => respond(503))
      yield* fastForward(Effect.result(Effect.provide(get.call, services(http, { retry: undefined }))))
      assert.isAtMost(yield* Clock.currentTimeMillis, 3_500)
      assert.strictEqual(http.requests.length, 4)
    }))
})

// ============================================================================
// Policies
// ============================================================================

describe("a retry policy", () => {
  it.effect("without retries sends one request, regardless of the failure", () =>
    Effect.gen(function*() {
      for (const { call } of methods) {
        for (const answer of [() => respond(429), () => respond(503), () => reset, () => Effect.never]) {
          const { attempts, times } = yield* failing(call, answer, { retry: RetryPolicy.none })
          assert.deepStrictEqual(times, [0])
          assert.strictEqual(attempts, 1)
        }
      }
    }))

  it.effect("without retries keeps the timeout of the request", () =>
    Effect.gen(function*() {
      const { end } = yield* failing(get.call, () => Effect.never, {
        retry: RetryPolicy.none,
        requestTimeout: "1 hour"
      })
      assert.strictEqual(end, 3_600_000)
    }))

  it.effect("from the caller is honored in every field", () =>
    Effect.gen(function*() {
      const retry: RetryPolicy.RetryPolicy = {
        times: 5,
        baseDelay: "100 millis",
        maxDelay: "300 millis",
        maxRetryAfter: "1 second",
        deadline: "1 minute"
      }
      const { attempts, times } = yield* failing(
        get.call,
        (index) => respond(503, index === 3 ? { "retry-after": "1" } : {}),
        { retry }
      )
      assert.deepStrictEqual(times, [0, 50, 150, 300, 1_300, 1_450])
      assert.strictEqual(attempts, 6)
    }))
})

describe("an invalid retry policy", () => {
  it.effect.each<[string, Partial<RetryPolicy.RetryPolicy>]>([
    ["times", { times: -1 }],
    ["times", { times: 1.5 }],
    ["times", { times: Number.NaN }],
    ["times", { times: Number.POSITIVE_INFINITY }],
    ["baseDelay", { baseDelay: -1 }],
    ["baseDelay", { baseDelay: "soon" as never }],
    ["maxDelay", { maxDelay: -5 }],
    ["maxDelay", { maxDelay: Number.NaN }],
    ["maxRetryAfter", { maxRetryAfter: "-1 second" }],
    ["deadline", { deadline: "-1 minute" }],
    ["deadline", { deadline: 0 }]
  ])("is rejected for %s: %j", ([field, part]) =>
    Effect.gen(function*() {
      const http = script()
      const retry = { ...RetryPolicy.defaultPolicy, ...part }
      const error = yield* Effect.flip(Effect.provide(get.call, services(http, { retry })))
      assertTag(error, "PineconeInvalidInput")
      assert.strictEqual(error.operation, "PineconeClient.make")
      assert.strictEqual(error.field, `retry.${field}`)
      assert.deepStrictEqual(http.requests, [])
    }))
})

// ============================================================================
// Repeated deletions
// ============================================================================

describe("NotFound after deleting", () => {
  const deletes: ReadonlyArray<readonly [operation: string, call: Call]> = [
    ["BackupSchedules.delete", schedules((_) => _.delete(scheduleId))],
    ["Backups.delete", del.call],
    ["Indexes.delete", indexes((_) => _.delete(indexName))]
  ]

  const notFound = () => json(envelope("NOT_FOUND", "No such thing"), { status: 404 })

  for (const [operation, call] of deletes) {
    it.effect.each<[string, ReadonlyArray<() => Answer>]>([
      ["503", [() => respond(503)]],
      ["500", [() => respond(500)]],
      ["408", [() => respond(408)]],
      ["a failed connection", [() => reset]],
      ["an incomplete response", [brokenBody]],
      ["a timeout", [() => Effect.never]],
      ["429 and 503", [() => respond(429), () => respond(503)]],
      ["503 and 429", [() => respond(503), () => respond(429)]],
      ["503 three times", [() => respond(503), () => respond(503), () => respond(503)]]
    ])(
      `is a success after an attempt that may have deleted the resource, %s: ${operation}`,
      ([_, before]) =>
        Effect.gen(function*() {
          const { result, times } = yield* observe(call, (index) => (before[index] ?? notFound)())
          assert.isTrue(result._tag === "Success" && result.success === undefined)
          assert.strictEqual(times.length, before.length + 1)
        })
    )

    it.effect.each<[string, ReadonlyArray<() => Answer>]>([
      ["no attempt", []],
      ["429", [() => respond(429)]],
      ["a refused connection", [() => broken("ECONNREFUSED", "connect")]],
      ["an unknown host", [() => broken("ENOTFOUND")]],
      ["429 three times", [() => respond(429), () => respond(429), () => respond(429)]]
    ])(
      `is an error after attempts that had no effect, %s: ${operation}`,
      ([_, before]) =>
        Effect.gen(function*() {
          const { attempts, error } = yield* failing(call, (index) => (before[index] ?? notFound)())
          assertTag(error, "PineconeNotFound")
          assert.strictEqual(error.operation, operation)
          assert.strictEqual(attempts, before.length + 1)
        })
    )

    it.effect(`does not hide a different error: ${operation}`, () =>
      Effect.gen(function*() {
        const { error } = yield* failing(call, (index) => respond(index === 0 ? 503 : 412))
        assertTag(error, "PineconeFailedPrecondition")
      }))
  }

  it.effect("is tracked for each call", () =>
    Effect.gen(function*() {
      const first = yield* observe(del.call, (index) => index === 0 ? respond(503) : notFound())
      assert.strictEqual(first.result._tag, "Success")
      const { error } = yield* failing(del.call, notFound)
      assertTag(error, "PineconeNotFound")
    }))

  it.effect("remains an error for a read", () =>
    Effect.gen(function*() {
      const { attempts, error } = yield* failing(get.call, (index) => index === 0 ? respond(503) : notFound())
      assertTag(error, "PineconeNotFound")
      assert.strictEqual(attempts, 2)
    }))
})

// ============================================================================
// Interruption
// ============================================================================

describe("an interruption", () => {
  it.effect("during the delay sends nothing more", () =>
    Effect.gen(function*() {
      const http = scriptWith(() => respond(503, { "retry-after": "10" }))
      const fiber = yield* Effect.forkChild(Effect.provide(get.call, services(http, { retry: undefined })))
      // Reading the response takes several turns of the event loop.
      yield* Effect.repeat(TestClock.adjust(1), { times: 10 })
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual(http.requests.length, 1)

      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(http.requests.length, 1)
    }))

  it.effect("during a retry aborts the request and sends nothing more", () =>
    Effect.gen(function*() {
      const http = scriptWith((_, index) => index === 0 ? reset : Effect.never)
      const fiber = yield* Effect.forkChild(Effect.provide(get.call, services(http, { retry: undefined })))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(http.requests.length, 2)

      yield* Fiber.interrupt(fiber)
      assert.isTrue(http.signals[1]!.aborted)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(http.requests.length, 2)
    }))
})

// ============================================================================
// Metrics
// ============================================================================

describe("metrics", () => {
  /** The counted values, by name and attributes. */
  const counted = Effect.map(Metric.snapshot, (snapshot) =>
    Object.fromEntries<unknown>(
      snapshot.map((metric) => [
        `${metric.id} ${JSON.stringify(metric.attributes)}`,
        metric.type === "Histogram"
          ? [metric.state.count, metric.state.min, metric.state.max, metric.state.sum]
          : metric.type === "Counter"
          ? metric.state.count
          : metric.type
      ])
    ))

  it.effect("count requests by operation and status, and retries and seconds by operation", () =>
    Effect.gen(function*() {
      const slow = Effect.delay(Effect.sync(() => respond(503)), "2 seconds")
      const answers = [slow, reset, respond(503), json(backup), respond(409)]
      const http = script(...answers)
      yield* Effect.gen(function*() {
        yield* get.call
        yield* Effect.flip(post.call)
      }).pipe(Effect.provide(services(http, { retry: undefined })), fastForward)

      assert.deepStrictEqual(yield* counted, {
        "pinecone_requests_total {\"operation\":\"Backups.describe\",\"status\":\"503\"}": 2,
        "pinecone_requests_total {\"operation\":\"Backups.describe\",\"status\":\"none\"}": 1,
        "pinecone_requests_total {\"operation\":\"Backups.describe\",\"status\":\"200\"}": 1,
        "pinecone_requests_total {\"operation\":\"Backups.create\",\"status\":\"409\"}": 1,
        "pinecone_retries_total {\"operation\":\"Backups.describe\"}": 3,
        "pinecone_request_duration_seconds {\"operation\":\"Backups.describe\"}": [4, 0, 2, 2],
        "pinecone_request_duration_seconds {\"operation\":\"Backups.create\"}": [1, 0, 0, 0]
      })
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map())))

  it.effect("count a request that times out", () =>
    Effect.gen(function*() {
      const http = scriptWith(() => Effect.never)
      yield* fastForward(Effect.flip(Effect.provide(get.call, services(http))))
      assert.deepStrictEqual(yield* counted, {
        "pinecone_requests_total {\"operation\":\"Backups.describe\",\"status\":\"none\"}": 1,
        "pinecone_request_duration_seconds {\"operation\":\"Backups.describe\"}": [1, 30, 30, 30]
      })
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map())))

  it.effect("do not count requests that are not sent", () =>
    Effect.gen(function*() {
      yield* Effect.flip(Effect.provide(backups((_) => _.describe("" as never)), services(script())))
      assert.deepStrictEqual(yield* counted, {})
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map())))
})

// ============================================================================
// Traces and logs
// ============================================================================

describe("the span", () => {
  const ids = [backupId, scheduleId, indexName, "9857add2-99d4-4399-870e-aa7f15d8d326"]

  for (const { call, method, operation, success } of operations) {
    it.effect(`of ${method} has the request without its IDs`, () =>
      Effect.gen(function*() {
        const { spans, tracer } = collectSpans()
        const http = script(
          success === undefined
            ? new Response(null, { status: 202, headers: { "x-request-id": "req-1" } })
            : json(success, { headers: { "x-request-id": "req-1" } })
        )
        yield* Effect.provide(call, services(http)).pipe(Effect.provideService(Tracer.Tracer, tracer))

        assert.deepStrictEqual(spans.map((span) => [span.name, span.kind]), [[operation, "client"]])
        const { "http.route": route, ...attributes } = Object.fromEntries(spans[0]!.attributes)
        assert.deepStrictEqual(attributes, {
          "http.request.method": http.requests[0]!.method,
          "http.response.status_code": success === undefined ? 202 : 200,
          "pinecone.attempts": 1,
          "pinecone.request_id": "req-1"
        })
        assert.match(String(route), /^(\/[a-z-]+|\/:[a-z_]+)+$/)
        assert.match(
          new URL(http.requests[0]!.url).pathname,
          new RegExp(`^${String(route).replaceAll(/:\w+/g, "[^/]+")}$`)
        )
        for (const id of ids) assert.notInclude(String(route), id)
      }))
  }

  it.effect("is shared by all retries", () =>
    Effect.gen(function*() {
      const { spans, tracer } = collectSpans()
      const http = script(
        new Response(null, { status: 503, headers: { "x-request-id": "req-1" } }),
        reset,
        new Response(null, { status: 500, headers: { "x-request-id": "req-2" } }),
        json(backup, { headers: { "x-pinecone-request-id": "req-3" } })
      )
      yield* Effect.provide(get.call, services(http, { retry: undefined })).pipe(
        Effect.provideService(Tracer.Tracer, tracer),
        fastForward
      )
      assert.strictEqual(spans.length, 1)
      assert.deepStrictEqual(Object.fromEntries(spans[0]!.attributes), {
        "http.request.method": "GET",
        "http.route": "/backups/:backup_id",
        "http.response.status_code": 200,
        "pinecone.attempts": 4,
        "pinecone.request_id": "req-3"
      })
    }))

  it.effect("of a failure counts its requests, too", () =>
    Effect.gen(function*() {
      const { spans, tracer } = collectSpans()
      yield* Effect.provide(get.call, services(scriptWith(() => reset), { retry: undefined })).pipe(
        Effect.flip,
        Effect.provideService(Tracer.Tracer, tracer),
        fastForward
      )
      assert.deepStrictEqual(Object.fromEntries(spans[0]!.attributes), {
        "http.request.method": "GET",
        "http.route": "/backups/:backup_id",
        "pinecone.attempts": 4
      })
    }))
})

describe("onRetry", () => {
  it.effect("is called before the delay of every retry, and at no other time", () =>
    Effect.gen(function*() {
      const told: Array<readonly [at: number, operation: string, tag: string, millis: number]> = []
      const http = scriptWith((_, index) =>
        index === 0
          ? new Response(null, { status: 429, headers: { "retry-after": "30" } })
          : index === 1
          ? reset
          : new Response(null, { status: 404 })
      )
      yield* get.call.pipe(
        Effect.provide(services(http, {
          retry: { ...RetryPolicy.defaultPolicy, baseDelay: 0 },
          onRetry: ({ delay, error, operation }) =>
            Effect.map(Clock.currentTimeMillis, (at) => {
              told.push([at, operation, error._tag, Duration.toMillis(delay)])
            })
        })),
        Effect.flip,
        fastForward
      )
      assert.deepStrictEqual(told, [
        [0, "Backups.describe", "PineconeResourceExhausted", 30_000],
        [30_000, "Backups.describe", "PineconeConnectionFailed", 0]
      ])
    }))
})

describe("the log", () => {
  it.effect("has a line at debug level for every retry, without the API key", () =>
    Effect.gen(function*() {
      const lines: Array<readonly [level: string, message: string]> = []
      const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
        lines.push([logLevel, String(message)])
      })
      yield* Effect.gen(function*() {
        yield* failing(get.call, (index) => index === 1 ? reset : respond(index === 0 ? 503 : 429))
        yield* failing(get.call, () => new Response(`key ${apiKey}`, { status: 501 }))
      }).pipe(
        Effect.provide(Logger.layer([logger])),
        Effect.provideService(References.MinimumLogLevel, "All")
      )
      assert.deepStrictEqual(lines, [
        ["Debug", "Backups.describe failed with PineconeServiceUnavailable and is retried in 250ms"],
        ["Debug", "Backups.describe failed with PineconeConnectionFailed and is retried in 500ms"],
        ["Debug", "Backups.describe failed with PineconeResourceExhausted and is retried in 1s"]
      ])
      assert.notInclude(JSON.stringify(lines), apiKey)
    }))
})
