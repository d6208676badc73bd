import { assert, describe, it } from "@effect/vitest"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { envelope, index, indexName, job, json, row, schedule, scheduleId, scriptWith, services } from "./support.ts"

const now = DateTime.makeUnsafe("2026-04-24T20:00:00Z")

const routes = {
  index: "/indexes",
  schedule: `/indexes/${indexName}/backup-schedules`,
  run: `/backup-schedules/${scheduleId}/history`,
  backup: "/backups",
  restore: "/restore-jobs"
} as const

type Route = keyof typeof routes

const backup = {
  ...row("a"),
  status: "Ready",
  created_at: "2026-04-24T06:00:01Z",
  record_count: 5,
  size_bytes: 5,
  namespace_count: 1
}

/** A healthy project. Each route returns one row. */
const good: Readonly<Record<Route, Schema.JsonObject>> = {
  index,
  schedule: { ...schedule, next_scheduled_run: "2026-04-25T06:00:00Z" },
  run: backup,
  backup,
  restore: { ...job, backup_id: "a" }
}

type Row = { readonly [field: string]: Schema.Json | undefined }

/** Findings if fields of rows have other values, or the error if the rows cannot be decoded. */
const foundOf = Effect.fnUntraced(function*(changes: Partial<Record<Route, Row>>) {
  yield* TestClock.setTime(DateTime.toEpochMillis(now))
  // Undefined values are omitted from the response.
  const changed = Object.entries(good).map(([route, row]) => [route, { ...row, ...changes[route as Route] }])
  const rows = JSON.parse(JSON.stringify(Object.fromEntries(changed))) as typeof good
  const http = scriptWith(({ url }) => {
    const asked = (Object.keys(routes) as ReadonlyArray<Route>).find((route) => routes[route] === new URL(url).pathname)
    return asked === undefined
      ? json(envelope("NOT_FOUND", "Not found."), { status: 404 })
      : json(asked === "index" ? { indexes: [rows.index] } : { data: [rows[asked]], pagination: null })
  })
  const health = yield* Effect.result(
    HealthChecks.HealthChecks.use((checks) => checks.check()).pipe(
      Effect.provide(Layer.provide(HealthChecks.layer, services(http)))
    )
  )
  return Result.isFailure(health)
    ? [health.failure._tag]
    : BackupHealth.findings(health.success).map(({ check, severity }) => `${check} ${severity}`)
})

const found = (route: Route, fields: Row) => foundOf({ [route]: fields })

type Values = ReadonlyArray<Schema.Json | undefined>

const missing: Values = [undefined, null]
const notText: Values = [7, true, {}, []]
const notNumber: Values = ["seven", true, {}, []]
const noTime: Values = [undefined, null, 7, "nonsense", "2026-13-45T00:00:00Z", {}]
const future: Values = ["2026-12-01T06:00:00Z"]
const other: Values = ["other"]

const unread = ["unreadable unknown"]
const failed = ["PineconeMalformedResponse"]

