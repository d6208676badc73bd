import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Clocks from "@pinecone-backups/core/health/Clocks"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import { sendTo, start, stateOf } from "./support.ts"

// Faulty responses that look valid: each fault makes exactly the intended change.

// ============================================================================
// A service with one resource of each kind
// ============================================================================

const day = 86_400_000

/** An instant a number of milliseconds after the reference time, in the format of the service. */
const at = (millis: number): string =>
  DateTime.formatIso(DateTime.add(DateTime.makeUnsafe(start), { milliseconds: millis })).replace("Z", "000Z")

const yesterday = DateTime.makeUnsafe(at(-day))

const manualId = Backup.BackupId.make("manual")

const plane = ControlPlane.make({
  now: DateTime.makeUnsafe(start),
  speed: 0,
  switches: { indexIds: true },
  indexes: [{ name: "docs" }, { name: "copied", sourceBackupId: manualId }],
  schedules: [{ id: "nightly", createdAt: yesterday, runs: [{ status: "Scheduled" }, {}] }],
  backups: [{ backupId: manualId, name: "by-hand", createdAt: yesterday }],
  restoreJobs: [{ id: "done", backupId: manualId, createdAt: yesterday }]
})

const index = "/indexes/docs"
const manual = "/backups/manual"
const nightly = "/backup-schedules/nightly"
const done = "/restore-jobs/done"

type Send = readonly [method: "GET" | "POST" | "PATCH" | "DELETE", path: string, body?: Schema.JsonObject]

/**
 * Responses of two equal services, one of which has the fault. Status, headers, the state and the next response must be the
 * same.
 */
const compare = Effect.fnUntraced(function*(fault: Fault.Fault, ...request: Send) {
  const [right, wrong] = [yield* plane, yield* plane]
  yield* wrong.fault("*", fault)
  const before = yield* sendTo(right, ...request)
  const after = yield* sendTo(wrong, ...request)
  assert.strictEqual(after.status, before.status)
  const { "content-length": _, date: rightDate, ...headers } = before.headers
  const { "content-length": __, date, ...others } = after.headers
  assert.deepStrictEqual(others, headers)
  assert.strictEqual(date, rightDate)
  assert.deepStrictEqual(yield* wrong.dump, yield* right.dump)
  // The fault affects one request.
  assert.strictEqual((yield* sendTo(wrong, "GET", manual)).text, (yield* sendTo(right, "GET", manual)).text)
  return { before: parse(before.text), after: parse(after.text) }
})

/** The JSON of a response; `undefined` without a body. */
const parse = (text: string): unknown => text === "" ? undefined : JSON.parse(text)

/** Differences between two JSON values: paths and new values. */
const differences = (before: unknown, after: unknown, path = ""): Record<string, unknown> => {
  if (JSON.stringify(before) === JSON.stringify(after)) return {}
  if (!Predicate.isObjectKeyword(before) || !Predicate.isObjectKeyword(after)) return { [path]: after }
  const [from, to] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  const keys = [...new Set([...from.keys(), ...to.keys()])]
  return Object.assign(
    {},
    ...keys.map((key) => differences(from.get(key), to.get(key), path === "" ? key : `${path}.${key}`))
  )
}

const changes = (fault: Fault.Fault, ...request: Send) =>
  Effect.map(compare(fault, ...request), ({ after, before }) => differences(before, after))

/** Changed responses of each kind: objects and rows, manual and scheduled, planned and finished. */
type Table = ReadonlyArray<readonly [request: Send, changes: Record<string, unknown>]>

const follows = (fault: Fault.Fault, table: Table) =>
  Effect.forEach(table, ([request, expected]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* changes(fault, ...request), expected, request.join(" "))
      // The fault happens after the request was carried out, so `afterCommit` changes nothing.
      assert.deepStrictEqual(yield* changes(Fault.afterCommit(simple(fault)), ...request), expected)
    }))

