import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as BackupSchedules from "../src/BackupSchedules.ts"
import {
  assertTag,
  backup,
  backups,
  type Call,
  envelope,
  fastForward,
  index,
  indexes,
  indexName,
  job,
  json,
  operations,
  schedule,
  scheduleId,
  schedules,
  scriptWith,
  services
} from "./support.ts"

// Every response is compared with its request.

/**
 * Runs a call against a service that returns the same response to every request of a method, and rejects other methods.
 */
const run = (call: Call, method: string, answer: () => Response) => {
  const http = scriptWith((sent) => sent.method === method ? answer() : new Response(null, { status: 403 }))
  return Effect.map(fastForward(Effect.result(Effect.provide(call, services(http)))), (result) => ({ result, http }))
}

const failing = Effect.fnUntraced(function*(...parameters: Parameters<typeof run>) {
  const { http, result } = yield* run(...parameters)
  assert.isTrue(result._tag === "Failure", "the call succeeds")
  return { http, error: result._tag === "Failure" ? result.failure : assert.fail() }
})

/** Operations whose responses repeat the ID of the request: the key, and a response with a different ID for each. */
const echoes: Readonly<Record<string, readonly [key: string, value: Schema.JsonObject]>> = {
  "BackupSchedules.describe": ["schedule_id", schedule],
  "BackupSchedules.update": ["schedule_id", schedule],
  "BackupSchedules.pause": ["schedule_id", { ...schedule, enabled: false }],
  "BackupSchedules.resume": ["schedule_id", schedule],
  "Backups.create": ["source_index_name", { ...backup, name: null, description: null }],
  "Backups.describe": ["backup_id", backup],
  "RestoreJobs.describe": ["restore_job_id", job],
  "Indexes.describe": ["name", index],
  "Indexes.configure": ["name", index]
}

describe("a response about a different object", () => {
  for (const { call, method } of operations) {
    const [key, value] = echoes[method] ?? []
    if (key === undefined || value === undefined) continue
    const verb = method === "Backups.create" ? "POST" : method.endsWith("describe") ? "GET" : "PATCH"

    it.effect.each(["other", "", `${String(value[key])}x`, String(value[key]).slice(1)])(
      `fails ${method}: %j`,
      (other) =>
        Effect.gen(function*() {
          const { error, http } = yield* failing(call, verb, () => json({ ...value, [key]: other }))
          assertTag(error, "PineconeMalformedResponse")
          assert.strictEqual(error.field, key)
          assert.strictEqual(error.message, `${key}: The response does not match the request`)
          assert.strictEqual(error.inDoubt, verb === "GET" ? undefined : true)
          assert.isFalse(error.isRetryable)
          assert.strictEqual(http.requests.filter((sent) => sent.method === verb).length, 1)
        })
    )

    it.effect(`is accepted if only the case of the ID differs: ${method}`, () =>
      Effect.gen(function*() {
        const { result } = yield* run(call, verb, () => json({ ...value, [key]: String(value[key]).toUpperCase() }))
        assert.strictEqual(result._tag, "Success")
      }))
  }

  it.effect("fails the page that contains it", () =>
    Effect.gen(function*() {
      const other = { ...backup, backup_id: "b", source_index_name: "other" }
      for (const [rows, at] of [[[backup, other], 1], [[other, backup], 0], [[other], 0]] as const) {
        for (const use of [backups((_) => _.listByIndexPage(indexName)), backups((_) => _.listByIndex(indexName))]) {
          const { error } = yield* failing(use, "GET", () => json({ data: rows }))
          assertTag(error, "PineconeMalformedResponse")
          assert.strictEqual(error.field, `data[${at}].source_index_name`)
        }
      }
    }))

  it.effect("is accepted in a list of the project", () =>
    Effect.gen(function*() {
      const { result } = yield* run(
        backups((_) => _.list()),
        "GET",
        () => json({ data: [backup, { ...backup, backup_id: "b", source_index_name: "other" }] })
      )
      assert.strictEqual(result._tag, "Success")
    }))
})

