import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { run, runFast } from "./harness.ts"
import { now, project, services, uuid } from "./project.ts"

/** The method and path of requests that change something. */
const written = (plane: ControlPlane.Service) =>
  Effect.map(
    plane.requests,
    (requests) => requests.filter(({ method }) => method !== "GET").map(({ method, url }) => `${method} ${url}`)
  )

const docs = PineconeIndex.IndexName.make("docs")

const httpDate = (at: DateTime.Utc) => DateTime.toDateUtc(at).toUTCString()

const daysAgo = (days: number) => DateTime.subtract(now, { days })

const backup = (first: string, more: Seed.Backup = {}): Seed.Backup => ({
  backupId: Backup.BackupId.make(uuid(first)),
  name: first,
  createdAt: daysAgo(3),
  ...more
})

describe("the last backup of an index", () => {
  const old = { id: uuid("01d00000"), name: "docs", deletedAt: daysAgo(10) }
  const one = backup("aaaa0000")
  const ofOld = { sourceIndexId: PineconeIndex.IndexId.make(old.id) }

  it.effect.each<[what: string, others: ReadonlyArray<Seed.Backup>, isLast: boolean]>([
    ["it is the only one", [], true],
    ["there is another good backup", [backup("bbbb0000")], false],
    ["the other is of a deleted index of the same name", [backup("bbbb0000", ofOld)], true],
    ["the other is of another index", [backup("bbbb0000", { indexName: "wiki" })], true],
    ["the other failed", [backup("bbbb0000", { status: "InitializationFailed" })], true],
    ["the other is not ready yet", [backup("bbbb0000", { status: "Initializing" })], true],
    ["the other has an unknown status", [backup("bbbb0000", { status: "Archived" })], true],
    ["the other is empty", [backup("bbbb0000", { recordCount: 0 })], true],
    ["the other has an unknown record count", [backup("bbbb0000", { recordCount: null })], true],
    ["the other has no time", [backup("bbbb0000", { createdAt: null })], true],
    ["the other is dated in the future", [backup("bbbb0000", { createdAt: daysAgo(-1) })], true]
  ])("is the last if %s", ([, others, isLast]) =>
    Effect.gen(function*() {
      const plane = yield* project({ indexes: [{ name: "docs" }, { name: "wiki" }, old], backups: [one, ...others] })
      const { stderr } = yield* run("backup delete aaaa0000 --dry-run", { on: plane })
      assert.strictEqual(/No (good )?backup will be left to restore docs from/.test(stderr), isLast, stderr)
      // --yes is not enough, either.
      const unattended = yield* run("backup delete aaaa0000 --allow-last-copy", { on: plane })
      assert.strictEqual(unattended.exitCode, 6)
      if (isLast) {
        const bare = yield* run("backup delete aaaa0000 --yes", { on: plane })
        assert.strictEqual(bare.exitCode, 6)
        assert.include(bare.stderr, "Refusing to delete the last good backup of docs without --yes --allow-last-copy")
        assert.strictEqual((yield* run("backup delete aaaa0000 -y", { on: plane, keys: "y\r" })).exitCode, 6)
      }
      assert.deepStrictEqual(yield* written(plane), [])
      // The user types the name of the index, or "yes".
      const no = yield* run("backup delete aaaa0000", { on: plane, keys: isLast ? "yes\r" : "docs\r" })
      assert.strictEqual(no.exitCode, 6)
      assert.deepStrictEqual(yield* written(plane), [])
      const yes = yield* run("backup delete aaaa0000", { on: plane, keys: isLast ? "docs\r" : "yes\r" })
      assert.strictEqual(yes.exitCode, 0)
      assert.deepStrictEqual(yield* written(plane), [`DELETE /backups/${uuid("aaaa0000")}`])
    }))
})

