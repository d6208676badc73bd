/** A failure that is known by its words and not by its kind: nobody does anything about it but read. */
import * as Data from "effect/Data"

/** The exit codes, as the README lists them. 130 and 143 are those of an interrupted program. */
export const exitCodes = {
  unexpected: 1,
  usage: 2,
  notFound: 3,
  auth: 4,
  endedBadly: 5,
  notConfirmed: 6,
  refused: 7,
  unreachable: 8,
  timedOut: 124
} as const

/**
 * The exit code of a command line that is wrong. To a monitoring system, which runs an audit, 2 is bad news of backups,
 * and 3 is no news.
 */
export const usageExitCode = (commandPath: ReadonlyArray<string>): number =>
  commandPath[1] === "audit" ? auditExitCode : exitCodes.usage

/** The exit code of an audit that could not be made, whatever the reason. */
export const auditExitCode = 3

/** A failure in words. */
export interface Words {
  /** For programs: `PORT_IN_USE`. */
  readonly code: string
  readonly message: string
  readonly why?: string | undefined
  /** What to try. */
  readonly hint?: string | undefined
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  /** What there is to choose from, one a line. */
  readonly details?: ReadonlyArray<string> | undefined
  /** One of {@link exitCodes}. */
  readonly exitCode: number
}

/** A failure in the words of its report. */
export class Problem extends Data.TaggedError("Problem")<Words> {}
