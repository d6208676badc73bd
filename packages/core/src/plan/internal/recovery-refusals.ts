/** Refusals of the planner, and their sentences. */
import type * as PineconeIndex from "../../PineconeIndex.ts"
import * as RecoveryPlan from "../RecoveryPlan.ts"

const messageOf = (index: PineconeIndex.IndexName, reason: RecoveryPlan.RefusalReason): string => {
  switch (reason._tag) {
    case "NoBackups":
      return `No index named "${index}" has backups`
    case "NoGoodCopy":
      return `No usable backup of index "${index}" was found`
    case "UnknownBackup":
      return `Backup ${reason.backupId} is not a backup of an index named "${index}"`
    case "BackupDeleted":
      return `Backup ${reason.backupId} no longer exists, but index "${reason.sideCopy}" has its data`
    case "BackupNotReady":
      return `Backup ${reason.backupId} cannot be restored: its status is ${reason.status}`
    case "UnknownIndexId":
      return `No backup is from an index named "${index}" with the ID ${reason.indexId}`
    case "ContradictoryId":
      return `The service reports several IDs or none for index "${index}"`
    case "IndexExists":
      return `Index "${index}" exists, and a recovery does not overwrite an index`
    case "NameTaken":
      return `Index "${reason.indexName}" exists and was not restored from this backup`
    case "NoSideCopy":
      return `Replacing index "${index}" requires a verified side copy, and index "${reason.sideCopy}" does not exist`
    case "OnlyCounts":
      return `The records of side copy "${reason.sideCopy}" cannot be verified, only their number: its schema is typed`
    case "RestoreFailed":
      return `The restore into index "${reason.indexName}" failed`
    case "IndexQuota":
      return `The project has ${reason.count} indexes, and its quota is ${reason.quota}`
  }
}

/** Creates a refusal. */
export const make = (index: PineconeIndex.IndexName, reason: RecoveryPlan.RefusalReason): RecoveryPlan.Refusal =>
  new RecoveryPlan.Refusal({ index, reason, message: messageOf(index, reason) })
