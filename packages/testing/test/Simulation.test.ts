import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as RequestRules from "../src/internal/request-rules.ts"
import * as Seeding from "../src/internal/seeding.ts"
import * as Simulation from "../src/internal/simulation.ts"
import * as TimeRules from "../src/internal/time-rules.ts"
import { createSchedule, element, indexName, int, iso, start, withSchedule, World } from "./support.ts"

const stamped = (day: string) => `nightly-${day.replaceAll("-", "")}T060000Z`

describe("a daily schedule over 90 days", () => {
  it("runs every day at 06:00 UTC, and has one planned run", () => {
    const history = withSchedule({ expireAfterDays: 365 }).pass("90 days").history("schedule-1")

    assert.strictEqual(history.length, 91)
    assert.deepStrictEqual(
      history.map(({ name }) => name),
      Array.from(
        { length: 91 },
        (_, day) =>
          stamped(
            DateTime.formatIsoDateUtc(DateTime.add(DateTime.makeUnsafe("2026-04-24T00:00:00Z"), { days: 90 - day }))
          )
      )
    )
  })

  it("has only ready runs except the planned run", () => {
    const [planned, ...made] = withSchedule({ expireAfterDays: 365 }).pass("90 days").history("schedule-1")

    assert.strictEqual(planned?.status, "Scheduled")
    assert.isTrue(made.every(Backup.isReady))
    assert.isTrue(made.every(({ recordCount }) => recordCount === 120_000))
  })

  it.each([1, 7, 30])("keeps the last %i backups with a retention of as many days", (expireAfterDays) => {
    const [planned, ...kept] = withSchedule({ expireAfterDays }).pass("90 days").history("schedule-1")

    assert.strictEqual(planned?.name, stamped("2026-07-23"))
    assert.strictEqual(kept.length, expireAfterDays)
    assert.strictEqual(kept[0]?.name, stamped("2026-07-22"))
  })

  it("does not count expired backups", () => {
    const world = withSchedule({ expireAfterDays: 7 }).pass("90 days")

    assert.strictEqual(world.ask(RequestRules.listBackups({})).data.length, 7)
    assert.strictEqual(
      world.refusal(RequestRules.describeBackup("backup-1")).message,
      "Backup backup-1 not found."
    )
  })
})

describe("TimeRules.firstRun", () => {
  it.each<[frequency: "daily" | "weekly" | "monthly", created: string, first: string]>([
    ["daily", "2026-04-23T16:36:51Z", "2026-04-24T06:00:00Z"],
    ["daily", "2026-04-23T00:00:00Z", "2026-04-24T06:00:00Z"],
    ["daily", "2026-04-23T06:00:00Z", "2026-04-24T06:00:00Z"],
    ["daily", "2026-12-31T23:59:59Z", "2027-01-01T06:00:00Z"],
    ["daily", "2028-02-28T12:00:00Z", "2028-02-29T06:00:00Z"],
    ["weekly", "2026-04-23T05:59:59Z", "2026-04-30T06:00:00Z"],
    ["weekly", "2026-04-23T06:00:00Z", "2026-04-30T06:00:00Z"],
    ["weekly", "2026-04-23T06:00:01Z", "2026-05-01T06:00:00Z"],
    ["weekly", "2026-12-28T12:00:00Z", "2027-01-05T06:00:00Z"],
    ["monthly", "2026-04-23T16:36:51Z", "2026-05-23T06:00:00Z"],
    ["monthly", "2026-12-15T03:00:00Z", "2027-01-15T06:00:00Z"],
    ["monthly", "2026-01-31T12:00:00Z", "2026-02-28T06:00:00Z"],
    ["monthly", "2028-01-31T12:00:00Z", "2028-02-29T06:00:00Z"],
    ["monthly", "2028-01-29T12:00:00Z", "2028-02-29T06:00:00Z"],
    ["monthly", "2026-03-31T12:00:00Z", "2026-04-30T06:00:00Z"],
    ["monthly", "2026-12-31T12:00:00Z", "2027-01-31T06:00:00Z"]
  ])("of a %s schedule created at %s is due at %s", (frequency, created, first) => {
    assert.strictEqual(iso(TimeRules.firstRun(frequency, DateTime.makeUnsafe(created))), first)
  })
})

