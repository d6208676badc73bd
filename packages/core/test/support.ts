/** Shared helpers for the tests of this package: a scripted `HttpClient`, sample rows and small generators. */
import { assert } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Tracer from "effect/Tracer"
import * as Backup from "../src/Backup.ts"
import * as Backups from "../src/Backups.ts"
import * as BackupSchedule from "../src/BackupSchedule.ts"
import * as BackupSchedules from "../src/BackupSchedules.ts"
import * as Indexes from "../src/Indexes.ts"
import type * as Page from "../src/Page.ts"
import * as Pinecone from "../src/Pinecone.ts"
import type * as PineconeClient from "../src/PineconeClient.ts"
import type * as PineconeError from "../src/PineconeError.ts"
import * as PineconeIndex from "../src/PineconeIndex.ts"
import * as RestoreJob from "../src/RestoreJob.ts"
import * as RestoreJobs from "../src/RestoreJobs.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"

// ============================================================================
// A scripted service
// ============================================================================

/** A request as it reached the transport. */
export interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Missing if the request has no body. */
  readonly body?: string
}

export type Answer = Response | Effect.Effect<Response, HttpClientError.HttpClientError>

/** A transport with scripted responses, and the requests it received. */
export interface Script {
  readonly requests: ReadonlyArray<Sent>
  readonly signals: ReadonlyArray<AbortSignal>
  readonly layer: Layer.Layer<HttpClient.HttpClient>
}

const bodyOf = ({ body }: HttpClientRequest.HttpClientRequest) =>
  body._tag === "Uint8Array" ? { body: new TextDecoder().decode(body.body) } : {}

/** A transport that computes each response. */
export const scriptWith = (answer: (sent: Sent, index: number) => Answer): Script => {
  const requests: Array<Sent> = []
  const signals: Array<AbortSignal> = []
  const client = HttpClient.make((request, url, signal) =>
    Effect.suspend(() => {
      const sent: Sent = { method: request.method, url: url.href, headers: { ...request.headers }, ...bodyOf(request) }
      signals.push(signal)
      const next = answer(sent, requests.push(sent) - 1)
      return Effect.map(
        Effect.isEffect(next) ? next : Effect.succeed(next),
        (response) => HttpClientResponse.fromWeb(request, response)
      )
    })
  )
  return { requests, signals, layer: Layer.succeed(HttpClient.HttpClient, client) }
}

/** A transport that returns the responses in order. An additional request is a bug in the test or in the library. */
export const script = (...answers: ReadonlyArray<Answer>): Script =>
  scriptWith((sent, index) =>
    answers[index] ?? Effect.die(new Error(`Request ${index + 1} is not in the script: ${sent.url}`))
  )

/** The list of backups requested before a named backup is created: empty. */
export const noneBefore = () => json({ data: [], pagination: null })

/** The response to a recovery lookup: permission denied. */
export const lookupDenied = () => new Response(null, { status: 403 })

/** The API key of most tests, which no other string in a test contains. */
export const apiKey = "pcsk_Marker_4uT0zQ8xW2rB6nLk_s3cr3t"

/** Every service on a scripted transport. */
export const services = (
  { layer }: Pick<Script, "layer">,
  options?: Partial<PineconeClient.Options>
) => Layer.provide(Pinecone.layer({ apiKey: Redacted.make(apiKey), retry: RetryPolicy.none, ...options }), layer)

// ============================================================================
// IDs
// ============================================================================

export const scheduleId = BackupSchedule.ScheduleId.make("c41f7a2e-96d8-4b03-8a5f-1e7d2c90b364")

export const backupId = Backup.BackupId.make("d2f4a908-3c7e-4e61-b5a9-80c6e1f7b392")

export const jobId = RestoreJob.RestoreJobId.make("9857add2-99d4-4399-870e-aa7f15d8d326")

export const indexName = PineconeIndex.IndexName.make("product-catalog")

// ============================================================================
// Responses
// ============================================================================

export const json = (body: Schema.Json, init?: ResponseInit): Response => Response.json(body, init)

export const envelope = (code: string, message: string, details?: Schema.Json): Schema.JsonObject => ({
  error: { code, message, ...(details !== undefined && { details }) },
  status: 400
})

/** A row of a history with every documented key. */
export const run: Schema.JsonObject = {
  backup_id: "9a63c1d5-e807-4f2b-8c14-2d7f5b0ea631",
  source_index_id: "3d9a6c52-8f41-4b7e-a0c5-6e2b7f1d9084",
  source_index_name: "product-catalog",
  tags: { team: "search" },
  name: "catalog-nightly-20260803T060000Z",
  description: "Nightly",
  status: "Ready",
  scheduled_execution_at: "2026-08-03T06:00:00+00:00",
  cloud: "aws",
  region: "us-east-1",
  dimension: 768,
  schema: { fields: { embedding: { type: "dense_vector", dimension: 768, metric: "cosine" } } },
  record_count: 181_990,
  namespace_count: 4,
  size_bytes: 587_001_344,
  created_at: "2026-08-02T06:00:01.244035Z"
}

