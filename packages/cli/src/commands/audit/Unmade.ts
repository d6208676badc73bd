/** The report of an audit that could not be made: nothing is known, and why. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import type * as DateTime from "effect/DateTime"
import * as Format from "../../terminal/Format.ts"

/** What is found instead of anything else. */
const finding = (why: string): BackupHealth.Finding => ({
  check: "unreadable",
  severity: "unknown",
  indexName: null,
  scheduleName: null,
  sentence: `the audit could not be made: ${Format.withoutKeys(why).replace(/\.$/, "")}`,
  remedy: null,
  evidence: { scheduleIds: [], backupIds: [], restoreJobIds: [], times: [], values: {} }
})

/** The report where nothing is known. */
export const report = (why: string, at: DateTime.Utc): BackupHealth.BackupHealth => ({
  at,
  status: "unknown",
  totals: { critical: 0, warning: 0, unknown: 1, notice: 0 },
  quota: { used: null, limit: null },
  project: [finding(why)],
  indexes: [],
  ignored: []
})

/** An earlier report, after which no other could be made: what it found stays, and the status is unknown. */
export const after = (health: BackupHealth.BackupHealth, why: string): BackupHealth.BackupHealth => ({
  ...health,
  status: "unknown",
  totals: { ...health.totals, unknown: health.totals.unknown + 1 },
  project: [finding(why), ...health.project]
})
