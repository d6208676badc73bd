import type * as DateTime from "effect/DateTime"
import * as Timestamp from "./codec/timestamp.ts"
import { millis } from "./time.ts"

// In milliseconds, because a project can have 100,000 runs, and creating a `DateTime` costs more than parsing.

/** The fields of a run or backup that contain its time. */
interface Row {
  readonly name?: string | null | undefined
  readonly scheduledExecutionAt?: DateTime.Utc | null | undefined
  readonly createdAt?: DateTime.Utc | null | undefined
}

/** The planned time of a row: `scheduledExecutionAt`, or the timestamp at the end of its name. */
export const plannedFor = ({ name, scheduledExecutionAt }: Row): number | undefined =>
  scheduledExecutionAt ? millis(scheduledExecutionAt) : name ? Timestamp.parseStamp(name) : undefined

/**
 * The sort key of the rows of a history: the planned time, or `createdAt`. Not evidence of the time of a backup: see
 * `Copies.takenAt`.
 */
export const ranAt = (run: Row): number | undefined =>
  plannedFor(run) ?? (run.createdAt ? millis(run.createdAt) : undefined)
