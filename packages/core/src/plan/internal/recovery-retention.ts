/** Retention of backups during a restore. The service does not report when a backup expires. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import type * as BackupSchedule from "../../BackupSchedule.ts"
import type * as Copies from "../../health/Copies.ts"
import { isSame } from "../../internal/same.ts"
import { dayMillis, hourMillis, millis } from "../../internal/time.ts"
import * as Name from "../../Name.ts"
import * as RestoreJob from "../../RestoreJob.ts"
import type * as RecoveryPlan from "../RecoveryPlan.ts"
import * as Choice from "./recovery-choice.ts"
import * as Settings from "./recovery-settings.ts"

/** Expected duration of a restore if no completed restore is listed. */
const usualRestore = hourMillis

/** The schedule of a copy, if its index exists and the schedule too. */
const scheduleOf = (
  facts: RecoveryPlan.Facts,
  copy: Copies.Copy,
  { isLive }: Choice.Generation
): BackupSchedule.BackupSchedule | undefined => {
  const name = Settings.scheduleNameOf(copy)
  return isLive && name !== undefined ? facts.schedules.find((schedule) => Name.isSame(schedule.name, name)) : undefined
}

/** When the retention of a scheduled copy ends. The service does not report it. */
export const expiryOf =
  (facts: RecoveryPlan.Facts, options: RecoveryPlan.Options) =>
  (copy: Copies.Copy, generation: Choice.Generation): DateTime.Utc | undefined => {
    const name = Settings.scheduleNameOf(copy)
    if (name === undefined || copy.at === undefined) return undefined
    const wish = options.schedule === "none" ? undefined : options.schedule
    const days = scheduleOf(facts, copy, generation)?.retentionExpireAfterDays ??
      (wish?.name === undefined || Name.isSame(wish.name, name) ? wish?.retentionDays : undefined)
    return days == null ? undefined : DateTime.makeUnsafe(millis(copy.at) + days * dayMillis)
  }

/** Durations of the completed restores. */
export const durationsOf = ({ jobs }: RecoveryPlan.Facts): RecoveryPlan.RecoveryPlan["restoreDuration"] => {
  const durations = jobs.flatMap((job) =>
    RestoreJob.isCompleted(job) && job.createdAt && job.completedAt
      ? [millis(job.completedAt) - millis(job.createdAt)].filter((duration) => duration >= 0)
      : []
  )
  return durations.length === 0 ? null : {
    shortest: Duration.millis(Math.min(...durations)),
    longest: Duration.millis(Math.max(...durations))
  }
}

/** Warns of a backup that expires during its restore. */
export const warningsOf = (
  choice: Choice.Choice,
  facts: RecoveryPlan.Facts,
  options: RecoveryPlan.Options
): ReadonlyArray<RecoveryPlan.Warning> => {
  const { copy, generation } = choice
  const longest = durationsOf(facts)?.longest
  const end = millis(facts.at) + (longest === undefined ? usualRestore : Duration.toMillis(longest))
  if (copy.expiresAt === null || millis(copy.expiresAt) > end || generation === undefined) return []
  const expiry = expiryOf(facts, options)
  const chosen = generation.copies.find(({ backup }) => isSame(backup.backupId, copy.backupId))
  return [{
    _tag: "ExpiresSoon",
    backupId: copy.backupId,
    at: copy.expiresAt,
    alternative: Choice.olderThan(choice, (other) => {
      const at = expiry(other, generation)
      return at === undefined || millis(at) > end
    }),
    scheduleId: (chosen && scheduleOf(facts, chosen, generation)?.scheduleId) ?? null
  }]
}
