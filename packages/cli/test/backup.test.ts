import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { run, runFast, start } from "./harness.ts"
import { project, seeds, services, uuid } from "./project.ts"

const screen = { columns: 120 }

/** The method and path of requests. */
const sent = (requests: ReadonlyArray<{ readonly method: string; readonly url: string }>) =>
  requests.map(({ method, url }) => `${method} ${url.split("?")[0]}`)

const deleteWiki = (plane: ControlPlane.Service) =>
  Effect.gen(function*() {
    const indexes = yield* Indexes.Indexes
    const wiki = PineconeIndex.IndexName.make("wiki")
    yield* indexes.configure(wiki, { deletionProtection: "disabled" })
    yield* indexes.delete(wiki)
  }).pipe(
    Effect.provide(services(plane))
  )

describe("pcb backup list", () => {
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
  ])("filters by %s", ([args, ids]) =>
    Effect.gen(function*() {
      const { stdout } = yield* run(`backup list ${args} -o id`, { on: yield* project(seeds) })
      assert.deepStrictEqual(stdout.trimEnd().split("\n"), ids.map(uuid))
    }))

  it.effect("prints the newest 30 backups in a table by default, with a note", () =>
    Effect.gen(function*() {
      const plane = yield* project({ schedules: [{ id: "nightly", runs: 31 }] })
      const table = yield* run("backup list", { on: plane, ...screen })
      assert.strictEqual(table.stdout.trimEnd().split("\n").length, 31)
      assert.strictEqual(table.stderr, "(newest 30 of 31; use --all to show the rest)\n")
      assert.strictEqual(
        (yield* run("backup list --all", { on: plane, ...screen })).stdout.trimEnd().split("\n").length,
        32
      )
      assert.strictEqual((yield* run("backup list", { on: plane })).stdout.trimEnd().split("\n").length, 31)
    }))

  it.effect("lists backups of a deleted index", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const env = { PINECONE_API_VERSION: "2026-07" }
      yield* deleteWiki(plane)
      const gone = yield* run("backup list --index wiki", { on: plane, ...screen, env })
      assert.strictEqual(gone.exitCode, 3)
      const list = yield* run("backup list --index wiki --include-deleted", { on: plane, ...screen, env })
      assert.include(list.stdout, "wiki (deleted)")
      // Restores matter most here.
      const latest = yield* run("backup describe wiki@latest -o id", { on: plane, env })
      assert.strictEqual(latest.stdout, `${uuid("0b0e8e8a")}\n`)
    }))

  it.effect("lists backups of a deleted index if the service does not find them by name", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      yield* deleteWiki(plane)
      yield* plane.fault("Backups.listByIndex", Fault.notFound, { times: 8 })
      const latest = yield* run("backup describe wiki@latest -o id", { on: plane })
      assert.strictEqual(latest.stdout, `${uuid("0b0e8e8a")}\n`)
      const day = yield* run("restore start wiki@2026-10-11 --name wiki-2 --dry-run", { on: plane })
      assert.include(day.stderr, "wiki@2026-10-11 = wiki-import")
      const list = yield* run("backup list --index wiki --include-deleted -o id", { on: plane })
      assert.deepStrictEqual(list.stdout.trimEnd().split("\n"), [uuid("0b77aa01"), uuid("0b0e8e8a")])
      // For an index that never existed, the error of the service is reported.
      const never = yield* run("backup describe never@latest", { on: plane })
      assert.strictEqual(never.exitCode, 3)
      assert.include(never.stderr, "404")
    }))

  it.effect.each<[args: string, message: string]>([
    ["--manual --schedule docs", "--schedule cannot be combined with --manual"],
    ["--all --limit 3", "--limit cannot be combined with --all"],
    ["--status done", "Expected ready, initializing or failed"],
    ["--since yesterday", "Expected a duration such as 7d, or a date such as 2026-11-20"],
    ["--limit 0", "Expected 1 or more"]
  ])("rejects %s", ([args, message]) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { exitCode, stderr, stdout } = yield* run(`backup list ${args}`, { on: plane })
      assert.deepStrictEqual([exitCode, stdout], [2, ""])
      assert.include(stderr, message)
      assert.lengthOf(yield* plane.requests, 0)
    }))
})

describe("pcb backup describe", () => {
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
})