/** A restore job with every documented key. */
export const job: Schema.JsonObject = {
  restore_job_id: jobId,
  backup_id: "9a63c1d5-e807-4f2b-8c14-2d7f5b0ea631",
  target_index_name: "catalog-probe",
  target_index_id: "15f9c8a3-6d2e-4b70-93c4-e8b05a7f1d26",
  status: "Completed",
  created_at: "2026-04-24T06:00:00.244035Z",
  completed_at: "2026-04-24T06:00:06.244035Z",
  percent_complete: 100
}

/** A backup with every key of any version. */
export const backup: Schema.JsonObject = {
  backup_id: "d2f4a908-3c7e-4e61-b5a9-80c6e1f7b392",
  source_index_id: "3d9a6c52-8f41-4b7e-a0c5-6e2b7f1d9084",
  source_index_name: "product-catalog",
  tags: { team: "search" },
  name: "catalog-before-reindex",
  description: "Taken before the autumn re-index",
  status: "Ready",
  cloud: "aws",
  region: "us-east-1",
  dimension: 768,
  schema: { fields: { _values: { type: "dense_vector", dimension: 768, metric: "cosine" } } },
  record_count: 181_990,
  namespace_count: 4,
  size_bytes: 587_001_344,
  metric: "cosine",
  created_at: "2026-08-02T06:00:01.244035Z",
  source_index_deleted_at: "2026-08-03T06:00:00Z"
}

/** A backup whose name and description are missing in the response, so they could have any value. */
export const unnamed: Schema.JsonObject = { ...backup, name: null, description: null }

/** A backup schedule with every documented key. */
export const schedule: Schema.JsonObject = {
  schedule_id: scheduleId,
  name: "catalog-nightly",
  index_id: "3d9a6c52-8f41-4b7e-a0c5-6e2b7f1d9084",
  project_id: "5b1f0c8e-72d4-4a39-b6e5-908f3c2d7a41",
  schedule_type: "time-based",
  frequency: "daily",
  retention_expire_after_days: 30,
  enabled: true,
  next_scheduled_run: "2026-04-24T06:00:00+00:00",
  created_at: "2026-04-23T16:36:51.267528+00:00"
}

/** An index with every key that the decoder reads, and one unknown key. */
export const index: Schema.JsonObject = {
  name: "product-catalog",
  id: "3d9a6c52-8f41-4b7e-a0c5-6e2b7f1d9084",
  status: { ready: true, state: "Ready" },
  host: "product-catalog-a1b2c3d.svc.aped-4627-b74a.pinecone.io",
  private_host: "product-catalog-a1b2c3d.svc.private.aped-4627-b74a.pinecone.io",
  deletion_protection: "enabled",
  tags: { team: "search" },
  read_capacity: {
    mode: "Dedicated",
    dedicated: { node_type: "b1", scaling: "Manual", manual: { replicas: 2, shards: 1 } },
    status: { state: "Migrating", current_replicas: 1, current_shards: 1 }
  },
  source_backup_id: "d2f4a908-3c7e-4e61-b5a9-80c6e1f7b392",
  vector_type: "dense"
}

/** The smallest row that the decoder accepts. */
export const row = (backupId: string): Schema.JsonObject => ({
  backup_id: backupId,
  source_index_id: "3d9a6c52-8f41-4b7e-a0c5-6e2b7f1d9084",
  source_index_name: "product-catalog"
})

// ============================================================================
// Calls
// ============================================================================

export type Call = Effect.Effect<unknown, PineconeError.ListError, Pinecone.Services>

type AnyStream = Stream.Stream<unknown, PineconeError.ListError>

/** Calls of a service; streams are collected. */
const callsOf =
  <Id extends Pinecone.Services, Service>(service: Context.Key<Id, Service>) =>
  (use: (service: Service) => Effect.Effect<unknown, PineconeError.ListError> | AnyStream): Call =>
    Effect.flatMap(service, (service) => {
      const result = use(service)
      return Stream.isStream(result) ? Stream.runCollect(result) : result
    })

export const schedules = callsOf(BackupSchedules.BackupSchedules)
export const backups = callsOf(Backups.Backups)
export const restoreJobs = callsOf(RestoreJobs.RestoreJobs)
export const indexes = callsOf(Indexes.Indexes)

/** The methods that send the requests of other methods, and wait or draw conclusions. */
type Composite =
  | "BackupSchedules.ensure"
  | "BackupSchedules.followHistory"
  | "Backups.awaitReady"
  | "Backups.findCreated"
  | "Backups.restoreAndAwait"
  | "RestoreJobs.watch"
  | "RestoreJobs.awaitCompletion"
  | "RestoreJobs.awaitReady"

