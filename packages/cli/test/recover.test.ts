import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Indexes from "@pinecone-backups/core/Indexes"
import { IndexName } from "@pinecone-backups/core/PineconeIndex"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as EventLoop from "../../core/test/event-loop.ts"
import * as ExitCode from "../src/output/ExitCode.ts"
import * as harness from "./harness.ts"
import { project, projectWithoutDocs, seeds, services, uuid } from "./project.ts"

const docs = IndexName.make("docs")

/** Advances the clock after everything that takes real time. */
const pass = (seconds: number) =>
  Effect.andThen(Effect.repeat(EventLoop.turn, { times: 20 }), TestClock.adjust(seconds * 1_000))

/** Runs a command line to its end, however long it waits. */
const run = Effect.fnUntraced(function*(args: string, options: harness.Options) {
  const { fiber, run } = yield* harness.start(args, options)
  while (fiber.pollUnsafe() === undefined) yield* pass(10)
  return yield* run
})

/** The requests that may have changed something. */
const writes = Effect.fnUntraced(function*(plane: ControlPlane.Service) {
  return (yield* plane.requests).map(({ method, url }) => `${method} ${url}`)
    .filter((request) => !request.startsWith("GET ") && request !== "POST /describe_index_stats")
})

/** The writes since this effect ran. */
const writesFrom = Effect.fnUntraced(function*(plane: ControlPlane.Service) {
  const before = (yield* writes(plane)).length
  return Effect.map(writes(plane), (all) => all.slice(before))
})

const lines = (text: string) => text.trim().split("\n").map((line) => JSON.parse(line))

