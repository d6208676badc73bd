import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Seed from "@pinecone-backups/testing/Seed"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Struct from "effect/Struct"
import * as TestClock from "effect/testing/TestClock"
import * as RequestRules from "../src/internal/request-rules.ts"
import * as Seeding from "../src/internal/seeding.ts"
import * as Simulation from "../src/internal/simulation.ts"
import { createSchedule, indexName, int, iso, start, stateOf, World } from "./support.ts"

const json = Schema.fromJsonString(Schema.toCodecJson(Simulation.State))

/** Requests to a service, one per step. */
const steps: ReadonlyArray<(world: World, number: number) => unknown> = [
  (world, number) => world.send(RequestRules.createBackup({ indexName: "docs", name: `b-${number}` })),
  (world) => world.send(createSchedule()),
  (world, number) => world.send(RequestRules.restore({ backupId: `backup-${number}`, name: "copy" })),
  (world, number) => world.send(RequestRules.deleteBackup(`backup-${number}`)),
  (world) => world.send(RequestRules.updateSchedule("schedule-1", { enabled: false, expireAfterDays: 3 })),
  (world) => world.send(RequestRules.updateSchedule("schedule-1", { enabled: true })),
  (world) => world.send(RequestRules.deleteIndex("docs")),
  (world) =>
    world.seed(Seeding.addSchedule, {
      indexName: `i-${world.state.ids.index}`,
      runs: [{ tags: null }, {}, { expired: true }]
    }),
  (world, number) =>
    world.seed(Seeding.addBackup, {
      metric: "cosine",
      schema: { fields: { a: { type: "legacy", filterable: true }, b: { type: "opaque", json: [number, null] } } },
      createdAt: world.now
    }),
  (world, number) => world.seed(Seeding.addRestoreJob, { targetIndexName: `r-${number}`, status: "Pending" }),
  (world, number) => world.pass(Duration.hours(number))
]

const scripts = Arbitrary.array(
  Arbitrary.all([int(0, steps.length - 1), int(1, 60)]),
  { minLength: 0, maxLength: 30 }
)

describe("Simulation.State", () => {
  it.prop("round-trips through JSON and continues identically", { script: scripts }, ({ script }) => {
    const world = new World({ restoreJobDelay: Duration.millis(1500), deletionDelay: Duration.hours(1) })
    world.seed(Seeding.addIndex, { tags: { team: "search" } })
    for (const [step, number] of script) steps[step]?.(world, number)

    const text = Schema.encodeSync(json)(world.state)
    const other = new World()
    other.now = world.now
    other.state = Schema.decodeSync(json)(text)

    assert.strictEqual(Schema.encodeSync(json)(other.state), text)
    assert.deepStrictEqual(other.snapshot, world.snapshot)
    assert.deepStrictEqual(other.pass("40 days").snapshot, world.pass("40 days").snapshot)
  })

  it.prop("round-trips any switches and project", {
    switches: ControlPlane.Switches,
    // Arbitrary durations are rarely short enough.
    project: Schema.Struct(
      Struct.omit(ControlPlane.Project.fields, [
        "backupDuration",
        "restoreDuration",
        "deletionDelay",
        "restoreJobDelay"
      ])
    ),
    period: int(0, 36_525 * 86_400)
  }, ({ period, project, switches }) => {
    const backupDuration = Duration.seconds(period)
    const text = Schema.encodeSync(json)(Simulation.make({ project: { ...project, backupDuration }, switches }))
    assert.strictEqual(Schema.encodeSync(json)(Schema.decodeSync(json)(text)), text)
  })

  it("rejects a duplicate ID", () => {
    const encoded = JSON.parse(
      Schema.encodeSync(json)(Seeding.addIndex(Simulation.make(), DateTime.makeUnsafe(start), {})[0])
    )
    const [index] = encoded.indexes
    assert.throws(
      () => Schema.decodeUnknownSync(json)(JSON.stringify({ ...encoded, indexes: [index, index] })),
      "must not have a duplicate id"
    )
  })

  it("encodes times and durations as strings", () => {
    const state = JSON.parse(
      Schema.encodeSync(json)(Seeding.addSchedule(Simulation.make(), DateTime.makeUnsafe(start), {})[0])
    )
    assert.strictEqual(state.project.backupDuration, "600000 millis")
    assert.strictEqual(state.schedules[0].nextRun, "2026-04-24T06:00:00.000Z")
  })
})

