import { assert, describe, it } from "@effect/vitest"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { run, runFast } from "./harness.ts"
import { now, project, seeds, services, uuid } from "./project.ts"

const deleteIndex = (plane: ControlPlane.Service, name: string) =>
  Effect.gen(function*() {
    const indexes = yield* Indexes.Indexes
    const indexName = PineconeIndex.IndexName.make(name)
    yield* indexes.configure(indexName, { deletionProtection: "disabled" })
    yield* indexes.delete(indexName)
  }).pipe(Effect.provide(services(plane)))

const commands = (name: string) => [
  `schedule list ${name}`,
  `schedule describe ${name}`,
  `schedule create ${name} --every daily --keep 30`,
  `schedule create ${name} --every daily --keep 30 --ensure`,
  `schedule update ${name} --keep 60`,
  `schedule delete ${name} --yes`,
  `backup list --index ${name}`,
  `backup create ${name}`,
  `backup create ${name} --dry-run`,
  `audit ${name}`,
  `audit wiki ${name}`,
  `status ${name}`,
  `status wiki ${name}`
]

describe("an index that does not exist", () => {
  it.effect.each([...commands("dosc"), "backup describe dosc@latest"])(
    "suggests similar names: %s",
    (args) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds)
        const { exitCode, stderr } = yield* run(args, { on: plane })
        assert.strictEqual(exitCode, 3)
        assert.include(stderr, "  try         did you mean docs?")
      })
  )

  it.effect.each(commands("docs"))(
    "suggests how to use its remaining backups: %s",
    (args) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds)
        yield* deleteIndex(plane, "docs")
        const { exitCode, stderr } = yield* run(args, { on: plane })
        assert.strictEqual(exitCode, 3)
        assert.include(stderr, "  Index docs does not exist, but 5 backups remain, 4 of them usable\n")
        assert.include(stderr, "  try         pcb recover docs\n")
        const recovery = yield* run("recover docs --dry-run", { on: plane })
        assert.strictEqual(recovery.exitCode, 0, recovery.stderr)
      })
  )

  it.effect("is reported without advice if no name is similar and it has no backups", () =>
    Effect.gen(function*() {
      const { stderr } = yield* run("backup list --index something", { on: yield* project(seeds) })
      assert.notInclude(stderr, "did you mean")
      assert.notInclude(stderr, "pcb recover")
    }))

  it.effect("may have backups if these cannot be read", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      yield* plane.fault("Backups.list", Fault.respond({ status: 403 }), { times: "always" })
      const { exitCode, stderr } = yield* runFast("backup list --index dosc", { on: plane })
      assert.strictEqual(exitCode, 3)
      assert.include(stderr, "  try         did you mean docs? if the index was deleted: pcb recover dosc\n")
    }))
})

describe("remaining backups of a deleted index", () => {
  const ofDocs = { sourceIndexId: PineconeIndex.IndexId.make(uuid("d40265e4")) }
  const backup = (days: number, more: Seed.Backup = {}): Seed.Backup => ({
    ...ofDocs,
    createdAt: DateTime.subtract(now, { days }),
    ...more
  })
  const many = [5, 6, 7].map((days) => backup(days, { recordCount: 1_000 }))

  it.effect.each<[what: string, backups: ReadonlyArray<Seed.Backup>, isGood: boolean]>([
    ["a good backup", [backup(1)], true],
    ["an empty backup", [backup(1, { recordCount: 0 })], false],
    ["an uncounted backup", [backup(1, { recordCount: null })], false],
    ["a backup dated in the future", [backup(-1)], false],
    ["an undated backup", [backup(1, { createdAt: null })], false],
    ["only shrunk backups", [...many.slice(0, 2), backup(1, { recordCount: 10 })], true],
    ["a good backup before an empty one", [backup(2), backup(1, { recordCount: 0 })], true]
  ])("are suggested, with the doubt whether they are good: %s", ([, backups, isGood]) =>
    Effect.gen(function*() {
      const gone = { id: ofDocs.sourceIndexId, name: "docs", deletedAt: DateTime.subtract(now, { hours: 1 }) }
      const plane = yield* project({ indexes: [gone, { name: "wiki" }], backups })
      const { stderr } = yield* run("backup list --index docs", { on: plane })
      assert.include(stderr, "  try         pcb recover docs\n")
      assert.strictEqual(stderr.includes("known to be usable"), !isGood)
      const recovery = yield* run("recover docs --dry-run --no-input", { on: plane })
      if (isGood) assert.strictEqual(recovery.exitCode, 0, recovery.stderr)
      else assert.notStrictEqual(recovery.exitCode, 0)
    }))

  it.effect("are counted as in an audit, with the failed ones", () =>
    Effect.gen(function*() {
      const gone = { id: ofDocs.sourceIndexId, name: "docs", deletedAt: DateTime.subtract(now, { hours: 1 }) }
      const backups = [backup(1), backup(2), backup(3, { status: "Failed" })]
      const plane = yield* project({ indexes: [gone, { name: "wiki" }], backups })
      const sentence = "3 backups remain, 2 of them usable"
      assert.include(
        (yield* run("backup list --index docs", { on: plane })).stderr,
        `docs does not exist, but ${sentence}\n`
      )
      assert.include((yield* run("audit -o tsv", { on: plane })).stdout, `; ${sentence}\t`)
    }))

  it.effect("are not mentioned if the index exists", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      yield* plane.fault("BackupSchedules.list", Fault.notFound, { times: "always" })
      const { exitCode, stderr } = yield* run("schedule list docs", { on: plane })
      assert.strictEqual(exitCode, 3)
      assert.notInclude(stderr, "pcb recover")
      assert.notInclude(stderr, "does not exist, but")
    }))

  it.effect.each(["GET /indexes/docs", "GET /indexes/docs/backups", "PATCH /indexes/docs --field tags={}"])(
    "are mentioned after pcb api: %s",
    (args) =>
      Effect.gen(function*() {
        const plane = yield* project(seeds)
        yield* deleteIndex(plane, "docs")
        const { exitCode, stderr } = yield* run(`api ${args}`, { on: plane })
        assert.strictEqual(exitCode, 3)
        assert.include(stderr, "  Index docs does not exist, but 5 backups remain, 4 of them usable\n")
        assert.include(stderr, "  try         pcb recover docs\n")
      })
  )
})

