/** Servers of this machine, for as long as a command runs. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as Predicate from "effect/Predicate"
import { createServer } from "node:http"
import type * as Listen from "../input/Listen.ts"
import { CliFailure } from "../output/CliFailure.ts"
import * as ExitCode from "../output/ExitCode.ts"

/** Where to listen. */
export interface Options extends Listen.Address {
  /** What to try where it is taken. */
  readonly hint: string
}

const cannotListen = ({ hint, host, port }: Options, cause: unknown) => {
  const code = Predicate.hasProperty(cause, "code") ? String(cause.code) : String(cause)
  return new CliFailure({
    code: code === "EADDRINUSE" ? "PORT_IN_USE" : "CANNOT_LISTEN",
    message: code === "EADDRINUSE"
      ? `Port ${port} of ${host} is in use`
      : `Cannot listen on port ${port} of ${host}: ${code}`,
    hint,
    exitCode: ExitCode.unexpected
  })
}

/** A server that listens until the scope ends, and does not wait for its clients then. */
export const server = Effect.fnUntraced(function*(options: Options) {
  const { host, port } = options
  const node = createServer()
  const server = yield* Effect.mapError(
    NodeHttpServer.make(() => node, { host, port, gracefulShutdownTimeout: 50 }),
    ({ cause }) => cannotListen(options, cause)
  )
  yield* Effect.addFinalizer(() => Effect.sync(() => node.closeAllConnections()))
  const address = NetAddress.isInetAddress(server.address) ? server.address : undefined
  return {
    server,
    port: address?.port ?? port,
    listensOn: address === undefined ? host : NetAddress.formatIp(address.address)
  }
})
