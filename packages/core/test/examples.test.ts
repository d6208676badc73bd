import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Backup from "../src/Backup.ts"
import * as BackupRun from "../src/BackupRun.ts"
import type * as Backups from "../src/Backups.ts"
import * as BackupSchedule from "../src/BackupSchedule.ts"
import type * as BackupSchedules from "../src/BackupSchedules.ts"
import type * as Page from "../src/Page.ts"
import type * as PineconeApi from "../src/PineconeApi.ts"
import * as PineconeError from "../src/PineconeError.ts"
import * as PineconeIndex from "../src/PineconeIndex.ts"
import * as RestoreJob from "../src/RestoreJob.ts"
import {
  backups,
  type Call,
  lookupDenied,
  noneBefore,
  operations,
  restoreJobs,
  schedules,
  script,
  services
} from "./support.ts"

// ============================================================================
// Files
// ============================================================================

interface Example {
  readonly name: string
  readonly apiVersion: string
  readonly operation: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly query?: Readonly<Record<string, string>>
    readonly body?: Schema.JsonObject
  }
  readonly response: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: Schema.Json
    readonly bodyText?: string
    readonly empty?: true
  }
}

/** Responses of the service, as recorded or as documented. */
const folder = new URL("fixtures/", import.meta.url)

const examples: ReadonlyArray<Example> = Fs.readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .sort()
  .map((file) => ({
    name: file.slice(0, -".json".length),
    ...JSON.parse(Fs.readFileSync(new URL(file, folder), "utf8"))
  }))

const isSuccess = ({ response }: Example) => response.status >= 200 && response.status <= 299

const textOf = ({ body, bodyText }: Example["response"]): string =>
  bodyText ?? (body === undefined ? "" : JSON.stringify(body))

const answer = ({ response }: Example): Response =>
  new Response(textOf(response) || null, {
    status: response.status,
    headers: { ...response.headers, "x-request-id": "req-1" }
  })

// ============================================================================
// Operations
// ============================================================================

/** A kind of object in responses. */
interface Model {
  readonly codec: Schema.Codec<object, Schema.JsonObject>
  readonly toJson: (value: never) => Schema.JsonObject
}

const schedule: Model = { codec: BackupSchedule.FromWire, toJson: BackupSchedule.toJson }
const run: Model = { codec: BackupRun.FromWire, toJson: BackupRun.toJson }
const backup: Model = { codec: Backup.FromWire, toJson: Backup.toJson }
const job: Model = { codec: RestoreJob.FromWire, toJson: RestoreJob.toJson }
const started: Model = {
  codec: RestoreJob.StartedFromWire,
  toJson: (value: RestoreJob.Started) => Schema.encodeSync(RestoreJob.StartedFromWire)(value)
}

/** The input of a request, in the terms of the services. Missing fields are null, which every service rejects. */
interface Input {
  readonly schedule: BackupSchedule.ScheduleId
  readonly backup: Backup.BackupId
  readonly job: RestoreJob.RestoreJobId
  readonly index: PineconeIndex.IndexName
  readonly page: Page.PageOptions & Backups.IncludeDeleted
  readonly body: Schema.JsonObject
}

const inputOf = ({ request: { body = {}, path, query } }: Example): Input => {
  const [, , id = ""] = path.split("/").map(decodeURIComponent)
  return {
    schedule: BackupSchedule.ScheduleId.make(id),
    backup: Backup.BackupId.make(id),
    job: RestoreJob.RestoreJobId.make(id),
    index: PineconeIndex.IndexName.make(id),
    page: {
      limit: query?.["limit"] === undefined ? undefined : Number(query["limit"]),
      paginationToken: query?.["paginationToken"],
      includeDeleted: query?.["include_deleted"] === undefined ? undefined : query["include_deleted"] === "true"
    },
    body
  }
}

const get = (json: unknown, key: string): unknown =>
  typeof json === "object" && json !== null ? Reflect.get(json, key) : undefined

const orNull = (json: unknown, ...keys: ReadonlyArray<string>): never => (keys.reduce(get, json) ?? null) as never

