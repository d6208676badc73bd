import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as RunView from "../src/commands/schedule/RunView.ts"
import { run } from "./harness.ts"
import { now, project, uuid } from "./project.ts"

/** 06:00 UTC, a number of days ago. */
const day = (days: number) => DateTime.subtract(DateTime.makeUnsafe("2026-11-21T06:00:00Z"), { days })

const dayOf = (days: number) => `${DateTime.formatIsoDateUtc(day(days))}T06:00:00Z`

const ran = (days: number, more: { readonly status?: string } = {}): Seed.Run => ({
  backupId: Backup.BackupId.make(uuid(`0000000${days}`)),
  plannedFor: day(days),
  ...more
})

const daily = (runs: ReadonlyArray<Seed.Run>, more: Seed.Schedule = {}) =>
  project({
    schedules: [{
      id: uuid("c688ed12"),
      name: "nightly",
      indexName: "docs",
      createdAt: DateTime.subtract(now, { days: 60 }),
      runs,
      ...more
    }]
  })

/** The status and day of each line. */
const linesOf = (stdout: string) =>
  stdout.trimEnd().split("\n").filter((line) => line !== "").map((line) => line.split("\t").slice(0, 2))

describe("a list of runs", () => {
  const runs = [ran(0), ran(1, { status: "InitializationFailed" }), ran(3), ran(4), ran(6)]

  it.effect.each<[args: string, shown: ReadonlyArray<readonly [string, number]>]>([
    ["", [["Ready", 0], ["Failed", 1], ["Missed", 2], ["Ready", 3], ["Ready", 4], ["Missed", 5], ["Ready", 6]]],
    ["--limit 4", [["Ready", 0], ["Failed", 1], ["Missed", 2]]],
    ["--since 4d", [["Ready", 0], ["Failed", 1], ["Missed", 2], ["Ready", 3]]],
    ["--since 2026-11-17 --status missed", [["Missed", 2]]],
    ["--status missed", [["Missed", 2], ["Missed", 5]]],
    ["--status missed --limit 1", [["Missed", 2]]],
    ["--status failed", [["Failed", 1]]],
    ["--status ready --limit 1", [["Ready", 0]]]
  ])("includes missed runs: %s", ([args, shown]) =>
    Effect.gen(function*() {
      const on = yield* daily(runs)
      for (const selector of ["nightly", "docs", uuid("c688ed12")]) {
        const { exitCode, stdout } = yield* run(`schedule history ${selector} --list ${args}`, { on })
        assert.strictEqual(exitCode, 0)
        const lines = linesOf(stdout).filter(([status]) => status !== "Scheduled")
        assert.deepStrictEqual(lines, shown.map(([status, days]) => [status, dayOf(days)]))
      }
    }))

  it.effect.each([1, 2, 3, 7, 100])(
    "does not depend on chunks and order: %i rows",
    (size) =>
      Effect.gen(function*() {
        const all = [0, 1, 3, 4, 5, 9, 10, 11, 12, 20, 21].map((days) =>
          BackupRun.BackupRun.make({
            backupId: Backup.BackupId.make(`run-${days}`),
            sourceIndexId: PineconeIndex.IndexId.make("index-1"),
            sourceIndexName: PineconeIndex.IndexName.make("docs"),
            name: `nightly-${dayOf(days).replace(/[-:]/g, "")}`,
            status: "Ready",
            createdAt: day(days)
          })
        )
        yield* TestClock.setTime(DateTime.toEpochMillis(now))
        const missedOf = (runs: ReadonlyArray<BackupRun.BackupRun>) =>
          RunView.rows({ frequency: "daily" }, Stream.rechunk(Stream.fromIterable(runs), size)).pipe(
            Stream.filter(({ run }) => run === undefined),
            Stream.runCollect,
            Effect.map((rows) => rows.map(({ at }) => at && DateTime.toEpochMillis(at)))
          )
        const missing = [2, 6, 7, 8, 13, 14, 15, 16, 17, 18, 19].map((days) => DateTime.toEpochMillis(day(days)))
        assert.deepStrictEqual(yield* missedOf(all), missing)
        assert.deepStrictEqual(yield* missedOf(all.toReversed()), missing)
      })
  )

  it.effect("prints missed runs as JSON without a backup, and not with -o id", () =>
    Effect.gen(function*() {
      const on = yield* daily(runs)
      const { stdout } = yield* run("schedule history nightly --status missed --limit 1 -o ndjson", { on })
      assert.deepStrictEqual(JSON.parse(stdout), {
        backup_id: null,
        source_index_name: "docs",
        status: "Missed",
        planned_for: dayOf(2)
      })
      const ids = yield* run("schedule history nightly --since 7d -o id", { on })
      assert.deepStrictEqual(
        ids.stdout.trimEnd().split("\n").filter((id) => id.startsWith("0000000")),
        [0, 1, 3, 4, 6].map((days) => uuid(`0000000${days}`))
      )
      assert.notInclude(ids.stdout, "\n\n")
    }))

  it.effect("includes missed runs after the latest run if the schedule is active, but not if it is paused", () =>
    Effect.gen(function*() {
      for (const [enabled, missed] of [[true, [0, 1]], [false, []]] as const) {
        const on = yield* daily([ran(2), ran(3)], { enabled })
        const { stdout } = yield* run("schedule history nightly --status missed -l", { on })
        assert.deepStrictEqual(linesOf(stdout).map(([, at]) => at), missed.map(dayOf))
      }
    }))
})
