import type * as DrillReport from "../src/drill/DrillReport.ts"

/** A report of a drill that has ended, in which everything else is unknown. */
export const ended = (
  { endedAt, startedAt, ...fields }:
    & Pick<DrillReport.DrillReport, "drillId" | "executionId" | "indexName" | "outcome">
    & Pick<DrillReport.DrillReport["times"], "endedAt" | "startedAt">
): DrillReport.DrillReport => ({
  ...fields,
  reason: null,
  backup: null,
  skipped: [],
  restoreJobId: null,
  restoreSeconds: null,
  times: {
    startedAt,
    chosenAt: null,
    requestedAt: null,
    restoredAt: null,
    countedAt: null,
    sampledAt: null,
    probedAt: null,
    recountedAt: null,
    removedAt: null,
    endedAt
  },
  counted: null,
  recounted: null,
  sampled: null,
  checks: [],
  leftover: null
})
