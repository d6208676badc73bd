import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as Arbitrary from "effect/Arbitrary"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as RequestRules from "../src/internal/request-rules.ts"
import * as Seeding from "../src/internal/seeding.ts"
import { createSchedule, element, indexName, int, iso, start, withSchedule, World } from "./support.ts"

const createBackup = (options: Partial<Parameters<typeof RequestRules.createBackup>[0]> = {}) =>
  RequestRules.createBackup({ indexName: "docs", ...options })

const restore = (options: Partial<Parameters<typeof RequestRules.restore>[0]> = {}) =>
  RequestRules.restore({ backupId: "good", name: indexName("copy"), ...options })

const update = (id: string, request: Parameters<typeof RequestRules.updateSchedule>[1]) =>
  RequestRules.updateSchedule(id, request)

const pause = (id: string) => update(id, { enabled: false })

const resume = (id: string) => update(id, { enabled: true })

/** A project with one resource of each kind. */
const populated = (project: Partial<ControlPlane.Project> = {}): World => {
  const world = new World(project)
  const backup = (id: string, seed: Seed.Backup = {}) =>
    world.seed(Seeding.addBackup, { backupId: Backup.BackupId.make(id), ...seed })
  world.seed(Seeding.addIndex, { name: "docs" })
  world.seed(Seeding.addIndex, { name: "pods", kind: "pod" })
  world.seed(Seeding.addIndex, { name: "secret", kind: "encrypted" })
  world.seed(Seeding.addIndex, { name: "guarded", deletionProtection: "enabled" })
  world.seed(Seeding.addIndex, { name: "gone" })
  world.seed(Seeding.addSchedule, {
    id: "on",
    indexName: "busy",
    runs: [{ backupId: Backup.BackupId.make("planned"), status: "Scheduled" }]
  })
  world.seed(Seeding.addSchedule, { id: "off", indexName: "busy", enabled: false })
  backup("good")
  backup("making", { status: "Initializing" })
  backup("wanted")
  backup("of-gone", { indexName: "gone" })
  world.seed(Seeding.addRestoreJob, { id: "wanting", backupId: "wanted", status: "Pending" })
  world.seed(Seeding.addRestoreJob, { id: "orphan", targetIndexName: "short-lived" })
  world.ask(RequestRules.deleteIndex("gone"))
  world.ask(RequestRules.deleteIndex("short-lived"))
  return world
}

// ============================================================================
// Refusals
// ============================================================================

const { refuse } = RequestRules

const overdue = refuse("PaymentRequired", "The organization has overdue invoices.")
const noSchedules = refuse("PermissionDenied", "Scheduled backups are not available on the plan of this project.")
const noBackups = refuse("PermissionDenied", "Backups are not available on the plan of this project.")
const invalid = refuse("InvalidArgument", "The request contains invalid parameters.")
const retention = (most: number) => refuse("InvalidArgument", `Retention must be between 1 and ${most} days.`)
const noPods = refuse("InvalidArgument", "Pod indexes cannot be backed up.")
const noEncrypted = refuse("InvalidArgument", "Indexes with a customer-managed key cannot be backed up.")
const onlyOne = refuse("AlreadyExists", "The index already has an enabled backup schedule.")
const noMoreBackups = refuse("Forbidden", "The backup quota of the project is used up.")
const noMoreIndexes = refuse("Forbidden", "The index quota of the project is used up.")
const missing = (what: string) => refuse("NotFound", `${what} not found.`)

const poor = { isOverdue: true, hasBackups: false }
const starter = { hasBackups: false }
const token = { paginationToken: "not-a-token" }

/** Requests that violate several rules get the first error in the order of the service. */
const refusals: Array<
  [
    rule: string,
    operation: RequestRules.Operation<unknown>,
    refusal: RequestRules.Refusal,
    project?: Partial<ControlPlane.Project>
  ]
