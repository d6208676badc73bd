import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as SimulatedApi from "@pinecone-backups/testing/SimulatedApi"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { run, start } from "./harness.ts"
import { project, seeds, uuid } from "./project.ts"

const screen = { columns: 120 }

/** What was asked of the service: method and path. */
const sent = (requests: ReadonlyArray<{ readonly method: string; readonly url: string }>) =>
  requests.map(({ method, url }) => `${method} ${url.split("?")[0]}`)

describe("pcb backup list", () => {
  it.effect.each<[columns: number, table: ReadonlyArray<string>, hidden: string]>([
    [
      120,
      [
        "INDEX  BACKUP                       STATUS          TAKEN    RECORDS    SIZE  ID",
        "wiki   —                            ◐ Initializing  2m ago         —       —  0b77aa01",
        "docs   docs-daily-20261121T060000Z  ● Ready         14h ago   98,214  609 MB  8c85e612",
        "docs   before-reindex               ● Ready         1d ago    98,214  609 MB  5d0c71aa",
        "docs   docs-daily-20261120T060000Z  ● Ready         1d ago    98,214  609 MB  88ddf477",
        "docs   docs-daily-20261119T060000Z  ✗ Failed        2d ago         —       —  853602dc",
        "docs   docs-daily-20261118T060000Z  ● Ready         3d ago    98,214  609 MB  818e1141",
        "wiki   wiki-import                  ● Ready         41d ago    1,204  7.5 MB  0b0e8e8a"
      ],
      ""
    ],
    [
      60,
      [
        "INDEX  STATUS          TAKEN    RECORDS    SIZE  ID",
        "wiki   ◐ Initializing  2m ago         —       —  0b77aa01",
        "docs   ● Ready         14h ago   98,214  609 MB  8c85e612",
        "docs   ● Ready         1d ago    98,214  609 MB  5d0c71aa",
        "docs   ● Ready         1d ago    98,214  609 MB  88ddf477",
        "docs   ✗ Failed        2d ago         —       —  853602dc",
        "docs   ● Ready         3d ago    98,214  609 MB  818e1141",
        "wiki   ● Ready         41d ago    1,204  7.5 MB  0b0e8e8a"
      ],
      "(hidden at this width: backup · -o wide shows all)\n"
    ]
  ])("prints a table of %i columns, the newest first", ([columns, table, hidden]) =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* run("backup list", { on: yield* project(seeds), columns })
      assert.deepStrictEqual(stdout.trimEnd().split("\n"), table)
      assert.strictEqual(stderr, hidden)
      assert.strictEqual(exitCode, 0)
    }))

  it.effect("prints tab-separated values in a pipe, the API's own objects as JSON, and ids", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const tsv = yield* run("backup ls -n 2", { on: plane })
      assert.strictEqual(
        tsv.stdout,
        `wiki\t\tInitializing\t2026-11-21T19:58:00Z\t\t\t${uuid("0b77aa01")}\n` +
          `docs\tdocs-daily-20261121T060000Z\tReady\t2026-11-21T06:00:00Z\t98214\t608926800\t${uuid("8c85e612")}\n`
      )
      const json = yield* run("backup list --index-name wiki --status ready -o json", { on: plane })
      assert.deepStrictEqual(JSON.parse(json.stdout), {
        data: [{
          backup_id: uuid("0b0e8e8a"),
          source_index_id: uuid("7c11d0aa"),
          source_index_name: "wiki",
          tags: { team: "search" },
          name: "wiki-import",
          description: null,
          status: "Ready",
          cloud: "aws",
          region: "us-east-1",
          dimension: 1536,
          record_count: 1204,
          namespace_count: 1,
          size_bytes: 7_464_800,
          created_at: "2026-10-11T09:00:00.000000Z"
        }],
        pagination: null
      })
      const ids = yield* run("backup list --status FAILED -o id", { on: plane })
      assert.strictEqual(ids.stdout, `${uuid("853602dc")}\n`)
      const fields = yield* run("backup list --json=backup_id,status -n 1", { on: plane })
      assert.strictEqual(fields.stdout, `{"data":[{"backup_id":"${uuid("0b77aa01")}","status":"Initializing"}]}\n`)
    }))

  it.effect.each<[args: string, ids: ReadonlyArray<string>]>([
    ["--manual", ["0b77aa01", "5d0c71aa", "0b0e8e8a"]],
    ["--schedule docs-daily", ["8c85e612", "88ddf477", "853602dc", "818e1141"]],
    ["--schedule docs --status ready", ["8c85e612", "88ddf477", "818e1141"]],
    ["--index wiki", ["0b77aa01", "0b0e8e8a"]],
    ["--since 24h", ["0b77aa01", "8c85e612"]],
    ["--since 2026-11-20", ["0b77aa01", "8c85e612", "5d0c71aa", "88ddf477"]],
    ["--since 2026-11-20T06:00:01Z", ["0b77aa01", "8c85e612", "5d0c71aa"]],
    ["--status initializing", ["0b77aa01"]],
    ["--limit 1", ["0b77aa01"]]
  ])("lists with %s what that says", ([args, ids]) =>
    Effect.gen(function*() {
      const { stdout } = yield* run(`backup list ${args} -o id`, { on: yield* project(seeds) })
      assert.deepStrictEqual(stdout.trimEnd().split("\n"), ids.map(uuid))
    }))

  it.effect("prints the newest thirty to people who did not say how many, and says so", () =>
    Effect.gen(function*() {
      const plane = yield* project({ schedules: [{ id: "nightly", runs: 31 }] })
      const table = yield* run("backup list", { on: plane, ...screen })
      assert.strictEqual(table.stdout.trimEnd().split("\n").length, 31)
      assert.strictEqual(table.stderr, "(the newest 30 of 31 - --all shows the rest)\n")
      assert.strictEqual(
        (yield* run("backup list --all", { on: plane, ...screen })).stdout.trimEnd().split("\n").length,
        32
      )
      assert.strictEqual((yield* run("backup list", { on: plane })).stdout.trimEnd().split("\n").length, 31)
    }))

  it.effect("knows backups of an index that is gone", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const env = { PINECONE_API_VERSION: "2026-07" }
      yield* plane.run(SimulatedApi.deleteIndex("wiki"))
      const gone = yield* run("backup list --index wiki", { on: plane, ...screen, env })
      assert.strictEqual(gone.exitCode, 3)
      const list = yield* run("backup list --index wiki --include-deleted", { on: plane, ...screen, env })
      assert.include(list.stdout, "wiki (deleted)")
      // Where a restore is needed most.
      const latest = yield* run("backup describe wiki@latest -o id", { on: plane, env })
      assert.strictEqual(latest.stdout, `${uuid("0b0e8e8a")}\n`)
    }))

  it.effect("says that there is nothing", () =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* run("backup list", { on: yield* project(), ...screen })
      assert.deepStrictEqual([exitCode, stdout, stderr], [0, "", "No backups\n"])
    }))

  it.effect.each<[args: string, message: string]>([
    ["--manual --schedule docs", "--schedule and --manual exclude each other"],
    ["--all --limit 3", "--limit and --all exclude each other"],
    ["--status done", "Expected ready, initializing or failed"],
    ["--since yesterday", "Expected a length of time like 7d, or a date like 2026-11-20"],
    ["--limit 0", "Expected 1 or more"]
  ])("refuses %s", ([args, message]) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { exitCode, stderr, stdout } = yield* run(`backup list ${args}`, { on: plane })
      assert.deepStrictEqual([exitCode, stdout], [2, ""])
      assert.include(stderr, message)
      assert.lengthOf(yield* plane.requests, 0)
    }))
})