describe("the runs of a schedule", () => {
  /** The days on which the runs start, newest first. */
  const days = (world: World) =>
    world.history("schedule-1").map(({ name }) => name?.slice("nightly-".length, -"T060000Z".length))

  it("are a week apart for a weekly schedule", () => {
    const world = withSchedule({ frequency: "weekly", expireAfterDays: 365 }).pass("30 days")
    assert.deepStrictEqual(days(world), ["20260529", "20260522", "20260515", "20260508", "20260501"])
  })

  it("are on the same day of every month for a monthly schedule", () => {
    const world = withSchedule({ frequency: "monthly", expireAfterDays: 365, now: "2027-11-15T12:00:00Z" })
      .pass("100 days")
    assert.deepStrictEqual(days(world), ["20280315", "20280215", "20280115", "20271215"])
  })

  it("stay on the last day of the month if the schedule was created on it, and skip no month", () => {
    const world = withSchedule({ frequency: "monthly", expireAfterDays: 365, now: "2026-01-31T12:00:00Z" })
      .pass("330 days")
    const shown = days(world).map((day) => day?.slice(4)).join(" ")
    assert.strictEqual(shown, "1231 1130 1031 0930 0831 0731 0630 0531 0430 0331 0228")
  })

  it("keep the ID of the planned run", () => {
    const world = withSchedule()
    const [planned] = world.history("schedule-1")
    const [next, made] = world.pass("1 day").history("schedule-1")

    assert.strictEqual(made?.backupId, planned?.backupId)
    assert.notStrictEqual(next?.backupId, planned?.backupId)
  })

  it("are planned when the schedule is created, then one second after the previous run", () => {
    const [third, second, first] = withSchedule().pass("2 days").history("schedule-1")

    assert.deepStrictEqual([first, second, third].map((run) => iso(run?.createdAt)), [
      start,
      "2026-04-24T06:00:01Z",
      "2026-04-25T06:00:01Z"
    ])
  })

  it.each<[time: string, status: string]>([
    ["2026-04-23T16:36:51Z", "Scheduled"],
    ["2026-04-24T05:59:59.999Z", "Scheduled"],
    ["2026-04-24T06:00:00Z", "Initializing"],
    ["2026-04-24T06:09:59.999Z", "Initializing"],
    ["2026-04-24T06:10:00Z", "Ready"],
    ["2026-04-30T05:59:59.999Z", "Ready"]
  ])("at %s are %s, when planned for 06:00 on the 24th", (time, status) => {
    const run = withSchedule({ expireAfterDays: 7 }).goTo(time).history("schedule-1").at(-1)

    assert.strictEqual(run?.name, stamped("2026-04-24"))
    assert.strictEqual(run?.status, status)
    assert.strictEqual(iso(run?.scheduledExecutionAt), status === "Scheduled" ? "2026-04-24T06:00:00Z" : undefined)
    for (const count of [run?.recordCount, run?.namespaceCount, run?.sizeBytes]) {
      assert.strictEqual(typeof count, status === "Ready" ? "number" : "object")
    }
  })

  it("expire to the millisecond", () => {
    const world = withSchedule({ expireAfterDays: 7 }).goTo("2026-05-01T05:59:59.999Z")
    assert.strictEqual(world.history("schedule-1").at(-1)?.name, stamped("2026-04-24"))
    assert.strictEqual(world.pass("1 millis").history("schedule-1").at(-1)?.name, stamped("2026-04-25"))
  })

  it("use the backup duration of the project", () => {
    const world = withSchedule({}, { backupDuration: Duration.hours(5) }).goTo("2026-04-24T10:59:59Z")
    assert.strictEqual(world.history("schedule-1").at(-1)?.status, "Initializing")
    assert.strictEqual(world.pass("1 second").history("schedule-1").at(-1)?.status, "Ready")
  })

  it("copy the tags and name of the index", () => {
    const [run] = withSchedule().history("schedule-1")
    assert.deepStrictEqual(run?.tags, { team: "search" })
    assert.strictEqual(run?.sourceIndexName, "docs")
    assert.strictEqual(run?.sourceIndexId, "index-1")
  })
})

describe("a manual backup", () => {
  it("is ready after 10 minutes and does not expire", () => {
    const world = new World()
    world.seed(Seeding.addIndex, {})
    const { backupId } = world.ask(RequestRules.createBackup({ indexName: "docs" }))
    const describeBackup = RequestRules.describeBackup(backupId)

    assert.strictEqual(world.pass("599 seconds").ask(describeBackup).status, "Initializing")
    assert.isNull(world.ask(describeBackup).recordCount)
    assert.strictEqual(world.pass("1 second").ask(describeBackup).status, "Ready")
    assert.strictEqual(world.ask(describeBackup).recordCount, 120_000)
    assert.strictEqual(world.pass("10000 days").ask(describeBackup).status, "Ready")
  })
})

