import type * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as Backups from "@pinecone-backups/core/Backups"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import type * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import type * as Indexes from "@pinecone-backups/core/Indexes"
import type * as Page from "@pinecone-backups/core/Page"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import type * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import type * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import type * as WaitError from "@pinecone-backups/core/WaitError"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpApiError from "effect/http-api/HttpApiError"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { describe, expect, it } from "tstyche"
import * as PineconeClient from "../src/PineconeClient.ts"
import * as RetryPolicy from "../src/RetryPolicy.ts"

// ============================================================================
// Results of methods
// ============================================================================

type Result<Method> = Method extends (...args: never) => infer R ? R : Method

type Failure<T> = T extends Effect.Effect<infer _A, infer E, infer _R> ? E
  : T extends Stream.Stream<infer _A, infer E, infer _R> ? E
  : "neither an effect nor a stream"

type Needs<T> = T extends Effect.Effect<infer _A, infer _E, infer R> ? R
  : T extends Stream.Stream<infer _A, infer _E, infer R> ? R
  : "neither an effect nor a stream"

type Value<T> = T extends Effect.Effect<infer A, infer _E, infer _R> ? A
  : T extends Stream.Stream<infer A, infer _E, infer _R> ? A
  : "neither an effect nor a stream"

type Failures<Service> = { readonly [Name in keyof Service]: Failure<Result<Service[Name]>> }

type Requirements<Service> = { readonly [Name in keyof Service]: Needs<Result<Service[Name]>> }

type All<Service, T> = { readonly [_ in keyof Service]: T }

/** The methods that read a complete list. */
type List = "list" | "listPages" | "listByIndex" | "listByIndexPages" | "history" | "historyPages" | "followHistory"

/** The error of a method that is not a wait. */
type Usual<Name> = Name extends `check${string}` ? PineconeError.InvalidInput
  : Name extends List | "ensure" ? PineconeError.ListError
  : PineconeError.PineconeError

describe("every operation", () => {
  it("fails only with PineconeError, the errors of its wait, or InvalidInput for a check", () => {
    type ReadyError =
      | PineconeError.PineconeError
      | WaitError.BackupFailed
      | WaitError.WaitTimedOut<Backup.Backup, WaitError.StartedBackup>
    type CompletionError =
      | PineconeError.PineconeError
      | WaitError.RestoreFailed
      | WaitError.RestoreCancelled
      | WaitError.WaitTimedOut<RestoreJob.RestoreJob, WaitError.StartedRestore>
    type RestoreError = CompletionError | WaitError.WaitTimedOut<PineconeIndex.PineconeIndex, WaitError.StartedRestore>

    expect<Failures<BackupSchedules.Service>>().type.toBe<
      {
        readonly [Name in keyof BackupSchedules.Service]: Name extends "ensure"
          ? PineconeError.ListError | WaitError.Unfinished<WaitError.StartedSchedule>
          : Usual<Name>
      }
    >()
    expect<Failures<Backups.Service>>().type.toBe<
      {
        readonly [Name in keyof Backups.Service]: Name extends "create" | "findCreated" ? PineconeError.ListError
          : Name extends "awaitReady" ? ReadyError
          : Name extends "restoreAndAwait" ? RestoreError | WaitError.Unfinished<WaitError.StartedRestore>
          : Usual<Name>
      }
    >()
    expect<Failures<RestoreJobs.Service>>().type.toBe<
      {
        readonly [Name in keyof RestoreJobs.Service]: Name extends "awaitCompletion" ? CompletionError
          : Name extends "awaitReady" ? RestoreError
          : Usual<Name>
      }
    >()
    expect<Failures<Indexes.Service>>().type.toBe<All<Indexes.Service, PineconeError.PineconeError>>()
  })

  it("has the ID of the started operation in errors after the start", () => {
    type AfterStart = Exclude<Failures<Backups.Service>["restoreAndAwait"], PineconeError.PineconeError>
    expect<AfterStart["started"]>().type.toBe<WaitError.StartedRestore>()
    type AfterCreation = Exclude<Failures<BackupSchedules.Service>["ensure"], PineconeError.ListError>
    expect<AfterCreation["started"]>().type.toBe<WaitError.StartedSchedule>()
    type AfterBackup = Exclude<Failures<Backups.Service>["awaitReady"], PineconeError.PineconeError>
    expect<AfterBackup["started"]>().type.toBe<WaitError.StartedBackup>()
  })

  it("keeps its type with withOptions", () => {
    const effect = Effect.fail("no" as const) as Effect.Effect<number, "no", PineconeClient.PineconeClient>
    expect(effect.pipe(PineconeClient.withOptions({ deadline: "1 minute" }))).type.toBe<typeof effect>()
    expect(PineconeClient.withOptions(effect, { retry: RetryPolicy.none })).type.toBe<typeof effect>()
    const stream = Stream.fromEffect(effect)
    expect(stream.pipe(PineconeClient.withOptions({ requestTimeout: "1 minute" }))).type.toBe<typeof stream>()
    expect(PineconeClient.withOptions).type.not.toBeCallableWith(effect, { host: "http://127.0.0.1" })
  })

  it("has no requirements", () => {
    expect<Requirements<BackupSchedules.Service>>().type.toBe<All<BackupSchedules.Service, never>>()
    expect<Requirements<Backups.Service>>().type.toBe<All<Backups.Service, never>>()
    expect<Requirements<RestoreJobs.Service>>().type.toBe<All<RestoreJobs.Service, never>>()
    expect<Requirements<Indexes.Service>>().type.toBe<All<Indexes.Service, never>>()
  })
})

