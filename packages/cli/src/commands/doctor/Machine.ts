/** The machine that this program runs on, as far as it matters to a doctor: what runs the program, and the network. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as dns from "node:dns"
import * as net from "node:net"
import * as tls from "node:tls"
import * as ProxyFromEnv from "proxy-from-env"

/** What kept something on the way to a host from working. */
export class Unreachable extends Data.TaggedError("Unreachable")<{
  /** As Node calls it: `ENOTFOUND`, `ECONNREFUSED`, `CERT_HAS_EXPIRED`. */
  readonly code: string
}> {}

/** A place that listens. */
interface Address {
  readonly hostname: string
  readonly port: number
}

/** The machine. */
export interface Service {
  /** The version of Node: `24.21.0`. */
  readonly node: string
  /** `linux`, `darwin`, `win32` … */
  readonly platform: string
  readonly architecture: string
  /** The proxy through which requests to an address go, by the variables of the environment; empty if there is none. */
  readonly proxyFor: (url: string) => string
  /** The addresses of a name. */
  readonly resolve: (hostname: string) => Effect.Effect<ReadonlyArray<string>, Unreachable>
  /** Connects, and hangs up. */
  readonly connect: (address: Address) => Effect.Effect<void, Unreachable>
  /** Connects, agrees on encryption, and hangs up: the version of that. */
  readonly secure: (address: Address) => Effect.Effect<string, Unreachable>
}

const unreachable = (error: NodeJS.ErrnoException) => new Unreachable({ code: error.code ?? "UNKNOWN" })

/** A socket until it is where it should be. */
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
    // After it was destroyed, it may have something to say still.
    socket.on("error", (error) => resume(Effect.fail(unreachable(error))))
    return Effect.sync(() => socket.destroy())
  })

/** The machine. This one, unless told otherwise. */
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
