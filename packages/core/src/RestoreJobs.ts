/**
 * Operations on restore jobs.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Indexes from "./Indexes.ts"
import * as OptionNames from "./internal/option-names.ts"
import { isSame } from "./internal/same.ts"
import * as Paging from "./internal/stream/paging.ts"
import * as Wait from "./internal/stream/wait.ts"
import { monotonicMillis } from "./internal/time.ts"
import type * as Page from "./Page.ts"
import type * as PineconeClient from "./PineconeClient.ts"
import type * as PineconeError from "./PineconeError.ts"
import * as PineconeIndex from "./PineconeIndex.ts"
import type * as Polling from "./Polling.ts"
import * as RestoreJob from "./RestoreJob.ts"
import * as WaitError from "./WaitError.ts"

/**
 * Options of watching a restore job.
 *
 * @category options
 * @since 0.1.0
 */
export interface WatchOptions extends Polling.Options, Polling.NotFoundTolerance {}

/**
 * Options of the wait for a restore job.
 *
 * @category options
 * @since 0.1.0
 */
export interface AwaitOptions<in A> extends Polling.WaitOptions<A>, Polling.NotFoundTolerance {}

/**
 * An index that was restored from a backup.
 *
 * @category models
 * @since 0.1.0
 */
export interface Restored {
  /** The job, which is completed. */
  readonly job: RestoreJob.RestoreJob
  /** The index, which is ready. */
  readonly index: PineconeIndex.PineconeIndex
}

