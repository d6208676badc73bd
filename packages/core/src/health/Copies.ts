/**
 * Which backups of an index are good copies of it, and why the others are not. The one place where this is decided.
 *
 * What is missing, unknown or contradictory never makes a copy good: a backup without a time, one dated in the future
 * and one that does not say how many records it has are each of a state of their own.
 *
 * @since 0.1.0
 */
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Order from "effect/Order"
import * as Backup from "../Backup.ts"
import type * as BackupRun from "../BackupRun.ts"
import * as RunTimes from "../internal/run-times.ts"
import { dayMillis, millis } from "../internal/time.ts"
import { compared, maxShrink as defaultMaxShrink } from "./internal/limits.ts"

// ============================================================================
// Times
// ============================================================================

/**
 * How far a time may lie ahead of the clock before it is in the future. Clocks differ by some minutes; a time beyond
 * this proves nothing. One value for the whole project.
 *
 * @category models
 * @since 0.1.0
 */
export const futureTolerance: Duration.Duration = /* @__PURE__ */ Duration.minutes(5)

/**
 * Whether a time lies in the future, beyond {@link futureTolerance}.
 *
 * @category guards
 * @since 0.1.0
 */
export const isFuture = (at: DateTime.Utc, now: DateTime.Utc): boolean => isFutureMillis(millis(at), millis(now))

/**
 * The same, in milliseconds.
 *
 * @internal
 */
export const isFutureMillis = (at: number, now: number): boolean => at - now > Duration.toMillis(futureTolerance)

const createdMillis = ({ createdAt }: BackupRun.BackupRun): number | undefined =>
  createdAt ? millis(createdAt) : undefined

/** How long after `createdAt` a run may be planned for: a monthly run is planned when the one before it has begun. */
const longestAheadMillis = 32 * dayMillis

/** Whether `createdAt` agrees with the time in the name of a backup, within a day. */
const isAgreed = (planned: number | undefined, created: number | undefined): planned is number =>
  planned !== undefined && created !== undefined && Math.abs(planned - created) <= dayMillis

/**
 * When a backup was taken; `undefined` if that is not known. What was written in the quarter of an hour before is not in
 * it.
 *
 * **Details**
 *
 * - Without a `createdAt` that can be read, nobody knows. The only other evidence is the `scheduledExecutionAt` of a run.
 * - A `createdAt` in the future is the time, whatever else is said. It proves nothing. This needs `now`.
 * - The time stamp at the end of a name only makes `createdAt` more exact, since people choose names. It counts where it
 *   is within a day of `createdAt`.
 * - Where the history of a schedule has the backup, `createdAt` may be when the run was planned. The stamp then counts
 *   if it is earlier than `createdAt`, or later by no more than 32 days, which is a monthly step and a day.
 * - A stamp that does not count leaves `createdAt`.
 *
 * @category getters
 * @since 0.1.0
 */
export const takenAt = (
  backup: BackupRun.BackupRun,
  isInHistory: boolean,
  now?: DateTime.Utc | undefined
): DateTime.Utc | undefined => {
  const at = takenAtMillis(backup, isInHistory, now && millis(now))
  return at === undefined ? undefined : DateTime.makeUnsafe(at)
}

/**
 * The same, in milliseconds.
 *
 * @internal
 */
export const takenAtMillis = (
  backup: BackupRun.BackupRun,
  isInHistory: boolean,
  now = Infinity
): number | undefined => {
  const created = createdMillis(backup)
  if (created !== undefined && isFutureMillis(created, now)) return created
  const planned = RunTimes.plannedFor(backup)
  if (isInHistory && backup.scheduledExecutionAt) return planned
  if (created === undefined || planned === undefined) return created
  const counts = isInHistory ? planned - created <= longestAheadMillis : isAgreed(planned, created)
  return counts ? planned : created
}

// ============================================================================
// Copies
// ============================================================================

/**
 * What a backup is worth:
 *
 * - `good`: ready, dated, not in the future, and has records
 * - `uncounted`: ready and dated, but it does not say how many records it has
 * - `undated`: ready, but nobody knows when it was taken
 * - `future`: ready, and dated in the future, by its `createdAt` or by {@link takenAt}
 * - `empty`: ready, and has no records, whenever it was taken
 * - `running`: not over, or of a status that this library does not know
 * - `failed`: it ended badly
 *
 * @category models
 * @since 0.1.0
 */
export type State = "good" | "uncounted" | "undated" | "future" | "empty" | "running" | "failed"

