import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Cadence from "@pinecone-backups/core/health/Cadence"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import type * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RateLimit from "@pinecone-backups/core/RateLimit"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as RetryPolicy from "@pinecone-backups/core/RetryPolicy"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as Arbitrary from "effect/Arbitrary"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"
import * as Long from "../../core/test/long.ts"
import * as RequestRules from "../src/internal/request-rules.ts"
import * as Seeding from "../src/internal/seeding.ts"
import * as Simulation from "../src/internal/simulation.ts"
import { assertQuiet, factsOf, found, look, lose, passUntil, type Shape, shapes } from "./health.ts"
import { createSchedule, element, int, iso, sendTo, World } from "./support.ts"

const at = (text: string) => DateTime.makeUnsafe(text.length === 10 ? `${text}T06:00:00Z` : text)

const evening = (text: string) => at(`${text}T20:00:00Z`)

/** A project with the index `docs`, which has no schedule. */
const project = (now: string, options: Partial<ControlPlane.Project> = {}): World => {
  const world = new World(options, now)
  world.seed(Seeding.addIndex, { name: "docs" })
  return world
}

/** The same project with a new schedule. */
const scheduled = (
  now: string,
  frequency: BackupSchedule.Frequency = "daily",
  options: Partial<ControlPlane.Project> = {},
  expireAfterDays = 100
): World => {
  const world = project(now, options)
  world.ask(createSchedule({ frequency, expireAfterDays }))
  return world
}

const update = (world: World, request: Parameters<typeof RequestRules.updateSchedule>[1]) =>
  world.ask(RequestRules.updateSchedule("schedule-1", request))

const pause = (world: World) => update(world, { enabled: false })

/** Times of the runs that the service still lists. */
const ran = (world: World): ReadonlyArray<DateTime.Utc> =>
  [...world.state.records.values()]
    .filter(({ scheduleId, startAt }) => scheduleId !== undefined && DateTime.isLessThanOrEqualTo(startAt, world.now))
    .map(({ startAt }) => startAt)
    .sort(DateTime.Order)

/** Enables the schedule at a new time of day. At the old time, a pause would look like missed runs. */
const resume = (world: World) => {
  const minuteOf = (at: DateTime.Utc) => Math.floor(DateTime.toEpochMillis(at) / 60_000) % 1_440
  const isNear = (at: DateTime.Utc) => Math.abs(minuteOf(at) - minuteOf(world.now)) < 10
  while (ran(world).some(isNear)) world.pass("20 minutes")
  return update(world, { enabled: true })
}

const texts = (times: ReadonlyArray<DateTime.Utc>): ReadonlyArray<string | undefined> =>
  times.map((time) => iso(time)?.replace("T06:00:00Z", ""))

/** Number of moments between two assessments. Not a multiple of the number of shapes, which alternate. */
const stride = Long.isLong ? 1 : 5

/** Runs every slot until `end`, and asserts in alternating shapes that nothing is found on the way. */
const assertQuietUntil = (world: World, end: DateTime.Utc): void => {
  let turn = 0
  passUntil(world, end, () => {
    const shape = shapes[turn % shapes.length]!
    if (turn++ % stride === 0) assertQuiet(world, { shape, since: "30 days" })
  })
}

describe("HealthChecks on a schedule that runs for 90 days", () => {
  it.each<[frequency: BackupSchedule.Frequency, createdAt: string, lastRuns: ReadonlyArray<string>]>([
    ["daily", "2026-01-31T12:00:00Z", ["2026-04-29", "2026-04-30", "2026-05-01"]],
    ["daily", "2026-01-31T00:00:00Z", ["2026-04-28", "2026-04-29", "2026-04-30"]],
    ["daily", "2026-11-30T23:59:59Z", ["2027-02-26", "2027-02-27", "2027-02-28"]],
    ["daily", "2028-01-31T06:00:00Z", ["2028-04-28", "2028-04-29", "2028-04-30"]],
    ["weekly", "2026-01-31T12:00:00Z", ["2026-04-12", "2026-04-19", "2026-04-26"]],
    ["weekly", "2026-01-31T05:59:59Z", ["2026-04-11", "2026-04-18", "2026-04-25"]],
    ["weekly", "2026-12-25T06:00:01Z", ["2027-03-06", "2027-03-13", "2027-03-20"]],
    ["monthly", "2026-01-31T12:00:00Z", ["2026-02-28", "2026-03-31", "2026-04-30"]],
    ["monthly", "2026-01-30T00:00:00Z", ["2026-02-28", "2026-03-30"]],
    ["monthly", "2028-01-31T12:00:00Z", ["2028-02-29", "2028-03-31", "2028-04-30"]],
    ["monthly", "2026-10-31T23:59:59Z", ["2026-11-30", "2026-12-31"]],
    ["monthly", "2026-11-30T05:00:00Z", ["2026-12-30", "2027-01-30"]]
  ])("finds nothing at any time, for any response shape: %s, created at %s", (frequency, createdAt, lastRuns) => {
    const world = scheduled(createdAt, frequency)
    assertQuietUntil(world, DateTime.add(world.now, { days: 90 }))
    assert.deepStrictEqual<unknown>(texts(ran(world)).slice(-3), lastRuns)
  })

  it.each(["daily", "weekly", "monthly"] as const)(
    "finds nothing stale while backups take 5 hours: %s",
    (frequency) => {
      const world = scheduled("2026-01-31T12:00:00Z", frequency, { backupDuration: Duration.hours(5) })
      assertQuietUntil(world, DateTime.add(world.now, { days: 90 }))
    }
  )

  it.each(shapes)("finds a stale index and a stuck backup when backups take 7 hours: %s", (shape) => {
    const world = scheduled("2026-03-01T12:00:00Z", "daily", { backupDuration: Duration.hours(7) })
    world.goTo("2026-03-04T12:00:00Z")
    assertQuiet(world, { shape })
    world.pass("1 minute")
    assert.deepStrictEqual(found(world, { shape }), [
      ["stale", "critical", "newest usable backup is 30h old; a daily schedule allows 26h"],
      ["stuck", "warning", "a backup has been running for 6h (Initializing, backup backup-3)"]
    ])
    assertQuiet(world.goTo("2026-03-04T13:00:00Z"), { shape })
  })
})

