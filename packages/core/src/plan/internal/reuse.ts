/** Choice of an existing backup that a guard can use instead of a new one. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Backup from "../../Backup.ts"
import type * as BackupRun from "../../BackupRun.ts"
import type * as BackupSchedule from "../../BackupSchedule.ts"
import * as Copies from "../../health/Copies.ts"
import { lagMillis } from "../../health/internal/limits.ts"
import * as LiveId from "../../health/LiveId.ts"
import { isId, isSame } from "../../internal/same.ts"
import { dayMillis, millis } from "../../internal/time.ts"
import type * as PineconeError from "../../PineconeError.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"

type Read<A> = Result.Result<ReadonlyArray<A>, PineconeError.ListError>

/** A schedule and its history. */
interface ScheduleFacts {
  readonly schedule: BackupSchedule.BackupSchedule
  readonly runs: Read<BackupRun.BackupRun>
}

export interface Facts {
  readonly index: PineconeIndex.PineconeIndex
  readonly schedules: Read<ScheduleFacts>
  readonly backups: Read<Backup.Backup>
}

export interface Limits {
  readonly now: DateTime.Utc
  /** Maximum age of the data. */
  readonly maxAge: Duration.Duration
  /** Duration from now for which the backup must not expire. */
  readonly neededFor: Duration.Duration
}

/** Why no existing backup is used. `Guard.ts` documents the values. */
export type Rejection = "none" | "too-old" | "doubtful" | "expiring" | "unknown"

/** A backup, and the time at which it was taken. */
export interface Dated {
  readonly backup: Backup.Backup
  readonly at: DateTime.Utc
}

/** The time up to which a backup has the data of its index. */
export const dataUntil = (at: DateTime.Utc): DateTime.Utc => DateTime.makeUnsafe(millis(at) - lagMillis)

/** Returns the rejection of a sound copy that expires too early, or may. */
const expiry = (
  { origin }: Copies.Copy,
  { at, backup: { backupId } }: Dated,
  schedules: ReadonlyArray<ScheduleFacts>,
  { neededFor, now }: Limits
): Rejection | undefined => {
  if (origin === "on-demand") return undefined
  const retentions = schedules
    .filter(({ runs }) => Result.isSuccess(runs) && runs.success.some((run) => isSame(run.backupId, backupId)))
    .map(({ schedule }) => schedule.retentionExpireAfterDays)
  // The retention of a backup from a deleted schedule is unknown.
  if (origin === "unknown" || retentions.length === 0) return "unknown"
  const until = millis(now) + Duration.toMillis(neededFor)
  return retentions.some((days) => days == null)
    ? "unknown"
    : retentions.some((days) => days != null && millis(at) + days * dayMillis <= until)
    ? "expiring"
    : undefined
}

/** Chooses the newest sound backup of the index, or returns the reason not to use it. */
export const choose = (
  { backups, index, schedules }: Facts,
  limits: Limits
): Result.Result<Dated, Rejection> => {
  const live = LiveId.of({
    index,
    schedules: Result.map(schedules, (all) => all.map(({ schedule }) => schedule)),
    backups
  })
  if (live._tag === "NoEvidence") return Result.fail("none")
  if (live._tag !== "Known" || Result.isFailure(backups) || Result.isFailure(schedules)) return Result.fail("unknown")
  // A backup without an index ID may be a newer one of the index.
  if (!backups.success.every(({ sourceIndexId }) => isId(sourceIndexId))) return Result.fail("unknown")
  const copies = Copies.of(backups.success.filter(({ sourceIndexId }) => isSame(sourceIndexId, live.indexId)), {
    now: limits.now,
    histories: schedules.success.map(({ runs }) => Result.getOrElse(runs, () => [])),
    isComplete: schedules.success.every(({ runs }) => Result.isSuccess(runs))
  })
  const copy = Copies.newestSound(copies)
  if (copy?.at === undefined) return Result.fail("none")
  // An empty or shrunk backup that is newer may mean that the index lost data. A new backup shows whether it did.
  const isDoubtful = copies.slice(copies.indexOf(copy) + 1).some(({ backup }) => Backup.isReady(backup))
  if (isDoubtful) return Result.fail("doubtful")
  const dated = { backup: copy.backup, at: copy.at }
  const age = millis(limits.now) - millis(dataUntil(copy.at))
  const rejection = age > Duration.toMillis(limits.maxAge) ? "too-old" : expiry(copy, dated, schedules.success, limits)
  return rejection === undefined ? Result.succeed(dated) : Result.fail(rejection)
}
