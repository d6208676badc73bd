import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as BackupMetrics from "@pinecone-backups/core/health/BackupMetrics"
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

// The requirements of the team. Without a policy, the backups are checked against their schedules.
const policy: BackupPolicy.BackupPolicy = {
  rules: [{ index: "prod-*", rpo: Duration.hours(26), minFrequency: "daily", minCopies: 7 }]
}

export const check = Effect.gen(function*() {
  const checks = yield* HealthChecks.HealthChecks
  const health = yield* checks.check({ policy })
  // For Prometheus, OpenTelemetry, or any other exporter of Effect's metrics.
  yield* BackupMetrics.record(health)
  for (const { indexName, remedy, sentence, severity } of BackupHealth.findings(health)) {
    yield* Effect.logWarning(`${severity}: ${indexName ?? "project"}: ${sentence}`, remedy)
  }
  return health.status
})

export const watch = check.pipe(
  // A failed check must not end the watch.
  Effect.catch((error) => Effect.logError("The backups could not be checked", error)),
  Effect.repeat(Schedule.spaced("15 minutes"))
)
