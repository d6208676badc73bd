import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const policy: BackupPolicy.BackupPolicy = {
  rules: [{ index: "prod-*", allowLoss: false, schedule: { every: "daily", keep: 30 } }]
}

export const applyPolicy = Effect.gen(function*() {
  const plan = SchedulePlan.make(policy, yield* SchedulePlan.read(policy))
  for (const { consequences, indexName, _tag } of plan.steps) {
    yield* Effect.logInfo(`${indexName}: ${_tag}`, ...consequences.map(({ _tag }) => _tag))
  }
  for (const { indexName, _tag } of plan.blocked) yield* Effect.logWarning(`${indexName} is blocked: ${_tag}`)
  for (const { indexName, reason } of plan.unknown) yield* Effect.logWarning(`${indexName ?? "project"}: ${reason}`)
  // Steps that lose something need the consent of a person.
  if (SchedulePlan.verdict(plan) !== "drift" || SchedulePlan.consentOf(plan) !== "free") return []
  return yield* SchedulePlan.apply(plan, { wanted: policy }).pipe(
    Stream.map((event) =>
      event._tag === "Left"
        ? `${event.plan.steps.length} steps are left`
        : `${event.step.indexName}: ${event.step._tag}: ${event._tag}`
    ),
    Stream.runCollect
  )
})
