import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
// In your application this is "effect".
import * as Data from "effect3/Data"
import * as Effect3 from "effect3/Effect"
import type { connect } from "./promises.ts"

/** An error of the Effect 3 side. Nothing of Effect 4 is in it except `cause`. */
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

/** The Effect 3 side of the Promises: plain data comes in, and an interruption goes out as an abort. */
export const make = (pinecone: ReturnType<typeof connect>) => ({
  restoreJob: (id: string) =>
    Effect3.tryPromise({ try: (signal) => pinecone.restoreJob(id, { signal }), catch: toFailure }).pipe(
      // JSON, because a `DateTime` or an `Option` of Effect 4 means nothing to Effect 3.
      Effect3.map(RestoreJob.toJson)
    )
})