describe("the last backups of two indexes", () => {
  it.effect.each<[keys: string, isSent: boolean]>([
    ["docs\rwiki\r", true],
    ["docs\rdocs\r", false],
    ["docs\r\r", false],
    ["wiki\rdocs\r", false],
    ["docs\rwik\r", false]
  ])("are deleted after typing both names: %j", ([keys, isSent]) =>
    Effect.gen(function*() {
      const plane = yield* project({
        indexes: [{ name: "docs" }, { name: "wiki" }],
        backups: [backup("aaaa0000"), backup("bbbb0000", { indexName: "wiki" })]
      })
      for (const more of ["--yes", "--allow-last-copy"]) {
        assert.strictEqual((yield* run(`backup delete aaaa0000 bbbb0000 ${more}`, { on: plane })).exitCode, 6)
      }
      const { exitCode } = yield* run("backup delete aaaa0000 bbbb0000", { on: plane, keys })
      assert.strictEqual(exitCode, isSent ? 0 : 6)
      assert.deepStrictEqual(
        yield* written(plane),
        isSent ? ["aaaa0000", "bbbb0000"].map((first) => `DELETE /backups/${uuid(first)}`) : []
      )
    }))
})

describe("pcb api DELETE of a backup", () => {
  const id = uuid("aaaa0000")
  it.effect.each([
    `/backups/${id}`,
    `backups/${id}`,
    `/backups/${id}/`,
    `/backups/${id}?a=b`,
    `//backups//${id}`,
    `/%62ackups/${id}`
  ])("keeps the last good backup with only --yes: %s", (path) =>
    Effect.gen(function*() {
      const plane = yield* project({ indexes: [{ name: "docs" }], backups: [backup("aaaa0000")] })
      assert.notStrictEqual((yield* run(`api DELETE ${path} --yes`, { on: plane })).exitCode, 0)
      assert.notStrictEqual((yield* run(`api DELETE ${path}`, { on: plane, keys: "y\r" })).exitCode, 0)
      assert.deepStrictEqual(yield* written(plane), [])
    }))

  it.effect("is sent with --allow-last-copy, or if a good backup is left", () =>
    Effect.gen(function*() {
      const plane = yield* project({ indexes: [{ name: "docs" }], backups: [backup("aaaa0000"), backup("bbbb0000")] })
      assert.strictEqual((yield* run(`api DELETE /backups/${uuid("bbbb0000")} --yes`, { on: plane })).exitCode, 0)
      const last = `api DELETE /backups/${id}`
      assert.strictEqual((yield* run(`${last} --yes --allow-last-copy --dry-run`, { on: plane })).exitCode, 0)
      assert.lengthOf(yield* written(plane), 1)
      assert.strictEqual((yield* run(`${last} --yes --allow-last-copy`, { on: plane })).exitCode, 0)
      assert.deepStrictEqual(yield* written(plane), [`DELETE /backups/${uuid("bbbb0000")}`, `DELETE /backups/${id}`])
    }))
})

