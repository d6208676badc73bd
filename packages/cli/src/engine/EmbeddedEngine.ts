/** Workflow engine in this process, with its state in a SQLite file. */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as SqlMessageStorage from "effect/cluster/SqlMessageStorage"
import * as Layer from "effect/Layer"
import * as EngineSettings from "./EngineSettings.ts"
import * as LocalEngine from "./LocalEngine.ts"
import * as NodeSqlite from "./NodeSqlite.ts"

/**
 * Layer of the engine on a file. A runner must hold the owner lock of the store, because the engine does not prevent two
 * runners on one file. A client can start, poll and cancel drills.
 */
export const layer = (file: string, role: EngineSettings.Role) =>
  LocalEngine.layer(
    Layer.provide(SqlMessageStorage.layer, NodeCrypto.layerDigest),
    role === "runner" ? EngineSettings.unusedAddress : undefined
  ).pipe(Layer.provideMerge(NodeSqlite.layer(file)))