describe("pcb backup describe", () => {
  it.effect("says all that is known", () =>
    Effect.gen(function*() {
      const { stdout } = yield* run("backup describe before-reindex", { on: yield* project(seeds), columns: 80 })
      assert.strictEqual(
        stdout,
        [
          "INDEX        docs",
          "BACKUP       before-reindex",
          "STATUS       ● Ready",
          "TAKEN        2026-11-20 15:30 UTC",
          "RECORDS      98,214",
          "SIZE         609 MB",
          "ID           5d0c71aa-5a39-4254-9518-bd394b7f4886",
          "DESCRIPTION  new embeddings",
          "TAGS         —",
          "NAMESPACES   1",
          "DIMENSION    1536",
          "PLACE        aws us-east-1",
          "INDEX ID     d40265e4-5a39-4254-9518-bd394b7f4886",
          "INDEX GONE   —",
          ""
        ].join("\n")
      )
    }))

  it.effect.each<[selector: string, id: string]>([
    ["docs@latest", "8c85e612"],
    ["docs@2026-11-20", "5d0c71aa"],
    ["docs@2026-11-20T15:00:00Z", "88ddf477"],
    ["docs@2026-11-19", "818e1141"],
    ["wiki-import", "0b0e8e8a"],
    ["0b0e", "0b0e8e8a"],
    ["--id 0b0e8e8a", "0b0e8e8a"]
  ])("finds %s", ([selector, id]) =>
    Effect.gen(function*() {
      const { stdout } = yield* run(`backup show ${selector} -o id`, { on: yield* project(seeds) })
      assert.strictEqual(stdout, `${uuid(id)}\n`)
    }))

  it.effect.each<[args: string, exitCode: number, message: string]>([
    ["", 2, "Missing required argument: backup"],
    ["a --id b", 2, "One backup is enough"],
    ["nope", 3, "Backup nope not found"],
    ["wiki@2026-01-01", 3, "Index wiki has no backup that is ready, of 2026-01-01 or before"],
    ["docs@soon", 3, "soon is neither \"latest\" nor a date"]
  ])("fails on `%s` with %i", ([args, exitCode, message]) =>
    Effect.gen(function*() {
      const result = yield* run(`backup describe ${args}`, { on: yield* project(seeds) })
      assert.deepStrictEqual([result.exitCode, result.stdout], [exitCode, ""])
      assert.include(result.stderr, message)
    }))
})

