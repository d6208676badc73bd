/** Deletes engine state of rounds that ended long ago. The reports stay in the drill log. */
import * as DrillRound from "@pinecone-backups/core/drill/DrillRound"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import * as EntityAddress from "effect/cluster/EntityAddress"
import * as EntityId from "effect/cluster/EntityId"
import * as EntityType from "effect/cluster/EntityType"
import * as MessageStorage from "effect/cluster/MessageStorage"
import * as Sharding from "effect/cluster/Sharding"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Rounds from "./Rounds.ts"

/**
 * Retention of the state of ended rounds. A schedule can start the same slot twice within a few hours, and the second start
 * must join the existing round.
 */
const retention = Duration.days(1)

/** Entity types that hold the state of a workflow run: the workflow, and its durable clock. */
const entityTypes = (workflow: string) => [`Workflow/${workflow}`, "Workflow/-/DurableClock"]

const clear = Effect.fnUntraced(function*(workflow: string, executionId: string) {
  const sharding = yield* Sharding.Sharding
  const storage = yield* MessageStorage.MessageStorage
  const entityId = EntityId.make(executionId)
  yield* Effect.forEach(entityTypes(workflow), (type) =>
    storage.clearAddress(
      EntityAddress.make({
        entityType: EntityType.make(type),
        entityId,
        shardId: sharding.getShardId(entityId, "default")
      })
    ), { discard: true })
})

/**
 * Deletes the state of ended rounds that were requested more than a day ago. Returns the number of rounds.
 */
export const prune = Effect.gen(function*() {
  const rounds = yield* Rounds.Rounds
  const before = DateTime.subtractDuration(yield* DateTime.now, retention)
  const old = yield* rounds.endedBefore(before)
  for (const round of old) {
    for (const index of round.indexes) {
      const executionId = yield* RestoreDrill.executionId(DrillRound.drillIdOf(round.roundId, index))
      yield* clear(RestoreDrill.RestoreDrill._tag, executionId)
    }
    yield* clear(DrillRound.DrillRound._tag, yield* DrillRound.DrillRound.executionId(round))
    yield* rounds.forget(round.roundId)
  }
  return old.length
})
