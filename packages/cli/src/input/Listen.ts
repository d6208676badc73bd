/** Where the servers of this program listen, and for whom. */
import * as HostGuard from "@pinecone-backups/testing/HostGuard"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import * as Flags from "./Flags.ts"

/** A host to listen on, without brackets, and a port: 0 is any that is free. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Where to listen if nobody says: on this machine alone. */
export const defaultHost = "127.0.0.1"

/** The address in `5081`, `:5081`, `0.0.0.0:5081` or `[::]:5081`. */
export const addressOf = (text: string): Option.Option<Address> => {
  const [, host = "", digits] = /^(?:(\[[\da-fA-F:.]+\]|[\w.-]*):)?(\d{1,5})$/.exec(text) ?? []
  const name = host === "" ? defaultHost : HostGuard.nameOfOption(host)
  const port = Number(digits)
  return port <= 65_535 && name !== undefined ? Option.some({ host: name, port }) : Option.none()
}

/** The URL of an address, without a slash at the end. */
export const urlOf = ({ host, port }: Address): string => `http://${host.includes(":") ? `[${host}]` : host}:${port}`

/** `--listen`: `port` is one to give as an example. */
export const address = (port: number, description: string) =>
  Flag.String("listen").pipe(
    Flag.withMetavar("<[host]:port>"),
    Flag.filterMap(addressOf, () => `Expected a port like :${port}, or 0.0.0.0:${port}`),
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
      "Also answer requests whose Host header has this name or address; may be repeated [loopback and where it listens]"
    )
  )
)

/** `--cors-origin` */
export const corsOrigins = Flags.repeated(
  Flag.String("cors-origin").pipe(
    Flag.withMetavar("<origin>"),
    Flag.filterMap(
      (text) => Option.fromUndefinedOr(HostGuard.originOf(text)),
      () => "Expected an origin like https://app.example"
    ),
    Flag.withDescription("With --cors: for pages of this origin, too; may be repeated")
  )
)
