/** The rule for the ID of the index that currently has a name. No document has an ID for an index. */
import * as Result from "effect/Result"
import type * as Backup from "../Backup.ts"
import type * as BackupSchedule from "../BackupSchedule.ts"
import type * as PineconeError from "../PineconeError.ts"
import type * as PineconeIndex from "../PineconeIndex.ts"
import { isSame } from "./same.ts"

/** What the evidence shows. */
export type LiveId =
  | { readonly _tag: "Known"; readonly indexId: PineconeIndex.IndexId }
  | { readonly _tag: "NoEvidence" }
  | { readonly _tag: "Contradictory"; readonly indexIds: ReadonlyArray<PineconeIndex.IndexId> }
  | { readonly _tag: "Unread"; readonly error: PineconeError.ListError | undefined }

/** Rows that were read, or the error that prevented reading them; `undefined` if nobody asked. */
export type Asked<A> = Result.Result<ReadonlyArray<A>, PineconeError.ListError> | undefined

export interface Evidence {
  readonly index: Pick<PineconeIndex.PineconeIndex, "id" | "name">
  readonly schedules: Asked<Pick<BackupSchedule.BackupSchedule, "indexId">>
  readonly backups: Asked<Pick<Backup.Backup, "sourceIndexDeletedAt" | "sourceIndexId" | "sourceIndexName">>
}

const rowsOf = <A>(asked: Asked<A>): ReadonlyArray<A> => asked === undefined ? [] : Result.getOrElse(asked, () => [])

const errorOf = (asked: Asked<unknown>): PineconeError.ListError | undefined =>
  asked !== undefined && Result.isFailure(asked) ? asked.failure : undefined

const isRead = (asked: Asked<unknown>): boolean => asked !== undefined && Result.isSuccess(asked)

/** Returns the ID that all evidence agrees on. Evidence that could not be read does not refute the rest. */
export const of = ({ backups, index, schedules }: Evidence): LiveId => {
  const existing = rowsOf(backups).filter(({ sourceIndexDeletedAt }) => sourceIndexDeletedAt == null)
  const named = [
    ...(index.id ? [index.id] : []),
    ...rowsOf(schedules).map(({ indexId }) => indexId),
    ...existing.map(({ sourceIndexId }) => sourceIndexId)
  ]
  const byKey = new Map<string, PineconeIndex.IndexId>()
  for (const id of named) if (!byKey.has(id.toLowerCase())) byKey.set(id.toLowerCase(), id)
  const distinct = [...byKey.values()]
  const isOfOther = existing.some(({ sourceIndexName }) => !isSame(sourceIndexName, index.name))
  const [indexId] = distinct
  if (indexId !== undefined) {
    return indexId === "" || distinct.length > 1 || isOfOther
      ? { _tag: "Contradictory", indexIds: distinct }
      : { _tag: "Known", indexId }
  }
  return isRead(schedules) && isRead(backups)
    ? { _tag: "NoEvidence" }
    : { _tag: "Unread", error: errorOf(schedules) ?? errorOf(backups) }
}
