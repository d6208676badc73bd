/**
 * How often schedules run.
 *
 * @since 0.1.0
 */
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"

/**
 * The frequencies there are, with how many days there are at most from one run to the next.
 *
 * @category models
 * @since 0.1.0
 */
export const longestDays = {
  daily: 1,
  weekly: 7,
  monthly: 31
} as const satisfies Readonly<Record<BackupSchedule.Frequency, number>>
