/**
 * Copies of an index: which backups are good, and the problem of each other backup.
 *
 * Missing, unknown or contradictory data never makes a copy good. A backup without a time, a backup dated in the future and
 * a backup without a record count each have their own state.
 *
 * @since 0.1.0
 */

import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Backup from "../Backup.ts"
import type * as BackupRun from "../BackupRun.ts"
import { millis } from "../internal/time.ts"
import * as Judging from "./internal/judging.ts"
import * as Text from "./internal/text.ts"

// ============================================================================
// Times
// ============================================================================

/**
 * Maximum time ahead of the clock that does not count as the future, because clocks differ by some minutes: 5 minutes.
 *
 * @category models
 * @since 0.1.0
 */
export const futureTolerance: Duration.Duration = Judging.futureTolerance

/**
 * Returns `true` if a time is in the future, beyond {@link futureTolerance}.
 *
 * @category guards
 * @since 0.1.0
 */
export const isFuture = (at: DateTime.Utc, now: DateTime.Utc): boolean =>
  Judging.isFutureMillis(millis(at), millis(now))

/**
 * Returns the time at which a backup was taken; `undefined` if unknown.
 *
 * **Details**
 *
 * - Without a valid `createdAt`, the time is unknown, unless the backup is a run with `scheduledExecutionAt`.
 * - A `createdAt` in the future is returned as is, if `now` is given.
 * - Users can choose names, so the time stamp at the end of a name only refines `createdAt`. It is used if it is within a
 *   day of `createdAt`.
 * - If the history of a schedule has the backup, `createdAt` may be the time at which the run was planned. The time stamp is
 *   then used if it is earlier than `createdAt`, or up to 32 days later: a monthly step plus one day.
 * - Otherwise, `createdAt` is returned.
 *
 * **Gotchas**
 *
 * Writes of the 15 minutes before that time are not in the backup.
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

/**
 * Returns `true` if the time of a backup depends on whether the history of a schedule has it, so that {@link takenAt}
 * differs by its second argument.
 *
 * **When to use**
 *
 * To read histories only for the backups whose times need them. Without its history, a backup counts as taken at its
 * `createdAt`.
 *
 * @category guards
 * @since 0.1.0
 */
export const needsHistory = (backup: BackupRun.BackupRun): boolean => Judging.needsHistory(backup)

// ============================================================================
// Copies
// ============================================================================

/**
 * State of a backup as a copy.
 *
 * **Details**
 *
 * - `good`: ready, dated, not in the future, and with records
 * - `uncounted`: ready and dated, but without a record count
 * - `undated`: ready, but the time at which it was taken is unknown
 * - `future`: ready and dated in the future, by its `createdAt` or by {@link takenAt}
 * - `empty`: ready and without records, whenever it was taken
 * - `running`: not finished, or with a status that this version does not know
 * - `failed`: failed
 *
 * @category models
 * @since 0.1.0
 */
export type State = Judging.State

/**
 * Origin of a backup.
 *
 * **Details**
 *
 * - `scheduled`: created by a schedule. Its history has the backup, or the name and `createdAt` agree on the time.
 * - `on-demand`: no evidence for a schedule
 * - `unknown`: undecided. Not all histories were read, the name is missing, or the name has a time stamp that cannot be
 *   verified.
 *
 * @category models
 * @since 0.1.0
 */
export type Origin = Judging.Origin

/**
 * Decrease of a copy: records, bytes or namespaces far below the backups before it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Shrink extends Judging.Shrink {}

/**
 * A backup and its state as a copy.
 *
 * @category models
 * @since 0.1.0
 */
export interface Copy {
  readonly backup: Backup.Backup
  /** Time at which it was taken, from {@link takenAt}. May be in the future. */
  readonly at: DateTime.Utc | undefined
  readonly state: State
  readonly origin: Origin
  /**
   * Decrease compared with the median of the previous 3 to 10 ready and dated backups. `undefined` if the copy is not
   * shrunk, and if it is neither `good` nor `uncounted`. A `good` copy can be shrunk, because that depends on other backups,
   * which may be deleted.
   */
  readonly shrink: Shrink | undefined
}

/**
 * Options of {@link of}.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** The current time. `of` throws if this is not a valid instant, as `DateTime.makeUnsafe` does. */
  readonly now: DateTime.DateTime.Input
  /** Histories of the schedules of the index that could be read. */
  readonly histories?: Iterable<Iterable<Pick<BackupRun.BackupRun, "backupId">>> | undefined
  /**
   * Whether `histories` has the histories of all schedules of the index. If `false`, no backup counts as `on-demand`.
   *
   * @default `true` if `histories` is given
   */
  readonly isComplete?: boolean | undefined
  /**
   * Share by which a copy may be smaller than the median of the backups before it.
   *
   * @default 0.5
   */
  readonly maxShrink?: number | undefined
}

