/** Projects for tests of the page, as facts. */
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import type * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import type * as DrillReport from "@pinecone-backups/core/drill/DrillReport"
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Page from "../../src/commands/audit/html/Page.ts"
import * as View from "../../src/commands/audit/html/View.ts"
import * as Unmade from "../../src/commands/audit/Unmade.ts"
import * as Health from "../health.ts"

/** A Saturday evening, 14 hours after the runs of the day. */
export const now = DateTime.makeUnsafe("2026-11-21T20:00:00Z")

/** Kinds of indexes, by their problems. */
export type Kind = "good" | "critical" | "warning" | "unprotected" | "unreadable" | "deleted"

/** An index of a test project. */
export interface Spec {
  readonly name: string
  readonly kind: Kind
  /** ID of the index. */
  readonly id?: string | undefined
  readonly scheduleName?: string | undefined
  readonly frequency?: "daily" | "weekly" | "monthly" | undefined
  /** Number of runs in the history. */
  readonly runs?: number | undefined
  /** Outcome of the last drill. */
  readonly drill?: DrillReport.Outcome | undefined
}

const steps = { daily: 1, weekly: 7, monthly: 30 }

const runAt = (at: DateTime.Utc, spec: Spec, index: number, isFailed: boolean): BackupRun.BackupRun => ({
  backupId: Backup.BackupId.make(`backup-${spec.kind}-${spec.name.slice(0, 40)}-${index}`),
  sourceIndexId: PineconeIndex.IndexId.make(spec.id ?? `id-of-${spec.name}`),
  sourceIndexName: PineconeIndex.IndexName.make(spec.name),
  // The service appends the time of the run.
  name: `${spec.scheduleName ?? "nightly"}-${DateTime.formatIso(at).replace(/[-:]|\.\d+/g, "")}`,
  status: isFailed ? "InitializationFailed" : "Ready",
  recordCount: isFailed ? null : 90_000 - index * 300,
  namespaceCount: isFailed ? null : 1,
  sizeBytes: isFailed ? null : 600_000_000 - index * 2_000_000,
  createdAt: at
})

/** Facts about an index, and its backups. */
const factsOf = (
  spec: Spec
): { readonly facts: BackupHealth.IndexFacts; readonly backups: ReadonlyArray<Backup.Backup> } => {
  const { frequency = "daily", kind, name } = spec
  const id = PineconeIndex.IndexId.make(spec.id ?? `id-of-${name}`)
  const index = { name: PineconeIndex.IndexName.make(name), id, deletionProtection: "enabled" as const }
  const number = kind === "unprotected" ? 0 : spec.runs ?? 91
  const runs = Array.from({ length: number }, (_, position) =>
    runAt(
      DateTime.subtract(DateTime.makeUnsafe("2026-11-21T06:00:00Z"), { days: position * steps[frequency] }),
      spec,
      position,
      kind === "critical" && position < 2 || kind === "warning" && position === 1
    ))
  // The retention of 30 days.
  const backups = runs.filter(({ createdAt }) =>
    createdAt != null && Duration.toDays(DateTime.distance(createdAt, now)) < 30
  ).map((run): Backup.Backup => ({ ...run, status: run.status === "Scheduled" ? "Initializing" : run.status }))
  const schedule: BackupSchedule.BackupSchedule = {
    scheduleId: BackupSchedule.ScheduleId.make(`schedule-${name.slice(0, 40)}`),
    name: spec.scheduleName ?? `${name}-${frequency}`,
    indexId: id,
    frequency,
    retentionExpireAfterDays: 30,
    enabled: true,
    nextScheduledRun: DateTime.makeUnsafe("2026-11-22T06:00:00Z"),
    createdAt: DateTime.makeUnsafe("2026-01-01T06:00:00Z")
  }
  const unreadable = Result.fail(
    new PineconeError.PaginationLoop({
      operation: "BackupSchedules.list",
      message: "the list does not end",
      pages: 2
    })
  )
  return {
    facts: {
      index,
      schedules: kind === "unprotected"
        ? Result.succeed([])
        : kind === "unreadable"
        ? unreadable
        : Result.succeed([{ schedule, runs: Result.succeed(runs) }])
    },
    backups
  }
}