/** The methods that send nothing. */
type Check =
  | "BackupSchedules.checkCreate"
  | "BackupSchedules.checkUpdate"
  | "Backups.checkCreate"
  | "Backups.checkRestore"

/** Every method of every service that has its own requests. */
export type Method = Exclude<
  | `BackupSchedules.${keyof BackupSchedules.Service}`
  | `Backups.${keyof Backups.Service}`
  | `RestoreJobs.${keyof RestoreJobs.Service}`
  | `Indexes.${keyof Indexes.Service}`,
  Composite | Check
>

interface Example {
  readonly call: Call
  /** The successful response; `undefined` if it is not read. */
  readonly success: Schema.JsonObject | undefined
}

const listOf = (...data: ReadonlyArray<Schema.Json>): Schema.JsonObject => ({ data, pagination: null })

const started = { restore_job_id: jobId, index_id: "15f9c8a3-6d2e-4b70-93c4-e8b05a7f1d26" }

const createSchedule = { name: "catalog-nightly", frequency: "daily", expireAfterDays: 30 } as const

/** A valid call of every method. */
const calls: { readonly [Name in Method]: Example } = {
  "BackupSchedules.create": { call: schedules((_) => _.create(indexName, createSchedule)), success: schedule },
  "BackupSchedules.listPage": { call: schedules((_) => _.listPage(indexName)), success: listOf(schedule) },
  "BackupSchedules.list": { call: schedules((_) => _.list(indexName)), success: listOf(schedule) },
  "BackupSchedules.listPages": { call: schedules((_) => _.listPages(indexName)), success: listOf(schedule) },
  "BackupSchedules.describe": { call: schedules((_) => _.describe(scheduleId)), success: schedule },
  "BackupSchedules.update": { call: schedules((_) => _.update(scheduleId, { enabled: true })), success: schedule },
  "BackupSchedules.pause": { call: schedules((_) => _.pause(scheduleId)), success: { ...schedule, enabled: false } },
  "BackupSchedules.resume": { call: schedules((_) => _.resume(scheduleId)), success: schedule },
  "BackupSchedules.delete": { call: schedules((_) => _.delete(scheduleId)), success: undefined },
  "BackupSchedules.historyPage": { call: schedules((_) => _.historyPage(scheduleId)), success: listOf(run, row("b")) },
  "BackupSchedules.history": { call: schedules((_) => _.history(scheduleId)), success: listOf(run, row("b")) },
  "BackupSchedules.historyPages": {
    call: schedules((_) => _.historyPages(scheduleId)),
    success: listOf(run, row("b"))
  },
  "Backups.create": { call: backups((_) => _.create(indexName)), success: unnamed },
  "Backups.describe": { call: backups((_) => _.describe(backupId)), success: backup },
  "Backups.delete": { call: backups((_) => _.delete(backupId)), success: undefined },
  "Backups.listPage": { call: backups((_) => _.listPage()), success: listOf(backup, row("b")) },
  "Backups.list": { call: backups((_) => _.list()), success: listOf(backup, row("b")) },
  "Backups.listPages": { call: backups((_) => _.listPages()), success: listOf(backup, row("b")) },
  "Backups.listByIndexPage": { call: backups((_) => _.listByIndexPage(indexName)), success: listOf(backup) },
  "Backups.listByIndex": { call: backups((_) => _.listByIndex(indexName)), success: listOf(backup) },
  "Backups.listByIndexPages": { call: backups((_) => _.listByIndexPages(indexName)), success: listOf(backup) },
  "Backups.restore": { call: backups((_) => _.restore(backupId, { name: "catalog-probe" })), success: started },
  "RestoreJobs.describe": { call: restoreJobs((_) => _.describe(jobId)), success: job },
  "RestoreJobs.listPage": { call: restoreJobs((_) => _.listPage()), success: listOf(job) },
  "RestoreJobs.list": { call: restoreJobs((_) => _.list()), success: listOf(job) },
  "RestoreJobs.listPages": { call: restoreJobs((_) => _.listPages()), success: listOf(job) },
  "Indexes.list": { call: indexes((_) => _.list), success: { indexes: [index] } },
  "Indexes.describe": { call: indexes((_) => _.describe(indexName)), success: index },
  "Indexes.configure": {
    call: indexes((_) => _.configure(indexName, { deletionProtection: "enabled", tags: { team: "search", old: "" } })),
    success: index
  },
  "Indexes.delete": { call: indexes((_) => _.delete(indexName)), success: undefined }
}

/** A valid call of every method, for properties that hold for each. */
export const operations: ReadonlyArray<
  Example & {
    readonly method: Method
    /** The name in errors and traces, which is the name of the endpoint in the contract. */
    readonly operation: string
  }
