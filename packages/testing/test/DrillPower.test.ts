import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as DrillIndex from "@pinecone-backups/core/drill/DrillIndex"
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillTarget from "@pinecone-backups/core/drill/DrillTarget"
import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as DrillEngine from "@pinecone-backups/testing/DrillEngine"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Activity from "effect/workflow/Activity"
import * as DurableDeferred from "effect/workflow/DurableDeferred"
import * as Workflow from "effect/workflow/Workflow"
import type * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import * as Long from "../../core/test/long.ts"
import { accepted, docs, engine, finish, project, request, seedBackup, temporaries } from "./DrillTest.ts"

/** A drill that is short, so that it makes few writes. */
const short = request({ recountAfter: Duration.minutes(1) })

/** Starts an engine whose power supply guards all that it reaches. Its scope is never closed. */
const boot = Effect.fnUntraced(function*(power: DrillEngine.Power) {
  const target = power.guardService(yield* DrillTarget.DrillTarget)
  const log = power.guardService(yield* DrillLog.DrillLog)
  return yield* Layer.buildWithScope(
    RestoreDrill.layer.pipe(
      Layer.provide([Layer.succeed(DrillTarget.DrillTarget, target), Layer.succeed(DrillLog.DrillLog, log)]),
      Layer.provideMerge(DrillEngine.layerStorage(power.storage))
    ),
    Scope.makeUnsafe()
  )
})

interface Plan {
  /** The write before which the power fails. */
  readonly failsBefore: number
  /** When to cancel the drill; not at all if there is no time. */
  readonly cancelAfter?: Duration.Input | undefined
}

/** Runs a drill that loses power before a write, and resumes on another engine. Returns the number of writes until then. */
const interrupted = Effect.fnUntraced(function*({ cancelAfter, failsBefore }: Plan) {
  yield* seedBackup()
  const storage = yield* DrillEngine.makeStorage
  const power = DrillEngine.powered(storage, failsBefore)
  const first = yield* boot(power)
  const id = yield* RestoreDrill.executionId(short.drillId)
  // The client that starts and cancels is in a process of its own, which loses power as well.
  const client = yield* Effect.forkDetach(
    Effect.gen(function*() {
      yield* RestoreDrill.start(short)
      if (cancelAfter === undefined) return
      yield* Effect.sleep(cancelAfter)
      yield* RestoreDrill.cancel(id)
    }).pipe(Effect.provideContext(first))
  )
  yield* DrillEngine.advance("12 minutes", "1 minute")
  const writes = yield* power.writes
  const isOn = yield* power.isOn
  yield* power.lose
  if (!isOn) {
    const second = yield* boot(DrillEngine.powered(storage))
    // The client retries its requests.
    const again = yield* Effect.forkDetach(
      Effect.gen(function*() {
        yield* RestoreDrill.start(short)
        if (cancelAfter !== undefined) yield* RestoreDrill.cancel(id)
      }).pipe(Effect.provideContext(second))
    )
    yield* DrillEngine.advance("15 minutes", "1 minute")
    assert.isDefined(again.pollUnsafe())
  }
  yield* Fiber.interrupt(client).pipe(Effect.forkDetach)
  const log = yield* DrillLog.DrillLog
  return { writes, isOn, report: (yield* log.get(id))?.report }
})

