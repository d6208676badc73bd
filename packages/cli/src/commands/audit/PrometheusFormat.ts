/** What an audit has found, as Prometheus reads it: the metrics of `BackupMetrics`. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as BackupMetrics from "@pinecone-backups/core/health/BackupMetrics"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import * as Format from "../../terminal/Format.ts"

/** A line in which whatever could move a cursor is spelled out, behind the two backslashes that are one in a label. */
const spelled = (line: string): string =>
  [...Format.withoutKeys(line)].map((character) => {
    const visible = Format.visible(character)
    return visible === character ? character : `\\${visible}`
  }).join("")

/** When an audit was made last is not known where none could be made. */
const isAboutTime = (line: string): boolean => line.includes("pinecone_backup_check_timestamp_seconds")

/** The text of an audit that could not be made: its status and why, and no time of a check. */
export const failed = (health: BackupHealth.BackupHealth): Effect.Effect<string> =>
  Effect.map(text(health), (text) => text.split("\n").filter((line) => !isAboutTime(line)).join("\n"))

/**
 * The text of the metrics. The metrics of this process are not among them. What could move a cursor is spelled out in
 * labels.
 */
export const text = (health: BackupHealth.BackupHealth): Effect.Effect<string> =>
  Effect.andThen(BackupMetrics.record(health), PrometheusMetrics.format()).pipe(
    Effect.map((text) => text.split("\n").map(spelled).join("\n")),
    Effect.provideService(Metric.MetricRegistry, new Map()),
    Effect.provideService(Metric.CurrentMetricAttributes, {})
  )
