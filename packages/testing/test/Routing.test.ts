import { assert, describe, it } from "@effect/vitest"
import type * as Endpoints from "@pinecone-backups/core/Endpoints"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Tracer from "effect/Tracer"
import { collectSpans } from "../../core/test/support.ts"
import { sendRaw, ServerTest } from "./http.ts"

const Service = ControlPlane.layer({ indexes: [{ name: "docs" }], backups: [{}] })

const json = { "content-type": "application/json" }

const spansOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const { spans, tracer } = collectSpans()
    yield* Effect.provideService(effect, Tracer.Tracer, tracer)
    return spans.map(({ attributes, kind }) => ({ kind, route: attributes.get("http.route") }))
  })

describe("a request that the emulator does not support", () => {
  it.effect.each<[method: string, path: string, status: number, code: string | number, message: string]>([
    ["GET", "/nothing?key=1", 404, "NOT_FOUND", "This emulator does not support GET /nothing."],
    ["GET", "/", 404, "NOT_FOUND", "This emulator does not support GET /."],
    ["POST", "/collections", 404, "NOT_FOUND", "This emulator does not support POST /collections."],
    ["GET", "/backups/", 404, "NOT_FOUND", "This emulator does not support GET /backups/."],
    ["POST", "/indexes", 405, "INVALID_ARGUMENT", "This emulator does not support POST /indexes, only GET."],
    [
      "PUT",
      "/indexes/docs",
      405,
      "INVALID_ARGUMENT",
      "This emulator does not support PUT /indexes/docs, only GET, PATCH, DELETE."
    ],
    [
      "POST",
      "/data/docs/vectors/upsert",
      404,
      5,
      "This emulator does not support POST /vectors/upsert on the host of an index."
    ],
    ["GET", "/data/docs", 404, 5, "This emulator does not support GET / on the host of an index."],
    [
      "GET",
      "/data/docs/describe_index_stats",
      405,
      3,
      "This emulator does not support GET /describe_index_stats on the host of an index, only POST."
    ],
    ["GET", "/_emulator/nothing", 404, "NOT_FOUND", "This emulator does not support GET /_emulator/nothing."],
    [
      "GET",
      "/_emulator/seed",
      405,
      "INVALID_ARGUMENT",
      "This emulator does not support GET /_emulator/seed, only POST."
    ],
    [
      "PATCH",
      "/_emulator/faults",
      405,
      "INVALID_ARGUMENT",
      "This emulator does not support PATCH /_emulator/faults, only GET, POST, DELETE."
    ],
    [
      "GET",
      `/${"x".repeat(1_000)}`,
      404,
      "NOT_FOUND",
      `This emulator does not support GET /${"x".repeat(199)}….`
    ],
    ["GET", "/backups/%zz", 404, "NOT_FOUND", "The path is not valid percent-encoding."],
    // These paths exist, so the answers are those of the service.
    ["GET", "/backups/none", 404, "NOT_FOUND", "Backup none not found."],
    ["GET", "/indexes/none", 404, "NOT_FOUND", "Index none not found."]
  ])("is named: %s %s", ([method, path, status, code, message]) =>
    Effect.gen(function*() {
      const answer = yield* sendRaw({ method, path, ...(method !== "GET" && { headers: json, body: "{}" }) })
      assert.strictEqual(answer.status, status)
      assert.deepStrictEqual(
        JSON.parse(answer.text),
        typeof code === "number" ? { code, message, details: [] } : { error: { code, message }, status }
      )
    }).pipe(Effect.provide(Layer.provideMerge(ServerTest, Service))))

  it.effect.each([400, 404] as const)(
    "says that a version is unknown, with the status of the switch: %s",
    (status) =>
      Effect.gen(function*() {
        const answer = yield* sendRaw({ path: "/backups", headers: { "x-pinecone-api-version": "1999-01" } })
        assert.strictEqual(answer.status, status)
        assert.strictEqual(JSON.parse(answer.text).error.message, "API version 1999-01 is not supported.")
      }).pipe(Effect.provide(Layer.provideMerge(
        ServerTest,
        ControlPlane.layer({ switches: { unknownVersion: status } })
      )))
  )
})

describe("the span of a server", () => {
  it.effect.each<[method: string, path: string, route: string | undefined]>([
    ["GET", "/backups?limit=1", "/backups"],
    ["GET", "/backups/backup-1", "/backups/:backup_id"],
    ["GET", "/backups/none", "/backups/:backup_id"],
    ["PUT", "/backups/none", "/backups/:backup_id"],
    ["POST", "/indexes/docs/backups", "/indexes/:index_name/backups"],
    ["GET", "/data/docs/vectors/list?limit=1", "/data/:index_name/vectors/list"],
    ["GET", "/data/none/vectors/list", "/data/:index_name/vectors/list"],
    ["GET", "/_emulator/clock", "/_emulator/clock"],
    ["GET", "/nothing", undefined],
    ["GET", "/data/docs/nothing", undefined]
  ])("has the pattern of the path: %s %s", ([method, path, route]) =>
    Effect.gen(function*() {
      const request = sendRaw({ method, path, ...(method !== "GET" && { headers: json, body: "{}" }) })
      const spans = yield* spansOf(Effect.provide(request, Layer.provideMerge(ServerTest, Service)))
      assert.deepStrictEqual(spans, [{ kind: "server", route }])
    }))

  it.effect("is not that of a program that uses the emulator in memory", () =>
    Effect.gen(function*() {
      const request = HttpClient.get("http://localhost/backups/backup-1", { headers: { "api-key": "any" } })
      const spans = yield* spansOf(
        Effect.provide(
          Effect.withSpan(request, "GET /jobs", { kind: "server" }),
          Layer.provide(Emulator.layerMemory, Service)
        )
      )
      assert.deepStrictEqual(spans, [{ kind: "server", route: undefined }])
    }))
})

describe("an endpoint that the emulator does not have", () => {
  it.effect("fails with the error class of its status, and says that the emulator does not support it", () =>
    Effect.gen(function*() {
      const client = yield* PineconeClient.PineconeClient
      const createCollection = {
        group: "Collections",
        name: "create",
        method: "POST",
        path: "/collections",
        errors: []
      } as const satisfies Endpoints.Endpoint
      const error = yield* Effect.flip(client.execute(createCollection, {}))
      assert.strictEqual(error._tag, "PineconeNotFound")
      assert.strictEqual(error.message, "This emulator does not support POST /collections.")
    }).pipe(Effect.provide(PineconeMemory.layer())))
})
