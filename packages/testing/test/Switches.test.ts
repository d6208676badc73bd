import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpMethod from "effect/http/HttpMethod"
import * as Layer from "effect/Layer"
import { indexName, start, stateOf } from "./support.ts"

const send = Effect.fnUntraced(function*(
  method: HttpMethod.HttpMethod,
  path: string,
  { body, version = "2026-07", key = "any" }: {
    readonly body?: unknown
    readonly version?: string | undefined
    readonly key?: string
  } = {}
) {
  const client = yield* HttpClient.HttpClient
  const request = HttpClientRequest.make(method)(`https://api.pinecone.io${path}`, {
    headers: { "api-key": key, "x-pinecone-api-version": version }
  })
  const response = yield* client.execute(
    body === undefined ? request : HttpClientRequest.bodyJsonUnsafe(request, body)
  )
  const text = yield* response.text
  return {
    status: response.status,
    text,
    json: response.headers["content-type"]?.startsWith("application/json") && text ? JSON.parse(text) : undefined
  }
})

/** A project with one resource of each kind, with the time stopped on a Thursday afternoon. */
const withSettings = (settings: ControlPlane.Settings) =>
  Effect.provide(Emulator.layerMemory.pipe(Layer.provideMerge(ControlPlane.layer({
    ...settings,
    now: DateTime.makeUnsafe(start),
    indexes: [{ name: "free" }],
    schedules: [{ id: "nightly", indexName: "busy", runs: 3 }],
    backups: [{ backupId: Backup.BackupId.make("good"), indexName: "busy" }]
  }))))

const aSchedule = {
  name: "nightly",
  schedule: { type: "time-based", frequency: "daily" },
  retention: { expire_after_days: 7 }
}

/** Observations with a changed switch. */
const test = <Key extends keyof ControlPlane.Switches>(
  key: Key,
  value: ControlPlane.Switches[Key],
  check: Effect.Effect<void, unknown, ControlPlane.ControlPlane | HttpClient.HttpClient>
) => it.effect(`${key}: ${value}`, () => check.pipe(withSettings({ switches: { [key]: value } })))

const statuses = (...requests: ReadonlyArray<ReturnType<typeof send>>) =>
  Effect.map(Effect.all(requests), (answers) => answers.map(({ status }) => status))

