import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillTarget from "@pinecone-backups/core/drill/DrillTarget"
import * as IndexData from "@pinecone-backups/core/drill/IndexData"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import * as Layer from "effect/Layer"
import type * as WorkflowEngine from "effect/workflow/WorkflowEngine"

// The drills of an application, on any engine.
export const drillsOf = (engine: Layer.Layer<WorkflowEngine.WorkflowEngine>) =>
  RestoreDrill.layer.pipe(
    Layer.provide(Layer.provide(DrillTarget.layer, IndexData.layer)),
    Layer.provideMerge(DrillLog.layerMemory),
    Layer.provideMerge(engine)
  )
