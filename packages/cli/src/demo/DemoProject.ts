/**
 * The demo project: a made-up service in this process, which always begins on the evening of the same day, so that
 * what it prints can stand in a README. Loaded only when it is asked for.
 */
import * as Backup from "@pinecone-backups/core/Backup"
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

/** The id of the daily schedule of the index `docs`. */
export const scheduleId = "c688ed12-5a39-4254-9518-bd394b7f4886"

/** The id of the latest restore job. */
export const restoreJobId = "9857add2-99d4-4399-870e-aa7f15d8d326"

const now = DateTime.makeUnsafe("2026-11-21T20:00:00Z")

/** The latest time at which a schedule ran, or should have. */
const lastSlot = DateTime.makeUnsafe("2026-11-21T06:00:00Z")

/** Eight hexadecimal digits that follow from a text, and tell nothing of it. */
const digits = (text: string): string => {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, "0")
}

/** An id that looks like Pinecone's, and is always the same. */
const id = (text: string): string => {
  const all = [1, 2, 3, 4].map((part) => digits(`${part} ${text}`)).join("")
  return `${all.slice(0, 8)}-${all.slice(8, 12)}-4${all.slice(13, 16)}-a${all.slice(17, 20)}-${all.slice(20)}`
}

/** The id of a backup of a schedule, by how many runs it lies before the next one. */
const backupId = (name: string, age: number) => Backup.BackupId.make(id(`${name} ${age}`))

const stamp = (instant: DateTime.Utc): string => DateTime.formatIso(instant).replace(/\.\d+/, "").replace(/[-:]/g, "")

/** What is known of the runs of a schedule. Ages count from the next run, which is 0. */
interface History {
  readonly name: string
  readonly frequency: "daily" | "weekly" | "monthly"
  /** For how many days a backup is kept. What is older is in the history alone. */
  readonly kept: number
  readonly runs: number
  /** What the index holds now, and how many records it gained from one run to the next. */
  readonly records: number
  readonly growth: number
  /** The latest run, where that is not the one of this morning. */
  readonly lastRun?: DateTime.Utc
  readonly isPaused?: boolean
  readonly failed?: ReadonlyArray<number>
  readonly missed?: ReadonlyArray<number>
  readonly late?: ReadonlyArray<number>
  readonly emptied?: ReadonlyArray<number>
  readonly shrunk?: ReadonlyArray<number>
  readonly underWay?: ReadonlyArray<number>
  /** Those that are still there although they should not be. */
  readonly overdue?: ReadonlyArray<number>
}

const historyOf = (history: History): NonNullable<Seed.Schedule["runs"]> => {
  const { frequency, isPaused, kept, lastRun = lastSlot, missed = [], name } = history
  const is = (ages: ReadonlyArray<number> | undefined, age: number) => ages?.includes(age) === true
  const slot = (age: number) =>
    DateTime.subtract(
      lastRun,
      frequency === "daily"
        ? { days: age - 1 }
        : frequency === "weekly"
        ? { days: 7 * (age - 1) }
        : { months: age - 1 }
    )
  const ran = Array.from({ length: history.runs }, (_, index) => index + 1)
    .filter((age) => !missed.includes(age))
    .map((age) => {
      const planned = slot(age)
      const isOver = !is(history.underWay, age)
      const isReady = isOver && !is(history.failed, age)
      const usual = history.records - age * history.growth
      const records = is(history.emptied, age) ? 0 : is(history.shrunk, age) ? Math.round(usual / 6) : usual
      return {
        backupId: backupId(name, age),
        // The service of the tests puts runs side by side; where one is missing, those before it are older than that.
        name: `${name}-${stamp(planned)}`,
        createdAt: DateTime.add(planned, is(history.late, age) ? { hours: 3, minutes: 25 } : { seconds: 1 }),
        status: isReady ? "Ready" : isOver ? "InitializationFailed" : "Initializing",
        expired: DateTime.isLessThan(DateTime.add(planned, { days: kept }), now) && !is(history.overdue, age),
        ...(isReady && { recordCount: records, sizeBytes: records * 6_210 })
      }
    })
  return isPaused === true ? ran : [{ backupId: backupId(name, 0), status: "Scheduled" }, ...ran]
}

/** A schedule and its history, of an index. */
const scheduled = (
  indexName: string,
  history: History,
  more: Partial<Seed.Schedule> = {}
): Seed.Schedule => ({
  id: id(history.name),
  name: history.name,
  indexName,
  frequency: history.frequency,
  expireAfterDays: history.kept,
  createdAt: DateTime.makeUnsafe("2026-08-13T09:12:44.803Z"),
  ...(history.isPaused === true && { enabled: false }),
  runs: historyOf(history),
  ...more
})

const manual = (indexName: string, name: string, createdAt: string, recordCount: number, description: string) => ({
  backupId: Backup.BackupId.make(id(name)),
  indexName,
  name,
  description,
  createdAt: DateTime.makeUnsafe(createdAt),
  recordCount,
  sizeBytes: recordCount * 6_210
})

/**
 * What the demo project begins with: ninety days in which most went well, and something for every check of an audit to
 * find.
 */