describe("HealthChecks on a missed run", () => {
  it.each<
    [
      frequency: BackupSchedule.Frequency,
      createdAt: string,
      lost: string,
      age: Duration.Input,
      stale: string,
      fires: string
    ]
  >([
    [
      "daily",
      "2026-03-01T12:00:00Z",
      "2026-03-05",
      "26 hours",
      "26h old; a daily schedule allows 26h",
      "2026-03-05T08:00:00Z"
    ],
    [
      "weekly",
      "2026-03-01T12:00:00Z",
      "2026-03-16",
      Duration.hours(7 * 24 + 6),
      "7d6h old; a weekly schedule allows 7d6h",
      "2026-03-16T12:00:00Z"
    ],
    [
      "monthly",
      "2025-12-31T12:00:00Z",
      "2026-02-28",
      "29 days",
      "29d old; a monthly schedule allows 29d",
      "2026-03-01T06:00:00Z"
    ],
    [
      "monthly",
      "2026-01-31T12:00:00Z",
      "2026-03-31",
      "32 days",
      "32d old; a monthly schedule allows 32d",
      "2026-04-01T06:00:00Z"
    ]
  ])("finds the missed run from the minute it is certain: %s, created at %s", (
    frequency,
    createdAt,
    lost,
    allowed,
    stale,
    fires
  ) => {
    for (const shape of shapes) {
      const world = scheduled(createdAt, frequency).goTo(at(lost))
      lose(world, at(lost))
      const newest = ran(world).at(-1)!
      const data = DateTime.subtract(newest, { minutes: 15 })

      world.goTo(DateTime.subtract(DateTime.addDuration(data, allowed), { minutes: 1 }))
      assertQuiet(world, { shape })
      world.pass("2 minutes")
      assert.deepStrictEqual(found(world, { shape }), [["stale", "critical", `newest usable backup is ${stale}`]])

      world.goTo(at(fires))
      assert.deepStrictEqual(look(world, { shape, only: ["missed"] }), [])
      world.pass("1 minute")
      assert.deepStrictEqual(found(world, { shape, only: ["missed"] }), [
        ["missed", "critical", `the run due at ${lost} 06:00 UTC did not happen`]
      ])
    }
  })

  it.each(shapes)("warns for a week after a later success: %s", (shape) => {
    const world = scheduled("2026-03-01T12:00:00Z").goTo(at("2026-03-05"))
    lose(world, at("2026-03-05"))
    const expected = [["missed", "warning", "the run due at 2026-03-05 06:00 UTC did not happen"]]
    assert.deepStrictEqual<unknown>(found(world.goTo("2026-03-06T06:10:00Z"), { shape }), expected)
    assert.deepStrictEqual<unknown>(found(world.goTo("2026-03-12T06:00:00Z"), { shape }), expected)
    assertQuiet(world.goTo("2026-03-12T06:01:00Z"), { shape })
    assert.deepStrictEqual<unknown>(found(world, { shape, since: "30 days" }), expected)
  })

  it("finds that a schedule never ran if the first run is missed", () => {
    for (
      const [frequency, fires] of [["daily", "2026-03-02"], ["weekly", "2026-03-09"], [
        "monthly",
        "2026-04-01"
      ]] as const
    ) {
      const world = scheduled("2026-03-01T12:00:00Z", frequency)
      const first = at(fires)
      world.goTo(first)
      lose(world, first)
      const late = DateTime.add(first, { hours: Cadence.cadences[frequency].slackHours })
      for (const shape of shapes) assertQuiet(world.goTo(late), { shape })
      world.pass("1 minute")
      for (const shape of shapes) assert.deepStrictEqual(found(world, { shape }).map(([check]) => check), ["never-ran"])
    }
  })
})

