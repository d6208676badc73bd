import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it, layer } from "@effect/vitest"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { createServer } from "node:http"
import * as Access from "../src/internal/access.ts"
import { sendRaw } from "./http.ts"

const serve = (options: Emulator.ServerOptions) =>
  Emulator.layerServerWith(options).pipe(
    Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
    Layer.provideMerge(ControlPlane.layer({ apiKey: "pcsk_secret", indexes: [{ name: "docs" }] }))
  )

const page = "http://localhost:5173"
const preflight = (origin: string, headers = "api-key,content-type,x-pinecone-api-version") => ({
  host: "localhost",
  origin,
  "access-control-request-method": "POST",
  "access-control-request-headers": headers
})
const key = { "api-key": "pcsk_secret" }

const requestOf = (peer: string | undefined, headers: Readonly<Record<string, string>>) =>
  HttpServerRequest.fromClientRequest(HttpClientRequest.get("/_emulator/clock", { headers }))
    .modify({ remoteAddress: Option.fromNullishOr(peer) })

describe("control routes", () => {
  it.each<[peer: string | undefined, host: string, isLocal: boolean]>([
    ["127.0.0.1", "127.0.0.1:5081", true],
    ["127.8.8.8", "emulator.localhost", true],
    ["::1", "[::1]:5081", true],
    ["::ffff:127.0.0.1", "localhost", true],
    ["192.168.1.7", "127.0.0.1:5081", false],
    ["10.127.0.0.1", "localhost", false],
    ["::ffff:10.0.0.1", "localhost", false],
    ["fe80::1", "localhost", false],
    ["127.0.0.1", "192.168.1.7:5081", false],
    ["127.0.0.1", "pinecone", false],
    ["127.0.0.1", "127.0.0.1.evil.example", false],
    [undefined, "localhost", false]
  ])("accept only this machine: %s, Host %s", (peer, host, isLocal) => {
    for (const options of [{}, { cors: true }, { allowHosts: ["pinecone"] }, { spelling: "flags" as const }]) {
      const refusal = Access.make("0.0.0.0", options).refusalOfControl(requestOf(peer, { host }))
      assert.strictEqual(refusal === undefined, isLocal)
      if (refusal !== undefined) assert.deepInclude(refusal, { status: 403 })
      const name = "spelling" in options ? "--allow-control" : "allowControl: true"
      if (refusal !== undefined) assert.include(refusal.message, name)
    }
  })

  it.each<[peer: string | undefined, origin: string | undefined, isAllowed: boolean]>([
    ["192.168.1.7", undefined, true],
    ["127.0.0.1", undefined, true],
    [undefined, undefined, true],
    ["192.168.1.7", "http://pinecone:5081", true],
    ["192.168.1.7", "http://pinecone:5082", false],
    ["192.168.1.7", page, true],
    ["192.168.1.7", "https://app.example", false],
    ["127.0.0.1", "https://evil.example", false],
    ["127.0.0.1", "http://6.6.6.6", false],
    ["127.0.0.1", "null", false]
  ])("accept other machines with allowControl, but not their pages: %s, origin %s", (peer, origin, isAllowed) => {
    const headers = { host: "pinecone:5081", ...(origin !== undefined && { origin }) }
    const access = Access.make("0.0.0.0", { allowControl: true, allowHosts: ["pinecone"] })
    assert.strictEqual(access.refusalOfControl(requestOf(peer, headers)) === undefined, isAllowed)
  })

  it("accept pages allowed by cors if allowControl is set", () => {
    const request = requestOf("192.168.1.7", { host: "localhost", origin: "https://app.example" })
    const cors = ["https://app.example/"]
    assert.isUndefined(Access.make("::", { allowControl: true, cors }).refusalOfControl(request))
    assert.isDefined(Access.make("::", { cors }).refusalOfControl(request))
  })
})

describe("origins", () => {
  it.each<[origin: string, isAllowed: boolean]>([
    [page, true],
    ["http://127.0.0.1:8080", true],
    ["https://[::1]", true],
    ["http://app.localhost", true],
    ["https://app.example", true],
    ["http://app.example", false],
    ["https://app.example:8443", false],
    ["https://sub.app.example", false],
    ["http://localhost.evil.example", false],
    ["http://localhost@evil.example", false],
    ["null", false],
    ["*", false]
  ])("%s is allowed: %s", (origin, isAllowed) => {
    assert.strictEqual(Access.make("127.0.0.1", { cors: ["https://app.example"] }).isPageAllowed?.(origin), isAllowed)
  })

  it("are not allowed without cors", () => {
    for (const options of [{}, { cors: false }]) {
      assert.isUndefined(Access.make("127.0.0.1", options).isPageAllowed)
    }
  })
})

