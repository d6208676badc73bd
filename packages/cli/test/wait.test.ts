import { assert, describe, it } from "@effect/vitest"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { run, start } from "./harness.ts"
import { project, seeds, uuid } from "./project.ts"

/** Advances the clock in small steps. */
const pass = (seconds: number) => Effect.repeat(TestClock.adjust("1 second"), { times: seconds - 1 })

/** Advances the clock until a command exits. It detects the end of an operation at a random time. */
const passUntilOver = Effect.fnUntraced(function*({ fiber, run }: Effect.Success<ReturnType<typeof start>>) {
  for (let seconds = 0; fiber.pollUnsafe() === undefined && seconds < 1_000; seconds++) {
    yield* TestClock.adjust("1 second")
  }
  return yield* run
})

/** The project, with restores and backups that take as long as the test requires. */
const quick = (apiVersion: "2026-04" | "2026-07" = "2026-04") =>
  Effect.map(
    project({
      ...seeds,
      project: { restoreDuration: Duration.minutes(3), backupDuration: Duration.minutes(3) }
    }),
    (plane) => ({ plane, env: { PINECONE_API_VERSION: apiVersion } })
  )

/** The visible frames of the live output. */
const framesOf = (drawn: string) =>
  drawn.split("\r\u001b[2K").map((frame) => frame.replaceAll("\u001b[?7l", "").replaceAll("\u001b[?7h", ""))

