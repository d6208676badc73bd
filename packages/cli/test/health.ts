import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import type * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import type * as Remedy from "@pinecone-backups/core/health/Remedy"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as DateTime from "effect/DateTime"
import type * as SameConnection from "../src/output/SameConnection.ts"

const at = (text: string) => DateTime.makeUnsafe(text)

const now = at("2026-11-21T20:00:00Z")

/** A project that settings select, so that commands need no flags. */
export const connection: SameConnection.Flags = { text: "", shared: "" }

/** A finding. */
export const finding = (
  check: HealthCheck.HealthCheck,
  severity: HealthCheck.Severity,
  indexName: string | null,
  sentence: string,
  remedy: Remedy.Remedy | null = null,
  more: Partial<BackupHealth.Finding> = {}
): BackupHealth.Finding => ({
  check,
  severity,
  indexName: indexName === null ? null : PineconeIndex.IndexName.make(indexName),
  scheduleName: null,
  sentence,
  remedy,
  evidence: { scheduleIds: [], backupIds: [], restoreJobIds: [], times: [], values: {} },
  ...more
})

export const schedule = (
  name: string,
  more: Partial<BackupHealth.ScheduleHealth> = {}
): BackupHealth.ScheduleHealth => ({
  scheduleId: BackupSchedule.ScheduleId.make(`id-of-${name}`),
  name,
  enabled: true,
  frequency: "daily",
  intervalSeconds: 86_400,
  nextRunAt: at("2026-11-22T06:00:00Z"),
  lastStatus: "Ready",
  lastSuccessAt: at("2026-11-21T06:00:00Z"),
  recordCount: 98_214,
  sizeBytes: 608_926_800,
  missedRuns: 0,
  ...more
})

const statuses = { critical: "critical", unknown: "unknown", warning: "warning", notice: "ok" } as const

/** An index with the status of its worst finding. */
export const index = (
  indexName: string,
  findings: ReadonlyArray<BackupHealth.Finding>,
  more: Partial<BackupHealth.IndexHealth> = {}
): BackupHealth.IndexHealth => ({
  indexName: PineconeIndex.IndexName.make(indexName),
  status: statuses[findings[0]?.severity ?? "notice"],
  isDeleted: false,
  copies: 30,
  dataUntil: at("2026-11-21T05:45:00Z"),
  ageSeconds: 51_300,
  schedules: [],
  findings,
  ...more
})

/** The remedy that creates a backup of an index. */
export const createBackup = (indexName: string): Remedy.Remedy => ({
  _tag: "CreateBackup",
  indexName: PineconeIndex.IndexName.make(indexName)
})

/** A report with the status and totals of its findings. */
export const health = (more: Partial<BackupHealth.BackupHealth> = {}): BackupHealth.BackupHealth => {
  const { indexes = [], project = [] } = more
  const findings = [...project, ...indexes.flatMap(({ findings }) => findings)]
  const count = (severity: HealthCheck.Severity) => findings.filter((finding) => finding.severity === severity).length
  const totals = {
    critical: count("critical"),
    warning: count("warning"),
    unknown: count("unknown"),
    notice: count("notice")
  }
  return {
    at: now,
    status: totals.unknown > 0 ? "unknown" : totals.critical > 0 ? "critical" : totals.warning > 0 ? "warning" : "ok",
    totals,
    quota: { used: 76, limit: 500 },
    project,
    indexes,
    ignored: [],
    ...more
  }
}

const indexName = PineconeIndex.IndexName.make("product-catalog")

const create = createBackup(indexName)

/** The schedule of a remedy. */
const named = (scheduleName: string) => ({
  scheduleId: BackupSchedule.ScheduleId.make(`id-of-${scheduleName}`),
  scheduleName
})

/** A project with all kinds of findings. */
export const project: BackupHealth.BackupHealth = health({
  project: [
    finding(
      "quota",
      "warning",
      null,
      "480 of 500 backups used; full on 2026-12-10 at this rate",
      { _tag: "InspectManualBackups" }
    )
  ],
  indexes: [
    index("product-catalog", [
      finding(
        "stale",
        "critical",
        "product-catalog",
        "the newest usable backup is 2d14h old; a daily schedule allows 26h",
        create,
        {
          scheduleName: "catalog-daily",
          evidence: {
            scheduleIds: [BackupSchedule.ScheduleId.make("e88f7273-5a39-4254-9518-bd394b7f4886")],
            backupIds: [],
            restoreJobIds: [],
            times: [{ what: "newest", at: at("2026-11-19T06:00:00Z") }],
            values: { limit: 93_600, age: 223_200 }
          }
        }
      ),
      finding(
        "failed",
        "critical",
        "product-catalog",
        "the run of 2026-11-20 06:00 UTC failed (InitializationFailed, backup 5d0c71aa)",
        create,
        { scheduleName: "catalog-daily" }
      ),
      finding(
        "untested",
        "notice",
        "product-catalog",
        "no completed restore in the last 90d, among the restore jobs still listed",
        {
          _tag: "RunDrill",
          indexName: PineconeIndex.IndexName.make("product-catalog")
        }
      )
    ], {
      copies: 5,
      ageSeconds: 223_200,
      dataUntil: at("2026-11-19T06:00:00Z"),
      schedules: [schedule("catalog-daily", { lastStatus: "InitializationFailed", missedRuns: 1 })]
    }),
    index("support-tickets", [
      finding(
        "retention-gap",
        "warning",
        "support-tickets",
        "weekly backups are kept for 5 days; no usable backup on 2 days of every 7",
        { _tag: "UpdateSchedule", ...named("tickets-weekly"), retentionDays: 14 },
        { scheduleName: "tickets-weekly" }
      )
    ], { copies: 1, schedules: [schedule("tickets-weekly", { frequency: "weekly", intervalSeconds: 604_800 })] }),
    index("docs", [], { schedules: [schedule("docs-daily")] }),
    index("wiki", [], { copies: 1, ageSeconds: null, dataUntil: null })
  ],
  ignored: [{
    finding: finding(
      "paused",
      "warning",
      "legacy-embeddings",
      "legacy-monthly is paused, and its latest run was 41d ago",
      { _tag: "ResumeSchedule", ...named("legacy-monthly") },
      { scheduleName: "legacy-monthly" }
    ),
    reason: "replaced by product-catalog",
    until: at("2027-01-31T23:59:59.999Z")
  }]
})