layer(serve({ cors: true }))("cors", (it) => {
  it.effect("responds to a preflight of a local page without recording a request", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const answer = yield* sendRaw({
        method: "OPTIONS",
        path: "/indexes/docs/backups",
        headers: preflight(page, "api-key,content-type,traceparent,x-pinecone-api-version")
      })
      assert.deepStrictEqual([answer.status, answer.text], [204, ""])
      assert.strictEqual(answer.headers["access-control-allow-origin"], page)
      assert.strictEqual(
        answer.headers["access-control-allow-headers"],
        "api-key,content-type,traceparent,x-pinecone-api-version"
      )
      for (const method of ["GET", "POST", "PATCH", "DELETE"]) {
        assert.include(answer.headers["access-control-allow-methods"], method)
      }
      assert.isUndefined(answer.headers["access-control-allow-credentials"])
      assert.deepStrictEqual(yield* plane.requests, [])
    }))

  it.effect("exposes responses, errors and all headers to a local page", () =>
    Effect.gen(function*() {
      for (const [headers, status] of [[key, 200], [{}, 401]] as const) {
        const answer = yield* sendRaw({ path: "/indexes", headers: { ...headers, origin: page } })
        assert.strictEqual(answer.status, status)
        assert.strictEqual(answer.headers["access-control-allow-origin"], page)
        assert.strictEqual(answer.headers["access-control-expose-headers"], "*")
        assert.strictEqual(answer.headers["vary"], "Origin")
      }
    }))

  it.effect("sends no CORS headers to other pages and for another Host", () =>
    Effect.gen(function*() {
      for (const origin of ["https://evil.example", "http://localhost.evil.example", "null"]) {
        for (const method of ["OPTIONS", "GET"]) {
          const answer = yield* sendRaw({ method, path: "/indexes", headers: { ...key, ...preflight(origin) } })
          assert.isUndefined(answer.headers["access-control-allow-origin"])
        }
      }
      const foreign = yield* sendRaw({
        method: "OPTIONS",
        path: "/indexes",
        headers: { ...preflight(page), host: "evil.example" }
      })
      assert.strictEqual(foreign.status, 403)
      assert.isUndefined(foreign.headers["access-control-allow-origin"])
      const program = yield* sendRaw({ path: "/indexes", headers: key })
      assert.strictEqual(program.status, 200)
      assert.isUndefined(program.headers["access-control-allow-origin"])
    }))

  it.effect("keeps the control routes to programs", () =>
    Effect.gen(function*() {
      for (const path of ["/_emulator/clock", "/_emulator/seed", "/_emulator/health"]) {
        for (const method of ["OPTIONS", "GET"]) {
          const answer = yield* sendRaw({ method, path, headers: preflight(page) })
          assert.notStrictEqual(answer.status, 204)
          assert.isUndefined(answer.headers["access-control-allow-origin"])
        }
      }
    }))
})

layer(serve({ cors: true, allowControl: true }))("cors with allowControl", (it) => {
  it.effect("opens the control routes to local pages", () =>
    Effect.gen(function*() {
      const asked = yield* sendRaw({
        method: "OPTIONS",
        path: "/_emulator/clock/advance",
        headers: preflight(page, "content-type")
      })
      assert.deepStrictEqual([asked.status, asked.headers["access-control-allow-origin"]], [204, page])
      const answer = yield* sendRaw({ path: "/_emulator/clock", headers: { origin: page } })
      assert.deepStrictEqual([answer.status, answer.headers["access-control-allow-origin"]], [200, page])
      const evil = yield* sendRaw({ path: "/_emulator/clock", headers: { origin: "https://evil.example" } })
      assert.deepStrictEqual([evil.status, evil.headers["access-control-allow-origin"]], [403, undefined])
    }))
})

layer(serve({ allowHosts: ["pinecone"] }))("allowHosts", (it) => {
  it.effect("accepts its names, and health checks without a key", () =>
    Effect.gen(function*() {
      const named = { host: "pinecone:5081" }
      assert.strictEqual((yield* sendRaw({ path: "/indexes", headers: { ...key, ...named } })).status, 200)
      assert.strictEqual((yield* sendRaw({ path: "/indexes", headers: { ...key, host: "other" } })).status, 403)
      assert.strictEqual((yield* sendRaw({ path: "/_emulator/clock", headers: named })).status, 403)
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.clearRequests
      const health = yield* sendRaw({ path: "/_emulator/health", headers: named })
      assert.deepStrictEqual([health.status, health.text], [200, `{"status":"ok"}`])
      const head = yield* sendRaw({ method: "HEAD", path: "/_emulator/health", headers: named })
      assert.deepStrictEqual([head.status, head.text], [200, ""])
      const post = yield* sendRaw({ method: "POST", path: "/_emulator/health", headers: named })
      assert.strictEqual(post.status, 405)
      const foreign = yield* sendRaw({ path: "/_emulator/health", headers: { host: "evil.example" } })
      assert.strictEqual(foreign.status, 403)
      assert.include(JSON.parse(foreign.text).error.message, "allowHosts: [\"evil.example\"]")
      assert.deepStrictEqual(yield* plane.requests, [])
    }))

  it.effect("has no CORS headers", () =>
    Effect.gen(function*() {
      const preflighted = yield* sendRaw({
        method: "OPTIONS",
        path: "/indexes",
        headers: { ...key, ...preflight(page) }
      })
      const answer = yield* sendRaw({ path: "/indexes", headers: { ...key, origin: page } })
      assert.deepStrictEqual([preflighted.status, answer.status], [405, 200])
      for (const { headers } of [preflighted, answer]) {
        assert.deepStrictEqual(Object.keys(headers).filter((name) => name.startsWith("access-control")), [])
      }
    }))
})

describe("layerServerWith", () => {
  it.effect.each<[options: object, message: string]>([
    [
      { allowHosts: ["pinecone", "http://pinecone"] },
      `allowHosts[1]: Expected a host name or an IP address without a port, got "http://pinecone"`
    ],
    [{ cors: ["*"] }, `cors[0]: Expected an origin like https://app.example, got "*"`],
    [{ allowControl: "false" }, `allowControl: Expected boolean | undefined, got "false"`],
    [[], "Expected an object"],
    [new Map([["allowControl", true]]), "Expected an object"],
    [{ allowhosts: ["pinecone"] }, "allowhosts: Unknown key. Expected allowHosts, allowControl, cors, spelling"]
  ])("dies with an InvalidValue for invalid options: %j", ([options, message]) =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(Effect.scoped(Layer.build(serve(options))))
      const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      assert.instanceOf(defect, ControlPlane.InvalidValue)
      assert.strictEqual(defect.message, message)
    }))
})