describe("the result types", () => {
  type Values<Service> = { readonly [Name in keyof Service]: Value<Result<Service[Name]>> }

  it("match in BackupSchedules", () => {
    expect<Values<BackupSchedules.Service>>().type.toBe<{
      readonly create: BackupSchedule.BackupSchedule & { readonly recovered: boolean }
      readonly checkCreate: PineconeClient.Request
      readonly ensure: BackupSchedules.Ensured
      readonly listPage: Page.Page<BackupSchedule.BackupSchedule>
      readonly list: BackupSchedule.BackupSchedule
      readonly listPages: Page.Page<BackupSchedule.BackupSchedule>
      readonly describe: BackupSchedule.BackupSchedule
      readonly update: BackupSchedule.BackupSchedule & { readonly recovered: boolean }
      readonly checkUpdate: PineconeClient.Request
      readonly pause: BackupSchedule.BackupSchedule & { readonly recovered: boolean }
      readonly resume: BackupSchedule.BackupSchedule & { readonly recovered: boolean }
      readonly delete: void
      readonly historyPage: Page.Page<BackupRun.BackupRun>
      readonly history: BackupRun.BackupRun
      readonly historyPages: Page.Page<BackupRun.BackupRun>
      readonly followHistory: BackupRun.Change
    }>()
  })

  it("match in Backups", () => {
    expect<Values<Backups.Service>>().type.toBe<{
      readonly create: Backup.Backup & { readonly recovered: boolean }
      readonly findCreated: Backup.Backup | undefined
      readonly describe: Backup.Backup
      readonly delete: void
      readonly listPage: Page.Page<Backup.Backup>
      readonly list: Backup.Backup
      readonly listPages: Page.Page<Backup.Backup>
      readonly listByIndexPage: Page.Page<Backup.Backup>
      readonly listByIndex: Backup.Backup
      readonly listByIndexPages: Page.Page<Backup.Backup>
      readonly awaitReady: Backup.Backup
      readonly checkCreate: PineconeClient.Request
      readonly restore: RestoreJob.Started & { readonly recovered: boolean }
      readonly checkRestore: PineconeClient.Request
      readonly restoreAndAwait: RestoreJobs.Restored
    }>()
  })

  it("match in RestoreJobs", () => {
    expect<Values<RestoreJobs.Service>>().type.toBe<{
      readonly describe: RestoreJob.RestoreJob
      readonly listPage: Page.Page<RestoreJob.RestoreJob>
      readonly list: RestoreJob.RestoreJob
      readonly listPages: Page.Page<RestoreJob.RestoreJob>
      readonly watch: RestoreJob.RestoreJob
      readonly awaitCompletion: RestoreJob.RestoreJob
      readonly awaitReady: RestoreJobs.Restored
    }>()
  })

  it("match in Indexes", () => {
    expect<Values<Indexes.Service>>().type.toBe<{
      readonly list: ReadonlyArray<PineconeIndex.PineconeIndex>
      readonly describe: PineconeIndex.PineconeIndex
      readonly configure: PineconeIndex.PineconeIndex & { readonly recovered: boolean }
      readonly delete: void
    }>()
  })
})

// ============================================================================
// any and unknown
// ============================================================================

