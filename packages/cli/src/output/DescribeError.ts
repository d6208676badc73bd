/** Describes errors of core, of configuration and of the command line. Loaded on demand. */
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as WaitError from "@pinecone-backups/core/WaitError"
import * as CliError from "effect/cli/CliError"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Format from "../terminal/Format.ts"
import { CliFailure, Reported } from "./CliFailure.ts"
import * as CommandLine from "./CommandLine.ts"
import * as ConnectionHints from "./ConnectionHints.ts"
import * as ErrorReport from "./ErrorReport.ts"
import * as ExitCode from "./ExitCode.ts"
import * as SameConnection from "./SameConnection.ts"
import * as SchemaIssues from "./SchemaIssues.ts"

/** Exit codes and default hints by error category. */
const categories: Readonly<Record<PineconeError.Category, readonly [exitCode: number, hint?: string]>> = {
  auth: [ExitCode.auth, "check PINECONE_API_KEY"],
  permission: [ExitCode.auth, "use an API key whose role can access backups, in a project whose plan includes them"],
  quota: [ExitCode.refused, "free some of the quota, or raise it in the Pinecone console"],
  notFound: [ExitCode.notFound, "check the name or ID, and that it belongs to the project of the API key"],
  conflict: [ExitCode.refused, "check what already exists"],
  validation: [ExitCode.usage],
  throttling: [ExitCode.refused, "wait, then try again"],
  server: [ExitCode.unexpected, "try again later; if the error persists, report the request ID"],
  transport: [ExitCode.unreachable],
  protocol: [
    ExitCode.unexpected,
    "the response is not from Pinecone's API: check --host and PINECONE_CONTROLLER_HOST"
  ]
}

/** Hints for specific errors. */
const hints: { readonly [Tag in PineconeError.ListError["_tag"]]?: string } = {
  PineconeConnectionFailed: ConnectionHints.usual,
  PineconeRequestTimedOut: "raise the timeout, for example with --request-timeout 2m",
  PineconeUnimplemented: "set PINECONE_API_VERSION to the other version: 2026-04 or 2026-07",
  PineconeFailedPrecondition: "wait until the backup is ready or its restores are finished",
  PineconePaymentRequired: "pay the overdue invoices"
}

/** How to list existing resources if an ID does not exist, by service. */
const leftBehind: Readonly<Record<string, readonly [command: CommandLine.Command | undefined, shows: string]>> = {
  Backups: [CommandLine.make`pcb backup list`, "shows existing backups"],
  BackupSchedules: [CommandLine.make`pcb schedule list`, "shows existing schedules"],
  RestoreJobs: [
    CommandLine.make`pcb restore list`,
    "shows existing jobs, because jobs are deleted with their target index"
  ]
}

/** Returns `true` for operations on a resource selected by ID. */
const isById = (operation: string): boolean => !/\.(create|list|listByIndex)$/.test(operation)

/** Returns `true` if a failed request may have taken effect. */
export const isInDoubt = (error: unknown): boolean => Predicate.hasProperty(error, "inDoubt") && error.inDoubt === true

const hintOf = (error: PineconeError.ListError): CommandLine.Hint | undefined => {
  if (isInDoubt(error)) return "check whether the request succeeded before retrying"
  // A gateway may send `Retry-After` with errors that waiting does not fix. Core's own hint mentions a retry policy,
  // which pcb users cannot change.
  if (error.isRetryable && error.retryAfter !== undefined) {
    return `wait ${Format.elapsed(error.retryAfter)}, then try again`
  }
  if ("hint" in error && error.hint !== undefined) return error.hint
  const left = error.category === "notFound" && isById(error.operation)
    ? leftBehind[error.operation.split(".")[0] ?? ""]
    : undefined
  if (error._tag === "PineconeForbidden" && /^(Indexes\.delete$|DELETE \/indexes\/)/.test(error.operation)) {
    return "disable the deletion protection of the index first"
  }
  if (error._tag === "PineconeForbidden" && error.operation === "Backups.create") {
    return "delete backups, for example with pcb backup prune, or raise the quota in the Pinecone console"
  }
  if (left !== undefined) {
    const [command, shows] = left
    const otherwise = "check the name or ID, and the project of the API key"
    return CommandLine.within(command, { before: `${otherwise}: `, after: ` ${shows}`, otherwise })
  }
  if (error._tag === "PineconeConnectionFailed" && Object.hasOwn(ConnectionHints.certificates, error.code ?? "")) {
    return ConnectionHints.certificates[error.code ?? ""]
  }
  return hints[error._tag] ?? categories[error.category][1]
}

const reportOf = (error: PineconeError.ListError): ErrorReport.ErrorReport => ({
  code: "code" in error && error.code !== undefined ? error.code : codeOf(error),
  message: isInDoubt(error)
    ? `${error.message.replace(/\.$/, "")}; the request may have succeeded`
    : error.message,
  why: error._tag === "PineconeInvalidInput"
    ? undefined
    : `${error.status === undefined ? "" : `HTTP ${error.status} `}${nameOf(error)}, from ${error.operation}`,
  hint: hintOf(error),
  status: error.status,
  requestId: error.requestId,
  retryAfter: error.retryAfter,
  body: "body" in error ? error.body : undefined,
  isInDoubt: isInDoubt(error),
  exitCode: categories[error.category][0]
})

