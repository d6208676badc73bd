/** Counts of the indexes in a report. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Format from "../terminal/Format.ts"

/** A number of indexes: `1 index`. */
export const indexes = (number: number): string => `${Format.count(number)} ${number === 1 ? "index" : "indexes"}`

/** The existing indexes, without deleted indexes that still have backups. */
export const existing = ({ indexes }: BackupHealth.BackupHealth): ReadonlyArray<BackupHealth.IndexHealth> =>
  indexes.filter(({ isDeleted }) => !isDeleted)