const createSchedule = (body: Schema.JsonObject): BackupSchedules.CreateOptions => ({
  name: orNull(body, "name"),
  frequency: orNull(body, "schedule", "frequency"),
  expireAfterDays: orNull(body, "retention", "expire_after_days")
})

const updateSchedule = (body: Schema.JsonObject): BackupSchedules.UpdateOptions => ({
  ...("frequency" in body && { frequency: orNull(body, "frequency") }),
  ...("retention" in body && { expireAfterDays: orNull(body, "retention", "expire_after_days") }),
  ...("enabled" in body && { enabled: orNull(body, "enabled") })
})

const createBackup = (body: Schema.JsonObject): Backups.CreateOptions => ({
  ...("name" in body && { name: orNull(body, "name") }),
  ...("description" in body && { description: orNull(body, "description") })
})

const restore = (body: Schema.JsonObject): Backups.RestoreOptions => ({
  name: orNull(body, "name"),
  ...("tags" in body && { tags: orNull(body, "tags") }),
  ...("deletion_protection" in body && { deletionProtection: orNull(body, "deletion_protection") }),
  ...("read_capacity" in body && { readCapacity: orNull(body, "read_capacity") })
})

interface Operation {
  /** The name of the operation in errors. */
  readonly operation: string
  readonly call: (input: Input) => Call
  /** The result of a success: nothing, an object, or a page of objects. */
  readonly model?: Model
  readonly isPage?: true
}

const byName: Readonly<Record<string, Operation>> = {
  create_backup_schedule: {
    operation: "BackupSchedules.create",
    call: ({ body, index }) => schedules((_) => _.create(index, createSchedule(body))),
    model: schedule
  },
  list_backup_schedules: {
    operation: "BackupSchedules.list",
    call: ({ index, page }) => schedules((_) => _.listPage(index, page)),
    model: schedule,
    isPage: true
  },
  describe_backup_schedule: {
    operation: "BackupSchedules.describe",
    call: ({ schedule }) => schedules((_) => _.describe(schedule)),
    model: schedule
  },
  update_backup_schedule: {
    operation: "BackupSchedules.update",
    call: ({ body, schedule }) => schedules((_) => _.update(schedule, updateSchedule(body))),
    model: schedule
  },
  delete_backup_schedule: {
    operation: "BackupSchedules.delete",
    call: ({ schedule }) => schedules((_) => _.delete(schedule))
  },
  list_backup_schedule_history: {
    operation: "BackupSchedules.history",
    call: ({ page, schedule }) => schedules((_) => _.historyPage(schedule, page)),
    model: run,
    isPage: true
  },
  create_backup: {
    operation: "Backups.create",
    call: ({ body, index }) => backups((_) => _.create(index, createBackup(body))),
    model: backup
  },
  list_index_backups: {
    operation: "Backups.listByIndex",
    call: ({ index, page }) => backups((_) => _.listByIndexPage(index, page)),
    model: backup,
    isPage: true
  },
  list_project_backups: {
    operation: "Backups.list",
    call: ({ page }) => backups((_) => _.listPage(page)),
    model: backup,
    isPage: true
  },
  describe_backup: {
    operation: "Backups.describe",
    call: ({ backup }) => backups((_) => _.describe(backup)),
    model: backup
  },
  delete_backup: {
    operation: "Backups.delete",
    call: ({ backup }) => backups((_) => _.delete(backup))
  },
  create_index_from_backup: {
    operation: "Backups.restore",
    call: ({ backup, body }) => backups((_) => _.restore(backup, restore(body))),
    model: started
  },
  list_restore_jobs: {
    operation: "RestoreJobs.list",
    call: ({ page }) => restoreJobs((_) => _.listPage(page)),
    model: job,
    isPage: true
  },
  describe_restore_job: {
    operation: "RestoreJobs.describe",
    call: ({ job }) => restoreJobs((_) => _.describe(job)),
    model: job
  }
}

