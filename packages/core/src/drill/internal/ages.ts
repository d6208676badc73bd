/** Maximum ages of drills and their indexes. Separate from the workflow engine, because the audit uses this module. */
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Copies from "../../health/Copies.ts"
import { millis } from "../../internal/time.ts"

export const maxTimeout: Duration.Duration = /* @__PURE__ */ Duration.days(2)

export const maxAge: Duration.Duration = /* @__PURE__ */ Duration.sum(maxTimeout, /* @__PURE__ */ Duration.days(1))

/** State of the drill of a temporary index. */
export type State = "running" | "leftover" | "unknown"

/**
 * Determines the state of a temporary index from the start of its drill, or of its restore if the drill is not in the log, and
 * from whether the drill has ended.
 */
export const stateOf = (since: DateTime.Utc | null, hasEnded: boolean, now: DateTime.Utc): State =>
  hasEnded
    ? "leftover"
    : since === null || Copies.isFuture(since, now)
    ? "unknown"
    : millis(now) - millis(since) > Duration.toMillis(maxAge)
    ? "leftover"
    : "running"
