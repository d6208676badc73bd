/**
 * What the codes of connections that failed say of a request. They come from Node and its `fetch`, Bun and Deno; browsers
 * give none.
 */

/** Codes of certificates and settings that are refused before anything is sent, and will be refused again. */
const final = [
  /^CERT_/,
  /^ERR_TLS_/,
  // OpenSSL also fails in an established connection, which may have carried the request: these are of the handshake alone.
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
 * The code of a cause. Where TLS fails while Node writes, the code is `EPROTO`, and only the message has what OpenSSL says;
 * elsewhere that is the code. The `fetch` of Node refuses some ports, such as 1 and 6000, without a code.
 */
export const fromCause = (code: string | undefined, message = ""): string | undefined => {
  if (code === undefined) return message === "bad port" ? "ERR_SOCKET_BAD_PORT" : undefined
  const [, reason] = code === "EPROTO" ? /:SSL routines:[^:]*:([^:]+):/.exec(message) ?? [] : []
  return reason === undefined ? code : `ERR_SSL_${reason.toUpperCase().replaceAll(" ", "_")}`
}

/** Codes of connections that were never made, and may be made another time. */
const unconnected =
  /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|ENETUNREACH|ENETDOWN|EHOSTUNREACH|EHOSTDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket)$/

/** Whether a connection will fail in the same way again. */
export const isFinal = (code: string | undefined): boolean =>
  code !== undefined && final.some((pattern) => pattern.test(code))

/** Whether a request cannot have reached the service. */
export const isUnsent = (code: string | undefined): boolean =>
  code !== undefined && (unconnected.test(code) || isFinal(code))

/** Whether the other side closed a connection. A connection that was kept open between requests often ends so. */
export const isClosed = (code: string | undefined): boolean =>
  code !== undefined && /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|ConnectionClosed)$/.test(code)
