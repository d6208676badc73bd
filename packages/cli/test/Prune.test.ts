import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { run } from "./harness.ts"
import { full, now, project, services } from "./project.ts"

const left = (plane: ControlPlane.Service) =>
  Effect.gen(function*() {
    const backups = yield* Backups.Backups
    const all = yield* Stream.runCollect(backups.list())
    return all.map(({ name }) => name ?? "")
  }).pipe(Effect.provide(services(plane)))

const deletionsSent = (plane: ControlPlane.Service) =>
  Effect.map(plane.requests, (all) => all.filter(({ method }) => method === "DELETE").length)

const backup = (daysAgo: number, more: Seed.Backup = {}): Seed.Backup => ({
  backupId: Backup.BackupId.make(`copy-${daysAgo}`),
  indexName: "docs",
  name: `manual-${daysAgo}`,
  createdAt: DateTime.subtract(now, { days: daysAgo }),
  ...more
})

const instantly = { deletionDelay: 0 }

const prune = "backup prune docs --keep-last 1"

describe("pcb backup prune", { timeout: 60_000 }, () => {
  it.effect.each<[keys: string, exitCode: number, deleted: number]>([
    ["yes\r", 0, 2],
    ["y\r", 0, 2],
    ["no\r", 6, 0],
    ["\r", 6, 0]
  ])("asks once and deletes only after a yes: %j", ([keys, exitCode, deleted]) =>
    Effect.gen(function*() {
      const on = yield* project({ indexes: [{ name: "docs" }], backups: [1, 2, 3].map((days) => backup(days)) })
      const { drawn, ...result } = yield* run(prune, { on, keys, columns: 80 })
      assert.strictEqual(result.exitCode, exitCode, result.stderr)
      assert.include(drawn, "Delete 2 backups? (y/N)")
      assert.strictEqual(yield* deletionsSent(on), deleted)
    }))

  it.effect.each(["--no-input", "-o json", "-o id"])(
    "sends nothing without --yes if nobody can answer: %s",
    (flags) =>
      Effect.gen(function*() {
        const on = yield* project({ indexes: [{ name: "docs" }], backups: [1, 2].map((days) => backup(days)) })
        const { exitCode, stdout } = yield* run(`${prune} ${flags}`, { on })
        assert.strictEqual(exitCode, 6)
        assert.include(stdout, "copy-2")
        assert.strictEqual(yield* deletionsSent(on), 0)
      })
  )

  it.effect("prunes every index, and says what is left of the quota of the policy", () =>
    Effect.gen(function*() {
      const { stderr } = yield* run("backup prune --all --keep-last 1 --demo --dry-run", { columns: 80 })
      assert.match(
        stderr,
        /Would delete 0 of 3 manual backups; \d+ of \d+ backups would be left\. Nothing was changed\./
      )
      const on = yield* project({ ...full, project: instantly })
      assert.notMatch((yield* run("backup prune --all --keep-last 1 --dry-run", { on })).stderr, /would be left/)
      assert.strictEqual((yield* run("backup prune --all --keep-last 1 --yes", { on })).exitCode, 0)
      assert.deepStrictEqual(
        (yield* left(on)).filter((name) => !name.startsWith("docs-daily-")).toSorted(),
        ["guard-20261121t113000z", "wiki-import"]
      )
    }))

  it.effect("prunes nothing of an index whose newest backup is empty, and prunes the others", () =>
    Effect.gen(function*() {
      const wiki = [1, 2].map((days) =>
        backup(days, { indexName: "wiki", backupId: Backup.BackupId.make(`wiki-${days}`), name: `wiki-${days}` })
      )
      const on = yield* project({
        project: instantly,
        indexes: [{ name: "docs" }, { name: "wiki" }],
        backups: [backup(1, { recordCount: 0 }), backup(2), backup(3), ...wiki]
      })
      const args = "backup prune docs wiki --keep-last 1 --yes"
      const { exitCode, stderr, stdout } = yield* run(args, { on, columns: 80, errorColumns: 80 })
      assert.strictEqual(exitCode, 7)
      assert.include(
        stdout.replace(/\s+/g, " "),
        "▲ nothing is deleted, because the newest backup may be bad: manual-1"
      )
      assert.match(stderr, /pcb backup describe copy-1\n +then add/)
      assert.deepStrictEqual((yield* left(on)).toSorted(), ["manual-1", "manual-2", "manual-3", "wiki-1"])

      assert.strictEqual((yield* run(`${prune} --even-if-shrunk --yes`, { on })).exitCode, 0)
      assert.deepStrictEqual((yield* left(on)).toSorted(), ["manual-1", "manual-2", "wiki-1"])
    }))

  it.effect("prunes nothing of an index whose history cannot be read, and exits with the code of the error", () =>
    Effect.gen(function*() {
      const on = yield* project({
        indexes: [{ name: "docs" }, { name: "wiki" }],
        schedules: [{ indexName: "docs", runs: [{}] }],
        backups: [1, 2].map((days) => backup(days))
      })
      yield* on.fault("BackupSchedules.history", Fault.respond({ status: 403 }), { times: "always" })
      const { exitCode, stderr, stdout } = yield* run(`${prune} --yes -o json`, { on })
      assert.strictEqual(exitCode, 4)
      assert.include(stderr, "docs is not pruned, because its schedule history could not be read")
      assert.deepStrictEqual(JSON.parse(stdout).refused, [{ index_name: "docs", problem: "unreadable" }])
      assert.strictEqual(yield* deletionsSent(on), 0)
    }))

  it.effect("prunes nothing of an index with a backup that has no index ID, and says so", () =>
    Effect.gen(function*() {
      const on = yield* project({ indexes: [{ name: "docs" }], backups: [1, 2].map((days) => backup(days)) })
      const row = {
        backup_id: "blank",
        source_index_id: "",
        source_index_name: "docs",
        status: "Ready",
        cloud: "aws",
        region: "us-east-1"
      }
      yield* on.fault("Backups.listByIndex", Fault.respond({ status: 200, body: { data: [row] } }), { times: "always" })
      const { exitCode, stderr } = yield* run(`${prune} --yes`, { on })
      assert.strictEqual(exitCode, 1)
      assert.include(
        stderr.replace(/\s+/g, " "),
        "docs is not pruned, because the service returned backups or schedules of it without an index ID"
      )
      assert.include(stderr, "pcb backup delete BACKUP")
      assert.strictEqual(yield* deletionsSent(on), 0)
    }))

  it.effect("keeps a backup that is being restored, with exit code 0", () =>
    Effect.gen(function*() {
      const on = yield* project({
        project: { restoreJobDelay: "1 hour" },
        indexes: [{ name: "docs" }],
        backups: [1, 2, 3].map((days) => backup(days))
      })
      yield* run("restore start copy-3 --name copy", { on })
      const { exitCode, stderr } = yield* run(`${prune} --yes`, { on })
      assert.strictEqual(exitCode, 0, stderr)
      assert.include(stderr, "▲ manual-3 of docs kept: being restored")
      assert.include(stderr, "✓ manual-2 of docs deleted")
      assert.include(stderr, "Deleted 1 of 2 backups")
    }))

  it.effect("goes on after a failure, and exits with its code", () =>
    Effect.gen(function*() {
      const on = yield* project({ indexes: [{ name: "docs" }], backups: [1, 2, 3].map((days) => backup(days)) })
      yield* on.fault("Backups.delete", Fault.respond({ status: 409 }))
      const { exitCode, stderr } = yield* run(`${prune} --yes`, { on })
      assert.strictEqual(exitCode, 7)
      assert.include(stderr, "✗ manual-3 of docs not deleted")
      assert.include(stderr, "✓ manual-2 of docs deleted")
    }))
})
