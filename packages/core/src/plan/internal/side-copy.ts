/** The default name of an index that is restored next to its source. */
import type * as Backup from "../../Backup.ts"
import * as PineconeIndex from "../../PineconeIndex.ts"

const infix = "-from-"
const idLength = 8

/** Returns the name, which is the same for every attempt to restore a backup. */
export const name = (index: PineconeIndex.IndexName, backupId: Backup.BackupId): PineconeIndex.IndexName => {
  const id = backupId.toLowerCase().replaceAll(/[^a-z\d-]/g, "").slice(0, idLength).replace(/-+$/, "")
  const start = index.slice(0, PineconeIndex.maxNameLength - infix.length - idLength)
  return PineconeIndex.IndexName.make(`${start}${infix}${id === "" ? "backup" : id}`)
}
