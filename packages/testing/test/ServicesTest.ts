import { assert, describe, layer } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as Backups from "@pinecone-backups/core/Backups"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Indexes from "@pinecone-backups/core/Indexes"
import type * as Pinecone from "@pinecone-backups/core/Pinecone"
import type * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { indexName, stateOf } from "./support.ts"

// The tests share the layer and its clock, which stays at 1970-01-01T00:00:00Z.

/** A schedule to create. */
const daily: BackupSchedules.CreateOptions = { name: "nightly", frequency: "daily", expireAfterDays: 7 }

/** Asserts the failure of a call. */
const assertFails = Effect.fnUntraced(function*<A>(
  call: Effect.Effect<A, PineconeError.ListError>,
  tag: PineconeError.ListError["_tag"],
  message: string
) {
  const error = yield* Effect.flip(call)
  assert.deepStrictEqual([error._tag, error.message], [tag, message])
})

/** Sends a body that the services never send. */
const send = Effect.fnUntraced(function*(method: "POST" | "PATCH", path: string, body: unknown) {
  const client = yield* HttpClient.HttpClient
  const request = HttpClientRequest.make(method)(path).pipe(HttpClientRequest.bodyJsonUnsafe(body))
  return (yield* client.execute(request)).status
})

const scheduleIds = (schedules: ReadonlyArray<BackupSchedule.BackupSchedule>) =>
  schedules.map(({ scheduleId }) => String(scheduleId))

const backupIds = (backups: ReadonlyArray<{ readonly backupId: string }>) => backups.map(({ backupId }) => backupId)

const jobIds = (jobs: ReadonlyArray<RestoreJob.RestoreJob>) => jobs.map(({ restoreJobId }) => String(restoreJobId))