describe("pcb backup with a name that fits two", () => {
  it.effect("lists both, and sends nothing else", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      yield* plane.seedBackup({ backupId: Backup.BackupId.make(uuid("5d0c0000")), name: "before-reindex" })
      for (const selector of ["before-reindex", "5d0c"]) {
        const result = yield* run(`backup delete ${selector} --yes`, { on: plane })
        assert.deepStrictEqual([result.exitCode, result.stdout], [2, ""])
        assert.strictEqual(
          result.stderr,
          [
            `error: ${selector} fits 2 backups`,
            `  ${uuid("5d0c0000")}  before-reindex`,
            `  ${uuid("5d0c71aa")}  before-reindex`,
            "  try         say more of it",
            ""
          ].join("\n")
        )
      }
      assert.isTrue(sent(yield* plane.requests).every((request) => request.startsWith("GET ")))
    }))
})

describe("pcb backup create", () => {
  it.effect("starts a backup, and says how to wait for it", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { stderr, stdout } = yield* run("backup create docs --name x1 --description why", { on: plane, ...screen })
      assert.strictEqual(stdout, "")
      assert.strictEqual(stderr, "Started backup backup-9 of docs\n  next  pcb backup wait backup-9\n")
      const json = JSON.parse((yield* run("backup describe x1 -o json", { on: plane })).stdout)
      assert.deepStrictEqual([json.description, json.status], ["why", "Initializing"])
    }))

  it.effect("speaks as pc does", () =>
    Effect.gen(function*() {
      const result = yield* run("backup create --index-name wiki -o id -q", { on: yield* project(seeds) })
      assert.deepStrictEqual([result.stdout, result.stderr], ["backup-9\n", ""])
    }))

  it.effect("only looks with --dry-run", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { exitCode, stderr, stdout } = yield* run("backup create docs --name x1 --dry-run", { on: plane })
      assert.deepStrictEqual([exitCode, stdout, stderr], [0, "", "Would start a backup of docs, named x1\n"])
      assert.deepStrictEqual(sent(yield* plane.requests), ["GET /indexes/docs"])
      assert.strictEqual((yield* run("backup create nope --dry-run", { on: plane })).exitCode, 3)
    }))

  it.effect("says that an answer was lost, and makes one backup", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      yield* plane.fault("Backups.create", Fault.afterCommit(Fault.html()))
      const { run: end } = yield* start("backup create docs --name x1 -o id", { on: plane })
      // It looks for the backup a moment later.
      yield* TestClock.adjust("1 minute")
      const result = yield* end
      assert.strictEqual(result.stdout, "backup-9\n")
      assert.include(result.stderr, "Started backup backup-9 of docs (the answer was lost; it was found by looking)")
    }))
})

describe("pcb backup delete", () => {
  it.effect("sends nothing without a terminal and without --yes, whatever is to be printed", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      for (const args of [uuid("5d0c71aa"), "before-reindex", "before-reindex --json"]) {
        const result = yield* run(`backup delete ${args}`, { on: plane })
        assert.deepStrictEqual([result.exitCode, result.stdout], [6, ""])
        assert.include(result.stderr, "without --yes")
      }
      assert.lengthOf(yield* plane.requests, 0)
    }))

  it.effect("shows what is lost, and that it is the last", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const dry = yield* run("backup delete before-reindex wiki-import --dry-run", { on: plane })
      assert.strictEqual(
        dry.stderr,
        [
          "Would delete for good:",
          "  before-reindex of docs (5d0c71aa, 98,214 records, taken 1d ago, 609 MB)",
          "  wiki-import of wiki (0b0e8e8a, 1,204 records, taken 41d ago, 7.5 MB)",
          "▲ Nothing will be left to restore wiki from",
          ""
        ].join("\n")
      )
      assert.isTrue(sent(yield* plane.requests).every((request) => request.startsWith("GET ")))
      const result = yield* run(`backup rm before-reindex wiki-import ${uuid("5d0c71aa")} --yes -o id`, { on: plane })
      assert.deepStrictEqual([result.exitCode, result.stdout], [0, `${uuid("5d0c71aa")}\n${uuid("0b0e8e8a")}\n`])
      assert.include(result.stderr, "✓ before-reindex is deleted\n✓ wiki-import is deleted")
      assert.notInclude((yield* run("backup list -o id", { on: plane })).stdout, "5d0c71aa")
    }))

  it.effect("goes on after one that is refused, and exits with its code", () =>
    Effect.gen(function*() {
      const result = yield* run("backup delete 8c85 88dd -y -o id", { on: yield* project(seeds) })
      assert.deepStrictEqual([result.exitCode, result.stdout], [7, `${uuid("88ddf477")}\n`])
      assert.include(
        result.stderr,
        "✗ docs-daily-20261121T060000Z is not deleted\n✓ docs-daily-20261120T060000Z is deleted"
      )
      assert.include(result.stderr, "error: Restore jobs from this backup are pending")
    }))

  it.effect("deletes nothing if one of them is not there", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const result = yield* run("backup delete before-reindex nope -y", { on: plane })
      assert.strictEqual(result.exitCode, 3)
      assert.isTrue(sent(yield* plane.requests).every((request) => request.startsWith("GET ")))
    }))
})
