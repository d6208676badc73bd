import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Long from "./long.ts"
import { int } from "./support.ts"

const now = DateTime.makeUnsafe("2026-11-21T20:00:00Z")
const future = DateTime.makeUnsafe("2027-02-21T20:00:00Z")
/** Beyond the tolerance, but within a day of the latest runs. */
const soon = DateTime.add(now, { minutes: 6 })

const element = <A>(...values: ReadonlyArray<A>): Arbitrary.Arbitrary<A> =>
  Arbitrary.map(int(0, values.length - 1), (position) => values[position]!)

// ============================================================================
// Worlds
// ============================================================================

interface Subject {
  readonly index: PineconeIndex.PineconeIndex
  readonly schedule: BackupSchedule.BackupSchedule
  readonly runs: ReadonlyArray<Backup.Backup>
}

interface World {
  readonly subjects: ReadonlyArray<Subject>
  /** Includes backups of a deleted index. */
  readonly backups: ReadonlyArray<Backup.Backup>
  readonly jobs: ReadonlyArray<RestoreJob.RestoreJob>
  readonly policy: BackupPolicy.BackupPolicy
}

type Step = Partial<DateTime.DateTime.PartsForMath>

const steps: Readonly<Record<string, (count: number) => Step>> = {
  daily: (days) => ({ days }),
  weekly: (weeks) => ({ weeks }),
  monthly: (months) => ({ months }),
  // Unknown frequencies.
  hourly: (hours) => ({ hours }),
  "every-6h": (count) => ({ hours: 6 * count })
}

const stamp = (at: DateTime.Utc) => DateTime.formatIso(at).replace(/[-:]|\.\d+/g, "")

/** An index with a restore and up to 12 runs of its schedule, some failed, empty, small, missed or deleted. */
const subject = (number: number) =>
  Arbitrary.map(
    Arbitrary.all({
      kinds: Arbitrary.array(
        element("good", "good", "good", "good", "good", "good", "failed", "empty", "small", "missing", "gone"),
        { minLength: 0, maxLength: 12 }
      ),
      frequency: element("daily", "daily", "weekly", "monthly", "hourly", "every-6h"),
      isNamed: element(true, false),
      // Whether `createdAt` is the time of planning, together with a time stamp in the name.
      isPlanned: element(false, false, true),
      isLate: element(false, false, false, true),
      keep: element(1, 7, 30, 400),
      enabled: element(true, true, true, false),
      isNew: element(false, false, true),
      isProtected: element(true, true, false),
      restore: element<RestoreJob.RestoreJob["status"] | undefined>(
        "Completed",
        "Completed",
        "Pending",
        "Failed",
        undefined
      ),
      restoredDaysAgo: element(0, 10, 200),
      isByHand: element(false, false, true)
    }),
    (made) => {
      const { enabled, frequency, isByHand, isLate, isNamed, isNew, isPlanned, isProtected, keep, kinds, restore } =
        made
      const step = steps[frequency]!
      const indexId = PineconeIndex.IndexId.make(`index-${number}`)
      const index: PineconeIndex.PineconeIndex = {
        name: PineconeIndex.IndexName.make(`docs-${number}`),
        id: indexId,
        deletionProtection: isProtected ? "enabled" : "disabled"
      }
      const backup = (id: string, at: DateTime.Utc, more: Partial<Backup.Backup>): Backup.Backup => ({
        backupId: Backup.BackupId.make(`${id}-${number}`),
        sourceIndexId: indexId,
        sourceIndexName: index.name,
        status: "Ready",
        recordCount: 100,
        sizeBytes: 1_000,
        namespaceCount: 10,
        createdAt: at,
        ...more
      })
      const latest = DateTime.makeUnsafe(
        frequency === "hourly" || frequency === "every-6h" ? "2026-11-21T19:00:00Z" : "2026-11-21T06:00:00Z"
      )
      const runs = kinds.flatMap((kind, age): ReadonlyArray<Backup.Backup> => {
        if (kind === "missing") return []
        const at = DateTime.subtract(latest, step(age + (isLate ? 2 : 0)))
        const share = kind === "empty" ? 0 : kind === "small" ? 0.1 : 1
        return [backup(`${kind}-${age}`, at, {
          name: isNamed ? `nightly-${number}-${stamp(at)}` : null,
          createdAt: isNamed && isPlanned ? DateTime.subtract(at, step(1)) : at,
          status: kind === "failed" ? "Failed" : "Ready",
          recordCount: share * 100,
          sizeBytes: share * 1_000,
          namespaceCount: share * 10
        })]
      })
      const subject: Subject = {
        index,
        runs,
        schedule: {
          scheduleId: BackupSchedule.ScheduleId.make(`schedule-${number}`),
          name: `nightly-${number}`,
          indexId,
          frequency,
          retentionExpireAfterDays: keep,
          enabled,
          nextScheduledRun: enabled ? DateTime.add(latest, step(1)) : null,
          createdAt: isNew
            ? DateTime.subtract(latest, step(kinds.length + 1))
            : DateTime.makeUnsafe("2024-01-01T06:00:00Z")
        }
      }
      const restored = DateTime.subtract(now, { days: made.restoredDaysAgo, hours: 1 })
      const [source] = runs
      return {
        subject,
        backups: [
          ...runs.filter(({ backupId }) => !backupId.startsWith("gone")),
          ...(isByHand ? [backup("hand", DateTime.subtract(now, { hours: 3 }), { name: "by-hand" })] : [])
        ],
        jobs: restore === undefined || source === undefined ? [] : [{
          restoreJobId: RestoreJob.RestoreJobId.make(`job-${number}`),
          backupId: source.backupId,
          // A running restore may be into the index itself.
          targetIndexName: restore === "Pending" ? index.name : PineconeIndex.IndexName.make("restored"),
          targetIndexId: PineconeIndex.IndexId.make("restored"),
          status: restore,
          createdAt: restored,
          completedAt: restore === "Pending" ? null : restored
        }] satisfies ReadonlyArray<RestoreJob.RestoreJob>
      }
    }
  )

