import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as DrillIndex from "../../drill/DrillIndex.ts"
import type * as DrillLog from "../../drill/DrillLog.ts"
import * as DrillReport from "../../drill/DrillReport.ts"
import * as Ages from "../../drill/internal/ages.ts"
import { millis } from "../../internal/time.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as BackupHealth from "../BackupHealth.ts"
import type * as Facts from "./facts.ts"
import type * as Findings from "./findings.ts"
import * as Groups from "./groups.ts"
import * as Judging from "./judging.ts"
import * as Text from "./text.ts"

// ============================================================================
// Evidence
// ============================================================================

/** The drills of one index. */
export interface Drills {
  /** The last drill that ended and was not canceled. */
  readonly last: DrillReport.DrillReport
  /** The last successful drill. */
  readonly success: DrillReport.DrillReport | undefined
  /** The last drill whose restore has a duration. */
  readonly timed: DrillReport.DrillReport | undefined
}

/** The drill log as evidence: by index; `undefined` if no log was read. */
export interface Evidence {
  readonly of: (subject: Pick<Facts.Subject, "index" | "live">) => Drills | undefined
  /** Unreadable drills of an index. Omits drills that started before a successful drill, which they cannot change. */
  readonly unreadableOf: (subject: Pick<Facts.Subject, "index" | "live">) => ReadonlyArray<DrillLog.DrillEntry>
  readonly entryOf: (executionId: string) => DrillLog.DrillEntry | undefined
}

const endedAt = ({ times }: DrillReport.DrillReport): number => millis(times.endedAt)

/** Reads the log. A report that is dated in the future proves nothing. */
export const evidenceOf = ({ drills }: BackupHealth.Facts, now: number): Evidence | undefined => {
  const entries = drills === undefined ? undefined : Result.getOrUndefined(drills)
  if (entries === undefined) return undefined
  const reports = entries.flatMap(({ report }) => report ?? [])
    .filter((report) => report.outcome !== "CANCELLED" && !Judging.isFutureMillis(endedAt(report), now))
    .sort((self, that) => endedAt(self) - endedAt(that))
  const byName = Groups.by(reports, ({ indexName }) => indexName)
  const unreadableByName = Groups.by(entries.filter(({ problem }) => problem !== null), ({ indexName }) => indexName)
  const byId = new Map(entries.map((entry) => [entry.executionId, entry]))
  const of: Evidence["of"] = ({ index, live }) => {
    // An index without backups has not been drilled. A drill of that name was of an earlier index.
    const isOwn = (report: DrillReport.DrillReport) =>
      live._tag === "NoEvidence"
        ? report.backup === null
        : DrillReport.isOf(report, live._tag === "Known" ? live.indexId : index.id)
    const own = (byName.get(index.name) ?? []).filter(isOwn)
    const last = own.at(-1)
    return last && {
      last,
      success: own.findLast(DrillReport.isProof),
      timed: own.findLast(({ restoreSeconds }) => restoreSeconds !== null)
    }
  }
  return {
    of,
    unreadableOf: (subject) => {
      const success = of(subject)?.success
      return (unreadableByName.get(subject.index.name) ?? []).filter(({ startedAt }) =>
        success === undefined || startedAt === null || millis(startedAt) >= millis(success.times.startedAt)
      )
    },
    entryOf: (executionId) => byId.get(executionId)
  }
}

/** When the last successful drill of an index ended. */
export const successAt = (drills: Drills | undefined): number | undefined =>
  drills?.success === undefined ? undefined : endedAt(drills.success)

/** A log that could not be read. */
export const unreadable = ({ drills }: BackupHealth.Facts): ReadonlyArray<Facts.Unreadable> =>
  drills !== undefined && Result.isFailure(drills)
    ? [{ what: `the drill log could not be read: ${Text.plain(drills.failure.message)}` }]
    : []

/** Drills of an index that could not be read. */
export const unreadableOf = (
  subject: Pick<Facts.Subject, "index" | "live">,
  evidence: Evidence | undefined
): ReadonlyArray<Facts.Unreadable> =>
  (evidence?.unreadableOf(subject) ?? []).map(({ executionId, problem }) => ({
    what: `restore drill ${Text.plain(executionId)} could not be read: ${Text.plain(problem ?? "")}`
  }))

/** The drills of an index for the report; `null` if it has no drill. */
export const healthOf = (drills: Drills | undefined): BackupHealth.DrillHealth | null =>
  drills === undefined ? null : {
    endedAt: drills.last.times.endedAt,
    outcome: drills.last.outcome,
    lastSuccessAt: drills.success?.times.endedAt ?? null,
    restoreSeconds: drills.timed?.restoreSeconds ?? null
  }

// ============================================================================
// Checks of an index
// ============================================================================

