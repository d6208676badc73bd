import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpMethod from "effect/http/HttpMethod"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import { start, stateOf } from "./support.ts"

const EmulatorTest = Emulator.layerMemory.pipe(Layer.provideMerge(ControlPlane.layer({
  apiKey: "pcsk_emulator",
  now: DateTime.makeUnsafe("2026-04-23T16:36:51.511Z"),
  schedules: [{ id: "nightly", name: "my-nightly-backup", indexName: "my-index", runs: [{ status: "Scheduled" }, {}] }],
  restoreJobs: [{ id: "done" }, { id: "pending", status: "Pending", percentComplete: 42.2 }]
})))

/** Sends a request as `curl` does. */
const ask = Effect.fnUntraced(function*(path: string, headers: Record<string, string> = {}) {
  const client = yield* HttpClient.HttpClient
  const response = yield* client.get(`https://api.pinecone.io${path}`, {
    headers: { "api-key": "pcsk_emulator", "x-pinecone-api-version": "unstable", ...headers }
  })
  return { status: response.status, headers: response.headers, text: yield* response.text }
})

const envelope = (status: number, code: string, message: string) => JSON.stringify({ error: { code, message }, status })

describe("Emulator", () => {
  it.effect("returns a planned run as in the reference documentation", () =>
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

  it.effect("omits the dimension from 2026-07 on", () =>
    Effect.gen(function*() {
      const { text } = yield* ask("/backup-schedules/nightly/history", { "x-pinecone-api-version": "2026-07" })
      assert.notProperty(JSON.parse(text).data[0], "dimension")
    }).pipe(Effect.provide(EmulatorTest)))

  it.effect.each<[version: string, body: string]>([
    ["unstable", "Invalid API key"],
    ["2026-07", "Invalid API key"],
    ["2026-04", envelope(401, "UNAUTHENTICATED", "Invalid API key.")],
    ["2025-04", envelope(401, "UNAUTHENTICATED", "Invalid API key.")]
  ])("rejects a wrong key in the format of version %s", ([version, body]) =>
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
      [
        "an unknown route",
        "/nothing",
        "2026-07",
        404,
        "NOT_FOUND",
        "This emulator does not support GET /nothing."
      ],
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
        "a limit that is not a number",
        "/backup-schedules/nightly/history?limit=many",
        "2026-07",
        400,
        "INVALID_ARGUMENT",
        "The request contains invalid parameters."
      ],
      [
        "an invalid token",
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
        "This emulator does not support GET /backup-schedules/nightly/history in API version 2025-10."
      ]
    ] as const
  )("refuses %s", ([, path, version, status, code, message]) =>
    Effect.gen(function*() {
      const answer = yield* ask(path, { "x-pinecone-api-version": version })
      assert.strictEqual(answer.status, status)
      assert.strictEqual(answer.text, envelope(status, code, message))
    }).pipe(Effect.provide(EmulatorTest)))

  it.effect("uses the oldest version without a version header", () =>
    Effect.gen(function*() {
      const client = yield* HttpClient.HttpClient
      const ask = (path: string) =>
        client.get(`https://api.pinecone.io${path}`, { headers: { "api-key": "pcsk_emulator" } })

      assert.strictEqual((yield* ask("/restore-jobs/done")).status, 200)
      assert.strictEqual((yield* ask("/backup-schedules/nightly/history")).status, 404)
    }).pipe(Effect.provide(EmulatorTest)))

  it.effect("records every request without its key, and numbers the responses", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const first = yield* ask("/restore-jobs/done?x=1")
      const second = yield* ask("/nothing", { "api-key": "wrong" })

      assert.strictEqual(first.headers["x-request-id"], "request-1")
      assert.strictEqual(second.headers["x-request-id"], "request-2")
      assert.deepStrictEqual(yield* plane.requests, [
        {
          method: "GET",
          operation: "RestoreJobs.describe",
          url: "/restore-jobs/done?x=1",
          version: "unstable",
          body: undefined,
          status: 200
        },
        {
          method: "GET",
          operation: undefined,
          url: "/nothing",
          version: "unstable",
          body: undefined,
          status: 401
        }
      ])
    }).pipe(Effect.provide(EmulatorTest)))

  it.effect("logs the invalid field of a body", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const logger = Logger.make<unknown, void>(({ message }) => {
        lines.push(String(message))
      })
      const client = yield* HttpClient.HttpClient
      const response = yield* client.execute(
        HttpClientRequest.post("http://memory.localhost/indexes/my-index/backups", {
          headers: { "api-key": "pcsk_emulator", "x-pinecone-api-version": "2026-07" }
        }).pipe(HttpClientRequest.bodyText(`{"description":7}`, "application/json"))
      ).pipe(Effect.provide(Logger.layer([logger])), Effect.provideService(References.MinimumLogLevel, "Debug"))
      assert.strictEqual(response.status, 422)
      assert.lengthOf(lines, 1)
      assert.include(lines[0], `["description"]`)
    }).pipe(Effect.provide(EmulatorTest)))

  it.effect("records requests and statuses up to a limit, without keys", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const client = yield* HttpClient.HttpClient
      const create = (body: string) =>
        client.execute(
          HttpClientRequest.post("http://memory.localhost/indexes/my-index/backups?key=pcsk_emulator", {
            headers: { "api-key": "pcsk_emulator", "x-pinecone-api-version": "2026-07" }
          }).pipe(HttpClientRequest.bodyText(body, "application/json"))
        )
      yield* create(`{"name":"a","description":"pcsk_emulator"}`)
      yield* create(`{"name":"A"}`)
      yield* create("x".repeat(5_000))
      yield* create("x".repeat(2_000_000))
      yield* plane.fault("*", Fault.respond({ status: 503 }))
      yield* create(`{"name":"b"}`)
      yield* plane.fault("*", Fault.reset)
      yield* Effect.flip(create(`{"name":"c"}`))

      const requests = yield* plane.requests
      assert.deepStrictEqual(requests.map(({ body, status }) => [body, status]), [
        [`{"name":"a","description":"<redacted>"}`, 200],
        [`{"name":"A"}`, 400],
        ["x".repeat(4_000), 422],
        ["x".repeat(4_000), 422],
        [`{"name":"b"}`, 503],
        [`{"name":"c"}`, undefined]
      ])
      assert.notInclude(JSON.stringify(requests), "pcsk_emulator")
    }).pipe(Effect.provide(EmulatorTest)))

  it.effect("shares nothing between two layers", () =>
    Effect.gen(function*() {
      const count = Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* plane.seedSchedule()
        return (yield* stateOf(plane)).schedules.size
      })
      assert.strictEqual(yield* Effect.provide(count, ControlPlane.layer()), 1)
      assert.strictEqual(yield* Effect.provide(count, ControlPlane.layer()), 1)
    }))
})

