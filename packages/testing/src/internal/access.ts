/** Who may ask the server of the emulator for what. */
import * as Host from "@pinecone-backups/core/Host"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import * as HostGuard from "../HostGuard.ts"
import * as RequestRules from "./request-rules.ts"

/**
 * Who may use a server besides programs of its own machine.
 *
 * @category options
 * @since 0.1.0
 */
export interface ServerOptions {
  /**
   * Host names and IP addresses, without ports, whose requests are answered too: `["pinecone"]` where a container has that
   * name.
   *
   * @default loopback and the address that the server listens on
   */
  readonly allowHosts?: ReadonlyArray<string> | undefined
  /**
   * Whether the routes of `ControlApi` are there for other machines, and with `cors` for pages. They need no key.
   *
   * @default false
   */
  readonly allowControl?: boolean | undefined
  /**
   * Whether pages in a browser may use the service: `true` for pages of this machine, such as `http://localhost:5173`, or
   * more origins, such as `["https://app.example"]`. The service itself sends no CORS headers.
   *
   * @default false
   */
  readonly cors?: boolean | ReadonlyArray<string> | undefined
}

/** The URL that an origin is. */
const urlOf = (origin: string): URL | undefined => {
  const text = HostGuard.originOf(origin)
  return text === undefined ? undefined : new URL(text)
}

/** Whether an origin is a page of this machine. */
const isLocalPage = (origin: string): boolean => Host.isLoopback(urlOf(origin)?.hostname ?? "")

/** Whether a page asks where it comes from. */
const isSameOrigin = (origin: string, authority: string): boolean => {
  const url = urlOf(origin)
  return url !== undefined && url.origin === HostGuard.originOf(`${url.protocol}//${authority}`)
}

/** What an option must be, if it is something else. */
export const mistake = ({ allowHosts = [], cors = false }: ServerOptions): string | undefined => {
  const host = allowHosts.find((name) => HostGuard.nameOfOption(name) === undefined)
  if (host !== undefined) return `allowHosts: expected a host name or an IP address without a port, got ${host}`
  const origin = typeof cors === "boolean" ? undefined : cors.find((text) => HostGuard.originOf(text) === undefined)
  return origin === undefined ? undefined : `cors: expected an origin like https://app.example, got ${origin}`
}

/** What is allowed. */
export interface Access {
  /** Whether pages may use more than what a browser lets them without CORS, by their origin; `undefined` without CORS. */
  readonly isPageAllowed: ((origin: string) => boolean) | undefined
  readonly allowsControl: boolean
  /** Why a request for whatever route is refused, if it is. */
  readonly refusalOfHost: (request: HttpServerRequest.HttpServerRequest) => RequestRules.Refusal | undefined
  /** Why a request for a route of `ControlApi` is refused, if it is. Its `Host` has been looked at. */
  readonly refusalOfControl: (request: HttpServerRequest.HttpServerRequest) => RequestRules.Refusal | undefined
}

/** What is allowed by a server that listens on an address. */
export const make = (
  listensOn: string | undefined,
  { allowControl = false, allowHosts, cors = false }: ServerOptions = {}
): Access => {
  const isForUs = HostGuard.make({ listensOn, allowHosts })
  const origins = new Set(typeof cors === "boolean" ? [] : cors.map(HostGuard.originOf))
  const isPageAllowed = cors === false ? undefined : (text: string) => {
    const origin = HostGuard.originOf(text)
    return origin !== undefined && (isLocalPage(origin) || origins.has(origin))
  }

  /**
   * Whether a request comes from this machine and was meant for it. A page from elsewhere that a browser shows comes from
   * this machine too: it gives itself away by its `Origin`.
   */
  const mayControl = ({ headers, peerAddress }: HttpServerRequest.HttpServerRequest): boolean => {
    const { host = "", origin } = headers
    if (!allowControl) {
      return Option.exists(peerAddress, Host.isLoopback) && Host.isLoopback(HostGuard.nameOf(host) ?? "") &&
        (origin === undefined || isLocalPage(origin))
    }
    return origin === undefined || isLocalPage(origin) || isSameOrigin(origin, host) || isPageAllowed?.(origin) === true
  }

  return {
    isPageAllowed,
    allowsControl: allowControl,
    refusalOfHost: ({ headers: { host } }) =>
      isForUs(host) ? undefined : RequestRules.refuse("PermissionDenied", HostGuard.refusalOf("emulator", host)),
    refusalOfControl: (request) =>
      mayControl(request) ? undefined : RequestRules.refuse(
        "PermissionDenied",
        "/_emulator is for programs on the machine of the emulator, unless that is started with --allow-control."
      )
  }
}
