/** Views of restore jobs. */
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import type * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Output from "../../output/Output.ts"
import * as Time from "../../output/Time.ts"
import * as Columns from "../../shared/Columns.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"

const raw = Format.orElse("")

const phaseOf = (job: RestoreJob.RestoreJob): Symbols.Phase =>
  RestoreJob.isCompleted(job) ? "done" : RestoreJob.isFailed(job) ? "failed" : "underWay"

/** The duration of a job. `undefined` if it is not completed or its times are unknown. */
export const durationOf = ({ completedAt, createdAt }: RestoreJob.RestoreJob) =>
  completedAt && createdAt ? DateTime.distance(createdAt, completedAt) : undefined

/** The view of one restore job. */
export const detail = Effect.gen(function*() {
  const exactly = yield* Time.exactly
  const known = Symbols.orDash(yield* Screen.Screen)
  const { exactInstant, status, text } = yield* Columns.make
  const finished = (job: RestoreJob.RestoreJob) =>
    known(job.completedAt, (end) => {
      const took = durationOf(job)
      return took === undefined ? exactly(end) : `${exactly(end)}, after ${Format.elapsed(took)}`
    })

  return {
    toJson: RestoreJob.toJson,
    id: (job) => job.restoreJobId,
    columns: [
      text("JOB", (job) => job.restoreJobId),
      status(phaseOf),
      text("INDEX", (job) => job.targetIndexName),
      text("INDEX ID", (job) => job.targetIndexId),
      text("BACKUP", (job) => job.backupId),
      exactInstant("STARTED", (job) => job.createdAt),
      { header: "FINISHED", show: finished, raw: (job) => raw(job.completedAt, Format.iso) },
      {
        header: "PROGRESS",
        show: (job) => Format.orElse("not reported")(job.percentComplete, (percent) => `${percent}%`),
        raw: (job) => raw(job.percentComplete, String)
      }
    ]
  } satisfies Output.View<RestoreJob.RestoreJob>
})

/** The view of a list of restore jobs. */
export const list = Effect.gen(function*() {
  const now = yield* Time.now
  const known = Symbols.orDash(yield* Screen.Screen)
  const { id, instant, otherId, percent, status, text } = yield* Columns.make
  /** The duration of the job, or the time since it started if it is running. */
  const took = (job: RestoreJob.RestoreJob) =>
    known(
      durationOf(job) ??
        (job.createdAt && !RestoreJob.isFinal(job) ? DateTime.distance(job.createdAt, now) : undefined),
      (took) => `${Format.elapsed(took)}${RestoreJob.isFinal(job) ? "" : " so far"}`
    )

  return {
    toJson: RestoreJob.toJson,
    id: (job) => job.restoreJobId,
    columns: [
      text("INDEX", (job) => job.targetIndexName, { shrinkTo: 12 }),
      status(phaseOf),
      percent("PROGRESS", (job) => job.percentComplete, { dropAt: 4 }),
      instant("STARTED", (job) => job.createdAt, { dropAt: 1 }),
      { header: "TOOK", dropAt: 3, show: took, raw: (job) => raw(job.completedAt, Format.iso) },
      otherId("BACKUP", (job) => job.backupId, { dropAt: 5 }),
      id("JOB", (job) => job.restoreJobId, { dropAt: 2 })
    ]
  } satisfies Output.View<RestoreJob.RestoreJob>
})

/** The view of a started restore. */
export const started = Effect.map(Columns.make, ({ text }): Output.View<RestoreJob.Started> => ({
  toJson: ({ indexId, restoreJobId }) => Schema.encodeSync(RestoreJob.StartedFromWire)({ indexId, restoreJobId }),
  id: ({ restoreJobId }) => restoreJobId,
  columns: [text("JOB", ({ restoreJobId }) => restoreJobId), text("INDEX ID", ({ indexId }) => indexId)]
}))

/** The view of a finished restore: its job. */
export const restored = Effect.map(detail, (view): Output.View<RestoreJobs.Restored> => ({
  toJson: ({ job }) => view.toJson(job),
  id: ({ job }) => view.id(job),
  columns: view.columns.map(Columns.over(({ job }) => job))
}))
