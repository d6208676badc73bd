/** How old drills and their indexes get. Apart from what needs the workflow engine, because the audit uses it. */
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Copies from "../../health/Copies.ts"
import { millis } from "../../internal/time.ts"

export const maxTimeout: Duration.Duration = /* @__PURE__ */ Duration.days(2)

export const maxAge: Duration.Duration = /* @__PURE__ */ Duration.sum(maxTimeout, /* @__PURE__ */ Duration.days(1))

/** Whether the drill of a temporary index may be running. */
export type State = "running" | "leftover" | "unknown"

/**
 * The state of a temporary index, from the start of its drill or, if no log has it, of its restore, and from whether its
 * drill has ended.
 */
export const stateOf = (since: DateTime.Utc | null, hasEnded: boolean, now: DateTime.Utc): State =>
  hasEnded
    ? "leftover"
    : since === null || Copies.isFuture(since, now)
    ? "unknown"
    : millis(now) - millis(since) > Duration.toMillis(maxAge)
    ? "leftover"
    : "running"
