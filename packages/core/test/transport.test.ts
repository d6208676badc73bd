import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Net from "node:net"
import * as Zlib from "node:zlib"
import * as PineconeError from "../src/PineconeError.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"
import {
  assertTag,
  backup,
  backupId,
  backups,
  fastForward,
  indexName,
  scriptWith,
  services,
  unnamed
} from "./support.ts"

const describeBackup = backups((_) => _.describe(backupId))
const createBackup = backups((_) => _.create(indexName))

const text = JSON.stringify(backup)

const packers: Readonly<Record<string, readonly [encoding: string, pack: (text: string) => Uint8Array<ArrayBuffer>]>> =
  {
    gzip: ["gzip", (text) => new Uint8Array(Zlib.gzipSync(text))],
    "gzip by its older name": ["x-gzip", (text) => new Uint8Array(Zlib.gzipSync(text))],
    deflate: ["deflate", (text) => new Uint8Array(Zlib.deflateSync(text))],
    "deflate without a header": ["deflate", (text) => new Uint8Array(Zlib.deflateRawSync(text))]
  }

/** Unpacking takes turns of the event loop, so the clock must not jump while waiting for it. */
const atOnce = { ...RetryPolicy.defaultPolicy, baseDelay: 0 }

const response = (body: BodyInit | null, encoding: string, status = 200) =>
  new Response(body, { status, headers: { "content-encoding": encoding } })

describe("a compressed body", () => {
  for (const [name, [encoding, pack]] of Object.entries(packers)) {
    it.effect(`is decompressed if the client has not done it: ${name}`, () =>
      Effect.gen(function*() {
        const http = scriptWith(() => response(pack(text), encoding))
        const found = yield* Effect.provide(describeBackup, services(http))
        assert.deepInclude(found as object, { backupId })
        assert.strictEqual(http.requests.length, 1)
      }))

    it.effect(`fails with ConnectionFailed if it ends early: ${name}`, () =>
      Effect.gen(function*() {
        const whole = pack(text)
        let sent = 0
        const http = scriptWith(() => response(++sent === 1 ? whole.slice(0, -20) : whole, encoding))
        const found = yield* Effect.provide(describeBackup, services(http, { retry: atOnce }))
        assert.deepInclude(found as object, { backupId })
        assert.strictEqual(sent, 2)
      }))
  }

  it.effect("is used unchanged if the client has decompressed it but kept the header", () =>
    Effect.gen(function*() {
      for (const encoding of ["gzip", "deflate", "br", "zstd", "gzip, br"]) {
        const found = yield* Effect.provide(describeBackup, services(scriptWith(() => response(text, encoding))))
        assert.deepInclude(found as object, { backupId })
      }
    }))

  it.effect("fails with ConnectionFailed if the client has decompressed only the beginning", () =>
    Effect.gen(function*() {
      for (const part of ["", " ", "{", text.slice(0, 40), text.slice(0, -1)]) {
        let sent = 0
        const http = scriptWith(() => response(++sent === 1 ? part : text, "gzip"))
        yield* fastForward(Effect.provide(describeBackup, services(http, { retry: undefined })))
        assert.strictEqual(sent, 2, part)

        const write = scriptWith(({ method }) =>
          method === "POST" ? response(part, "gzip") : new Response(null, { status: 403 })
        )
        const error = yield* Effect.flip(fastForward(Effect.provide(createBackup, services(write))))
        assertTag(error, "PineconeConnectionFailed")
        assert.isTrue(error.inDoubt)
        assert.strictEqual(error.message, "The response is incomplete: its compressed body ends early")
      }
    }))

  it.effect("is not treated as a response of the service if it is a gateway page", () =>
    Effect.gen(function*() {
      const http = scriptWith(() => response("<html>Sign in</html>", "gzip"))
      assertTag(yield* Effect.flip(Effect.provide(describeBackup, services(http))), "PineconeMalformedResponse")
    }))

  it.effect("is cut if it is too large after decompression", () =>
    Effect.gen(function*() {
      const bomb = new Uint8Array(Zlib.gzipSync(Buffer.alloc(65 * 1024 * 1024, 32)))
      const http = scriptWith(() => response(bomb, "gzip"))
      const error = yield* Effect.flip(Effect.provide(describeBackup, services(http)))
      assertTag(error, "PineconeMalformedResponse")
      assert.include(error.message, "larger than 64 MiB")
    }))

  it.effect("is decompressed in an error response", () =>
    Effect.gen(function*() {
      const body = JSON.stringify({ error: { code: "FORBIDDEN", message: "Packed" }, status: 403 })
      const http = scriptWith(() => response(new Uint8Array(Zlib.gzipSync(body)), "gzip", 403))
      assert.strictEqual((yield* Effect.flip(Effect.provide(describeBackup, services(http)))).message, "Packed")
    }))
})

