/** Access rules of the server of the emulator. */
import * as Host from "@pinecone-backups/core/Host"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as HostGuard from "../HostGuard.ts"
import * as Inputs from "./inputs.ts"
import * as RequestRules from "./request-rules.ts"

/**
 * Options that admit other clients than programs on the same machine.
 *
 * @category options
 * @since 0.1.0
 */
export interface ServerOptions {
  /**
   * More host names and IP addresses to accept in `Host` headers, without ports, such as `["pinecone"]` for a container of
   * that name.
   *
   * @default loopback and the address that the server listens on
   */
  readonly allowHosts?: ReadonlyArray<string> | undefined
  /**
   * Whether other machines can use the routes of `ControlApi`, and web pages with `cors`. The routes do not require a
   * key.
   *
   * @default false
   */
  readonly allowControl?: boolean | undefined
  /**
   * Whether web pages can use the emulator: `true` for pages of this machine, such as `http://localhost:5173`, or a list of
   * more origins, such as `["https://app.example"]`. Pinecone itself sends no CORS headers.
   *
   * @default false
   */
  readonly cors?: boolean | ReadonlyArray<string> | undefined
  /**
   * Form of these options in error messages: options of a program, or flags of `pcb emulator`.
   *
   * @default "options"
   */
  readonly spelling?: HostGuard.Spelling | undefined
}

/** URL of an origin. */
const urlOf = (origin: string): URL | undefined => {
  const text = HostGuard.originOf(origin)
  return text === undefined ? undefined : new URL(text)
}

/** Returns `true` if an origin is a page of this machine. */
const isLocalPage = (origin: string): boolean => Host.isLoopback(urlOf(origin)?.hostname ?? "")

/** Returns `true` if a page sends the request to its own origin. */
const isSameOrigin = (origin: string, authority: string): boolean => {
  const url = urlOf(origin)
  return url !== undefined && url.origin === HostGuard.originOf(`${url.protocol}//${authority}`)
}

const HostName = Schema.String.check(
  Schema.makeFilter((name) => HostGuard.nameOfOption(name) !== undefined, {
    expected: "a host name or an IP address without a port"
  })
)

const Origin = Schema.String.check(
  Schema.makeFilter((text) => HostGuard.originOf(text) !== undefined, {
    expected: "an origin like https://app.example"
  })
)

const checkOptions = Inputs.checkOf(Schema.Struct({
  allowHosts: Schema.optional(Schema.Array(HostName)),
  allowControl: Schema.optional(Schema.Boolean),
  cors: Schema.optional(Schema.Union([Schema.Boolean, Schema.Array(Origin)])),
  spelling: Schema.optional(Schema.Literals(["options", "flags"]))
}))

/** Throws an `InvalidValue` for invalid options and unknown keys. */
export const check = (options: ServerOptions): void => {
  Inputs.checkObject(options)
  checkOptions(options)
}

/** Access rules of a server. */
export interface Access {
  /** Returns `true` if pages of an origin get CORS headers; `undefined` without CORS. */
  readonly isPageAllowed: ((origin: string) => boolean) | undefined
  readonly allowsControl: boolean
  /** Returns a refusal if a request must not use any route. */
  readonly refusalOfHost: (request: HttpServerRequest.HttpServerRequest) => RequestRules.Refusal | undefined
  /** Returns a refusal if a request must not use `ControlApi`. Its `Host` was accepted before. */
  readonly refusalOfControl: (request: HttpServerRequest.HttpServerRequest) => RequestRules.Refusal | undefined
}

/** Creates the access rules of a server that listens on an address. */
export const make = (
  listensOn: string | undefined,
  { allowControl = false, allowHosts, cors = false, spelling = "options" }: ServerOptions = {}
): Access => {
  const isForUs = HostGuard.make({ listensOn, allowHosts })
  const origins = new Set(typeof cors === "boolean" ? [] : cors.map(HostGuard.originOf))
  const isPageAllowed = cors === false ? undefined : (text: string) => {
    const origin = HostGuard.originOf(text)
    return origin !== undefined && (isLocalPage(origin) || origins.has(origin))
  }

  /**
   * Returns `true` if a request may use `ControlApi`. Requests of a foreign page in a local browser also come from this
   * machine, but have a foreign `Origin`.
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
      isForUs(host)
        ? undefined
        : RequestRules.refuse("PermissionDenied", HostGuard.refusalOf("emulator", host, spelling)),
    refusalOfControl: (request) =>
      mayControl(request) ? undefined : RequestRules.refuse(
        "PermissionDenied",
        `/_emulator is for programs on the machine of the emulator, unless that is started with ${
          spelling === "flags" ? "--allow-control" : "allowControl: true"
        }.`
      )
  }
}
