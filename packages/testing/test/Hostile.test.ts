import { assert, layer } from "@effect/vitest"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { connect } from "node:net"
import { type Answer, port, sendRaw, ServerTest } from "./http.ts"
import { element, stateOf } from "./support.ts"

const Envelope = Schema.fromJsonString(Schema.Struct({
  error: Schema.Struct({ code: Schema.String, message: Schema.String }),
  status: Schema.Int
}))

/** Asserts a refusal in the error envelope, without details of the emulator. */
const assertRefused = (answer: Answer, status?: number) => {
  if (status !== undefined) assert.strictEqual(answer.status, status, answer.text)
  assert.isTrue(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.text}`)
  assert.notMatch(answer.text, /\bat .+:\d+:\d+|node_modules|\/src\//)
  if (answer.text === "Invalid API key") return
  assert.strictEqual(Schema.decodeUnknownSync(Envelope)(answer.text).status, answer.status)
}

const json = { "content-type": "application/json" }
const backups = "/indexes/docs/backups"

/** Sends bytes and returns everything received until the connection ends. */
const sendBytes = (bytes: string) =>
  Effect.flatMap(port, (port) =>
    Effect.callback<string, Error>((resume) => {
      const socket = connect(port, "127.0.0.1", () => socket.end(bytes))
      let text = ""
      socket.on("data", (chunk) => text += chunk.toString("latin1"))
      socket.on("close", () => resume(Effect.succeed(text)))
      socket.on("error", (error) => resume(Effect.fail(error)))
      return Effect.sync(() => socket.destroy())
    }))

/** Asserts that the emulator still responds and its state did not change. */
const unharmed = <A, E, R>(test: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const plane = yield* ControlPlane.ControlPlane
    const before = yield* stateOf(plane)
    yield* test
    assert.deepStrictEqual(yield* stateOf(plane), before)
    assert.strictEqual((yield* sendRaw({ path: "/backups" })).status, 200)
  })

layer(ServerTest.pipe(
  Layer.provideMerge(ControlPlane.layer({ schedules: [{ id: "nightly", runs: 3 }], project: { backupQuota: 2_000 } }))
))("a malicious request", (it) => {
  it.effect.each([
    "",
    "{",
    "null",
    "[]",
    "7",
    `"text"`,
    `{"name":7}`,
    `{"name":{"a":1}}`,
    `{"name":["x"]}`,
    `{"description":false}`,
    "\u0000",
    `{"name":"\\ud800"`,
    "[".repeat(100_000),
    `{"name":`.repeat(10_000)
  ])("has an invalid body: %s", (body) =>
    unharmed(Effect.map(
      sendRaw({ method: "POST", path: backups, headers: json, body }),
      (answer) => assertRefused(answer, 422)
    )))

  it.effect("has a body of 10 MB", () =>
    unharmed(Effect.gen(function*() {
      const body = JSON.stringify({ name: "x".repeat(10_000_000) })
      for (const path of [backups, "/backups/backup-1/create-index", "/indexes/docs/backup-schedules"]) {
        // The connection may be closed while the body is sent.
        const answer = yield* Effect.option(sendRaw({ method: "POST", path, headers: json, body }))
        if (answer._tag === "Some") assertRefused(answer.value, 413)
      }
    })))

  it.effect("announces a body but does not send it", () =>
    unharmed(sendBytes(
      `POST ${backups} HTTP/1.1\r\nHost: x\r\nApi-Key: any\r\nX-Pinecone-Api-Version: 2026-07\r\nContent-Length: 100\r\n\r\n{`
    )))

  it.effect.each([
    "/",
    "//",
    "/nothing",
    "/backups/",
    "/backups/%2e%2e",
    "/backups/../backups/no",
    "/backups/%",
    "/backups/%ff",
    "/backups/%00",
    "/backups/a%2fb",
    "/backups/no;x=1",
    "/indexes/docs/../../backup-schedules",
    "/indexes//backups",
    "/INDEXES/docs/backups",
    "/backup-schedules/__proto__",
    "/backup-schedules/constructor/history",
    "/restore-jobs/toString",
    `/backups/${"x".repeat(9_000)}`,
    "/%62ackups",
    "/%5femulator/state",
    "//_emulator/state"
  ])(
    "has an unknown path: %s",
    (path) => unharmed(Effect.map(sendRaw({ path }), (answer) => assertRefused(answer)))
  )

  it.effect.each([
    "limit=",
    "limit=-1",
    "limit=1e9999",
    "limit=NaN",
    "limit=0x10%00",
    "limit=1&limit=2",
    "paginationToken=",
    "paginationToken=%00",
    `paginationToken=${btoa("{}")}`,
    `paginationToken=${btoa(`{"limit":-1,"offset":0}`)}`,
    `paginationToken=${btoa(`{"limit":1,"offset":-1}`)}`,
    `paginationToken=${btoa(`{"limit":1.5,"offset":1}`)}`,
    `paginationToken=${btoa(`{"limit":"1","offset":{}}`)}`
  ])(
    "has an invalid query: %s",
    (query) => unharmed(Effect.map(sendRaw({ path: `/backups?${query}` }), (answer) => assertRefused(answer, 400)))
  )

  it.effect("has an offset beyond every list", () =>
    unharmed(Effect.gen(function*() {
      const token = btoa(JSON.stringify({ limit: 100, offset: Number.MAX_SAFE_INTEGER }))
      const { status, text } = yield* sendRaw({ path: `/backups?paginationToken=${token}` })
      assert.deepStrictEqual([status, text], [200, `{"data":[],"pagination":null}`])
    })))

  it.effect.each(["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])(
    "has an unsupported method: %s",
    (method) => unharmed(Effect.map(sendRaw({ method, path: "/backups" }), (answer) => assertRefused(answer, 405)))
  )

  it.effect.each<Record<string, string>>([
    { "api-key": "" },
    { "x-pinecone-api-version": "" },
    { "x-pinecone-api-version": "2026-07, 2026-04" },
    { "x-pinecone-api-version": "x".repeat(8_000) },
    { "x-pinecone-api-version": "__proto__" }
  ])(
    "has invalid headers: %o",
    (headers) => unharmed(Effect.map(sendRaw({ path: "/backups", headers }), (answer) => assertRefused(answer)))
  )

  it.effect.each([
    "nonsense\r\n\r\n",
    "GET /backups\r\n\r\n",
    "GET /backups HTTP/9.9\r\n\r\n",
    "GET http://elsewhere.example/_emulator/state HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n",
    `GET /backups HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(100_000)}\r\n\r\n`,
    "\u0016\u0003\u0001\u0002"
  ])("is not HTTP, or for another host: %s", (bytes) =>
    // The connection may be closed before the response is read.
    unharmed(Effect.map(Effect.orElseSucceed(sendBytes(bytes), () => ""), (text) => {
      assert.match(text, /^(HTTP\/1\.1 4\d\d |$)/)
      assert.notMatch(text, /node_modules|"schedules"/)
    })))

  it.effect.prop("has an arbitrary body", {
    body: Schema.Json,
    path: element(
      backups,
      "/indexes/docs/backup-schedules",
      "/backups/no/create-index"
    )
  }, ({ body, path }) =>
    Effect.gen(function*() {
      const answer = yield* sendRaw({ method: "POST", path, headers: json, body: JSON.stringify(body) })
      if (answer.status !== 200) assertRefused(answer)
    }))

  it.effect("is one of 1,000 concurrent requests", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const before = (yield* stateOf(plane)).records.size
      const answers = yield* Effect.forEach(
        Array.from({ length: 1_000 }, (_, number) => number),
        (number) =>
          sendRaw(
            number % 2 === 0
              ? { method: "POST", path: backups, headers: json, body: "{}" }
              : { path: "/backup-schedules/nightly/history" }
          ),
        { concurrency: "unbounded" }
      )
      assert.isTrue(answers.every(({ status }) => status === 200))
      const ids = answers.flatMap(({ text }) => JSON.parse(text).backup_id ?? [])
      assert.strictEqual(new Set(ids).size, 500)
      assert.strictEqual((yield* stateOf(plane)).records.size, before + 500)
    }))
})
