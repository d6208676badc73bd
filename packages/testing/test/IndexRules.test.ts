import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import type * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as DataRules from "../src/internal/data-rules.ts"
import * as RequestRules from "../src/internal/request-rules.ts"
import * as Seeding from "../src/internal/seeding.ts"
import * as Simulation from "../src/internal/simulation.ts"
import { createSchedule, iso, World } from "./support.ts"

// What a recovery meets: indexes that are being deleted, that failed, or that come back under an old name.

const backupId = Backup.BackupId.make("copy-of-docs")

/** A project with the index `docs` and a backup of it. */
const project = (
  settings: {
    readonly project?: Partial<ControlPlane.Project>
    readonly switches?: ControlPlane.Settings["switches"]
  } = {},
  backup: Seed.Backup = {}
): World => {
  const world = new World(settings.project)
  world.state = Simulation.configure(world.state, { switches: settings.switches })
  world.seed(Seeding.addIndex, { name: "docs", recordCount: 900, tags: { team: "search" } })
  world.seed(Seeding.addBackup, { backupId, ...backup })
  return world
}

const slowly = () => project({ project: { indexDeletionDelay: Duration.minutes(3) } })

const restore = (name: string, flaws?: Parameters<typeof RequestRules.restore>[0]["flaws"]) =>
  RequestRules.restore({ backupId, name, flaws })

const statusOf = (world: World, operation: RequestRules.Operation<unknown>): number =>
  Result.match(world.send(operation), { onFailure: ({ status }) => status, onSuccess: () => 200 })

const stateOf = ({ status }: PineconeIndex.PineconeIndex) => status

const countOf = (world: World, hostName: string) =>
  Result.map(world.send(DataRules.stats(hostName, {})), ({ totalVectorCount }) => totalVectorCount)

describe("an index that is being deleted", () => {
  it("is Terminating until the deletion takes effect", () => {
    const world = slowly()
    world.ask(RequestRules.deleteIndex("docs"))
    assert.deepStrictEqual(stateOf(world.index("docs")), { ready: false, state: "Terminating" })
    assert.lengthOf(world.indexes, 1)
    assert.strictEqual(statusOf(world.pass("179 seconds"), RequestRules.describeIndex("docs")), 200)
    assert.strictEqual(statusOf(world.pass("1 second"), RequestRules.describeIndex("docs")), 404)
    assert.lengthOf(world.indexes, 0)
  })

  it.each<[status: number, what: string, RequestRules.Operation<unknown>]>([
    [409, "a restore under its name", restore("docs")],
    [200, "a restore under another name", restore("docs-2")],
    [200, "a second deletion", RequestRules.deleteIndex("docs")],
    [404, "a backup of it", RequestRules.createBackup({ indexName: "docs" })],
    [404, "a schedule for it", createSchedule()],
    [404, "a change of its settings", RequestRules.configureIndex("docs", { deletionProtection: "enabled" })],
    [200, "a list of its backups", RequestRules.listBackupsByIndex({ indexName: "docs" })],
    [200, "a list of its schedules", RequestRules.listSchedules({ indexName: "docs" })],
    [503, "its record counts", DataRules.stats("docs", {})]
  ])("answers %i to %s", (status, _, operation) => {
    const world = slowly()
    world.ask(RequestRules.deleteIndex("docs"))
    assert.strictEqual(statusOf(world, operation), status)
  })

  it("is not deleted earlier or later by a second deletion", () => {
    const world = slowly()
    world.ask(RequestRules.deleteIndex("docs"))
    world.pass("2 minutes").ask(RequestRules.deleteIndex("docs"))
    assert.strictEqual(statusOf(world.pass("1 minute"), RequestRules.describeIndex("docs")), 404)
  })

  it("loses its schedules at once, and marks its backups only when it is gone", () => {
    const world = slowly()
    world.ask(createSchedule())
    world.ask(RequestRules.deleteIndex("docs"))
    const marks = () => world.ask(RequestRules.listBackups({})).data.map((row) => iso(row.sourceIndexDeletedAt))
    assert.deepStrictEqual(world.ask(RequestRules.listSchedules({ indexName: "docs" })).data, [])
    assert.deepStrictEqual(marks(), [undefined])
    world.pass("1 day")
    assert.deepStrictEqual(marks(), [iso(DateTime.makeUnsafe("2026-04-23T16:39:51Z"))])
  })

  it("frees its name for a restore", () => {
    const world = slowly()
    world.ask(RequestRules.deleteIndex("docs"))
    world.pass("3 minutes").ask(restore("docs"))
    assert.strictEqual(world.pass("10 minutes").index("docs").sourceBackupId, backupId)
  })

  it("is deleted at once by default", () => {
    const world = project()
    world.ask(RequestRules.deleteIndex("docs"))
    assert.strictEqual(statusOf(world, restore("docs")), 200)
  })

  it("is not deleted while it is protected", () => {
    const world = slowly()
    world.ask(RequestRules.configureIndex("docs", { deletionProtection: "enabled" }))
    assert.strictEqual(statusOf(world, RequestRules.deleteIndex("docs")), 403)
    assert.deepStrictEqual(stateOf(world.pass("1 day").index("docs")), { ready: true, state: "Ready" })
  })
})

