import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
// In your application this is "effect".
import * as Data from "effect3/Data"
import * as Effect3 from "effect3/Effect"
import type { connect } from "./promises.ts"

/** An error for Effect 3 code. Only its `cause` comes from Effect 4. */
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

/** Wraps the Promises for Effect 3: returns plain data, and turns an interruption into an abort. */
export const make = (pinecone: ReturnType<typeof connect>) => ({
  restoreJob: (id: string) =>
    Effect3.tryPromise({ try: (signal) => pinecone.restoreJob(id, { signal }), catch: toFailure }).pipe(
      // JSON, because Effect 3 cannot use a `DateTime` or an `Option` of Effect 4.
      Effect3.map(RestoreJob.toJson)
    )
})
