import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import type * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import type * as Stream from "effect/Stream"
import { describe, expect, it } from "tstyche"

declare const schedules: BackupSchedules.Service
declare const id: BackupSchedule.ScheduleId

describe("BackupSchedules.history", () => {
  it("fails only with ListError and has no requirements", () => {
    expect(schedules.history(id)).type.toBe<Stream.Stream<BackupRun.BackupRun, PineconeError.ListError>>()
  })

  it("accepts only branded IDs", () => {
    expect(schedules.history).type.not.toBeCallableWith("sch-1")
  })
})
