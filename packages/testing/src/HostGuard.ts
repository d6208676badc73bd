/**
 * Checks of `Host` headers and origins, to protect a local server against DNS rebinding. In such an attack, the name of a
 * foreign web page resolves to the server, and the browser treats the responses of the server as those of the page.
 *
 * @since 0.1.0
 */

import * as Host from "@pinecone-backups/core/Host"
import * as Option from "effect/Option"

/**
 * Options of a guard.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** Address that the server listens on, from the socket; `undefined` for a server without an address. */
  readonly listensOn: string | undefined
  /**
   * More names and addresses to accept, without ports.
   *
   * @default none
   */
  readonly allowHosts?: ReadonlyArray<string> | undefined
}

/** URL that has only a host. */
const urlOf = (protocol: string, authority: string): URL | undefined =>
  /^[^\s/?#@\\]+$/.test(authority)
    ? Option.getOrUndefined(Option.liftThrowable((text: string) => new URL(text))(`${protocol}//${authority}`))
    : undefined

/**
 * Returns the name or address in a `Host` header, in lower case, without port, brackets and trailing dot; `undefined` if
 * the header is missing or invalid.
 *
 * @category conversions
 * @since 0.1.0
 */
export const nameOf = (authority: string | undefined): string | undefined =>
  urlOf("http:", authority ?? "")?.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "") || undefined

/**
 * Parses the value of an option: a host name or an IP address, with or without brackets. Returns `undefined` for anything
 * else, such as a URL, a pattern, or a name with a port.
 *
 * @category conversions
 * @since 0.1.0
 */
export const nameOfOption = (text: string): string | undefined => {
  const name = nameOf(text.includes(":") && !text.startsWith("[") ? `[${text}]` : text)
  return name !== undefined && !/\]:\d*$/.test(text) && /^([\w-]+(\.[\w-]+)*|[\da-f:.]+)$/.test(name) ? name : undefined
}

/**
 * Returns an origin in the form that browsers send, such as `https://app.example`. Returns `undefined` for `null`, `*`, a
 * URL with a path, and any other scheme than `http:` and `https:`.
 *
 * @category conversions
 * @since 0.1.0
 */
export const originOf = (text: string): string | undefined => {
  const [, protocol = "", authority = ""] = /^(https?:)\/\/(.*?)\/?$/i.exec(text) ?? []
  return urlOf(protocol, authority)?.origin
}

const isAddress = (name: string): boolean => /^\d+(\.\d+){3}$|:/.test(name)

/** Addresses that stand for all addresses of the machine. */
const wildcards: ReadonlySet<string | undefined> = new Set(["0.0.0.0", "::"])

/**
 * Returns `true` if only programs on the same machine can reach a server that listens on an address.
 *
 * @category guards
 * @since 0.1.0
 */
export const isPrivate = (listensOn: string | undefined): boolean =>
  listensOn === undefined || Host.isLoopback(listensOn)

/**
 * Creates a guard, which returns `true` for `Host` headers that the server accepts.
 *
 * **Details**
 *
 * Accepts loopback names and addresses, the address that the server listens on, and `allowHosts`. A server on `0.0.0.0` or
 * `::` listens on all addresses of its machine without knowing them, so it accepts any IP address. That is safe, because an
 * IP address is not resolved. Rejects every other name, and requests without `Host`.
 *
 * **Gotchas**
 *
 * Invalid names in `allowHosts` match nothing. Check them with {@link nameOfOption}.
 *
 * **Example** (Accepting the name of a container)
 *
 * ```ts
 * import * as HostGuard from "@pinecone-backups/testing/HostGuard"
 *
 * const isAccepted = HostGuard.make({ listensOn: "0.0.0.0", allowHosts: ["pinecone"] })
 *
 * console.log(isAccepted("pinecone:5081")) // => true
 * console.log(isAccepted("evil.example")) // => false
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = ({ allowHosts = [], listensOn }: Options): (authority: string | undefined) => boolean => {
  const allowed = new Set<string | undefined>([...allowHosts, listensOn ?? "localhost"].map(nameOfOption))
  const isEverywhere = wildcards.has(listensOn)
  return (authority) => {
    const name = nameOf(authority)
    return name !== undefined && (Host.isLoopback(name) || allowed.has(name) || (isEverywhere && isAddress(name)))
  }
}

/**
 * Form of options in messages: `options` of a program (`allowHosts: ["pinecone"]`), or `flags` of a command line
 * (`--allow-host pinecone`).
 *
 * @category models
 * @since 0.1.0
 */
export type Spelling = "options" | "flags"

/**
 * Returns the message for a rejected request: the problem with its `Host` header, and how to allow the name.
 *
 * @category conversions
 * @since 0.1.0
 */
export const refusalOf = (server: string, authority: string | undefined, spelling: Spelling = "options"): string => {
  const name = nameOf(authority)
  const allowance = spelling === "flags" ? `--allow-host ${name}` : `allowHosts: ["${name}"]`
  return name === undefined
    ? "The request has no valid Host header: use an address that the server listens on, such as localhost."
    : `This ${server} does not answer for ${name}: use an address that it listens on, or start it with ${allowance}.`
}
