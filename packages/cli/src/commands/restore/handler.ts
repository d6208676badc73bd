/** What runs `pcb restore`. */
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as CommandLine from "@pinecone-backups/core/health/CommandLine"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type * as Handler from "../../Handler.ts"
import * as Target from "../../input/Target.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as Time from "../../output/Time.ts"
import * as Select from "../../shared/Select.ts"
import * as Waiting from "../../shared/Waiting.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/Symbols.ts"
import { facts } from "../backup/handler.ts"
import type { definitions } from "./command.ts"

// ============================================================================
// How restore jobs are printed
// ============================================================================

const raw = Format.orElse("")

const phaseOf = (job: RestoreJob.RestoreJob) =>
  RestoreJob.isCompleted(job) ? "done" : RestoreJob.isFailed(job) ? "failed" : "underWay"

/** How long a job took; `undefined` if it is not completed, or does not say. */
const durationOf = ({ completedAt, createdAt }: RestoreJob.RestoreJob) =>
  completedAt && createdAt ? DateTime.distance(createdAt, completedAt) : undefined

/** How one restore job is printed. */
const jobView = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const exactly = yield* Time.exactly
  const known = Symbols.orDash(screen)
  const finished = (job: RestoreJob.RestoreJob) =>
    known(job.completedAt, (end) => {
      const took = durationOf(job)
      return took === undefined ? exactly(end) : `${exactly(end)}, after ${Format.elapsed(took)}`
    })

  const view: Output.View<RestoreJob.RestoreJob> = {
    toJson: RestoreJob.toJson,
    id: (job) => job.restoreJobId,
    columns: [
      { header: "JOB", show: (job) => Format.plain(job.restoreJobId), raw: (job) => job.restoreJobId },
      { header: "STATUS", show: (job) => Symbols.status(screen, phaseOf(job), job.status), raw: (job) => job.status },
      { header: "INDEX", show: (job) => Format.plain(job.targetIndexName), raw: (job) => job.targetIndexName },
      { header: "INDEX ID", show: (job) => Format.plain(job.targetIndexId), raw: (job) => job.targetIndexId },
      { header: "BACKUP", show: (job) => Format.plain(job.backupId), raw: (job) => job.backupId },
      {
        header: "STARTED",
        show: (job) => known(job.createdAt, exactly),
        raw: (job) => raw(job.createdAt, Format.iso)
      },
      { header: "FINISHED", show: finished, raw: (job) => raw(job.completedAt, Format.iso) },
      {
        header: "PROGRESS",
        show: (job) => Format.orElse("not reported")(job.percentComplete, (percent) => `${percent}%`),
        raw: (job) => raw(job.percentComplete, String)
      }
    ]
  }
  return view
})

/** How lists of restore jobs are printed. */
const jobsView = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const when = yield* Time.when
  const exactly = yield* Time.exactly
  const now = yield* Time.now
  const known = Symbols.orDash(screen)
  /** One that is under way says for how long. */
  const took = (job: RestoreJob.RestoreJob) =>
    known(
      durationOf(job) ??
        (job.createdAt && !RestoreJob.isFinal(job) ? DateTime.distance(job.createdAt, now) : undefined),
      (took) => `${Format.elapsed(took)}${RestoreJob.isFinal(job) ? "" : " so far"}`
    )

  const view: Output.View<RestoreJob.RestoreJob> = {
    toJson: RestoreJob.toJson,
    id: (job) => job.restoreJobId,
    columns: [
      {
        header: "INDEX",
        shrinkTo: 12,
        show: (job) => Format.plain(job.targetIndexName),
        raw: (job) => job.targetIndexName
      },
      { header: "STATUS", show: (job) => Symbols.status(screen, phaseOf(job), job.status), raw: (job) => job.status },
      {
        header: "PROGRESS",
        align: "right",
        dropAt: 4,
        show: (job) => known(job.percentComplete, (percent) => `${Math.floor(percent)}%`),
        raw: (job) => raw(job.percentComplete, String)
      },
      {
        header: "STARTED",
        dropAt: 1,
        show: (job) => known(job.createdAt, when),
        wide: (job) => known(job.createdAt, exactly),
        raw: (job) => raw(job.createdAt, Format.iso)
      },
      { header: "TOOK", dropAt: 3, show: took, raw: (job) => raw(job.completedAt, Format.iso) },
      {
        header: "BACKUP",
        dropAt: 5,
        show: (job) => Format.plain(Format.shortId(job.backupId)),
        wide: (job) => Format.plain(job.backupId),
        raw: (job) => job.backupId
      },
      {
        header: "JOB",
        dropAt: 2,
        show: (job) => screen.style("dim", Format.plain(Format.shortId(job.restoreJobId))),
        wide: (job) => Format.plain(job.restoreJobId),
        raw: (job) => job.restoreJobId
      }
    ]
  }
  return view
})

