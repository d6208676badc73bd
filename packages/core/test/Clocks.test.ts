import { assert, describe, it } from "@effect/vitest"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Clocks from "@pinecone-backups/core/health/Clocks"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import * as Long from "./long.ts"
import { backup, element, index, int, json, oneOf, scriptWith, services } from "./support.ts"

const own = DateTime.makeUnsafe("2026-11-29T15:00:00Z")

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const reading = (offset: number, more: Partial<Clocks.Reading> = {}): Clocks.Reading => ({
  own,
  date: DateTime.add(own, { milliseconds: offset }),
  isCached: false,
  isSimulated: false,
  ...more
})

const cached = { isCached: true }

const simulated = { isSimulated: true }

const decide = (...readings: ReadonlyArray<Clocks.Reading>): Clocks.Verdict =>
  Clocks.decide(readings.reduce(Clocks.add, Clocks.none), own)

/** A verdict, as offsets from the clock of this machine. */
const offsets = (verdict: Clocks.Verdict) => {
  const of = (at: DateTime.Utc) => DateTime.toEpochMillis(at) - DateTime.toEpochMillis(own)
  return verdict._tag === "Agreed" ? [of(verdict.now)] : [of(verdict.now), of(verdict.own), of(verdict.earliest)]
}

describe("Clocks.decide", () => {
  it.each<[what: string, readings: ReadonlyArray<Clocks.Reading>, expected: ReadonlyArray<number>]>([
    ["no response", [], [0]],
    ["the same time", [reading(0)], [0]],
    ["a time as old as the response", [reading(-minute)], [0]],
    ["a time 1 minute off", [reading(minute)], [0]],
    ["a clock slightly ahead", [reading(minute + 1)], [minute + 1]],
    ["a clock slightly behind", [reading(-minute - 1)], [0]],
    ["clocks 1 hour apart", [reading(-hour)], [0]],
    ["clocks 1 hour apart, the other way", [reading(hour)], [hour]],
    ["clocks on either side", [reading(-hour / 2), reading(hour / 2)], [hour / 2]],
    ["clocks further from each other than from the own clock", [reading(-hour / 2), reading(hour / 2 + 1)], [
      hour / 2 + 1,
      0,
      -hour / 2
    ]],
    ["a clock more than 1 hour behind", [reading(-hour - 1)], [0, 0, -hour - 1]],
    ["a clock more than 1 hour ahead", [reading(hour + 1)], [hour + 1, 0, 0]],
    ["one deviating clock of several", [reading(0), reading(-9 * day), reading(0)], [0, 0, -9 * day]],
    ["a cached response that is new", [reading(-minute, cached)], [0]],
    ["a cached response that is old", [reading(-9 * day, cached)], [0, 0, -9 * day]],
    ["a cached response from the future", [reading(9 * day, cached)], [0]],
    ["a simulated time ahead", [reading(9 * day, simulated)], [9 * day]],
    ["a simulated time behind", [reading(-9 * day, simulated)], [-9 * day]],
    ["a simulated time that passes fast", [reading(-9 * day, simulated), reading(-day, simulated)], [-day]],
    ["a simulated time and a real time", [reading(-9 * day, simulated), reading(0)], [0, 0, -9 * day]],
    ["a real time and a simulated time", [reading(0), reading(9 * day, simulated)], [9 * day, 0, 0]]
  ])("%s", (_, readings, expected) => {
    assert.deepStrictEqual(offsets(decide(...readings)), expected)
  })

  const anyOffset = oneOf(
    int(-2 * hour, 2 * hour),
    int(-400 * day, 400 * day),
    element(0, minute, -minute, hour, -hour, hour + 1, -hour - 1)
  )
  const anyReading = Arbitrary.map(
    Arbitrary.all({
      offset: anyOffset,
      isCached: element(true, false),
      isSimulated: element(true, false, false, false)
    }),
    ({ offset, ...more }) => reading(offset, more)
  )
  const anyReadings = Arbitrary.array(anyReading, { maxLength: 6 })
  const realReadings = Arbitrary.map(anyReadings, (all) => all.map((one) => ({ ...one, isSimulated: false })))
  const runs = { arbitrary: { runs: Long.runs(2_000) } }

  it.prop("never uses a clock that is behind this machine", [realReadings], ([readings]) => {
    assert.isAtLeast(offsets(decide(...readings))[0]!, 0)
  }, runs)

  it.prop("uses only clocks that were read", [anyReadings], ([readings]) => {
    const seen = readings.map(({ date }) => DateTime.toEpochMillis(date) - DateTime.toEpochMillis(own))
    for (const offset of offsets(decide(...readings))) assert.include([0, ...seen], offset)
  }, runs)

  it.prop(
    "never resolves a contradiction or moves the time back with another clock",
    [realReadings, anyReading],
    ([readings, other]) => {
      const before = decide(...readings)
      const after = decide(...readings, { ...other, isSimulated: false })
      assert.isTrue(DateTime.isGreaterThanOrEqualTo(after.now, before.now))
      if (before._tag === "Contradictory") assert.strictEqual(after._tag, "Contradictory")
    },
    runs
  )

  it.prop("does not depend on the order of real clocks", [realReadings], ([readings]) => {
    assert.deepStrictEqual(offsets(decide(...readings.toReversed())), offsets(decide(...readings)))
  }, runs)

  it.prop("detects every response beyond the tolerance", [realReadings], ([readings]) => {
    const isFar = (one: Clocks.Reading) => {
      const offset = DateTime.toEpochMillis(one.date) - DateTime.toEpochMillis(own)
      return offset < -hour || (offset > hour && !one.isCached)
    }
    if (readings.some(isFar)) assert.strictEqual(decide(...readings)._tag, "Contradictory")
  }, runs)

  it.each<[readings: ReadonlyArray<Clocks.Reading>, earliest: number, latest: number]>([
    [[], 0, 0],
    [[reading(-hour / 2), reading(hour / 2)], -hour / 2, hour / 2],
    [[reading(-9 * day)], -9 * day, 0],
    [[reading(-9 * day, simulated)], -9 * day, -9 * day]
  ])("returns the earliest and the latest clock: %#", (readings, earliest, latest) => {
    const verdict = decide(...readings)
    assert.deepStrictEqual([verdict.earliest, verdict.now, verdict.own], [
      reading(earliest).date,
      reading(latest).date,
      own
    ])
  })

  it("tolerates 1 hour", () => assert.strictEqual(Duration.toMillis(Clocks.tolerance), hour))
})