> = [
  [
    "creating a schedule: invoices before the plan",
    createSchedule({ indexName: "no", expireAfterDays: 366 }),
    overdue,
    poor
  ],
  [
    "creating a schedule: the plan before the retention",
    createSchedule({ indexName: "no", expireAfterDays: 366 }),
    noSchedules,
    starter
  ],
  [
    "creating a schedule: the retention before the index",
    createSchedule({ indexName: "no", expireAfterDays: 366 }),
    retention(365)
  ],
  ["creating a schedule: the project's maximum", createSchedule({ expireAfterDays: 31 }), retention(30), {
    maxRetentionDays: 30
  }],
  ["creating a schedule: an unknown index", createSchedule({ indexName: "no" }), missing("Index no")],
  ["creating a schedule: a deleted index", createSchedule({ indexName: "gone" }), missing("Index gone")],
  ["creating a schedule: a pod index", createSchedule({ indexName: "pods" }), noPods],
  ["creating a schedule: an encrypted index", createSchedule({ indexName: "secret" }), noEncrypted],
  ["creating a schedule: a second enabled schedule", createSchedule({ indexName: "busy" }), onlyOne],
  ["listing schedules: the token before the index", RequestRules.listSchedules({ indexName: "no", ...token }), invalid],
  ["listing schedules: an unknown index", RequestRules.listSchedules({ indexName: "no" }), missing("Index no")],
  ["listing schedules: a deleted index", RequestRules.listSchedules({ indexName: "gone" }), missing("Index gone")],
  ["describing a schedule: an unknown schedule", RequestRules.describeSchedule("no"), missing("Backup schedule")],
  ["changing a schedule: an unknown schedule", update("no", {}), missing("Backup schedule")],
  [
    "changing a schedule: the plan before the retention",
    update("off", { enabled: true, expireAfterDays: 366 }),
    noSchedules,
    starter
  ],
  [
    "changing a schedule: the retention before the conflict",
    update("off", { enabled: true, expireAfterDays: 366 }),
    retention(365)
  ],
  ["changing a schedule: a retention that is too long", update("on", { expireAfterDays: 366 }), retention(365)],
  ["changing a schedule: a second enabled schedule", resume("off"), onlyOne],
  ["deleting a schedule: an unknown schedule", RequestRules.deleteSchedule("no"), missing("Backup schedule")],
  [
    "the history of a schedule: the token before the schedule",
    RequestRules.history({ scheduleId: "no", ...token }),
    invalid
  ],
  [
    "the history of a schedule: an unknown schedule",
    RequestRules.history({ scheduleId: "no" }),
    missing("Backup schedule")
  ],
  ["creating a backup: invoices before the plan", createBackup({ indexName: "no", name: "Any_Name" }), overdue, poor],
  [
    "creating a backup: the plan before the name",
    createBackup({ indexName: "no", name: "Any_Name" }),
    noBackups,
    starter
  ],
  ["creating a backup: the name before the index", createBackup({ indexName: "no", name: "Any_Name" }), invalid],
  ["creating a backup: an unknown index", createBackup({ indexName: "no" }), missing("Index no")],
  ["creating a backup: a deleted index", createBackup({ indexName: "gone" }), missing("Index gone")],
  ["creating a backup: a pod index before the quota", createBackup({ indexName: "pods" }), noPods, { backupQuota: 0 }],
  ["creating a backup: an encrypted index before the quota", createBackup({ indexName: "secret" }), noEncrypted, {
    backupQuota: 0
  }],
  ["creating a backup: the quota", createBackup(), noMoreBackups, { backupQuota: 4 }],
  [
    "listing the backups of an index: the token before the index",
    RequestRules.listBackupsByIndex({ indexName: "no", ...token }),
    invalid
  ],
  [
    "listing the backups of an index: an unknown index",
    RequestRules.listBackupsByIndex({ indexName: "no" }),
    missing("Index no")
  ],
  [
    "listing the backups of an index: a deleted index",
    RequestRules.listBackupsByIndex({ indexName: "gone" }),
    missing("Index gone")
  ],
  ["listing backups: the token", RequestRules.listBackups(token), invalid],
  ["describing a backup: an unknown backup", RequestRules.describeBackup("no"), missing("Backup no")],
  ["describing a backup: a planned run", RequestRules.describeBackup("planned"), missing("Backup planned")],
  ["deleting a backup: an unknown backup", RequestRules.deleteBackup("no"), missing("Backup no")],
  ["deleting a backup: a planned run", RequestRules.deleteBackup("planned"), missing("Backup planned")],
  [
    "deleting a backup: pending restore jobs",
    RequestRules.deleteBackup("wanted"),
    refuse("FailedPrecondition", "Restore jobs from this backup are pending: [wanting]")
  ],
  ["restoring a backup: invoices before the backup", restore({ backupId: "no" }), overdue, poor],
  [
    "restoring a backup: the backup before the name",
    restore({ backupId: "no", name: indexName("docs") }),
    missing("Backup no")
  ],
  ["restoring a backup: a planned run", restore({ backupId: "planned" }), missing("Backup planned")],
  [
    "restoring a backup: the name before the quota",
    restore({ backupId: "making", name: indexName("docs") }),
    refuse("AlreadyExists", "Index docs already exists."),
    { indexQuota: 6 }
  ],
  ["restoring a backup: the quota before the state", restore({ backupId: "making" }), noMoreIndexes, { indexQuota: 6 }],
  [
    "restoring a backup: a backup that is not ready",
    restore({ backupId: "making" }),
    refuse("FailedPrecondition", "Backup making is not ready.")
  ],
  ["listing restore jobs: the token", RequestRules.listRestoreJobs(token), invalid],
  ["describing a restore job: an unknown job", RequestRules.describeRestoreJob("no"), missing("Restore job no")],
  [
    "describing a restore job: the index was deleted",
    RequestRules.describeRestoreJob("orphan"),
    missing("Restore job orphan")
  ],
  ["describing a deleted index", RequestRules.describeIndex("gone"), missing("Index gone")],
  ["deleting a deleted index", RequestRules.deleteIndex("gone"), missing("Index gone")],
  [
    "deleting a protected index",
    RequestRules.deleteIndex("guarded"),
    refuse("Forbidden", "Deletion protection is enabled for index guarded.")
  ]
]

describe("refuses, and changes nothing:", () => {
  it.each(refusals)("%s", (_, operation, refusal, project) => {
    const world = populated(project)
    const before = world.snapshot

    assert.deepStrictEqual(world.refusal(operation), refusal)
    assert.deepStrictEqual(world.snapshot, before)
  })

  // Values are validated before existence is checked.
  it("changing a schedule: the retention before the schedule", () => {
    assert.strictEqual(populated().refusal(update("no", { expireAfterDays: 366 })).status, 400)
  })
})

// ============================================================================
// Accepted requests
// ============================================================================

describe("does not refuse", () => {
  it.each<[what: string, operation: RequestRules.Operation<unknown>]>([
    ["listing schedules", RequestRules.listSchedules({ indexName: "busy" })],
    ["describing one", RequestRules.describeSchedule("on")],
    ["its history", RequestRules.history({ scheduleId: "on" })],
    ["pausing it", pause("on")],
    ["enabling an enabled schedule", resume("on")],
    ["changing its retention", update("on", { expireAfterDays: 1 })],
    ["changing its frequency", update("on", { frequency: "weekly" })],
    ["deleting it", RequestRules.deleteSchedule("on")]
  ])("%s on a plan without schedules", (_, operation) => {
    populated(poor).ask(operation)
  })

  it("an arbitrary backup name before 2026-07", () => {
    for (const version of RequestRules.versions) {
      const answer = populated().send(
        RequestRules.createBackup({ indexName: "docs", name: "Any_Name" }),
        version
      )
      assert.strictEqual(Result.isSuccess(answer), version !== "2026-07", version)
    }
  })

  it("two backups of the same name", () => {
    const world = populated()
    const ids = [1, 2].map(() => world.ask(createBackup({ name: "same" })).backupId)
    assert.strictEqual(new Set(ids).size, 2)
  })

  it("a schedule next to disabled schedules", () => {
    const world = withSchedule()
    for (const id of [1, 2, 3, 4]) {
      world.ask(pause(`schedule-${id}`))
      world.ask(createSchedule())
    }
    const schedules = world.ask(RequestRules.listSchedules({ indexName: "docs" })).data
    assert.deepStrictEqual(schedules.map(({ enabled }) => enabled), [true, false, false, false, false])
  })

  it("the name of a deleted index", () => {
    const world = populated()
    assert.strictEqual(world.ask(restore({ name: indexName("gone") })).restoreJobId, "job-3")
  })

  it("a backup at the quota after another was deleted", () => {
    const world = populated({ backupQuota: 4 })
    assert.strictEqual(world.refusal(createBackup()).status, 403)
    world.ask(RequestRules.deleteBackup("good"))
    world.ask(createBackup())
  })

  it("deleting a backup after its restore jobs finished", () => {
    const world = populated()
    world.ask(restore())
    assert.strictEqual(
      world.refusal(RequestRules.deleteBackup("good")).message,
      "Restore jobs from this backup are pending: [job-3]"
    )
    world.pass("10 minutes").ask(RequestRules.deleteBackup("good"))
    assert.strictEqual(world.refusal(RequestRules.describeBackup("good")).status, 404)
    assert.strictEqual(world.refusal(RequestRules.deleteBackup("good")).status, 404)
  })
})