describe("a field that a check depends on", () => {
  it.effect("returns no findings if all fields are valid", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* found("index", {}), [])
    }))

  it.effect.each<[route: Route, field: string, values: Values, expected: ReadonlyArray<string>]>([
    ["index", "name", [...missing, ...notText], failed],
    // The index has the backups of its ID, but they have another name.
    ["index", "name", other, [...unread, ...unread, ...unread]],
    ["index", "id", notText, failed],
    // The schedule contradicts the ID, so the index has the backups of its name.
    ["index", "id", other, unread],
    ["index", "deletion_protection", [...missing, "disabled", "Enabled"], ["no-deletion-protection notice"]],
    ["index", "deletion_protection", notText, failed],
    ["schedule", "schedule_id", [...missing, ...notText], unread],
    // The history does not exist, but the schedule is still listed.
    ["schedule", "schedule_id", other, unread],
    ["schedule", "name", missing, []],
    ["schedule", "name", notText, unread],
    ["schedule", "index_id", [...missing, ...notText], unread],
    // The schedule belongs to another index, but its run does not.
    ["schedule", "index_id", other, [...unread, ...unread]],
    ["schedule", "frequency", [...missing, ...notText, "Daily", "hourly", ""], unread],
    ["schedule", "retention_expire_after_days", [...missing, ...notNumber], unread],
    ["schedule", "retention_expire_after_days", [0], ["retention-gap warning"]],
    ["schedule", "retention_expire_after_days", [-1], ["retention-gap warning", "overdue warning"]],
    ["schedule", "enabled", [...missing, 0, 1, "true", "false", {}], unread],
    ["schedule", "next_scheduled_run", [...noTime, ...future], unread],
    ["schedule", "next_scheduled_run", ["2026-04-24T06:00:00Z"], ["lagging warning"]],
    ["schedule", "created_at", [...noTime, ...future], unread],
    ["run", "backup_id", [...missing, ...notText], unread],
    ["run", "backup_id", other, ["gone-early notice"]],
    ["run", "source_index_id", [...missing, ...notText, ...other], unread],
    ["run", "source_index_name", [...missing, ...notText], unread],
    ["run", "status", ["Failed", "InitializationFailed"], ["failed critical", "unreadable unknown"]],
    ["run", "status", [...missing, "ready", "Completed"], ["unreadable unknown", "stuck warning"]],
    ["run", "status", notText, unread],
    ["run", "created_at", noTime, unread],
    // No evidence that the schedule has run.
    ["run", "created_at", future, ["never-ran critical", "unreadable unknown", "future-dated warning"]],
    ["run", "created_at", ["2026-04-01T06:00:00Z"], ["missed critical"]],
    // The record count of the backup takes precedence.
    ["run", "record_count", [...missing, ...notNumber], []],
    ["run", "size_bytes", [...missing, ...notNumber], []],
    ["run", "namespace_count", [...missing, ...notNumber], []],
    ["backup", "backup_id", [...missing, ...notText], unread],
    ["backup", "backup_id", other, ["gone-early notice"]],
    ["backup", "source_index_id", [...missing, ...notText], unread],
    ["backup", "source_index_id", other, ["stale critical", "orphan notice"]],
    ["backup", "source_index_name", [...missing, ...notText, ...other], unread],
    ["backup", "status", ["Failed", "InitializationFailed"], ["stale critical", "unreadable unknown"]],
    [
      "backup",
      "status",
      [...missing, "ready", "Completed"],
      ["stale critical", "unreadable unknown", "stuck warning"]
    ],
    ["backup", "status", notText, unread],
    ["backup", "created_at", noTime, ["unreadable unknown", "stale unknown"]],
    ["backup", "created_at", future, ["stale critical", "unreadable unknown", "future-dated warning"]],
    ["backup", "created_at", ["2026-04-20T06:00:00Z"], ["stale critical"]],
    ["backup", "record_count", [...missing, ...notNumber], ["unreadable unknown", "stale unknown"]],
    // The run had records.
    ["backup", "record_count", [0], ["stale critical", "empty critical", "unreadable unknown"]],
    ["backup", "size_bytes", [...missing, ...notNumber], []],
    ["backup", "namespace_count", [...missing, ...notNumber], []],
    ["restore", "restore_job_id", [...missing, ...notText], unread],
    ["restore", "backup_id", [...missing, ...notText], unread],
    ["restore", "backup_id", other, ["untested notice"]],
    ["restore", "target_index_name", [...missing, ...notText], unread],
    ["restore", "target_index_id", [...missing, ...notText], unread],
    ["restore", "status", notText, unread],
    ["restore", "status", [...missing, "Failed", "Cancelled", "completed", "Pending"], ["untested notice"]],
    ["restore", "completed_at", [...future, "2025-04-01T06:00:00Z"], ["untested notice"]],
    ["restore", "percent_complete", [...missing, ...notNumber], []]
  ])("%s: %s %j returns %j", ([route, field, values, expected]) =>
    Effect.gen(function*() {
      for (const value of values) {
        assert.deepStrictEqual(yield* found(route, { [field]: value }), expected, JSON.stringify(value))
      }
    }))

  it.effect("an index with an uncertain ID keeps a backup with another name", () =>
    Effect.gen(function*() {
      const backup = { source_index_name: "other", record_count: 0 }
      for (
        const changes of [{ index: { id: null } }, { index: { id: "other" } }, { schedule: { index_id: "other" } }]
      ) {
        const checks = yield* foundOf({ ...changes, backup })
        assert.include(checks, "unreadable unknown")
        assert.include(checks, "empty critical")
      }
    }))

  it.effect.each<[what: string, fields: Row, expected: ReadonlyArray<string>]>([
    ["without a time", { created_at: null, completed_at: null }, ["untested notice"]],
    ["with only a start time", { completed_at: null }, []],
    ["into this index, pending", { target_index_name: indexName, status: "Pending" }, [
      "stuck warning",
      "untested notice"
    ]],
    ["into this index, with an unknown start time", {
      target_index_name: indexName,
      status: "Pending",
      created_at: "nonsense"
    }, ["unreadable unknown", "untested notice"]],
    ["into this index, started in the future", {
      target_index_name: indexName,
      status: "Pending",
      created_at: "2026-12-01T06:00:00Z"
    }, ["unreadable unknown", "untested notice"]],
    ["into another index, pending", { status: "Pending" }, ["untested notice"]]
  ])("restore job %s", ([_, fields, expected]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* found("restore", fields)).toSorted(), expected)
    }))
})
