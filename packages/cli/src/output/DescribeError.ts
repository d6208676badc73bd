/** Describes errors: those of core, of configuration, and of the command line itself. Loaded only when it is needed. */
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as WaitError from "@pinecone-backups/core/WaitError"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Format from "../terminal/Format.ts"
import { CliFailure, Reported } from "./CliFailure.ts"
import * as CommandLine from "./CommandLine.ts"
import * as ErrorReport from "./ErrorReport.ts"
import * as ExitCode from "./ExitCode.ts"
import * as SchemaIssues from "./SchemaIssues.ts"

const exitCodeOf: Readonly<Record<PineconeError.Category, number>> = {
  auth: ExitCode.auth,
  permission: ExitCode.auth,
  quota: ExitCode.refused,
  notFound: ExitCode.notFound,
  conflict: ExitCode.refused,
  validation: ExitCode.usage,
  throttling: ExitCode.refused,
  server: ExitCode.unexpected,
  transport: ExitCode.unreachable,
  protocol: ExitCode.unexpected
}

const hintOf = (error: PineconeError.ListError): string | undefined => {
  if ("inDoubt" in error && error.inDoubt === true) {
    return "it may have been done all the same: look before you send it again"
  }
  if ("hint" in error && error.hint !== undefined) return error.hint
  // A gateway may send it with a failure that waiting does not mend.
  if (error.isRetryable && error.retryAfter !== undefined) {
    return `wait ${Format.elapsed(error.retryAfter)}, then try again`
  }
  switch (error._tag) {
    case "PineconeConnectionFailed":
      return "check the network, and --host or PINECONE_CONTROLLER_HOST if you use them"
    case "PineconeRequestTimedOut":
      return "--request-timeout 2m gives it more time"
    case "PineconeUnimplemented":
      return "try the other PINECONE_API_VERSION: 2026-04 or 2026-07"
    case "PineconeFailedPrecondition":
      return "wait until the backup is ready, or its restores are done"
    case "PineconePaymentRequired":
      return "settle the overdue invoices"
    case "PineconeInvalidInput":
      return undefined
  }
  switch (error.category) {
    case "auth":
      return "check PINECONE_API_KEY"
    case "permission":
      return "the key needs a role that may see backups, in a project whose plan has them"
    case "quota":
      return "free some of the quota, or raise it in the console"
    case "notFound":
      return "check the name or id, and that it belongs to the project of the API key"
    case "conflict":
      return "look at what is there already, then decide"
    case "throttling":
      return "wait a moment, then try again"
    case "server":
      return "try again later, and report the request id if it stays"
    case "protocol":
      return "this is not an answer of Pinecone's API: check --host and PINECONE_CONTROLLER_HOST"
    default:
      return undefined
  }
}

const reportOf = (error: PineconeError.ListError): ErrorReport.ErrorReport => ({
  code: "code" in error && error.code !== undefined ? error.code : codeOf(error),
  message: error.message,
  why: error._tag === "PineconeInvalidInput"
    ? undefined
    : `${error.status === undefined ? "" : `HTTP ${error.status} `}${nameOf(error)}, from ${error.operation}`,
  hint: hintOf(error),
  status: error.status,
  requestId: error.requestId,
  retryAfter: error.retryAfter,
  body: "body" in error ? error.body : undefined,
  exitCode: exitCodeOf[error.category]
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
  if (found === undefined || variable === "") {
    return new CliFailure({ code: "INVALID_CONFIG", message, exitCode: ExitCode.usage })
  }
  // The environment has nothing but texts, so that what is no text is not there.
  const wrong = variable === "PINECONE_API_KEY" && found.issue._tag === "InvalidType"
    ? `${name} is not set`
    : `${name}: ${SchemaIssues.text(found)}`
  return variable !== "PINECONE_API_KEY"
    ? new CliFailure({ code: "INVALID_CONFIG", message: wrong, exitCode: ExitCode.usage })
    : new CliFailure({
      code: "NO_API_KEY",
      message: wrong,
      hint: "export PINECONE_API_KEY=…, or look around without one: add --demo",
      exitCode: ExitCode.auth
    })
}

/** What is displayed of an error. */
export const toReport = (error: unknown): ErrorReport.ErrorReport => {
  if (error instanceof CliFailure) return error
  if (error instanceof Config.ConfigError) return ofConfig(error)
  if (PineconeError.isListError(error)) return reportOf(error)
  if (error instanceof WaitError.BackupFailed) {
    return {
      code: codeOf(error),
      message: error.message,
      why: "the service does not say",
      hint: CommandLine.make`pcb backup create ${error.backup.sourceIndexName} --wait`,
      exitCode: ExitCode.failed
    }
  }
  if (error instanceof WaitError.RestoreFailed || error instanceof WaitError.RestoreCancelled) {
    const { backupId, targetIndexName } = error.job
    return {
      code: codeOf(error),
      message: error.message,
      why: `the service does not say; index ${targetIndexName} may be there, without its data`,
      hint: CommandLine.make`pcb restore start ${backupId} --name <another-name> --wait`,
      exitCode: ExitCode.failed
    }
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