/** Suite for the services, for every way to provide them. */
export const suite = <E>(
  name: string,
  apiVersion: PineconeApi.ApiVersion,
  services: Layer.Layer<Pinecone.Services | ControlPlane.ControlPlane | HttpClient.HttpClient, E>
) =>
  layer(services)(name, (it) => {
    describe("BackupSchedules", () => {
      it.effect("creates an enabled schedule with a planned run", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const index = yield* plane.seedIndex({ name: "create-schedule" })

          const created = yield* schedules.create(index.name, daily)

          assert.deepStrictEqual(BackupSchedule.toJson(created), {
            schedule_id: created.scheduleId,
            name: "nightly",
            index_id: index.id,
            project_id: "project-1",
            schedule_type: "time-based",
            frequency: "daily",
            retention_expire_after_days: 7,
            enabled: true,
            next_scheduled_run: "1970-01-02T06:00:00.000000Z",
            created_at: "1970-01-01T00:00:00.000000Z"
          })
          const history = yield* Stream.runCollect(schedules.history(created.scheduleId))
          assert.deepStrictEqual(
            history.map(({ name, status }) => [name, status]),
            [["nightly-19700102T060000Z", "Scheduled"]]
          )
        }))

      it.effect("refuses an invalid schedule", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const { name } = yield* plane.seedIndex({ name: "refuse-schedule" })
          const pods = yield* plane.seedIndex({ name: "refuse-schedule-pod", kind: "pod" })
          yield* schedules.create(name, daily)

          yield* assertFails(
            schedules.create(name, daily),
            "PineconeAlreadyExists",
            "The index already has an enabled backup schedule."
          )
          yield* assertFails(schedules.create(indexName("no"), daily), "PineconeNotFound", "Index no not found.")
          yield* assertFails(
            schedules.create(pods.name, daily),
            "PineconeInvalidArgument",
            "Pod indexes cannot be backed up."
          )
          yield* assertFails(
            schedules.create(indexName("no"), { ...daily, expireAfterDays: 366 }),
            "PineconeInvalidArgument",
            "Retention must be between 1 and 365 days."
          )
        }))

      it.effect("lists the schedules of an index, newest first, by page and from all pages", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const seed = (enabled: boolean) => plane.seedSchedule({ indexName: "list-schedules", enabled })
          const seeded = [yield* seed(false), yield* seed(false), yield* seed(true)]
          const expected = Array.reverse(seeded.map(({ id }) => String(id)))
          const index = indexName("list-schedules")

          const first = yield* schedules.listPage(index, { limit: 2 })
          const second = yield* schedules.listPage(index, { paginationToken: first.next })

          assert.deepStrictEqual(scheduleIds(first.data), expected.slice(0, 2))
          assert.deepStrictEqual(scheduleIds(second.data), expected.slice(2))
          assert.isUndefined(second.next)
          const all = yield* Stream.runCollect(schedules.list(index, { pageSize: 1 }))
          assert.deepStrictEqual(all.map(({ enabled }) => enabled), [true, false, false])
          assert.deepStrictEqual(scheduleIds(all), expected)
        }))

      it.effect("returns an empty list for an index without schedules, and fails for an unknown index", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const { name } = yield* plane.seedIndex({ name: "no-schedules" })

          assert.deepStrictEqual(yield* schedules.listPage(name), { data: [], next: undefined })
          yield* assertFails(schedules.listPage(indexName("no")), "PineconeNotFound", "Index no not found.")
          yield* assertFails(
            Stream.runCollect(schedules.list(indexName("no"))),
            "PineconeNotFound",
            "Index no not found."
          )
        }))

      it.effect("describes a schedule as it was created", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const { name } = yield* plane.seedIndex({ name: "describe-schedule" })
          const created = yield* schedules.create(name, { ...daily, frequency: "monthly" })

          const described = yield* schedules.describe(created.scheduleId)

          assert.deepStrictEqual(BackupSchedule.toJson(described), BackupSchedule.toJson(created))
        }))

      it.effect("updates the given fields and keeps the others", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const { name } = yield* plane.seedIndex({ name: "update-schedule" })
          const created = yield* schedules.create(name, daily)
          const update = (options: BackupSchedules.UpdateOptions) =>
            Effect.map(schedules.update(created.scheduleId, options), BackupSchedule.toJson)

          assert.deepStrictEqual(yield* update({}), BackupSchedule.toJson(created))
          assert.deepStrictEqual(yield* update({ expireAfterDays: 30 }), {
            ...BackupSchedule.toJson(created),
            retention_expire_after_days: 30
          })
          assert.deepStrictEqual(yield* update({ frequency: "weekly" }), {
            ...BackupSchedule.toJson(created),
            retention_expire_after_days: 30,
            frequency: "weekly",
            next_scheduled_run: "1970-01-08T06:00:00.000000Z"
          })
          yield* assertFails(
            update({ expireAfterDays: 1_000 }),
            "PineconeInvalidArgument",
            "Retention must be between 1 and 365 days."
          )
        }))

      it.effect("pauses a schedule and removes its planned run", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const { id } = yield* plane.seedSchedule({ indexName: "pause", runs: [{ status: "Scheduled" }, {}] })

          for (
            const paused of [yield* schedules.pause(id), yield* schedules.pause(id), yield* schedules.describe(id)]
          ) {
            assert.strictEqual(paused.enabled, false)
            assert.isNull(paused.nextScheduledRun)
          }
          const history = yield* Stream.runCollect(schedules.history(id))
          assert.deepStrictEqual(history.map(({ status }) => status), ["Ready"])
        }))

      it.effect("resumes a schedule with an immediate backup, and counts the next run from now", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const { id } = yield* plane.seedSchedule({ indexName: "resume", enabled: false })

          const resumed = yield* schedules.resume(id)
          const again = yield* schedules.resume(id)

          assert.strictEqual(resumed.enabled, true)
          assert.strictEqual(BackupSchedule.toJson(resumed).next_scheduled_run, "1970-01-02T00:00:00.000000Z")
          assert.deepStrictEqual(BackupSchedule.toJson(again), BackupSchedule.toJson(resumed))
          const history = yield* Stream.runCollect(schedules.history(id))
          assert.deepStrictEqual(
            history.map(({ name, status }) => [name, status]),
            [["nightly-19700102T000000Z", "Scheduled"], ["nightly-19700101T000000Z", "Initializing"]]
          )
        }))

      it.effect("does not resume a schedule while another is enabled", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const other = yield* plane.seedSchedule({ indexName: "resume-second" })
          const { id } = yield* plane.seedSchedule({ indexName: "resume-second", enabled: false })

          yield* assertFails(
            schedules.resume(id),
            "PineconeAlreadyExists",
            "The index already has an enabled backup schedule."
          )
          yield* schedules.pause(other.id)
          assert.strictEqual((yield* schedules.resume(id)).enabled, true)
        }))

      it.effect("deletes a schedule and keeps its backups", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const backups = yield* Backups.Backups
          const { id, runs } = yield* plane.seedSchedule({
            indexName: "delete-schedule",
            runs: [{ status: "Scheduled" }, {}, {}]
          })

          yield* schedules.delete(id)

          const left = yield* Stream.runCollect(backups.listByIndex(indexName("delete-schedule")))
          assert.deepStrictEqual(backupIds(left), backupIds(runs.slice(1)))
          assert.deepStrictEqual((yield* schedules.listPage(indexName("delete-schedule"))).data, [])
        }))

      it.effect("fails with NotFound for an unknown schedule, for every operation", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const deleted = yield* plane.seedSchedule({ indexName: "missing-schedule", runs: 1 })
          yield* schedules.delete(deleted.id)

          for (const id of [deleted.id, BackupSchedule.ScheduleId.make("no")]) {
            const calls: ReadonlyArray<Effect.Effect<unknown, PineconeError.ListError>> = [
              schedules.describe(id),
              schedules.update(id, { expireAfterDays: 1 }),
              schedules.pause(id),
              schedules.resume(id),
              schedules.delete(id),
              schedules.historyPage(id),
              Stream.runCollect(schedules.history(id))
            ]
            for (const call of calls) yield* assertFails(call, "PineconeNotFound", "Backup schedule not found.")
          }
        }))

      it.effect("reports the request ID of a failure", () =>
        Effect.gen(function*() {
          const schedules = yield* BackupSchedules.BackupSchedules
          const error = yield* Effect.flip(schedules.historyPage(BackupSchedule.ScheduleId.make("missing")))
          assert.isTrue(error._tag === "PineconeNotFound" && error.requestId?.startsWith("request-"))
        }))

      it.effect("streams a history over many pages, every run once and in order", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const { id, runs } = yield* plane.seedSchedule({ runs: 25, enabled: false })

          const history = yield* Stream.runCollect(schedules.history(id, { pageSize: 4 }))

          assert.deepStrictEqual(history.map((run) => run.backupId), runs.map((run) => run.backupId))
          assert.deepStrictEqual(history.map((run) => run.name), runs.map((run) => run.name))
        }))

      it.effect("requests one page for one run", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const { id } = yield* plane.seedSchedule({ runs: 25, enabled: false })
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

      it.effect("lists the run of an expired backup, but not the backup", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const backups = yield* Backups.Backups
          const index = indexName("expired")
          const { id, runs } = yield* plane.seedSchedule({
            indexName: index,
            enabled: false,
            runs: [{}, { expired: true, recordCount: 7 }]
          })
          const ids = backupIds(runs)
          const expired = Backup.BackupId.make(ids[1] ?? "")

          const history = yield* Stream.runCollect(schedules.history(id))
          assert.deepStrictEqual(backupIds(history), ids)
          assert.deepStrictEqual([history[1]?.status, history[1]?.recordCount], ["Ready", 7])

          const listed = yield* Stream.runCollect(backups.listByIndex(index))
          assert.deepStrictEqual(backupIds(listed), ids.slice(0, 1))
          assert.notInclude(backupIds(yield* Stream.runCollect(backups.list())), expired)
          for (
            const call of [
              backups.describe(expired),
              backups.delete(expired),
              backups.restore(expired, { name: indexName("from-expired") })
            ]
          ) yield* assertFails<unknown>(call, "PineconeNotFound", `Backup ${expired} not found.`)
        }))

      it.effect("pages a history manually", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const { id, runs } = yield* plane.seedSchedule({ runs: 5, enabled: false })

          const first = yield* schedules.historyPage(id, { limit: 3 })
          const second = yield* schedules.historyPage(id, { paginationToken: first.next })

          assert.deepStrictEqual(first.data.map((run) => run.backupId), runs.slice(0, 3).map((run) => run.backupId))
          assert.deepStrictEqual(second.data.map((run) => run.backupId), runs.slice(3).map((run) => run.backupId))
          assert.isUndefined(second.next)
        }))

      it.effect("streams nothing for a schedule that has not run", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const { id } = yield* plane.seedSchedule({ enabled: false })

          assert.deepStrictEqual(yield* Stream.runHead(schedules.history(id)), Option.none())
        }))

      it.effect("rejects a foreign page token", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const { id } = yield* plane.seedSchedule({ indexName: "wrong-token" })

          for (const paginationToken of ["not-a-token", "e30=", btoa(JSON.stringify({ limit: 0, offset: -1 }))]) {
            yield* assertFails(
              schedules.historyPage(id, { paginationToken }),
              "PineconeInvalidArgument",
              "The request contains invalid parameters."
            )
          }
        }))

      it.effect("rejects a body that cannot be decoded", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const { id } = yield* plane.seedSchedule({ indexName: "broken-schedule", enabled: false })
          const before = yield* stateOf(plane)

          assert.strictEqual(yield* send("POST", "/indexes/broken-schedule/backup-schedules", { name: "nightly" }), 422)
          assert.strictEqual(yield* send("PATCH", `/backup-schedules/${id}`, { enabled: "yes" }), 422)
          assert.deepStrictEqual(yield* stateOf(plane), before)
        }))
    })

    describe("Backups", () => {
      it.effect("creates a backup that is initializing", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const { id, name } = yield* plane.seedIndex({ name: "create-backup", tags: { team: "search" } })

          const created = yield* backups.create(name, { name: "before-reindex", description: "v2" })

          assert.deepStrictEqual(Backup.toJson(created), {
            backup_id: created.backupId,
            source_index_id: id,
            source_index_name: "create-backup",
            tags: { team: "search" },
            name: "before-reindex",
            description: "v2",
            status: "Initializing",
            cloud: "aws",
            region: "us-east-1",
            ...(apiVersion === "2026-04" ? { dimension: 1536 } : {
              schema: {
                fields: {
                  _values: { type: "dense_vector", dimension: 1536, metric: "cosine" },
                  _sparse_values: { type: "sparse_vector" }
                }
              }
            }),
            record_count: null,
            namespace_count: null,
            size_bytes: null,
            created_at: "1970-01-01T00:00:00.000000Z"
          })
          const described = yield* backups.describe(created.backupId)
          assert.deepStrictEqual(Backup.toJson(described), Backup.toJson(created))
          assert.isFalse(Backup.isFinal(described))
        }))

      it.effect("creates backups without a name, and two with the same name", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const { name } = yield* plane.seedIndex({ name: "same-names" })

          for (const options of [undefined, {}, { name: "same" }, { name: "same" }]) {
            yield* backups.create(name, options)
          }

          const all = yield* Stream.runCollect(backups.listByIndex(name))
          const names = all.map(({ name }) => name ?? "")
          assert.deepStrictEqual(names.slice(0, 2), ["same", "same"])
          for (const name of names.slice(2)) assert.match(name, /^backup-[a-z0-9]{16}$/)
          assert.strictEqual(new Set(names).size, 3)
        }))

      it.effect("refuses an invalid backup", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const pods = yield* plane.seedIndex({ name: "backup-pod", kind: "pod" })
          const secret = yield* plane.seedIndex({ name: "backup-secret", kind: "encrypted" })

          yield* assertFails(backups.create(indexName("no")), "PineconeNotFound", "Index no not found.")
          yield* assertFails(backups.create(pods.name), "PineconeInvalidArgument", "Pod indexes cannot be backed up.")
          yield* assertFails(
            backups.create(secret.name),
            "PineconeInvalidArgument",
            "Indexes with a customer-managed key cannot be backed up."
          )
        }))

      it.effect("accepts any backup name before 2026-07, and only valid index names from then on", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const { name } = yield* plane.seedIndex({ name: "backup-names" })

          for (const wrong of ["Before_Reindex", "a-", "x".repeat(46)]) {
            const status = yield* send("POST", "/indexes/backup-names/backups", { name: wrong })
            if (apiVersion === "2026-04") {
              assert.strictEqual(status, 200)
              assert.strictEqual((yield* backups.create(name, { name: wrong })).name, wrong)
            } else {
              assert.strictEqual(status, 400)
              yield* assertFails(
                backups.create(name, { name: wrong }),
                "PineconeInvalidInput",
                "name: must be 1 to 45 lower-case letters, digits and hyphens, with a letter or digit at both ends"
              )
            }
          }
          assert.strictEqual(yield* send("POST", "/indexes/backup-names/backups", { name: "x".repeat(45) }), 200)
        }))

      it.effect("lists the backups of the project, newest first, by page and from all pages", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const { name } = yield* plane.seedIndex({ name: "list-backups" })
          yield* plane.seedSchedule({ indexName: "list-backups", runs: [{ status: "Scheduled" }] })
          const made = yield* Effect.replicateEffect(backups.create(name), 3)
          const expected = Array.reverse(backupIds(made))

          const first = yield* backups.listPage({ limit: 2 })
          const second = yield* backups.listPage({ paginationToken: first.next })

          assert.deepStrictEqual(backupIds(first.data), expected.slice(0, 2))
          assert.strictEqual(second.data.length, 2)
          assert.strictEqual(second.data[0]?.backupId, expected[2])
          const all = yield* Stream.runCollect(backups.list({ pageSize: 3 }))
          assert.deepStrictEqual(
            backupIds(all.filter((backup) => backup.sourceIndexName === "list-backups")),
            expected
          )
          assert.strictEqual(new Set(backupIds(all)).size, all.length)
        }))

      it.effect("lists only the backups of an index, by page and from all pages", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const { runs } = yield* plane.seedSchedule({ indexName: "list-by-index", runs: 5 })
          yield* plane.seedBackup({ indexName: "list-by-index-other" })
          const index = indexName("list-by-index")

          const first = yield* backups.listByIndexPage(index, { limit: 3 })
          const second = yield* backups.listByIndexPage(index, { paginationToken: first.next })

          assert.deepStrictEqual(backupIds(first.data), backupIds(runs.slice(0, 3)))
          assert.deepStrictEqual(backupIds(second.data), backupIds(runs.slice(3)))
          assert.isUndefined(second.next)
          assert.deepStrictEqual(
            backupIds(yield* Stream.runCollect(backups.listByIndex(index, { pageSize: 2 }))),
            backupIds(runs)
          )
        }))

      it.effect("lists backups of deleted indexes with includeDeleted", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const indexes = yield* Indexes.Indexes
          const index = indexName("include-deleted")
          const list = (includeDeleted?: boolean) =>
            Effect.map(Stream.runCollect(backups.listByIndex(index, { includeDeleted, pageSize: 1 })), backupIds)

          const old = yield* plane.seedBackup({ indexName: index })
          yield* indexes.delete(index)
          yield* assertFails(list(), "PineconeNotFound", "Index include-deleted not found.")
          yield* assertFails(list(false), "PineconeNotFound", "Index include-deleted not found.")
          assert.deepStrictEqual(yield* list(true), [old.backupId])

          const recent = yield* plane.seedBackup({ indexName: index })
          assert.deepStrictEqual(yield* list(), [recent.backupId])
          assert.deepStrictEqual(yield* list(true), [recent.backupId, old.backupId])

          const page = yield* backups.listByIndexPage(index, { includeDeleted: true })
          assert.deepStrictEqual(
            page.data.map(({ sourceIndexDeletedAt }) => sourceIndexDeletedAt !== undefined),
            [false, apiVersion === "2026-07"]
          )
          yield* assertFails(
            backups.listByIndexPage(indexName("no"), { includeDeleted: true }),
            "PineconeNotFound",
            "Index no not found."
          )
        }))

      it.effect("describes a ready and a failed backup", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const ready = yield* plane.seedBackup({ indexName: "describe-backup", recordCount: 5 })
          const failed = yield* plane.seedBackup({ indexName: "describe-backup", status: "InitializationFailed" })

          const [good, bad] = [yield* backups.describe(ready.backupId), yield* backups.describe(failed.backupId)]

          assert.isTrue(Backup.isReady(good))
          assert.deepStrictEqual([good.recordCount, good.namespaceCount, good.sizeBytes], [5, 1, 31_000])
          assert.isTrue(Backup.isFailed(bad))
          assert.strictEqual(bad.status, apiVersion === "2026-04" ? "Failed" : "InitializationFailed")
        }))

      it.effect("returns the runs of a schedule as backups, unless they are planned", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const { runs: [planned, made] } = yield* plane.seedSchedule({
            indexName: "runs-as-backups",
            runs: [{ status: "Scheduled" }, {}]
          })

          assert.strictEqual((yield* backups.describe(made!.backupId)).name, made!.name)
          yield* assertFails(
            backups.describe(planned!.backupId),
            "PineconeNotFound",
            `Backup ${planned!.backupId} not found.`
          )
        }))

      it.effect("deletes a backup", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const { backupId } = yield* plane.seedBackup({ indexName: "delete-backup" })

          yield* backups.delete(backupId)

          yield* assertFails(backups.describe(backupId), "PineconeNotFound", `Backup ${backupId} not found.`)
          yield* assertFails(backups.delete(backupId), "PineconeNotFound", `Backup ${backupId} not found.`)
          assert.deepStrictEqual((yield* backups.listByIndexPage(indexName("delete-backup"))).data, [])
        }))

      it.effect("refuses to delete a backup while an index is restored from it", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const { backupId } = yield* plane.seedBackup({ indexName: "wanted-backup" })
          const { restoreJobId } = yield* backups.restore(backupId, { name: "wanted-backup-copy" })

          yield* assertFails(
            backups.delete(backupId),
            "PineconeFailedPrecondition",
            `Restore jobs from this backup are pending: [${restoreJobId}]`
          )
          assert.isTrue(Backup.isReady(yield* backups.describe(backupId)))
        }))

      it.effect("restores an index with the settings of the backup", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const indexes = yield* Indexes.Indexes
          const jobs = yield* RestoreJobs.RestoreJobs
          yield* plane.seedIndex({ name: "restore", tags: { team: "search" }, deletionProtection: "enabled" })
          const { backupId } = yield* plane.seedBackup({ indexName: "restore" })

          const started = yield* backups.restore(backupId, { name: "restore-copy" })

          assert.deepStrictEqual(RestoreJob.toJson(yield* jobs.describe(started.restoreJobId)), {
            restore_job_id: started.restoreJobId,
            backup_id: backupId,
            target_index_name: "restore-copy",
            target_index_id: started.indexId,
            status: "Pending",
            created_at: "1970-01-01T00:00:00.000000Z",
            completed_at: null,
            ...(apiVersion === "2026-04" && { percent_complete: 0 })
          })
          const index = yield* indexes.describe(indexName("restore-copy"))
          assert.deepInclude(PineconeIndex.toJson(index), {
            name: "restore-copy",
            status: { ready: false, state: "Initializing" },
            deletion_protection: "disabled",
            tags: { team: "search" },
            ...(apiVersion === "2026-07" && { source_backup_id: backupId })
          })
        }))

      it.effect("restores an index with the settings of the call", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const indexes = yield* Indexes.Indexes
          yield* plane.seedIndex({ name: "restore-options", tags: { team: "search" } })
          const { backupId } = yield* plane.seedBackup({ indexName: "restore-options" })

          yield* backups.restore(backupId, {
            name: "restore-options-copy",
            tags: { tier: "1" },
            deletionProtection: "enabled",
            readCapacity: { mode: "OnDemand" }
          })

          const index = yield* indexes.describe(indexName("restore-options-copy"))
          assert.deepStrictEqual(index.tags, { tier: "1" })
          assert.strictEqual(index.deletionProtection, "enabled")
        }))

      it.effect("refuses an invalid restore", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const ready = yield* plane.seedBackup({ indexName: "refuse-restore" })
          const making = yield* plane.seedBackup({ indexName: "refuse-restore", status: "Initializing" })

          yield* assertFails(
            backups.restore(Backup.BackupId.make("no"), { name: "refuse-restore" }),
            "PineconeNotFound",
            "Backup no not found."
          )
          yield* assertFails(
            backups.restore(ready.backupId, { name: "refuse-restore" }),
            "PineconeAlreadyExists",
            "Index refuse-restore already exists."
          )
          yield* assertFails(
            backups.restore(making.backupId, { name: "refuse-restore-copy" }),
            "PineconeFailedPrecondition",
            `Backup ${making.backupId} is not ready.`
          )
          yield* assertFails(
            backups.restore(ready.backupId, { name: "Refuse_Restore" }),
            "PineconeInvalidInput",
            "name: must be 1 to 45 lower-case letters, digits and hyphens, with a letter or digit at both ends"
          )
        }))

      it.effect("rejects a body that cannot be decoded", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const { backupId } = yield* plane.seedBackup({ indexName: "broken-backup" })
          const before = yield* stateOf(plane)

          assert.strictEqual(yield* send("POST", "/indexes/broken-backup/backups", { name: 1 }), 422)
          assert.strictEqual(yield* send("POST", `/backups/${backupId}/create-index`, { tags: {} }), 422)
          assert.deepStrictEqual(yield* stateOf(plane), before)
        }))
    })

    describe("RestoreJobs", () => {
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

      it.effect("fails with NotFound for an unknown restore job, even with a long ID", () =>
        Effect.gen(function*() {
          const jobs = yield* RestoreJobs.RestoreJobs

          for (const id of ["missing", "a/b?c#d%", "é", "x".repeat(2_000)]) {
            const error = yield* Effect.flip(jobs.describe(RestoreJob.RestoreJobId.make(id)))
            assert.strictEqual(error._tag, "PineconeNotFound")
            assert.strictEqual(
              error.message,
              `Restore job ${id} not found.`.slice(0, 1_000) + (id.length > 900 ? "…" : "")
            )
          }
        }))

      it.effect("lists the jobs of the project, newest first, by page and from all pages", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const jobs = yield* RestoreJobs.RestoreJobs
          const seeded = yield* Effect.forEach(
            ["list-jobs-1", "list-jobs-2", "list-jobs-3"],
            (targetIndexName) => plane.seedRestoreJob({ targetIndexName })
          )
          const expected = Array.reverse(jobIds(seeded))

          const first = yield* jobs.listPage({ limit: 2 })
          const second = yield* jobs.listPage({ paginationToken: first.next })

          assert.deepStrictEqual(jobIds(first.data), expected.slice(0, 2))
          assert.strictEqual(jobIds(second.data)[0], expected[2])
          const all = yield* Stream.runCollect(jobs.list({ pageSize: 2 }))
          assert.deepStrictEqual(jobIds(all).slice(0, 3), expected)
          assert.strictEqual(new Set(jobIds(all)).size, all.length)
        }))

      it.effect("does not return a job whose index was deleted", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const jobs = yield* RestoreJobs.RestoreJobs
          const indexes = yield* Indexes.Indexes
          const { restoreJobId, targetIndexName } = yield* plane.seedRestoreJob({ targetIndexName: "forget-job" })
          assert.include(jobIds(yield* Stream.runCollect(jobs.list())), restoreJobId)

          yield* indexes.delete(targetIndexName)

          yield* assertFails(jobs.describe(restoreJobId), "PineconeNotFound", `Restore job ${restoreJobId} not found.`)
          assert.notInclude(jobIds(yield* Stream.runCollect(jobs.list())), restoreJobId)
        }))
    })

    describe("Indexes", () => {
      it.effect("lists the existing indexes", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const indexes = yield* Indexes.Indexes
          yield* plane.seedIndex({ name: "list-indexes", tags: { team: "search" } })

          const listed = (yield* indexes.list).filter((index) => index.name === "list-indexes")

          assert.deepStrictEqual(listed.map(({ tags }) => tags), [{ team: "search" }])
        }))

      it.effect("describes a ready index", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const indexes = yield* Indexes.Indexes
          const { name } = yield* plane.seedIndex({ name: "describe-index" })

          const index = yield* indexes.describe(name)

          assert.isTrue(PineconeIndex.isReady(index))
          assert.deepInclude(PineconeIndex.toJson(index), {
            name: "describe-index",
            status: { ready: true, state: "Ready" },
            deletion_protection: "disabled",
            tags: {}
          })
        }))

      it.effect("enables deletion protection and changes tags", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const indexes = yield* Indexes.Indexes
          const { name } = yield* plane.seedIndex({ name: "configure", tags: { team: "search", old: "1", kept: "2" } })

          const changed = yield* indexes.configure(name, {
            deletionProtection: "enabled",
            tags: { team: "ads", old: "", "new": "3" }
          })

          assert.isFalse(changed.recovered)
          assert.strictEqual(changed.deletionProtection, "enabled")
          assert.deepStrictEqual(changed.tags, { team: "ads", kept: "2", "new": "3" })
          yield* assertFails(
            indexes.delete(name),
            "PineconeForbidden",
            "Deletion protection is enabled for index configure."
          )
          const { recovered: _, ...index } = yield* indexes.configure(name, { deletionProtection: "disabled" })
          assert.deepStrictEqual(index.tags, { team: "ads", kept: "2", "new": "3" })
          assert.deepStrictEqual({ ...(yield* indexes.configure(name, { tags: {} })) }, { ...index, recovered: false })
          yield* indexes.delete(name)
          yield* assertFails(
            Effect.asVoid(indexes.configure(name, { deletionProtection: "enabled" })),
            "PineconeNotFound",
            "Index configure not found."
          )
        }))

      it.effect("deletes an index with its schedules, and keeps its backups", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const schedules = yield* BackupSchedules.BackupSchedules
          const backups = yield* Backups.Backups
          const indexes = yield* Indexes.Indexes
          const name = indexName("delete-index")
          const { id, runs: [run] } = yield* plane.seedSchedule({ indexName: name, runs: 1 })

          yield* indexes.delete(name)

          for (const call of [indexes.describe(name), indexes.delete(name)]) {
            yield* assertFails(Effect.asVoid(call), "PineconeNotFound", "Index delete-index not found.")
          }
          assert.notInclude((yield* indexes.list).map(({ name }) => String(name)), "delete-index")
          yield* assertFails(schedules.describe(id), "PineconeNotFound", "Backup schedule not found.")
          yield* assertFails(schedules.listPage(name), "PineconeNotFound", "Index delete-index not found.")
          assert.isTrue(Backup.isReady(yield* backups.describe(run!.backupId)))
        }))

      it.effect("refuses to delete a protected index", () =>
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const indexes = yield* Indexes.Indexes
          const { name } = yield* plane.seedIndex({ name: "protected", deletionProtection: "enabled" })

          yield* assertFails(
            indexes.delete(name),
            "PineconeForbidden",
            "Deletion protection is enabled for index protected."
          )
          assert.strictEqual((yield* indexes.describe(name)).deletionProtection, "enabled")
        }))
    })
  })