/** The paths to every `any` and `unknown` in a type, down to the leaves. */
type Loose<T, Path extends string> = 0 extends 1 & T ? Path
  : unknown extends T ? Path
  : T extends string | number | boolean | null | undefined | void | DateTime.Utc ? never
  : Schema.JsonObject extends T ? never
  : T extends ReadonlyArray<infer Part> ? T extends Schema.JsonArray ? LoosePart<Part, Path> : Loose<Part, `${Path}[]`>
  : T extends object ? { [Key in keyof T & string]: Loose<T[Key], `${Path}.${Key}`> }[keyof T & string]
  : never

/** JSON is recursive, so stop at it. */
type LoosePart<T, Path extends string> = 0 extends 1 & T ? `${Path}[]`
  : Schema.Json extends T ? never
  : Loose<T, `${Path}[]`>

type LooseMethods<Service> = {
  [Name in keyof Service & string]:
    | Loose<Value<Result<Service[Name]>>, `${Name} gives`>
    | (Service[Name] extends (...args: infer Args) => unknown ? Loose<Args[number], `${Name} takes`> : never)
}[keyof Service & string]

describe("types without any and unknown", () => {
  it("are used by BackupSchedules", () => {
    expect<LooseMethods<BackupSchedules.Service>>().type.toBe<never>()
  })

  it("are used by Backups", () => {
    expect<LooseMethods<Backups.Service>>().type.toBe<never>()
  })

  it("are used by RestoreJobs", () => {
    expect<LooseMethods<RestoreJobs.Service>>().type.toBe<never>()
  })

  it("are used by Indexes", () => {
    expect<LooseMethods<Indexes.Service>>().type.toBe<never>()
  })

  it("are distinguished from any and unknown by this test", () => {
    type Any = ReturnType<typeof JSON.parse>
    interface Sample {
      readonly good: (id: string) => Effect.Effect<{ readonly a: string }>
      readonly json: () => Effect.Effect<{ readonly a: Schema.Json; readonly b: Schema.JsonObject }>
      readonly bad: (id: { readonly deep: ReadonlyArray<unknown> }) => Effect.Effect<{ readonly a: Any }>
      readonly array: (list: ReadonlyArray<Any>) => Effect.Effect<unknown>
      readonly text: Stream.Stream<ReadonlyArray<{ readonly a: unknown }>>
    }
    expect<LooseMethods<Sample>>().type.toBe<
      "bad takes.deep[]" | "bad gives.a" | "array takes[]" | "array gives" | "text gives[].a"
    >()
  })
})

// ============================================================================
// IDs
// ============================================================================

declare const schedules: BackupSchedules.Service
declare const backups: Backups.Service
declare const jobs: RestoreJobs.Service
declare const indexes: Indexes.Service

declare const scheduleId: BackupSchedule.ScheduleId
declare const backupId: Backup.BackupId
declare const jobId: RestoreJob.RestoreJobId
declare const indexName: PineconeIndex.IndexName
declare const indexId: PineconeIndex.IndexId
declare const run: BackupRun.BackupRun
declare const backup: Backup.Backup
declare const job: RestoreJob.RestoreJob
declare const started: RestoreJob.Started
declare const schedule: BackupSchedule.BackupSchedule

describe("branded IDs", () => {
  it("are not interchangeable", () => {
    expect(schedules.describe).type.toBeCallableWith(scheduleId)
    expect(schedules.describe).type.not.toBeCallableWith(backupId)
    expect(schedules.describe).type.not.toBeCallableWith(jobId)
    expect(schedules.describe).type.not.toBeCallableWith(indexName)
    expect(schedules.list).type.toBeCallableWith(indexName)
    expect(schedules.list).type.not.toBeCallableWith(indexId)
    expect(schedules.list).type.not.toBeCallableWith(scheduleId)
    expect(backups.describe).type.toBeCallableWith(backupId)
    expect(backups.describe).type.not.toBeCallableWith(jobId)
    expect(backups.delete).type.not.toBeCallableWith(indexId)
    expect(jobs.describe).type.toBeCallableWith(jobId)
    expect(jobs.describe).type.not.toBeCallableWith(backupId)
    expect(indexes.delete).type.toBeCallableWith(indexName)
    expect(indexes.delete).type.not.toBeCallableWith(indexId)
  })

  it("are not plain strings", () => {
    expect(schedules.delete).type.not.toBeCallableWith("c41f7a2e")
    expect(backups.delete).type.not.toBeCallableWith("d2f4a908")
    expect(backups.create).type.not.toBeCallableWith("docs")
    expect(jobs.describe).type.not.toBeCallableWith("9857add2")
    expect(indexes.delete).type.not.toBeCallableWith("docs")
  })

  it("are accepted from results of other calls", () => {
    expect(backups.describe).type.toBeCallableWith(run.backupId)
    expect(backups.delete).type.toBeCallableWith(job.backupId)
    expect(jobs.describe).type.toBeCallableWith(started.restoreJobId)
    expect(schedules.history).type.toBeCallableWith(schedule.scheduleId)
    expect(indexes.describe).type.toBeCallableWith(job.targetIndexName)
    expect(backups.listByIndex).type.toBeCallableWith(backup.sourceIndexName)
  })
})