describe("HealthChecks on a paused schedule", () => {
  it("finds nothing after the schedule resumes at another time of day", () => {
    const world = scheduled("2026-01-01T12:00:00Z")
    assertQuietUntil(world, evening("2026-01-10"))
    pause(world)
    assertQuietUntil(world, at("2026-01-11T06:30:00Z"))
    world.goTo("2026-01-20T13:07:11Z")
    assert.deepStrictEqual(found(world).map(([check, severity]) => [check, severity]), [["paused", "warning"]])
    resume(world)
    assertQuietUntil(world, DateTime.add(world.now, { days: 90 }))
    assert.deepStrictEqual(texts(ran(world)).slice(-1), ["2026-04-20T13:07:11Z"])

    lose(world, at("2026-04-18T13:07:11Z"))
    assert.deepStrictEqual(found(world), [["missed", "warning", "the run due at 2026-04-18 13:07 UTC did not happen"]])
  })

  it("finds nothing after a monthly schedule resumes on another day of the month", () => {
    const world = scheduled("2026-01-31T12:00:00Z", "monthly", {}, 365)
    assertQuietUntil(world, evening("2026-03-02"))
    pause(world)
    world.goTo("2026-05-30T21:15:00Z")
    resume(world)
    assertQuietUntil(world, evening("2027-04-01"))
    assert.deepStrictEqual(texts(ran(world)).slice(-4), [
      "2026-12-30T21:15:00Z",
      "2027-01-30T21:15:00Z",
      "2027-02-28T21:15:00Z",
      "2027-03-30T21:15:00Z"
    ])
  })

  it("finds the pause only once a run was due", () => {
    const world = scheduled("2026-03-01T12:00:00Z").goTo(evening("2026-03-05"))
    pause(world)
    assertQuiet(world.goTo("2026-03-06T08:00:00Z"))
    assert.deepStrictEqual(found(world.pass("1 minute")), [
      ["paused", "warning", "nightly is paused; its latest run was 26h ago; the last usable backup expires in 98d"]
    ])
    // After 120 days, all backups and the history have expired.
    assert.deepStrictEqual(found(world.pass("120 days")).map(([check, severity]) => [check, severity]), [
      ["paused", "critical"]
    ])
  })
})

describe("HealthChecks after a change of the frequency", () => {
  const pairs: ReadonlyArray<[BackupSchedule.Frequency, BackupSchedule.Frequency]> = [
    ["daily", "weekly"],
    ["daily", "monthly"],
    ["weekly", "daily"],
    ["weekly", "monthly"],
    ["monthly", "daily"],
    ["monthly", "weekly"]
  ]
  // Shortly before a run, shortly after a run, and shortly before midnight.
  const moments = ["2026-05-01T05:59:00Z", "2026-05-02T06:30:00Z", "2026-05-05T23:59:00Z"]

  it.each(
    Long.cases(moments.flatMap((changedAt) => pairs.map(([before, after]) => [before, after, changedAt] as const)))
  )(
    "finds nothing: from %s to %s, at %s",
    (before, after, changedAt) => {
      const world = scheduled("2026-02-28T12:00:00Z", before)
      assertQuietUntil(world, at(changedAt))
      update(world, { frequency: after })
      assertQuietUntil(world, evening("2026-07-10"))
      update(world, { frequency: before })
      assertQuietUntil(world, evening("2026-08-20"))
    },
    30_000
  )

  it("finds later missed runs", () => {
    const world = scheduled("2026-01-01T12:00:00Z", "weekly", {}, 300).goTo(at("2026-03-03T12:00:00Z"))
    update(world, { frequency: "daily" })
    world.goTo(evening("2026-03-12"))
    lose(world, at("2026-03-12"))
    lose(world, at("2026-03-09"))
    assert.deepStrictEqual(
      look(world, { only: ["missed"] }).map((
        { evidence, severity }
      ) => [severity, texts(evidence.times.map(({ at }) => at))]),
      [["critical", ["2026-03-09", "2026-03-12"]]]
    )
  })
})

describe("HealthChecks after a change of the retention", () => {
  it("finds nothing for a shorter or a longer retention", () => {
    const world = scheduled("2026-01-01T12:00:00Z", "daily", {}, 30)
    assertQuietUntil(world, evening("2026-02-20"))
    update(world, { expireAfterDays: 3 })
    assertQuietUntil(world, evening("2026-03-01"))
    assert.strictEqual(ran(world).length, 3)
    update(world, { expireAfterDays: 90 })
    assertQuietUntil(world, evening("2026-05-01"))
    update(world, { expireAfterDays: 1 })
    assertQuietUntil(world, evening("2026-05-10"))
  })

  it.each(shapes)("finds only a retention gap if backups expire before the next run: %s", (shape) => {
    const world = scheduled("2026-01-01T12:00:00Z", "weekly", {}, 5)
    const seen = new Set<string>()
    passUntil(world, evening("2026-03-01"), () => {
      for (const [check, severity] of found(world, { shape })) seen.add(`${check} ${severity}`)
    })
    assert.sameMembers([...seen], ["retention-gap warning", "retention-gap critical"])
  })

  it("counts only existing copies if the history outlives its backups", () => {
    const world = new World({}, "2026-03-20T20:00:00Z")
    world.seed(Seeding.addSchedule, {
      expireAfterDays: 7,
      createdAt: at("2026-01-01"),
      runs: Array.from({ length: 60 }, (_, age) => ({ expired: age >= 7 }))
    })
    for (const shape of shapes) assertQuiet(world, { shape })
    const quiet = { shape: "2026-07" as const, policy: { defaults: { minCopies: 7 } } }
    assertQuiet(world, quiet)
    assert.deepStrictEqual(found(world, { policy: { defaults: { minCopies: 8 } } }), [
      ["copies", "warning", "7 usable backups; the policy requires 8"]
    ])
  })
})