/** How the answer to a start is printed. */
const startedView: Output.View<RestoreJob.Started> = {
  toJson: ({ indexId, restoreJobId }) => Schema.encodeSync(RestoreJob.StartedFromWire)({ indexId, restoreJobId }),
  id: ({ restoreJobId }) => restoreJobId,
  columns: [
    {
      header: "JOB",
      show: ({ restoreJobId }) => Format.plain(restoreJobId),
      raw: ({ restoreJobId }) => restoreJobId
    },
    { header: "INDEX ID", show: ({ indexId }) => Format.plain(indexId), raw: ({ indexId }) => indexId }
  ]
}

// ============================================================================
// start, wait
// ============================================================================

/** What the newest restores of this project took that are completed. */
const estimate = Effect.gen(function*() {
  const jobs = yield* RestoreJobs.RestoreJobs
  const { isUnicode } = yield* Screen.Screen
  const { data } = yield* jobs.listPage({ limit: 100 })
  const millisOf = ({ completedAt }: RestoreJob.RestoreJob) => completedAt ? DateTime.toEpochMillis(completedAt) : 0
  const durations = data.filter(RestoreJob.isCompleted)
    .sort((self, that) => millisOf(that) - millisOf(self))
    .flatMap((job) => durationOf(job) ?? [])
  return Waiting.estimate("restore", durations, isUnicode)
})

type State = RestoreJob.RestoreJob | PineconeIndex.PineconeIndex

const isJob = (state: State): state is RestoreJob.RestoreJob => "restoreJobId" in state

/** How the job of a restore that is ready is printed. */
const restoredView = Effect.map(jobView, (view): Output.View<RestoreJobs.Restored> => ({
  toJson: ({ job }) => view.toJson(job),
  id: ({ job }) => view.id(job),
  columns: view.columns.map(({ raw, show, wide, ...column }) => ({
    ...column,
    show: ({ job }) => show(job),
    wide: wide && (({ job }) => wide(job)),
    raw: ({ job }) => raw(job)
  }))
}))

const waitKind = Effect.gen(function*() {
  const jobs = yield* RestoreJobs.RestoreJobs
  return {
    noun: "restore",
    field: "restore_job",
    toJson: ({ job }: RestoreJobs.Restored) => RestoreJob.toJson(job),
    view: restoredView,
    run: (id: string, options: RestoreJobs.AwaitOptions<State>) =>
      jobs.awaitReady(RestoreJob.RestoreJobId.make(id), options),
    nameOf: (state: State) => isJob(state) ? state.targetIndexName : state.name,
    // The job comes first, and the index once that is completed.
    statusOf: (state: State) => isJob(state) ? state.status : "Completed",
    detailOf: (state: State) => isJob(state) ? undefined : `index ${state.status?.state ?? "not ready yet"}`,
    isFinal: (state: State) => isJob(state) ? RestoreJob.isFailed(state) : PineconeIndex.isFinal(state),
    percentOf: (state: State) => isJob(state) ? state.percentComplete : undefined,
    summaryOf: () => undefined,
    estimate
  } as const
})

