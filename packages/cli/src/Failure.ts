/**
 * What a command says when it fails, and the exit code it says it with.
 *
 * @since 0.1.0
 */
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import type * as CliError from "effect/cli/CliError"
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Runtime from "effect/Runtime"
import * as Format from "./Format.ts"

/**
 * The exit codes, as the README lists them. 130 and 143 are those of an interrupted program.
 *
 * @category models
 * @since 0.1.0
 */
export const exitCodes = {
  unexpected: 1,
  usage: 2,
  notFound: 3,
  auth: 4,
  refused: 7,
  unreachable: 8
} as const

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

/**
 * A failure that has been reported: nothing is left but to exit with its code.
 *
 * @category errors
 * @since 0.1.0
 */
export class Reported extends Data.TaggedError("Reported")<{ readonly exitCode: number }> {
  override readonly [Runtime.errorExitCode] = this.exitCode
  override readonly [Runtime.errorReported] = false
}

/** A failure in the words of a report. */
interface Report {
  readonly code: string
  readonly message: string
  readonly why?: string | undefined
  readonly hint?: string | undefined
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  readonly exitCode: number
}

const hintOf = (error: PineconeError.PineconeError): string | undefined => {
  if ("hint" in error && error.hint !== undefined) return error.hint
  switch (error._tag) {
    case "ConnectionFailed":
      return "check the network, and --host or PINECONE_CONTROLLER_HOST if you use them"
    case "RequestTimedOut":
      return "--request-timeout 2m gives it more time"
  }
  switch (error.category) {
    case "auth":
      return "check PINECONE_API_KEY"
    case "permission":
      return "the key needs a role that may see backups, in a project whose plan has them"
    case "notFound":
      return "check the id; it must belong to the project of the API key"
    case "server":
      return "try again later"
    default:
      return undefined
  }
}

const reportOf = (error: PineconeError.PineconeError): Report => ({
  code: "code" in error && error.code !== undefined ? error.code : screamingSnakeCase(error._tag),
  message: error.message,
  why: `${"status" in error ? `HTTP ${error.status} ` : ""}${error._tag}, from ${error.operation}`,
  hint: hintOf(error),
  status: "status" in error ? error.status : undefined,
  requestId: "requestId" in error ? error.requestId : undefined,
  exitCode: exitCodeOf[error.category]
})

const screamingSnakeCase = (tag: string) => tag.replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

const reportOfConfig = (error: Config.ConfigError): Report =>
  error.message.includes("PINECONE_API_KEY")
    ? {
      code: "NO_API_KEY",
      message: "PINECONE_API_KEY holds no API key",
      why: /must be .*/.exec(error.message)?.[0],
      hint: "export PINECONE_API_KEY=…, or look around without one: add --demo",
      exitCode: exitCodes.auth
    }
    : { code: "INVALID_CONFIG", message: error.message, exitCode: exitCodes.usage }

/** One JSON line for programs. */
const toJson = ({ code, exitCode, hint, message, requestId, status }: Report) =>
  JSON.stringify({ error: { code, message, hint, status, request_id: requestId, exit_code: exitCode } })

/** A few lines for people, the last of which say what to do. */
const toText = ({ hint, message, requestId, why }: Report) => {
  const details = [["why", why], ["try", hint], ["request id", requestId]] as const
  return [
    `error: ${Format.plain(message)}`,
    ...details.flatMap(([label, text]) => text === undefined ? [] : [`  ${label.padEnd(10)}  ${Format.plain(text)}`])
  ].join("\n")
}

/** What is wrong with a command line and where help is, never the whole page. */
const usageText = (errors: ReadonlyArray<string>, help: string) =>
  [...errors.map((error) => `error: ${error}`), "", `help: ${help}`].join("\n")

/**
 * Reports a failure on standard error, as one JSON line if the result was to be JSON, and fails with its
 * exit code.
 *
 * @category reporting
 * @since 0.1.0
 */
export const report = (error: unknown, asJson: boolean): Effect.Effect<never, Reported> => {
  const report = PineconeError.isPineconeError(error)
    ? reportOf(error)
    : error instanceof Config.ConfigError
    ? reportOfConfig(error)
    : {
      code: "UNEXPECTED",
      message: Predicate.hasProperty(error, "message") ? String(error.message) : String(error),
      exitCode: exitCodes.unexpected
    }
  return Effect.andThen(
    Console.error(asJson ? toJson(report) : toText(report)),
    Effect.fail(new Reported({ exitCode: report.exitCode }))
  )
}

/**
 * Reports a command line that is wrong, on standard error.
 *
 * @category reporting
 * @since 0.1.0
 */
export const reportUsage = (
  errors: ReadonlyArray<CliError.NonShowHelpErrors>,
  commandPath: ReadonlyArray<string>,
  asJson: boolean
): Effect.Effect<void> => {
  const help = `${commandPath.join(" ")} --help`
  const messages = errors.map((error) => error.message)
  return Console.error(
    asJson
      ? toJson({ code: "USAGE", message: messages.join("; "), hint: help, exitCode: exitCodes.usage })
      : usageText(messages, help)
  )
}
