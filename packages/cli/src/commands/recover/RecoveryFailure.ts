/** CLI errors of recoveries: their exit codes, and the command to run next. */
import * as Recovery from "@pinecone-backups/core/plan/Recovery"
import type * as RecoveryPlan from "@pinecone-backups/core/plan/RecoveryPlan"
import type * as RecoveryReport from "@pinecone-backups/core/plan/RecoveryReport"
import type * as DateTime from "effect/DateTime"
import * as CommandLine from "../../output/CommandLine.ts"
import * as DescribeError from "../../output/DescribeError.ts"
import type * as ErrorReport from "../../output/ErrorReport.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Format from "../../terminal/Format.ts"
import * as RecoveryOptions from "./RecoveryOptions.ts"
import * as RecoveryText from "./RecoveryText.ts"

/** What an error needs to suggest the next command. */
interface Context {
  readonly options: RecoveryPlan.Options
  readonly input: RecoveryOptions.Input
  readonly when: (instant: DateTime.Utc) => string
}

const copyFacts = (copy: RecoveryPlan.Copy, { when }: Context): string =>
  `backup ${RecoveryText.backupName(copy)}, ${
    copy.recordCount === null ? "an unknown number of records" : Format.countOf(copy.recordCount, "record")
  }${copy.takenAt === null ? "" : `, taken ${when(copy.takenAt)}`}`

type Part = Pick<ErrorReport.ErrorReport, "details" | "exitCode" | "hint" | "why">

const refusalPart = (reason: RecoveryPlan.RefusalReason, context: Context): Part => {
  const { input, options, when } = context
  const listBackups = CommandLine.make`pcb backup list --index ${options.index} --include-deleted`
  const again = (changes: Parameters<typeof RecoveryOptions.command>[2]) =>
    RecoveryOptions.command(options, input, changes)
  switch (reason._tag) {
    case "NoBackups":
      return {
        why: "only backups can bring an index back",
        hint: CommandLine.make`pcb backup list`,
        exitCode: ExitCode.notFound
      }
    case "NoGoodCopy":
      return {
        details: [
          ...reason.skipped.map((backup) => RecoveryText.skipped(backup, when)),
          ...reason.others.map((index) => `other index ${RecoveryText.other(index, when)}`)
        ],
        hint: reason.best === null ? listBackups : again({ backupId: reason.best.backupId }),
        exitCode: ExitCode.refused
      }
    case "UnknownBackup":
    case "UnknownIndexId":
      return { hint: listBackups, exitCode: ExitCode.notFound }
    case "BackupDeleted":
      return {
        hint: CommandLine.within(CommandLine.make`pcb backup create ${reason.sideCopy} --wait`, {
          before: "use the side copy; to make a new index from it, back it up first: ",
          otherwise: "use the side copy; to make a new index from it, back it up first"
        }),
        exitCode: ExitCode.refused
      }
    case "BackupNotReady":
      return { hint: CommandLine.make`pcb backup describe ${reason.backupId}`, exitCode: ExitCode.refused }
    case "ContradictoryId":
      return {
        why:
          "the index IDs of its schedules and backups differ or are missing, so its backups cannot be told from those of a deleted index; pcb restore start can still restore one into a new index",
        hint: listBackups,
        exitCode: ExitCode.refused
      }
    case "IndexExists":
      return {
        why: copyFacts(reason.copy, context),
        hint: reason.hasSideCopy
          ? again({ backupId: reason.copy.backupId, replace: true })
          : again({ backupId: reason.copy.backupId, to: reason.sideCopy }),
        exitCode: ExitCode.refused
      }
    case "NameTaken":
      return { hint: "use another name with --to", exitCode: ExitCode.refused }
    case "NoSideCopy":
      return {
        why: copyFacts(reason.copy, context),
        hint: again({ backupId: reason.copy.backupId, to: reason.sideCopy, replace: false }),
        exitCode: ExitCode.refused
      }
    case "OnlyCounts":
      return {
        why: "records of an index with a typed schema are not read; read some records of the side copy yourself",
        hint: again({ backupId: reason.copy.backupId, replace: true, verify: "count" }),
        exitCode: ExitCode.refused
      }
    case "RestoreFailed":
      return {
        why: "the service did not give a reason",
        hint: reason.isRemovable
          ? again({ backupId: reason.copy.backupId, replace: true })
          : reason.older === null
          ? listBackups
          // The index that the restore left behind has the name of the side copy.
          : again({
            backupId: reason.older,
            to: Recovery.sideCopyName(options.index, reason.older),
            replace: false
          }),
        exitCode: ExitCode.failed
      }
    case "IndexQuota":
      return { hint: "delete an index, or raise the quota in the Pinecone console", exitCode: ExitCode.refused }
  }
}

/** Converts a refusal to a CLI error. */
export const ofRefusal = (refusal: RecoveryPlan.Refusal, context: Context): ErrorReport.ErrorReport => ({
  code: "RECOVERY_REFUSED",
  message: Format.plain(refusal.message),
  ...refusalPart(refusal.reason, context)
})

/** The resource that a failed recovery started. */
const startedBy = ({ backupId, restoreJobId }: RecoveryReport.Started): ErrorReport.ErrorReport["started"] =>
  restoreJobId === null ? undefined : { restoreJobId, backupId }

const exitCodes: Readonly<Record<Exclude<RecoveryReport.Code, "refused" | "request">, number>> = {
  moved: ExitCode.refused,
  quota: ExitCode.refused,
  "restore-failed": ExitCode.failed,
  "backup-failed": ExitCode.failed,
  unverified: ExitCode.unverified,
  "verification-failed": ExitCode.failed,
  "not-empty": ExitCode.failed,
  timeout: ExitCode.timedOut
}

/** Errors after which the same command cannot succeed. */
const isOver = (code: RecoveryReport.Code): boolean =>
  ["restore-failed", "unverified", "verification-failed", "not-empty"].includes(code)

/** Converts a failed recovery to a CLI error with the command that continues it. */
export const of = (error: RecoveryReport.RecoveryError, context: Context): ErrorReport.ErrorReport => {
  const { cause, code, options, refusal, started, step } = error
  if (code === "refused" && refusal !== undefined) return ofRefusal(refusal, { ...context, options })
  const again = RecoveryOptions.command(options, context.input)
  const why = started.hasDeleted
    ? `index ${Format.plain(options.index)} is deleted; the same command restores it`
    : step === null
    ? undefined
    : `while ${RecoveryText.activity(step)} (index ${Format.plain(step.indexName)})`
  if (code === "request" || code === "refused") {
    const report = DescribeError.toReport(cause ?? error)
    return {
      ...report,
      why: [report.why, why].filter((part) => part !== undefined).join("; "),
      hint: started.hasDeleted || report.exitCode !== ExitCode.usage ? again : report.hint,
      started: startedBy(started)
    }
  }
  const detail = code === "backup-failed" ? "--no-backup skips this backup" : undefined
  return {
    code: `RECOVERY_${code.replaceAll("-", "_").toUpperCase()}`,
    message: Format.plain(error.message),
    why: [why, detail].filter((part) => part !== undefined).join("; ") || undefined,
    hint: isOver(code)
      ? CommandLine.make`pcb backup list --index ${options.index} --include-deleted`
      : again,
    started: startedBy(started),
    exitCode: exitCodes[code]
  }
}
