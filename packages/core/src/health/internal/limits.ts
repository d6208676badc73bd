import { minuteMillis } from "../../internal/time.ts"
import type * as HealthCheck from "../HealthCheck.ts"

/** What was written in the quarter of an hour before a backup is not in it. */
export const lagMillis = 15 * minuteMillis

/** The checks of an index that compare a time with the present one: they are unknown where nobody knows that. */
export const checksOfAge: ReadonlySet<HealthCheck.HealthCheck> = /* @__PURE__ */ new Set<HealthCheck.HealthCheck>([
  "stale",
  "never-ran",
  "missed",
  "stuck",
  "last-copy-expiring",
  "paused",
  "lagging",
  "overdue"
])

/** How many days back failed and missing runs are looked for. */
export const sinceDays = 7

/** Within how many days a restore should have been tried. */
export const testedDays = 90

/** By which share a backup may be smaller than those before it. */
export const maxShrink = 0.5

/** How many backups before the newest one its size is compared with, and how many there have to be. */
export const compared = { most: 10, least: 3 }

/** How many days before the last copy is deleted that is bad, and very bad. */
export const expiringDays = { warning: 14, critical: 2 }

/** The quotas of the plans that have backups. */
export const planQuotas = [500, 1_000]

/** How many days before the quota is full that is worth a warning. */
export const quotaWarningDays = 30

/** How many backups may be deleted by hand, and how many newer ones have to be left where the retention may be raised. */
export const goneEarlyLimits = { byHand: 2, left: 3 }

/** For how many days after its newest scheduled copy a deleted index is missed: longer than a monthly schedule's step. */
export const recentDays = 35