// ============================================================================
// Schedules
// ============================================================================

describe("a new schedule", () => {
  it("is enabled and keeps the given fields", () => {
    const world = new World()
    world.seed(Seeding.addIndex, { name: "docs" })
    const { createdAt, nextScheduledRun, ...rest } = world.ask(
      createSchedule({ name: "Any name: §", frequency: "weekly", expireAfterDays: 365 })
    )

    assert.deepStrictEqual<unknown>(rest, {
      scheduleId: "schedule-1",
      name: "Any name: §",
      indexId: "index-1",
      projectId: "project-1",
      scheduleType: "time-based",
      frequency: "weekly",
      retentionExpireAfterDays: 365,
      enabled: true
    })
    assert.strictEqual(iso(createdAt), start)
    assert.strictEqual(iso(nextScheduledRun), "2026-05-01T06:00:00Z")
  })

  it("has a planned run in its history immediately", () => {
    const [run, ...others] = withSchedule().history("schedule-1")

    assert.strictEqual(run?.status, "Scheduled")
    assert.strictEqual(run?.name, "nightly-20260424T060000Z")
    assert.strictEqual(iso(run?.scheduledExecutionAt), "2026-04-24T06:00:00Z")
    assert.strictEqual(iso(run?.createdAt), start)
    assert.deepStrictEqual(others, [])
  })

  it("is described and listed as it was created", () => {
    const world = populated()
    const created = world.ask(createSchedule())

    assert.deepStrictEqual(world.ask(RequestRules.describeSchedule(created.scheduleId)), created)
    assert.deepStrictEqual(world.ask(RequestRules.listSchedules({ indexName: "docs" })).data, [created])
  })
})

describe("a list of schedules", () => {
  it("has all schedules of the index, including disabled ones, newest first", () => {
    const { data } = populated().ask(RequestRules.listSchedules({ indexName: "busy" }))
    assert.deepStrictEqual(
      data.map(({ enabled, scheduleId }) => `${scheduleId} ${enabled}`),
      ["off false", "on true"]
    )
  })
})

describe("pausing a schedule", () => {
  it("removes the planned run and keeps past runs", () => {
    const world = withSchedule().pass("2 days")
    const [, ...made] = world.history("schedule-1")
    const paused = world.ask(pause("schedule-1"))

    assert.strictEqual(paused.enabled, false)
    assert.isNull(paused.nextScheduledRun)
    assert.strictEqual(made.length, 2)
    assert.deepStrictEqual(world.history("schedule-1"), made)
  })

  it("lets a running backup finish", () => {
    const world = withSchedule().goTo("2026-04-24T06:05:00Z")
    world.ask(pause("schedule-1"))

    assert.deepStrictEqual(world.history("schedule-1").map(({ status }) => status), ["Initializing"])
    assert.deepStrictEqual(world.pass("5 minutes").history("schedule-1").map(({ status }) => status), ["Ready"])
  })

  it("does not plan more runs, and lets existing backups expire", () => {
    const world = withSchedule({ expireAfterDays: 7 }).pass("2 days")
    world.ask(pause("schedule-1"))

    assert.strictEqual(world.pass("5 days").history("schedule-1").length, 2)
    assert.strictEqual(world.pass("1 day").history("schedule-1").length, 1)
    assert.strictEqual(world.pass("1 day").history("schedule-1").length, 0)
  })

  it("keeps planned runs of other schedules", () => {
    const world = withSchedule()
    world.seed(Seeding.addIndex, { name: "wiki" })
    world.ask(createSchedule({ indexName: "wiki" }))
    world.ask(pause("schedule-1"))
    assert.deepStrictEqual(world.history("schedule-2").map(({ status }) => status), ["Scheduled"])
  })

  it("has no further effect the second time", () => {
    const world = withSchedule()
    const paused = world.ask(pause("schedule-1"))
    assert.deepStrictEqual(world.ask(pause("schedule-1")), paused)
  })
})