type Simple = Parameters<typeof Fault.afterCommit>[0]

const simple = (fault: Fault.Fault): Simple => {
  switch (fault._tag) {
    case "AfterCommit":
    case "FlawedRestore":
    case "LyingSuccess":
    case "OldRows":
      return assert.fail()
    default:
      return fault
  }
}

const refusal: Send = ["GET", "/backups/none"]

// ============================================================================
// Clocks
// ============================================================================

describe("clockSkew", () => {
  it.effect.each<[options: Parameters<typeof Fault.clockSkew>[0], date: string | undefined, age: string | undefined]>([
    [{}, "Thu, 23 Apr 2026 16:36:51 GMT", undefined],
    [{ date: "10 minutes" }, "Thu, 23 Apr 2026 16:46:51 GMT", undefined],
    [{ date: "-10 minutes" }, "Thu, 23 Apr 2026 16:26:51 GMT", undefined],
    // `Date` has whole seconds, so half a second back shows as one second.
    [{ date: "-500 millis" }, "Thu, 23 Apr 2026 16:36:50 GMT", undefined],
    [{ date: "500 millis" }, "Thu, 23 Apr 2026 16:36:51 GMT", undefined],
    [{ date: "missing" }, undefined, undefined],
    [{ age: "90 seconds" }, "Thu, 23 Apr 2026 16:36:51 GMT", "90"],
    [{ date: "-90 seconds", age: "90500 millis" }, "Thu, 23 Apr 2026 16:35:21 GMT", "90"]
  ])("changes or omits Date: %j", ([options, date, age]) =>
    Effect.gen(function*() {
      const skewed = yield* plane
      const whole = yield* sendTo(skewed, "GET", manual)
      const { date: _, [Clocks.simulatedHeader]: simulated, ...headers } = whole.headers
      assert.strictEqual(simulated, "true")
      const isOff = options.date !== undefined && options.date !== "missing"
      for (const fault of [Fault.clockSkew(options), Fault.afterCommit(Fault.clockSkew(options))]) {
        yield* skewed.fault("Backups.describe", fault)
        const answer = yield* sendTo(skewed, "GET", manual)
        assert.strictEqual(answer.status, 200)
        assert.strictEqual(answer.text, whole.text)
        assert.deepStrictEqual({ ...answer.headers, "x-request-id": "" }, {
          ...headers,
          // A wrong clock is not marked as simulated.
          ...(!isOff && { [Clocks.simulatedHeader]: simulated }),
          ...(date !== undefined && { date }),
          ...(age !== undefined && { age }),
          "x-request-id": ""
        })
      }
      // An error response also has a date.
      yield* skewed.fault("Backups.describe", Fault.clockSkew(options))
      const refused = yield* sendTo(skewed, ...refusal)
      assert.deepStrictEqual([refused.status, refused.headers["date"]], [404, date])
    }))

  it.effect("moves past times, but not planned times", () =>
    follows(Fault.clockSkew({ createdAt: "-90 seconds" }), [
      [["GET", manual], { created_at: at(-day - 90_000) }],
      [["GET", nightly], { created_at: at(-day - 90_000) }],
      [["GET", done], { created_at: at(-day - 90_000), completed_at: at(-day + 6_000 - 90_000) }],
      [["GET", "/backups?limit=2"], {
        "data.0.created_at": "2026-04-22T05:58:30.000000Z",
        "data.1.created_at": at(-day - 90_000)
      }],
      [["POST", `${index}/backups`, {}], { created_at: at(-90_000) }],
      [["DELETE", manual], {}],
      [["GET", index], {}],
      [refusal, {}]
    ]))

  it.effect("keeps four-digit years", () =>
    Effect.gen(function*() {
      const service = yield* ControlPlane.make({
        backups: [{ backupId: Backup.BackupId.make("late"), createdAt: DateTime.makeUnsafe("9999-01-01T00:00:00Z") }]
      })
      yield* service.fault("*", Fault.clockSkew({ createdAt: "36525 days" }))
      const { created_at } = JSON.parse((yield* sendTo(service, "GET", "/backups/late")).text)
      assert.strictEqual(created_at, "9999-12-31T23:59:59.000000Z")
    }))
})

