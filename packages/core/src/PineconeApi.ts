/**
 * The HTTP contract of Pinecone's backup and restore API: paths, parameters, bodies and statuses, each
 * written down once. The client is derived from it, the emulator implements it, and
 * `OpenApi.fromApi(PineconeApi)` prints it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import * as Backup from "./Backup.ts"
import * as BackupRun from "./BackupRun.ts"
import * as BackupSchedule from "./BackupSchedule.ts"
import * as Wire from "./internal/wire.ts"
import * as PineconeIndex from "./PineconeIndex.ts"
import * as RestoreJob from "./RestoreJob.ts"

// ============================================================================
// Versions
// ============================================================================

/**
 * Schema for the versions of the API this library speaks.
 *
 * - `"2026-04"`: what the reference pages of that version ask for, which is `unstable` on the routes of
 *   backup schedules and `2026-04` on all others
 * - `"2026-07"`: `2026-07` on every route
 *
 * @category schemas
 * @since 0.1.0
 */
export const ApiVersion = Schema.Literals(["2026-04", "2026-07"])

/**
 * A version of the API this library speaks.
 *
 * @category models
 * @since 0.1.0
 */
export type ApiVersion = typeof ApiVersion.Type

/** Annotation of the groups that version 2026-04 serves under the version value `unstable`. */
const UnstableBefore2026_07 = Context.Reference<boolean>("@pinecone-backups/core/PineconeApi/UnstableBefore2026_07", {
  defaultValue: () => false
})

/**
 * Whether the reference of version 2026-04 files the routes of a group under the version value `unstable`.
 *
 * @category getters
 * @since 0.1.0
 */
export const isUnstable = (group: Pick<HttpApiGroup.Top, "annotations">): boolean =>
  Context.get(group.annotations, UnstableBefore2026_07)

/**
 * The value of the version header for the routes of a group.
 *
 * @category getters
 * @since 0.1.0
 */
export const versionHeader = (version: ApiVersion, group: Pick<HttpApiGroup.Top, "annotations">): string =>
  version === "2026-04" && isUnstable(group) ? "unstable" : version

// ============================================================================
// Building blocks
// ============================================================================

/**
 * Schema for the error envelope that comes with an HTTP status.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ErrorEnvelope = <const Status extends number>(status: Status) =>
  Schema.Struct({
    error: Schema.Struct({
      code: Schema.String,
      message: Schema.String,
      details: Schema.optionalKey(Schema.Json)
    }),
    status: Schema.Literal(status)
  }).pipe(HttpApiSchema.status(status))

const check = <S extends Schema.Codec<string, string>>(schema: S, wrong: (text: string) => string | undefined) =>
  schema.check(Schema.makeFilter(wrong))

/** A lone surrogate has no URL encoding. */
const notWellFormed = (text: string) => /\p{Surrogate}/u.test(text) ? "must be well-formed Unicode" : undefined

/**
 * Schema for one page of a list. Either key is missing from some answers: no version requires `data` in
 * lists of backups, and the last page has no `pagination`, a null one, or one without a token. An object
 * that has neither is not a page, and must not end a list as if it were the last. Nor is one whose token could not
 * be sent back.
 *
 * @category schemas
 * @since 0.1.0
 */
export const PageEnvelope = <Row extends Schema.Constraint>(row: Row) =>
  Schema.Struct({
    data: Wire.maybe(Schema.Array(row)),
    pagination: Wire.maybe(Schema.Struct({ next: Wire.maybe(check(Schema.String, notWellFormed)) }))
  }).check(
    Schema.makeFilter((page) => "data" in page || "pagination" in page || "Expected a page: data, pagination or both")
  )

/** An id in a path. `.` and `..` would be resolved away. */
const inPath = <S extends Schema.Codec<string, string>>(id: S) =>
  check(id, (text) =>
    text === ""
      ? "must not be empty"
      : text === "." || text === ".."
      ? `must not be "${text}"`
      : notWellFormed(text))

const atLeast1 = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1, { message: "must be a whole number, 1 or more" }))

const pagination = {
  limit: Schema.optionalKey(atLeast1),
  paginationToken: Schema.optionalKey(
    check(Schema.String, (token) => token === "" ? "must not be empty" : notWellFormed(token))
  )
}

/** Every request carries it; `PineconeClient` sets it, and the key. */
const headers = { "x-pinecone-api-version": Schema.optionalKey(Schema.String) }

/** 401 and 500 are possible everywhere. */
const errors = (...statuses: ReadonlyArray<number>) => [401, 500, ...statuses].map(ErrorEnvelope)

const index_name = inPath(PineconeIndex.IndexName)
const schedule_id = inPath(BackupSchedule.ScheduleId)
const backup_id = inPath(Backup.BackupId)
const job_id = inPath(RestoreJob.RestoreJobId)

