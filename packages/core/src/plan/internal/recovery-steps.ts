/** Steps of a recovery, from the facts to the end. */
import * as Backup from "../../Backup.ts"
import type * as BackupSchedule from "../../BackupSchedule.ts"
import * as Copies from "../../health/Copies.ts"
import { isSame } from "../../internal/same.ts"
import { hourMillis, millis } from "../../internal/time.ts"
import * as Name from "../../Name.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as RecoveryPlan from "../RecoveryPlan.ts"
import * as Choice from "./recovery-choice.ts"
import * as Tags from "./recovery-tags.ts"
import type * as Target from "./recovery-target.ts"

/** Returns the steps from a target that is not ready to a verified target. */
export const restoreSteps = (
  name: PineconeIndex.IndexName,
  { index, job, state }: Target.Target,
  restore: Extract<RecoveryPlan.Step, { readonly _tag: "Restore" }>,
  isRepeated: boolean
): ReadonlyArray<RecoveryPlan.Step> => {
  const verify: RecoveryPlan.Step = { _tag: "Verify", indexName: name, isRepeated }
  const wait: RecoveryPlan.Step = { _tag: "AwaitRestore", indexName: name, restoreJobId: job?.restoreJobId ?? null }
  switch (state) {
    case "restored":
      return [verify]
    case "restoring":
      return [wait, verify]
    case "absent":
      return [restore, wait, verify]
    case "deleting":
      return [{ _tag: "AwaitDeletion", indexName: name }, restore, { ...wait, restoreJobId: null }, verify]
    case "failed":
      return [
        {
          _tag: "DeleteFailed",
          indexName: name,
          restoreJobId: job?.restoreJobId ?? null,
          isProtected: index?.deletionProtection !== "disabled"
        },
        { _tag: "AwaitDeletion", indexName: name },
        restore,
        { ...wait, restoreJobId: null },
        verify
      ]
  }
}

/** Returns the changes that a ready index needs to have its settings. */
export const configureSteps = (
  name: PineconeIndex.IndexName,
  index: PineconeIndex.PineconeIndex | undefined,
  settings: RecoveryPlan.Settings,
  options: RecoveryPlan.Options
): ReadonlyArray<RecoveryPlan.Step> => {
  if (index === undefined) return []
  const { deletionProtection: { source, value }, tags } = settings
  const protection = source !== "default" && index.deletionProtection !== value ? value : undefined
  const own = index.tags ?? {}
  const wished = tags.source === "backup" ? {} : tags.value ?? {}
  const set = Object.entries({
    ...wished,
    // Without the tags of the backup, only the changes are known.
    ...(tags.value === null && options.tags)
  }).flatMap(([key, value]) => value === null || own[key] === value ? [] : [[key, value] as const])
  const removed = Object.keys(own).filter((key) => options.tags?.[key] === null || !Object.hasOwn(Tags.ownOf(own), key))
  const changes = Object.fromEntries([...set, ...removed.map((key) => [key, ""] as const)])
  return protection === undefined && Object.keys(changes).length === 0
    ? []
    : [{ _tag: "Configure", indexName: name, deletionProtection: protection, tags: changes }]
}

/** Returns the changes to the schedules of the recovered index, and what stays different. */
export const scheduleSteps = (
  name: PineconeIndex.IndexName,
  schedules: ReadonlyArray<BackupSchedule.BackupSchedule>,
  { schedule: wish }: RecoveryPlan.Settings
): { readonly steps: ReadonlyArray<RecoveryPlan.Step>; readonly warnings: ReadonlyArray<RecoveryPlan.Warning> } => {
  if (wish === null) return { steps: [], warnings: schedules.length === 0 ? [{ _tag: "NoSchedule" }] : [] }
  if (wish.isPaused) return { steps: [], warnings: [{ _tag: "PausedSchedule", name: wish.name.value }] }
  const existing = schedules.find(({ enabled }) => enabled !== false) ??
    schedules.find((schedule) => Name.isSame(schedule.name, wish.name.value))
  const { frequency, name: { value: wished }, retentionDays } = wish
  if (existing === undefined) {
    return {
      steps: [{
        _tag: "CreateSchedule",
        indexName: name,
        name: wished,
        frequency: frequency.value,
        retentionDays: retentionDays.value
      }],
      warnings: []
    }
  }
  const { enabled, frequency: current, name: own, retentionExpireAfterDays: days, scheduleId } = existing
  const isMeant = enabled !== false && Name.isSame(own, wished)
  const newFrequency = frequency.source === "options" && current !== frequency.value ? frequency.value : undefined
  // A shorter retention deletes backups, which a recovery never does.
  const isLonger = retentionDays.source === "options" && days != null && days < retentionDays.value
  const newRetention = isLonger ? retentionDays.value : undefined
  if (!isMeant) return { steps: [], warnings: [{ _tag: "OtherSchedule", scheduleId, name: own ?? null }] }
  return {
    steps: newFrequency === undefined && newRetention === undefined ? [] : [{
      _tag: "UpdateSchedule",
      indexName: name,
      scheduleId,
      frequency: newFrequency,
      retentionDays: newRetention
    }],
    warnings: []
  }
}

/** Time within which the backup of an earlier attempt to replace the index is used again. */
const recent = hourMillis

/** Returns the step that backs up the index before it is replaced. */
export const backUpSteps = (
  facts: RecoveryPlan.Facts,
  { backUpFirst = true, index }: RecoveryPlan.Options,
  liveId: PineconeIndex.IndexId | undefined
): ReadonlyArray<RecoveryPlan.Step> => {
  if (!backUpFirst || facts.records === 0) return []
  const earlier = facts.liveBackups.filter((backup) =>
    // Without evidence for the ID of the index, a backup of it would be that evidence.
    Choice.isOfDamaged(backup) && liveId !== undefined && isSame(backup.sourceIndexId, liveId) && backup.createdAt &&
    !Copies.isFuture(backup.createdAt, facts.at) &&
    millis(facts.at) - millis(backup.createdAt) < recent
  )
  if (earlier.some((backup) => Backup.isReady(backup) && (backup.recordCount ?? 0) > 0)) return []
  // A backup without a count is not evidence yet, but is not made again either.
  const open = earlier.find(({ recordCount, status }) =>
    status === "Initializing" || (status === "Ready" && recordCount == null)
  )
  return [{ _tag: "BackUp", indexName: index, backupId: open?.backupId ?? null }]
}