describe("RestoreDrill", () => {
  const soak = (cancelAfter: Duration.Input | undefined, outcomes: ReadonlyArray<string>) =>
    Effect.gen(function*() {
      const world = () => project({ project: { restoreDuration: "2 minutes" } })
      const { writes } = yield* interrupted({ failsBefore: Infinity, cancelAfter }).pipe(Effect.provide(world()))
      assert.isAbove(writes, 10)
      const step = Long.isLong ? 1 : 3
      for (let failsBefore = 0; failsBefore < writes; failsBefore += step) {
        yield* Effect.gen(function*() {
          const { isOn, report } = yield* interrupted({ failsBefore, cancelAfter })
          assert.isFalse(isOn)
          const at = `power lost before write ${failsBefore}`
          assert.include(outcomes, report?.outcome, at)
          assert.strictEqual(report?.leftover ?? null, null, at)
          assert.deepStrictEqual(yield* temporaries, [], at)
          assert.isAtMost(yield* accepted("Backups.restore"), 1, at)
          if (cancelAfter === undefined) assert.strictEqual(yield* accepted("Backups.restore"), 1, at)
        }).pipe(Effect.provide(world()))
      }
    })

  it.effect("survives a power loss before every write", () => soak(undefined, ["SUCCESSFUL"]), 120_000)

  it.effect(
    "survives a power loss before every write of a canceled drill",
    () => soak("1 minute", ["CANCELLED"]),
    120_000
  )

  it.effect("does nothing but remove its index if it resumes after its deadline", () =>
    Effect.gen(function*() {
      const hurried = request({ recountAfter: Duration.zero, timeout: Duration.hours(1) })
      const resumed = Effect.fnUntraced(function*(failsBefore: number) {
        yield* seedBackup()
        const storage = yield* DrillEngine.makeStorage
        const power = DrillEngine.powered(storage, failsBefore)
        yield* Effect.forkDetach(RestoreDrill.start(hurried).pipe(Effect.provideContext(yield* boot(power))))
        yield* DrillEngine.advance("12 minutes", "1 minute")
        const writes = yield* power.writes
        yield* power.lose
        const restores = yield* accepted("Backups.restore")
        yield* TestClock.adjust("2 hours")
        const second = yield* boot(DrillEngine.powered(storage))
        const fiber = yield* Effect.forkChild(RestoreDrill.run(hurried).pipe(Effect.provideContext(second)))
        return { writes, report: yield* finish(fiber, "1 hour", "1 minute"), restores }
      })
      const world = () => project({ project: { restoreDuration: "2 minutes" } })
      const { writes } = yield* resumed(Infinity).pipe(Effect.provide(world()))
      let late = 0
      for (let failsBefore = 1; failsBefore < writes; failsBefore += Long.isLong ? 1 : 3) {
        yield* Effect.gen(function*() {
          const { report, restores } = yield* resumed(failsBefore)
          const { countedAt, sampledAt, startedAt } = report.times
          const at = `power lost before write ${failsBefore}`
          if (report.outcome === "SUCCESSFUL") {
            const deadline = DateTime.add(startedAt, { hours: 1 })
            for (const time of [countedAt, sampledAt]) {
              assert.isTrue(time !== null && DateTime.isLessThan(time, deadline), at)
            }
          } else {
            late++
            assert.deepStrictEqual([report.outcome, report.reason?.code], ["TIMED_OUT", "timeout"], at)
            assert.strictEqual(yield* accepted("Backups.restore"), restores, at)
          }
          assert.deepStrictEqual(yield* temporaries, [], at)
        }).pipe(Effect.provide(world()))
      }
      assert.isAbove(late, 2)
    }), 120_000)

  describe("with the ID of a drill whose store was lost", () => {
    /** Starts the drill, loses its store after a time, and runs the drill again on an empty store. */
    const again = Effect.fnUntraced(function*<E, R>(after: Duration.Input, meanwhile: Effect.Effect<unknown, E, R>) {
      const power = DrillEngine.powered(yield* DrillEngine.makeStorage)
      yield* RestoreDrill.start(short).pipe(Effect.provideContext(yield* boot(power)))
      yield* DrillEngine.advance(after, "1 minute")
      yield* power.lose
      assert.lengthOf(yield* temporaries, 1)
      yield* meanwhile
      const second = yield* boot(DrillEngine.powered(yield* DrillEngine.makeStorage))
      const fiber = yield* Effect.forkChild(RestoreDrill.run(short).pipe(Effect.provideContext(second)))
      return yield* finish(fiber)
    })

    it.effect.each<readonly [string, Duration.Input]>([["running", "3 minutes"], ["completed", "10 minutes"]])(
      "replaces the index of a restore that is %s",
      ([, after]) =>
        Effect.gen(function*() {
          yield* seedBackup()
          const report = yield* again(after, seedBackup({ createdAt: "2026-04-22T06:00:00Z" }))
          assert.deepStrictEqual([report.outcome, report.backup?.backupId], ["SUCCESSFUL", "backup-2"])
          assert.strictEqual(report.restoreJobId, "job-2")
          assert.strictEqual(yield* accepted("Backups.restore"), 2)
          assert.deepStrictEqual(yield* temporaries, [])
        }).pipe(Effect.provide(project()))
    )

    it.effect("ignores a final job that is listed after its index was deleted", () =>
      Effect.gen(function*() {
        yield* seedBackup()
        const { name } = DrillIndex.make(yield* RestoreDrill.executionId(short.drillId))
        const target = DrillTarget.layer.pipe(
          Layer.provide(Layer.effect(
            RestoreJobs.RestoreJobs,
            Effect.map(RestoreJobs.RestoreJobs, (jobs) =>
              RestoreJobs.RestoreJobs.of({
                ...jobs,
                list: (options) =>
                  Stream.concat(
                    jobs.list(options),
                    Stream.make<[RestoreJob.RestoreJob]>({
                      restoreJobId: RestoreJob.RestoreJobId.make("earlier"),
                      backupId: Backup.BackupId.make("backup-1"),
                      targetIndexName: name,
                      targetIndexId: PineconeIndex.IndexId.make("deleted"),
                      status: "Completed"
                    })
                  )
              }))
          ))
        )
        const services = yield* Layer.build(RestoreDrill.layer.pipe(
          Layer.provide(target),
          Layer.provideMerge(DrillEngine.layer)
        ))
        const fiber = yield* Effect.forkChild(RestoreDrill.run(short).pipe(Effect.provideContext(services)))
        const report = yield* finish(fiber)
        assert.deepStrictEqual([report.outcome, report.restoreJobId], ["SUCCESSFUL", "job-1"])
      }).pipe(Effect.provide(project())))
  })

  it.effect("requests a restore once if the power fails between the commit and the response", () =>
    Effect.gen(function*() {
      yield* seedBackup()
      const plane = yield* ControlPlane.ControlPlane
      const storage = yield* DrillEngine.makeStorage
      const power = DrillEngine.powered(storage)
      const first = yield* boot(power)
      yield* plane.fault("Backups.restore", Fault.afterCommit(Fault.hang))
      yield* RestoreDrill.start(short).pipe(Effect.provideContext(first))
      yield* DrillEngine.advance("10 seconds", "1 second")
      yield* power.lose
      assert.lengthOf(yield* temporaries, 1)
      const second = yield* boot(DrillEngine.powered(storage))
      const fiber = yield* Effect.forkChild(RestoreDrill.run(short).pipe(Effect.provideContext(second)))
      assert.strictEqual((yield* finish(fiber)).outcome, "SUCCESSFUL")
      const requests = (yield* plane.requests).filter(({ operation }) => operation === "Backups.restore")
      assert.lengthOf(requests, 1)
      assert.deepStrictEqual(yield* temporaries, [])
    }).pipe(Effect.provide(project())))

  it.effect("writes no API key to the storage of the engine", () =>
    Effect.gen(function*() {
      yield* seedBackup()
      const written: Array<unknown> = []
      const storage = yield* DrillEngine.makeStorage
      const services = yield* boot(DrillEngine.powered({
        ...storage,
        saveEnvelope: (options) => Effect.suspend(() => (written.push(options), storage.saveEnvelope(options))),
        saveReply: (reply) => Effect.suspend(() => (written.push(reply), storage.saveReply(reply)))
      }))
      const fiber = yield* Effect.forkChild(RestoreDrill.run(short).pipe(Effect.provideContext(services)))
      yield* finish(fiber)
      const text = JSON.stringify(written)
      assert.include(text, "backup-1")
      // The key of a service in memory.
      assert.notInclude(text, "memory")
    }).pipe(Effect.provide(project())))

  describe("cancel", () => {
    const canceled = Effect.gen(function*() {
      const log = yield* DrillLog.DrillLog
      const report = (yield* log.get(yield* RestoreDrill.executionId("drill-1")))?.report
      assert.deepStrictEqual([report?.outcome, report?.reason?.code, report?.leftover], [
        "CANCELLED",
        "cancelled",
        null
      ])
      assert.deepStrictEqual(yield* temporaries, [])
      return report
    })

    it.effect("removes the index of a drill that sleeps within two seconds", () =>
      Effect.gen(function*() {
        yield* seedBackup()
        const waiter = yield* Effect.forkChild(RestoreDrill.run(request()))
        yield* DrillEngine.advance("3 minutes")
        assert.lengthOf(yield* temporaries, 1)
        yield* RestoreDrill.cancel(yield* RestoreDrill.executionId("drill-1"))
        yield* DrillEngine.advance("2 seconds", "1 second")
        const report = yield* canceled
        assert.strictEqual(report?.backup?.backupId, "backup-1")
        assert.isNotNull(report?.times.requestedAt)
        // A caller that waits for the drill gets the report as well.
        assert.deepStrictEqual(yield* finish(waiter), report)
      }).pipe(Effect.provide(engine.pipe(Layer.provideMerge(project())))))

    it.effect("completes the running step first", () =>
      Effect.gen(function*() {
        const plane = yield* ControlPlane.ControlPlane
        yield* seedBackup()
        yield* plane.fault("Backups.restore", Fault.delay("5 seconds"))
        yield* RestoreDrill.start(request())
        yield* DrillEngine.advance("2 seconds", "1 second")
        yield* RestoreDrill.cancel(yield* RestoreDrill.executionId("drill-1"))
        yield* DrillEngine.advance("10 minutes")
        yield* canceled
        const requests = (yield* plane.requests).filter(({ operation }) => operation === "Backups.restore")
        assert.isAtMost(requests.length, 1)
      }).pipe(Effect.provide(engine.pipe(Layer.provideMerge(project())))))

    it.effect("does nothing to a drill that has ended", () =>
      Effect.gen(function*() {
        yield* seedBackup()
        const fiber = yield* Effect.forkChild(RestoreDrill.run(request()))
        const report = yield* finish(fiber)
        yield* RestoreDrill.cancel(report.executionId)
        yield* DrillEngine.advance("2 minutes")
        const log = yield* DrillLog.DrillLog
        assert.deepStrictEqual((yield* log.get(report.executionId))?.report, report)
      }).pipe(Effect.provide(engine.pipe(Layer.provideMerge(project())))))

    it.effect("removes nothing that the drill did not create", () =>
      Effect.gen(function*() {
        const target = yield* DrillTarget.DrillTarget
        const plane = yield* ControlPlane.ControlPlane
        const executionId = "0123456789abcdef0123456789abcdef"
        // The name without the tag, the tag without the name, and the tag of another drill.
        yield* plane.seedIndex({ name: DrillIndex.nameOf(executionId), tags: { other: "tag" } })
        yield* plane.seedIndex({ name: "tagged", tags: { [DrillIndex.tag]: executionId } })
        const other = DrillIndex.make("fedcba9876543210fedcba9876543210")
        yield* plane.seedIndex({ name: other.name, tags: { [DrillIndex.tag]: executionId } })
        const refused = [DrillIndex.make(executionId), other, { name: docs, executionId }]
        for (const temporary of refused) {
          const error = yield* Effect.flip(target.remove(temporary))
          assert.strictEqual(error._tag === "DrillFailure" && error.code, "name-taken")
        }
        assert.strictEqual(yield* accepted("Indexes.delete"), 0)
        assert.deepStrictEqual(yield* temporaries, [])
      }).pipe(Effect.provide(project())))
  })
})

