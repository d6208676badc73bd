/**
 * Which `Host` headers a server answers, and how origins are spelled: a guard against DNS rebinding, where a page from elsewhere has a name that was made
 * to resolve to the server, so that a browser takes its answers for those of the page.
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
  /** The address that the server listens on, as the socket says. `undefined` for a server without one. */
  readonly listensOn: string | undefined
  /**
   * More names and addresses to answer, without ports.
   *
   * @default none
   */
  readonly allowHosts?: ReadonlyArray<string> | undefined
}

/** A URL at a host, and of nothing else. */
const urlOf = (protocol: string, authority: string): URL | undefined =>
  /^[^\s/?#@\\]+$/.test(authority)
    ? Option.getOrUndefined(Option.liftThrowable((text: string) => new URL(text))(`${protocol}//${authority}`))
    : undefined

/**
 * The name or address in a `Host` header, in lower case, without port, brackets and the dot at the end of a complete name.
 * `undefined` if there is none.
 *
 * @category conversions
 * @since 0.1.0
 */
export const nameOf = (authority: string | undefined): string | undefined =>
  urlOf("http:", authority ?? "")?.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "") || undefined

/**
 * The name that an option means: a host name or an IP address, with or without brackets. `undefined` for anything else, such
 * as a URL, a pattern, or a name with a port.
 *
 * @category conversions
 * @since 0.1.0
 */
export const nameOfOption = (text: string): string | undefined => {
  const name = nameOf(text.includes(":") && !text.startsWith("[") ? `[${text}]` : text)
  return name !== undefined && !/\]:\d*$/.test(text) && /^([\w-]+(\.[\w-]+)*|[\da-f:.]+)$/.test(name) ? name : undefined
}

/**
 * The origin that a text means, as browsers spell it: `https://app.example`. `undefined` for `null`, `*`, and everything that
 * has a path or is no page of the web.
 *
 * @category conversions
 * @since 0.1.0
 */
export const originOf = (text: string): string | undefined => {
  const [, protocol = "", authority = ""] = /^(https?:)\/\/(.*?)\/?$/i.exec(text) ?? []
  return urlOf(protocol, authority)?.origin
}

const isAddress = (name: string): boolean => /^\d+(\.\d+){3}$|:/.test(name)

/** Addresses that stand for every one of the machine. */
const wildcards: ReadonlySet<string | undefined> = new Set(["0.0.0.0", "::"])

/**
 * Whether a server that listens on an address can be reached by programs of its own machine alone.
 *
 * @category guards
 * @since 0.1.0
 */
export const isPrivate = (listensOn: string | undefined): boolean =>
  listensOn === undefined || Host.isLoopback(listensOn)

/**
 * Creates a guard: whether a request with that `Host` header is answered.
 *
 * **Details**
 *
 * Loopback names and addresses are answered, the address that the server listens on, and `allowHosts`. A server on
 * `0.0.0.0` or `::` listens on every address of its machine and does not know them, so that any IP address is answered: an
 * address cannot be made to resolve to something else. Every other name is refused, and so is a request without `Host`.
 * `allowHosts` that are no names match nothing: check them with {@link nameOfOption}.
 *
 * **Example** (A server that a container knows by name)
 *
 * ```ts
 * import * as HostGuard from "@pinecone-backups/testing/HostGuard"
 *
 * export const isForUs = HostGuard.make({ listensOn: "0.0.0.0", allowHosts: ["pinecone"] })
 *
 * isForUs("pinecone:5081") // true
 * isForUs("evil.example") // false
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
 * What to tell a client whose request is refused: what is wrong with its `Host` header, and how to allow the name.
 *
 * @category conversions
 * @since 0.1.0
 */
export const refusalOf = (server: string, authority: string | undefined): string => {
  const name = nameOf(authority)
  return name === undefined
    ? "The request has no valid Host header: use an address that the server listens on, such as localhost."
    : `This ${server} does not answer for ${name}: use an address that it listens on, or start it with --allow-host ${name}.`
}