describe("HealthChecks on failed runs", () => {
  const backupsEnd = (world: World, backupsEnd: ControlPlane.Switches["backupsEnd"]) => {
    world.state = Simulation.configure(world.state, { switches: { backupsEnd } })
  }

  it.each(shapes)("finds failures immediately, and for a week after a success: %s", (shape) => {
    const status = shape === "2026-04" ? "Failed" : "InitializationFailed"
    const world = scheduled("2026-03-01T12:00:00Z").goTo(evening("2026-03-04"))
    backupsEnd(world, "InitializationFailed")
    assertQuiet(world.goTo("2026-03-05T06:09:00Z"), { shape })
    world.goTo("2026-03-05T06:11:00Z")
    assert.deepStrictEqual(found(world, { shape }), [
      ["failed", "critical", `the run of 2026-03-05 06:00 UTC failed (${status}, backup backup-4)`]
    ])
    world.goTo(evening("2026-03-06"))
    assert.deepStrictEqual(found(world, { shape }), [
      ["stale", "critical", "newest usable backup is 2d14h old; a daily schedule allows 26h"],
      [
        "failed",
        "critical",
        `2 runs failed, most recently the run of 2026-03-06 06:00 UTC (${status}, backup backup-5)`
      ]
    ])
    backupsEnd(world, "Ready")
    world.goTo("2026-03-07T06:11:00Z")
    assert.deepStrictEqual(found(world, { shape }), [[
      "failed",
      "warning",
      `2 runs failed, most recently the run of 2026-03-06 06:00 UTC (${status}, backup backup-5); a later run succeeded`
    ]])
    assertQuiet(world.goTo("2026-03-13T06:11:00Z"), { shape })
  })

  it("finds that the last usable backup expires", () => {
    const world = scheduled("2026-03-01T12:00:00Z", "daily", {}, 5).goTo(evening("2026-03-06"))
    backupsEnd(world, "InitializationFailed")
    world.goTo(evening("2026-03-08"))
    assert.deepStrictEqual(found(world, { only: ["last-copy-expiring"] }), [
      ["last-copy-expiring", "warning", "last usable backup expires in 2d10h, at 2026-03-11 06:00 UTC"]
    ])
    world.goTo(evening("2026-03-12"))
    assert.deepStrictEqual(found(world, { only: ["stale", "last-copy-expiring"] }), [
      ["stale", "critical", "no usable backup"]
    ])
  })
})

describe("HealthChecks on a late run", () => {
  const world = (runs: Seed.Schedule["runs"], now = "2026-03-20T20:00:00Z") => {
    const world = new World({}, now)
    world.seed(Seeding.addSchedule, { createdAt: at("2026-01-01"), runs, enabled: true })
    return world
  }

  it("does not report the run as missed", () => {
    const runs = [
      {},
      {},
      { createdAt: at("2026-03-18T09:12:00Z") },
      {},
      { plannedFor: at("2026-03-16T17:00:00Z") },
      {},
      {}
    ]
    for (const shape of shapes) assertQuiet(world(runs), { shape, since: "30 days" })
  })

  it("finds a missed run after the late run", () => {
    const runs = ["missing" as const, { createdAt: at("2026-03-19T09:12:00Z") }, {}, {}]
    for (const shape of shapes) {
      assert.deepStrictEqual(found(world(runs), { shape, only: ["missed"] }), [
        ["missed", "critical", "the run due at 2026-03-20 06:00 UTC did not happen"]
      ])
    }
  })

  it("accepts a createdAt later than the planned time", () => {
    const runs = Array.from({ length: 30 }, (_, age) => ({
      plannedFor: DateTime.subtract(at("2026-03-20"), { days: age }),
      createdAt: DateTime.subtract(at("2026-03-20T07:45:00Z"), { days: age })
    }))
    for (const shape of shapes) assertQuiet(world(runs), { shape, since: "30 days" })
  })
})

describe("HealthChecks on an index", () => {
  it.each(shapes)("does not count backups of a deleted index with the same name: %s", (shape) => {
    const world = scheduled("2026-03-01T12:00:00Z").goTo(evening("2026-03-05"))
    world.ask(RequestRules.deleteIndex("docs"))
    world.pass("1 hour").seed(Seeding.addIndex, { name: "docs" })
    // Older versions do not report the time of the deletion.
    const deleted = shape === "2026-04" ? "deleted" : "deleted 1h ago"
    assert.deepStrictEqual(found(world, { shape }), [
      ["unprotected", "critical", "no backup schedule and no usable backup"],
      ["orphan", "notice", `the index was ${deleted}; 4 usable backups remain`]
    ])
    assert.isEmpty(look(world, { shape })[0]?.evidence.backupIds ?? ["?"])

    world.ask(createSchedule())
    world.pass("1 day")
    assert.deepStrictEqual(found(world, { shape }).map(([check]) => check), ["orphan"])
  })

  it("finds a restored index without a schedule", () => {
    const world = scheduled("2026-03-01T12:00:00Z").goTo(evening("2026-03-05"))
    world.state = Simulation.configure(world.state, { project: { restoreDuration: Duration.hours(7) } })
    const [backup] = world.ask(RequestRules.listBackups({})).data
    world.ask(RequestRules.restore({ backupId: backup?.backupId ?? "", name: "copy" }))
    const unprotected = [
      "unprotected",
      "critical",
      "no backup schedule and no usable backup"
    ] as const

    const restoring = [
      "unprotected",
      "warning",
      "no backup schedule and no usable backup yet; the index is being restored"
    ] as const

    assert.deepStrictEqual(found(world.pass("6 hours")), [restoring])
    world.pass("1 minute")
    assert.sameDeepMembers([...found(world)], [
      restoring,
      ["stuck", "warning", "a restore into this index has been running for 6h (Pending, restore job job-1)"]
    ])
    world.pass("1 hour")
    assert.deepStrictEqual(found(world, { skip: ["no-deletion-protection"] }), [unprotected])
    world.ask(createSchedule({ indexName: "copy", expireAfterDays: 100 }))
    assertQuietUntil(world, evening("2026-03-20"))
    // The restore tested the source index, not the copy.
    assert.deepStrictEqual(
      look(world, { skip: ["no-deletion-protection"] }).map(({ check, indexName }) => [check, String(indexName)]),
      [["untested", "null"]]
    )
  })
})

