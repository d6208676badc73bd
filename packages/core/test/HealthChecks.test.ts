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

/** The evening of a Saturday. */
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
  /** What is there. What ran, if left out. */
  readonly backups?: ReadonlyArray<Backup.Backup>
  readonly jobs?: ReadonlyArray<RestoreJob.RestoreJob>
}

/** An index with a daily schedule of which all is well, but for what is said of it. */
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
  `no restore of 1 index (docs) was completed in ${time}, as far as jobs are still listed; restore a backup into a new ` +
  "index, look at that index, and delete it"

const found = (health: BackupHealth.BackupHealth): Expected =>
  BackupHealth.findings(health).map(({ check, sentence, severity }) => [check, severity, sentence])

/** What is found, where the sentences are not the subject. */
const verdicts = (health: BackupHealth.BackupHealth): ReadonlyArray<string> =>
  BackupHealth.findings(health).map(({ check, severity }) => `${check} ${severity}`)

const remedies = (health: BackupHealth.BackupHealth) => BackupHealth.findings(health).map(({ remedy }) => remedy)

const failure = new PineconeError.ConnectionFailed({
  operation: "BackupSchedules.history",
  message: "connection refused",
  attempts: 4
})

describe("HealthChecks.assess", () => {
  it("finds nothing where all is well", () => {
    const health = assess()
    assert.deepStrictEqual(found(health), [])
    assert.strictEqual(health.status, "ok")
    const [index] = health.indexes
    assert.strictEqual(index?.copies, 21)
    assert.strictEqual(index?.ageSeconds, (14 * 60 + 15) * 60)
    assert.deepStrictEqual(health.quota, { used: 21, limit: 500 })
  })

  type Row = [what: string, world: World, options: Partial<BackupHealth.AssessOptions>, expected: Expected]

  it.each<Row>([
    ["an index without a schedule and without a backup", { schedules: [], runs: [] }, {}, [
      ["unprotected", "critical", "no schedule backs it up, and there is no usable backup of it"]
    ]],
    ["an index without a schedule", { schedules: [], runs: [backup("b", "2026-11-20")], jobs: [] }, {}, [
      ["untested", "notice", untested("90d")],
      [
        "unprotected",
        "warning",
        "no schedule backs it up; there is 1 backup made by hand or by a schedule that is gone"
      ]
    ]],
    [
      "nothing of an index that is being restored",
      {
        indexes: [{ ...docs, status: { ready: false, state: "Initializing" } }],
        schedules: [],
        runs: []
      },
      {},
      []
    ],
    ["no age a minute before it counts", { runs: days(1, 20).map((day) => run(day)) }, {
      now: at("2026-11-21T07:44:00Z"),
      skip: ["missed"]
    }, []],
    ["an age a minute after", { runs: days(1, 20).map((day) => run(day)) }, {
      now: at("2026-11-21T07:46:00Z"),
      skip: ["missed"]
    }, [["stale", "critical", "the newest usable backup is 26h old; a daily schedule allows 26h"]]],
    [
      "no age while a backup is under way",
      {
        runs: [...days(1, 20).map((day) => run(day)), run("2026-11-21", { status: "Initializing" })]
      },
      { now: at("2026-11-21T11:59:00Z") },
      []
    ],
    [
      "an age where one has been under way for too long",
      {
        runs: [...days(1, 20).map((day) => run(day)), run("2026-11-21", { status: "Initializing" })]
      },
      { now: at("2026-11-21T12:01:00Z") },
      [
        ["stale", "critical", "the newest usable backup is 30h old; a daily schedule allows 26h"],
        ["stuck", "warning", "a backup has been under way for 6h (Initializing, run-2026-11-21)"]
      ]
    ],
    ["what a policy says of age", {}, {
      skip: ["rpo-unreachable"],
      policy: { rules: [{ index: "d*", rpo: Duration.hours(14) }] }
    }, [
      ["stale", "critical", "the newest usable backup is 14h old; the policy allows 14h"]
    ]],
    ["no age that a policy allows", { runs: days(1, 20).map((day) => run(day)) }, {
      policy: { defaults: { rpo: Duration.hours(48) } },
      skip: ["missed"]
    }, []],
    [
      "a weekly schedule in time",
      {
        schedules: [schedule({ frequency: "weekly", nextScheduledRun: at("2026-11-21") })],
        runs: [run("2026-11-07"), run("2026-11-14")]
      },
      { now: at("2026-11-21T11:44:00Z"), skip: ["lagging", "missed"] },
      []
    ],
    [
      "a weekly schedule that is late",
      {
        schedules: [schedule({ frequency: "weekly", nextScheduledRun: at("2026-11-21") })],
        runs: [run("2026-11-07"), run("2026-11-14")]
      },
      { now: at("2026-11-21T12:01:00Z") },
      [
        ["stale", "critical", "the newest usable backup is 7d6h old; a weekly schedule allows 7d6h"],
        ["missed", "critical", "there is no run of 2026-11-21 06:00 UTC"],
        ["lagging", "warning", "the service says that nightly runs next at 2026-11-21 06:00 UTC, which was 6h ago"]
      ]
    ],
    [
      "a monthly schedule between the end of February and of March",
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
      "no new schedule before its first run",
      {
        schedules: [schedule({ createdAt: at("2026-11-21T12:00:00Z") })],
        runs: []
      },
      { skip: ["no-copy-yet"] },
      []
    ],
    [
      "that there is no copy yet",
      {
        schedules: [schedule({ createdAt: at("2026-11-21T12:00:00Z") })],
        runs: []
      },
      {},
      [["no-copy-yet", "warning", "there is no copy of it yet; the first is due at 2026-11-22 06:00 UTC"]]
    ],
    [
      "that there is no copy yet, and none is to be",
      {
        schedules: [schedule({ createdAt: at("2026-11-21T12:00:00Z"), enabled: false, nextScheduledRun: null })],
        runs: []
      },
      {},
      [["no-copy-yet", "warning", "there is no copy of it yet; no schedule of it is enabled"]]
    ],
    [
      "that there is no copy yet, and the first is being made",
      {
        schedules: [schedule({ createdAt: at("2026-11-20T12:00:00Z") })],
        runs: [run("2026-11-21T19:00:00Z", { status: "Initializing" })]
      },
      {},
      [["no-copy-yet", "warning", "there is no copy of it yet; the first is under way"]]
    ],
    ["an age that the schedule cannot keep", { runs: [...good, run("2026-11-21T19:00:00Z")] }, {
      only: ["rpo-unreachable"],
      policy: { defaults: { rpo: Duration.hours(24) } }
    }, [[
      "rpo-unreachable",
      "warning",
      "the policy allows data to be 24h old, which nightly cannot keep: its schedule runs every 24h; no schedule can, " +
      "ask for 24h15m or more"
    ]]],
    ["no age that it just can", {}, {
      only: ["rpo-unreachable"],
      policy: { defaults: { rpo: Duration.minutes(24 * 60 + 15) } }
    }, []],
    ["one backup that is gone early", { backups: good.filter(({ backupId }) => backupId !== "run-2026-11-07") }, {
      only: ["gone-early"]
    }, [[
      "gone-early",
      "notice",
      "1 of 21 good backups of nightly is gone before its retention of 30 days is over, the latest of 2026-11-07 06:00 UTC"
    ]]],
    [
      "a new schedule after it",
      {
        schedules: [schedule({ createdAt: at("2026-11-20T12:00:00Z") })],
        runs: []
      },
      {},
      [["never-ran", "critical", "nightly has not run since it was created 32h ago"]]
    ],
    ["a run that failed", { runs: [...days(1, 20).map((day) => run(day)), run("2026-11-21", { status: "Failed" })] }, {
      skip: ["stale"]
    }, [["failed", "critical", "the run of 2026-11-21 06:00 UTC ended Failed (run-2026-11-21)"]]],
    [
      "a run that failed before one that is good",
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
        "the run of 2026-11-20 06:00 UTC ended InitializationFailed (run-2026-11-20), and a later one was good"
      ]]
    ],
    [
      "no run that failed long ago",
      {
        runs: [run("2026-11-13", { status: "Failed" }), ...days(14, 21).map((day) => run(day))]
      },
      {},
      []
    ],
    [
      "one that failed long ago, if it is asked for",
      {
        runs: [run("2026-11-13", { status: "Failed" }), ...days(14, 21).map((day) => run(day))]
      },
      { since: "30 days" },
      [[
        "failed",
        "warning",
        "the run of 2026-11-13 06:00 UTC ended Failed (run-2026-11-13), and a later one was good"
      ]]
    ],
    [
      "many that failed since one was good",
      {
        runs: days(1, 21).map((day) => run(day, day < "2026-11-03" ? {} : { status: "Failed" }))
      },
      { skip: ["stale", "last-copy-expiring"] },
      [[
        "failed",
        "critical",
        "19 runs ended badly, the latest: 2026-11-21 06:00 UTC ended Failed (run-2026-11-21)"
      ]]
    ],
    [
      "a backup by hand that failed",
      {
        backups: [...good, backup("by-hand", "2026-11-21T15:00:00Z", { status: "Failed" })]
      },
      {},
      [["failed", "warning", "the backup made by hand at 2026-11-21 15:00 UTC ended Failed (by-hand)"]]
    ],
    [
      "a run that did not happen",
      {
        runs: good.filter(({ backupId }) => backupId !== "run-2026-11-18")
      },
      {},
      [["missed", "warning", "there is no run of 2026-11-18 06:00 UTC"]]
    ],
    ["runs that did not happen", { runs: days(1, 18).map((day) => run(day)) }, { skip: ["stale"] }, [
      ["missed", "critical", "3 runs did not happen, the latest of 2026-11-21 06:00 UTC"]
    ]],
    [
      "a run that is only planned",
      {
        runs: [
          ...days(1, 20).map((day) => run(day)),
          run("2026-11-21", { status: "Scheduled" })
        ]
      },
      { skip: ["stale"] },
      [["missed", "critical", "there is no run of 2026-11-21 06:00 UTC"]]
    ],
    [
      "a restore that takes too long",
      {
        jobs: [
          job("2026-11-01"),
          job("2026-11-21T10:00:00Z", { status: "Pending", completedAt: null, targetIndexName: docs.name })
        ]
      },
      {},
      [["stuck", "warning", "its restore has been Pending for 10h (job-1)"]]
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
        "the newest backup has no records (run-2026-11-21); one before it had 1,000"
      ]]
    ],
    ["an index that never had any", { runs: good.map((backup) => ({ ...backup, recordCount: 0 })) }, {}, [
      ["empty", "warning", "the newest backup has no records (run-2026-11-21)"]
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
        "the newest backup has 499 records (run-2026-11-21); the median of the 10 before it is 1,000"
      ]]
    ],
    [
      "no backup that is just not too small",
      {
        runs: [...days(1, 20).map((day) => run(day)), run("2026-11-21", { recordCount: 500 })]
      },
      {},
      []
    ],
    [
      "what a policy says of size",
      {
        runs: [...days(1, 20).map((day) => run(day)), run("2026-11-21", { recordCount: 899 })]
      },
      { policy: { defaults: { maxShrink: 0.1 } } },
      [[
        "shrink",
        "warning",
        "the newest backup has 899 records (run-2026-11-21); the median of the 10 before it is 1,000"
      ]]
    ],
    [
      "bytes where records are not known",
      {
        runs: good.map((backup) => ({ ...backup, recordCount: null, sizeBytes: backup === good.at(-1) ? 10 : 6_000 }))
      },
      { only: ["shrink"] },
      [
        ["unreadable", "unknown", "it is not known how many records are in 21 backups (run-2026-11-01)"],
        [
          "shrink",
          "warning",
          "the newest backup has 10 bytes (run-2026-11-21); the median of the 10 before it is 6,000"
        ]
      ]
    ],
    [
      "that a count is not known",
      {
        runs: [...days(1, 20).map((day) => run(day)), run("2026-11-21", { recordCount: null })]
      },
      {},
      [
        ["unreadable", "unknown", "it is not known how many records are in 1 backup (run-2026-11-21)"],
        [
          "stale",
          "unknown",
          "the newest usable backup is 38h old; a daily schedule allows 26h; there may be a newer one, of which too " +
          "little is known"
        ],
        [
          "shrink",
          "unknown",
          "it is not known whether the newest backup has fewer records than those before it (run-2026-11-21)"
        ]
      ]
    ],
    [
      "a backup of far fewer namespaces",
      {
        runs: days(1, 21).map((day) => run(day, { namespaceCount: day === "2026-11-21" ? 3 : 200 }))
      },
      {},
      [[
        "shrink",
        "warning",
        "the newest backup has 3 namespaces (run-2026-11-21); the median of the 10 before it is 200"
      ]]
    ],
    [
      "that the newest backup has no time",
      {
        backups: [...good.slice(0, -1), { ...backup("run-2026-11-21", "2026-11-21"), name: null, createdAt: null }],
        runs: good.slice(0, -1)
      },
      { skip: ["missed"] },
      [
        ["unreadable", "unknown", "it is not known when 1 backup (run-2026-11-21) ran"],
        [
          "stale",
          "unknown",
          "the newest usable backup is 38h old; a daily schedule allows 26h; there may be a newer one, of which too " +
          "little is known"
        ]
      ]
    ],
    [
      "a backup of the future, and that what is there is too old",
      {
        runs: days(1, 12).map((day) => run(day)),
        backups: [...days(1, 12).map((day) => run(day)), backup("by-hand", "2026-12-21")]
      },
      { only: ["stale", "future-dated"] },
      [
        ["stale", "critical", "the newest usable backup is 9d14h old; a daily schedule allows 26h"],
        ["future-dated", "warning", "a backup is dated in the future: 2026-12-21 06:00 UTC (by-hand)"]
      ]
    ],
    [
      "a backup of the future that does not say how many records it has: it may be the newest, and empty",
      {
        runs: days(1, 21).map((day) => run(day)),
        backups: [
          ...days(1, 21).map((day) => run(day)),
          { ...backup("by-hand", "2026-12-21"), recordCount: null }
        ]
      },
      { only: ["unreadable", "future-dated"] },
      [
        ["unreadable", "unknown", "it is not known how many records are in 1 backup (by-hand)"],
        ["future-dated", "warning", "a backup is dated in the future: 2026-12-21 06:00 UTC (by-hand)"]
      ]
    ],
    [
      "no stamp in a name that people chose",
      {
        runs: days(1, 12).map((day) => run(day)),
        backups: [
          ...days(1, 12).map((day) => run(day)),
          backup("by-hand", "2026-11-02", { name: `nightly-${stamp("2026-11-21")}` })
        ]
      },
      { only: ["stale"] },
      [["stale", "critical", "the newest usable backup is 9d14h old; a daily schedule allows 26h"]]
    ],
    ["a status that nobody knows", {
      runs: days(1, 21).map((day) => run(day, day < "2026-11-21" ? {} : { status: "Verified" }))
    }, {
      only: []
    }, [["unreadable", "unknown", "the status Verified of 1 backup (run-2026-11-21) is not known"]]],
    [
      "what a schedule does not say",
      {
        schedules: [
          schedule({ enabled: null, nextScheduledRun: null, createdAt: null, retentionExpireAfterDays: null })
        ]
      },
      { only: [] },
      [
        ["unreadable", "unknown", "it is not known whether nightly is enabled"],
        ["unreadable", "unknown", "it is not known when nightly was created"],
        ["unreadable", "unknown", "it is not known how long nightly keeps its backups"],
        ["unreadable", "unknown", "it is not known when nightly runs next"]
      ]
    ],
    [
      "nothing of a frequency that nobody knows, where runs show it",
      { schedules: [schedule({ frequency: "1/d" })] },
      {},
      []
    ],
    [
      "what is too old by the runs of a frequency that nobody knows",
      {
        schedules: [schedule({ frequency: "1/d" })],
        runs: days(1, 20).map((day) => run(day))
      },
      {},
      [
        ["stale", "critical", "the newest usable backup is 38h old; its schedule, judged by its past runs, allows 26h"],
        ["missed", "critical", "there is no run of 2026-11-21 06:00 UTC"]
      ]
    ],
    [
      "that nobody knows how often a schedule runs",
      {
        schedules: [schedule({ frequency: "often" })],
        runs: [run("2026-11-20"), run("2026-11-21")]
      },
      {},
      [["unreadable", "unknown", "it is not known how often nightly runs (often)"]]
    ],
    [
      "that the next run does not fit the runs of a frequency that nobody knows",
      {
        schedules: [schedule({ frequency: "often", nextScheduledRun: at("2026-12-21") })]
      },
      {},
      [["unreadable", "unknown", "it is not known how often nightly runs (often)"]]
    ],
    [
      "nothing of a size that has nothing to be compared with",
      {
        runs: [run("2026-11-19"), run("2026-11-20"), run("2026-11-21", { recordCount: 1 })]
      },
      {},
      []
    ],
    [
      "backups that do not reach from one run to the next",
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
        "weekly backups kept 5 days: nothing to restore from on 2 days of every 7"
      ]]
    ],
    [
      "that there is nothing today",
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
        "weekly backups kept 5 days: nothing to restore from on 2 days of every 7, and today is one"
      ]]
    ],
    [
      "that the last copy will go",
      {
        schedules: [schedule({ enabled: false, nextScheduledRun: null })],
        runs: days(1, 4).map((day) => run(day))
      },
      { skip: ["paused"] },
      [[
        "last-copy-expiring",
        "warning",
        "the last usable backup will be deleted in 12d10h, at 2026-12-04 06:00 UTC"
      ]]
    ],
    [
      "that it will go soon",
      {
        schedules: [schedule({ retentionExpireAfterDays: 7 })],
        runs: days(10, 21).map((day) => run(day, day < "2026-11-17" ? {} : { status: "Failed" }))
      },
      { skip: ["stale", "failed", "overdue"] },
      [[
        "last-copy-expiring",
        "critical",
        "the last usable backup will be deleted in 34h, at 2026-11-23 06:00 UTC"
      ]]
    ],
    [
      "that it should be gone already",
      {
        schedules: [schedule({ enabled: false, nextScheduledRun: null, retentionExpireAfterDays: 1 })],
        runs: days(19, 20).map((day) => run(day))
      },
      { skip: ["paused", "overdue"] },
      [[
        "last-copy-expiring",
        "critical",
        "the last usable backup was to be deleted at 2026-11-21 06:00 UTC, and may be at any moment"
      ]]
    ],
    [
      "nothing of a copy that stays",
      {
        schedules: [schedule({ enabled: false, nextScheduledRun: null })],
        runs: days(1, 4).map((day) => run(day)),
        backups: [...days(1, 4).map((day) => run(day)), backup("by-hand", "2026-10-01")]
      },
      { skip: ["paused"] },
      []
    ],
    ["too few copies", { runs: [run("2026-11-20"), run("2026-11-21")] }, {
      policy: { defaults: { minCopies: 3 } }
    }, [["copies", "warning", "there are 2 usable backups; the policy asks for 3"]]],
    [
      "what a policy says of a schedule",
      {
        schedules: [schedule({ frequency: "weekly", nextScheduledRun: at("2026-11-27") })],
        runs: [run("2026-11-20")]
      },
      { policy: { defaults: { minFrequency: "daily", minRetentionDays: 31 } } },
      [
        ["frequency", "warning", "nightly runs weekly; the policy asks for daily"],
        ["retention", "warning", "nightly keeps its backups for 30 days; the policy asks for 31"]
      ]
    ],
    [
      "no pause that has cost nothing",
      {
        schedules: [schedule({ enabled: false, nextScheduledRun: null })]
      },
      {},
      []
    ],
    [
      "a pause",
      {
        schedules: [schedule({ enabled: false, nextScheduledRun: null })],
        runs: days(1, 19).map((day) => run(day))
      },
      {},
      [[
        "paused",
        "warning",
        "nightly is paused, and its latest run was 2d14h ago; its last backup expires in 27d"
      ]]
    ],
    [
      "a pause that has cost everything",
      {
        schedules: [schedule({ enabled: false, nextScheduledRun: at("2026-11-22") })],
        runs: []
      },
      {},
      [["paused", "critical", "nightly is paused, and was created 324d ago; there is no usable backup"]]
    ],
    [
      "no schedule that is paused beside one that is not",
      {
        schedules: [
          schedule(),
          schedule({ scheduleId: BackupSchedule.ScheduleId.make("old"), name: "old", enabled: false })
        ]
      },
      {},
      []
    ],
    ["a time that has passed", { schedules: [schedule({ nextScheduledRun: at("2026-11-21T18:00:00Z") })] }, {}, [[
      "lagging",
      "warning",
      "the service says that nightly runs next at 2026-11-21 18:00 UTC, which was 2h ago"
    ]]],
    [
      "backups that should be gone",
      {
        schedules: [schedule({ retentionExpireAfterDays: 7 })],
        runs: days(10, 21).map((day) => run(day))
      },
      {},
      [[
        "overdue",
        "warning",
        "4 backups of nightly are still there, 4d14h after the first one's retention of 7 days"
      ]]
    ],
    [
      "no runs of long ago whose backups are gone",
      {
        schedules: [schedule({ retentionExpireAfterDays: 7 })],
        runs: good,
        backups: days(15, 21).map((day) => run(day))
      },
      {},
      []
    ],
    ["a long name", { schedules: [schedule({ name: "x".repeat(29) })] }, {}, [[
      "name-too-long",
      "warning",
      `the name of ${
        "x".repeat(29)
      } has 29 characters, so those of its backups have 46; the API allows 45 where people choose one`
    ]]],
    ...([
      ["disabled", "it is not protected from being deleted"],
      [null, "the service does not say whether it is protected from being deleted"],
      [undefined, "the service does not say whether it is protected from being deleted"],
      ["Enabled", "its deletion protection is Enabled, and not enabled"],
      ["", "its deletion protection is , and not enabled"]
    ] as const).flatMap(([deletionProtection, sentence]): ReadonlyArray<Row> => {
      const { deletionProtection: _, ...unprotected } = docs
      const indexes = [deletionProtection === undefined ? unprotected : { ...docs, deletionProtection }]
      return ([[undefined, "notice"], [false, "notice"], [true, "warning"]] as const).map((
        [requireDeletionProtection, severity]
      ) => [
        `deletion protection that is ${deletionProtection}, where a policy says ${requireDeletionProtection}`,
        { indexes },
        { policy: { defaults: requireDeletionProtection === undefined ? {} : { requireDeletionProtection } } },
        [["no-deletion-protection", severity, sentence]]
      ])
    }),
    ["that no restore was tried lately", { jobs: [job("2026-08-01")] }, {}, [
      ["untested", "notice", untested("90d")]
    ]],
    ["that none was tried in the time that a policy asks for", { jobs: [job("2026-11-01")] }, {
      policy: { defaults: { restoreTestedWithin: Duration.days(7) } }
    }, [["untested", "warning", untested("the time that the policy asks for")]]],
    ["no restore that a policy does not ask for", { jobs: [] }, {
      policy: { defaults: { restoreTestedWithin: Duration.infinity } }
    }, []],
    [
      "backups of an index that is gone",
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
      [["orphan", "notice", "the index was deleted 3d ago, and 1 backup of it is left"]]
    ],
    [
      "backups of an index that was made anew under its name",
      {
        backups: [...good, backup("b", "2026-10-01", { sourceIndexId: PineconeIndex.IndexId.make("before") })]
      },
      {},
      [["orphan", "notice", "the index was deleted, and 1 backup of it is left"]]
    ],
    ["a rule for an index that is not there", {}, {
      policy: { rules: [{ index: "dcos", minCopies: 1 }, { index: "none-*" }] }
    }, [["absent", "warning", "the policy has a rule for dcos, and there is no such index"]]],
    ["a quota that is used up", {}, { policy: { backupQuota: 21 } }, [
      ["quota", "critical", "21 of 21 backups used; no more can be made"]
    ]],
    ["a quota that will be", {}, { policy: { backupQuota: 29 } }, [
      ["quota", "warning", "21 of 29 backups used; full on 2026-11-29 at this rate"]
    ]],
    ["a quota that will not be", {}, { policy: { backupQuota: 31 } }, []]
  ])("tells %s", (_, world, options, expected) => {
    assert.deepStrictEqual(found(assess(world, options)), expected)
  })

  it.each<[what: string, left: ReadonlyArray<string>, severity: string | undefined]>([
    ["none is gone", days(1, 21), undefined],
    ["two by hand", [...days(1, 10), ...days(13, 21)], "notice"],
    ["three", [...days(1, 10), ...days(14, 21)], "warning"],
    ["most", [...days(1, 2), ...days(16, 21)], "critical"],
    ["all but the newest", days(21, 21), "critical"],
    ["all", [], "critical"],
    ["the oldest, as after a longer retention", days(15, 21), "warning"]
  ])("counts what is gone early: %s", (_, left, severity) => {
    const backups = left.map((day) => run(day))
    const [finding] = BackupHealth.findings(assess({ backups }, { only: ["gone-early"] }))
    assert.strictEqual(finding?.severity, severity)
    assert.lengthOf(finding?.evidence.backupIds ?? [], 21 - left.length)
  })

  it.each<[keep: number, expected: ReadonlyArray<string>]>([[7, []], [60, ["quota warning"]]])(
    "counts what is deleted before the quota is full: kept for %s days",
    (keep, expected) => {
      const runs = days(15, 21).map((day) => run(day))
      const world = { schedules: [schedule({ retentionExpireAfterDays: keep })], runs }
      const health = assess(world, { only: ["quota"], policy: { backupQuota: 20 } })
      assert.deepStrictEqual(verdicts(health), expected)
    }
  )

  it.each<[first: number, expected: ReadonlyArray<string>]>([[4, ["quota warning"]], [5, []]])(
    "warns from nine tenths of the quota on: since day %s",
    (first, expected) => {
      const runs = days(first, 21).map((day) => run(day))
      const world = { schedules: [schedule({ retentionExpireAfterDays: runs.length })], runs }
      const health = assess(world, { only: ["quota"], policy: { backupQuota: 20 } })
      assert.deepStrictEqual(verdicts(health), expected)
    }
  )

  it("does not ask how many records are in a backup that is older than a good one", () => {
    const runs = days(1, 21).map((day) => run(day, day === "2026-11-02" ? { recordCount: null } : {}))
    assert.deepStrictEqual(found(assess({ runs }, { only: ["stale"] })), [])
  })

  it("takes no backup for gone early that was empty, failed, or is due", () => {
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

  it("proposes to restore an index that is gone under its name, unless another has that", () => {
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
        remedy?._tag === "RestoreBackup" ? [remedy.backupId, remedy.targetIndexName] : remedy?._tag
      ])
    }
    const copies = days(10, 20).map((day) => gone(day))
    assert.deepStrictEqual<unknown>(verdict(copies), [["index-gone", "warning", ["wiki-2026-11-20", "wiki"]]])
    // Neither an empty backup nor one that is shrunk is proposed.
    for (const recordCount of [0, 1]) {
      assert.deepStrictEqual<unknown>(verdict([...copies.slice(0, -1), gone("2026-11-20", { recordCount })]), [
        ["index-gone", "warning", ["wiki-2026-11-19", "wiki"]]
      ])
    }
    const wiki = { name: PineconeIndex.IndexName.make("wiki"), id: PineconeIndex.IndexId.make("new") }
    assert.deepStrictEqual<unknown>(verdict(copies, [docs, wiki]), [["orphan", "notice", "InspectIndexBackups"]])
    // By hand, or long ago.
    assert.deepStrictEqual<unknown>(verdict([gone("2026-11-20", { name: "by-hand" })]), [
      ["orphan", "notice", "InspectIndexBackups"]
    ])
    assert.deepStrictEqual<unknown>(verdict([gone("2026-10-01")]), [["orphan", "notice", "InspectIndexBackups"]])
    assert.deepStrictEqual<unknown>(verdict([gone("2026-11-20", { createdAt: null, name: null })])[0]?.slice(0, 2), [
      "unreadable",
      "unknown"
    ])
  })

  it("judges an empty backup by its emptiness alone, whatever was before it", () => {
    const runs = [...days(1, 20).map((day) => run(day)), run("2026-11-21", { recordCount: 0, sizeBytes: 0 })]
    assert.deepStrictEqual(verdicts(assess({ runs })), ["stale critical", "empty critical"])
  })

  it.each<[what: string, earlier: Partial<Backup.Backup>, expected: ReadonlyArray<string>]>([
    ["empty as well", { recordCount: 0 }, ["empty warning"]],
    ["failed", { status: "Failed" }, ["failed warning", "empty warning"]],
    ["without a count", { recordCount: null }, ["empty critical", "unreadable unknown", "stale unknown"]],
    ["without a time", { createdAt: null, name: null }, ["empty critical", "unreadable unknown", "stale unknown"]],
    ["good", {}, ["stale critical", "empty critical"]]
  ])("takes an empty backup for the newest only where none has records: one before it is %s", (_, more, expected) => {
    const runs = [run("2026-11-19", more), run("2026-11-20", more), run("2026-11-21", { recordCount: 0 })]
    const health = assess({ runs }, { skip: ["untested", "missed", "no-copy-yet", "last-copy-expiring"] })
    assert.deepStrictEqual(verdicts(health), expected)
  })

  it("counts no backup of the future as left, where others are gone early", () => {
    const only: ReadonlyArray<HealthCheck.HealthCheck> = ["gone-early"]
    const inFuture = days(25, 29).map((day) => run(day))
    const severity = (left: ReadonlyArray<Backup.Backup>, more: ReadonlyArray<Backup.Backup> = []) =>
      verdicts(assess({ runs: [...good, ...more], backups: [...left, ...more] }, { only }))
    // Those that are left are newer than those that are gone.
    assert.deepStrictEqual(severity(good.slice(-7)), ["gone-early warning"])
    assert.deepStrictEqual(severity(good.slice(-7), inFuture), ["gone-early critical", "unreadable unknown"])
    assert.deepStrictEqual(severity(good.slice(-2), inFuture), ["gone-early critical", "unreadable unknown"])
    // Nor as many that are left: 11 are gone, 10 are there.
    const left = good.filter((_, position) => position % 2 === 1)
    assert.deepStrictEqual(severity(left), ["gone-early critical"])
    assert.deepStrictEqual(severity(left, inFuture), ["gone-early critical", "unreadable unknown"])
  })

  /** A backup of an index that is gone. */
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
    ).map(({ check, remedy, severity }) =>
      `${check} ${severity} ${remedy?._tag === "RestoreBackup" ? remedy.backupId : remedy?._tag}`
    )

  it.each<[count: number, expected: string]>([
    [2, "orphan notice InspectIndexBackups"],
    [3, "index-gone warning gone-2026-11-20"],
    [4, "index-gone warning gone-2026-11-20"]
  ])("takes %s backups without names of a deleted index for those of a schedule, or not", (count, expected) => {
    const nameless = days(21 - count, 20).map((day) => ofGone(day, { name: null }))
    assert.deepStrictEqual(verdictsOf(nameless), [expected])
  })

  it("counts none without a name that is no good copy", () => {
    const nameless = days(19, 20).map((day) => ofGone(day, { name: null }))
    for (const more of [{ recordCount: 0 }, { status: "Failed" }]) {
      const third = ofGone("2026-11-18", { name: null, ...more })
      assert.deepStrictEqual(verdictsOf([third, ...nameless]), ["orphan notice InspectIndexBackups"])
    }
  })

  it("counts what may be a good copy, since it does not say how many records it has", () => {
    const [first, ...others] = days(18, 20).map((day) => ofGone(day, { name: null }))
    assert.deepStrictEqual(verdictsOf([{ ...first!, recordCount: null }, ...others]), [
      "index-gone warning gone-2026-11-20"
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

  it("knows a deleted index by its latest copies, and proposes a restore where one alone was the last of its name", () => {
    const gone = ["index-gone warning gone-2026-11-20"]
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
    // What is no good copy does not show that an index was there later.
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

  it("takes an empty backup for the newest where a good one is as new", () => {
    for (const id of ["a", "z"]) {
      const runs = [...good, run("2026-11-21", { backupId: Backup.BackupId.make(id), recordCount: 0 })]
      assert.deepStrictEqual(verdicts(assess({ runs })), ["empty critical"])
    }
  })

  it.each<[enabled: boolean, expected: ReadonlyArray<string>]>([
    [true, ["failed critical"]],
    [false, []]
  ])("looks back for failures beyond the week where none was good since, if enabled is %s", (enabled, expected) => {
    const runs = [run("2026-11-08"), run("2026-11-09", { status: "Failed" })]
    const health = assess({ schedules: [schedule({ enabled })], runs }, { only: ["failed"] })
    assert.deepStrictEqual(verdicts(health), expected)
  })

  it("reports a backup that failed where nobody knows who made it", () => {
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
  ])("lets a backup go an hour before its retention is over: %s", (time, expected) => {
    const schedules = [schedule({ retentionExpireAfterDays: 1 })]
    const health = assess({ schedules, runs: [run(time)], backups: [] }, { only: ["gone-early"] })
    assert.deepStrictEqual(verdicts(health), expected)
  })

  it.each<[what: string, other: Partial<Backup.Backup>, isRead: boolean, expected: ReadonlyArray<string>]>([
    ["one made by hand", { name: "by-hand" }, true, []],
    ["one that a schedule may have made", { name: "by-hand" }, false, ["unreadable unknown"]],
    ["an empty one", { name: "by-hand", recordCount: 0 }, true, ["last-copy-expiring warning"]]
  ])("does not say that the last copy will go where there may be one that stays: %s", (_, other, isRead, expected) => {
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
    ["runs do", { runs: good.slice(-3) }, []],
    ["runs are missing", { runs: good.slice(0, 4) }, ["last-copy-expiring warning"]],
    ["runs fail", {
      runs: good.map((run, day) => day < 4 ? run : { ...run, status: "Failed" })
    }, ["last-copy-expiring warning"]]
  ])("counts on no schedule to replace the last copy unless its runs do, however old it may be: %s", (
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
  ])("lets the next run be of up to an hour ago: %s", (next, expected) => {
    const health = assess({ schedules: [schedule({ nextScheduledRun: at(next) })] }, { only: ["lagging"] })
    assert.deepStrictEqual(verdicts(health), expected)
  })

  it("takes no row of a history that is only planned for stuck, but a backup that is listed and never began", () => {
    const planned = run("2026-11-21T07:00:00Z", { status: "Scheduled" })
    const stuck = (backups: ReadonlyArray<Backup.Backup>) =>
      verdicts(assess({ runs: [...good, planned], backups }, { only: ["stuck"] }))
    assert.deepStrictEqual(stuck(good), [])
    assert.deepStrictEqual(stuck([...good, planned]), ["stuck warning"])
  })

  it("takes more that are gone early than left for most", () => {
    const severity = (runs: ReadonlyArray<Backup.Backup>) =>
      verdicts(assess({ runs, backups: runs.filter((_, day) => day % 2 === 1) }, { only: ["gone-early"] }))
    assert.deepStrictEqual(severity(good.slice(1)), ["gone-early warning"])
    assert.deepStrictEqual(severity(good), ["gone-early critical"])
  })

  it.each<[minFrequency: BackupSchedule.Frequency, expected: ReadonlyArray<string>]>([
    ["daily", ["frequency warning"]],
    ["weekly", []],
    ["monthly", []]
  ])("compares a weekly schedule with what a policy asks for: %s", (minFrequency, expected) => {
    const world = { schedules: [schedule({ frequency: "weekly" })] }
    assert.deepStrictEqual(
      verdicts(assess(world, { only: ["frequency"], policy: { defaults: { minFrequency } } })),
      expected
    )
  })

  it("knows an index without an id by its schedules, as long as its backups are of the same", () => {
    const indexes = [{ ...docs, id: null }]
    assert.deepStrictEqual(verdicts(assess({ indexes })), [])
    const schedules = [schedule({ indexId: PineconeIndex.IndexId.make("other") })]
    assert.include(verdicts(assess({ indexes, schedules })), "unreadable unknown")
  })

  it("takes no run that is dated in the future for a later one that was good", () => {
    const runs = [...good.slice(0, -1), run("2026-11-21", { status: "Failed" }), run("2026-12-21")]
    assert.deepStrictEqual(verdicts(assess({ runs }, { only: ["failed"] })), ["failed critical", "unreadable unknown"])
  })

  it.each<[keep: number, expected: ReadonlyArray<string>]>([[6, ["retention-gap warning"]], [7, []]])(
    "keeps backups until the next is there, or not: %s days of a week",
    (keep, expected) => {
      const schedules = [schedule({ frequency: "weekly", retentionExpireAfterDays: keep })]
      assert.deepStrictEqual(verdicts(assess({ schedules }, { only: ["retention-gap"] })), expected)
    }
  )

  it("says when a schedule runs next if it is enabled, and how the latest run that is over ended", () => {
    const runs = [...good, run("2026-11-21T19:00:00Z", { status: "Initializing" })]
    const of = (enabled: boolean) =>
      assess({ schedules: [schedule({ enabled })], runs }).indexes[0]?.schedules.map(({ lastStatus, nextRunAt }) => ({
        lastStatus,
        nextRunAt
      }))
    assert.deepStrictEqual(of(true), [{ lastStatus: "Ready", nextRunAt: at("2026-11-22") }])
    assert.deepStrictEqual(of(false), [{ lastStatus: "Ready", nextRunAt: null }])
  })

  it("judges paused schedules by the one that ran last", () => {
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
    "compares the retention with what a policy asks for: %s days of 31",
    (keep, expected) => {
      const schedules = [schedule({ retentionExpireAfterDays: keep })]
      const health = assess({ schedules }, { only: ["retention"], policy: { defaults: { minRetentionDays: 31 } } })
      assert.deepStrictEqual(verdicts(health), expected)
    }
  )

  it.each<[what: string, hour: string, expected: ReadonlyArray<string>]>([
    ["after it", "17", []],
    ["before it", "15", ["stale critical"]]
  ])("waits for a backup that is under way only if it began after the newest: %s", (_, hour, expected) => {
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
  ])("knows the rhythm of %s runs without names, of a frequency that nobody knows", (count, expected) => {
    const runs = days(21 - count, 20).map((day) => run(day, { name: null }))
    const health = assess({ schedules: [schedule({ frequency: "often" })], runs })
    assert.deepStrictEqual(verdicts(health), expected)
  })

  it("does not say when the quota is full, where it knows a part of the project alone", () => {
    const whole = facts()
    const other = { name: PineconeIndex.IndexName.make("other"), id: PineconeIndex.IndexId.make("other") }
    const part = { ...whole, all: [...whole.all, other] }
    const sentences = (backupQuota: number) =>
      found(HealthChecks.assess(part, { now, policy: { backupQuota } })).map(([, , sentence]) => sentence)
    assert.deepStrictEqual(sentences(29), [])
    assert.deepStrictEqual(sentences(22), ["21 of 22 backups used"])
  })

  it("says how to mend it, and names the schedule where that can mean no other and no index", () => {
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

  it("says nothing good of what could not be read", () => {
    const { all, backups, indexes, restoreJobs } = facts()
    const index = indexes[0]!
    const sentence = "could not be read: connection refused (ConnectionFailed)"
    const cases: ReadonlyArray<[BackupHealth.Facts, string]> = [
      [
        { all, backups, restoreJobs, indexes: [{ ...index, schedules: Result.fail(failure) }] },
        `its schedules ${sentence}`
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
    // It compares nothing with the present time.
    ["unprotected", "critical", { schedules: [], runs: [] }]
  ])("does not know ages by clocks that contradict each other: %s", (check, severity, world) => {
    const by = (_tag: "Agreed" | "Contradictory") =>
      verdicts(assess(world, { only: [check], clocks: { _tag, now, own: now, earliest: at("2026-11-01") } }))
    assert.deepStrictEqual(by("Agreed"), [`${check} ${severity}`])
    const after = check === "unprotected" ? severity : "unknown"
    assert.sameMembers([...by("Contradictory")], ["clock unknown", `${check} ${after}`])
  })

  it("goes by the latest of all clocks, where they contradict each other", () => {
    const early = at("2026-11-01")
    for (const [now, latest] of [[at("2026-11-21"), early], [early, at("2026-11-21")]] as const) {
      const health = assess({}, { now, clocks: { _tag: "Contradictory", now: latest, own: early, earliest: early } })
      assert.deepStrictEqual(health.at, at("2026-11-21"))
    }
  })

  it.each<[next: DateTime.Utc, expected: ReadonlyArray<string>]>([
    [DateTime.add(now, { days: 32 }), []],
    [DateTime.add(now, { days: 32, seconds: 1 }), ["unreadable unknown"]]
  ])("knows of no schedule that runs next in more than 32 days: %s", (nextScheduledRun, expected) => {
    assert.deepStrictEqual(verdicts(assess({ schedules: [schedule({ nextScheduledRun })] }, { only: [] })), expected)
  })

  it("misses no other index of the policy, where it looks at a part of the project alone", () => {
    const whole = facts()
    const other = { name: PineconeIndex.IndexName.make("other"), id: PineconeIndex.IndexId.make("other") }
    const options = { now, only: ["absent"], policy: { rules: [{ index: "dcos" }] } } as const
    assert.deepStrictEqual(verdicts(HealthChecks.assess(whole, options)), ["absent warning"])
    assert.deepStrictEqual(verdicts(HealthChecks.assess({ ...whole, all: [...whole.all, other] }, options)), [])
  })

  it("says when the last of the exceptions in the policy ended", () => {
    const until = (day: string) => ({ check: "unprotected", reason: "known", until: at(day) }) as const
    const policy = {
      defaults: { ignore: [until("2026-11-01")] },
      rules: [{ index: "docs", ignore: [until("2026-11-02")] }]
    }
    assert.deepStrictEqual(found(assess({ schedules: [], runs: [] }, { policy })), [[
      "unprotected",
      "critical",
      "no schedule backs it up, and there is no usable backup of it; the exception for it ended at 2026-11-02 06:00 UTC"
    ]])
  })

  it("makes an exception up to the instant at which it ends", () => {
    const verdictsAt = (seconds: number) => {
      const until = DateTime.add(now, { seconds })
      const policy = { defaults: { ignore: [{ check: "unprotected", reason: "known", until }] } } as const
      return verdicts(assess({ schedules: [], runs: [] }, { policy }))
    }
    assert.deepStrictEqual(verdictsAt(0), [])
    assert.deepStrictEqual(verdictsAt(-1), ["unprotected critical"])
  })

  it("is unknown without any index, whatever else is asked for, unless that is allowed", () => {
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
    // Backups of deleted indexes are no index.
    for (const world of [{ indexes: [], backups: [] }, { indexes: [] }] satisfies ReadonlyArray<World>) {
      for (const options of cases) {
        const health = assess(world, options)
        assert.deepStrictEqual(health.project.map(({ check, severity }) => [check, severity]), [[
          "no-indexes",
          "unknown"
        ]])
        assert.deepStrictEqual([health.status, health.totals.unknown], ["unknown", 1])
        // What is left of an index that is gone is worth a warning.
        const isEmpty = "backups" in world || options.only !== undefined || options.policy !== undefined
        assert.strictEqual(assess(world, allowed(options)).status, isEmpty ? "ok" : "warning")
      }
    }
    // One index is enough, whatever else is wrong with it.
    assert.notInclude(assess({ runs: [], schedules: [] }).project.map(({ check }) => check), "no-indexes")
  })

  it("sets aside what a policy does not want to hear, until then", () => {
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
      "12 runs did not happen, the latest of 2026-11-30 06:00 UTC; the exception for it ended at 2026-11-30 23:59 UTC"
    ])
  })

  it("puts the worst first, and names what it rests on", () => {
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
      times: [{ what: "newest", at: at("2026-11-19") }],
      values: { limit: 26 * 3_600, age: (62 * 60 + 15) * 60 }
    })
  })

  it("is the same after a trip through JSON", () => {
    const health = assess({ runs: days(1, 18).map((day) => run(day)), jobs: [] })
    const json = Schema.encodeUnknownSync(BackupHealth.BackupHealth)(health)
    assert.deepStrictEqual(
      Schema.decodeUnknownSync(BackupHealth.BackupHealth)(JSON.parse(JSON.stringify(json))),
      health
    )
  })
})