describe("resuming a schedule", () => {
  const paused = (options: Parameters<typeof withSchedule>[0] = {}) => {
    const world = withSchedule(options)
    world.ask(pause("schedule-1"))
    return world.pass("3 days")
  }

  it("takes a backup immediately", () => {
    const world = paused()
    world.ask(resume("schedule-1"))
    const [planned, made, ...others] = world.history("schedule-1")

    assert.deepStrictEqual([planned?.status, planned?.name], ["Scheduled", "nightly-20260427T163651Z"])
    assert.deepStrictEqual([made?.status, made?.name], ["Initializing", "nightly-20260426T163651Z"])
    assert.deepStrictEqual(others, [])
    assert.strictEqual(world.pass("10 minutes").history("schedule-1")[1]?.status, "Ready")
  })

  it.each<[frequency: "daily" | "weekly" | "monthly", next: string, afterThat: string]>([
    ["daily", "2026-04-27T16:36:51Z", "2026-04-28T16:36:51Z"],
    ["weekly", "2026-05-03T16:36:51Z", "2026-05-10T16:36:51Z"],
    ["monthly", "2026-05-26T16:36:51Z", "2026-06-26T16:36:51Z"]
  ])("counts the next run from now: %s", (frequency, next, afterThat) => {
    const world = paused({ frequency })
    const resumed = world.ask(resume("schedule-1"))

    assert.strictEqual(resumed.enabled, true)
    assert.strictEqual(iso(resumed.nextScheduledRun), next)
    world.goTo(next)
    assert.strictEqual(
      iso(world.ask(RequestRules.describeSchedule("schedule-1")).nextScheduledRun),
      afterThat
    )
  })

  it("applies a new frequency and a new retention", () => {
    const world = paused()
    const resumed = world.ask(update("schedule-1", { enabled: true, frequency: "weekly", expireAfterDays: 2 }))

    assert.strictEqual(iso(resumed.nextScheduledRun), "2026-05-03T16:36:51Z")
    assert.strictEqual(world.pass("2 days").history("schedule-1").length, 1)
  })

  it("does not change an enabled schedule", () => {
    const world = withSchedule().pass("2 days")
    const before = world.snapshot
    world.ask(resume("schedule-1"))
    assert.deepStrictEqual(world.snapshot, before)
  })
})

describe("changing a schedule", () => {
  it("changes nothing for an empty update", () => {
    const world = withSchedule().pass("2 days")
    const before = world.snapshot
    world.ask(update("schedule-1", {}))
    assert.deepStrictEqual(world.snapshot, before)
  })

  it("keeps omitted fields", () => {
    const world = withSchedule({ expireAfterDays: 7 })
    const created = world.ask(RequestRules.describeSchedule("schedule-1"))
    const changed = world.ask(update("schedule-1", { expireAfterDays: 8 }))
    assert.deepStrictEqual(changed, { ...created, retentionExpireAfterDays: 8 })
  })

  it("plans a new run for a new frequency", () => {
    const world = withSchedule()
    const changed = world.ask(update("schedule-1", { frequency: "monthly" }))

    assert.strictEqual(changed.frequency, "monthly")
    assert.strictEqual(iso(changed.nextScheduledRun), "2026-05-23T06:00:00Z")
    assert.deepStrictEqual(
      world.history("schedule-1").map(({ name, status }) => [name, status]),
      [["nightly-20260523T060000Z", "Scheduled"]]
    )
  })

  it("keeps the planned run for the same frequency", () => {
    const world = withSchedule()
    const before = world.snapshot
    world.ask(update("schedule-1", { frequency: "daily" }))
    assert.deepStrictEqual(world.snapshot, before)
  })

  it("does not plan a run for a disabled schedule", () => {
    const world = withSchedule()
    world.ask(pause("schedule-1"))
    const changed = world.ask(update("schedule-1", { frequency: "weekly", expireAfterDays: 3 }))

    assert.deepStrictEqual(
      [changed.enabled, changed.nextScheduledRun, changed.frequency, changed.retentionExpireAfterDays],
      [false, null, "weekly", 3]
    )
    assert.deepStrictEqual(world.history("schedule-1"), [])
  })

  it.each([[2, 2], [5, 5], [30, 6]])("to a retention of %i days keeps %i of six backups", (expireAfterDays, left) => {
    const world = withSchedule({ expireAfterDays: 10 }).pass("6 days")
    world.ask(update("schedule-1", { expireAfterDays }))
    assert.strictEqual(world.pass(0).ask(RequestRules.listBackups({})).data.length, left)
  })

  it("to a longer retention keeps backups that would have expired", () => {
    const world = withSchedule({ expireAfterDays: 2 }).pass("2 days")
    world.ask(update("schedule-1", { expireAfterDays: 100 }))
    assert.strictEqual(world.pass("50 days").history("schedule-1").at(-1)?.name, "nightly-20260424T060000Z")
  })

  it("does not change backups of other schedules", () => {
    const world = withSchedule({ expireAfterDays: 10 })
    world.seed(Seeding.addIndex, { name: "wiki" })
    world.ask(createSchedule({ indexName: "wiki", expireAfterDays: 10 }))
    world.ask(createBackup())
    world.pass("6 days").ask(update("schedule-1", { expireAfterDays: 1 }))

    assert.strictEqual(world.pass(0).history("schedule-2").length, 7)
    assert.strictEqual(world.ask(RequestRules.listBackups({})).data.length, 1 + 6 + 1)
  })
})

describe("deleting a schedule", () => {
  it("keeps its backups until they expire", () => {
    const world = withSchedule({ expireAfterDays: 7 }).pass("2 days")
    world.ask(RequestRules.deleteSchedule("schedule-1"))
    const backups = () => world.ask(RequestRules.listBackups({})).data.map(({ backupId }) => String(backupId))

    assert.deepStrictEqual(backups(), ["backup-2", "backup-1"])
    world.pass("6 days")
    assert.deepStrictEqual(backups(), ["backup-2"])
    world.pass("1 day")
    assert.deepStrictEqual(backups(), [])
  })

  it("removes the schedule completely", () => {
    const world = withSchedule().pass("2 days")
    world.ask(RequestRules.deleteSchedule("schedule-1"))

    assert.strictEqual(world.refusal(RequestRules.deleteSchedule("schedule-1")).status, 404)
    assert.deepStrictEqual(world.ask(RequestRules.listSchedules({ indexName: "docs" })).data, [])
    assert.strictEqual(world.pass("10 days").ask(RequestRules.listBackups({})).data.length, 0)
  })

  it("allows another schedule", () => {
    const world = withSchedule()
    world.ask(RequestRules.deleteSchedule("schedule-1"))
    assert.strictEqual(world.ask(createSchedule()).scheduleId, "schedule-2")
  })
})

// ============================================================================
// Backups
// ============================================================================

