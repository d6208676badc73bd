import { assert, describe, layer } from "@effect/vitest"
import * as Backups from "@pinecone-backups/core/Backups"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Indexes from "@pinecone-backups/core/Indexes"
import type * as Pinecone from "@pinecone-backups/core/Pinecone"
import type * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpMethod from "effect/http/HttpMethod"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { stateOf } from "./support.ts"

// Observed behavior of the service, or assumed behavior where documents disagree or are silent, row by row over plain HTTP.
// Bodies are untyped JSON, because their shape is under test.

/** Target of the suite. */
export interface Service {
  /** Sends a request. Host and key are added. */
  readonly client: HttpClient.HttpClient
  /** Services of core on the target. */
  readonly connect: (apiVersion: PineconeApi.ApiVersion) => Layer.Layer<Pinecone.Services>
  /** Name of an index. It has no schedules if the suite may write. */
  readonly index: Effect.Effect<string>
  /** Controls of a simulated service. */
  readonly plane: ControlPlane.Service | undefined
}

export class Target
  extends Context.Service<Target, Service>()("@pinecone-backups/testing/test/ConformanceTest/Target")
{}

interface Options {
  readonly body?: unknown
  readonly version?: string | undefined
  readonly text?: string
  readonly headers?: Record<string, string>
}

const send = Effect.fnUntraced(function*(method: HttpMethod.HttpMethod, path: string, options: Options = {}) {
  const { client } = yield* Target
  const { body, headers = {}, text, version = "2026-07" } = options
  const request = HttpClientRequest.make(method)(path, { headers: { "x-pinecone-api-version": version, ...headers } })
  const response = yield* client.execute(
    text !== undefined
      ? HttpClientRequest.bodyText(request, text, "application/json")
      : body === undefined
      ? request
      : HttpClientRequest.bodyJsonUnsafe(request, body)
  )
  const answer = yield* response.text
  const isJson = (response.headers["content-type"] ?? "").startsWith("application/json")
  return {
    status: response.status,
    type: response.headers["content-type"],
    text: answer,
    json: isJson && answer !== "" ? JSON.parse(answer) : undefined
  }
})

const schedule = (fields: Record<string, unknown> = {}) => ({
  name: "nightly",
  schedule: { type: "time-based", frequency: "daily" },
  retention: { expire_after_days: 7 },
  ...fields
})

/** Removes the resources of a test in a real project. */
const removed = (path: string) => Effect.ignore(Effect.asVoid(send("DELETE", path)))

const newSchedule = (index: string, options: Options = {}) =>
  Effect.acquireRelease(
    Effect.map(
      send("POST", `/indexes/${index}/backup-schedules`, { body: schedule(), ...options }),
      (answer) => ({ ...answer, id: String(answer.json?.schedule_id) })
    ),
    ({ id, status }) => status < 300 ? removed(`/backup-schedules/${id}`) : Effect.void
  )

const newBackup = (index: string, options: Options = {}) =>
  Effect.acquireRelease(
    Effect.map(
      send("POST", `/indexes/${index}/backups`, { body: {}, ...options }),
      (answer) => ({ ...answer, id: String(answer.json?.backup_id) })
    ),
    ({ id, status }) => status < 300 ? removed(`/backups/${id}`) : Effect.void
  )

const history = (id: string, version?: string) =>
  Effect.map(
    send("GET", `/backup-schedules/${id}/history?limit=100`, { version }),
    ({ json }): ReadonlyArray<Record<string, unknown>> => json.data
  )

const statusesOf = (rows: ReadonlyArray<Record<string, unknown>>) => rows.map(({ status }) => status)

const assertRefused = (
  answer: { readonly status: number; readonly json: unknown; readonly text: string },
  status: number,
  ...codes: ReadonlyArray<string>
) => {
  assert.strictEqual(answer.status, status)
  assert.nestedProperty(answer.json, "error.message")
  assert.nestedPropertyVal(answer.json, "status", status)
  if (codes.length > 0) assert.isTrue(codes.some((code) => answer.text.includes(`"code":"${code}"`)), answer.text)
}

type Check = Effect.Effect<void, unknown, Target | Scope.Scope>

