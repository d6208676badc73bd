import { assert, describe, it } from "@effect/vitest"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as BackupMetrics from "@pinecone-backups/core/health/BackupMetrics"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

const health = (indexName: string, schedule: Partial<BackupHealth.ScheduleHealth> = {}): BackupHealth.BackupHealth => ({
  at: DateTime.makeUnsafe("2026-11-21T20:00:00Z"),
  status: "critical",
  totals: { critical: 1, warning: 0, unknown: 0, notice: 0 },
  quota: { used: 21, limit: 500 },
  project: [],
  ignored: [],
  indexes: [{
    indexName: PineconeIndex.IndexName.make(indexName),
    status: "critical",
    isDeleted: false,
    copies: 20,
    dataUntil: DateTime.makeUnsafe("2026-11-21T05:45:00Z"),
    ageSeconds: 51_300,
    findings: [],
    schedules: [{
      scheduleId: BackupSchedule.ScheduleId.make("s"),
      name: "nightly",
      enabled: true,
      frequency: "daily",
      intervalSeconds: 86_400,
      nextRunAt: null,
      lastStatus: "Ready",
      lastSuccessAt: DateTime.makeUnsafe("2026-11-21T06:00:00Z"),
      recordCount: 1_000,
      sizeBytes: 6_200_000,
      missedRuns: 0,
      ...schedule
    }]
  }]
})

const schedulesOf = ({ indexes }: BackupHealth.BackupHealth) => indexes.flatMap(({ schedules }) => schedules)

/** All series of these metrics, with their values. */
const series = Effect.map(Metric.snapshot, (all) =>
  Object.fromEntries(
    all.flatMap((metric) =>
      metric.type === "Gauge" && metric.id.startsWith("pinecone_backup_")
        ? [[
          `${metric.id} ${Object.entries(metric.attributes ?? {}).map(([key, value]) => `${key}=${value}`).join(" ")}`
            .trim(),
          metric.state.value
        ]]
        : []
    )
  ))

describe("BackupMetrics.record", () => {
  it.effect("sets the known values", () =>
    Effect.gen(function*() {
      yield* BackupMetrics.record(health("docs", { sizeBytes: null, lastStatus: "InitializationFailed" }))
      assert.deepStrictEqual(yield* series, {
        "pinecone_backup_check_timestamp_seconds": 1_795_291_200,
        "pinecone_backup_status": 2,
        "pinecone_backup_quota_used": 21,
        "pinecone_backup_quota_limit": 500,
        "pinecone_backup_age_seconds index=docs": 51_300,
        "pinecone_backup_copies index=docs": 20,
        "pinecone_backup_health index=docs": 2,
        "pinecone_backup_last_success_timestamp_seconds index=docs schedule=nightly": 1_795_240_800,
        "pinecone_backup_last_status index=docs schedule=nightly": 0,
        "pinecone_backup_schedule_expected_interval_seconds index=docs schedule=nightly": 86_400,
        "pinecone_backup_record_count index=docs schedule=nightly": 1_000,
        "pinecone_backup_missed_runs index=docs schedule=nightly": 0
      })
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map())))

  it.effect("counts findings, including project findings, and removes fixed findings", () =>
    Effect.gen(function*() {
      const finding = (more: Partial<BackupHealth.Finding>): BackupHealth.Finding => ({
        check: "failed",
        severity: "critical",
        indexName: PineconeIndex.IndexName.make("docs"),
        scheduleName: null,
        sentence: "a run failed",
        remedy: null,
        evidence: { scheduleIds: [], backupIds: [], restoreJobIds: [], times: [], values: {} },
        ...more
      })
      const counted = Effect.map(series, (all) =>
        Object.entries(all).filter(([name]) => name.startsWith("pinecone_backup_findings")))
      const { indexes: [index], ...rest } = health("docs")
      assert.isDefined(index)
      yield* BackupMetrics.record({
        ...rest,
        project: [finding({ check: "quota", severity: "warning", indexName: null })],
        indexes: [{
          ...index,
          findings: [finding({}), finding({}), finding({ severity: "unknown", check: "unreadable" })]
        }]
      })
      assert.sameDeepMembers(yield* counted, [
        ["pinecone_backup_findings check=quota severity=warning", 1],
        ["pinecone_backup_findings index=docs check=failed severity=critical", 2],
        ["pinecone_backup_findings index=docs check=unreadable severity=unknown", 1]
      ])
      yield* BackupMetrics.record({ ...rest, indexes: [{ ...index, findings: [finding({})] }] })
      assert.deepStrictEqual(yield* counted, [[
        "pinecone_backup_findings index=docs check=failed severity=critical",
        1
      ]])
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map())))

  it.effect("distinguishes schedules of an index with the same name", () =>
    Effect.gen(function*() {
      const paused = (id: string) =>
        schedulesOf(health("docs", {
          scheduleId: BackupSchedule.ScheduleId.make(id),
          enabled: false,
          recordCount: 7
        }))
      const { indexes: [index], ...rest } = health("docs")
      assert.isDefined(index)
      const schedules = [...paused("p"), ...index.schedules, ...paused("q")]
      yield* BackupMetrics.record({ ...rest, indexes: [{ ...index, schedules }] })
      const counts = Object.entries(yield* series).filter(([name]) => name.includes("record_count"))
      assert.deepStrictEqual(counts, [
        ["pinecone_backup_record_count index=docs schedule=p", 7],
        ["pinecone_backup_record_count index=docs schedule=nightly", 1_000],
        ["pinecone_backup_record_count index=docs schedule=q", 7]
      ])
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map())))

  it.effect("removes series of deleted indexes, but not of another project or other metrics", () =>
    Effect.gen(function*() {
      const ours = Effect.provideService(Metric.CurrentMetricAttributes, { project: "ours" })
      const theirs = Effect.provideService(Metric.CurrentMetricAttributes, { project: "theirs" })
      yield* ours(BackupMetrics.record(health("docs")))
      yield* theirs(BackupMetrics.record(health("docs")))
      yield* Metric.update(Metric.gauge("pinecone_backup_mine"), 1)
      yield* ours(BackupMetrics.record(health("wiki", { recordCount: null })))

      const left = Object.keys(yield* series)
      assert.include(left, "pinecone_backup_mine")
      assert.include(left, "pinecone_backup_age_seconds project=ours index=wiki")
      assert.include(left, "pinecone_backup_record_count project=theirs index=docs schedule=nightly")
      assert.deepStrictEqual(left.filter((name) => name.includes("project=ours index=docs")), [])
      assert.deepStrictEqual(left.filter((name) => name.includes("record_count project=ours")), [])
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map())))
})
