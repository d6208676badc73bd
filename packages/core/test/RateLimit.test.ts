import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import * as RateLimit from "../src/RateLimit.ts"
import * as RestoreJob from "../src/RestoreJob.ts"
import * as RestoreJobs from "../src/RestoreJobs.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { json, scriptWith, services } from "./support.ts"

const describeMany = (count: number) =>
  Effect.flatMap(RestoreJobs.RestoreJobs, (jobs) =>
    Effect.forEach(
      Array.from({ length: count }, (_, index) => RestoreJob.RestoreJobId.make(`job-${index}`)),
      (id) => Effect.exit(jobs.describe(id)),
      { concurrency: "unbounded" }
    ))

const first = { isRetry: false }

describe("RateLimit", () => {
  it.effect("loses nothing to those who give up while they wait", () =>
    Effect.gen(function*() {
      const rateLimit = yield* RateLimit.make({ limit: 1, window: "10 seconds" })
      yield* rateLimit.take(first)
      const fibers = yield* Effect.forEach(
        Array.from({ length: 20 }),
        () => Effect.forkChild(Effect.timeoutOption(rateLimit.take(first), "1 second"))
      )
      yield* TestClock.adjust("1 second")
      yield* Fiber.joinAll(fibers)
      const next = yield* Effect.forkChild(rateLimit.take(first))
      yield* TestClock.adjust("10 seconds")
      assert.isDefined(next.pollUnsafe())
    }))

  it.effect("is not shared by two that are made", () =>
    Effect.gen(function*() {
      const make = RateLimit.make({ limit: 1, window: "1 minute" })
      const [one, other] = yield* Effect.all([make, make])
      yield* one.take(first)
      yield* other.take(first)
      // Neither had to wait: the clock of a test stands still.
      assert.notStrictEqual(one, other)
    }))

  it.effect("lets a fan-out through at its pace, and no request times out while it waits", () =>
    Effect.gen(function*() {
      const http = scriptWith(() => new Response(null, { status: 404 }))
      const rateLimit = yield* RateLimit.make({ limit: 10, window: "1 minute" })
      const fiber = yield* Effect.forkChild(
        Effect.provide(describeMany(30), services(http, { rateLimit, requestTimeout: "1 second" }))
      )
      yield* TestClock.adjust("0 seconds")
      assert.strictEqual(http.requests.length, 10)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(http.requests.length, 20)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(http.requests.length, 30)
      yield* Fiber.join(fiber)
    }))

  it.effect("counts repeated requests too", () =>
    Effect.gen(function*() {
      const http = scriptWith(() => json({}, { status: 429 }))
      const rateLimit = yield* RateLimit.make({ limit: 1, window: "10 seconds" })
      const retry = { ...RetryPolicy.defaultPolicy, baseDelay: "1 milli", times: 2 } as const
      const fiber = yield* Effect.forkChild(Effect.provide(describeMany(1), services(http, { rateLimit, retry })))
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(http.requests.length, 1)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(http.requests.length, 2)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(http.requests.length, 3)
      yield* Fiber.join(fiber)
    }))

  it.effect.each(
    [
      [{ limit: 0, window: "1 second" }, "limit: must be a whole number, 1 or more"],
      [{ limit: 1.5, window: "1 second" }, "limit: must be a whole number, 1 or more"],
      [{ limit: 1, window: "0 seconds" }, "window: must be a length of time"],
      [{ limit: 1, window: "Infinity" }, "window: must be a length of time"]
    ] as const
  )("refuses %j", ([options, message]) =>
    Effect.gen(function*() {
      const error = yield* Effect.match(RateLimit.make(options), {
        onFailure: (error) => error,
        onSuccess: () => undefined
      })
      assert.strictEqual(error?._tag, "PineconeInvalidInput")
      assert.strictEqual(error?.message, message)
    }))
})