/** The client setting for the API version of an example. Older versions are not supported. */
const profileOf = ({ apiVersion, operation }: Example): PineconeApi.ApiVersion | undefined =>
  apiVersion === "2026-07"
    ? "2026-07"
    : apiVersion === (operation.includes("schedule") ? "unstable" : "2026-04")
    ? "2026-04"
    : undefined

/** Returns `true` if a call requests a list before it sends the request of the example. */
const lists = ({ operation, request: { body } }: Example) =>
  operation === "create_backup" && typeof body?.["name"] === "string"

/** Sends the request of an example to a service that returns the response of the example. */
const ask = (example: Example) => {
  const http = script(...(lists(example) ? [noneBefore()] : []), answer(example), lookupDenied())
  const call = byName[example.operation]!.call(inputOf(example))
  return { http, call: Effect.provide(call, services(http, { apiVersion: profileOf(example) })) }
}

// ============================================================================
// Expected results
// ============================================================================

const tagOfCode = new Map<unknown, string>(
  Object.entries(PineconeError.apiErrors).map(([tag, { code }]) => [code, tag])
)

const tagOfStatus: Readonly<Record<number, PineconeError.ApiErrorName>> = {
  400: "InvalidArgument",
  401: "Unauthenticated",
  402: "PaymentRequired",
  403: "PermissionDenied",
  404: "NotFound",
  408: "DeadlineExceeded",
  409: "AlreadyExists",
  412: "FailedPrecondition",
  413: "PayloadTooLarge",
  422: "UnprocessableEntity",
  429: "ResourceExhausted",
  500: "Unknown",
  501: "Unimplemented",
  503: "ServiceUnavailable",
  504: "DeadlineExceeded"
}

const expectedOf = ({ response }: Example) => {
  const { body, bodyText, status } = response
  const error = get(body, "error")
  const code = get(error, "code")
  return {
    status,
    code,
    tag: code !== undefined
      ? tagOfCode.get(code) ?? "UnrecognizedError"
      : tagOfStatus[status] ?? (status >= 500 ? "Unavailable" : "UnrecognizedError"),
    message: get(error, "message") ?? get(body, "message") ??
      (typeof body === "string"
        ? body
        : bodyText === undefined || bodyText.trim() === "" || bodyText.trim().startsWith("<")
        ? `HTTP status ${status}`
        : bodyText.trim()),
    body: code !== undefined || textOf(response) === "" ? undefined : textOf(response)
  }
}

const assertFailure = (error: PineconeError.ListError, operation: string, example: Example) => {
  const expected = expectedOf(example)
  assert.strictEqual(error._tag, `Pinecone${expected.tag}`)
  assert.strictEqual(error.operation, operation)
  assert.strictEqual(error.message, expected.message)
  assert.strictEqual(get(error, "status"), expected.status)
  assert.strictEqual(get(error, "requestId"), "req-1")
  assert.strictEqual(get(error, "attempts"), 1)
  assert.strictEqual(get(error, "body"), expected.body)
  if (expected.code !== undefined) {
    assert.strictEqual(get(error, "code"), expected.code)
  }
}

const timestamps = new Set([
  "created_at",
  "completed_at",
  "scheduled_execution_at",
  "source_index_deleted_at",
  "next_scheduled_run"
])

/** The milliseconds of a timestamp in any spelling; null for an invalid timestamp. */
const millisOf = (text: string): number | null => {
  const [, day, time, fraction = "", zone = "Z"] =
    /^(\d+-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,3})?\d*(Z|\+00:?00)?$/.exec(text) ?? []
  return day === undefined
    ? null
    : DateTime.toEpochMillis(DateTime.makeUnsafe(`${day}T${time}${fraction}${zone.replace(/\+.*/, "Z")}`))
}

/** Replaces timestamps with milliseconds, so that spelling and precision are ignored. */
const comparable = (json: Schema.JsonObject): object =>
  Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      timestamps.has(key) && typeof value === "string" ? millisOf(value) : value
    ])
  )