describe("pcb api DELETE of an index", () => {
  const index = { id: uuid("d40265e4"), name: "docs" }
  const ofOld = { sourceIndexId: PineconeIndex.IndexId.make(uuid("01d00000")) }

  it.effect.each<[what: string, backups: ReadonlyArray<Seed.Backup>, isLast: boolean]>([
    ["no backup", [], true],
    ["a good backup", [backup("aaaa0000")], false],
    ["an empty backup", [backup("aaaa0000", { recordCount: 0 })], true],
    ["an undated backup", [backup("aaaa0000", { createdAt: null })], true],
    ["a backup of a deleted index with the same name", [backup("aaaa0000", ofOld)], true],
    ["a backup of another index", [backup("aaaa0000", { indexName: "wiki" })], true]
  ])("requires more than --yes unless a good backup is left: %s", ([, backups, isLast]) =>
    Effect.gen(function*() {
      const old = { id: ofOld.sourceIndexId, name: "docs", deletedAt: daysAgo(10) }
      const plane = yield* project({ indexes: [index, { name: "wiki" }, old], backups })
      const unattended = yield* run("api DELETE /indexes/docs", { on: plane })
      assert.strictEqual(unattended.exitCode, 6)
      for (const keys of ["\r", "do\r", "DOCS\r", isLast ? "y\r" : "docs\r"]) {
        assert.strictEqual((yield* run("api DELETE /indexes/docs", { on: plane, keys })).exitCode, 6)
      }
      if (isLast) {
        for (
          const path of ["/indexes/docs", "/indexes/docs/", "/%69ndexes/d%6Fcs", "/INDEXES/docs", "/indexes%2Fdocs"]
        ) {
          const bare = yield* run(`api DELETE ${path} --yes`, { on: plane })
          assert.strictEqual(bare.exitCode, 6)
          assert.include(bare.stderr, "Refusing to permanently delete index docs without --yes --allow-last-copy")
        }
      }
      assert.deepStrictEqual(yield* written(plane), [])
      const done = yield* run("api DELETE /indexes/docs", { on: plane, keys: isLast ? "docs\r" : "yes\r" })
      assert.strictEqual(done.exitCode, 0, done.stderr)
      assert.deepStrictEqual(yield* written(plane), ["DELETE /indexes/docs"])
    }))

  it.effect.each<[operation: "Backups.listByIndex" | "BackupSchedules.list" | "Indexes.describe", fault: Fault.Fault]>([
    ["Backups.listByIndex", Fault.respond({ status: 500 })],
    ["Backups.listByIndex", Fault.respond({ status: 200, body: {} })],
    ["Backups.listByIndex", Fault.respond({ status: 200, body: { data: [] } })],
    ["BackupSchedules.list", Fault.respond({ status: 403 })],
    ["Indexes.describe", Fault.respond({ status: 200, body: {} })]
  ])("is not sent if %s is unreliable: %j", ([operation, fault]) =>
    Effect.gen(function*() {
      const plane = yield* project({ indexes: [index], backups: [backup("aaaa0000")] })
      yield* plane.fault(operation, fault, { times: "always" })
      assert.notStrictEqual((yield* runFast("api DELETE /indexes/docs --yes", { on: plane })).exitCode, 0)
      assert.deepStrictEqual(yield* written(plane), [])
    }))
})

describe("pcb api with an unknown effect", () => {
  it.effect.each([
    "DELETE /backups",
    "DELETE /indexes/docs/backups",
    `DELETE /indexes/docs/backups/${uuid("aaaa0000")}`,
    `DELETE /v2/backups/${uuid("aaaa0000")}`,
    "DELETE /backup-schedules",
    `PATCH /backup-schedules/${uuid("c688ed12")} --field retention=1`,
    `PATCH /backup-schedules/${uuid("c688ed12")} --field retention={"expire_after_days":"1"}`,
    `PATCH /backup-schedules/${uuid("c688ed12")} --field retention={"expire_after_days":0.5}`,
    `PATCH /backup-schedules/${uuid("c688ed12")} --field retention=null`,
    `PATCH /backup-schedules/${uuid("c688ed12")} --field expire_after_days=1`,
    `PUT /indexes/docs/backup-schedules/${uuid("c688ed12")} --field retention={"expire_after_days":1}`
  ])("requires more than --yes, or typing the path: %s", (args) =>
    Effect.gen(function*() {
      const plane = yield* project({ backups: [backup("aaaa0000"), backup("bbbb0000")] })
      const [method = "", path = ""] = args.split(" ")
      for (const options of [{}, { keys: "y\r" }, { keys: "\r" }, { keys: `${path.slice(0, -1)}\r` }]) {
        assert.strictEqual((yield* run(`api ${args}`, { on: plane, ...options })).exitCode, 6)
      }
      const bare = yield* run(`api ${args} --yes`, { on: plane })
      assert.strictEqual(bare.exitCode, 6)
      assert.include(bare.stderr, "This request may delete the last good backup of an index")
      assert.deepStrictEqual(yield* written(plane), [])
      yield* run(`api ${args} --yes --allow-last-copy`, { on: plane })
      yield* run(`api ${args}`, { on: plane, keys: `${path}\r` })
      const { length } = (yield* written(plane)).filter((line) => line.startsWith(`${method} ${path}`))
      assert.strictEqual(length, 2)
    }))

  it.effect.each([
    `PATCH /backup-schedules/${uuid("c688ed12")} --field enabled=false`,
    `PATCH /backup-schedules/${uuid("c688ed12")} --field frequency=weekly`,
    `POST /indexes/docs/backup-schedules --field name=other --field retention={"expire_after_days":1}`,
    "PATCH /indexes/docs --field deletion_protection=enabled"
  ])("does not prompt if nothing is lost: %s", (args) =>
    Effect.gen(function*() {
      const schedules = [{ id: uuid("c688ed12"), name: "nightly", indexName: "docs" }]
      const plane = yield* project({ schedules, backups: [backup("aaaa0000")] })
      const { stderr } = yield* run(`api ${args}`, { on: plane })
      assert.notInclude(stderr, "Refusing")
      assert.lengthOf(yield* written(plane), 1)
    }))
})