describe("a restore", () => {
  const restoring = () => {
    const world = new World()
    world.seed(Seeding.addBackup, { backupId: Backup.BackupId.make("source") })
    world.ask(RequestRules.restore({ backupId: "source", name: indexName("copy") }))
    return world
  }
  const describeJob = RequestRules.describeRestoreJob("job-1")

  it.each<[after: Duration.Input, status: string, percent: number, completed: string | undefined]>([
    ["0 seconds", "Pending", 0, undefined],
    ["150 seconds", "Pending", 25, undefined],
    ["599999 millis", "Pending", 99, undefined],
    ["600 seconds", "Completed", 100, "2026-04-23T16:46:51Z"],
    ["30 days", "Completed", 100, "2026-04-23T16:46:51Z"]
  ])("after %s is %s with %i percent", (after, status, percent, completed) => {
    const job = restoring().pass(after).ask(describeJob, "2026-04")

    assert.strictEqual(job.status, status)
    assert.strictEqual(job.percentComplete, percent)
    assert.strictEqual(iso(job.createdAt), start)
    assert.strictEqual(iso(job.completedAt), completed)
  })

  it("creates an index that exists immediately and is ready when the job is completed", () => {
    const world = restoring()
    const status = () => world.index("copy").status

    assert.deepStrictEqual(status(), { ready: false, state: "Initializing" })
    assert.deepStrictEqual(world.pass("599 seconds").index("copy").status?.ready, false)
    world.pass("1 second")
    assert.deepStrictEqual(status(), { ready: true, state: "Ready" })
  })

  it("takes the duration of the project", () => {
    const world = new World({ restoreDuration: Duration.seconds(6) })
    world.seed(Seeding.addBackup, { backupId: Backup.BackupId.make("source") })
    world.ask(RequestRules.restore({ backupId: "source", name: indexName("copy") }))

    assert.strictEqual(world.pass("5 seconds").ask(describeJob).status, "Pending")
    assert.strictEqual(world.pass("1 second").ask(describeJob).status, "Completed")
  })
})

describe("TimeRules.advance", () => {
  /** Steps in minutes, up to three weeks. */
  const steps = Arbitrary.array(int(0, 30_000), { minLength: 1, maxLength: 12 })
  const frequencies = element("daily", "weekly", "monthly")
  const retentions = int(1, 40)

  it.prop(
    "gives the same state in one step and in many",
    [steps, frequencies, retentions],
    ([steps, frequency, days]) => {
      const world = () => withSchedule({ frequency, expireAfterDays: days })
      const inMany = world()
      for (const step of steps) inMany.pass(Duration.minutes(step))
      const inOne = world().pass(Duration.minutes(steps.reduce((sum, step) => sum + step, 0)))

      assert.deepStrictEqual(inMany.snapshot, inOne.snapshot)
    }
  )

  // IDs must be assigned in the order of the runs, not schedule by schedule. Otherwise they would depend on the steps.
  it("gives the same state in one step and in many, with several schedules", () => {
    const world = () => {
      const world = withSchedule()
      world.seed(Seeding.addIndex, { name: "wiki" })
      world.ask(createSchedule({ indexName: "wiki" }))
      return world
    }
    assert.deepStrictEqual(world().pass("1 day").pass("1 day").snapshot, world().pass("2 days").snapshot)
  })

  it("uses the outcome in the settings at the start of a run, not when it was planned", () => {
    const world = withSchedule()
    world.state = Simulation.configure(world.state, {
      project: { backupDuration: Duration.hours(1) },
      switches: { backupsEnd: "InitializationFailed" }
    })
    const status = () => world.history("schedule-1").map(({ status }) => status)[1]
    world.goTo("2026-04-24T06:59:59Z")
    world.state = Simulation.configure(world.state, { switches: { backupsEnd: "Ready" } })
    assert.strictEqual(status(), "Initializing")
    assert.strictEqual((world.pass("1 second"), status()), "Failed")
    assert.strictEqual((world.goTo("2026-04-25T07:00:00Z"), status()), "Ready")
  })

  it("keeps the state when nothing is due", () => {
    const world = withSchedule()
    const before = world.snapshot
    assert.deepStrictEqual(world.goTo("2026-04-24T05:59:59.999Z").snapshot, before)
  })

  it("does not repeat past runs", () => {
    const world = withSchedule().pass("3 days")
    const before = world.snapshot
    assert.deepStrictEqual(world.pass(0).snapshot, before)
  })
})

