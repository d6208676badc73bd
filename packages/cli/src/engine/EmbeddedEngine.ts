/** Workflow engine in this process, with its state in a SQLite file. */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as ClusterWorkflowEngine from "effect/cluster/ClusterWorkflowEngine"
import * as RunnerHealth from "effect/cluster/RunnerHealth"
import * as Runners from "effect/cluster/Runners"
import * as RunnerStorage from "effect/cluster/RunnerStorage"
import * as Sharding from "effect/cluster/Sharding"
import * as SqlMessageStorage from "effect/cluster/SqlMessageStorage"
import * as Layer from "effect/Layer"
import * as EngineSettings from "./EngineSettings.ts"
import * as NodeSqlite from "./NodeSqlite.ts"
import type * as OwnerLock from "./OwnerLock.ts"

/**
 * Layer of the engine on a file. A runner must hold the owner lock of the store, because the engine does not prevent two
 * runners on one file. A client can start, poll and cancel drills.
 */
export const layer = (file: string, role: OwnerLock.Role) =>
  ClusterWorkflowEngine.layer.pipe(
    Layer.provideMerge(Sharding.layer),
    Layer.provide(Runners.layerNoop),
    Layer.provideMerge(SqlMessageStorage.layer),
    Layer.provide([RunnerStorage.layerMemory, RunnerHealth.layerNoop, NodeCrypto.layerDigest]),
    Layer.provide(EngineSettings.layer(role === "runner" ? EngineSettings.unusedAddress : undefined)),
    Layer.provideMerge(NodeSqlite.layer(file))
  )
