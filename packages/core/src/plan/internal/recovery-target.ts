/** Indexes as the target of a restore: whether they are its result, and how far the restore is. */
import type * as Backup from "../../Backup.ts"
import { isId, isSame, knownId } from "../../internal/same.ts"
import { millis } from "../../internal/time.ts"
import * as PineconeIndex from "../../PineconeIndex.ts"
import * as RestoreJob from "../../RestoreJob.ts"
import type * as RecoveryPlan from "../RecoveryPlan.ts"

/** Finds an index by its name. */
export const indexOf = (facts: RecoveryPlan.Facts, name: PineconeIndex.IndexName) =>
  facts.indexes.find((index) => isSame(index.name, name))

/** An index as the target of a restore of a backup. */
export interface Target {
  readonly index: PineconeIndex.PineconeIndex | undefined
  /** Whether the index, or the restore that will create it, is the result of restoring the backup. */
  readonly isOurs: boolean
  readonly job: RestoreJob.RestoreJob | undefined
  readonly state: "absent" | "deleting" | "failed" | "restoring" | "restored"
}

const createdOf = ({ createdAt }: RestoreJob.RestoreJob): number => createdAt ? millis(createdAt) : -Infinity

const newestJob = (jobs: ReadonlyArray<RestoreJob.RestoreJob>): RestoreJob.RestoreJob | undefined =>
  jobs.toSorted((one, other) => createdOf(other) - createdOf(one) || 0)[0]

/**
 * Returns the job that created an index. The service lists a job only as long as its target exists, so without an ID the only
 * job with the name of the index is its job.
 */
const jobOf = (
  index: PineconeIndex.PineconeIndex,
  named: ReadonlyArray<RestoreJob.RestoreJob>,
  id: PineconeIndex.IndexId | undefined
): RestoreJob.RestoreJob | undefined => {
  const own = id === undefined ? [] : named.filter(({ targetIndexId }) => isSame(targetIndexId, id))
  if (own.length > 0) return newestJob(own)
  if (id !== undefined) return undefined
  const source = index.sourceBackupId
  const alike = isId(source) ? named.filter(({ backupId }) => isSame(backupId, source)) : named
  return alike.length === 1 ? alike[0] : undefined
}

/** Returns `true` if an index is being deleted. */
export const isTerminating = ({ status }: PineconeIndex.PineconeIndex): boolean => status?.state === "Terminating"

/** Describes the target with a name. `id` is the ID of the index, as far as it is known. */
export const targetOf = (
  facts: RecoveryPlan.Facts,
  name: PineconeIndex.IndexName,
  backupId: Backup.BackupId,
  id?: PineconeIndex.IndexId
): Target => {
  const index = indexOf(facts, name)
  const named = facts.jobs.filter(({ targetIndexName }) => isSame(targetIndexName, name))
  if (index === undefined) {
    const job = newestJob(named.filter((job) => isSame(job.backupId, backupId) && !RestoreJob.isFinal(job)))
    return { index, isOurs: job !== undefined, job, state: job === undefined ? "absent" : "restoring" }
  }
  if (isTerminating(index)) return { index, isOurs: false, job: undefined, state: "deleting" }
  const job = jobOf(index, named, knownId(index.id) ?? id)
  const isOurs = isId(index.sourceBackupId)
    ? isSame(index.sourceBackupId, backupId)
    : job !== undefined && isSame(job.backupId, backupId)
  const isFailed = (job !== undefined && RestoreJob.isFailed(job)) ||
    (PineconeIndex.isFinal(index) && !PineconeIndex.isReady(index))
  const isRunning = !PineconeIndex.isReady(index) || (job !== undefined && !RestoreJob.isFinal(job))
  return { index, isOurs, job, state: isFailed ? "failed" : isRunning ? "restoring" : "restored" }
}

/** The backup that an index was restored from, as far as the service shows it. */
export const sourceOf = (facts: RecoveryPlan.Facts, index: PineconeIndex.PineconeIndex): string | undefined => {
  const named = facts.jobs.filter(({ targetIndexName }) => isSame(targetIndexName, index.name))
  return knownId(index.sourceBackupId) ?? jobOf(index, named, knownId(index.id))?.backupId
}
