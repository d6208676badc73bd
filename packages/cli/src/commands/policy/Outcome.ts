/** The results of the steps of a plan. */
import type * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import type * as ScheduleStep from "@pinecone-backups/core/plan/ScheduleStep"
import * as Predicate from "effect/Predicate"
import * as Format from "../../terminal/Format.ts"

/** The result of a step. */
export type Event = Exclude<SchedulePlan.Event, { readonly _tag: "Left" }>

/** The outcome of a step in JSON. */
export type Outcome = "done" | "already" | "failed" | "moved" | "not_reached"

/** The outcomes by event. */
export const outcomes: Readonly<Record<Event["_tag"], Outcome>> = {
  Done: "done",
  Already: "already",
  Failed: "failed",
  Moved: "moved",
  NotReached: "not_reached"
}

const fields: Readonly<Record<string, string>> = {
  deletion_protection: "deletion protection",
  enabled: "enabled",
  frequency: "frequency",
  index_id: "index ID",
  retention_days: "retention"
}

const shown = (value: unknown): string =>
  value === null ? "nothing" : Predicate.isString(value) ? Format.plain(value) : Format.plain(JSON.stringify(value))

/** The difference between a plan and the project in words. */
export const moved = ({ field, found, planned, reason }: ScheduleStep.Moved): string => {
  switch (reason) {
    case "changed":
      return `${field === null ? "a value" : fields[field] ?? Format.plain(field)} was ${
        shown(planned)
      } when the plan was made, and is ${shown(found)} now`
    case "new-step":
      return "another change is needed now, which is not in the plan"
    case "loses-more":
      return "more backups would expire than the plan shows"
    case "last-copy":
      return "no good backup would be left, which the plan does not show"
    case "replaced":
      return `the index was replaced: its ID was ${shown(planned)} when the plan was made, and is ${shown(found)} now`
    case "gone":
      return "the index does not exist any more"
    case "blocked":
      return "the policy cannot be met any more"
    case "undone":
      return "an earlier change was undone"
    case "unknown":
      return `the index cannot be compared any more${found === null ? "" : `: ${shown(found)}`}`
    case "expired":
      return `the plan expired at ${shown(planned)}`
  }
}
