/**
 * The ID of the index that currently has a name.
 *
 * A name can be reused after its index was deleted, and backups of the deleted index keep its name. Only the ID tells them
 * from the backups of the index that exists now, but the documented response for an index has no ID. Its schedules and its
 * backups do.
 *
 * **Example** (Telling the backups of an index from those of a deleted index with the same name)
 *
 * ```ts
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import * as Indexes from "@pinecone-backups/core/Indexes"
 * import { IndexId, IndexName } from "@pinecone-backups/core/PineconeIndex"
 * import * as LiveId from "@pinecone-backups/core/health/LiveId"
 * import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const docs = IndexName.make("docs")
 *
 * export const program = Effect.gen(function*() {
 *   const indexes = yield* Indexes.Indexes
 *   const backups = yield* Backups.Backups
 *   const live = yield* LiveId.read(yield* indexes.describe(docs))
 *   const all = yield* Stream.runCollect(backups.listByIndex(docs, { includeDeleted: true }))
 *   const own = all.filter(({ sourceIndexId }) => live._tag === "Known" && sourceIndexId === live.indexId)
 *   yield* Console.log(`${own.length} of ${all.length} backups`) // => 1 of 2 backups
 * }).pipe(Effect.provide(PineconeMemory.layer({
 *   indexes: [{ name: "docs", id: "deleted", deletedAt: "2026-11-01T00:00:00Z" }, { name: "docs", id: "current" }],
 *   backups: ["deleted", "current"].map((id) => ({ sourceIndexId: IndexId.make(id) }))
 * })))
 * ```
 *
 * @since 0.1.0
 */

import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Backup from "../Backup.ts"
import * as Backups from "../Backups.ts"
import type * as BackupSchedule from "../BackupSchedule.ts"
import * as BackupSchedules from "../BackupSchedules.ts"
import { isId, isSame } from "../internal/same.ts"
import type * as PineconeError from "../PineconeError.ts"
import type * as PineconeIndex from "../PineconeIndex.ts"

/**
 * What the evidence shows.
 *
 * **Details**
 *
 * - `Known`: all evidence names this ID.
 * - `NoEvidence`: everything was read, and the index has neither schedules nor backups. No existing backup belongs to it.
 * - `Contradictory`: the evidence names several IDs or another index. The index may have been replaced while the evidence
 *   was read.
 * - `Unread`: no evidence, and not everything was read. `error` is the first reason; `undefined` if something was not
 *   requested, or if the service returned rows without an ID.
 *
 * Act only on `Known` and `NoEvidence`.
 *
 * @category models
 * @since 0.1.0
 */
export type LiveId =
  | { readonly _tag: "Known"; readonly indexId: PineconeIndex.IndexId }
  | { readonly _tag: "NoEvidence" }
  | { readonly _tag: "Contradictory"; readonly indexIds: ReadonlyArray<PineconeIndex.IndexId> }
  | { readonly _tag: "Unread"; readonly error: PineconeError.ListError | undefined }

/**
 * Rows that were read, or the error that prevented reading them; `undefined` if they were not requested.
 *
 * @category models
 * @since 0.1.0
 */
export type Asked<A> = Result.Result<ReadonlyArray<A>, PineconeError.ListError> | undefined

/**
 * Evidence for the ID of an index.
 *
 * @category models
 * @since 0.1.0
 */
export interface Evidence {
  /** The index as described or listed. Its `id` is evidence if the service sends it. */
  readonly index: Pick<PineconeIndex.PineconeIndex, "id" | "name">
  /** The schedules that `BackupSchedules.list` returns for the name. */
  readonly schedules: Asked<Pick<BackupSchedule.BackupSchedule, "indexId">>
  /**
   * The backups that `Backups.listByIndex` returns for the name, without `includeDeleted`. Backups of a deleted index do not
   * count. `Backups.list` is no evidence: before version 2026-07, its rows do not show which indexes were deleted.
   */
  readonly backups: Asked<Pick<Backup.Backup, "sourceIndexDeletedAt" | "sourceIndexId" | "sourceIndexName">>
}

const rowsOf = <A>(asked: Asked<A>): ReadonlyArray<A> => asked === undefined ? [] : Result.getOrElse(asked, () => [])

const errorOf = (asked: Asked<unknown>): PineconeError.ListError | undefined =>
  asked !== undefined && Result.isFailure(asked) ? asked.failure : undefined

const isRead = (asked: Asked<unknown>): boolean => asked !== undefined && Result.isSuccess(asked)

/**
 * Returns the ID of the index that currently has a name, as far as the evidence shows it.
 *
 * **Details**
 *
 * A pure function. Unreadable evidence does not refute readable evidence. IDs are compared case-insensitively, and a blank
 * ID is no evidence.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = ({ backups, index, schedules }: Evidence): LiveId => {
  const existing = rowsOf(backups).filter(({ sourceIndexDeletedAt }) => sourceIndexDeletedAt == null)
  const rows = [
    ...rowsOf(schedules).map(({ indexId }) => indexId),
    ...existing.map(({ sourceIndexId }) => sourceIndexId)
  ]
  const named = [index.id, ...rows].filter(isId)
  const byKey = new Map<string, PineconeIndex.IndexId>()
  for (const id of named) if (!byKey.has(id.toLowerCase())) byKey.set(id.toLowerCase(), id)
  const distinct = [...byKey.values()]
  const isOfOther = existing.some(({ sourceIndexName }) => !isSame(sourceIndexName, index.name))
  const [indexId] = distinct
  if (indexId !== undefined) {
    return distinct.length > 1 || isOfOther
      ? { _tag: "Contradictory", indexIds: distinct }
      : { _tag: "Known", indexId }
  }
  // Rows without an ID belong to some index, but do not show to which.
  return isRead(schedules) && isRead(backups) && rows.length === 0
    ? { _tag: "NoEvidence" }
    : { _tag: "Unread", error: errorOf(schedules) ?? errorOf(backups) }
}

/**
 * Reads the evidence for the ID of an index: its schedules and its backups, about two requests. Sends nothing if the index has
 * an `id`. Never fails: unreadable evidence is part of the result.
 *
 * @category constructors
 * @since 0.1.0
 */
export const read = Effect.fnUntraced(function*(
  index: Pick<PineconeIndex.PineconeIndex, "id" | "name">
): Effect.fn.Return<LiveId, never, Backups.Backups | BackupSchedules.BackupSchedules> {
  if (isId(index.id)) return of({ index, schedules: undefined, backups: undefined })
  const schedules = yield* BackupSchedules.BackupSchedules
  const backups = yield* Backups.Backups
  return of({
    index,
    schedules: yield* Effect.result(Stream.runCollect(schedules.list(index.name))),
    backups: yield* Effect.result(Stream.runCollect(backups.listByIndex(index.name)))
  })
})
