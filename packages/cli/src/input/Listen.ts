/** Flags for the listening address of servers, and for the clients they accept. */
import * as HostGuard from "@pinecone-backups/testing/HostGuard"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import * as Flags from "./Flags.ts"

/** A host to listen on, without brackets, and a port. Port 0 chooses a free port. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** The default host to listen on: only this machine. */
export const defaultHost = "127.0.0.1"

/** Parses an address: `5081`, `:5081`, `0.0.0.0:5081` or `[::]:5081`. */
export const addressOf = (text: string): Option.Option<Address> => {
  const [, host = "", digits] = /^(?:(\[[\da-fA-F:.]+\]|[\w.-]*):)?(\d{1,5})$/.exec(text) ?? []
  const name = host === "" ? defaultHost : HostGuard.nameOfOption(host)
  const port = Number(digits)
  return port <= 65_535 && name !== undefined ? Option.some({ host: name, port }) : Option.none()
}

/** Formats an address: the inverse of {@link addressOf}. */
export const textOf = ({ host, port }: Address): string => `${host.includes(":") ? `[${host}]` : host}:${port}`

/** The URL of an address, without a trailing slash. */
export const urlOf = (address: Address): string => `http://${textOf(address)}`

/** `--listen`, with `port` as the example. */
export const address = (port: number, description: string) =>
  Flag.String("listen").pipe(
    Flag.withMetavar("<[host]:port>"),
    Flag.filterMap(addressOf, () => `Expected an address such as :${port} or 0.0.0.0:${port}`),
    Flags.optional(description)
  )

/** `--allow-host` */
export const allowHosts = Flags.repeated(
  Flag.String("allow-host").pipe(
    Flag.withMetavar("<name>"),
    Flag.filterMap(
      (text) => Option.fromUndefinedOr(HostGuard.nameOfOption(text)),
      () => "Expected a host name or an IP address, without a port"
    ),
    Flag.withDescription(
      "Also accept requests with this name or address in the Host header (repeatable) [loopback and the listening address]"
    )
  )
)

/** `--cors-origin` */
export const corsOrigins = Flags.repeated(
  Flag.String("cors-origin").pipe(
    Flag.withMetavar("<origin>"),
    Flag.filterMap(
      (text) => Option.fromUndefinedOr(HostGuard.originOf(text)),
      () => "Expected an origin such as https://app.example"
    ),
    Flag.withDescription("With --cors, also allow web pages from this origin (repeatable)")
  )
)
