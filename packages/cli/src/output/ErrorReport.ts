/** What is displayed of an error, on standard error. */
import type * as WaitError from "@pinecone-backups/core/WaitError"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Format from "../terminal/Format.ts"
import type * as Screen from "../terminal/Screen.ts"
import * as Text from "../terminal/Text.ts"
import * as ExitCode from "./ExitCode.ts"
import type * as Help from "./Help.ts"
import type * as Json from "./Json.ts"
import * as Note from "./Note.ts"

/** What is displayed of an error. */
export interface ErrorReport {
  /** For programs: `PORT_IN_USE`. */
  readonly code: string
  readonly message: string
  readonly why?: string | undefined
  /** What to try. */
  readonly hint?: string | undefined
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  readonly retryAfter?: Duration.Duration | undefined
  /** The beginning of an answer that was not the service's own. */
  readonly body?: string | undefined
  /** Whether the request may have been carried out although it failed. */
  readonly isInDoubt?: boolean | undefined
  /** What was started before the failure, and goes on or has ended. */
  readonly started?: WaitError.Started | undefined
  /** What there is to choose from, one a line. */
  readonly details?: ReadonlyArray<string> | undefined
  /** One of those in `ExitCode`. */
  readonly exitCode: number
}

/** What was started, by the API's name of its id. */
const startedJson = (started: WaitError.Started) =>
  "restoreJobId" in started
    ? { restore_job_id: started.restoreJobId }
    : "backupId" in started
    ? { backup_id: started.backupId }
    : { schedule_id: started.scheduleId }

/** One JSON line for programs. */
const toJson = (report: ErrorReport) => {
  const { code, details = [], exitCode, hint, isInDoubt, message, requestId, retryAfter, started, status } = report
  const line: typeof Json.ErrorLine.Encoded = {
    error: {
      code,
      message,
      ...(details.length > 0 && { details }),
      ...(hint !== undefined && { hint }),
      ...(status !== undefined && { status }),
      ...(requestId !== undefined && { request_id: requestId }),
      ...(retryAfter !== undefined && { retry_after: Duration.toSeconds(retryAfter) }),
      ...(isInDoubt === true && { in_doubt: true }),
      ...(started !== undefined && startedJson(started)),
      exit_code: exitCode
    }
  }
  return Format.json(line)
}

/** A key that was typed in the wrong place is not repeated. It must be whole to be seen: before lines are broken. */
const clean = (text: string) => Format.plain(text)

/** What is wrong, which comes first. */
const headline = (message: string, screen: Screen.Service) =>
  Note.fit(screen, `${screen.errorStyle("bold", screen.errorStyle("red", "error:"))} ${clean(message)}`)

const labelWidth = "request id".length

/** Something that is known of a failure, beside its label. Commands are not broken, but for one from another. */
const detailLines = (label: string, text: string, screen: Screen.Service): ReadonlyArray<string> => {
  const columns = Math.max(1, Note.columnsOf(screen) - labelWidth - 4)
  const whole = clean(text)
  const lines = Text.width(whole) > columns && Note.isCommand.test(whole)
    ? whole.split(/(?<=,) (?=or )/)
    : Text.wrap(whole, columns)
  return Text.hang(`  ${screen.errorStyle("dim", label.padEnd(labelWidth))}  `, lines)
}

/** A few lines for people, the last of which say what to do. */
const toText = ({ body, details: lines = [], hint, message, requestId, why }: ErrorReport) => {
  const answer = body === undefined || body.startsWith(message) ? undefined : body.replace(/\s+/g, " ").slice(0, 200)
  const details = [["why", why], ["answer", answer], ["try", hint], ["request id", requestId]] as const
  return Note.print((screen) => [
    ...headline(message, screen),
    ...lines.flatMap((line) => Note.fit(screen, `  ${clean(line)}`)),
    ...details.flatMap(([label, text]) => text === undefined ? [] : detailLines(label, text, screen))
  ])
}

/** Displays an error: as one JSON line if the result was to be JSON. */
export const print = (report: ErrorReport, asJson: boolean): Effect.Effect<void> =>
  asJson ? Console.error(toJson(report)) : toText(report)

/** Displays what is wrong with a command line, what may have been meant, and where help is. */
export const printUsage = (
  { message, suggestions }: Help.Mistake,
  commandPath: ReadonlyArray<string>,
  asJson: boolean
): Effect.Effect<void> => {
  const help = `${commandPath.join(" ")} --help`
  const meant = suggestions.length === 0 ? "" : `did you mean ${suggestions.slice(0, 3).join(" or ")}?`
  return asJson
    ? Console.error(toJson({
      code: "USAGE",
      message,
      hint: meant === "" ? help : `${meant} See ${help}`,
      exitCode: ExitCode.ofUsage(commandPath)
    }))
    : Note.print((screen) => [
      ...headline(message, screen),
      ...(meant === "" ? [] : [`  ${clean(meant)}`]),
      `${screen.errorStyle("dim", "help:")} ${help}`
    ])
}