describe("a new backup", () => {
  it("is initializing, with the tags of its index and without counts", () => {
    const world = new World()
    world.seed(Seeding.addIndex, { name: "docs", tags: { team: "search" }, dimension: 768 })
    const { createdAt, ...backup } = world.ask(
      RequestRules.createBackup({ indexName: "docs", name: "a_b", description: "why" }),
      "2026-04"
    )

    assert.strictEqual(iso(createdAt), start)
    assert.deepStrictEqual<unknown>(backup, {
      backupId: "backup-1",
      sourceIndexId: "index-1",
      sourceIndexName: "docs",
      tags: { team: "search" },
      name: "a_b",
      description: "why",
      status: "Initializing",
      cloud: "aws",
      region: "us-east-1",
      dimension: 768,
      recordCount: null,
      namespaceCount: null,
      sizeBytes: null
    })
  })

  it("is described and listed as it was created", () => {
    const world = withSchedule()
    const created = world.ask(createBackup())

    assert.deepStrictEqual(world.ask(RequestRules.describeBackup(created.backupId)), created)
    assert.deepStrictEqual(world.ask(RequestRules.listBackups({})).data, [created])
    assert.deepStrictEqual(world.ask(RequestRules.listBackupsByIndex({ indexName: "docs" })).data, [created])
  })
})

describe("a backup that has expired", () => {
  it("does not count towards the quota", () => {
    const world = new World({ backupQuota: 2 })
    world.seed(Seeding.addSchedule, { runs: [{ expired: true }, { expired: true }, {}] })
    world.ask(createBackup())
    assert.strictEqual(world.refusal(createBackup()).code, "FORBIDDEN")
  })

  it("stays in the history while the schedule exists", () => {
    const world = new World()
    world.seed(Seeding.addSchedule, { id: "nightly", enabled: false, runs: [{ expired: true }] })
    world.ask(update("nightly", { expireAfterDays: 1 }))
    const [run, ...others] = world.pass("90 days").history("nightly")
    assert.strictEqual(run?.name, "nightly-20260423T060000Z")
    assert.isEmpty(others)
  })
})

describe("lists of backups", () => {
  const ids = (world: World, options: Partial<Parameters<typeof RequestRules.listBackupsByIndex>[0]> = {}) =>
    world.ask(RequestRules.listBackupsByIndex({ indexName: "docs", ...options })).data
      .map(({ backupId }) => String(backupId))

  it("show a run when it starts, not when it is planned", () => {
    const world = withSchedule().goTo("2026-04-24T05:59:59Z")
    assert.deepStrictEqual(ids(world), [])
    assert.strictEqual(world.refusal(RequestRules.describeBackup("backup-1")).status, 404)

    world.pass("1 second")
    assert.deepStrictEqual(ids(world), ["backup-1"])
    assert.strictEqual(world.ask(RequestRules.describeBackup("backup-1")).status, "Initializing")
  })

  it("are sorted newest first, whether manual or scheduled", () => {
    const world = withSchedule().pass("1 day")
    world.ask(createBackup())
    world.pass("1 day").ask(createBackup())
    world.ask(createBackup())

    const expected = ["backup-6", "backup-5", "backup-2", "backup-3", "backup-1"]
    const { data } = world.ask(RequestRules.listBackups({}))
    assert.deepStrictEqual(data.map(({ backupId }) => String(backupId)), expected)
    assert.deepStrictEqual(ids(world), expected)
  })

  /** Backups of `docs` before it was deleted (`old`) and after it was created again (`new`). */
  const world = (exists: { readonly before: boolean; readonly now: boolean; readonly backups: boolean }) => {
    const world = new World()
    for (const [when, id] of [["before", "old"], ["now", "new"]] as const) {
      if (!exists[when]) continue
      world.seed(Seeding.addIndex, { name: "docs" })
      if (exists.backups) world.seed(Seeding.addBackup, { backupId: Backup.BackupId.make(id) })
      if (when === "before") world.pass("1 hour").ask(RequestRules.deleteIndex("docs"))
    }
    return world
  }

  it.each<
    [what: string, exists: Parameters<typeof world>[0], without: Array<string> | 404, with_: Array<string> | 404]
  >(
    [
      ["an active index", { before: false, now: true, backups: true }, ["new"], ["new"]],
      ["an active index and a deleted one", { before: true, now: true, backups: true }, ["new"], ["new", "old"]],
      ["a deleted index", { before: true, now: false, backups: true }, 404, ["old"]],
      ["an index that never was", { before: false, now: false, backups: true }, 404, 404],
      ["an index without backups", { before: false, now: true, backups: false }, [], []],
      ["a deleted index without backups", { before: true, now: false, backups: false }, 404, []]
    ]
  )("of an index: %s", (_, exists, without, with_) => {
    for (const [includeDeleted, expected] of [[undefined, without], [false, without], [true, with_]] as const) {
      const answer = world(exists).send(RequestRules.listBackupsByIndex({ indexName: "docs", includeDeleted }))
      assert.deepStrictEqual<unknown>(
        Result.match(answer, {
          onFailure: ({ status }) => status,
          onSuccess: ({ data }) => data.map(({ backupId }) => backupId)
        }),
        expected
      )
    }
  })

  it("have the deletion time of the index only for a deleted index", () => {
    const deletedAt = world({ before: true, now: true, backups: true })
      .ask(RequestRules.listBackups({})).data.map((backup) => iso(backup.sourceIndexDeletedAt))
    assert.deepStrictEqual(deletedAt, [undefined, "2026-04-23T17:36:51Z"])
  })
})

// ============================================================================
// Restores and indexes
// ============================================================================