describe("the index of a failed restore", () => {
  it.each(["Failed", "Cancelled"] as const)("stays without data when the job ends as %s", (restoresEnd) => {
    const world = project({ switches: { restoresEnd } })
    world.ask(RequestRules.deleteIndex("docs"))
    world.ask(restore("docs"))
    assert.deepStrictEqual(stateOf(world.index("docs")), { ready: false, state: "Initializing" })
    world.pass("10 minutes")
    assert.strictEqual(world.ask(RequestRules.describeRestoreJob("job-1")).status, restoresEnd)
    assert.deepStrictEqual(stateOf(world.index("docs")), { ready: false, state: "InitializationFailed" })
    assert.strictEqual(world.index("docs").sourceBackupId, backupId)
    assert.strictEqual(statusOf(world, DataRules.stats("docs", {})), 503)
    // It has the name until it is deleted.
    assert.strictEqual(statusOf(world, restore("docs")), 409)
    world.ask(RequestRules.deleteIndex("docs"))
    assert.strictEqual(statusOf(world, restore("docs")), 200)
  })

  it.each(["Failed", "Cancelled"])("exists for a seeded job with status %s", (status) => {
    const world = new World()
    world.seed(Seeding.addRestoreJob, { targetIndexName: "docs", status })
    assert.deepStrictEqual(stateOf(world.index("docs")), { ready: false, state: "InitializationFailed" })
  })
})

describe("an index restored under the name of a deleted one", () => {
  const restored = (settings: Parameters<typeof project>[0] = {}, flaws?: Parameters<typeof restore>[1]) => {
    const world = project(settings)
    world.ask(RequestRules.deleteIndex("docs"))
    world.ask(restore("docs", flaws))
    return world.pass("10 minutes")
  }

  it("keeps the host by default", () => {
    const world = restored()
    assert.strictEqual(world.index("docs").host, "docs.svc.invalid")
    assert.deepStrictEqual(countOf(world, "docs"), Result.succeed(900))
  })

  it("has another host with hostsChange, and the old one is gone", () => {
    const world = restored({ switches: { hostsChange: true } })
    assert.strictEqual(world.index("docs").host, "docs_2.svc.invalid")
    assert.deepStrictEqual(countOf(world, "docs_2"), Result.succeed(900))
    assert.strictEqual(statusOf(world, DataRules.stats("docs", {})), 404)
  })

  it("keeps the host of a name that is new, also with hostsChange", () => {
    const world = project({ switches: { hostsChange: true } })
    world.ask(restore("docs-2"))
    assert.strictEqual(world.index("docs-2").host, "docs-2.svc.invalid")
  })

  it("can lose its records some minutes after it was ready", () => {
    const world = restored({}, { vanish: { records: 900, after: Duration.minutes(2) } })
    assert.deepStrictEqual(countOf(world, "docs"), Result.succeed(900))
    assert.deepStrictEqual(countOf(world.pass("119 seconds"), "docs"), Result.succeed(900))
    assert.deepStrictEqual(countOf(world.pass("1 second"), "docs"), Result.succeed(0))
  })

  it("has neither the ID nor the backups of the deleted index", () => {
    const world = restored({ switches: { indexIds: true } })
    assert.strictEqual<string | null | undefined>(world.index("docs").id, "index-2")
    assert.deepStrictEqual(world.ask(RequestRules.listBackupsByIndex({ indexName: "docs" })).data, [])
  })
})

