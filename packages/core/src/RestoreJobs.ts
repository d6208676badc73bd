/**
 * Operations on restore jobs.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PineconeClient from "./PineconeClient.ts"
import type * as PineconeError from "./PineconeError.ts"
import type * as RestoreJob from "./RestoreJob.ts"

/**
 * Operations on restore jobs.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * Describes a restore job. `NotFound` does not always mean that there never was one: a job whose
   * target index was deleted answers it too, and a new job may for a moment. One request.
   */
  readonly describe: (
    id: RestoreJob.RestoreJobId
  ) => Effect.Effect<RestoreJob.RestoreJob, PineconeError.PineconeError>
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

  return RestoreJobs.of({
    describe: (id) => client.execute("RestoreJobs", "describe", { params: { job_id: id } })
  })
})

/**
 * Layer that provides the operations on a connection.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<RestoreJobs, never, PineconeClient.PineconeClient> = Layer.effect(RestoreJobs, make)
