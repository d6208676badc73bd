/** Counts of the indexes in a report. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Format from "../terminal/Format.ts"
import type * as Symbols from "../terminal/SymbolsAndColors.ts"

/** A number of indexes: `1 index`. */
export const indexes = (number: number): string => `${Format.count(number)} ${number === 1 ? "index" : "indexes"}`

/** The existing indexes, without deleted indexes that still have backups. */
export const existing = ({ indexes }: BackupHealth.BackupHealth): ReadonlyArray<BackupHealth.IndexHealth> =>
  indexes.filter(({ isDeleted }) => !isDeleted)

/** The displayed status of an index. A deleted index is never displayed as ok. */
export const levelOf = ({ isDeleted, status }: BackupHealth.IndexHealth): Symbols.Level =>
  isDeleted && status === "ok" ? "deleted" : status

/** The sum of stored backups. */
export const storedSum = (all: ReadonlyArray<BackupHealth.StoredBackups>): BackupHealth.StoredBackups =>
  all.reduce(
    (sum, { backups, bytes, unknownSizes }) => ({
      backups: sum.backups + backups,
      bytes: sum.bytes + bytes,
      unknownSizes: sum.unknownSizes + unknownSizes
    }),
    { backups: 0, bytes: 0, unknownSizes: 0 }
  )

/** Stored backups without some of them. */
export const storedWithout = (
  all: BackupHealth.StoredBackups,
  some: ReadonlyArray<BackupHealth.StoredBackups>
): BackupHealth.StoredBackups => {
  const { backups, bytes, unknownSizes } = storedSum(some)
  return {
    backups: all.backups - backups,
    bytes: all.bytes - bytes,
    unknownSizes: all.unknownSizes - unknownSizes
  }
}
