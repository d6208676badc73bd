import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import type * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"

interface CallOptions {
  readonly signal?: AbortSignal
}

/** The operations that an application needs, for callers that use only Promises. */
export const connect = <E>(services: Layer.Layer<Pinecone.Services, E>) => {
  const runtime = ManagedRuntime.make(services)
  return {
    restoreJob: (id: string, options?: CallOptions): Promise<RestoreJob.RestoreJob> =>
      runtime.runPromise(
        Effect.flatMap(RestoreJobs.RestoreJobs, (jobs) => jobs.describe(RestoreJob.RestoreJobId.make(id))),
        options
      ),
    /** For use with `for await`. Fetches pages on demand, and stops when the loop ends early. */
    history: (id: string): Promise<AsyncIterable<BackupRun.BackupRun>> =>
      runtime.runPromise(
        Effect.flatMap(
          BackupSchedules.BackupSchedules,
          (schedules) => Stream.toAsyncIterableEffect(schedules.history(BackupSchedule.ScheduleId.make(id)))
        )
      ),
    close: () => runtime.dispose()
  }
}

/** Describes a caught error: an error of the library, with its tag, or else an interruption or a bug. */
export const explain = (error: unknown): string =>
  PineconeError.isPineconeError(error)
    ? `${error._tag} (${error.category}): ${error.message}`
    : String(error)
