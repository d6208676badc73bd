/**
 * Workflow engine in memory. Its state ends with the process. It is the same cluster engine as on a database, because
 * `WorkflowEngine.layerMemory` loses the compensations of replayed runs.
 */
import * as MessageStorage from "effect/cluster/MessageStorage"
import * as Layer from "effect/Layer"
import * as EngineSettings from "./EngineSettings.ts"
import * as LocalEngine from "./LocalEngine.ts"

/** Layer of the engine. */
export const layer = Layer.fresh(LocalEngine.layer(MessageStorage.layerMemory, EngineSettings.unusedAddress))
