import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Backup from "../src/Backup.ts"
import type * as Backups from "../src/Backups.ts"
import * as BackupSchedule from "../src/BackupSchedule.ts"
import type * as BackupSchedules from "../src/BackupSchedules.ts"
import type * as Indexes from "../src/Indexes.ts"
import type * as PineconeApi from "../src/PineconeApi.ts"
import * as PineconeIndex from "../src/PineconeIndex.ts"
import * as RestoreJob from "../src/RestoreJob.ts"
import {
  assertTag,
  backupId,
  backups,
  type Call,
  indexes,
  indexName,
  noneBefore,
  restoreJobs,
  scheduleId,
  schedules,
  script,
  services
} from "./support.ts"

const versions: ReadonlyArray<PineconeApi.ApiVersion> = ["2026-04", "2026-07"]

/** The call fails with `InvalidInput` for the field, and nothing is sent. */
const rejects = (
  name: string,
  [operation, field, message]: readonly [operation: string, field: string, message: RegExp],
  call: Call,
  among: ReadonlyArray<PineconeApi.ApiVersion> = versions
) =>
  it.effect(`${operation} rejects ${name}${among === versions ? "" : ` in ${among.join()}`}`, () =>
    Effect.forEach(among, (apiVersion) =>
      Effect.gen(function*() {
        const http = script()
        const error = yield* Effect.flip(Effect.provide(call, services(http, { apiVersion })))
        assertTag(error, "PineconeInvalidInput")
        assert.strictEqual(error.operation, operation)
        assert.strictEqual(error.field, field)
        assert.isTrue(error.message.startsWith(`${field}: `), error.message)
        assert.match(error.message, message)
        assert.deepStrictEqual(http.requests, [])
      })))

/** The service decides: the call is sent, after `lookups` without a match. */
const accepts = (
  operation: string,
  name: string,
  call: Call,
  among: ReadonlyArray<PineconeApi.ApiVersion> = versions,
  lookups = 0
) =>
  it.effect(`${operation} accepts ${name}${among === versions ? "" : ` in ${among.join()}`}`, () =>
    Effect.forEach(among, (apiVersion) =>
      Effect.gen(function*() {
        const http = script(...Array.from({ length: lookups }, noneBefore), new Response(null, { status: 404 }))
        const error = yield* Effect.flip(Effect.provide(call, services(http, { apiVersion })))
        assertTag(error, "PineconeNotFound")
        assert.strictEqual(http.requests.length, lookups + 1)
      })))

// ============================================================================
// Paths
// ============================================================================

describe("IDs and names in paths", () => {
  const create = { name: "nightly", frequency: "daily", expireAfterDays: 30 } as const

  const bySchedule: Record<string, (id: BackupSchedule.ScheduleId) => Call> = {
    "BackupSchedules.describe": (id) => schedules((_) => _.describe(id)),
    "BackupSchedules.update": (id) => schedules((_) => _.update(id, {})),
    "BackupSchedules.delete": (id) => schedules((_) => _.delete(id)),
    "BackupSchedules.history": (id) => schedules((_) => _.historyPage(id))
  }
  const byBackup: Record<string, (id: Backup.BackupId) => Call> = {
    "Backups.describe": (id) => backups((_) => _.describe(id)),
    "Backups.delete": (id) => backups((_) => _.delete(id)),
    "Backups.restore": (id) => backups((_) => _.restore(id, { name: "docs" }))
  }
  const byIndex: Record<string, (name: PineconeIndex.IndexName) => Call> = {
    "BackupSchedules.create": (name) => schedules((_) => _.create(name, create)),
    "BackupSchedules.list": (name) => schedules((_) => _.listPage(name)),
    "Backups.create": (name) => backups((_) => _.create(name)),
    "Backups.listByIndex": (name) => backups((_) => _.listByIndexPage(name)),
    "Indexes.describe": (name) => indexes((_) => _.describe(name)),
    "Indexes.configure": (name) => indexes((_) => _.configure(name, { deletionProtection: "enabled" })),
    "Indexes.delete": (name) => indexes((_) => _.delete(name))
  }
  const byJob: Record<string, (id: RestoreJob.RestoreJobId) => Call> = {
    "RestoreJobs.describe": (id) => restoreJobs((_) => _.describe(id))
  }

  /** The operations of each parameter, with a string for an ID. */
  const calls: ReadonlyArray<readonly [operation: string, field: string, call: (text: string) => Call]> = [
    ...Object.entries(bySchedule).map(([operation, call]) =>
      [operation, "schedule_id", (text: string) => call(BackupSchedule.ScheduleId.make(text))] as const
    ),
    ...Object.entries(byBackup).map(([operation, call]) =>
      [operation, "backup_id", (text: string) => call(Backup.BackupId.make(text))] as const
    ),
    ...Object.entries(byIndex).map(([operation, call]) =>
      [operation, "index_name", (text: string) => call(PineconeIndex.IndexName.make(text))] as const
    ),
    ...Object.entries(byJob).map(([operation, call]) =>
      [operation, "job_id", (text: string) => call(RestoreJob.RestoreJobId.make(text))] as const
    )
  ]

  for (const [operation, field, call] of calls) {
    rejects("an empty value", [operation, field, /must not be empty$/], call(""))
    rejects("the path .", [operation, field, /must not be "\."$/], call("."))
    rejects("the path ..", [operation, field, /must not be "\.\."$/], call(".."))
    rejects("a lone high surrogate", [operation, field, /must be well-formed Unicode$/], call("a\ud800"))
    rejects("a lone low surrogate", [operation, field, /must be well-formed Unicode$/], call("\udc00b"))
    // The service defines the format of IDs, and old indexes can have other names.
    accepts(operation, "a value in any other format", call("Ü 1/..?"))
  }

  for (const [operation, call] of Object.entries(bySchedule)) {
    rejects("a number", [operation, "schedule_id", /string/], call(5 as never))
  }
})

