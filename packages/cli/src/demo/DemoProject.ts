/**
 * The demo project: a simulated service in this process. Its time always starts at the same instant, so that its output
 * can appear in documentation. Loaded on demand.
 */
import * as Backup from "@pinecone-backups/core/Backup"
import type * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import type * as DrillReport from "@pinecone-backups/core/drill/DrillReport"
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import type * as Pinecone from "@pinecone-backups/core/Pinecone"
import type * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Time from "../output/Time.ts"

const at = DateTime.makeUnsafe

const now = at("2026-11-21T20:00:00Z")

/** The time at which schedules run on a given day. */
const slotOf = (day: string) => at(`${day}T06:00:00Z`)

/** The latest time at which a daily schedule ran or should have run. */
const lastSlot = slotOf("2026-11-21")

/** The ID of the latest restore job. */
export const restoreJobId = "9857add2-99d4-4399-870e-aa7f15d8d326"

/** IDs in examples, by the string from which they are derived. */
const knownIds: Readonly<Record<string, string>> = {
  "docs": "d40265e4-a492-402b-9cf1-973b4908b7a0",
  "docs-restored": "0d8aed24-adf8-4b77-8e10-fd674309dc85",
  "docs-daily": "c688ed12-5a39-4254-9518-bd394b7f4886",
  "restore of docs": restoreJobId
}

/** Eight hexadecimal digits derived from a string. */
const digits = (text: string): string => {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, "0")
}

/** A deterministic ID in Pinecone's format. */
const id = (text: string): string => {
  const all = [1, 2, 3, 4].map((part) => digits(`${part} ${text}`)).join("")
  return knownIds[text] ??
    `${all.slice(0, 8)}-${all.slice(8, 12)}-4${all.slice(13, 16)}-a${all.slice(17, 20)}-${all.slice(20)}`
}

/** The ID of a scheduled backup, by the number of runs between it and the next run. */
const backupId = (name: string, age: number) => Backup.BackupId.make(id(`${name} ${age}`))

const stamp = (instant: DateTime.Utc): string => DateTime.formatIso(instant).replace(/\.\d+/, "").replace(/[-:]/g, "")

const bytesPerRecord = 6_210

/** The current record count of each index. */
const recordCounts = {
  "docs": 98_214,
  "product-catalog": 412_500,
  "support-tickets": 56_020,
  "sessions": 730_450,
  "carts": 18_330,
  "reviews": 240_100,
  "newsletter": 9_400,
  "legacy-embeddings": 1_204_000,
  "docs-restored": 97_603
}

/** Options of a schedule and its runs. */
interface Options extends Pick<Seed.Schedule, "createdAt" | "nextScheduledRun"> {
  /** Retention in days. Older backups are only in the history. */
  readonly kept: number
  readonly runs?: number
  /** Number of records added between two runs. */
  readonly growth?: number
  /** The day of the latest run, for a schedule paused since then. */
  readonly lastRun?: string
}

/** An irregularity of a run. An overdue backup exists past its retention. */
type Oddity = "failed" | "missed" | "late" | "emptied" | "shrunk" | "underWay" | "overdue"

const lengthOf = {
  daily: (periods: number) => ({ days: periods }),
  weekly: (periods: number) => ({ weeks: periods }),
  monthly: (periods: number) => ({ months: periods })
}

/** A schedule and its history. Irregular runs are numbered back from the next run, which is 0. */
const scheduled = (
  indexName: keyof typeof recordCounts,
  name: string,
  frequency: keyof typeof lengthOf,
  { growth = 0, kept, lastRun, runs = 0, ...options }: Options,
  oddities: Readonly<Record<number, Oddity>> = {}
): Seed.Schedule => {
  const newest = lastRun === undefined ? lastSlot : slotOf(lastRun)
  const ran = Array.from({ length: runs }, (_, index) => index + 1)
    .filter((age) => oddities[age] !== "missed")
    .map((age) => {
      const planned = DateTime.subtract(newest, lengthOf[frequency](age - 1))
      const oddity = oddities[age]
      const isReady = oddity !== "underWay" && oddity !== "failed"
      const usual = recordCounts[indexName] - age * growth
      const recordCount = oddity === "emptied" ? 0 : oddity === "shrunk" ? Math.round(usual / 6) : usual
      return {
        backupId: backupId(name, age),
        // The simulated service numbers runs consecutively, so runs before a missed one need their own times.
        name: `${name}-${stamp(planned)}`,
        createdAt: DateTime.add(planned, oddity === "late" ? { hours: 3, minutes: 25 } : { seconds: 1 }),
        status: isReady ? "Ready" : oddity === "failed" ? "InitializationFailed" : "Initializing",
        expired: DateTime.isLessThan(DateTime.add(planned, { days: kept }), now) && oddity !== "overdue",
        ...(isReady && { recordCount, sizeBytes: recordCount * bytesPerRecord })
      }
    })
  return {
    id: id(name),
    name,
    indexName,
    frequency,
    expireAfterDays: kept,
    createdAt: at("2026-08-13T09:12:44.803Z"),
    ...(lastRun !== undefined && { enabled: false }),
    runs: lastRun === undefined ? [{ backupId: backupId(name, 0), status: "Scheduled" }, ...ran] : ran,
    ...options
  }
}