describe("a schedule that does not exist", () => {
  it.effect("suggests a similar name", () =>
    Effect.gen(function*() {
      const { exitCode, stderr } = yield* run("schedule describe docs-dayly", { on: yield* project(seeds) })
      assert.strictEqual(exitCode, 3)
      assert.include(stderr, "  try         did you mean docs-daily?")
    }))
})

describe("the schedule suggested after a restore", () => {
  const next = Effect.fnUntraced(function*(plane: ControlPlane.Service, selector: string) {
    const { exitCode, stderr } = yield* runFast(`restore start ${selector} --name new --wait`, { on: plane })
    assert.strictEqual(exitCode, 0)
    return /pcb schedule create .*?(?= {2}|$)/m.exec(stderr)?.[0]
  })
  const weekly = (more: Seed.Schedule = {}) =>
    project({
      project: { restoreDuration: Duration.seconds(1) },
      schedules: [{
        id: uuid("c688ed12"),
        name: "w",
        indexName: "docs",
        frequency: "weekly",
        expireAfterDays: 90,
        runs: 4,
        ...more
      }]
    })

  it.effect("is the schedule of the source index", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* next(yield* weekly(), "docs@latest"),
        "pcb schedule create new --every weekly --keep 90"
      )
      const paused = yield* weekly({ enabled: false })
      assert.strictEqual(yield* next(paused, "docs@latest"), "pcb schedule create new --every weekly --keep 90")
    }))

  it.effect("is inferred from backup names if the source has no schedule", () =>
    Effect.gen(function*() {
      const plane = yield* weekly()
      yield* Effect.flatMap(
        BackupSchedules.BackupSchedules,
        (schedules) => schedules.delete(BackupSchedule.ScheduleId.make(uuid("c688ed12")))
      ).pipe(Effect.provide(services(plane)))
      const inferred = "pcb schedule create new --every weekly --keep 28"
      assert.strictEqual(yield* next(plane, "docs@latest"), inferred)
      const other = yield* weekly()
      yield* deleteIndex(other, "docs")
      assert.strictEqual(yield* next(other, "docs@latest"), inferred)
    }))

  it.effect("is omitted if nothing is known", () =>
    Effect.gen(function*() {
      const plane = yield* project({ ...seeds, project: { restoreDuration: Duration.seconds(1) } })
      assert.isUndefined(yield* next(plane, "wiki-import"))
    }))

  it.effect.each<readonly [args: string, hint: string]>([
    ["schedule describe nosuch --demo", "pcb schedule list --demo"],
    ["restore start docs@2020-01-01 --name x --demo", "pcb backup list --index docs --include-deleted --demo"]
  ])("the hint of %s is for the same project", ([args, hint]) =>
    Effect.gen(function*() {
      const { stderr } = yield* run(args)
      assert.match(stderr, new RegExp(`try +${hint}\n`))
    }))
})