/** The value corresponds to the JSON: it encodes to the same JSON, also without the original. */
const assertSame = ({ codec, toJson }: Model, value: unknown, json: Schema.JsonObject) => {
  assert.deepStrictEqual(toJson(value as never), json)
  // A copy has no reference to its original JSON.
  assert.deepStrictEqual(comparable(Schema.encodeSync(codec)({ ...(value as object) })), comparable(json))
}

// ============================================================================
// Tests
// ============================================================================

it("the examples cover every operation, with successes and failures", () => {
  assert.hasAllKeys(Object.fromEntries(examples.map((example) => [example.operation, true])), Object.keys(byName))
  for (const operation of Object.keys(byName)) {
    const own = examples.filter((example) => example.operation === operation)
    assert.isTrue(own.some(isSuccess), operation)
    assert.isTrue(own.some((example) => !isSuccess(example)), operation)
  }
})

describe("the requests of the examples", () => {
  for (const example of examples) {
    it.effect(example.name, () =>
      Effect.gen(function*() {
        const { call, http } = ask(example)
        const result = yield* Effect.result(call)
        if (result._tag === "Failure" && result.failure._tag === "PineconeInvalidInput") {
          // The library rejects only input that the service would reject as invalid.
          assert.include([400, 422], example.response.status)
          assert.deepStrictEqual(http.requests, [])
          return
        }
        const sent = http.requests[lists(example) ? 1 : 0]
        const url = new URL(sent!.url)
        assert.strictEqual(sent!.method, example.request.method)
        assert.strictEqual(url.pathname, example.request.path)
        assert.deepStrictEqual(Object.fromEntries(url.searchParams), { ...example.request.query })
        // A backup without a name gets a generated name.
        const isUnnamed = example.operation === "create_backup" && example.request.body?.["name"] === undefined
        const { name, ...rest } = sent!.body === undefined ? {} : JSON.parse(sent!.body)
        assert.deepStrictEqual(isUnnamed ? rest : { ...rest, ...(name !== undefined && { name }) }, {
          ...example.request.body
        })
        if (profileOf(example) !== undefined) {
          assert.strictEqual(sent!.headers["x-pinecone-api-version"], example.apiVersion)
        }
      }))
  }
})

describe("the successes of the examples", () => {
  for (const example of examples.filter(isSuccess)) {
    it.effect(example.name, () =>
      Effect.gen(function*() {
        const { isPage, model } = byName[example.operation]!
        const value = yield* ask(example).call
        const { body } = example.response

        if (model === undefined) {
          assert.isUndefined(value)
        } else if (isPage === undefined) {
          assertSame(model, value, body as Schema.JsonObject)
        } else {
          const page = value as Page.Page<unknown>
          const rows = (get(body, "data") ?? []) as ReadonlyArray<Schema.JsonObject>
          assert.strictEqual(page.data.length, rows.length)
          rows.forEach((row, index) => assertSame(model, page.data[index], row))
          assert.strictEqual(page.next, get(get(body, "pagination"), "next") ?? undefined)
        }
      }))
  }
})

describe("the failures of the examples", () => {
  /** The requests of the successes, for failures whose own request the library rejects. */
  const goodRequest = ({ operation }: Example) =>
    examples.find((example) => example.operation === operation && isSuccess(example))!.request

  for (const example of examples.filter((example) => !isSuccess(example))) {
    it.effect(example.name, () =>
      Effect.gen(function*() {
        const { operation } = byName[example.operation]!
        const error = yield* Effect.flip(ask(example).call)
        assertFailure(
          error._tag === "PineconeInvalidInput"
            ? yield* Effect.flip(ask({ ...example, request: goodRequest(example) }).call)
            : error,
          operation,
          example
        )
      }))
  }
})

describe("failures that any operation can return", () => {
  const any = examples.filter((example) => example.apiVersion === "any" && !isSuccess(example))

  it("are recorded", () => {
    assert.isAbove(any.length, 0)
  })

  for (const { call, method, operation } of operations) {
    it.effect(method, () =>
      Effect.forEach(any, (example) =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(Effect.provide(call, services(script(answer(example), lookupDenied()))))
          assertFailure(error, operation, example)
        })))
  }
})