describe("a backup that expires while it is being restored", () => {
  it("does not stop the restore", () => {
    const world = project({ project: { restoreDuration: Duration.hours(2) } })
    world.ask(createSchedule({ expireAfterDays: 1 }))
    world.goTo("2026-04-25T05:30:00Z")
    const run = world.history("schedule-1").find(({ status }) => status === "Ready")
    const { restoreJobId } = world.ask(RequestRules.restore({ backupId: run!.backupId, name: "docs-2" }))
    assert.strictEqual(statusOf(world.pass("1 hour"), RequestRules.describeBackup(run!.backupId)), 404)
    assert.strictEqual(world.ask(RequestRules.describeRestoreJob(restoreJobId)).status, "Pending")
    assert.strictEqual(world.pass("1 hour").ask(RequestRules.describeRestoreJob(restoreJobId)).status, "Completed")
    assert.deepStrictEqual(countOf(world, "docs-2"), Result.succeed(900))
  })
})

describe("the limit of schedules of an index", () => {
  const withSchedules = (scheduleLimit: number | null, count: number) => {
    const world = project({ switches: { scheduleLimit } })
    for (let number = 1; number <= count; number++) {
      const { scheduleId } = world.ask(createSchedule({ name: `nightly-${number}` }))
      world.ask(RequestRules.updateSchedule(scheduleId, { enabled: false }))
    }
    return world
  }

  it.each<[status: number, limit: number | null, count: number]>([
    [200, null, 5],
    [200, 3, 2],
    [403, 3, 3],
    [403, 1, 1]
  ])("answers %i with the limit %s to an index with %i disabled schedules", (status, limit, count) => {
    assert.strictEqual(statusOf(withSchedules(limit, count), createSchedule()), status)
  })

  it("counts the schedules of each index, and reports an enabled schedule first", () => {
    const world = withSchedules(3, 2)
    world.seed(Seeding.addIndex, { name: "wiki" })
    world.ask(createSchedule())
    assert.strictEqual(statusOf(world, createSchedule({ name: "fourth" })), 409)
    assert.strictEqual(statusOf(world, createSchedule({ indexName: "wiki" })), 200)
  })
})

describe("the ID of an index", () => {
  it.each([false, true])("is sent only with indexIds: %s", (indexIds) => {
    for (const version of ["2026-04", "2026-07"] as const) {
      const world = project({ switches: { indexIds } })
      const shown = [
        world.ask(RequestRules.describeIndex("docs"), version),
        world.ask(RequestRules.configureIndex("docs", { tags: { team: "docs" } }), version)
      ]
      assert.deepStrictEqual(shown.map(({ id }) => id), indexIds ? ["index-1", "index-1"] : [undefined, undefined])
      assert.strictEqual(world.indexes[0]?.id, indexIds ? "index-1" : undefined)
    }
  })
})

describe("the read capacity of an index", () => {
  const dedicated = { node_type: "b1", scaling: "Manual", manual: { replicas: 2, shards: 1 } } as const

  it("changes immediately, and only if it is requested", () => {
    const world = project()
    assert.strictEqual(world.index("docs").readCapacity?.mode, "OnDemand")
    world.ask(RequestRules.configureIndex("docs", { readCapacity: { mode: "Dedicated", dedicated } }))
    world.ask(RequestRules.configureIndex("docs", { tags: { team: "docs" } }))
    assert.deepStrictEqual(world.index("docs").readCapacity, {
      mode: "Dedicated",
      dedicated: { nodeType: "b1", scaling: "Manual", manual: { replicas: 2, shards: 1 } },
      status: { state: "Ready", currentReplicas: null, currentShards: null }
    })
  })
})
