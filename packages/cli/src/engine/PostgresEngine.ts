/** Workflow engine on a Postgres database, for one or more machines. */
import * as NodeClusterSocket from "@effect/platform-node/NodeClusterSocket"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as ClusterWorkflowEngine from "effect/cluster/ClusterWorkflowEngine"
import * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as RunnerHealth from "effect/cluster/RunnerHealth"
import * as Runners from "effect/cluster/Runners"
import * as RunnerStorage from "effect/cluster/RunnerStorage"
import * as SocketRunner from "effect/cluster/SocketRunner"
import * as SqlMessageStorage from "effect/cluster/SqlMessageStorage"
import * as SqlRunnerStorage from "effect/cluster/SqlRunnerStorage"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import { connect, createServer } from "node:net"
import * as EngineSettings from "./EngineSettings.ts"
import * as Provided from "./Provided.ts"

/** Layer of the database client. */
export const layerClient = (url: Redacted.Redacted<string>) =>
  PgClient.layer({ url, applicationName: "pcb", maxConnections: 4 })

const protocols = RpcSerialization.layerSchemaBinary()

const storage = Layer.mergeAll(
  SqlMessageStorage.layer.pipe(Layer.provide(NodeCrypto.layerDigest)),
  Layer.orDie(SqlRunnerStorage.layer)
)

/**
 * Layer of a runner that listens for other runners at an address. The port has neither authentication nor encryption, so the
 * address must be private.
 */
export const layerRunner = (url: Redacted.Redacted<string>, address: RunnerAddress.RunnerAddress) => {
  const health = RunnerHealth.layerPing.pipe(
    Layer.provide(Runners.layerRpc),
    Layer.provide(NodeClusterSocket.layerClientProtocol)
  )
  const runner = SocketRunner.layer.pipe(
    Layer.provide([NodeClusterSocket.layerSocketServer, NodeClusterSocket.layerClientProtocol]),
    Layer.provide(health)
  )
  return ClusterWorkflowEngine.layer.pipe(
    Layer.provideMerge(runner),
    Layer.provideMerge(storage),
    Layer.provide([EngineSettings.layer(address), protocols]),
    Layer.provideMerge(layerClient(url))
  )
}

/** Layer of a client, which can start, poll and cancel drills. Other processes run them. */
export const layerOfClient = (url: Redacted.Redacted<string>) =>
  ClusterWorkflowEngine.layer.pipe(
    Layer.provideMerge(SocketRunner.layerClientOnly.pipe(Layer.provide(NodeClusterSocket.layerClientProtocol))),
    Layer.provideMerge(storage),
    Layer.provide([EngineSettings.layer(undefined), protocols]),
    Layer.provideMerge(layerClient(url))
  )

/** Returns `true` if an address accepts connections. Dead runners stay in the database for some seconds. */
const isListening = ({ host, port }: RunnerAddress.RunnerAddress): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const socket = connect({ host, port, timeout: 1_000 })
    const end = (isListening: boolean) => {
      socket.destroy()
      resume(Effect.succeed(isListening))
    }
    socket.on("connect", () => end(true)).on("error", () => end(false)).on("timeout", () => end(false))
    return Effect.sync(() => socket.destroy())
  })

/** Returns `true` if a runner is alive: registered in the database, and reachable from this process. */
export const hasRunner = (url: Redacted.Redacted<string>) =>
  Effect.flatMap(RunnerStorage.RunnerStorage, ({ getRunners }) => getRunners).pipe(
    Effect.flatMap((runners) =>
      Effect.forEach(runners, ([{ address }]) => isListening(address), { concurrency: "unbounded" })
    ),
    Effect.map((alive) => alive.includes(true)),
    Provided.by(Layer.provide(SqlRunnerStorage.layer, [EngineSettings.layer(undefined), layerClient(url)]))
  )

/** A loopback address with a free port. */
export const freeAddress: Effect.Effect<RunnerAddress.RunnerAddress> = Effect.callback((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(RunnerAddress.make("127.0.0.1", port))))
  })
})
