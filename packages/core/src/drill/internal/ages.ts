/** Maximum ages of drills and their indexes. Separate from the workflow engine, because the audit uses this module. */
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Copies from "../../health/Copies.ts"
import { millis } from "../../internal/time.ts"
import type * as DrillLog from "../DrillLog.ts"

export const maxTimeout: Duration.Duration = /* @__PURE__ */ Duration.days(2)

export const maxAge: Duration.Duration = /* @__PURE__ */ Duration.sum(maxTimeout, /* @__PURE__ */ Duration.days(1))

/** State of the drill of a temporary index. */
export type State = "running" | "leftover" | "unknown"

/**
 * Determines the state of a temporary index, and its start: of its drill, or of its restore if the drill is not in the log.
 */
export const of = (
  entry: DrillLog.DrillEntry | undefined,
  restoreStartedAt: DateTime.Utc | null,
  now: DateTime.Utc
): { readonly since: DateTime.Utc | null; readonly state: State } => {
  const since = entry?.startedAt ?? restoreStartedAt
  const state = entry !== undefined && entry.report !== null
    ? "leftover"
    : since === null || Copies.isFuture(since, now)
    ? "unknown"
    : millis(now) - millis(since) > Duration.toMillis(maxAge)
    ? "leftover"
    : "running"
  return { since, state }
}
