/**
 * A failure that is known by its words and not by its kind: nobody does anything about it but read.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

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
  endedBadly: 5,
  notConfirmed: 6,
  refused: 7,
  unreachable: 8,
  timedOut: 124
} as const

/**
 * A failure in words.
 *
 * @category models
 * @since 0.1.0
 */
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

/**
 * A failure in the words of its report.
 *
 * @category errors
 * @since 0.1.0
 */
export class Problem extends Data.TaggedError("Problem")<Words> {}
