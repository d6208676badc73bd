/**
 * The demo project: a made-up service in this process, always on the evening of the same day, so that
 * what it prints can stand in a README. Loaded only when it is asked for.
 *
 * @since 0.1.0
 */
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import type * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as DateTime from "effect/DateTime"
import type * as Layer from "effect/Layer"

/**
 * The id of the schedule of the demo project.
 *
 * @category models
 * @since 0.1.0
 */
export const scheduleId = "c688ed12-5a39-4254-9518-bd394b7f4886"

/**
 * The id of the restore job of the demo project.
 *
 * @category models
 * @since 0.1.0
 */
export const restoreJobId = "9857add2-99d4-4399-870e-aa7f15d8d326"

const restoredIndexId = "0d8aed24-adf8-4b77-8e10-fd674309dc85"

const now = DateTime.makeUnsafe("2026-11-21T20:00:00Z")

/** Ids that look like Pinecone's, and are always the same. */
const backupId = (age: number) =>
  Backup.BackupId.make(`${(0x8c85e612 - age * 0x3a7f19b).toString(16)}-4b1d-4f0e-9a63-d1e5807f2b${age + 10}`)

/** Thirty days of a daily schedule: the next run is planned, one failed, and the index grows. */
const runs = Array.from({ length: 30 }, (_, age): Partial<BackupRun.BackupRun> => {
  const status = age === 0 ? "Scheduled" : age === 9 ? "InitializationFailed" : "Ready"
  const records = 98_214 - age * 611
  return {
    backupId: backupId(age),
    status,
    ...(status === "Ready" && { recordCount: records, sizeBytes: records * 6_210 })
  }
})

/**
 * Layer that provides the services of core on the demo project.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  settings: Pick<PineconeMemory.Options, "requestTimeout" | "transformClient">
): Layer.Layer<Pinecone.Services> =>
  PineconeMemory.layer({
    ...settings,
    now,
    speed: 0,
    indexes: [{ id: "d40265e4-a492-402b-9cf1-973b4908b7a0", name: "docs" }, {
      id: restoredIndexId,
      name: "docs-restored"
    }],
    schedules: [{ id: scheduleId, name: "docs-daily", indexName: "docs", runs }],
    restoreJobs: [{
      id: restoreJobId,
      backupId: backupId(1),
      targetIndexName: "docs-restored",
      createdAt: DateTime.makeUnsafe("2026-11-21T09:14:05.227Z"),
      completedAt: DateTime.makeUnsafe("2026-11-21T09:23:46.074Z")
    }]
  })
