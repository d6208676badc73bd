import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { indexName, start, stateOf } from "./support.ts"

const docs = indexName("docs")

const daily: BackupSchedules.CreateOptions = { name: "nightly", frequency: "daily", expireAfterDays: 30 }

/** A separate service for each test, with the index `docs`. */
const withDocs = (options: PineconeMemory.Options = {}) =>
  Effect.provide(PineconeMemory.layer({ indexes: [{ name: "docs" }], ...options }))

/** Starts the clock of a test, which is at 1970, between two runs. */
const atStart = TestClock.setTime(DateTime.toEpochMillis(DateTime.makeUnsafe(start)))

describe("PineconeMemory on virtual time", () => {
  it.effect("takes seven daily backups in seven days", () =>
    Effect.gen(function*() {
      yield* atStart
      const schedules = yield* BackupSchedules.BackupSchedules
      const { scheduleId } = yield* schedules.create(docs, daily)

      yield* TestClock.adjust("7 days")

      const [planned, ...made] = yield* Stream.runCollect(schedules.history(scheduleId))
      assert.strictEqual(planned?.status, "Scheduled")
      assert.isTrue(made.every(Backup.isReady))
      assert.deepStrictEqual(
        made.map(({ name }) => name),
        [30, 29, 28, 27, 26, 25, 24].map((day) => `nightly-202604${day}T060000Z`)
      )
    }).pipe(withDocs()))

  it.effect("deletes backups after their retention", () =>
    Effect.gen(function*() {
      yield* atStart
      const schedules = yield* BackupSchedules.BackupSchedules
      const backups = yield* Backups.Backups
      yield* schedules.create(docs, { ...daily, expireAfterDays: 3 })
      const count = Effect.map(Stream.runCollect(backups.list()), ({ length }) => length)

      yield* TestClock.adjust("90 days")
      assert.strictEqual(yield* count, 3)
    }).pipe(withDocs()))

  it.effect("takes a backup immediately when a schedule is resumed", () =>
    Effect.gen(function*() {
      yield* atStart
      const schedules = yield* BackupSchedules.BackupSchedules
      const { scheduleId } = yield* schedules.create(docs, daily)
      yield* schedules.pause(scheduleId)
      yield* TestClock.adjust("7 days")
      yield* schedules.resume(scheduleId)
      yield* TestClock.adjust("1 day")

      const history = yield* Stream.runCollect(schedules.history(scheduleId))
      assert.deepStrictEqual(
        history.map(({ name, status }) => `${name} ${status}`),
        [
          "nightly-20260502T163651Z Scheduled",
          "nightly-20260501T163651Z Initializing",
          "nightly-20260430T163651Z Ready"
        ]
      )
    }).pipe(withDocs()))

  it.effect("finishes a backup that is polled every minute", () =>
    Effect.gen(function*() {
      const backups = yield* Backups.Backups
      const { backupId, status } = yield* backups.create(docs)
      assert.strictEqual(status, "Initializing")

      const fiber = yield* backups.describe(backupId).pipe(
        Effect.repeat({ until: Backup.isFinal, schedule: Schedule.spaced("1 minute") }),
        Effect.forkChild
      )
      yield* TestClock.adjust("9 minutes")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 minute")

      const backup = yield* Fiber.join(fiber)
      assert.isTrue(Backup.isReady(backup))
      assert.strictEqual(backup.recordCount, 120_000)
    }).pipe(withDocs()))

  it.effect("completes a restore that is polled every minute", () =>
    Effect.gen(function*() {
      const backups = yield* Backups.Backups
      const jobs = yield* RestoreJobs.RestoreJobs
      const indexes = yield* Indexes.Indexes
      const plane = yield* ControlPlane.ControlPlane
      const { backupId } = yield* plane.seedBackup()
      const { restoreJobId } = yield* backups.restore(backupId, { name: "copy" })
      assert.isFalse(PineconeIndex.isReady(yield* indexes.describe(indexName("copy"))))

      const fiber = yield* jobs.describe(restoreJobId).pipe(
        Effect.repeat({ until: RestoreJob.isFinal, schedule: Schedule.spaced("1 minute") }),
        Effect.forkChild
      )
      yield* TestClock.adjust("9 minutes")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 minute")

      const job = yield* Fiber.join(fiber)
      assert.isTrue(RestoreJob.isCompleted(job))
      assert.strictEqual(job.percentComplete, 100)
      assert.isTrue(PineconeIndex.isReady(yield* indexes.describe(indexName("copy"))))
      yield* backups.delete(backupId)
    }).pipe(withDocs()))

  it.effect("uses the backup duration of the project", () =>
    Effect.gen(function*() {
      const backups = yield* Backups.Backups
      const { backupId } = yield* backups.create(docs)
      yield* TestClock.adjust("5 seconds")
      assert.isFalse(Backup.isFinal(yield* backups.describe(backupId)))
      yield* TestClock.adjust("1 second")
      assert.isTrue(Backup.isReady(yield* backups.describe(backupId)))
    }).pipe(withDocs({ project: { backupDuration: Duration.seconds(6) } })))
})

