import { assert, describe, it } from "@effect/vitest"
import * as Backups from "@pinecone-backups/core/Backups"
import * as DrillIndex from "@pinecone-backups/core/drill/DrillIndex"
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import type * as DrillReport from "@pinecone-backups/core/drill/DrillReport"
import * as DrillRound from "@pinecone-backups/core/drill/DrillRound"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as BackupMetrics from "@pinecone-backups/core/health/BackupMetrics"
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import type * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as DrillEngine from "@pinecone-backups/testing/DrillEngine"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as TestClock from "effect/testing/TestClock"
import * as DrillReports from "../../core/test/drill-report.ts"
import { docs, drill, engine, project, request, seedBackup, temporaries } from "./DrillTest.ts"

const world = HealthChecks.layer.pipe(Layer.provideMerge(engine), Layer.provideMerge(project()))

const drillChecks: ReadonlyArray<HealthCheck.HealthCheck> = [
  "drill-failed",
  "drill-overdue",
  "drill-leftover",
  "unprotected",
  "no-deletion-protection",
  "untested"
]

/** The health of the project, with the log as evidence unless said otherwise. */
const check = Effect.fnUntraced(function*(
  { drills, ...options }: Pick<HealthChecks.CheckOptions, "drills" | "policy"> = {}
) {
  const log = yield* DrillLog.DrillLog
  const checks = yield* HealthChecks.HealthChecks
  return yield* checks.check({ only: drillChecks, drills: drills ?? log.list(), ...options })
})

const findings = (health: BackupHealth.BackupHealth) =>
  BackupHealth.findings(health)
    .filter(({ check }) => check !== "unprotected" && check !== "no-deletion-protection")
    .map(({ check, indexName, sentence, severity }) => `${check} ${severity} ${indexName}: ${sentence}`)

const weekly: BackupPolicy.BackupPolicy = { defaults: { drillWithin: Duration.days(7) } }

/** A report that ended some time ago. */
const put = Effect.fnUntraced(function*(
  outcome: DrillReport.Outcome,
  ago: Duration.Input,
  options: Partial<DrillReport.DrillReport> = {}
) {
  const log = yield* DrillLog.DrillLog
  const at = DateTime.subtractDuration(yield* DateTime.now, Duration.fromInputUnsafe(ago))
  yield* log.put({
    ...DrillReports.ended({
      executionId: `${outcome}-${ago}`,
      drillId: "drill",
      indexName: docs,
      outcome,
      startedAt: at,
      endedAt: at
    }),
    reason: outcome === "SUCCESSFUL" ? null : { code: "records", message: "the copy has 95 records" },
    ...options
  })
})

const noDrill = (required: string) => `drill-overdue warning docs: no restore drill was successful; ${required}`