/** Rows that only read. */
const reading: Record<string, Check> = {
  "schedules are served for unstable and 2026-07, and not before 2026-04": Effect.gen(function*() {
    const path = `/indexes/${yield* (yield* Target).index}/backup-schedules`
    const statuses = yield* Effect.forEach(
      ["unstable", "2026-07", "2025-04", "2025-10"],
      (version) => Effect.map(send("GET", path, { version }), ({ status }) => status)
    )
    assert.deepStrictEqual(statuses, [200, 200, 404, 404])
  }),
  "a wrong key gets text from 2026-07 and for unstable, and JSON before": Effect.gen(function*() {
    const wrong = (version: string) => send("GET", "/backups", { version, headers: { "api-key": "" } })
    for (const version of ["2026-07", "unstable"]) {
      const { json, status, type } = yield* wrong(version)
      assert.deepStrictEqual([status, json], [401, undefined])
      assert.match(type ?? "", /^text\/plain/)
    }
    assertRefused(yield* wrong("2026-04"), 401, "UNAUTHENTICATED")
  }),
  "an unknown version is 400": Effect.gen(function*() {
    assertRefused(yield* send("GET", "/backups", { version: "1999-01" }), 400, "INVALID_ARGUMENT")
  }),
  "a limit that is not a positive number is 400": Effect.gen(function*() {
    for (const limit of ["0", "-1", "x"]) assertRefused(yield* send("GET", `/backups?limit=${limit}`), 400)
  }),
  "an ID that is not a UUID is 404": Effect.gen(function*() {
    for (const path of ["/backups/x", "/restore-jobs/x", "/backup-schedules/x", "/backup-schedules/x/history"]) {
      assertRefused(yield* send("GET", path), 404, "NOT_FOUND")
    }
  }),
  "core reads every resource in both versions": Effect.gen(function*() {
    const { connect, index, plane } = yield* Target
    if (plane !== undefined) {
      const { id } = yield* plane.seedSchedule({ indexName: yield* index, runs: 12 })
      const [run] = yield* history(id).pipe(Effect.map((rows) => rows.filter(({ status }) => status === "Ready")))
      yield* plane.seedRestoreJob({ backupId: String(run?.["backup_id"]), targetIndexName: `r-${id}` })
    }
    const read = Effect.gen(function*() {
      const schedules = yield* BackupSchedules.BackupSchedules
      const backups = yield* Backups.Backups
      const jobs = yield* RestoreJobs.RestoreJobs
      const indexes = yield* (yield* Indexes.Indexes).list
      const all = yield* Stream.runCollect(
        Stream.flatMap(Stream.fromIterable(indexes), ({ name }) => schedules.list(name))
      )
      const ids = {
        indexes: indexes.map(({ name }) => name),
        schedules: all.map(({ scheduleId }) => scheduleId),
        // The first rows are enough, because a history can be long.
        runs: yield* Stream.fromIterable(all).pipe(
          Stream.flatMap(({ scheduleId }) => Stream.take(schedules.history(scheduleId), 20)),
          Stream.map(({ backupId }) => backupId),
          Stream.runCollect
        ),
        backups: yield* backups.list().pipe(
          Stream.take(200),
          Stream.map(({ backupId }) => backupId),
          Stream.runCollect
        ),
        jobs: yield* jobs.list().pipe(
          Stream.take(200),
          Stream.map(({ restoreJobId }) => restoreJobId),
          Stream.runCollect
        )
      }
      return ids
    })
    const [older, newer] = [
      yield* Effect.provide(read, connect("2026-04")),
      yield* Effect.provide(read, connect("2026-07"))
    ]
    assert.deepStrictEqual(older, newer)
    if (plane !== undefined) { for (const list of Object.values(newer)) assert.isNotEmpty(list) }
  })
}

