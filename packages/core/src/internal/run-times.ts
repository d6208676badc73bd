import type * as DateTime from "effect/DateTime"
import * as Timestamp from "./codec/timestamp.ts"
import { millis } from "./time.ts"

// In milliseconds, since a project has a hundred thousand runs, and an instant costs more than reading it.

/** What tells when a run or a backup was made. */
interface Row {
  readonly name?: string | null | undefined
  readonly scheduledExecutionAt?: DateTime.Utc | null | undefined
  readonly createdAt?: DateTime.Utc | null | undefined
}

/** When a row was planned for by what it says itself: `scheduledExecutionAt`, else the stamp at the end of its name. */
export const plannedFor = ({ name, scheduledExecutionAt }: Row): number | undefined =>
  scheduledExecutionAt ? millis(scheduledExecutionAt) : name ? Timestamp.parseStamp(name) : undefined

/** What rows of a history are put in order by: when they were planned for, else `createdAt`. No evidence: see `Copies.takenAt`. */
export const ranAt = (run: Row): number | undefined =>
  plannedFor(run) ?? (run.createdAt ? millis(run.createdAt) : undefined)
