/** Handlers of `pcb restore`. */
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
import * as Confirmation from "../../shared/Confirmation.ts"
import * as CopyView from "../../shared/CopyView.ts"
import * as DryRun from "../../shared/DryRun.ts"
import * as Listing from "../../shared/Listing.ts"
import * as Selector from "../../shared/Selector.ts"
import * as Waiting from "../../shared/Waiting.ts"
import * as WaitText from "../../shared/WaitText.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as RestoreView from "./RestoreView.ts"
import * as SourceSchedule from "./SourceSchedule.ts"

// ============================================================================
// start, wait
// ============================================================================

/** How long the restore of a backup takes, by the last drill of its index. Loaded here, because `restore list` needs no store. */
const byDrill = <E, R>(backup: Effect.Effect<Backup.Backup, E, R>) =>
  Effect.flatMap(
    Effect.promise(() => import("../../shared/RestoreEstimate.ts")),
    (RestoreEstimate) => RestoreEstimate.byDrill(backup)
  )

/** How long the restore of a backup takes: by the last drill of its index, or by the newest restores of the project. */
const estimate = Effect.fnUntraced(function*<E, R>(backup: Effect.Effect<Backup.Backup, E, R> | undefined) {
  const drill = backup && (yield* byDrill(backup))
  if (drill !== undefined) return drill
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

const waitKind = Effect.fnUntraced(function*<E, R>(backup: Effect.Effect<Backup.Backup, E, R> | undefined) {
  const jobs = yield* RestoreJobs.RestoreJobs
  return {
    noun: "restore",
    toJson: ({ job }: RestoreJobs.Restored) => RestoreJob.toJson(job),
    view: RestoreView.restored,
    run: (id: string, options: RestoreJobs.AwaitOptions<State>) =>
      jobs.awaitReady(RestoreJob.RestoreJobId.make(id), options),
    // Reports the job first, then the index after the job is completed.
    stateOf: (state: State) =>
      isJob(state)
        ? { name: state.targetIndexName, status: state.status, percent: state.percentComplete ?? undefined }
        : { name: state.name, status: "Completed", detail: `index ${state.status?.state ?? "not ready yet"}` },
    isFinal: (state: State) => isJob(state) ? RestoreJob.isFailed(state) : PineconeIndex.isFinal(state),
    estimate: estimate(backup)
  } as const
})

interface StartInput {
  readonly target: Target.One
  readonly name: string
  readonly tags: Option.Option<Readonly<Record<string, string>>>
  readonly deletionProtection: boolean
  readonly wait: boolean
  readonly timeout: Option.Option<Duration.Duration>
  readonly yes: boolean
  readonly dryRun: boolean
}

/** The reason not to restore a backup, if any. */
const doubtOf = Effect.fnUntraced(function*(backup: Backup.Backup) {
  const beside = yield* Listing.backupsEverOf(backup.sourceIndexName).pipe(
    Effect.catchTag("PineconeNotFound", () => Effect.succeed([])),
    Effect.option
  )
  const others = Option.getOrElse(beside, () => []).filter(({ backupId }) => backupId !== backup.backupId)
  const copies = yield* CopyView.judge([...others, backup], yield* Time.now)
  const copy = copies.find((copy) => copy.backup.backupId === backup.backupId)
  // The service rejects backups that are not ready.
  if (copy === undefined || !Backup.isReady(backup)) return undefined
  return CopyView.flawOf(copy) ??
    (Option.isNone(beside) ? "the other backups of the index cannot be listed for comparison" : undefined)
})

/**
 * Warns about a backup that is not good, and asks for confirmation. Returns the confirmations that a dry run does not
 * ask for.
 */
const confirmStart = Effect.fnUntraced(function*(backup: Backup.Backup, { dryRun, name, yes }: StartInput) {
  const doubt = yield* doubtOf(backup)
  if (doubt === undefined) return []
  const screen = yield* Screen.Screen
  const what = Format.plain(BackupView.nameOf(backup))
  const warning = Format.plain(`${Symbols.note(screen, "warning")} ${what} is not a good backup: ${doubt}`)
  const action = `restore backup ${what} into ${name}`
  yield* dryRun ? Note.info(warning) : Confirmation.ask({ consequences: [warning], action }, yes)
  return dryRun && !yes ? [{ action }] : []
})

/** `pcb restore start` */
export const start = Effect.fnUntraced(function*(input: StartInput) {
  const { deletionProtection, dryRun, name, tags, target, timeout, wait } = input
  const selector = Target.of(target)
  const backup = yield* Selector.backup(selector)
  const now = yield* Time.now
  const facts = Format.plain(`${backup.name || "unnamed backup"} (${yield* BackupView.facts(backup, now)})`)
  yield* Note.info(`${Format.plain(selector)} = ${facts}`)
  const questions = yield* confirmStart(backup, input)
  const backups = yield* Backups.Backups
  const options = {
    name,
    tags: Option.getOrUndefined(tags),
    deletionProtection: deletionProtection ? "enabled" as const : undefined
  }
  if (dryRun) {
    const request = yield* backups.checkRestore(backup.backupId, options)
    const isTaken = (yield* (yield* Indexes.Indexes).list).some((index) => index.name === name)
    const obstacle = isTaken
      ? `index "${Format.plain(name)}" already exists`
      : !Backup.isReady(backup)
      ? `the backup is ${Format.plain(backup.status)}, not Ready`
      : undefined
    if (obstacle !== undefined) {
      return yield* new CliFailure({
        code: "WOULD_BE_REFUSED",
        message: `The restore would be rejected: ${obstacle}`,
        exitCode: ExitCode.refused
      })
    }
    const duration = yield* byDrill(Effect.succeed(backup))
    yield* Note.info(
      `Would restore it into a new index named ${Format.plain(name)}${duration === undefined ? "" : `, in ${duration}`}`
    )
    return yield* DryRun.print({ requests: [request], questions })
  }

  const started = yield* backups.restore(backup.backupId, options).pipe(
    Note.onInDoubt("restore", CommandLine.make`pcb restore list`)
  )
  yield* Note.info(
    `Started restore job ${Format.plain(started.restoreJobId)} into ${Format.plain(name)}${Note.recovered(started)}`
  )
  if (!wait) {
    yield* Output.made(yield* RestoreView.started, [started])
    return yield* Note.nextStep(CommandLine.make`pcb restore wait ${started.restoreJobId}`)
  }
  yield* Waiting.all(yield* waitKind(Effect.succeed(backup)), [started.restoreJobId], { timeout, isFresh: true, name })
  const like = yield* SourceSchedule.of(backup)
  if (like === undefined) return
  yield* Note.nextStep(
    CommandLine.make`pcb schedule create ${name} --every ${like.frequency} --keep ${like.keep}`,
    "the new index has no schedule yet"
  )
})

/** `pcb restore wait` */
export const wait = Effect.fnUntraced(function*({ target, timeout }: Waiting.Input) {
  const ids = yield* Effect.forEach(Target.all(target), Selector.jobId)
  const jobs = yield* RestoreJobs.RestoreJobs
  const backups = yield* Backups.Backups
  const [first, ...others] = Array.dedupe(ids)
  // Several restores take as long as the longest, which drills of one index do not tell.
  const backup = first === undefined || others.length > 0
    ? undefined
    : Effect.flatMap(jobs.describe(first), ({ backupId }) => backups.describe(backupId))
  yield* Waiting.all(yield* waitKind(backup), Array.dedupe(ids), { timeout, isFresh: false })
})

// ============================================================================
// list, describe
// ============================================================================

/** `pcb restore list` */
export const list = Effect.fnUntraced(function*({ active }: { readonly active: boolean }) {
  const jobs = yield* RestoreJobs.RestoreJobs
  yield* Output.newest(
    RestoreView.list,
    Stream.filter(jobs.list(), (job) => !active || !RestoreJob.isFinal(job)),
    {
      limit: Option.none(),
      empty: active ? "No restores are running" : "No restore jobs",
      at: ({ createdAt }) => createdAt ? DateTime.toEpochMillis(createdAt) : Number.NEGATIVE_INFINITY
    }
  )
})

/** Prints a restore job. */
export const showJob = Effect.fnUntraced(function*(selector: string) {
  const jobs = yield* RestoreJobs.RestoreJobs
  yield* Output.one(yield* RestoreView.detail, yield* jobs.describe(yield* Selector.jobId(selector)))
})

/** `pcb restore describe` */
export const describe = ({ target }: { readonly target: Target.One }) => showJob(Target.of(target))
