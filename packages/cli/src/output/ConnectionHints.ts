/** Hints for failed connections, by error code. */

/** Hints for rejected certificates. */
export const certificates: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: "export NODE_EXTRA_CA_CERTS=FILE, with the certificate of the intercepting proxy",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "export NODE_EXTRA_CA_CERTS=FILE, with the certificate of the issuer",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "export NODE_EXTRA_CA_CERTS=FILE, with the certificate of the issuer",
  DEPTH_ZERO_SELF_SIGNED_CERT: "export NODE_EXTRA_CA_CERTS=FILE, with that certificate, if you trust it",
  CERT_HAS_EXPIRED: "check the clock of this machine and the certificate of the host",
  CERT_NOT_YET_VALID: "check the clock of this machine",
  ERR_TLS_CERT_ALTNAME_INVALID: "check --host: the certificate is for another host name"
}

/** The hint for other connection failures. */
export const usual = "check the network, and --host or PINECONE_CONTROLLER_HOST if set"
