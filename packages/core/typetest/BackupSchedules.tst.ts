import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import type * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import type * as Stream from "effect/Stream"
import { describe, expect, it } from "tstyche"

declare const schedules: BackupSchedules.Service
declare const id: BackupSchedule.ScheduleId

describe("BackupSchedules", () => {
  it("history fails with PineconeError alone and needs nothing", () => {
    expect(schedules.history(id)).type.toBe<Stream.Stream<BackupRun.BackupRun, PineconeError.ListError>>()
  })

  it("takes branded ids only", () => {
    expect(schedules.history).type.not.toBeCallableWith("sch-1")
  })
})
