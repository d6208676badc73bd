/**
 * What the codes of connections that failed say of a request. They come from Node and its `fetch`, Bun and Deno; browsers
 * give none.
 */

/** Codes of certificates and settings that are refused before anything is sent, and will be refused again. */
const final = [
  /^CERT_/,
  /^ERR_TLS_/,
  /^ERR_SSL_/,
  /^UNABLE_TO_/,
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|INVALID_CA|HOSTNAME_MISMATCH|EPROTO)$/,
  /^(ERR_SOCKET_BAD_PORT|ERR_INVALID_URL|ERR_INVALID_ARG_VALUE|UND_ERR_INVALID_ARG|InvalidURL|UnknownIssuer)$/
]

/** Codes of connections that were never made, and may be made another time. */
const unconnected =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|ENETUNREACH|ENETDOWN|EHOSTUNREACH|EHOSTDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket)$/

/**
 * The code for a message of a failure that has none of its own: the `fetch` of Node refuses some ports, such as 1 and 6000, with
 * nothing but these words.
 */
export const fromMessage = (message: string | undefined): string | undefined =>
  message === "bad port" ? "ERR_SOCKET_BAD_PORT" : undefined

/** Whether a connection will fail in the same way again. */
export const isFinal = (code: string | undefined): boolean =>
  code !== undefined && final.some((pattern) => pattern.test(code))

/** Whether a request cannot have reached the service. */
export const isUnsent = (code: string | undefined): boolean =>
  code !== undefined && (unconnected.test(code) || isFinal(code))

/** Whether the other side closed a connection. A connection that was kept open between requests often ends so. */
export const isClosed = (code: string | undefined): boolean =>
  code !== undefined && /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|ConnectionClosed)$/.test(code)