// ============================================================================
// Property tests
// ============================================================================

const frequencies = element<BackupSchedule.Frequency>("daily", "weekly", "monthly")

/** Four years, including a leap year. */
const starts = Arbitrary.map(
  int(0, 4 * 365 * 24 * 60),
  (minutes) => DateTime.add(DateTime.makeUnsafe("2025-12-20T00:00:00Z"), { minutes })
)

const anyShape = element<Shape>("2026-04", "2026-07", "2026-07, old rows", "unstable")

/** Changes of a schedule by users, with the time until the next change. */
const steps = Arbitrary.array(
  Arbitrary.all({
    step: element("wait", "pause", "pause", "resume", "resume", "keep", "backup"),
    keep: int(32, 365),
    minutes: int(1, 40 * 24 * 60)
  }),
  { minLength: 1, maxLength: 8 }
)

const take = (world: World, { keep, step }: { readonly step: string; readonly keep: number }): void => {
  if (step === "pause") pause(world)
  if (step === "resume") resume(world)
  if (step === "keep") update(world, { expireAfterDays: keep })
  if (step === "backup") world.send(RequestRules.createBackup({ indexName: "docs" }))
}

describe("HealthChecks if every run happened", () => {
  it.prop(
    "finds no missed, stale, failed or never-ran schedule at any instant",
    { steps, frequency: frequencies, start: starts, minutes: int(0, 300), keep: int(32, 365), shape: anyShape },
    ({ frequency, keep, minutes, shape, start, steps }) => {
      const world = scheduled(iso(start)!, frequency, { backupDuration: Duration.minutes(minutes) }, keep)
      const only = ["missed", "stale", "never-ran", "failed", "stuck", "lagging", "retention-gap"] as const
      const assertQuietNow = () => assertQuiet(world, { shape, only, since: "400 days" })
      for (const step of steps) {
        take(world, step)
        assertQuietNow()
        passUntil(world, DateTime.add(world.now, { minutes: step.minutes }), assertQuietNow)
      }
    },
    { arbitrary: { runs: Long.runs(40) }, timeout: 60_000 }
  )
})

describe("HealthChecks if runs are missed", () => {
  /** A schedule after a number of runs, at some time before the next run. */
  const after = (frequency: BackupSchedule.Frequency, start: DateTime.Utc, runs: number, share: number): World => {
    const world = scheduled(iso(start)!, frequency, {}, 365)
    const nextRun = () => [...world.state.schedules.values()][0]?.nextRun ?? world.now
    for (let run = 0; run < runs; run++) world.goTo(nextRun())
    const left = DateTime.toEpochMillis(nextRun()) - DateTime.toEpochMillis(world.now)
    return world.pass(Duration.millis(Math.floor(left * share / 100)))
  }

  /** Times of the lost runs whose slack has passed. */
  const expected = (world: World, frequency: BackupSchedule.Frequency, lost: ReadonlyArray<DateTime.Utc>) =>
    texts(
      lost.filter((at) =>
        DateTime.isLessThan(DateTime.add(at, { hours: Cadence.cadences[frequency].slackHours }), world.now)
      )
    )

  const missed = (world: World, shape: Shape) =>
    look(world, { shape, only: ["missed"], since: "400 days" })
      .flatMap(({ evidence }) => texts(evidence.times.map(({ at }) => at)))

  const most = { daily: 120, weekly: 40, monthly: 11 }

  it.prop(
    "finds exactly the missed run, unless it is the first",
    {
      frequency: frequencies,
      start: starts,
      runs: int(0, 1_000),
      which: int(0, 1_000),
      share: int(0, 99),
      shape: anyShape
    },
    ({ frequency, runs, shape, share, start, which }) => {
      const world = after(frequency, start, 3 + runs % (most[frequency] - 2), share)
      const times = ran(world)
      const lost = times[1 + which % (times.length - 1)]!
      lose(world, lost)
      assert.deepStrictEqual(missed(world, shape), expected(world, frequency, [lost]))
    },
    { arbitrary: { runs: Long.runs(150) }, timeout: 60_000 }
  )

  it.prop(
    "finds exactly the missed runs at the end",
    {
      frequency: frequencies,
      start: starts,
      runs: int(0, 1_000),
      lost: int(1, 30),
      share: int(0, 99),
      shape: anyShape
    },
    ({ frequency, lost: number, runs, shape, share, start }) => {
      const world = after(frequency, start, 2 + runs % (most[frequency] - 1), share)
      const lost = ran(world).slice(1).slice(-number)
      for (const time of lost) lose(world, time)
      assert.deepStrictEqual(missed(world, shape), expected(world, frequency, lost))
    },
    { arbitrary: { runs: Long.runs(150) }, timeout: 60_000 }
  )

  it.prop(
    "finds exactly the missed runs after a pause",
    {
      frequency: frequencies,
      start: starts,
      runs: int(0, 1_000),
      pause: int(1, 100 * 24 * 60),
      which: int(0, 1_000),
      shape: anyShape
    },
    ({ frequency, pause: minutes, runs, shape, start, which }) => {
      const world = after(frequency, start, 2 + runs % 5, 50)
      pause(world)
      world.pass(Duration.minutes(minutes))
      resume(world)
      const resumedAt = world.now
      world.goTo(Cadence.slot(Cadence.cadences[frequency], resumedAt, frequency === "monthly" ? 5 : 9)).pass("1 minute")
      const times = ran(world).filter((at) => DateTime.isGreaterThan(at, resumedAt))
      const lost = [times[which % times.length]!, times[(which + 2) % times.length]!].sort(DateTime.Order)
      for (const time of lost) lose(world, time)
      assert.deepStrictEqual(missed(world, shape), expected(world, frequency, lost))
    },
    { arbitrary: { runs: Long.runs(100) }, timeout: 60_000 }
  )
})

