/** Conversion of request errors to step errors. */
import * as PineconeError from "../../PineconeError.ts"
import { DrillFailure, DrillUnavailable, type StepError } from "../DrillError.ts"

/** Categories of transient errors. A protocol error can be a single malformed response. */
const passing: ReadonlySet<PineconeError.Category> = new Set(["throttling", "server", "transport", "protocol"])

const isPassing = (error: PineconeError.ListError): boolean =>
  error.isRetryable || passing.has(error.category) || (PineconeError.isPineconeError(error) && isInDoubt(error))

const isInDoubt = (error: PineconeError.PineconeError): boolean => "inDoubt" in error && error.inDoubt === true

/** Converts a request error to a step error. */
export const fromRequest = (error: PineconeError.ListError): StepError => {
  const message = `${error.operation} failed: ${error.message}`
  if (isPassing(error)) return new DrillUnavailable({ message })
  return new DrillFailure({ code: error.category === "quota" ? "index-quota" : "request", message })
}

/** Converts a request error to a step error that is always retried. */
export const unavailable = (error: PineconeError.ListError): DrillUnavailable =>
  new DrillUnavailable({ message: `${error.operation} failed: ${error.message}` })