/** Rows that create backups and schedules and take only seconds. */
const writing: Record<string, Check> = {
  "creates are 200 in every version": Effect.gen(function*() {
    const index = yield* (yield* Target).index
    assert.strictEqual((yield* newBackup(index)).status, 200)
    assert.strictEqual((yield* newBackup(index, { version: "2026-04" })).status, 200)
    assert.strictEqual((yield* newSchedule(index)).status, 200)
  }),
  "a disabled schedule has no next run": Effect.gen(function*() {
    const { id } = yield* newSchedule(yield* (yield* Target).index)
    const { json, status } = yield* send("PATCH", `/backup-schedules/${id}`, { body: { enabled: false } })
    assert.deepStrictEqual([status, json.enabled, json.next_scheduled_run], [200, false, null])
    assert.deepStrictEqual(yield* history(id), [])
  }),
  "the last page has a null pagination": Effect.gen(function*() {
    const index = yield* (yield* Target).index
    yield* newBackup(index)
    const { json } = yield* send("GET", `/indexes/${index}/backups`)
    assert.isNull(json.pagination)
  }),
  "lists are newest first": Effect.gen(function*() {
    const index = yield* (yield* Target).index
    const first = yield* newBackup(index)
    const second = yield* newBackup(index)
    const { json } = yield* send("GET", `/indexes/${index}/backups?limit=2`)
    assert.deepStrictEqual(
      json.data.map((backup: { backup_id: string }) => backup.backup_id),
      [second.id, first.id]
    )
  }),
  "a backup of an unknown index is 404": Effect.gen(function*() {
    assertRefused(yield* send("POST", "/indexes/no-such-index/backups", { body: {} }), 404, "NOT_FOUND")
  }),
  "a restore of a backup that is not ready is 412, in every version": Effect.gen(function*() {
    const { id } = yield* newBackup(yield* (yield* Target).index)
    for (const version of ["2026-07", "2026-04"]) {
      const answer = yield* send("POST", `/backups/${id}/create-index`, { version, body: { name: "not-to-be" } })
      assertRefused(answer, 412, "FAILED_PRECONDITION")
    }
  }),
  "an unknown value of an enumeration is 422": Effect.gen(function*() {
    const body = schedule({ schedule: { type: "time-based", frequency: "hourly" } })
    const answer = yield* newSchedule(yield* (yield* Target).index, { body })
    assertRefused(answer, 422, "UNPROCESSABLE_ENTITY")
  }),
  "two backups can have the same name": Effect.gen(function*() {
    const index = yield* (yield* Target).index
    const body = { name: "the-same" }
    assert.deepStrictEqual(
      [(yield* newBackup(index, { body })).status, (yield* newBackup(index, { body })).status],
      [200, 200]
    )
  }),
  "backups up to 2026-04 have no metric": Effect.gen(function*() {
    const { json } = yield* newBackup(yield* (yield* Target).index, { version: "2026-04" })
    assert.notProperty(json, "metric")
    assert.property(json, "dimension")
  }),
  "unstable has backups and restores, like 2026-04": Effect.gen(function*() {
    const { id } = yield* newBackup(yield* (yield* Target).index)
    const shown = (version: string) =>
      Effect.map(send("GET", `/backups/${id}`, { version }), ({ json }) => Object.keys(json))
    assert.deepStrictEqual(yield* shown("unstable"), yield* shown("2026-04"))
    assert.strictEqual((yield* send("GET", "/restore-jobs", { version: "unstable" })).status, 200)
  }),
  "an unknown key of a body is ignored": Effect.gen(function*() {
    assert.strictEqual((yield* newBackup(yield* (yield* Target).index, { body: { color: "red" } })).status, 200)
  }),
  "null for an optional key counts as omitted": Effect.gen(function*() {
    const body = { name: null, description: null }
    assert.strictEqual((yield* newBackup(yield* (yield* Target).index, { body })).status, 200)
  }),
  "{} is a body, but an empty body is not": Effect.gen(function*() {
    const index = yield* (yield* Target).index
    assert.strictEqual((yield* newBackup(index)).status, 200)
    for (const text of ["", "{", "null"]) assertRefused(yield* newBackup(index, { text }), 422, "UNPROCESSABLE_ENTITY")
  }),
  "an unknown route is 404 and a wrong method 405, in the envelope": Effect.gen(function*() {
    assertRefused(yield* send("GET", "/no-such-route"), 404, "NOT_FOUND")
    assertRefused(yield* send("PUT", "/backups"), 405)
  }),
  "a second enabled schedule of an index is refused, next to a disabled schedule it is not": Effect.gen(function*() {
    const index = yield* (yield* Target).index
    const first = yield* newSchedule(index)
    assertRefused(yield* newSchedule(index), 409, "ALREADY_EXISTS")
    yield* send("PATCH", `/backup-schedules/${first.id}`, { body: { enabled: false } })
    assert.strictEqual((yield* newSchedule(index)).status, 200)
    assertRefused(
      yield* send("PATCH", `/backup-schedules/${first.id}`, { body: { enabled: true } }),
      409,
      "ALREADY_EXISTS"
    )
  }),
  "a new schedule is enabled and has a planned run": Effect.gen(function*() {
    const { id, json } = yield* newSchedule(yield* (yield* Target).index)
    assert.isTrue(json.enabled)
    const [planned] = yield* history(id, "unstable")
    assert.strictEqual(planned?.["status"], "Scheduled")
    assert.strictEqual(
      Date.parse(String(planned?.["scheduled_execution_at"])) / 1000 | 0,
      Date.parse(json.next_scheduled_run) / 1000 | 0
    )
    assert.match(String(planned?.["name"]), /^nightly-\d{8}T\d{6}Z$/)
  }),
  "an empty update and enabling an enabled schedule change nothing": Effect.gen(function*() {
    const { id, json } = yield* newSchedule(yield* (yield* Target).index)
    for (const body of [{}, { enabled: true }]) {
      assert.deepStrictEqual((yield* send("PATCH", `/backup-schedules/${id}`, { body })).json, json)
    }
  }),
  "a deleted schedule and its history cannot be read": Effect.gen(function*() {
    const { id } = yield* newSchedule(yield* (yield* Target).index)
    assert.strictEqual((yield* send("DELETE", `/backup-schedules/${id}`)).status, 204)
    for (const path of [`/backup-schedules/${id}`, `/backup-schedules/${id}/history`]) {
      assertRefused(yield* send("GET", path), 404, "NOT_FOUND")
    }
    assertRefused(yield* send("DELETE", `/backup-schedules/${id}`), 404, "NOT_FOUND")
  }),
  "a new backup is initializing": Effect.gen(function*() {
    const { json } = yield* newBackup(yield* (yield* Target).index)
    assert.strictEqual(json.status, "Initializing")
  })
}

