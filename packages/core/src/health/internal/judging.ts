/** States of backups as copies. Times are in milliseconds because a project can have 100,000 backups. */
import * as Array from "effect/Array"
import * as Duration from "effect/Duration"
import * as Order from "effect/Order"
import * as Backup from "../../Backup.ts"
import type * as BackupRun from "../../BackupRun.ts"
import * as RunTimes from "../../internal/run-times.ts"
import { dayMillis, millis } from "../../internal/time.ts"
import { compared, maxShrink as defaultMaxShrink } from "./limits.ts"

// Copies.ts documents the names and rules.

export const futureTolerance: Duration.Duration = /* @__PURE__ */ Duration.minutes(5)

const futureToleranceMillis: number = /* @__PURE__ */ Duration.toMillis(futureTolerance)

export const isFutureMillis = (at: number, now: number): boolean => at - now > futureToleranceMillis

const createdMillis = ({ createdAt }: BackupRun.BackupRun): number | undefined =>
  createdAt ? millis(createdAt) : undefined

/** Maximum time from `createdAt` to the planned run: a monthly run is planned when the previous run starts. */
const longestAheadMillis = 32 * dayMillis

/** Returns `true` if `createdAt` agrees with the time in the name of a backup, within a day. */
const isAgreed = (planned: number | undefined, created: number | undefined): planned is number =>
  planned !== undefined && created !== undefined && Math.abs(planned - created) <= dayMillis

export const takenAtMillis = (
  backup: BackupRun.BackupRun,
  isInHistory: boolean,
  now = Infinity
): number | undefined => takenAtOf(backup, createdMillis(backup), RunTimes.plannedFor(backup), isInHistory, now)

/** Like {@link takenAtMillis}, for a backup whose times have already been read. */
const takenAtOf = (
  backup: BackupRun.BackupRun,
  created: number | undefined,
  planned: number | undefined,
  isInHistory: boolean,
  now: number
): number | undefined => {
  if (created !== undefined && isFutureMillis(created, now)) return created
  if (isInHistory && backup.scheduledExecutionAt) return planned
  if (created === undefined || planned === undefined) return created
  const counts = isInHistory ? planned - created <= longestAheadMillis : isAgreed(planned, created)
  return counts ? planned : created
}

/** Returns `true` if {@link takenAtMillis} depends on whether a history has the backup. */
export const needsHistory = (backup: BackupRun.BackupRun): boolean =>
  takenAtMillis(backup, true) !== takenAtMillis(backup, false)

export type State = "good" | "uncounted" | "undated" | "future" | "empty" | "running" | "failed"

export type Origin = "scheduled" | "on-demand" | "unknown"

/** Decrease of a copy compared with the backups before it. */
export interface Shrink {
  readonly what: "records" | "bytes" | "namespaces"
  /** Value of the copy; `undefined` if unknown. */
  readonly value: number | undefined
  /** Median of the backups before it; `undefined` if missing values affect it. */
  readonly median: number | undefined
  /** Minimum value that does not count as shrunk. */
  readonly limit: number | undefined
  /** Whether the copy is certainly shrunk. If `false`, it may be shrunk, because values are missing. */
  readonly isCertain: boolean
  /** Backups that it was compared with. */
  readonly earlier: ReadonlyArray<Backup.Backup>
}

/** A backup and its state as a copy. */
export interface Judged<Schedule = unknown> {
  readonly backup: Backup.Backup
  readonly at: number | undefined
  readonly state: State
  readonly origin: Origin
  /** The schedule that created the backup, if a history has the backup. */
  readonly schedule: Schedule | undefined
}

export interface JudgeOptions<Schedule> {
  readonly now: number
  /** The schedule whose history has a backup. */
  readonly scheduleOf: (backupId: string) => Schedule | undefined
  readonly isComplete: boolean
}

const stateOf = (backup: Backup.Backup, at: number | undefined, now: number): State => {
  if (Backup.isFailed(backup)) return "failed"
  if (!Backup.isReady(backup)) return "running"
  const { recordCount } = backup
  if (recordCount != null && recordCount <= 0) return "empty"
  if (at === undefined) return "undated"
  if (isFutureMillis(at, now)) return "future"
  return recordCount == null ? "uncounted" : "good"
}

const median = (numbers: Array.NonEmptyReadonlyArray<number>): number => {
  const sorted = Array.sort(numbers, Order.Number)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? sorted[0]
  return sorted.length % 2 === 1 ? upper : upper / 2 + (sorted[middle - 1] ?? upper) / 2
}

