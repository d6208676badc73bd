import { assert, describe, it } from "@effect/vitest"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as CliOutput from "effect/cli/CliOutput"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { emulate } from "./emulator.ts"
import * as Harness from "./harness.ts"
import { now, project, seeds, uuid } from "./project.ts"
import { shell } from "./support.ts"
import * as Vt from "./vt.ts"

/** Advances the clock in small steps. */
const pass = (seconds: number) => Effect.repeat(TestClock.adjust("1 second"), { times: seconds - 1 })

/** A project with a restore that takes six minutes, a backup that never finishes, and others that take six minutes. */
const busy = project({
  ...seeds,
  restoreJobs: seeds.restoreJobs?.slice(2) ?? [],
  project: { backupDuration: Duration.minutes(1) }
})

const json = (text: string) => text.trimEnd().split("\n").map((line) => JSON.parse(line))

describe("pcb status", () => {
  it.effect("prints a JSON document with indexes, worst first, and running operations", () =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* Harness.run("status -o json", { on: yield* busy })
      assert.deepStrictEqual([exitCode, stderr], [0, ""])
      const report = JSON.parse(stdout)
      assert.deepStrictEqual(Object.keys(report), [
        "schema",
        "at",
        "status",
        "totals",
        "quota",
        "project",
        "data",
        "operations"
      ])
      assert.strictEqual(report.schema, "pcb.status/v1")
      assert.deepStrictEqual(
        report.data.map(({ copies, index_name, status }: Record<string, unknown>) => [index_name, status, copies]),
        [["docs", "warning", 4], ["docs-trial", "warning", 0], ["wiki", "warning", 1]]
      )
      assert.deepStrictEqual(
        report.data[0].recent_runs.map(({ outcome }: { readonly outcome: string }) => outcome),
        ["ready", "failed", "ready", "ready"]
      )
      assert.deepStrictEqual(report.operations, [
        {
          kind: "restore",
          id: uuid("3e9b5512"),
          index_name: "docs-trial",
          status: "Pending",
          started_at: "2026-11-21T19:55:40.000Z",
          elapsed_seconds: 260,
          percent_complete: report.operations[0].percent_complete
        },
        {
          kind: "backup",
          id: uuid("0b77aa01"),
          index_name: "wiki",
          status: "Initializing",
          started_at: "2026-11-21T19:58:00.000Z",
          elapsed_seconds: 120,
          percent_complete: null
        }
      ])
    }))

  it.effect("selects fields of indexes, and operations of the named indexes", () =>
    Effect.gen(function*() {
      const { stdout } = yield* Harness.run("status wiki --json=index_name,copies", { on: yield* busy })
      const { data, operations } = JSON.parse(stdout)
      assert.deepStrictEqual(data, [{ index_name: "wiki", copies: 1 }])
      assert.deepStrictEqual(operations.map(({ id }: { readonly id: string }) => id), [uuid("0b77aa01")])
    }))

  it.effect("prints one line each with -o ndjson, and names with -o id", () =>
    Effect.gen(function*() {
      const plane = yield* busy
      const { stdout } = yield* Harness.run("status -o ndjson", { on: plane })
      assert.deepStrictEqual(
        json(stdout).map(({ index_name, is_over, type }) => [type, index_name, is_over]),
        [
          ["index", "docs", undefined],
          ["index", "docs-trial", undefined],
          ["index", "wiki", undefined],
          ["operation", "docs-trial", false],
          ["operation", "wiki", false]
        ]
      )
      assert.strictEqual((yield* Harness.run("status -o id", { on: plane })).stdout, "docs\ndocs-trial\nwiki\n")
    }))

  it.effect("shows an index with unreadable schedules as unknown, and exits with 0", () =>
    Effect.gen(function*() {
      const plane = yield* busy
      yield* plane.fault("BackupSchedules.list", Fault.respond({ status: 403 }), { times: 9 })
      const { exitCode, stdout } = yield* Harness.run("status", { on: plane, columns: 100 })
      assert.strictEqual(exitCode, 0)
      assert.match(stdout, /^\? {2}docs .* unreadable/m)
      assert.include(stdout, "3 indexes: 3 unknown")
    }))

  it.effect.each([["403", 4], ["503", 1], ["404", 3]] as const)(
    "fails like other commands if the project cannot be read: HTTP %s",
    ([status, exitCode]) =>
      Effect.gen(function*() {
        const plane = yield* busy
        yield* plane.fault("Indexes.list", Fault.respond({ status: Number(status) }), { times: 4 })
        const { fiber, run } = yield* Harness.start("status", { on: plane })
        while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* run).exitCode, exitCode)
      })
  )

  it.effect("exits with 3 for an unknown index, and with 2 for an invalid interval", () =>
    Effect.gen(function*() {
      const plane = yield* busy
      assert.strictEqual((yield* Harness.run("status nope", { on: plane })).exitCode, 3)
      const { exitCode, stderr } = yield* Harness.run("status --watch=10ms", { on: plane })
      assert.strictEqual(exitCode, 2)
      assert.include(stderr, "Expected 1s or more")
    }))

  it.effect("shows progress on a terminal and erases it", () =>
    Effect.gen(function*() {
      const indexes = Array.from({ length: 250 }, (_, index) => ({ name: `index-${index}` }))
      const plane = yield* project({ indexes })
      const { fiber, run } = yield* Harness.start("status -o id", { on: plane, errorColumns: 80 })
      while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
      const { drawn, exitCode, stdout } = yield* run
      assert.strictEqual(exitCode, 0)
      assert.lengthOf(stdout.trimEnd().split("\n"), 250)
      assert.match(drawn, /Checked \d+ of 250 indexes/)
      assert.deepStrictEqual(Vt.show(drawn), { lines: [], row: 0, isCursorVisible: true, isWrapping: true })
    }))

  it.live("uses the policy in the working directory, like an audit, and prints its name", () =>
    Effect.gen(function*() {
      const directory = yield* Harness.home({ "pinecone-backups.policy.yaml": "defaults:\n  minCopies: 500\n" })
      const { host } = yield* emulate(seeds)
      const { code, stderr, stdout } = yield* shell(`cd ${directory}; pcb status docs -o tsv --host ${host}`, {
        PINECONE_API_KEY: "any"
      })
      assert.deepStrictEqual([code, stderr], [0, "Using policy pinecone-backups.policy.yaml\n"])
      assert.match(stdout, /\bcopies$/m)
    }), 30_000)

  it.effect.each([40, 47, 60, 80, 100, 120, 200])("fits a terminal of %s columns", (columns) =>
    Effect.gen(function*() {
      const { stdout } = yield* Harness.run("--demo status", { columns })
      for (const line of stdout.split("\n")) assert.isAtMost(CliOutput.displayWidth(line), columns, line)
    }))
})

