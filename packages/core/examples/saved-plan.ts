import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as SavedPlan from "@pinecone-backups/core/plan/SavedPlan"
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const schema = "acme.plan/v1"

export const save = (policy: BackupPolicy.BackupPolicy) =>
  Effect.gen(function*() {
    const facts = yield* SchedulePlan.read(policy)
    const plan = SchedulePlan.make(policy, facts, { validFor: SavedPlan.validityOf(policy, facts) })
    return SavedPlan.encode(
      yield* SavedPlan.make(plan, facts, { schema, host: "https://api.pinecone.io", apiVersion: "2026-07" })
    )
  })

export const carryOut = (text: string) =>
  Effect.flatMap(SavedPlan.decode(text, schema), (saved) => Stream.runCollect(SavedPlan.apply(saved)))
