/**
 * The service that restore drills run against.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type * as Backup from "../Backup.ts"
import * as Backups from "../Backups.ts"
import * as Indexes from "../Indexes.ts"
import { isSame } from "../internal/same.ts"
import type * as PineconeError from "../PineconeError.ts"
import * as PineconeIndex from "../PineconeIndex.ts"
import * as RestoreJob from "../RestoreJob.ts"
import * as RestoreJobs from "../RestoreJobs.ts"
import * as DrillError from "./DrillError.ts"
import * as DrillIndex from "./DrillIndex.ts"
import type * as DrillReport from "./DrillReport.ts"
import type * as DrillRequest from "./DrillRequest.ts"
import * as IndexData from "./IndexData.ts"
import type * as IndexRecord from "./IndexRecord.ts"
import type * as IndexStats from "./IndexStats.ts"
import * as Choosing from "./internal/choosing.ts"
import * as Sampling from "./internal/sampling.ts"
import * as StepError from "./internal/step-error.ts"

// ============================================================================
// Models
// ============================================================================

/**
 * The backup that a drill restores, and the newer backups that it does not.
 *
 * @category models
 * @since 0.1.0
 */
export interface Choice {
  /** `null` if the index has no good copy to choose. */
  readonly backup: DrillReport.DrilledBackup | null
  /** Newest first, up to 20. */
  readonly skipped: ReadonlyArray<DrillReport.Skipped>
}

/**
 * The state of a restore. `Completed` means that the job is completed and the index is ready, and `Vanished` that
 * neither the job nor the index exists.
 *
 * @category models
 * @since 0.1.0
 */
export interface Progress {
  readonly status: "Running" | "Completed" | "Failed" | "Cancelled" | "Vanished"
  /** When the job was created; `null` if it does not report it. */
  readonly createdAt: DateTime.Utc | null
  /** When the job was completed; `null` if it does not report it. */
  readonly completedAt: DateTime.Utc | null
}

/**
 * Records of one namespace in a sample.
 *
 * @category models
 * @since 0.1.0
 */
export interface Drawn extends Sampling.Drawn {}

/**
 * A temporary index that exists.
 *
 * @category models
 * @since 0.1.0
 */
export interface Existing {
  readonly temporary: DrillIndex.DrillIndex
  /** When its restore job was created; `null` if that is unknown. */
  readonly createdAt: DateTime.Utc | null
}

// ============================================================================
// Service
// ============================================================================

/**
 * The only external access of a drill. Every method is idempotent, even across processes, and short. Drills retry a method
 * that fails with `DrillUnavailable` after a durable delay.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * Chooses a backup of an index, which may have been deleted. A random choice differs with each call.
   */
  readonly choose: (
    request: Pick<DrillRequest.DrillRequest, "index" | "pick">
  ) => Effect.Effect<Choice, DrillError.StepError>

  /** Counts the indexes of the project. */
  readonly countIndexes: Effect.Effect<number, DrillError.StepError>

  /**
   * Starts to restore a backup into a temporary index with the tags of the drill and without deletion protection. If the
   * temporary index already exists, returns its job. Replaces an index that an earlier drill with the same ID left behind,
   * and fails with `DrillUnavailable` until that index is gone. Fails with the code `name-taken` if the name belongs to an
   * index of something else.
   */
  readonly restore: (
    backupId: Backup.BackupId,
    temporary: DrillIndex.DrillIndex,
    startedAt: DateTime.Utc
  ) => Effect.Effect<RestoreJob.Started, DrillError.StepError>

  /** Reads the state of a restore. */
  readonly progress: (
    restoreJobId: RestoreJob.RestoreJobId,
    temporary: DrillIndex.DrillIndex
  ) => Effect.Effect<Progress, DrillError.StepError>

  /** Reads the temporary index. Fails with the code `index-vanished` if it does not exist. */
  readonly describe: (
    temporary: DrillIndex.DrillIndex
  ) => Effect.Effect<PineconeIndex.PineconeIndex, DrillError.StepError>

  /** Reads the counts of the temporary index. */
  readonly stats: (temporary: DrillIndex.DrillIndex) => Effect.Effect<IndexStats.IndexStats, DrillError.StepError>

  /**
   * Draws random records: each from a random namespace, weighted by size, and from the first 100 to 1,000 IDs of that
   * namespace. Returns fewer if the index reports fewer, and fails with `DrillUnavailable` if a namespace lists fewer than
   * it reports.
   */
  readonly draw: (
    temporary: DrillIndex.DrillIndex,
    records: number
  ) => Effect.Effect<ReadonlyArray<Drawn>, DrillError.StepError>

  /** Reads records. Records that do not exist are omitted. Costs read units. */
  readonly fetch: (
    temporary: DrillIndex.DrillIndex,
    drawn: Drawn
  ) => Effect.Effect<ReadonlyMap<IndexRecord.RecordId, IndexRecord.IndexRecord>, DrillError.StepError>

  /**
   * Removes the temporary index. Succeeds only when the index is gone and cannot appear later, that is, when its restore
   * job is final too. Otherwise fails with `DrillUnavailable`. Refuses, with the code `name-taken`, any index that does
   * not have both the name and the tag of the drill.
   */
  readonly remove: (temporary: DrillIndex.DrillIndex) => Effect.Effect<void, DrillError.StepError>

  /** The temporary indexes of all drills, by name and tag. */
  readonly existing: Effect.Effect<ReadonlyArray<Existing>, DrillError.StepError>
}