const drillOf = ({ drill, name }: Spec): ReadonlyArray<DrillLog.DrillEntry> => {
  if (drill === undefined) return []
  const indexName = PineconeIndex.IndexName.make(name)
  const startedAt = DateTime.subtract(now, { days: 10 })
  const endedAt = DateTime.add(startedAt, { minutes: 12 })
  const isGood = drill === "SUCCESSFUL"
  const report: DrillReport.DrillReport = {
    executionId: `execution-${name}`,
    drillId: `drill-${name}`,
    indexName,
    outcome: drill,
    reason: isGood ? null : { code: "records", message: "the copy has 12 records, the backup has 18,306" },
    backup: null,
    skipped: [],
    restoreJobId: null,
    restoreSeconds: 656,
    times: {
      startedAt,
      chosenAt: startedAt,
      requestedAt: startedAt,
      restoredAt: endedAt,
      countedAt: endedAt,
      sampledAt: null,
      probedAt: null,
      recountedAt: null,
      removedAt: endedAt,
      endedAt
    },
    counted: { at: endedAt, records: 87_300, namespaces: 1, emptyNamespaces: [] },
    recounted: null,
    sampled: null,
    checks: [],
    leftover: null
  }
  return [{
    executionId: report.executionId,
    drillId: report.drillId,
    indexName,
    startedAt,
    deadlineAt: DateTime.add(startedAt, { hours: 2 }),
    report,
    problem: null
  }]
}

/** What an audit of a project with these indexes reads and reports. */
export const looked = (
  specs: ReadonlyArray<Spec>,
  policy: BackupPolicy.BackupPolicy = BackupPolicy.empty,
  more: Partial<BackupHealth.Facts> = {}
): View.Looked => {
  const all = specs.map(factsOf)
  const existing = all.filter((_, index) => specs[index]?.kind !== "deleted")
  const facts: BackupHealth.Facts = {
    indexes: existing.map(({ facts }) => facts),
    all: existing.map(({ facts }) => facts.index),
    backups: Result.succeed(all.flatMap(({ backups }) => backups)),
    restoreJobs: Result.succeed([]),
    ...(specs.some(({ drill }) => drill !== undefined) && { drills: Result.succeed(specs.flatMap(drillOf)) }),
    ...more
  }
  return { facts, policy, health: HealthChecks.assess(facts, { now, policy }) }
}

/** The origin of a file. */
export const file = { version: "1.2.3", interval: null, isDemo: false, connection: Health.connection }

/** The origin of a served page. */
export const served = { ...file, interval: Duration.minutes(5) }

/** The indexes of a project with one index of each kind. */
export const mixed: ReadonlyArray<Spec> = [
  { name: "carts", kind: "critical", drill: "FAILED" },
  { name: "docs", kind: "good", drill: "SUCCESSFUL" },
  { name: "images", kind: "unprotected" },
  { name: "news", kind: "warning", frequency: "weekly", runs: 20 },
  { name: "sessions", kind: "unreadable" },
  { name: "wiki", kind: "good" },
  { name: "legacy", kind: "deleted", runs: 20 }
]

/** A number of indexes of a kind. */
export const many = (count: number, kind: Kind): ReadonlyArray<Spec> =>
  Array.from({ length: count }, (_, index) => ({ name: `${kind}-index-${index}`, kind, drill: "SUCCESSFUL" }))

/** A rendered page of these indexes. */
export const pageOf = (
  specs: ReadonlyArray<Spec>,
  more: Partial<View.View> = {},
  policy: BackupPolicy.BackupPolicy = BackupPolicy.empty
): string => Page.make({ ...View.make(looked(specs, policy), file), ...more }).text

/** The page of a failed audit. */
export const failedPage = (why: string): string => Page.make(View.unknown(Unmade.report(why, now), why, file)).text

/** Names that must stay text. */
export const hostileNames = [
  `</style><script>alert(1)</script>`,
  `"onmouseover="alert(1)`,
  `<img src=x onerror=alert(1)>`,
  `a'b&amp;c`,
  "\u202egnp.exe",
  `nul\u0000and\u001bescape`,
  "emoji 🦊 and ＜fullwidth＞",
  "x".repeat(400)
]
