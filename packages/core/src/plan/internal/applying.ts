/** Carries out the steps of an approved plan. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Backups from "../../Backups.ts"
import type * as BackupSchedule from "../../BackupSchedule.ts"
import type * as BackupSchedules from "../../BackupSchedules.ts"
import type * as Indexes from "../../Indexes.ts"
import { isId, isSame } from "../../internal/same.ts"
import type * as PineconeClient from "../../PineconeClient.ts"
import type * as PineconeError from "../../PineconeError.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as ScheduleStep from "../ScheduleStep.ts"
import * as Comparing from "./comparing.ts"
import type { Facts } from "./facts.ts"
import * as Gathering from "./gathering.ts"
import type * as Planning from "./planning.ts"

// SchedulePlan.ts documents these types.

export type Event =
  | {
    readonly _tag: "Done"
    readonly step: ScheduleStep.Step
    readonly schedule: PineconeClient.Recoverable<BackupSchedule.BackupSchedule> | undefined
    readonly index: PineconeClient.Recoverable<PineconeIndex.PineconeIndex> | undefined
  }
  | { readonly _tag: "Already"; readonly step: ScheduleStep.Step }
  | { readonly _tag: "Moved"; readonly step: ScheduleStep.Step; readonly moved: ScheduleStep.Moved }
  | { readonly _tag: "Failed"; readonly step: ScheduleStep.Step; readonly error: PineconeError.ListError }
  | { readonly _tag: "NotReached"; readonly step: ScheduleStep.Step }
  | { readonly _tag: "Left"; readonly plan: Planning.Plan }

export type Requirements = Backups.Backups | BackupSchedules.BackupSchedules | Indexes.Indexes

/** How the steps that are needed now are found. */
export interface Replanning {
  readonly needs: Gathering.Needs
  /** The steps that are needed now for one index, or the reason why that is not known. */
  readonly plan: (facts: Facts) => Result.Result<Planning.Plan, ScheduleStep.Moved>
  /** The plan after all steps, of the indexes that were changed. */
  readonly left: (indexes: ReadonlyArray<PineconeIndex.IndexName>) => Effect.Effect<
    Planning.Plan,
    PineconeError.PineconeError,
    Requirements
  >
  readonly now: Effect.Effect<DateTime.Utc>
}

/** The first error in the facts about an index. */
const errorIn = ({ indexes }: Facts): PineconeError.ListError | undefined => {
  const reads: ReadonlyArray<Result.Result<unknown, PineconeError.ListError> | undefined> = indexes.flatMap(
    ({ backups, histories, schedules }) => [schedules, ...histories.values(), backups]
  )
  return reads.flatMap((read) => read !== undefined && Result.isFailure(read) ? [read.failure] : [])[0]
}

/** Returns `true` if no other request can succeed either. */
const isFatal = (error: PineconeError.ListError): boolean =>
  error._tag === "PineconeUnauthenticated" || error._tag === "PineconePermissionDenied" ||
  error.category === "transport" || error.isRetryable

/** Sends the request of a step. */
const write = Effect.fnUntraced(function*(
  { indexes, schedules }: Gathering.Services,
  step: ScheduleStep.Step
): Effect.fn.Return<Event, PineconeError.PineconeError> {
  const done = (
    result: Partial<Pick<Extract<Event, { readonly _tag: "Done" }>, "index" | "schedule">> = {}
  ): Event => ({
    _tag: "Done",
    step,
    schedule: undefined,
    index: undefined,
    ...result
  })
  const update = (id: BackupSchedule.ScheduleId, { enabled, frequency, retentionDays }: ScheduleStep.ScheduleChange) =>
    Effect.map(
      schedules.update(id, { enabled, frequency, expireAfterDays: retentionDays }),
      (schedule) => done({ schedule })
    )
  const remove = (id: BackupSchedule.ScheduleId) =>
    schedules.delete(id).pipe(
      Effect.as(done()),
      // Another client deleted it in the meantime.
      Effect.catchTag("PineconeNotFound", () => Effect.succeed<Event>({ _tag: "Already", step }))
    )
  switch (step._tag) {
    case "ConfigureIndex": {
      const { deletionProtection, readCapacity, tags } = step.after
      const index = yield* indexes.configure(step.indexName, {
        deletionProtection,
        readCapacity,
        // An empty value removes a tag.
        tags: tags && Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, value ?? ""]))
      })
      return done({ index })
    }
    case "CreateSchedule": {
      const { frequency, name, retentionDays } = step.after
      return done({
        schedule: yield* schedules.create(step.indexName, { name, frequency, expireAfterDays: retentionDays })
      })
    }
    case "UpdateSchedule":
      return yield* update(step.scheduleId, step.after)
    case "MakeWay":
      return yield* step.after === null ? remove(step.scheduleId) : update(step.scheduleId, step.after)
    case "DeleteSchedule":
      return yield* remove(step.scheduleId)
  }
})