const failedWith = (cause: unknown) =>
  Effect.fail(
    new HttpClientError.HttpClientError({
      reason: new HttpClientError.TransportError({
        request: HttpClientRequest.get("https://api.pinecone.io"),
        cause
      })
    })
  )

const systemError = (code: string, syscall?: string, message = "inner") =>
  Object.assign(new Error(message), { code, ...(syscall !== undefined && { syscall }) })

/** A failure as the `fetch` of Node.js reports it. */
const fetchFailed = (cause: unknown) => failedWith(new TypeError("fetch failed", { cause }))

const failed = (code: string, message = "inner") => fetchFailed(systemError(code, undefined, message))

/** Codes of connections that were not established, or of established ones whose route was lost. */
const routeCodes = [
  "ECONNREFUSED",
  "ENETUNREACH",
  "ENETDOWN",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "EADDRNOTAVAIL",
  "ETIMEDOUT"
]

/** The errors of several addresses, with the code of the first, as Node.js reports them. */
const ofAddresses = (...errors: ReadonlyArray<Error & { readonly code: string }>) =>
  Object.assign(new AggregateError(errors, ""), { code: errors[0]?.code })

/** Failures before a connection is established, as runtimes and clients report them. */
const unsent: ReadonlyArray<readonly [what: string, cause: unknown]> = [
  ...routeCodes.flatMap((code) => {
    const error = systemError(code, "connect", `connect ${code} 10.0.0.1:443`)
    return [
      [`${code} of the client of Node.js`, error],
      [`${code} of the fetch of Node.js`, new TypeError("fetch failed", { cause: error })],
      [`${code} of several addresses`, ofAddresses(error, systemError("ENETUNREACH", "connect"))],
      [
        `${code} of several addresses, with the fetch of Node.js`,
        new TypeError("fetch failed", { cause: ofAddresses(systemError("ETIMEDOUT", "connect"), error) })
      ]
    ] as const
  }),
  ["an unknown name", systemError("ENOTFOUND", "getaddrinfo")],
  ["an unknown name, without a system call", systemError("ENOTFOUND")],
  ["a name service that does not respond", systemError("EAI_AGAIN", "getaddrinfo")],
  ["a name service that does not respond, without a system call", systemError("EAI_AGAIN")],
  ["the connect timeout of undici", new TypeError("fetch failed", { cause: systemError("UND_ERR_CONNECT_TIMEOUT") })],
  ["a refused connection in earlier versions of Bun", systemError("ConnectionRefused")],
  ["a lost route in earlier versions of Bun", systemError("FailedToOpenSocket")],
  [
    "a refused connection in Bun",
    Object.assign(
      new TypeError("ECONNREFUSED: Unable to connect. Is the computer able to access the url?"),
      { code: "ECONNREFUSED", errno: 0 }
    )
  ],
  [
    "a lost route in Bun",
    Object.assign(new TypeError("ENETUNREACH: Was there a typo in the url or port?"), { code: "ENETUNREACH", errno: 0 })
  ]
]

/** Failures of a connection that may have carried the request. */
const maybeSent: ReadonlyArray<readonly [what: string, cause: unknown]> = [
  ...routeCodes.flatMap((code) => [
    ...["read", "write"].flatMap((syscall) =>
      [
        [`${code} of ${syscall}`, systemError(code, syscall)],
        [
          `${code} of ${syscall}, with the fetch of Node.js`,
          new TypeError("fetch failed", {
            cause: systemError(code, syscall)
          })
        ]
      ] as const
    ),
    [`${code} of an unknown system call`, systemError(code)] as const,
    [
      `${code} of one of several addresses`,
      ofAddresses(systemError(code, "connect"), systemError(code, "read"))
    ] as const,
    [`${code} of unknown addresses`, Object.assign(new AggregateError([], ""), { code })] as const,
    [
      `${code} around another cause`,
      Object.assign(systemError(code, "connect"), { cause: systemError("ECONNRESET", "read") })
    ] as const
  ]),
  [
    "a closed connection in Bun",
    Object.assign(
      new TypeError("ECONNRESET: The socket connection was closed unexpectedly."),
      { code: "ECONNRESET", errno: 0 }
    )
  ],
  ["a browser", new TypeError("Failed to fetch")]
]

