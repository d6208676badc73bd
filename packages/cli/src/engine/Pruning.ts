/** Removal of what the engine keeps of drills that ended long ago. Their reports stay in the log. */
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
 * Duration for which the state of a round that has ended is kept. A schedule that starts a slot twice, which joins the same
 * round, does so within hours.
 */
const retention = Duration.days(1)

/** The entities of the engine that have the state of a run: the workflow, and the clock that wakes it up. */
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
 * Removes the state of rounds that have ended, and that were requested more than a day ago. Returns the number of
 * rounds.
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
