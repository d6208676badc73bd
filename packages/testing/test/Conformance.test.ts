import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import type * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as Config from "effect/Config"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { createServer } from "node:http"
import * as ConformanceTest from "./ConformanceTest.ts"
import { start } from "./support.ts"

/** The tests share a project, and each test creates indexes. */
const Plane = ControlPlane.layer({
  apiKey: "pcsk_conformance",
  now: DateTime.makeUnsafe(start),
  project: { indexQuota: 10_000, backupQuota: 10_000 }
})

/** Adds host and key, unless the test sets the key. */
const prepare = (host: string, key: string) =>
  HttpClient.mapRequest((request) =>
    request.pipe(
      HttpClientRequest.prependUrl(host),
      HttpClientRequest.setHeaders({ "api-key": key, ...request.headers })
    )
  )

const connect = (client: HttpClient.HttpClient, host: string, key: string) => (apiVersion: PineconeApi.ApiVersion) =>
  Pinecone.layer({ apiKey: Redacted.make(key), host, apiVersion }).pipe(
    Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
    Layer.orDie
  )

const target = (host: string) =>
  Effect.gen(function*() {
    const plane = yield* ControlPlane.ControlPlane
    const client = yield* HttpClient.HttpClient
    let count = 0
    return {
      client: prepare(host, "pcsk_conformance")(client),
      connect: connect(client, host, "pcsk_conformance"),
      index: Effect.suspend(() =>
        Effect.map(plane.seedIndex({ name: `index-${++count}` }), ({ name }) => String(name))
      ),
      plane
    }
  })

const MemoryTest = Layer.effect(ConformanceTest.Target, target("http://memory.localhost")).pipe(
  Layer.provide(Emulator.layerMemory),
  Layer.provide(Plane)
)

const HttpTest = Layer.effect(
  ConformanceTest.Target,
  Effect.gen(function*() {
    const { address } = yield* HttpServer.HttpServer
    return yield* target(`http://127.0.0.1:${"port" in address ? address.port : 0}`)
  })
).pipe(
  Layer.provide(FetchHttpClient.layer),
  Layer.provide(Emulator.layerServer),
  Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
  Layer.provide(Plane)
)

ConformanceTest.suite("in memory", MemoryTest, "own")
ConformanceTest.suite("over HTTP", HttpTest, "own")

describe("Conformance", () => {
  it("covers every question that the documents leave open", () => {
    assert.includeMembers([...ConformanceTest.rows], [
      "schedules are served for unstable and 2026-07, and not before 2026-04",
      "creates are 200 in every version",
      "a wrong key gets text from 2026-07 and for unstable, and JSON before",
      "a disabled schedule has no next run",
      "the last page has a null pagination",
      "lists are newest first",
      "a backup of an unknown index is 404",
      "a restore of a backup that is not ready is 412, in every version",
      "an unknown version is 400",
      "an unknown value of an enumeration is 422",
      "a limit that is not a positive number is 400",
      "an ID that is not a UUID is 404",
      "two backups can have the same name",
      "backups up to 2026-04 have no metric",
      "unstable has backups and restores, like 2026-04",
      "an unknown key of a body is ignored",
      "null for an optional key counts as omitted",
      "{} is a body, but an empty body is not",
      "an unknown route is 404 and a wrong method 405, in the envelope",
      "progress is a number up to 2026-04, and 100 or missing since 2026-07",
      "rows have the shape of the specification",
      "a failure is called Failed up to 2026-04 and by unstable",
      "a page has 10 rows before 2026-07 and 100 since",
      "a used-up quota is 403 FORBIDDEN",
      "a backup with pending restores cannot be deleted, in every version",
      "the read capacity of a restore is validated and stored",
      "an index can have a fourth schedule",
      "a run is created when planned, keeps its ID, and the next run is planned a second later",
      "no backup has the status Pending, and planned runs are not in the list of backups",
      "a full-text index can be backed up in 2026-07",
      "a job whose index was deleted is 404"
    ])
  })
})

