import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import * as PineconeClient from "../src/PineconeClient.ts"
import * as PineconeError from "../src/PineconeError.ts"
import * as RateLimit from "../src/RateLimit.ts"
import * as RestoreJob from "../src/RestoreJob.ts"
import * as RestoreJobs from "../src/RestoreJobs.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import { describeJob, fastForward, json, type Script, scriptWith, services } from "./support.ts"

const describeMany = (count: number) =>
  Effect.flatMap(RestoreJobs.RestoreJobs, (jobs) =>
    Effect.forEach(
      Array.from({ length: count }, (_, index) => RestoreJob.RestoreJobId.make(`job-${index}`)),
      (id) => Effect.exit(jobs.describe(id)),
      { concurrency: "unbounded" }
    ))

const first = { isRetry: false }

/** A service that returns 404 by default, and records the time of each request. */
const timed = Effect.fnUntraced(function*(answer: (sent: Script["requests"][number]) => Response | undefined) {
  const start = yield* Clock.currentTimeMillis
  const times: Array<number> = []
  const http = scriptWith((sent) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      times.push(now - start)
      return answer(sent) ?? new Response(null, { status: 404 })
    })
  )
  return { http, times }
})

describe("RateLimit.make", () => {
  it.effect("keeps the tokens of interrupted waiters", () =>
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

  it.effect("keeps two limits independent", () =>
    Effect.gen(function*() {
      const make = RateLimit.make({ limit: 1, window: "1 minute" })
      const [one, other] = yield* Effect.all([make, make])
      yield* one.take(first)
      yield* other.take(first)
      // Neither had to wait, because the test clock does not advance.
      assert.notStrictEqual(one, other)
    }))

  it.effect("admits concurrent requests at its rate, and no request times out while it waits", () =>
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

  it.effect("counts retries", () =>
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

  it.effect("admits a retry before all first requests, regardless of their number", () =>
    Effect.gen(function*() {
      const seen = new Map<string, number>()
      // One request in ten gets a 429 once.
      const http = scriptWith(({ url }) => {
        seen.set(url, (seen.get(url) ?? 0) + 1)
        return new Response(null, { status: url.endsWith("0") && seen.get(url) === 1 ? 429 : 404 })
      })
      const rateLimit = yield* RateLimit.make({ limit: 2, window: "1 second" })
      const retry = { ...RetryPolicy.defaultPolicy, times: 1, deadline: "5 seconds" } as const
      const fiber = yield* Effect.forkChild(Effect.provide(describeMany(200), services(http, { rateLimit, retry })))
      yield* TestClock.adjust("3 minutes")
      const results = yield* Fiber.join(fiber)
      const failures = results.map((exit) => Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined)
      // The last of 200 requests waits for 100 seconds, which does not cost any request a retry.
      assert.deepStrictEqual(
        failures.filter((error) => !(error instanceof PineconeError.NotFound)),
        []
      )
      assert.strictEqual(http.requests.length, 220)
    }))

  it.effect("admits a retry before every first request, including one at the head of the queue", () =>
    Effect.gen(function*() {
      const rateLimit = yield* RateLimit.make({ limit: 1, window: "1 minute" })
      yield* rateLimit.take(first)
      const order: Array<string> = []
      const take = (name: string, isRetry: boolean) =>
        Effect.forkChild(Effect.andThen(rateLimit.take({ isRetry }), Effect.sync(() => order.push(name))))
      yield* take("first 1", false)
      yield* take("first 2", false)
      yield* TestClock.adjust("59 seconds")
      yield* take("retry 1", true)
      const givenUp = yield* take("retry that is given up", true)
      yield* take("retry 2", true)
      yield* TestClock.adjust("500 millis")
      yield* Fiber.interrupt(givenUp)
      yield* TestClock.adjust("1 minute")
      // The retry arrives while the first request is back at the head of its queue.
      yield* TestClock.adjust("59 seconds")
      yield* take("retry 3", true)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(order, ["retry 1", "retry 2", "retry 3", "first 1", "first 2"])
    }))

  it.effect("delays other requests up to the limit of the connection, regardless of the call", () =>
    Effect.gen(function*() {
      const { http, times } = yield* timed(({ url }) =>
        url.endsWith("patient") ? new Response(null, { status: 429, headers: { "retry-after": "3600" } }) : undefined
      )
      const rateLimit = yield* RateLimit.makeAdaptive()
      const patient = { ...RetryPolicy.defaultPolicy, maxRetryAfter: "2 hours", deadline: "3 hours", times: 1 } as const
      yield* fastForward(
        Effect.all([
          Effect.exit(PineconeClient.withOptions(describeJob("patient"), { retry: patient })),
          Effect.delay(Effect.exit(describeJob("other")), "1 second")
        ], { concurrency: 2 }).pipe(
          Effect.provide(services(http, { rateLimit, retry: RetryPolicy.defaultPolicy }))
        )
      )
      assert.deepStrictEqual(times, [0, 1_000, 3_600_000])
    }))

  it.effect("delays other requests up to the limit of the connection, even if the call does not wait", () =>
    Effect.gen(function*() {
      const { http, times } = yield* timed(({ url }) =>
        url.endsWith("hasty") ? new Response(null, { status: 429, headers: { "retry-after": "20" } }) : undefined
      )
      const rateLimit = yield* RateLimit.make({ limit: 1, window: "1 second" })
      const hasty = { ...RetryPolicy.defaultPolicy, maxRetryAfter: "1 second" } as const
      yield* fastForward(
        Effect.andThen(
          Effect.exit(PineconeClient.withOptions(describeJob("hasty"), { retry: hasty })),
          Effect.exit(describeJob("other"))
        ).pipe(Effect.provide(services(http, { rateLimit, retry: RetryPolicy.defaultPolicy })))
      )
      assert.deepStrictEqual(times, [0, 21_000])
    }))

  it.effect("delays all requests for the Retry-After of one request", () =>
    Effect.gen(function*() {
      const { http, times } = yield* timed(({ url }) =>
        url.endsWith("job-0") ? new Response(null, { status: 429, headers: { "retry-after": "20" } }) : undefined
      )
      const rateLimit = yield* RateLimit.make({ limit: 1, window: "1 second" })
      const fiber = yield* Effect.forkChild(Effect.provide(describeMany(4), services(http, { rateLimit })))
      yield* TestClock.adjust("30 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(times, [0, 21_000, 22_000, 23_000])
    }))

  it.effect("does not delay other requests for a Retry-After above the limit of the policy, and each request fails immediately", () =>
    Effect.gen(function*() {
      const { http, times } = yield* timed(() =>
        new Response(null, { status: 429, headers: { "retry-after": "3600" } })
      )
      const rateLimit = yield* RateLimit.make({ limit: 1, window: "1 second" })
      const retry = RetryPolicy.defaultPolicy
      const fiber = yield* Effect.forkChild(Effect.provide(describeMany(3), services(http, { rateLimit, retry })))
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(times, [0, 1_000, 2_000])
    }))

  it.effect("accepts any object with take, and reports outcomes to it", () =>
    Effect.gen(function*() {
      const log: Array<string> = []
      const rateLimit: RateLimit.RateLimit = {
        take: ({ isRetry }) =>
          Effect.sync(() => {
            log.push(isRetry ? "retry" : "first")
            return (outcome) =>
              Effect.sync(() => {
                const { _tag } = outcome
                log.push(_tag === "refused" ? `${_tag} ${String(outcome.retryAfter)}` : _tag)
              })
          })
      }
      const statuses = [429, 503, 429, 404]
      const http = scriptWith((_, index) =>
        new Response(null, { status: statuses[index]!, headers: index === 0 ? { "retry-after": "2" } : {} })
      )
      const retry = RetryPolicy.defaultPolicy
      yield* fastForward(Effect.provide(describeMany(1), services(http, { rateLimit, retry })))
      assert.deepStrictEqual(log, [
        "first",
        "refused 2000 millis",
        "retry",
        "failed",
        "retry",
        "refused undefined",
        "retry",
        "answered"
      ])
    }))

  it.effect("reports the outcome of every attempt, including interrupted attempts", () =>
    Effect.gen(function*() {
      const reports: Array<string> = []
      let inFlight = 0
      const rateLimit: RateLimit.RateLimit = {
        take: () =>
          Effect.delay(
            Effect.sync(() => {
              inFlight++
              return ({ _tag }) =>
                Effect.sync(() => {
                  inFlight--
                  reports.push(_tag)
                })
            }),
            "1 second"
          )
      }
      const http = scriptWith((_, index) => index === 1 ? new Response(null, { status: 503 }) : Effect.never)
      const retry = { ...RetryPolicy.defaultPolicy, baseDelay: 0 } as const
      const call = Effect.provide(describeJob(), services(http, { rateLimit, retry }))
      const interruptedAfter = Effect.fnUntraced(function*(millis: number) {
        const fiber = yield* Effect.forkChild(call)
        for (let passed = 0; passed < millis; passed += 100) yield* TestClock.adjust(100)
        yield* Fiber.interrupt(fiber)
        return reports.splice(0)
      })
      // During the first attempt, during the second attempt, and while waiting.
      assert.deepStrictEqual(yield* interruptedAfter(1_500), ["failed"])
      assert.deepStrictEqual(yield* interruptedAfter(2_500), ["failed", "failed"])
      assert.deepStrictEqual(yield* interruptedAfter(500), [])
      assert.strictEqual(inFlight, 0)
      assert.lengthOf(http.requests, 3)
    }))

  it.effect.each(
    [
      [{ limit: 0, window: "1 second" }, "limit: must be a whole number, 1 or more"],
      [{ limit: 1.5, window: "1 second" }, "limit: must be a whole number, 1 or more"],
      [{ limit: 1, window: "0 seconds" }, "window: must be a finite duration greater than 0"],
      [{ limit: 1, window: "Infinity" }, "window: must be a finite duration greater than 0"]
    ] as const
  )("rejects %j", ([options, message]) =>
    Effect.gen(function*() {
      const error = yield* Effect.match(RateLimit.make(options), {
        onFailure: (error) => error,
        onSuccess: () => undefined
      })
      assert.strictEqual(error?._tag, "PineconeInvalidInput")
      assert.strictEqual(error?.message, message)
    }))
})

describe("RateLimit.makeAdaptive", () => {
  /** Returns the times at which a number of requests is sent within ten seconds. */
  const sentBy = Effect.fnUntraced(function*(
    count: number,
    options: RateLimit.AdaptiveOptions,
    answer: (sent: Script["requests"][number]) => Response | undefined = () => undefined
  ) {
    const { http, times } = yield* timed(answer)
    const rateLimit = yield* RateLimit.makeAdaptive(options)
    const retry = RetryPolicy.defaultPolicy
    const fiber = yield* Effect.forkChild(Effect.provide(describeMany(count), services(http, { rateLimit, retry })))
    // In steps, so that timers do not all fire before the responses arrive.
    yield* Effect.forEach(Array.from({ length: 1_000 }), () => TestClock.adjust("10 millis"))
    yield* Fiber.interrupt(fiber)
    return times
  })

  const within = (times: ReadonlyArray<number>, from: number, to: number) =>
    times.filter((time) => time >= from && time < to).length

  it.effect("increases its rate up to the maximum until the first 429", () =>
    Effect.gen(function*() {
      const times = yield* sentBy(1_000, { max: 100 })
      assert.strictEqual(within(times, 0, 1), 10)
      assert.isBelow(within(times, 0, 1_000), 45)
      const last = within(times, 7_000, 8_000)
      assert.isAtLeast(last, 90)
      assert.isAtMost(last, 100)
    }))

  it.effect("halves its rate after a 429", () =>
    Effect.gen(function*() {
      let refused = false
      const times = yield* sentBy(1_000, { initial: 20, min: 5, max: 20, burst: 1 }, ({ url }) => {
        if (refused || !url.endsWith("job-50")) return undefined
        refused = true
        return new Response(null, { status: 429, headers: { "retry-after": "2" } })
      })
      assert.strictEqual(within(times, 0, 2_500), 50)
      // The last request, followed by two idle seconds.
      assert.strictEqual(within(times, 2_501, 4_500), 0)
      assert.approximately(within(times, 4_500, 5_500), 10, 1)
      assert.approximately(within(times, 9_000, 10_000), 12, 1)
    }))

  it.effect.each([1, 10])(
    "keeps its rate while no request is waiting: %s per minute",
    (count) =>
      Effect.gen(function*() {
        const rateLimit = yield* RateLimit.makeAdaptive({ burst: 10 })
        const answered = Effect.flatMap(rateLimit.take(first), (report) => report({ _tag: "answered" }))
        for (let minute = 0; minute < 90; minute++) {
          yield* Effect.replicateEffect(answered, count)
          yield* TestClock.adjust("1 minute")
        }
        // The accumulated requests, and then ten per second as at first.
        yield* Effect.replicateEffect(rateLimit.take(first), 10)
        const next = yield* Effect.forkChild(rateLimit.take(first))
        yield* TestClock.adjust("99 millis")
        assert.isUndefined(next.pollUnsafe())
        yield* TestClock.adjust("1 milli")
        assert.isDefined(next.pollUnsafe())
      })
  )

  it.effect("admits a single request without a delay", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* sentBy(1, { max: 0.5 }), [0])
    }))

  it.effect.each<[RateLimit.AdaptiveOptions, string]>([
    [{ max: 0 }, "max: must be a number greater than 0"],
    [{ max: Infinity }, "max: must be a number greater than 0"],
    [{ min: 0 }, "min: must be a number greater than 0, up to max"],
    [{ min: NaN }, "min: must be a number greater than 0, up to max"],
    [{ min: 101 }, "min: must be a number greater than 0, up to max"],
    [{ initial: 101 }, "initial: must be between min and max"],
    [{ initial: NaN }, "initial: must be between min and max"],
    [{ burst: 0 }, "burst: must be a whole number, 1 or more"],
    [{ burst: 1.5 }, "burst: must be a whole number, 1 or more"]
  ])("rejects %j", ([options, message]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(RateLimit.makeAdaptive(options))
      assert.strictEqual(error._tag, "PineconeInvalidInput")
      assert.strictEqual(error.message, message)
    }))
})
