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

/** What was asked of the service: method and path. */
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
      assert.strictEqual(table.stderr, "(the newest 30 of 31; --all shows the rest)\n")
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
      yield* deleteWiki(plane)
      const gone = yield* run("backup list --index wiki", { on: plane, ...screen, env })
      assert.strictEqual(gone.exitCode, 3)
      const list = yield* run("backup list --index wiki --include-deleted", { on: plane, ...screen, env })
      assert.include(list.stdout, "wiki (deleted)")
      // Where a restore is needed most.
      const latest = yield* run("backup describe wiki@latest -o id", { on: plane, env })
      assert.strictEqual(latest.stdout, `${uuid("0b0e8e8a")}\n`)
    }))

  it.effect("finds those of an index that is gone where the service does not look for them by its name", () =>
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
      // What never was is told as the service tells it.
      const never = yield* run("backup describe never@latest", { on: plane })
      assert.strictEqual(never.exitCode, 3)
      assert.include(never.stderr, "404")
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

describe("pcb backup with what no backup can be called", () => {
  it.effect.each<[selector: string, message: string]>([
    ["docs@soon", `soon is neither "latest" nor a date, and no backup has the name docs@soon`],
    ["docs@", ` is neither "latest" nor a date, and no backup has the name docs@`],
    ["@latest", "@latest names no index, and no backup has the name @latest"]
  ])("is a mistake: %s", ([selector, message]) =>
    Effect.gen(function*() {
      for (const command of ["describe", "delete --yes", "wait"]) {
        const result = yield* run(`backup ${command} ${selector}`, { on: yield* project(seeds) })
        assert.deepStrictEqual([result.exitCode, result.stdout], [2, ""])
        assert.include(result.stderr, `error: ${message}\n  try `)
      }
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
  it.effect("makes one backup under a key, however often it is run", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const command = "backup create docs --idempotency-key deploy-42 -o id"
      const first = yield* run(command, { on: plane })
      const again = yield* run(command, { on: plane })
      assert.strictEqual(first.stdout, again.stdout)
      assert.match(first.stderr, /^Started backup /m)
      assert.match(again.stderr, /^Found backup .* by its key$/m)
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
    ["leaves descriptions out", ["description"]]
  ])("knows with --dry-run what a key would find: a list that %s", ([, fields]) =>
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
        `Would find backup ${id} of docs by its key, and send nothing\nNothing was changed.\n`
      )
      for (const args of [command, `${command} --name first`]) {
        const { exitCode, stdout } = yield* run(`${args} --dry-run -o json`, { on: plane })
        assert.deepStrictEqual([exitCode, JSON.parse(stdout).requests], [0, []])
      }
      // Another key is another backup, and so is the same one for another index.
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
    "takes no --timeout without --wait, and sends nothing: %s",
    (args) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds)
        const { exitCode, stderr, stdout } = yield* run(`${args} --timeout 5m`, { on: plane })
        assert.deepStrictEqual([exitCode, stdout], [2, ""])
        assert.include(stderr, "error: --timeout says how long to wait: it needs --wait\n")
        assert.lengthOf(yield* plane.requests, 0)
      })
  )

  it.effect("makes nothing where the result could not be printed", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { exitCode, stderr, stdout } = yield* run("backup create docs", { on: plane, env: { PCB_OUTPUT: "xml" } })
      assert.deepStrictEqual([exitCode, stdout], [2, ""])
      assert.include(stderr, "error: PCB_OUTPUT: must be")
      assert.lengthOf(yield* plane.requests, 0)
    }))

  it.effect("only looks with --dry-run", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { exitCode, stderr, stdout } = yield* run("backup create docs --name x1 --dry-run", { on: plane })
      assert.deepStrictEqual([exitCode, stdout], [0, ""])
      assert.strictEqual(stderr, "Would start a backup of docs, named x1\nNothing was changed.\n")
      assert.deepStrictEqual(sent(yield* plane.requests), ["GET /indexes/docs"])
      assert.strictEqual((yield* run("backup create nope --dry-run", { on: plane })).exitCode, 3)
    }))

  it.effect.each([
    "backup create docs --name BAD --dry-run",
    "restore start docs@latest --name BAD --dry-run",
    "restore start docs@latest --name docs-new --tag a.b=c --dry-run",
    ["schedule", "create", "docs", "--every", "daily", "--keep", "30", "--name", "", "--dry-run"]
  ])("refuses with --dry-run what would be refused without: %s", (args) =>
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
  it.effect("only looks without a terminal and without --yes, whatever is to be printed", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      for (const args of [uuid("5d0c71aa"), "before-reindex", "before-reindex --json"]) {
        const result = yield* run(`backup delete ${args}`, { on: plane })
        assert.deepStrictEqual([result.exitCode, result.stdout], [6, ""])
        assert.include(result.stderr, "refusing to delete backup before-reindex without --yes")
        assert.notInclude(result.stderr, "--allow-last-copy")
      }
      assert.isTrue(sent(yield* plane.requests).every((request) => request.startsWith("GET ")))
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
          "This needs --yes --allow-last-copy, or a terminal to ask on. Nothing was changed.",
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

  it.effect("goes on after one that is refused, and exits with its code", () =>
    Effect.gen(function*() {
      const result = yield* run("backup delete 8c85 88dd -y -o id", { on: yield* project(seeds) })
      assert.deepStrictEqual([result.exitCode, result.stdout], [7, `${uuid("88ddf477")}\n`])
      assert.include(
        result.stderr,
        "✗ docs-daily-20261121T060000Z not deleted\nerror: Restore jobs from this backup are pending"
      )
      assert.include(result.stderr, "✓ docs-daily-20261120T060000Z deleted")
    }))

  it.effect("says of what failed in doubt that it may have been done", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      yield* plane.fault("Backups.delete", Fault.respond({ status: 503 }), { times: "always" })
      const doubt = "error: A fault answers 503; it may have been done all the same\n"
      const hint = "  try         look whether it was done before you send it again\n"
      const one = yield* runFast("backup delete before-reindex --yes", { on: plane })
      assert.include(one.stderr, doubt)
      assert.include(one.stderr, hint)
      const two = yield* runFast("backup delete before-reindex 818e --yes", { on: plane })
      assert.include(two.stderr, `✗ before-reindex may have been deleted\n${doubt}`)
      assert.notInclude(two.stderr, "not deleted")
      const json = yield* runFast("backup delete before-reindex --yes -o json", { on: plane })
      assert.deepInclude(JSON.parse(json.stderr.trimEnd().split("\n").at(-1) ?? "").error, {
        message: "A fault answers 503; it may have been done all the same",
        hint: "look whether it was done before you send it again",
        in_doubt: true
      })
      const schedule = yield* project(seeds)
      yield* schedule.fault("BackupSchedules.delete", Fault.respond({ status: 503 }), { times: "always" })
      assert.include((yield* runFast("schedule delete docs --yes", { on: schedule })).stderr, doubt)
    }))

  it.effect.each(["backup delete wiki-import", `api DELETE /backups/${uuid("0b0e8e8a")}`])(
    "names every flag that the last good copy takes, at the first refusal and with --dry-run: %s",
    (command) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds)
        for (const format of ["json", "id"]) {
          const refused = yield* run(`${command} -o ${format}`, { on: plane })
          assert.strictEqual(refused.exitCode, 6)
          assert.include(
            refused.stderr,
            "refusing to delete the last good backup of wiki without --yes --allow-last-copy"
          )
          const dry = yield* run(`${command} --dry-run -o ${format}`, { on: plane })
          assert.match(
            dry.stderr,
            /\nThis needs --yes --allow-last-copy, or a terminal to ask on. Nothing was changed.\n$/
          )
        }
        assert.isTrue(sent(yield* plane.requests).every((request) => request.startsWith("GET ")))
      })
  )

  it.effect("deletes nothing if one of them is not there", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const result = yield* run("backup delete before-reindex nope -y", { on: plane })
      assert.strictEqual(result.exitCode, 3)
      assert.isTrue(sent(yield* plane.requests).every((request) => request.startsWith("GET ")))
    }))
})
