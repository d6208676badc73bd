/** The report of a drill while it runs. */
import type * as DateTime from "effect/DateTime"
import { millis } from "../../internal/time.ts"
import type * as RestoreJob from "../../RestoreJob.ts"
import type * as DrillIndex from "../DrillIndex.ts"
import type * as DrillReport from "../DrillReport.ts"
import type * as DrillRequest from "../DrillRequest.ts"
import type * as Verification from "./verification.ts"

type CheckName = DrillReport.Check["check"]

/**
 * Partial report of a running drill. The body of the workflow fills it in. After a crash, the engine replays the recorded steps
 * and fills it in again.
 */
export interface Draft {
  startedAt?: DateTime.Utc
  choice?: Pick<DrillReport.DrillReport, "backup" | "skipped">
  chosenAt?: DateTime.Utc
  /**
   * Whether the temporary index exists: not requested, requested with an unknown response, accepted by the service, or
   * seen. The service may show neither index nor job for a moment after it accepts a restore.
   */
  existence: "none" | "possible" | "accepted" | "seen"
  requestedAt?: DateTime.Utc
  restoreJobId?: RestoreJob.RestoreJobId
  restoredAt?: DateTime.Utc
  restoreSeconds?: number
  counted?: DrillReport.Counted
  recounted?: DrillReport.Counted
  sampled?: DrillReport.Sampled
  probedAt?: DateTime.Utc
  readonly checks: Map<CheckName, Pick<DrillReport.Check, "detail" | "result">>
}

export const make = (): Draft => ({ existence: "none", checks: new Map() })

/** The outcome of a drill, and its reason. */
export interface End {
  readonly outcome: DrillReport.Outcome
  readonly reason: DrillReport.Reason | null
}

/** Records the result of a check. */
export const check = (draft: Draft, name: CheckName, verdict: Verification.Verdict): void => {
  draft.checks.set(name, {
    result: verdict.result,
    detail: verdict.result === "passed" ? null : verdict.message
  })
}

/** Records that a check was skipped. */
export const skip = (draft: Draft, name: CheckName, detail: string): void => {
  draft.checks.set(name, { result: "skipped", detail })
}

/** Duration of a restore according to its job, in seconds; `undefined` if the times are unknown or contradictory. */
export const restoreSeconds = (createdAt: DateTime.Utc | null, completedAt: DateTime.Utc | null) => {
  if (createdAt === null || completedAt === null) return undefined
  const seconds = (millis(completedAt) - millis(createdAt)) / 1_000
  return seconds >= 0 ? seconds : undefined
}

const checkNames: ReadonlyArray<CheckName> = ["count", "sample", "probe", "recount"]

/** Completes the report. */
export const complete = (
  draft: Draft,
  request: DrillRequest.DrillRequest,
  { executionId }: DrillIndex.DrillIndex,
  { endedAt, leftover, outcome, reason, removedAt }: End & {
    readonly endedAt: DateTime.Utc
    readonly removedAt: DateTime.Utc | null
    readonly leftover: DrillReport.DrillReport["leftover"]
  }
): DrillReport.DrillReport => ({
  executionId,
  drillId: request.drillId,
  indexName: request.index,
  outcome,
  reason,
  backup: draft.choice?.backup ?? null,
  skipped: draft.choice?.skipped ?? [],
  restoreJobId: draft.restoreJobId ?? null,
  restoreSeconds: draft.restoreSeconds ?? null,
  times: {
    startedAt: draft.startedAt ?? endedAt,
    chosenAt: draft.chosenAt ?? null,
    requestedAt: draft.requestedAt ?? null,
    restoredAt: draft.restoredAt ?? null,
    countedAt: draft.counted?.at ?? null,
    sampledAt: draft.sampled?.at ?? null,
    probedAt: draft.probedAt ?? null,
    recountedAt: draft.recounted?.at ?? null,
    removedAt,
    endedAt
  },
  counted: draft.counted ?? null,
  recounted: draft.recounted ?? null,
  sampled: draft.sampled ?? null,
  checks: checkNames.map((check) => ({
    check,
    ...(draft.checks.get(check) ?? { result: "skipped" as const, detail: "not reached" })
  })),
  leftover
})