// ============================================================================
// Bodies, parameters and statuses
// ============================================================================

type Row = readonly [what: string, method: HttpMethod.HttpMethod, path: string, body: string | undefined]

/** A project with one resource of each kind, for requests that change something. */
const PopulatedTest = (project: ControlPlane.Options["project"] = {}) =>
  Emulator.layerMemory.pipe(Layer.provideMerge(ControlPlane.layer({
    project,
    now: DateTime.makeUnsafe(start),
    indexes: [{ name: "free" }],
    schedules: [{ id: "nightly", indexName: "busy", runs: 1 }],
    backups: [{ backupId: Backup.BackupId.make("good"), indexName: "busy" }],
    restoreJobs: [{ id: "job" }]
  })))

const send = Effect.fnUntraced(function*(
  method: HttpMethod.HttpMethod,
  path: string,
  body?: string,
  headers: Record<string, string> = {}
) {
  const client = yield* HttpClient.HttpClient
  const request = HttpClientRequest.make(method)(`https://api.pinecone.io${path}`, {
    headers: { "api-key": "any", "x-pinecone-api-version": "2026-07" }
  })
  const response = yield* client.execute(
    (body === undefined ? request : HttpClientRequest.bodyText(request, body, "application/json")).pipe(
      HttpClientRequest.setHeaders(headers)
    )
  )
  return { status: response.status, type: response.headers["content-type"], text: yield* response.text }
})

