/** Lists schedules across indexes, and backups of deleted indexes. The API has no single list for either. */
import type * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as Backups from "@pinecone-backups/core/Backups"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Copies from "@pinecone-backups/core/health/Copies"
import * as Indexes from "@pinecone-backups/core/Indexes"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import type * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** Maximum number of concurrent lists. */
const concurrency = 8

/** A schedule and the name of its index, which the API does not return. */
export interface Scheduled {
  readonly schedule: BackupSchedule.BackupSchedule
  readonly indexName: PineconeIndex.IndexName
}

/** The schedules of some indexes, in the order of the indexes. */
export const schedulesOf = Effect.fnUntraced(function*(names: ReadonlyArray<PineconeIndex.IndexName>) {
  const schedules = yield* BackupSchedules.BackupSchedules
  const all = yield* Effect.forEach(names, (indexName) =>
    Effect.map(
      Stream.runCollect(schedules.list(indexName)),
      (rows) => rows.map((schedule): Scheduled => ({ schedule, indexName }))
    ), { concurrency })
  return all.flat()
})

/** The schedules of every index of the project. */
export const allSchedules = Effect.gen(function*() {
  const indexes = yield* Indexes.Indexes
  return yield* schedulesOf((yield* indexes.list).map(({ name }) => name))
})

/**
 * The backups of an index, filtered from all backups of the project, after the service did not find the index: API
 * version 2026-04 may not search deleted indexes. Fails with the original error if no backup matches.
 */
const amongAll = (index: PineconeIndex.IndexName, error: PineconeError.NotFound) =>
  Stream.unwrap(Effect.map(Backups.Backups, (backups) => {
    const none: Stream.Stream<Backup.Backup, PineconeError.NotFound> = Stream.fail(error)
    return backups.list().pipe(
      Stream.filter(({ sourceIndexName }) => sourceIndexName === index),
      Stream.orElseIfEmpty(() => none)
    )
  }))

/**
 * The backups of all current and former indexes with a name. Fails with `NotFound` if no index has the name and no
 * backup has a source index with the name.
 */
export const backupsEverOf = Effect.fnUntraced(function*(index: PineconeIndex.IndexName) {
  const backups = yield* Backups.Backups
  return yield* Stream.runCollect(backups.listByIndex(index, { includeDeleted: true })).pipe(
    Effect.catchTag("PineconeNotFound", (error) => Stream.runCollect(amongAll(index, error)))
  )
})

/** Like {@link backupsEverOf}, for several names. Unknown names have no backups. */
export const backupsEverOfAny = (names: ReadonlyArray<PineconeIndex.IndexName>) =>
  Effect.map(
    Effect.forEach(
      names,
      (name) => Effect.catchTag(backupsEverOf(name), "PineconeNotFound", () => Effect.succeed([])),
      { concurrency: 4 }
    ),
    (lists) => lists.flat()
  )

/**
 * Like {@link backupsEverOf}, as a stream. Also fails if the index is deleted between two pages, because starting over
 * would repeat rows.
 */
export const streamBackupsEverOf = (index: PineconeIndex.IndexName) =>
  Stream.unwrap(Effect.map(Backups.Backups, (backups) => {
    let isBegun = false
    return backups.listByIndex(index, { includeDeleted: true }).pipe(
      Stream.mapArray((rows) => {
        isBegun = true
        return rows
      }),
      Stream.catchTag("PineconeNotFound", (error) => isBegun ? Stream.fail(error) : amongAll(index, error))
    )
  }))

/** The time when a backup was taken, as a number to sort by. `-Infinity` if it is unknown. */
export const takenAtMillis = (backup: BackupRun.BackupRun, isInHistory: boolean): number => {
  const at = Copies.takenAt(backup, isInHistory)
  return at ? DateTime.toEpochMillis(at) : Number.NEGATIVE_INFINITY
}

/** The IDs of backups that are in the histories of schedules. Their times do not depend on `createdAt` alone. */
export type Ran = ReadonlySet<string>

/**
 * Makes a reader of histories. It reads the histories of an index once, when a backup comes whose time depends on them,
 * and returns the IDs of all runs so far.
 *
 * A history that cannot be read has no IDs: its backups count as taken at their `createdAt`, which is not too new.
 */
export const makeRan = Effect.map(BackupSchedules.BackupSchedules, (schedules) => {
  const ran = new Set<string>()
  const seen = new Set<string>()
  const read = (indexName: PineconeIndex.IndexName) =>
    Stream.runForEach(
      Stream.flatMap(schedules.list(indexName), ({ scheduleId }) =>
        Stream.catch(schedules.history(scheduleId), () => Stream.empty)),
      ({ backupId }) =>
        Effect.sync(() => ran.add(backupId))
    ).pipe(Effect.ignore)
  return Effect.fnUntraced(function*(backups: ReadonlyArray<Backup.Backup>): Effect.fn.Return<Ran> {
    // The schedules of a deleted index are deleted too.
    const names = Array.dedupe(
      backups.flatMap((backup) =>
        Copies.needsHistory(backup) && !backup.sourceIndexDeletedAt && !seen.has(backup.sourceIndexName)
          ? [backup.sourceIndexName]
          : []
      )
    )
    for (const name of names) seen.add(name)
    yield* Effect.forEach(names, read, { concurrency, discard: true })
    return ran
  })
})

/** The IDs of the backups that are in histories, among those whose times depend on that. */
export const ranOf = (backups: ReadonlyArray<Backup.Backup>) => Effect.flatMap(makeRan, (ranOf) => ranOf(backups))