/** `pcb restore start` */
export const start = Effect.fnUntraced(
  function*(
    { deletionProtection, dryRun, name, tags, target, timeout, wait }: Handler.Input<typeof definitions.start>
  ) {
    const selector = Target.of(target)
    // An id needs no look-up, unless there is nothing else to do.
    const backup = Select.isUuid(selector) && !dryRun ? undefined : yield* Select.backup(selector)
    if (backup !== undefined) {
      const now = yield* Time.now
      const what = Format.plain(`${backup.name || "a backup without a name"} (${facts(backup, now)})`)
      yield* Note.info(`${Format.plain(selector)} = ${what}`)
    }
    const backups = yield* Backups.Backups
    const id = backup?.backupId ?? Backup.BackupId.make(selector)
    const options = {
      name,
      tags: Option.getOrUndefined(tags),
      deletionProtection: deletionProtection ? "enabled" as const : undefined
    }
    if (dryRun) {
      yield* backups.checkRestore(id, options)
      const isTaken = (yield* (yield* Indexes.Indexes).list).some((index) => index.name === name)
      const obstacle = isTaken
        ? `there is an index ${Format.plain(name)} already`
        : backup !== undefined && !Backup.isReady(backup)
        ? `the backup is ${Format.plain(backup.status)}, not Ready`
        : undefined
      return obstacle === undefined
        ? yield* Note.info(`Would restore it into a new index, ${Format.plain(name)}`)
        : yield* new CliFailure({
          code: "WOULD_BE_REFUSED",
          message: `it would be refused: ${obstacle}`,
          exitCode: ExitCode.refused
        })
    }

    const started = yield* backups.restore(id, options).pipe(Note.onInDoubt("restore", "pcb restore list"))
    yield* Note.info(
      `Started restore job ${Format.plain(started.restoreJobId)} into ${Format.plain(name)}${Note.recovered(started)}`
    )
    if (!wait) {
      yield* Output.made(startedView, [started])
      return yield* Note.nextStep(CommandLine.make`pcb restore wait ${started.restoreJobId}`)
    }
    yield* Waiting.all(yield* waitKind, [started.restoreJobId], { timeout, isFresh: true, name })
    yield* Note.nextStep(
      CommandLine.make`pcb schedule create ${name} --every daily --keep 30`,
      "schedules are per index: it has none yet"
    )
  }
)

/** `pcb restore wait` */
export const wait = Effect.fnUntraced(function*({ target, timeout }: Handler.Input<typeof definitions.wait>) {
  const ids = Array.dedupe(yield* Effect.forEach(Target.all(target), Select.jobId))
  if (Array.isReadonlyArrayNonEmpty(ids)) yield* Waiting.all(yield* waitKind, ids, { timeout, isFresh: false })
})

// ============================================================================
// list, describe
// ============================================================================

/** `pcb restore list` */
export const list = Effect.fnUntraced(function*({ active }: Handler.Input<typeof definitions.list>) {
  const jobs = yield* RestoreJobs.RestoreJobs
  const millisOf = ({ createdAt }: RestoreJob.RestoreJob) =>
    createdAt ? DateTime.toEpochMillis(createdAt) : Number.NEGATIVE_INFINITY
  // The service promises no order, so all of them have to be there before the first can be printed.
  const rows = (yield* Stream.runCollect(jobs.list()))
    .filter((job) => !active || !RestoreJob.isFinal(job))
    .sort((self, that) => millisOf(that) - millisOf(self))
  yield* Output.list(yield* jobsView, Stream.fromIterable(rows), {
    limit: Option.none(),
    empty: active ? "No restore is under way" : "No restore jobs"
  })
})

/** Prints a restore job. */
export const showJob = Effect.fnUntraced(function*(selector: string) {
  const jobs = yield* RestoreJobs.RestoreJobs
  yield* Output.one(yield* jobView, yield* jobs.describe(yield* Select.jobId(selector)))
})

/** `pcb restore describe` */
export const describe = ({ target }: Handler.Input<typeof definitions.describe>) => showJob(Target.of(target))