describe("pcb backup with an invalid selector", () => {
  it.effect.each<[selector: string, message: string]>([
    ["docs@soon", `"soon" is neither "latest" nor a date, and no backup is named "docs@soon"`],
    ["docs@", `"" is neither "latest" nor a date, and no backup is named "docs@"`],
    ["@latest", `"@latest" has no index name before @, and no backup is named "@latest"`]
  ])("is rejected: %s", ([selector, message]) =>
    Effect.gen(function*() {
      for (const command of ["describe", "delete --yes", "wait"]) {
        const result = yield* run(`backup ${command} ${selector}`, { on: yield* project(seeds) })
        assert.deepStrictEqual([result.exitCode, result.stdout], [2, ""])
        assert.include(result.stderr, `error: ${message}\n  try `)
      }
    }))
})

describe("pcb backup with an ambiguous name", () => {
  it.effect("lists both backups and sends nothing else", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      yield* plane.seedBackup({ backupId: Backup.BackupId.make(uuid("5d0c0000")), name: "before-reindex" })
      for (const selector of ["before-reindex", "5d0c"]) {
        const result = yield* run(`backup delete ${selector} --yes`, { on: plane })
        assert.deepStrictEqual([result.exitCode, result.stdout], [2, ""])
        assert.strictEqual(
          result.stderr,
          [
            `error: "${selector}" matches 2 backups`,
            `  ${uuid("5d0c0000")}  before-reindex`,
            `  ${uuid("5d0c71aa")}  before-reindex`,
            "  try         use the ID or a longer prefix",
            ""
          ].join("\n")
        )
        const { stderr } = yield* run(`backup delete ${selector} --yes --json`, { on: plane })
        assert.deepStrictEqual(JSON.parse(stderr).error.details, [
          `${uuid("5d0c0000")}  before-reindex`,
          `${uuid("5d0c71aa")}  before-reindex`
        ])
      }
      assert.isTrue(sent(yield* plane.requests).every((request) => request.startsWith("GET ")))
    }))
})