describe("futureDated", () => {
  const late = at(day)

  it.effect("dates objects in the future", () =>
    follows(Fault.futureDated(), [
      [["GET", manual], { created_at: late }],
      [["GET", nightly], { created_at: late }],
      [["GET", done], { created_at: late, completed_at: at(day + 6_000) }],
      [["GET", `${nightly}/history`], { "data.0.created_at": late, "data.1.created_at": late }],
      [["POST", `${index}/backups`, {}], { created_at: late }],
      [["DELETE", manual], {}],
      [["GET", "/indexes"], {}],
      [refusal, {}]
    ]))

  it.effect("moves planned times with stamps", () =>
    follows(Fault.futureDated({ by: "2 hours", stamps: true }), [
      [["GET", `${nightly}/history`], {
        // A run is planned when the previous run starts, so its creation time also moves.
        "data.0.created_at": at(7_200_000),
        "data.0.name": "nightly-20260424T183651Z",
        "data.0.scheduled_execution_at": "2026-04-24T18:36:51.000000Z",
        "data.1.created_at": at(7_200_000),
        "data.1.name": "nightly-20260424T183651Z"
      }],
      [["GET", manual], { created_at: at(7_200_000) }],
      [["GET", nightly], { created_at: at(7_200_000) }]
    ]))

  it.effect("does not change responses without times", () =>
    Effect.gen(function*() {
      const service = yield* ControlPlane.make({
        backups: [{ backupId: Backup.BackupId.make("timeless"), createdAt: null }]
      })
      const get = sendTo(service, "GET", "/backups/timeless")
      const { text } = yield* get
      yield* service.fault("*", Fault.futureDated({ stamps: true }))
      assert.strictEqual((yield* get).text, text)
    }))
})

describe("unreadableTimes", () => {
  const table = (time: (millis: number) => unknown): Table => [
    [["GET", manual], { created_at: time(-day) }],
    [["GET", nightly], { created_at: time(-day), next_scheduled_run: time(48_189_000) }],
    [["GET", done], { created_at: time(-day), completed_at: time(-day + 6_000) }],
    [["GET", "/restore-jobs"], { "data.0.created_at": time(-day), "data.0.completed_at": time(-day + 6_000) }],
    [["GET", `${nightly}/history?limit=1`], {
      "data.0.created_at": time(-38_211_000),
      "data.0.scheduled_execution_at": time(48_189_000)
    }],
    [["POST", `${index}/backups`, {}], { created_at: time(0) }],
    [["DELETE", nightly], {}],
    [["GET", index], {}],
    [refusal, {}]
  ]

  it.effect("are a string by default", () => follows(Fault.unreadableTimes(), table(() => "not a time")))
  it.effect("are a string", () => follows(Fault.unreadableTimes({ form: "text" }), table(() => "not a time")))
  it.effect("are a number", () =>
    follows(Fault.unreadableTimes({ form: "number" }), table((millis) => Date.parse(start) + millis)))
  it.effect("are null", () => follows(Fault.unreadableTimes({ form: "null" }), table(() => null)))
  it.effect("are missing", () => follows(Fault.unreadableTimes({ form: "missing" }), table(() => undefined)))

  it.effect("keep null", () =>
    Effect.gen(function*() {
      const paused = ["PATCH", nightly, { enabled: false }] as const
      assert.deepStrictEqual(yield* changes(Fault.unreadableTimes(), ...paused), { created_at: "not a time" })
    }))

  it.effect("include the deletion time of an index", () =>
    Effect.gen(function*() {
      const service = yield* plane
      yield* sendTo(service, "DELETE", index)
      yield* service.fault("*", Fault.unreadableTimes())
      const { created_at, source_index_deleted_at } = JSON.parse((yield* sendTo(service, "GET", manual)).text)
      assert.deepStrictEqual([created_at, source_index_deleted_at], ["not a time", "not a time"])
    }))
})