// ============================================================================
// Options
// ============================================================================

describe("options", () => {
  it("are all required for creating a schedule", () => {
    expect(schedules.create).type.toBeCallableWith(indexName, { name: "n", frequency: "daily", expireAfterDays: 1 })
    expect(schedules.create).type.not.toBeCallableWith(indexName, { name: "n", frequency: "daily" })
    expect(schedules.create).type.not.toBeCallableWith(indexName, {
      name: "n",
      frequency: "hourly",
      expireAfterDays: 1
    })
    expect(schedules.create).type.not.toBeCallableWith(indexName)
  })

  it("are all optional for updating a schedule, including undefined", () => {
    expect(schedules.update).type.toBeCallableWith(scheduleId, {})
    expect(schedules.update).type.toBeCallableWith(scheduleId, { enabled: undefined, frequency: undefined })
    expect(schedules.update).type.not.toBeCallableWith(scheduleId, { name: "n" })
  })

  it("require a name for a restore", () => {
    expect(backups.restore).type.toBeCallableWith(backupId, { name: "docs", tags: { a: "b" } })
    expect(backups.restore).type.not.toBeCallableWith(backupId, {})
    expect(backups.restore).type.not.toBeCallableWith(backupId, { name: "docs", deletionProtection: true })
    expect(backups.restore).type.not.toBeCallableWith(backupId, { name: "docs", readCapacity: { mode: "Burst" } })
  })

  it("are not interchangeable between lists", () => {
    expect(backups.list).type.not.toBeCallableWith({ includeDeleted: true })
    expect(backups.listByIndex).type.toBeCallableWith(indexName, { includeDeleted: true, pageSize: 5 })
    expect(backups.listByIndex).type.not.toBeCallableWith(indexName, { limit: 5 })
  })
})

// ============================================================================
// Errors
// ============================================================================

describe("the tags of PineconeError", () => {
  it("are closed", () => {
    expect<PineconeError.PineconeError["_tag"]>().type.toBe<
      | `Pinecone${PineconeError.ApiErrorName}`
      | "PineconeUnrecognizedError"
      | "PineconeConnectionFailed"
      | "PineconeRequestTimedOut"
      | "PineconeMalformedResponse"
      | "PineconeInvalidInput"
      | "PineconeHostRefused"
    >()
    expect<Exclude<PineconeError.ListError, PineconeError.PineconeError>>().type.toBe<PineconeError.PaginationLoop>()
  })

  it("differ from the tags of HttpApiError, so that catching those does not catch these", () => {
    type Others = HttpApiError.NotFound | HttpApiError.Forbidden | HttpApiError.ServiceUnavailable
    expect<Extract<PineconeError.ListError["_tag"], Others["_tag"]>>().type.toBe<never>()
    expect(
      Effect.catchTag(
        Effect.fail<PineconeError.PineconeError | HttpApiError.NotFound>(new HttpApiError.NotFound()),
        "NotFound",
        () => Effect.void
      )
    ).type.toBe<Effect.Effect<void, PineconeError.PineconeError>>()
  })

  it("determine the category", () => {
    expect<PineconeError.NotFound["category"]>().type.toBe<"notFound">()
    expect<PineconeError.ConnectionFailed["category"]>().type.toBe<"transport">()
    expect<PineconeError.InvalidInput["category"]>().type.toBe<"validation">()
    expect<PineconeError.InvalidInput["isRetryable"]>().type.toBe<false>()
    expect<PineconeError.UnrecognizedError["category"]>().type.toBe<Exclude<PineconeError.Category, "transport">>()
  })

  it("determine the fields", () => {
    expect<PineconeError.NotFound["code"]>().type.toBe<"NOT_FOUND">()
    expect<PineconeError.NotFound["status"]>().type.toBe<number>()
    expect<PineconeError.InvalidInput["status"]>().type.toBe<number | undefined>()
    expect<PineconeError.ListError["status" | "attempts"]>().type.toBe<number | undefined>()
    expect<PineconeError.ListError["requestId"]>().type.toBe<string | undefined>()
    expect<PineconeError.ListError["retryAfter"]>().type.toBe<Duration.Duration | undefined>()
  })
})
