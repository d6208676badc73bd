import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { readFileSync, writeFileSync } from "node:fs"
import { run } from "./harness.ts"

const golden = new URL("./golden/schedule.txt", import.meta.url)

/** What is run for the golden file, in which it stands beside what came of it. `UPDATE_GOLDEN=1` writes it anew. */
const sections = () => readFileSync(golden, "utf8").split(/^(?==== )/m)

/** Standard output as it is, standard error marked, and the exit code if there is one. */
const transcript = Effect.fnUntraced(function*(section: string) {
  const [, where, args = ""] = /^=== (\d+ columns|pipe): pcb (.*)$/m.exec(section) ?? []
  const columns = where === undefined || where === "pipe" ? {} : { columns: Number.parseInt(where, 10) }
  const { exitCode, stderr, stdout } = yield* run(args, columns)
  const errors = stderr === "" ? [] : stderr.trimEnd().split("\n").map((line) => `2> ${line}`.trimEnd())
  const lines = [
    `=== ${where}: pcb ${args}`,
    ...stdout.split("\n").slice(0, -1),
    ...errors,
    ...(exitCode === 0 ? [] : [`exit ${exitCode}`])
  ]
  return `${lines.join("\n")}\n\n`
})

describe("pcb schedule", () => {
  it.effect.each(sections().map((section) => [section.split("\n")[0] ?? "", section] as const))(
    "prints what the golden file says: %s",
    ([, section]) =>
      Effect.gen(function*() {
        const actual = yield* transcript(section)
        if (process.env.UPDATE_GOLDEN !== undefined) {
          return writeFileSync(golden, readFileSync(golden, "utf8").replace(section, () => actual))
        }
        assert.strictEqual(actual.trimEnd(), section.trimEnd())
      })
  )

  it.effect.each([40, 60, 80, 120, 200])("fits a screen of %i columns", (columns) =>
    Effect.gen(function*() {
      for (const args of ["schedule list", "schedule history docs", "schedule history legacy-embeddings"]) {
        const { stdout } = yield* run(`--demo ${args} --since 90d`.replace("list --since 90d", "list"), { columns })
        for (const line of stdout.split("\n")) assert.isAtMost(line.length, columns, args)
      }
    }))

  it.effect("uses ASCII where the locale is not UTF-8", () =>
    Effect.gen(function*() {
      for (const args of ["schedule list", "schedule history product-catalog", "schedule history support-tickets"]) {
        const { stdout } = yield* run(`--demo ${args}`, { columns: 120, isUnicode: false })
        assert.match(stdout, /^[\x20-\x7e\n]*$/)
      }
    }))

  it.effect("sends nothing at all before a deletion that nobody can confirm", () =>
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
  ])("changes nothing where backups would go and nobody can confirm: %s", (args) =>
    Effect.gen(function*() {
      const result = yield* run(`--demo --debug ${args}`)
      assert.strictEqual(result.exitCode, 6)
      assert.strictEqual(result.stdout, "")
      assert.include(result.stderr, "refusing to let 22 backups expire without --yes")
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
  ])("only reads with --dry-run: %s", (args) =>
    Effect.gen(function*() {
      const result = yield* run(`--demo --debug schedule ${args} --dry-run`)
      assert.strictEqual(result.exitCode, 0)
      assert.strictEqual(result.stdout, "")
      assert.notMatch(result.stderr, /^> (POST|PATCH|DELETE) /m)
      assert.match(result.stderr, /^Would /m)
    }))

  it.effect("goes on after a failure, and ends with the worst exit code", () =>
    Effect.gen(function*() {
      const result = yield* run("--demo schedule pause nope docs product-catalog -o id")
      assert.strictEqual(result.exitCode, 3)
      assert.lengthOf(result.stdout.trim().split("\n"), 2)
      assert.include(result.stderr, "No schedule fits nope")
      assert.include(result.stderr, "docs-daily paused")
    }))

  it.effect("follows a history until it has seen enough, one object a line", () =>
    Effect.gen(function*() {
      // The next run is ten hours away, and three hundred seconds pass in one. The demo takes real time to load.
      const time = TestClock.adjust("20 seconds").pipe(
        Effect.andThen(TestClock.withLive(Effect.sleep("5 millis"))),
        Effect.forever
      )
      const result = yield* Effect.raceFirst(run("--demo schedule history docs --follow --limit 2 -o json"), time)
      const changes = result.stdout.trim().split("\n").map((line) => JSON.parse(line))
      assert.deepStrictEqual(
        changes.map(({ change, previous_status, run, type }) => [
          type,
          change,
          previous_status,
          run.name
        ]),
        [
          ["change", "finished", "Scheduled", "docs-daily-20261122T060000Z"],
          ["change", "appeared", null, "docs-daily-20261123T060000Z"]
        ]
      )
      assert.include(result.stderr, "Following docs-daily")
    }))
})

describe("README", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
  const fences = [...readme.matchAll(/<!-- run: demo -->\n\n```text\n([^]*?)```/g)].flatMap(([, text = ""]) =>
    text.split(/^(?=\$ )/m)
  )

  it("shows what commands print", () => assert.isAtLeast(fences.length, 5))

  it.effect.each(fences.map((fence) => [fence.split("\n")[0] ?? "", fence] as const))(
    "shows what a terminal of 100 columns shows: %s",
    ([, fence]) =>
      Effect.gen(function*() {
        const [command = "", ...shown] = fence.trimEnd().split("\n")
        const { stderr, stdout } = yield* run(command.replace(/^\$ pcb/, ""), { columns: 100 })
        assert.strictEqual(`${stdout}${stderr}`.trimEnd(), shown.join("\n"))
      })
  )
})