describe("the audit of restore drills", () => {
  it.effect("finds nothing after a successful drill, and counts it as a tested restore", () =>
    Effect.gen(function*() {
      yield* seedBackup()
      assert.deepStrictEqual(
        findings(yield* check({ policy: weekly })).map((finding) => finding.split(" ")[0]),
        ["untested", "drill-overdue"]
      )
      yield* drill()
      const health = yield* check({ policy: weekly })
      assert.deepStrictEqual(findings(health), [])
      const [index] = health.indexes
      assert.deepInclude(index?.drill, { outcome: "SUCCESSFUL", restoreSeconds: 600 })
    }).pipe(Effect.provide(world)))

  it.effect("reports a failed drill, with its reason", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* seedBackup()
      yield* plane.fault("Backups.restore", Fault.flawedRestore({ missing: 5 }))
      const { backup } = yield* drill()
      yield* DrillEngine.advance("2 hours", "1 hour")
      const health = yield* check()
      const failed = BackupHealth.findings(health).find(({ check }) => check === "drill-failed")
      assert.deepInclude(failed, {
        check: "drill-failed",
        severity: "critical",
        sentence: "last restore drill failed 2h ago: the backup has 100 records, the copy has 95",
        remedy: { _tag: "RunDrill", indexName: docs }
      })
      assert.deepStrictEqual(failed?.evidence.backupIds.join(), backup?.backupId)
    }).pipe(Effect.provide(world)))

  it.effect("distinguishes drills that say nothing about the backup, and ignores canceled drills", () =>
    Effect.gen(function*() {
      yield* seedBackup()
      const last = Effect.map(check(), (health) => findings(health).filter((finding) => finding.startsWith("drill")))
      yield* put("UNVERIFIED", "9 days", { reason: { code: "unknown-count", message: "no count" } })
      assert.deepStrictEqual(yield* last, [
        "drill-failed warning docs: last restore drill could not be verified 9d ago: no count"
      ])
      yield* put("FAILED", "8 days", { reason: { code: "index-quota", message: "no room" } })
      assert.deepStrictEqual(yield* last, ["drill-failed warning docs: last restore drill failed 8d ago: no room"])
      yield* put("TIMED_OUT", "7 days", { reason: { code: "timeout", message: "late" } })
      yield* put("CANCELLED", "6 days")
      assert.deepStrictEqual(yield* last, ["drill-failed warning docs: last restore drill timed out 7d ago: late"])
      yield* put("SUCCESSFUL", "5 days")
      assert.deepStrictEqual(yield* last, [])
    }).pipe(Effect.provide(world)))

  it.effect("requires a successful drill within the time of the policy", () =>
    Effect.gen(function*() {
      yield* seedBackup()
      const required = "the policy requires one every 7d"
      const overdue = Effect.map(
        check({ policy: weekly }),
        (health) => findings(health).filter((finding) => finding.startsWith("drill-overdue"))
      )
      assert.deepStrictEqual(yield* overdue, [noDrill(required)])
      yield* put("UNVERIFIED", "1 day")
      yield* put("FAILED", "2 days")
      assert.deepStrictEqual(yield* overdue, [noDrill(required)])
      yield* put("SUCCESSFUL", "-2 days")
      assert.deepStrictEqual(yield* overdue, [noDrill(required)])
      yield* put("SUCCESSFUL", "9 days")
      assert.deepStrictEqual(yield* overdue, [
        `drill-overdue warning docs: last successful restore drill was 9d ago; ${required}`
      ])
      yield* put("SUCCESSFUL", "6 days")
      assert.deepStrictEqual(yield* overdue, [])
    }).pipe(Effect.provide(world)))

  it.effect("does not count drills of an earlier index with the same name", () =>
    Effect.gen(function*() {
      const indexes = yield* Indexes.Indexes
      const plane = yield* ControlPlane.ControlPlane
      yield* seedBackup()
      const { backup } = yield* drill()
      const before = backup?.sourceIndexId
      yield* indexes.delete(docs)
      yield* DrillEngine.advance("1 hour", "1 hour")
      const { id } = yield* plane.seedIndex({ name: docs, dimension: 4 })
      const health = yield* check({ policy: weekly })
      assert.include(findings(health), noDrill("the policy requires one every 7d"))
      assert.isNull(health.indexes[0]?.drill)
      const log = yield* DrillLog.DrillLog
      const due = (indexId: typeof before) =>
        Effect.all([log.latest, DateTime.now]).pipe(
          Effect.map(([latest, now]) => DrillRound.due([{ index: docs, indexId, within: "7 days" }], latest, now))
        )
      assert.deepStrictEqual(yield* due(id), [docs])
      assert.deepStrictEqual(yield* due(before), [])
      assert.deepStrictEqual(yield* due(undefined), [])
    }).pipe(Effect.provide(world)))

  it.effect("is unknown if the log cannot be read, or if none is kept", () =>
    Effect.gen(function*() {
      yield* seedBackup()
      yield* put("SUCCESSFUL", "1 day")
      const broken = Effect.fail(new DrillLog.DrillLogError({ message: "the disk is full" }))
      const health = yield* check({ policy: weekly, drills: broken })
      assert.strictEqual(health.status, "unknown")
      const unread = "drill-overdue unknown docs: no drill log was read; the policy requires a restore drill every 7d"
      assert.includeMembers(findings(health), [
        "unreadable unknown null: the drill log could not be read: the disk is full",
        unread
      ])
      assert.isFalse("drill" in (health.indexes[0] ?? {}))
      const checks = yield* HealthChecks.HealthChecks
      const without = yield* checks.check({ only: ["drill-overdue"], policy: weekly })
      assert.deepStrictEqual(findings(without), [unread])
      // Without a requirement, a project without drills has no findings about them.
      assert.deepStrictEqual(findings(yield* checks.check({ only: ["drill-overdue", "drill-failed"] })), [])
    }).pipe(Effect.provide(world)))

  it.effect("is unknown for an index with an unreadable drill, until a later drill is successful", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* seedBackup()
      yield* plane.seedIndex({ name: "wiki", dimension: 4 })
      yield* put("SUCCESSFUL", "9 days")
      const now = yield* DateTime.now
      const broken = (startedAt: DateTime.Utc | null): DrillLog.DrillEntry => ({
        executionId: "e",
        drillId: "d",
        indexName: docs,
        startedAt,
        deadlineAt: null,
        report: null,
        problem: "Missing key"
      })
      const log = yield* DrillLog.DrillLog
      const checked = (startedAt: DateTime.Utc | null) =>
        Effect.map(
          check({ policy: weekly, drills: Effect.map(log.list(), (entries) => [broken(startedAt), ...entries]) }),
          (health) => ({
            found: findings(health).filter((finding) => !finding.startsWith("untested")),
            drill: health.indexes.find(({ indexName }) => indexName === docs)?.drill
          })
        )
      const recent = yield* checked(null)
      assert.deepStrictEqual(recent, yield* checked(DateTime.subtract(now, { days: 1 })))
      assert.sameMembers(recent.found, [
        "unreadable unknown docs: restore drill e could not be read: Missing key",
        "drill-overdue unknown docs: a restore drill in the log is unreadable; the policy requires one every 7d",
        "drill-overdue warning wiki: no restore drill was successful; the policy requires one every 7d"
      ])
      assert.isUndefined(recent.drill)
      const old = yield* checked(DateTime.subtract(now, { days: 20 }))
      assert.include(old.found.join(), "drill-overdue warning docs: last successful restore drill was 9d ago")
      assert.notInclude(old.found.join(), "could not be read")
      assert.strictEqual(old.drill?.outcome, "SUCCESSFUL")
    }).pipe(Effect.provide(world)))

  it.effect("ignores the index of a running drill, and reports a leftover with its remedy", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* seedBackup()
      yield* plane.fault("Indexes.delete", Fault.respond({ status: 403 }), { times: "always" })
      yield* RestoreDrill.start(request())
      yield* DrillEngine.advance("5 minutes")
      const [temporary] = yield* temporaries
      const names = (health: BackupHealth.BackupHealth) => health.indexes.map(({ indexName }) => indexName)
      const during = yield* check()
      assert.deepStrictEqual(names(during), [docs])
      assert.notInclude(findings(during).join(), "drill-leftover")
      // The drill gives up an hour after its end.
      yield* DrillEngine.advance("2 hours")
      const after = yield* check()
      assert.deepStrictEqual(names(after), [docs])
      const leftover = BackupHealth.findings(after).find(({ check }) => check === "drill-leftover")
      assert.deepInclude(leftover, {
        severity: "warning",
        sentence: `temporary index ${temporary?.name} still exists, 2h after its restore drill started`,
        remedy: { _tag: "CleanUpDrills", indexName: temporary!.name }
      })
    }).pipe(Effect.provide(world)))

  it.effect("judges an index whose drill is not in the log by the age of its restore", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const backups = yield* Backups.Backups
      const { backupId } = yield* seedBackup()
      const lost = DrillIndex.make("0123456789abcdef0123456789abcdef")
      yield* backups.restore(backupId, { name: lost.name, tags: { [DrillIndex.tag]: lost.executionId } })
      const severities = Effect.map(check(), (health) =>
        BackupHealth.findings(health).filter(({ check }) =>
          check === "drill-leftover"
        ).map(({ severity }) => severity))
      yield* TestClock.adjust("2 days")
      assert.deepStrictEqual(yield* severities, [])
      yield* TestClock.adjust("2 days")
      assert.deepStrictEqual(yield* severities, ["warning"])
      yield* plane.fault("RestoreJobs.list", Fault.respond({ status: 403 }), { times: "always" })
      assert.deepStrictEqual(yield* severities, ["unknown"])
    }).pipe(Effect.provide(HealthChecks.layer.pipe(Layer.provideMerge(project())))))

  it.effect("sets the metrics of drills", () =>
    Effect.gen(function*() {
      yield* seedBackup()
      yield* drill()
      yield* DrillEngine.advance("1 hour", "1 hour")
      yield* put("FAILED", "0 seconds")
      const health = yield* check()
      yield* BackupMetrics.record(health)
      const values = (yield* Metric.snapshot)
        .filter(({ id }) => id.startsWith("pinecone_backup_drill_"))
        .map(({ attributes, id, state }) => [id, attributes?.["index"], (state as { value: number }).value])
      const success = health.indexes[0]?.drill?.lastSuccessAt
      const seconds = (at: DateTime.Utc) => DateTime.toEpochMillis(at) / 1_000
      assert.sameDeepMembers(values, [
        ["pinecone_backup_drill_timestamp_seconds", "docs", seconds(yield* DateTime.now)],
        ["pinecone_backup_drill_success", "docs", 0],
        ["pinecone_backup_drill_last_success_timestamp_seconds", "docs", seconds(success!)],
        ["pinecone_backup_drill_restore_seconds", "docs", 600]
      ])
    }).pipe(Effect.provide(world)))
})
