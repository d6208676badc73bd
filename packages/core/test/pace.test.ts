import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Pace from "../src/internal/transport/pace.ts"
import * as Long from "./long.ts"
import { element, int } from "./support.ts"

const limits: Pace.Limits = { initial: 10, min: 1, max: 100, burst: 10 }

/** Returns a pace after a number of responses to requests of that time, while other requests wait. */
const afterAnswers = (pace: Pace.Pace, count: number, takenAt: number): Pace.Pace =>
  Array.from({ length: count }).reduce<Pace.Pace>((pace) => Pace.answered(pace, limits, takenAt, true), pace)

/**
 * Simulates a service that accepts `limit` requests per second and rejects further requests in the same second, for
 * `seconds`. Each of `concurrency` callers sends its next request after the response to the previous request.
 */
const saturate = (
  limits: Pace.Limits,
  { concurrency, latency, limit, seconds }: {
    readonly concurrency: number
    readonly latency: number
    readonly limit: number
    readonly seconds: number
  }
) => {
  let pace = Pace.make(limits)
  let window = { start: 0, count: 0 }
  const sent: Array<number> = []
  const answers: Array<number> = []
  const refusals: Array<number> = []
  /** The times at which callers are ready to send, and the outcomes to report. */
  const ready = Array.from({ length: concurrency }, () => 0)
  const told: Array<{ readonly at: number; readonly tell: () => void }> = []
  for (let now = 0; now < seconds * 1_000; now++) {
    while (told[0] !== undefined && told[0].at <= now) told.shift()!.tell()
    while (ready.some((at) => at <= now)) {
      const taken = Pace.take(pace, now)
      pace = taken.pace
      if (taken.wait > 0) break
      const [readySince = now] = ready.splice(ready.findIndex((at) => at <= now), 1)
      sent.push(now)
      if (now >= window.start + 1_000) window = { start: now, count: 0 }
      const isRefused = ++window.count > limit
      const retryAfter = window.start + 1_000 - now
      const takenAt = now
      const hadToWait = readySince < now
      const at = now + latency
      told.push({
        at,
        tell: () => {
          pace = isRefused
            ? Pace.refused(pace, limits, takenAt, at, retryAfter)
            : Pace.answered(pace, limits, takenAt, hadToWait || ready.some((at) => at <= now))
          ready.push(isRefused ? at + retryAfter : at)
          ;(isRefused ? refusals : answers).push(at)
        }
      })
    }
  }
  return { pace, sent, answers, refusals }
}