// ============================================================================
// Other objects
// ============================================================================

describe("wrongObject", () => {
  const ofIndex = { source_index_id: "jndex-1", source_index_name: "eocs" }

  it.effect("returns another object of the same kind", () =>
    follows(Fault.wrongObject(), [
      [["GET", manual], { backup_id: "nanual", name: "cy-hand", ...ofIndex }],
      [["GET", nightly], { schedule_id: "oightly", name: "oightly", index_id: "jndex-1" }],
      [["GET", done], {
        restore_job_id: "eone",
        backup_id: "nanual",
        target_index_id: "jndex-3",
        target_index_name: "sestored"
      }],
      [["GET", index], { id: "jndex-1", name: "eocs" }],
      [["GET", "/indexes/copied"], { id: "jndex-2", name: "dopied", source_backup_id: "nanual" }],
      [["GET", "/indexes"], {
        "indexes.0.id": "jndex-1",
        "indexes.0.name": "eocs",
        "indexes.1.id": "jndex-2",
        "indexes.1.name": "dopied",
        "indexes.1.source_backup_id": "nanual",
        "indexes.2.id": "jndex-3",
        "indexes.2.name": "sestored"
      }],
      [["GET", `${nightly}/history?limit=1`], {
        "data.0.backup_id": "cackup-1",
        "data.0.source_index_id": "jndex-1",
        "data.0.source_index_name": "eocs",
        "data.0.name": "oightly-20260424T060000Z"
      }],
      [["POST", `${index}/backups`, { name: "a" }], { backup_id: "cackup-4", ...ofIndex, name: "b" }],
      // A null name does not change.
      [["POST", `${index}/backups`, {}], { backup_id: "cackup-4", ...ofIndex }],
      [["POST", `${manual}/create-index`, { name: "copy" }], { restore_job_id: "kob-2", index_id: "jndex-4" }],
      [["PATCH", index, { tags: { a: "b" } }], { id: "jndex-1", name: "eocs" }],
      [["DELETE", manual], {}],
      [refusal, {}]
    ]))

  it.effect.each<[part: "id" | "name" | "index" | "backup", job: object, backup: object, index: object]>([
    ["id", { restore_job_id: "eone" }, { backup_id: "nanual" }, { id: "jndex-2" }],
    ["name", {}, { name: "cy-hand" }, { name: "dopied" }],
    ["index", { target_index_id: "jndex-3", target_index_name: "sestored" }, ofIndex, {}],
    ["backup", { backup_id: "nanual" }, {}, { source_backup_id: "nanual" }]
  ])("changes the %s", ([part, ofJob, ofBackup, ofRestored]) =>
    Effect.gen(function*() {
      const fault = Fault.wrongObject({ parts: [part] })
      assert.deepStrictEqual(yield* changes(fault, "GET", done), ofJob)
      assert.deepStrictEqual(yield* changes(fault, "GET", manual), ofBackup)
      assert.deepStrictEqual(yield* changes(fault, "GET", "/indexes/copied"), ofRestored)
    }))

  it.effect.each<[id: string, other: string]>([
    ["9a63c1d5-e807-4f2b-8c14-2d7f5b0ea631", "0a63c1d5-e807-4f2b-8c14-2d7f5b0ea631"],
    ["fa63c1d5-e807-4f2b-8c14-2d7f5b0ea631", "aa63c1d5-e807-4f2b-8c14-2d7f5b0ea631"],
    ["FA", "AA"],
    ["z1", "g1"],
    ["Z1", "G1"],
    ["-9", "-0"],
    ["--", "--0"]
  ])("keeps the form of an ID: %s", ([id, other]) =>
    Effect.gen(function*() {
      const service = yield* ControlPlane.make({ backups: [{ backupId: Backup.BackupId.make(id) }] })
      yield* service.fault("*", Fault.wrongObject())
      assert.strictEqual(JSON.parse((yield* sendTo(service, "GET", `/backups/${id}`)).text).backup_id, other)
    }))
})

