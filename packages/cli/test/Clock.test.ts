import { assert, describe, it } from "@effect/vitest"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { run } from "./harness.ts"
import { now, seeds, uuid } from "./project.ts"
import { serve } from "./support.ts"

/** The project, and a machine whose clock is so far ahead of it. */
const ahead = Effect.fnUntraced(function*(by: Duration.Input) {
  yield* TestClock.setTime(DateTime.toEpochMillis(DateTime.addDuration(now, by)))
  return yield* ControlPlane.make({ ...seeds, now, project: { backupDuration: Duration.seconds(1) } })
})

describe("a clock that is wrong", () => {
  it.effect.each([
    "schedule list",
    "schedule describe docs",
    "schedule history docs --calendar",
    "schedule history docs --list",
    `schedule history ${uuid("c688ed12")} --list --since 36h`,
    "schedule update docs --keep 2 --dry-run",
    "schedule create docs --every daily --keep 2 --ensure --dry-run",
    "backup list --since 24h",
    "backup list",
    "backup delete before-reindex --dry-run",
    `backup wait ${uuid("5d0c71aa")} -o table`,
    "restore list",
    "restore start docs@latest --name docs-new --dry-run"
  ])("changes nothing of what is said: pcb %s", (args) =>
    Effect.gen(function*() {
      const right = yield* run(args, { on: yield* ahead(0), columns: 120 })
      assert.strictEqual(right.exitCode, 0)
      for (const by of ["-3 days", "400 days"] as const) {
        const wrong = yield* run(args, { on: yield* ahead(by), columns: 120 })
        assert.deepStrictEqual([wrong.stdout, wrong.stderr], [right.stdout, right.stderr])
      }
    }))

  it.effect("is told of once, with --debug", () =>
    Effect.gen(function*() {
      const told = (stderr: string) => stderr.split("\n").filter((line) => line.startsWith("* "))
      const after = yield* run("schedule list --debug", { on: yield* ahead("-3 days") })
      assert.deepStrictEqual(told(after.stderr), [
        "* it is 2026-11-21T20:00:00Z for the service, 3d after the time of this machine: times are seen from there"
      ])
      const before = yield* run("schedule list --debug", { on: yield* ahead("90 seconds") })
      assert.deepStrictEqual(told(before.stderr), [
        "* it is 2026-11-21T20:00:00Z for the service, 1m30s before the time of this machine: times are seen from there"
      ])
      assert.deepStrictEqual(told((yield* run("schedule list --debug", { on: yield* ahead("59 seconds") })).stderr), [])
    }))

  it.live.each(["", "nope", "0", "2026-11-21T20:00:00Z"])(
    "is what there is where the date of an answer is none: %j",
    (date) =>
      Effect.gen(function*() {
        const at = DateTime.formatIso(DateTime.subtract(yield* DateTime.now, { days: 3, minutes: 1 }))
        const { host } = yield* serve((_, response) => {
          response.writeHead(200, { "content-type": "application/json", ...(date !== "" && { date }) })
          const row = {
            backup_id: "b",
            source_index_id: "i",
            source_index_name: "docs",
            status: "Ready",
            created_at: at
          }
          response.end(JSON.stringify({ data: [row] }))
        })
        const { stdout } = yield* run(["backup", "list", "--host", host], {
          columns: 120,
          env: { PINECONE_API_KEY: "any" }
        })
        assert.include(stdout, "3d ago")
      })
  )
})
