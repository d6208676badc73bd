/** The exit codes, and the exit code that a command sets before its result is printed. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

// Documented in the README. 130 and 143 are the exit codes after a signal.

/** Any other failure. */
export const unexpected = 1

/** The command line, a setting or an input is invalid. */
export const usage = 2

/** A named resource does not exist. */
export const notFound = 3

/** The API key is missing or was rejected. */
export const auth = 4

/** A backup or a restore failed. */
export const failed = 5

/** Confirmation was declined or not given. */
export const notConfirmed = 6

/** The service rejected the request. */
export const refused = 7

/** The service could not be reached. */
export const unreachable = 8

/** A drill or a recovery restored its backup, but a check had no result. */
export const unverified = 9

/** `pcb policy pull` skipped a part of the project. Equal to {@link unverified}: done, but not known in full. */
export const incomplete = 9

/** `pcb guard` did not run its command. */
export const notRun = 125

/** The command of `pcb guard` is not executable. */
export const notExecutable = 126

/** The command of `pcb guard` does not exist. */
export const programNotFound = 127

/** A wait timed out. */
export const timedOut = 124

/** A drill was canceled. Equal to the exit code of an interrupted program. */
export const cancelled = 130

/** The exit code of a failed audit. */
export const auditFailed = 3

/** The exit code of a plan that could not be made. 2 means changes, and nothing else. */
export const planFailed = 3

/** Usage errors of commands whose exit codes belong to others: to monitoring systems, or to the command that is run. */
const usageErrors: ReadonlyMap<string, number> = new Map([
  ["audit", auditFailed],
  ["guard", notRun],
  ["policy plan", planFailed]
])

/** The exit code of a usage error. For an audit, monitoring systems read 2 as critical and 3 as unknown. */
export const ofUsage = ([, command = "", subcommand = ""]: ReadonlyArray<string>): number =>
  usageErrors.get(command) ?? usageErrors.get(`${command} ${subcommand}`) ?? usage

/** Worst first: a failure is worse than an incomplete result. */
const worstFirst: ReadonlyArray<number> = [
  failed,
  unexpected,
  auth,
  unreachable,
  notFound,
  refused,
  usage,
  notConfirmed,
  timedOut,
  unverified,
  cancelled
]

/** The exit code for several failures. */
export const worst = (codes: ReadonlyArray<number>): number =>
  worstFirst.find((code) => codes.includes(code)) ?? unexpected

/**
 * Receives the exit code that a command sets before its result is printed, the exit code if the result cannot be
 * written, and the exit code after a signal, if it differs from the usual code. Does nothing by default.
 */
export const Decided = Context.Reference<
  (exitCode: number, ifUnwritten: number, ifInterrupted: number | undefined) => Effect.Effect<void>
>(
  "@pinecone-backups/cli/output/ExitCode/Decided",
  { defaultValue: () => () => Effect.void }
)

/** Sets the exit code of a command before its result is printed, so that a closed pipe cannot change it. */
export const decide = (
  exitCode: number,
  ifUnwritten: number = unexpected,
  ifInterrupted?: number
): Effect.Effect<void> => Effect.flatMap(Decided, (receive) => receive(exitCode, ifUnwritten, ifInterrupted))