describe("ids", () => {
  /** A sequence of requests of several kinds. */
  const script = () => {
    const world = withSchedule().pass("3 days")
    world.ask(RequestRules.createBackup({ indexName: "docs" }))
    world.ask(RequestRules.updateSchedule("schedule-1", { enabled: false }))
    world.ask(RequestRules.updateSchedule("schedule-1", { enabled: true }))
    world.ask(RequestRules.restore({ backupId: "backup-1", name: indexName("copy") }))
    return world.pass("1 day")
  }

  it("count up by kind and are deterministic", () => {
    const { state } = script()
    assert.deepStrictEqual([...state.indexes.keys()], ["index-1", "index-2"])
    assert.deepStrictEqual([...state.schedules.keys()], ["schedule-1"])
    assert.deepStrictEqual([...state.restores.keys()], ["job-1"])
    // The fourth backup was planned, and pausing the schedule removed it.
    assert.deepStrictEqual([...state.records.keys()], [1, 2, 3, 5, 6, 7, 8].map((id) => `backup-${id}`))
    assert.deepStrictEqual(script().snapshot, script().snapshot)
  })

  it("skip the IDs of seeds", () => {
    const world = new World()
    for (const id of ["schedule-1", "schedule-3", undefined, undefined]) {
      world.seed(Seeding.addSchedule, { id, enabled: false })
    }
    assert.deepStrictEqual([...world.state.schedules.keys()], ["schedule-1", "schedule-3", "schedule-4", "schedule-5"])
  })
})

describe("Seeding.addSchedule", () => {
  const seed = (now: string, seed: Seed.Schedule) => new World({}, now).seed(Seeding.addSchedule, seed)
  const names = (now: string, runs: Seed.Schedule["runs"]) => seed(now, { runs }).runs.map(({ name }) => name)

  it("plans the next run for 06:00 UTC and counts back from the latest run", () => {
    assert.deepStrictEqual(names("2026-03-01T05:59:59Z", [{ status: "Scheduled" }, {}, {}]), [
      stamped("2026-03-01"),
      stamped("2026-02-28"),
      stamped("2026-02-27")
    ])
    assert.deepStrictEqual(names("2026-03-01T06:00:00Z", 2), [stamped("2026-03-01"), stamped("2026-02-28")])
  })

  it("places the runs one interval apart", () => {
    const { runs, schedule } = seed("2026-03-01T12:00:00Z", { frequency: "weekly", runs: 3 })
    assert.deepStrictEqual(runs.map(({ name }) => name), ["2026-03-01", "2026-02-22", "2026-02-15"].map(stamped))
    assert.strictEqual(iso(schedule.nextRun), "2026-03-08T06:00:00Z")
  })

  it("creates running and unexpiring runs", () => {
    const world = new World()
    world.seed(Seeding.addSchedule, { runs: [{ status: "Scheduled" }, {}], expireAfterDays: 1 })
    const history = world.pass("3 days").history("schedule-1")

    assert.deepStrictEqual(
      history.map(({ name, status }) => [name, status]),
      [
        [stamped("2026-04-27"), "Scheduled"],
        [stamped("2026-04-26"), "Ready"],
        [stamped("2026-04-24"), "Ready"],
        [stamped("2026-04-23"), "Ready"]
      ]
    )
  })

  it("plans the next run automatically", () => {
    const world = new World()
    const { runs } = world.seed(Seeding.addSchedule, { runs: 1 })
    assert.deepStrictEqual(runs.map(({ backupId }) => String(backupId)), ["backup-1"])
    assert.deepStrictEqual(
      world.history("schedule-1").map(({ backupId, name, status }) => [String(backupId), name, status]),
      [["backup-2", stamped("2026-04-24"), "Scheduled"], ["backup-1", stamped("2026-04-23"), "Ready"]]
    )
  })

  it("creates a disabled schedule", () => {
    const world = new World()
    world.seed(Seeding.addSchedule, { enabled: false })
    assert.deepStrictEqual(world.pass("30 days").history("schedule-1"), [])
  })

  it("creates the index once", () => {
    const world = new World()
    world.seed(Seeding.addSchedule, { indexName: "wiki" })
    world.seed(Seeding.addSchedule, { indexName: "wiki", enabled: false })
    assert.deepStrictEqual([...world.state.indexes.values()].map(({ name }) => String(name)), ["wiki"])
  })
})