/**
 * Who made a backup:
 *
 * - `scheduled`: a schedule, since its history has the backup, or the name and `createdAt` agree on when it ran
 * - `on-demand`: nothing that was read says that a schedule made it
 * - `unknown`: nobody can tell, since the histories were not all read, or the name has a time stamp and nothing to
 *   compare it with
 *
 * @category models
 * @since 0.1.0
 */
export type Origin = "scheduled" | "on-demand" | "unknown"

/**
 * What a copy has too little of.
 *
 * @category models
 * @since 0.1.0
 */
export interface Shrink {
  readonly what: "records" | "bytes" | "namespaces"
  /** How many it has. `undefined` if it does not say. */
  readonly value: number | undefined
  /** The median of those before it. `undefined` if not all of them say how many they have. */
  readonly median: number | undefined
  /** What would have been enough. */
  readonly limit: number | undefined
  /** Whether it is shrunk for certain. If not, it may be: something that the comparison needs is missing. */
  readonly isCertain: boolean
  /** The backups it was compared with. */
  readonly earlier: ReadonlyArray<Backup.Backup>
}

/**
 * A backup, and what it is worth.
 *
 * @category models
 * @since 0.1.0
 */
export interface Copy {
  readonly backup: Backup.Backup
  /** When it was taken, by {@link takenAt}; it may be in the future. */
  readonly at: DateTime.Utc | undefined
  readonly state: State
  readonly origin: Origin
  /**
   * What it has far less of than the median of up to ten ready and dated backups before it, of which there must be
   * three. `undefined` if it is not shrunk, and for what is neither `good` nor `uncounted`. Good does not mean
   * "not shrunk": whether a copy is shrunk depends on those beside it, which may be deleted.
   */
  readonly shrink: Shrink | undefined
}

/**
 * A copy whose time is in milliseconds.
 *
 * @internal
 */
export interface Judged extends Omit<Copy, "at"> {
  readonly at: number | undefined
}

/**
 * What copies are judged by.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** What time it is. What is no instant is thrown, as by `DateTime.makeUnsafe`. */
  readonly now: DateTime.DateTime.Input
  /** The histories of the schedules of the index, as far as they were read. */
  readonly histories?: Iterable<Iterable<Pick<BackupRun.BackupRun, "backupId">>> | undefined
  /**
   * Whether `histories` are those of all schedules of the index. If not, nothing is known to be made on demand.
   *
   * @default whether there are `histories`
   */
  readonly isComplete?: boolean | undefined
  /**
   * By which share a copy may be smaller than the median of those before it.
   *
   * @default 0.5
   */
  readonly maxShrink?: number | undefined
}

