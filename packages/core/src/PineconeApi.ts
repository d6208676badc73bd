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
import * as BackupRun from "./BackupRun.ts"
import { ScheduleId } from "./BackupSchedule.ts"
import * as Wire from "./internal/wire.ts"
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

/**
 * Schema for one page of a list. `data` is missing from some answers; the last page has no
 * `pagination`, a null one, or one without a token.
 *
 * @category schemas
 * @since 0.1.0
 */
export const PageEnvelope = <Row extends Schema.Constraint>(row: Row) =>
  Schema.Struct({
    data: Wire.maybe(Schema.Array(row)),
    pagination: Wire.maybe(Schema.Struct({ next: Wire.maybe(Schema.String) }))
  })

/** An id in a path. `.` and `..` would be resolved away, and a lone surrogate has no URL encoding. */
const inPath = <S extends Schema.Codec<string, string>>(id: S) =>
  id.check(
    Schema.makeFilter((text: string) =>
      text === ""
        ? "must not be empty"
        : text === "." || text === ".."
        ? `must not be "${text}"`
        : /\p{Surrogate}/u.test(text)
        ? "must be well-formed Unicode"
        : undefined
    )
  )

const pagination = {
  limit: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1, { message: "must be 1 or more" }))),
  paginationToken: Schema.optionalKey(Schema.NonEmptyString)
}

/** Every request carries it; `PineconeClient` sets it, and the key. */
const headers = {
  "x-pinecone-api-version": Schema.optionalKey(Schema.String)
}

// ============================================================================
// The contract
// ============================================================================

/** `GET /backup-schedules/{schedule_id}/history` */
const history = HttpApiEndpoint.get("history", "/backup-schedules/:schedule_id/history", {
  params: { schedule_id: inPath(ScheduleId) },
  query: pagination,
  headers,
  success: PageEnvelope(BackupRun.FromWire),
  error: [400, 401, 403, 404, 500].map(ErrorEnvelope)
}).annotate(OpenApi.Identifier, "list_backup_schedule_history")

/** `GET /restore-jobs/{job_id}` */
const describeRestoreJob = HttpApiEndpoint.get("describe", "/restore-jobs/:job_id", {
  params: { job_id: inPath(RestoreJob.RestoreJobId) },
  headers,
  success: RestoreJob.FromWire,
  error: [401, 403, 404, 500].map(ErrorEnvelope)
}).annotate(OpenApi.Identifier, "describe_restore_job")

/**
 * The contract. A group is a service of this library and an endpoint one of its operations, so that
 * `"BackupSchedules.history"` names the same thing here, in errors and in traces.
 *
 * @category models
 * @since 0.1.0
 */
export const PineconeApi = HttpApi.make("Pinecone")
  .add(HttpApiGroup.make("BackupSchedules").add(history).annotate(UnstableBefore2026_07, true))
  .add(HttpApiGroup.make("RestoreJobs").add(describeRestoreJob))
