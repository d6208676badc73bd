import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as Cadence from "@pinecone-backups/core/health/Cadence"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as DateTime from "effect/DateTime"

const at = (text: string) => DateTime.makeUnsafe(text.includes("T") ? text : `${text}T06:00:00Z`)

const iso = (times: ReadonlyArray<DateTime.Utc>) =>
  times.map((time) => DateTime.formatIso(time).replace("T06:00:00.000Z", "").replace(".000Z", "Z"))

const run = (time: DateTime.Utc, status = "Ready"): BackupRun.BackupRun => ({
  backupId: Backup.BackupId.make("b"),
  sourceIndexId: PineconeIndex.IndexId.make("i"),
  sourceIndexName: PineconeIndex.IndexName.make("docs"),
  status,
  createdAt: time
})

const missed = (
  frequency: BackupSchedule.BackupSchedule["frequency"],
  runs: ReadonlyArray<string>,
  now: string,
  options: {
    readonly next?: string
    readonly enabled?: boolean
    readonly since?: string
    readonly planned?: string
    readonly created?: string
  } = {}
) => {
  const rhythm = Cadence.rhythm(
    {
      frequency,
      enabled: options.enabled ?? true,
      createdAt: options.created === undefined ? null : at(options.created),
      nextScheduledRun: options.next === undefined ? null : at(options.next)
    },
    [
      ...runs.map((text) => run(at(text))),
      ...(options.planned === undefined ? [] : [run(at(options.planned), "Scheduled")])
    ],
    at(now)
  )
  return iso(rhythm === undefined ? [] : Cadence.missed(rhythm, at(options.since ?? "2000-01-01")))
}

describe("Cadence.slot", () => {
  it("stays on the day of the month, or the end of a shorter month", () => {
    const january = at("2026-01-31")
    assert.deepStrictEqual(
      iso([1, 2, 3, -2, 25].map((count) => Cadence.slot(Cadence.cadences.monthly, january, count))),
      ["2026-02-28", "2026-03-31", "2026-04-30", "2025-11-30", "2028-02-29"]
    )
    assert.deepStrictEqual(
      iso([1, 13].map((count) => Cadence.slot(Cadence.cadences.monthly, at("2026-02-28"), count, 30))),
      ["2026-03-30", "2027-03-30"]
    )
  })

  it("counts days and weeks in UTC, without daylight saving time", () => {
    assert.deepStrictEqual(iso([Cadence.slot(Cadence.cadences.daily, at("2026-03-28"), 2)]), ["2026-03-30"])
    assert.deepStrictEqual(iso([Cadence.slot(Cadence.cadences.weekly, at("2026-12-28"), 1)]), ["2027-01-04"])
  })
})

