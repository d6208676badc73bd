import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import * as Long from "./long.ts"
import { int } from "./support.ts"

const now = DateTime.makeUnsafe("2026-11-21T20:00:00Z")
const future = DateTime.makeUnsafe("2026-12-21T20:00:00Z")
const indexId = PineconeIndex.IndexId.make("index-1")
const docs: PineconeIndex.PineconeIndex = { name: PineconeIndex.IndexName.make("docs"), id: indexId }

const element = <A>(...values: ReadonlyArray<A>): Arbitrary.Arbitrary<A> =>
  Arbitrary.map(int(0, values.length - 1), (position) => values[position]!)

interface World {
  readonly runs: ReadonlyArray<Backup.Backup>
  readonly backups: ReadonlyArray<Backup.Backup>
  readonly schedule: BackupSchedule.BackupSchedule
}

/** A run a day for up to twelve days, of which some failed, are empty, small, missing or gone. */
const worlds: Arbitrary.Arbitrary<World> = Arbitrary.map(
  Arbitrary.all({
    days: Arbitrary.array(
      element("good", "good", "good", "good", "good", "failed", "empty", "small", "missing", "gone"),
      { minLength: 8, maxLength: 12 }
    ),
    isNamed: element(true, false),
    isLate: element(false, false, true),
    keep: element(7, 30),
    enabled: element(true, true, true, false)
  }),
  ({ days, enabled, isLate, isNamed, keep }) => {
    const first = isLate ? 2 : 0
    const runs = days.flatMap((kind, age): ReadonlyArray<Backup.Backup> => {
      if (kind === "missing") return []
      const at = DateTime.subtract(DateTime.makeUnsafe("2026-11-21T06:00:00Z"), { days: age + first })
      const records = kind === "empty" ? 0 : kind === "small" ? 10 : 100
      return [{
        backupId: Backup.BackupId.make(`${kind}-${age}`),
        sourceIndexId: indexId,
        sourceIndexName: docs.name,
        name: isNamed ? `nightly-${DateTime.formatIso(at).replace(/[-:]|\.\d+/g, "")}` : null,
        status: kind === "failed" ? "Failed" : "Ready",
        recordCount: records,
        sizeBytes: records * 10,
        namespaceCount: records / 10,
        createdAt: at
      }]
    })
    return {
      runs,
      backups: runs.filter(({ backupId }) => !backupId.startsWith("gone")),
      schedule: {
        scheduleId: BackupSchedule.ScheduleId.make("schedule-1"),
        name: "nightly",
        indexId,
        frequency: "daily",
        retentionExpireAfterDays: keep,
        enabled,
        nextScheduledRun: enabled ? DateTime.makeUnsafe("2026-11-22T06:00:00Z") : null,
        createdAt: DateTime.makeUnsafe("2026-01-01T06:00:00Z")
      }
    }
  }
)

const failure = new PineconeError.ConnectionFailed({ operation: "Backups.list", message: "refused", attempts: 4 })

const factsOf = ({ backups, runs, schedule }: World): BackupHealth.Facts => ({
  all: [docs],
  indexes: [{ index: docs, schedules: Result.succeed([{ schedule, runs: Result.succeed(runs) }]) }],
  backups: Result.succeed(backups),
  restoreJobs: Result.succeed([])
})

/** Changes one backup, and the run that it is. */
const one = (which: number, change: (backup: Backup.Backup) => Backup.Backup) => (world: World): World => {
  const id = world.runs[which % Math.max(1, world.runs.length)]?.backupId
  const spoil = (all: ReadonlyArray<Backup.Backup>) => all.map((row) => row.backupId === id ? change(row) : row)
  return { ...world, runs: spoil(world.runs), backups: spoil(world.backups) }
}

const ofSchedule = (change: Partial<BackupSchedule.BackupSchedule>) => (world: World): World => ({
  ...world,
  schedule: { ...world.schedule, ...change }
})

const spoilers: Readonly<Record<string, (which: number) => (world: World) => BackupHealth.Facts>> = {
  "the time of a backup": (which) => (world) =>
    factsOf(one(which, (row) => ({ ...row, name: null, createdAt: null }))(world)),
  "its records": (which) => (world) => factsOf(one(which, (row) => ({ ...row, recordCount: null }))(world)),
  "its bytes": (which) => (world) => factsOf(one(which, (row) => ({ ...row, sizeBytes: null }))(world)),
  "its namespaces": (which) => (world) => factsOf(one(which, (row) => ({ ...row, namespaceCount: null }))(world)),
  "its status": (which) => (world) => factsOf(one(which, (row) => ({ ...row, status: "Unheard" }))(world)),
  "its time, which is in the future": (which) => (world) =>
    factsOf(one(which, (row) => ({ ...row, name: null, createdAt: future }))(world)),
  "the frequency": () => (world) => factsOf(ofSchedule({ frequency: "often" })(world)),
  "the retention": () => (world) => factsOf(ofSchedule({ retentionExpireAfterDays: null })(world)),
  "whether it is enabled": () => (world) => factsOf(ofSchedule({ enabled: null })(world)),
  "when it runs next": () => (world) =>
    factsOf(world.schedule.enabled === true ? ofSchedule({ nextScheduledRun: null })(world) : world),
  "when it was created": () => (world) => factsOf(ofSchedule({ createdAt: null })(world)),
  "the backups": () => (world) => ({ ...factsOf(world), backups: Result.fail(failure) }),
  "the restores": () => (world) => ({ ...factsOf(world), restoreJobs: Result.fail(failure) }),
  "the schedules": () => (world) => ({
    ...factsOf(world),
    indexes: [{ index: docs, schedules: Result.fail(failure) }]
  }),
  "the history": () => (world) => ({
    ...factsOf(world),
    indexes: [{ index: docs, schedules: Result.succeed([{ schedule: world.schedule, runs: Result.fail(failure) }]) }]
  })
}

/** Nothing known is worse than what is critical, and no answer is worse than one that is known. */
const ranks: Readonly<Record<BackupHealth.Status, number>> = { ok: 0, warning: 1, critical: 2, unknown: 3 }

describe("HealthChecks.assess, of facts that are spoiled", () => {
  it.prop(
    "is never better than of the facts themselves",
    { world: worlds, what: element(...Object.keys(spoilers)), which: int(0, 11) },
    ({ what, which, world }) => {
      const before = HealthChecks.assess(factsOf(world), { now })
      const after = HealthChecks.assess(spoilers[what]!(which)(world), { now })
      assert.isAtLeast(ranks[after.status], ranks[before.status], `${what}: ${before.status} became ${after.status}`)
    },
    { arbitrary: { runs: Long.runs(5_000) }, timeout: 60_000 }
  )
})
