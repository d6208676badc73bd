/**
 * What an audit has found, as Prometheus reads it: the metrics of `BackupMetrics`.
 *
 * @since 0.1.0
 */
import type * as BackupHealth from "@pinecone-backups/core/BackupHealth"
import * as BackupMetrics from "@pinecone-backups/core/BackupMetrics"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"

/**
 * The text of the metrics. The metrics of this process are not among them.
 *
 * @category formatting
 * @since 0.1.0
 */
export const text = (health: BackupHealth.BackupHealth): Effect.Effect<string> =>
  Effect.andThen(BackupMetrics.record(health), PrometheusMetrics.format()).pipe(
    Effect.provideService(Metric.MetricRegistry, new Map()),
    Effect.provideService(Metric.CurrentMetricAttributes, {})
  )