describe("seeds that override the rules", () => {
  it("a schedule can be older than the service, and report a wrong next run until it runs or changes", () => {
    const world = new World({}, start)
    world.seed(Seeding.addSchedule, {
      id: "s",
      createdAt: DateTime.makeUnsafe("2026-01-01T10:00:00Z"),
      nextScheduledRun: DateTime.makeUnsafe("2026-04-20T06:00:00Z")
    })
    const described = () => world.ask(RequestRules.describeSchedule("s"))
    assert.strictEqual(iso(described().createdAt), "2026-01-01T10:00:00Z")
    assert.strictEqual(iso(described().nextScheduledRun), "2026-04-20T06:00:00Z")
    world.ask(RequestRules.updateSchedule("s", { expireAfterDays: 9 }))
    assert.strictEqual(iso(described().nextScheduledRun), "2026-04-24T06:00:00Z")

    world.seed(Seeding.addSchedule, {
      id: "wiki",
      indexName: "wiki",
      nextScheduledRun: DateTime.makeUnsafe("2026-04-20T06:00:00Z")
    })
    world.pass("1 day")
    const { nextScheduledRun } = world.ask(RequestRules.describeSchedule("wiki"))
    assert.strictEqual(iso(nextScheduledRun), "2026-04-25T06:00:00Z")
  })

  it("an index can be deleted while its backups remain", () => {
    const world = new World({}, start)
    const deletedAt = DateTime.makeUnsafe("2026-04-01T10:00:00Z")
    world.seed(Seeding.addIndex, { id: "old", name: "wiki", deletedAt })
    world.seed(Seeding.addBackup, { sourceIndexId: PineconeIndex.IndexId.make("old"), name: "last" })

    const [backup] = world.ask(RequestRules.listBackups({})).data
    assert.strictEqual(backup?.sourceIndexId, "old")
    assert.strictEqual(backup?.sourceIndexName, "wiki")
    assert.strictEqual(iso(backup?.sourceIndexDeletedAt), "2026-04-01T10:00:00Z")
    assert.deepStrictEqual(world.indexes, [])

    // The name of a deleted index can be reused.
    world.seed(Seeding.addIndex, { id: "new", name: "wiki" })
    const { sourceIndexId } = world.seed(Seeding.addBackup, { indexName: "wiki" })
    assert.strictEqual(sourceIndexId, "new")
  })
})

