/** Error reports on standard error. */
import type * as WaitError from "@pinecone-backups/core/WaitError"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Format from "../terminal/Format.ts"
import type * as Screen from "../terminal/Screen.ts"
import * as Text from "../terminal/Text.ts"
import type * as CommandLine from "./CommandLine.ts"
import * as ExitCode from "./ExitCode.ts"
import type * as Help from "./Help.ts"
import type * as Json from "./Json.ts"
import * as Note from "./Note.ts"
import * as SameConnection from "./SameConnection.ts"

/** An error report: plain data, so that it can be copied with other fields. */
export interface ErrorReport {
  /** A code for programs: `PORT_IN_USE`. */
  readonly code: string
  readonly message: string
  readonly why?: string | undefined
  /** The suggested next step. */
  readonly hint?: CommandLine.Hint | undefined
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  readonly retryAfter?: Duration.Duration | undefined
  /** The beginning of a response that is not from the service. */
  readonly body?: string | undefined
  /** Whether the failed request may have taken effect. */
  readonly isInDoubt?: boolean | undefined
  /** The operation started before the failure, running or finished. */
  readonly started?: WaitError.Started | undefined
  /** Candidates or individual errors, one per line. */
  readonly details?: ReadonlyArray<string> | undefined
  /** An exit code from `ExitCode`. */
  readonly exitCode: number
  /** Rules out errors: the `message` of an error is not enumerable, so a copy would lose it. */
  readonly stack?: never
}

/** An error report whose hint can be displayed and pasted. */
export interface Printable extends ErrorReport {
  readonly hint?: string | undefined
}

/** Adds the connection to the hint of a report, if the hint is a command that connects. */
export const printable = (report: ErrorReport) =>
  Effect.map(SameConnection.inHint(report.hint), (hint): Printable => ({ ...report, hint }))

/** The ID of the started operation, under its API name. */
const startedJson = (started: WaitError.Started) =>
  "restoreJobId" in started
    ? { restore_job_id: started.restoreJobId }
    : "backupId" in started
    ? { backup_id: started.backupId }
    : { schedule_id: started.scheduleId }

/** The JSON of an error. */
export const toJson = (report: Printable): typeof Json.ErrorLine.Encoded["error"] => {
  const { code, details = [], exitCode, hint, isInDoubt, message, requestId, retryAfter, started, status } = report
  return {
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

/** One JSON line for programs. */
const lineOf = (report: Printable) => Format.json({ error: toJson(report) })

/**
 * Removes API keys, which may have been typed in the wrong place. Must run before wrapping, which would break up a key.
 */
const clean = (text: string) => Format.plain(text)

/** The first line: the error message. */
const headline = (message: string, screen: Screen.Service) =>
  Note.fit(screen, `${screen.errorStyle("bold", screen.errorStyle("red", "error:"))} ${clean(message)}`)

const labelWidth = "request ID".length

const labelOf = (label: string, screen: Screen.Service): string =>
  `  ${screen.errorStyle("dim", label.padEnd(labelWidth))}  `

/** The width beside a label. */
const roomOf = (screen: Screen.Service): number => Note.columnsOf(screen) - labelWidth - 4

/** A detail of an error, with its label. Commands are not wrapped, only separated from each other. */
const detailLines = (label: string, text: string, screen: Screen.Service): ReadonlyArray<string> => {
  const whole = clean(text)
  const labeled = labelOf(label, screen)
  return Text.width(whole) > roomOf(screen) && Note.isCommand.test(whole)
    ? Text.hang(labeled, whole.split(/(?<=,) (?=or )/))
    : Text.beside(labeled, whole, Note.columnsOf(screen))
}

/** The next step. A command is never wrapped: its first line alone could act on another project. */
const hintLines = (hint: CommandLine.Hint, screen: Screen.Service): ReadonlyArray<string> => {
  if (typeof hint === "string") return detailLines("try", hint, screen)
  const [before, line, after] = [clean(hint.before), clean(hint.line), clean(hint.after)]
  const room = roomOf(screen)
  if (Text.width(before + line + after) <= room) return detailLines("try", before + line + after, screen)
  const words = (text: string) => text === "" ? [] : Text.wrap(text.replace(/^[,;]? /, "").trimEnd(), Math.max(1, room))
  return Text.hang(labelOf("try", screen), [...words(before), line, ...words(after)])
}

/** The report for people, ending with the next step. */
const toText = ({ body, details: lines = [], hint, message, requestId, why }: ErrorReport) => {
  const answer = body === undefined || body.startsWith(message) ? undefined : body.replace(/\s+/g, " ").slice(0, 200)
  const optional = (label: string, text: string | undefined, screen: Screen.Service) =>
    text === undefined ? [] : detailLines(label, text, screen)
  return Note.print((screen) => [
    ...headline(message, screen),
    ...lines.flatMap((line) => Note.fit(screen, `  ${clean(line)}`)),
    ...optional("why", why, screen),
    ...optional("response", answer, screen),
    ...(hint === undefined ? [] : hintLines(hint, screen)),
    ...optional("request ID", requestId, screen)
  ])
}

/** Displays an error report, as one JSON line if the output is JSON. */
export const print = (report: ErrorReport, asJson: boolean): Effect.Effect<void> =>
  asJson
    ? Effect.flatMap(printable(report), (report) => Console.error(lineOf(report)))
    : Effect.flatMap(SameConnection.toHint(report.hint), (hint) => toText({ ...report, hint }))

/** Displays a usage error, with suggestions and the help command. */
export const printUsage = (
  { message, suggestions }: Help.Mistake,
  commandPath: ReadonlyArray<string>,
  asJson: boolean
): Effect.Effect<void> => {
  const help = `${commandPath.join(" ")} --help`
  const meant = suggestions.length === 0 ? "" : `did you mean ${suggestions.slice(0, 3).join(" or ")}?`
  return asJson
    ? Console.error(lineOf({
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