describe("Cadence.missed", () => {
  it.each<
    [
      what: string,
      frequency: string,
      runs: ReadonlyArray<string>,
      now: string,
      options: Parameters<typeof missed>[3],
      expected: ReadonlyArray<string>
    ]
  >([
    ["nothing without runs", "daily", [], "2026-11-21T20:00:00Z", {}, []],
    ["nothing for an unknown frequency", "hourly", ["2026-11-01", "2026-11-03"], "2026-11-21", {}, []],
    ["nothing if every run exists", "daily", ["2026-11-19", "2026-11-20", "2026-11-21"], "2026-11-22", {}, []],
    ["the runs between two runs", "daily", ["2026-11-17", "2026-11-20", "2026-11-21"], "2026-11-21T20:00:00Z", {}, [
      "2026-11-18",
      "2026-11-19"
    ]],
    ["the runs since the latest", "daily", ["2026-11-19"], "2026-11-21T20:00:00Z", {}, ["2026-11-20", "2026-11-21"]],
    ["the runs since the latest, with the next run", "daily", ["2026-11-19"], "2026-11-21T20:00:00Z", {
      next: "2026-11-22"
    }, [
      "2026-11-20",
      "2026-11-21"
    ]],
    ["no run within its slack", "daily", ["2026-11-20"], "2026-11-21T07:59:00Z", {}, []],
    ["a run after its slack", "daily", ["2026-11-20"], "2026-11-21T08:01:00Z", {}, ["2026-11-21"]],
    ["nothing since the latest run of a paused schedule", "daily", ["2026-11-19"], "2026-11-21T20:00:00Z", {
      enabled: false
    }, []],
    ["nothing between two cadences", "daily", ["2026-11-10", "2026-11-20T13:07:00Z"], "2026-11-21T06:00:00Z", {}, []],
    ["the missed runs of a new cadence", "daily", ["2026-11-10", "2026-11-18T13:07:00Z"], "2026-11-20T20:00:00Z", {}, [
      "2026-11-19T13:07:00Z",
      "2026-11-20T13:07:00Z"
    ]],
    ["a run that is only planned", "daily", ["2026-11-19"], "2026-11-20T20:00:00Z", { planned: "2026-11-20" }, [
      "2026-11-20"
    ]],
    ["only runs since a time", "daily", ["2026-11-10", "2026-11-21"], "2026-11-21T20:00:00Z", {
      since: "2026-11-19"
    }, ["2026-11-19", "2026-11-20"]],
    ["nothing after a restarted cadence", "weekly", ["2026-11-20"], "2026-11-28T12:00:00Z", {
      next: "2026-11-29"
    }, []],
    [
      "nothing of the weeks before it became daily",
      "daily",
      [
        "2026-11-01",
        "2026-11-08",
        "2026-11-15",
        "2026-11-18",
        "2026-11-19"
      ],
      "2026-11-19T20:00:00Z",
      {},
      []
    ],
    [
      "nothing of the time it took to become weekly and daily again",
      "daily",
      [
        "2026-10-02",
        "2026-10-03",
        "2026-10-11",
        "2026-10-18",
        "2026-10-26",
        "2026-10-27"
      ],
      "2026-10-27T20:00:00Z",
      { created: "2026-10-01" },
      []
    ],
    [
      "nothing before a schedule that was created weekly runs daily",
      "daily",
      ["2026-11-08"],
      "2026-11-12T20:00:00Z",
      { created: "2026-11-01", next: "2026-11-13" },
      []
    ],
    [
      "a week without runs of a schedule that always was daily, and what came after",
      "daily",
      ["2026-11-01", "2026-11-02", "2026-11-09"],
      "2026-11-11T20:00:00Z",
      { next: "2026-11-12" },
      [
        "2026-11-03",
        "2026-11-04",
        "2026-11-05",
        "2026-11-06",
        "2026-11-07",
        "2026-11-08",
        "2026-11-10",
        "2026-11-11"
      ]
    ],
    [
      "nothing of the months before it became weekly",
      "weekly",
      ["2026-08-20", "2026-09-20", "2026-10-20"],
      "2026-11-02",
      {
        next: "2026-11-03"
      },
      []
    ],
    ["nothing after a late run", "daily", ["2026-11-20", "2026-11-21T09:30:00Z"], "2026-11-22T05:00:00Z", {
      next: "2026-11-22"
    }, []],
    ["the run after a late run", "daily", ["2026-11-20", "2026-11-21T09:30:00Z"], "2026-11-22T20:00:00Z", {
      next: "2026-11-23"
    }, ["2026-11-22"]],
    ["the end of March, by the creation time", "monthly", ["2026-02-28"], "2026-04-05", {
      created: "2026-01-31",
      next: "2026-04-30"
    }, ["2026-03-31"]],
    ["the end of March, by the next run", "monthly", ["2026-01-31", "2026-02-28", "2026-04-30"], "2026-05-02", {
      next: "2026-05-31"
    }, ["2026-03-31"]],
    ["a week", "weekly", ["2026-11-01", "2026-11-15"], "2026-11-21T20:00:00Z", {}, ["2026-11-08"]],
    ["a shorter month", "monthly", ["2026-01-31", "2026-03-31"], "2026-04-02", {}, ["2026-02-28"]],
    [
      "a month after a shorter month",
      "monthly",
      [
        "2026-01-31",
        "2026-02-28",
        "2026-04-30"
      ],
      "2026-05-02",
      {},
      ["2026-03-31"]
    ],
    ["a month before the end of a year", "monthly", ["2025-11-30", "2026-01-30"], "2026-02-02", {}, ["2025-12-30"]],
    ["months since the latest, on their day", "monthly", ["2025-12-31"], "2026-03-02", {}, [
      "2026-01-31",
      "2026-02-28"
    ]],
    ["months since the latest, with the next run", "monthly", ["2026-02-28"], "2026-04-20", { next: "2026-04-30" }, [
      "2026-03-30"
    ]]
  ])("returns %s", (_, frequency, runs, now, options, expected) => {
    assert.deepStrictEqual(missed(frequency, runs, now, options), expected)
  })

  it.each<[created: string | undefined, expected: ReadonlyArray<string>]>([
    ["2026-01-01", []],
    [undefined, []],
    ["2026-06-01", []],
    ["2026-06-07", ["2026-06-09", "2026-06-10", "2026-06-11", "2026-06-12", "2026-06-13", "2026-06-14"]]
  ])("treats a single weekly step as a slower cadence only if the start allows it: created %s", (created, expected) => {
    const runs = ["2026-06-08", "2026-06-15", "2026-06-16"]
    assert.deepStrictEqual(
      missed("daily", runs, "2026-06-16", { ...(created !== undefined && { created }) }),
      expected
    )
  })

  it.each<[enabled: boolean | null | undefined, expected: number]>([[true, 1], [null, 1], [undefined, 1], [false, 0]])(
    "returns runs after the latest unless the schedule is certainly paused: enabled %s",
    (enabled, expected) => {
      const rhythm = Cadence.rhythm(
        { frequency: "daily", enabled },
        [run(at("2026-06-01"))],
        at("2026-06-02T09:00:00Z")
      )
      assert.lengthOf(rhythm === undefined ? [] : Cadence.missed(rhythm, at("2000-01-01")), expected)
    }
  )

  it("is fast for runs in the years 1 and 9999", () => {
    const options = { since: "2026-11-19" }
    const expected = ["2026-11-19", "2026-11-20"]
    assert.deepStrictEqual(missed("daily", ["0001-01-01"], "2026-11-21", options), expected)
    assert.deepStrictEqual(missed("daily", ["2026-11-18", "9999-01-01"], "2026-11-21", options), expected)
    const next = { ...options, next: "9999-12-31" }
    assert.deepStrictEqual(missed("daily", ["2026-11-18"], "2026-11-21", next), expected)
  }, 100)
})