describe("pcb backup create", () => {
  it.effect("creates one backup per idempotency key", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const command = "backup create docs --idempotency-key deploy-42 -o id"
      const first = yield* run(command, { on: plane })
      const again = yield* run(command, { on: plane })
      assert.strictEqual(first.stdout, again.stdout)
      assert.match(first.stderr, /^Started backup /m)
      assert.match(again.stderr, /^Found backup .* with this idempotency key$/m)
      const created = (yield* plane.requests).filter(({ method }) => method === "POST")
      assert.lengthOf(created, 1)
      assert.strictEqual((yield* run("backup create docs --idempotency-key deploy-4 -o id", { on: plane })).exitCode, 0)
      assert.lengthOf((yield* plane.requests).filter(({ method }) => method === "POST"), 2)
      const wrong = yield* run("backup create docs --idempotency-key a,b", { on: plane })
      assert.include(wrong.stderr, "must be 1 to 64 letters, digits and . _ : -")
      assert.strictEqual(wrong.exitCode, 2)
    }))

  it.effect.each<[what: string, hidden: ReadonlyArray<string>]>([
    ["shows descriptions", []],
    ["omits descriptions", ["description"]]
  ])("previews the result of an idempotency key, with a list that %s", ([, fields]) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const command = "backup create docs --idempotency-key deploy-42"
      const id = (yield* run(`${command} --name first -o id`, { on: plane })).stdout.trim()
      if (fields.length > 0) {
        yield* plane.fault("Backups.listByIndex", Fault.withoutFields(fields), { times: "always" })
      }
      const asText = yield* run(`${command} --dry-run`, { on: plane })
      assert.strictEqual(
        asText.stderr,
        `Would send nothing: backup ${id} of docs already has this key\nNothing was changed.\n`
      )
      for (const args of [command, `${command} --name first`]) {
        const { exitCode, stdout } = yield* run(`${args} --dry-run -o json`, { on: plane })
        assert.deepStrictEqual([exitCode, JSON.parse(stdout).requests], [0, []])
      }
      // Another key creates another backup, and so does the same key for another index.
      for (const args of ["docs --idempotency-key deploy-4", "wiki --idempotency-key deploy-42"]) {
        const { exitCode, stdout } = yield* run(`backup create ${args} --dry-run -o json`, { on: plane })
        assert.deepStrictEqual([exitCode, JSON.parse(stdout).requests.length], [0, 1])
      }
      const planned = yield* run(`${command} --name second --dry-run`, { on: plane })
      const real = yield* run(`${command} --name second`, { on: plane })
      assert.include(planned.stderr, `idempotencyKey: belongs to backup ${id}, which has a different name`)
      assert.deepStrictEqual([planned.exitCode, planned.stderr, planned.stdout], [2, real.stderr, ""])
      assert.strictEqual(real.exitCode, 2)
      assert.lengthOf((yield* plane.requests).filter(({ method }) => method === "POST"), 1)
    }))

  it.effect.each(["backup create docs", "restore start docs@latest --name docs-new"])(
    "rejects --timeout without --wait before sending anything: %s",
    (args) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds)
        const { exitCode, stderr, stdout } = yield* run(`${args} --timeout 5m`, { on: plane })
        assert.deepStrictEqual([exitCode, stdout], [2, ""])
        assert.include(stderr, "error: --timeout requires --wait\n")
        assert.lengthOf(yield* plane.requests, 0)
      })
  )

  it.effect("sends nothing if the output format is invalid", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { exitCode, stderr, stdout } = yield* run("backup create docs", { on: plane, env: { PCB_OUTPUT: "xml" } })
      assert.deepStrictEqual([exitCode, stdout], [2, ""])
      assert.include(stderr, "error: PCB_OUTPUT: must be")
      assert.lengthOf(yield* plane.requests, 0)
    }))

  it.effect("sends only reads with --dry-run", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { exitCode, stderr, stdout } = yield* run("backup create docs --name x1 --dry-run", { on: plane })
      assert.deepStrictEqual([exitCode, stdout], [0, ""])
      assert.strictEqual(stderr, "Would start a backup of docs named x1\nNothing was changed.\n")
      assert.deepStrictEqual(sent(yield* plane.requests), ["GET /indexes/docs"])
      assert.strictEqual((yield* run("backup create nope --dry-run", { on: plane })).exitCode, 3)
    }))

  it.effect.each([
    "backup create docs --name BAD --dry-run",
    "restore start docs@latest --name BAD --dry-run",
    "restore start docs@latest --name docs-new --tag a.b=c --dry-run",
    ["schedule", "create", "docs", "--every", "daily", "--keep", "30", "--name", "", "--dry-run"]
  ])("rejects the same input with and without --dry-run: %s", (args) =>
    Effect.gen(function*() {
      const plane = yield* project({ indexes: seeds.indexes, backups: seeds.backups })
      const env = { PINECONE_API_VERSION: "2026-07" }
      const dry = yield* run(args, { on: plane, env })
      const real = yield* run(
        typeof args === "string" ? args.replace(" --dry-run", "") : args.filter((arg) => arg !== "--dry-run"),
        { on: plane, env }
      )
      assert.deepStrictEqual([dry.exitCode, dry.stdout], [2, ""])
      assert.deepStrictEqual(dry, real)
    }))

  it.effect("reports a lost response and creates only one backup", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      yield* plane.fault("Backups.create", Fault.afterCommit(Fault.html()))
      const { run: end } = yield* start("backup create docs --name x1 -o id", { on: plane })
      // The recovery lookup happens a moment later.
      yield* TestClock.adjust("1 minute")
      const result = yield* end
      assert.strictEqual(result.stdout, "backup-9\n")
      assert.include(result.stderr, "Started backup backup-9 of docs (response lost; found by a recovery lookup)")
    }))
})

