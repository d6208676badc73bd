/** The requests of the steps of a plan, for a dry run. */
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Endpoints from "@pinecone-backups/core/Endpoints"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import type * as ScheduleStep from "@pinecone-backups/core/plan/ScheduleStep"
import * as Effect from "effect/Effect"

/** The request that a step would send. */
export const of = Effect.fnUntraced(function*(step: ScheduleStep.Step) {
  const client = yield* PineconeClient.PineconeClient
  const schedules = yield* BackupSchedules.BackupSchedules
  switch (step._tag) {
    case "ConfigureIndex": {
      const { deletionProtection, readCapacity, tags } = step.after
      return yield* client.check(Endpoints.Indexes.configure, {
        params: { index_name: step.indexName },
        payload: {
          ...(deletionProtection !== undefined && { deletion_protection: deletionProtection }),
          ...(readCapacity !== undefined && { read_capacity: readCapacity }),
          // An empty value removes a tag.
          ...(tags !== undefined && {
            tags: Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, value ?? ""]))
          })
        }
      })
    }
    case "CreateSchedule": {
      const { frequency, name, retentionDays } = step.after
      return yield* schedules.checkCreate(step.indexName, { name, frequency, expireAfterDays: retentionDays })
    }
    case "UpdateSchedule":
    case "MakeWay":
    case "DeleteSchedule": {
      if (step.after === null) {
        return yield* client.check(Endpoints.BackupSchedules.delete, { params: { schedule_id: step.scheduleId } })
      }
      const { enabled, frequency, retentionDays } = step.after
      return yield* schedules.checkUpdate(step.scheduleId, { enabled, frequency, expireAfterDays: retentionDays })
    }
  }
})