describe("Cadence.firstSlot", () => {
  it.each<[frequency: string, createdAt: string, next: string | undefined, expected: string | undefined]>([
    ["daily", "2026-11-20T00:00:00Z", "2026-11-21", "2026-11-21"],
    ["daily", "2026-11-20T23:59:00Z", "2026-11-21", "2026-11-21"],
    ["daily", "2026-11-20T23:59:00Z", "2026-11-25", "2026-11-21"],
    ["daily", "2026-11-20T00:00:00Z", undefined, "2026-11-22T00:00:00Z"],
    ["weekly", "2026-11-20T07:00:00Z", "2026-11-28", "2026-11-28"],
    ["weekly", "2026-11-20T05:00:00Z", "2026-12-11", "2026-11-27"],
    ["monthly", "2026-01-31T12:00:00Z", "2026-02-28", "2026-02-28"],
    ["monthly", "2026-01-31T12:00:00Z", "2026-03-31", "2026-02-28"],
    ["monthly", "2025-12-31T12:00:00Z", "2026-02-28", "2026-01-31"],
    ["hourly", "2026-11-20", "2026-11-21", undefined]
  ])("%s, created at %s, next run %s: %s", (frequency, createdAt, next, expected) => {
    const first = Cadence.firstSlot({
      frequency,
      createdAt: at(createdAt),
      nextScheduledRun: next === undefined ? null : at(next)
    })
    assert.deepStrictEqual(iso(first === undefined ? [] : [first]), expected === undefined ? [] : [expected])
    assert.isUndefined(Cadence.firstSlot({ frequency }))
  })
})

