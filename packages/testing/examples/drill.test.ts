import { assert, it } from "@effect/vitest"
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillRequest from "@pinecone-backups/core/drill/DrillRequest"
import * as DrillTarget from "@pinecone-backups/core/drill/DrillTarget"
import * as IndexData from "@pinecone-backups/core/drill/IndexData"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as DrillEngine from "@pinecone-backups/testing/DrillEngine"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"

const Drills = RestoreDrill.layer.pipe(
  Layer.provide(Layer.provide(DrillTarget.layer, IndexData.layer)),
  Layer.provideMerge(DrillLog.layerMemory),
  Layer.provideMerge(DrillEngine.layer),
  Layer.provideMerge(PineconeMemory.layer({ backups: [{ indexName: "docs" }] }))
)

it.effect("fails a drill whose copy loses records some minutes after the restore", () =>
  Effect.gen(function*() {
    const plane = yield* ControlPlane.ControlPlane
    const indexes = yield* Indexes.Indexes
    yield* plane.fault("Backups.restore", Fault.flawedRestore({ vanish: { records: 1, after: "6 minutes" } }))
    const request = DrillRequest.DrillRequest.make({ drillId: "1", index: PineconeIndex.IndexName.make("docs") })
    const fiber = yield* Effect.forkChild(RestoreDrill.run(request))
    yield* DrillEngine.advance("1 hour")
    const report = yield* Fiber.join(fiber)
    assert.strictEqual(report.reason?.code, "records-vanished")
    // The temporary index is gone.
    assert.lengthOf(yield* indexes.list, 1)
  }).pipe(Effect.provide(Drills)))
