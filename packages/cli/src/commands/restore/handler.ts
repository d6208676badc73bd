/** What runs `pcb restore`. */
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Target from "../../input/Target.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as Time from "../../output/Time.ts"
import * as BackupView from "../../shared/BackupView.ts"
import * as Selector from "../../shared/Selector.ts"
import * as Waiting from "../../shared/Waiting.ts"
import * as WaitText from "../../shared/WaitText.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as RestoreView from "./RestoreView.ts"

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
    .flatMap((job) => RestoreView.durationOf(job) ?? [])
  return WaitText.estimate("restore", durations, isUnicode)
})

type State = RestoreJob.RestoreJob | PineconeIndex.PineconeIndex

const isJob = (state: State): state is RestoreJob.RestoreJob => "restoreJobId" in state

const waitKind = Effect.gen(function*() {
  const jobs = yield* RestoreJobs.RestoreJobs
  return {
    noun: "restore",
    toJson: ({ job }: RestoreJobs.Restored) => RestoreJob.toJson(job),
    view: RestoreView.restored,
    run: (id: string, options: RestoreJobs.AwaitOptions<State>) =>
      jobs.awaitReady(RestoreJob.RestoreJobId.make(id), options),
    // The job comes first, and the index once that is completed.
    stateOf: (state: State) =>
      isJob(state)
        ? { name: state.targetIndexName, status: state.status, percent: state.percentComplete ?? undefined }
        : { name: state.name, status: "Completed", detail: `index ${state.status?.state ?? "not ready yet"}` },
    isFinal: (state: State) => isJob(state) ? RestoreJob.isFailed(state) : PineconeIndex.isFinal(state),
    estimate
  } as const
})

interface StartInput {
  readonly target: Target.One
  readonly name: string
  readonly tags: Option.Option<Readonly<Record<string, string>>>
  readonly deletionProtection: boolean
  readonly wait: boolean
  readonly timeout: Option.Option<Duration.Duration>
  readonly dryRun: boolean
}

/** `pcb restore start` */
export const start = Effect.fnUntraced(function*(input: StartInput) {
  const { deletionProtection, dryRun, name, tags, target, timeout, wait } = input
  const selector = Target.of(target)
  // An id needs no look-up, unless there is nothing else to do.
  const backup = Selector.isUuid(selector) && !dryRun ? undefined : yield* Selector.backup(selector)
  if (backup !== undefined) {
    const now = yield* Time.now
    const what = Format.plain(`${backup.name || "a backup without a name"} (${BackupView.facts(backup, now)})`)
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
    yield* Output.made(yield* RestoreView.started, [started])
    return yield* Note.nextStep(CommandLine.make`pcb restore wait ${started.restoreJobId}`)
  }
  yield* Waiting.all(yield* waitKind, [started.restoreJobId], { timeout, isFresh: true, name })
  yield* Note.nextStep(
    CommandLine.make`pcb schedule create ${name} --every daily --keep 30`,
    "schedules are per index: it has none yet"
  )
})

/** `pcb restore wait` */
export const wait = Effect.fnUntraced(function*({ target, timeout }: Waiting.Input) {
  const ids = yield* Effect.forEach(Target.all(target), Selector.jobId)
  yield* Waiting.all(yield* waitKind, Array.dedupe(ids), { timeout, isFresh: false })
})

// ============================================================================
// list, describe
// ============================================================================

/** `pcb restore list` */
export const list = Effect.fnUntraced(function*({ active }: { readonly active: boolean }) {
  const jobs = yield* RestoreJobs.RestoreJobs
  const millisOf = ({ createdAt }: RestoreJob.RestoreJob) =>
    createdAt ? DateTime.toEpochMillis(createdAt) : Number.NEGATIVE_INFINITY
  // The service promises no order, so all of them have to be there before the first can be printed.
  const rows = (yield* Stream.runCollect(jobs.list()))
    .filter((job) => !active || !RestoreJob.isFinal(job))
    .sort((self, that) => millisOf(that) - millisOf(self))
  yield* Output.list(yield* RestoreView.list, Stream.fromIterable(rows), {
    limit: Option.none(),
    empty: active ? "No restore is under way" : "No restore jobs"
  })
})

/** Prints a restore job. */
export const showJob = Effect.fnUntraced(function*(selector: string) {
  const jobs = yield* RestoreJobs.RestoreJobs
  yield* Output.one(yield* RestoreView.detail, yield* jobs.describe(yield* Selector.jobId(selector)))
})

/** `pcb restore describe` */
export const describe = ({ target }: { readonly target: Target.One }) => showJob(Target.of(target))
