/** The indexes of a report on backups, in numbers. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Format from "../terminal/Format.ts"

/** A number of indexes: `1 index`. */
export const indexes = (number: number): string => `${Format.count(number)} ${number === 1 ? "index" : "indexes"}`

/** The indexes that exist, without those of which only backups are left. */
export const existing = ({ indexes }: BackupHealth.BackupHealth): ReadonlyArray<BackupHealth.IndexHealth> =>
  indexes.filter(({ isDeleted }) => !isDeleted)
