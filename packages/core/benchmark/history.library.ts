/** A browser program that reads a history with this library. */
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

export const history = (key: string, schedule: string, onRun: (name: string, at: string) => void): Promise<void> =>
  Effect.gen(function*() {
    const schedules = yield* BackupSchedules.BackupSchedules
    yield* schedules.history(BackupSchedule.ScheduleId.make(schedule)).pipe(
      Stream.runForEach((run) => Effect.sync(() => onRun(run.name ?? "", String(run.createdAt))))
    )
  }).pipe(
    Effect.provide(BackupSchedules.layer.pipe(
      Layer.provide(PineconeClient.layer({ apiKey: Redacted.make(key) })),
      Layer.provide(FetchHttpClient.layer)
    )),
    Effect.runPromise
  )
