/** What the tests of this package share: a scripted `HttpClient`, sample rows and small generators. */
import { assert } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as BackupSchedule from "../src/BackupSchedule.ts"
import * as BackupSchedules from "../src/BackupSchedules.ts"
import type * as Page from "../src/Page.ts"
import * as Pinecone from "../src/Pinecone.ts"
import type * as PineconeClient from "../src/PineconeClient.ts"
import type * as PineconeError from "../src/PineconeError.ts"
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
}

export type Answer = Response | Effect.Effect<Response, HttpClientError.HttpClientError>

/** A transport that answers from a script, and the requests it has seen. */
export interface Script {
  readonly requests: ReadonlyArray<Sent>
  readonly signals: ReadonlyArray<AbortSignal>
  readonly layer: Layer.Layer<HttpClient.HttpClient>
}

/** A transport that computes each answer. */
export const scriptWith = (answer: (sent: Sent, index: number) => Answer): Script => {
  const requests: Array<Sent> = []
  const signals: Array<AbortSignal> = []
  const client = HttpClient.make((request, url, signal) =>
    Effect.suspend(() => {
      const sent: Sent = { method: request.method, url: url.href, headers: { ...request.headers } }
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

/** A transport that gives the answers in order; one request more is a bug of the test or of the library. */
export const script = (...answers: ReadonlyArray<Answer>): Script =>
  scriptWith((sent, index) =>
    answers[index] ?? Effect.die(new Error(`Request ${index + 1} is not in the script: ${sent.url}`))
  )

/** The key of most tests. No text of a test contains it by accident. */
export const apiKey = "pcsk_Marker_4uT0zQ8xW2rB6nLk_s3cr3t"

/** Every service, over a script. */
export const services = (
  { layer }: Pick<Script, "layer">,
  options?: Partial<PineconeClient.Options>
) => Layer.provide(Pinecone.layer({ apiKey: Redacted.make(apiKey), retry: RetryPolicy.none, ...options }), layer)

// ============================================================================
// Calls
// ============================================================================

export const scheduleId = BackupSchedule.ScheduleId.make("c41f7a2e-96d8-4b03-8a5f-1e7d2c90b364")

export const jobId = RestoreJob.RestoreJobId.make("9857add2-99d4-4399-870e-aa7f15d8d326")

export const historyPage = (options?: Page.PageOptions, id: string = scheduleId) =>
  BackupSchedules.BackupSchedules.use((schedules) => schedules.historyPage(BackupSchedule.ScheduleId.make(id), options))

export const history = (options?: Page.StreamOptions) =>
  Stream.unwrap(BackupSchedules.BackupSchedules.useSync((schedules) => schedules.history(scheduleId, options)))

export const describeJob = (id: string = jobId) =>
  RestoreJobs.RestoreJobs.use((jobs) => jobs.describe(RestoreJob.RestoreJobId.make(id)))

/** Both operations, for what must hold of each. */
export const operations: ReadonlyArray<{
  readonly operation: string
  readonly call: Effect.Effect<unknown, PineconeError.PineconeError, Pinecone.Services>
}> = [
  { operation: "BackupSchedules.history", call: historyPage() },
  { operation: "RestoreJobs.describe", call: describeJob() }
]

// ============================================================================
// Answers
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

/** The smallest row the decoder takes. */
export const row = (backupId: string): Schema.JsonObject => ({
  backup_id: backupId,
  source_index_id: "3d9a6c52-8f41-4b7e-a0c5-6e2b7f1d9084",
  source_index_name: "product-catalog"
})

// ============================================================================
// Generators
// ============================================================================

export const int = (minimum: number, maximum: number): Arbitrary.Arbitrary<number> =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum, maximum })))

/** One of some generators. */
export const oneOf = <A>(...members: ReadonlyArray<Arbitrary.Arbitrary<A>>): Arbitrary.Arbitrary<A> =>
  Arbitrary.flatMap(int(0, members.length - 1), (index) => members[index]!)

/** One of some values. */
export const element = <const A>(...values: ReadonlyArray<A>): Arbitrary.Arbitrary<A> =>
  Arbitrary.map(int(0, values.length - 1), (index) => values[index]!)

/** Instants of the years 0 to 9999, which are those that a timestamp can spell. */
export const instants: Arbitrary.Arbitrary<DateTime.Utc> = Arbitrary.map(
  int(-62_167_219_200_000, 253_402_300_799_999),
  (millis) => DateTime.makeUnsafe(millis)
)

// ============================================================================
// Assertions
// ============================================================================

/** Fails unless the value has the tag, and narrows it. */
export function assertTag<E extends { readonly _tag: string }, const Tag extends E["_tag"]>(
  error: E,
  tag: Tag
): asserts error is Extract<E, { readonly _tag: Tag }> {
  assert.strictEqual(error._tag, tag)
}
