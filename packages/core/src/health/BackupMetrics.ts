/**
 * How the backups of a project are, as Effect's metrics: for Prometheus, OpenTelemetry, or whatever reads those.
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
 * The metrics, by name, and what each of them means. All are gauges. Those of schedules have the labels `index` and
 * `schedule`, those of indexes `index`, those of the project none; findings have `check` and `severity`, and `index` if
 * they are about one. A schedule goes by its name or, where an enabled one of the index has that too, by its id.
 *
 * @category models
 * @since 0.1.0
 */
export const metrics = {
  pinecone_backup_last_success_timestamp_seconds: "When the latest run of a schedule was that made a usable backup",
  pinecone_backup_last_status: "1 if the latest run of a schedule that is over made a usable backup, 0 if it failed",
  pinecone_backup_schedule_expected_interval_seconds: "The longest time from one run of a schedule to the next",
  pinecone_backup_record_count: "How many records are in the latest usable backup of a schedule",
  pinecone_backup_size_bytes: "How large the latest usable backup of a schedule is, about",
  pinecone_backup_missed_runs: "How many runs of a schedule did not happen, of the time that was looked at",
  pinecone_backup_age_seconds: "How old the data in the newest usable backup of an index is",
  pinecone_backup_copies: "How many usable backups of an index there are",
  pinecone_backup_status: "How the backups of the project are: 0 ok, 1 warning, 2 critical, 3 unknown",
  pinecone_backup_health: "How the backups of an index are: 0 ok, 1 warning, 2 critical, 3 unknown",
  pinecone_backup_findings:
    "How many findings there are, of a check and a severity, that the policy makes no exception for",
  pinecone_backup_quota_used: "How many backups the project has",
  pinecone_backup_quota_limit: "How many backups the project may have",
  pinecone_backup_check_timestamp_seconds: "When the backups were checked"
} as const

type Name = keyof typeof metrics

/** A value of a metric, `null` if it is not known. */
type Sample = readonly [name: Name, labels: Readonly<Record<string, string>>, value: number | null]

/**
 * What the status of a project or an index is as a number: that of a monitoring plugin.
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

/** The name of a schedule or, where another of its index has that too, and is the one in use, its id. */
const labelOf = (
  { name, scheduleId }: BackupHealth.ScheduleHealth,
  all: ReadonlyArray<BackupHealth.ScheduleHealth>
): string => {
  const bearers = all.filter((schedule) => Name.isSame(schedule.name, name))
  const bearer = bearers.find(({ enabled }) => enabled) ?? bearers[0]
  return bearer?.scheduleId === scheduleId ? name : scheduleId
}

/** Of the project, a finding has no label `index`. */
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

const samplesOf = (health: BackupHealth.BackupHealth): ReadonlyArray<Sample> => [
  ["pinecone_backup_check_timestamp_seconds", {}, secondsOf(health.at)],
  ["pinecone_backup_status", {}, statusValues[health.status]],
  ["pinecone_backup_quota_used", {}, health.quota.used],
  ["pinecone_backup_quota_limit", {}, health.quota.limit],
  ...health.indexes.filter(({ isDeleted }) => !isDeleted).flatMap(
    ({ ageSeconds, copies, indexName: index, schedules, status }): ReadonlyArray<Sample> => [
      ["pinecone_backup_age_seconds", { index }, ageSeconds],
      ["pinecone_backup_copies", { index }, copies],
      ["pinecone_backup_health", { index }, statusValues[status]],
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
 * Sets the {@link metrics} to how the backups are. What is no longer known, or of an index or a schedule that is gone,
 * has no value any more. Attributes of the context are labels as well, and the series of other attributes stay: two
 * projects in one program are told apart by `Effect.provideService(Metric.CurrentMetricAttributes, { project })`.
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
