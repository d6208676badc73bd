import { assert, describe, it } from "@effect/vitest"
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as Backups from "@pinecone-backups/core/Backups"
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Indexes from "@pinecone-backups/core/Indexes"
import type * as Pinecone from "@pinecone-backups/core/Pinecone"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { indexName, onVirtualTime } from "./support.ts"

type Services = Pinecone.Services | ControlPlane.ControlPlane

const docs = indexName("docs")

/** The minutes since the start. Random delays are fractions of milliseconds, so their sum is rounded. */
const minutes = Effect.map(Clock.currentTimeMillis, (now) => Math.round(now) / 60_000)

/** Responses that the simulated service would not send. */
const status = (status: number) => Fault.respond({ status })
const emptyPage = Fault.respond({ status: 200, body: { data: [], pagination: null } })

/** A project with an index and a backup of the index. */
const backedUp = Effect.gen(function*() {
  const plane = yield* ControlPlane.ControlPlane
  const { backupId } = yield* plane.seedBackup()
  return backupId
})

/** A restore that has started. */
const restoring = Effect.gen(function*() {
  const backups = yield* Backups.Backups
  const { restoreJobId } = yield* backups.restore(yield* backedUp, { name: "docs-restored" })
  return restoreJobId
})

/** The number of requests of an operation, selected by method and path. */
const count = (method: string, path: RegExp) =>
  ControlPlane.ControlPlane.use((plane) =>
    Effect.map(
      plane.requests,
      (requests) =>
        requests.filter((request) => request.method === method && path.test(request.url.replace(/\?.*/, ""))).length
    )
  )