const policies: Arbitrary.Arbitrary<BackupPolicy.BackupPolicy> = Arbitrary.map(
  Arbitrary.all({
    rpo: element(Duration.hours(26), Duration.days(10), Duration.days(40)),
    minFrequency: element<BackupSchedule.Frequency>("daily", "weekly", "monthly"),
    minRetentionDays: element(7, 30),
    minCopies: element(1, 3, 10),
    maxShrink: element(0, 0.3, 1),
    restoreTestedWithin: element(Duration.days(5), Duration.days(90)),
    requireDeletionProtection: element(true, false),
    maxDuration: element(Duration.hours(1), Duration.days(2)),
    ignore: element<ReadonlyArray<BackupPolicy.Exception>>(
      [{ check: "no-deletion-protection", reason: "known", until: future }],
      [{ check: "*", reason: "over", until: DateTime.makeUnsafe("2026-01-01T06:00:00Z") }]
    ),
    // Selects requirements, as a default or as a rule for some indexes.
    which: int(0, 511),
    isRule: element(true, false),
    backupQuota: element(undefined, undefined, 5, 20, 40)
  }),
  ({ backupQuota, isRule, which, ...all }) => {
    const requirements: BackupPolicy.Requirements = Object.fromEntries(
      Object.entries(all).filter((_, position) => (which & (1 << position)) !== 0)
    )
    return {
      ...(isRule ? { rules: [{ index: "docs-*", ...requirements }] } : { defaults: requirements }),
      ...(backupQuota !== undefined && { backupQuota })
    }
  }
)

const worlds: Arbitrary.Arbitrary<World> = Arbitrary.map(
  Arbitrary.all({
    subjects: Arbitrary.all([subject(0), subject(1), subject(2)]),
    gone: subject(3),
    isGone: element(true, false),
    count: element(1, 1, 2, 3),
    policy: policies
  }),
  ({ count, gone, isGone, policy, subjects }) => {
    const there = subjects.slice(0, count)
    const some = isGone ? [...there, gone] : there
    return {
      subjects: there.map(({ subject }) => subject),
      backups: some.flatMap(({ backups }) => backups),
      jobs: some.flatMap(({ jobs }) => jobs),
      policy
    }
  }
)