const sizes = [["recordCount", "records"], ["sizeBytes", "bytes"], ["namespaceCount", "namespaces"]] as const

/** Returns `true` if a backup may be shrunk compared with any single backup before it. Avoids most medians. */
const isSuspect = (backup: Backup.Backup, earlier: ReadonlyArray<Backup.Backup>, share: number): boolean =>
  sizes.some(([field]) => {
    const value = backup[field]
    return earlier.some(({ [field]: other }) => value == null ? other != null : !(value >= share * (other ?? Infinity)))
  })

/** Returns `true` if a copy is a ready backup with a time that is not in the future. */
const isDated = ({ at, backup }: Judged, now: number): boolean =>
  at !== undefined && Backup.isReady(backup) && !isFutureMillis(at, now)

/** Up to 10 ready and dated backups before a position, oldest first. */
const earlierThan = (copies: ReadonlyArray<Judged>, position: number, now: number): ReadonlyArray<Backup.Backup> => {
  const found: Array<Backup.Backup> = []
  for (let before = position - 1; before >= 0 && found.length < compared.most; before--) {
    const copy = copies[before]
    if (copy !== undefined && isDated(copy, now)) found.push(copy.backup)
  }
  return found.toReversed()
}

/**
 * Finds the decrease of the copy at a position of {@link judge}'s result. A missing number can be any number: the backup is
 * certainly shrunk if every possible number makes it shrunk, and may be shrunk if only some numbers do. A field that all
 * backups lack is not compared.
 */
export const shrinkAt = (
  copies: ReadonlyArray<Judged>,
  position: number,
  { maxShrink = defaultMaxShrink, now }: { readonly maxShrink?: number | undefined; readonly now: number }
): Shrink | undefined => {
  const copy = copies[position]
  if (copy === undefined || copy.state === "empty" || !isDated(copy, now)) return undefined
  const { backup } = copy
  const share = 1 - maxShrink
  const earlier = earlierThan(copies, position, now)
  if (!Array.isReadonlyArrayNonEmpty(earlier) || earlier.length < compared.least) return undefined
  if (!isSuspect(backup, earlier, share)) return undefined
  const found = sizes.flatMap(([field, what]): ReadonlyArray<Shrink> => {
    const value = backup[field] ?? undefined
    const isReported = value !== undefined || earlier.some((backup) => backup[field] != null)
    if (!isReported) return []
    const least = share * median(Array.map(earlier, (backup) => backup[field] ?? 0))
    const most = share * median(Array.map(earlier, (backup) => backup[field] ?? Infinity))
    // With a share of 0, no number is too small.
    if (share <= 0 || (value ?? 0) >= most) return []
    const isKnown = least === most
    return [{
      what,
      value,
      median: isKnown ? least / share : undefined,
      limit: isKnown ? least : undefined,
      isCertain: value !== undefined && value < least,
      earlier
    }]
  })
  return found.find(({ isCertain }) => isCertain) ?? found[0]
}

/** Sort key of a copy. Unknown times sort first, with a finite key so that keys can be subtracted. */
const timeOf = ({ at }: Judged): number => at ?? -Number.MAX_VALUE

const byTime = (self: Judged, that: Judged): number => {
  const apart = timeOf(self) - timeOf(that)
  if (apart !== 0) return apart
  return self.backup.backupId < that.backup.backupId ? -1 : self.backup.backupId > that.backup.backupId ? 1 : 0
}

/** The states of backups, oldest first. */
export const judge = <Schedule>(
  backups: Iterable<Backup.Backup>,
  { isComplete, now, scheduleOf }: JudgeOptions<Schedule>
): ReadonlyArray<Judged<Schedule>> =>
  Array.fromIterable(backups).map((backup): Judged<Schedule> => {
    const schedule = scheduleOf(backup.backupId)
    const isInHistory = schedule !== undefined
    const planned = RunTimes.plannedFor(backup)
    const created = createdMillis(backup)
    const at = takenAtOf(backup, created, planned, isInHistory, now)
    return {
      backup,
      at,
      state: stateOf(backup, at, now),
      origin: isInHistory || isAgreed(planned, created)
        ? "scheduled"
        : !isComplete || !backup.name || (created === undefined && planned !== undefined)
        ? "unknown"
        : "on-demand",
      schedule
    }
  }).sort(byTime)
