import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Fault from "@pinecone-backups/testing/Fault"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { run } from "./harness.ts"
import { now, project, seeds, services, uuid } from "./project.ts"

describe("pcb restore describe", () => {
  it.effect.each(["docs-restored", "9857", "--id 9857add2"])("finds %s", (selector) =>
    Effect.gen(function*() {
      const { stdout } = yield* run(`restore show ${selector} -o id`, { on: yield* project(seeds) })
      assert.strictEqual(stdout, `${uuid("9857add2")}\n`)
    }))
})

describe("pcb restore start", () => {
  it.effect("prints the selected backup, and how to wait", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const result = yield* run(
        "restore start docs@latest --name docs-new --tag team=search --tag env=dev --deletion-protection",
        { on: plane, columns: 80 }
      )
      assert.deepStrictEqual([result.exitCode, result.stdout], [0, ""])
      assert.strictEqual(
        result.stderr,
        [
          "docs@latest = docs-daily-20261121T060000Z (8c85e612, 98,214 records, taken 14h ago)",
          "Started restore job job-4 into docs-new",
          "  next  pcb restore wait job-4",
          ""
        ].join("\n")
      )
      const index = yield* Effect.flatMap(Indexes.Indexes, (indexes) =>
        indexes.describe(PineconeIndex.IndexName.make("docs-new"))).pipe(Effect.provide(services(plane)))
      assert.deepStrictEqual(index.tags, { team: "search", env: "dev" })
      assert.strictEqual(index.deletionProtection, "enabled")
    }))

  it.effect("checks a backup selected by ID, and the others of its index", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const result = yield* run(`restore start ${uuid("8c85e612")} --name docs-new -o json`, { on: plane })
      assert.deepStrictEqual(JSON.parse(result.stdout), { restore_job_id: "job-4", index_id: "index-6" })
      assert.deepStrictEqual((yield* plane.requests).map(({ method, url }) => `${method} ${url.split("?")[0]}`), [
        `GET /backups/${uuid("8c85e612")}`,
        "GET /indexes/docs/backups",
        `POST /backups/${uuid("8c85e612")}/create-index`
      ])
    }))

  it.effect.each<[args: string, message: string]>([
    ["--name Docs_2", `Invalid value for flag --name: "Docs_2". Expected 1 to 45 lower-case letters`],
    ["--name docs-2 --tag umlaut=ä", "--tag: must have keys of 1 to 80 letters"]
  ])("refuses an invalid name or tag before anything is read: %s", ([args, message]) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const { exitCode, stderr, stdout } = yield* run(`restore start docs@latest ${args}`, { on: plane })
      assert.deepStrictEqual([exitCode, stdout, yield* plane.requests], [2, "", []])
      assert.match(stderr, /^error: .*\nhelp: pcb restore start --help\n$/)
      assert.include(stderr, message)
    }))

  it.effect.each<[args: string, exitCode: number, message: string]>([
    ["docs@latest --name docs-new", 0, "Would restore it into a new index named docs-new"],
    ["docs@latest --name wiki", 7, `The restore would be rejected: index "wiki" already exists`],
    [`${uuid("0b77aa01")} --name new`, 7, "The restore would be rejected: the backup is Initializing, not Ready"]
  ])("sends only reads with --dry-run: %s", ([args, exitCode, message]) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const result = yield* run(`restore start ${args} --dry-run`, { on: plane })
      assert.deepStrictEqual([result.exitCode, result.stdout], [exitCode, ""])
      assert.include(result.stderr, message)
      assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))
    }))
})

/** Good backups from two, three and four days ago, and a bad one from yesterday. */
const withNewest = (newest: Seed.Backup) =>
  project({
    indexes: [{ name: "docs" }],
    backups: [
      ...[2, 3, 4].map((days) => ({
        backupId: Backup.BackupId.make(uuid(`0000000${days}`)),
        name: `good-${days}`,
        createdAt: DateTime.subtract(now, { days }),
        recordCount: 1_000
      })),
      {
        backupId: Backup.BackupId.make(uuid("bad00000")),
        name: "bad",
        createdAt: DateTime.subtract(now, { days: 1 }),
        recordCount: 1_000,
        ...newest
      }
    ]
  })

const tomorrow = DateTime.add(now, { days: 1 })

