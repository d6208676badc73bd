/**
 * A failure that is known by its words and not by its kind: nobody does anything about it but read.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * A failure in the words of a report.
 *
 * @category errors
 * @since 0.1.0
 */
export class Problem extends Data.TaggedError("Problem")<{
  /** For programs: `PORT_IN_USE`. */
  readonly code: string
  readonly message: string
  /** What to try. */
  readonly hint?: string | undefined
  /** One of `Failure.exitCodes`. */
  readonly exitCode: number
}> {}