const manual = (indexName: string, name: string, createdAt: string, recordCount: number, description: string) => ({
  backupId: Backup.BackupId.make(id(name)),
  indexName,
  name,
  description,
  createdAt: at(createdAt),
  recordCount,
  sizeBytes: recordCount * bytesPerRecord
})

const restored = (
  what: string,
  schedule: string,
  age: number,
  targetIndexName: string,
  day: string,
  from: string,
  to: string
) => ({
  id: id(`restore of ${what}`),
  backupId: backupId(schedule, age),
  targetIndexName,
  createdAt: at(`${day}T${from}Z`),
  completedAt: at(`${day}T${to}Z`)
})

/** The initial state of the demo project: 90 days of mostly successful runs, and findings for nearly every check. */
export const options: ControlPlane.Options = {
  now,
  speed: 0,
  project: { restoreDuration: Duration.seconds(581) },
  indexes: [
    ...Object.entries(recordCounts).map(([name, recordCount]) => ({
      id: id(name),
      name,
      recordCount,
      deletionProtection: name === "docs-restored" ? "disabled" as const : "enabled" as const
    })),
    { id: id("blog-2024"), name: "blog-2024", deletedAt: at("2026-11-02T17:20:00Z") }
  ],
  schedules: [
    scheduled("docs", "docs-daily", "daily", { kept: 30, runs: 90, growth: 611 }, {
      6: "emptied",
      9: "failed",
      61: "late"
    }),
    scheduled("product-catalog", "catalog-daily", "daily", { kept: 7, runs: 90, growth: 180 }, {
      1: "missed",
      2: "failed"
    }),
    scheduled("support-tickets", "tickets-weekly", "weekly", { kept: 5, runs: 13, growth: 940 }),
    scheduled("sessions", "sessions-daily", "daily", { kept: 14, runs: 60, growth: 2_100 }, {
      1: "underWay",
      2: "shrunk"
    }),
    scheduled("carts", "carts-daily", "daily", { kept: 7, runs: 40, growth: 12, nextScheduledRun: lastSlot }, {
      1: "emptied",
      9: "overdue",
      10: "overdue"
    }),
    scheduled("reviews", "customer-reviews-nightly-backup", "daily", {
      kept: 30,
      createdAt: at("2026-11-18T15:31:07.119Z")
    }),
    scheduled("newsletter", "newsletter-weekly", "weekly", { kept: 30, runs: 8, growth: 25, lastRun: "2026-10-28" }),
    scheduled("legacy-embeddings", "legacy-monthly", "monthly", { kept: 90, runs: 3, lastRun: "2026-10-11" })
  ],
  backups: [
    manual("docs", "before-reindex", "2026-11-12T13:40:00Z", 92_380, "before the embedding model change"),
    manual("product-catalog", "black-friday", "2026-11-18T16:05:00Z", 411_900, "kept for the sale"),
    manual("legacy-embeddings", "final", "2026-10-11T09:30:00Z", 1_204_000, "last backup before retirement"),
    {
      ...manual("blog-2024", "blog-archive", "2026-11-02T17:01:00Z", 3_120, "permanent archive"),
      sourceIndexId: PineconeIndex.IndexId.make(id("blog-2024"))
    }
  ],
  restoreJobs: [
    restored("tickets", "tickets-weekly", 15, "support-tickets", "2026-08-14", "10:02:11.480", "10:10:23.913"),
    restored("catalog", "catalog-daily", 101, "product-catalog", "2026-08-13", "15:21:40.102", "15:32:35.640"),
    restored("docs", "docs-daily", 1, "docs-restored", "2026-11-21", "09:14:05.227", "09:23:46.074")
  ]
}

