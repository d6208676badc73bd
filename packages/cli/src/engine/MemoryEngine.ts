/**
 * Workflow engine in memory. Its state ends with the process. It is the same cluster engine as on a database, because
 * `WorkflowEngine.layerMemory` loses the compensations of replayed runs.
 */
import * as ClusterWorkflowEngine from "effect/cluster/ClusterWorkflowEngine"
import * as MessageStorage from "effect/cluster/MessageStorage"
import * as RunnerHealth from "effect/cluster/RunnerHealth"
import * as Runners from "effect/cluster/Runners"
import * as RunnerStorage from "effect/cluster/RunnerStorage"
import * as Sharding from "effect/cluster/Sharding"
import * as Layer from "effect/Layer"
import * as EngineSettings from "./EngineSettings.ts"

/** Layer of the engine. */
export const layer = ClusterWorkflowEngine.layer.pipe(
  Layer.provideMerge(Sharding.layer),
  Layer.provide(Runners.layerNoop),
  Layer.provideMerge(MessageStorage.layerMemory),
  Layer.provide([RunnerStorage.layerMemory, RunnerHealth.layerNoop]),
  Layer.provide(EngineSettings.layer(EngineSettings.unusedAddress)),
  Layer.fresh
)
