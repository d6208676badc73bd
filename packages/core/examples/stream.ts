import * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

// Pages are fetched on demand, so no page after the third failure is requested.
export const failures = (id: BackupSchedule.ScheduleId) =>
  Effect.gen(function*() {
    const schedules = yield* BackupSchedules.BackupSchedules
    return yield* schedules.history(id, { pageSize: 100 }).pipe(
      Stream.filter(BackupRun.isFailed),
      Stream.take(3),
      Stream.map((run) => `${run.name}: ${run.status}`),
      Stream.runCollect
    )
  })