describe("Workflow", () => {
  const gate = DurableDeferred.make("gate")

  /**
   * A workflow that runs a step and awaits a deferred concurrently. Completing the deferred makes the engine interrupt the
   * run in order to replay it. Returns the events in order.
   */
  const preempted = (
    register: (
      cleanup: Effect.Effect<void>
    ) => Effect.Effect<void, never, Scope.Scope | WorkflowEngine.WorkflowInstance>
  ) =>
    Effect.gen(function*() {
      const events: Array<string> = []
      const note = (event: string) => Effect.sync(() => void events.push(event))
      const Preempted = Workflow.make("Preempted/v1", {
        payload: { id: Schema.String },
        idempotencyKey: ({ id }) => id
      })
      const body = Effect.gen(function*() {
        yield* register(note("cleanup"))
        yield* Effect.all([
          Activity.make({ name: "step", execute: Effect.delay(note("step"), "1 minute") }),
          DurableDeferred.await(gate)
        ], { concurrency: "unbounded", discard: true })
        yield* Activity.make({ name: "end", execute: note("end") })
      })
      const services = yield* Layer.build(Preempted.toLayer(() => body).pipe(Layer.provideMerge(DrillEngine.layer)))
      const id = yield* Preempted.execute({ id: "1" }, { discard: true }).pipe(Effect.provideContext(services))
      yield* DrillEngine.advance("10 seconds")
      const token = DurableDeferred.tokenFromExecutionId(gate, { workflow: Preempted, executionId: id })
      yield* DurableDeferred.succeed(gate, { token, value: undefined }).pipe(Effect.provideContext(services))
      yield* DrillEngine.advance("10 minutes")
      return events
    })

  it.effect("runs no compensation when it is preempted", () =>
    Effect.gen(function*() {
      const events = yield* preempted((cleanup) => Workflow.withCompensation(Effect.void, () => cleanup))
      assert.notInclude(events, "cleanup")
      assert.strictEqual(events.at(-1), "end")
    }))

  // The reason why drills do not remove their index in a finalizer. When this fails, Effect has changed.
  it.effect("runs finalizers when it is preempted, before the end", () =>
    Effect.gen(function*() {
      const events = yield* preempted((cleanup) => Workflow.addFinalizer(() => cleanup))
      assert.isBelow(events.indexOf("cleanup"), events.indexOf("end"))
      assert.isAtLeast(events.indexOf("cleanup"), 0)
    }))
})
