/** The retention of schedules, and the impact of changing it. */
import type * as Backup from "@pinecone-backups/core/Backup"
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as Backups from "@pinecone-backups/core/Backups"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Cadence from "@pinecone-backups/core/health/Cadence"
import * as Copies from "@pinecone-backups/core/health/Copies"
import * as Name from "@pinecone-backups/core/Name"
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import * as CommandLine from "../output/CommandLine.ts"
import * as Note from "../output/Note.ts"
import * as Time from "../output/Time.ts"
import * as Format from "../terminal/Format.ts"
import * as CopyView from "./CopyView.ts"
import * as Deletion from "./Deletion.ts"
import * as Listing from "./Listing.ts"
import * as ScheduleView from "./ScheduleView.ts"

/** Warns if backups expire before the next run, and suggests a fix for an existing schedule. */
export const sayGap = Effect.fnUntraced(function*(
  schedule: { readonly frequency: string; readonly retentionExpireAfterDays?: number | null | undefined },
  mend?: BackupSchedule.BackupSchedule
) {
  const { frequency, retentionExpireAfterDays: kept } = schedule
  const period = Cadence.of(frequency)?.longestDays
  if (period === undefined || kept == null || kept >= period) return
  yield* Note.info(
    `note: ${frequency} backups are kept for ${days(kept)}; no usable backup on ${
      days(period - kept)
    } of every ${period}`
  )
  if (mend !== undefined) {
    yield* Note.nextStep(CommandLine.make`pcb schedule update ${mend.name ?? mend.scheduleId} --keep ${2 * period}`)
  }
})

const days = (count: number): string => Format.countOf(count, "day")

/** The backups of a schedule that may exist, with their rows in the list of backups. */
const madeBy = Effect.fnUntraced(function*({ indexName, schedule }: Listing.Scheduled) {
  const schedules = yield* BackupSchedules.BackupSchedules
  const runs = yield* Stream.runCollect(schedules.history(schedule.scheduleId))
  const names = Array.dedupe([indexName, ...runs.map(({ sourceIndexName }) => sourceIndexName)])
  const listed = yield* Listing.backupsEverOfAny(names)
  const byId = new Map<string, Backup.Backup>(listed.map((backup) => [backup.backupId, backup]))
  const ran = new Set<string>(runs.map(({ backupId }) => backupId))
  // Backups missing from the history are recognized by name.
  const others = [...byId.values()].filter((backup) =>
    !ran.has(backup.backupId) && backup.sourceIndexId === schedule.indexId &&
    BackupRun.plannedFor(backup) !== undefined &&
    backup.name != null &&
    Name.normalize(backup.name).startsWith(schedule.name == null ? "" : `${Name.normalize(schedule.name)}-`)
  )
  return [...runs, ...others].map((run) => ({ run, listed: byId.get(run.backupId) }))
    .filter(({ listed, run }) => CopyView.mayBeCopy(run) || (listed !== undefined && CopyView.mayBeCopy(listed)))
})

/** `true` if a backup exists even though it is not listed. */
const isThere = Effect.fnUntraced(function*({ backupId }: BackupRun.BackupRun) {
  const backups = yield* Backups.Backups
  return yield* backups.describe(backupId).pipe(
    Effect.as(true),
    Effect.catchTag("PineconeNotFound", () => Effect.succeed(false))
  )
})

/** Descriptions of the actions to confirm if backups would expire. */
export const actionsOf = (count: number) => ({
  action: `let ${Format.countOf(count, "backup")} expire`,
  lastAction: (index: string) => `let the last good backup of ${index} expire`
})

/** Returns `true` if the new retention is shorter. Any retention is shorter than an unknown retention. */
export const isShorter = ({ schedule }: Listing.Scheduled, keep: number): boolean =>
  keep < (schedule.retentionExpireAfterDays ?? Infinity)

/**
 * Determines the impact of a shorter retention: existing backups that become due for deletion and are not due under the
 * current retention.
 *
 * **Details**
 *
 * Backups with an unknown time count as lost. If clocks differ, the clock that leads to the greater loss is used. Fails
 * if the history or the list of backups cannot be read.
 */
