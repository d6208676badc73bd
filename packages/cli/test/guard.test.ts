import { assert, describe, it } from "@effect/vitest"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as Effect from "effect/Effect"
import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import * as ChildProgram from "../src/commands/guard/ChildProgram.ts"
import { home, type Options, runFast } from "./harness.ts"
import { project, seeds } from "./project.ts"

/** Runs a guard, and returns its result and the commands that were run, with their variables. */
const guard = Effect.fnUntraced(function*(
  args: string,
  options: Options,
  end: Partial<ChildProgram.End> = {},
  onRun = () => {}
) {
  const ran: Array<readonly [command: string, variables: Readonly<Record<string, string>>]> = []
  const result = yield* Effect.provideService(runFast(args, options), ChildProgram.ChildProgram, {
    check: () => Effect.undefined,
    run: (words, variables) =>
      Effect.sync(() => {
        ran.push([words.join(" "), variables])
        onRun()
        return { exitCode: 0, signal: null, isStarted: true, ...end }
      })
  })
  return { ...result, ran }
})

const line = "guard docs -- ./migrate.sh --token a-secret"

describe("pcb guard", () => {
  it.effect("runs the command with the ID of the backup and the name of the index", () =>
    Effect.gen(function*() {
      const on = yield* project(seeds)
      const { exitCode, ran, stdout } = yield* guard(line, { on })
      assert.deepStrictEqual([exitCode, stdout], [0, ""])
      assert.deepStrictEqual(ran, [
        ["./migrate.sh --token a-secret", { PCB_GUARD_BACKUP_ID: "backup-9", PCB_GUARD_INDEX: "docs" }]
      ])
    }))

  it.effect("sends and prints only the name of the program, never its arguments", () =>
    Effect.gen(function*() {
      const on = yield* project(seeds)
      const { exitCode, stderr } = yield* guard(line, { on }, { exitCode: 1 })
      assert.strictEqual(exitCode, 1)
      assert.notInclude(stderr + JSON.stringify(yield* on.requests), "a-secret")
    }))

  it.effect("sends one write: the backup", () =>
    Effect.gen(function*() {
      const on = yield* project(seeds)
      yield* on.fault("Backups.create", Fault.afterCommit(Fault.reset))
      const { ran } = yield* guard(line, { on })
      assert.lengthOf(ran, 1)
      const writes = (yield* on.requests).filter(({ method }) => method !== "GET")
      assert.deepStrictEqual(writes.map(({ operation }) => operation), ["Backups.create"])
    }))

  describe("exits with 125, says why, and does not run the command", () => {
    const shrunk = [1, 2, 3].map((day) => ({
      indexName: "docs",
      createdAt: `2026-11-${10 + day}T06:00:00Z`,
      recordCount: 1_000
    }))
    it.effect.each<
      readonly [
        reason: string,
        options: ControlPlane.Options,
        args: string,
        code: string,
        lines: ReadonlyArray<string>
      ]
    >([
      ["the quota is used up", { ...seeds, project: { backupQuota: 7 } }, "", "FORBIDDEN", [
        "No backup of index \"docs\" can be created",
        "try         pcb backup prune docs --keep-last 3 --dry-run"
      ]],
      [
        "the quota is used up by scheduled backups",
        {
          indexes: [{ name: "docs" }],
          schedules: [{ indexName: "docs", runs: 3 }],
          project: { backupQuota: 3 }
        },
        "",
        "FORBIDDEN",
        [
          "scheduled backups cannot be pruned",
          "pcb schedule update INDEX --keep DAYS"
        ]
      ],
      [
        "the quota is used up by backups of other indexes",
        {
          indexes: [{ name: "docs" }, { name: "wiki" }],
          schedules: [{ indexName: "docs", runs: 1 }],
          backups: [{ indexName: "wiki" }],
          project: { backupQuota: 2 }
        },
        "",
        "FORBIDDEN",
        ["try         pcb backup prune --all --keep-last 3 --dry-run"]
      ],
      ["the plan has no backups", { ...seeds, project: { hasBackups: false } }, "", "PERMISSION_DENIED", ["HTTP 403"]],
      ["the backup failed", { ...seeds, switches: { backupsEnd: "InitializationFailed" } }, "", "BACKUP_FAILED", [
        "Backup backup-9 of index \"docs\" failed"
      ]],
      ["the backup was not ready in time", seeds, "--timeout 1m", "WAIT_TIMED_OUT", [
        "the backup is still being created",
        "try         pcb backup wait backup-9"
      ]],
      ["the backup is empty", { indexes: [{ name: "docs", recordCount: 0 }] }, "", "BACKUP_NOT_GOOD", [
        "has no records",
        "add --allow-empty"
      ]],
      ["the backup is shrunk", { indexes: [{ name: "docs", recordCount: 10 }], backups: shrunk }, "", "BACKUP_SHRUNK", [
        "has 10 records, and the median of the backups before it is 1000",
        "add --allow-shrunk"
      ]]
    ])("%s", ([, options, args, code, lines]) =>
      Effect.gen(function*() {
        const words = `guard docs ${args} -- ./migrate.sh`
        const text = yield* guard(words, { on: yield* project(options) })
        assert.deepStrictEqual([text.exitCode, text.stdout, text.ran], [125, "", []])
        for (const line of [...lines, "migrate.sh was not run"]) assert.include(text.stderr, line)
        const json = yield* guard(`--json ${words}`, { on: yield* project(options) })
        assert.deepStrictEqual([json.exitCode, json.stdout, json.ran], [125, "", []])
        assert.deepInclude(JSON.parse(json.stderr.trim().split("\n").at(-1) ?? "").error, { code, exit_code: 125 })
      }))

    it.effect("the response to the request is lost, and a backup may have started", () =>
      Effect.gen(function*() {
        const on = yield* project(seeds)
        yield* on.fault("Backups.create", Fault.afterCommit(Fault.reset))
        yield* on.fault("Backups.listByIndex", Fault.respond({ status: 500 }), { times: "always" })
        const { exitCode, ran, stderr } = yield* guard(line, { on })
        assert.deepStrictEqual([exitCode, ran], [125, []])
        assert.include(stderr, "A backup of index \"docs\" may have been started")
        assert.include(stderr, "try         pcb backup list --index docs")
      }))
  })

  it.effect("--allow-empty and --allow-shrunk run the command", () =>
    Effect.gen(function*() {
      const empty = yield* project({ indexes: [{ name: "docs", recordCount: 0 }] })
      assert.lengthOf((yield* guard("guard docs --allow-empty -- ./migrate.sh", { on: empty })).ran, 1)
      const small = yield* project({
        indexes: [{ name: "docs", recordCount: 10 }],
        backups: [1, 2, 3].map((day) => ({ createdAt: `2026-11-${10 + day}T06:00:00Z`, recordCount: 1_000 }))
      })
      assert.lengthOf((yield* guard("guard docs --allow-shrunk -- ./migrate.sh", { on: small })).ran, 1)
    }))

  it.effect("keeps the exit code of the command if its report cannot be written any more, and says so", () =>
    Effect.gen(function*() {
      const path = join(yield* home(), "r.json")
      const on = yield* project(seeds)
      const args = `guard docs --max-age 24h --report ${path} -- ./migrate.sh`
      const { exitCode, stderr } = yield* guard(args, { on }, { exitCode: 42 }, () => {
        rmSync(path)
        mkdirSync(path)
      })
      assert.strictEqual(exitCode, 42)
      assert.include(stderr, `warning: --report: cannot write ${path}: is a directory`)
    }))
})