interface JudgeOptions {
  readonly now: number
  readonly isInHistory: (backupId: string) => boolean
  readonly isComplete: boolean
  readonly maxShrink?: number | undefined
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

/** The number in the middle, or between the two in the middle. */
const median = (numbers: Array.NonEmptyReadonlyArray<number>): number => {
  const sorted = Array.sort(numbers, Order.Number)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? sorted[0]
  return sorted.length % 2 === 1 ? upper : upper / 2 + (sorted[middle - 1] ?? upper) / 2
}

const sizes = [["recordCount", "records"], ["sizeBytes", "bytes"], ["namespaceCount", "namespaces"]] as const

/** Whether a backup is smaller than any of those before it, or may be. Most are not, and no median is needed. */
const isSuspect = (backup: Backup.Backup, before: ReadonlyArray<Backup.Backup>, share: number): boolean => {
  const first = Math.max(0, before.length - compared.most)
  return sizes.some(([field]) => {
    const value = backup[field]
    for (let position = first; position < before.length; position++) {
      const other = before[position]?.[field]
      if (value == null ? other != null : !(value >= share * (other ?? Infinity))) return true
    }
    return false
  })
}

/**
 * What a backup has too little of. A number that is missing may be any number: the backup is shrunk for certain if it
 * is so whatever they are, and may be if it is so for some. What none of them says is not compared.
 */
const shrinkOf = (
  backup: Backup.Backup,
  before: ReadonlyArray<Backup.Backup>,
  maxShrink: number
): Shrink | undefined => {
  const share = 1 - maxShrink
  if (before.length < compared.least || !isSuspect(backup, before, share)) return undefined
  const earlier = before.slice(-compared.most)
  if (!Array.isReadonlyArrayNonEmpty(earlier)) return undefined
  const found = sizes.flatMap(([field, what]): ReadonlyArray<Shrink> => {
    const value = backup[field] ?? undefined
    const isSaid = value !== undefined || earlier.some((one) => one[field] != null)
    if (!isSaid) return []
    const least = share * median(Array.map(earlier, (one) => one[field] ?? 0))
    const most = share * median(Array.map(earlier, (one) => one[field] ?? Infinity))
    // By a share of nothing, no number is too small.
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

/** When a copy was taken, before all others if nobody knows. Not infinite, so that two can be subtracted. */
const timeOf = ({ at }: Judged): number => at ?? -Number.MAX_VALUE

const byTime = (self: Judged, that: Judged): number => {
  const apart = timeOf(self) - timeOf(that)
  if (apart !== 0) return apart
  return self.backup.backupId < that.backup.backupId ? -1 : self.backup.backupId > that.backup.backupId ? 1 : 0
}

/**
 * The backups of one index, each with what it is worth, oldest first. Those without a time come before the others, and
 * those that are equally old in the order of their ids.
 *
 * **Example** (The newest backup that is good)
 *
 * ```ts
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import * as Copies from "@pinecone-backups/core/health/Copies"
 * import type { IndexName } from "@pinecone-backups/core/PineconeIndex"
 * import * as DateTime from "effect/DateTime"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * export const newest = Effect.fn(function*(indexName: IndexName) {
 *   const backups = yield* Backups.Backups
 *   const all = yield* Stream.runCollect(backups.listByIndex(indexName))
 *   const copies = Copies.of(all, { now: yield* DateTime.now })
 *   return Copies.newestGood(copies)
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (backups: Iterable<Backup.Backup>, options: Options): ReadonlyArray<Copy> =>
  judge(backups, judgeOptionsOf(options)).map(({ at, backup, origin, shrink, state }) => ({
    backup,
    at: at === undefined ? undefined : DateTime.makeUnsafe(at),
    state,
    origin,
    shrink
  }))

const judgeOptionsOf = ({ histories, isComplete, maxShrink, now }: Options): JudgeOptions => {
  const ran = new Set<string>()
  for (const history of histories ?? []) for (const { backupId } of history) ran.add(backupId)
  return {
    now: millis(DateTime.makeUnsafe(now)),
    isInHistory: (id) => ran.has(id),
    isComplete: isComplete ?? histories !== undefined,
    maxShrink
  }
}

/**
 * The same, with times in milliseconds.
 *
 * @internal
 */
export const judge = (backups: Iterable<Backup.Backup>, options: JudgeOptions): ReadonlyArray<Judged> => {
  const { isComplete, maxShrink = defaultMaxShrink, now } = options
  const copies = Array.fromIterable(backups).map((backup): Judged => {
    const isInHistory = options.isInHistory(backup.backupId)
    const planned = RunTimes.plannedFor(backup)
    const created = createdMillis(backup)
    const at = takenAtMillis(backup, isInHistory, now)
    return {
      backup,
      at,
      state: stateOf(backup, at, now),
      origin: isInHistory || isAgreed(planned, created)
        ? "scheduled"
        : !isComplete || (created === undefined && planned !== undefined)
        ? "unknown"
        : "on-demand",
      shrink: undefined
    }
  }).sort(byTime)
  const before: Array<Backup.Backup> = []
  return copies.map((copy): Judged => {
    const isDated = copy.at !== undefined && Backup.isReady(copy.backup) && !isFutureMillis(copy.at, now)
    if (!isDated) return copy
    const shrink = copy.state === "empty" ? undefined : shrinkOf(copy.backup, before, maxShrink)
    before.push(copy.backup)
    return shrink === undefined ? copy : { ...copy, shrink }
  })
}

/**
 * Whether a copy is good: ready, dated, not in the future, and has records.
 *
 * @category guards
 * @since 0.1.0
 */
export const isGood = ({ state }: Pick<Copy, "state">): boolean => state === "good"

/**
 * Whether nothing speaks against a copy: it is good, and it is neither shrunk nor may be. What to choose where nobody
 * has chosen.
 *
 * @category guards
 * @since 0.1.0
 */
export const isSound = (copy: Pick<Copy, "shrink" | "state">): boolean => isGood(copy) && copy.shrink === undefined

/**
 * The newest good copy of some in order, be it shrunk or not.
 *
 * @category getters
 * @since 0.1.0
 */
export const newestGood = <A extends Pick<Copy, "state">>(copies: ReadonlyArray<A>): A | undefined =>
  copies.findLast(isGood)

/**
 * The newest copy of some in order that nothing speaks against, by {@link isSound}.
 *
 * @category getters
 * @since 0.1.0
 */
export const newestSound = <A extends Pick<Copy, "shrink" | "state">>(copies: ReadonlyArray<A>): A | undefined =>
  copies.findLast(isSound)
