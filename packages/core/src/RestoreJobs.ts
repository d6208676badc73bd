/**
 * Operations on restore jobs.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import * as Paging from "./internal/paging.ts"
import type * as Page from "./Page.ts"
import * as PineconeClient from "./PineconeClient.ts"
import type * as PineconeError from "./PineconeError.ts"
import type * as RestoreJob from "./RestoreJob.ts"

/**
 * Operations on restore jobs. Every one of them is one request, sent again where that helps.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * Describes a restore job. `NotFound` does not always mean that there never was one: a job whose
   * target index was deleted answers it too, and a new job may for a moment.
   */
  readonly describe: (
    id: RestoreJob.RestoreJobId
  ) => Effect.Effect<RestoreJob.RestoreJob, PineconeError.PineconeError>

  /**
   * One page of the restore jobs of the project. Jobs whose target index was deleted drop out, a new job can
   * take a moment to show up, and a page may be shorter than asked for although more follow.
   */
  readonly listPage: (
    options?: Page.PageOptions
  ) => Effect.Effect<Page.Page<RestoreJob.RestoreJob>, PineconeError.PineconeError>

  /** The restore jobs of the project, from all pages. */
  readonly list: (
    options?: Page.StreamOptions
  ) => Stream.Stream<RestoreJob.RestoreJob, PineconeError.PineconeError>
}

/**
 * Operations on restore jobs.
 *
 * **Example** (Asking whether a restore is over)
 *
 * ```ts
 * import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
 * import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
 * import * as Effect from "effect/Effect"
 *
 * export const isOver = Effect.gen(function*() {
 *   const jobs = yield* RestoreJobs.RestoreJobs
 *   const job = yield* jobs.describe(RestoreJob.RestoreJobId.make("9857add2-99d4-4399-870e-aa7f15d8d326"))
 *   return RestoreJob.isFinal(job)
 * })
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class RestoreJobs extends Context.Service<RestoreJobs, Service>()("@pinecone-backups/core/RestoreJobs") {}

/**
 * Creates the operations on a connection.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Service, never, PineconeClient.PineconeClient> = Effect.gen(function*() {
  const client = yield* PineconeClient.PineconeClient

  const jobs = Paging.pages("RestoreJobs.list", (job: RestoreJob.RestoreJob) => job.restoreJobId)(
    (_: void, query) => client.execute("RestoreJobs", "list", { query })
  )

  return RestoreJobs.of({
    describe: (id) => client.execute("RestoreJobs", "describe", { params: { job_id: id } }),
    listPage: (options) => jobs.page(undefined, options),
    list: (options) => jobs.stream(undefined, options)
  })
})

/**
 * Layer that provides the operations on a connection.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<RestoreJobs, never, PineconeClient.PineconeClient> = Layer.effect(RestoreJobs, make)
