import { assert, describe, it } from "@effect/vitest"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as SimulatedApi from "@pinecone-backups/testing/SimulatedApi"
import * as Simulation from "@pinecone-backups/testing/Simulation"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"

const EmulatorTest = Emulator.layerMemory.pipe(Layer.provideMerge(ControlPlane.layer({
  apiKey: "pcsk_emulator",
  now: DateTime.makeUnsafe("2026-04-23T16:36:51.511Z"),
  schedules: [{ id: "nightly", name: "my-nightly-backup", indexName: "my-index", runs: [{ status: "Scheduled" }, {}] }],
  restoreJobs: [{ id: "done" }, { id: "pending", status: "Pending", percentComplete: 42.2 }]
})))

/** Asks the emulator the way `curl` does. */
const ask = Effect.fnUntraced(function*(path: string, headers: Record<string, string> = {}) {
  const client = yield* HttpClient.HttpClient
  const response = yield* client.get(`https://api.pinecone.io${path}`, {
    headers: { "api-key": "pcsk_emulator", "x-pinecone-api-version": "unstable", ...headers }
  })
  return { status: response.status, headers: response.headers, text: yield* response.text }
})

const envelope = (status: number, code: string, message: string) => JSON.stringify({ error: { code, message }, status })

describe("Emulator", () => {
  it.effect("sends a planned run as the reference page of the history shows it", () =>
    Effect.gen(function*() {
      const { status, text } = yield* ask("/backup-schedules/nightly/history?limit=1")

      assert.strictEqual(status, 200)
      assert.strictEqual(
        text,
        JSON.stringify({
          data: [{
            backup_id: "backup-1",
            source_index_id: "index-1",
            source_index_name: "my-index",
            tags: {},
            name: "my-nightly-backup-20260424T060000Z",
            description: null,
            status: "Scheduled",
            scheduled_execution_at: "2026-04-24T06:00:00.000000Z",
            cloud: "aws",
            region: "us-east-1",
            dimension: 1536,
            schema: null,
            record_count: null,
            namespace_count: null,
            size_bytes: null,
            created_at: "2026-04-23T06:00:00.000000Z"
          }],
          pagination: { next: btoa(JSON.stringify({ limit: 1, offset: 1 })) }
        })
      )
    }).pipe(Effect.provide(EmulatorTest)))

  it.effect("reports progress up to 2026-04, and only completion from 2026-07 on", () =>
    Effect.gen(function*() {
      const progress = (job: string, version: string) =>
        Effect.map(
          ask(`/restore-jobs/${job}`, { "x-pinecone-api-version": version }),
          ({ text }) => JSON.parse(text).percent_complete
        )

      assert.strictEqual(yield* progress("pending", "2026-04"), 42.2)
      assert.isUndefined(yield* progress("pending", "2026-07"))
      assert.strictEqual(yield* progress("done", "2026-07"), 100)
    }).pipe(Effect.provide(EmulatorTest)))

  it.effect("leaves the dimension out from 2026-07 on", () =>
    Effect.gen(function*() {
      const { text } = yield* ask("/backup-schedules/nightly/history", { "x-pinecone-api-version": "2026-07" })
      assert.notProperty(JSON.parse(text).data[0], "dimension")
    }).pipe(Effect.provide(EmulatorTest)))

  it.effect.each<[version: string, body: string]>([
    ["unstable", "Invalid API key"],
    ["2026-07", "Invalid API key"],
    ["2026-04", envelope(401, "UNAUTHENTICATED", "Invalid API key.")],
    ["2025-04", envelope(401, "UNAUTHENTICATED", "Invalid API key.")]
  ])("refuses a wrong key in the form of version %s", ([version, body]) =>
    Effect.gen(function*() {
      for (const key of ["", "wrong"]) {
        const answer = yield* ask("/restore-jobs/done", { "api-key": key, "x-pinecone-api-version": version })
        assert.strictEqual(answer.status, 401)
        assert.strictEqual(answer.text, body)
      }
    }).pipe(Effect.provide(EmulatorTest)))

  it.effect.each(
    [
      [
        "an unknown version",
        "/restore-jobs/done",
        "1999-01",
        400,
        "INVALID_ARGUMENT",
        "API version 1999-01 is not supported."
      ],
      ["an unknown route", "/nothing", "2026-07", 404, "NOT_FOUND", "Not found."],
      ["an unknown job", "/restore-jobs/nope", "2026-07", 404, "NOT_FOUND", "Restore job nope not found."],
      [
        "a limit below 1",
        "/backup-schedules/nightly/history?limit=0",
        "2026-07",
        400,
        "INVALID_ARGUMENT",
        "The request contains invalid parameters."
      ],
      [
        "a limit that is no number",
        "/backup-schedules/nightly/history?limit=many",
        "2026-07",
        400,
        "INVALID_ARGUMENT",
        "The request contains invalid parameters."
      ],
      [
        "a token that is none",
        "/backup-schedules/nightly/history?paginationToken=x",
        "2026-07",
        400,
        "INVALID_ARGUMENT",
        "The request contains invalid parameters."
      ],
      [
        "schedules before they existed",
        "/backup-schedules/nightly/history",
        "2025-10",
        404,
        "NOT_FOUND",
        "Backup schedule not found."
      ]
    ] as const
  )("refuses %s", ([, path, version, status, code, message]) =>
    Effect.gen(function*() {
      const answer = yield* ask(path, { "x-pinecone-api-version": version })
      assert.strictEqual(answer.status, status)
      assert.strictEqual(answer.text, envelope(status, code, message))
    }).pipe(Effect.provide(EmulatorTest)))

  it.effect("takes the oldest version when none is named", () =>
    Effect.gen(function*() {
      const client = yield* HttpClient.HttpClient
      const ask = (path: string) =>
        client.get(`https://api.pinecone.io${path}`, { headers: { "api-key": "pcsk_emulator" } })

      assert.strictEqual((yield* ask("/restore-jobs/done")).status, 200)
      assert.strictEqual((yield* ask("/backup-schedules/nightly/history")).status, 404)
    }).pipe(Effect.provide(EmulatorTest)))

  it.effect("notes every request, without its key, and numbers the answers", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const first = yield* ask("/restore-jobs/done?x=1")
      const second = yield* ask("/nothing", { "api-key": "wrong" })

      assert.strictEqual(first.headers["x-request-id"], "request-1")
      assert.strictEqual(second.headers["x-request-id"], "request-2")
      assert.deepStrictEqual(yield* plane.requests, [
        { method: "GET", url: "/restore-jobs/done?x=1", version: "unstable" },
        { method: "GET", url: "/nothing", version: "unstable" }
      ])
    }).pipe(Effect.provide(EmulatorTest)))

  it.effect("shares nothing between two layers", () =>
    Effect.gen(function*() {
      const count = Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* plane.seedSchedule()
        return (yield* plane.state).schedules.size
      })
      assert.strictEqual(yield* Effect.provide(count, ControlPlane.layer()), 1)
      assert.strictEqual(yield* Effect.provide(count, ControlPlane.layer()), 1)
    }))
})

