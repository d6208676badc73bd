/** Workflow engine without connections to other runners. */
import * as ClusterWorkflowEngine from "effect/cluster/ClusterWorkflowEngine"
import type * as MessageStorage from "effect/cluster/MessageStorage"
import type * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as RunnerHealth from "effect/cluster/RunnerHealth"
import * as Runners from "effect/cluster/Runners"
import * as RunnerStorage from "effect/cluster/RunnerStorage"
import * as Sharding from "effect/cluster/Sharding"
import * as Layer from "effect/Layer"
import * as EngineSettings from "./EngineSettings.ts"

/** Layer of the engine on a message storage. A runner has an address, a client has none. */
export const layer = <E, R>(
  storage: Layer.Layer<MessageStorage.MessageStorage, E, R>,
  address: RunnerAddress.RunnerAddress | undefined
) =>
  ClusterWorkflowEngine.layer.pipe(
    Layer.provideMerge(Sharding.layer),
    Layer.provide(Runners.layerNoop),
    Layer.provideMerge(storage),
    Layer.provide([RunnerStorage.layerMemory, RunnerHealth.layerNoop]),
    Layer.provide(EngineSettings.layer(address))
  )
