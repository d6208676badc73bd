/** Describes errors: those of core, of configuration, and of the command line itself. Loaded only when it is needed. */
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as WaitError from "@pinecone-backups/core/WaitError"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Format from "../terminal/Format.ts"
import { CliFailure, Reported } from "./CliFailure.ts"
import * as CommandLine from "./CommandLine.ts"
import * as ConnectionHints from "./ConnectionHints.ts"
import * as ErrorReport from "./ErrorReport.ts"
import * as ExitCode from "./ExitCode.ts"
import * as SchemaIssues from "./SchemaIssues.ts"

/** With which exit code an error ends, and what to try if nothing more is known of it, by its category. */
const categories: Readonly<Record<PineconeError.Category, readonly [exitCode: number, hint?: string]>> = {
  auth: [ExitCode.auth, "check PINECONE_API_KEY"],
  permission: [ExitCode.auth, "the key needs a role that may see backups, in a project whose plan has them"],
  quota: [ExitCode.refused, "free some of the quota, or raise it in the console"],
  notFound: [ExitCode.notFound, "check the name or id, and that it belongs to the project of the API key"],
  conflict: [ExitCode.refused, "look at what is there already, then decide"],
  validation: [ExitCode.usage],
  throttling: [ExitCode.refused, "wait a moment, then try again"],
  server: [ExitCode.unexpected, "try again later, and report the request id if it stays"],
  transport: [ExitCode.unreachable],
  protocol: [
    ExitCode.unexpected,
    "this is not an answer of Pinecone's API: check --host and PINECONE_CONTROLLER_HOST"
  ]
}

/** What to try where the class of an error says more than its category. */
const hints: { readonly [Tag in PineconeError.ListError["_tag"]]?: string } = {
  PineconeConnectionFailed: ConnectionHints.usual,
  PineconeRequestTimedOut: "--request-timeout 2m gives it more time",
  PineconeUnimplemented: "try the other PINECONE_API_VERSION: 2026-04 or 2026-07",
  PineconeFailedPrecondition: "wait until the backup is ready, or its restores are done",
  PineconePaymentRequired: "settle the overdue invoices"
}

/** What is left where something named by its id does not exist, and how to get it, by the service that was asked. */
const leftBehind: Readonly<Record<string, string>> = {
  Backups: "pcb backup list shows what is left",
  BackupSchedules: "pcb schedule list shows what is left, and pcb backup list the backups of those that were deleted",
  RestoreJobs: "pcb restore list shows what is left, since jobs go with the index that they made"
}

/** Operations on something that is named by its id, and not by its index. */
const isById = (operation: string): boolean => !/\.(create|list|listByIndex)$/.test(operation)

/** Whether a request that failed may have been carried out. */
export const isInDoubt = (error: unknown): boolean => Predicate.hasProperty(error, "inDoubt") && error.inDoubt === true

const hintOf = (error: PineconeError.ListError): string | undefined => {
  if (isInDoubt(error)) return "look whether it was done before you send it again"
  if ("hint" in error && error.hint !== undefined) return error.hint
  // A gateway may send it with a failure that waiting does not mend.
  if (error.isRetryable && error.retryAfter !== undefined) {
    return `wait ${Format.elapsed(error.retryAfter)}, then try again`
  }
  const left = error.category === "notFound" && isById(error.operation)
    ? leftBehind[error.operation.split(".")[0] ?? ""]
    : undefined
  if (left !== undefined) return `check the name or id, and the project of the API key: ${left}`
  if (error._tag === "PineconeConnectionFailed" && Object.hasOwn(ConnectionHints.certificates, error.code ?? "")) {
    return ConnectionHints.certificates[error.code ?? ""]
  }
  return hints[error._tag] ?? categories[error.category][1]
}

