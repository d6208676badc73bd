/** Machine formats of a plan. */
import * as SavedPlan from "@pinecone-backups/core/plan/SavedPlan"
import type * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"
import * as Format from "../../terminal/Format.ts"
import * as Describe from "./Describe.ts"
import type * as PlanSummary from "./PlanSummary.ts"

/** The format of saved plans. */
export const schema = "pcb.plan/v1"

/** The JSON of a plan: the saved plan and the verdict. */
export const toJson = (saved: SavedPlan.SavedPlan, verdict: PlanSummary.Verdict): Schema.JsonObject => ({
  ...JSON.parse(SavedPlan.encode(saved)),
  verdict
})

/** The text of a saved plan. Also accepts the JSON of a plan, which has a verdict. */
export const textOf = (text: string): string =>
  Option.match(Option.liftThrowable((text: string): unknown => JSON.parse(text))(text), {
    onNone: () => text,
    onSome: (json) => Predicate.hasProperty(json, "verdict") ? JSON.stringify(Struct.omit(json, ["verdict"])) : text
  })

type Plan = SchedulePlan.SchedulePlan

/** Tab-separated values: index, kind, description and consequences, one line per step, wish or unknown fact. */
export const tsv = (plan: Plan): ReadonlyArray<string> =>
  [
    ...plan.unknown.map((unknown) => [unknown.indexName ?? "", "unknown", Describe.unknown(unknown), ""]),
    ...plan.steps.map((step) => [
      step.indexName,
      "change",
      Describe.step(step).text,
      Describe.consequences(step).map(({ text }) => text).join("; ")
    ]),
    ...plan.blocked.map((blocked) => [blocked.indexName, "blocked", Describe.blocked(blocked), ""]),
    ...plan.extra.map((extra) => [extra.indexName, "extra", Describe.extra(extra), ""])
  ].map((cells) => cells.map(Format.plain).join("\t"))

/** The names of indexes that are not as in the policy. */
export const names = ({ blocked, steps, unknown }: Plan): ReadonlyArray<string> =>
  [...new Set([...unknown, ...steps, ...blocked].flatMap(({ indexName }) => indexName ?? []))].map(Format.plain).sort()