// ============================================================================
// Pages
// ============================================================================

describe("page options", () => {
  const lists: ReadonlyArray<
    readonly [
      operation: string,
      page: (options: { limit?: number; paginationToken?: string }) => Call,
      stream: (pageSize: number) => Call
    ]
  > = [
    [
      "BackupSchedules.list",
      (options) => schedules((_) => _.listPage(indexName, options)),
      (pageSize) => schedules((_) => Stream.take(_.list(indexName, { pageSize }), 1))
    ],
    [
      "BackupSchedules.history",
      (options) => schedules((_) => _.historyPage(scheduleId, options)),
      (pageSize) => schedules((_) => _.history(scheduleId, { pageSize }))
    ],
    [
      "Backups.list",
      (options) => backups((_) => _.listPage(options)),
      (pageSize) => backups((_) => _.list({ pageSize }))
    ],
    [
      "Backups.listByIndex",
      (options) => backups((_) => _.listByIndexPage(indexName, options)),
      (pageSize) => backups((_) => _.listByIndex(indexName, { pageSize }))
    ],
    [
      "RestoreJobs.list",
      (options) => restoreJobs((_) => _.listPage(options)),
      (pageSize) => restoreJobs((_) => _.list({ pageSize }))
    ]
  ]

  for (const [operation, page, stream] of lists) {
    for (const limit of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e21]) {
      rejects(`limit ${limit}`, [operation, "limit", /whole number|integer/], page({ limit }))
      rejects(`page size ${limit}`, [operation, "pageSize", /whole number|integer/], stream(limit))
    }
    rejects("an empty token", [operation, "paginationToken", /must not be empty$/], page({ paginationToken: "" }))
    rejects(
      "a token with a lone surrogate",
      [operation, "paginationToken", /well-formed/],
      page({ paginationToken: "\ud800" })
    )
    accepts(operation, "any other limit and token", page({ limit: 100_000, paginationToken: "not a token" }))
  }

  rejects(
    "a value of includeDeleted that is not a boolean",
    ["Backups.listByIndex", "includeDeleted", /boolean/],
    backups((_) => _.listByIndexPage(indexName, { includeDeleted: "yes" as never }))
  )
})

// ============================================================================
// Backup schedules
// ============================================================================