describe("SimulatedApi.page", () => {
  const rows = Array.from({ length: 250 }, (_, index) => index)

  const page = (version: SimulatedApi.Version, request: SimulatedApi.PageRequest) =>
    Result.getOrThrow(SimulatedApi.page(version, request, () => Result.succeed(rows), (row) => row))

  const walk = (version: SimulatedApi.Version, limit?: number) => {
    const sizes: Array<number> = []
    const seen: Array<number> = []
    let request: SimulatedApi.PageRequest = { limit }
    while (true) {
      const { data, pagination } = page(version, request)
      sizes.push(data.length)
      seen.push(...data)
      if (pagination === null) return { sizes, seen }
      request = { paginationToken: pagination.next }
    }
  }

  it("sends 10 rows unless told otherwise before 2026-07, and 100 from then on", () => {
    assert.deepStrictEqual(walk("2026-07").sizes, [100, 100, 50])
    assert.strictEqual(walk("unstable").sizes.length, 25)
    assert.strictEqual(walk("2026-04").sizes[0], 10)
  })

  it("remembers the limit in the token, and sends 100 at most", () => {
    assert.deepStrictEqual(walk("2026-04", 99).sizes, [99, 99, 52])
    assert.deepStrictEqual(walk("2026-07", 1_000).sizes, [100, 100, 50])
  })

  it("reaches every row once", () => {
    for (const limit of [1, 7, 100, undefined]) assert.deepStrictEqual(walk("2026-07", limit).seen, rows)
  })

  it("lets a limit beside a token change the size and keep the offset", () => {
    const { pagination } = page("2026-07", { limit: 10 })
    assert.deepStrictEqual(page("2026-07", { limit: 3, paginationToken: pagination?.next }).data, [10, 11, 12])
  })
})

describe("Simulation.seedSchedule", () => {
  const seed = (now: string, runs: Simulation.ScheduleSeed["runs"]) =>
    Simulation.seedSchedule(Simulation.make(), DateTime.makeUnsafe(now), { runs })[1].runs.map((run) => run.name)

  it("plans the next run for 06:00 UTC and counts back from the last one", () => {
    assert.deepStrictEqual(seed("2026-03-01T05:59:59Z", [{ status: "Scheduled" }, {}, {}]), [
      "nightly-20260301T060000Z",
      "nightly-20260228T060000Z",
      "nightly-20260227T060000Z"
    ])
    assert.deepStrictEqual(seed("2026-03-01T06:00:00Z", 2), ["nightly-20260301T060000Z", "nightly-20260228T060000Z"])
  })
})