const factsOf = ({ backups, jobs, subjects }: World): BackupHealth.Facts => ({
  all: subjects.map(({ index }) => index),
  indexes: subjects.map(({ index, runs, schedule }) => ({
    index,
    schedules: Result.succeed([{ schedule, runs: Result.succeed(runs) }])
  })),
  backups: Result.succeed(backups),
  restoreJobs: Result.succeed(jobs)
})

// ============================================================================
// Spoilers
// ============================================================================

const failure = new PineconeError.ConnectionFailed({ operation: "Backups.list", message: "refused", attempts: 4 })

/** Changes the entry at a position modulo the length of the list. */
const changeAt = <A>(all: ReadonlyArray<A>, which: number, change: (one: A) => A): ReadonlyArray<A> =>
  all.map((one, position) => position === which % all.length ? change(one) : one)

type Where = "both" | "list" | "history"

/** Changes rows of the list of backups, the same runs in histories, or both. */
const mapRows = (world: World, where: Where, spoil: (row: Backup.Backup) => Backup.Backup): World => ({
  ...world,
  subjects: where === "list" ? world.subjects : world.subjects.map((one) => ({ ...one, runs: one.runs.map(spoil) })),
  backups: where === "history" ? world.backups : world.backups.map(spoil)
})

/** Changes one backup of an index, the same run in the history, or both. */
const ofBackup =
  (change: (row: Backup.Backup) => Partial<Backup.Backup>, where: Where = "both") =>
  (world: World, which: number): World => {
    const ids = new Set<string>(
      [...world.subjects.flatMap(({ runs }) => runs), ...world.backups].map((row) => row.backupId)
    )
    const id = [...ids][which % Math.max(1, ids.size)]
    return mapRows(world, where, (row) => row.backupId === id ? { ...row, ...change(row) } : row)
  }

/** Changes every backup. */
const ofBackups = (change: Partial<Backup.Backup>, where: Where = "both") => (world: World): World =>
  mapRows(world, where, (row) => ({ ...row, ...change }))

const ofSchedule =
  (change: (schedule: BackupSchedule.BackupSchedule) => Partial<BackupSchedule.BackupSchedule>) =>
  (world: World, which: number): World => ({
    ...world,
    subjects: changeAt(world.subjects, which, (one) => ({
      ...one,
      schedule: { ...one.schedule, ...change(one.schedule) }
    }))
  })

const ofIndex = (change: Partial<PineconeIndex.PineconeIndex>) => (world: World, which: number): World => ({
  ...world,
  subjects: changeAt(world.subjects, which, (one) => ({ ...one, index: { ...one.index, ...change } }))
})

const ofJob =
  (change: (job: RestoreJob.RestoreJob) => Partial<RestoreJob.RestoreJob>) => (world: World, which: number): World => ({
    ...world,
    jobs: changeAt(world.jobs, which, (job) => ({ ...job, ...change(job) }))
  })

const ofIndexFacts =
  (change: (facts: BackupHealth.IndexFacts) => BackupHealth.IndexFacts) =>
  (world: World, which: number): BackupHealth.Facts => {
    const facts = factsOf(world)
    return { ...facts, indexes: changeAt(facts.indexes, which, change) }
  }

const otherId = PineconeIndex.IndexId.make("other")
const undated = { name: null, createdAt: null, scheduledExecutionAt: null }

