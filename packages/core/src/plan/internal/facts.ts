import type * as DateTime from "effect/DateTime"
import type * as Backup from "../../Backup.ts"
import type * as BackupRun from "../../BackupRun.ts"
import type * as BackupSchedule from "../../BackupSchedule.ts"
import * as DrillIndex from "../../drill/DrillIndex.ts"
import type * as BackupHealth from "../../health/BackupHealth.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import * as RecoveryPlan from "../RecoveryPlan.ts"

// SchedulePlan.ts documents these types.

export interface IndexFacts {
  readonly index: PineconeIndex.PineconeIndex
  /** The schedules of the index; `undefined` if they were not read. */
  readonly schedules: BackupHealth.Read<BackupSchedule.BackupSchedule> | undefined
  /** The histories that were read, by schedule. */
  readonly histories: ReadonlyMap<BackupSchedule.ScheduleId, BackupHealth.Read<BackupRun.BackupRun>>
  /** The backups of the index; `undefined` if they were not read. */
  readonly backups: BackupHealth.Read<Backup.Backup> | undefined
}

export interface Facts {
  /** The time at which the facts were read. */
  readonly at: DateTime.Utc
  /** All indexes of the project. */
  readonly indexes: ReadonlyArray<IndexFacts>
  /** The indexes to plan. @default all indexes that the policy manages */
  readonly scope?: ReadonlyArray<PineconeIndex.IndexName> | undefined
  /** Backups of deleted indexes with a name in the policy, by that name. */
  readonly deleted?: ReadonlyMap<PineconeIndex.IndexName, BackupHealth.Read<Backup.Backup>> | undefined
}

/** Returns `true` if the tags of an index show that a drill or a recovery created it as a copy. */
export const isCopy = ({ name, tags }: PineconeIndex.PineconeIndex): boolean => {
  const own = tags ?? {}
  const { recover } = RecoveryPlan.tags
  return Object.hasOwn(own, DrillIndex.tag) || (Object.hasOwn(own, recover) && own[recover] !== name)
}
