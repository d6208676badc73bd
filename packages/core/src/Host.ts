/**
 * Which hosts are the local machine, and where an API key would travel unencrypted.
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
 * Whether a host is the local machine by its spelling: `localhost`, a name under `.localhost`, `127.0.0.0/8` or `::1`, also
 * as an IPv4-mapped address. An IPv6 address may have brackets.
 *
 * **Gotchas**
 *
 * Looks nothing up: any other name is not loopback, even if DNS resolves it to 127.0.0.1 today.
 *
 * @category guards
 * @since 0.1.0
 */
export const isLoopback = (host: string): boolean => loopback.test(host.replace(/^\[(.*)\]$/, "$1"))

/**
 * Whether requests to a URL can be read on their way: `http:` to a host that is not {@link isLoopback}.
 *
 * @category guards
 * @since 0.1.0
 */
export const isInsecure = ({ hostname, protocol }: URL): boolean => protocol === "http:" && !isLoopback(hostname)