describe("a restore", () => {
  const source = (seed: Seed.Backup = {}) => {
    const world = new World()
    world.seed(Seeding.addIndex, {
      name: "docs",
      tags: { team: "search", tier: "1" },
      dimension: 768,
      deletionProtection: "enabled",
      recordCount: 7
    })
    world.seed(Seeding.addBackup, { backupId: Backup.BackupId.make("good"), ...seed })
    return world
  }

  it("starts a job and creates an index", () => {
    const world = source()
    assert.deepStrictEqual<unknown>(world.ask(restore()), { restoreJobId: "job-1", indexId: "index-2" })

    const { createdAt, ...job } = world.ask(RequestRules.describeRestoreJob("job-1"))
    assert.strictEqual(iso(createdAt), start)
    assert.deepStrictEqual<unknown>(job, {
      restoreJobId: "job-1",
      backupId: "good",
      targetIndexName: "copy",
      targetIndexId: "index-2",
      status: "Pending",
      completedAt: null
    })
    assert.deepStrictEqual<unknown>(world.index("copy"), {
      name: "copy",
      status: { ready: false, state: "Initializing" },
      host: "copy.svc.invalid",
      deletionProtection: "disabled",
      tags: { team: "search", tier: "1" },
      readCapacity: { mode: "OnDemand", status: { state: "Ready", currentReplicas: null, currentShards: null } },
      sourceBackupId: "good"
    })
  })

  it.each<[what: string, tags: Record<string, string> | undefined, expected: Record<string, string>]>([
    ["those of the backup, if none are given", undefined, { team: "search", tier: "1" }],
    ["none, if none are wanted", {}, {}],
    ["those given, which replace all others", { team: "docs" }, { team: "docs" }]
  ])("gives the index %s tags", (_, tags, expected) => {
    const world = source()
    world.ask(restore({ tags }))
    assert.deepStrictEqual(world.index("copy").tags, expected)
  })

  it("uses the tags of the index at the time of the backup", () => {
    const world = source({ tags: { team: "old" } })
    world.ask(restore())
    assert.deepStrictEqual(world.index("copy").tags, { team: "old" })
  })

  it("enables deletion protection if requested", () => {
    const world = source()
    world.ask(restore({ deletionProtection: "enabled" }))
    assert.strictEqual(world.refusal(RequestRules.deleteIndex("copy")).status, 403)
  })

  it("creates an index that can be backed up, with the contents of the backup and without schedules", () => {
    const world = source()
    world.ask(restore())
    const backup = world.pass("10 minutes").ask(RequestRules.createBackup({ indexName: "copy" }), "2026-04")

    assert.strictEqual(backup.dimension, 768)
    world.pass("10 minutes")
    assert.strictEqual(world.ask(RequestRules.describeBackup(backup.backupId)).recordCount, 7)
    assert.deepStrictEqual(world.ask(RequestRules.listSchedules({ indexName: "copy" })).data, [])
  })

  it("works for a backup whose index was deleted", () => {
    const world = populated()
    world.ask(restore({ backupId: "of-gone" }))
    assert.strictEqual(world.index("copy").sourceBackupId, "of-gone")
  })

  it("works for a run of a schedule", () => {
    const world = withSchedule().pass("1 day")
    world.ask(restore({ backupId: "backup-1" }))
    assert.deepStrictEqual(world.index("copy").tags, { team: "search" })
  })
})

describe("restore jobs", () => {
  const jobs = (world: World) =>
    world.ask(RequestRules.listRestoreJobs({})).data.map(({ restoreJobId }) => String(restoreJobId))

  it("are listed newest first, without jobs of deleted indexes", () => {
    const world = populated()
    world.ask(restore())
    assert.deepStrictEqual(jobs(world), ["job-3", "wanting"])
  })

  it("disappear with their index", () => {
    const world = populated()
    world.ask(restore())
    assert.strictEqual(world.ask(RequestRules.describeRestoreJob("job-3")).status, "Pending")
    world.ask(RequestRules.deleteIndex("copy"))

    assert.strictEqual(world.refusal(RequestRules.describeRestoreJob("job-3")).status, 404)
    assert.deepStrictEqual(jobs(world), ["wanting"])
  })
})

describe("deleting an index", () => {
  it("deletes its schedules and keeps its backups, which expire as before", () => {
    const world = withSchedule({ expireAfterDays: 7 }).pass("2 days")
    world.ask(createBackup())
    world.ask(RequestRules.deleteIndex("docs"))
    const backups = () => world.ask(RequestRules.listBackups({})).data.length

    assert.strictEqual(world.refusal(RequestRules.describeSchedule("schedule-1")).status, 404)
    assert.strictEqual(world.refusal(RequestRules.history({ scheduleId: "schedule-1" })).status, 404)
    assert.strictEqual(backups(), 3)
    assert.strictEqual(world.pass("30 days") && backups(), 1)
  })

  it("deletes the planned run of its schedule", () => {
    const world = withSchedule()
    world.ask(RequestRules.deleteIndex("docs"))
    assert.deepStrictEqual(world.pass("1 day").ask(RequestRules.listBackups({})).data, [])
  })

  it("keeps schedules of other indexes", () => {
    const world = withSchedule()
    world.seed(Seeding.addIndex, { name: "wiki" })
    world.ask(createSchedule({ indexName: "wiki" }))
    world.ask(RequestRules.deleteIndex("wiki"))
    assert.strictEqual(world.history("schedule-1").length, 1)
  })

  it("frees the name, and a new index of that name has no schedules", () => {
    const world = withSchedule()
    world.ask(RequestRules.deleteIndex("docs"))
    world.seed(Seeding.addIndex, { name: "docs" })

    assert.deepStrictEqual(world.ask(RequestRules.listSchedules({ indexName: "docs" })).data, [])
    assert.strictEqual(world.ask(createSchedule()).indexId, "index-2")
  })
})

describe("a list of indexes", () => {
  it("has all indexes except deleted ones", () => {
    const { indexes } = populated()
    assert.deepStrictEqual(indexes.map(({ name }) => String(name)).sort(), [
      "busy",
      "docs",
      "guarded",
      "pods",
      "restored",
      "secret"
    ])
  })
})

// ============================================================================
// Formats of versions
// ============================================================================