/** Outcomes of a drill in a sentence. */
const outcomes = { FAILED: "failed", TIMED_OUT: "timed out", UNVERIFIED: "could not be verified" } as const

/** Reasons of a failed drill that say nothing about the backup. */
const circumstances: ReadonlySet<DrillReport.ReasonCode> = new Set([
  "size-limit",
  "size-unknown",
  "index-quota",
  "name-taken",
  "request",
  "defect"
])

/** Reports a last drill that was not successful. */
export const failed = (
  { index, now }: Pick<Facts.Subject, "index" | "now">,
  drills: Drills | undefined
): ReadonlyArray<Findings.Candidate> => {
  if (drills === undefined) return []
  const { backup, outcome, reason } = drills.last
  if (outcome === "SUCCESSFUL" || outcome === "CANCELLED") return []
  const isProven = outcome === "FAILED" && reason !== null && !circumstances.has(reason.code)
  const at = endedAt(drills.last)
  return [{
    check: "drill-failed",
    severity: isProven ? "critical" : "warning",
    sentence: `last restore drill ${outcomes[outcome]} ${Text.length(now - at)} ago${
      reason === null ? "" : `: ${Text.plain(reason.message)}`
    }`,
    remedy: { _tag: "RunDrill", indexName: index.name },
    backups: backup === null ? [] : [backup],
    times: [["drill", at]]
  }]
}

/**
 * Reports a missing drill that the policy requires. Without a log, or if a drill in the log is unreadable, it is unknown whether
 * there was one.
 */
export const overdue = (
  { index, live, now, requirements: { drillWithin } }: Pick<Facts.Subject, "index" | "live" | "now" | "requirements">,
  evidence: Evidence | undefined
): ReadonlyArray<Findings.Candidate> => {
  if (drillWithin === undefined || !Duration.isFinite(drillWithin)) return []
  const within = Duration.toMillis(drillWithin)
  const required = `the policy requires one every ${Text.length(within)}`
  const remedy = { _tag: "RunDrill" as const, indexName: index.name }
  if (evidence === undefined) {
    return [{
      check: "drill-overdue",
      severity: "unknown",
      sentence: `no drill log was read; ${required.replace("one", "a restore drill")}`,
      values: { within: within / 1_000 }
    }]
  }
  const at = successAt(evidence.of({ index, live }))
  if (at !== undefined && now - at <= within) return []
  if (evidence.unreadableOf({ index, live }).length > 0) {
    return [{
      check: "drill-overdue",
      severity: "unknown",
      sentence: `a restore drill in the log is unreadable; ${required}`,
      remedy,
      times: [["success", at]],
      values: { within: within / 1_000 }
    }]
  }
  return [{
    check: "drill-overdue",
    severity: "warning",
    sentence: at === undefined
      ? `no restore drill was successful; ${required}`
      : `last successful restore drill was ${Text.length(now - at)} ago; ${required}`,
    remedy,
    times: [["success", at]],
    values: { within: within / 1_000 }
  }]
}

// ============================================================================
// Temporary indexes
// ============================================================================

/** Returns the facts without the temporary indexes of drills, which need no schedule and no protection. */
export const withoutTemporaries = (facts: BackupHealth.Facts): BackupHealth.Facts => {
  const isOther = (index: PineconeIndex.PineconeIndex) => DrillIndex.of(index) === undefined
  return { ...facts, all: facts.all.filter(isOther), indexes: facts.indexes.filter(({ index }) => isOther(index)) }
}

/** Reports temporary indexes whose drills have ended, or may have. */
export const leftovers = (
  { all, restoreJobs }: BackupHealth.Facts,
  evidence: Evidence | undefined,
  now: number
): ReadonlyArray<Findings.Candidate> => {
  const jobs = Result.getOrUndefined(restoreJobs) ?? []
  return all.flatMap((index): ReadonlyArray<Findings.Candidate> => {
    const temporary = DrillIndex.of(index)
    if (temporary === undefined) return []
    const entry = evidence?.entryOf(temporary.executionId)
    const job = jobs.find(({ targetIndexName }) => targetIndexName === index.name)
    const { since, state } = Ages.of(entry, job?.createdAt ?? null, DateTime.makeUnsafe(now))
    if (state === "running") return []
    const name = Text.plain(index.name)
    return [{
      check: "drill-leftover",
      severity: state === "leftover" ? "warning" : "unknown",
      sentence: state === "unknown"
        ? `temporary index ${name} exists; whether its restore drill is running is unknown`
        : `temporary index ${name} still exists${
          since === null || Judging.isFutureMillis(millis(since), now)
            ? ""
            : `, ${Text.length(now - millis(since))} after its restore drill started`
        }`,
      remedy: { _tag: "CleanUpDrills", indexName: index.name },
      restoreJobs: job === undefined ? [] : [job],
      times: [["started", since === null ? undefined : millis(since)]]
    }]
  })
}