describe("seeds that contradict the state", () => {
  const twice = <Seed>(
    f: (state: Simulation.State, now: DateTime.Utc, seed: Seed) => readonly [Simulation.State, unknown],
    seed: Seed
  ) => {
    const world = new World()
    world.seed(f, seed)
    return () => world.seed(f, seed)
  }

  it.each<[message: string, again: () => unknown]>([
    ["An index with the name docs already exists.", twice(Seeding.addIndex, {})],
    ["A schedule with the ID a already exists.", twice(Seeding.addSchedule, { id: "a" })],
    [
      "A backup with the ID a already exists.",
      twice(Seeding.addSchedule, { enabled: false, runs: [{ backupId: Backup.BackupId.make("a") }] })
    ],
    ["A backup with the ID a already exists.", twice(Seeding.addBackup, { backupId: Backup.BackupId.make("a") })],
    ["A restore job with the ID a already exists.", twice(Seeding.addRestoreJob, { id: "a" })],
    ["The index already has an enabled backup schedule.", twice(Seeding.addSchedule, {})]
  ])("are refused: %s", (message, again) => {
    assert.throws(again, message)
  })

  it.each(["Docs", "", "-docs", "a_b", "x".repeat(46)])("are refused: an index with the name %s", (name) => {
    const message = `The name "${name}" of an index must be 1 to 45 lower-case letters`
    assert.throws(() => new World().seed(Seeding.addIndex, { name }), message)
    assert.throws(() => new World().seed(Seeding.addSchedule, { indexName: name }), message)
  })

  it.each<[message: string, seed: Seed.Schedule]>([
    ["expireAfterDays: Expected a value between 1 and 36525, got 0", { expireAfterDays: 0 }],
    ["Retention must be between 1 and 365 days.", { expireAfterDays: 366 }],
    ["A run that has started cannot be planned for the future.", {
      runs: [{ plannedFor: DateTime.makeUnsafe("2999-01-01") }]
    }],
    ["A Scheduled run is at the next run of its schedule, so it cannot have plannedFor.", {
      runs: [{ status: "Scheduled", plannedFor: DateTime.makeUnsafe(start) }]
    }],
    ["The backup of a Scheduled run cannot have expired.", {
      runs: [{ status: "Scheduled", expired: true }]
    }]
  ])("are refused: %s %j", (message, seed) => {
    assert.throws(() => new World().seed(Seeding.addSchedule, seed), message)
  })

  it("skip a run, and move a run with its name", () => {
    const world = new World()
    world.seed(Seeding.addSchedule, {
      runs: [
        {},
        "missing",
        { plannedFor: DateTime.makeUnsafe("2026-04-21T09:30:00Z") },
        { createdAt: DateTime.makeUnsafe("2026-04-20T05:00:00Z") },
        { status: "InitializationFailed" }
      ]
    })
    assert.deepStrictEqual(world.history("schedule-1").map(({ name, status }) => [name, status]), [
      ["nightly-20260424T060000Z", "Scheduled"],
      ["nightly-20260423T060000Z", "Ready"],
      ["nightly-20260421T093000Z", "Ready"],
      ["nightly-20260420T050000Z", "Ready"],
      ["nightly-20260419T060000Z", "Failed"]
    ])
  })

  it("ignore undefined fields", () => {
    const world = new World()
    const index = world.seed(Seeding.addIndex, { dimension: undefined, tags: undefined, name: undefined })
    assert.deepStrictEqual([index.dimension, index.tags, String(index.name)], [1536, {}, "docs"])
    const backup = world.seed(Seeding.addBackup, { status: undefined, name: undefined, recordCount: undefined })
    assert.deepStrictEqual([backup.status, backup.recordCount], ["Ready", 120_000])
  })
})

describe("Seeding.addBackup", () => {
  it("creates a ready backup by default", () => {
    const world = new World()
    const ready = world.seed(Seeding.addBackup, { name: "good" })
    const making = world.seed(Seeding.addBackup, { status: "Initializing" })

    assert.strictEqual(ready.status, "Ready")
    assert.strictEqual(ready.recordCount, 120_000)
    world.pass("1 day")
    assert.deepStrictEqual(world.ask(RequestRules.listBackups({})).data.map(({ status }) => status), [
      making.status,
      ready.status
    ])
  })
})

describe("Seeding.addRestoreJob", () => {
  it("creates a job that took 6 seconds by default", () => {
    const world = new World()
    const done = world.seed(Seeding.addRestoreJob, {})
    const pending = world.seed(Seeding.addRestoreJob, { status: "Pending", percentComplete: 42.2 })

    assert.deepStrictEqual(
      [done, pending].map((job) => [job.status, iso(job.completedAt), job.percentComplete]),
      [["Completed", "2026-04-23T16:36:51Z", 100], ["Pending", undefined, 42.2]]
    )
  })

  const isReady = (world: World, name: string) => world.index(name).status?.ready

  it("creates an index that is ready when the job is completed", () => {
    const world = new World()
    world.seed(Seeding.addRestoreJob, { targetIndexName: "done" })
    world.seed(Seeding.addRestoreJob, { targetIndexName: "stuck", status: "Pending" })
    world.seed(Seeding.addRestoreJob, { targetIndexName: "broken", status: "Failed" })
    assert.deepStrictEqual(["done", "stuck", "broken"].map((name) => isReady(world, name)), [true, false, false])
    world.pass("1000 days")
    assert.deepStrictEqual(["done", "stuck", "broken"].map((name) => isReady(world, name)), [true, false, false])
  })

  it("runs until a completedAt in the future", () => {
    const world = new World()
    world.seed(Seeding.addRestoreJob, {
      createdAt: world.now,
      completedAt: DateTime.add(world.now, { hours: 1 })
    })
    const job = () => world.ask(RequestRules.describeRestoreJob("job-1"), "2026-04")
    assert.deepStrictEqual([job().status, job().percentComplete, isReady(world, "restored")], ["Pending", 0, false])
    world.pass("45 minutes")
    assert.deepStrictEqual([job().status, job().percentComplete], ["Pending", 75])
    world.pass("15 minutes")
    assert.deepStrictEqual([job().status, job().percentComplete, isReady(world, "restored")], ["Completed", 100, true])
  })
})