// ============================================================================
// The service on virtual time
// ============================================================================

describe("HealthChecks on a service in memory", () => {
  const checksOf = (options: PineconeMemory.Options) =>
    Layer.provideMerge(HealthChecks.layer, PineconeMemory.layer(options))

  const foundBy = Effect.fnUntraced(function*(options: HealthChecks.CheckOptions = {}) {
    const checks = yield* HealthChecks.HealthChecks
    const health = yield* checks.check({ skip: ["untested", "no-copy-yet", "no-deletion-protection"], ...options })
    return BackupHealth.findings(health).map(({ check, sentence, severity }) => [check, severity, sentence])
  })

  it.effect.each<[PineconeApi.ApiVersion, oldRows: boolean]>([["2026-04", false], ["2026-07", false], [
    "2026-07",
    true
  ]])(
    "finds nothing in 90 days of schedules created through the API: %s, old rows %s",
    ([apiVersion, oldRows]) =>
      Effect.gen(function*() {
        yield* TestClock.setTime(DateTime.toEpochMillis(at("2028-01-31T12:00:00Z")))
        const program = Effect.gen(function*() {
          const schedules = yield* BackupSchedules.BackupSchedules
          for (const frequency of ["daily", "weekly", "monthly"] as const) {
            yield* schedules.create(PineconeIndex.IndexName.make(frequency), {
              name: frequency,
              frequency,
              expireAfterDays: 100
            })
          }
          for (let day = 0; day < 90; day++) {
            yield* TestClock.adjust("1 day")
            assert.deepStrictEqual(yield* foundBy(), [])
          }
          // The daily schedule has failed since then; the others have not run.
          const plane = yield* ControlPlane.ControlPlane
          yield* plane.configure({ switches: { backupsEnd: "InitializationFailed" } })
          yield* TestClock.adjust("26 hours")
          assert.deepStrictEqual((yield* foundBy()).map(([check, severity]) => [check, severity]), [
            ["stale", "critical"],
            ["failed", "critical"]
          ])
        })
        const indexes = ["daily", "weekly", "monthly"].map((name) => ({ name }))
        yield* Effect.provide(program, checksOf({ apiVersion, indexes, switches: { oldRows } }))
      }),
    30_000
  )

  const unreadableForms = ["text", "number", "null", "missing"] as const
  const bothLists = ["Backups.list", "BackupSchedules.history"] as const
  const dated: ReadonlyArray<ReadonlyArray<Fault.Operation>> = [bothLists, ["Backups.list"], [
    "BackupSchedules.history"
  ]]

  it.effect.each<
    [
      operations: ReadonlyArray<Fault.Operation | "*">,
      fault: Fault.Fault,
      expected: ReadonlyArray<string>,
      indexIds?: boolean
    ]
  >([
    ...unreadableForms.map((form): [typeof bothLists, Fault.Fault, ReadonlyArray<string>] => [
      bothLists,
      Fault.unreadableTimes({ form }),
      ["docs: unreadable unknown", "docs: stale unknown"]
    ]),
    ...dated.flatMap((operations): ReadonlyArray<[typeof operations, Fault.Fault, ReadonlyArray<string>]> =>
      [Fault.futureDated(), Fault.futureDated({ by: "6 minutes" }), Fault.futureDated({ stamps: true })].map((
        fault
      ) => [
        operations,
        fault,
        operations.length === 2
          ? ["docs: unreadable unknown", "docs: unreadable unknown", "docs: future-dated warning"]
          : operations[0] === "Backups.list"
          ? ["docs: stale critical", "docs: unreadable unknown", "docs: future-dated warning"]
          : ["docs: unreadable unknown", "docs: future-dated warning"]
      ])
    ),
    // The runs show the interval, and the next run confirms it.
    [["*"], Fault.withoutFields(["frequency"]), []],
    [["*"], Fault.withoutFields(["frequency", "next_scheduled_run"]), [
      "docs: unreadable unknown",
      "docs: unreadable unknown"
    ]],
    // Must not report missing or deleted indexes.
    [["Indexes.list"], Fault.wrongObject(), ["project: unreadable unknown", "eocs: unreadable unknown"]],
    [["Indexes.list"], Fault.wrongObject({ parts: ["name"] }), [
      "project: unreadable unknown",
      "eocs: unreadable unknown"
    ]],
    [["Indexes.list"], Fault.wrongObject({ parts: ["id"] }), ["docs: unreadable unknown"], true],
    // Must not report an unprotected index or deleted backups.
    [["BackupSchedules.list"], Fault.wrongObject(), ["docs: unreadable unknown", "docs: unreadable unknown"]],
    [["BackupSchedules.history"], Fault.wrongObject(), ["docs: unreadable unknown"]]
  ])(
    "reports nothing that the data does not prove: %j, %j",
    ([operations, fault, expected, indexIds = false]) =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const checks = yield* HealthChecks.HealthChecks
        yield* TestClock.adjust("1 day")
        for (const operation of operations) yield* plane.fault(operation, fault, { times: "always" })
        const health = yield* checks.check({ skip: ["untested", "no-deletion-protection"] })
        assert.deepStrictEqual(
          BackupHealth.findings(health).map(({ check, indexName, severity }) =>
            `${indexName ?? "project"}: ${check} ${severity}`
          ),
          expected
        )
      }).pipe(Effect.provide(
        checksOf({ schedules: [{ id: "nightly", indexName: "docs", runs: 7 }], switches: { indexIds } })
      ))
  )

  it.effect("omits an index that was deleted while gathering", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const checks = yield* HealthChecks.HealthChecks
      for (const operation of ["BackupSchedules.list", "BackupSchedules.history"] as const) {
        yield* plane.seedSchedule({ indexName: "going", runs: 3 })
        yield* plane.fault(operation, Fault.delay("10 seconds"))
        const checking = yield* Effect.forkChild(
          checks.check({ concurrency: 1, skip: ["untested", "no-copy-yet", "no-deletion-protection"] })
        )
        yield* TestClock.adjust("5 seconds")
        yield* sendTo(plane, "DELETE", "/indexes/going")
        yield* TestClock.adjust("5 seconds")
        const health = yield* Fiber.join(checking)
        assert.deepStrictEqual(health.indexes.map(({ indexName, status }) => [String(indexName), status]), [[
          "docs",
          "ok"
        ]])
        assert.deepStrictEqual(BackupHealth.findings(health), [])
      }
    }).pipe(Effect.provide(checksOf({ schedules: [{ id: "nightly", runs: 3 }] }))))

  it.effect("retries transient failures, and reports the attempts of permanent ones", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.fault("*", Fault.html({ status: 503 }), { times: 3 })
      const passing = yield* Effect.forkChild(foundBy())
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Fiber.join(passing), [])

      yield* plane.fault("BackupSchedules.history", Fault.hang, { times: "always" })
      yield* plane.fault("RestoreJobs.list", Fault.truncated, { times: "always" })
      const lasting = yield* Effect.forkChild(foundBy())
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual((yield* Fiber.join(lasting)).map(([check, severity]) => [check, severity]), [
        ["unreadable", "unknown"],
        ["unreadable", "unknown"]
      ])
    }).pipe(Effect.provide(checksOf({ schedules: [{ id: "nightly", runs: 3 }] }))))

  /** A server that accepts a fixed number of requests per second and refuses the others. */
  const limited = (perSecond: number) => {
    const answered = { ok: 0, refused: 0 }
    let second = -1
    let left = perSecond
    const transformClient = (client: HttpClient.HttpClient) =>
      HttpClient.transform(client, (effect, request) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          if (Math.floor(now / 1000) !== second) left = perSecond
          second = Math.floor(now / 1000)
          if (left-- > 0) {
            answered.ok++
            return effect
          }
          answered.refused++
          return Effect.succeed(HttpClientResponse.fromWeb(
            request,
            new Response("slow down", { status: 429, headers: { "retry-after": "1" } })
          ))
        }))
    return { answered, transformClient }
  }

  const many = 200

  const crowded = (options: Pick<PineconeMemory.Options, "rateLimit" | "retry" | "transformClient">) =>
    checksOf({
      ...options,
      schedules: Array.from({ length: many }, (_, number) => ({
        id: `nightly-${number}`,
        indexName: `index-${number}`,
        runs: 7
      }))
    })

  const checkSlowly = Effect.gen(function*() {
    const checks = yield* HealthChecks.HealthChecks
    const checking = yield* Effect.forkChild(checks.check({ skip: ["untested", "no-deletion-protection", "quota"] }))
    let seconds = 0
    while (checking.pollUnsafe() === undefined) {
      yield* TestClock.adjust("1 second")
      seconds++
      assert.isBelow(seconds, 600)
    }
    return { health: yield* Fiber.join(checking), seconds }
  })

  it.effect("stays within the rate limit, so that no request is refused", () =>
    Effect.gen(function*() {
      const { answered, transformClient } = limited(10)
      const rateLimit = yield* RateLimit.make({ limit: 10, window: "1 second" })
      const retry = { ...RetryPolicy.defaultPolicy, times: 10 }
      const { health, seconds } = yield* Effect.provide(checkSlowly, crowded({ rateLimit, retry, transformClient }))
      assert.deepStrictEqual(BackupHealth.findings(health), [])
      assert.lengthOf(health.indexes, many)
      // The indexes, the schedules and one history of each, the backups and the restore jobs.
      assert.strictEqual(answered.ok, 1 + 2 * many + Math.ceil(many * 7 / 100) + 1)
      // The initial burst may exceed the limit of a server that counts per second.
      assert.isAtMost(answered.refused, 20)
      assert.isAtMost(seconds, 60)
    }), 60_000)

  it.effect("reports unreadable data if the service refuses requests", () =>
    Effect.gen(function*() {
      const { answered, transformClient } = limited(10)
      const { health } = yield* Effect.provide(checkSlowly, crowded({ retry: RetryPolicy.none, transformClient }))
      assert.isAbove(answered.refused, 0)
      assert.strictEqual(health.status, "unknown")
      for (
        const { check, sentence } of BackupHealth.findings(health).filter(({ severity }) => severity === "unknown")
      ) {
        assert.strictEqual(check, "unreadable")
        assert.match(sentence, /\(ResourceExhausted\)$/)
      }
    }), 60_000)
})

