/**
 * Classification of failed connections by their codes, which come from Node.js and its `fetch`, Bun and Deno. Browsers
 * do not report codes.
 */

/** Codes of invalid certificates and settings, which fail before anything is sent and fail again on a retry. */
const final = [
  /^CERT_/,
  /^ERR_TLS_/,
  // OpenSSL errors can also occur in an established connection, which may have carried the request. These codes occur
  // only in the handshake.
  /^ERR_SSL_(WRONG_VERSION_NUMBER|WRONG_SSL_VERSION|UNSUPPORTED_(PROTOCOL|SSL_VERSION)|UNKNOWN_(PROTOCOL|SSL_VERSION))$/,
  /^ERR_SSL_(VERSION_TOO_(LOW|HIGH)|NO_(PROTOCOLS|CIPHERS)_AVAILABLE|NO_SHARED_CIPHER|INAPPROPRIATE_FALLBACK)$/,
  /^ERR_SSL_(HTTP_REQUEST|HTTPS_PROXY_REQUEST|UNSAFE_LEGACY_RENEGOTIATION_DISABLED|TLSV1_UNRECOGNIZED_NAME)$/,
  /^ERR_SSL_(CERTIFICATE_VERIFY_FAILED|CA_(KEY_TOO_SMALL|MD_TOO_WEAK)|EE_KEY_TOO_SMALL|DH_KEY_TOO_SMALL)$/,
  /^ERR_SSL_.*_ALERT_(HANDSHAKE_FAILURE|(BAD|NO|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_(REVOKED|EXPIRED|UNKNOWN|REQUIRED))$/,
  /^ERR_SSL_.*_ALERT_(UNKNOWN_CA|PROTOCOL_VERSION|INSUFFICIENT_SECURITY|UNRECOGNIZED_NAME|NO_APPLICATION_PROTOCOL)$/,
  /^UNABLE_TO_/,
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|INVALID_CA|HOSTNAME_MISMATCH)$/,
  /^(ERR_SOCKET_BAD_PORT|ERR_INVALID_URL|ERR_INVALID_ARG_VALUE|UND_ERR_INVALID_ARG|InvalidURL|UnknownIssuer)$/
]

/**
 * Returns the code of a cause.
 *
 * **Details**
 *
 * If TLS fails while Node.js writes, the code is `EPROTO` and only the message has the OpenSSL error. In all other
 * cases the code is the OpenSSL error. The `fetch` of Node.js blocks some ports, such as 1 and 6000, without a code.
 */
export const fromCause = (code: string | undefined, message = ""): string | undefined => {
  if (code === undefined) return message === "bad port" ? "ERR_SOCKET_BAD_PORT" : undefined
  const [, reason] = code === "EPROTO" ? /:SSL routines:[^:]*:([^:]+):/.exec(message) ?? [] : []
  return reason === undefined ? code : `ERR_SSL_${reason.toUpperCase().replaceAll(" ", "_")}`
}

/** Codes that occur only before a connection is established. */
const unconnected = /^(ENOTFOUND|EAI_\w+|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket)$/

/** Messages of the `fetch` of Bun for connections that were not established. Its errors have no system call. */
const unconnectedInBun = /\bUnable to connect\. Is the computer able|\bWas there a typo in the url or port\?/

/** Returns `true` if the connection will fail again in the same way. */
export const isFinal = (code: string | undefined): boolean =>
  code !== undefined && final.some((pattern) => pattern.test(code))

/**
 * Returns `true` if an error with a code shows that nothing was sent.
 *
 * **Details**
 *
 * The code alone is not enough. A system also reports `ECONNREFUSED`, `EHOSTUNREACH` or `ENETDOWN` for an established
 * connection whose route was lost, which may have carried the request. The system call then is `read` or `write`.
 */
export const isUnsent = (code: string, syscall: string | undefined, message = ""): boolean =>
  syscall === "connect" || syscall === "getaddrinfo" || unconnected.test(code) || isFinal(code) ||
  (syscall === undefined && unconnectedInBun.test(message))

/** Returns `true` if the server closed the connection, which is common for idle keep-alive connections. */
export const isClosed = (code: string | undefined): boolean =>
  code !== undefined && /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|ConnectionClosed)$/.test(code)
