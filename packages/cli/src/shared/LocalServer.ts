/** Servers of this machine, for as long as a command runs. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as Predicate from "effect/Predicate"
import { createServer } from "node:http"
import * as Listen from "../input/Listen.ts"
import { CliFailure } from "../output/CliFailure.ts"
import * as ExitCode from "../output/ExitCode.ts"

/** Where to listen, and for whom. */
export interface Options extends Listen.Address {
  /** More names and addresses to answer, without ports. */
  readonly allowHosts: ReadonlyArray<string>
  /** What to try where the port is taken. */
  readonly freePort: string
}

/** What to try where the port of a command is taken: the same host, and a port that is free. */
export const freePort = (command: string, host: string): string =>
  `${command} --listen ${
    Listen.textOf({ host: host === Listen.defaultHost ? "" : host, port: 0 })
  } takes one that is free`

/** What to try where a server cannot listen, by the code of the cause. */
const hintOf = ({ freePort, host, port }: Options, code: string): string | undefined => {
  switch (code) {
    case "EADDRINUSE":
      return freePort
    case "EACCES":
      return `another port: ${port} is not for everybody on this machine`
    case "EADDRNOTAVAIL":
      return `an address of this machine, or 0.0.0.0 for all of them: ${host} is not one`
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `an address of this machine, or 0.0.0.0 for all of them: the name ${host} has no address`
    default:
      return undefined
  }
}

const cannotListen = (options: Options, cause: unknown) => {
  const { host, port } = options
  const code = Predicate.hasProperty(cause, "code") ? String(cause.code) : String(cause)
  return new CliFailure({
    code: code === "EADDRINUSE" ? "PORT_IN_USE" : "CANNOT_LISTEN",
    message: code === "EADDRINUSE"
      ? `Port ${port} of ${host} is in use`
      : `Cannot listen on port ${port} of ${host}: ${code}`,
    hint: hintOf(options, code),
    exitCode: ExitCode.unexpected
  })
}

/** A server that listens until the scope ends, and does not wait for its clients then. */
export const server = Effect.fnUntraced(function*(options: Options) {
  const { allowHosts, host, port } = options
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
    // The socket says the address that a name stood for. Whoever listens on a name is asked by that.
    allowHosts: [host, ...allowHosts],
    listensOn: address === undefined ? host : NetAddress.formatIp(address.address)
  }
})
