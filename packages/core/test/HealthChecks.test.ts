import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import type * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

// ============================================================================
// Facts
// ============================================================================

const at = (text: string) => DateTime.makeUnsafe(text.length === 10 ? `${text}T06:00:00Z` : text)

/** A Saturday evening. */
const now = at("2026-11-21T20:00:00Z")

const indexId = PineconeIndex.IndexId.make("index-1")

const docs: PineconeIndex.PineconeIndex = {
  name: PineconeIndex.IndexName.make("docs"),
  id: indexId,
  deletionProtection: "enabled"
}

const backup = (id: string, time: string, more: Partial<Backup.Backup> = {}): Backup.Backup => ({
  backupId: Backup.BackupId.make(id),
  sourceIndexId: indexId,
  sourceIndexName: docs.name,
  status: "Ready",
  recordCount: 1_000,
  createdAt: at(time),
  ...more
})

const stamp = (time: string) => DateTime.formatIso(at(time)).replace(/[-:]|\.\d+/g, "")

/** A run of the schedule `nightly`. */
const run = (time: string, more: Partial<Backup.Backup> = {}): Backup.Backup =>
  backup(`run-${time}`, time, { name: `nightly-${stamp(time)}`, ...more })

const schedule = (more: Partial<BackupSchedule.BackupSchedule> = {}): BackupSchedule.BackupSchedule => ({
  scheduleId: BackupSchedule.ScheduleId.make("schedule-1"),
  name: "nightly",
  indexId,
  frequency: "daily",
  retentionExpireAfterDays: 30,
  enabled: true,
  nextScheduledRun: at("2026-11-22"),
  createdAt: at("2026-01-01"),
  ...more
})

const job = (completed: string, more: Partial<RestoreJob.RestoreJob> = {}): RestoreJob.RestoreJob => ({
  restoreJobId: RestoreJob.RestoreJobId.make("job-1"),
  backupId: Backup.BackupId.make("run-2026-11-21"),
  targetIndexName: PineconeIndex.IndexName.make("docs-restored"),
  targetIndexId: PineconeIndex.IndexId.make("index-2"),
  status: "Completed",
  createdAt: at(completed),
  completedAt: at(completed),
  ...more
})

/** Days of this November. */
const days = (first: number, last: number): ReadonlyArray<string> =>
  Array.from({ length: last - first + 1 }, (_, index) => `2026-11-${String(first + index).padStart(2, "0")}`)

const good = days(1, 21).map((day) => run(day))

interface World {
  readonly indexes?: ReadonlyArray<PineconeIndex.PineconeIndex>
  readonly schedules?: ReadonlyArray<BackupSchedule.BackupSchedule>
  /** The history of the first schedule. */
  readonly runs?: ReadonlyArray<BackupRun.BackupRun>
  /** Existing backups. Default: the backups of `runs`. */
  readonly backups?: ReadonlyArray<Backup.Backup>
  readonly jobs?: ReadonlyArray<RestoreJob.RestoreJob>
}

/** An index with a healthy daily schedule, except for the given differences. */
const facts = (world: World = {}): BackupHealth.Facts => {
  const { indexes = [docs], runs = good, schedules = [schedule()] } = world
  const backups = world.backups ?? runs.filter(({ status }) => status !== "Scheduled")
  const jobs = world.jobs ?? backups.slice(0, 1).map(({ backupId }) => job("2026-11-01", { backupId }))
  return {
    all: indexes,
    indexes: indexes.map((index) => ({
      index,
      schedules: Result.succeed(
        index.name === docs.name
          ? schedules.map((schedule, position) => ({ schedule, runs: Result.succeed(position === 0 ? runs : []) }))
          : []
      )
    })),
    backups: Result.succeed(backups),
    restoreJobs: Result.succeed(jobs)
  }
}

const assess = (world: World = {}, options: Partial<BackupHealth.AssessOptions> = {}) =>
  HealthChecks.assess(facts(world), { now, ...options })

type Expected = ReadonlyArray<readonly [HealthCheck.HealthCheck, HealthCheck.Severity, sentence: string]>

const untested = (time: string) =>
  `no completed restore of 1 index (docs) ${time}, among the restore jobs still listed; restore a backup into a new ` +
  "index, inspect the index, then delete it"

const found = (health: BackupHealth.BackupHealth): Expected =>
  BackupHealth.findings(health).map(({ check, sentence, severity }) => [check, severity, sentence])

/** Findings without their sentences. */
const verdicts = (health: BackupHealth.BackupHealth): ReadonlyArray<string> =>
  BackupHealth.findings(health).map(({ check, severity }) => `${check} ${severity}`)

const remedies = (health: BackupHealth.BackupHealth) => BackupHealth.findings(health).map(({ remedy }) => remedy)

const failure = new PineconeError.ConnectionFailed({
  operation: "BackupSchedules.history",
  message: "connection refused",
  attempts: 4
})

describe("IndexHealth.stored", () => {
  const stored = (world: World, change: (facts: BackupHealth.Facts) => Partial<BackupHealth.Facts> = () => ({})) => {
    const given = facts(world)
    return HealthChecks.assess({ ...given, ...change(given) }, { now }).indexes.map((
      { indexName, schedules, stored }
    ) => [String(indexName), stored, schedules.map(({ stored }) => stored)] as const)
  }
  const runs = days(20, 21).map((day) => run(day, { sizeBytes: 100 }))

  it("adds up the sizes of all backups of the index, and of those of each schedule", () => {
    const manual = backup("manual", "2026-11-19", { name: "manual", sizeBytes: 7 })
    assert.deepStrictEqual(stored({ runs, backups: [...runs, manual] }), [[
      "docs",
      { backups: 3, bytes: 207, unknownSizes: 0 },
      [{ backups: 2, bytes: 200, unknownSizes: 0 }]
    ]])
  })

  it.each([
    ["missing", {}],
    ["null", { sizeBytes: null }],
    ["negative", { sizeBytes: -1 }],
    ["of a running backup", { status: "Initializing" }]
  ])("counts a size as unknown if it is %s", (_, more) => {
    const last = run("2026-11-19", more)
    assert.deepStrictEqual(stored({ runs: [last, ...runs] }), [[
      "docs",
      { backups: 3, bytes: 200, unknownSizes: 1 },
      [{ backups: 3, bytes: 200, unknownSizes: 1 }]
    ]])
  })

  it("counts a failed backup only if it has a size", () => {
    const failed = [null, 5].map((sizeBytes, index) =>
      backup(`failed-${index}`, "2026-11-19", { status: "Failed", sizeBytes })
    )
    assert.deepStrictEqual(stored({ runs, backups: [...runs, ...failed] })[0]?.[1], {
      backups: 3,
      bytes: 205,
      unknownSizes: 0
    })
  })

  it("is null if the backups could not be read, and for a schedule without a readable history", () => {
    assert.deepStrictEqual(stored({ runs }, () => ({ backups: Result.fail(failure) })), [["docs", null, [null]]])
    const withoutHistory = ({ indexes }: BackupHealth.Facts) => ({
      indexes: indexes.map((index) => ({
        ...index,
        schedules: Result.map(
          index.schedules,
          (schedules) => schedules.map((schedule) => ({ ...schedule, runs: Result.fail(failure) }))
        )
      }))
    })
    assert.deepStrictEqual(stored({ runs }, withoutHistory), [[
      "docs",
      { backups: 2, bytes: 200, unknownSizes: 0 },
      [null]
    ]])
  })

  it("adds up the backups of a deleted index, whose finding has no total if a size is unknown", () => {
    const orphans = [10, null].map((sizeBytes, index) =>
      backup(`orphan-${index}`, "2026-01-01", {
        sourceIndexId: PineconeIndex.IndexId.make("gone"),
        sourceIndexName: PineconeIndex.IndexName.make("old"),
        sizeBytes
      })
    )
    const world = { runs, backups: [...runs, ...orphans] }
    assert.deepStrictEqual(stored(world)[0], ["old", {
      backups: 2,
      bytes: 10,
      unknownSizes: 1
    }, []])
    const valuesOf = (world: World) =>
      BackupHealth.findings(assess(world)).find(({ check }) => check === "orphan")?.evidence.values
    assert.deepStrictEqual(valuesOf(world), { backups: 2 })
    assert.deepStrictEqual(valuesOf({ runs, backups: [...runs, ...orphans.slice(0, 1)] }), { backups: 1, bytes: 10 })
  })
})

