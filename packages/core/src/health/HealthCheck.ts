/**
 * The health checks: IDs, titles and severities.
 *
 * **Example** (Listing the checks)
 *
 * ```ts
 * import * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
 *
 * console.log(HealthCheck.ids.length) // => 33
 * console.log(HealthCheck.checks.unprotected) // => The index has no schedule
 * ```
 *
 * @since 0.1.0
 */

import * as Schema from "effect/Schema"

/**
 * The checks and their titles, in the order in which findings of the same severity are listed.
 *
 * **Details**
 *
 * Checks that compare with a policy, such as `copies` and `frequency`, find nothing without a policy.
 *
 * @category models
 * @since 0.1.0
 */
export const checks = {
  unreadable: "Data that the checks depend on could not be read, is missing, or is invalid",
  "no-indexes": "No index was checked, usually because the API key belongs to another project",
  clock: "The clocks of this machine and of the service contradict each other",
  unprotected: "The index has no schedule",
  stale: "The newest usable backup is too old, or no usable backup exists",
  "never-ran": "A schedule has not run since it was created, although a run was due",
  failed: "A run or backup failed",
  missed: "A run did not happen",
  stuck: "A backup or restore has been running for too long",
  "future-dated": "A backup is dated in the future, so it does not count as usable",
  empty: "The newest backup has no records",
  shrink: "The newest backup has far fewer records, bytes or namespaces than the backups before it",
  "gone-early": "Usable backups of a schedule were deleted before their retention expired",
  "retention-gap": "Backups are kept for less time than the interval between runs",
  "last-copy-expiring": "The last usable backup expires within 14 days, and no new backup is expected",
  copies: "The index has fewer usable backups than the policy requires",
  "no-copy-yet": "An index with a schedule has no usable backup yet, and the first run is not late",
  "rpo-unreachable": "The policy requires an RPO that the schedule cannot meet",
  frequency: "A schedule runs less often than the policy requires",
  retention: "Backups are kept for less time than the policy requires",
  paused:
    "No schedule is enabled, and a run was missed, none ever ran, no backup is usable, or the policy requires a schedule",
  lagging: "The service reports a next run that is more than 1 hour in the past",
  overdue: "Backups still exist more than 1 day after their retention",
  quota: "The backup quota is used up or nearly used up, or will be within 30 days",
  absent: "The policy has a rule for an index that does not exist",
  "name-too-long": "The name of a schedule makes its backup names longer than the API allows",
  "index-gone": "An index with recent scheduled backups was deleted, and backups of it remain",
  orphan: "Backups of any other deleted index remain",
  "no-deletion-protection": "The service does not report that deletion protection is enabled",
  "drill-failed": "The last restore drill of the index was not successful",
  "drill-overdue": "The index has no successful restore drill within the time that the policy requires",
  "drill-leftover": "The temporary index of a restore drill was not removed",
  untested: "Some indexes have no known completed restore in 90 days, or in the time set by the policy"
} as const

/**
 * ID of a check.
 *
 * @category models
 * @since 0.1.0
 */
export type HealthCheck = keyof typeof checks

/**
 * The IDs of all checks, in order.
 *
 * @category models
 * @since 0.1.0
 */
export const ids: ReadonlyArray<HealthCheck> = /* @__PURE__ */ Object.keys(checks) as ReadonlyArray<HealthCheck>

/**
 * Schema for the ID of a check.
 *
 * @category schemas
 * @since 0.1.0
 */
export const HealthCheck: Schema.Literals<ReadonlyArray<HealthCheck>> = Schema.Literals(ids)

/**
 * Schema for the severity of a finding.
 *
 * **Details**
 *
 * - `critical`: data cannot be restored as required, or soon will not be
 * - `unknown`: data that the check depends on could not be read
 * - `warning`: something needs attention
 * - `notice`: worth knowing, but not worth an alert
 *
 * @category schemas
 * @since 0.1.0
 */
export const Severity = Schema.Literals(["critical", "unknown", "warning", "notice"])

/**
 * Severity of a finding.
 *
 * @category models
 * @since 0.1.0
 */
export type Severity = typeof Severity.Type