/**
 * What is wrong with a name, by the rule for names of new indexes in every version and of new backups from
 * version 2026-07 on; `undefined` if nothing is.
 *
 * @category guards
 * @since 0.1.0
 */
export const wrongName = (name: string): string | undefined =>
  /^[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?$/.test(name)
    ? undefined
    : "must be 1 to 45 lower-case letters, digits and hyphens, with a letter or digit at both ends"

const Retention = Schema.Struct({ expire_after_days: atLeast1 })

/**
 * Schema for the tags of a new index: at most 20, keys of up to 80 letters, digits, `_` and `-`, values of
 * up to 120 printable ASCII characters. Versions before 2026-07 allow fewer characters in values.
 *
 * @category schemas
 * @since 0.1.0
 */
export const NewTags = Schema.Record(Schema.String, Schema.String).check(
  Schema.makeFilter((tags: Readonly<Record<string, string>>) => {
    const entries = Object.entries(tags)
    if (entries.length > 20) return "must not be more than 20"
    const wrong = entries.find(([key, value]) =>
      !/^[A-Za-z0-9_-]{1,80}$/.test(key) || !/^[\x20-\x7e]{0,120}$/.test(value)
    )
    return wrong === undefined
      ? undefined
      : "must have keys of 1 to 80 letters, digits, _ and -, and values of up to 120 printable ASCII characters"
  })
)

/**
 * Schema for the read capacity of a restored index (version 2026-07): on demand, or nodes of its own. No
 * replicas switch the index off; a shard holds 250 GB.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ReadCapacity = Schema.Union([
  Schema.Struct({ mode: Schema.Literal("OnDemand") }),
  Schema.Struct({
    mode: Schema.Literal("Dedicated"),
    dedicated: Schema.Struct({
      node_type: Schema.NonEmptyString,
      scaling: Schema.Literal("Manual"),
      manual: Schema.Struct({
        replicas: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0, { message: "must be a whole number, 0 or more" })),
        shards: atLeast1
      })
    })
  })
])

/**
 * The read capacity of a restored index.
 *
 * @category models
 * @since 0.1.0
 */
export type ReadCapacity = typeof ReadCapacity.Type

// ============================================================================
// Backup schedules
// ============================================================================

const createSchedule = HttpApiEndpoint.post("create", "/indexes/:index_name/backup-schedules", {
  params: { index_name },
  headers,
  payload: Schema.Struct({
    name: Schema.NonEmptyString,
    schedule: Schema.Struct({ type: Schema.Literal("time-based"), frequency: BackupSchedule.Frequency }),
    retention: Retention
  }),
  success: BackupSchedule.FromWire,
  error: errors(400, 402, 403, 404, 409, 422)
}).annotate(OpenApi.Identifier, "create_backup_schedule")

const listSchedules = HttpApiEndpoint.get("list", "/indexes/:index_name/backup-schedules", {
  params: { index_name },
  query: pagination,
  headers,
  success: PageEnvelope(BackupSchedule.FromWire),
  error: errors(400, 403, 404)
}).annotate(OpenApi.Identifier, "list_backup_schedules")

const describeSchedule = HttpApiEndpoint.get("describe", "/backup-schedules/:schedule_id", {
  params: { schedule_id },
  headers,
  success: BackupSchedule.FromWire,
  error: errors(403, 404)
}).annotate(OpenApi.Identifier, "describe_backup_schedule")

const updateSchedule = HttpApiEndpoint.patch("update", "/backup-schedules/:schedule_id", {
  params: { schedule_id },
  headers,
  payload: Schema.Struct({
    frequency: Schema.optionalKey(BackupSchedule.Frequency),
    retention: Schema.optionalKey(Retention),
    enabled: Schema.optionalKey(Schema.Boolean)
  }),
  success: BackupSchedule.FromWire,
  error: errors(400, 403, 404, 409, 422)
}).annotate(OpenApi.Identifier, "update_backup_schedule")

const deleteSchedule = HttpApiEndpoint.delete("delete", "/backup-schedules/:schedule_id", {
  params: { schedule_id },
  headers,
  success: HttpApiSchema.NoContent,
  error: errors(403, 404)
}).annotate(OpenApi.Identifier, "delete_backup_schedule")

const history = HttpApiEndpoint.get("history", "/backup-schedules/:schedule_id/history", {
  params: { schedule_id },
  query: pagination,
  headers,
  success: PageEnvelope(BackupRun.FromWire),
  error: errors(400, 403, 404)
}).annotate(OpenApi.Identifier, "list_backup_schedule_history")

// ============================================================================
// Backups
// ============================================================================

const createBackup = HttpApiEndpoint.post("create", "/indexes/:index_name/backups", {
  params: { index_name },
  headers,
  payload: Schema.Struct({
    name: Schema.optionalKey(Schema.NonEmptyString),
    description: Schema.optionalKey(Schema.String)
  }),
  success: Backup.FromWire,
  error: errors(400, 402, 403, 404, 422)
}).annotate(OpenApi.Identifier, "create_backup")

const listIndexBackups = HttpApiEndpoint.get("listByIndex", "/indexes/:index_name/backups", {
  params: { index_name },
  query: { ...pagination, include_deleted: Schema.optionalKey(Schema.Boolean) },
  headers,
  success: PageEnvelope(Backup.FromWire),
  error: errors(400, 403, 404)
}).annotate(OpenApi.Identifier, "list_index_backups")

const listProjectBackups = HttpApiEndpoint.get("list", "/backups", {
  query: pagination,
  headers,
  success: PageEnvelope(Backup.FromWire),
  error: errors(400, 403)
}).annotate(OpenApi.Identifier, "list_project_backups")

const describeBackup = HttpApiEndpoint.get("describe", "/backups/:backup_id", {
  params: { backup_id },
  headers,
  success: Backup.FromWire,
  error: errors(403, 404)
}).annotate(OpenApi.Identifier, "describe_backup")

const deleteBackup = HttpApiEndpoint.delete("delete", "/backups/:backup_id", {
  params: { backup_id },
  headers,
  success: HttpApiSchema.Empty(202),
  error: errors(403, 404, 412)
}).annotate(OpenApi.Identifier, "delete_backup")

const restore = HttpApiEndpoint.post("restore", "/backups/:backup_id/create-index", {
  params: { backup_id },
  headers,
  payload: Schema.Struct({
    name: check(Schema.String, wrongName),
    tags: Schema.optionalKey(NewTags),
    deletion_protection: Schema.optionalKey(Schema.Literals(["enabled", "disabled"])),
    read_capacity: Schema.optionalKey(ReadCapacity)
  }),
  success: RestoreJob.StartedFromWire.pipe(HttpApiSchema.status(202)),
  error: errors(400, 402, 403, 404, 409, 412, 422)
}).annotate(OpenApi.Identifier, "create_index_from_backup_operation")

// ============================================================================
// Restore jobs
// ============================================================================

const listRestoreJobs = HttpApiEndpoint.get("list", "/restore-jobs", {
  query: pagination,
  headers,
  success: PageEnvelope(RestoreJob.FromWire),
  error: errors(400, 403)
}).annotate(OpenApi.Identifier, "list_restore_jobs")

const describeRestoreJob = HttpApiEndpoint.get("describe", "/restore-jobs/:job_id", {
  params: { job_id },
  headers,
  success: RestoreJob.FromWire,
  error: errors(403, 404)
}).annotate(OpenApi.Identifier, "describe_restore_job")

// ============================================================================
// Indexes: the three calls that backup work cannot do without
// ============================================================================

const listIndexes = HttpApiEndpoint.get("list", "/indexes", {
  headers,
  success: Schema.Struct({ indexes: Wire.maybe(Schema.Array(PineconeIndex.FromWire)) }),
  error: errors(403)
}).annotate(OpenApi.Identifier, "list_indexes")

const describeIndex = HttpApiEndpoint.get("describe", "/indexes/:index_name", {
  params: { index_name },
  headers,
  success: PineconeIndex.FromWire,
  error: errors(403, 404)
}).annotate(OpenApi.Identifier, "describe_index")

const deleteIndex = HttpApiEndpoint.delete("delete", "/indexes/:index_name", {
  params: { index_name },
  headers,
  success: HttpApiSchema.Empty(202),
  error: errors(403, 404)
}).annotate(OpenApi.Identifier, "delete_index")

// ============================================================================
// The contract
// ============================================================================

/**
 * The contract. A group is a service of this library and an endpoint one of its operations, so that
 * `"BackupSchedules.history"` names the same thing here, in errors and in traces.
 *
 * @category models
 * @since 0.1.0
 */
export const PineconeApi = HttpApi.make("Pinecone")
  .add(
    HttpApiGroup.make("BackupSchedules")
      .add(createSchedule, listSchedules, describeSchedule, updateSchedule, deleteSchedule, history)
      .annotate(UnstableBefore2026_07, true)
  )
  .add(
    HttpApiGroup.make("Backups")
      .add(createBackup, listIndexBackups, listProjectBackups, describeBackup, deleteBackup, restore)
  )
  .add(HttpApiGroup.make("RestoreJobs").add(listRestoreJobs, describeRestoreJob))
  .add(HttpApiGroup.make("Indexes").add(listIndexes, describeIndex, deleteIndex))
  .annotate(OpenApi.Title, "Pinecone backup and restore")
  // The newest version that it covers.
  .annotate(OpenApi.Version, "2026-07")
