import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Backups from "../src/Backups.ts"
import * as PineconeClient from "../src/PineconeClient.ts"
import * as RateLimit from "../src/RateLimit.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import {
  assertTag,
  backup,
  backups,
  describeJob,
  fastForward,
  history,
  indexName,
  jobId,
  json,
  operations,
  restoreJobs,
  row,
  scriptWith,
  services
} from "./support.ts"

// Options for single calls.

const never = () => scriptWith(() => Effect.never)
const busy = () => scriptWith(() => new Response("no", { status: 503 }))

/** Returns the error of an effect, and the milliseconds until it failed. */
const failing = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>) {
  const before = yield* Clock.currentTimeMillis
  const error = yield* Effect.flip(fastForward(effect))
  return { error, after: (yield* Clock.currentTimeMillis) - before }
})

const retry = { ...RetryPolicy.defaultPolicy, baseDelay: 0 } as const

describe("PineconeClient.withOptions", () => {
  it.effect("sets the timeout of a single request only", () =>
    Effect.gen(function*() {
      const slow = yield* failing(
        describeJob().pipe(
          PineconeClient.withOptions({ requestTimeout: "2 minutes" }),
          Effect.provide(services(never()))
        )
      )
      assertTag(slow.error, "PineconeRequestTimedOut")
      assert.deepStrictEqual([slow.after, slow.error.message], [120_000, "No complete response within 2m"])
      const both = yield* failing(
        PineconeClient.withOptions(describeJob(), { requestTimeout: "1 second" }).pipe(
          Effect.ignore,
          Effect.andThen(describeJob()),
          Effect.provide(services(never()))
        )
      )
      assert.strictEqual(both.after, 31_000)
    }))

  it.effect("enables and disables retries", () =>
    Effect.gen(function*() {
      const on = busy()
      yield* failing(Effect.provide(PineconeClient.withOptions(describeJob(), { retry }), services(on)))
      assert.lengthOf(on.requests, 4)
      const off = busy()
      yield* failing(
        Effect.provide(
          PineconeClient.withOptions(describeJob(), { retry: RetryPolicy.none }),
          services(off, { retry: undefined })
        )
      )
      assert.lengthOf(off.requests, 1)
    }))

  it.effect("limits a request including all retries", () =>
    Effect.gen(function*() {
      const http = never()
      const { after, error } = yield* failing(
        describeJob().pipe(
          PineconeClient.withOptions({ deadline: "40 seconds" }),
          Effect.provide(services(http, { retry }))
        )
      )
      assertTag(error, "PineconeRequestTimedOut")
      assert.deepStrictEqual([after, http.requests.length], [40_000, 2])
    }))

  it.effect("inherits other options from the surrounding withOptions", () =>
    Effect.gen(function*() {
      const http = busy()
      const { error } = yield* failing(
        describeJob().pipe(
          PineconeClient.withOptions({ requestTimeout: "1 second", retry: { ...retry, times: 2 } }),
          PineconeClient.withOptions({
            requestTimeout: "5 minutes",
            retry: { ...retry, times: 7 },
            deadline: "1 hour"
          }),
          Effect.provide(services(http))
        )
      )
      assert.lengthOf(http.requests, 3)
      assert.isTrue("attempts" in error && error.attempts === 3)
    }))

  it.effect("ignores undefined options, also inside another withOptions", () =>
    Effect.gen(function*() {
      const { after } = yield* failing(
        describeJob().pipe(
          PineconeClient.withOptions({ requestTimeout: undefined, retry: undefined, deadline: undefined }),
          PineconeClient.withOptions({ requestTimeout: "10 seconds", retry, deadline: "25 seconds" }),
          Effect.provide(services(never()))
        )
      )
      assert.strictEqual(after, 25_000)
    }))

  it.effect("limits waiting for the rate limit, and sends nothing after it", () =>
    Effect.gen(function*() {
      const rateLimit = yield* RateLimit.make({ limit: 1, window: "1 hour" })
      yield* rateLimit.take({ isRetry: false })
      for (const call of [restoreJobs((_) => _.describe(jobId)), backups((_) => _.create(indexName))]) {
        const http = never()
        const inTime = { deadline: "2 seconds", requestTimeout: "1 second" } as const
        const { after, error } = yield* failing(
          Effect.provide(PineconeClient.withOptions(call, inTime), services(http, { rateLimit, retry }))
        )
        assertTag(error, "PineconeRequestTimedOut")
        assert.strictEqual(after, 2_000)
        assert.deepStrictEqual(
          [error.message, error.attempts, error.inDoubt, error.isRetryable],
          ["Nothing was sent: the rate limit did not allow the request within 2s", 0, undefined, true]
        )
        assert.lengthOf(http.requests, 0)
      }
    }))

  it.effect("includes waiting for the rate limit in the time limit of the request", () =>
    Effect.gen(function*() {
      const rateLimit = yield* RateLimit.make({ limit: 1, window: "10 seconds" })
      const http = never()
      const { after, error } = yield* failing(
        Effect.andThen(
          rateLimit.take({ isRetry: false }),
          PineconeClient.withOptions(describeJob(), { deadline: "12 seconds" })
        ).pipe(Effect.provide(services(http, { rateLimit, retry })))
      )
      assertTag(error, "PineconeRequestTimedOut")
      assert.deepStrictEqual([after, error.attempts, http.requests.length], [12_000, 1, 1])
    }))

  it.effect("measures the deadline of a retry policy from the first request", () =>
    Effect.gen(function*() {
      const rateLimit = yield* RateLimit.make({ limit: 1, window: "10 seconds" })
      const { after, error } = yield* failing(
        Effect.andThen(
          rateLimit.take({ isRetry: false }),
          PineconeClient.withOptions(describeJob(), { retry: { ...retry, deadline: "2 seconds" } })
        ).pipe(Effect.provide(services(never(), { rateLimit })))
      )
      assertTag(error, "PineconeRequestTimedOut")
      assert.deepStrictEqual([after, error.attempts], [12_000, 1])
    }))

  it.effect("applies to every page of a stream, including prefetched pages", () =>
    Effect.gen(function*() {
      for (const prefetch of [0, 1]) {
        const http = scriptWith((_, index) =>
          index === 0
            ? json({ data: [row("a")], pagination: { next: "second" } })
            : Effect.never
        )
        const stream = history({ prefetch }).pipe(PineconeClient.withOptions({ requestTimeout: "3 seconds" }))
        const { after, error } = yield* failing(Effect.provide(Stream.runCollect(stream), services(http)))
        assertTag(error, "PineconeRequestTimedOut")
        assert.strictEqual(after, 3_000)
      }
    }))

  it.effect("applies to recovery lookups", () =>
    Effect.gen(function*() {
      const http = scriptWith(({ method }) => method === "POST" ? new Response(null, { status: 500 }) : Effect.never)
      const { after } = yield* failing(
        Backups.Backups.use((_) => _.create(indexName)).pipe(
          PineconeClient.withOptions({ requestTimeout: "1 second", deadline: "5 seconds" }),
          Effect.provide(services(http))
        )
      )
      assert.isAtMost(after, 6_000)
    }))

  it.effect.each<[field: string, options: PineconeClient.CallOptions]>([
    ["requestTimeout", { requestTimeout: 0 }],
    ["requestTimeout", { requestTimeout: Number.NaN }],
    ["deadline", { deadline: "-1 second" }],
    ["deadline", { deadline: "soon" as never }],
    ["retry.times", { retry: { ...retry, times: -1 } }],
    ["retry", { retry: 3 as never }]
  ])("rejects invalid options without sending anything: %s of %j", ([field, options]) =>
    Effect.gen(function*() {
      for (const { call, operation } of operations) {
        const http = scriptWith(() => json(backup))
        const error = yield* Effect.flip(Effect.provide(PineconeClient.withOptions(call, options), services(http)))
        assertTag(error, "PineconeInvalidInput")
        assert.deepStrictEqual([error.operation, error.field], [operation, field])
        assert.lengthOf(http.requests, 0)
      }
    }))

  it.effect("can be provided as a service for a whole program", () =>
    Effect.gen(function*() {
      const { after } = yield* failing(
        backups((_) => _.list()).pipe(
          Effect.provideService(PineconeClient.CurrentCallOptions, { requestTimeout: "7 seconds" }),
          Effect.provide(services(never()))
        )
      )
      assert.strictEqual(after, 7_000)
    }))
})
