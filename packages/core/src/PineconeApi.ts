/**
 * The HTTP contract of Pinecone's backup and restore API: paths, parameters, bodies and statuses.
 *
 * **Details**
 *
 * The client sends requests according to this contract, the emulator implements it, and `OpenApi.fromApi(PineconeApi)`
 * converts it to an OpenAPI document.
 *
 * **Example** (Printing the operations of a path)
 *
 * ```ts
 * import * as PineconeApi from "@pinecone-backups/core/PineconeApi"
 *
 * for (const { endpoint, group, method } of PineconeApi.routesAt("/indexes/docs/backup-schedules")) {
 *   console.log(method, `${group}.${endpoint}`)
 * }
 * // => POST BackupSchedules.create
 * // => GET BackupSchedules.list
 * ```
 *
 * @since 0.1.0
 */
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import type * as Contract from "./internal/contract/endpoint.ts"
import * as Groups from "./internal/contract/groups.ts"
import * as IndexSettings from "./internal/contract/index-settings.ts"
import * as Versions from "./internal/contract/versions.ts"

// ============================================================================
// Versions
// ============================================================================

/**
 * Schema for the versions of the API that this library supports.
 *
 * - `"2026-04"`: the versions in the reference pages of 2026-04, which are `unstable` on the routes of backup schedules
 *   and `2026-04` on all others
 * - `"2026-07"`: `2026-07` on every route
 *
 * @category schemas
 * @since 0.1.0
 */
export const ApiVersion = Versions.ApiVersion

/**
 * A version of the API that this library supports.
 *
 * @category models
 * @since 0.1.0
 */
export type ApiVersion = typeof ApiVersion.Type

// ============================================================================
// Building blocks
// ============================================================================

/**
 * Schema for the tags of a new index: up to 20 tags, keys of up to 80 letters, digits, `_` and `-`, values of up to 120
 * printable ASCII characters.
 *
 * **Gotchas**
 *
 * Versions before 2026-07 allow fewer characters in values.
 *
 * @category schemas
 * @since 0.1.0
 */
export const NewTags = IndexSettings.NewTags

/**
 * Creates the schema for the error envelope of an HTTP status.
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
 * Schema for the requested read capacity of an index (version 2026-07): on demand, or dedicated nodes.
 *
 * **Details**
 *
 * Setting `replicas` to 0 turns the index off. A shard holds 250 GB.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ReadCapacity = IndexSettings.ReadCapacity

/**
 * The requested read capacity of an index.
 *
 * @category models
 * @since 0.1.0
 */
export type ReadCapacity = typeof ReadCapacity.Type

// ============================================================================
// The contract
// ============================================================================

/** The header of every request. `PineconeClient` sets it together with the API key. */
const headers = { "x-pinecone-api-version": Schema.optionalKey(Schema.String) }

type Success<E> = E extends { readonly success: infer S extends Schema.Top } ? S : Schema.Void

const successOf = ({ status = 200, success = Schema.Void }: Contract.Endpoint) =>
  // 200 is the default, and an annotated copy of a codec would be encoded without its writer.
  status === 200 ? success : HttpApiSchema.status(status)(success)

/** The arguments of `HttpApiEndpoint` for an endpoint. Without a schema for success, the response body is empty. */
const partsOf = <E extends Contract.Endpoint>(endpoint: E) =>
  [endpoint.name as E["name"], endpoint.path as E["path"], {
    ...endpoint,
    headers,
    success: successOf(endpoint) as Success<E>,
    error: [401, 500, ...endpoint.errors].map(ErrorEnvelope)
  }] as const

const { BackupSchedules, Backups, Indexes, RestoreJobs } = Groups.groups
const { delete: remove, get, patch, post } = HttpApiEndpoint

/**
 * The contract as an `HttpApi`.
 *
 * **Details**
 *
 * A group is a service of this library and an endpoint is one of its operations, so `"BackupSchedules.history"` has the
 * same meaning here, in errors and in traces.
 *
 * @category models
 * @since 0.1.0
 */
export const PineconeApi = HttpApi.make("Pinecone")
  .add(
    HttpApiGroup.make("BackupSchedules").add(
      post(...partsOf(BackupSchedules.create)).annotate(OpenApi.Identifier, "create_backup_schedule"),
      get(...partsOf(BackupSchedules.list)).annotate(OpenApi.Identifier, "list_backup_schedules"),
      get(...partsOf(BackupSchedules.describe)).annotate(OpenApi.Identifier, "describe_backup_schedule"),
      patch(...partsOf(BackupSchedules.update)).annotate(OpenApi.Identifier, "update_backup_schedule"),
      remove(...partsOf(BackupSchedules.delete)).annotate(OpenApi.Identifier, "delete_backup_schedule"),
      get(...partsOf(BackupSchedules.history)).annotate(OpenApi.Identifier, "list_backup_schedule_history")
    ),
    HttpApiGroup.make("Backups").add(
      post(...partsOf(Backups.create)).annotate(OpenApi.Identifier, "create_backup"),
      get(...partsOf(Backups.listByIndex)).annotate(OpenApi.Identifier, "list_index_backups"),
      get(...partsOf(Backups.list)).annotate(OpenApi.Identifier, "list_project_backups"),
      get(...partsOf(Backups.describe)).annotate(OpenApi.Identifier, "describe_backup"),
      remove(...partsOf(Backups.delete)).annotate(OpenApi.Identifier, "delete_backup"),
      post(...partsOf(Backups.restore)).annotate(OpenApi.Identifier, "create_index_from_backup_operation")
    ),
    HttpApiGroup.make("RestoreJobs").add(
      get(...partsOf(RestoreJobs.list)).annotate(OpenApi.Identifier, "list_restore_jobs"),
      get(...partsOf(RestoreJobs.describe)).annotate(OpenApi.Identifier, "describe_restore_job")
    ),
    HttpApiGroup.make("Indexes").add(
      get(...partsOf(Indexes.list)).annotate(OpenApi.Identifier, "list_indexes"),
      get(...partsOf(Indexes.describe)).annotate(OpenApi.Identifier, "describe_index"),
      patch(...partsOf(Indexes.configure)).annotate(OpenApi.Identifier, "configure_index"),
      remove(...partsOf(Indexes.delete)).annotate(OpenApi.Identifier, "delete_index")
    )
  )
  .annotate(OpenApi.Title, "Pinecone backup and restore")
  // The newest version in the contract.
  .annotate(OpenApi.Version, "2026-07")

type ApiGroups = typeof PineconeApi.groups

/**
 * The name of an operation in errors and traces: `"Backups.create"`.
 *
 * @category models
 * @since 0.1.0
 */
export type OperationName = {
  [Group in keyof ApiGroups & string]: `${Group}.${keyof ApiGroups[Group]["endpoints"] & string}`
}[keyof ApiGroups & string]

/**
 * An endpoint of the contract, with its group and name.
 *
 * @category models
 * @since 0.1.0
 */
export interface Route extends Groups.Route {}

/**
 * Finds the endpoints of a path, one for each method. The path must not have a query: `"/backups/6f52/create-index"`.
 *
 * @category getters
 * @since 0.1.0
 */
export const routesAt: (path: string) => ReadonlyArray<Route> = Groups.routesAt