describe("a bad backup", () => {
  const taken = { createdAt: daysAgo(3) }
  it.effect.each<[what: string, gone: Seed.Backup, others: ReadonlyArray<Seed.Backup>, isAsked: boolean]>([
    ["failed, as the only one", { status: "InitializationFailed" }, [], false],
    ["empty, as the only one", { recordCount: 0 }, [], true],
    ["undated beside an empty one", { createdAt: null }, [backup("bbbb0000", { recordCount: 0 })], true],
    ["undated beside a good one", { createdAt: null }, [backup("bbbb0000")], false],
    ["undated beside an undated one", { createdAt: null }, [backup("bbbb0000", { createdAt: null })], true],
    ["uncounted beside a good one", { recordCount: null, ...taken }, [backup("bbbb0000")], false],
    ["of unknown status, as the only one", { status: "Archived", ...taken }, [], true]
  ])("needs confirmation if it may be the last: %s", ([, gone, others, isAsked]) =>
    Effect.gen(function*() {
      const plane = yield* project({ indexes: [{ name: "docs" }], backups: [backup("aaaa0000", gone), ...others] })
      const bare = yield* run("backup delete aaaa0000 --yes", { on: plane })
      assert.strictEqual(bare.exitCode, isAsked ? 6 : 0, bare.stderr)
      assert.lengthOf(yield* written(plane), isAsked ? 0 : 1)
    }))

  it.effect("counts as good beside a shrunk backup unless it has also shrunk", () =>
    Effect.gen(function*() {
      const big = [5, 6, 7].map((days) => backup(`bbbb000${days}`, { createdAt: daysAgo(days), recordCount: 1_000 }))
      const small = ["aaaa0001", "aaaa0002"].map((id) => backup(id, { createdAt: daysAgo(1), recordCount: 10 }))
      const plane = yield* project({ indexes: [{ name: "docs" }], backups: [...big, ...small] })
      const all = yield* run("backup delete bbbb0005 bbbb0006 bbbb0007 --yes", { on: plane })
      assert.strictEqual(all.exitCode, 6)
      assert.include(all.stderr, "No good backup will be left to restore docs from")
      assert.lengthOf(yield* written(plane), 0)
      assert.strictEqual((yield* run("backup delete aaaa0001 --yes", { on: plane })).exitCode, 0)
    }))
})

describe("backups that cannot be listed", () => {
  it.effect.each<[what: string, fault: Fault.Fault, exitCodes: ReadonlyArray<number>]>([
    ["a failure", Fault.respond({ status: 500 }), [1]],
    ["a refusal", Fault.respond({ status: 403 }), [4]],
    ["no list at all", Fault.respond({ status: 200, body: { pagination: null } }), [1, 6]],
    ["an empty list", Fault.respond({ status: 200, body: { data: [] } }), [6]]
  ])("prevent deletion with only --yes: %s", ([, fault, exitCodes]) =>
    Effect.gen(function*() {
      const plane = yield* project({ backups: [backup("aaaa0000"), backup("bbbb0000")] })
      yield* plane.fault("Backups.listByIndex", fault, { times: "always" })
      const { stderr, ...ended } = yield* runFast("backup delete aaaa0000 --yes", { on: plane })
      assert.include(exitCodes, ended.exitCode, stderr)
      assert.deepStrictEqual(yield* written(plane), [])
    }))
})

