/**
 * Operations on backup schedules.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import type * as BackupRun from "./BackupRun.ts"
import type * as BackupSchedule from "./BackupSchedule.ts"
import * as Paging from "./internal/paging.ts"
import type * as Page from "./Page.ts"
import * as PineconeClient from "./PineconeClient.ts"
import type * as PineconeError from "./PineconeError.ts"

/**
 * Operations on backup schedules.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * One page of the runs of a schedule: planned, under way and over. The service seems to send the newest
   * first and promises no order. One request.
   */
  readonly historyPage: (
    id: BackupSchedule.ScheduleId,
    options?: Page.PageOptions
  ) => Effect.Effect<Page.Page<BackupRun.BackupRun>, PineconeError.PineconeError>

  /**
   * The runs of a schedule, from all pages. A page is asked for when somebody wants a row of it, so
   * `Stream.take(1)` costs one request. No run comes twice, although the pages may shift under the walk;
   * one that is added or removed meanwhile may be missed. Pages that lead back to an earlier one end the
   * stream with `PaginationLoop`.
   */
  readonly history: (
    id: BackupSchedule.ScheduleId,
    options?: Page.StreamOptions
  ) => Stream.Stream<BackupRun.BackupRun, PineconeError.PineconeError>
}

/**
 * Operations on backup schedules.
 *
 * **Example** (Finding the last good backup of a schedule)
 *
 * ```ts
 * import * as BackupRun from "@pinecone-backups/core/BackupRun"
 * import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
 * import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * export const lastGood = Effect.gen(function*() {
 *   const schedules = yield* BackupSchedules.BackupSchedules
 *   const id = BackupSchedule.ScheduleId.make("c41f7a2e-96d8-4b03-8a5f-1e7d2c90b364")
 *   return yield* schedules.history(id).pipe(Stream.filter(BackupRun.isReady), Stream.runHead)
 * })
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class BackupSchedules
  extends Context.Service<BackupSchedules, Service>()("@pinecone-backups/core/BackupSchedules")
{}

/**
 * Creates the operations on a connection.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Service, never, PineconeClient.PineconeClient> = Effect.gen(function*() {
  const client = yield* PineconeClient.PineconeClient

  const historyPage: Service["historyPage"] = (id, options) =>
    Effect.map(
      client.execute("BackupSchedules", "history", {
        params: { schedule_id: id },
        query: Paging.toQuery(options)
      }),
      Paging.fromEnvelope
    )

  return BackupSchedules.of({
    historyPage,
    history: (id, options) =>
      Paging.rows({
        operation: "BackupSchedules.history",
        pageSize: options?.pageSize,
        fetch: (page) => historyPage(id, page),
        id: (run) => run.backupId
      })
  })
})

/**
 * Layer that provides the operations on a connection.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<BackupSchedules, never, PineconeClient.PineconeClient> = Layer.effect(
  BackupSchedules,
  make
)