describe("Seed.Seeds", () => {
  const seeds = Schema.toCodecJson(Seed.Seeds)

  it.each([
    { indexes: [{ deletedAt: "nope" }] },
    { schedules: [{ createdAt: "nope" }] },
    { schedules: [{ nextScheduledRun: "nope" }] },
    { schedules: [{ runs: [{ createdAt: "nope" }] }] },
    { schedules: [{ runs: [{ plannedFor: "nope" }] }] },
    { backups: [{ createdAt: "nope" }] },
    { backups: [{ sourceIndexDeletedAt: "nope" }] },
    { restoreJobs: [{ createdAt: "nope" }] },
    { restoreJobs: [{ completedAt: "nope" }] }
  ])("rejects an invalid time: %j", (seed) => {
    const right = JSON.parse(JSON.stringify(seed).replace("nope", "2026-04-23T16:36:46Z"))
    assert.isDefined(Schema.decodeUnknownSync(seeds)(right))
    assert.throws(() => Schema.decodeUnknownSync(seeds)(seed), "Expected a valid UTC DateTime string")
  })
})

describe("ControlPlane.load", () => {
  it.effect.each<[message: string, change: (text: string) => string]>([
    ["must have the index index-9 of the schedule nightly", (text) => text.replaceAll(`"index-1"`, `"index-9"`)],
    [
      "must not have the schedule nightly of a deleted index",
      (text) => text.replace(`"name":"docs"`, `"name":"docs","deletedAt":"1970-01-01T00:00:00Z"`)
    ],
    [
      "must not have two enabled schedules of an index",
      (text) =>
        text.replace(/"schedules":\[(.*?)\]/, (_, row) => `"schedules":[${row},${row.replace("nightly", "weekly")}]`)
    ]
  ])("rejects an inconsistent state: %s", ([message, change]) =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.make({ schedules: [{ id: "nightly" }] })
      const text = JSON.stringify(yield* plane.dump)
      const changed = change(text).replace(`"id":"index-9"`, `"id":"index-1"`)
      assert.include((yield* Effect.flip(plane.load(JSON.parse(changed)))).message, message)
    }))
})

describe("ControlPlane.dump and load", () => {
  const docs = indexName("docs")

  it.effect("restore the previous state and time", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const backups = yield* Backups.Backups
      const dump = yield* plane.dump
      const before = yield* plane.now
      const { backupId } = yield* backups.create(docs)
      yield* plane.advance("10 days")
      assert.isTrue(Backup.isReady(yield* backups.describe(backupId)))

      yield* plane.load(dump)
      assert.strictEqual((yield* Effect.flip(backups.describe(backupId)))._tag, "PineconeNotFound")
      assert.deepStrictEqual(yield* plane.now, before)
      assert.deepStrictEqual(yield* plane.dump, dump)
    }).pipe(Effect.provide(PineconeMemory.layer({ indexes: [{ name: "docs" }] }))))

  it.effect("reject an invalid dump and change nothing", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const dump = yield* plane.dump
      for (const wrong of [undefined, null, 7, "", {}, { version: 2 }, { ...Object(dump), version: 2 }]) {
        assert.strictEqual((yield* Effect.flip(plane.load(wrong)))._tag, "InvalidValue")
      }
      assert.deepStrictEqual(yield* plane.dump, dump)
    }).pipe(Effect.provide(PineconeMemory.layer({ indexes: [{ name: "docs" }] }))))
})

describe("ControlPlane.load", () => {
  it.effect("rejects and names unknown keys of another version", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.make({ schedules: [{ runs: 2 }], backups: [{}], restoreJobs: [{}] })
      const dump = JSON.stringify(yield* plane.dump)
      for (const name of ["now", "project", "dimension", "anchorDay", "expireAt", "visibleAt", "ids", "special"]) {
        assert.include(dump, `"${name}":`)
        const error = yield* Effect.flip(plane.load(JSON.parse(dump.replace(`"${name}":`, `"later":1,"${name}":`))))
        assert.match(error.message, /\blater: Unknown key\. Expected \w+, /)
      }
      yield* plane.load(JSON.parse(dump))
    }))

  it.effect("rejects a time after the year 9999, which the service could not keep", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.make({})
      const dump = yield* plane.dump
      const error = yield* Effect.flip(plane.load({ ...Object(dump), now: "+020000-01-01T00:00:00Z" }))
      assert.strictEqual(error.field, "now")
      assert.match(error.message, /^now: Expected an instant in the years 0 to 9999, got /)
      assert.deepStrictEqual(yield* plane.dump, dump)
    }))
})

