import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as Cadence from "@pinecone-backups/core/health/Cadence"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import * as Calendar from "../src/commands/schedule/Calendar.ts"
import * as RunTimeline from "../src/shared/RunTimeline.ts"
import * as Text from "../src/terminal/Text.ts"
import { plainScreen } from "./screens.ts"

const now = DateTime.makeUnsafe("2026-11-21T20:00:00Z")
const lastRun = DateTime.makeUnsafe("2026-11-21T06:00:00Z")

const run = (at: DateTime.Utc, more: Partial<BackupRun.BackupRun> = {}): BackupRun.BackupRun => ({
  backupId: Backup.BackupId.make(DateTime.formatIso(at)),
  sourceIndexId: PineconeIndex.IndexId.make("index"),
  sourceIndexName: PineconeIndex.IndexName.make("docs"),
  name: `nightly-${DateTime.formatIso(at).replace(/\.\d+/, "").replace(/[-:]/g, "")}`,
  status: "Ready",
  createdAt: at,
  ...more
})

const daysAgo = (days: number, hours = 0) => DateTime.subtract(lastRun, { days, hours })

/** The missed runs according to the audit. */
const missedOf = (schedule: Cadence.Schedule, runs: ReadonlyArray<BackupRun.BackupRun>) => {
  const rhythm = Cadence.rhythm(schedule, runs, now)
  return rhythm === undefined ? [] : Cadence.missed(rhythm, DateTime.subtract(now, { years: 20 }))
}

/** The number of run symbols in a picture. */
const drawn = (lines: ReadonlyArray<string>) => lines.join("").match(/[●✗▲○◐]/g)?.length ?? 0

const columns = Schema.Int.check(Schema.isBetween({ minimum: 40, maximum: 200 }))
const ages = Schema.UniqueArray(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 500 })))
const statuses = ["Ready", "InitializationFailed", "Initializing"] as const

/** Letters of different lengths and widths. Lone surrogates and marks would change the width of the text next to them. */
const words = Schema.Array(Schema.Literals(["a", "-", "e\u0301", "漢", "👩‍💻"]))

describe("Calendar", () => {
  it.prop("draws every daily and missed run once, within the screen width", [columns, ages], ([
    columns,
    ages
  ]) => {
    const runs = ages.map((age) => run(daysAgo(age), { status: statuses[age % 3] ?? "Ready" }))
    const schedule = { enabled: true, frequency: "daily" } as const
    const lines = Calendar.calendar(RunTimeline.slots(schedule, runs, now), plainScreen(columns))
    assert.strictEqual(drawn(lines), ages.length)
    assert.strictEqual(lines.join("").match(/·/g)?.length ?? 0, missedOf(schedule, runs).length)
    for (const line of lines) assert.isAtMost(line.length, columns)
  })

  it.prop("draws every weekly run once, on a strip within the screen width", [columns, ages], ([columns, ages]) => {
    const runs = ages.map((age) => run(daysAgo(7 * age)))
    const schedule = { enabled: true, frequency: "weekly" } as const
    const lines = Calendar.strip(RunTimeline.slots(schedule, runs, now), plainScreen(columns), now)
    assert.strictEqual(drawn(lines), ages.length)
    assert.strictEqual(lines.join("").match(/·/g)?.length ?? 0, missedOf(schedule, runs).length)
    for (const line of lines) assert.isAtMost(line.length, columns)
  })

  it.prop("counts every due slot in the summary", [ages], ([ages]) => {
    const slots = RunTimeline.slots({ enabled: true, frequency: "daily" }, ages.map((age) => run(daysAgo(age))), now)
    const text = Calendar.summary(slots, plainScreen(80)).join(" ")
    if (slots.length > 0) assert.match(text, new RegExp(`^${slots.length} runs?: `))
  })

  it.prop("wraps to lines that fit, keeping every part", [columns, Schema.Array(words)], ([columns, texts]) => {
    const parts = texts.map((letters) => Text.cut(letters.join(""), 39)).filter((text) => text !== "")
    const lines = Calendar.wrap(parts, " ", columns)
    assert.deepStrictEqual(lines.flatMap((line) => line.split(" ")), parts)
    for (const line of lines) assert.isAtMost(Text.width(line), columns)
  })

  it("shows the smallest number of each column", () => {
    const values = Array.from({ length: 90 }, (_, index) => index === 50 ? 0 : 1000)
    const curve = Calendar.curve(values, 20, true)
    assert.lengthOf([...curve], 20)
    assert.strictEqual([...curve].filter((level) => level === "▁").length, 1)
    assert.strictEqual(Calendar.curve([0, 1], 20, false), "_#")
    assert.strictEqual(Calendar.curve([], 20, true), "")
  })
})

