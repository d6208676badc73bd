/** What a command says when it fails, and the exit code it says it with. */
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as WaitError from "@pinecone-backups/core/WaitError"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Confirmation from "../shared/Confirmation.ts"
import * as Waiting from "../shared/Waiting.ts"
import * as Format from "../terminal/Format.ts"
import * as CommandLine from "./CommandLine.ts"
import * as Output from "./Output.ts"
import * as Problem from "./Problem.ts"
import * as Report from "./Report.ts"

const { exitCodes } = Problem

const exitCodeOf: Readonly<Record<PineconeError.Category, number>> = {
  auth: exitCodes.auth,
  permission: exitCodes.auth,
  quota: exitCodes.refused,
  notFound: exitCodes.notFound,
  conflict: exitCodes.refused,
  validation: exitCodes.usage,
  throttling: exitCodes.refused,
  server: exitCodes.unexpected,
  transport: exitCodes.unreachable,
  protocol: exitCodes.unexpected
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

const reportOf = (error: PineconeError.ListError): Report.Report => ({
  code: "code" in error && error.code !== undefined ? error.code : screamingSnakeCase(nameOf(error)),
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
const nameOf = ({ _tag }: { readonly _tag: string }): string => _tag.replace(/^Pinecone/, "")

const screamingSnakeCase = (tag: string) => tag.replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1()

/**
 * A configuration error in one line: which variable, and what it must be. `flags` are those that say what variables
 * would, by these.
 */
export const ofConfig = (
  { cause, message }: Config.ConfigError,
  flags: Readonly<Record<string, string>> = {}
): Problem.Problem => {
  if (cause.cause instanceof Problem.Problem) return cause.cause
  const [issue] = cause._tag === "SchemaError" ? formatIssues(cause.issue).issues : []
  const variable = String(issue?.path?.[0] ?? "")
  const name = flags[variable] ?? variable
  const wrong = (issue?.message ?? message).replace(/^Expected /, "must be ")
  return variable !== "PINECONE_API_KEY"
    ? new Problem.Problem({
      code: "INVALID_CONFIG",
      message: variable === "" ? message : `${name}: ${wrong}`,
      exitCode: exitCodes.usage
    })
    : new Problem.Problem({
      code: "NO_API_KEY",
      message: wrong === "must be string" ? `${name} is not set` : `${name}: ${wrong}`,
      hint: "export PINECONE_API_KEY=…, or look around without one: add --demo",
      exitCode: exitCodes.auth
    })
}

/** The failures of commands themselves, and those of waits. */
const reportOfOwn = (error: unknown): Report.Report | undefined => {
  if (error instanceof Problem.Problem) return error
  if (!Predicate.hasProperty(error, "_tag") || !Predicate.hasProperty(error, "message")) return undefined
  const base = { code: screamingSnakeCase(nameOf({ _tag: String(error._tag) })), message: String(error.message) }
  if (error instanceof WaitError.BackupFailed) {
    return {
      ...base,
      why: "the service does not say",
      hint: CommandLine.make`pcb backup create ${error.backup.sourceIndexName} --wait`,
      exitCode: exitCodes.endedBadly
    }
  }
  if (error instanceof WaitError.RestoreFailed || error instanceof WaitError.RestoreCancelled) {
    const { backupId, targetIndexName } = error.job
    return {
      ...base,
      why: `the service does not say; index ${targetIndexName} may be there, without its data`,
      hint: CommandLine.make`pcb restore start ${backupId} --name <another-name> --wait`,
      exitCode: exitCodes.endedBadly
    }
  }
  if (error instanceof Waiting.TimedOut) {
    return {
      ...base,
      why: "the time for waiting is over, and it goes on",
      hint: error.resume,
      exitCode: exitCodes.timedOut
    }
  }
  return error instanceof Confirmation.NotConfirmed
    ? { ...base, hint: error.hint, exitCode: exitCodes.notConfirmed }
    : undefined
}

/** The failure of a command in words. */
export const wordsOf = (error: unknown): Report.Report =>
  PineconeError.isListError(error)
    ? reportOf(error)
    : error instanceof Config.ConfigError
    ? ofConfig(error)
    : reportOfOwn(error) ?? {
      code: "UNEXPECTED",
      message: Predicate.hasProperty(error, "message") ? String(error.message) : String(error),
      exitCode: exitCodes.unexpected
    }

/** The exit codes of several failures at once, the worst first: what ended badly is worse than what was not seen. */
const worstFirst: ReadonlyArray<number> = [
  exitCodes.endedBadly,
  exitCodes.unexpected,
  exitCodes.auth,
  exitCodes.unreachable,
  exitCodes.notFound,
  exitCodes.refused,
  exitCodes.usage,
  exitCodes.notConfirmed,
  exitCodes.timedOut
]

/** The exit code of several failures. */
export const worst = (failures: ReadonlyArray<Report.Reported>): number =>
  worstFirst.find((code) => failures.some(({ exitCode }) => exitCode === code)) ?? exitCodes.unexpected

/**
 * Reports a failure on standard error, unless it was reported before, as one JSON line if the result was to be JSON,
 * and fails with its exit code.
 */
export const report = (error: unknown, asJson: boolean): Effect.Effect<never, Report.Reported> => {
  if (error instanceof Report.Reported) return Effect.fail(error)
  const words = wordsOf(error)
  return Effect.andThen(
    Report.failure(words, asJson),
    Effect.fail(new Report.Reported({ exitCode: words.exitCode }))
  )
}

/** A way to report the failure of one of several things before the others are done. */
export const atOnce = Effect.map(Output.chosenFormat, (format) => {
  const asJson = format === "json" || format === "ndjson"
  return <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.catch(self, (error) => report(error, asJson))
})