const reportOf = (error: PineconeError.ListError): ErrorReport.ErrorReport => ({
  code: "code" in error && error.code !== undefined ? error.code : codeOf(error),
  message: isInDoubt(error)
    ? `${error.message.replace(/\.$/, "")}; it may have been done all the same`
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

/** The name of the class of an error of core: its tag without the prefix, which keeps it from being taken for another. */
export const nameOf = ({ _tag }: { readonly _tag: string }): string => _tag.replace(/^Pinecone/, "")

/** The code of an error that has none of its own: `BACKUP_FAILED`. */
const codeOf = (error: { readonly _tag: string }): string =>
  nameOf(error).replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

/**
 * A configuration error in one line: which variable, and what it must be. `flags` are those that say what variables
 * would, by these.
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
    // On a command line, the flag is what is at hand.
    : `${name}: ${SchemaIssues.text(found).replace("PINECONE_ALLOW_INSECURE_HOST=true", "--insecure-http")}`
  if (variable !== "PINECONE_API_KEY") {
    return new CliFailure({ code: "INVALID_CONFIG", message: wrong, exitCode: ExitCode.usage })
  }
  return new CliFailure({
    code: "NO_API_KEY",
    // The environment has nothing but texts, so that what is no text is not there.
    message: found?.issue._tag === "InvalidType" ? `${name} is not set` : wrong,
    hint: "export PINECONE_API_KEY=…, or look around without one: add --demo",
    exitCode: ExitCode.auth
  })
}

/** What is displayed where that which was waited for did not come. */
const ofOutcome = (
  error: WaitError.BackupFailed | WaitError.RestoreFailed | WaitError.RestoreCancelled,
  why: string,
  hint: string | undefined
): ErrorReport.ErrorReport => ({
  code: codeOf(error),
  message: error.message,
  why,
  hint,
  started: error.started,
  exitCode: ExitCode.failed
})

/**
 * What is displayed of a request that failed after something was started, which goes on: `goOn` is the command that waits
 * for it. Another request helps only where this one has failed for a reason that may pass or can be mended.
 */
export const afterStart = (
  report: ErrorReport.ErrorReport,
  started: WaitError.Started,
  goOn: string | undefined
): ErrorReport.ErrorReport => {
  if (goOn === undefined || report.exitCode === ExitCode.notFound || report.exitCode === ExitCode.usage) {
    return { ...report, started }
  }
  const isMended = report.exitCode === ExitCode.auth && report.hint !== undefined
  return {
    ...report,
    why: [report.why, "what was started goes on"].filter(Predicate.isNotUndefined).join("; "),
    hint: isMended ? `${report.hint}, then ${goOn}` : goOn,
    started
  }
}

/** What is displayed of an error. */
export const toReport = (error: unknown): ErrorReport.ErrorReport => {
  if (error instanceof CliFailure) return error
  if (error instanceof Config.ConfigError) return ofConfig(error)
  if (PineconeError.isListError(error)) return reportOf(error)
  if (error instanceof WaitError.Unfinished) {
    return { ...toReport(error.cause), message: error.message, started: error.started }
  }
  if (error instanceof WaitError.BackupFailed) {
    const hint = CommandLine.make`pcb backup create ${error.backup.sourceIndexName} --wait`
    return ofOutcome(error, "the service does not say", hint)
  }
  if (error instanceof WaitError.RestoreFailed || error instanceof WaitError.RestoreCancelled) {
    const { backupId, targetIndexName } = error.job
    const why = `the service does not say; index ${targetIndexName} may be there, without its data`
    // Whether the backup is good is not known here: a dry run says what speaks against it.
    return ofOutcome(error, why, CommandLine.make`pcb restore start ${backupId} --name <another-name> --dry-run`)
  }
  return {
    code: "UNEXPECTED",
    message: Predicate.hasProperty(error, "message") ? String(error.message) : String(error),
    exitCode: ExitCode.unexpected
  }
}

/**
 * Displays an error, unless it was displayed before, as one JSON line if the result was to be JSON, and fails with its
 * exit code.
 */
export const report = (error: unknown, asJson: boolean): Effect.Effect<never, Reported> => {
  if (error instanceof Reported) return Effect.fail(error)
  const report = toReport(error)
  return Effect.andThen(ErrorReport.print(report, asJson), Effect.fail(new Reported({ exitCode: report.exitCode })))
}
