/** Failures of requests as failures of steps. */
import * as PineconeError from "../../PineconeError.ts"
import { DrillFailure, DrillUnavailable, type StepError } from "../DrillError.ts"

/** Categories of errors that may be different later. A protocol error may be one odd response. */
const passing: ReadonlySet<PineconeError.Category> = new Set(["throttling", "server", "transport", "protocol"])

const isPassing = (error: PineconeError.ListError): boolean =>
  error.isRetryable || passing.has(error.category) || (PineconeError.isPineconeError(error) && isInDoubt(error))

const isInDoubt = (error: PineconeError.PineconeError): boolean => "inDoubt" in error && error.inDoubt === true

/** A failed request as the failure of a step. */
export const fromRequest = (error: PineconeError.ListError): StepError => {
  const message = `${error.operation} failed: ${error.message}`
  if (isPassing(error)) return new DrillUnavailable({ message })
  return new DrillFailure({ code: error.category === "quota" ? "index-quota" : "request", message })
}

/** A failed request as the failure of a step that must be repeated whatever the cause. */
export const unavailable = (error: PineconeError.ListError): DrillUnavailable =>
  new DrillUnavailable({ message: `${error.operation} failed: ${error.message}` })