const schedules = "/indexes/free/backup-schedules"
const schedule = "/backup-schedules/nightly"
const backups = "/indexes/free/backups"
const restore = "/backups/good/create-index"

/** The body of a new schedule, with fields replaced, or omitted if `undefined`. */
const aSchedule = (fields: Record<string, unknown> = {}) =>
  JSON.stringify({
    name: "nightly",
    schedule: { type: "time-based", frequency: "daily" },
    retention: { expire_after_days: 7 },
    ...fields
  })

const bodyRefused = envelope(422, "UNPROCESSABLE_ENTITY", "The request body could not be decoded.")
const valueRefused = envelope(400, "INVALID_ARGUMENT", "The request contains invalid parameters.")

/** Asserts the response of the emulator, and that its state does not change. */
const assertRefused = Effect.fnUntraced(function*([, method, path, body]: Row, status: number, text: string) {
  const plane = yield* ControlPlane.ControlPlane
  const before = yield* stateOf(plane)
  const answer = yield* send(method, path, body)
  assert.deepStrictEqual(answer, { status, type: "application/json", text })
  assert.deepStrictEqual(yield* stateOf(plane), before)
})

describe("Emulator: a body that cannot be decoded is 422:", () => {
  const everywhere: ReadonlyArray<Row> = ([
    ["POST", schedules],
    ["PATCH", schedule],
    ["POST", backups],
    ["POST", restore]
  ] as const).flatMap(([method, path]) =>
    ([["no body", undefined], ["an empty body", ""], ["broken JSON", "{"], ["null", "null"], ["a list", "[]"]] as const)
      .map(([what, body]): Row => [`${what} to ${method} ${path}`, method, path, body])
  )

  it.effect.each<Row>([
    ...everywhere,
    ["a schedule without fields", "POST", schedules, "{}"],
    ["a schedule without a name", "POST", schedules, aSchedule({ name: undefined })],
    ["a schedule without a schedule", "POST", schedules, aSchedule({ schedule: undefined })],
    ["a schedule without a frequency", "POST", schedules, aSchedule({ schedule: { type: "time-based" } })],
    ["a schedule without a type", "POST", schedules, aSchedule({ schedule: { frequency: "daily" } })],
    ["a schedule without a retention", "POST", schedules, aSchedule({ retention: undefined })],
    ["a schedule without days", "POST", schedules, aSchedule({ retention: {} })],
    ["a number as a name", "POST", schedules, aSchedule({ name: 7 })],
    ["null for a required field", "POST", schedules, aSchedule({ name: null })],
    ["days as a string", "POST", schedules, aSchedule({ retention: { expire_after_days: "7" } })],
    ["an hourly schedule", "POST", schedules, aSchedule({ schedule: { type: "time-based", frequency: "hourly" } })],
    ["an unknown type", "POST", schedules, aSchedule({ schedule: { type: "cron", frequency: "daily" } })],
    ["an hourly frequency", "PATCH", schedule, `{"frequency":"hourly"}`],
    ["a retention without days", "PATCH", schedule, `{"retention":{}}`],
    ["a number as a retention", "PATCH", schedule, `{"retention":7}`],
    ["enabled as a string", "PATCH", schedule, `{"enabled":"true"}`],
    ["the name of a backup as a number", "POST", backups, `{"name":7}`],
    ["a description as an object", "POST", backups, `{"description":{}}`],
    ["a restore without a name", "POST", restore, `{"tags":{}}`],
    ["a restore to a number", "POST", restore, `{"name":7}`],
    ["tags as a string", "POST", restore, `{"name":"copy","tags":"a"}`],
    ["tags as a string, before the name is validated", "POST", restore, `{"name":"My_Index","tags":"a"}`],
    ["a number as a tag", "POST", restore, `{"name":"copy","tags":{"a":1}}`],
    ["an unknown deletion protection", "POST", restore, `{"name":"copy","deletion_protection":"maybe"}`],
    ["an unknown mode", "POST", restore, `{"name":"copy","read_capacity":{"mode":"Some"}}`],
    ["no nodes", "POST", restore, `{"name":"copy","read_capacity":{"mode":"Dedicated"}}`]
  ])("%s", (row) => Effect.provide(assertRefused(row, 422, bodyRefused), PopulatedTest()))
})

