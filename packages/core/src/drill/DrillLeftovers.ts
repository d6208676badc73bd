/**
 * Temporary indexes that their drills did not remove, for example because the state of the engine was lost.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import type * as Effect from "effect/Effect"
import type * as DrillError from "./DrillError.ts"
import type * as DrillIndex from "./DrillIndex.ts"
import type * as DrillLog from "./DrillLog.ts"
import type * as DrillTarget from "./DrillTarget.ts"

/**
 * A temporary index that exists, and what is known of its drill:
 *
 * - `running`: the log has a drill that has not ended and is within `DrillRequest.maxTimeout`, or the index is younger
 *   than that
 * - `leftover`: the log has the report of the drill, or the index is older than the longest timeout
 * - `unknown`: the age of the index is unknown, and the log does not have the drill
 *
 * @category models
 * @since 0.1.0
 */
export interface Leftover {
  readonly temporary: DrillIndex.DrillIndex
  readonly state: "running" | "leftover" | "unknown"
  /** When the drill or the restore started; `null` if unknown. */
  readonly since: DateTime.Utc | null
}

/**
 * Lists the temporary indexes of all drills. Requires both the name and the tag of a drill.
 *
 * @category operations
 * @since 0.1.0
 */
export declare const list: Effect.Effect<
  ReadonlyArray<Leftover>,
  DrillError.StepError | DrillLog.DrillLogError,
  DrillTarget.DrillTarget | DrillLog.DrillLog
>

/**
 * Removes a temporary index, and waits for up to 5 minutes until it is gone.
 *
 * @category operations
 * @since 0.1.0
 */
export declare const remove: (
  temporary: DrillIndex.DrillIndex
) => Effect.Effect<void, DrillError.StepError, DrillTarget.DrillTarget>
