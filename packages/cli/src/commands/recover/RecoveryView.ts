/** Output of recoveries: the result as a table or JSON, and lines for programs. */
import * as DrillReport from "@pinecone-backups/core/drill/DrillReport"
import type * as RecoveryPlan from "@pinecone-backups/core/plan/RecoveryPlan"
import type * as RecoveryReport from "@pinecone-backups/core/plan/RecoveryReport"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Output from "../../output/Output.ts"
import type * as PlanJson from "../../output/PlanJson.ts"
import * as Columns from "../../shared/Columns.ts"
import * as Format from "../../terminal/Format.ts"

const countedJson = Schema.encodeSync(DrillReport.Counted)
const sampledJson = Schema.encodeSync(DrillReport.Sampled)

const copyJson = (copy: RecoveryPlan.Copy) => ({
  backup_id: copy.backupId,
  name: copy.name,
  source_index_id: copy.sourceIndexId,
  taken_at: Format.isoOrNull(copy.takenAt),
  data_until: Format.isoOrNull(copy.dataUntil),
  expires_at: Format.isoOrNull(copy.expiresAt),
  record_count: copy.recordCount,
  size_bytes: copy.sizeBytes
})

const sourced = <A>({ source, value }: RecoveryPlan.Sourced<A>) => ({ value, source })

const settingsJson = ({ deletionProtection, schedule, tags }: RecoveryPlan.Settings) => ({
  schedule: schedule && {
    name: sourced(schedule.name),
    frequency: sourced(schedule.frequency),
    retention_days: sourced(schedule.retentionDays),
    is_paused: schedule.isPaused
  },
  deletion_protection: sourced(deletionProtection),
  tags: sourced(tags)
})

/** The JSON of a plan. */
export const planJson = (plan: RecoveryPlan.RecoveryPlan): typeof PlanJson.RecoveryPlan.Encoded => ({
  index_name: plan.options.index,
  target_index_name: plan.target,
  side_copy: plan.sideCopy,
  goal: plan.goal,
  state: plan.state,
  consent: plan.consent,
  backup: copyJson(plan.copy),
  skipped: plan.skipped.map(({ backupId, name, reason, recordCount, takenAt }) => ({
    backup_id: backupId,
    name,
    taken_at: Format.isoOrNull(takenAt),
    record_count: recordCount,
    reason
  })),
  other_indexes: plan.others.map(({ deletedAt, goodCopies, indexId, newestAt }) => ({
    index_id: indexId,
    deleted_at: Format.isoOrNull(deletedAt),
    good_backups: goodCopies,
    newest_at: Format.isoOrNull(newestAt)
  })),
  settings: plan.goal === "side-copy" ? null : settingsJson(plan.settings),
  steps: plan.steps.map(({ _tag, indexName }) => ({ step: _tag, index_name: indexName })),
  warnings: plan.warnings.map(({ _tag }) => _tag),
  restore_job_id: plan.restoreJobId,
  replaced: plan.replaced && {
    index_id: plan.replaced.indexId,
    host: plan.replaced.host,
    record_count: plan.replaced.records
  }
})

const verificationJson = (verification: RecoveryReport.Verification) => ({
  index_name: verification.indexName,
  verdict: verification.verdict,
  reason: verification.reason,
  counted: verification.counted && countedJson(verification.counted),
  recounted: verification.recounted && countedJson(verification.recounted),
  sampled: verification.sampled && sampledJson(verification.sampled)
})

/** The JSON of a result. */
const resultJson = (result: RecoveryReport.RecoveryResult): typeof PlanJson.Recovery.Encoded => ({
  schema: "pcb.recovery/v1",
  index_name: result.index.name,
  host: result.index.host ?? null,
  plan: planJson(result.plan),
  restore_job_id: result.started.restoreJobId,
  damaged_backup_id: result.started.damagedBackupId,
  verification: result.verification && verificationJson(result.verification),
  schedule: result.scheduled && {
    schedule_id: result.scheduled.schedule.scheduleId,
    name: result.scheduled.schedule.name ?? null,
    action: result.scheduled.action,
    next_scheduled_run: Format.isoOrNull(result.scheduled.schedule.nextScheduledRun)
  },
  side_copy: result.sideCopy
})

/** What every line for programs has. */
const line = (elapsedMillis: number) => ({ elapsed_ms: Math.round(elapsedMillis) })

/** A line for programs. `undefined` for an event that is not printed. */
export const programLine = (
  event: RecoveryReport.RecoveryEvent,
  elapsedMillis: number
): typeof PlanJson.RecoveryLine.Encoded | undefined => {
  const at = line(elapsedMillis)
  switch (event._tag) {
    case "Planned":
      return { type: "recovery-plan", ...at, plan: planJson(event.plan) }
    case "Step":
      return { type: "recovery-step", ...at, step: event.step._tag, index_name: event.step.indexName }
    case "Started":
      return {
        type: "recovery-started",
        ...at,
        target_index_name: event.started.target,
        backup_id: event.started.backupId,
        restore_job_id: event.started.restoreJobId,
        is_own: event.isOwn
      }
    case "Progress":
      return {
        type: "recovery-progress",
        ...at,
        subject: event.subject,
        status: event.status,
        percent_complete: event.percentComplete
      }
    case "Counted":
      return {
        type: "recovery-counted",
        ...at,
        index_name: event.indexName,
        expected: event.expected,
        counted: countedJson(event.counted)
      }
    case "Verified":
      return { type: "recovery-verified", ...at, verification: verificationJson(event.verification) }
    case "Recovered":
      return { type: "recovery-result", ...at, result: resultJson(event.result) }
    // The step before each of these has its own line.
    case "Recounting":
    case "BackedUp":
    case "Configured":
    case "Deleted":
    case "Scheduled":
      return undefined
  }
}

/** View of a result. */
export const view = Effect.map(Columns.make, ({ exactInstant, id, number, text }): Output.View<
  RecoveryReport.RecoveryResult
> => ({
  toJson: resultJson,
  id: ({ index }) => index.name,
  columns: [
    text("INDEX", ({ index }) => index.name),
    text("VERIFICATION", ({ verification }) => verification?.verdict),
    number("RECORDS", ({ verification }) => (verification?.recounted ?? verification?.counted)?.records),
    number("EXPECTED", ({ plan }) => plan.copy.recordCount),
    exactInstant("TAKEN", ({ plan }) => plan.copy.takenAt),
    text("SCHEDULE", ({ scheduled }) => scheduled?.schedule.name),
    text("HOST", ({ index }) => index.host),
    id("BACKUP", ({ plan }) => plan.copy.backupId)
  ]
}))