describe("pcb backup delete", () => {
  it.effect("sends only reads without a terminal and --yes, in every format", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      for (const args of [uuid("5d0c71aa"), "before-reindex", "before-reindex --json"]) {
        const result = yield* run(`backup delete ${args}`, { on: plane })
        assert.deepStrictEqual([result.exitCode, result.stdout], [6, ""])
        assert.include(result.stderr, "Refusing to delete backup before-reindex without --yes")
        assert.notInclude(result.stderr, "--allow-last-copy")
      }
      assert.isTrue(sent(yield* plane.requests).every((request) => request.startsWith("GET ")))
    }))

  it.effect("prints what is lost, and warns about the last backup", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const dry = yield* run("backup delete before-reindex wiki-import --dry-run", { on: plane })
      assert.strictEqual(
        dry.stderr,
        [
          "Would permanently delete:",
          "  before-reindex of docs (5d0c71aa, 98,214 records, taken 1d ago, 609 MB)",
          "  wiki-import of wiki (0b0e8e8a, 1,204 records, taken 41d ago, 7.5 MB)",
          "▲ No backup will be left to restore wiki from",
          "Requires --yes --allow-last-copy or confirmation at a prompt. Nothing was changed.",
          ""
        ].join("\n")
      )
      assert.isTrue(sent(yield* plane.requests).every((request) => request.startsWith("GET ")))
      const result = yield* run(
        `backup rm before-reindex wiki-import ${uuid("5d0c71aa")} --yes --allow-last-copy -o id`,
        { on: plane }
      )
      assert.deepStrictEqual([result.exitCode, result.stdout], [0, `${uuid("5d0c71aa")}\n${uuid("0b0e8e8a")}\n`])
      assert.include(result.stderr, "✓ before-reindex deleted\n✓ wiki-import deleted")
      assert.notInclude((yield* run("backup list -o id", { on: plane })).stdout, "5d0c71aa")
    }))

  it.effect("continues after a rejected deletion and exits with its code", () =>
    Effect.gen(function*() {
      const result = yield* run("backup delete 8c85 88dd -y -o id", { on: yield* project(seeds) })
      assert.deepStrictEqual([result.exitCode, result.stdout], [7, `${uuid("88ddf477")}\n`])
      assert.include(
        result.stderr,
        "✗ docs-daily-20261121T060000Z not deleted\nerror: Restore jobs from this backup are pending"
      )
      assert.include(result.stderr, "✓ docs-daily-20261120T060000Z deleted")
    }))

  it.effect("reports an in-doubt deletion as possibly done", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      yield* plane.fault("Backups.delete", Fault.respond({ status: 503 }), { times: "always" })
      const doubt = "error: A fault returns 503; the request may have succeeded\n"
      const hint = "  try         check whether the request succeeded before retrying\n"
      const one = yield* runFast("backup delete before-reindex --yes", { on: plane })
      assert.include(one.stderr, doubt)
      assert.include(one.stderr, hint)
      const two = yield* runFast("backup delete before-reindex 818e --yes", { on: plane })
      assert.include(two.stderr, `✗ before-reindex may have been deleted\n${doubt}`)
      assert.notInclude(two.stderr, "not deleted")
      const json = yield* runFast("backup delete before-reindex --yes -o json", { on: plane })
      assert.deepInclude(JSON.parse(json.stderr.trimEnd().split("\n").at(-1) ?? "").error, {
        message: "A fault returns 503; the request may have succeeded",
        hint: "check whether the request succeeded before retrying",
        in_doubt: true
      })
      const schedule = yield* project(seeds)
      yield* schedule.fault("BackupSchedules.delete", Fault.respond({ status: 503 }), { times: "always" })
      assert.include((yield* runFast("schedule delete docs --yes", { on: schedule })).stderr, doubt)
    }))

  it.effect.each(["backup delete wiki-import", `api DELETE /backups/${uuid("0b0e8e8a")}`])(
    "names all flags that the last good backup requires, with and without --dry-run: %s",
    (command) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds)
        for (const format of ["json", "id"]) {
          const refused = yield* run(`${command} -o ${format}`, { on: plane })
          assert.strictEqual(refused.exitCode, 6)
          assert.include(
            refused.stderr,
            "Refusing to delete the last good backup of wiki without --yes --allow-last-copy"
          )
          const dry = yield* run(`${command} --dry-run -o ${format}`, { on: plane })
          assert.match(
            dry.stderr,
            /\nRequires --yes --allow-last-copy or confirmation at a prompt. Nothing was changed.\n$/
          )
        }
        assert.isTrue(sent(yield* plane.requests).every((request) => request.startsWith("GET ")))
      })
  )

  it.effect("deletes nothing if one backup is not found", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const result = yield* run("backup delete before-reindex nope -y", { on: plane })
      assert.strictEqual(result.exitCode, 3)
      assert.isTrue(sent(yield* plane.requests).every((request) => request.startsWith("GET ")))
    }))
})