export const options: ControlPlane.Options = {
  now,
  speed: 0,
  project: { restoreDuration: Duration.seconds(581) },
  indexes: [
    { id: "d40265e4-a492-402b-9cf1-973b4908b7a0", name: "docs", recordCount: 98_214 },
    { id: id("product-catalog"), name: "product-catalog", recordCount: 412_500 },
    { id: id("support-tickets"), name: "support-tickets", recordCount: 56_020 },
    { id: id("sessions"), name: "sessions", recordCount: 730_450 },
    { id: id("carts"), name: "carts", recordCount: 18_330 },
    { id: id("reviews"), name: "reviews", recordCount: 240_100 },
    { id: id("newsletter"), name: "newsletter", recordCount: 9_400 },
    { id: id("legacy-embeddings"), name: "legacy-embeddings", recordCount: 1_204_000 },
    { id: "0d8aed24-adf8-4b77-8e10-fd674309dc85", name: "docs-restored", recordCount: 97_603 },
    { id: id("blog-2024"), name: "blog-2024", deletedAt: DateTime.makeUnsafe("2026-11-02T17:20:00Z") }
  ],
  schedules: [
    scheduled("docs", {
      name: "docs-daily",
      frequency: "daily",
      kept: 30,
      runs: 90,
      records: 98_214,
      growth: 611,
      failed: [9],
      late: [61],
      emptied: [6]
    }, { id: scheduleId }),
    scheduled("product-catalog", {
      name: "catalog-daily",
      frequency: "daily",
      kept: 7,
      runs: 90,
      records: 412_500,
      growth: 180,
      failed: [2],
      missed: [1]
    }),
    scheduled("support-tickets", {
      name: "tickets-weekly",
      frequency: "weekly",
      kept: 5,
      runs: 13,
      records: 56_020,
      growth: 940
    }),
    scheduled("sessions", {
      name: "sessions-daily",
      frequency: "daily",
      kept: 14,
      runs: 60,
      records: 730_450,
      growth: 2_100,
      shrunk: [2],
      underWay: [1]
    }),
    scheduled("carts", {
      name: "carts-daily",
      frequency: "daily",
      kept: 7,
      runs: 40,
      records: 18_330,
      growth: 12,
      emptied: [1],
      overdue: [9, 10]
    }, { nextScheduledRun: lastSlot }),
    scheduled("reviews", {
      name: "customer-reviews-nightly-backup",
      frequency: "daily",
      kept: 30,
      runs: 0,
      records: 0,
      growth: 0
    }, { createdAt: DateTime.makeUnsafe("2026-11-18T15:31:07.119Z") }),
    scheduled("newsletter", {
      name: "newsletter-weekly",
      frequency: "weekly",
      kept: 30,
      runs: 8,
      records: 9_400,
      growth: 25,
      lastRun: DateTime.makeUnsafe("2026-10-28T06:00:00Z"),
      isPaused: true
    }),
    scheduled("legacy-embeddings", {
      name: "legacy-monthly",
      frequency: "monthly",
      kept: 90,
      runs: 3,
      records: 1_204_000,
      growth: 0,
      lastRun: DateTime.makeUnsafe("2026-10-11T06:00:00Z"),
      isPaused: true
    })
  ],
  backups: [
    manual("docs", "before-reindex", "2026-11-12T13:40:00Z", 92_380, "before the change of the embedding model"),
    manual("product-catalog", "black-friday", "2026-11-18T16:05:00Z", 411_900, "frozen for the sale"),
    manual("legacy-embeddings", "final", "2026-10-11T09:30:00Z", 1_204_000, "the last one before it is retired"),
    {
      ...manual("blog-2024", "blog-archive", "2026-11-02T17:01:00Z", 3_120, "to be kept for good"),
      sourceIndexId: PineconeIndex.IndexId.make(id("blog-2024"))
    }
  ],
  restoreJobs: [
    {
      id: id("restore of tickets"),
      backupId: backupId("tickets-weekly", 15),
      targetIndexName: "support-tickets",
      createdAt: DateTime.makeUnsafe("2026-08-14T10:02:11.480Z"),
      completedAt: DateTime.makeUnsafe("2026-08-14T10:10:23.913Z")
    },
    {
      id: id("restore of catalog"),
      backupId: backupId("catalog-daily", 101),
      targetIndexName: "product-catalog",
      createdAt: DateTime.makeUnsafe("2026-08-13T15:21:40.102Z"),
      completedAt: DateTime.makeUnsafe("2026-08-13T15:32:35.640Z")
    },
    {
      id: restoreJobId,
      backupId: backupId("docs-daily", 1),
      targetIndexName: "docs-restored",
      createdAt: DateTime.makeUnsafe("2026-11-21T09:14:05.227Z"),
      completedAt: DateTime.makeUnsafe("2026-11-21T09:23:46.074Z")
    }
  ]
}

/** What the team of the demo project wants of its backups. */
export const policy: BackupPolicy.BackupPolicy = {
  backupQuota: 80,
  rules: [
    { index: "support-*", minFrequency: "daily", minRetentionDays: 14 },
    { index: "newsletter", minCopies: 4 },
    { index: "images" },
    {
      index: "legacy-*",
      ignore: [{
        check: "untested",
        reason: "restored by hand in October",
        until: DateTime.makeUnsafe("2027-03-31T23:59:59Z")
      }]
    }
  ]
}

/** How many seconds pass in one, for whoever waits. */
const speed = 300

/**
 * Layer that provides the services of core, and the client under them, on the demo project. Time stands still for a second, so that commands which
 * answer at once always say the same, and then passes quickly, so that those which wait end.
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