describe("the time of a ControlPlane", () => {
  const now = Effect.gen(function*() {
    const plane = yield* ControlPlane.ControlPlane
    return iso(yield* plane.now)
  })
  const at = DateTime.makeUnsafe(start)

  it.effect("follows the clock, plus advances", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      assert.strictEqual(yield* now, "1970-01-01T00:00:00Z")
      yield* TestClock.adjust("1 minute")
      yield* plane.advance("7 days")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* now, "1970-01-08T00:02:00Z")
    }).pipe(Effect.provide(ControlPlane.layer())))

  it.effect("starts at the given time and follows the clock", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* now, start)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* now, "2026-04-23T17:36:51Z")
    }).pipe(Effect.provide(ControlPlane.layer({ now: at }))))

  it.effect("stops at speed 0 until the speed changes", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* TestClock.adjust("1 day")
      assert.strictEqual(yield* now, start)
      yield* plane.advance("1 hour")
      assert.strictEqual(yield* now, "2026-04-23T17:36:51Z")
      yield* plane.setSpeed(3600)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* now, "2026-04-23T19:36:51Z")
      yield* plane.setSpeed(0)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* now, "2026-04-23T19:36:51Z")
    }).pipe(Effect.provide(ControlPlane.layer({ now: at, speed: 0 }))))

  it.effect("follows the clock at a higher speed", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* now, "2026-04-23T17:36:51Z")
    }).pipe(Effect.provide(ControlPlane.layer({ now: at, speed: 60 }))))

  it.effect.each<[what: string, move: (plane: ControlPlane.Service) => Effect.Effect<void>, at: string]>([
    ["advances without end", (plane) => plane.advance("Infinity"), "9999-12-31T23:59:59Z"],
    ["advances backwards", (plane) => Effect.ignoreCause(plane.advance("-1 days")), start]
  ])("stops at its end and never goes back: %s", ([, move, expected]) =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.make({ now: at, speed: 0, schedules: [{ frequency: "monthly" }] })
      yield* move(plane)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(iso(yield* plane.now), expected)
      assert.isBelow((yield* stateOf(plane)).records.size, 5)
      yield* plane.setSpeed(1)
      assert.strictEqual(iso(yield* plane.now), expected)
      assert.property(yield* plane.dump, "now")
    }))

  it.effect("is never before its start", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse(start))
      const plane = yield* ControlPlane.make({})
      yield* TestClock.setTime(Date.parse(start) - 5_000)
      assert.strictEqual(iso(yield* plane.now), start)
    }))

  it.effect.each([-1, 1_000_001, NaN, Infinity])(
    "rejects an invalid speed: %s",
    (speed) =>
      Effect.gen(function*() {
        assert.isTrue(Exit.hasDies(yield* Effect.exit(ControlPlane.make({ speed }))))
        const plane = yield* ControlPlane.make({ now: at })
        assert.isTrue(Exit.hasDies(yield* Effect.exit(plane.setSpeed(speed))))
        yield* TestClock.adjust("1 second")
        assert.strictEqual(iso(yield* plane.now), "2026-04-23T16:36:52Z")
      })
  )

  it.effect("advances 90 days at once", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const schedules = yield* BackupSchedules.BackupSchedules
      const { scheduleId } = yield* schedules.create(indexName("docs"), {
        name: "nightly",
        frequency: "daily",
        expireAfterDays: 365
      })
      yield* plane.advance("90 days")
      const history = yield* Stream.runCollect(schedules.history(scheduleId))
      assert.strictEqual(history.filter(Backup.isReady).length, 90)
    }).pipe(Effect.provide(PineconeMemory.layer({ now: at, indexes: [{ name: "docs" }] }))))
})