/** Suite for waits, recovery and following, for every way to provide the services. */
export const suite = <E>(name: string, services: Layer.Layer<Services, E>, patience: number) => {
  /** A test with a separate service, whose time advances whenever all fibers wait for the clock. */
  const test = <A, E2>(title: string, effect: Effect.Effect<A, E2, Services>) =>
    it.effect(title, () => Effect.provide(onVirtualTime(effect, patience), services), 30_000)

  describe(`a wait for a restore job, ${name}`, () => {
    test(
      "ends when the job is completed",
      Effect.gen(function*() {
        const jobs = yield* RestoreJobs.RestoreJobs
        const job = yield* jobs.awaitCompletion(yield* restoring)
        assert.strictEqual(job.status, "Completed")
        assert.strictEqual(job.targetIndexName, "docs-restored")
        // The restore takes 10 minutes, and the next poll follows within 18 seconds.
        assert.isAtLeast(yield* minutes, 10)
        assert.isBelow(yield* minutes, 10.31)
        const asked = yield* count("GET", /restore-jobs\/[^/]+$/)
        assert.isTrue(asked > 30 && asked < 65, `${asked} requests`)
      })
    )

    for (const bad of ["Failed", "Cancelled"] as const) {
      test(
        `fails when it is ${bad}`,
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const jobs = yield* RestoreJobs.RestoreJobs
          const { restoreJobId } = yield* plane.seedRestoreJob({ status: bad })
          const error = yield* Effect.flip(jobs.awaitCompletion(restoreJobId))
          assert.isTrue(error._tag === `PineconeRestore${bad}`)
          assert.strictEqual(
            error.message,
            `Restore job job-1 finished with status ${bad}: index "restored" was not restored`
          )
          assert.isTrue("job" in error && error.job.restoreJobId === restoreJobId)
        })
      )
    }

    test(
      "tolerates NotFound at first",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const jobs = yield* RestoreJobs.RestoreJobs
        yield* plane.fault("RestoreJobs.describe", status(404), { times: 3 })
        assert.strictEqual((yield* jobs.awaitCompletion(yield* restoring)).status, "Completed")
      })
    )

    test(
      "tolerates NotFound for up to 1 minute",
      Effect.gen(function*() {
        const jobs = yield* RestoreJobs.RestoreJobs
        const error = yield* Effect.flip(jobs.awaitCompletion(RestoreJob.RestoreJobId.make("job-7")))
        assert.strictEqual(error._tag, "PineconeNotFound")
        assert.isAtLeast(yield* minutes, 1)
        assert.isBelow(yield* minutes, 1.31)
      })
    )

    test(
      "continues in an unknown status",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const jobs = yield* RestoreJobs.RestoreJobs
        const id = yield* restoring
        yield* plane.fault("RestoreJobs.describe", Fault.unknownValues({ value: "Verifying" }), { times: 100 })
        assert.strictEqual((yield* jobs.awaitCompletion(id)).status, "Completed")
        assert.isAbove(yield* minutes, 20)
      })
    )

    test(
      "fails at its deadline with the last state",
      Effect.gen(function*() {
        const jobs = yield* RestoreJobs.RestoreJobs
        const error = yield* Effect.flip(jobs.awaitCompletion(yield* restoring, { timeout: "5 minutes" }))
        assert.isTrue(error._tag === "PineconeWaitTimedOut")
        if (error._tag !== "PineconeWaitTimedOut") return
        assert.strictEqual(error.message, "Restore job job-1 was still Pending after 5m")
        assert.strictEqual(error.last?.status, "Pending")
        assert.strictEqual(Duration.toMinutes(error.waited), 5)
        assert.strictEqual(yield* minutes, 5)
      })
    )

    test(
      "ends with its schedule",
      Effect.gen(function*() {
        const jobs = yield* RestoreJobs.RestoreJobs
        const schedule = Schedule.upTo(Schedule.spaced("1 minute"), { times: 3 })
        const error = yield* Effect.flip(jobs.awaitCompletion(yield* restoring, { schedule }))
        assert.strictEqual(error._tag, "PineconeWaitTimedOut")
        assert.strictEqual(error.message, "Restore job job-1 was still Pending after 3m")
      })
    )

    test(
      "survives a temporary outage, but not a permanent one",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const jobs = yield* RestoreJobs.RestoreJobs
        const id = yield* restoring
        yield* plane.fault("RestoreJobs.describe", status(503), { times: 40 })
        assert.strictEqual((yield* jobs.awaitCompletion(id)).status, "Completed")
        yield* plane.fault("RestoreJobs.describe", status(503), { times: "always" })
        const before = yield* minutes
        assert.strictEqual((yield* Effect.flip(jobs.awaitCompletion(id)))._tag, "PineconeServiceUnavailable")
        const passed = (yield* minutes) - before
        assert.isTrue(passed >= 15 && passed < 15.5, `${passed} minutes`)
      })
    )

    test(
      "can be interrupted without canceling the restore",
      Effect.gen(function*() {
        const jobs = yield* RestoreJobs.RestoreJobs
        const id = yield* restoring
        const wait = yield* Effect.forkChild(jobs.awaitCompletion(id))
        yield* Effect.sleep("1 minute")
        yield* Fiber.interrupt(wait)
        const asked = yield* count("GET", /restore-jobs\/[^/]+$/)
        yield* Effect.sleep("20 minutes")
        assert.strictEqual(yield* count("GET", /restore-jobs\/[^/]+$/), asked)
        assert.strictEqual((yield* jobs.describe(id)).status, "Completed")
      })
    )

    test(
      "emits a stream of states",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const jobs = yield* RestoreJobs.RestoreJobs
        const id = yield* restoring
        yield* plane.fault("RestoreJobs.describe", Fault.withoutFields(["percent_complete"]), { times: "always" })
        const states = yield* Stream.runCollect(jobs.watch(id))
        assert.deepStrictEqual(states.map(({ status }) => status), ["Pending", "Completed"])
      })
    )
  })

  describe(`a wait for a backup, ${name}`, () => {
    test(
      "ends when the backup is ready",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const backups = yield* Backups.Backups
        yield* plane.seedIndex()
        const backup = yield* backups.create(docs)
        assert.strictEqual(backup.status, "Initializing")
        const ready = yield* backups.awaitReady(backup.backupId)
        assert.deepStrictEqual([ready.backupId, ready.status], [backup.backupId, "Ready"])
      })
    )

    for (const bad of ["Failed", "InitializationFailed"] as const) {
      test(
        `fails when it is ${bad}`,
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          const backups = yield* Backups.Backups
          const { backupId } = yield* plane.seedBackup({ status: bad })
          const error = yield* Effect.flip(backups.awaitReady(backupId))
          assert.isTrue(error._tag === "PineconeBackupFailed" && error.backup.backupId === backupId)
          assert.match(error.message, /^Backup backup-1 of index "docs" finished with status (Initialization)?Failed$/)
        })
      )
    }

    test(
      "does not tolerate NotFound",
      Effect.gen(function*() {
        const backups = yield* Backups.Backups
        const plane = yield* ControlPlane.ControlPlane
        const { backupId } = yield* plane.seedBackup({ status: "Initializing" })
        yield* plane.fault("Backups.describe", status(404))
        assert.strictEqual((yield* Effect.flip(backups.awaitReady(backupId)))._tag, "PineconeNotFound")
        assert.strictEqual(yield* minutes, 0)
      })
    )
  })

  describe(`a restore and the wait for it, ${name}`, () => {
    test(
      "end when the index is ready",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const backups = yield* Backups.Backups
        const backupId = yield* backedUp
        yield* plane.fault("Indexes.describe", Fault.withoutFields(["ready"]), { times: 2 })
        const { index, job } = yield* backups.restoreAndAwait(backupId, { name: "copy" })
        assert.strictEqual(job.status, "Completed")
        assert.strictEqual(job.backupId, backupId)
        assert.strictEqual(index.name, "copy")
        assert.isTrue(index.status?.ready)
        assert.strictEqual(yield* count("GET", /\/indexes\/copy$/), 3)
      })
    )

    test(
      "fail at the deadline if the index is never ready",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const backups = yield* Backups.Backups
        const backupId = yield* backedUp
        yield* plane.fault("Indexes.describe", Fault.withoutFields(["status"]), { times: "always" })
        const error = yield* Effect.flip(backups.restoreAndAwait(backupId, { name: "copy" }, { timeout: "1 hour" }))
        assert.isTrue(error._tag === "PineconeWaitTimedOut")
        assert.strictEqual(error.message, "Index \"copy\" was still not ready after 1h")
        assert.isTrue(error._tag === "PineconeWaitTimedOut" && error.last !== undefined && "name" in error.last)
        assert.strictEqual(yield* minutes, 60)
      })
    )

    test(
      "start nothing with invalid wait options",
      Effect.gen(function*() {
        const backups = yield* Backups.Backups
        const backupId = yield* backedUp
        const error = yield* Effect.flip(backups.restoreAndAwait(backupId, { name: "copy" }, { timeout: Number.NaN }))
        assert.strictEqual(error._tag, "PineconeInvalidInput")
        assert.strictEqual(error.message, "timeout: Expected a duration such as \"10 minutes\"")
        assert.strictEqual(yield* count("POST", /./), 0)
      })
    )
  })

  // ==========================================================================
  // Once
  // ==========================================================================

  /** Faults that lose the response to a request that was carried out. */
  const lost: ReadonlyArray<readonly [string, Fault.Fault]> = [
    ["responds with 500", Fault.afterCommit(status(500))],
    ["responds with 503", Fault.afterCommit(status(503))],
    ["responds with an HTML page", Fault.afterCommit(Fault.html())],
    ["drops the connection", Fault.afterCommit(Fault.reset)],
    ["hangs", Fault.afterCommit(Fault.hang)],
    ["sends half of a response", Fault.truncated]
  ]

  /** Faults after which the client cannot know that the request was not carried out. */
  const undone: ReadonlyArray<readonly [string, Fault.Fault]> = [
    ["responds with 500", status(500)],
    ["drops the connection", Fault.reset],
    ["hangs", Fault.hang]
  ]

  const allBackups = Backups.Backups.use((backups) => Stream.runCollect(backups.list()))
  const allJobs = RestoreJobs.RestoreJobs.use((jobs) => Stream.runCollect(jobs.list()))
  const allSchedules = BackupSchedules.BackupSchedules.use((schedules) => Stream.runCollect(schedules.list(docs)))

  const nightly: BackupSchedules.CreateOptions = { name: "nightly", frequency: "daily", expireAfterDays: 7 }

  /** A write: its result, and the IDs of all created resources. */
  interface Write {
    readonly call: Effect.Effect<readonly [id: string, recovered: boolean], PineconeError.ListError, Services>
    readonly ids: Effect.Effect<ReadonlyArray<string>, PineconeError.ListError, Services>
    /** The operation of the recovery lookup. */
    readonly listing: Fault.Rule["operation"]
  }

  const writes: { readonly [Operation in "Backups.create" | "Backups.restore" | "BackupSchedules.create"]: Write } = {
    "Backups.create": {
      call: Backups.Backups.use((backups) => backups.create(docs, { name: "once" })).pipe(
        Effect.map(({ backupId, recovered }) => [backupId as string, recovered] as const)
      ),
      ids: Effect.map(allBackups, (backups) => backups.flatMap((b) => b.name === "once" ? [b.backupId as string] : [])),
      listing: "Backups.listByIndex"
    },
    "Backups.restore": {
      call: Backups.Backups.use((backups) => Effect.flatMap(backedUp, (id) => backups.restore(id, { name: "once" })))
        .pipe(Effect.map(({ recovered, restoreJobId }) => [restoreJobId as string, recovered] as const)),
      ids: Effect.map(allJobs, (jobs) => jobs.map((job) => job.restoreJobId as string)),
      listing: "RestoreJobs.list"
    },
    "BackupSchedules.create": {
      call: BackupSchedules.BackupSchedules.use((schedules) => schedules.create(docs, nightly)).pipe(
        Effect.map(({ recovered, scheduleId }) => [scheduleId as string, recovered] as const)
      ),
      ids: Effect.map(allSchedules, (schedules) => schedules.map((schedule) => schedule.scheduleId as string)),
      listing: "BackupSchedules.list"
    }
  }

  for (const [operation, { call, ids, listing }] of Object.entries(writes)) {
    const write = operation as keyof typeof writes

    /** The outcome of a write with some faults. */
    const after = (...faults: ReadonlyArray<readonly [Fault.Rule["operation"], Fault.Fault, number?]>) =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* plane.seedIndex()
        for (const [operation, fault, times = 1] of faults) yield* plane.fault(operation, fault, { times })
        const [id, recovered] = yield* call
        return { id, recovered, ids: yield* ids, posts: yield* count("POST", /./) }
      })

    describe(`${operation}, ${name}`, () => {
      for (const [title, fault] of lost) {
        test(
          `returns the created resource if the service carries out the request and ${title}`,
          Effect.gen(function*() {
            const { id, ids, posts, recovered } = yield* after([write, fault])
            assert.deepStrictEqual(ids, [id])
            assert.isTrue(recovered)
            assert.strictEqual(posts, 1)
          })
        )
      }

      // After a timeout, the service may still create the backup, and would not refuse a second backup.
      for (const [title, fault] of undone.filter(([title]) => write !== "Backups.create" || title !== "hangs")) {
        test(
          `is retried if the service does not carry out the request and ${title}`,
          Effect.gen(function*() {
            const { id, ids, posts, recovered } = yield* after([write, fault])
            assert.deepStrictEqual(ids, [id])
            assert.isFalse(recovered)
            assert.strictEqual(posts, 2)
          })
        )
      }

      test(
        "repeats the recovery lookup for a result that appears late",
        Effect.gen(function*() {
          const { id, ids, posts, recovered } = yield* after([write, Fault.afterCommit(status(500))], [
            listing,
            emptyPage,
            2
          ])
          assert.deepStrictEqual(ids, [id])
          assert.isTrue(recovered)
          assert.strictEqual(posts, 1)
        })
      )

      test(
        "fails with the first error, without a retry, if the lookup fails",
        Effect.gen(function*() {
          const plane = yield* ControlPlane.ControlPlane
          yield* plane.seedIndex()
          yield* plane.fault(
            write,
            Fault.afterCommit(Fault.respond({
              status: 502,
              body: { error: { code: "UNKNOWN", message: "the response is lost" }, status: 502 }
            }))
          )
          yield* plane.fault(listing, status(403), { times: "always" })
          const error = yield* Effect.flip(call)
          assert.strictEqual(error.message, "the response is lost")
          assert.strictEqual(error.operation, operation)
          assert.strictEqual(yield* count("POST", /./), 1)
          yield* plane.clearFaults
          assert.lengthOf(yield* ids, 1)
        })
      )
    })
  }

  describe(`resources that existed before, ${name}`, () => {
    test(
      "does not recover another backup with the same name",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const backups = yield* Backups.Backups
        const old = yield* plane.seedBackup({ name: "once" })
        yield* Effect.sleep("1 minute")
        yield* plane.fault("Backups.create", status(500))
        const made = yield* backups.create(docs, { name: "once" })
        assert.notStrictEqual(made.backupId, old.backupId)
        assert.isFalse(made.recovered)
      })
    )

    test(
      "recovers a restore of the same backup into the same index name",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const backups = yield* Backups.Backups
        const { backupId } = yield* plane.seedBackup()
        const first = yield* backups.restore(backupId, { name: "once" })
        yield* Effect.sleep("1 hour")
        assert.strictEqual(
          (yield* Effect.flip(backups.restore(backupId, { name: "once" })))._tag,
          "PineconeAlreadyExists"
        )
        yield* plane.fault("Backups.restore", status(500))
        assert.deepStrictEqual(yield* backups.restore(backupId, { name: "once" }), { ...first, recovered: true })
      })
    )

    test(
      "does not recover a restore whose index was deleted",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const backups = yield* Backups.Backups
        const indexes = yield* Indexes.Indexes
        const { backupId } = yield* plane.seedBackup()
        const first = yield* backups.restore(backupId, { name: "once" })
        yield* Effect.sleep("1 hour")
        yield* indexes.delete(PineconeIndex.IndexName.make("once"))
        yield* Effect.sleep("1 hour")
        yield* plane.fault("Backups.restore", status(500))
        const second = yield* backups.restore(backupId, { name: "once" })
        assert.isFalse(second.recovered)
        assert.notStrictEqual(second.restoreJobId, first.restoreJobId)
      })
    )

    test(
      "returns the existing backup with the same key",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const backups = yield* Backups.Backups
        yield* plane.seedIndex()
        const options = { idempotencyKey: "release-7", description: "Before release 7" }
        const first = yield* backups.create(docs, options)
        yield* Effect.sleep("1 hour")
        assert.deepStrictEqual(
          [first, yield* backups.create(docs, options)].map(({ backupId, recovered }) => [backupId, recovered]),
          [[first.backupId, false], [first.backupId, true]]
        )
        assert.strictEqual(yield* count("POST", /./), 1)
      })
    )
  })

  test(
    `concurrent calls that ensure a disabled schedule create one schedule, ${name}`,
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const schedules = yield* BackupSchedules.BackupSchedules
      yield* plane.seedIndex()
      const ensure = schedules.ensure(docs, { ...nightly, enabled: false })
      const both = yield* Effect.all([ensure, ensure, ensure], { concurrency: 3 })
      assert.deepStrictEqual(both.map(({ action }) => action), ["created", "unchanged", "unchanged"])
      assert.deepStrictEqual((yield* allSchedules).map(({ enabled }) => enabled), [false])
    })
  )

  test(
    `a schedule created by a lost attempt is found after the retry fails with 409, ${name}`,
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const schedules = yield* BackupSchedules.BackupSchedules
      yield* plane.seedIndex()
      yield* plane.fault("BackupSchedules.create", Fault.afterCommit(status(500)))
      yield* plane.fault("BackupSchedules.list", emptyPage, { times: 3 })
      const made = yield* schedules.create(docs, nightly)
      assert.isTrue(made.recovered)
      assert.strictEqual(yield* count("POST", /./), 2)
      assert.deepStrictEqual((yield* allSchedules).map(({ scheduleId }) => scheduleId), [made.scheduleId])
    })
  )

  test(
    `a different schedule is not the result of a lost attempt, ${name}`,
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const schedules = yield* BackupSchedules.BackupSchedules
      yield* plane.seedSchedule({ name: "nightly", expireAfterDays: 8 })
      yield* plane.fault("BackupSchedules.create", status(500))
      assert.strictEqual((yield* Effect.flip(schedules.create(docs, nightly)))._tag, "PineconeAlreadyExists")
    })
  )

  describe(`ensuring a schedule, ${name}`, () => {
    test(
      "creates, keeps and updates",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const schedules = yield* BackupSchedules.BackupSchedules
        yield* plane.seedIndex()
        const ensure = (options: Partial<BackupSchedules.EnsureOptions> = {}) =>
          Effect.map(
            schedules.ensure(docs, { ...nightly, ...options }),
            ({ action, schedule }) => [action, schedule.frequency, schedule.retentionExpireAfterDays, schedule.enabled]
          )
        assert.deepStrictEqual(yield* ensure(), ["created", "daily", 7, true])
        assert.deepStrictEqual(yield* ensure(), ["unchanged", "daily", 7, true])
        assert.deepStrictEqual(yield* ensure({ expireAfterDays: 8 }), ["updated", "daily", 8, true])
        assert.deepStrictEqual(yield* ensure({ frequency: "weekly", enabled: false }), ["updated", "weekly", 7, false])
        assert.deepStrictEqual(yield* ensure({ frequency: "weekly" }), ["unchanged", "weekly", 7, false])
        assert.deepStrictEqual(yield* ensure({ frequency: "weekly", enabled: true }), ["updated", "weekly", 7, true])
        assert.lengthOf(yield* allSchedules, 1)
      })
    )

    test(
      "creates a disabled schedule",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const schedules = yield* BackupSchedules.BackupSchedules
        yield* plane.seedIndex()
        const { action, schedule } = yield* schedules.ensure(docs, { ...nightly, enabled: false })
        assert.deepStrictEqual([action, schedule.enabled], ["created", false])
      })
    )

    test(
      "uses a schedule that another process created concurrently",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const schedules = yield* BackupSchedules.BackupSchedules
        const { id } = yield* plane.seedSchedule({ name: "nightly", expireAfterDays: 3 })
        yield* plane.fault("BackupSchedules.list", emptyPage)
        const { action, schedule } = yield* schedules.ensure(docs, nightly)
        assert.deepStrictEqual([schedule.scheduleId, action, schedule.retentionExpireAfterDays], [id, "updated", 7])
      })
    )

    test(
      "fails if another schedule of the index is enabled",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const schedules = yield* BackupSchedules.BackupSchedules
        yield* plane.seedSchedule({ name: "other" })
        assert.strictEqual((yield* Effect.flip(schedules.ensure(docs, nightly)))._tag, "PineconeAlreadyExists")
      })
    )
  })

  // ==========================================================================
  // Following
  // ==========================================================================

  const follow = (id: BackupSchedule.ScheduleId, changes: number, options?: BackupSchedules.FollowOptions) =>
    BackupSchedules.BackupSchedules.use((schedules) =>
      schedules.followHistory(id, { schedule: Schedule.spaced("5 minutes"), ...options }).pipe(
        Stream.take(changes),
        Stream.runCollect
      )
    )

  const lines = (changes: ReadonlyArray<BackupRun.Change>) =>
    changes.map(({ _tag, previousStatus, run }) => `${run.name?.slice(-16, -1)} ${previousStatus ?? ""} ${_tag}`)

  const scheduled = Effect.gen(function*() {
    const plane = yield* ControlPlane.ControlPlane
    const schedules = yield* BackupSchedules.BackupSchedules
    yield* plane.seedIndex()
    return (yield* schedules.create(docs, nightly)).scheduleId
  })

  describe(`following a history, ${name}`, () => {
    test(
      "emits each change once, when it happens",
      Effect.gen(function*() {
        assert.deepStrictEqual(lines(yield* follow(yield* scheduled, 7)), [
          "19700102T060000  Appeared",
          "19700102T060000 Scheduled Changed",
          "19700103T060000  Appeared",
          "19700102T060000 Initializing Finished",
          "19700103T060000 Scheduled Changed",
          "19700104T060000  Appeared",
          "19700103T060000 Initializing Finished"
        ])
        assert.isAbove(yield* minutes, 2 * 24 * 60)
      })
    )

    test(
      "resumes from a checkpoint without missing changes",
      Effect.gen(function*() {
        const id = yield* scheduled
        const first = yield* follow(id, 2)
        yield* Effect.sleep("2 days")
        const checkpoint = first[1]!.checkpoint
        const again = yield* follow(id, 4, { from: JSON.parse(JSON.stringify(checkpoint)) })
        assert.deepStrictEqual(lines(again), [
          "19700102T060000 Scheduled Finished",
          "19700103T060000  Finished",
          "19700104T060000  Appeared",
          "19700105T060000  Appeared"
        ])
        // One reading found both changes, so a consumer that stops at the second change gets the first again.
        assert.deepStrictEqual(lines(yield* follow(id, 1, { from: again[1]!.checkpoint })), lines(again.slice(0, 1)))
        assert.deepStrictEqual(
          lines(yield* follow(id, 1, { from: again[3]!.checkpoint })),
          ["19700104T060000 Initializing Finished"]
        )
      })
    )

    test(
      "can start with changes from now on",
      Effect.gen(function*() {
        assert.deepStrictEqual(lines(yield* follow(yield* scheduled, 1, { from: "now" })), [
          "19700102T060000 Scheduled Changed"
        ])
      })
    )

    test(
      "emits failed runs as Failed",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const { id } = yield* plane.seedSchedule({ runs: [{ status: "Failed" }, {}] })
        const changes = yield* follow(id, 2)
        assert.deepStrictEqual(changes.map(({ _tag }) => _tag), ["Finished", "Failed"])
        assert.isTrue(BackupRun.isFailed(changes[1]!.run))
      })
    )

    test(
      "survives an outage",
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        const id = yield* scheduled
        yield* plane.fault("BackupSchedules.history", status(503), { times: 10 })
        assert.deepStrictEqual(lines(yield* follow(id, 1)), ["19700102T060000  Appeared"])
      })
    )

    test(
      "ends or fails when the schedule is deleted, depending on endWhenDeleted",
      Effect.gen(function*() {
        const schedules = yield* BackupSchedules.BackupSchedules
        const id = yield* scheduled
        const follower = (endWhenDeleted: boolean) =>
          Effect.forkChild(Effect.result(follow(id, 100, { endWhenDeleted })))
        const ends = yield* follower(true)
        const fails = yield* follower(false)
        yield* Effect.sleep("1 hour")
        yield* schedules.delete(id)
        const ended = yield* Fiber.join(ends)
        assert.isTrue(ended._tag === "Success" && ended.success.length === 1)
        const failed = yield* Fiber.join(fails)
        assert.isTrue(failed._tag === "Failure" && failed.failure._tag === "PineconeNotFound")
        // The schedule was never seen, so the stream fails instead of ending.
        assert.strictEqual((yield* Effect.flip(follow(id, 1, { endWhenDeleted: true })))._tag, "PineconeNotFound")
      })
    )
  })
}
