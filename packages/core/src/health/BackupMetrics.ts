/**
 * Effect metrics of the health of backups, for Prometheus, OpenTelemetry or any other exporter of Effect's metrics.
 *
 * **Example** (Recording the health of backups as metrics)
 *
 * ```ts
 * import * as BackupMetrics from "@pinecone-backups/core/health/BackupMetrics"
 * import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
 * import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Metric from "effect/Metric"
 *
 * export const program = Effect.gen(function*() {
 *   const checks = yield* HealthChecks.HealthChecks
 *   yield* BackupMetrics.record(yield* checks.check())
 *   for (const { attributes, id, state } of yield* Metric.snapshot) {
 *     if (id !== "pinecone_backup_findings" && attributes?.["index"] === "orders") yield* Console.log(id, state)
 *   }
 * }).pipe(
 *   Effect.provide(Layer.provide(HealthChecks.layer, PineconeMemory.layer({ indexes: [{ name: "orders" }] })))
 * )
 * // => pinecone_backup_copies { value: 0 }
 * // => pinecone_backup_health { value: 2 }
 * ```
 *
 * @since 0.1.0
 */

import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Name from "../Name.ts"
import * as BackupHealth from "./BackupHealth.ts"

/**
 * The metrics and their descriptions, by name.
 *
 * **Details**
 *
 * All metrics are gauges. Metrics of a schedule have the labels `index` and `schedule`, metrics of an index have `index`,
 * and metrics of the project have no labels. `pinecone_backup_findings` has `check` and `severity`, and `index` for
 * findings about an index. The label `schedule` is the name of the schedule. It is the ID if the name is missing, or if
 * another schedule of the index has the same name and is enabled.
 *
 * @category models
 * @since 0.1.0
 */
export const metrics = {
  pinecone_backup_last_success_timestamp_seconds: "Time of the latest run of a schedule that produced a usable backup",
  pinecone_backup_last_status: "1 if the latest finished run of a schedule produced a usable backup, 0 if it failed",
  pinecone_backup_schedule_expected_interval_seconds: "Maximum interval between runs of a schedule",
  pinecone_backup_record_count: "Number of records in the latest usable backup of a schedule",
  pinecone_backup_size_bytes: "Approximate size of the latest usable backup of a schedule",
  pinecone_backup_missed_runs: "Number of missed runs of a schedule in the period that was checked",
  pinecone_backup_age_seconds: "Age of the data in the newest usable backup of an index",
  pinecone_backup_copies: "Number of usable backups of an index",
  pinecone_backup_status: "Status of the backups of the project: 0 ok, 1 warning, 2 critical, 3 unknown",
  pinecone_backup_health: "Status of the backups of an index: 0 ok, 1 warning, 2 critical, 3 unknown",
  pinecone_backup_findings: "Number of findings by check and severity, excluding findings with a policy exception",
  pinecone_backup_drill_timestamp_seconds: "End of the last restore drill of an index",
  pinecone_backup_drill_success: "1 if the last restore drill of an index was successful, 0 if not",
  pinecone_backup_drill_last_success_timestamp_seconds: "End of the last successful restore drill of an index",
  pinecone_backup_drill_restore_seconds: "Duration of the last restore that a drill of an index completed",
  pinecone_backup_quota_used: "Number of backups in the project",
  pinecone_backup_quota_limit: "Maximum number of backups in the project",
  pinecone_backup_check_timestamp_seconds: "Time at which the backups were checked"
} as const

type Name = keyof typeof metrics

/** Value of a metric; `null` if unknown. */
type Sample = readonly [name: Name, labels: Readonly<Record<string, string>>, value: number | null]

/**
 * Numeric values of a status, as used by monitoring plugins.
 *
 * @category models
 * @since 0.1.0
 */
export const statusValues: Readonly<Record<BackupHealth.Status, number>> = {
  ok: 0,
  warning: 1,
  critical: 2,
  unknown: 3
}

/** The name of a schedule, or its ID if another schedule of the index owns the name. */
const labelOf = (
  { name, scheduleId }: BackupHealth.ScheduleHealth,
  all: ReadonlyArray<BackupHealth.ScheduleHealth>
): string => {
  const namesakes = all.filter((schedule) => Name.isSame(schedule.name, name))
  const owner = namesakes.find(({ enabled }) => enabled) ?? namesakes[0]
  return owner?.scheduleId === scheduleId ? name : scheduleId
}

