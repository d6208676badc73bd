/**
 * The endpoints of Pinecone's backup and restore API, as values to call with `PineconeClient`.
 *
 * **When to use**
 *
 * To check or send a request that no service of this library sends in this form. For the contract as an `HttpApi`, use
 * `PineconeApi`.
 *
 * **Example** (Checking a request without sending it)
 *
 * ```ts
 * import * as Endpoints from "@pinecone-backups/core/Endpoints"
 * import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
 * import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Effect.gen(function*() {
 *   const client = yield* PineconeClient.PineconeClient
 *   const { method, path } = yield* client.check(Endpoints.Backups.create, {
 *     params: { index_name: PineconeIndex.IndexName.make("docs") },
 *     payload: { name: "before-migration" }
 *   })
 *   yield* Console.log(method, path) // => POST /indexes/docs/backups
 * })
 * ```
 *
 * @since 0.1.0
 */
import type * as Schema from "effect/Schema"
import { endpoints as backupSchedules } from "./internal/contract/backup-schedules.ts"
import { endpoints as backups } from "./internal/contract/backups.ts"
import type * as Contract from "./internal/contract/endpoint.ts"
import { endpoints as indexes } from "./internal/contract/indexes.ts"
import { endpoints as restoreJobs } from "./internal/contract/restore-jobs.ts"

// ============================================================================
// Models
// ============================================================================

/**
 * An endpoint, as data: of the contract, of the data plane, or your own.
 *
 * @category models
 * @since 0.1.0
 */
export interface Endpoint extends Contract.Endpoint {}

type Fields<Name extends "params" | "query", E> = E extends
  { readonly [_ in Name]: infer F extends Schema.Struct.Fields } ? { readonly [_ in Name]: Schema.Struct.Type<F> }
  : Name extends keyof E ? { readonly [_ in Name]?: unknown }
  : {}

/**
 * The parts of a request to an endpoint: its path parameters, query and body, if it has them. Keep the precise type of an
 * endpoint of your own, with `as const satisfies Endpoint`: parts that the type does not show are `unknown`.
 *
 * @category models
 * @since 0.1.0
 */
export type EndpointRequest<E> =
  & Fields<"params", E>
  & Fields<"query", E>
  & (E extends { readonly payload: infer S extends Schema.Constraint } ? { readonly payload: S["Type"] }
    : "payload" extends keyof E ? { readonly payload?: unknown }
    : {})

/**
 * The decoded type of a successful response of an endpoint: `unknown` if the type of the endpoint does not show whether it
 * has one.
 *
 * @category models
 * @since 0.1.0
 */
export type EndpointSuccess<E> = E extends { readonly success: infer S extends Schema.Constraint } ? S["Type"]
  : "success" extends keyof E ? unknown
  : void

// ============================================================================
// Groups
// ============================================================================

// Interfaces, so that the declarations of programs refer to them by name and do not repeat every schema.

type BackupSchedulesGroup = typeof backupSchedules
type BackupsGroup = typeof backups
type RestoreJobsGroup = typeof restoreJobs
type IndexesGroup = typeof indexes

/**
 * Type of the endpoints of backup schedules.
 *
 * @category models
 * @since 0.1.0
 */
export interface BackupSchedules extends BackupSchedulesGroup {}

/**
 * The endpoints of backup schedules, by the names of the operations of the service.
 *
 * @category endpoints
 * @since 0.1.0
 */
export const BackupSchedules: BackupSchedules = backupSchedules

/**
 * Type of the endpoints of backups.
 *
 * @category models
 * @since 0.1.0
 */
export interface Backups extends BackupsGroup {}

/**
 * The endpoints of backups, by the names of the operations of the service.
 *
 * @category endpoints
 * @since 0.1.0
 */
export const Backups: Backups = backups

/**
 * Type of the endpoints of restore jobs.
 *
 * @category models
 * @since 0.1.0
 */
export interface RestoreJobs extends RestoreJobsGroup {}

/**
 * The endpoints of restore jobs, by the names of the operations of the service.
 *
 * @category endpoints
 * @since 0.1.0
 */
export const RestoreJobs: RestoreJobs = restoreJobs

/**
 * Type of the endpoints of indexes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Indexes extends IndexesGroup {}

/**
 * The endpoints of indexes that backups and restores need, by the names of the operations of the service.
 *
 * @category endpoints
 * @since 0.1.0
 */
export const Indexes: Indexes = indexes
