/** How long the backups of a schedule are kept, and what becomes of them if that changes. */
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Cadence from "@pinecone-backups/core/health/Cadence"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as CommandLine from "../../output/CommandLine.ts"
import * as Note from "../../output/Note.ts"
import * as Time from "../../output/Time.ts"
import * as Deletion from "../../shared/Deletion.ts"
import * as ScheduleView from "../../shared/ScheduleView.ts"
import * as Format from "../../terminal/Format.ts"

/** Says so if the backups of a schedule do not reach from one run to the next, and how to mend that in one there is. */
export const sayGap = Effect.fnUntraced(function*(
  schedule: { readonly frequency: string; readonly retentionExpireAfterDays?: number | null | undefined },
  mend?: BackupSchedule.BackupSchedule
) {
  const { frequency, retentionExpireAfterDays: kept } = schedule
  const period = Cadence.of(frequency)?.longestDays
  if (period === undefined || kept == null || kept >= period) return
  yield* Note.info(
    `note: ${frequency} backups kept ${days(kept)}: nothing to restore from on ${
      days(period - kept)
    } of every ${period}`
  )
  if (mend !== undefined) {
    yield* Note.nextStep(CommandLine.make`pcb schedule update ${mend.name ?? mend.scheduleId} --keep ${2 * period}`)
  }
})

const days = (count: number): string => count === 1 ? "1 day" : `${count} days`

/**
 * What is lost if the backups of a schedule are kept for fewer days: those that are ready and not due by the retention
 * there is.
 */
export const impactOf = Effect.fnUntraced(function*(schedule: BackupSchedule.BackupSchedule, keep: number) {
  const schedules = yield* BackupSchedules.BackupSchedules
  const now = yield* Time.now
  const current = schedule.retentionExpireAfterDays ?? undefined
  // In numbers, since a retention for ever may be one that leads to no date any more.
  const isDue = (at: DateTime.Utc, kept: number) =>
    DateTime.toEpochMillis(at) + kept * 86_400_000 <= DateTime.toEpochMillis(now)
  const ready = (yield* Stream.runCollect(schedules.history(schedule.scheduleId))).flatMap((run) => {
    const at = BackupRun.takenAt(run)
    return at === undefined || !BackupRun.isReady(run) ? [] : [{ at, run }]
  })
  const there = ready.filter(({ at }) => current === undefined || !isDue(at, current))
  const lost = there.filter(({ at }) => isDue(at, keep))
  // What was due before may still be there, and is nothing to restore from for long.
  const due = lost.length === 0 ? [] : ready.filter(({ at }) => isDue(at, keep))
  const oldest = lost.map(({ at }) => at).sort(DateTime.Order).at(0)
  const bytes = lost.reduce((sum, { run }) => sum + (run.sizeBytes ?? 0), 0)
  const instead = current === undefined ? "" : ` instead of ${current}`
  return {
    /** How many backups become due for deletion. */
    count: lost.length,
    ...(yield* Deletion.impactOf(due.map(({ run }) => run), [
      `Keeping ${days(keep)}${instead} also re-times backups already taken:`,
      oldest === undefined
        ? `  none of the ${there.length} backups of ${ScheduleView.nameOf(schedule)} becomes due for deletion now`
        : `  ${lost.length} of ${there.length} backups ${
          lost.length === 1 ? "becomes" : "become"
        } due for deletion (oldest ${DateTime.formatIsoDateUtc(oldest)}, ${Format.bytes(bytes)} in all)`
    ]))
  }
})
