/**
 * Rules for hosts: which hosts are the local machine, and to which hosts an API key would travel unencrypted.
 *
 * **Example** (Checking the host of an emulator)
 *
 * ```ts
 * import * as Host from "@pinecone-backups/core/Host"
 *
 * console.log(Host.isLoopback("pinecone.localhost")) // => true
 * console.log(Host.isInsecure(new URL("http://10.0.0.7:5080"))) // => true
 * console.log(Host.isInsecure(new URL("https://api.pinecone.io"))) // => false
 * ```
 *
 * @since 0.1.0
 */

/** An octet of an IPv4 address. */
const octet = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)"

const loopback = new RegExp(
  `^(([\\w.-]+\\.)?localhost|(::ffff:)?127(\\.${octet}){3}|::ffff:7f[\\da-f]{2}:[\\da-f]{1,4}|::1)$`,
  "i"
)

/**
 * Returns `true` if the spelling of a host shows that it is the local machine: `localhost`, a name under `.localhost`,
 * `127.0.0.0/8` or `::1`.
 *
 * **Details**
 *
 * Also accepts IPv4-mapped addresses, and IPv6 addresses in brackets.
 *
 * **Gotchas**
 *
 * Does not query DNS. Any other name is not loopback, even if it currently resolves to 127.0.0.1.
 *
 * @category guards
 * @since 0.1.0
 */
export const isLoopback = (host: string): boolean => loopback.test(host.replace(/^\[(.*)\]$/, "$1"))

/**
 * Returns `true` if requests to a URL are sent unencrypted over a network.
 *
 * **Details**
 *
 * That is the case for `http:` to a host that is not loopback.
 *
 * @category guards
 * @since 0.1.0
 */
export const isInsecure = ({ hostname, protocol }: URL): boolean => protocol === "http:" && !isLoopback(hostname)