/**
 * The service that restore drills run against.
 *
 * @category services
 * @since 0.1.0
 */
export class DrillTarget extends Context.Service<DrillTarget, Service>()("@pinecone-backups/core/drill/DrillTarget") {}

/**
 * Services that the target needs.
 *
 * @category models
 * @since 0.1.0
 */
export type Dependencies = Backups.Backups | Indexes.Indexes | RestoreJobs.RestoreJobs | IndexData.IndexData

/**
 * Creates a target on the services of this library.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Service, never, Dependencies> = Effect.gen(function*() {
  const backups = yield* Backups.Backups
  const indexes = yield* Indexes.Indexes
  const jobs = yield* RestoreJobs.RestoreJobs
  const data = yield* IndexData.IndexData

  const orUndefined = <A>(self: Effect.Effect<A, PineconeError.ListError>) =>
    Effect.catchTag(self, "PineconeNotFound", () => Effect.undefined)

  const taken = ({ name }: DrillIndex.DrillIndex) =>
    new DrillError.DrillFailure({
      code: "name-taken",
      message: `Index ${name} does not have the tag of this drill, and was not changed`
    })

  const vanished = ({ name }: DrillIndex.DrillIndex) =>
    new DrillError.DrillFailure({ code: "index-vanished", message: `Index ${name} no longer exists` })

  /**
   * The temporary index, `undefined` if it does not exist. Fails if another index has the name. A single response does not
   * prove an absence, because the drill would then leave an index behind, or blame the backup: the list must agree.
   */
  const lookUp = Effect.fnUntraced(function*(temporary: DrillIndex.DrillIndex) {
    const index = yield* Effect.mapError(orUndefined(indexes.describe(temporary.name)), StepError.fromRequest)
    if (index === undefined) {
      const listed = yield* Effect.mapError(indexes.list, StepError.fromRequest)
      if (!listed.some(({ name }) => isSame(name, temporary.name))) return undefined
      return yield* new DrillError.DrillUnavailable({
        message: `Index ${temporary.name} is listed, but was not found`
      })
    }
    if (DrillIndex.of(index) !== undefined) return index
    // A response without tags does not prove that the index belongs to the drill.
    return yield* index.tags == null
      ? new DrillError.DrillUnavailable({ message: `Index ${temporary.name} was described without its tags` })
      : taken(temporary)
  })

  const describe: Service["describe"] = (temporary) =>
    Effect.flatMap(
      lookUp(temporary),
      (index) => index === undefined ? Effect.fail(vanished(temporary)) : Effect.succeed(index)
    )

  const jobsOf = ({ name }: DrillIndex.DrillIndex) =>
    jobs.list().pipe(
      Stream.filter((job) => isSame(job.targetIndexName, name)),
      Stream.runCollect,
      Effect.mapError(StepError.fromRequest)
    )

  /**
   * Finds the restore job of the temporary index, whose index may not be visible yet. Removes an index that an earlier drill
   * with the same ID left behind.
   */
  const findRestore = Effect.fnUntraced(function*(
    backupId: Backup.BackupId,
    temporary: DrillIndex.DrillIndex,
    startedAt: DateTime.Utc
  ) {
    const index = yield* lookUp(temporary)
    const start = index?.tags?.[DrillIndex.startTag]
    if (start !== undefined && start !== DrillIndex.tagsOf(temporary, startedAt)[DrillIndex.startTag]) {
      yield* remove(temporary)
      return undefined
    }
    const found = (yield* jobsOf(temporary)).find((job) =>
      // The final job of an index that does not exist is of an earlier drill. A mistake has no effect: the service refuses a
      // second restore with the same name.
      isSame(job.backupId, backupId) && (index !== undefined || !RestoreJob.isFinal(job))
    )
    if (found !== undefined) return { restoreJobId: found.restoreJobId, indexId: found.targetIndexId }
    if (index === undefined) return undefined
    return yield* new DrillError.DrillUnavailable({ message: `The restore job of index ${index.name} is not listed` })
  })

  const restore: Service["restore"] = Effect.fnUntraced(function*(backupId, temporary, startedAt) {
    const find = findRestore(backupId, temporary, startedAt)
    const before = yield* find
    if (before !== undefined) return before
    return yield* backups.restore(backupId, {
      name: temporary.name,
      tags: DrillIndex.tagsOf(temporary, startedAt),
      deletionProtection: "disabled"
    }).pipe(
      Effect.map(({ indexId, restoreJobId }) => ({ indexId, restoreJobId })),
      Effect.catch((error) =>
        error._tag === "PineconeAlreadyExists"
          ? Effect.flatMap(
            find,
            (found) => found === undefined ? Effect.fail(StepError.unavailable(error)) : Effect.succeed(found)
          )
          : Effect.fail(StepError.fromRequest(error))
      )
    )
  })

  const progress: Service["progress"] = Effect.fnUntraced(function*(restoreJobId, temporary) {
    const job = yield* Effect.mapError(orUndefined(jobs.describe(restoreJobId)), StepError.fromRequest)
    const of = (status: Progress["status"]): Progress => ({
      status,
      createdAt: job?.createdAt ?? null,
      completedAt: job?.completedAt ?? null
    })
    if (job !== undefined && RestoreJob.isFailed(job)) return of(job.status === "Cancelled" ? "Cancelled" : "Failed")
    if (job !== undefined && !RestoreJob.isCompleted(job)) return of("Running")
    const index = yield* lookUp(temporary)
    if (index === undefined) return of("Vanished")
    if (job === undefined || !PineconeIndex.isFinal(index)) return of("Running")
    return of(PineconeIndex.isReady(index) ? "Completed" : "Failed")
  })

  const stats: Service["stats"] = (temporary) =>
    Effect.flatMap(describe(temporary), (index) => Effect.mapError(data.stats(index), StepError.fromRequest))

  const draw: Service["draw"] = (temporary, records) =>
    Effect.flatMap(
      describe(temporary),
      (index) =>
        Effect.mapError(Sampling.draw(data, index, records), (error) =>
          error._tag === "TooFewListed"
            ? new DrillError.DrillUnavailable({ message: error.message })
            : StepError.fromRequest(error))
    )

  const remove: Service["remove"] = Effect.fnUntraced(function*(temporary) {
    const { name } = temporary
    let problem: DrillError.DrillUnavailable | undefined
    if ((yield* lookUp(temporary)) !== undefined) {
      // Refusals are temporary: the service can refuse to delete an index that is being restored.
      problem = yield* Effect.match(orUndefined(indexes.delete(name)), {
        onFailure: StepError.unavailable,
        onSuccess: () => undefined
      })
      if ((yield* lookUp(temporary)) !== undefined) {
        problem ??= new DrillError.DrillUnavailable({ message: `Index ${name} is being deleted` })
      } else problem = undefined
    }
    const running = (yield* jobsOf(temporary)).find((job) => !RestoreJob.isFinal(job))
    if (running !== undefined) {
      return yield* new DrillError.DrillUnavailable({
        message: `Restore job ${running.restoreJobId}, which creates index ${name}, is still running`,
        isRestoring: true
      })
    }
    if (problem !== undefined) return yield* problem
  })

  return DrillTarget.of({
    choose: Effect.fnUntraced(function*({ index: name, pick }) {
      const index = yield* orUndefined(indexes.describe(name))
      // Backups of earlier indexes with the same name are not copies of this index.
      const listed = yield* backups.listByIndex(name, index === undefined ? { includeDeleted: true } : {}).pipe(
        Stream.filter(({ sourceIndexId }) => !index?.id || isSame(sourceIndexId, index.id)),
        Stream.runCollect,
        orUndefined
      )
      return yield* Choosing.choose(listed ?? [], pick)
    }, Effect.mapError(StepError.fromRequest)),
    countIndexes: Effect.mapBoth(indexes.list, {
      onFailure: StepError.fromRequest,
      onSuccess: ({ length }) => length
    }),
    restore,
    progress,
    describe,
    stats,
    draw,
    fetch: (temporary, { ids, namespace }) =>
      Effect.flatMap(
        describe(temporary),
        (index) => Effect.mapError(data.fetch(index, ids, { namespace }), StepError.fromRequest)
      ),
    remove,
    existing: Effect.gen(function*() {
      const temporaries = (yield* indexes.list).flatMap((index) => DrillIndex.of(index) ?? [])
      if (temporaries.length === 0) return []
      const all = yield* Stream.runCollect(jobs.list())
      return temporaries.map((temporary): Existing => {
        const job = all.find(({ targetIndexName }) => isSame(targetIndexName, temporary.name))
        return { temporary, createdAt: job?.createdAt ?? null }
      })
    }).pipe(Effect.mapError(StepError.fromRequest))
  })
})

/**
 * Layer that provides a target on the services of this library.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<DrillTarget, never, Dependencies> = Layer.effect(DrillTarget, make)
