/** The report of a failed audit: an unknown status, and the reason. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import type * as DateTime from "effect/DateTime"
import * as Format from "../../terminal/Format.ts"

/** The only finding of a failed audit. */
const finding = (why: string): BackupHealth.Finding => ({
  check: "unreadable",
  severity: "unknown",
  indexName: null,
  scheduleName: null,
  sentence: `the audit failed: ${Format.withoutKeys(why).replace(/\.$/, "")}`,
  remedy: null,
  evidence: { scheduleIds: [], backupIds: [], restoreJobIds: [], times: [], values: {} }
})

/** A report with an unknown status. */
export const report = (why: string, at: DateTime.Utc): BackupHealth.BackupHealth => ({
  at,
  status: "unknown",
  totals: { critical: 0, warning: 0, unknown: 1, notice: 0 },
  quota: { used: null, limit: null },
  project: [finding(why)],
  indexes: [],
  ignored: []
})

/** An earlier report after a failed audit: its findings are kept, and the status is unknown. */
export const after = (health: BackupHealth.BackupHealth, why: string): BackupHealth.BackupHealth => ({
  ...health,
  status: "unknown",
  totals: { ...health.totals, unknown: health.totals.unknown + 1 },
  project: [finding(why), ...health.project]
})