describe("Clocks.fromHeaders", () => {
  const date = "Fri, 20 Nov 2026 15:00:00 GMT"

  it.each<[headers: Readonly<Record<string, string>>, expected: readonly [isCached: boolean, isSimulated: boolean]]>([
    [{ date }, [false, false]],
    [{ date, age: "0" }, [false, false]],
    [{ date, age: " 0 " }, [false, false]],
    [{ date, age: "1" }, [true, false]],
    [{ date, age: "777600" }, [true, false]],
    // An unreadable age does not prove a fresh response.
    [{ date, age: "" }, [true, false]],
    [{ date, age: "-1" }, [true, false]],
    [{ date, age: "soon" }, [true, false]],
    [{ date, "x-simulated-time": "true" }, [false, true]],
    [{ date, "x-simulated-time": "false" }, [false, false]],
    [{ date, "x-simulated-time": "" }, [false, false]]
  ])("returns a reading for %j", (headers, [isCached, isSimulated]) => {
    assert.deepStrictEqual(
      Clocks.fromHeaders(Headers.fromInput(headers), own),
      reading(-9 * day, { isCached, isSimulated })
    )
  })

  it.each<Readonly<Record<string, string>>>([
    {},
    { age: "3" },
    { date: "" },
    { date: "0" },
    { date: "2026-11-20T15:00:00Z" },
    { date: "Fri, 31 Nov 2026 15:00:00 GMT" }
  ])("returns undefined for %j", (headers) => assert.isUndefined(Clocks.fromHeaders(Headers.fromInput(headers), own)))
})

