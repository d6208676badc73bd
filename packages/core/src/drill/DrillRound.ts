/**
 * Drill rounds: drills of many indexes with bounded concurrency, as one workflow.
 *
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Order from "effect/Order"
import * as Schema from "effect/Schema"
import * as Activity from "effect/workflow/Activity"
import * as DurableDeferred from "effect/workflow/DurableDeferred"
import * as Workflow from "effect/workflow/Workflow"
import type * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import * as Copies from "../health/Copies.ts"
import { millis } from "../internal/time.ts"
import { type IndexId, IndexName } from "../PineconeIndex.ts"
import type * as DrillLog from "./DrillLog.ts"
import * as DrillReport from "./DrillReport.ts"
import * as DrillRequest from "./DrillRequest.ts"
import * as Ended from "./internal/ended.ts"
import { orDefault } from "./internal/setting.ts"
import * as RestoreDrill from "./RestoreDrill.ts"

/**
 * A request for a round, which is the payload of the workflow.
 *
 * **Gotchas**
 *
 * The round ID identifies the round: a second request with the same ID joins the first, even if other fields differ.
 *
 * @category schemas
 * @since 0.1.0
 */
export class RoundRequest extends Schema.Class<RoundRequest>("@pinecone-backups/core/drill/RoundRequest")({
  /** The ID of the round, 1 to 100 characters: for example the time it was due at. */
  roundId: Schema.String.check(Schema.isBetweenLength(1, 100)),
  /** The indexes, in the order in which their drills start. */
  indexes: Schema.Array(IndexName),
  /** The settings of every drill. */
  settings: orDefault(DrillRequest.DrillSettings, DrillRequest.DrillSettings.make({})),
  /** Maximum number of drills that run at the same time, 1 to 100. Defaults to 1. */
  concurrency: orDefault(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })), 1)
}) {}

/**
 * Schema for one drill of a round that has ended.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Drilled = Schema.Struct({
  index: IndexName,
  executionId: Schema.String,
  outcome: DrillReport.Outcome
})

/**
 * One drill of a round that has ended. Its report is in the `DrillLog`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Drilled extends Schema.Schema.Type<typeof Drilled> {}

/**
 * The workflow of a round. Canceling it cancels its drills, which remove their indexes.
 *
 * @category workflows
 * @since 0.1.0
 */
export const DrillRound = Workflow.make("DrillRound/v1", {
  payload: RoundRequest,
  success: Schema.Array(Drilled),
  idempotencyKey: ({ roundId }) => roundId
})

/**
 * Returns the drill ID of an index in a round: `<round ID>/<index>`.
 *
 * @category getters
 * @since 0.1.0
 */
export const drillIdOf = (roundId: string, index: IndexName): string => `${roundId}/${index}`

/** Runs one drill of a round. */
const drill = Effect.fnUntraced(function*(request: DrillRequest.DrillRequest) {
  const ended = Ended.of(request.index)
  const round = yield* DurableDeferred.token(ended)
  // Must be a step: otherwise the engine suspends the round when it awaits the first drill, before the others start.
  yield* Activity.make({
    name: `start/${request.index}`,
    success: Schema.String,
    execute: RestoreDrill.start(DrillRequest.DrillRequest.make({ ...request, round }))
  })
  return yield* DurableDeferred.await(ended)
})

/**
 * Layer that registers the workflow with an engine. The engine must also have `RestoreDrill.layer`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<never, never, WorkflowEngine.WorkflowEngine> = DrillRound.toLayer(
  Effect.fnUntraced(function*({ concurrency, indexes, roundId, settings }) {
    const requests = [...new Set(indexes)].map((index) =>
      DrillRequest.DrillRequest.make({ ...settings, drillId: drillIdOf(roundId, index), index })
    )
    const ids = yield* Effect.forEach(requests, ({ drillId }) => RestoreDrill.executionId(drillId))
    const begun = new Set<string>()
    yield* DrillRound.withCompensation(Effect.void, () =>
      // Canceling a drill that has ended does nothing.
      Effect.forEach(begun, RestoreDrill.cancel, { discard: true }))
    return yield* Effect.forEach(requests, (request, place) =>
      Effect.suspend(() => {
        const executionId = ids[place] as string
        begun.add(executionId)
        return Effect.map(drill(request), (outcome) => ({ index: request.index, executionId, outcome }))
      }), { concurrency })
  })
)

/**
 * An index, and the time within which it must have a successful drill.
 *
 * @category models
 * @since 0.1.0
 */
export interface Requirement {
  readonly index: IndexName
  /** The ID of the index. If it is given, drills of an earlier index with the same name do not count. */
  readonly indexId?: IndexId | null | undefined
  readonly within: Duration.Input
}

/**
 * Returns the indexes without a successful drill within the required time. Sorts indexes without any successful drill first,
 * then by the age of the last successful drill, oldest first. A drill dated in the future does not count.
 *
 * @category getters
 * @since 0.1.0
 */
export const due = (
  requirements: Iterable<Requirement>,
  latest: ReadonlyMap<IndexName, DrillLog.Latest>,
  now: DateTime.Utc
): ReadonlyArray<IndexName> => {
  const overdue = new Map<IndexName, number>()
  for (const { index, indexId, within } of requirements) {
    const success = latest.get(index)?.lastSuccessful
    const at = success !== undefined && DrillReport.isOf(success, indexId) ? success.times.endedAt : undefined
    const proven = at === undefined || Copies.isFuture(at, now) ? -Infinity : millis(at)
    if (millis(now) - proven > Duration.toMillis(Duration.fromInputUnsafe(within))) overdue.set(index, proven)
  }
  return [...overdue].sort(Order.mapInput(Order.Number, ([, proven]) => proven)).map(([index]) => index)
}
