/** Servers that run while a command runs. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as Predicate from "effect/Predicate"
import { createServer } from "node:http"
import * as Listen from "../input/Listen.ts"
import { CliFailure } from "../output/CliFailure.ts"
import * as CommandLine from "../output/CommandLine.ts"
import * as ExitCode from "../output/ExitCode.ts"

/** The listening address and the allowed hosts. */
export interface Options extends Listen.Address {
  /** Additional names and addresses accepted in the Host header, without ports. */
  readonly allowHosts: ReadonlyArray<string>
  /** The hint if the port is in use. */
  readonly freePort: CommandLine.Hint | undefined
}

/** The hint if the port is in use: a free port on the same host. */
export const freePort = (command: "audit" | "emulator", host: string): CommandLine.Hint | undefined => {
  const address = Listen.textOf({ host: host === Listen.defaultHost ? "" : host, port: 0 })
  const parts = [CommandLine.words`pcb ${command} --listen ${address}`]
  return CommandLine.within(CommandLine.join(parts, command === "audit"), { after: ", to use a free port" })
}

/** Hints if a server cannot listen, by error code. */
const hintOf = ({ freePort, host, port }: Options, code: string): CommandLine.Hint | undefined => {
  switch (code) {
    case "EADDRINUSE":
      return freePort
    case "EACCES":
      return `use another port: ${port} requires elevated privileges`
    case "EADDRNOTAVAIL":
      return `use 0.0.0.0 or an address of this machine: ${host} is not an address of this machine`
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `use 0.0.0.0 or an address of this machine: ${host} does not resolve to an address`
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

/** A server that listens until the scope closes, without waiting for its clients. */
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
    // The socket has the resolved address. Clients may use the original name, so accept it, too.
    allowHosts: [host, ...allowHosts],
    listensOn: address === undefined ? host : NetAddress.formatIp(address.address)
  }
})