describe("pcb status of deleted indexes", () => {
  it.effect.each(["json", "ndjson", "tsv"])(
    "distinguishes indexes with the same name: -o %s",
    (format) =>
      Effect.gen(function*() {
        const deleted = ["11111111", "22222222"].map(uuid)
        const plane = yield* project({
          indexes: deleted.map((id) => ({ id, name: "docs", deletedAt: now })),
          backups: deleted.map((id) => ({ sourceIndexId: PineconeIndex.IndexId.make(id) }))
        })
        const { stdout } = yield* Harness.run(`status -o ${format}`, { on: plane })
        assert.lengthOf(stdout.match(/\bthe index was deleted|\torphan$/gm) ?? [], 2, stdout)
      })
  )
})

describe("pcb status --watch", () => {
  /** The terminal of a watch. */
  const watch = Effect.fnUntraced(function*(
    plane: ControlPlane.Service,
    args: string,
    options: Harness.Options = {}
  ) {
    const columns = 100
    const run = yield* Harness.start(args, { on: plane, columns, rows: 40, errorColumns: columns, ...options })
    // Loading the program takes real time.
    while ((yield* run.stdout) === "") yield* TestClock.adjust("1 millis")
    return { ...run, end: Effect.andThen(Fiber.interrupt(run.fiber), run.run) }
  })

  it.effect("redraws the page in place, and leaves it on the screen at Ctrl-C", () =>
    Effect.gen(function*() {
      const { end } = yield* watch(yield* busy, "status --watch")
      yield* pass(66)
      const { exitCode, stderr, stdout } = yield* end
      assert.strictEqual(exitCode, 130)
      assert.strictEqual(stderr, "")
      const shown = Vt.show(stdout)
      assert.isTrue(shown.isCursorVisible && shown.isWrapping)
      assert.strictEqual(shown.lines.filter((line) => line.includes("INDEX")).length, 2)
      assert.match(shown.lines.join("\n"), /^backup +wiki +◐ Initializing +3m\d?s?/m)
      assert.strictEqual(shown.lines.at(-1), "2026-11-21 20:01 UTC · every 5s · Ctrl-C to stop")
      assert.strictEqual(shown.row, shown.lines.length)
    }))

  it.effect("shows the progress of a backup, and removes it afterwards", () =>
    Effect.gen(function*() {
      const plane = yield* busy
      const { end, stdout } = yield* watch(plane, "status docs --watch=20s")
      yield* pass(2)
      yield* Harness.run("backup create docs --name another", { on: plane })
      yield* pass(21)
      const before = Vt.show(yield* stdout).lines
      assert.match(before.join("\n"), /^backup +docs +◐ Initializing +\d+s/m)
      yield* pass(80)
      const after = Vt.show((yield* end).stdout).lines
      assert.notInclude(after.join("\n"), "Initializing")
      assert.match(after.join("\n"), /^. {2}docs .* 1m ago +5 /m)
      assert.isBelow(after.length, before.length)
    }))

  it.effect("continues after a transient failure, and reports it until the next success", () =>
    Effect.gen(function*() {
      const plane = yield* busy
      const { end, stdout } = yield* watch(plane, "status --watch=2m")
      yield* pass(1)
      yield* plane.fault("Indexes.list", Fault.respond({ status: 503 }), { times: 4 })
      yield* pass(200)
      assert.match(Vt.show(yield* stdout).lines.at(-1) ?? "", /^refresh failed: /)
      yield* pass(150)
      assert.match(Vt.show((yield* end).stdout).lines.at(-1) ?? "", /^2026-11-21 20:0\d UTC · every 2m/)
    }))

  it.effect("exits after a permanent failure, with the error below the page", () =>
    Effect.gen(function*() {
      const plane = yield* busy
      const { fiber, run } = yield* watch(plane, "status --watch")
      yield* pass(1)
      yield* plane.fault("Indexes.list", Fault.respond({ status: 401 }))
      while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
      const { exitCode, stderr, stdout } = yield* run
      assert.strictEqual(exitCode, 4)
      assert.match(stderr, /^error: /)
      assert.isTrue(Vt.show(stdout).isCursorVisible)
      assert.include(Vt.show(stdout).lines.at(-1), "Ctrl-C")
    }))

  it.effect("prints the number of lines that do not fit", () =>
    Effect.gen(function*() {
      const indexes = Array.from({ length: 30 }, (_, index) => ({ name: `index-${index}` }))
      const { end } = yield* watch(yield* project({ indexes }), "status --watch", { rows: 12 })
      yield* pass(2)
      const { lines } = Vt.show((yield* end).stdout)
      assert.isAtMost(lines.length, 11)
      assert.isTrue(lines.some((line) => /^\(2\d more lines\)$/.test(line)), lines.join("\n"))
    }))

  it.effect.each([1, 2, 3, 4, 5, 8])(
    "draws only lines that fit a terminal of %s rows",
    (rows) =>
      Effect.gen(function*() {
        const { end, stdout } = yield* watch(yield* busy, "status --watch", { rows })
        yield* pass(30)
        // Lines that scrolled off the screen could not be redrawn.
        const { lines, row } = Vt.show(yield* stdout)
        assert.isBelow(row, rows)
        assert.include(lines.at(-1), "Ctrl-C to stop")
        yield* end
      })
  )

  it.effect.each(["pipe", "CI", "TERM"])(
    "prints changed lines if nothing can be drawn: %s",
    (where) =>
      Effect.gen(function*() {
        const plane = yield* busy
        const { end } = yield* watch(
          plane,
          "status docs wiki --watch",
          where === "pipe" ? { columns: undefined } : { env: where === "CI" ? { CI: "true" } : { TERM: "dumb" } }
        )
        yield* pass(2)
        yield* Harness.run("backup create docs --name another", { on: plane })
        yield* pass(90)
        const { exitCode, stdout } = yield* end
        assert.strictEqual(exitCode, 130)
        assert.deepStrictEqual(stdout.match(/\b(docs|wiki|INDEX)\b(?!-)/g), [
          ...(where === "pipe" ? [] : ["INDEX"]),
          "docs",
          "wiki",
          // The other backup became ready.
          "docs"
        ])
        assert.notInclude(stdout, "\u001b")
      })
  )

  it.effect.each(["-o ndjson", "-o json", "--json"])(
    "prints an object for each change, and for each finished operation: %s",
    (args) =>
      Effect.gen(function*() {
        const plane = yield* busy
        const { end } = yield* watch(plane, `status --watch ${args}`, { columns: undefined })
        yield* pass(2)
        const made = yield* Harness.run("backup create docs --name another -o id", { on: plane })
        yield* pass(90)
        const lines = json((yield* end).stdout)
        assert.deepStrictEqual(
          lines.filter(({ id }) => id === made.stdout.trim()).map(({ is_over, status }) => [status, is_over]),
          [["Initializing", false], ["Ready", true]]
        )
        assert.deepStrictEqual(
          lines.filter(({ index_name, type }) => type === "index" && index_name === "docs").map(({ copies }) => copies),
          [4, 5]
        )
      })
  )

  it.effect.each(["pipe", "CI"])("updates ages if nothing else changes: %s", (where) =>
    Effect.gen(function*() {
      const plane = yield* project({
        schedules: [{
          id: uuid("c688ed12"),
          name: "docs-daily",
          indexName: "docs",
          enabled: false,
          runs: [{ plannedFor: DateTime.makeUnsafe("2026-11-21T06:00:00Z") }]
        }]
      })
      const { end } = yield* watch(
        plane,
        "status docs --watch=1h",
        where === "pipe" ? { columns: undefined } : { env: { CI: "true" } }
      )
      for (let hour = 0; hour < 30; hour++) yield* TestClock.adjust("1 hour")
      const { stdout } = yield* end
      const lines = stdout.split("\n").filter((line) => /\bdocs\b/.test(line))
      assert.isAtLeast(lines.length, 2, stdout)
      assert.notMatch(lines[0] ?? "", /\bpaused \+|\bpaused$|stale/)
      assert.match(lines.at(-1) ?? "", where === "pipe" ? /\tpaused\b[^\t]*$/ : /paused/)
      if (where === "CI") {
        // The age is that of its own line, not of the first line.
        assert.include(lines[0], " 14h ago ")
        assert.notInclude(lines.at(-1), " 14h ago ")
        assert.match(lines.at(-1) ?? "", / \d+[hd] ago /)
      }
    }))

  it.effect.each(["Backups.list", "RestoreJobs.list"] as const)(
    "does not report an operation as finished after a failed read: %s",
    (operation) =>
      Effect.gen(function*() {
        const plane = yield* busy
        const { end } = yield* watch(plane, "status --watch=1m -o ndjson", { columns: undefined })
        yield* pass(1)
        yield* plane.fault(operation, Fault.respond({ status: 403 }), { times: 2 })
        yield* pass(120)
        const ids = [uuid("0b77aa01"), uuid("3e9b5512")]
        const operations = (text: string) => json(text).filter(({ id }) => ids.includes(id))
        yield* pass(60)
        const { stderr, stdout } = yield* end
        assert.isTrue(operations(stdout).every(({ is_over, status }) => !is_over && status !== "gone"), stdout)
        assert.strictEqual(stderr, "note: read failed: A fault returns 403.\n")
      })
  )

  it.effect("reports once how a backup finished during failed reads", () =>
    Effect.gen(function*() {
      const plane = yield* busy
      const { end } = yield* watch(plane, "status --watch=1m -o ndjson", { columns: undefined })
      yield* pass(1)
      const made = yield* Harness.run("backup create docs --name another -o id", { on: plane })
      // The backup is seen once while running, and the next refresh fails.
      yield* plane.fault("Backups.list", Fault.respond({ status: 403 }), { skip: 1 })
      yield* pass(200)
      const lines = json((yield* end).stdout)
      const over = lines.filter(({ id, is_over }) => id === made.stdout.trim() && is_over === true)
      assert.deepStrictEqual(over.map(({ status }) => status), ["Ready"])
    }))

  it.effect.each<[format: string, unknown: RegExp]>([
    ["tsv", /^unknown\t(docs|wiki|docs-trial)\t.*unreadable/],
    ["ndjson", /"index_name":"(docs|wiki|docs-trial)","status":"unknown".*A fault returns 503/]
  ])(
    "prints every index as unknown while the service is down: -o %s",
    ([format, unknown]) =>
      Effect.gen(function*() {
        const plane = yield* busy
        const { end, stdout } = yield* watch(plane, `status --watch=1m -o ${format}`, { columns: undefined })
        yield* pass(1)
        const before = (yield* stdout).length
        yield* plane.fault("*", Fault.respond({ status: 503 }), { times: "always" })
        yield* pass(600)
        const while_ = (yield* stdout).slice(before).trimEnd().split("\n")
        assert.lengthOf(while_, 3, while_.join("\n"))
        for (const line of while_) assert.match(line, unknown)
        yield* plane.clearFaults
        yield* pass(120)
        const { stderr, stdout: all } = yield* end
        assert.notMatch(all, /"gone"/)
        const after = all.slice(before).trimEnd().split("\n").slice(3).join("\n")
        for (const name of ["docs", "wiki", "docs-trial"]) assert.match(after, new RegExp(`\\b${name}\\b`))
        assert.notMatch(after, /unreadable/)
        assert.strictEqual(stderr, "note: read failed: A fault returns 503.\n")
      })
  )

  it.effect("keeps a deleted index as unknown while its backups cannot be read", () =>
    Effect.gen(function*() {
      const id = uuid("11111111")
      const plane = yield* project({
        indexes: [{ id, name: "gone", deletedAt: now }],
        backups: [{ sourceIndexId: PineconeIndex.IndexId.make(id) }]
      })
      const { end } = yield* watch(plane, "status --watch=1m -o ndjson", { columns: undefined })
      yield* pass(1)
      yield* plane.fault("Backups.list", Fault.respond({ status: 403 }), { times: 2 })
      yield* pass(200)
      const rows = json((yield* end).stdout).filter(({ index_name }) => index_name === "gone")
      assert.deepStrictEqual(rows.map(({ copies, status }) => [status, copies]), [
        ["ok", 1],
        ["unknown", null],
        ["ok", 1]
      ])
      assert.include(JSON.stringify(rows[1].findings), "A fault returns 403")
    }))

  it.effect("reports a failed refresh on standard error and continues", () =>
    Effect.gen(function*() {
      const plane = yield* busy
      const { end } = yield* watch(plane, "status --watch=1m", { columns: undefined })
      yield* pass(1)
      yield* plane.fault("Indexes.list", Fault.respond({ status: 503 }), { times: 4 })
      yield* pass(200)
      yield* Harness.run("backup delete before-reindex --yes", { on: plane })
      yield* pass(60)
      const { stderr, stdout } = yield* end
      assert.lengthOf(stderr.trimEnd().split("\n"), 1)
      assert.match(stderr, /^note: /)
      assert.isAtLeast(stdout.trimEnd().split("\n").length, 3)
    }))
})