describe("HealthChecks.assess", () => {
  /** `count` indexes with 90 runs and a tested restore each, and as many deleted indexes. */
  const manyIndexes = (count: number) => {
    const world = new World({ backupQuota: 1_000_000, indexQuota: 1_000 }, "2026-11-21T20:00:00Z")
    world.seed(Seeding.addIndex, { name: "docs" })
    world.seed(Seeding.addSchedule, { runs: 90, expireAfterDays: 100, createdAt: at("2026-01-01") })
    const one = factsOf(world)
    const [index] = one.indexes
    const schedules = index && Result.getOrThrow(index.schedules)
    const named = (number: number) => ({
      name: PineconeIndex.IndexName.make(`index-${number}`),
      id: PineconeIndex.IndexId.make(`index-${number}`)
    })
    const numbers = Array.from({ length: count }, (_, number) => number)
    const own = <Row extends { readonly backupId: string; readonly sourceIndexId: string }>(
      row: Row,
      number: number
    ) => ({
      ...row,
      backupId: Backup.BackupId.make(`${row.backupId}-${number}`),
      sourceIndexId: named(number).id,
      sourceIndexName: named(number).name
    })
    const backups = Result.getOrThrow(one.backups)
    const facts: BackupHealth.Facts = {
      all: numbers.map(named),
      indexes: numbers.map((number) => ({
        index: named(number),
        schedules: Result.succeed((schedules ?? []).map(({ runs, schedule }) => ({
          schedule: { ...schedule, name: `nightly-${number}`, indexId: named(number).id },
          runs: Result.map(runs, (runs) => runs.map((run) => own(run, number)))
        })))
      })),
      backups: Result.succeed(numbers.flatMap((number) => [
        ...backups.map((row) => own(row, number)),
        ...backups.slice(0, 1).map((row) => own(row, count + number))
      ])),
      restoreJobs: Result.succeed(numbers.flatMap((number) =>
        backups.slice(0, 1).map((row): RestoreJob.RestoreJob => ({
          restoreJobId: RestoreJob.RestoreJobId.make(`job-${number}`),
          backupId: own(row, number).backupId,
          targetIndexName: PineconeIndex.IndexName.make("restored"),
          targetIndexId: PineconeIndex.IndexId.make("restored"),
          status: "Completed",
          completedAt: world.now
        }))
      ))
    }
    const options: BackupHealth.AssessOptions = {
      now: world.now,
      policy: { backupQuota: 100_000 },
      skip: ["no-deletion-protection"]
    }
    return { facts, options }
  }

  /** The lowest CPU time of three measurements. Wall-clock time would include tests that run in parallel. */
  const millisOf = ({ facts, options }: ReturnType<typeof manyIndexes>) =>
    Math.min(...Array.from({ length: 3 }, () => {
      const before = process.cpuUsage()
      HealthChecks.assess(facts, options)
      const { system, user } = process.cpuUsage(before)
      return (system + user) / 1000
    }))

  it("takes less than a second for 1,000 indexes with 90 runs each, and scales linearly from 100", () => {
    const many = manyIndexes(1_000)
    const health = HealthChecks.assess(many.facts, many.options)
    assert.deepStrictEqual(
      BackupHealth.findings(health).filter(({ check }) => check !== "index-gone").map(({ check }) => check),
      ["quota"]
    )
    assert.lengthOf(health.indexes, 2_000)
    assert.isTrue(health.indexes.every(({ copies, isDeleted }) => copies === (isDeleted ? 1 : 90)))
    const few = millisOf(manyIndexes(100))
    const all = millisOf(many)
    // Takes about 300 ms on a 2026 machine. Quadratic growth would take a hundred times as long as for 100 indexes.
    assert.isBelow(all, 1_000)
    assert.isBelow(all, 35 * few)
  }, 30_000)
})