/** Rows that take time, or need a simulated project. */
const ours: Record<string, (plane: ControlPlane.Service) => Check> = {
  "progress is a number up to 2026-04, and 100 or missing since 2026-07": (plane) =>
    Effect.gen(function*() {
      const { backupId } = yield* plane.seedBackup({ indexName: yield* (yield* Target).index })
      const { json } = yield* send("POST", `/backups/${backupId}/create-index`, { body: { name: `p-${backupId}` } })
      const percent = (version: string) =>
        Effect.map(
          send("GET", `/restore-jobs/${json.restore_job_id}`, { version }),
          ({ json }) => json.percent_complete
        )
      yield* plane.advance("5 minutes")
      assert.deepStrictEqual([yield* percent("2026-04"), yield* percent("2026-07")], [50, undefined])
      yield* plane.advance("5 minutes")
      assert.deepStrictEqual([yield* percent("2026-04"), yield* percent("2026-07")], [100, 100])
      yield* send("DELETE", `/indexes/p-${backupId}`)
    }),
  "rows have the shape of the specification": (plane) =>
    Effect.gen(function*() {
      const { id } = yield* plane.seedSchedule({ indexName: yield* (yield* Target).index, runs: 1 })
      for (const row of yield* history(id)) assert.notProperty(row, "dimension")
      for (const row of yield* history(id, "unstable")) assert.property(row, "dimension")
    }),
  "a failure is called Failed up to 2026-04 and by unstable": (plane) =>
    Effect.gen(function*() {
      const runs = [{ status: "InitializationFailed" }]
      const { id } = yield* plane.seedSchedule({ indexName: yield* (yield* Target).index, runs, enabled: false })
      assert.deepStrictEqual(statusesOf(yield* history(id)), ["InitializationFailed"])
      assert.deepStrictEqual(statusesOf(yield* history(id, "unstable")), ["Failed"])
    }),
  "a page has 10 rows before 2026-07 and 100 since": (plane) =>
    Effect.gen(function*() {
      const { id } = yield* plane.seedSchedule({ indexName: yield* (yield* Target).index, runs: 120 })
      const size = (version: string) =>
        Effect.map(send("GET", `/backup-schedules/${id}/history`, { version }), ({ json }) => json.data.length)
      assert.deepStrictEqual([yield* size("unstable"), yield* size("2026-07")], [10, 100])
    }),
  "a used-up quota is 403 FORBIDDEN": (plane) =>
    Effect.gen(function*() {
      const index = yield* (yield* Target).index
      const { backupId } = yield* plane.seedBackup({ indexName: index })
      const { project } = yield* stateOf(plane)
      yield* plane.configure({ project: { backupQuota: 0, indexQuota: 0 } })
      assertRefused(yield* newBackup(index), 403, "FORBIDDEN")
      const body = { name: "one-too-many" }
      assertRefused(yield* send("POST", `/backups/${backupId}/create-index`, { body }), 403, "FORBIDDEN")
      yield* plane.configure({ project })
    }),
  "a backup with pending restores cannot be deleted, in every version": (plane) =>
    Effect.gen(function*() {
      const { backupId } = yield* plane.seedBackup({ indexName: yield* (yield* Target).index })
      yield* plane.seedRestoreJob({ backupId, status: "Pending", targetIndexName: `q-${backupId}` })
      for (const version of ["2026-07", "2026-04"]) {
        assertRefused(yield* send("DELETE", `/backups/${backupId}`, { version }), 412, "FAILED_PRECONDITION")
      }
    }),
  "the read capacity of a restore is validated and stored": (plane) =>
    Effect.gen(function*() {
      const { backupId } = yield* plane.seedBackup({ indexName: yield* (yield* Target).index })
      const restore = (read_capacity: unknown) =>
        send("POST", `/backups/${backupId}/create-index`, { body: { name: `r-${backupId}`, read_capacity } })
      assertRefused(yield* restore({ mode: "Dedicated" }), 422)
      const manual = { replicas: 1, shards: 2 }
      const dedicated = { mode: "Dedicated", dedicated: { node_type: "b1", scaling: "Manual", manual } }
      assert.strictEqual((yield* restore(dedicated)).status, 202)
      const { json } = yield* send("GET", `/indexes/r-${backupId}`)
      assert.deepStrictEqual(json.read_capacity.dedicated, dedicated.dedicated)
    }),
  "an update of an index keeps omitted fields, and merges and validates tags": (plane) =>
    Effect.gen(function*() {
      const { name } = yield* plane.seedIndex({
        name: `change-${(yield* stateOf(plane)).ids.index}`,
        tags: { team: "search", old: "1" }
      })
      const change = (body: unknown, version?: string) => send("PATCH", `/indexes/${name}`, { body, version })
      const seen = Effect.map(
        send("GET", `/indexes/${name}`),
        ({ json }) => [json.deletion_protection, json.tags] as const
      )
      for (
        const [body, protection, tags] of [
          [{ deletion_protection: "enabled" }, "enabled", { team: "search", old: "1" }],
          [{ tags: { old: "", stage: "x" } }, "enabled", { team: "search", stage: "x" }],
          [{ tags: {} }, "enabled", { team: "search", stage: "x" }],
          [{}, "enabled", { team: "search", stage: "x" }],
          [{ tags: { none: "" }, deletion_protection: "disabled" }, "disabled", { team: "search", stage: "x" }]
        ] as const
      ) {
        const { json, status } = yield* change(body)
        assert.strictEqual(status, 202)
        assert.deepStrictEqual([json.deletion_protection, json.tags], [protection, tags])
        assert.deepStrictEqual(yield* seen, [protection, tags])
      }
      const before = yield* seen
      const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, key) => [`k${key}`, "v"]))
      assertRefused(yield* change({ deletion_protection: "maybe" }), 422)
      for (const tags of [{ "a b": "v" }, { team: "ü" }, many(21), many(19)]) {
        assertRefused(yield* change({ tags }), 400, "INVALID_ARGUMENT")
      }
      assertRefused(yield* change({ tags: { team: "a&b" } }, "2026-04"), 400, "INVALID_ARGUMENT")
      assert.deepStrictEqual(yield* seen, before)
      assert.strictEqual((yield* change({ tags: { team: "a&b", ...many(18) } })).status, 202)
      assertRefused(yield* send("PATCH", "/indexes/no-such-index", { body: {} }), 404, "NOT_FOUND")
    }),
  "an index can have a fourth schedule": (plane) =>
    Effect.gen(function*() {
      const index = yield* (yield* Target).index
      yield* Effect.forEach([1, 2, 3], () => plane.seedSchedule({ indexName: index, enabled: false }))
      assert.strictEqual((yield* newSchedule(index)).status, 200)
    }),
  "a run is created when planned, keeps its ID, and the next run is planned a second later": (plane) =>
    Effect.gen(function*() {
      const { id, json } = yield* newSchedule(yield* (yield* Target).index)
      const [planned] = yield* history(id)
      assert.strictEqual(planned?.["created_at"], json.created_at)
      // Runs are at 06:00 UTC of the next day.
      yield* plane.advance(Duration.millis(Date.parse(json.next_scheduled_run) - Date.parse(json.created_at)))
      const [next, running] = yield* history(id)
      assert.deepStrictEqual([next?.["status"], running?.["status"]], ["Scheduled", "Initializing"])
      assert.deepStrictEqual(
        [running?.["backup_id"], running?.["created_at"]],
        [planned?.["backup_id"], planned?.["created_at"]]
      )
      assert.strictEqual(
        Date.parse(String(next?.["created_at"])) - Date.parse(json.next_scheduled_run),
        1000
      )
      yield* plane.advance("10 minutes")
      assert.deepStrictEqual(statusesOf(yield* history(id)), ["Scheduled", "Ready"])
    }),
  "no backup has the status Pending, and planned runs are not in the list of backups": (plane) =>
    Effect.gen(function*() {
      const index = yield* (yield* Target).index
      yield* newSchedule(index)
      yield* newBackup(index)
      const statuses = Effect.map(send("GET", `/indexes/${index}/backups`), ({ json }) => statusesOf(json.data))
      assert.deepStrictEqual(yield* statuses, ["Initializing"])
      yield* plane.advance("9 minutes")
      assert.deepStrictEqual(yield* statuses, ["Initializing"])
    }),
  "a full-text index can be backed up in 2026-07": (plane) =>
    Effect.gen(function*() {
      const { name } = yield* plane.seedIndex({
        name: `text-${(yield* stateOf(plane)).ids.index}`,
        schema: { fields: { body: { type: "string", fullTextSearch: { language: "en" } } } }
      })
      const { json, status } = yield* newBackup(name)
      assert.strictEqual(status, 200)
      assert.nestedPropertyVal(json, "schema.fields.body.full_text_search.language", "en")
    }),
  "a job whose index was deleted is 404": (plane) =>
    Effect.gen(function*() {
      const { restoreJobId, targetIndexName } = yield* plane.seedRestoreJob({
        targetIndexName: `gone-${(yield* stateOf(plane)).ids.index}`
      })
      assert.strictEqual((yield* send("GET", `/restore-jobs/${restoreJobId}`)).status, 200)
      assert.strictEqual((yield* send("DELETE", `/indexes/${targetIndexName}`)).status, 202)
      assertRefused(yield* send("GET", `/restore-jobs/${restoreJobId}`), 404, "NOT_FOUND")
    }),
  "enabling again takes a backup immediately and counts from now": (plane) =>
    Effect.gen(function*() {
      const { id } = yield* newSchedule(yield* (yield* Target).index)
      yield* send("PATCH", `/backup-schedules/${id}`, { body: { enabled: false } })
      yield* plane.advance("90 minutes")
      const { json } = yield* send("PATCH", `/backup-schedules/${id}`, { body: { enabled: true } })
      const now = (yield* plane.now).epochMilliseconds
      assert.strictEqual(Date.parse(json.next_scheduled_run) - now, 24 * 3600 * 1000)
      assert.deepStrictEqual(statusesOf(yield* history(id)), ["Scheduled", "Initializing"])
    }),
  "a new retention applies to existing backups, and expired backups are deleted": (plane) =>
    Effect.gen(function*() {
      const { id } = yield* newSchedule(yield* (yield* Target).index)
      yield* plane.advance("5 days")
      assert.isAbove((yield* history(id)).length, 4)
      yield* send("PATCH", `/backup-schedules/${id}`, { body: { retention: { expire_after_days: 2 } } })
      assert.strictEqual((yield* history(id)).length, 3)
      yield* send("PATCH", `/backup-schedules/${id}`, { body: { enabled: false } })
      yield* plane.advance("2 days")
      assert.deepStrictEqual(yield* history(id), [])
    }),
  "backups of a deleted schedule remain until they expire": (plane) =>
    Effect.gen(function*() {
      const index = yield* (yield* Target).index
      const { id } = yield* newSchedule(index)
      yield* plane.advance("3 days")
      yield* send("DELETE", `/backup-schedules/${id}`)
      const count = Effect.map(send("GET", `/indexes/${index}/backups`), ({ json }) => json.data.length)
      assert.isAbove(yield* count, 1)
      yield* plane.advance("7 days")
      assert.strictEqual(yield* count, 0)
    }),
  "deleting an index drops its schedules and keeps its backups, which include_deleted shows": (plane) =>
    Effect.gen(function*() {
      const index = yield* (yield* Target).index
      const { id } = yield* plane.seedSchedule({ indexName: index, runs: 2 })
      yield* send("DELETE", `/indexes/${index}`)
      assertRefused(yield* send("GET", `/backup-schedules/${id}`), 404)
      assertRefused(yield* send("GET", `/indexes/${index}/backups`), 404)
      const { json } = yield* send("GET", `/indexes/${index}/backups?include_deleted=true`)
      assert.lengthOf(json.data, 2)
      for (const backup of json.data) assert.property(backup, "source_index_deleted_at")
    }),
  "pod-based and encrypted indexes cannot be backed up, BYOC indexes can": (plane) =>
    Effect.gen(function*() {
      for (const [kind, status] of [["pod", 400], ["encrypted", 400], ["byoc", 200]] as const) {
        const { name } = yield* plane.seedIndex({ name: `${kind}-${(yield* stateOf(plane)).ids.index}`, kind })
        assert.strictEqual((yield* newBackup(name)).status, status)
        assert.strictEqual((yield* newSchedule(name)).status, status)
      }
    }),
  "a restore creates an index and a job, which complete together": (plane) =>
    Effect.gen(function*() {
      const { backupId } = yield* plane.seedBackup({ indexName: yield* (yield* Target).index })
      const name = `s-${backupId}`
      const { json, status } = yield* send("POST", `/backups/${backupId}/create-index`, { body: { name } })
      assert.strictEqual(status, 202)
      const seen = Effect.gen(function*() {
        const index = (yield* send("GET", `/indexes/${name}`)).json
        const job = (yield* send("GET", `/restore-jobs/${json.restore_job_id}`)).json
        return [job.target_index_id === json.index_id, index.status.ready, job.status]
      })
      assert.deepStrictEqual(yield* seen, [true, false, "Pending"])
      yield* plane.advance("10 minutes")
      assert.deepStrictEqual(yield* seen, [true, true, "Completed"])
    }),
  "plans without backups refuse only requests that create backups": (plane) =>
    Effect.gen(function*() {
      const index = yield* (yield* Target).index
      const { id } = yield* plane.seedSchedule({ indexName: index, runs: 1 })
      yield* plane.configure({ project: { hasBackups: false } })
      assertRefused(yield* newBackup("no-such-index"), 403, "PERMISSION_DENIED")
      assertRefused(yield* newSchedule("no-such-index"), 403, "PERMISSION_DENIED")
      const path = `/backup-schedules/${id}`
      assert.strictEqual((yield* send("PATCH", path, { body: { enabled: false } })).status, 200)
      assertRefused(yield* send("PATCH", path, { body: { enabled: true } }), 403, "PERMISSION_DENIED")
      assert.lengthOf(yield* history(id), 1)
      assert.strictEqual((yield* send("DELETE", path)).status, 204)
      yield* plane.configure({ project: { hasBackups: true } })
    })
}

/** Titles of the rows. */
export const rows: ReadonlyArray<string> = [reading, writing, ours].flatMap(Object.keys)

/** Permission of a suite: only GET requests, also create and delete backups and schedules, or everything. */
export type Permission = "read" | "write" | "own"

/** Defines tests for the permitted rows. */
export const suite = <E>(name: string, target: Layer.Layer<Target, E>, permission: Permission) =>
  // A real service uses its own clock.
  layer(target, { excludeTestServices: permission !== "own" })(`Conformance, ${name}:`, (it) => {
    const allowed = { ...reading, ...(permission !== "read" && writing) }
    describe("anywhere", () => {
      for (const [row, check] of Object.entries(allowed)) it.effect(row, () => Effect.scoped(check))
    })
    if (permission !== "own") return
    describe("on our own", () => {
      for (const [row, check] of Object.entries(ours)) {
        it.effect(row, () =>
          Effect.flatMap(
            Effect.map(Target, ({ plane }) => plane ?? assert.fail("This needs a service of our own")),
            (plane) => Effect.scoped(check(plane))
          ))
      }
    })
  })