describe("Cadence.anchorDay", () => {
  const anchorDay = (schedule: Cadence.Schedule, runs: ReadonlyArray<BackupRun.BackupRun>) => {
    const rhythm = Cadence.rhythm(schedule, runs, at("2026-03-01"))
    return rhythm && Cadence.anchorDay(rhythm)
  }

  it.each<[runs: ReadonlyArray<string>, next: string | undefined, expected: number | undefined]>([
    [[], "2026-03-31", undefined],
    [["2026-01-30", "2026-02-28"], undefined, 30],
    [["2026-02-28"], "2026-03-31", 31],
    [["2026-01-31", "2026-02-14T10:00:00Z"], "2026-03-14T10:00:00Z", 14]
  ])("runs %j, next run %s: %s", (runs, next, expected) => {
    const schedule = { frequency: "monthly", nextScheduledRun: next === undefined ? null : at(next) }
    assert.strictEqual(anchorDay(schedule, runs.map((text) => run(at(text)))), expected)
  })

  it("is the day of the creation only if all runs are on the last days of months", () => {
    const schedule = { frequency: "monthly", createdAt: at("2025-12-31") }
    assert.strictEqual(anchorDay(schedule, [run(at("2026-01-15"))]), 15)
    assert.strictEqual(anchorDay(schedule, [run(at("2026-02-28"))]), 31)
  })

  it("is undefined for a weekly schedule", () => {
    assert.isUndefined(anchorDay({ frequency: "weekly" }, [run(at("2026-02-28"))]))
  })
})

describe("runs that start some minutes late", () => {
  const late = [0, 11, -9, 22, 4, -17, 13, 8, -3, 19]
  const day = 86_400_000

  it.each<[what: string, frequency: string, step: number, minutes: ReadonlyArray<number>]>([
    ["daily", "daily", 1, late],
    ["daily, by the maximum", "daily", 1, [0, 29, 0, 29, 0, 29, 0, 29, 0, 29]],
    ["weekly, by an hour", "weekly", 7, late.map((minutes) => minutes * 3)],
    ["every six hours, unknown frequency", "every-6h", 0.25, late.map((minutes) => minutes / 4)]
  ])("still show a missed run: %s", (_, frequency, step, minutes) => {
    const first = DateTime.toEpochMillis(at("2026-06-01"))
    const times = minutes.map((by, count) => first + count * step * day + by * 60_000)
    const runs = times.filter((_, count) => count !== 6).map((time) => DateTime.formatIso(DateTime.makeUnsafe(time)))
    const now = DateTime.formatIso(DateTime.makeUnsafe((times.at(-1) ?? 0) + 3_600_000))
    const found = missed(frequency, runs, now)
    assert.lengthOf(found, 1)
    assert.isAtMost(
      Math.abs(DateTime.toEpochMillis(DateTime.makeUnsafe(found[0] ?? "")) - (first + 6 * step * day)),
      step * day / 24
    )
  })

  it("belong to two cadences if exact runs are an hour apart", () => {
    const runs = ["01", "02", "03", "04", "05", "06"].map((day) => `2026-06-${day}T06:00:00Z`)
    const after = ["10", "11", "12"].map((day) => `2026-06-${day}T06:50:00Z`)
    assert.deepStrictEqual(missed("daily", [...runs, ...after], "2026-06-12T08:00:00Z"), [])
  })
})

