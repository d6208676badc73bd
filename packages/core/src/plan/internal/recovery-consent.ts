/** Comparison of a plan with the plan that the caller has approved. */
import { isSame } from "../../internal/same.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as RecoveryPlan from "../RecoveryPlan.ts"

/** Steps that an approved plan may not have, but that follow from its options and delete nothing. */
const harmless: ReadonlySet<RecoveryPlan.Step["_tag"]> = new Set([
  "AwaitDeletion",
  "AwaitRestore",
  "Verify",
  "Configure",
  "UpdateSchedule"
])

const isAlike = (step: RecoveryPlan.Step, approved: RecoveryPlan.Step): boolean => {
  if (step._tag !== approved._tag || !isSame(step.indexName, approved.indexName)) return false
  return step._tag !== "Restore" || approved._tag !== "Restore" || isSame(step.backupId, approved.backupId)
}

const actions: Readonly<Record<RecoveryPlan.Step["_tag"], string>> = {
  AwaitDeletion: "wait for the deletion of",
  DeleteFailed: "delete",
  Restore: "restore into",
  AwaitRestore: "wait for",
  Verify: "verify",
  BackUp: "back up",
  SaveSettings: "change the tags of",
  Unprotect: "disable the deletion protection of",
  Delete: "delete",
  Configure: "configure",
  CreateSchedule: "create a schedule for",
  UpdateSchedule: "update the schedule of"
}

/** Returns `false` if two responses for a name are certainly about different indexes. */
export const isSameIndex = (before: PineconeIndex.PineconeIndex, now: PineconeIndex.PineconeIndex): boolean => {
  const isAlikeIn = (key: "host" | "id" | "sourceBackupId") => (before[key] ?? null) === (now[key] ?? null)
  return isAlikeIn("id") && isAlikeIn("host") && isAlikeIn("sourceBackupId")
}

const has = ({ steps }: RecoveryPlan.RecoveryPlan, tag: RecoveryPlan.Step["_tag"]): boolean =>
  steps.some(({ _tag }) => _tag === tag)

/** Returns how a plan goes beyond the approved plan; `undefined` if it does not. */
export const difference = (
  approved: RecoveryPlan.RecoveryPlan,
  plan: RecoveryPlan.RecoveryPlan,
  /** Whether this run has backed up the index that is replaced. */
  isBackedUp: boolean
): string | undefined => {
  const { index } = approved.options
  if (!isSame(plan.copy.backupId, approved.copy.backupId)) {
    return `The recovery would now restore backup ${plan.copy.backupId} instead of ${approved.copy.backupId}`
  }
  const [was, is] = [approved.replaced, plan.replaced]
  if (was && is) {
    // An index without an ID has neither schedules nor backups, unlike the index of the plan.
    const hasOtherId = was.indexId !== null && !isSame(is.indexId ?? "", was.indexId)
    const hasOtherHost = was.host !== null && is.host !== null && is.host !== was.host
    if (hasOtherId || hasOtherHost) return `Index "${index}" is not the same index as when the plan was made`
  }
  // Counts lag, and a single wrong one must not cost the data.
  if (!isBackedUp && has(approved, "BackUp") && has(plan, "Delete") && !has(plan, "BackUp") && is?.records === 0) {
    return `Index "${index}" now reports no records, so it would be deleted without the backup that the plan makes`
  }
  const extra = plan.steps.find((step) =>
    !harmless.has(step._tag) && !approved.steps.some((other) => isAlike(step, other)) &&
    // Without the backup, an approved deletion would lose more than the plan says.
    !((step._tag === "BackUp" || step._tag === "SaveSettings") && has(approved, "Delete"))
  )
  return extra && `The recovery would now ${actions[extra._tag]} index "${extra.indexName}", which the plan does not`
}
