/** The exit codes, and the one that a command has decided on before its result is printed. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

// The README lists them. 130 and 143 are those of an interrupted program.

/** A failure that has no exit code of its own. */
export const unexpected = 1

/** The command line, a setting or an input is wrong. */
export const usage = 2

/** Something that was named does not exist. */
export const notFound = 3

/** The API key is missing, or was refused. */
export const auth = 4

/** A backup or a restore failed. */
export const failed = 5

/** Nobody said yes. */
export const notConfirmed = 6

/** The service refused the request. */
export const refused = 7

/** The service could not be reached. */
export const unreachable = 8

/** A drill restored its backup, but a check had no result. */
export const unverified = 9

/** The time for waiting is over. */
export const timedOut = 124

/** A drill was canceled. The same as for an interrupted program. */
export const cancelled = 130

/** The exit code of an audit that could not be made, whatever the reason. */
export const auditFailed = 3

/**
 * The exit code of a command line that is wrong. To a monitoring system, which runs an audit, 2 is bad news of backups,
 * and 3 is no news.
 */
export const ofUsage = (commandPath: ReadonlyArray<string>): number => commandPath[1] === "audit" ? auditFailed : usage

/** The worst first: what failed is worse than what was not seen. */
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

/** The exit code of several failures at once. */
export const worst = (codes: ReadonlyArray<number>): number =>
  worstFirst.find((code) => codes.includes(code)) ?? unexpected

/**
 * Receives the exit code that a command has decided on before its result is printed, the one if that cannot be
 * written, and the one after a signal if it is not that of the signal. By default: nobody does.
 */
export const Decided = Context.Reference<
  (exitCode: number, ifUnwritten: number, ifInterrupted: number | undefined) => Effect.Effect<void>
>(
  "@pinecone-backups/cli/output/ExitCode/Decided",
  { defaultValue: () => () => Effect.void }
)

/** Decides on the exit code of a command whose result is still to be printed: nothing that a reader does changes it. */
export const decide = (
  exitCode: number,
  ifUnwritten: number = unexpected,
  ifInterrupted?: number
): Effect.Effect<void> => Effect.flatMap(Decided, (receive) => receive(exitCode, ifUnwritten, ifInterrupted))