describe("Emulator: an invalid value is 400:", () => {
  const tooLong = envelope(400, "INVALID_ARGUMENT", "Retention must be between 1 and 365 days.")

  it.effect.each<Row>([
    ["a retention of 366 days", "POST", schedules, aSchedule({ retention: { expire_after_days: 366 } })],
    ["a retention changed to 366 days", "PATCH", schedule, `{"retention":{"expire_after_days":366}}`]
  ])("%s", (row) => Effect.provide(assertRefused(row, 400, tooLong), PopulatedTest()))

  it.effect.each<Row>([
    ["a backup name with invalid characters", "POST", backups, `{"name":"Before_Reindex"}`],
    ["a backup with a hyphen at the end", "POST", backups, `{"name":"before-"}`],
    ["a backup of 46 characters", "POST", backups, JSON.stringify({ name: "x".repeat(46) })],
    ...["0", "-1", "1.5", "many", ""].flatMap((limit): ReadonlyArray<Row> => [
      [`a limit of "${limit}"`, "GET", `/backups?limit=${limit}`, undefined]
    ]),
    ["an empty token", "GET", "/restore-jobs?paginationToken=", undefined],
    ["an invalid token", "GET", "/restore-jobs?paginationToken=x", undefined],
    ["an invalid boolean", "GET", "/indexes/free/backups?include_deleted=maybe", undefined]
  ])("%s", (row) => Effect.provide(assertRefused(row, 400, valueRefused), PopulatedTest()))

  // The payload is decoded as a union with one member. `isWellTyped` does not inspect its issue (`AnyOf`).
  for (
    const row of [
      ["a retention of 0 days", "POST", schedules, aSchedule({ retention: { expire_after_days: 0 } })],
      ["a retention of -1 days", "POST", schedules, aSchedule({ retention: { expire_after_days: -1 } })],
      ["a retention changed to 0 days", "PATCH", schedule, `{"retention":{"expire_after_days":0}}`],
      ["an index name with invalid characters", "POST", restore, `{"name":"My_Index"}`],
      ["an index without a name", "POST", restore, `{"name":""}`],
      ["an index of 46 characters", "POST", restore, JSON.stringify({ name: "x".repeat(46) })],
      [
        "21 tags",
        "POST",
        restore,
        JSON.stringify({
          name: "copy",
          tags: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`tag-${index}`, ""]))
        })
      ],
      ["the key of a tag with a space", "POST", restore, `{"name":"copy","tags":{"a b":"c"}}`],
      ["the value of a tag beyond ASCII", "POST", restore, `{"name":"copy","tags":{"a":"é"}}`]
    ] satisfies ReadonlyArray<Row>
  ) {
    it.effect(row[0], () =>
      Effect.gen(function*() {
        const [, method, path, body] = row
        assert.strictEqual((yield* send(method, path, body)).status, 400)
      }).pipe(Effect.provide(PopulatedTest())))
  }
})