/** Findings of the project have no label `index`. */
const findingSamples = (all: ReadonlyArray<BackupHealth.Finding>): ReadonlyArray<Sample> =>
  Object.values(
    Array.groupBy(all, ({ check, indexName, severity }) => JSON.stringify([indexName, check, severity]))
  ).map((same): Sample => {
    const { check, indexName, severity } = same[0]
    return [
      "pinecone_backup_findings",
      { ...(indexName !== null && { index: indexName }), check, severity },
      same.length
    ]
  })

const secondsOf = (at: DateTime.Utc | null): number | null => at === null ? null : DateTime.toEpochMillis(at) / 1000

const drillSamples = (
  index: string,
  { endedAt, lastSuccessAt, outcome, restoreSeconds }: BackupHealth.DrillHealth
): ReadonlyArray<Sample> => [
  ["pinecone_backup_drill_timestamp_seconds", { index }, secondsOf(endedAt)],
  ["pinecone_backup_drill_success", { index }, outcome === "SUCCESSFUL" ? 1 : 0],
  ["pinecone_backup_drill_last_success_timestamp_seconds", { index }, secondsOf(lastSuccessAt)],
  ["pinecone_backup_drill_restore_seconds", { index }, restoreSeconds]
]

const samplesOf = (health: BackupHealth.BackupHealth): ReadonlyArray<Sample> => [
  ["pinecone_backup_check_timestamp_seconds", {}, secondsOf(health.at)],
  ["pinecone_backup_status", {}, statusValues[health.status]],
  ["pinecone_backup_quota_used", {}, health.quota.used],
  ["pinecone_backup_quota_limit", {}, health.quota.limit],
  ...health.indexes.filter(({ isDeleted }) => !isDeleted).flatMap(
    ({ ageSeconds, copies, drill, indexName: index, schedules, status }): ReadonlyArray<Sample> => [
      ["pinecone_backup_age_seconds", { index }, ageSeconds],
      ["pinecone_backup_copies", { index }, copies],
      ["pinecone_backup_health", { index }, statusValues[status]],
      ...(drill ? drillSamples(index, drill) : []),
      ...schedules.flatMap((schedule): ReadonlyArray<Sample> => {
        const labels = { index, schedule: labelOf(schedule, schedules) }
        const { lastStatus } = schedule
        return [
          ["pinecone_backup_last_success_timestamp_seconds", labels, secondsOf(schedule.lastSuccessAt)],
          ["pinecone_backup_last_status", labels, lastStatus === null ? null : lastStatus === "Ready" ? 1 : 0],
          ["pinecone_backup_schedule_expected_interval_seconds", labels, schedule.intervalSeconds],
          ["pinecone_backup_record_count", labels, schedule.recordCount],
          ["pinecone_backup_size_bytes", labels, schedule.sizeBytes],
          ["pinecone_backup_missed_runs", labels, schedule.missedRuns]
        ]
      })
    ]
  ),
  ...findingSamples(BackupHealth.findings(health))
]

const gaugeOf = (name: Name, labels: Readonly<Record<string, string>>) =>
  Metric.withAttributes(Metric.gauge(name, { description: metrics[name] }), labels)

const isName = (name: string): name is Name => Object.hasOwn(metrics, name)

const keyOf = (name: string, labels: Readonly<Record<string, string>>): string =>
  JSON.stringify([name, Object.entries(labels).sort(([self], [that]) => self < that ? -1 : 1)])

/**
 * Records a health report in the {@link metrics}.
 *
 * **Details**
 *
 * Removes series whose values are no longer known, and series of deleted indexes and schedules. The current metric
 * attributes become labels. Series with other attributes are not changed, so a program with two projects can tell them
 * apart with `Effect.provideService(Metric.CurrentMetricAttributes, { project })`.
 *
 * @category recording
 * @since 0.1.0
 */
export const record = Effect.fnUntraced(function*(health: BackupHealth.BackupHealth) {
  const attributes = yield* Metric.CurrentMetricAttributes
  const current = new Set<string>()
  for (const [name, labels, value] of samplesOf(health)) {
    if (value === null) continue
    current.add(keyOf(name, { ...attributes, ...labels }))
    yield* Metric.update(gaugeOf(name, labels), value)
  }
  for (const { attributes: own = {}, id } of yield* Metric.snapshot) {
    const { check: _, index: __, schedule: ___, severity: ____, ...others } = own
    if (isName(id) && keyOf("", others) === keyOf("", attributes) && !current.has(keyOf(id, own))) {
      yield* Metric.remove(gaugeOf(id, own))
    }
  }
})
