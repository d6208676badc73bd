import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillProbe from "@pinecone-backups/core/drill/DrillProbe"
import * as DrillRequest from "@pinecone-backups/core/drill/DrillRequest"
import * as DrillTarget from "@pinecone-backups/core/drill/DrillTarget"
import * as IndexData from "@pinecone-backups/core/drill/IndexData"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as ClusterWorkflowEngine from "effect/cluster/ClusterWorkflowEngine"
import * as TestRunner from "effect/cluster/TestRunner"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

// A check of this application. A probe can also send queries to `index.host`, and compare the results.
const Probe = DrillProbe.layer(({ backup, index }) =>
  backup.recordCount !== null && backup.recordCount < 1_000
    ? Effect.fail(new DrillProbe.ProbeFailed({ message: `${index.name} has fewer than 1,000 records` }))
    : Effect.void
)

// Not `WorkflowEngine.layerMemory`: it does not always run the compensation that removes the temporary index.
const Engine = ClusterWorkflowEngine.layer.pipe(Layer.provideMerge(TestRunner.layer))

// Needs the services of `Pinecone.layer` and the client under them. Both the drills and their log end with the process.
export const Drills = RestoreDrill.layer.pipe(
  Layer.provide(Probe),
  Layer.provide(Layer.provide(DrillTarget.layer, IndexData.layer)),
  Layer.provideMerge(DrillLog.layerMemory),
  Layer.provideMerge(Engine)
)

export const drill = Effect.fn("drill")(function*(index: string, drillId: string) {
  const report = yield* RestoreDrill.run(DrillRequest.DrillRequest.make({
    drillId,
    index: PineconeIndex.IndexName.make(index),
    pick: DrillRequest.random("30 days"),
    verify: DrillRequest.sample(50),
    probe: true,
    timeout: Duration.hours(3)
  }))
  return report.reason === null ? report.outcome : `${report.outcome}: ${report.reason.message}`
})