describe("pcb recover of a deleted index", () => {
  it.effect("restores it with its schedule and settings, in two writes and without a question", () =>
    Effect.gen(function*() {
      const plane = yield* projectWithoutDocs
      const since = yield* writesFrom(plane)
      const result = yield* run("recover docs", { on: plane })
      assert.deepStrictEqual([result.exitCode, yield* since], [0, [
        `POST /backups/${uuid("8c85e612")}/create-index`,
        "POST /indexes/docs/backup-schedules"
      ]], result.stderr)
      assert.include(result.stderr, "docs has 98,214 of 98,214 records; 20 of 20 sampled records are intact")
      assert.match(result.stderr, /^Counting again at 2026-\S+ \d\d:\d\d/m)
      assert.include(result.stderr, "next  pcb audit docs")
      const [index, schedules] = yield* Effect.all([
        Effect.flatMap(Indexes.Indexes, ({ describe }) => describe(docs)),
        Effect.flatMap(BackupSchedules.BackupSchedules, ({ list }) => Stream.runCollect(list(docs)))
      ]).pipe(Effect.provide(services(plane)))
      assert.strictEqual(index.deletionProtection, "enabled")
      assert.deepStrictEqual(
        schedules.map(({ frequency, name, retentionExpireAfterDays }) => [name, frequency, retentionExpireAfterDays]),
        [["docs-daily", "daily", 7]]
      )
    }))

  it.effect("takes the schedule and the protection from flags", () =>
    Effect.gen(function*() {
      const plane = yield* projectWithoutDocs
      const { exitCode } = yield* run(
        "recover docs --every weekly --keep 60 --schedule-name docs-weekly --no-protect --verify count",
        { on: plane }
      )
      assert.strictEqual(exitCode, 0)
      const [index, [schedule]] = yield* Effect.all([
        Effect.flatMap(Indexes.Indexes, ({ describe }) => describe(docs)),
        Effect.flatMap(BackupSchedules.BackupSchedules, ({ list }) => Stream.runCollect(list(docs)))
      ]).pipe(Effect.provide(services(plane)))
      assert.strictEqual(index.deletionProtection, "disabled")
      assert.deepStrictEqual(
        [schedule?.name, schedule?.frequency, schedule?.retentionExpireAfterDays],
        ["docs-weekly", "weekly", 60]
      )
    }))

  it.effect.each(["Docs_2", "-", "docs-"])(
    "refuses --to %s before anything is read or printed",
    (name) =>
      Effect.gen(function*() {
        const on = yield* projectWithoutDocs
        const { length } = yield* on.requests
        const { exitCode, stderr, stdout } = yield* run(`recover docs --to ${name}`, { on })
        assert.deepStrictEqual([exitCode, stdout, (yield* on.requests).slice(length)], [2, "", []])
        assert.match(
          stderr,
          /^error: Invalid value for flag --to: ".*". Expected 1 to 45 lower-case letters.*\nhelp: .*\n$/
        )
      })
  )

  it.effect("prints every request of a dry run, and sends none", () =>
    Effect.gen(function*() {
      const plane = yield* projectWithoutDocs
      const since = yield* writesFrom(plane)
      const { exitCode, stdout } = yield* run("recover docs --dry-run -o json", { on: plane })
      assert.deepStrictEqual([exitCode, yield* since], [0, []])
      assert.deepStrictEqual(
        JSON.parse(stdout).requests.map(({ method, path }: { method: string; path: string }) => `${method} ${path}`),
        [`POST /backups/${uuid("8c85e612")}/create-index`, "POST /indexes/docs/backup-schedules"]
      )
    }))

  it.effect("prints the plan of a dry run as its result, in every format", () =>
    Effect.gen(function*() {
      const on = yield* projectWithoutDocs
      const printed = (format: string) =>
        Effect.map(run(`recover docs --dry-run --quiet -o ${format}`, { on }), ({ stderr, stdout }) => {
          assert.strictEqual(stderr, "")
          return stdout
        })
      const table = yield* printed("table")
      assert.match(table, /^Index docs does not exist\n/)
      assert.include(table, "\nWould:\n  restore backup 8c85e612 into a new index, docs\n")
      const tsv = yield* printed("tsv")
      assert.include(tsv, "\nchange\trestore backup 8c85e612 into a new index, docs\n")
      assert.isTrue(tsv.trimEnd().split("\n").every((row) => /^[a-z]+\t[^\t]+$/.test(row)), tsv)
      assert.strictEqual(yield* printed("id"), "docs\n")

      const { plan } = JSON.parse(yield* printed("json"))
      assert.deepStrictEqual(JSON.parse(yield* printed("ndjson")).plan, plan)
      const [first] = lines((yield* run("recover docs -o ndjson", { on })).stdout)
      assert.deepStrictEqual(plan, first.plan)
      assert.strictEqual(plan.backup.backup_id, uuid("8c85e612"))
    }))

  it.effect("changes nothing when it is repeated", () =>
    Effect.gen(function*() {
      const plane = yield* projectWithoutDocs
      yield* run("recover docs", { on: plane })
      const since = yield* writesFrom(plane)
      const again = yield* run("recover docs -o json", { on: plane })
      assert.deepStrictEqual([again.exitCode, yield* since], [0, []], again.stderr)
      assert.strictEqual(JSON.parse(again.stdout).verification, null)
      assert.include(again.stderr, "Index docs was recovered already")
    }))

  it.effect("prints a JSON object for each event", () =>
    Effect.gen(function*() {
      const plane = yield* projectWithoutDocs
      const { exitCode, stdout } = yield* run("recover docs -o ndjson", { on: plane })
      const events = lines(stdout)
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(events[0].type, "recovery-plan")
      assert.deepStrictEqual(
        [events.at(-1).type, events.at(-1).result.verification.verdict, events.at(-1).result.schedule.action],
        ["recovery-result", "verified", "created"]
      )
      assert.strictEqual(events.filter(({ type }) => type === "recovery-started").length, 1)
    }))

  it.effect("continues after an interruption, and restores once", () =>
    Effect.gen(function*() {
      const plane = yield* projectWithoutDocs
      // Longer than the time that passes while a command is loading.
      yield* plane.configure({ project: { restoreDuration: Duration.hours(5) } })
      const since = yield* writesFrom(plane)
      const first = yield* harness.start("recover docs", { on: plane })
      while ((yield* since).length === 0) yield* pass(1)
      yield* pass(60)
      yield* Fiber.interrupt(first.fiber)
      assert.include(
        yield* first.stderr,
        "Interrupted. Restores and backups that were started continue.\nNot done yet:\n  verify index docs\n" +
          "  create schedule docs-daily: daily, kept 7 days\nTo continue, run pcb recover docs "
      )
      const second = yield* run("recover docs", { on: plane })
      assert.strictEqual(second.exitCode, 0, second.stderr)
      assert.strictEqual((yield* since).filter((request) => request.endsWith("/create-index")).length, 1)
      assert.include(second.stderr, "Index docs is being restored")
      assert.include(second.stderr, "Found restore job")
    }))

  it.effect("is not ok in an audit until the first run", () =>
    Effect.gen(function*() {
      const plane = yield* projectWithoutDocs
      yield* plane.configure({ project: { restoreDuration: Duration.hours(5) } })
      const audit = Effect.gen(function*() {
        const { exitCode, stdout } = yield* harness.run("audit docs -o json", { on: plane })
        const { indexes: [docs], status } = JSON.parse(stdout)
        const findings = docs.findings.map(({ check, fix, severity }: Readonly<Record<string, unknown>>) =>
          `${severity} ${check}: ${fix}`
        )
        return { exitCode, status, findings }
      })
      const since = yield* writesFrom(plane)
      const { fiber, run: result } = yield* harness.start("recover docs", { on: plane })
      while ((yield* since).length === 0) yield* pass(1)
      const during = yield* audit
      const [{ restore_job_id: jobId }] = lines((yield* harness.run("restore list -o ndjson", { on: plane })).stdout)
      while (fiber.pollUnsafe() === undefined) yield* pass(60)
      assert.strictEqual((yield* result).exitCode, 0)
      const before = yield* audit
      // An hour after the first run.
      yield* TestClock.setTime(Date.parse("2026-11-23T07:00:00Z"))
      assert.deepStrictEqual([during, before, yield* audit], [
        { exitCode: 1, status: "warning", findings: [`warning unprotected: pcb restore describe ${jobId}`] },
        { exitCode: 1, status: "warning", findings: ["warning no-copy-yet: pcb backup create docs --wait"] },
        { exitCode: 0, status: "ok", findings: [] }
      ])
    }))

  it.effect.each(
    [
      ["below their labels", 40, "\n  protection\n    enabled (by default)\n  tags\n    "],
      ["beside their labels", 80, "\n  protection  enabled (by default)\n  tags        "]
    ] as const
  )("prints all facts %s in %d columns", ([, columns, expected]) =>
    Effect.gen(function*() {
      const plane = yield* projectWithoutDocs
      const { stderr, stdout } = yield* run("recover docs --dry-run", { on: plane, columns })
      assert.include(stdout, expected)
      assert.strictEqual(stderr, "Nothing was changed.\n")
    }))

  it.effect("warns of an empty backup", () =>
    Effect.gen(function*() {
      const on = yield* project({
        backups: [{ backupId: Backup.BackupId.make(uuid("0e0e0e0e")), indexName: "docs", name: "none", recordCount: 0 }]
      })
      const { exitCode, stderr, stdout } = yield* run("recover docs --to docs-none --backup none --dry-run", { on })
      assert.strictEqual(exitCode, 0, stderr)
      assert.include(stdout, "backup 0e0e0e0e is never chosen automatically: it has no records")
    }))

  it.effect("says that the restore failed, and exits with 5", () =>
    Effect.gen(function*() {
      const plane = yield* projectWithoutDocs
      yield* plane.configure({ switches: { restoresEnd: "Failed" } })
      const { exitCode, stderr } = yield* run("recover docs", { on: plane })
      assert.strictEqual(exitCode, ExitCode.failed)
      assert.include(stderr, "pcb backup list --index docs --include-deleted")
    }))

  it.effect("exits with 5 if records are missing, and does not claim that they are there", () =>
    Effect.gen(function*() {
      const plane = yield* projectWithoutDocs
      yield* plane.fault("Backups.restore", Fault.flawedRestore({ missing: 7 }))
      const { exitCode, stderr } = yield* run("recover docs", { on: plane })
      assert.strictEqual(exitCode, ExitCode.failed)
      assert.include(stderr, "98,207")
      assert.notInclude(stderr, "✓ docs has")
    }))

  it.effect.each<[args: string, exitCode: number, message: string]>([
    ["recover nothing", ExitCode.notFound, "No index named \"nothing\" has backups"],
    ["recover dosc", ExitCode.notFound, "did you mean docs?"],
    ["recover", ExitCode.usage, "Missing required argument: index"],
    ["recover docs --replace=wiki", ExitCode.usage, "--replace=wiki does not confirm the replacement of docs"],
    ["recover docs --no-schedule --keep 3", ExitCode.usage, "--no-schedule cannot be combined"],
    ["recover docs --replace --verify none", ExitCode.usage, "--replace requires a verification"],
    ["recover docs --no-backup", ExitCode.usage, "--no-backup requires --replace"],
    ["recover docs --at yesterday", ExitCode.usage, "Expected a date such as 2026-11-20"],
    ["recover docs --at 2026-01-01", ExitCode.refused, "No usable backup of index \"docs\" was found"],
    ["recover docs --index-id other", ExitCode.notFound, "No backup is from an index named \"docs\" with the ID other"]
  ])("refuses %s", ([args, exitCode, message]) =>
    Effect.gen(function*() {
      const plane = yield* projectWithoutDocs
      const since = yield* writesFrom(plane)
      const result = yield* run(args, { on: plane })
      assert.deepStrictEqual([result.exitCode, yield* since], [exitCode, []], result.stderr)
      assert.include(result.stderr, message)
    }))
})