describe("Emulator: accepts", () => {
  it.effect.each<readonly [...Row, status: number]>([
    ["an empty object for a backup", "POST", backups, "{}", 200],
    ["an empty object for an update", "PATCH", schedule, "{}", 200],
    ["unknown keys of a schedule", "POST", schedules, aSchedule({ cron: "* * * * *" }), 200],
    ["unknown keys of an update", "PATCH", schedule, `{"name":"other"}`, 200],
    ["unknown keys of a backup", "POST", backups, `{"tags":{"a":"b"}}`, 200],
    ["unknown keys of a restore", "POST", restore, `{"name":"copy","metric":"cosine"}`, 202],
    ["an empty description", "POST", backups, `{"description":""}`, 200],
    ["the longest name", "POST", restore, JSON.stringify({ name: "x".repeat(45) }), 202],
    [
      "dedicated nodes",
      "POST",
      restore,
      JSON.stringify({
        name: "copy",
        read_capacity: {
          mode: "Dedicated",
          dedicated: { node_type: "b1", scaling: "Manual", manual: { replicas: 0, shards: 1 } }
        }
      }),
      202
    ],
    ["more than a hundred rows a page", "GET", "/backups?limit=1000", undefined, 200],
    ["unknown keys of a query", "GET", "/backups?include_deleted=true", undefined, 200]
  ])("%s", ([, method, path, body, status]) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* send(method, path, body)).status, status)
    }).pipe(Effect.provide(PopulatedTest())))

  it.effect("a body without a media type", () =>
    Effect.gen(function*() {
      const client = yield* HttpClient.HttpClient
      const { status } = yield* client.execute(
        HttpClientRequest.post(`https://api.pinecone.io${backups}`).pipe(
          HttpClientRequest.bodyText("{}"),
          HttpClientRequest.removeHeader("content-type"),
          HttpClientRequest.setHeader("api-key", "any")
        )
      )
      assert.strictEqual(status, 200)
    }).pipe(Effect.provide(PopulatedTest())))

  // Null counts as an omitted key.
  for (
    const [what, method, path, body, status] of [
      ["null for optional fields of a backup", "POST", backups, `{"name":null,"description":null}`, 200],
      [
        "null for optional fields of an update",
        "PATCH",
        schedule,
        `{"frequency":null,"retention":null,"enabled":null}`,
        200
      ],
      [
        "null for optional fields of a restore",
        "POST",
        restore,
        `{"name":"copy","tags":null,"deletion_protection":null,"read_capacity":null}`,
        202
      ]
    ] satisfies ReadonlyArray<readonly [...Row, status: number]>
  ) {
    it.effect(what, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* send(method, path, body)).status, status)
      }).pipe(Effect.provide(PopulatedTest())))
  }
})

