/** The default name of an index that is restored next to its source. */
import type * as Backup from "../../Backup.ts"
import * as PineconeIndex from "../../PineconeIndex.ts"

const infix = "-from-"

/** Maximum length of an ID that is used as it is. */
const longest = 12

/** A random UUID (version 4), as the service uses. Its first 8 digits are random; those of other versions may be a time. */
const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

const short = /^[a-z\d]([a-z\d-]*[a-z\d])?$/

/**
 * A 32-bit FNV-1a hash, as 7 letters and digits. IDs that differ in one character have different hashes. Effect's hashes may
 * change between releases, and a later release must find the copies of this one.
 */
const hash = (id: string): string => {
  let value = 0x811c9dc5
  for (let at = 0; at < id.length; at++) value = Math.imul(value ^ id.charCodeAt(at), 0x01000193)
  return (value >>> 0).toString(36).padStart(7, "0")
}

const suffixOf = (backupId: string): string => {
  const id = backupId.toLowerCase()
  if (id.length <= longest && short.test(id)) return id
  if (uuid.test(id)) return id.slice(0, 8)
  const start = id.replaceAll(/[^a-z\d]/g, "").slice(0, 4)
  return `${start}${start === "" ? "" : "-"}${hash(id)}`
}

/** Returns the name, which is the same for every attempt to restore a backup. */
export const name = (index: PineconeIndex.IndexName, backupId: Backup.BackupId): PineconeIndex.IndexName => {
  const suffix = `${infix}${suffixOf(backupId)}`
  const start = index.slice(0, PineconeIndex.maxNameLength - suffix.length).replace(/-+$/, "")
  return PineconeIndex.IndexName.make(`${start}${suffix}`)
}