describe("options of BackupSchedules.create", () => {
  const create = (options: Partial<BackupSchedules.CreateOptions>) =>
    schedules((_) => _.create(indexName, { name: "nightly", frequency: "daily", expireAfterDays: 30, ...options }))
  const operation = "BackupSchedules.create"

  rejects("an empty name", [operation, "name", /./], create({ name: "" }))
  rejects("a name that is not a string", [operation, "name", /string/], create({ name: 5 as never }))
  accepts(operation, "a name of 60 characters", create({ name: "n".repeat(60) }))
  accepts(operation, "a name with capital letters, spaces and special characters", create({ name: "Every Night_1 ü!" }))

  for (const frequency of ["hourly", "Daily", "", undefined, null]) {
    const call = create({ frequency: frequency as never })
    rejects(`the frequency ${frequency}`, [operation, "frequency", /./], call)
  }

  for (const expireAfterDays of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "30" as never, undefined as never]) {
    rejects(
      `a retention of ${expireAfterDays} days`,
      [operation, "expireAfterDays", /./],
      create({ expireAfterDays })
    )
  }
  accepts(operation, "a retention of 1 day", create({ expireAfterDays: 1 }))
  // The service has a configurable maximum.
  accepts(operation, "a retention of 3,650 days", create({ expireAfterDays: 3_650 }))
})

describe("options of BackupSchedules.update", () => {
  const update = (options: BackupSchedules.UpdateOptions) => schedules((_) => _.update(scheduleId, options))
  const operation = "BackupSchedules.update"

  for (const frequency of ["hourly", "", null]) {
    const call = update({ frequency: frequency as never })
    rejects(`the frequency ${frequency}`, [operation, "frequency", /./], call)
  }
  for (const expireAfterDays of [0, -1, 1.5, Number.NaN, null as never]) {
    rejects(
      `a retention of ${expireAfterDays} days`,
      [operation, "expireAfterDays", /./],
      update({ expireAfterDays })
    )
  }
  rejects(
    "a value of enabled that is not a boolean",
    [operation, "enabled", /boolean/],
    update({ enabled: "no" as never })
  )
})

// ============================================================================
// Backups
// ============================================================================

const badNames: ReadonlyArray<readonly [what: string, name: string]> = [
  ["an empty name", ""],
  ["a name of 46 characters", "n".repeat(46)],
  ["a name with a capital letter", "Docs"],
  ["a name with an underscore", "docs_1"],
  ["a name with a space", "docs 1"],
  ["a name with a dot", "docs.1"],
  ["a name with a non-ASCII letter", "döcs"],
  ["a name with a leading hyphen", "-docs"],
  ["a name with a trailing hyphen", "docs-"],
  ["a name of one hyphen", "-"],
  ["a name with a trailing line break", "docs\n"]
]

const goodNames: ReadonlyArray<readonly [what: string, name: string]> = [
  ["a name of one letter", "d"],
  ["a name of one digit", "1"],
  ["a name of 45 characters", "n".repeat(45)],
  ["a name with digits and hyphens", "1-docs--2"]
]

const nameRule = /must be 1 to 45 lower-case letters, digits and hyphens, with a letter or digit at both ends$/

describe("options of Backups.create", () => {
  const create = (options: Backups.CreateOptions) => backups((_) => _.create(indexName, options))
  const operation = "Backups.create"

  for (const [what, name] of badNames) {
    rejects(what, [operation, "name", nameRule], create({ name }), ["2026-07"])
    if (name !== "") accepts(operation, what, create({ name }), ["2026-04"], 1)
  }
  rejects("an empty name", [operation, "name", /./], create({ name: "" }), ["2026-04"])
  for (const [what, name] of goodNames) {
    accepts(operation, what, create({ name }), versions, 1)
  }
  rejects("a name that is not a string", [operation, "name", /./], create({ name: 7 as never }))
  rejects(
    "a description that is not a string",
    [operation, "description", /string/],
    create({ description: 7 as never })
  )

  for (const idempotencyKey of ["", " ", "a b", "a]", "[a", "ü", "a\n", "a".repeat(65)]) {
    rejects(
      `the key ${JSON.stringify(idempotencyKey)}`,
      [operation, "idempotencyKey", /must be 1 to 64 letters, digits and \. _ : -$/],
      create({ idempotencyKey })
    )
  }
  for (const idempotencyKey of ["0", "a", "Deploy.2026-11-29T16:00_x", "a".repeat(64)]) {
    accepts(operation, `the key ${idempotencyKey}`, create({ idempotencyKey }), versions, 1)
  }
})