describe("Emulator: responds to", () => {
  it.effect.each<readonly [...Row, status: number]>([
    ["create a schedule", "POST", schedules, aSchedule(), 200],
    ["list schedules", "GET", "/indexes/busy/backup-schedules", undefined, 200],
    ["describe a schedule", "GET", schedule, undefined, 200],
    ["update a schedule", "PATCH", schedule, `{"enabled":false}`, 200],
    ["list a history", "GET", `${schedule}/history`, undefined, 200],
    ["create a backup", "POST", backups, `{"name":"before"}`, 200],
    ["list the backups of an index", "GET", backups, undefined, 200],
    ["list backups", "GET", "/backups", undefined, 200],
    ["describe a backup", "GET", "/backups/good", undefined, 200],
    ["restore", "POST", restore, `{"name":"copy"}`, 202],
    ["list restore jobs", "GET", "/restore-jobs", undefined, 200],
    ["describe a restore job", "GET", "/restore-jobs/job", undefined, 200],
    ["list indexes", "GET", "/indexes", undefined, 200],
    ["describe an index", "GET", "/indexes/free", undefined, 200]
  ])("%s with JSON", ([, method, path, body, status]) =>
    Effect.gen(function*() {
      const answer = yield* send(method, path, body)
      assert.deepStrictEqual([answer.status, answer.type], [status, "application/json"])
      assert.isObject(JSON.parse(answer.text))
    }).pipe(Effect.provide(PopulatedTest())))

  it.effect.each<readonly [what: string, path: string, status: number]>([
    ["delete a schedule", schedule, 204],
    ["delete a backup", "/backups/good", 202],
    ["delete an index", "/indexes/free", 202]
  ])("%s with an empty body", ([, path, status]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* send("DELETE", path), { status, type: undefined, text: "" })
      assert.strictEqual((yield* send("DELETE", path)).status, 404)
    }).pipe(Effect.provide(PopulatedTest())))

  it.effect.each<readonly [id: string, path: string]>([
    ["backup;v=1", "/backups/backup;v=1"],
    ["a/b", "/backups/a%2Fb?x=1"],
    ["100%", "/backups/100%25"],
    ["backup", "/backups/backup#part"]
  ])("the ID %s as a whole", ([id, path]) =>
    Effect.gen(function*() {
      const { error } = JSON.parse((yield* send("GET", path)).text)
      assert.strictEqual(error.message, `Backup ${id} not found.`)
    }).pipe(Effect.provide(PopulatedTest())))

  it.effect("a request without a host with the error of every client", () =>
    Effect.gen(function*() {
      const { reason } = yield* Effect.flip(HttpClient.get("/backups"))
      assert.strictEqual(reason._tag, "InvalidUrlError")
    }).pipe(Effect.provide(PopulatedTest())))

  it.effect.each<readonly [method: HttpMethod.HttpMethod, path: string]>([
    ["PUT", "/backups"],
    ["POST", "/restore-jobs"],
    ["DELETE", "/restore-jobs/job"],
    ["PATCH", "/backups/good"],
    ["GET", restore]
  ])("%s %s, an unsupported method, with 405 in an envelope", ([method, path]) =>
    Effect.gen(function*() {
      const { status, text } = yield* send(method, path)
      const { error, ...rest } = JSON.parse(text)
      assert.strictEqual(status, 405)
      assert.deepStrictEqual(rest, { status: 405 })
      assert.deepStrictEqual(Object.keys(error), ["code", "message"])
    }).pipe(Effect.provide(PopulatedTest())))

  it.effect("several errors with the first of key, version, route, body, account, plan, values, existence", () =>
    Effect.gen(function*() {
      const wrong = aSchedule({ retention: { expire_after_days: 366 } })
      const ask = (project: ControlPlane.Options["project"], ...args: Parameters<typeof send>) =>
        Effect.map(
          Effect.provide(send(...args), PopulatedTest(project)),
          ({ status }) => status
        )
      const poor = { isOverdue: true, hasBackups: false }
      const unknown = "/indexes/no/backup-schedules"

      assert.deepStrictEqual(
        [
          yield* ask(poor, "POST", "/nothing", "{", { "api-key": "", "x-pinecone-api-version": "1999-01" }),
          yield* ask(poor, "POST", "/nothing", "{", { "x-pinecone-api-version": "1999-01" }),
          yield* ask(poor, "POST", "/nothing", "{"),
          yield* ask(poor, "POST", unknown, "{"),
          yield* ask(poor, "POST", unknown, wrong),
          yield* ask({ hasBackups: false }, "POST", unknown, wrong),
          yield* ask({}, "POST", unknown, wrong),
          yield* ask({}, "POST", unknown, aSchedule())
        ],
        [401, 400, 404, 422, 402, 403, 400, 404]
      )
    }))

  // An overdue account is reported before invalid values.
  for (
    const [what, method, path, body] of [
      ["a retention below 1", "POST", schedules, aSchedule({ retention: { expire_after_days: 0 } })],
      ["the name of an index", "POST", restore, `{"name":"My_Index"}`]
    ] satisfies ReadonlyArray<Row>
  ) {
    it.effect(`reports the first error: the account before ${what}`, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* send(method, path, body)).status, 402)
      }).pipe(Effect.provide(PopulatedTest({ isOverdue: true }))))
  }
})

describe("Emulator: versions without schedules", () => {
  const older = ["2025-04", "2025-10", "2026-01.alpha"]

  it.effect("respond with 404 on the routes of schedules", () =>
    Effect.gen(function*() {
      for (const version of older) {
        for (
          const [method, path, body] of [
            ["GET", "/indexes/busy/backup-schedules"],
            ["GET", schedule],
            ["PATCH", schedule, "{}"],
            ["DELETE", schedule],
            ["GET", `${schedule}/history`]
          ] as const
        ) {
          const { status } = yield* send(method, path, body, { "x-pinecone-api-version": version })
          assert.strictEqual(status, 404, `${method} ${path} ${version}`)
        }
      }
    }).pipe(Effect.provide(PopulatedTest())))

  for (
    const [what, method, path, body] of [
      ["to create one", "POST", schedules, aSchedule()],
      ["before they read the body", "PATCH", schedule, "{"],
      ["before they read the query", "GET", `${schedule}/history?limit=0`, undefined]
    ] satisfies ReadonlyArray<Row>
  ) {
    it.effect(`answer 404 ${what}`, () =>
      Effect.gen(function*() {
        const { status } = yield* send(method, path, body, { "x-pinecone-api-version": "2025-10" })
        assert.strictEqual(status, 404)
      }).pipe(Effect.provide(PopulatedTest())))
  }
})
