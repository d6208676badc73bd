/** The parts of this machine that the doctor checks: the Node.js runtime and the network. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as dns from "node:dns"
import * as net from "node:net"
import * as tls from "node:tls"
import * as ProxyFromEnv from "proxy-from-env"

/** A network step that failed. */
export class Unreachable extends Data.TaggedError("Unreachable")<{
  /** The error code of Node.js: `ENOTFOUND`, `ECONNREFUSED`, `CERT_HAS_EXPIRED`. */
  readonly code: string
}> {}

/** A network address. */
interface Address {
  readonly hostname: string
  readonly port: number
}

/** Access to the machine. */
export interface Service {
  /** The version of Node.js: `24.21.0`. */
  readonly node: string
  /** `linux`, `darwin`, `win32` … */
  readonly platform: string
  readonly architecture: string
  /** The URL of the proxy for a URL, from environment variables. Empty if no proxy is used. */
  readonly proxyFor: (url: string) => string
  /** Resolves a hostname to addresses. */
  readonly resolve: (hostname: string) => Effect.Effect<ReadonlyArray<string>, Unreachable>
  /** Opens and closes a TCP connection. */
  readonly connect: (address: Address) => Effect.Effect<void, Unreachable>
  /** Opens and closes a TLS connection, and returns the TLS version. */
  readonly secure: (address: Address) => Effect.Effect<string, Unreachable>
}

const unreachable = (error: NodeJS.ErrnoException) => new Unreachable({ code: error.code ?? "UNKNOWN" })

/** Opens a socket, waits for an event, reads a value and closes the socket. */
const until = <A>(
  event: string,
  open: () => net.Socket,
  read: (socket: net.Socket) => A
): Effect.Effect<A, Unreachable> =>
  Effect.callback((resume) => {
    const socket = open()
    socket.once(event, () => {
      const value = read(socket)
      socket.destroy()
      resume(Effect.succeed(value))
    })
    // A destroyed socket may still emit errors.
    socket.on("error", (error) => resume(Effect.fail(unreachable(error))))
    return Effect.sync(() => socket.destroy())
  })

/** Access to the machine. Defaults to this machine. */
export const Machine = Context.Reference<Service>("@pinecone-backups/cli/commands/doctor/Machine", {
  defaultValue: () => ({
    node: process.versions.node,
    platform: process.platform,
    architecture: process.arch,
    proxyFor: ProxyFromEnv.getProxyForUrl,
    resolve: (hostname) =>
      Effect.callback((resume) => {
        dns.lookup(hostname, { all: true }, (error, addresses) =>
          resume(
            error === null
              ? Effect.succeed(addresses.map(({ address }) => address))
              : Effect.fail(unreachable(error))
          ))
      }),
    connect: ({ hostname, port }) => until("connect", () => net.connect({ host: hostname, port }), () => undefined),
    secure: ({ hostname, port }) =>
      until(
        "secureConnect",
        () => tls.connect({ host: hostname, port, ...(net.isIP(hostname) === 0 && { servername: hostname }) }),
        (socket) => socket instanceof tls.TLSSocket ? socket.getProtocol() ?? "TLS" : "TLS"
      )
  })
})