describe("switch", () => {
  for (const status of [200, 201] as const) {
    test(
      "createStatus",
      status,
      Effect.gen(function*() {
        assert.deepStrictEqual(
          yield* statuses(
            send("POST", "/indexes/free/backups", { body: {} }),
            send("POST", "/indexes/free/backups", { body: {}, version: "2026-04" }),
            send("POST", "/indexes/free/backup-schedules", { body: aSchedule }),
            send("POST", "/backups/good/create-index", { body: { name: "copy" } }),
            send("GET", "/backups/good")
          ),
          [status, status, status, 202, 200]
        )
      })
    )
  }

  for (
    const [form, text, older] of [["byVersion", true, false], ["text", true, true], ["json", false, false]] as const
  ) {
    test(
      "unauthenticated",
      form,
      Effect.gen(function*() {
        const isText = (version: string) =>
          Effect.map(
            send("GET", "/backups", { key: "", version }),
            ({ status, text }) => [status, text === "Invalid API key"]
          )
        assert.deepStrictEqual(yield* isText("2026-07"), [401, text])
        assert.deepStrictEqual(yield* isText("unstable"), [401, text])
        assert.deepStrictEqual(yield* isText("2026-04"), [401, older])
      })
    )
  }

  /** `pagination` of the pages of a list. */
  const walk = Effect.gen(function*() {
    const pages: Array<readonly [rows: number, pagination: string]> = []
    let path = "/backups?limit=2"
    for (let page = 0; page < 5; page++) {
      const { data, pagination } = (yield* send("GET", path)).json
      pages.push([data.length, pagination === undefined ? "missing" : pagination === null ? "null" : "token"])
      if (!pagination) break
      path = `/backups?paginationToken=${pagination.next}`
    }
    return pages
  })
  for (
    const [form, pages] of [
      ["null", [[2, "token"], [2, "null"]]],
      ["missing", [[2, "token"], [2, "missing"]]],
      ["emptyPage", [[2, "token"], [2, "token"], [0, "null"]]]
    ] as const
  ) {
    test(
      "lastPage",
      form,
      Effect.gen(function*() {
        assert.deepStrictEqual<unknown>(yield* walk, pages)
      })
    )
  }

  for (const [value, status] of [["clamp", 200], ["refuse", 400]] as const) {
    test(
      "limitAbove100",
      value,
      Effect.gen(function*() {
        assert.deepStrictEqual(
          yield* statuses(send("GET", "/backups?limit=101"), send("GET", "/backups?limit=100")),
          [status, 200]
        )
      })
    )
  }

  for (const [value, dimension] of [[true, 1536], [false, undefined]] as const) {
    test(
      "oldRows",
      value,
      Effect.gen(function*() {
        const history = (yield* send("GET", "/backup-schedules/nightly/history")).json.data
        assert.lengthOf(history, value ? 3 : 4)
        const backup = (yield* send("GET", "/backups/good")).json
        assert.deepStrictEqual([history[0].dimension, backup.dimension, backup.tags], [dimension, dimension, null])
        assert.strictEqual(backup.schema === null, value)
      })
    )
  }

  for (const [value, status] of [[true, 200], [false, 404]] as const) {
    test(
      "schedulesIn2026_04",
      value,
      Effect.gen(function*() {
        const history = "/backup-schedules/nightly/history"
        assert.deepStrictEqual(
          yield* statuses(
            ...["2025-04", "2026-04", "unstable", "2026-07"].map((version) => send("GET", history, { version }))
          ),
          [404, status, 200, 200]
        )
      })
    )
  }

  for (const status of [400, 404] as const) {
    test(
      "unknownVersion",
      status,
      Effect.gen(function*() {
        assert.strictEqual((yield* send("GET", "/backups", { version: "1999-01" })).status, status)
      })
    )
  }

  for (const isOn of [true, false]) {
    test(
      "schedulesRun",
      isOn,
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const { id } = yield* plane.seedSchedule({ indexName: indexName("free"), runs: 2 })
        const history = Effect.map(
          send("GET", `/backup-schedules/${id}/history`),
          ({ json }) => json.data.map(({ status }: { readonly status: string }) => status).sort()
        )
        assert.deepStrictEqual(yield* history, ["Ready", "Ready", "Scheduled"])
        yield* plane.advance("2 days")
        assert.deepStrictEqual(yield* history, [...(isOn ? ["Ready", "Ready"] : []), "Ready", "Ready", "Scheduled"])
        const { json } = yield* send("GET", `/backup-schedules/${id}`)
        assert.isAbove(Date.parse(json.next_scheduled_run), DateTime.toEpochMillis(yield* plane.now))
      })
    )
  }

  for (const ends of ["Ready", "InitializationFailed"] as const) {
    test(
      "backupsEnd",
      ends,
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const { json } = yield* send("POST", "/indexes/free/backups", { body: {} })
        yield* plane.advance("10 minutes")
        assert.strictEqual((yield* send("GET", `/backups/${json.backup_id}`)).json.status, ends)
      })
    )
  }

  for (const ends of ["Completed", "Failed", "Cancelled"] as const) {
    test(
      "restoresEnd",
      ends,
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const { json } = yield* send("POST", "/backups/good/create-index", { body: { name: "copy" } })
        const job = `/restore-jobs/${json.restore_job_id}`
        assert.strictEqual((yield* send("GET", job)).json.status, "Pending")
        yield* plane.advance("1 day")
        const older = (yield* send("GET", job, { version: "2026-04" })).json
        assert.strictEqual(older.status, ends)
        assert.strictEqual(older.percent_complete === 100, ends === "Completed")
        assert.strictEqual((yield* send("GET", "/indexes/copy")).json.status.ready, ends === "Completed")
      })
    )
  }
})

describe("project", () => {
  it.effect("denies operations after checking the account and before validating values", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.configure({ project: { deniedOperations: ["Backups.restore", "Backups.list"] } })
      const wrong = send("POST", "/backups/no/create-index", { body: { name: "NO" } })
      const denied = yield* wrong
      assert.strictEqual(denied.status, 403)
      assert.deepStrictEqual(denied.json.error, {
        code: "PERMISSION_DENIED",
        message: "The API key has no permission for Backups.restore."
      })
      const shapeless = send("POST", "/backups/no/create-index", { body: {} })
      assert.deepStrictEqual(yield* statuses(shapeless, send("GET", "/backups"), send("GET", "/backups/good")), [
        422,
        403,
        200
      ])
      yield* plane.configure({ project: { isOverdue: true } })
      assert.deepStrictEqual(yield* statuses(wrong, send("GET", "/backups")), [402, 403])
      assert.deepStrictEqual(
        yield* statuses(send("GET", "/backups?limit=0"), send("GET", "/backups?paginationToken=x")),
        [403, 403]
      )
    }).pipe(withSettings({})))

  it.effect("returns a deleted backup for a while, and a new restore job after a delay", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const { json } = yield* send("POST", "/backups/good/create-index", { body: { name: "copy" } })
      const job = send("GET", `/restore-jobs/${json.restore_job_id}`)
      const count = Effect.map(send("GET", "/restore-jobs"), ({ json }) => json.data.length)
      assert.deepStrictEqual([(yield* job).status, yield* count], [404, 0])
      yield* plane.advance("30 seconds")
      assert.deepStrictEqual([(yield* job).status, yield* count], [200, 1])

      yield* plane.advance("1 day")
      const backup = send("GET", "/backups/good")
      const remove = send("DELETE", "/backups/good")
      assert.deepStrictEqual(yield* statuses(remove, backup, remove), [202, 200, 202])
      yield* plane.advance("1 minute")
      assert.deepStrictEqual(yield* statuses(backup, remove), [404, 404])
    }).pipe(
      withSettings({ project: { deletionDelay: Duration.minutes(1), restoreJobDelay: Duration.seconds(30) } })
    ))
})

