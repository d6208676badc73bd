/** Formats an audit as the Prometheus metrics of `BackupMetrics`. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as BackupMetrics from "@pinecone-backups/core/health/BackupMetrics"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import * as Format from "../../terminal/Format.ts"
import type { ProjectReport } from "./ProjectReport.ts"

/** Escapes control characters with two backslashes, which Prometheus reads as one. */
const spelled = (line: string): string =>
  [...Format.withoutKeys(line)].map((character) => {
    const visible = Format.visible(character)
    return visible === character ? character : `\\${visible}`
  }).join("")

/** Returns `true` for the time of the last check, which a failed audit does not have. */
const isAboutTime = (line: string): boolean => line.includes("pinecone_backup_check_timestamp_seconds")

/** The metrics of a failed audit: its status and error, without a time of the check. */
export const failed = (health: BackupHealth.BackupHealth): Effect.Effect<string> =>
  Effect.map(text(health), (text) => text.split("\n").filter((line) => !isAboutTime(line)).join("\n"))

/** The metrics of the reports that an effect records, without those of this process. Control characters are escaped. */
const formatted = <E, R>(record: Effect.Effect<unknown, E, R>): Effect.Effect<string, E, R> =>
  Effect.andThen(record, PrometheusMetrics.format()).pipe(
    Effect.map((text) => text.split("\n").map(spelled).join("\n")),
    Effect.provideService(Metric.MetricRegistry, new Map()),
    Effect.provideService(Metric.CurrentMetricAttributes, {})
  )

/** The metrics of a report. */
export const text = (health: BackupHealth.BackupHealth): Effect.Effect<string> =>
  formatted(BackupMetrics.record(health))

/** The time of the last check, which a project that could not be read does not have. */
const checkedAt: keyof typeof BackupMetrics.metrics = "pinecone_backup_check_timestamp_seconds"

/** The metrics of several projects, with the label `profile`. */
export const several = (reports: ReadonlyArray<ProjectReport>): Effect.Effect<string> =>
  formatted(Effect.forEach(reports, ({ error, health, profile }) =>
    Effect.gen(function*() {
      yield* BackupMetrics.record(health)
      if (error === undefined) return
      const gauge = Metric.gauge(checkedAt, { description: BackupMetrics.metrics[checkedAt] })
      yield* Metric.remove(Metric.withAttributes(gauge, { profile }))
    }).pipe(Effect.provideService(Metric.CurrentMetricAttributes, { profile }))))