describe("a wait", () => {
  it.effect("logs changes, and a line per minute", () =>
    Effect.gen(function*() {
      const { env, plane } = yield* quick("2026-07")
      const wait = yield* start("restore start docs@latest --name docs-new --wait -o id", { on: plane, env })
      const { exitCode, stderr, stdout } = yield* passUntilOver(wait)
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(stdout, "job-4\n")
      const lines = stderr.trimEnd().split("\n")
      assert.deepStrictEqual(lines.slice(0, 5), [
        "docs@latest = docs-daily-20261121T060000Z (8c85e612, 98,214 records, taken 14h ago)",
        "Started restore job job-4 into docs-new",
        "docs-new  Pending · 0s",
        "docs-new  Pending · 1m · your last 2 restores took 8m–9m41s",
        "docs-new  Pending · 2m · your last 2 restores took 8m–9m41s"
      ])
      assert.match(lines.at(-2) ?? "", /^✓ docs-new is ready in 3m\d*s?$/)
      assert.strictEqual(
        lines.at(-1),
        "  next  pcb schedule create docs-new --every daily --keep 30   (the new index has no schedule yet)"
      )
      assert.notInclude(stderr, "█")
    }))

  it.effect("draws one line on a terminal and erases it at the end", () =>
    Effect.gen(function*() {
      const { env, plane } = yield* quick("2026-07")
      const screen = { env, columns: 100, errorColumns: 100 }
      const wait = yield* start("restore start docs@latest --name docs-new --wait", { on: plane, ...screen })
      yield* pass(2)
      const before = yield* wait.drawn
      assert.isTrue(before.startsWith("\u001b[?25l"))
      assert.include(
        framesOf(before),
        "⠙ docs-new  Pending · 0s · your last 2 restores took 8m–9m41s · Ctrl-C leaves it running"
      )
      assert.notInclude(before, "%")
      yield* Fiber.interrupt(wait.fiber)
      const { drawn, exitCode, stderr, stdout } = yield* wait.run
      assert.strictEqual(exitCode, 130)
      assert.strictEqual(stdout, "")
      assert.isTrue(drawn.endsWith("\r\u001b[2K\u001b[?25h"))
      assert.isTrue(stderr.endsWith("Stopped waiting; the restore is still running. Resume: pcb restore wait job-4\n"))
      // Nothing is drawn after the wait.
      yield* pass(2)
      assert.strictEqual(yield* wait.drawn, drawn)
    }))

  it.effect("prints the resource on a terminal only with an explicit format", () =>
    Effect.gen(function*() {
      const { plane } = yield* quick()
      const quiet = yield* run("backup wait docs@latest", { on: plane, columns: 80, errorColumns: 80 })
      assert.strictEqual(quiet.stdout, "")
      assert.strictEqual(quiet.stderr, "✓ docs-daily-20261121T060000Z is ready: 98,214 records, 609 MB\n")
      const json = yield* run("backup wait docs@latest -o json", { on: plane, columns: 80, errorColumns: 80 })
      assert.strictEqual(JSON.parse(json.stdout).backup_id, uuid("8c85e612"))
      const several = yield* run("backup wait docs@latest before-reindex -o json", { on: plane })
      assert.strictEqual(JSON.parse(several.stdout).data.length, 2)
    }))

  it.effect("shows a bar only while the service reports progress", () =>
    Effect.gen(function*() {
      const { env, plane } = yield* quick("2026-04")
      const wait = yield* start("restore start docs@latest --name docs-new --wait", {
        on: plane,
        env,
        errorColumns: 60
      })
      yield* pass(60)
      const frames = framesOf(yield* wait.drawn)
      assert.isTrue(frames.some((frame) => /docs-new {2}Pending · █+░+ \d+% · \d+s$/.test(frame)), frames.at(-1))
      assert.isTrue(frames.every((frame) => frame.length < 65))
      yield* Fiber.interrupt(wait.fiber)
    }))

  it.effect.each([undefined, 100])(
    "uses ASCII if the locale is not UTF-8",
    (errorColumns) =>
      Effect.gen(function*() {
        const { plane } = yield* quick()
        const screen = { isUnicode: false, ...(errorColumns !== undefined && { errorColumns }) }
        const wait = yield* start("restore start docs@latest --name docs-new --wait", { on: plane, ...screen })
        const { drawn, stderr } = yield* passUntilOver(wait)
        assert.match(
          `${stderr}${framesOf(drawn).join("")}`.replaceAll("\u001b[?25l", "").replaceAll("\u001b[?25h", ""),
          /^[\x20-\x7e\n]*$/
        )
        assert.include(stderr, "+ docs-new is ready in 3m")
      })
  )

  it.effect("prints progress as JSON lines, then each result", () =>
    Effect.gen(function*() {
      const { plane } = yield* quick()
      const wait = yield* start("restore start docs@latest --name docs-new --wait -o ndjson --quiet", { on: plane })
      const { exitCode, stderr, stdout } = yield* passUntilOver(wait)
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(stderr, "")
      const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line))
      assert.deepStrictEqual(lines[0], {
        type: "progress",
        restore_job_id: "job-4",
        name: "docs-new",
        status: "Pending",
        percent_complete: 0,
        elapsed_ms: 0
      })
      const percents = lines.slice(0, -1).map(({ percent_complete }) => percent_complete)
      assert.deepStrictEqual(percents, [...percents].sort((self, that) => self - that))
      assert.isAbove(new Set(percents).size, 5)
      const last = lines.at(-1)
      assert.deepStrictEqual([last.type, last.outcome, last.restore_job.status], ["result", "ready", "Completed"])
      assert.isTrue(lines.slice(0, -1).every(({ type }) => type === "progress"))
      assert.isTrue(lines.every(({ elapsed_ms }) => Number.isInteger(elapsed_ms)))
    }))

  it.effect("waits for each operation separately, and exits with the worst code", () =>
    Effect.gen(function*() {
      const { plane } = yield* quick()
      const args = `backup wait before-reindex ${uuid("853602dc")} ${uuid("0b77aa01")} nope-not-there`
      const wait = yield* start(`${args} --timeout 90s`, { on: plane, errorColumns: 80 })
      // The last ID does not exist, so there is nothing to wait for.
      assert.strictEqual((yield* wait.run).exitCode, 3)

      const again = yield* start(args.replace(" nope-not-there", " --timeout 90s -o id"), {
        on: plane,
        errorColumns: 120
      })
      const { drawn, exitCode, stderr, stdout } = yield* passUntilOver(again)
      assert.strictEqual(exitCode, 5)
      assert.strictEqual(stdout, `${uuid("5d0c71aa")}\n`)
      assert.strictEqual(
        stderr.replace(/ after 1m 30s.*$/m, " after 1m 30s"),
        [
          "✓ before-reindex is ready: 98,214 records, 609 MB",
          "✗ docs-daily-20261119T060000Z  Failed · 0s",
          "◐ 0b77aa01  Initializing · 1m30s",
          `error: Backup ${uuid("853602dc")} of index "docs" finished with status Failed`,
          "  why         the service did not give a reason",
          "  try         pcb backup create docs --wait",
          `error: Backup ${uuid("0b77aa01")} was still Initializing after 1m 30s`,
          "  why         timed out waiting; the operation is still running",
          `  try         pcb backup wait ${uuid("0b77aa01")}`,
          ""
        ].join("\n")
      )
      assert.include(
        framesOf(drawn),
        "⠙ 2 of 3 finished · 0s · 0b77aa01 Initializing · Ctrl-C leaves them running"
      )
    }))

  it.effect("times out after six hours by default", () =>
    Effect.gen(function*() {
      const plane = yield* project({ ...seeds, project: { restoreDuration: Duration.hours(100) } })
      const wait = yield* start("restore start docs@latest --name docs-new --wait", { on: plane })
      // The wait has started by then.
      yield* pass(10)
      yield* TestClock.adjust("359 minutes")
      assert.isUndefined(wait.fiber.pollUnsafe())
      yield* TestClock.adjust("2 minutes")
      const { exitCode, stderr } = yield* wait.run
      assert.strictEqual(exitCode, 124)
      assert.include(stderr, "after 6h")
    }))

  it.effect("lists unfinished operations when interrupted", () =>
    Effect.gen(function*() {
      const { plane } = yield* quick()
      const wait = yield* start(
        `restore wait docs-trial docs-restored ${uuid("41aa07be")} --host http://pinecone:5081 --insecure-http`,
        { on: plane }
      )
      yield* pass(10)
      yield* Fiber.interrupt(wait.fiber)
      const { exitCode, stderr } = yield* wait.run
      assert.strictEqual(exitCode, 130)
      assert.include(
        stderr,
        `Stopped waiting; the restore is still running. Resume: pcb restore wait ${
          uuid("3e9b5512")
        } --host http://pinecone:5081 --insecure-http`
      )
    }))

  it.effect("works without an estimate", () =>
    Effect.gen(function*() {
      const { plane } = yield* quick()
      yield* plane.fault("RestoreJobs.list", Fault.respond({ status: 403 }), { times: 100 })
      const wait = yield* start(`restore wait ${uuid("3e9b5512")}`, { on: plane })
      const { exitCode, stderr } = yield* passUntilOver(wait)
      assert.strictEqual(exitCode, 0)
      assert.notInclude(stderr, "took")
      assert.include(stderr, "docs-trial is ready after waiting 5m")
    }))

  it.effect.each<
    [
      name: string,
      args: string,
      fault: readonly [Parameters<ControlPlane.Service["fault"]>[0], number],
      id: object,
      hint: string
    ]
  >([
    [
      "an outage of a restore",
      "restore start docs@latest --name docs-new --wait",
      ["RestoreJobs.describe", 503],
      { restore_job_id: "job-4" },
      "pcb restore wait job-4"
    ],
    [
      "an outage of a backup",
      "backup create docs --wait",
      ["Backups.describe", 503],
      { backup_id: "backup-9" },
      "pcb backup wait backup-9"
    ],
    [
      "a key that was revoked",
      "restore start docs@latest --name docs-new --wait",
      ["RestoreJobs.describe", 401],
      { restore_job_id: "job-4" },
      "check PINECONE_API_KEY, then pcb restore wait job-4"
    ]
  ])(
    "that ends in %s reports the started operation, and how to resume",
    ([, args, [operation, status], id, hint]) =>
      Effect.gen(function*() {
        for (const format of ["table", "json", "ndjson"]) {
          const { plane } = yield* quick()
          yield* plane.fault(operation, Fault.respond({ status }), { times: "always" })
          const wait = yield* start(`${args} -o ${format}`, { on: plane })
          const { exitCode, stderr, stdout } = yield* passUntilOver(wait)
          assert.strictEqual(exitCode, status === 401 ? 4 : 1)
          if (format === "table") {
            assert.include(stderr, "; the operation is still running\n")
            assert.include(stderr, `  try         ${hint}\n`)
          } else {
            const { error } = JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "")
            assert.deepInclude(error, { ...id, hint })
          }
          if (format === "ndjson") {
            const last = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")
            assert.deepInclude(last, { ...id, outcome: "error" })
          }
        }
      })
  )

  it.effect("waits for the index", () =>
    Effect.gen(function*() {
      const { plane } = yield* quick()
      yield* plane.seedIndex({ name: "slow", readyAt: null })
      yield* plane.seedRestoreJob({ id: uuid("aaaa0001"), targetIndexName: "slow" })
      const wait = yield* start(`restore wait ${uuid("aaaa0001")} --timeout 5s -o ndjson`, { on: plane })
      const { exitCode, stdout } = yield* passUntilOver(wait)
      assert.strictEqual(exitCode, 124)
      const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line))
      assert.deepStrictEqual(lines.map(({ detail, outcome, status }) => [status, detail, outcome]), [
        ["Completed", undefined, undefined],
        ["Completed", "index Initializing", undefined],
        ["Completed", "index Initializing", "timed_out"]
      ])
    }))

  it.effect.each<[ends: "Failed" | "Cancelled", why: string]>([["Failed", "Failed"], ["Cancelled", "Cancelled"]])(
    "exits with 5 if a restore finished with status %s",
    ([ends, why]) =>
      Effect.gen(function*() {
        const { plane } = yield* quick()
        yield* plane.configure({ switches: { restoresEnd: ends } })
        const wait = yield* start("restore start docs@latest --name docs-new --wait -o json", { on: plane })
        const { exitCode, stderr, stdout } = yield* passUntilOver(wait)
        assert.strictEqual(exitCode, 5)
        assert.strictEqual(stdout, "")
        const { error } = JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "")
        assert.strictEqual(error.exit_code, 5)
        assert.include(error.message, `finished with status ${why}`)
        assert.strictEqual(error.hint, `pcb restore start ${uuid("8c85e612")} --name <another-name> --dry-run`)
        assert.notInclude(stderr, "pcb schedule create")
      })
  )
})