describe("version", () => {
  const world = () => {
    const world = new World()
    world.seed(Seeding.addSchedule, { id: "nightly", runs: [{ status: "InitializationFailed" }, {}] })
    world.seed(Seeding.addBackup, { backupId: Backup.BackupId.make("old"), indexName: "gone" })
    world.ask(restore({ backupId: "old" }))
    world.ask(RequestRules.deleteIndex("gone"))
    return world.pass("5 minutes")
  }

  const hasSchedules = (version: RequestRules.Version) => !/^2025|alpha$/.test(version)

  it.each(RequestRules.versions)("%s has its own status for a failure", (version) => {
    const failed = version === "2026-07" ? "InitializationFailed" : "Failed"
    const { data } = world().ask(RequestRules.listBackups({}), version)
    assert.deepStrictEqual(data.map(({ status }) => status), ["Ready", failed, "Ready"])
    if (hasSchedules(version)) {
      assert.deepStrictEqual(world().history("nightly", version).map(({ status }) => status), [
        "Scheduled",
        failed,
        "Ready"
      ])
    }
  })

  it.each(RequestRules.versions)("%s has its own format of progress", (version) => {
    const describeJob = RequestRules.describeRestoreJob("job-1")
    const percents = [0, 150, 150].map((seconds) => world().pass(Duration.seconds(seconds)).ask(describeJob, version))
    assert.strictEqual(percents[0]?.percentComplete, version === "2026-07" ? undefined : 50)
    assert.strictEqual(percents[1]?.percentComplete, version === "2026-07" ? undefined : 75)
    assert.strictEqual(world().pass("5 minutes").ask(describeJob, version).percentComplete, 100)
  })

  it("2026-07 omits the progress of a failed job", () => {
    const world = new World()
    world.seed(Seeding.addRestoreJob, { status: "Failed", percentComplete: 42.2 })
    const percent = (version: RequestRules.Version) =>
      world.ask(RequestRules.describeRestoreJob("job-1"), version).percentComplete

    assert.isUndefined(percent("2026-07"))
    assert.strictEqual(percent("2026-04"), 42.2)
  })

  it.each(RequestRules.versions)("%s has its own fields for the dimension and the deletion of the index", (version) => {
    const backup = world().ask(RequestRules.describeBackup("old"), version)
    assert.strictEqual("sourceIndexDeletedAt" in backup, version === "2026-07")
    if (version !== "2026-01.alpha") assert.strictEqual("dimension" in backup, version !== "2026-07")
  })
})

// ============================================================================
// Pages
// ============================================================================

describe("RequestRules.list", () => {
  const rows = Array.from({ length: 250 }, (_, index) => index)

  const pageOf = (version: RequestRules.Version, request: RequestRules.PageRequest, length = 250) =>
    new World().send(
      RequestRules.list("Backups.list", request, () => Result.succeed(rows.slice(0, length)), (row) => row),
      version
    )

  const walk = (version: RequestRules.Version, limit?: number, length = 250) => {
    const sizes: Array<number> = []
    const seen: Array<number> = []
    let request: RequestRules.PageRequest = { limit }
    while (true) {
      const { data, pagination } = Result.getOrThrow(pageOf(version, request, length))
      sizes.push(data.length)
      seen.push(...data)
      if (!pagination) return { sizes, seen }
      request = { paginationToken: pagination.next }
    }
  }

  it("sends 10 rows by default before 2026-07, and 100 from then on", () => {
    assert.deepStrictEqual(walk("2026-07").sizes, [100, 100, 50])
    assert.strictEqual(walk("unstable").sizes.length, 25)
    assert.strictEqual(walk("2026-04").sizes[0], 10)
  })

  it("keeps the limit in the token, and sends up to 100 rows", () => {
    assert.deepStrictEqual(walk("2026-04", 99).sizes, [99, 99, 52])
    assert.deepStrictEqual(walk("2026-07", 1_000).sizes, [100, 100, 50])
  })

  it.prop("returns every row once, in full pages except the last", [int(1, 120), int(0, 250)], ([
    limit,
    length
  ]) => {
    const { seen, sizes } = walk("2026-07", limit, length)
    assert.deepStrictEqual(seen, rows.slice(0, length))
    assert.isTrue(sizes.slice(0, -1).every((size) => size === Math.min(limit, 100)))
    assert.strictEqual(sizes.length, Math.max(1, Math.ceil(length / Math.min(limit, 100))))
  })

  it("ends with a page that is exactly full", () => {
    assert.deepStrictEqual(walk("2026-07", 50, 100).sizes, [50, 50])
  })

  it("lets a limit next to a token change the size but not the offset", () => {
    const { pagination } = Result.getOrThrow(pageOf("2026-07", { limit: 10 }))
    const page = Result.getOrThrow(pageOf("2026-07", { limit: 3, paginationToken: pagination?.next }))
    assert.deepStrictEqual(page.data, [10, 11, 12])
  })

  it("encodes the offset and the page size in the token", () => {
    const { pagination } = Result.getOrThrow(pageOf("2026-07", { limit: 2 }))
    assert.strictEqual(atob(pagination?.next ?? ""), JSON.stringify({ limit: 2, offset: 2 }))
  })

  it("returns nothing after the last row", () => {
    const paginationToken = btoa(JSON.stringify({ limit: 10, offset: 1_000 }))
    assert.deepStrictEqual(
      pageOf("2026-07", { paginationToken }),
      Result.succeed({ data: [], pagination: null })
    )
  })

  it.each([
    "x",
    "%%%",
    btoa("no json"),
    btoa("null"),
    btoa("{}"),
    btoa(JSON.stringify({ offset: 1 })),
    btoa(JSON.stringify({ limit: 0, offset: 1 })),
    btoa(JSON.stringify({ limit: 1, offset: -1 })),
    btoa(JSON.stringify({ limit: 1.5, offset: 1 })),
    btoa(JSON.stringify({ limit: "1", offset: "1" }))
  ])("refuses the token %s", (paginationToken) => {
    assert.deepStrictEqual(
      pageOf("2026-07", { paginationToken }),
      Result.fail(invalid)
    )
  })

  it("pages every list", () => {
    const world = withSchedule().pass("2 days")
    world.ask(pause("schedule-1"))
    world.ask(createSchedule())
    for (const name of ["copy-1", "copy-2"]) world.ask(restore({ backupId: "backup-1", name: indexName(name) }))
    const request = { limit: 1, indexName: "docs", scheduleId: "schedule-1" }
    const lists: ReadonlyArray<
      (request: RequestRules.PageRequest) => RequestRules.Operation<RequestRules.Envelope<unknown>>
    > = [
      (page) => RequestRules.listSchedules({ ...request, ...page }),
      (page) => RequestRules.history({ ...request, ...page }),
      (page) => RequestRules.listBackups({ ...request, ...page }),
      (page) => RequestRules.listBackupsByIndex({ ...request, ...page }),
      (page) => RequestRules.listRestoreJobs({ ...request, ...page })
    ]
    for (const list of lists) {
      const all = world.ask(list({ limit: 10 }))
      const first = world.ask(list({}))
      const second = world.ask(list({ paginationToken: first.pagination?.next }))

      assert.strictEqual(all.data.length, 2)
      assert.deepStrictEqual([...first.data, ...second.data], all.data)
      assert.isNull(all.pagination)
      assert.isNull(second.pagination)
    }
  })
})

