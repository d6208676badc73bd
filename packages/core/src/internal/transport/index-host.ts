/**
 * Host that serves the data of an index, and whether the key may be sent to it. The service names the host in a
 * response, so it is checked before anything is sent.
 */
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Host from "../../Host.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as Options from "./options.ts"

/** The fields of an index that name its host. */
export interface Address extends Pick<PineconeIndex.PineconeIndex, "name" | "host" | "privateHost"> {}

/** Reason why the key is not sent to a host. */
export interface Refusal {
  readonly host: string | undefined
  readonly problem: string
}

const maxHost = 200

const isIn = (hostname: string, domain: string): boolean => hostname === domain || hostname.endsWith(`.${domain}`)

/**
 * Returns the problem with a host, if any.
 *
 * - The origin of the control plane already has the key, and may have a path.
 * - A loopback host is allowed if the control plane is on loopback too: an emulator.
 * - Any other host must use https, and must be a bare name in Pinecone's domain or in an allowed domain.
 */
const problemOf = (
  url: URL,
  { indexDomains, url: control }: Pick<Options.Settings, "indexDomains" | "url">
): string | undefined => {
  if (url.protocol !== "https:" && url.protocol !== "http:") return "it is not an HTTP address"
  if (url.origin === control.origin) return undefined
  if (Host.isLoopback(url.hostname)) {
    return Host.isLoopback(control.hostname) ? undefined : "it is on this machine, but the control plane is not"
  }
  return url.protocol !== "https:"
    ? "it is not https"
    : !["pinecone.io", ...indexDomains].some((domain) => isIn(url.hostname, domain))
    ? "it is not in a domain that indexDomains allows"
    : url.port !== ""
    ? "it has a port"
    : url.pathname !== "/"
    ? "it has a path"
    : undefined
}

/**
 * Returns the URL of the data of an index, or the reason why the key is not sent there. Prefers a private host, as the
 * official client does.
 */
export const resolve = (
  { host, name, privateHost }: Address,
  settings: Pick<Options.Settings, "indexDomains" | "scrub" | "url">
): Result.Result<URL, Refusal> => {
  const text = privateHost || host
  if (!text) return Result.fail({ host: undefined, problem: `Index ${name} has no host until it is ready` })
  // A URL parser would drop, rewrite or cut off some of these.
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
    problem: `The API key is not sent to ${
      JSON.stringify(shown)
    }, which the service returned as the host of index ${name}: ${problem}`
  })
}
