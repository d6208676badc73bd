import * as DateTime from "effect/DateTime"
import * as Order from "effect/Order"
import * as Record from "effect/Record"
import type * as BackupRun from "../../BackupRun.ts"
import { millis } from "../../internal/time.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as RestoreJob from "../../RestoreJob.ts"
import type * as BackupHealth from "../BackupHealth.ts"
import type * as BackupPolicy from "../BackupPolicy.ts"
import * as HealthCheck from "../HealthCheck.ts"
import type * as Remedy from "../Remedy.ts"
import type * as Facts from "./facts.ts"
import * as Text from "./text.ts"

/** A finding before `only`, `skip` and the exceptions of the policy are applied. */
export interface Candidate {
  readonly check: HealthCheck.HealthCheck
  readonly severity: HealthCheck.Severity
  readonly sentence: string
  readonly remedy?: Remedy.Remedy | undefined
  readonly schedule?: Facts.Schedule | undefined
  readonly backups?: ReadonlyArray<Pick<BackupRun.BackupRun, "backupId">> | undefined
  readonly restoreJobs?: ReadonlyArray<RestoreJob.RestoreJob> | undefined
  /** In milliseconds. */
  readonly times?: ReadonlyArray<readonly [what: string, at: number | undefined]> | undefined
  readonly values?: Readonly<Record<string, number>> | undefined
}

/** A check that runs on one index. */
export type Check = (subject: Facts.Subject) => ReadonlyArray<Candidate>

/** Findings for unreadable or unknown data. */
export const unreadable = (all: ReadonlyArray<Facts.Unreadable>): ReadonlyArray<Candidate> =>
  all.map(({ error, what }) => ({
    check: "unreadable",
    severity: "unknown",
    sentence: error === undefined
      ? what
      : `${what} could not be read: ${Text.plain(error.message)} (${error._tag.slice("Pinecone".length)})`
  }))

/** Findings of one part of a report. Findings that an exception suppresses are listed separately. */
interface Findings {
  readonly findings: ReadonlyArray<BackupHealth.Finding>
  readonly ignored: ReadonlyArray<BackupHealth.Ignored>
}

const severityRank = new Map(HealthCheck.Severity.literals.map((severity, rank) => [severity, rank]))

const checkRank = new Map(HealthCheck.ids.map((id, rank) => [id, rank]))

/** Severity rank of the first of the sorted findings. A lower rank is worse. */
export const rankOf = (findings: ReadonlyArray<BackupHealth.Finding>): number =>
  severityRank.get(findings[0]?.severity ?? "notice") ?? 0

const worstFirst: Order.Order<BackupHealth.Finding> = Order.combine(
  Order.mapInput(Order.Number, ({ severity }) => severityRank.get(severity) ?? 0),
  Order.mapInput(Order.Number, ({ check }) => checkRank.get(check) ?? 0)
)

const findingOf = (candidate: Candidate, indexName: PineconeIndex.IndexName | null): BackupHealth.Finding => ({
  check: candidate.check,
  severity: candidate.severity,
  indexName,
  scheduleName: candidate.schedule?.name ?? null,
  sentence: candidate.sentence,
  remedy: candidate.remedy ?? null,
  evidence: {
    scheduleIds: candidate.schedule === undefined ? [] : [candidate.schedule.schedule.scheduleId],
    backupIds: (candidate.backups ?? []).map(({ backupId }) => backupId),
    restoreJobIds: (candidate.restoreJobs ?? []).map(({ restoreJobId }) => restoreJobId),
    times: (candidate.times ?? []).flatMap(([what, at]) =>
      at === undefined ? [] : [{ what, at: DateTime.makeUnsafe(at) }]
    ),
    // A sum of values from the service may overflow.
    values: Record.filter(candidate.values ?? {}, Number.isFinite)
  }
})

/** Creates the findings of one index, or of the project. Applies `only`, `skip` and the exceptions of the policy. */
export const from = (
  candidates: ReadonlyArray<Candidate>,
  indexName: PineconeIndex.IndexName | null,
  exceptions: ReadonlyArray<BackupPolicy.Exception> = [],
  { now, only, skip }: Pick<BackupHealth.AssessOptions, "only" | "skip"> & { readonly now: DateTime.Utc }
): Findings => {
  const findings: Array<BackupHealth.Finding> = []
  const ignored: Array<BackupHealth.Ignored> = []
  for (const candidate of candidates) {
    const isSelected = (only === undefined || only.includes(candidate.check)) &&
      skip?.includes(candidate.check) !== true
    // With only a few checks selected, unreadable data must still not look like a good result.
    const isAlwaysReported = candidate.check === "unreadable" || candidate.check === "no-indexes" ||
      candidate.check === "clock"
    if (!isSelected && !isAlwaysReported) continue
    const finding = findingOf(candidate, indexName)
    // Unknown data cannot be excepted.
    const fitting = exceptions.filter(({ check }) => !isAlwaysReported && (check === candidate.check || check === "*"))
    const exception = fitting.find(({ until }) => millis(until) >= millis(now))
    const ended = fitting.at(-1)
    if (exception !== undefined) ignored.push({ finding, reason: exception.reason, until: exception.until })
    else {
      findings.push(
        ended === undefined ? finding : {
          ...finding,
          sentence: `${finding.sentence}; the exception for this check expired at ${Text.when(millis(ended.until))}`
        }
      )
    }
  }
  return { findings: findings.sort(worstFirst), ignored }
}

/** Status of the worst finding. */
export const statusOf = (findings: ReadonlyArray<BackupHealth.Finding>): BackupHealth.Status => {
  const severities = new Set(findings.map(({ severity }) => severity))
  return (["unknown", "critical", "warning"] as const).find((severity) => severities.has(severity)) ?? "ok"
}