describe("Runs", () => {
  const phases = (
    runs: ReadonlyArray<BackupRun.BackupRun>,
    schedule: Parameters<typeof RunTimeline.slots>[0],
    at = now
  ) => RunTimeline.slots(schedule, runs, at).map(({ at, phase }) => [DateTime.formatIso(at).slice(0, 10), phase])
  const next = DateTime.makeUnsafe("2026-11-22T06:00:00Z")

  it("reports today's run as missed if the next run is tomorrow", () =>
    assert.deepStrictEqual(
      phases([run(daysAgo(1))], { enabled: true, frequency: "daily", nextScheduledRun: next }),
      [["2026-11-20", "done"], ["2026-11-21", "missed"], ["2026-11-22", "planned"]]
    ))

  it("reports no missed runs for a paused schedule", () =>
    assert.deepStrictEqual(
      phases([run(daysAgo(9))], { enabled: false, frequency: "daily", nextScheduledRun: next }),
      [["2026-11-12", "done"]]
    ))

  it("lists a planned run once, from the history or the schedule", () =>
    assert.deepStrictEqual(
      phases([run(next, { status: "Scheduled", scheduledExecutionAt: next }), run(daysAgo(0))], {
        enabled: true,
        frequency: "daily",
        nextScheduledRun: next
      }),
      [["2026-11-21", "done"], ["2026-11-22", "planned"]]
    ))

  it("reports a run as late if it has not started an hour after its time", () =>
    assert.deepStrictEqual(
      phases(
        [
          run(daysAgo(2), { createdAt: DateTime.add(daysAgo(2), { hours: 2 }) }),
          // The planned time, which does not prove a start.
          run(daysAgo(1), { createdAt: daysAgo(2) }),
          run(daysAgo(0), { status: "Scheduled", scheduledExecutionAt: daysAgo(0) })
        ],
        { enabled: true, frequency: "daily" },
        daysAgo(0, -1.5)
      ),
      [["2026-11-19", "late"], ["2026-11-20", "done"], ["2026-11-21", "late"]]
    ))

  it.each([true, false])(
    "reports a run as missed after its slack, listed as Scheduled: %s",
    (listed) =>
      assert.deepStrictEqual(
        phases([
          run(daysAgo(2)),
          run(daysAgo(1)),
          ...(listed ? [run(daysAgo(0), { status: "Scheduled", scheduledExecutionAt: daysAgo(0) })] : [])
        ], { enabled: true, frequency: "daily" }),
        [["2026-11-19", "done"], ["2026-11-20", "done"], ["2026-11-21", "missed"]]
      )
  )

  it("reports up to 1,000 missed runs, even for nonsensical dates", () => {
    const runs = [run(DateTime.makeUnsafe("0001-01-01T06:00:00Z")), run(daysAgo(0))]
    const slots = RunTimeline.slots({ enabled: true, frequency: "daily" }, runs, now)
    assert.strictEqual(slots.filter(({ phase }) => phase === "missed").length, 999)
  })

  it("handles months of different lengths", () => {
    const at = (text: string) => run(DateTime.makeUnsafe(text))
    assert.deepStrictEqual(
      phases([at("2026-06-30T06:00:00Z"), at("2026-07-31T06:00:00Z"), at("2026-10-31T06:00:00Z")], {
        enabled: true,
        frequency: "monthly"
      }),
      [
        ["2026-06-30", "done"],
        ["2026-07-31", "done"],
        ["2026-08-31", "missed"],
        ["2026-09-30", "missed"],
        ["2026-10-31", "done"]
      ]
    )
  })

  it("reports no missed run after a cadence restart or with an unknown frequency", () => {
    assert.lengthOf(phases([run(daysAgo(1, 6)), run(daysAgo(0, -10))], { enabled: true, frequency: "daily" }), 2)
    assert.lengthOf(phases([run(daysAgo(9)), run(daysAgo(0))], { enabled: true, frequency: "hourly" }), 2)
  })
})