describe("a shorter retention", () => {
  const nightly = (runs: Seed.Schedule["runs"], more: Seed.Schedule = {}) =>
    project({ schedules: [{ id: uuid("c688ed12"), name: "nightly", indexName: "docs", runs, ...more }] })
  const patch = `PATCH /backup-schedules/${uuid("c688ed12")}`
  const at = (days: number) => ({ plannedFor: daysAgo(days) })

  it.effect.each<[keep: number, runs: ReadonlyArray<Seed.Run>, lost: number, isLast: boolean]>([
    [5, [at(1), at(2)], 0, false],
    [2, [at(1), at(2)], 1, false],
    [1, [at(1), at(2)], 2, true],
    // Exact to the second.
    [2, [at(1), { plannedFor: DateTime.add(daysAgo(2), { seconds: 1 }) }], 0, false],
    // Overdue copies will be deleted anyway, so they do not count.
    [2, [at(3), at(40), at(50)], 1, true],
    [2, [at(40), at(50)], 0, false],
    [2, [at(1), at(3), at(40)], 1, false]
  ])("of %i days loses the backups that become due", ([keep, runs, lost, isLast]) =>
    Effect.gen(function*() {
      const plane = yield* nightly(runs)
      const { exitCode, stderr } = yield* run(`schedule update nightly --keep ${keep}`, { on: plane })
      assert.strictEqual(exitCode, lost === 0 ? 0 : 6, stderr)
      assert.deepStrictEqual(yield* written(plane), lost === 0 ? [patch] : [])
      assert.strictEqual(stderr.includes("No backup will be left to restore docs from"), isLast)
      if (lost > 0) assert.match(stderr, new RegExp(`  ${lost} of \\d+ backups? becomes? due for deletion`))
    }))

  it.effect.each<[keep: number, keys: string, isSent: boolean]>([
    [2, "y\r", true],
    [2, "\r", false],
    [2, "docs\r", false],
    [1, "docs\r", true],
    [1, "nightly\r", false],
    [1, "y\r", false],
    [1, "\r", false]
  ])("of %i days is sent after the right answer: %j", ([keep, keys, isSent]) =>
    Effect.gen(function*() {
      const plane = yield* nightly([at(1), at(2)])
      const field = `--field retention={"expire_after_days":${keep}}`
      for (
        const command of [
          `schedule update nightly --keep ${keep}`,
          `schedule create docs --every daily --keep ${keep} --ensure`,
          `api ${patch} ${field}`,
          `api ${patch.replace("PATCH", "PUT")} ${field}`
        ]
      ) {
        if (isSent && !command.startsWith("schedule update")) continue
        const { exitCode } = yield* run(command, { on: plane, keys })
        assert.strictEqual(exitCode, isSent ? 0 : 6)
        assert.deepStrictEqual(yield* written(plane), isSent ? [patch] : [])
      }
    }))

  it.effect("needs confirmation only if the current retention is longer", () =>
    Effect.gen(function*() {
      for (const [current, isAsked] of [[3, true], [2, false], [1, false]] as const) {
        const plane = yield* nightly([at(1), at(2)], { expireAfterDays: current })
        const { exitCode } = yield* run("schedule update nightly --keep 2", { on: plane })
        assert.strictEqual(exitCode, isAsked ? 6 : 0)
      }
    }))

  it.effect("is any number of days if the current retention is unknown", () =>
    Effect.gen(function*() {
      const plane = yield* nightly([at(1), at(25)])
      const { data } = JSON.parse((yield* run("api GET /indexes/docs/backup-schedules", { on: plane })).stdout)
      const [unknown] = data.map((row: object) => ({ ...row, retention_expire_after_days: null }))
      const list = Fault.respond({ status: 200, body: { data: [unknown] } })
      yield* plane.fault("BackupSchedules.list", list, { times: "always" })
      yield* plane.fault("BackupSchedules.describe", Fault.respond({ status: 200, body: unknown }), { times: "always" })
      for (
        const command of [
          "schedule update nightly --keep 20",
          `api ${patch} --field retention={"expire_after_days":20}`
        ]
      ) {
        const { exitCode, stderr } = yield* run(command, { on: plane })
        assert.strictEqual(exitCode, 6, stderr)
        assert.include(stderr, "  1 of 2 backups becomes due for deletion")
      }
      assert.deepStrictEqual(yield* written(plane), [])
    }))

  it.effect("requires more than --yes if the last good backup is lost", () =>
    Effect.gen(function*() {
      const plane = yield* nightly([at(1), at(2)])
      for (
        const command of [
          "schedule update nightly --keep 1 --yes",
          "schedule create docs --every daily --keep 1 --ensure --yes",
          `api ${patch} --field retention={"expire_after_days":1} --yes`
        ]
      ) {
        const bare = yield* run(command, { on: plane })
        assert.strictEqual(bare.exitCode, 6)
        assert.include(bare.stderr, "Refusing to let the last good backup of docs expire")
        assert.strictEqual((yield* run(command, { on: plane, keys: "y\r" })).exitCode, 6)
      }
      assert.deepStrictEqual(yield* written(plane), [])
      // --allow-last-copy does not imply --yes.
      for (
        const command of [
          "schedule update nightly --keep 1 --allow-last-copy",
          "schedule create docs --every daily --keep 1 --ensure --allow-last-copy",
          `api ${patch} --field retention={"expire_after_days":1} --allow-last-copy`
        ]
      ) {
        assert.strictEqual((yield* run(command, { on: plane })).exitCode, 6)
        assert.strictEqual((yield* run(command, { on: plane, keys: "y\r" })).exitCode, 6)
      }
      assert.deepStrictEqual(yield* written(plane), [])
      const allowed = yield* run("schedule update nightly --keep 1 --yes --allow-last-copy", { on: plane })
      assert.strictEqual(allowed.exitCode, 0)
      assert.deepStrictEqual(yield* written(plane), [patch])
    }))

  it.effect.each<[what: string, run: Seed.Run]>([
    ["no time", { name: "x", createdAt: null }],
    ["a time in the future", { name: "x", createdAt: daysAgo(-1) }]
  ])("loses a backup with %s", ([, odd]) =>
    Effect.gen(function*() {
      const plane = yield* nightly([at(1), odd])
      const { exitCode, stderr } = yield* run("schedule update nightly --keep 20", { on: plane })
      assert.strictEqual(exitCode, 6, stderr)
      assert.include(stderr, "  1 of 2 backups becomes due for deletion")
      assert.include(stderr, "1 of these has an unknown time")
      assert.deepStrictEqual(yield* written(plane), [])
    }))

  it.effect("ignores deleted backups", () =>
    Effect.gen(function*() {
      const gone = [31, 40, 59].map((days) => ({ ...at(days), expired: true }))
      const plane = yield* nightly([at(1), at(2), ...gone], { expireAfterDays: 60 })
      const { exitCode, stderr } = yield* run("schedule update nightly --keep 30", { on: plane })
      assert.strictEqual(exitCode, 0)
      assert.include(stderr, "none of the 2 backups of nightly becomes due")
      assert.deepStrictEqual(yield* written(plane), [patch])
    }))

  it.effect("counts unlisted backups that are found by ID", () =>
    Effect.gen(function*() {
      const plane = yield* nightly([at(1), at(25), at(28)])
      const { data } = yield* Effect.flatMap(Backups.Backups, (backups) => backups.listByIndexPage(docs)).pipe(
        Effect.provide(services(plane))
      )
      const first = data.filter(({ name }) => name?.includes("20261120"))
      assert.lengthOf(first, 1)
      yield* plane.fault(
        "Backups.listByIndex",
        Fault.respond({ status: 200, body: { data: first.map(Backup.toJson) } }),
        { times: "always" }
      )
      const { exitCode, stderr } = yield* run("schedule update nightly --keep 20", { on: plane })
      assert.strictEqual(exitCode, 6)
      assert.include(stderr, "  2 of 3 backups become due for deletion")
    }))

  it.effect("needs confirmation if only the history lists backups", () =>
    Effect.gen(function*() {
      const plane = yield* nightly([at(1), at(25), at(28)])
      yield* plane.fault("Backups.listByIndex", Fault.respond({ status: 200, body: { data: [] } }), { times: "always" })
      yield* plane.fault("Backups.describe", Fault.notFound, { times: "always" })
      const { exitCode, stderr } = yield* run("schedule update nightly --keep 20 --yes", { on: plane })
      assert.strictEqual(exitCode, 6)
      assert.include(stderr, "the list of backups may be incomplete: it lacks every backup in the history")
      assert.deepStrictEqual(yield* written(plane), [])
    }))

  it.effect("counts backups with its name that are missing from the history", () =>
    Effect.gen(function*() {
      const plane = yield* nightly([at(1)])
      yield* plane.seedBackup({ name: "nightly-20261101T060000Z", createdAt: daysAgo(20) })
      yield* plane.seedBackup({ name: "other-20261101T060000Z", createdAt: daysAgo(20) })
      const { exitCode, stderr } = yield* run("schedule update nightly --keep 10", { on: plane })
      assert.strictEqual(exitCode, 6)
      assert.include(stderr, "  1 of 2 backups becomes due for deletion")
    }))

  it.effect.each<[operation: "Backups.listByIndex" | "BackupSchedules.history", fault: Fault.Fault, exitCode: number]>([
    ["Backups.listByIndex", Fault.respond({ status: 500 }), 1],
    ["Backups.listByIndex", Fault.respond({ status: 200, body: {} }), 1],
    ["Backups.listByIndex", Fault.respond({ status: 200, body: { data: [] } }), 6],
    ["BackupSchedules.history", Fault.respond({ status: 500 }), 1],
    ["BackupSchedules.history", Fault.respond({ status: 200, body: {} }), 1],
    ["BackupSchedules.history", Fault.notFound, 3],
    ["BackupSchedules.history", Fault.respond({ status: 200, body: { data: [] } }), 6]
  ])("is not sent if %s is unreliable: %j", ([operation, fault, exitCode]) =>
    Effect.gen(function*() {
      const plane = yield* nightly([at(1), at(25), at(28)])
      yield* plane.fault(operation, fault, { times: "always" })
      for (
        const command of [
          "schedule update nightly --keep 20",
          `api ${patch} --field retention={"expire_after_days":20}`
        ]
      ) {
        const ended = yield* runFast(command, { on: plane })
        assert.strictEqual(ended.exitCode, exitCode, ended.stderr)
        assert.notInclude(ended.stderr, "none of the")
      }
      assert.deepStrictEqual(yield* written(plane), [])
    }))

  it.effect.each([-9, 0, 9])(
    "is judged by the later clock, with the service %i days ahead",
    (ahead) =>
      Effect.gen(function*() {
        const plane = yield* nightly([at(1), at(25)], { enabled: false })
        const offset = (service: Layer.Layer<HttpClient.HttpClient>) =>
          Layer.effect(
            HttpClient.HttpClient,
            Effect.map(
              HttpClient.HttpClient,
              HttpClient.transformResponse(Effect.map((response) => {
                // If the service simulates its time, only its clock counts.
                const { "x-simulated-time": _, ...headers } = response.headers
                return HttpClientResponse.fromWeb(
                  response.request,
                  new Response(Stream.toReadableStream(response.stream), {
                    status: response.status,
                    headers: { ...headers, date: httpDate(DateTime.add(now, { days: ahead })) }
                  })
                )
              }))
            )
          ).pipe(Layer.provide(service))
        // According to the clock that is nine days ahead, it is 34 days old.
        const kept = yield* run("schedule update nightly --keep 26", { on: plane, through: offset })
        assert.strictEqual(kept.exitCode, ahead > 0 ? 6 : 0, kept.stderr)
        const due = yield* run("schedule update nightly --keep 24", { on: plane, through: offset })
        assert.strictEqual(due.exitCode, 6, due.stderr)
      })
  )
})
