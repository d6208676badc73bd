import { minuteMillis } from "../../internal/time.ts"
import type * as HealthCheck from "../HealthCheck.ts"

/** A backup omits writes from the 15 minutes before it was taken. */
export const lagMillis = 15 * minuteMillis

/** Index checks that depend on the current time. They are `unknown` if the clocks contradict each other. */
export const checksOfAge: ReadonlySet<HealthCheck.HealthCheck> = /* @__PURE__ */ new Set<HealthCheck.HealthCheck>([
  "stale",
  "never-ran",
  "missed",
  "stuck",
  "last-copy-expiring",
  "paused",
  "lagging",
  "overdue",
  "drill-overdue",
  "drill-leftover"
])

/** Number of days to look back for failed and missed runs. */
export const sinceDays = 7

/** Number of days within which a restore should have been tested. */
export const testedDays = 90

/** Share by which a backup may be smaller than the median of the backups before it. */
export const maxShrink = 0.5

/** Maximum and minimum number of earlier backups that a size is compared with. */
export const compared = { most: 10, least: 3 }

/** Number of days until the last copy expires below which that is a warning, or critical. */
export const expiringDays = { warning: 14, critical: 2 }

/** Backup quotas of the plans that include backups. */
export const planQuotas = [500, 1_000]

/** Number of days until the quota is full below which that is a warning. */
export const quotaWarningDays = 30

/** Maximum number of manual deletions, and minimum number of newer backups left if the retention may have been raised. */
export const goneEarlyLimits = { byHand: 2, left: 3 }

/** Number of days after the newest scheduled copy for which a deleted index is `index-gone`. Longer than a month. */
export const recentDays = 35
