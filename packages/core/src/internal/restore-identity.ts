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
  // Only a different source proves that the index has a different origin. Older API versions do not return the source.
  const hasSource = index.id ? index.sourceBackupId !== undefined : Boolean(index.sourceBackupId)
  const isOther = hasSource && !isSame(index.sourceBackupId, id)
  const job = index.id
    ? alike.find(({ targetIndexId }) => isSame(index.id, targetIndexId))
    : isOther
    ? undefined
    : targetedBy((yield* named).filter((job) => !hasSource || isAlike(job)), isAlike)
  if (job !== undefined) {
    // Sources disagree on whether a restore honors the requested read capacity.
    return IndexDifference.of(index, { ...wanted, readCapacity: undefined }) === undefined
      ? { restoreJobId: job.restoreJobId, indexId: job.targetIndexId }
      : yield* unclear
  }
  return yield* isOther ? Effect.undefined : unclear
})

/**
 * Returns the job that created an index without an ID: the only one with the name of the index, and with its source if the
 * response has it. The service lists a job only as long as its target index exists, and the jobs are listed after the index
 * was read.
 */
const targetedBy = (
  jobs: ReadonlyArray<RestoreJob.RestoreJob>,
  isAlike: (job: RestoreJob.RestoreJob) => boolean
): RestoreJob.RestoreJob | undefined => jobs.length === 1 ? jobs.find(isAlike) : undefined
