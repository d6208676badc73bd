/**
 * Temporary indexes that their drills did not remove, for example because the state of the engine was lost.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as DrillError from "./DrillError.ts"
import type * as DrillIndex from "./DrillIndex.ts"
import * as DrillLog from "./DrillLog.ts"
import * as DrillTarget from "./DrillTarget.ts"
import * as Ages from "./internal/ages.ts"

/**
 * An existing temporary index, and the state of its drill:
 *
 * - `running`: its drill may be running
 * - `leftover`: its drill has a report, or started more than {@link maxAge} ago
 * - `unknown`: the log does not have the drill, and the age of the index is unknown
 *
 * @category models
 * @since 0.1.0
 */
export interface Leftover {
  readonly temporary: DrillIndex.DrillIndex
  readonly state: Ages.State
  /** When the drill or, if the log does not have it, the restore started; `null` if unknown. */
  readonly since: DateTime.Utc | null
}

/**
 * Age above which a temporary index cannot belong to a running drill: one day more than the longest timeout.
 *
 * @category models
 * @since 0.1.0
 */
export const maxAge: Duration.Duration = Ages.maxAge

/**
 * Determines the state of the drill of a temporary index, from its log entry if it has one.
 *
 * @category getters
 * @since 0.1.0
 */
export const of = (
  { createdAt, temporary }: DrillTarget.Existing,
  entry: DrillLog.DrillEntry | undefined,
  now: DateTime.Utc
): Leftover => ({ temporary, ...Ages.of(entry, createdAt, now) })

/**
 * Lists the temporary indexes of all drills. Requires both the name and the tag of a drill.
 *
 * @category operations
 * @since 0.1.0
 */
export const list: Effect.Effect<
  ReadonlyArray<Leftover>,
  DrillError.StepError | DrillLog.DrillLogError,
  DrillTarget.DrillTarget | DrillLog.DrillLog
> = Effect.gen(function*() {
  const target = yield* DrillTarget.DrillTarget
  const log = yield* DrillLog.DrillLog
  const existing = yield* target.existing
  // Read the log after the indexes: a drill that ends in between then has a report.
  const entries = yield* log.getMany(existing.map(({ temporary }) => temporary.executionId))
  const now = yield* DateTime.now
  return existing.map((one) => of(one, entries.get(one.temporary.executionId), now))
})

/**
 * Removes a temporary index, and waits for up to 5 minutes until it is gone. Refuses, with the code `name-taken`, an
 * index that does not have both the name and the tag of its drill.
 *
 * **Gotchas**
 *
 * Does not check whether the drill is running: remove only what {@link list} reports as `leftover`.
 *
 * @category operations
 * @since 0.1.0
 */
export const remove = (
  temporary: DrillIndex.DrillIndex
): Effect.Effect<void, DrillError.StepError, DrillTarget.DrillTarget> =>
  DrillTarget.DrillTarget.use((target) =>
    Effect.retry(target.remove(temporary), {
      while: ({ _tag }) => _tag === "DrillUnavailable",
      schedule: Schedule.spaced("5 seconds"),
      times: 60
    })
  )