// ============================================================================
// Lists without rows
// ============================================================================

describe("missingData", () => {
  const lists = [`${index}/backup-schedules`, `${nightly}/history`, `${index}/backups`, "/backups", "/restore-jobs"]

  const answers = (options: Parameters<typeof Fault.missingData>[0], query: string) =>
    Effect.forEach(
      lists,
      (path) => Effect.map(compare(Fault.missingData(options), "GET", `${path}${query}`), ({ after }) => after)
    )

  it.effect.each<[options: Parameters<typeof Fault.missingData>[0], expected: object]>([
    [{}, {}],
    [undefined, {}],
    [{ data: "missing", pagination: "missing" }, {}],
    [{ data: "null" }, { data: null }],
    [{ pagination: "null" }, { pagination: null }],
    [{ pagination: "kept" }, { pagination: null }],
    [{ data: "null", pagination: "null" }, { data: null, pagination: null }]
  ])("omits the array of a list: %j", ([options, expected]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* answers(options, ""), lists.map(() => expected))
      const indexes = yield* compare(Fault.missingData(options), "GET", "/indexes")
      assert.deepStrictEqual(indexes.after, {
        ...(options?.data === "null" && { indexes: null }),
        ...(options?.pagination === "null" && { pagination: null })
      })
    }))

  it.effect("keeps the token of the next page without rows", () =>
    Effect.gen(function*() {
      const { after } = yield* compare(Fault.missingData({ pagination: "kept" }), "GET", "/backups?limit=1")
      assert.deepStrictEqual(after, { pagination: { next: btoa(`{"limit":1,"offset":1}`) } })
    }))

  it.effect("does not change other responses", () =>
    follows(Fault.missingData(), [
      [["GET", manual], {}],
      [["GET", index], {}],
      [["POST", `${index}/backups`, {}], {}],
      [["DELETE", manual], {}],
      [refusal, {}],
      [["GET", "/indexes/none/backups"], {}]
    ]))
})

// ============================================================================
// False successes
// ============================================================================

