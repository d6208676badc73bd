/** Formats a plan as Markdown, for a pull request or a job summary. */
import type * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import type * as DateTime from "effect/DateTime"
import * as Markdown from "../../output/Markdown.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import * as Format from "../../terminal/Format.ts"
import * as Describe from "./Describe.ts"
import * as PlanSummary from "./PlanSummary.ts"

/** The verdicts in words. */
const titles = { "in-step": "no changes", "drift": "changes", "unknown": "unknown" } as const

const marks = { "+": "🟢", "~": "🟡", "-": "🔴" } as const

const nameOf = (name: string | null): string => name === null ? "(project)" : Markdown.code(name)

/**
 * The lines of the document. `connection` has the flags of the commands, and `profile` is that of the project, if there are
 * several.
 */
export const lines = (
  plan: SchedulePlan.SchedulePlan,
  summary: PlanSummary.Summary,
  at: DateTime.Utc,
  connection: SameConnection.Flags,
  profile?: string
): ReadonlyArray<string> => [
  `### Backup policy${profile === undefined ? "" : ` of ${Markdown.text(profile)}`}: ${titles[summary.verdict]}`,
  "",
  `${PlanSummary.parts(summary).join("; ")} · ${Format.minute(at)}`,
  ...Markdown.table(
    ["Index", "Unknown"],
    plan.unknown.map((unknown) => [nameOf(unknown.indexName), Markdown.text(Describe.unknown(unknown))])
  ),
  ...Markdown.table(
    ["Index", "Blocked", "Fix"],
    plan.blocked.map((blocked) => {
      const fix = Describe.fixOf(blocked, SameConnection.shareable(connection))
      return [
        nameOf(blocked.indexName),
        Markdown.text(Describe.blocked(blocked)),
        fix === undefined ? "" : Markdown.code(fix)
      ]
    })
  ),
  ...Markdown.folded(
    Format.countOf(plan.steps.length, "change"),
    Markdown.table(
      ["Index", "Change", "Consequences"],
      plan.steps.map((step) => {
        const { sign, text } = Describe.step(step)
        return [
          nameOf(step.indexName),
          `${marks[sign]} ${Markdown.text(text)}`,
          Describe.consequences(step).map(({ isLoss, text }) => `${isLoss ? "⚠️ " : ""}${Markdown.text(text)}`)
            .join("<br>")
        ]
      })
    )
  ),
  ...Markdown.folded(
    `${Format.countOf(plan.extra.length, "schedule")} not in the policy`,
    Markdown.table(
      ["Index", "Schedule"],
      plan.extra.map((extra) => [nameOf(extra.indexName), Markdown.text(Describe.extra(extra))])
    )
  )
]