describe("checkCreate, checkUpdate and checkRestore", () => {
  const schedule = { name: "nightly", frequency: "daily", expireAfterDays: 30 } as const
  const checks: Readonly<Record<string, readonly [check: (name: string) => Call, send: (name: string) => Call]>> = {
    "Backups.checkCreate": [
      (name) => backups((_) => _.checkCreate(indexName, { name })),
      (name) => backups((_) => _.create(indexName, { name }))
    ],
    "Backups.checkRestore": [
      (name) => backups((_) => _.checkRestore(backupId, { name })),
      (name) => backups((_) => _.restore(backupId, { name }))
    ],
    "BackupSchedules.checkCreate": [
      (name) => schedules((_) => _.checkCreate(indexName, { ...schedule, name })),
      (name) => schedules((_) => _.create(indexName, { ...schedule, name }))
    ]
  }

  it.effect("return the request that would be sent", () =>
    Effect.gen(function*() {
      const http = script()
      const provide = Effect.provide(services(http))
      assert.deepStrictEqual(yield* provide(backups((_) => _.checkCreate(indexName, { name: "a" }))), {
        method: "POST",
        path: `/indexes/${indexName}/backups`,
        body: `{"name":"a"}`
      })
      assert.deepStrictEqual(yield* provide(backups((_) => _.checkRestore(backupId, { name: "a" }))), {
        method: "POST",
        path: `/backups/${backupId}/create-index`,
        body: `{"name":"a"}`
      })
      assert.deepStrictEqual(yield* provide(schedules((_) => _.checkUpdate(scheduleId, { expireAfterDays: 7 }))), {
        method: "PATCH",
        path: `/backup-schedules/${scheduleId}`,
        body: `{"retention":{"expire_after_days":7}}`
      })
      assert.deepStrictEqual(http.requests, [])
    }))

  it.effect.each(Object.entries(checks))(
    "fail like the request, without sending it: %s",
    ([, [check, send]]) =>
      Effect.forEach(versions, (apiVersion) =>
        Effect.gen(function*() {
          const http = script()
          const provide = Effect.provide(services(http, { apiVersion }))
          assert.deepStrictEqual(yield* Effect.flip(provide(check(""))), yield* Effect.flip(provide(send(""))))
          yield* provide(check("good"))
          assert.deepStrictEqual(http.requests, [])
        }))
  )

  rejects("a name", ["Backups.create", "name", nameRule], backups((_) => _.checkCreate(indexName, { name: "NO" })), [
    "2026-07"
  ])
})

