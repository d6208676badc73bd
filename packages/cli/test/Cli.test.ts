import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { run } from "./harness.ts"

const scheduleId = "c688ed12-5a39-4254-9518-bd394b7f4886"
const jobId = "9857add2-99d4-4399-870e-aa7f15d8d326"

describe("pcb", () => {
  it.effect("prints a table on a terminal", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* run(`--demo schedule history ${scheduleId} --limit 10`, { columns: 120 })
      assert.strictEqual(stderr, "")
      const lines = stdout.split("\n")
      assert.strictEqual(
        lines[0],
        "STATUS       PLANNED FOR           RECORDS  NAMESPACES    SIZE  INDEX  NAME                         BACKUP"
      )
      assert.strictEqual(
        lines[1],
        "○ Scheduled  2026-11-22 06:00 UTC        —           —       —  docs   docs-daily-20261122T060000Z  719b014e"
      )
      assert.strictEqual(
        lines[2],
        "● Ready      2026-11-21 06:00 UTC   97,603           1  606 MB  docs   docs-daily-20261121T060000Z  b7f1895a"
      )
      assert.strictEqual(
        lines[10],
        "✗ Failed     2026-11-13 06:00 UTC        —           —       —  docs   docs-daily-20261113T060000Z  5e8b30dc"
      )
      assert.strictEqual(lines.length, 12)
    }))

  it.effect.each([200, 120, 100, 80, 60, 40])(
    "fits a screen of %i columns and says what it hides",
    (columns) =>
      Effect.gen(function*() {
        const { stderr, stdout } = yield* run(`--demo schedule history ${scheduleId} --limit 3`, { columns })
        const widest = Math.max(...stdout.split("\n").map((line) => line.length))
        assert.isAtMost(widest, columns)
        assert.strictEqual(stderr.includes("hidden at this width"), columns < 105)
      })
  )

  it.effect("uses ASCII where the locale is not UTF-8", () =>
    Effect.gen(function*() {
      const { stdout } = yield* run(`--demo schedule history ${scheduleId} --limit 10`, {
        columns: 120,
        isUnicode: false
      })
      assert.match(stdout, /^[\x20-\x7e\n]*$/)
      assert.include(stdout, "x Failed")
    }))

  it.effect("describes a restore job for people", () =>
    Effect.gen(function*() {
      const { stdout } = yield* run(`restore describe ${jobId} --demo`, { columns: 80 })
      assert.strictEqual(
        stdout,
        [
          "JOB       9857add2-99d4-4399-870e-aa7f15d8d326",
          "STATUS    ● Completed",
          "INDEX     docs-restored",
          "INDEX ID  0d8aed24-adf8-4b77-8e10-fd674309dc85",
          "BACKUP    b7f1895a-0e47-4fdd-a299-f1caa0a0f7b4",
          "STARTED   2026-11-21 09:14 UTC",
          "FINISHED  2026-11-21 09:23 UTC, after 9m40s",
          "PROGRESS  100%",
          ""
        ].join("\n")
      )
    }))

  it.effect("prints JSON on several lines on a terminal, and on one in a pipe", () =>
    Effect.gen(function*() {
      const screen = yield* run(`restore describe ${jobId} --demo -o json`, { columns: 80 })
      const pipe = yield* run(`restore describe ${jobId} --demo -o json`)
      assert.deepStrictEqual(JSON.parse(screen.stdout), JSON.parse(pipe.stdout))
      assert.isAbove(screen.stdout.split("\n").length, 5)
      assert.strictEqual(pipe.stdout.split("\n").length, 2)
    }))

  it.effect("leaves pagination out of JSON that --limit cut short", () =>
    Effect.gen(function*() {
      const cut = yield* run(`--demo schedule history ${scheduleId} -o json --limit 90`)
      assert.deepStrictEqual(Object.keys(JSON.parse(cut.stdout)), ["data"])
      assert.strictEqual(JSON.parse(cut.stdout).data.length, 90)
    }))

  it.effect("says that a JSON list is complete when it is", () =>
    Effect.gen(function*() {
      const whole = yield* run(`--demo schedule history ${scheduleId} -o json --limit 91`)
      assert.isNull(JSON.parse(whole.stdout).pagination)
    }))

  it.effect.each<[env: Record<string, string>, exitCode: number, message: string]>([
    [
      { PINECONE_API_KEY: "k", PINECONE_API_VERSION: "2025-10" },
      2,
      "PINECONE_API_VERSION: must be \"2026-04\" | \"2026-07\""
    ],
    [
      { PINECONE_API_KEY: "k", PINECONE_CONTROLLER_HOST: "foo" },
      2,
      "PINECONE_CONTROLLER_HOST: must be a URL like https://api.pinecone.io"
    ],
    [{ PCB_DEBUG: "maybe" }, 2, "PCB_DEBUG: must be"],
    [
      { PCB_DEMO: "1", PCB_OUTPUT: "xml" },
      2,
      "PCB_OUTPUT: must be \"table\" | \"wide\" | \"json\" | \"ndjson\" | \"tsv\" | \"id\""
    ],
    [{}, 4, "PINECONE_API_KEY is not set"],
    [{ PINECONE_API_KEY: "two words" }, 4, "PINECONE_API_KEY: must be visible ASCII characters"]
  ])("names the variable that is wrong: %j", ([env, exitCode, message]) =>
    Effect.gen(function*() {
      const result = yield* run(`restore describe ${jobId}`, { env })
      assert.strictEqual(result.exitCode, exitCode)
      assert.include(result.stderr.split("\n")[0], `error: ${message}`)
      assert.notInclude(result.stderr, "two words")
    }))

  it.effect("takes format and demo from the environment", () =>
    Effect.gen(function*() {
      const { stdout } = yield* run(`restore describe ${jobId}`, { env: { PCB_OUTPUT: "json", PCB_DEMO: "true" } })
      assert.strictEqual(JSON.parse(stdout).status, "Completed")
    }))

  it.effect.each<[args: string, exitCode: number, stderr: string]>([
    ["schedule", 2, "pcb schedule <subcommand>"],
    ["schedule histroy", 2, "history"],
    ["schedule history", 2, "Missing required argument: schedule"],
    ["schedule history a b", 2, "Unexpected positional argument"],
    ["schedule history a --outptu json", 2, "--outptu"],
    ["schedule history a -o yaml", 2, "yaml"],
    ["schedule history a --limit 0", 2, "Expected 1 or more"],
    ["schedule history a --host=", 2, "Expected a URL, got nothing"],
    ["schedule history a --request-timeout 5", 2, "length of time"],
    ["schedule history a --request-timeout 0s", 2, "length of time"],
    ["--demo schedule history nope", 3, "No schedule fits nope"],
    ["--demo schedule history .", 2, "schedule_id"],
    ["restore describe a", 4, "--demo"]
  ])("answers `pcb %s` with exit code %i, on standard error only", ([args, exitCode, text]) =>
    Effect.gen(function*() {
      const result = yield* run(args)
      assert.strictEqual(result.exitCode, exitCode)
      assert.strictEqual(result.stdout, "")
      assert.include(result.stderr, text)
    }))

  it.effect.each<[args: string, code: string]>([
    ["schedule histroy -o json", "USAGE"],
    ["schedule -o json", "USAGE"],
    ["schedule history a --output=json --limit 0", "USAGE"],
    ["--demo -o ndjson schedule history nope", "NOT_FOUND"],
    ["--demo -o=json schedule history nope", "NOT_FOUND"],
    ["-o json restore describe a", "NO_API_KEY"]
  ])("reports the failure of `pcb %s` as one JSON line", ([args, code]) =>
    Effect.gen(function*() {
      const result = yield* run(args)
      assert.strictEqual(result.stdout, "")
      assert.strictEqual(JSON.parse(result.stderr).error.code, code)
      assert.strictEqual(JSON.parse(result.stderr).error.exit_code, result.exitCode)
    }))

  it.effect("shows help for the bare program and where it is asked for, without a key", () =>
    Effect.gen(function*() {
      for (const args of ["", "--help", "schedule --help", "schedule history --help", "restore describe -h"]) {
        const result = yield* run(args)
        assert.strictEqual(result.exitCode, 0)
        assert.include(result.stdout, "USAGE")
        assert.strictEqual(result.stderr, "")
      }
    }))

  it.effect("shows its version", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* run("--version")).stdout, "1.2.3\n")
    }))

  it.effect("runs the tour", () =>
    Effect.gen(function*() {
      const result = yield* run("demo")
      assert.strictEqual(result.exitCode, 0)
      assert.include(result.stdout, "LAST BACKUP")
      assert.include(result.stdout, "STATUS       PLANNED FOR")
      assert.include(result.stdout, "docs-restored")
      assert.include(result.stderr, "$ pcb --demo schedule history docs")
    }))
})
