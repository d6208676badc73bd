/** The failure criteria of an audit. */
import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import type * as FailOn from "./FailOn.ts"

/** The failure criteria, for the limits in performance data. */
export interface Limits {
  readonly failOn: FailOn.FailOn
  readonly policy: BackupPolicy.BackupPolicy
  readonly allowEmpty: boolean
}
