/**
 * Where the data of an index is, and whether the key may go there. The place is named by an answer, so it is held against
 * rules of this library before anything is sent.
 */
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Host from "../../Host.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as Options from "./options.ts"

/** What says where the data of an index is. */
export interface Address extends Pick<PineconeIndex.PineconeIndex, "name" | "host" | "privateHost"> {}

/** Why the key does not go to a host. */
export interface Refusal {
  readonly host: string | undefined
  readonly problem: string
}

const maxHost = 200

const isIn = (hostname: string, domain: string): boolean => hostname === domain || hostname.endsWith(`.${domain}`)

/**
 * What is wrong with a host, if anything is.
 *
 * - The origin of the control plane has the key already, and may have a path.
 * - So may a host of this machine, where the control plane is on it, too: an emulator.
 * - Any other is https, and nothing but a name in Pinecone's domain or in one that the options allow.
 */
const problemOf = (
  url: URL,
  { indexDomains, url: control }: Pick<Options.Settings, "indexDomains" | "url">
): string | undefined => {
  if (url.protocol !== "https:" && url.protocol !== "http:") return "it is no HTTP address"
  if (url.origin === control.origin) return undefined
  if (Host.isLoopback(url.hostname)) {
    return Host.isLoopback(control.hostname) ? undefined : "it is on this machine, and the control plane is not"
  }
  return url.protocol !== "https:"
    ? "it is not https"
    : !["pinecone.io", ...indexDomains].some((domain) => isIn(url.hostname, domain))
    ? "it is in no domain that indexDomains allows"
    : url.port !== ""
    ? "it has a port"
    : url.pathname !== "/"
    ? "it has a path"
    : undefined
}

/** The address of the data of an index, or why the key does not go there. A private host is preferred, as the official client does. */
export const resolve = (
  { host, name, privateHost }: Address,
  settings: Pick<Options.Settings, "indexDomains" | "scrub" | "url">
): Result.Result<URL, Refusal> => {
  const text = privateHost || host
  if (!text) return Result.fail({ host: undefined, problem: `Index ${name} has no host, as long as it is not ready` })
  // A parser of addresses would drop, turn or cut off some of these.
  const isPlain = !/[\s\\@?#\p{Cc}\p{Surrogate}]/u.test(text)
  const url = isPlain
    ? Option.getOrUndefined(
      Option.liftThrowable((text: string) => new URL(text))(
        /^[a-z][\w+.-]*:\/\//i.test(text) ? text : `https://${text}`
      )
    )
    : undefined
  const problem = url === undefined ? "it is not a host" : problemOf(url, settings)
  if (url !== undefined && problem === undefined) return Result.succeed(url)
  const shown = settings.scrub(text).slice(0, maxHost).replace(/[\uD800-\uDBFF]$/, "")
  return Result.fail({
    host: shown,
    problem: `The key does not go to ${
      JSON.stringify(shown)
    }, which the service names as the host of index ${name}: ${problem}`
  })
}