describe("PineconeMemory", () => {
  it.effect("shares nothing between two services in one graph", () =>
    Effect.gen(function*() {
      const counts: Array<number> = []
      const count = (runs: number) =>
        Layer.provide(
          Layer.effectDiscard(Effect.gen(function*() {
            const backups = yield* Backups.Backups
            counts.push(yield* Effect.orDie(Stream.runCount(backups.list())))
          })),
          PineconeMemory.layer({ schedules: [{ runs }] })
        )
      yield* Effect.scoped(Layer.build(Layer.mergeAll(count(3), count(5))))
      assert.sameMembers(counts, [3, 5])
    }))

  it.effect("stops at the given time with speed 0", () =>
    Effect.gen(function*() {
      const backups = yield* Backups.Backups
      const { backupId, createdAt } = yield* backups.create(docs)
      yield* TestClock.adjust("1 day")

      assert.strictEqual(createdAt && DateTime.formatIso(createdAt), "2026-04-23T16:36:51.000Z")
      assert.strictEqual((yield* backups.describe(backupId)).status, "Initializing")
    }).pipe(withDocs({ now: DateTime.makeUnsafe(start), speed: 0 })))

  it.effect("refuses backups and schedules on a plan without them before it checks the index", () =>
    Effect.gen(function*() {
      const schedules = yield* BackupSchedules.BackupSchedules
      const backups = yield* Backups.Backups

      for (const index of [docs, indexName("no")]) {
        const noSchedule = yield* Effect.flip(schedules.create(index, daily))
        const noBackup = yield* Effect.flip(backups.create(index))
        assert.deepStrictEqual([noSchedule._tag, noBackup._tag], [
          "PineconePermissionDenied",
          "PineconePermissionDenied"
        ])
      }
    }).pipe(withDocs({ project: { hasBackups: false } })))

  it.effect("refuses requests beyond the quotas", () =>
    Effect.gen(function*() {
      const backups = yield* Backups.Backups
      const plane = yield* ControlPlane.ControlPlane
      const { backupId } = yield* plane.seedBackup()

      const noBackup = yield* Effect.flip(backups.create(docs))
      const noIndex = yield* Effect.flip(backups.restore(backupId, { name: "copy" }))

      assert.deepStrictEqual(
        [noBackup, noIndex].map(({ _tag, message }) => `${_tag}: ${message}`),
        [
          "PineconeForbidden: The backup quota of the project is used up.",
          "PineconeForbidden: The index quota of the project is used up."
        ]
      )
    }).pipe(withDocs({ project: { backupQuota: 1, indexQuota: 1 } })))

  it.effect("refuses billable requests on an overdue account", () =>
    Effect.gen(function*() {
      const schedules = yield* BackupSchedules.BackupSchedules
      const backups = yield* Backups.Backups
      const plane = yield* ControlPlane.ControlPlane
      const { backupId } = yield* plane.seedBackup()

      for (
        const call of [
          Effect.asVoid(schedules.create(docs, daily)),
          Effect.asVoid(backups.create(docs)),
          Effect.asVoid(backups.restore(backupId, { name: "copy" }))
        ]
      ) assert.strictEqual((yield* Effect.flip(call))._tag, "PineconePaymentRequired")
      yield* backups.delete(backupId)
    }).pipe(withDocs({ project: { isOverdue: true } })))
})

describe("ControlPlane", () => {
  it.effect("keeps the latest keptRequests requests", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const client = yield* HttpClient.HttpClient
      const answers = yield* Effect.forEach(Array.from({ length: 110 }), (_, number) =>
        client.get(`http://memory.localhost/${number}`))

      const requests = yield* plane.requests
      assert.strictEqual(requests.length, 100)
      assert.deepStrictEqual([requests[0]?.url, requests.at(-1)?.url], ["/10", "/109"])
      assert.strictEqual(answers.at(-1)?.headers["x-request-id"], "request-110")
      yield* plane.clearRequests
      assert.deepStrictEqual(yield* plane.requests, [])
    }).pipe(Effect.provide(Layer.provideMerge(Emulator.layerMemory, ControlPlane.layer({ keptRequests: 100 })))))

  it.effect("returns the current state, not a cached state", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.seedSchedule({ runs: 0, expireAfterDays: 2 })
      yield* TestClock.adjust("10 days")

      const { records, schedules } = yield* stateOf(plane)
      assert.strictEqual(records.size, 2 + 1)
      assert.strictEqual(schedules.size, 1)
    }).pipe(Effect.provide(ControlPlane.layer())))
})