describe("Clocks.make", () => {
  const list = (...data: ReadonlyArray<Schema.Json>) => ({ data, pagination: null })

  /** A project with a backup of a given age on the clock of this machine. */
  const check = Effect.fnUntraced(function*(age: number, headers: Readonly<Record<string, string>>, skip = false) {
    yield* TestClock.setTime(DateTime.toEpochMillis(own))
    const created_at = DateTime.formatIso(DateTime.subtract(own, { milliseconds: age }))
    const http = scriptWith(({ url }) => {
      const path = new URL(url).pathname
      const body = path === "/indexes"
        ? { indexes: [index] }
        : path === "/backups"
        ? list({
          ...backup,
          source_index_id: "3d9a6c52-8f41-4b7e-a0c5-6e2b7f1d9084",
          source_index_deleted_at: null,
          status: "Ready",
          created_at
        })
        : list()
      return json(body, { headers })
    })
    const observer = yield* Clocks.make
    const { transformClient, verdict } = observer
    const health = yield* HealthChecks.HealthChecks.use((checks) =>
      checks.check({
        clocks: verdict,
        policy: { defaults: { rpo: Duration.hours(26) } },
        ...(skip ? { skip: ["clock", "unprotected", "untested"] } : { only: ["stale"] })
      })
    ).pipe(Effect.provide(Layer.provide(HealthChecks.layer, services(http, { transformClient }))))
    return {
      health,
      observer,
      found: BackupHealth.findings(health).map(({ check, severity }) => [check, severity])
    }
  })

  const dateOf = (offset: number) => Headers.formatHttpDate(DateTime.add(own, { milliseconds: offset }))

  const unknownAge = [["clock", "unknown"], ["stale", "unknown"]]

  it.effect.each<
    [
      what: string,
      age: number,
      headers: Readonly<Record<string, string>>,
      expected: ReadonlyArray<ReadonlyArray<string>>
    ]
  >([
    ["a new backup", 14 * hour, { date: dateOf(0) }, []],
    ["an old backup", 9 * day, { date: dateOf(0) }, [["stale", "critical"]]],
    ["an old backup, without other clocks", 9 * day, {}, [["stale", "critical"]]],
    ["an old backup, with an equally old Date", 9 * day, { date: dateOf(-9 * day) }, unknownAge],
    ["an old backup, in an equally old response", 9 * day, { date: dateOf(-9 * day), age: "777600" }, unknownAge],
    ["an old backup, in a cached response", 9 * day, { date: dateOf(-minute), age: "60" }, [["stale", "critical"]]],
    ["a new backup, with a Date that is behind", 14 * hour, { date: dateOf(-9 * day) }, [["clock", "unknown"]]],
    ["a new backup, with a Date that is ahead", 14 * hour, { date: dateOf(9 * day) }, unknownAge],
    ["a new backup, with a cached Date that is ahead", 14 * hour, { date: dateOf(9 * day), age: "5" }, []],
    ["a backup that is old by a clock slightly ahead", 25.5 * hour, { date: dateOf(hour) }, [["stale", "critical"]]],
    ["a backup that is old despite a clock slightly behind", 26.5 * hour, { date: dateOf(-hour) }, [[
      "stale",
      "critical"
    ]]],
    ["a new backup, with simulated time", 9 * day, { date: dateOf(-9 * day), "x-simulated-time": "true" }, []]
  ])("finds for %s", ([_, age, headers, expected]) =>
    Effect.gen(function*() {
      const { found, health } = yield* check(age, headers)
      assert.deepStrictEqual(found, expected)
      const isUnknown = expected.some(([check]) => check === "clock")
      assert.strictEqual(health.status, isUnknown ? "unknown" : expected.length > 0 ? "critical" : "ok")
      if (isUnknown) assert.deepStrictEqual(health.indexes.map(({ status }) => status), ["unknown"])
    }))

  it.effect("is unknown with contradictory clocks, for any selection of checks", () =>
    Effect.gen(function*() {
      const { found, health } = yield* check(14 * hour, { date: dateOf(-9 * day) }, true)
      assert.deepStrictEqual([health.status, found], ["unknown", [["clock", "unknown"]]])
      assert.strictEqual(
        health.project[0]?.sentence,
        "the clock of this machine reads 2026-11-29 15:00 UTC, but responses of the service are dated 2026-11-20 " +
          "15:00 UTC; ages are uncertain, and are measured from the latest time"
      )
    }))

  it.effect("discards readings on forget", () =>
    Effect.gen(function*() {
      const { observer: { clocks, forget, verdict } } = yield* check(14 * hour, { date: dateOf(-9 * day) })
      assert.deepStrictEqual(yield* clocks, { real: { earliest: -9 * day, latest: 0 }, simulated: undefined })
      assert.strictEqual((yield* verdict)._tag, "Contradictory")
      yield* forget
      assert.deepStrictEqual(yield* clocks, Clocks.none)
      assert.deepStrictEqual(yield* verdict, { _tag: "Agreed", now: own, earliest: own, own })
    }))
})
