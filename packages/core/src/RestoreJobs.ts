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
import { endpoints } from "./internal/contract/restore-jobs.ts"
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
 * Options for watching a restore job.
 *
 * @category options
 * @since 0.1.0
 */
export interface WatchOptions extends Polling.Options, Polling.NotFoundTolerance {}

/**
 * Options for waiting for a restore job.
 *
 * @category options
 * @since 0.1.0
 */
export interface AwaitOptions<in A> extends Polling.WaitOptions<A>, Polling.NotFoundTolerance {}

/**
 * Result of waiting for a restored index.
 *
 * @category models
 * @since 0.1.0
 */
export interface Restored {
  /** The completed restore job. */
  readonly job: RestoreJob.RestoreJob
  /** The index, ready for use. */
  readonly index: PineconeIndex.PineconeIndex
}

/**
 * Operations on restore jobs.
 *
 * **Details**
 *
 * Reads send one request, which is retried if it fails with a retryable error. Streams and waits send as many as
 * necessary.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * Returns a restore job by its ID.
   *
   * **Gotchas**
   *
   * `NotFound` does not prove that the job never existed: the service also returns `NotFound` for a job whose target
   * index was deleted and, for a moment, for a new job.
   */
  readonly describe: (
    id: RestoreJob.RestoreJobId
  ) => Effect.Effect<RestoreJob.RestoreJob, PineconeError.PineconeError>

  /**
   * Returns one page of the restore jobs of the project.
   *
   * **Gotchas**
   *
   * Jobs whose target index was deleted are not listed, and a new job can take a moment to appear. A page can have
   * fewer rows than requested although more pages follow.
   */
  readonly listPage: (
    options?: Page.PageOptions
  ) => Effect.Effect<Page.Page<RestoreJob.RestoreJob>, PineconeError.PineconeError>

  /** Streams the restore jobs of the project from all pages. */
  readonly list: (
    options?: Page.StreamOptions
  ) => Stream.Stream<RestoreJob.RestoreJob, PineconeError.ListError>

  /** Streams the pages of the restore jobs of the project: like `list`, with the tokens to resume from. */
  readonly listPages: (
    options?: Page.StreamOptions
  ) => Stream.Stream<Page.Page<RestoreJob.RestoreJob>, PineconeError.ListError>

  /**
   * Emits the restore job as it is now, then again whenever its status or progress changes.
   *
   * **Details**
   *
   * Ends after the final state, whether completed, failed or canceled. Polls on `schedule`; tolerates consecutive
   * transient failures for up to `maxOutage` and `NotFound` for up to `maxAbsence`.
   *
   * **Gotchas**
   *
   * Does not end while the job has a status that this version does not know.
   */
  readonly watch: (
    id: RestoreJob.RestoreJobId,
    options?: WatchOptions
  ) => Stream.Stream<RestoreJob.RestoreJob, PineconeError.PineconeError>

  /**
   * Waits until a restore job is completed and its index has the data of the backup.
   *
   * **Details**
   *
   * Polls like `watch`. Fails with `RestoreFailed`, `RestoreCancelled`, or `WaitTimedOut`, which has the last state
   * seen.
   *
   * **Gotchas**
   *
   * Interrupting the wait does not cancel the restore.
   *
   * **Example** (Showing the progress of a restore)
   *
   * ```ts
   * import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
   * import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
   * import * as Console from "effect/Console"
   * import * as Effect from "effect/Effect"
   *
   * export const program = Effect.gen(function*() {
   *   const jobs = yield* RestoreJobs.RestoreJobs
   *   const job = yield* jobs.awaitCompletion(RestoreJob.RestoreJobId.make("9857add2"), {
   *     timeout: "2 hours",
   *     onState: ({ status }) => Effect.logDebug(`Restore job: ${status}`)
   *   })
   *   yield* Console.log(job.status) // => Completed
   * })
   * ```
   */
  readonly awaitCompletion: (
    id: RestoreJob.RestoreJobId,
    options?: AwaitOptions<RestoreJob.RestoreJob>
  ) => Effect.Effect<RestoreJob.RestoreJob, PineconeError.PineconeError | WaitError.AwaitCompletionError>

  /**
   * Waits until a restore job is completed and its index reports that it is ready.
   *
   * **Details**
   *
   * Polls like `watch`. One `timeout` covers the job and the index. Fails with `RestoreFailed`, `RestoreCancelled`, or
   * `WaitTimedOut`, which has the last state seen of the job or index.
   *
   * **Gotchas**
   *
   * Interrupting the wait does not cancel the restore.
   */
  readonly awaitReady: (
    id: RestoreJob.RestoreJobId,
    options?: AwaitOptions<RestoreJob.RestoreJob | PineconeIndex.PineconeIndex>
  ) => Effect.Effect<Restored, PineconeError.PineconeError | WaitError.AwaitRestoredError>
}

/**
 * Service that provides the operations on restore jobs.
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

  const jobs = Paging.pages(endpoints.list, (job: RestoreJob.RestoreJob) => job.restoreJobId)(
    (_: void, query) => client.execute(endpoints.list, { query })
  )

  const describe: Service["describe"] = (id) => client.execute(endpoints.describe, { params: { job_id: id } })

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
    const { restoreJobId, status, targetIndexName } = job
    const ending = `Restore job ${restoreJobId} finished with status ${status}`
    const message = `${ending}: index "${targetIndexName}" was not restored`
    const Ending = status === "Cancelled" ? WaitError.RestoreCancelled : WaitError.RestoreFailed
    return yield* new Ending({ operation, message, job })
  })

  /**
   * Describes the target index of a job. The published schemas have no id for an index, and before version 2026-07 no
   * source backup either, so an index that is ready may not show that it is the target. The job shows it: the service
   * finds a job only while its target index exists, and no other index can have that name in the meantime.
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
      subject: `Index "${job.targetIndexName}"`,
      started: { restoreJobId: id },
      states: Wait.states(operation, described(job), true, options),
      isFinal: (index) => PineconeIndex.isFinal(index) || !isTargetOf(index, job),
      statusOf: ({ status }) => status?.state ?? "not ready",
      startedAt
    }, options)
    if (!isTargetOf(index, job)) {
      return yield* new WaitError.RestoreFailed({
        operation,
        message: `Restore job ${id} is completed, but did not create index "${index.name}": the index ${
          index.id ? `has ID ${index.id}` : `was restored from backup ${index.sourceBackupId}`
        }`,
        job,
        index
      })
    }
    if (PineconeIndex.isReady(index)) return { job, index }
    return yield* new WaitError.RestoreFailed({
      operation,
      message: `Restore job ${id} is completed, but index "${index.name}" has status ${index.status?.state}`,
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
 * Returns `true` unless an index is certainly not the target of a job. Compares the id or, if the index has no id, the
 * source backup. `described` has already identified an index without either.
 */
const isTargetOf = (index: PineconeIndex.PineconeIndex, job: RestoreJob.RestoreJob): boolean =>
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
