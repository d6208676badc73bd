/** Reads the facts for the retention of backups. Failed reads become part of the facts. */
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Backups from "../../Backups.ts"
import * as BackupSchedules from "../../BackupSchedules.ts"
import type * as BackupHealth from "../../health/BackupHealth.ts"
import * as Indexes from "../../Indexes.ts"
import { isSame } from "../../internal/same.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import * as RestoreJobs from "../../RestoreJobs.ts"
import type * as Keeping from "./keeping.ts"

/** Describes an index; `undefined` if it does not exist. */
export const findIndex = Effect.fnUntraced(function*(name: PineconeIndex.IndexName) {
  const indexes = yield* Indexes.Indexes
  return yield* Effect.catchTag(indexes.describe(name), "PineconeNotFound", () => Effect.undefined)
})

/** Reads the schedules of an index and their histories. An index that does not exist has none. */
export const readSchedules = Effect.fnUntraced(
  function*(
    { index, indexName }: Pick<Keeping.IndexFacts, "index" | "indexName">
  ): Effect.fn.Return<Keeping.IndexFacts["schedules"], never, BackupSchedules.BackupSchedules> {
    const schedules = yield* BackupSchedules.BackupSchedules
    if (index === undefined) return Result.succeed([])
    const listed = yield* Effect.result(Stream.runCollect(schedules.list(indexName)))
    if (Result.isFailure(listed)) return Result.fail(listed.failure)
    const withRuns = yield* Effect.forEach(listed.success, (schedule) =>
      Effect.map(
        Effect.result(Stream.runCollect(schedules.history(schedule.scheduleId))),
        (runs): BackupHealth.ScheduleFacts => ({ schedule, runs })
      ))
    return Result.succeed(withRuns)
  }
)

/** Reads the backups of an index. An index that does not exist has none. */
export const readBackups = Effect.fnUntraced(
  function*({ index, indexName }: Pick<Keeping.IndexFacts, "index" | "indexName">) {
    const { listByIndex } = yield* Backups.Backups
    return yield* Effect.result(index === undefined ? Effect.succeed([]) : Stream.runCollect(listByIndex(indexName)))
  }
)

/**
 * Reads the backups of every index that ever had a name. Without any, the list is empty. Read them before the index and its
 * own backups: otherwise a backup that is created in between looks like one of a deleted index.
 */
export const readAllBackups = Effect.fnUntraced(function*(name: PineconeIndex.IndexName) {
  const backups = yield* Backups.Backups
  return yield* Stream.runCollect(backups.listByIndex(name, { includeDeleted: true })).pipe(
    // Version 2026-04 may not search deleted indexes.
    Effect.catchTag(
      "PineconeNotFound",
      () =>
        Stream.runCollect(
          Stream.filter(backups.list(), ({ sourceIndexName }) => isSame(sourceIndexName, name))
        )
    ),
    Effect.result
  )
})

/** The names to read: the given names, else every name of the project. */
export const namesOf = Effect.fnUntraced(
  function*(listed: ReadonlyArray<PineconeIndex.PineconeIndex>, { indexes, orphans = false }: {
    readonly indexes?: ReadonlyArray<PineconeIndex.IndexName> | undefined
    readonly orphans?: boolean | undefined
  }) {
    if (indexes !== undefined) return Array.dedupe(indexes)
    const names = listed.map(({ name }) => name)
    if (!orphans) return names
    const backups = yield* Backups.Backups
    const all = yield* Stream.runCollect(backups.list())
    return Array.dedupe([...names, ...all.map(({ sourceIndexName }) => sourceIndexName)])
  }
)

/** Reads the restore jobs of the project. */
export const readJobs = Effect.flatMap(
  RestoreJobs.RestoreJobs,
  (jobs) => Effect.result(Stream.runCollect(jobs.list()))
)