const tags = (count: number, value = "v") =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}${value}`, value]))

const tagRule =
  /must have keys of 1 to 80 letters, digits, _ and -, and values of up to 120 printable ASCII characters$/

const badTags: ReadonlyArray<readonly [what: string, key: string, value: string]> = [
  ["an empty key", "", "v"],
  ["a key with a space", "a b", "v"],
  ["a key with a dot", "a.b", "v"],
  ["a key with a non-ASCII letter", "schlüssel", "v"],
  ["a key of 81 characters", "k".repeat(81), "v"],
  ["a value with a non-ASCII letter", "k", "ü"],
  ["a value with a line break", "k", "a\nb"],
  ["a value of 121 characters", "k", "v".repeat(121)]
]

describe("options of Indexes.configure", () => {
  const configure = (options: Indexes.ConfigureOptions) => indexes((_) => _.configure(indexName, options))
  const operation = "Indexes.configure"

  rejects("21 tags to set", [operation, "tags", /must have at most 20 tags$/], configure({ tags: tags(21) }))
  accepts(
    operation,
    "20 tags to set and 20 to remove",
    configure({ tags: { ...tags(20), ...tags(20, "") } })
  )
  for (const [what, key, value] of badTags) {
    rejects(`a tag with ${what}`, [operation, "tags", tagRule], configure({ tags: { good: "v", [key]: value } }))
  }
  rejects(
    "removing a tag with an invalid key",
    [operation, "tags", tagRule],
    configure({ tags: { "a b": "" } })
  )
  rejects("a tag value that is not a string", [operation, "tags.k", /string/], configure({ tags: { k: 5 as never } }))
  rejects(
    "an unknown deletion protection",
    [operation, "deletionProtection", /./],
    configure({ deletionProtection: "maybe" as never })
  )
  rejects(
    "a read capacity, which has another place there,",
    [operation, "readCapacity", /requires API version 2026-07$/],
    configure({ readCapacity: { mode: "OnDemand" } }),
    ["2026-04"]
  )
  rejects(
    "dedicated nodes without settings",
    [operation, "readCapacity.dedicated", /./],
    configure({ readCapacity: { mode: "Dedicated" } as never }),
    ["2026-07"]
  )
  accepts(operation, "a read capacity", configure({ readCapacity: { mode: "OnDemand" } }), ["2026-07"])
})

describe("options of Backups.restore", () => {
  const restore = (options: Partial<Backups.RestoreOptions>) =>
    backups((_) => _.restore(backupId, { name: "docs", ...options }))
  const operation = "Backups.restore"

  for (const [what, name] of badNames) {
    rejects(what, [operation, "name", nameRule], restore({ name }))
  }
  for (const [what, name] of goodNames) {
    accepts(operation, what, restore({ name }))
  }
  rejects("a name that is not a string", [operation, "name", /./], restore({ name: 7 as never }))

  rejects("21 tags", [operation, "tags", /must have at most 20 tags$/], restore({ tags: tags(21) }))
  accepts(operation, "20 tags", restore({ tags: tags(20) }))
  for (const [what, key, value] of badTags) {
    rejects(`a tag with ${what}`, [operation, "tags", tagRule], restore({ tags: { good: "v", [key]: value } }))
  }
  accepts(
    operation,
    "tags of maximum length",
    restore({ tags: { ["k".repeat(80)]: "v".repeat(120), "A_z-9": " ~{}\"\\", "empty": "" } })
  )
  rejects("a tag value that is not a string", [operation, "tags.k", /string/], restore({ tags: { k: 5 as never } }))

  rejects(
    "an unknown deletion protection",
    [operation, "deletionProtection", /./],
    restore({ deletionProtection: "maybe" as never })
  )

  const dedicated = (manual: { readonly replicas: number; readonly shards: number }, node_type = "t1") =>
    ({ mode: "Dedicated", dedicated: { node_type, scaling: "Manual", manual } }) as const
  const path = "readCapacity.dedicated"

  for (const shards of [0, -1, 1.5, Number.NaN]) {
    rejects(
      `${shards} shards`,
      [operation, `${path}.manual.shards`, /whole number|integer/],
      restore({ readCapacity: dedicated({ replicas: 1, shards }) })
    )
  }
  for (const replicas of [-1, 0.5, Number.NaN]) {
    rejects(
      `${replicas} replicas`,
      [operation, `${path}.manual.replicas`, /whole number|integer/],
      restore({ readCapacity: dedicated({ replicas, shards: 1 }) })
    )
  }
  rejects(
    "an empty node type",
    [operation, `${path}.node_type`, /./],
    restore({ readCapacity: dedicated({ replicas: 1, shards: 1 }, "") })
  )
  rejects(
    "dedicated nodes without settings",
    [operation, path, /./],
    restore({ readCapacity: { mode: "Dedicated" } as never })
  )
  rejects(
    "an unknown scaling",
    [operation, `${path}.scaling`, /./],
    restore({
      readCapacity: {
        mode: "Dedicated",
        dedicated: { ...dedicated({ replicas: 1, shards: 1 }).dedicated, scaling: "Auto" }
      } as never
    })
  )
  for (const readCapacity of [{ mode: "Burst" }, { mode: "ondemand" }, {}, "OnDemand"]) {
    it.effect(`${operation} rejects the read capacity ${JSON.stringify(readCapacity)}`, () =>
      Effect.gen(function*() {
        const http = script()
        const error = yield* Effect.flip(
          Effect.provide(restore({ readCapacity: readCapacity as never }), services(http))
        )
        assertTag(error, "PineconeInvalidInput")
        // An unknown mode is reported for the mode or for the whole object.
        assert.match(error.field, /^readCapacity(\.mode)?$/)
        assert.deepStrictEqual(http.requests, [])
      }))
  }
  // The service may support other node types.
  accepts(operation, "an unknown node type", restore({ readCapacity: dedicated({ replicas: 0, shards: 1 }, "x9") }))
})
