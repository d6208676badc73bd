/** Formats an audit as the Prometheus metrics of `BackupMetrics`. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as BackupMetrics from "@pinecone-backups/core/health/BackupMetrics"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import * as Format from "../../terminal/Format.ts"

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

/** The metrics of a report, without the metrics of this process. Control characters in labels are escaped. */
export const text = (health: BackupHealth.BackupHealth): Effect.Effect<string> =>
  Effect.andThen(BackupMetrics.record(health), PrometheusMetrics.format()).pipe(
    Effect.map((text) => text.split("\n").map(spelled).join("\n")),
    Effect.provideService(Metric.MetricRegistry, new Map()),
    Effect.provideService(Metric.CurrentMetricAttributes, {})
  )
