import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Fault from "@pinecone-backups/testing/Fault"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as Effect from "effect/Effect"
import { run } from "./harness.ts"
import { project } from "./project.ts"

const id = Backup.BackupId.make("8c85e612-5a39-4254-9518-bd394b7f4886")

/** The run is created one step before it is due, and its name has the time at which it was due. */
const seeds = (frequency: "weekly" | "monthly" = "weekly"): Seed.Seeds => ({
  schedules: [{
    indexName: "docs",
    name: "docs-steps",
    frequency,
    expireAfterDays: 90,
    runs: [{ backupId: id, plannedFor: "2026-11-20T06:00:00Z" }, {}, {}]
  }]
})

/** What each command prints about the backup. */
const commands: ReadonlyArray<[args: string, expected: string]> = [
  ["schedule history docs-steps --list", "2026-11-20T06:00:00Z"],
  ["status", "2026-11-20T06:00:00Z"],
  ["backup list", "2026-11-20T06:00:00Z"],
  ["backup list --index docs -o wide", "2026-11-20 06:00 UTC"],
  ["backup list -o json", `"taken_at":"2026-11-20T06:00:00Z"`],
  ["backup list -o ndjson", `"taken_at":"2026-11-20T06:00:00Z"`],
  ["backup list --since 2026-11-20 -o id", id],
  ["backup describe 8c85e612", "2026-11-20T06:00:00Z"],
  ["backup delete 8c85e612 --dry-run", "taken 1d ago"],
  ["restore start docs@2026-11-20 --name copy --dry-run", "docs@2026-11-20 = docs-steps-20261120T060000Z (8c85e612"],
  ["restore start docs@latest --name copy --dry-run", "taken 1d ago"]
]

describe("the time of a scheduled backup", () => {
  it.effect.each(commands)("is the time of its run in `pcb %s`", ([args, expected]) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds())
      const { exitCode, stderr, stdout } = yield* run(args, { on: plane })
      assert.strictEqual(exitCode, 0, stderr)
      assert.include(stdout + stderr, expected)
      // `created_at` of JSON is the field of the service.
      assert.notInclude((stdout + stderr).replace(/"created_at":"[^"]*"/g, ""), "2026-11-13")
    }))

  it.effect("is the time of a monthly run", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds("monthly"))
      const { stdout } = yield* run("backup describe 8c85e612", { on: plane })
      assert.include(stdout, "2026-11-20T06:00:00Z")
    }))

  it.effect("is its creation time if no history has it, whatever its name", () =>
    Effect.gen(function*() {
      const plane = yield* project({
        ...seeds(),
        backups: [{
          indexName: "docs",
          name: "mine-20261121T060000Z",
          createdAt: "2026-11-15T08:00:00Z",
          backupId: Backup.BackupId.make("mine")
        }]
      })
      const { stdout } = yield* run("backup describe mine", { on: plane })
      assert.include(stdout, "2026-11-15T08:00:00Z")
      const { stdout: recent } = yield* run("backup list --since 2026-11-16 -o id", { on: plane })
      assert.deepStrictEqual(recent.trim().split("\n"), [id])
    }))

  it.effect.each(["history", "list"] as const)(
    "is its creation time, which is earlier, if %s of its schedule fails",
    (operation) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds())
        yield* plane.fault(`BackupSchedules.${operation}`, Fault.respond({ status: 403 }), { times: "always" })
        const { exitCode, stderr, stdout } = yield* run("backup list", { on: plane })
        assert.strictEqual(exitCode, 0, stderr)
        assert.include(stdout, "2026-11-13T06:00:00Z")
        assert.notInclude(stdout, "2026-11-20T06:00:00Z")
      })
  )

  it.effect("needs no history of a daily schedule", () =>
    Effect.gen(function*() {
      const plane = yield* project({ schedules: [{ indexName: "docs", runs: 5 }] })
      const { stdout } = yield* run("backup list", { on: plane })
      assert.include(stdout, "2026-11-21T06:00:00Z")
      const requests = yield* plane.requests
      assert.isAbove(requests.length, 0)
      assert.deepStrictEqual(requests.filter(({ url }) => url.includes("schedule")), [])
    }))
})