describe("a failed connection", () => {
  it.effect.each([
    "CERT_HAS_EXPIRED",
    "CERT_NOT_YET_VALID",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "ERR_SSL_UNSUPPORTED_PROTOCOL",
    "ERR_SSL_NO_SHARED_CIPHER",
    "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
    "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE",
    "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
    "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA",
    "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
    "ERR_SSL_TLSV1_UNRECOGNIZED_NAME",
    "ERR_SOCKET_BAD_PORT"
  ])(
    "is final and never in doubt before anything was sent, with a permanent cause: %s",
    (code) =>
      Effect.gen(function*() {
        for (const call of [describeBackup, createBackup]) {
          const http = scriptWith(() => failed(code))
          const error = yield* Effect.flip(fastForward(Effect.provide(call, services(http, { retry: undefined }))))
          assertTag(error, "PineconeConnectionFailed")
          assert.strictEqual(error.code, code)
          assert.isUndefined(error.inDoubt)
          assert.isFalse(error.isRetryable)
          assert.strictEqual(http.requests.length, 1)
        }
      })
  )

  it.effect("is final and never in doubt for a port that fetch blocks in this runtime", () =>
    Effect.gen(function*() {
      for (const call of [describeBackup, createBackup]) {
        const layer = services({ layer: FetchHttpClient.layer }, { host: "http://127.0.0.1:1", retry: undefined })
        const error = yield* Effect.flip(Effect.provide(call, layer))
        assertTag(error, "PineconeConnectionFailed")
        assert.strictEqual(error.message, "Could not reach 127.0.0.1:1: bad port")
        assert.strictEqual(error.code, "ERR_SOCKET_BAD_PORT")
        assert.isUndefined(error.inDoubt)
        assert.isFalse(error.isRetryable)
        assert.strictEqual(error.attempts, 1)
      }
    }))

  it.effect.each<[string, Layer.Layer<HttpClient.HttpClient>]>([
    ["fetch", FetchHttpClient.layer],
    ["the client of Node.js", NodeHttpClient.layerNodeHttp]
  ])("is never in doubt if the host refuses it: %s", ([_, layer]) =>
    Effect.gen(function*() {
      // A port that was free a moment ago.
      const port = yield* Effect.callback<number>((resume) => {
        const server = Net.createServer().listen(0, "127.0.0.1", () => {
          const { port } = server.address() as Net.AddressInfo
          server.close(() => resume(Effect.succeed(port)))
        })
      })
      for (const host of ["127.0.0.1", "localhost"]) {
        const error = yield* Effect.flip(
          Effect.provide(createBackup, services({ layer }, { host: `http://${host}:${port}` }))
        )
        assertTag(error, "PineconeConnectionFailed")
        assert.deepStrictEqual([error.code, error.inDoubt], ["ECONNREFUSED", undefined])
      }
    }))

  it.effect.each(unsent)(
    "is retryable and never in doubt before anything was sent: %s",
    ([_, cause]) =>
      Effect.gen(function*() {
        const read = scriptWith(() => failedWith(cause))
        const first = yield* Effect.flip(
          fastForward(Effect.provide(describeBackup, services(read, { retry: undefined })))
        )
        assert.isTrue(first.isRetryable)
        assert.strictEqual(read.requests.length, 4)

        const write = scriptWith(() => failedWith(cause))
        const error = yield* Effect.flip(fastForward(Effect.provide(createBackup, services(write))))
        assertTag(error, "PineconeConnectionFailed")
        assert.isUndefined(error.inDoubt)
        assert.isTrue(write.requests.every(({ method }) => method === "POST"))
      })
  )

  it.effect.each([
    "ECONNRESET",
    "EPIPE",
    "UND_ERR_SOCKET",
    "UND_ERR_HEADERS_TIMEOUT",
    "HPE_INVALID_CONSTANT",
    "ETIMEDOUT",
    "EPROTO",
    "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC",
    "ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC",
    "ERR_SSL_SSL/TLS_ALERT_BAD_RECORD_MAC",
    "ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR",
    "ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR",
    "ERR_SSL_UNEXPECTED_EOF_WHILE_READING",
    "ERR_SSL_BAD_LENGTH",
    "ERR_SSL_INTERNAL_ERROR"
  ])(
    "leaves a write in doubt if something may have been sent: %s",
    (code) =>
      Effect.gen(function*() {
        const http = scriptWith(({ method }) => method === "POST" ? failed(code) : new Response(null, { status: 403 }))
        const error = yield* Effect.flip(fastForward(Effect.provide(createBackup, services(http))))
        assert.isTrue(PineconeError.isPineconeError(error) && "inDoubt" in error && error.inDoubt)
      })
  )

  it.effect.each(maybeSent)(
    "is followed by a lookup if the request may have been sent: %s",
    ([_, cause]) =>
      Effect.gen(function*() {
        for (const isFound of [true, false]) {
          let name = ""
          let posts = 0
          const http = scriptWith(({ body, method }) => {
            if (method === "GET") return Response.json({ data: isFound ? [{ ...unnamed, name }] : [] })
            name = JSON.parse(body!).name
            return ++posts === 1 ? failedWith(cause) : Response.json(unnamed)
          })
          const made = yield* fastForward(Effect.provide(createBackup, services(http, { retry: undefined })))
          assert.deepInclude(made as object, { recovered: isFound })
          assert.deepStrictEqual(
            http.requests.map(({ method }) => method),
            isFound ? ["POST", "GET"] : ["POST", "GET", "GET", "GET", "POST"]
          )
        }
      })
  )

  it.effect.each<[reason: string, code: string, isFinal: boolean]>([
    ["wrong version number", "ERR_SSL_WRONG_VERSION_NUMBER", true],
    ["sslv3 alert handshake failure", "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", true],
    ["ssl/tls alert bad record mac", "ERR_SSL_SSL/TLS_ALERT_BAD_RECORD_MAC", false]
  ])("has the OpenSSL code if Node.js failed while writing: %s", ([reason, code, isFinal]) =>
    Effect.gen(function*() {
      const message =
        `write EPROTO 40CDE5F0C67F0000:error:0A00010B:SSL routines:some_function:${reason}:../deps/openssl/some.c:77:\n`
      const http = scriptWith(() => failed("EPROTO", message))
      const error = yield* Effect.flip(fastForward(Effect.provide(createBackup, services(http))))
      assertTag(error, "PineconeConnectionFailed")
      assert.deepStrictEqual([error.code, error.inDoubt], [code, isFinal ? undefined : true])
    }))

  it.effect("is retried if it was not established, and returns the second response", () =>
    Effect.gen(function*() {
      let sent = 0
      const http = scriptWith(() => ++sent === 1 ? failed("EAI_AGAIN") : Response.json(unnamed))
      const made = yield* fastForward(Effect.provide(createBackup, services(http, { retry: undefined })))
      assert.deepInclude(made as object, { recovered: false })
      assert.strictEqual(sent, 2)
    }))

  /** The delays after the first request of a call, if the requests with these numbers fail. */
  const delays = (code: string, failing: ReadonlyArray<number>, call = describeBackup) =>
    Effect.gen(function*() {
      const times: Array<number> = []
      const http = scriptWith(() =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          times.push(now)
          return failing.includes(times.length) ? failed(code) : Effect.succeed(Response.json(backup))
        })
      )
      yield* fastForward(
        Effect.provide(Effect.andThen(Effect.exit(call), Effect.exit(call)), services(http, { retry: undefined }))
      ).pipe(Effect.provideService(Random.Random, { nextDoubleUnsafe: () => 0.5, nextIntUnsafe: () => 0 }))
      const [, ...rest] = times
      return rest.map((time, index) => time - times[index]!)
    })

  it.effect.each(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"])(
    "is retried once without a delay if it was kept open and the server closed it: %s",
    (code) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* delays(code, [2]), [0, 0])
        assert.deepStrictEqual(yield* delays(code, [2, 3, 4]), [0, 0, 500, 1_000])
      })
  )

  it.effect("is retried with a delay for a deletion", () =>
    Effect.gen(function*() {
      const deletion = backups((_) => _.delete(backupId))
      assert.deepStrictEqual(yield* delays("ECONNRESET", [2], deletion), [0, 250])
    }))

  it.effect("is retried with the delay of the policy if there was no earlier response", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* delays("ECONNRESET", [1]), [250, 0])
      assert.deepStrictEqual(yield* delays("ECONNREFUSED", [2]), [0, 250])
    }))
})