> = (Object.keys(calls) as Array<Method>).map((method) => ({
  method,
  operation: method.replace(/Pages?$/, "").replace(/(pause|resume)$/, "update"),
  ...calls[method]
}))

export const historyPage = (options?: Page.PageOptions, id: string = scheduleId) =>
  BackupSchedules.BackupSchedules.use((schedules) => schedules.historyPage(BackupSchedule.ScheduleId.make(id), options))

export const history = (options?: Page.StreamOptions) =>
  Stream.unwrap(BackupSchedules.BackupSchedules.useSync((schedules) => schedules.history(scheduleId, options)))

export const describeJob = (id: string = jobId) =>
  RestoreJobs.RestoreJobs.use((jobs) => jobs.describe(RestoreJob.RestoreJobId.make(id)))

// ============================================================================
// Time
// ============================================================================

/** Runs everything that does not wait for the clock. Reading a body takes several turns of the event loop. */
const settle = Effect.repeat(Effect.yieldNow, { times: 10 })

/** Runs an effect to its end, and moves the clock to each time that a fiber waits for. */
export const fastForward = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>) {
  const clock = yield* Clock.Clock
  const moments = new Set<number>()
  const sleep = (duration: Duration.Duration) => {
    moments.add(clock.currentTimeMillisUnsafe() + Duration.toMillis(duration))
    return clock.sleep(duration)
  }
  const fiber = yield* Effect.forkChild(Effect.provideService(effect, Clock.Clock, { ...clock, sleep }))
  yield* settle
  while (fiber.pollUnsafe() === undefined) {
    const next = Math.min(...moments)
    assert.isTrue(Number.isFinite(next), "nothing to wait for")
    moments.delete(next)
    yield* TestClock.setTime(next)
    yield* settle
  }
  return yield* Fiber.join(fiber)
})

// ============================================================================
// Generators
// ============================================================================

export const int = (minimum: number, maximum: number): Arbitrary.Arbitrary<number> =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum, maximum })))

/** Picks one of several generators. */
export const oneOf = <A>(...members: ReadonlyArray<Arbitrary.Arbitrary<A>>): Arbitrary.Arbitrary<A> =>
  Arbitrary.flatMap(int(0, members.length - 1), (index) => members[index]!)

/** Picks one of several values. */
export const element = <const A>(...values: ReadonlyArray<A>): Arbitrary.Arbitrary<A> =>
  Arbitrary.map(int(0, values.length - 1), (index) => values[index]!)

/** Instants of the years 0 to 9999, which a timestamp can represent. */
export const instants: Arbitrary.Arbitrary<DateTime.Utc> = Arbitrary.map(
  int(-62_167_219_200_000, 253_402_300_799_999),
  (millis) => DateTime.makeUnsafe(millis)
)

/** Every path in a JSON value, starting at the root. */
const pathsOf = (json: Schema.Json, path: ReadonlyArray<string> = []): ReadonlyArray<ReadonlyArray<string>> => [
  path,
  ...(typeof json === "object" && json !== null
    ? Object.entries(json).flatMap(([key, part]) => pathsOf(part as Schema.Json, [...path, key]))
    : [])
]

/** Copies a value with a different value at a path, or without it. */
const change = (
  json: Schema.Json,
  [key, ...rest]: ReadonlyArray<string>,
  value: Schema.Json | undefined
): Schema.Json => {
  if (key === undefined) return value ?? null
  const copy = (Array.isArray(json) ? [...json] : { ...(json as object) }) as Record<string, Schema.Json>
  if (rest.length === 0 && value === undefined) {
    delete copy[key]
  } else {
    copy[key] = change(copy[key] ?? null, rest, value)
  }
  return copy
}

/** Changes or removes up to three places in a JSON value. */
export const mutations = (
  json: Schema.Json,
  values: Arbitrary.Arbitrary<Schema.Json | undefined>
): Arbitrary.Arbitrary<Schema.Json> =>
  Arbitrary.map(
    Arbitrary.array(Arbitrary.all({ at: int(0, 1_000), value: values }), { maxLength: 3 }),
    (mutations) =>
      mutations.reduce<Schema.Json>((json, { at, value }) => {
        const paths = pathsOf(json)
        return change(json, paths[at % paths.length]!, value)
      }, json)
  )

// ============================================================================
// Assertions
// ============================================================================

/** Fails unless the value has the tag, and narrows its type. */
export function assertTag<E extends { readonly _tag: string }, const Tag extends E["_tag"]>(
  error: E,
  tag: Tag
): asserts error is Extract<E, { readonly _tag: Tag }> {
  assert.strictEqual(error._tag, tag)
}

/** A tracer and its recorded spans. */
export const collectSpans = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  return { spans, tracer }
}