export const impactOf = Effect.fnUntraced(function*(scheduled: Listing.Scheduled, keep: number) {
  const { schedule } = scheduled
  const current = schedule.retentionExpireAfterDays ?? undefined
  const made = yield* madeBy(scheduled)
  const { earliest, latest } = yield* Time.range
  // Computes with numbers, because a very long retention may exceed the range of dates.
  const isDue = (at: DateTime.Utc, kept: number, now: DateTime.Utc) =>
    DateTime.toEpochMillis(at) + kept * Format.dayMillis <= DateTime.toEpochMillis(now)
  const dated = made.map(({ listed, run }) => {
    const times = [run, ...(listed === undefined ? [] : [listed])].map((one) => Copies.takenAt(one, true, latest))
      .filter(Predicate.isNotUndefined)
    // A future time is not reliable. Of two times, the earlier leads to the greater loss.
    const isKnown = Array.isReadonlyArrayNonEmpty(times) && !times.some((at) => Copies.isFuture(at, latest))
    const at = isKnown ? times.reduce(DateTime.min) : undefined
    return {
      at,
      run,
      isListed: listed !== undefined,
      isOverdue: at !== undefined && current !== undefined && isDue(at, current, earliest),
      isDueThen: at === undefined || isDue(at, keep, latest)
    }
  })
  const expected = dated.filter(({ isOverdue }) => !isOverdue)
  // If the list has no backup from the history, do not conclude that they were deleted.
  const isContradictory = expected.length > 0 && !expected.some(({ isListed }) => isListed)
  const there = yield* Effect.filter(
    expected,
    ({ isDueThen, isListed, run }) =>
      isListed || isContradictory ? Effect.succeed(true) : isDueThen ? isThere(run) : Effect.succeed(false),
    { concurrency: 8 }
  )
  const lost = there.filter(({ isDueThen }) => isDueThen)
  // Overdue backups may still exist, but will not for long.
  const overdue = lost.length === 0 ? [] : dated.filter(({ isOverdue }) => isOverdue)
  const times = lost.map(({ at }) => at).filter(Predicate.isNotUndefined)
  const undated = lost.length - times.length
  const bytes = lost.reduce((sum, { run }) => sum + (run.sizeBytes ?? 0), 0)
  const apart = DateTime.distance(earliest, latest)
  const instead = current === undefined ? "" : ` instead of ${current}`
  const oldest = Array.isReadonlyArrayNonEmpty(times)
    ? `oldest ${DateTime.formatIsoDateUtc(times.reduce(DateTime.min))}, `
    : ""
  return {
    /** The number of backups that become due for deletion: `backups`. */
    count: lost.length,
    ...(yield* Deletion.impactOf([...lost, ...overdue].map(({ run }) => run), [
      `A retention of ${days(keep)}${instead} also applies to existing backups:`,
      lost.length === 0
        ? there.length === 0
          ? `  ${ScheduleView.nameOf(schedule)} has no backups`
          : there.length === 1
          ? `  the 1 backup of ${ScheduleView.nameOf(schedule)} does not become due for deletion now`
          : `  none of the ${there.length} backups of ${ScheduleView.nameOf(schedule)} becomes due for deletion now`
        : `  ${lost.length} of ${Format.countOf(there.length, "backup")} ${
          lost.length === 1 ? "becomes" : "become"
        } due for deletion (${oldest}${Format.bytes(bytes)} in all)`,
      ...(undated === 0
        ? []
        : [
          `  ${undated} of these ${undated === 1 ? "has" : "have"} an unknown time and ${
            undated === 1 ? "counts" : "count"
          } as due`
        ]),
      ...(Duration.isZero(apart) ? [] : [
        `  the clocks of this machine and of the service differ by ${Format.elapsed(apart)}: the later clock is used`
      ]),
      ...(isContradictory ? ["  the list of backups may be incomplete: it lacks every backup in the history"] : [])
    ])),
    backups: lost.map(({ run }) => run.backupId)
  }
})