describe("changes of settings", () => {
  it.effect("returns a readable restore job, even before earlier jobs", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const restore = (name: string) => send("POST", "/backups/good/create-index", { body: { name } })
      const count = Effect.map(send("GET", "/restore-jobs"), ({ json }) => json.data.length)
      yield* restore("later")
      yield* plane.configure({ project: { restoreJobDelay: Duration.zero } })
      yield* restore("at-once")
      assert.strictEqual(yield* count, 1)
      yield* plane.advance("30 seconds")
      assert.strictEqual(yield* count, 2)
    }).pipe(withSettings({ project: { restoreJobDelay: Duration.seconds(30) } })))

  it.effect("returns a number as the progress of a restore that failed immediately", () =>
    Effect.gen(function*() {
      yield* send("POST", "/backups/good/create-index", { body: { name: "copy" } })
      const { json } = yield* send("GET", "/restore-jobs", { version: "2026-04" })
      assert.strictEqual(json.data[0].percent_complete, 99)
    }).pipe(withSettings({ project: { restoreDuration: Duration.zero }, switches: { restoresEnd: "Failed" } })))

  it.effect("does not keep a deleted backup beyond its retention", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.seedSchedule({ id: "short", indexName: "short", expireAfterDays: 1 })
      yield* plane.advance("1 day")
      const { json } = yield* send("GET", "/indexes/short/backups")
      const path = `/backups/${json.data[0].backup_id}`
      assert.deepStrictEqual(yield* statuses(send("DELETE", path), send("GET", path)), [202, 200])
      yield* plane.advance("1 day")
      assert.deepStrictEqual(yield* statuses(send("GET", path)), [404])
    }).pipe(withSettings({ project: { deletionDelay: Duration.days(9) } })))

  it.effect("can be dumped with any seed", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.seedBackup({ recordCount: -1.5 })
      assert.property(yield* plane.dump, "state")
    }).pipe(withSettings({})))
})

describe("a response of a version", () => {
  const keys = (path: string, version: string) =>
    Effect.map(send("GET", path, { version }), ({ json }) => Object.keys(json.data?.[0] ?? json))

  it.effect("has a schema and tags only if the version has them", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.seedIndex({
        name: "typed",
        schema: { fields: { body: { type: "float", filterable: true } } }
      })
      const { backupId } = yield* plane.seedBackup({ indexName: "typed" })
      for (const version of ["2025-04", "2025-10", "2026-01.alpha", "2026-04", "2026-07", "unstable"]) {
        const backup = yield* keys(`/backups/${backupId}`, version)
        assert.strictEqual(backup.includes("schema"), version === "2026-07" || version === "2026-01.alpha", version)
        assert.strictEqual(backup.includes("dimension"), version !== "2026-07" && version !== "2026-01.alpha", version)
        const { tags } = (yield* send("GET", `/backups/${backupId}`, { version })).json
        assert.deepStrictEqual(tags, version === "2026-07" ? null : {}, version)
      }
    }).pipe(withSettings({})))

  it.effect("uses the tag rules of its version", () =>
    Effect.gen(function*() {
      const restore = (name: string, version: string, tags: Record<string, unknown>) =>
        Effect.map(
          send("POST", "/backups/good/create-index", { body: { name, tags }, version }),
          ({ status }) => status
        )
      const many = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`k${index}`, "v"]))
      assert.strictEqual(yield* restore("a", "2026-07", { note: "a/b" }), 202)
      assert.strictEqual(yield* restore("b", "2026-04", { note: "a/b" }), 400)
      assert.strictEqual(yield* restore("b", "2026-04", { note: 1 }), 422)
      assert.strictEqual(yield* restore("b", "2026-07", many), 400)
      assert.strictEqual(yield* restore("b", "2026-04", many), 202)
    }).pipe(withSettings({})))

  it.effect("keeps the read capacity of a restore, which older versions ignore", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const dedicated = {
        mode: "Dedicated",
        dedicated: { node_type: "b1", scaling: "Manual", manual: { replicas: 1, shards: 1 } }
      } as const
      const restore = (name: string, version: string, read_capacity: unknown) =>
        Effect.map(
          send("POST", "/backups/good/create-index", { body: { name, read_capacity }, version }),
          ({ status }) => status
        )
      assert.strictEqual(yield* restore("a", "2026-07", dedicated), 202)
      assert.strictEqual(yield* restore("b", "2026-04", { mode: "nonsense" }), 202)
      assert.strictEqual(yield* restore("c", "2026-07", { mode: "nonsense" }), 422)
      const { indexes } = yield* stateOf(plane)
      assert.deepStrictEqual(
        [...indexes.values()].slice(-2).map(({ name, readCapacity }) => [String(name), readCapacity]),
        [["a", dedicated], ["b", undefined]]
      )
    }).pipe(withSettings({})))
})