describe("pcb recover of an index that exists", () => {
  const sideCopy = `docs-from-8c85e612`

  it.effect("overwrites nothing, and suggests a side copy", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { exitCode, stderr } = yield* run("recover docs", { on: plane })
      assert.deepStrictEqual([exitCode, yield* writes(plane)], [ExitCode.refused, []])
      assert.include(stderr, `pcb recover docs --backup ${uuid("8c85e612")} --to ${sideCopy}`)
    }))

  it.effect("restores next to it, without a schedule and protection", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { exitCode, stderr } = yield* run(`recover docs --to ${sideCopy}`, { on: plane })
      assert.deepStrictEqual([exitCode, yield* writes(plane)], [0, [`POST /backups/${uuid("8c85e612")}/create-index`]])
      assert.include(stderr, `next  pcb recover docs --backup ${uuid("8c85e612")} --replace`)
      const index = yield* Effect.flatMap(Indexes.Indexes, ({ describe }) => describe(IndexName.make(sideCopy))).pipe(
        Effect.provide(services(plane))
      )
      assert.strictEqual(index.deletionProtection, "disabled")
    }))

  it.effect("suggests a side copy with an unused name after a failed restore", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      yield* plane.configure({ switches: { restoresEnd: "Failed" } })
      yield* run(`recover docs --to ${sideCopy}`, { on: plane })
      const { exitCode, stderr } = yield* run(`recover docs --to ${sideCopy}`, { on: plane })
      assert.strictEqual(exitCode, ExitCode.failed)
      const [, backup = "", other] = /pcb recover docs --backup (\S+) --to (\S+)$/m.exec(stderr) ?? []
      assert.notStrictEqual(backup, uuid("8c85e612"))
      assert.strictEqual(other, `docs-from-${backup.slice(0, 8)}`, stderr)
    }))

  const withSideCopy = Effect.gen(function*() {
    const plane = yield* project(seeds)
    yield* run(`recover docs --to ${sideCopy}`, { on: plane })
    return plane
  })

  it.effect("replaces it only if its name is typed", () =>
    Effect.gen(function*() {
      const plane = yield* withSideCopy
      const since = yield* writesFrom(plane)
      for (const keys of [undefined, "y\r", "dosc\r"]) {
        for (const yes of ["", " --yes"]) {
          const { exitCode } = yield* run(`recover docs --replace${yes}`, { on: plane, keys })
          assert.deepStrictEqual([exitCode, yield* since], [ExitCode.notConfirmed, []])
        }
      }
      const { exitCode, stderr } = yield* run("recover docs --replace", { on: plane, keys: "docs\r" })
      assert.strictEqual(exitCode, 0, stderr)
    }))

  it.effect("replaces an index with a typed schema only if counts are accepted", () =>
    Effect.gen(function*() {
      const [docs, ...others] = seeds.indexes ?? []
      assert(docs !== undefined)
      const fields = { title: { type: "string" }, embedding: { type: "dense_vector", dimension: 4 } } as const
      const plane = yield* project({ ...seeds, indexes: [{ ...docs, schema: { fields } }, ...others] })
      // Earlier versions do not report the schema of a backup.
      const on = { on: plane, env: { PINECONE_API_VERSION: "2026-07" } }
      yield* run(`recover docs --to ${sideCopy}`, on)
      const since = yield* writesFrom(plane)
      const refused = yield* run("recover docs --replace=docs", on)
      assert.deepStrictEqual([refused.exitCode, yield* since], [ExitCode.refused, []])
      const command = `recover docs --backup ${uuid("8c85e612")} --replace --verify count`
      assert.include(refused.stderr, `pcb ${command}`)
      const { exitCode, stderr } = yield* run(command, { ...on, keys: "docs\r" })
      assert.strictEqual(exitCode, 0, stderr)
      assert.include(yield* since, "DELETE /indexes/docs")
    }))

  it.effect("backs up the damaged index, deletes it, and restores the backup of the side copy", () =>
    Effect.gen(function*() {
      const plane = yield* withSideCopy
      const since = yield* writesFrom(plane)
      const { exitCode, stderr } = yield* run("recover docs --replace=docs", { on: plane })
      assert.strictEqual(exitCode, 0, stderr)
      assert.deepStrictEqual(yield* since, [
        "POST /indexes/docs/backups",
        `PATCH /indexes/${sideCopy}`,
        "PATCH /indexes/docs",
        "DELETE /indexes/docs",
        `POST /backups/${uuid("8c85e612")}/create-index`,
        "POST /indexes/docs/backup-schedules"
      ])
      const backups = yield* Effect.flatMap(Backups.Backups, ({ list }) => Stream.runCollect(list())).pipe(
        Effect.provide(services(plane))
      )
      assert.isTrue(backups.some(({ name }) => name?.startsWith("docs-before-replace-")))
      assert.include(stderr, `pcb api DELETE /indexes/${sideCopy}`)
    }))
})