describe("Pace", () => {
  it("starts with the burst, and continues evenly", () => {
    let pace = Pace.make(limits)
    const times: Array<number> = []
    for (let now = 0; times.length < 13;) {
      const taken = Pace.take(pace, now)
      pace = taken.pace
      if (taken.wait === 0) times.push(now)
      now += taken.wait
    }
    assert.deepStrictEqual(times, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 200, 300])
  })

  it("doubles after as many responses as its rate, up to the maximum", () => {
    const pace = Pace.make(limits)
    assert.strictEqual(afterAnswers(pace, 10, 0).rate, 20)
    assert.strictEqual(afterAnswers(pace, 30, 0).rate, 40)
    assert.strictEqual(afterAnswers(pace, 1_000, 0).rate, 100)
  })

  it("halves its rate after a 429, once for all requests sent before it was known", () => {
    const fast = afterAnswers(Pace.make(limits), 70, 0)
    const once = Pace.refused(fast, limits, 900, 1_000, 0)
    assert.deepStrictEqual([once.rate, once.saved], [40, 0])
    assert.strictEqual(Pace.refused(once, limits, 1_000, 1_010, 0), once)
    // Responses to earlier requests are not evidence for the current rate.
    assert.strictEqual(Pace.answered(once, limits, 1_000, true), once)
    assert.strictEqual(Pace.refused(once, limits, 1_001, 1_010, 0).rate, 20)
  })

  it("keeps its rate while no request is waiting, before and after a 429", () => {
    const pace = Pace.make(limits)
    assert.strictEqual(Pace.answered(pace, limits, 0, false), pace)
    const refused = Pace.refused(pace, limits, 0, 0, 0)
    assert.strictEqual(Pace.answered(refused, limits, 1_000, false), refused)
  })

  it("keeps the minimum rate, and recovers from it", () => {
    let pace = Pace.make(limits)
    for (let now = 1; now < 100; now++) pace = Pace.refused(pace, limits, now, now, 0)
    assert.strictEqual(pace.rate, 1)
    // 5% of the rate each second.
    assert.approximately(afterAnswers(pace, 20, 100).rate, 2, 1e-6)
    assert.strictEqual(afterAnswers(pace, 2_000, 100).rate, 100)
  })

  it("pauses for the longest requested delay", () => {
    const pace = [[500, 10_000], [1_000, 30_000], [900, 0]].reduce(
      (pace, [takenAt = 0, pause = 0]) => Pace.refused(pace, limits, takenAt, 1_000, pause),
      Pace.make(limits)
    )
    assert.strictEqual(Pace.take(pace, 1_000).wait, 30_000 + 200)
    assert.strictEqual(Pace.take(pace, 31_000).wait, 200)
    assert.strictEqual(Pace.take(pace, 31_200).wait, 0)
  })

  it("accumulates nothing during a pause, and admits one request after it", () => {
    const pace = Pace.refused(Pace.make(limits), limits, 0, 0, 60_000)
    const later = Pace.take(pace, 3_600_000)
    assert.strictEqual(later.wait, 0)
    assert.isAbove(Pace.take(later.pace, 3_600_000).wait, 0)
  })

  it("keeps a fixed rate", () => {
    const fixed: Pace.Limits = { initial: 10, min: 10, max: 10, burst: 10 }
    const refused = Pace.refused(Pace.make(fixed), fixed, 0, 0, 1_000)
    assert.strictEqual(refused.rate, 10)
    assert.strictEqual(Pace.answered(refused, fixed, 2_000, true).rate, 10)
  })

  // The first minute is for finding the limit.
  it.prop(
    "finds the limit of a service, with few rejected requests",
    [int(2, 100), int(1, 200), element(1, 8, 64), element(1, 10, 100)],
    ([limit, latency, concurrency, burst]) => {
      const { answers, refusals } = saturate({ ...limits, burst }, { concurrency, latency, limit, seconds: 120 })
      const late = (times: ReadonlyArray<number>) => times.filter((at) => at >= 60_000).length
      const possible = 60 * Math.min(limit, concurrency * 1_000 / (latency + 1))
      assert.isAtLeast(late(answers), 0.55 * possible)
      assert.isAtMost(late(refusals), 2 + 0.1 * late(answers))
    },
    { arbitrary: { runs: Long.runs(100) } }
  )

  it.prop(
    "never exceeds its bounds, regardless of the outcomes",
    [
      Arbitrary.array(
        Arbitrary.all({
          event: element("answered", "refused", "take", "take", "take"),
          after: int(0, 500),
          age: int(0, 1_000),
          pause: element(0, 100, 5_000),
          isHeldUp: element(true, false)
        }),
        { minLength: 50, maxLength: 300 }
      ),
      element(limits, { initial: 5, min: 0.5, max: 5, burst: 1 }, { initial: 1, min: 1, max: 1_000, burst: 100 })
    ],
    ([events, limits]) => {
      let pace = Pace.make(limits)
      let now = 0
      let until = 0
      const sent: Array<number> = []
      for (const { after, age, event, isHeldUp, pause } of events) {
        now += after
        if (event === "answered") pace = Pace.answered(pace, limits, now - age, isHeldUp)
        if (event === "refused") {
          pace = Pace.refused(pace, limits, now - age, now, pause)
          until = Math.max(until, now + pause)
        }
        if (event === "take") {
          let taken = Pace.take(pace, now)
          while (taken.wait === 0) {
            assert.isAtLeast(now, until)
            sent.push(now)
            taken = Pace.take(taken.pace, now)
          }
          pace = taken.pace
        }
        assert.isAtLeast(pace.rate, limits.min)
        assert.isAtMost(pace.rate, limits.max)
        assert.isAtMost(pace.saved, pace.capacity)
        assert.isAtMost(pace.capacity, limits.burst)
      }
      for (const [index, from] of sent.entries()) {
        for (let last = index; last < sent.length; last++) {
          const allowed = limits.burst + (sent[last]! - from) * limits.max / 1_000
          assert.isAtMost(last - index + 1, allowed + 1e-3)
        }
      }
    },
    { arbitrary: { runs: Long.runs(200) } }
  )
})