describe("lyingSuccess", () => {
  const writes: ReadonlyArray<Send> = [
    ["POST", `${index}/backups`, { name: "new", description: "Mine" }],
    ["DELETE", manual],
    ["POST", `${manual}/create-index`, { name: "copy" }],
    ["POST", `${index}/backup-schedules`, {
      name: "second",
      schedule: { type: "time-based", frequency: "weekly" },
      retention: { expire_after_days: 9 }
    }],
    ["PATCH", nightly, { retention: { expire_after_days: 99 }, frequency: "weekly" }],
    ["PATCH", nightly, { enabled: false }],
    ["DELETE", nightly],
    ["PATCH", index, { deletion_protection: "enabled", tags: { a: "b" } }],
    ["DELETE", index]
  ]

  /** The state without the ID counters. */
  const contents = (service: ControlPlane.Service) =>
    Effect.map(stateOf(service), ({ ids: _, ...contents }) => contents)

  /** A second schedule can be created while the first is paused. */
  const prepared = Effect.fnUntraced(function*([, path]: Send) {
    const service = yield* plane
    if (path.endsWith("/backup-schedules")) yield* sendTo(service, "PATCH", nightly, { enabled: false })
    return service
  })

  it.effect.each(writes.map((request) => [request.join(" "), request] as const))(
    "responds as if the request had been carried out: %s",
    ([, request]) =>
      Effect.gen(function*() {
        const [right, wrong] = [yield* prepared(request), yield* prepared(request)]
        const before = yield* contents(wrong)
        yield* wrong.fault("*", Fault.lyingSuccess())
        const honest = yield* sendTo(right, ...request)
        const lie = yield* sendTo(wrong, ...request)

        assert.isBelow(lie.status, 300)
        assert.deepStrictEqual(lie, honest)
        assert.deepStrictEqual(yield* contents(wrong), before)
        assert.notDeepEqual(yield* contents(right), before)
      })
  )

  it.effect("does not reuse the reported ID", () =>
    Effect.gen(function*() {
      const service = yield* plane
      const create = Effect.map(
        sendTo(service, "POST", `${index}/backups`, {}),
        ({ text }): string => JSON.parse(text).backup_id
      )
      yield* service.fault("Backups.create", Fault.lyingSuccess(), { times: 2 })
      const ids = [yield* create, yield* create, yield* create]
      assert.deepStrictEqual(ids, ["backup-4", "backup-5", "backup-6"])
      assert.deepStrictEqual([...(yield* stateOf(service)).records.keys()].slice(-2), ["manual", "backup-6"])
    }))

  it.effect.each(writes.map((request) => [request.join(" "), request] as const))(
    "returns the unchanged state: %s",
    ([, request]) =>
      Effect.gen(function*() {
        const [right, wrong] = [yield* prepared(request), yield* prepared(request)]
        const [method, path] = request
        const before = yield* contents(wrong)
        const shown = (yield* sendTo(wrong, "GET", path)).text
        yield* wrong.fault("*", Fault.lyingSuccess({ answer: "before" }))
        const honest = yield* sendTo(right, ...request)
        const lie = yield* sendTo(wrong, ...request)

        assert.strictEqual(lie.status, honest.status)
        assert.strictEqual(lie.text, method === "PATCH" ? shown : honest.text)
        assert.deepStrictEqual(yield* contents(wrong), before)
      })
  )

  it.effect.each(writes.map((request) => [request.join(" "), request] as const))(
    "returns an empty body or a sign-in page: %s",
    ([, request]) =>
      Effect.gen(function*() {
        const [right, wrong] = [yield* prepared(request), yield* prepared(request)]
        const before = yield* contents(wrong)
        const honest = yield* sendTo(right, ...request)
        yield* wrong.fault("*", Fault.lyingSuccess({ answer: "empty" }))
        const empty = yield* sendTo(wrong, ...request)
        assert.deepStrictEqual([empty.status, empty.text], [honest.status, ""])
        yield* wrong.fault("*", Fault.lyingSuccess({ answer: "page" }))
        const page = yield* sendTo(wrong, ...request)
        assert.deepStrictEqual([page.status, page.headers["content-type"]], [200, "text/html"])
        assert.match(page.text, /^<!DOCTYPE html>\n.*<h1>Sign in<\/h1>/)
        assert.deepStrictEqual(yield* contents(wrong), before)
      })
  )

  it.effect("does not change errors and reads, except with a page", () =>
    Effect.gen(function*() {
      for (const answer of ["asked", "before", "empty"] as const) {
        const fault = Fault.lyingSuccess({ answer })
        assert.deepStrictEqual(yield* changes(fault, ...refusal), {})
        assert.deepStrictEqual(yield* changes(fault, "POST", "/indexes/none/backups", {}), {})
        assert.deepStrictEqual(yield* changes(fault, "POST", `${index}/backups`, { name: "NOT A NAME" }), {})
        if (answer !== "empty") assert.deepStrictEqual(yield* changes(fault, "GET", manual), {})
      }
      const service = yield* plane
      yield* service.fault("*", Fault.lyingSuccess({ answer: "page" }), { times: 2 })
      assert.strictEqual((yield* sendTo(service, "GET", manual)).status, 200)
      assert.match((yield* sendTo(service, ...refusal)).text, /Sign in/)
    }))
})
