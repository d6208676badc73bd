/** The endpoints of backup schedules. */
import * as Schema from "effect/Schema"
import * as BackupRun from "../../BackupRun.ts"
import * as BackupSchedule from "../../BackupSchedule.ts"
import { IndexName } from "../../PineconeIndex.ts"
import { atLeast1, endpoint, group, inPath, pagesOf } from "./endpoint.ts"
import { paths } from "./paths.ts"

const { history, ofIndex, one } = paths.BackupSchedules

const ofIndexName = { index_name: inPath(IndexName) }
const ofId = { schedule_id: inPath(BackupSchedule.ScheduleId) }

const Retention = Schema.Struct({ expire_after_days: atLeast1 })

export const endpoints = group("BackupSchedules", {
  create: endpoint("POST", ofIndex, {
    params: ofIndexName,
    payload: Schema.Struct({
      name: Schema.NonEmptyString,
      schedule: Schema.Struct({ type: Schema.Literal("time-based"), frequency: BackupSchedule.Frequency }),
      retention: Retention
    }),
    success: BackupSchedule.FromWire,
    errors: [400, 402, 403, 404, 409, 422]
  }),
  list: endpoint("GET", ofIndex, {
    params: ofIndexName,
    ...pagesOf(BackupSchedule.FromWire),
    errors: [400, 403, 404]
  }),
  describe: endpoint("GET", one, {
    params: ofId,
    echoes: { schedule_id: "scheduleId" },
    success: BackupSchedule.FromWire,
    errors: [403, 404]
  }),
  update: endpoint("PATCH", one, {
    params: ofId,
    echoes: { schedule_id: "scheduleId" },
    payload: Schema.Struct({
      frequency: Schema.optionalKey(BackupSchedule.Frequency),
      retention: Schema.optionalKey(Retention),
      enabled: Schema.optionalKey(Schema.Boolean)
    }),
    success: BackupSchedule.FromWire,
    errors: [400, 403, 404, 409, 422]
  }),
  delete: endpoint("DELETE", one, { params: ofId, status: 204, errors: [403, 404] }),
  history: endpoint("GET", history, { params: ofId, ...pagesOf(BackupRun.FromWire), errors: [400, 403, 404] })
})