/** The backup policy of the demo project. */
export const policy: BackupPolicy.BackupPolicy = {
  backupQuota: 80,
  rules: [
    {
      index: "support-*",
      minFrequency: "daily",
      minRetentionDays: 14,
      rpo: Duration.days(5),
      schedule: { every: "daily", keep: 14 }
    },
    { index: "docs", schedule: { every: "daily", keep: 14 } },
    {
      index: "docs-restored",
      schedule: { every: "daily", keep: 14 },
      settings: { deletionProtection: "enabled", tags: { team: "search" } }
    },
    { index: "newsletter", minCopies: 4, schedule: { name: "newsletter-weekly", paused: false } },
    { index: "product-catalog", schedule: { every: "daily", keep: 7 } },
    { index: "images", schedule: { every: "weekly", keep: 30 } },
    {
      index: "legacy-*",
      ignore: [{
        check: "untested",
        reason: "restored manually in October",
        until: at("2027-03-31T23:59:59Z")
      }]
    }
  ]
}

/** A drill in the log that has ended. */
interface EndedDrill extends DrillLog.DrillEntry {
  readonly report: DrillReport.DrillReport
}

/** A successful drill of the daily backup of that day. It read no sample. */
const drilled = (
  index: keyof typeof recordCounts,
  schedule: string,
  age: number,
  records: number,
  start: string,
  restoreSeconds: number
): EndedDrill => {
  const executionId = id(`drill of ${schedule} ${age}`).replaceAll("-", "")
  const indexName = PineconeIndex.IndexName.make(index)
  const startedAt = at(start)
  const restoredAt = DateTime.add(startedAt, { seconds: restoreSeconds })
  const countedAt = DateTime.add(restoredAt, { seconds: 14 })
  const endedAt = DateTime.add(countedAt, { seconds: 21 })
  const takenAt = slotOf(start.slice(0, 10))
  const report: DrillReport.DrillReport = {
    executionId,
    drillId: executionId,
    indexName,
    outcome: "SUCCESSFUL",
    reason: null,
    backup: {
      backupId: backupId(schedule, age),
      name: `${schedule}-${stamp(takenAt)}`,
      sourceIndexId: PineconeIndex.IndexId.make(id(index)),
      takenAt,
      recordCount: records,
      namespaceCount: 1,
      sizeBytes: records * bytesPerRecord,
      dimension: 1536,
      hasTypedSchema: false
    },
    skipped: [],
    restoreJobId: null,
    restoreSeconds,
    times: {
      startedAt,
      chosenAt: startedAt,
      requestedAt: startedAt,
      restoredAt,
      countedAt,
      sampledAt: null,
      probedAt: null,
      recountedAt: null,
      removedAt: endedAt,
      endedAt
    },
    counted: { at: countedAt, records, namespaces: 1, emptyNamespaces: [] },
    recounted: null,
    sampled: null,
    checks: [{ check: "count", result: "passed", detail: null }],
    leftover: null
  }
  return {
    executionId,
    drillId: executionId,
    indexName,
    startedAt,
    deadlineAt: DateTime.add(startedAt, { hours: 6 }),
    report,
    problem: null
  }
}

/** The drills of the demo project. Drills that a command runs are not added. */
export const drills: ReadonlyArray<EndedDrill> = [
  drilled("docs", "docs-daily", 4, recordCounts.docs - 4 * 611, "2026-11-18T07:30:00Z", 572),
  drilled(
    "product-catalog",
    "catalog-daily",
    5,
    recordCounts["product-catalog"] - 5 * 180,
    "2026-11-17T07:30:00Z",
    948
  ),
  drilled("docs", "docs-daily", 32, recordCounts.docs - 32 * 611, "2026-10-21T07:30:00Z", 519)
]

/** Speed of the demo clock, in seconds per second, once it runs. */
export const speed = 300

/**
 * Layer that provides the services of core and their client on the demo project.
 *
 * **Details**
 *
 * The clock stands still for one second, so that short commands always print the same output. Then it runs fast, so
 * that waits finish.
 */
export const layer = (
  settings: Pick<PineconeMemory.Options, "requestTimeout" | "transformClient">
): Layer.Layer<Pinecone.Services | PineconeClient.PineconeClient> =>
  Layer.effect(
    Time.Now,
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* Effect.forkScoped(Effect.delay(plane.setSpeed(speed), "1 second"))
      return plane.now
    })
  ).pipe(Layer.provideMerge(PineconeMemory.layer({ ...settings, ...options })))
