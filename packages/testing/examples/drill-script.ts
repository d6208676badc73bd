import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillRequest from "@pinecone-backups/core/drill/DrillRequest"
import * as DrillTarget from "@pinecone-backups/core/drill/DrillTarget"
import * as IndexData from "@pinecone-backups/core/drill/IndexData"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as DrillEngine from "@pinecone-backups/testing/DrillEngine"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"

const Drills = RestoreDrill.layer.pipe(
  Layer.provide(Layer.provide(DrillTarget.layer, IndexData.layer)),
  Layer.provideMerge(DrillLog.layerMemory),
  Layer.provideMerge(DrillEngine.layer),
  Layer.provideMerge(PineconeMemory.layer({ backups: [{ indexName: "docs" }] })),
  // Last, because the layers above read the clock when they are built.
  Layer.provideMerge(TestClock.layer())
)

const request = DrillRequest.DrillRequest.make({ drillId: "1", index: PineconeIndex.IndexName.make("docs") })

export const program = Effect.gen(function*() {
  const fiber = yield* Effect.forkChild(RestoreDrill.run(request))
  yield* DrillEngine.advance("1 hour")
  return yield* Fiber.join(fiber)
}).pipe(Effect.provide(Drills))