describe("HealthChecks.assess", () => {
  it("reports nothing for a healthy index", () => {
    const health = assess()
    assert.deepStrictEqual(found(health), [])
    assert.strictEqual(health.status, "ok")
    const [index] = health.indexes
    assert.strictEqual(index?.copies, 21)
    assert.strictEqual(index?.ageSeconds, (14 * 60 + 15) * 60)
    assert.deepStrictEqual(health.quota, { used: 21, limit: 500 })
  })

  type Row = [what: string, world: World, options: Partial<BackupHealth.AssessOptions>, expected: Expected]

  /** An index with a status, without schedules and backups. */
  const alone = (status: NonNullable<PineconeIndex.PineconeIndex["status"]>): World => ({
    indexes: [{ ...docs, status }],
    schedules: [],
    runs: []
  })

  it.each<Row>([
    ["an index without a schedule and without a backup", { schedules: [], runs: [] }, {}, [
      ["unprotected", "critical", "no backup schedule and no usable backup"]
    ]],
    ["an index without a schedule", { schedules: [], runs: [backup("b", "2026-11-20")], jobs: [] }, {}, [
      ["untested", "notice", untested("in the last 90d")],
      [
        "unprotected",
        "warning",
        "no backup schedule; 1 usable backup, manual or from a deleted schedule"
      ]
    ]],
    ["an index that is not ready yet", alone({ ready: false, state: "Initializing" }), {}, [
      ["unprotected", "warning", "no backup schedule and no usable backup yet; the index is not ready (Initializing)"]
    ]],
    [
      "an index that is being restored",
      {
        ...alone({ ready: false, state: "Initializing" }),
        jobs: [job("2026-11-21T19:00:00Z", { status: "Pending", targetIndexName: docs.name })]
      },
      {},
      [
        ["unprotected", "warning", "no backup schedule and no usable backup yet; the index is being restored"]
      ]
    ],
    ["an index in an unknown state", alone({ ready: false, state: "Rescaling" }), {}, [
      ["unprotected", "critical", "no backup schedule and no usable backup"]
    ]],
    [
      "an index that is not ready, with a backup",
      {
        ...alone({ ready: false, state: "Initializing" }),
        runs: [backup("b", "2026-11-20")],
        jobs: []
      },
      { skip: ["untested"] },
      [
        ["unprotected", "warning", "no backup schedule; 1 usable backup, manual or from a deleted schedule"]
      ]
    ],
    ["no stale backup 1 minute before the limit", { runs: days(1, 20).map((day) => run(day)) }, {
      now: at("2026-11-21T07:44:00Z"),
      skip: ["missed"]
    }, []],
    ["a stale backup 1 minute after the limit", { runs: days(1, 20).map((day) => run(day)) }, {
      now: at("2026-11-21T07:46:00Z"),
      skip: ["missed"]
    }, [["stale", "critical", "newest usable backup is 26h old; a daily schedule allows 26h"]]],
    [
      "no stale backup while a backup is running",
      {
        runs: [...days(1, 20).map((day) => run(day)), run("2026-11-21", { status: "Initializing" })]
      },
      { now: at("2026-11-21T11:59:00Z") },
      []
    ],
    [
      "a stale backup when a backup has been running for too long",
      {
        runs: [...days(1, 20).map((day) => run(day)), run("2026-11-21", { status: "Initializing" })]
      },
      { now: at("2026-11-21T12:01:00Z") },
      [
        ["stale", "critical", "newest usable backup is 30h old; a daily schedule allows 26h"],
        ["stuck", "warning", "a backup has been running for 6h (Initializing, backup run-2026-11-21)"]
      ]
    ],
    ["a backup older than the RPO of the policy", {}, {
      skip: ["rpo-unreachable"],
      policy: { rules: [{ index: "d*", rpo: Duration.hours(14) }] }
    }, [
      ["stale", "critical", "newest usable backup is 14h old; the policy allows 14h"]
    ]],
    ["no stale backup within the RPO of the policy", { runs: days(1, 20).map((day) => run(day)) }, {
      policy: { defaults: { rpo: Duration.hours(48) } },
      skip: ["missed"]
    }, []],
    [
      "nothing for a weekly schedule that is on time",
      {
        schedules: [schedule({ frequency: "weekly", nextScheduledRun: at("2026-11-21") })],
        runs: [run("2026-11-07"), run("2026-11-14")]
      },
      { now: at("2026-11-21T11:44:00Z"), skip: ["lagging", "missed"] },
      []
    ],
    [
      "a late weekly schedule",
      {
        schedules: [schedule({ frequency: "weekly", nextScheduledRun: at("2026-11-21") })],
        runs: [run("2026-11-07"), run("2026-11-14")]
      },
      { now: at("2026-11-21T12:01:00Z") },
      [
        ["stale", "critical", "newest usable backup is 7d6h old; a weekly schedule allows 7d6h"],
        ["missed", "critical", "the run due at 2026-11-21 06:00 UTC did not happen"],
        ["lagging", "warning", "the service still reports 2026-11-21 06:00 UTC (6h ago) as the next run of nightly"]
      ]
    ],
    [
      "nothing for a monthly schedule between the ends of February and March",
      {
        schedules: [
          schedule({ frequency: "monthly", nextScheduledRun: at("2026-03-31"), retentionExpireAfterDays: 90 })
        ],
        runs: [run("2026-01-31"), run("2026-02-28")],
        jobs: [job("2026-02-28")]
      },
      { now: at("2026-03-31T05:00:00Z"), skip: ["untested"] },
      []
    ],
    [
      "nothing for a new schedule before its first run",
      {
        schedules: [schedule({ createdAt: at("2026-11-21T12:00:00Z") })],
        runs: []
      },
      { skip: ["no-copy-yet"] },
      []
    ],
    [
      "an index without a usable backup before the first run",
      {
        schedules: [schedule({ createdAt: at("2026-11-21T12:00:00Z") })],
        runs: []
      },
      {},
      [["no-copy-yet", "warning", "no usable backup yet; the first run is due at 2026-11-22 06:00 UTC"]]
    ],
    [
      "an index without a usable backup or an enabled schedule",
      {
        schedules: [schedule({ createdAt: at("2026-11-21T12:00:00Z"), enabled: false, nextScheduledRun: null })],
        runs: []
      },
      {},
      [["paused", "critical", "nightly is paused; it was created 8h ago; no usable backup"]]
    ],
    [
      "an index whose first backup is running",
      {
        schedules: [schedule({ createdAt: at("2026-11-20T12:00:00Z") })],
        runs: [run("2026-11-21T19:00:00Z", { status: "Initializing" })]
      },
      {},
      [["no-copy-yet", "warning", "no usable backup yet; the first backup is running"]]
    ],
    ["an RPO that the schedule cannot meet", { runs: [...good, run("2026-11-21T19:00:00Z")] }, {
      only: ["rpo-unreachable"],
      policy: { defaults: { rpo: Duration.hours(24) } }
    }, [[
      "rpo-unreachable",
      "warning",
      "nightly runs every 24h, so it cannot meet the policy's RPO of 24h; the shortest RPO that a schedule can meet is 24h15m"
    ]]],
    ["no RPO that the schedule can just meet", {}, {
      only: ["rpo-unreachable"],
      policy: { defaults: { rpo: Duration.minutes(24 * 60 + 15) } }
    }, []],
    ["one backup that was deleted early", { backups: good.filter(({ backupId }) => backupId !== "run-2026-11-07") }, {
      only: ["gone-early"]
    }, [[
      "gone-early",
      "notice",
      "1 of 21 usable backups of nightly was deleted before its 30-day retention expired, the newest from 2026-11-07 06:00 UTC"
    ]]],
    [
      "a new schedule that missed its first run",
      {
        schedules: [schedule({ createdAt: at("2026-11-20T12:00:00Z") })],
        runs: []
      },
      {},
      [["never-ran", "critical", "nightly has not run since it was created 32h ago"]]
    ],
    ["a failed run", { runs: [...days(1, 20).map((day) => run(day)), run("2026-11-21", { status: "Failed" })] }, {
      skip: ["stale"]
    }, [["failed", "critical", "the run of 2026-11-21 06:00 UTC failed (Failed, backup run-2026-11-21)"]]],
    [
      "a failed run before a successful run",
      {
        runs: [
          ...days(1, 19).map((day) => run(day)),
          run("2026-11-20", { status: "InitializationFailed" }),
          run("2026-11-21")
        ]
      },
      {},
      [[
        "failed",
        "warning",
        "the run of 2026-11-20 06:00 UTC failed (InitializationFailed, backup run-2026-11-20); a later run succeeded"
      ]]
    ],
    [
      "no run that failed before `since`",
      {
        runs: [run("2026-11-13", { status: "Failed" }), ...days(14, 21).map((day) => run(day))]
      },
      {},
      []
    ],
    [
      "an old failed run if `since` includes it",
      {
        runs: [run("2026-11-13", { status: "Failed" }), ...days(14, 21).map((day) => run(day))]
      },
      { since: "30 days" },
      [[
        "failed",
        "warning",
        "the run of 2026-11-13 06:00 UTC failed (Failed, backup run-2026-11-13); a later run succeeded"
      ]]
    ],
    [
      "many failed runs since the last success",
      {
        runs: days(1, 21).map((day) => run(day, day < "2026-11-03" ? {} : { status: "Failed" }))
      },
      { skip: ["stale", "last-copy-expiring"] },
      [[
        "failed",
        "critical",
        "19 runs failed, most recently the run of 2026-11-21 06:00 UTC (Failed, backup run-2026-11-21)"
      ]]
    ],
    [
      "a failed manual backup",
      {
        backups: [...good, backup("manual", "2026-11-21T15:00:00Z", { status: "Failed" })]
      },
      {},
      [["failed", "warning", "the manual backup of 2026-11-21 15:00 UTC failed (Failed, backup manual)"]]
    ],
    [
      "a missed run",
      {
        runs: good.filter(({ backupId }) => backupId !== "run-2026-11-18")
      },
      {},
      [["missed", "warning", "the run due at 2026-11-18 06:00 UTC did not happen"]]
    ],
    ["several missed runs", { runs: days(1, 18).map((day) => run(day)) }, { skip: ["stale"] }, [
      ["missed", "critical", "3 runs did not happen, most recently the run due at 2026-11-21 06:00 UTC"]
    ]],
    [
      "a planned run that did not start",
      {
        runs: [
          ...days(1, 20).map((day) => run(day)),
          run("2026-11-21", { status: "Scheduled" })
        ]
      },
      { skip: ["stale"] },
      [["missed", "critical", "the run due at 2026-11-21 06:00 UTC did not happen"]]
    ],
    [
      "a restore that has been running for too long",
      {
        jobs: [
          job("2026-11-01"),
          job("2026-11-21T10:00:00Z", { status: "Pending", completedAt: null, targetIndexName: docs.name })
        ]
      },
      {},
      [["stuck", "warning", "a restore into this index has been running for 10h (Pending, restore job job-1)"]]
    ],
    [
      "a backup without records",
      {
        runs: [...days(1, 20).map((day) => run(day)), run("2026-11-21", { recordCount: 0 })]
      },
      { skip: ["stale"] },
      [[
        "empty",
        "critical",
        "newest backup (run-2026-11-21) has no records; an earlier backup had 1,000"
      ]]
    ],
    ["an index that never had records", { runs: good.map((backup) => ({ ...backup, recordCount: 0 })) }, {}, [
      ["empty", "warning", "newest backup (run-2026-11-21) has no records"]
    ]],
    [
      "a backup that is too small",
      {
        runs: [...days(1, 20).map((day) => run(day)), run("2026-11-21", { recordCount: 499 })]
      },
      {},
      [[
        "shrink",
        "warning",
        "newest backup (run-2026-11-21) has 499 records; the median of the previous 10 is 1,000"
      ]]
    ],
    [
      "no backup at the size limit",
      {
        runs: [...days(1, 20).map((day) => run(day)), run("2026-11-21", { recordCount: 500 })]
      },
      {},
      []
    ],
    [
      "a backup smaller than the policy allows",
      {
        runs: [...days(1, 20).map((day) => run(day)), run("2026-11-21", { recordCount: 899 })]
      },
      { policy: { defaults: { maxShrink: 0.1 } } },
      [[
        "shrink",
        "warning",
        "newest backup (run-2026-11-21) has 899 records; the median of the previous 10 is 1,000"
      ]]
    ],
    [
      "a small size in bytes when record counts are unknown",
      {
        runs: good.map((backup) => ({ ...backup, recordCount: null, sizeBytes: backup === good.at(-1) ? 10 : 6_000 }))
      },
      { only: ["shrink"] },
      [
        ["unreadable", "unknown", "the record count of 21 backups is unknown (run-2026-11-01)"],
        [
          "shrink",
          "warning",
          "newest backup (run-2026-11-21) has 10 bytes; the median of the previous 10 is 6,000"
        ]
      ]
    ],
    [
      "an unknown record count",
      {
        runs: [...days(1, 20).map((day) => run(day)), run("2026-11-21", { recordCount: null })]
      },
      {},
      [
        ["unreadable", "unknown", "the record count of 1 backup is unknown (run-2026-11-21)"],
        [
          "stale",
          "unknown",
          "newest usable backup is 38h old; a daily schedule allows 26h; a backup with an unknown time or record " +
          "count may be newer"
        ],
        [
          "shrink",
          "unknown",
          "it is unknown whether the newest backup (run-2026-11-21) has fewer records than the backups before it"
        ]
      ]
    ],
    [
      "a backup with far fewer namespaces",
      {
        runs: days(1, 21).map((day) => run(day, { namespaceCount: day === "2026-11-21" ? 3 : 200 }))
      },
      {},
      [[
        "shrink",
        "warning",
        "newest backup (run-2026-11-21) has 3 namespaces; the median of the previous 10 is 200"
      ]]
    ],
    [
      "a newest backup without a time",
      {
        backups: [...good.slice(0, -1), { ...backup("run-2026-11-21", "2026-11-21"), name: null, createdAt: null }],
        runs: good.slice(0, -1)
      },
      { skip: ["missed"] },
      [
        ["unreadable", "unknown", "the time of 1 backup is unknown (run-2026-11-21)"],
        [
          "stale",
          "unknown",
          "newest usable backup is 38h old; a daily schedule allows 26h; a backup with an unknown time or record " +
          "count may be newer"
        ]
      ]
    ],
    [
      "a backup dated in the future, and that the newest usable backup is too old",
      {
        runs: days(1, 12).map((day) => run(day)),
        backups: [...days(1, 12).map((day) => run(day)), backup("manual", "2026-12-21")]
      },
      { only: ["stale", "future-dated"] },
      [
        ["stale", "critical", "newest usable backup is 9d14h old; a daily schedule allows 26h"],
        ["future-dated", "warning", "a backup is dated in the future: 2026-12-21 06:00 UTC (manual)"]
      ]
    ],
    [
      "a backup dated in the future without a record count, because it may be the newest, and empty",
      {
        runs: days(1, 21).map((day) => run(day)),
        backups: [
          ...days(1, 21).map((day) => run(day)),
          { ...backup("manual", "2026-12-21"), recordCount: null }
        ]
      },
      { only: ["unreadable", "future-dated"] },
      [
        ["unreadable", "unknown", "the record count of 1 backup is unknown (manual)"],
        ["future-dated", "warning", "a backup is dated in the future: 2026-12-21 06:00 UTC (manual)"]
      ]
    ],
    [
      "a stale backup despite a recent time stamp in a manual name",
      {
        runs: days(1, 12).map((day) => run(day)),
        backups: [
          ...days(1, 12).map((day) => run(day)),
          backup("manual", "2026-11-02", { name: `nightly-${stamp("2026-11-21")}` })
        ]
      },
      { only: ["stale"] },
      [["stale", "critical", "newest usable backup is 9d14h old; a daily schedule allows 26h"]]
    ],
    ["an unknown status", {
      runs: days(1, 21).map((day) => run(day, day < "2026-11-21" ? {} : { status: "Verified" }))
    }, {
      only: []
    }, [["unreadable", "unknown", "1 backup has the unknown status Verified (run-2026-11-21)"]]],
    [
      "missing fields of a schedule",
      {
        schedules: [
          schedule({ enabled: null, nextScheduledRun: null, createdAt: null, retentionExpireAfterDays: null })
        ]
      },
      { only: [] },
      [
        ["unreadable", "unknown", "it is unknown whether nightly is enabled"],
        ["unreadable", "unknown", "the creation time of nightly is unknown"],
        ["unreadable", "unknown", "the retention of nightly is unknown"],
        ["unreadable", "unknown", "the next run of nightly is unknown"]
      ]
    ],
    [
      "nothing for an unknown frequency if the runs show the interval",
      { schedules: [schedule({ frequency: "1/d" })] },
      {},
      []
    ],
    [
      "a stale backup by past runs if the frequency is unknown",
      {
        schedules: [schedule({ frequency: "1/d" })],
        runs: days(1, 20).map((day) => run(day))
      },
      {},
      [
        ["stale", "critical", "newest usable backup is 38h old; its schedule, judging by past runs, allows 26h"],
        ["missed", "critical", "the run due at 2026-11-21 06:00 UTC did not happen"]
      ]
    ],
    [
      "an unknown interval between runs",
      {
        schedules: [schedule({ frequency: "often" })],
        runs: [run("2026-11-20"), run("2026-11-21")]
      },
      {},
      [["unreadable", "unknown", "the interval between runs of nightly is unknown (frequency often)"]]
    ],
    [
      "a next run that does not fit the past runs of an unknown frequency",
      {
        schedules: [schedule({ frequency: "often", nextScheduledRun: at("2026-12-21") })]
      },
      {},
      [["unreadable", "unknown", "the interval between runs of nightly is unknown (frequency often)"]]
    ],
    [
      "no size without enough earlier backups",
      {
        runs: [run("2026-11-19"), run("2026-11-20"), run("2026-11-21", { recordCount: 1 })]
      },
      {},
      []
    ],
    [
      "a retention shorter than the interval between runs",
      {
        schedules: [
          schedule({ frequency: "weekly", retentionExpireAfterDays: 5, nextScheduledRun: at("2026-11-27") })
        ],
        runs: [run("2026-11-20")]
      },
      {},
      [[
        "retention-gap",
        "warning",
        "weekly backups are kept for 5 days; no usable backup on 2 days of every 7"
      ]]
    ],
    [
      "a retention gap today",
      {
        schedules: [
          schedule({ frequency: "weekly", retentionExpireAfterDays: 5, nextScheduledRun: at("2026-11-22") })
        ],
        runs: []
      },
      {},
      [[
        "retention-gap",
        "critical",
        "weekly backups are kept for 5 days; no usable backup on 2 days of every 7, including today"
      ]]
    ],
    [
      "a last usable backup that expires in 12 days",
      {
        schedules: [schedule({ enabled: false, nextScheduledRun: null })],
        runs: days(1, 4).map((day) => run(day))
      },
      { skip: ["paused"] },
      [[
        "last-copy-expiring",
        "warning",
        "last usable backup expires in 12d10h, at 2026-12-04 06:00 UTC"
      ]]
    ],
    [
      "a last usable backup that expires in 34 hours",
      {
        schedules: [schedule({ retentionExpireAfterDays: 7 })],
        runs: days(10, 21).map((day) => run(day, day < "2026-11-17" ? {} : { status: "Failed" }))
      },
      { skip: ["stale", "failed", "overdue"] },
      [[
        "last-copy-expiring",
        "critical",
        "last usable backup expires in 34h, at 2026-11-23 06:00 UTC"
      ]]
    ],
    [
      "a last usable backup that has expired",
      {
        schedules: [schedule({ enabled: false, nextScheduledRun: null, retentionExpireAfterDays: 1 })],
        runs: days(19, 20).map((day) => run(day))
      },
      { skip: ["paused", "overdue"] },
      [[
        "last-copy-expiring",
        "critical",
        "last usable backup expired at 2026-11-21 06:00 UTC and may be deleted at any time"
      ]]
    ],
    [
      "no expiry if a manual backup remains",
      {
        schedules: [schedule({ enabled: false, nextScheduledRun: null })],
        runs: days(1, 4).map((day) => run(day)),
        backups: [...days(1, 4).map((day) => run(day)), backup("manual", "2026-10-01")]
      },
      { skip: ["paused"] },
      []
    ],
    ["fewer copies than the policy requires", { runs: [run("2026-11-20"), run("2026-11-21")] }, {
      policy: { defaults: { minCopies: 3 } }
    }, [["copies", "warning", "2 usable backups; the policy requires 3"]]],
    [
      "a frequency and a retention below the policy",
      {
        schedules: [schedule({ frequency: "weekly", nextScheduledRun: at("2026-11-27") })],
        runs: [run("2026-11-20")]
      },
      { policy: { defaults: { minFrequency: "daily", minRetentionDays: 31 } } },
      [
        ["frequency", "warning", "nightly runs weekly; the policy requires daily"],
        ["retention", "warning", "nightly keeps backups for 30 days; the policy requires 31"]
      ]
    ],
    [
      "no pause before a run was due",
      {
        schedules: [schedule({ enabled: false, nextScheduledRun: null })]
      },
      {},
      []
    ],
    [
      "a pause after a run was due",
      {
        schedules: [schedule({ enabled: false, nextScheduledRun: null })],
        runs: days(1, 19).map((day) => run(day))
      },
      {},
      [[
        "paused",
        "warning",
        "nightly is paused; its latest run was 2d14h ago; the last usable backup expires in 27d"
      ]]
    ],
    [
      "a pause after runs that failed",
      {
        schedules: [schedule({ enabled: false, nextScheduledRun: null })],
        runs: [
          ...days(1, 19).map((day) => run(day)),
          run("2026-11-20", { status: "Failed" }),
          run("2026-11-21", { status: "Failed" })
        ]
      },
      { only: ["paused"] },
      [[
        "paused",
        "warning",
        "nightly is paused; its latest run was 14h ago; newest usable backup is 2d14h old; the last usable backup expires in 27d"
      ]]
    ],
    [
      "a pause of an index without a usable backup",
      {
        schedules: [schedule({ enabled: false, nextScheduledRun: at("2026-11-22") })],
        runs: []
      },
      {},
      [["paused", "critical", "nightly is paused; it was created 324d ago; no usable backup"]]
    ],
    [
      "no paused schedule if another schedule is enabled",
      {
        schedules: [
          schedule(),
          schedule({ scheduleId: BackupSchedule.ScheduleId.make("old"), name: "old", enabled: false })
        ]
      },
      {},
      []
    ],
    ["a next run in the past", { schedules: [schedule({ nextScheduledRun: at("2026-11-21T18:00:00Z") })] }, {}, [[
      "lagging",
      "warning",
      "the service still reports 2026-11-21 18:00 UTC (2h ago) as the next run of nightly"
    ]]],
    [
      "backups past their retention",
      {
        schedules: [schedule({ retentionExpireAfterDays: 7 })],
        runs: days(10, 21).map((day) => run(day))
      },
      {},
      [[
        "overdue",
        "warning",
        "4 backups of nightly are past their 7-day retention, the first by 4d14h"
      ]]
    ],
    [
      "no old runs whose backups have expired",
      {
        schedules: [schedule({ retentionExpireAfterDays: 7 })],
        runs: good,
        backups: days(15, 21).map((day) => run(day))
      },
      {},
      []
    ],
    ["a schedule name that is too long", { schedules: [schedule({ name: "x".repeat(29) })] }, {}, [[
      "name-too-long",
      "warning",
      `the name of ${
        "x".repeat(29)
      } is 29 bytes long, so its backup names have 46; the API limit for names you choose is 45`
    ]]],
    ...([
      ["disabled", "deletion protection is disabled"],
      [null, "the service does not report deletion protection"],
      [undefined, "the service does not report deletion protection"],
      ["Enabled", "deletion protection is Enabled, not enabled"],
      ["", "deletion protection is , not enabled"]
    ] as const).flatMap(([deletionProtection, sentence]): ReadonlyArray<Row> => {
      const { deletionProtection: _, ...unprotected } = docs
      const indexes = [deletionProtection === undefined ? unprotected : { ...docs, deletionProtection }]
      return ([[undefined, "notice"], [false, "notice"], [true, "warning"]] as const).map((
        [requireDeletionProtection, severity]
      ) => [
        `deletion protection ${deletionProtection} if the policy has requireDeletionProtection ${requireDeletionProtection}`,
        { indexes },
        { policy: { defaults: requireDeletionProtection === undefined ? {} : { requireDeletionProtection } } },
        [["no-deletion-protection", severity, sentence]]
      ])
    }),
    ["an index without a recent restore", { jobs: [job("2026-08-01")] }, {}, [
      ["untested", "notice", untested("in the last 90d")]
    ]],
    ["an index without a restore in the time that the policy requires", { jobs: [job("2026-11-01")] }, {
      policy: { defaults: { restoreTestedWithin: Duration.days(7) } }
    }, [["untested", "warning", untested("within the time that the policy requires")]]],
    ["no missing restore if the policy does not require restores", { jobs: [] }, {
      policy: { defaults: { restoreTestedWithin: Duration.infinity } }
    }, []],
    [
      "backups of a deleted index",
      {
        backups: [
          ...good,
          backup("b", "2026-11-01", {
            sourceIndexId: PineconeIndex.IndexId.make("gone"),
            sourceIndexName: PineconeIndex.IndexName.make("wiki"),
            sourceIndexDeletedAt: at("2026-11-18T20:00:00Z")
          })
        ]
      },
      {},
      [["orphan", "notice", "the index was deleted 3d ago; 1 usable backup remains"]]
    ],
    [
      "backups of a deleted index whose name is in use again",
      {
        backups: [...good, backup("b", "2026-10-01", { sourceIndexId: PineconeIndex.IndexId.make("before") })]
      },
      {},
      [["orphan", "notice", "the index was deleted; 1 usable backup remains"]]
    ],
    ["a rule for an index that does not exist", {}, {
      policy: { rules: [{ index: "dcos", minCopies: 1 }, { index: "none-*" }] }
    }, [["absent", "warning", "the policy has a rule for \"dcos\", but no such index exists"]]],
    ["a quota that is used up", {}, { policy: { backupQuota: 21 } }, [
      ["quota", "critical", "21 of 21 backups used; no more backups can be created"]
    ]],
    ["a quota that will soon be used up", {}, { policy: { backupQuota: 29 } }, [
      ["quota", "warning", "21 of 29 backups used; the quota is reached on 2026-11-29 at the current rate"]
    ]],
    ["no quota with more than 30 days left", {}, { policy: { backupQuota: 31 } }, []]
  ])("reports %s", (_, world, options, expected) => {
    assert.deepStrictEqual(found(assess(world, options)), expected)
  })

  it.each<[what: string, left: ReadonlyArray<string>, severity: string | undefined]>([
    ["none deleted", days(1, 21), undefined],
    ["two deleted", [...days(1, 10), ...days(13, 21)], "notice"],
    ["three deleted", [...days(1, 10), ...days(14, 21)], "warning"],
    ["most deleted", [...days(1, 2), ...days(16, 21)], "critical"],
    ["all but the newest deleted", days(21, 21), "critical"],
    ["all deleted", [], "critical"],
    ["the oldest deleted, as after raising the retention", days(15, 21), "warning"]
  ])("rates early deletions: %s", (_, left, severity) => {
    const backups = left.map((day) => run(day))
    const [finding] = BackupHealth.findings(assess({ backups }, { only: ["gone-early"] }))
    assert.strictEqual(finding?.severity, severity)
    assert.lengthOf(finding?.evidence.backupIds ?? [], 21 - left.length)
  })

  it.each<[keep: number, expected: ReadonlyArray<string>]>([[7, []], [60, ["quota warning"]]])(
    "subtracts backups that expire before the quota is full: kept for %s days",
    (keep, expected) => {
      const runs = days(15, 21).map((day) => run(day))
      const world = { schedules: [schedule({ retentionExpireAfterDays: keep })], runs }
      const health = assess(world, { only: ["quota"], policy: { backupQuota: 20 } })
      assert.deepStrictEqual(verdicts(health), expected)
    }
  )

  it.each<[first: number, expected: ReadonlyArray<string>]>([[4, ["quota warning"]], [5, []]])(
    "warns from 90% of the quota: since day %s",
    (first, expected) => {
      const runs = days(first, 21).map((day) => run(day))
      const world = { schedules: [schedule({ retentionExpireAfterDays: runs.length })], runs }
      const health = assess(world, { only: ["quota"], policy: { backupQuota: 20 } })
      assert.deepStrictEqual(verdicts(health), expected)
    }
  )

  it("ignores an unknown record count of a backup older than a good backup", () => {
    const runs = days(1, 21).map((day) => run(day, day === "2026-11-02" ? { recordCount: null } : {}))
    assert.deepStrictEqual(found(assess({ runs }, { only: ["stale"] })), [])
  })

  it("does not report an empty, failed or expired backup as deleted early", () => {
    const world = (more: Partial<Backup.Backup>) => [run("2026-11-20", more), run("2026-11-21")]
    for (const more of [{ recordCount: 0 }, { status: "Failed" }, { status: "Initializing" }]) {
      const health = assess({ runs: world(more), backups: [run("2026-11-21")] }, { only: ["gone-early"] })
      assert.deepStrictEqual(found(health), [])
    }
    const due = assess({
      schedules: [schedule({ retentionExpireAfterDays: 1 })],
      runs: world({}),
      backups: [run("2026-11-21")]
    }, { only: ["gone-early"] })
    assert.deepStrictEqual(found(due), [])
  })

  it("does not give an index without an ID the backups without one", () => {
    const blank = run("2026-11-20", {
      sourceIndexId: PineconeIndex.IndexId.make(""),
      sourceIndexName: PineconeIndex.IndexName.make("wiki"),
      backupId: Backup.BackupId.make("blank")
    })
    const shown = { name: PineconeIndex.IndexName.make("other"), id: PineconeIndex.IndexId.make("") }
    const ofOther = (backups: ReadonlyArray<Backup.Backup>) =>
      assess({ indexes: [docs, shown], backups: [...good, ...backups] }).indexes
        .find(({ indexName, isDeleted }) => indexName === shown.name && !isDeleted)?.copies
    assert.deepStrictEqual([ofOther([]), ofOther([blank])], [0, 0])
  })

  it("proposes to recover a deleted index, unless its name is in use", () => {
    const gone = (day: string, more: Partial<Backup.Backup> = {}) =>
      run(day, {
        sourceIndexId: PineconeIndex.IndexId.make("gone"),
        sourceIndexName: PineconeIndex.IndexName.make("wiki"),
        backupId: Backup.BackupId.make(`wiki-${day}`),
        ...more
      })
    const verdict = (backups: ReadonlyArray<Backup.Backup>, indexes = [docs]) => {
      const health = assess({ indexes, backups: [...good, ...backups] }, {
        skip: ["unprotected", "no-deletion-protection"]
      })
      return BackupHealth.findings(health).map(({ check, remedy, severity }) => [
        check,
        severity,
        remedy?._tag === "RecoverIndex" ? [remedy._tag, remedy.indexName] : remedy?._tag
      ])
    }
    const copies = days(10, 20).map((day) => gone(day))
    assert.deepStrictEqual<unknown>(verdict(copies), [["index-gone", "warning", ["RecoverIndex", "wiki"]]])
    // A recovery chooses an earlier backup by itself, if there is one.
    for (const recordCount of [0, 1]) {
      assert.deepStrictEqual<unknown>(verdict([...copies.slice(0, -1), gone("2026-11-20", { recordCount })]), [
        ["index-gone", "warning", ["RecoverIndex", "wiki"]]
      ])
    }
    const wiki = { name: PineconeIndex.IndexName.make("wiki"), id: PineconeIndex.IndexId.make("new") }
    assert.deepStrictEqual<unknown>(verdict(copies, [docs, wiki]), [["orphan", "notice", "InspectIndexBackups"]])
    // Manual or old backups.
    assert.deepStrictEqual<unknown>(verdict([gone("2026-11-20", { name: "manual" })]), [
      ["orphan", "notice", "InspectRecovery"]
    ])
    assert.deepStrictEqual<unknown>(verdict([gone("2026-10-01")]), [["orphan", "notice", "InspectRecovery"]])
    assert.deepStrictEqual<unknown>(verdict([gone("2026-10-01", { recordCount: 0 })]), [
      ["orphan", "notice", "InspectIndexBackups"]
    ])
    assert.deepStrictEqual<unknown>(verdict([gone("2026-11-20", { createdAt: null, name: null })])[0]?.slice(0, 2), [
      "unreadable",
      "unknown"
    ])
  })

  it("does not report an empty backup as shrunk", () => {
    const runs = [...days(1, 20).map((day) => run(day)), run("2026-11-21", { recordCount: 0, sizeBytes: 0 })]
    assert.deepStrictEqual(verdicts(assess({ runs })), ["stale critical", "empty critical"])
  })

  it.each<[what: string, earlier: Partial<Backup.Backup>, expected: ReadonlyArray<string>]>([
    ["empty", { recordCount: 0 }, ["empty warning"]],
    ["failed", { status: "Failed" }, ["failed warning", "empty warning"]],
    ["without a count", { recordCount: null }, ["empty critical", "unreadable unknown", "stale unknown"]],
    ["without a time", { createdAt: null, name: null }, ["empty critical", "unreadable unknown", "stale unknown"]],
    ["good", {}, ["stale critical", "empty critical"]]
  ])(
    "counts an empty backup as the newest only if no backup has records: earlier backups are %s",
    (_, more, expected) => {
      const runs = [run("2026-11-19", more), run("2026-11-20", more), run("2026-11-21", { recordCount: 0 })]
      const health = assess({ runs }, { skip: ["untested", "missed", "no-copy-yet", "last-copy-expiring"] })
      assert.deepStrictEqual(verdicts(health), expected)
    }
  )

  it("does not count backups dated in the future as remaining when others were deleted early", () => {
    const only: ReadonlyArray<HealthCheck.HealthCheck> = ["gone-early"]
    const inFuture = days(25, 29).map((day) => run(day))
    const severity = (left: ReadonlyArray<Backup.Backup>, more: ReadonlyArray<Backup.Backup> = []) =>
      verdicts(assess({ runs: [...good, ...more], backups: [...left, ...more] }, { only }))
    // All remaining backups are newer than the deleted backups.
    assert.deepStrictEqual(severity(good.slice(-7)), ["gone-early warning"])
    assert.deepStrictEqual(severity(good.slice(-7), inFuture), ["gone-early critical", "unreadable unknown"])
    assert.deepStrictEqual(severity(good.slice(-2), inFuture), ["gone-early critical", "unreadable unknown"])
    // 11 are deleted, 10 remain.
    const left = good.filter((_, position) => position % 2 === 1)
    assert.deepStrictEqual(severity(left), ["gone-early critical"])
    assert.deepStrictEqual(severity(left, inFuture), ["gone-early critical", "unreadable unknown"])
  })

  /** A backup of a deleted index. */
  const ofGone = (day: string, more: Partial<Backup.Backup> = {}, id = "gone") =>
    run(day, {
      sourceIndexId: PineconeIndex.IndexId.make(id),
      sourceIndexName: PineconeIndex.IndexName.make("wiki"),
      backupId: Backup.BackupId.make(`${id}-${day}`),
      ...more
    })

  const verdictsOf = (backups: ReadonlyArray<Backup.Backup>, indexes = [docs]) =>
    BackupHealth.findings(
      assess({ indexes, backups: [...good, ...backups] }, { skip: ["unprotected", "no-deletion-protection"] })
    ).map(({ check, remedy, severity }) => `${check} ${severity} ${remedy?._tag}`)

  it.each<[count: number, expected: string]>([
    [2, "orphan notice InspectRecovery"],
    [3, "index-gone warning RecoverIndex"],
    [4, "index-gone warning RecoverIndex"]
  ])("decides whether %s unnamed backups of a deleted index are scheduled", (count, expected) => {
    const nameless = days(21 - count, 20).map((day) => ofGone(day, { name: null }))
    assert.deepStrictEqual(verdictsOf(nameless), [expected])
  })

  it("ignores unnamed backups that are not good copies", () => {
    const nameless = days(19, 20).map((day) => ofGone(day, { name: null }))
    for (const more of [{ recordCount: 0 }, { status: "Failed" }]) {
      const third = ofGone("2026-11-18", { name: null, ...more })
      assert.deepStrictEqual(verdictsOf([third, ...nameless]), ["orphan notice InspectRecovery"])
    }
  })

  it("counts backups without a record count as possible good copies", () => {
    const [first, ...others] = days(18, 20).map((day) => ofGone(day, { name: null }))
    assert.deepStrictEqual(verdictsOf([{ ...first!, recordCount: null }, ...others]), [
      "index-gone warning RecoverIndex"
    ])
    assert.deepStrictEqual(verdictsOf([ofGone("2026-11-20", { recordCount: null })]), [
      "unreadable unknown undefined",
      "index-gone warning InspectIndexBackups"
    ])
    assert.includeMembers(
      [...verdictsOf([ofGone("2026-11-20"), ofGone("2026-11-21", { recordCount: null }, "late")])],
      [
        "index-gone warning InspectIndexBackups",
        "orphan notice InspectIndexBackups"
      ]
    )
  })

  it("reports the deleted index with the latest copies, and proposes to recover it if no other is as late", () => {
    const gone = ["index-gone warning RecoverIndex"]
    const early = ofGone("2026-11-19", {}, "early")
    assert.deepStrictEqual(verdictsOf([ofGone("2026-11-20"), early]).sort(), [
      ...gone,
      "orphan notice InspectIndexBackups"
    ])
    // Equally late: either may have been the last.
    const same = ofGone("2026-11-20", {}, "same")
    assert.deepStrictEqual(verdictsOf([ofGone("2026-11-20"), same]), [
      "index-gone warning InspectIndexBackups",
      "index-gone warning InspectIndexBackups"
    ])
    // A bad copy does not prove that an index existed later.
    for (
      const more of [
        { recordCount: 0 },
        { status: "Failed" },
        { createdAt: at("2027-01-01"), name: null }
      ]
    ) {
      const found = verdictsOf([ofGone("2026-11-20"), ofGone("2026-11-21", more, "late")])
      assert.includeMembers([...found], gone)
    }
    // The name is taken.
    const wiki = { name: PineconeIndex.IndexName.make("wiki"), id: PineconeIndex.IndexId.make("new") }
    assert.deepStrictEqual(verdictsOf([ofGone("2026-11-20"), same], [docs, wiki]), [
      "orphan notice InspectIndexBackups",
      "orphan notice InspectIndexBackups"
    ])
  })

  it("reports a backup of a deleted index that is dated in the future", () => {
    const inFuture = { createdAt: at("2027-01-01"), name: null }
    assert.deepStrictEqual(verdictsOf([ofGone("2026-11-20", inFuture)]), [
      "future-dated warning InspectBackup",
      "orphan notice InspectIndexBackups"
    ])
  })

  it("reports an empty backup that is as new as the newest good backup", () => {
    for (const id of ["a", "z"]) {
      const runs = [...good, run("2026-11-21", { backupId: Backup.BackupId.make(id), recordCount: 0 })]
      assert.deepStrictEqual(verdicts(assess({ runs })), ["empty critical"])
    }
  })

  it.each<[enabled: boolean, expected: ReadonlyArray<string>]>([
    [true, ["failed critical"]],
    [false, []]
  ])(
    "reports an older failure without a later success only for an enabled schedule: enabled %s",
    (enabled, expected) => {
      const runs = [run("2026-11-08"), run("2026-11-09", { status: "Failed" })]
      const health = assess({ schedules: [schedule({ enabled })], runs }, { only: ["failed"] })
      assert.deepStrictEqual(verdicts(health), expected)
    }
  )

  it("reports a failed backup of unknown origin", () => {
    const { all, restoreJobs } = facts()
    const backups = Result.succeed([...good, backup("nameless", "2026-11-21T15:00:00Z", { status: "Failed" })])
    const indexes = [{
      index: docs,
      schedules: Result.succeed([{ schedule: schedule(), runs: Result.fail(failure) }])
    }]
    const health = HealthChecks.assess({ all, indexes, restoreJobs, backups }, { now, only: ["failed"] })
    assert.deepStrictEqual(verdicts(health), ["unreadable unknown", "failed warning"])
  })

  it.each<[time: string, expected: ReadonlyArray<string>]>([
    ["2026-11-20T20:59:00Z", []],
    ["2026-11-20T21:01:00Z", ["gone-early notice"]]
  ])("tolerates a deletion up to 1 hour before the retention expires: %s", (time, expected) => {
    const schedules = [schedule({ retentionExpireAfterDays: 1 })]
    const health = assess({ schedules, runs: [run(time)], backups: [] }, { only: ["gone-early"] })
    assert.deepStrictEqual(verdicts(health), expected)
  })

  it.each<[what: string, other: Partial<Backup.Backup>, isRead: boolean, expected: ReadonlyArray<string>]>([
    ["a manual backup", { name: "manual" }, true, []],
    ["a backup of unknown origin", { name: "manual" }, false, ["unreadable unknown"]],
    ["an empty backup", { name: "manual", recordCount: 0 }, true, ["last-copy-expiring warning"]]
  ])("does not report an expiring last copy if a backup may remain: %s", (_, other, isRead, expected) => {
    const { all, restoreJobs } = facts()
    const runs = days(1, 4).map((day) => run(day))
    const paused = schedule({ enabled: false, nextScheduledRun: null })
    const second = { ...paused, scheduleId: BackupSchedule.ScheduleId.make("second") }
    const health = HealthChecks.assess({
      all,
      restoreJobs,
      backups: Result.succeed([...runs, backup("other", "2026-11-03", other)]),
      indexes: [{
        index: docs,
        schedules: Result.succeed([
          { schedule: paused, runs: Result.succeed(runs) },
          { schedule: second, runs: isRead ? Result.succeed([]) : Result.fail(failure) }
        ])
      }]
    }, { now, only: ["last-copy-expiring"] })
    assert.deepStrictEqual(verdicts(health), expected)
  })

  it.each<[what: string, world: World, expected: ReadonlyArray<string>]>([
    ["runs succeed", { runs: good.slice(-3) }, []],
    ["runs are missed", { runs: good.slice(0, 4) }, ["last-copy-expiring warning"]],
    ["runs fail", {
      runs: good.map((run, day) => day < 4 ? run : { ...run, status: "Failed" })
    }, ["last-copy-expiring warning"]]
  ])("expects a schedule to replace the last copy only if its runs succeed: %s", (
    _,
    world,
    expected
  ) => {
    const schedules = [schedule({ retentionExpireAfterDays: 25 })]
    const policy = { defaults: { rpo: Duration.days(60) } }
    const health = assess({ schedules, ...world }, { only: ["last-copy-expiring"], policy })
    assert.deepStrictEqual(verdicts(health), expected)
  })

  it.each<[next: string, expected: ReadonlyArray<string>]>([
    ["2026-11-21T19:00:00Z", []],
    ["2026-11-21T18:59:59Z", ["lagging warning"]]
  ])("tolerates a next run up to 1 hour in the past: %s", (next, expected) => {
    const health = assess({ schedules: [schedule({ nextScheduledRun: at(next) })] }, { only: ["lagging"] })
    assert.deepStrictEqual(verdicts(health), expected)
  })

  it("reports a listed backup that never started as stuck, but not a planned run of the history", () => {
    const planned = run("2026-11-21T07:00:00Z", { status: "Scheduled" })
    const stuck = (backups: ReadonlyArray<Backup.Backup>) =>
      verdicts(assess({ runs: [...good, planned], backups }, { only: ["stuck"] }))
    assert.deepStrictEqual(stuck(good), [])
    assert.deepStrictEqual(stuck([...good, planned]), ["stuck warning"])
  })

  it("is critical if more backups were deleted early than remain", () => {
    const severity = (runs: ReadonlyArray<Backup.Backup>) =>
      verdicts(assess({ runs, backups: runs.filter((_, day) => day % 2 === 1) }, { only: ["gone-early"] }))
    assert.deepStrictEqual(severity(good.slice(1)), ["gone-early warning"])
    assert.deepStrictEqual(severity(good), ["gone-early critical"])
  })

  it.each<[minFrequency: BackupSchedule.Frequency, expected: ReadonlyArray<string>]>([
    ["daily", ["frequency warning"]],
    ["weekly", []],
    ["monthly", []]
  ])("compares a weekly schedule with the minFrequency of the policy: %s", (minFrequency, expected) => {
    const world = { schedules: [schedule({ frequency: "weekly" })] }
    assert.deepStrictEqual(
      verdicts(assess(world, { only: ["frequency"], policy: { defaults: { minFrequency } } })),
      expected
    )
  })

  it("identifies an index without an ID by its schedules, if its backups have the same ID", () => {
    const indexes = [{ ...docs, id: null }]
    assert.deepStrictEqual(verdicts(assess({ indexes })), [])
    const schedules = [schedule({ indexId: PineconeIndex.IndexId.make("other") })]
    assert.include(verdicts(assess({ indexes, schedules })), "unreadable unknown")
  })

  it("does not count a run dated in the future as a later success", () => {
    const runs = [...good.slice(0, -1), run("2026-11-21", { status: "Failed" }), run("2026-12-21")]
    assert.deepStrictEqual(verdicts(assess({ runs }, { only: ["failed"] })), ["failed critical", "unreadable unknown"])
  })

  it.each<[keep: number, expected: ReadonlyArray<string>]>([[6, ["retention-gap warning"]], [7, []]])(
    "reports a retention shorter than the interval: %s days for a weekly schedule",
    (keep, expected) => {
      const schedules = [schedule({ frequency: "weekly", retentionExpireAfterDays: keep })]
      assert.deepStrictEqual(verdicts(assess({ schedules }, { only: ["retention-gap"] })), expected)
    }
  )

  it("returns the next run of an enabled schedule, and the status of the latest finished run", () => {
    const runs = [...good, run("2026-11-21T19:00:00Z", { status: "Initializing" })]
    const of = (enabled: boolean) =>
      assess({ schedules: [schedule({ enabled })], runs }).indexes[0]?.schedules.map(({ lastStatus, nextRunAt }) => ({
        lastStatus,
        nextRunAt
      }))
    assert.deepStrictEqual(of(true), [{ lastStatus: "Ready", nextRunAt: at("2026-11-22") }])
    assert.deepStrictEqual(of(false), [{ lastStatus: "Ready", nextRunAt: null }])
  })

  it.each<[what: string, world: World, expected: ReadonlyArray<string>]>([
    ["whose backup is gone, before a run was missed", { runs: [run("2026-11-21")], backups: [] }, ["paused critical"]],
    ["whose only run failed, before a run was missed", { runs: [run("2026-11-21", { status: "Failed" })] }, [
      "paused critical"
    ]],
    ["whose first backup is running", { runs: [run("2026-11-21T19:00:00Z", { status: "Initializing" })] }, [
      "no-copy-yet warning"
    ]],
    ["whose backup may be usable", { runs: [run("2026-11-21", { recordCount: null })] }, ["unreadable unknown"]],
    ["whose backup is dated in the future", { runs: [run("2026-11-25")] }, [
      "unreadable unknown",
      "unreadable unknown",
      "paused unknown"
    ]],
    ["without records", { runs: [run("2026-11-21", { recordCount: 0 })] }, []],
    ["with a usable backup, before a run was missed", { runs: [run("2026-11-21")] }, []],
    ["that never ran, with a manual backup", { runs: [], backups: [backup("manual", "2026-11-20")] }, [
      "paused warning"
    ]]
  ])("reports an index %s, with a paused schedule", (_, world, expected) => {
    const schedules = [schedule({ enabled: false, nextScheduledRun: null, createdAt: at("2026-11-19") })]
    const only = ["paused", "no-copy-yet", "unreadable"] as const
    assert.deepStrictEqual(verdicts(assess({ schedules, ...world }, { only })), expected)
  })

  it("does not judge paused schedules by one that never ran", () => {
    const unused = schedule({
      scheduleId: BackupSchedule.ScheduleId.make("unused"),
      name: "unused",
      frequency: "monthly",
      enabled: false,
      createdAt: at("2026-11-20")
    })
    const found = (schedules: ReadonlyArray<BackupSchedule.BackupSchedule>) =>
      verdicts(assess({ schedules, runs: days(1, 10).map((day) => run(day)) }, { only: ["paused"] }))
    const paused = schedule({ enabled: false })
    assert.deepStrictEqual(found([paused]), ["paused warning"])
    assert.deepStrictEqual(found([paused, unused]), ["paused warning"])
  })

  it.each<[requirement: BackupPolicy.Requirements]>([[{ minFrequency: "daily" }], [{ minRetentionDays: 365 }]])(
    "reports a paused schedule at once if the policy has requirements for it: %j",
    (defaults) => {
      const world = { schedules: [schedule({ enabled: false })] }
      assert.deepStrictEqual(verdicts(assess(world, { only: ["paused"] })), [])
      assert.deepStrictEqual(verdicts(assess(world, { only: ["paused"], policy: { defaults } })), ["paused warning"])
    }
  )

  it.each<[check: HealthCheck.HealthCheck, world: World]>([
    ["failed", { runs: [...good.slice(0, -1), run("2026-11-21", { status: "Failed" })] }],
    ["missed", { runs: good.slice(0, -1) }],
    ["never-ran", { schedules: [schedule({ createdAt: at("2026-11-19") })], runs: [] }]
  ])("suggests a new backup for %s only if that can help", (check, world) => {
    const remedyAfter = (time: string) => {
      const backups = [...world.runs ?? [], backup("manual", time)]
      return remedies(assess({ ...world, backups }, { only: [check] })).map((remedy) => remedy?._tag)
    }
    assert.deepStrictEqual(remedyAfter("2026-11-18"), ["CreateBackup"])
    assert.deepStrictEqual(remedyAfter("2026-11-21T12:00:00Z"), ["InspectSchedule"])
  })

  it("says that the retention may have been raised, however few backups are left", () => {
    const backups = good.slice(-1)
    const [finding] = found(assess({ runs: good.slice(-2), backups }, { only: ["gone-early"] }))
    assert.deepStrictEqual(finding, [
      "gone-early",
      "notice",
      "1 of 2 usable backups of nightly was deleted before its 30-day retention expired, the newest from " +
      "2026-11-20 06:00 UTC; the retention may have been raised since then"
    ])
  })

  describe("contradictions", () => {
    const contradiction = (text: string): Expected => [
      ["unreadable", "unknown", `the history and the list of backups contradict each other about ${text}`]
    ]
    const only = ["unreadable"] as const
    const changed = (first: number, more: Partial<Backup.Backup>) =>
      good.map((run, day) => day >= first ? { ...run, ...more } : run)
    const manual = backup("manual", "2026-11-21T12:00:00Z")
    const since = Duration.days(2)

    it.each<[what: string, world: World, expected: Expected]>([
      [
        "the list says that the newest backups failed",
        { backups: changed(17, { status: "InitializationFailed" }) },
        contradiction("4 backups (run-2026-11-18)")
      ],
      [
        "the list says that backups failed, and a manual one is newer",
        { backups: [...changed(5, { status: "Failed" }), manual] },
        // Only two of them are recent.
        contradiction("2 backups (run-2026-11-20)")
      ],
      [
        "the history says that the newest backup failed",
        { runs: changed(20, { status: "Failed" }), backups: good },
        contradiction("1 backup (run-2026-11-21)")
      ],
      [
        "the history says that no backup has records",
        { runs: changed(0, { recordCount: 0 }), backups: good },
        contradiction("21 backups (run-2026-11-01)")
      ],
      ["the list says that an old backup failed", {
        backups: good.map((run, day) => day === 3 ? { ...run, status: "Failed" } : run)
      }, []],
      ["the history lags", { runs: changed(20, { status: "Initializing", recordCount: null }), backups: good }, []],
      ["both say that the newest backup failed", { runs: changed(20, { status: "Failed" }) }, []],
      ["the list has more records", { backups: changed(0, { recordCount: 2_000 }) }, []]
    ])("between the history and the list: %s", (_, world, expected) => {
      assert.deepStrictEqual(found(assess(world, { only, since })), expected)
    })

    it("between an index that exists and backups of a deleted index", () => {
      const backups = good.map((run, day) => day === 20 ? { ...run, sourceIndexDeletedAt: at("2026-11-20") } : run)
      assert.deepStrictEqual(found(assess({ backups }, { only })), [[
        "unreadable",
        "unknown",
        "the source index of 1 backup of this index is reported as deleted, although the index exists (run-2026-11-21)"
      ]])
      const terminating = { ...docs, status: { ready: false, state: "Terminating" } }
      assert.deepStrictEqual(found(assess({ indexes: [terminating], backups }, { only })), [])
      // Backups of an earlier index with the name are no contradiction.
      const earlier = backup("earlier", "2026-10-01", {
        sourceIndexId: PineconeIndex.IndexId.make("index-0"),
        sourceIndexDeletedAt: at("2026-10-02")
      })
      assert.deepStrictEqual(found(assess({ backups: [...good, earlier] }, { only })), [])
    })
  })

  it("is unknown if no index was checked, although the project has some", () => {
    const health = HealthChecks.assess({ ...facts(), indexes: [] }, { now, skip: ["untested"] })
    assert.strictEqual(health.status, "unknown")
    assert.deepStrictEqual(found(health), [["no-indexes", "unknown", "no index was checked; the project has 1 index"]])
    assert.strictEqual(HealthChecks.assess({ ...facts(), indexes: [] }, { now, allowEmpty: true }).status, "ok")
  })

  it("judges paused schedules by the schedule that ran last", () => {
    const old = schedule({
      scheduleId: BackupSchedule.ScheduleId.make("old"),
      name: "old",
      enabled: false,
      createdAt: at("2026-01-01")
    })
    const recent = schedule({ enabled: false })
    const paused = (runs: ReadonlyArray<Backup.Backup>) =>
      BackupHealth.findings(assess({ schedules: [recent, old], runs }, { only: ["paused"] })).map(
        ({ check, scheduleName, severity }) => [check, severity, scheduleName]
      )
    assert.deepStrictEqual<unknown>(paused(good), [])
    assert.deepStrictEqual<unknown>(paused(days(1, 19).map((day) => run(day))), [["paused", "warning", "nightly"]])
  })

  it.each<[keep: number, expected: ReadonlyArray<string>]>([[30, ["retention warning"]], [31, []]])(
    "compares the retention with the policy: %s of 31 days",
    (keep, expected) => {
      const schedules = [schedule({ retentionExpireAfterDays: keep })]
      const health = assess({ schedules }, { only: ["retention"], policy: { defaults: { minRetentionDays: 31 } } })
      assert.deepStrictEqual(verdicts(health), expected)
    }
  )

  it.each<[what: string, hour: string, expected: ReadonlyArray<string>]>([
    ["after", "17", []],
    ["before", "15", ["stale critical"]]
  ])("waits for a running backup only if it started after the newest usable backup: %s", (_, hour, expected) => {
    const time = (hour: string) => `2026-11-21T${hour}:00:00Z`
    const runs = [
      ...["10", "11", "12", "13", "14", "16"].map((hour) => run(time(hour))),
      run(time(hour), { status: "Initializing" })
    ]
    const world = { schedules: [schedule({ frequency: "hourly", nextScheduledRun: at("2026-11-21T21:00:00Z") })], runs }
    assert.deepStrictEqual(verdicts(assess(world, { only: ["stale"] })), expected)
  })

  it.each<[runs: number, expected: ReadonlyArray<string>]>([
    [3, ["unreadable unknown"]],
    [4, ["stale critical", "missed critical"]]
  ])("derives the interval of an unknown frequency from %s unnamed runs", (count, expected) => {
    const runs = days(21 - count, 20).map((day) => run(day, { name: null }))
    const health = assess({ schedules: [schedule({ frequency: "often" })], runs })
    assert.deepStrictEqual(verdicts(health), expected)
  })

  it("does not forecast the quota if only part of the project is known", () => {
    const whole = facts()
    const other = { name: PineconeIndex.IndexName.make("other"), id: PineconeIndex.IndexId.make("other") }
    const part = { ...whole, all: [...whole.all, other] }
    const sentences = (backupQuota: number) =>
      found(HealthChecks.assess(part, { now, policy: { backupQuota } })).map(([, , sentence]) => sentence)
    assert.deepStrictEqual(sentences(29), [])
    assert.deepStrictEqual(sentences(22), ["21 of 22 backups used"])
  })

  it("returns a remedy, with the schedule name only if it is unique", () => {
    const only: ReadonlyArray<HealthCheck.HealthCheck> = ["retention-gap"]
    const weekly = (more: Partial<BackupSchedule.BackupSchedule>) => ({
      schedules: [schedule({ frequency: "weekly", retentionExpireAfterDays: 5, ...more })]
    })
    const update = { _tag: "UpdateSchedule", scheduleId: "schedule-1", scheduleName: "nightly", retentionDays: 14 }
    assert.deepStrictEqual<unknown>(remedies(assess(weekly({}), { only })), [update])
    const strange = "$(reboot) it's"
    assert.deepStrictEqual<unknown>(remedies(assess(weekly({ name: strange }), { only })), [{
      ...update,
      scheduleName: strange
    }])
    for (const name of ["docs", null]) {
      assert.deepStrictEqual<unknown>(remedies(assess(weekly({ name }), { only })), [{ ...update, scheduleName: null }])
    }
  })

  it("is unknown if data could not be read", () => {
    const { all, backups, indexes, restoreJobs } = facts()
    const index = indexes[0]!
    const sentence = "could not be read: connection refused (ConnectionFailed)"
    const cases: ReadonlyArray<[BackupHealth.Facts, string]> = [
      [
        { all, backups, restoreJobs, indexes: [{ ...index, schedules: Result.fail(failure) }] },
        `the schedules of this index ${sentence}`
      ],
      [
        {
          all,
          backups,
          restoreJobs,
          indexes: [{ index: docs, schedules: Result.succeed([{ schedule: schedule(), runs: Result.fail(failure) }]) }]
        },
        `the history of nightly ${sentence}`
      ],
      [{ all, indexes, restoreJobs, backups: Result.fail(failure) }, `the backups of the project ${sentence}`],
      [{ all, backups, indexes, restoreJobs: Result.fail(failure) }, `the restore jobs of the project ${sentence}`]
    ]
    const policy: BackupPolicy.BackupPolicy = {
      defaults: { ignore: [{ check: "*", reason: "on holiday", until: at("2027-01-01") }] }
    }
    for (const [facts, expected] of cases) {
      for (const options of [{}, { only: ["quota"] as const }, { policy }]) {
        const health = HealthChecks.assess(facts, { now, ...options })
        assert.deepStrictEqual(found(health), [["unreadable", "unknown", expected]])
        assert.strictEqual(health.status, "unknown")
      }
    }
    const blind = HealthChecks.assess({ all, indexes, restoreJobs, backups: Result.fail(failure) }, { now })
    assert.deepStrictEqual(blind.indexes.map(({ copies, status }) => [status, copies]), [["unknown", null]])
  })

  it.each<[check: HealthCheck.HealthCheck, severity: HealthCheck.Severity, world: World]>([
    ["stale", "critical", { runs: days(1, 19).map((day) => run(day)) }],
    ["never-ran", "critical", { runs: [] }],
    ["missed", "critical", { runs: days(1, 19).map((day) => run(day)) }],
    ["stuck", "warning", { runs: [...good, run("2026-11-21T08:00:00Z", { status: "Initializing" })] }],
    ["last-copy-expiring", "warning", { runs: days(1, 4).map((day) => run(day)) }],
    ["paused", "critical", { schedules: [schedule({ enabled: false })], runs: [] }],
    ["lagging", "warning", { schedules: [schedule({ nextScheduledRun: at("2026-11-21T18:00:00Z") })] }],
    ["overdue", "warning", { schedules: [schedule({ retentionExpireAfterDays: 7 })] }],
    ["untested", "notice", { jobs: [] }],
    // Does not depend on the current time.
    ["unprotected", "critical", { schedules: [], runs: [] }]
  ])("is unknown if clocks contradict each other, for a check of age: %s", (check, severity, world) => {
    const by = (_tag: "Agreed" | "Contradictory") =>
      verdicts(assess(world, { only: [check], clocks: { _tag, now, own: now, earliest: at("2026-11-01") } }))
    assert.deepStrictEqual(by("Agreed"), [`${check} ${severity}`])
    const after = check === "unprotected" ? severity : "unknown"
    assert.sameMembers([...by("Contradictory")], ["clock unknown", `${check} ${after}`])
  })

  it("uses the latest clock if clocks contradict each other", () => {
    const early = at("2026-11-01")
    for (const [now, latest] of [[at("2026-11-21"), early], [early, at("2026-11-21")]] as const) {
      const health = assess({}, { now, clocks: { _tag: "Contradictory", now: latest, own: early, earliest: early } })
      assert.deepStrictEqual(health.at, at("2026-11-21"))
    }
  })

  it.each<[next: DateTime.Utc, expected: ReadonlyArray<string>]>([
    [DateTime.add(now, { days: 32 }), []],
    [DateTime.add(now, { days: 32, seconds: 1 }), ["unreadable unknown"]]
  ])("doubts a next run more than 32 days ahead: %s", (nextScheduledRun, expected) => {
    assert.deepStrictEqual(verdicts(assess({ schedules: [schedule({ nextScheduledRun })] }, { only: [] })), expected)
  })

  it("does not report absent indexes if only part of the project is checked", () => {
    const whole = facts()
    const other = { name: PineconeIndex.IndexName.make("other"), id: PineconeIndex.IndexId.make("other") }
    const options = { now, only: ["absent"], policy: { rules: [{ index: "dcos" }] } } as const
    assert.deepStrictEqual(verdicts(HealthChecks.assess(whole, options)), ["absent warning"])
    assert.deepStrictEqual(verdicts(HealthChecks.assess({ ...whole, all: [...whole.all, other] }, options)), [])
  })

  it("proposes to recover an absent index that has a usable backup", () => {
    const verdict = (recordCount: number) => {
      const world = {
        backups: [
          ...good,
          backup("b", "2026-10-01", {
            sourceIndexId: PineconeIndex.IndexId.make("gone"),
            sourceIndexName: PineconeIndex.IndexName.make("wiki"),
            recordCount
          })
        ]
      }
      const health = assess(world, { only: ["absent"], policy: { rules: [{ index: "wiki" }] } })
      return BackupHealth.findings(health).map(({ remedy }) => remedy)
    }
    assert.deepStrictEqual(verdict(100), [{ _tag: "RecoverIndex", indexName: PineconeIndex.IndexName.make("wiki") }])
    assert.deepStrictEqual(verdict(0), [null])
  })

  it("reports when the last matching exception expired", () => {
    const until = (day: string) => ({ check: "unprotected", reason: "known", until: at(day) }) as const
    const policy = {
      defaults: { ignore: [until("2026-11-01")] },
      rules: [{ index: "docs", ignore: [until("2026-11-02")] }]
    }
    assert.deepStrictEqual(found(assess({ schedules: [], runs: [] }, { policy })), [[
      "unprotected",
      "critical",
      "no backup schedule and no usable backup; the exception for this check expired at 2026-11-02 06:00 UTC"
    ]])
  })

  it("applies an exception up to and including its end", () => {
    const verdictsAt = (seconds: number) => {
      const until = DateTime.add(now, { seconds })
      const policy = { defaults: { ignore: [{ check: "unprotected", reason: "known", until }] } } as const
      return verdicts(assess({ schedules: [], runs: [] }, { policy }))
    }
    assert.deepStrictEqual(verdictsAt(0), [])
    assert.deepStrictEqual(verdictsAt(-1), ["unprotected critical"])
  })

  it("is unknown without indexes regardless of the other options, unless allowEmpty is set", () => {
    const policy: BackupPolicy.BackupPolicy = {
      defaults: { ignore: [{ check: "*", reason: "on holiday", until: at("2027-01-01") }] }
    }
    const cases: ReadonlyArray<Partial<BackupHealth.AssessOptions>> = [
      {},
      { allowEmpty: false },
      { only: ["stale"] },
      { skip: ["no-indexes"] },
      { policy }
    ]
    const allowed = (options: Partial<BackupHealth.AssessOptions>) => ({ ...options, allowEmpty: true })
    // Backups of deleted indexes do not count as an index.
    for (const world of [{ indexes: [], backups: [] }, { indexes: [] }] satisfies ReadonlyArray<World>) {
      for (const options of cases) {
        const health = assess(world, options)
        assert.deepStrictEqual(health.project.map(({ check, severity }) => [check, severity]), [[
          "no-indexes",
          "unknown"
        ]])
        assert.deepStrictEqual([health.status, health.totals.unknown], ["unknown", 1])
        // The remaining backups of a deleted index are a warning.
        const isEmpty = "backups" in world || options.only !== undefined || options.policy !== undefined
        assert.strictEqual(assess(world, allowed(options)).status, isEmpty ? "ok" : "warning")
      }
    }
    // One index is enough, even with other findings.
    assert.notInclude(assess({ runs: [], schedules: [] }).project.map(({ check }) => check), "no-indexes")
  })

  it("sets aside excepted findings until the exception expires", () => {
    const world: World = { runs: days(1, 18).map((day) => run(day)) }
    const until = at("2026-11-30T23:59:59Z")
    const policy: BackupPolicy.BackupPolicy = {
      rules: [{ index: "docs", ignore: [{ check: "missed", reason: "the service had an outage", until }] }]
    }
    const health = assess(world, { policy, only: ["missed"] })
    assert.deepStrictEqual(found(health), [])
    assert.strictEqual(health.status, "ok")
    assert.deepStrictEqual(health.ignored.map(({ finding, reason, until }) => [finding.check, reason, until]), [
      ["missed", "the service had an outage", until]
    ])

    const later = assess(world, { policy, only: ["missed"], now: at("2026-12-01T00:00:00Z") })
    assert.deepStrictEqual(found(later).map(([, , sentence]) => sentence), [
      "12 runs did not happen, most recently the run due at 2026-11-30 06:00 UTC; the exception for this check expired " +
      "at 2026-11-30 23:59 UTC"
    ])
  })

  it("sorts the worst first, and returns evidence", () => {
    const wiki: PineconeIndex.PineconeIndex = {
      name: PineconeIndex.IndexName.make("wiki"),
      id: null,
      deletionProtection: "enabled"
    }
    const audio: PineconeIndex.PineconeIndex = {
      name: PineconeIndex.IndexName.make("audio"),
      id: null,
      deletionProtection: "enabled"
    }
    const health = assess({
      indexes: [docs, audio, wiki],
      backups: [
        ...good,
        backup("w", "2026-11-20", { sourceIndexName: wiki.name, sourceIndexId: PineconeIndex.IndexId.make("w") })
      ]
    })
    assert.deepStrictEqual(health.indexes.map(({ indexName, status }) => [indexName, status]), [
      ["audio", "critical"],
      ["wiki", "unknown"],
      ["docs", "ok"]
    ])
    assert.deepStrictEqual(health.totals, { critical: 1, warning: 1, unknown: 1, notice: 1 })

    const [stale] = BackupHealth.findings(assess({ runs: [run("2026-11-19")] }, { only: ["stale"] }))
    assert.deepStrictEqual(stale?.evidence, {
      scheduleIds: [BackupSchedule.ScheduleId.make("schedule-1")],
      backupIds: [Backup.BackupId.make("run-2026-11-19")],
      restoreJobIds: [],
      times: [{ what: "newest", at: at("2026-11-19") }, { what: "late", at: at("2026-11-20T07:45:00Z") }],
      values: { limit: 26 * 3_600, age: (62 * 60 + 15) * 60 }
    })
  })

  it.each<readonly [string, HealthCheck.HealthCheck, World, BackupPolicy.BackupPolicy]>([
    ["an old backup", "stale", { runs: [run("2026-11-19")] }, {}],
    ["an old backup, with an RPO", "stale", { runs: [run("2026-11-19")] }, {
      defaults: { rpo: Duration.hours(30) }
    }],
    ["a manual backup before a new schedule", "stale", {
      schedules: [schedule({ createdAt: at("2026-11-20T12:00:00Z") })],
      runs: [],
      backups: [backup("manual", "2026-11-01")]
    }, {}],
    ["a schedule that never ran", "never-ran", {
      schedules: [schedule({ createdAt: at("2026-11-20T12:00:00Z") })],
      runs: []
    }, {}]
  ])("reports since when %s is too late", (_, check, world, policy) => {
    const foundAt = (now: DateTime.Utc) =>
      BackupHealth.findings(assess(world, { only: [check], now, policy })).filter((finding) => finding.check === check)
    const [finding] = foundAt(now)
    const late = finding?.evidence.times.find(({ what }) => what === "late")?.at
    assert(late !== undefined)
    assert.lengthOf(foundAt(late), 0)
    assert.lengthOf(foundAt(DateTime.add(late, { milliseconds: 1 })), 1)
  })

  it("round-trips through JSON", () => {
    const health = assess({ runs: days(1, 18).map((day) => run(day)), jobs: [] })
    const json = Schema.encodeUnknownSync(BackupHealth.BackupHealth)(health)
    assert.deepStrictEqual(
      Schema.decodeUnknownSync(BackupHealth.BackupHealth)(JSON.parse(JSON.stringify(json))),
      health
    )
  })
})