/**
 * Judges the backups of one index. Returns the copies oldest first: backups without a time come first, and backups of the
 * same time are sorted by ID.
 *
 * **Example** (Finding the newest good backup)
 *
 * ```ts
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import * as Copies from "@pinecone-backups/core/health/Copies"
 * import { IndexName } from "@pinecone-backups/core/PineconeIndex"
 * import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
 * import * as Console from "effect/Console"
 * import * as DateTime from "effect/DateTime"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * export const program = Effect.gen(function*() {
 *   const backups = yield* Backups.Backups
 *   const all = yield* Stream.runCollect(backups.listByIndex(IndexName.make("docs")))
 *   const copies = Copies.of(all, { now: yield* DateTime.now })
 *   yield* Console.log(copies.map(({ state }) => state)) // => [ 'good', 'failed' ]
 *   yield* Console.log(Copies.newestGood(copies)?.backup.backupId) // => backup-2
 * }).pipe(Effect.provide(PineconeMemory.layer({
 *   schedules: [{ indexName: "docs", runs: [{ status: "Failed" }, {}] }]
 * })))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (
  backups: Iterable<Backup.Backup>,
  { histories, isComplete = histories !== undefined, maxShrink, ...options }: Options
): ReadonlyArray<Copy> => {
  const now = millis(DateTime.makeUnsafe(options.now))
  const ran = new Set<string>()
  for (const history of histories ?? []) for (const { backupId } of history) ran.add(backupId)
  // The checks here only need to know that a schedule has the backup, not which schedule.
  const scheduleOf = (id: string) => ran.has(id) ? true : undefined
  return Judging.judge(backups, { now, scheduleOf, isComplete }).map((
    { at, backup, origin, state },
    position,
    copies
  ) => ({
    backup,
    at: at === undefined ? undefined : DateTime.makeUnsafe(at),
    state,
    origin,
    shrink: Judging.shrinkAt(copies, position, { now, maxShrink })
  }))
}

/**
 * Returns `true` if a copy is good: ready, dated, not in the future, and with records.
 *
 * @category guards
 * @since 0.1.0
 */
export const isGood = ({ state }: Pick<Copy, "state">): boolean => state === "good"

/**
 * Returns `true` if a copy is good and certainly not shrunk. Use it to choose a copy automatically.
 *
 * @category guards
 * @since 0.1.0
 */
export const isSound = (copy: Pick<Copy, "shrink" | "state">): boolean => isGood(copy) && copy.shrink === undefined

/**
 * Returns the newest good copy, shrunk or not. The copies must be sorted, as {@link of} returns them.
 *
 * @category getters
 * @since 0.1.0
 */
export const newestGood = <A extends Pick<Copy, "state">>(copies: ReadonlyArray<A>): A | undefined =>
  copies.findLast(isGood)

/**
 * Returns the newest sound copy, by {@link isSound}. The copies must be sorted, as {@link of} returns them.
 *
 * @category getters
 * @since 0.1.0
 */
export const newestSound = <A extends Pick<Copy, "shrink" | "state">>(copies: ReadonlyArray<A>): A | undefined =>
  copies.findLast(isSound)

// ============================================================================
// Counts
// ============================================================================

/**
 * Numbers of the backups of a deleted index.
 *
 * @category models
 * @since 0.1.0
 */
export interface Remaining {
  /** Number of all backups in any state, as a list of them shows. */
  readonly backups: number
  /** Number of good copies. */
  readonly usable: number
}

/**
 * Counts the backups of a deleted index.
 *
 * @category getters
 * @since 0.1.0
 */
export const remaining = (copies: ReadonlyArray<Pick<Copy, "state">>): Remaining => ({
  backups: copies.length,
  usable: copies.filter(isGood).length
})

/**
 * Describes the backups of a deleted index: `8 usable backups remain`, or `9 backups remain, 8 of them usable`.
 *
 * **Example** (Describing the backups of a deleted index)
 *
 * ```ts
 * import * as Copies from "@pinecone-backups/core/health/Copies"
 *
 * console.log(Copies.remainingText({ backups: 9, usable: 8 })) // => 9 backups remain, 8 of them usable
 * ```
 *
 * @category conversions
 * @since 0.1.0
 */
export const remainingText = ({ backups, usable }: Remaining): string => {
  const remain = backups === 1 ? "remains" : "remain"
  if (usable === backups) return `${Text.count(backups, "usable backup")} ${remain}`
  const which = usable > 0
    ? `${Text.grouped(usable)} of them usable`
    : backups === 1
    ? "not known to be usable"
    : "none of them known to be usable"
  return `${Text.count(backups, "backup")} ${remain}, ${which}`
}