describe("a response with different values than requested", () => {
  const create = schedules((_) =>
    _.create(indexName, { name: "catalog-nightly", frequency: "daily", expireAfterDays: 30 })
  )
  const update = (options: BackupSchedules.UpdateOptions) => schedules((_) => _.update(scheduleId, options))

  it.effect.each<[string, Call, string, Schema.JsonObject, string]>([
    ["pause", schedules((_) => _.pause(scheduleId)), "PATCH", { enabled: true }, "enabled"],
    ["pause", schedules((_) => _.pause(scheduleId)), "PATCH", { enabled: null }, "enabled"],
    ["resume", schedules((_) => _.resume(scheduleId)), "PATCH", { enabled: false }, "enabled"],
    ["resume", schedules((_) => _.resume(scheduleId)), "PATCH", { enabled: null }, "enabled"],
    ["--keep", update({ expireAfterDays: 99 }), "PATCH", {}, "retention_expire_after_days"],
    [
      "--keep",
      update({ expireAfterDays: 30 }),
      "PATCH",
      { retention_expire_after_days: null },
      "retention_expire_after_days"
    ],
    ["frequency", update({ frequency: "weekly" }), "PATCH", {}, "frequency"],
    ["frequency", update({ frequency: "daily" }), "PATCH", { frequency: null }, "frequency"],
    ["create", create, "POST", { name: "other" }, "name"],
    ["create", create, "POST", { schedule_id: "" }, "schedule_id"],
    ["create", create, "POST", { frequency: "weekly" }, "frequency"],
    ["create", create, "POST", { retention_expire_after_days: 5 }, "retention_expire_after_days"],
    ["create", create, "POST", { enabled: false }, "enabled"]
  ])("leaves %s in doubt (case %#)", ([, call, verb, odd, field]) =>
    Effect.gen(function*() {
      const { error } = yield* failing(call, verb, () => json({ ...schedule, ...odd }))
      assertTag(error, "PineconeMalformedResponse")
      assert.deepInclude({ ...error }, { field, inDoubt: true })
    }))

  it.effect("is accepted if a recovery lookup shows the change", () =>
    Effect.gen(function*() {
      const http = scriptWith(({ method }) => json(method === "PATCH" ? schedule : { ...schedule, enabled: false }))
      const paused = yield* fastForward(
        Effect.provide(schedules((_) => _.pause(scheduleId)), services(http))
      )
      assert.deepInclude(paused as object, { enabled: false, recovered: true })
    }))

  it.effect("fails a restore if it does not name a job and an index", () =>
    Effect.gen(function*() {
      for (
        const [started, field] of [
          [{ restore_job_id: "", index_id: "i" }, "restore_job_id"],
          [{ restore_job_id: "j", index_id: "" }, "index_id"]
        ] as const
      ) {
        const call = operations.find(({ method }) => method === "Backups.restore")!.call
        const { error } = yield* failing(call, "POST", () => json(started))
        assertTag(error, "PineconeMalformedResponse")
        assert.deepInclude({ ...error }, { field, inDoubt: true })
      }
    }))
})

describe("a response to a deletion", () => {
  const deletions = operations.filter(({ method }) => method.endsWith(".delete"))

  it("is tested for every operation", () => assert.strictEqual(deletions.length, 3))

  for (const { call, method } of deletions) {
    it.effect.each([
      "<html><body>Sign in</body></html>",
      "OK, almost",
      "{",
      "{\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"no\"}}"
    ])(`leaves ${method} in doubt if it is %j`, (body) =>
      Effect.gen(function*() {
        const { error, http } = yield* failing(call, "DELETE", () => new Response(body, { status: 200 }))
        assertTag(error, "PineconeMalformedResponse")
        assert.isTrue(error.inDoubt)
        assert.isFalse(error.isRetryable)
        assert.strictEqual(http.requests.length, 1)
      }))

    it.effect.each(["", " \n", "{}", "null", "\"\"", "[]"])(
      `is accepted for ${method} if it is %j`,
      (body) =>
        Effect.gen(function*() {
          const { result } = yield* run(call, "DELETE", () => new Response(body, { status: 202 }))
          assert.strictEqual(result._tag, "Success")
        })
    )
  }

  it.effect("is a success if an index is missing after a lost response, but not if it was missing at first", () =>
    Effect.gen(function*() {
      const gone = () => json(envelope("NOT_FOUND", "no"), { status: 404 })
      const flat = () => json({ code: 5, message: "Not found." }, { status: 404 })
      const page = () => new Response("<html>Not found</html>", { status: 404 })
      const broken = () => json(envelope("NOT_FOUND", "no"), { status: 500 })
      for (const [answer, isGone] of [[gone, true], [flat, true], [page, false], [broken, false]] as const) {
        let sent = 0
        const http = scriptWith(() => ++sent === 1 ? new Response(null, { status: 500 }) : answer())
        const result = yield* fastForward(
          Effect.result(Effect.provide(indexes((_) => _.delete(indexName)), services(http, { retry: undefined })))
        )
        assert.strictEqual(sent, answer === broken ? 4 : 2)
        assert.strictEqual(result._tag, isGone ? "Success" : "Failure")
        if (result._tag === "Failure") assert.isTrue("inDoubt" in result.failure && result.failure.inDoubt)
      }
      assertTag((yield* failing(indexes((_) => _.delete(indexName)), "DELETE", gone)).error, "PineconeNotFound")
    }))
})