describe("runs that start around midnight", () => {
  const minute = 60_000
  const late = [0, 5, 1, 4, 0, 6, 2, 5, 0, 3, 5, 1, 0, 4]
  const { cadences } = Cadence

  it.each<[frequency: BackupSchedule.Frequency, first: string]>([
    ["daily", "2026-06-01T23:58:00Z"],
    ["weekly", "2026-06-01T23:58:00Z"],
    ...[1, 15, 28, 29, 30, 31].map((day) =>
      ["monthly", `2026-01-${String(day).padStart(2, "0")}T23:58:00Z`] as const satisfies [string, string]
    )
  ])("belong to one cadence: %s from %s", (frequency, first) => {
    const cadence = cadences[frequency]
    const slots = Array.from({ length: late.length + 1 }, (_, count) => Cadence.slot(cadence, at(first), count))
    const times = late.map((minutes, count) => DateTime.add(slots[count]!, { minutes }))
    const next = slots[late.length]!
    const isoOf = (time: DateTime.Utc) => DateTime.formatIso(time)
    const options = [{}, { next: isoOf(next) }, { next: isoOf(DateTime.add(next, { minutes: 3 })) }]
    const now = isoOf(DateTime.subtract(next, { minutes: 1 }))
    const missedOf = (runs: ReadonlyArray<DateTime.Utc>, now: string, more: (typeof options)[number]) =>
      missed(frequency, runs.map(isoOf), now, more).map((text) => DateTime.toEpochMillis(DateTime.makeUnsafe(text)))

    for (const more of options) {
      assert.deepStrictEqual(missedOf(times, now, more), [])
      for (const [lost, slot] of slots.slice(0, late.length).entries()) {
        // Nothing is known before the first run.
        if (lost === 0) continue
        const found = missedOf(times.filter((_, count) => count !== lost), now, more)
        assert.lengthOf(found, 1, isoOf(slot))
        assert.isAtMost(Math.abs(found[0]! - DateTime.toEpochMillis(slot)), 10 * minute)
      }
    }
    // The slack of the next run starts at its time.
    const lateAt = Cadence.lateAt(cadence, next)
    assert.deepStrictEqual(missedOf(times, isoOf(DateTime.subtract(lateAt, { minutes: 1 })), {}), [])
    assert.lengthOf(missedOf(times, isoOf(DateTime.add(lateAt, { minutes: 10 })), {}), 1)
  })

  it.each<[runs: ReadonlyArray<string>, next: string | undefined, expected: number]>([
    [["2026-01-31T23:58:00Z", "2026-03-01T00:03:00Z"], undefined, 31],
    [["2026-02-01T00:03:00Z", "2026-02-28T23:58:00Z"], undefined, 31],
    [["2026-01-21T00:03:00Z", "2026-02-20T23:58:00Z"], undefined, 20],
    [["2026-02-21T00:03:00Z"], "2026-03-20T23:58:00Z", 20],
    [["2026-01-21T00:03:00Z", "2026-02-21T00:01:00Z"], "2026-03-21T00:00:00Z", 21]
  ])("belong to the previous day: %j, next run %s", (runs, next, expected) => {
    const schedule = { frequency: "monthly", nextScheduledRun: next === undefined ? null : at(next) }
    const rhythm = Cadence.rhythm(schedule, runs.map((text) => run(at(text))), at("2026-03-02"))
    assert.strictEqual(rhythm && Cadence.anchorDay(rhythm), expected)
  })
})

