import { assert, describe, it } from "@effect/vitest"
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillRequest from "@pinecone-backups/core/drill/DrillRequest"
import * as DrillRound from "@pinecone-backups/core/drill/DrillRound"
import * as DrillTarget from "@pinecone-backups/core/drill/DrillTarget"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import * as DrillEngine from "@pinecone-backups/testing/DrillEngine"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Workflow from "effect/workflow/Workflow"
import { accepted, finish, project, request, temporaries } from "./DrillTest.ts"
import { indexName } from "./support.ts"

/** The drill of a later version, whose request and result are others. */
const Later = Workflow.make("RestoreDrill/v2", {
  payload: { drill: Schema.String, attempts: Schema.Int },
  success: Schema.Struct({ verdict: Schema.String }),
  idempotencyKey: ({ drill }) => drill
})

const layerLater = Later.toLayer(({ attempts, drill }) => Effect.succeed({ verdict: `${drill} ${attempts}` }))

const layerDrills = Layer.merge(RestoreDrill.layer, DrillRound.layer)

const names = [indexName("docs"), indexName("wiki")]

const world = project({
  indexes: names.map((name) => ({ name, dimension: 4, recordCount: 10 })),
  backups: names.map((indexName) => ({ indexName, createdAt: "2026-04-21T06:00:00Z" }))
})

describe("a store with drills in flight", () => {
  it.effect("is finished by a build that has another version of the drill as well", () =>
    Effect.gen(function*() {
      const storage = yield* DrillEngine.makeStorage
      const power = DrillEngine.powered(storage)
      const before = yield* Layer.buildWithScope(
        layerDrills.pipe(
          Layer.provide([
            Layer.succeed(DrillTarget.DrillTarget, power.guardService(yield* DrillTarget.DrillTarget)),
            Layer.succeed(DrillLog.DrillLog, power.guardService(yield* DrillLog.DrillLog))
          ]),
          Layer.provideMerge(DrillEngine.layerStorage(power.storage))
        ),
        Scope.makeUnsafe()
      )
      const round = { roundId: "r", indexes: names, settings: DrillRequest.DrillSettings.make({}), concurrency: 1 }
      yield* RestoreDrill.start(request()).pipe(Effect.provideContext(before))
      yield* DrillRound.DrillRound.execute(round, { discard: true }).pipe(Effect.provideContext(before))
      yield* DrillEngine.advance("3 minutes")
      assert.lengthOf(yield* temporaries, 2)
      yield* power.lose

      const after = yield* Layer.build(
        Layer.merge(layerDrills, layerLater).pipe(Layer.provideMerge(DrillEngine.layerStorage(storage)))
      )
      const later = yield* Effect.forkChild(
        Later.execute({ drill: "new", attempts: 2 }).pipe(Effect.provideContext(after))
      )
      const joined = yield* Effect.forkChild(DrillRound.DrillRound.execute(round).pipe(Effect.provideContext(after)))
      assert.deepStrictEqual(yield* finish(later), { verdict: "new 2" })
      assert.deepStrictEqual(
        (yield* finish(joined)).map(({ index, outcome }) => [index, outcome]),
        names.map((name) => [name, "SUCCESSFUL"])
      )
      const log = yield* DrillLog.DrillLog
      assert.deepStrictEqual(
        (yield* log.list()).map(({ drillId, report }) => `${drillId} ${report?.outcome}`).sort(),
        ["drill-1 SUCCESSFUL", "r/docs SUCCESSFUL", "r/wiki SUCCESSFUL"]
      )
      assert.strictEqual(yield* accepted("Backups.restore"), 3)
      assert.deepStrictEqual(yield* temporaries, [])
    }).pipe(Effect.provide(world)))
})
