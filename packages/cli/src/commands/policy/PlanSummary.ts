/** The result of a plan, from which exit code and text both follow. */
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as ScheduleStep from "@pinecone-backups/core/plan/ScheduleStep"
import * as Format from "../../terminal/Format.ts"

/** The verdict of a plan. */
export type Verdict = ReturnType<typeof SchedulePlan.verdict>

/** The counts of a plan and its verdict. */
export interface Summary {
  readonly verdict: Verdict
  /** Number of changes. */
  readonly steps: number
  /** Number of changed indexes. */
  readonly indexes: number
  /** Number of changes that let backups expire. */
  readonly losing: number
  /** Number of wishes that cannot be met. */
  readonly blocked: number
  /** Number of facts that are unknown. */
  readonly unknown: number
  /** Number of indexes without changes. */
  readonly inStep: number
}

/** The exit codes of `pcb policy plan`. */
export const exitCodes: Readonly<Record<Verdict, number>> = { "in-step": 0, "drift": 2, "unknown": 3 }

/** The worst of several verdicts: a comparison that lacks a project must not look complete. */
export const worst = (all: ReadonlyArray<Verdict>): Verdict =>
  verdicts.find((verdict) => all.includes(verdict)) ?? "unknown"

/** The verdicts, worst first. */
export const verdicts: ReadonlyArray<Verdict> = ["unknown", "drift", "in-step"]

/** Summarizes a plan. */
export const of = (plan: SchedulePlan.SchedulePlan): Summary => ({
  verdict: SchedulePlan.verdict(plan),
  steps: plan.steps.length,
  indexes: new Set(plan.steps.map(({ indexName }) => indexName)).size,
  losing: plan.steps.filter((step) => ScheduleStep.lossesOf(step).length > 0).length,
  blocked: plan.blocked.length,
  unknown: plan.unknown.length,
  inStep: plan.inStep.length
})

/** The parts of the summary line: `5 changes to 3 indexes`, `1 lets backups expire`. */
export const parts = (
  { blocked, inStep, indexes, losing, steps, unknown, verdict }: Summary
): ReadonlyArray<string> => [
  ...(unknown === 0 ? [] : [`${Format.countOf(unknown, "fact")} unknown`]),
  ...(steps === 0
    // A policy that matches no index must not look like a project that matches it.
    ? verdict === "in-step" ? ["no changes", ...(inStep === 0 ? ["no index to compare"] : [])] : []
    : [`${Format.countOf(steps, "change")} to ${Format.countOf(indexes, "index", "indexes")}`]),
  ...(losing === 0 ? [] : [`${losing} ${losing === 1 ? "lets" : "let"} backups expire`]),
  ...(blocked === 0 ? [] : [`${blocked} blocked`]),
  ...(inStep === 0 ? [] : [
    `${Format.countOf(inStep, "index", "indexes")} ${inStep === 1 ? "matches" : "match"} the policy`
  ])
]
