import { assert, layer } from "@effect/vitest"
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import type * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/** What every way of providing the services has to do. Runs nothing by itself. */
export const suite = <E>(
  name: string,
  services: Layer.Layer<Pinecone.Services | ControlPlane.ControlPlane, E>
) =>
  layer(services)(name, (it) => {
    it.effect("streams a history over many pages, every run once and in order", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const schedules = yield* BackupSchedules.BackupSchedules
        const { id, runs } = yield* plane.seedSchedule({ runs: 25 })

        const history = yield* Stream.runCollect(schedules.history(id, { pageSize: 4 }))

        assert.deepStrictEqual(history.map((run) => run.backupId), runs.map((run) => run.backupId))
        assert.deepStrictEqual(history.map((run) => run.name), runs.map((run) => run.name))
      }))

    it.effect("asks for one page when one run is wanted", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const schedules = yield* BackupSchedules.BackupSchedules
        const { id } = yield* plane.seedSchedule({ runs: 25 })
        const before = yield* plane.requests

        yield* schedules.history(id, { pageSize: 4 }).pipe(Stream.take(1), Stream.runDrain)

        assert.strictEqual((yield* plane.requests).length - before.length, 1)
      }))

    it.effect("reads every state of a run", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const schedules = yield* BackupSchedules.BackupSchedules
        const { id, runs } = yield* plane.seedSchedule({
          runs: [{ status: "Scheduled" }, { status: "Initializing" }, { status: "InitializationFailed" }, {}]
        })

        const history = yield* Stream.runCollect(schedules.history(id))

        assert.deepStrictEqual(history.map(BackupRun.isFinal), [false, false, true, true])
        assert.deepStrictEqual(history.map(BackupRun.isFailed), [false, false, true, false])
        assert.deepStrictEqual(history.map(BackupRun.isReady), [false, false, false, true])
        assert.deepStrictEqual(history[0]?.scheduledExecutionAt, runs[0]?.scheduledExecutionAt)
        assert.deepStrictEqual(history.map(BackupRun.plannedFor), runs.map(BackupRun.plannedFor))
      }))

    it.effect("pages by hand", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const schedules = yield* BackupSchedules.BackupSchedules
        const { id, runs } = yield* plane.seedSchedule({ runs: 5 })

        const first = yield* schedules.historyPage(id, { limit: 3 })
        const second = yield* schedules.historyPage(id, { paginationToken: first.next })

        assert.deepStrictEqual(first.data.map((run) => run.backupId), runs.slice(0, 3).map((run) => run.backupId))
        assert.deepStrictEqual(second.data.map((run) => run.backupId), runs.slice(3).map((run) => run.backupId))
        assert.isUndefined(second.next)
      }))

    it.effect("has nothing to stream for a schedule that has not run", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const schedules = yield* BackupSchedules.BackupSchedules
        const { id } = yield* plane.seedSchedule()

        assert.deepStrictEqual(yield* Stream.runHead(schedules.history(id)), Option.none())
      }))

    it.effect("refuses a page token it did not give", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const schedules = yield* BackupSchedules.BackupSchedules
        const { id } = yield* plane.seedSchedule()

        for (const paginationToken of ["not-a-token", "e30=", btoa(JSON.stringify({ limit: 0, offset: -1 }))]) {
          const error = yield* Effect.flip(schedules.historyPage(id, { paginationToken }))
          assert.strictEqual(error._tag, "InvalidArgument")
        }
      }))

    it.effect("fails with NotFound for an unknown schedule", () =>
      Effect.gen(function*() {
        const schedules = yield* BackupSchedules.BackupSchedules

        const error = yield* Effect.flip(schedules.historyPage(BackupSchedule.ScheduleId.make("missing")))

        assert.strictEqual(error._tag, "NotFound")
        assert.strictEqual(error.message, "Backup schedule not found.")
        assert.isTrue(error._tag === "NotFound" && error.requestId?.startsWith("request-"))
      }))

    it.effect("describes restore jobs in every state", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const jobs = yield* RestoreJobs.RestoreJobs

        for (const status of ["Pending", "Completed", "Failed", "Cancelled"]) {
          const seeded = yield* plane.seedRestoreJob({ status })
          const job = yield* jobs.describe(seeded.restoreJobId)

          assert.strictEqual(job.status, status)
          assert.deepStrictEqual(job.createdAt, seeded.createdAt)
          assert.deepStrictEqual(job.completedAt, seeded.completedAt)
          assert.strictEqual(job.targetIndexName, seeded.targetIndexName)
        }
      }))

    it.effect("fails with NotFound for an unknown restore job, however long its id", () =>
      Effect.gen(function*() {
        const jobs = yield* RestoreJobs.RestoreJobs

        for (const id of ["missing", "a/b?c#d%", "é", "x".repeat(2_000)]) {
          const error = yield* Effect.flip(jobs.describe(RestoreJob.RestoreJobId.make(id)))
          assert.strictEqual(error._tag, "NotFound")
          assert.strictEqual(
            error.message,
            `Restore job ${id} not found.`.slice(0, 1_000) + (id.length > 900 ? "…" : "")
          )
        }
      }))
  })