// ============================================================================
// The real service
// ============================================================================

/** Blocks every request that could change anything. */
const readOnly = HttpClient.mapRequestEffect((request: HttpClientRequest.HttpClientRequest) =>
  request.method === "GET"
    ? Effect.succeed(request)
    : Effect.die(new Error(`${request.method} is not sent: set PINECONE_CONFORMANCE_WRITE=1 to allow it`))
)

/** The given index or, for reads, any index of the project. */
const indexOf = (client: HttpClient.HttpClient, name: Option.Option<string>) =>
  Option.match(name, {
    onSome: Effect.succeed,
    onNone: () =>
      client.get("/indexes", { headers: { "x-pinecone-api-version": "2026-04" } }).pipe(
        Effect.flatMap((response) => response.json),
        Effect.map((json): string => Object(json).indexes?.[0]?.name ?? assert.fail("The project has no index")),
        Effect.orDie
      )
  })

const real = (
  http: HttpClient.HttpClient,
  host: string,
  { index, key, write }: { readonly key: string; readonly index: Option.Option<string>; readonly write: boolean }
) => {
  const allowed = write ? http : readOnly(http)
  const client = prepare(host, key)(allowed)
  return { client, connect: connect(allowed, host, key), index: indexOf(client, index), plane: undefined }
}

// Only the read-only rows, as for a user with only a key.
ConformanceTest.suite(
  "with a client that only reads",
  Layer.effect(
    ConformanceTest.Target,
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.seedIndex({ name: "read" })
      const options = { key: "pcsk_conformance", index: Option.none(), write: false }
      return real(yield* HttpClient.HttpClient, "http://memory.localhost", options)
    })
  ).pipe(Layer.provide(Emulator.layerMemory), Layer.provide(Plane), Layer.fresh),
  "read"
)

describe("a client that only reads", () => {
  it.effect("sends nothing else", () =>
    Effect.gen(function*() {
      let sent = 0
      const http = HttpClient.make(() =>
        Effect.suspend(() => {
          sent++
          return Effect.die("sent")
        })
      )
      const { client, connect } = real(http, "https://api.pinecone.io", {
        key: "pcsk_conformance",
        index: Option.none(),
        write: false
      })
      for (const method of ["POST", "PUT", "PATCH", "DELETE"] as const) {
        const exit = yield* Effect.exit(client.execute(HttpClientRequest.make(method)("/backups/x")))
        assert.include(String(exit), "PINECONE_CONFORMANCE_WRITE")
      }
      const exit = yield* Effect.exit(
        Effect.flatMap(Backups.Backups, (backups) => backups.delete(Backup.BackupId.make("x"))).pipe(
          Effect.provide(connect("2026-04"))
        )
      )
      assert.include(String(exit), "PINECONE_CONFORMANCE_WRITE")
      assert.strictEqual(sent, 0)
    }))
})

const account = Effect.runSync(Effect.option(Effect.all({
  key: Config.String("PINECONE_CONFORMANCE_API_KEY"),
  index: Effect.option(Config.String("PINECONE_CONFORMANCE_INDEX")),
  write: Config.Boolean("PINECONE_CONFORMANCE_WRITE").pipe(Config.withDefault(false))
})))
if (Option.isSome(account)) {
  const { index, write } = account.value
  if (write && Option.isNone(index)) throw new Error("To write, PINECONE_CONFORMANCE_INDEX must name an index")
  ConformanceTest.suite(
    "on the real service",
    Layer.effect(
      ConformanceTest.Target,
      Effect.map(HttpClient.HttpClient, (http) => real(http, "https://api.pinecone.io", account.value))
    ).pipe(Layer.provide(FetchHttpClient.layer)),
    write ? "write" : "read"
  )
} else {
  describe("Conformance, on the real service", () => {
    it.skip("needs PINECONE_CONFORMANCE_API_KEY", () => {})
  })
}