/** Changes of rows, several of which can be combined. */
const rowSpoilers: Readonly<Record<string, (world: World, which: number) => World>> = {
  "the time of a backup": ofBackup(() => undated),
  "the time of a backup in the list": ofBackup(() => undated, "list"),
  "the time of a run": ofBackup(() => undated, "history"),
  "the records of a backup": ofBackup(() => ({ recordCount: null })),
  "its bytes": ofBackup(() => ({ sizeBytes: null })),
  "its namespaces": ofBackup(() => ({ namespaceCount: null })),
  "its status": ofBackup(() => ({ status: "Unheard" })),
  "its status in the list": ofBackup(() => ({ status: "Unheard" }), "list"),
  "its status in the history": ofBackup(() => ({ status: "Unheard" }), "history"),
  "its time, which is in the future": ofBackup(() => ({ ...undated, createdAt: future })),
  ...Object.fromEntries((["both", "list", "history"] as const).flatMap((where) => [
    [`the createdAt of one, ${where}`, ofBackup(() => ({ createdAt: null }), where)],
    [`the createdAt of one, in the future, ${where}`, ofBackup(() => ({ createdAt: future }), where)],
    [`the createdAt of one, just in the future, ${where}`, ofBackup(() => ({ createdAt: soon }), where)],
    [`the createdAt of all, ${where}`, ofBackups({ createdAt: null }, where)],
    [`the createdAt of all, in the future, ${where}`, ofBackups({ createdAt: future }, where)],
    [`the createdAt of all, just in the future, ${where}`, ofBackups({ createdAt: soon }, where)]
  ])),
  "the index of a run": ofBackup(() => ({ sourceIndexId: otherId }), "history"),
  "the name of its index": ofBackup(() => ({ sourceIndexName: PineconeIndex.IndexName.make("other") }), "list"),
  "the frequency": ofSchedule(() => ({ frequency: "often" })),
  "the retention": ofSchedule(() => ({ retentionExpireAfterDays: null })),
  "whether it is enabled": ofSchedule(() => ({ enabled: null })),
  "when it runs next": ofSchedule(({ enabled }) => enabled === true ? { nextScheduledRun: null } : {}),
  "when it was created": ofSchedule(() => ({ createdAt: null })),
  "when it was created, in the future": ofSchedule(() => ({ createdAt: future })),
  "the index of a schedule": ofSchedule(() => ({ indexId: otherId })),
  "the id of an index": ofIndex({ id: null }),
  "its deletion protection": ofIndex({ deletionProtection: null }),
  "when a restore was completed": ofJob(({ status }) =>
    status === "Completed" ? { completedAt: null, createdAt: null } : {}
  ),
  "that it was, in the future": ofJob(({ status }) => status === "Completed" ? { completedAt: future } : {}),
  "when a restore began": ofJob(({ status }) => status === "Pending" ? { createdAt: null } : {}),
  "that it began, in the future": ofJob(({ status }) => status === "Pending" ? { createdAt: future } : {}),
  "the status of a restore": ofJob(({ status }) => status === "Completed" ? { status: "Unheard" } : {}),
  "the backup of a restore": ofJob(() => ({ backupId: Backup.BackupId.make("other") }))
}

const spoilers: Readonly<Record<string, (world: World, which: number) => BackupHealth.Facts>> = {
  ...Object.fromEntries(
    Object.entries(rowSpoilers).map(([what, spoil]) => [
      what,
      (world: World, which: number) => factsOf(spoil(world, which))
    ])
  ),
  "the backups": (world) => ({ ...factsOf(world), backups: Result.fail(failure) }),
  "the restores": (world) => ({ ...factsOf(world), restoreJobs: Result.fail(failure) }),
  "the schedules": ofIndexFacts(({ index }) => ({ index, schedules: Result.fail(failure) })),
  "the history": ofIndexFacts(({ index, schedules }) => ({
    index,
    schedules: Result.map(schedules, (all) => all.map(({ schedule }) => ({ schedule, runs: Result.fail(failure) })))
  })),
  "a backup, which is gone": (world, which) => {
    const isWorth = ({ recordCount, status }: Backup.Backup) => status === "Ready" && recordCount === 100
    const gone = world.backups[which % Math.max(1, world.backups.length)]
    // Removing a bad or overdue backup does not make anything worse. It frees quota, and removing the last backup of a
    // deleted index removes its findings.
    const isWorse = gone !== undefined && isWorth(gone) &&
      world.subjects.some(({ index }) => index.id === gone.sourceIndexId) && world.policy.backupQuota === undefined &&
      world.subjects.every(({ schedule }) => schedule.retentionExpireAfterDays === 400)
    return factsOf(isWorse ? { ...world, backups: world.backups.filter((backup) => backup !== gone) } : world)
  }
}

