/**
 * Failures of the steps of a restore drill.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as DrillReport from "./DrillReport.ts"

/**
 * Permanent failure of a step of a drill. Retrying the step does not help.
 *
 * @category errors
 * @since 0.1.0
 */
export class DrillFailure extends Schema.TaggedError<DrillFailure>()("DrillFailure", {
  code: DrillReport.ReasonCode,
  /** One sentence for the report. */
  message: Schema.String
}) {}

/**
 * Transient failure of a step of a drill. The step can be retried later.
 *
 * @category errors
 * @since 0.1.0
 */
export class DrillUnavailable extends Schema.TaggedError<DrillUnavailable>()("DrillUnavailable", {
  /** One sentence for the report. */
  message: Schema.String,
  /** `true` if the cause is a restore job that is still running, which can take hours. */
  isRestoring: Schema.optionalKey(Schema.Boolean)
}) {}

/**
 * The failures of a step.
 *
 * @category errors
 * @since 0.1.0
 */
export type StepError = DrillFailure | DrillUnavailable