/** The class name of a core error: its tag without the prefix. */
export const nameOf = ({ _tag }: { readonly _tag: string }): string => _tag.replace(/^Pinecone/, "")

/** An error code derived from the tag: `BACKUP_FAILED`. */
const codeOf = (error: { readonly _tag: string }): string =>
  nameOf(error).replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

/**
 * Describes a configuration error in one line: the variable, and the expected value. `flags` maps variables to the
 * flags that set them.
 */
export const ofConfig = (
  { cause, message }: Config.ConfigError,
  flags: Readonly<Record<string, string>> = {}
): CliFailure => {
  if (cause.cause instanceof CliFailure) return cause.cause
  const [found] = cause._tag === "SchemaError" ? SchemaIssues.flatten(cause.issue) : []
  const variable = String(found?.path[0] ?? "")
  const name = flags[variable] ?? variable
  const wrong = found === undefined || variable === ""
    ? message
    // Suggest the flag instead of the variable.
    : `${name}: ${SchemaIssues.text(found).replace("PINECONE_ALLOW_INSECURE_HOST=true", "--insecure-http")}`
  if (variable !== "PINECONE_API_KEY") {
    return new CliFailure({ code: "INVALID_CONFIG", message: wrong, exitCode: ExitCode.usage })
  }
  return new CliFailure({
    code: "NO_API_KEY",
    // Environment variables are strings, so an invalid type means a missing variable.
    message: found?.issue._tag === "InvalidType" ? `${name} is not set` : wrong,
    hint: "export PINECONE_API_KEY=…, or add --demo to use the demo project",
    exitCode: ExitCode.auth
  })
}

/** Reports a backup or restore that failed. */
const ofOutcome = (
  error: WaitError.BackupFailed | WaitError.RestoreFailed | WaitError.RestoreCancelled,
  why: string,
  hint: CommandLine.Hint | undefined
): ErrorReport.ErrorReport => ({
  code: codeOf(error),
  message: error.message,
  why,
  hint,
  started: error.started,
  exitCode: ExitCode.failed
})

/**
 * Reports an error after an operation started and is still running. `goOn` is the command that resumes the wait.
 * Suggests it only if a later request may succeed.
 */
export const afterStart = (
  report: ErrorReport.ErrorReport,
  started: WaitError.Started,
  goOn: CommandLine.Command | undefined
): ErrorReport.ErrorReport => {
  if (goOn === undefined || report.exitCode === ExitCode.notFound || report.exitCode === ExitCode.usage) {
    return { ...report, started }
  }
  const fix = report.exitCode === ExitCode.auth && typeof report.hint === "string" ? report.hint : undefined
  return {
    ...report,
    why: [report.why, "the operation is still running"].filter(Predicate.isNotUndefined).join("; "),
    hint: fix === undefined ? goOn : CommandLine.within(goOn, { before: `${fix}, then `, otherwise: fix }),
    started
  }
}

/** Describes any error. */
export const toReport = (error: unknown): ErrorReport.ErrorReport => {
  if (error instanceof CliFailure) return error.report
  if (error instanceof Config.ConfigError) return ofConfig(error).report
  if (PineconeError.isListError(error)) return reportOf(error)
  if (error instanceof WaitError.Unfinished) {
    return { ...toReport(error.cause), message: error.message, started: error.started }
  }
  if (error instanceof WaitError.BackupFailed) {
    const hint = CommandLine.make`pcb backup create ${error.backup.sourceIndexName} --wait`
    return ofOutcome(error, "the service did not give a reason", hint)
  }
  if (error instanceof WaitError.RestoreFailed || error instanceof WaitError.RestoreCancelled) {
    const { backupId, targetIndexName } = error.job
    const why = `the service did not give a reason; index ${targetIndexName} may exist without its data`
    // The backup itself may be the problem: a dry run prints known flaws.
    return ofOutcome(error, why, CommandLine.make`pcb restore start ${backupId} --name <another-name> --dry-run`)
  }
  return {
    code: "UNEXPECTED",
    message: Predicate.hasProperty(error, "message") ? String(error.message) : String(error),
    exitCode: ExitCode.unexpected
  }
}

/**
 * Displays an error unless it is already displayed, as a JSON line if the output is JSON, and fails with its exit code.
 */
export const report = (error: unknown, asJson: boolean): Effect.Effect<never, Reported> => {
  if (error instanceof Reported) return Effect.fail(error)
  const report = toReport(error)
  return Effect.andThen(ErrorReport.print(report, asJson), Effect.fail(new Reported({ exitCode: report.exitCode })))
}

/** Adds the connection to the hint of an error that is displayed where the flags of the command line are unknown. */
export const onConnection = Effect.fnUntraced(function*<E>(error: E) {
  if (error instanceof Reported || CliError.isCliError(error)) return error
  const report = toReport(error)
  if (typeof report.hint !== "object") return error
  return new CliFailure({ ...report, hint: yield* SameConnection.toHint(report.hint) })
})