/** The index of a response differs from the index of the step. */
const replacedIn = (step: ScheduleStep.Step, event: Event): ScheduleStep.Moved | undefined => {
  const found = event._tag === "Done" ? event.schedule?.indexId : undefined
  return !isId(found) || !isId(step.indexId) || isSame(found, step.indexId)
    ? undefined
    : Comparing.moved(step.indexName, "replaced", { field: "index_id", planned: step.indexId, found })
}

/** What the facts of an index mean for a step: it is done, it can be carried out, or the index has changed. */
const judge = (
  approved: Planning.Plan,
  step: ScheduleStep.Step,
  facts: Facts,
  replanning: Replanning
): Result.Result<"already" | "due", ScheduleStep.Moved> => {
  const { indexName } = step
  const moved = (reason: ScheduleStep.Moved["reason"], details?: Parameters<typeof Comparing.moved>[2]) =>
    Result.fail(Comparing.moved(indexName, reason, details))
  if (DateTime.isGreaterThan(facts.at, approved.validUntil)) {
    return moved("expired", { planned: DateTime.formatIso(approved.validUntil), found: DateTime.formatIso(facts.at) })
  }
  if (facts.indexes.length === 0) return moved("gone")
  const replanned = replanning.plan(facts)
  if (Result.isFailure(replanned)) return Result.fail(replanned.failure)
  const { blocked, inStep, steps, unknown } = replanned.success
  const [doubt] = unknown
  if (doubt !== undefined) return moved("unknown", { found: doubt.reason })
  const allowed = Comparing.allows(approved, replanned.success)
  if (Result.isFailure(allowed)) return Result.fail(allowed.failure)
  const news = blocked.find((reason) =>
    !approved.blocked.some((known) =>
      known._tag === reason._tag &&
      known.indexName === reason.indexName
    )
  )
  if (news !== undefined) return moved("blocked", { found: news._tag })
  const position = steps.findIndex((needed) => Comparing.isSame(needed, step))
  if (position > 0) return moved("undone", { found: steps[0]?._tag ?? null })
  // Without evidence, it may be another index with the same name. What was approved for the first must not be lost there.
  if (position === 0 && step.indexId !== null && steps[0]?.indexId === null && steps[0].consent !== "free") {
    return moved("replaced", { field: "index_id", planned: step.indexId })
  }
  // An index that the policy does not manage any more is not in step either.
  const isManaged = inStep.includes(indexName) || steps.length + blocked.length > 0
  return position === 0 ? Result.succeed("due") : isManaged ? Result.succeed("already") : moved("unknown")
}

export const run = (
  approved: Planning.Plan,
  replanning: Replanning
): Stream.Stream<Event, PineconeError.ListError, Requirements> =>
  Stream.unwrap(Effect.gen(function*() {
    const services = yield* Gathering.services
    const stopped = new Set<PineconeIndex.IndexName>()
    let fatal: PineconeError.ListError | undefined

    const attempt = Effect.fnUntraced(
      function*(step: ScheduleStep.Step): Effect.fn.Return<Event, PineconeError.ListError> {
        const facts = yield* Gathering.reread(services, [step.indexName], replanning.needs, replanning)
        const error = errorIn(facts)
        if (error !== undefined) return yield* Effect.fail(error)
        const judged = judge(approved, step, facts, replanning)
        if (Result.isFailure(judged)) return { _tag: "Moved", step, moved: judged.failure }
        if (judged.success === "already") return { _tag: "Already", step }
        const event = yield* write(services, step)
        const replaced = replacedIn(step, event)
        return replaced === undefined ? event : { _tag: "Moved", step, moved: replaced }
      }
    )

    const carryOut = Effect.fnUntraced(function*(step: ScheduleStep.Step): Effect.fn.Return<Event> {
      if (approved.unknown.length > 0 || fatal !== undefined || stopped.has(step.indexName)) {
        return { _tag: "NotReached", step }
      }
      const result = yield* Effect.result(attempt(step))
      const event: Event = Result.getOrElse(result, (error) => ({ _tag: "Failed", step, error }))
      if (event._tag === "Moved" || event._tag === "Failed") stopped.add(step.indexName)
      if (event._tag === "Failed" && isFatal(event.error)) fatal = event.error
      return event
    })

    const left = Effect.suspend(() => {
      const names = [...new Set(approved.steps.map(({ indexName }) => indexName))]
      return fatal === undefined
        ? Effect.map(replanning.left(names), (plan): Event => ({ _tag: "Left", plan }))
        : Effect.fail(fatal)
    })

    return Stream.concat(
      Stream.mapEffect(Stream.fromIterable(approved.steps), carryOut),
      approved.steps.length === 0 ? Stream.empty : Stream.fromEffect(left)
    )
  }))
