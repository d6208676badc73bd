/** Errors of a guard whose command was not run. */
import type * as Backup from "@pinecone-backups/core/Backup"
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as Backups from "@pinecone-backups/core/Backups"
import type * as Copies from "@pinecone-backups/core/health/Copies"
import * as Name from "@pinecone-backups/core/Name"
import type * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Guard from "@pinecone-backups/core/plan/Guard"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { CliFailure } from "../../output/CliFailure.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as DescribeError from "../../output/DescribeError.ts"
import type * as ErrorReport from "../../output/ErrorReport.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import * as BackupView from "../../shared/BackupView.ts"
import * as Missing from "../../shared/Missing.ts"
import * as Format from "../../terminal/Format.ts"

interface Part extends Partial<ErrorReport.ErrorReport> {
  readonly code: string
}

const notGoodHints: Partial<Readonly<Record<Copies.State, CommandLine.Hint | undefined>>> = {
  empty: "records of the last 15 minutes are not in a backup; if the index may be empty, add --allow-empty",
  future: CommandLine.within(CommandLine.make`pcb doctor`, {
    before: "check the clock of this machine: ",
    otherwise: "check the clock of this machine"
  })
}

/** The error code, the reason and the next step. */
const partOf = ({ indexName, reason }: Guard.NoNet): Part =>
  Guard.Reason.$match(reason, {
    InvalidOption: ({ cause }) => DescribeError.toReport(cause),
    IndexNotFound: ({ cause }) => DescribeError.toReport(cause),
    RequestFailed: ({ cause }): Part => {
      const report = DescribeError.toReport(cause)
      return report.isInDoubt === true
        ? { ...report, hint: CommandLine.make`pcb backup list --index ${indexName}` ?? report.hint }
        : report
    },
    QuotaExceeded: ({ cause }) => DescribeError.toReport(cause),
    BackupFailed: () => ({ code: "BACKUP_FAILED", why: "the service did not give a reason" }),
    TimedOut: ({ backupId }): Part => ({
      code: "WAIT_TIMED_OUT",
      why: "the backup is still being created",
      hint: CommandLine.make`pcb backup wait ${backupId}`
    }),
    NotGood: ({ state }): Part => ({ code: "BACKUP_NOT_GOOD", hint: notGoodHints[state] }),
    Shrunk: () => ({ code: "BACKUP_SHRUNK", hint: "if the index was made smaller on purpose, add --allow-shrunk" }),
    IndexReplaced: () => ({ code: "INDEX_REPLACED" }),
    IdentityUnknown: () => ({ code: "INDEX_UNKNOWN" })
  })

/** The next step if the quota of the project is used up. Only manual backups can be pruned. */
const roomFor = Effect.fnUntraced(function*(index: PineconeIndex.IndexName) {
  const prune = CommandLine.make`pcb backup prune ${index} --keep-last 3 --dry-run`
  const backups = yield* Backups.Backups
  const all = yield* Effect.orElseSucceed(Stream.runCollect(backups.list()), () => [])
  const manual = all.filter((backup) => BackupRun.plannedFor(backup) === undefined)
  if (all.length === 0 || manual.some(({ sourceIndexName }) => Name.isSame(sourceIndexName, index))) return prune
  if (manual.length > 0) return CommandLine.make`pcb backup prune --all --keep-last 3 --dry-run`
  return CommandLine.within(CommandLine.make`pcb schedule update INDEX --keep DAYS`, {
    before: "scheduled backups cannot be pruned; to delete older ones, shorten a retention: ",
    otherwise: "scheduled backups cannot be pruned; to delete older ones, shorten a retention"
  })
})

/** Describes a missing net, and says that the command was not run. */
export const explained = (index: string, program: string) => <A, E, R>(self: Effect.Effect<A, E | Guard.NoNet, R>) =>
  Effect.catchIf(
    self,
    (error): error is Guard.NoNet => error instanceof Guard.NoNet,
    Effect.fnUntraced(function*(error) {
      const part = partOf(error)
      const advice = error.reason._tag === "IndexNotFound" ? yield* Missing.advice(index) : undefined
      const room = error.reason._tag === "QuotaExceeded" ? yield* roomFor(error.indexName) : undefined
      const { backupId, message } = error
      const notRun = `${program === "" ? "the command" : Format.plain(program)} was not run`
      return yield* new CliFailure({
        ...part,
        ...advice,
        ...(room !== undefined && { hint: room }),
        message,
        why: part.why === undefined ? notRun : `${part.why}; ${notRun}`,
        started: backupId === undefined ? undefined : { backupId },
        exitCode: ExitCode.notRun
      })
    })
  )

/** Gives every error and defect the exit code of a command that was not run. */
export const notRun = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, CliFailure, R> =>
  Effect.catchCause(self, (cause) => {
    // A cause of interrupts only has no errors.
    if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause as Cause.Cause<never>)
    return Effect.fail(new CliFailure({ ...DescribeError.toReport(Cause.squash(cause)), exitCode: ExitCode.notRun }))
  })

/** What a guard has done before an interrupt. */
export interface Done {
  isStarting: boolean
  backup: Backup.Backup | undefined
}

/** The note after an interrupt. */
export const interrupted = Effect.fnUntraced(function*(index: string, program: string, { backup, isStarting }: Done) {
  const list = yield* SameConnection.add(CommandLine.make`pcb backup list --index ${index}`)
  const what = backup !== undefined
    ? ` Backup ${Format.plain(BackupView.nameOf(backup))} (${Format.shortId(backup.backupId)}) was started and is kept.`
    : isStarting
    ? ` A backup may have started.${list === undefined ? "" : ` To check, run ${list}`}`
    : ""
  return `Interrupted; ${Format.plain(program)} was not run.${what}`
})