describe("the tolerance of a cadence", () => {
  const day = 86_400_000
  const first = DateTime.toEpochMillis(at("2026-06-01"))

  it.each<[frequency: string, step: number, least: number, most: number]>([
    ["daily", 1, 59, 61],
    ["weekly", 7, 179, 181]
  ])("is limited to a fraction of the step: %s", (frequency, step, least, most) => {
    /** Every other run is late by a number of minutes, and two are missing. */
    const found = (minutes: number) => {
      const times = Array.from({ length: 12 }, (_, count) => first + count * step * day + count % 2 * minutes * 60_000)
      const runs = times.filter((_, count) => count !== 6 && count !== 7)
      const iso = (time: number) => DateTime.formatIso(DateTime.makeUnsafe(time))
      return missed(frequency, runs.map(iso), iso(times.at(-1)! + 60_000)).length
    }
    assert.strictEqual(found(least), 2)
    assert.strictEqual(found(most), 0)
  })

  it.each<[hours: number, least: number, most: number]>([[1, 2, 3], [6, 4, 6]])(
    "is smaller for runs %s hours apart",
    (hours, least, most) => {
      const found = (minutes: number) => {
        const times = [0, 1, 2, 3, 5].map((count) =>
          first + count * hours * 3_600_000 + (count === 5 ? minutes * 60_000 : 0)
        )
        const iso = (time: number) => DateTime.formatIso(DateTime.makeUnsafe(time))
        return missed("now and then", times.map(iso), iso(times.at(-1)! + 60_000)).length
      }
      assert.strictEqual(found(least), 1)
      assert.strictEqual(found(most), 0)
    }
  )

  it.each<[what: string, isPlanned: boolean, late: number, expected: number]>([
    ["5 minutes for few exact runs", true, 4, 1],
    ["not 6 minutes for few exact runs", true, 6, 0],
    ["1 hour for few runs without planned times", false, 59, 1],
    ["not more than 1 hour for them", false, 61, 0]
  ])("is %s", (_, isPlanned, late, expected) => {
    const runs = [0, 1, 3].map((count) => {
      const time = DateTime.makeUnsafe(first + count * day + (count === 3 ? late * 60_000 : 0))
      return { ...run(time), name: isPlanned ? `nightly-${DateTime.formatIso(time).replace(/[-:]|\.\d+/g, "")}` : null }
    })
    const rhythm = Cadence.rhythm({ frequency: "daily", enabled: false }, runs, at("2026-06-05"))
    assert.lengthOf(rhythm === undefined ? [] : Cadence.missed(rhythm, at("2000-01-01")), expected)
  })
})

describe("Cadence.fromRuns", () => {
  const runs = (...hours: ReadonlyArray<number>) =>
    hours.map((hour) => run(DateTime.add(at("2026-06-01"), { hours: hour })))
  const now = at("2027-06-01")

  it.each<[what: string, hours: ReadonlyArray<number>, longestDays: number | undefined]>([
    ["hours", [0, 1, 2, 3], 1 / 24],
    ["six hours with one missed run", [0, 6, 12, 24, 30], 0.25],
    ["days", [0, 24, 48, 72.3, 96], 1],
    ["weeks", [0, 168, 336, 504], 7],
    ["months", [0, 30 * 24, 61 * 24, 92 * 24], 31],
    ["days with runs less than an hour late", [0, 24.9, 49.8, 74.7], 1],
    ["slightly more than days", [0, 25.1, 50.2, 75.3], 25.1 / 24],
    ["sixteen minutes", [0, 16 / 60, 32 / 60, 48 / 60], 16 / 60 / 24],
    ["nothing for 14 minutes", [0, 14 / 60, 28 / 60, 42 / 60], undefined],
    ["nothing for three runs", [0, 6, 12], undefined],
    ["nothing for different steps", [0, 6, 30, 100], undefined],
    ["nothing for simultaneous runs", [0, 0, 0, 0, 0], undefined],
    ["nothing without runs", [], undefined]
  ])("returns %s", (_, hours, longestDays) => {
    const cadence = Cadence.fromRuns(runs(...hours), now)
    if (longestDays === undefined) assert.isUndefined(cadence)
    else assert.approximately(cadence?.longestDays ?? NaN, longestDays, 0.001)
  })

  it("ignores runs in the future", () => {
    assert.isUndefined(Cadence.fromRuns(runs(0, 6, 12, 18), DateTime.add(at("2026-06-01"), { hours: 13 })))
  })
})
