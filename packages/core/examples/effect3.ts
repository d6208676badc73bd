import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
// In your application this is "effect".
import * as Data from "effect3/Data"
import * as Effect3 from "effect3/Effect"
import type { connect } from "./promises.ts"

/** An error for Effect 3. Only `cause` contains values of Effect 4. */
export class PineconeFailure extends Data.TaggedError("PineconeFailure")<{
  readonly reason: string
  readonly message: string
  readonly isRetryable: boolean
  readonly cause: unknown
}> {}

const toFailure = (cause: unknown) =>
  PineconeError.isPineconeError(cause)
    ? new PineconeFailure({ reason: cause._tag, message: cause.message, isRetryable: cause.isRetryable, cause })
    : new PineconeFailure({ reason: "Unexpected", message: String(cause), isRetryable: false, cause })

/** Wraps the Promise client for Effect 3. Results are plain data, and interrupting an effect aborts its request. */
export const make = (pinecone: ReturnType<typeof connect>) => ({
  restoreJob: (id: string) =>
    Effect3.tryPromise({ try: (signal) => pinecone.restoreJob(id, { signal }), catch: toFailure }).pipe(
      // Convert to JSON, because Effect 3 cannot use a `DateTime` or `Option` of Effect 4.
      Effect3.map(RestoreJob.toJson)
    )
})