const bad: ReadonlyArray<[what: string, newest: Seed.Backup, why: string]> = [
  ["empty", { recordCount: 0 }, "it has no records"],
  ["shrunk", { recordCount: 400 }, "it has shrunk: 400 records; the median of earlier backups is 1,000 records"],
  ["uncounted", { recordCount: null }, "its record count is unknown"],
  ["undated", { createdAt: null }, "its time is unknown"],
  ["dated only by its name", { createdAt: null, name: "x-20261121T060000Z" }, "its time is unknown"],
  ["dated in the future", { createdAt: tomorrow }, "it is dated in the future, 2026-11-22"],
  ["dated beyond the future tolerance", { createdAt: DateTime.add(now, { minutes: 6 }) }, "it is dated in the future"]
]

describe("a newest backup that is not good", () => {
  it.effect.each(bad)("is skipped by @latest with a note: %s", ([, newest, why]) =>
    Effect.gen(function*() {
      const plane = yield* withNewest(newest)
      for (const command of ["backup describe docs@latest -o id", "backup describe docs@2026-12-31 -o id"]) {
        const { stderr, stdout } = yield* run(command, { on: plane })
        assert.strictEqual(stdout, `${uuid("00000002")}\n`)
        assert.match(stderr, /^▲ docs@\S+ skips (bad|x-\S+): /)
        assert.include(stderr, why)
      }
      const started = yield* run("restore start docs@latest --name copy", { on: plane })
      assert.strictEqual(started.exitCode, 0)
      const sent = (yield* plane.requests).filter(({ method }) => method !== "GET").map(({ url }) => url)
      assert.deepStrictEqual(sent, [`/backups/${uuid("00000002")}/create-index`])
    }))

  it.effect.each<[what: string, newest: Seed.Backup]>([
    ["failed", { status: "InitializationFailed" }],
    ["not over", { status: "Initializing" }],
    ["of an unknown status", { status: "Archived" }]
  ])("is skipped if it cannot be restored: %s", ([, newest]) =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* run("backup describe docs@latest -o id", { on: yield* withNewest(newest) })
      assert.deepStrictEqual([stdout, stderr], [`${uuid("00000002")}\n`, ""])
    }))

  it.effect.each<[what: string, newest: Seed.Backup]>([
    ["good", {}],
    ["dated within the future tolerance", { createdAt: DateTime.add(now, { minutes: 4 }) }],
    ["slightly smaller", { recordCount: 501 }]
  ])("is selected if it is good: %s", ([, newest]) =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* run("backup describe docs@latest -o id", { on: yield* withNewest(newest) })
      assert.deepStrictEqual([stdout, stderr], [`${uuid("bad00000")}\n`, ""])
    }))

  it.effect("is not selected even if no other backup exists", () =>
    Effect.gen(function*() {
      for (const odd of [{ recordCount: 0 }, { createdAt: null }, { createdAt: tomorrow }]) {
        const plane = yield* project({ backups: [{ backupId: Backup.BackupId.make(uuid("bad00000")), ...odd }] })
        const { exitCode, stderr } = yield* run("restore start docs@latest --name copy --yes", { on: plane })
        assert.strictEqual(exitCode, 3)
        assert.include(stderr, `Index "docs" has no good backup`)
        assert.include(stderr, "use the ID of a backup")
        assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))
      }
    }))

  it.effect.each(bad)("is restored by ID only after confirmation: %s", ([, newest, why]) =>
    Effect.gen(function*() {
      const plane = yield* withNewest(newest)
      const command = `restore start ${uuid("bad00000")} --name copy`
      const posts = Effect.map(plane.requests, (requests) => requests.filter(({ method }) => method === "POST").length)
      const dry = yield* run(`${command} --dry-run`, { on: plane })
      assert.strictEqual(dry.exitCode, 0)
      assert.include(dry.stderr, why)
      assert.strictEqual((yield* run(command, { on: plane })).exitCode, 6)
      assert.strictEqual((yield* run(command, { on: plane, keys: "\r" })).exitCode, 6)
      assert.strictEqual(yield* posts, 0)
      const asked = yield* run(command, { on: plane, keys: "y\r" })
      assert.strictEqual(asked.exitCode, 0)
      assert.include(asked.stderr, why)
      const yes = yield* run(`restore start bad0 --name copy-2 --yes`, { on: plane })
      assert.strictEqual(yes.exitCode, 0)
      assert.strictEqual(yield* posts, 2)
    }))

  it.effect("needs confirmation if it cannot be compared with others", () =>
    Effect.gen(function*() {
      const plane = yield* withNewest({})
      yield* plane.fault("Backups.listByIndex", Fault.respond({ status: 403 }), { times: "always" })
      const { exitCode, stderr } = yield* run(`restore start ${uuid("bad00000")} --name copy`, { on: plane })
      assert.strictEqual(exitCode, 6)
      assert.include(stderr, "cannot be listed")
    }))
})
