/** Output of `pcb policy apply`: one row per step, or one JSON document. */
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as ScheduleStep from "@pinecone-backups/core/plan/ScheduleStep"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Globals from "../../input/Globals.ts"
import * as DescribeError from "../../output/DescribeError.ts"
import * as Output from "../../output/Output.ts"
import type * as PlanJson from "../../output/PlanJson.ts"
import * as Columns from "../../shared/Columns.ts"
import * as Format from "../../terminal/Format.ts"
import * as Describe from "./Describe.ts"
import * as Outcome from "./Outcome.ts"

/** The result of applying a plan. */
export interface Applied {
  readonly plan: SchedulePlan.SchedulePlan
  readonly events: ReadonlyArray<Outcome.Event>
  /** The plan after all steps. `undefined` if it could not be made. */
  readonly left: SchedulePlan.SchedulePlan | undefined
}

const encodeStep = Schema.encodeSync(ScheduleStep.Step)
const encodeBlocked = Schema.encodeSync(ScheduleStep.Blocked)
const encodeUnknown = Schema.encodeSync(ScheduleStep.Unknown)
const encodeExtra = Schema.encodeSync(ScheduleStep.Extra)
const encodeMoved = Schema.encodeSync(ScheduleStep.Moved)

type Document = typeof PlanJson.Applied.Encoded

const stepJson = (event: Outcome.Event): Document["steps"][number] => ({
  ...encodeStep(event.step),
  outcome: Outcome.outcomes[event._tag],
  ...(event._tag === "Moved" && { moved: encodeMoved(event.moved) }),
  ...(event._tag === "Failed" && { error: DescribeError.toReport(event.error).message })
})

const view = Effect.map(Columns.make, ({ text }): Output.View<Outcome.Event> => ({
  toJson: (event) => ({ ...stepJson(event) }),
  id: ({ step }) => step.indexName,
  columns: [
    text("INDEX", ({ step }) => step.indexName, { shrinkTo: 12 }),
    text("CHANGE", ({ step }) => Describe.step(step).text, { shrinkTo: 20 }),
    text("OUTCOME", ({ _tag }) => Outcome.outcomes[_tag])
  ]
}))

/** The JSON of a plan. */
export const planToJson = (
  { blocked, extra, steps, unknown }: SchedulePlan.SchedulePlan
): typeof PlanJson.Changes.Encoded => ({
  steps: steps.map((step) => encodeStep(step)),
  blocked: blocked.map((blocked) => encodeBlocked(blocked)),
  unknown: unknown.map((unknown) => encodeUnknown(unknown)),
  extra: extra.map((extra) => encodeExtra(extra))
})

/** Prints the result. Prints nothing on a terminal without an explicit format, because notes have reported it. */
export const print = Effect.fnUntraced(function*({ events, left }: Applied) {
  const format = yield* Output.chosenFormat
  if (!Globals.isJson(format)) return yield* Output.made(yield* view, events, true)
  const document: Document = {
    schema: "pcb.apply/v1",
    verdict: left === undefined ? "unknown" : SchedulePlan.verdict(left),
    steps: events.map(stepJson),
    left: left === undefined ? null : planToJson(left)
  }
  const picked = (yield* Output.fieldsOf)({ ...document })
  yield* Output.lines([format === "ndjson" ? Format.json(picked) : yield* Output.json(picked)])
})