/** `critical` is the worst known status, and `unknown` is worse than any known status. */
const ranks: Readonly<Record<BackupHealth.Status, number>> = { ok: 0, warning: 1, critical: 2, unknown: 3 }

const said = (health: BackupHealth.BackupHealth) =>
  BackupHealth.findings(health).map(({ check, severity }) => `${check} ${severity}`).join(", ")

/** Asserts that neither the project nor any index looks better than before. */
const assertNoBetter = (world: World, spoiled: BackupHealth.Facts, what: string): void => {
  const options = { now, policy: world.policy }
  const before = HealthChecks.assess(factsOf(world), options)
  const after = HealthChecks.assess(spoiled, options)
  assert.isAtLeast(ranks[after.status], ranks[before.status], `${what}: ${said(before)} became ${said(after)}`)
  // Unreadable restores are a finding of the project.
  if (what === "the restores") return
  // A finding of one index must not hide a change of another.
  for (const { indexName, isDeleted, status } of before.indexes) {
    const again = after.indexes.find((index) => index.indexName === indexName && index.isDeleted === isDeleted)
    // Backups of a deleted index may have another name, or be unknown.
    if (isDeleted && again === undefined) continue
    assert.isAtLeast(
      again === undefined ? -1 : ranks[again.status],
      ranks[status],
      `${what}: ${indexName}: ${said(before)} became ${said(after)}`
    )
  }
}

describe("HealthChecks.assess with spoiled facts", () => {
  it.prop(
    "never improves the report",
    { world: worlds, what: element(...Object.keys(spoilers)), which: int(0, 40) },
    ({ what, which, world }) => assertNoBetter(world, spoilers[what]!(world, which), what),
    { arbitrary: { runs: Long.runs(5_000) }, timeout: 60_000 }
  )

  const names = Object.keys(rowSpoilers)

  it.prop(
    "never improves the report if several routes are spoiled",
    {
      world: worlds,
      several: Arbitrary.array(Arbitrary.all({ what: element(...names), which: int(0, 40) }), {
        minLength: 2,
        maxLength: 4
      })
    },
    ({ several, world }) => {
      const spoiled = several.reduce((world, { what, which }) => rowSpoilers[what]!(world, which), world)
      assertNoBetter(world, factsOf(spoiled), several.map(({ what, which }) => `${what} (${which})`).join(" and "))
    },
    { arbitrary: { runs: Long.runs(5_000) }, timeout: 60_000 }
  )

  it.prop(
    "is unknown without readable times, and never ok with all times in the future",
    { world: worlds, at: element(null, future, soon), where: element<Where>("both", "list", "history") },
    ({ at, where, world }) => {
      const spoiled = ofBackups({ createdAt: at }, where)(world)
      const health = HealthChecks.assess(factsOf(spoiled), { now, policy: world.policy })
      for (const { index, runs } of world.subjects) {
        const there = where === "history" ? [] : world.backups.filter((row) => row.sourceIndexId === index.id)
        if (there.length === 0 && (where === "list" || runs.length === 0)) continue
        const { findings, status } = health.indexes.find(({ indexName }) => indexName === index.name)!
        if (at === null) {
          assert.strictEqual(status, "unknown", said(health))
          // A name does not prove a time, so no certain finding depends on a name.
          assert.isFalse(
            where !== "list" && findings.some(({ check, severity }) => check === "missed" && severity !== "unknown"),
            said(health)
          )
        } else {
          assert.notStrictEqual(status, "ok", said(health))
          assert.isTrue(findings.some(({ check }) => check === "future-dated"), said(health))
        }
      }
    },
    { arbitrary: { runs: Long.runs(2_000) }, timeout: 60_000 }
  )
})
