/**
 * Which backups of an index are good copies of it, and why the others are not. The one place where this is decided.
 *
 * What is missing, unknown or contradictory never makes a copy good: a backup without a time, one dated in the future
 * and one that does not say how many records it has are each of a state of their own.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Backup from "../Backup.ts"
import type * as BackupRun from "../BackupRun.ts"
import { millis } from "../internal/time.ts"
import * as Judging from "./internal/judging.ts"

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
export const futureTolerance: Duration.Duration = Judging.futureTolerance

/**
 * Whether a time lies in the future, beyond {@link futureTolerance}.
 *
 * @category guards
 * @since 0.1.0
 */
export const isFuture = (at: DateTime.Utc, now: DateTime.Utc): boolean =>
  Judging.isFutureMillis(millis(at), millis(now))

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
  const at = Judging.takenAtMillis(backup, isInHistory, now && millis(now))
  return at === undefined ? undefined : DateTime.makeUnsafe(at)
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
export type State = Judging.State

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
export type Origin = Judging.Origin

/**
 * What a copy has too little of.
 *
 * @category models
 * @since 0.1.0
 */
export interface Shrink extends Judging.Shrink {}

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
  Judging.judge(backups, judgeOptionsOf(options)).map(({ at, backup, origin, shrink, state }) => ({
    backup,
    at: at === undefined ? undefined : DateTime.makeUnsafe(at),
    state,
    origin,
    shrink
  }))

const judgeOptionsOf = ({ histories, isComplete, maxShrink, now }: Options): Judging.JudgeOptions<true> => {
  const ran = new Set<string>()
  for (const history of histories ?? []) for (const { backupId } of history) ran.add(backupId)
  return {
    now: millis(DateTime.makeUnsafe(now)),
    // Which of them it is makes no difference here.
    scheduleOf: (id) => ran.has(id) ? true : undefined,
    isComplete: isComplete ?? histories !== undefined,
    maxShrink
  }
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
