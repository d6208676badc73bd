import { assert, describe, it } from "@effect/vitest"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as Effect from "effect/Effect"
import { run } from "./harness.ts"
import { project, seeds, uuid } from "./project.ts"

/** `wiki` is the name of an index with a schedule, and of another index's schedule. */
const namesakes = {
  ...seeds,
  indexes: [...seeds.indexes ?? [], { name: "notes" }],
  schedules: [
    ...seeds.schedules ?? [],
    { id: uuid("1a000000"), name: "wiki-weekly", indexName: "wiki", runs: 0 },
    { id: uuid("1b000000"), name: "wiki", indexName: "notes", runs: 0 }
  ]
}

describe("pcb schedule", () => {
  it.effect("sends nothing before a deletion that cannot be confirmed", () =>
    Effect.gen(function*() {
      for (const more of ["", " -o json", " --no-input"]) {
        const result = yield* run(`--demo --debug schedule delete docs-daily${more}`)
        assert.strictEqual(result.exitCode, 6)
        assert.strictEqual(result.stdout, "")
        assert.notInclude(result.stderr, "> GET")
        assert.notInclude(result.stderr, "> DELETE")
      }
    }))

  it.effect.each([
    "schedule update docs-daily --keep 7",
    "schedule update docs-daily --keep 7 -o json",
    "schedule create docs --every daily --keep 7 --ensure"
  ])("changes nothing if losing backups cannot be confirmed: %s", (args) =>
    Effect.gen(function*() {
      const result = yield* run(`--demo --debug ${args}`)
      assert.strictEqual(result.exitCode, 6)
      assert.strictEqual(result.stdout, "")
      assert.include(result.stderr, "Refusing to let 22 backups expire without --yes")
      assert.match(result.stderr, /^> GET /m)
      assert.notMatch(result.stderr, /^> (POST|PATCH|DELETE) /m)
    }))

  it.effect.each([
    "create docs-restored --every daily --keep 7",
    "create docs --every weekly --keep 3 --ensure",
    "update docs --every weekly --keep 3",
    "pause docs product-catalog",
    "resume legacy-monthly",
    "delete docs-daily tickets-weekly"
  ])("sends only reads with --dry-run: %s", (args) =>
    Effect.gen(function*() {
      const result = yield* run(`--demo --debug schedule ${args} --dry-run`)
      assert.strictEqual(result.exitCode, 0)
      assert.strictEqual(result.stdout, "")
      assert.notMatch(result.stderr, /^> (POST|PATCH|DELETE) /m)
      assert.match(result.stderr, /^Would /m)
    }))

  it.effect.each<[command: string, enabled: boolean]>([["pause", false], ["resume", true]])(
    "sends %s if the service does not report whether a schedule is active",
    ([command, enabled]) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds)
        for (const operation of ["BackupSchedules.list", "BackupSchedules.describe"] as const) {
          yield* plane.fault(operation, Fault.withoutFields(["enabled"]), { times: "always" })
        }
        const planned = yield* run(`schedule ${command} docs --dry-run -o json`, { on: plane })
        assert.deepStrictEqual(JSON.parse(planned.stdout).requests.map(({ body }: { body: unknown }) => body), [
          { enabled }
        ])
        const { exitCode, stderr } = yield* run(`schedule ${command} docs`, { on: plane })
        assert.strictEqual(exitCode, 0, stderr)
        assert.notInclude(stderr, "already")
        assert.deepStrictEqual(
          (yield* plane.requests).filter(({ method }) => method === "PATCH").map(({ body }) => JSON.parse(body ?? "")),
          [{ enabled }]
        )
        const list = yield* run("schedule list -o tsv", { on: plane })
        assert.notMatch(list.stdout, /\b(active|paused)\b/)
      })
  )

  it.effect("omits pagination from JSON only if --limit cut the list", () =>
    Effect.gen(function*() {
      const history = "--demo schedule history c688ed12-5a39-4254-9518-bd394b7f4886 -o json"
      const cut = JSON.parse((yield* run(`${history} --limit 90`)).stdout)
      assert.deepStrictEqual(Object.keys(cut), ["data"])
      assert.lengthOf(cut.data, 90)
      const whole = JSON.parse((yield* run(`${history} --limit 91`)).stdout)
      assert.lengthOf(whole.data, 91)
      assert.isNull(whole.pagination)
    }))

  it.effect("prints local times with --time local", () =>
    Effect.gen(function*() {
      const history = "--demo schedule history docs --list --since 2d"
      const local = yield* run(`${history} --time local`, { columns: 120 })
      assert.match(local.stdout, /Scheduled {2}2026-11-2[123] \d\d:\d\d [+-]\d\d:\d\d {2}/)
      const utc = yield* run(`${history} --time utc`, { columns: 120 })
      assert.include(utc.stdout, "Scheduled  2026-11-22 06:00 UTC  ")
    }))

  it.effect.each(["update wiki --keep 60", "pause wiki", "resume wiki", "delete wiki --yes", "pause wiki --dry-run"])(
    "rejects an ambiguous name without changes: %s",
    (args) =>
      Effect.gen(function*() {
        const plane = yield* project(namesakes)
        const { exitCode, stderr, stdout } = yield* run(`schedule ${args}`, { on: plane })
        assert.deepStrictEqual([exitCode, stdout], [2, ""])
        assert.strictEqual(
          stderr,
          [
            "error: \"wiki\" is the name of an index and of a schedule of another index",
            `  ${uuid("1a000000")}  wiki-weekly, of index wiki`,
            `  ${uuid("1b000000")}  wiki, of index notes`,
            "  try         use the ID of the schedule",
            ""
          ].join("\n")
        )
        assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))
      })
  )

  it.effect.each(["describe", "history"])(
    "prefers the index for reads: %s",
    (command) =>
      Effect.gen(function*() {
        const plane = yield* project(namesakes)
        const { exitCode } = yield* run(`schedule ${command} wiki`, { on: plane })
        assert.strictEqual(exitCode, 0)
        const asked = (yield* plane.requests).map(({ url }) => url)
        assert.isTrue(asked.some((url) => url.startsWith(`/backup-schedules/${uuid("1a000000")}`)))
        assert.isFalse(asked.some((url) => url.includes(uuid("1b000000"))))
      })
  )

  const failed = { status: "InitializationFailed" } as const

  it.effect.each<[runs: ReadonlyArray<{ readonly status?: string }>, isLast: boolean]>([
    [[failed, failed, {}, {}], true],
    [[{}, failed, {}, {}], false]
  ])("warns if no backup would be left to restore an index from: %j", ([runs, isLast]) =>
    Effect.gen(function*() {
      const plane = yield* project({ schedules: [{ id: uuid("c688ed12"), name: "nightly", indexName: "docs", runs }] })
      const dry = yield* run("schedule update nightly --keep 2 --dry-run", { on: plane })
      const lines = [
        "A retention of 2 days instead of 30 also applies to existing backups:",
        `  2 of ${isLast ? 2 : 3} backups become due for deletion (oldest 2026-11-18, ${
          dry.stderr.match(/[\d.]+ [kMG]B/)?.[0]
        } in all)`,
        ...(isLast ? ["▲ No backup will be left to restore docs from"] : [])
      ]
      const flags = isLast ? "--yes --allow-last-copy" : "--yes"
      const end = `Requires ${flags} or confirmation at a prompt. Nothing was changed.`
      assert.strictEqual(
        dry.stderr,
        [...lines, "Would change nightly: retention from 30 to 2 days", end, ""].join("\n")
      )
      const refused = yield* run("schedule update nightly --keep 2", { on: plane })
      assert.strictEqual(refused.exitCode, 6)
      assert.include(
        refused.stderr,
        `${lines.join("\n")}\nerror: Refusing to let ${
          isLast ? "the last good backup of docs" : "2 backups"
        } expire without ${isLast ? "--yes --allow-last-copy" : "--yes"}\n`
      )
      const ensured = yield* run("schedule create docs --every daily --keep 2 --ensure", { on: plane })
      assert.deepStrictEqual([ensured.exitCode, ensured.stderr], [refused.exitCode, refused.stderr])
      // A manual backup can be restored.
      yield* plane.seedBackup({ indexName: "docs" })
      const other = yield* run("schedule update nightly --keep 2 --yes", { on: plane })
      assert.strictEqual(other.exitCode, 0)
      assert.notInclude(other.stderr, "No backup will be left")
    }))
})
