/** Rules that identify the restore that a call started. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Backup from "../Backup.ts"
import type * as Indexes from "../Indexes.ts"
import * as PineconeIndex from "../PineconeIndex.ts"
import * as RestoreJob from "../RestoreJob.ts"
import type * as RestoreJobs from "../RestoreJobs.ts"
import * as IndexDifference from "./index-difference.ts"
import { isSame } from "./same.ts"

/**
 * Finds the restore of a backup into the index that currently has the name. There can be only one, regardless of who
 * started it.
 */
export const find = Effect.fnUntraced(function*(
  jobs: Pick<RestoreJobs.Service, "list">,
  indexes: Pick<Indexes.Service, "describe">,
  id: Backup.BackupId,
  wanted: IndexDifference.Wanted & { readonly name: string }
) {
  const named = Stream.runCollect(Stream.filter(jobs.list(), (job) => job.targetIndexName === wanted.name))
  const isAlike = (job: RestoreJob.RestoreJob) => isSame(job.backupId, id)
  const alike = (yield* named).filter(isAlike)
  const index = yield* Effect.catchTag(
    indexes.describe(PineconeIndex.IndexName.make(wanted.name)),
    "PineconeNotFound",
    () => Effect.undefined
  )
  const unclear = Effect.fail("unclear" as const)
  if (index === undefined) return yield* alike.some((job) => !RestoreJob.isFinal(job)) ? unclear : Effect.undefined
  const job = index.id || index.sourceBackupId
    ? alike.find(({ targetIndexId }) => isSame(index.id, targetIndexId))
    : targetedBy(yield* named, isAlike)
  if (job !== undefined) {
    return IndexDifference.of(index, wanted) === undefined
      ? { restoreJobId: job.restoreJobId, indexId: job.targetIndexId }
      : yield* unclear
  }
  // Only a different source proves that the index has a different origin. Older API versions do not return the source.
  const isOther = index.id && index.sourceBackupId !== undefined && !isSame(index.sourceBackupId, id)
  return yield* isOther ? Effect.undefined : unclear
})

/**
 * Returns the job that created an index with neither an ID nor a source, as before version 2026-07. The service lists a
 * job only as long as its target index exists. So the only job with the name of the index, listed after the index was
 * read, is its job.
 */
const targetedBy = (
  named: ReadonlyArray<RestoreJob.RestoreJob>,
  isAlike: (job: RestoreJob.RestoreJob) => boolean
): RestoreJob.RestoreJob | undefined => named.length === 1 ? named.find(isAlike) : undefined