/**
 * Operations on restore jobs. What is asked is one request, sent again where that helps; a stream and a wait
 * are as many as they need.
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
  ) => Stream.Stream<RestoreJob.RestoreJob, PineconeError.ListError>

  /** The pages of the restore jobs of the project: like `list`, with the tokens to go on from. */
  readonly listPages: (
    options?: Page.StreamOptions
  ) => Stream.Stream<Page.Page<RestoreJob.RestoreJob>, PineconeError.ListError>

  /**
   * A restore job each time its status or its progress has changed, first as it is now, and last when it is
   * over, well or badly. Asks again and again, and puts up with failures that may pass, `NotFound` among them,
   * for the times that the options say. Never ends while the job is in a state that nobody knows.
   */
  readonly watch: (
    id: RestoreJob.RestoreJobId,
    options?: WatchOptions
  ) => Stream.Stream<RestoreJob.RestoreJob, PineconeError.PineconeError>

  /**
   * Waits until a restore job is completed, and its index holds the data of the backup. Asks as `watch` does.
   * Fails with `RestoreFailed`, `RestoreCancelled`, or `WaitTimedOut` with the last state that was seen.
   * Interrupting it ends the waiting and not the restore.
   */
  readonly awaitCompletion: (
    id: RestoreJob.RestoreJobId,
    options?: AwaitOptions<RestoreJob.RestoreJob>
  ) => Effect.Effect<RestoreJob.RestoreJob, PineconeError.PineconeError | WaitError.AwaitCompletionError>

  /**
   * Waits until a restore job is completed and its index reports that it is ready. Asks as `watch` does; one
   * `timeout` goes for both. Fails with `RestoreFailed`, `RestoreCancelled`, or `WaitTimedOut` with the last state
   * that was seen, of the job or of the index. Interrupting it ends the waiting and not the restore.
   */
  readonly awaitReady: (
    id: RestoreJob.RestoreJobId,
    options?: AwaitOptions<RestoreJob.RestoreJob | PineconeIndex.PineconeIndex>
  ) => Effect.Effect<Restored, PineconeError.PineconeError | WaitError.AwaitRestoredError>
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
  const client = yield* OptionNames.client
  const indexes = yield* Indexes.make

  const jobs = Paging.pages("RestoreJobs.list", (job: RestoreJob.RestoreJob) => job.restoreJobId)(
    (_: void, query) => client.execute("RestoreJobs", "list", { query })
  )

  const describe: Service["describe"] = (id) => client.execute("RestoreJobs", "describe", { params: { job_id: id } })

  const watch: Service["watch"] = (id, options) =>
    Wait.states("RestoreJobs.watch", describe(id), true, options).pipe(
      Stream.takeUntil(RestoreJob.isFinal),
      Stream.changesWith((a, b) => a.status === b.status && a.percentComplete === b.percentComplete)
    )

  const awaitCompletion: Service["awaitCompletion"] = Effect.fn("RestoreJobs.awaitCompletion")(function*(id, options) {
    const operation = "RestoreJobs.awaitCompletion"
    const job = yield* Wait.final({
      operation,
      subject: `Restore job ${id}`,
      started: { restoreJobId: id },
      states: watch(id, options),
      isFinal: RestoreJob.isFinal,
      statusOf: ({ status }) => status
    }, options)
    if (RestoreJob.isCompleted(job)) return job
    const message =
      `Restore job ${job.restoreJobId} ended as ${job.status}: index ${job.targetIndexName} was not restored`
    const Ending = job.status === "Cancelled" ? WaitError.RestoreCancelled : WaitError.RestoreFailed
    return yield* new Ending({ operation, message, job })
  })

  /**
   * Describes the target index of a job. The published schemas have no id for an index, and before version 2026-07 no source
   * backup either, so an index that is ready may not show that it is the target. The job does: the service finds a job only
   * as long as its target index exists, and no other index can have that name until then.
   */
  const described = (job: RestoreJob.RestoreJob) =>
    Effect.flatMap(
      indexes.describe(job.targetIndexName),
      (index) =>
        index.id || index.sourceBackupId || !PineconeIndex.isFinal(index)
          ? Effect.succeed(index)
          : Effect.as(describe(job.restoreJobId), index)
    )

  const awaitReady: Service["awaitReady"] = Effect.fn("RestoreJobs.awaitReady")(function*(id, options) {
    const operation = "RestoreJobs.awaitReady"
    const startedAt = yield* monotonicMillis
    const job = yield* awaitCompletion(id, options)
    const index = yield* Wait.final({
      operation,
      subject: `Index ${job.targetIndexName}`,
      started: { restoreJobId: id },
      states: Wait.states(operation, described(job), true, options),
      isFinal: (index) => PineconeIndex.isFinal(index) || !isMadeBy(index, job),
      statusOf: ({ status }) => status?.state ?? "not ready",
      startedAt
    }, options)
    if (!isMadeBy(index, job)) {
      return yield* new WaitError.RestoreFailed({
        operation,
        message: `Restore job ${id} is completed, but index ${index.name} is not the one it made: its ${
          index.id ? `id is ${index.id}` : `source is backup ${index.sourceBackupId}`
        }`,
        job,
        index
      })
    }
    if (PineconeIndex.isReady(index)) return { job, index }
    return yield* new WaitError.RestoreFailed({
      operation,
      message: `Restore job ${id} is completed, but index ${index.name} is ${index.status?.state}`,
      job,
      index
    })
  })

  return RestoreJobs.of({
    describe,
    listPage: (options) => jobs.page(undefined, options),
    list: (options) => jobs.stream(undefined, options),
    listPages: (options) => jobs.pages(undefined, options),
    watch,
    awaitCompletion,
    awaitReady
  })
})

/**
 * Returns `true` unless an index is known to be another than the target of a job. The id decides, or else the source backup. An
 * index that has neither has been identified by `described`.
 */
const isMadeBy = (index: PineconeIndex.PineconeIndex, job: RestoreJob.RestoreJob): boolean =>
  index.id
    ? isSame(index.id, job.targetIndexId)
    : !index.sourceBackupId || isSame(index.sourceBackupId, job.backupId)

/**
 * Layer that provides the operations on a connection.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<RestoreJobs, never, PineconeClient.PineconeClient> = Layer.effect(RestoreJobs, make)