// ============================================================================
// Arbitrary requests in any order
// ============================================================================

describe("after arbitrary requests at arbitrary times", () => {
  const names = ["docs", "wiki", "copy"]
  /** An existing or unknown value. */
  const pick = (map: ReadonlyMap<string, unknown>, which: number) => [...map.keys(), "none"][which % (map.size + 1)]!

  const reads: ReadonlyArray<(world: World, which: number) => RequestRules.Operation<unknown>> = [
    ({ state }, which) => RequestRules.describeSchedule(pick(state.schedules, which)),
    ({ state }, which) => RequestRules.history({ scheduleId: pick(state.schedules, which) }),
    (_, which) => RequestRules.listSchedules({ indexName: names[which % 3]! }),
    ({ state }, which) => RequestRules.describeBackup(pick(state.records, which)),
    () => RequestRules.listBackups({}),
    (_, which) => RequestRules.listBackupsByIndex({ indexName: names[which % 3]!, includeDeleted: true }),
    ({ state }, which) => RequestRules.describeRestoreJob(pick(state.restores, which)),
    () => RequestRules.listRestoreJobs({}),
    () => RequestRules.listIndexes,
    (_, which) => RequestRules.describeIndex(names[which % 3]!)
  ]

  const writes: typeof reads = [
    (_, which) => createSchedule({ indexName: names[which % 3]!, expireAfterDays: which + 1 }),
    ({ state }, which) => pause(pick(state.schedules, which)),
    ({ state }, which) => resume(pick(state.schedules, which)),
    ({ state }, which) => update(pick(state.schedules, which), { expireAfterDays: which * 50 }),
    ({ state }, which) => update(pick(state.schedules, which), { frequency: "weekly" }),
    ({ state }, which) => RequestRules.deleteSchedule(pick(state.schedules, which)),
    (_, which) => createBackup({ indexName: names[which % 3]! }),
    ({ state }, which) => RequestRules.deleteBackup(pick(state.records, which)),
    ({ state }, which) => restore({ backupId: pick(state.records, which), name: indexName(names[which % 3]!) }),
    (_, which) => RequestRules.deleteIndex(names[which % 3]!)
  ]

  const requests = Arbitrary.array(
    Arbitrary.all({
      write: int(0, writes.length - 1),
      which: int(0, 8),
      pause: element(0, 0, 1, 9, 60 * 8, 60 * 24, 60 * 24 * 4)
    }),
    { minLength: 1, maxLength: 25 }
  )

  const walk = (
    requests: ReadonlyArray<{ readonly write: number; readonly which: number; readonly pause: number }>,
    look: (world: World, request: { readonly which: number }, answer: Result.Result<unknown, unknown>) => void,
    before: (world: World) => void = () => {}
  ) => {
    const world = new World({ backupQuota: 8, indexQuota: 3 })
    for (const name of ["docs", "wiki"]) world.seed(Seeding.addIndex, { name })
    for (const request of requests) {
      world.pass(Duration.minutes(request.pause))
      before(world)
      look(world, request, world.send(writes[request.write]!(world, request.which)))
    }
  }

  it.prop("a refused request changes nothing", [requests], ([requests]) => {
    let before: unknown
    walk(requests, (world, _, answer) => {
      if (Result.isFailure(answer)) assert.deepStrictEqual(world.snapshot, before)
    }, (world) => {
      before = world.snapshot
    })
  })

  it.prop("a read changes nothing", [requests], ([requests]) => {
    walk(requests, (world, { which }) => {
      const before = world.snapshot
      for (const read of reads) world.send(read(world, which))
      assert.deepStrictEqual(world.snapshot, before)
    })
  })

  it.prop("an index has at most one enabled schedule", [requests], ([requests]) => {
    walk(requests, ({ state }) => {
      const enabled = [...state.schedules.values()].filter(({ nextRun }) => nextRun !== undefined)
      assert.strictEqual(new Set(enabled.map(({ indexId }) => indexId)).size, enabled.length)
    })
  })

  it.prop(
    "an enabled schedule has exactly one planned run, and a disabled schedule has none",
    [requests],
    ([requests]) => {
      walk(requests, (world) => {
        for (const scheduleId of world.state.schedules.keys()) {
          const schedule = world.ask(RequestRules.describeSchedule(scheduleId))
          const planned = world.history(scheduleId).filter(({ status }) => status === "Scheduled")
          assert.deepStrictEqual(
            planned.map(({ scheduledExecutionAt }) => iso(scheduledExecutionAt)),
            schedule.enabled === true ? [iso(schedule.nextScheduledRun)] : []
          )
        }
      })
    }
  )

  it.prop("a backup is listed exactly when it can be described", [requests], ([requests]) => {
    walk(requests, (world) => {
      const listed = world.ask(RequestRules.listBackups({})).data.map(({ backupId }) => String(backupId))
      for (const id of world.state.records.keys()) {
        const described = world.send(RequestRules.describeBackup(id))
        assert.strictEqual(Result.isSuccess(described), listed.includes(id))
      }
    })
  })
})
