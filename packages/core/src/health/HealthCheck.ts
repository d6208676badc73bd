/**
 * The checks that tell whether backups are good.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * What each check looks for, in the order in which findings of one severity are listed. `BackupHealth` says when each
 * of them finds something; those that a policy alone can ask for find nothing without one.
 *
 * @category models
 * @since 0.1.0
 */
export const checks = {
  unreadable: "Something that the checks rest on could not be read, is missing, or makes no sense",
  "no-indexes": "The project has no index at all: perhaps the key belongs to another project",
  clock: "The clocks of this machine and of the service contradict each other",
  unprotected: "The index has no schedule",
  stale: "The newest usable backup is too old, or there is none",
  "never-ran": "A schedule has not run since it was created, and should have",
  failed: "A run or a backup ended badly",
  missed: "A run did not happen",
  stuck: "A backup or a restore has been under way for far too long",
  "future-dated": "A backup is dated in the future, so that it proves nothing",
  empty: "The newest backup has no records",
  shrink: "The newest backup has far fewer records, bytes or namespaces than those before it",
  "gone-early": "Good backups of a schedule are gone although their retention is not over",
  "retention-gap": "Backups are kept for less than the time from one run to the next",
  "last-copy-expiring": "The last usable backup will be deleted within two weeks, and none is to take its place",
  copies: "There are fewer usable backups than the policy asks for",
  "no-copy-yet": "There is no copy yet of an index that has a schedule, and the first is not late",
  "rpo-unreachable": "The policy allows data to be no older than the schedule can keep it",
  frequency: "A schedule runs less often than the policy asks for",
  retention: "Backups are kept for a shorter time than the policy asks for",
  paused: "No schedule of the index is enabled, and one should have run since",
  lagging: "The service says that a schedule runs next at a time that has passed by more than an hour",
  overdue: "Backups are still there more than a day after their retention",
  quota: "The quota of backups is used up or nearly, or will be within 30 days",
  absent: "There is no index of a name that the policy has a rule for",
  "name-too-long": "The name of a schedule makes names of backups that are longer than the API allows",
  "index-gone": "An index that a schedule backed up until lately was deleted, and backups of it are left",
  orphan: "Backups are left of another index that was deleted",
  "no-deletion-protection": "The service does not say that the index is protected from being deleted",
  untested: "No restore of some indexes is known to have been completed for a long time"
} as const

/**
 * The id of a check.
 *
 * @category models
 * @since 0.1.0
 */
export type HealthCheck = keyof typeof checks

/**
 * The ids of the checks, in order.
 *
 * @category models
 * @since 0.1.0
 */
export const ids: ReadonlyArray<HealthCheck> = /* @__PURE__ */ Object.keys(checks) as ReadonlyArray<HealthCheck>

/**
 * Schema for the id of a check.
 *
 * @category schemas
 * @since 0.1.0
 */
export const HealthCheck: Schema.Literals<ReadonlyArray<HealthCheck>> = Schema.Literals(ids)

/**
 * Schema for how bad something is.
 *
 * - `critical`: data cannot be restored as it should be, or soon will not be
 * - `warning`: something is not as it should be
 * - `notice`: worth knowing, and no reason to be called at night
 * - `unknown`: what the answer rests on could not be read
 *
 * @category schemas
 * @since 0.1.0
 */
export const Severity = Schema.Literals(["critical", "unknown", "warning", "notice"])

/**
 * How bad something is.
 *
 * @category models
 * @since 0.1.0
 */
export type Severity = typeof Severity.Type
