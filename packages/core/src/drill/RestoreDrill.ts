/**
 * The restore drill: a durable workflow that restores a backup into a temporary index, verifies the copy, removes it, and
 * records a report.
 *
 * @since 0.1.0
 */

import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Activity from "effect/workflow/Activity"
import * as Workflow from "effect/workflow/Workflow"
import type * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import { IndexName } from "../PineconeIndex.ts"
import * as DrillError from "./DrillError.ts"
import * as DrillIndex from "./DrillIndex.ts"
import * as DrillLog from "./DrillLog.ts"
import * as DrillProbe from "./DrillProbe.ts"
import * as DrillReport from "./DrillReport.ts"
import * as DrillRequest from "./DrillRequest.ts"
import * as DrillTarget from "./DrillTarget.ts"
import * as Draft from "./internal/draft.ts"
import * as Durable from "./internal/durable.ts"
import * as Ended from "./internal/ended.ts"
import * as Rehearsal from "./internal/rehearsal.ts"
import * as Removal from "./internal/removal.ts"

/**
 * The workflow. Every drill ends with a report, which is the result of the workflow and is recorded in the `DrillLog`. A canceled
 * drill has no result, only the report in the log.
 *
 * **When to use**
 *
 * To provide, poll or interrupt drills on your own engine. `run` executes one and waits for its report.
 *
 * **Gotchas**
 *
 * Cancel with `interrupt`, never with `interruptUnsafe` of the engine, which can leave an index behind.
 *
 * @category workflows
 * @since 0.1.0
 */
export const RestoreDrill = Workflow.make("RestoreDrill/v1", {
  payload: DrillRequest.DrillRequest,
  success: DrillReport.DrillReport,
  idempotencyKey: ({ drillId }) => drillId
})

/** Retries for an unavailable log, which must not end a drill. */
const logged = <A>(self: Effect.Effect<A, DrillLog.DrillLogError>): Effect.Effect<A> =>
  Effect.orDie(Effect.retry(self, { schedule: Schedule.spaced("5 seconds"), times: 12 }))

/** Result of a drill whose workflow failed, because it was canceled or has a defect. */
const endOf = (cause: Cause.Cause<unknown>): Draft.End =>
  Cause.hasInterrupts(cause) && !Cause.hasDies(cause)
    ? { outcome: "CANCELLED", reason: { code: "cancelled", message: "the drill was canceled" } }
    // Omit the message of the defect: it can have secrets, and reports are stored.
    : {
      outcome: "FAILED",
      reason: { code: "defect", message: "a defect ended the drill; the log of its runner has the cause" }
    }

/** Schema for attempts to record the report. */
const Reported = Durable.Attempt(DrillReport.DrillReport)

const drill = Effect.fnUntraced(function*(
  request: DrillRequest.DrillRequest,
  executionId: string,
  probe: DrillProbe.Probe | undefined
) {
  const target = yield* DrillTarget.DrillTarget
  const log = yield* DrillLog.DrillLog
  const temporary = DrillIndex.make(executionId)
  const draft = Draft.make()
  const signal = (outcome: DrillReport.Outcome) =>
    request.round === undefined ? Effect.void : Ended.signal(request.round, outcome)

  // Not a finalizer: the engine can run finalizers before the end. A compensation runs only if the workflow fails, and
  // must be a plain effect, because the engine would confuse its steps with those of the main path.
  yield* RestoreDrill.withCompensation(Effect.void, (_, cause) =>
    Effect.gen(function*() {
      const end = endOf(cause)
      if (end.outcome === "FAILED") yield* Effect.logError(`A defect ended restore drill ${request.drillId}`, cause)
      const removal = yield* Removal.repeat(temporary, draft.existence, {
        attempt: () => Durable.attemptPlainly(Effect.as(target.remove(temporary), null)),
        sleep: (_, duration) => Effect.sleep(duration)
      })
      const endedAt = yield* Durable.now
      yield* logged(log.put(Draft.complete(draft, request, temporary, { ...end, ...removal, endedAt })))
      yield* signal(end.outcome)
    }))

  const startedAt = yield* Activity.make({
    name: "start",
    success: Schema.DateTimeUtcFromMillis,
    execute: Effect.gen(function*() {
      const startedAt = yield* Durable.now
      yield* logged(log.begin({
        executionId,
        drillId: request.drillId,
        indexName: request.index,
        startedAt,
        deadlineAt: DateTime.addDuration(startedAt, request.timeout)
      }))
      return startedAt
    })
  })
  draft.startedAt = startedAt
  const deadline = DateTime.addDuration(startedAt, request.timeout)

  const end = yield* Rehearsal.rehearse({ request, temporary, startedAt, deadline, draft }, probe)

  const removal = yield* Removal.repeat(temporary, draft.existence, {
    attempt: (n) => Durable.attempt(`remove/${n}`, Removal.Removed, Effect.as(target.remove(temporary), null)),
    sleep: (n, duration) => Durable.sleep(`remove-wait/${n}`, duration)
  })

  // Retry until the log is available again, because the result must not be lost.
  for (let n = 0;; n++) {
    const { result } = yield* Durable.attempt(
      `report/${n}`,
      Reported,
      Effect.gen(function*() {
        const endedAt = yield* Durable.now
        const report = Draft.complete(draft, request, temporary, { ...end, ...removal, endedAt })
        yield* log.put(report)
        return report
      }).pipe(
        Effect.tapError((error) => Effect.logWarning(`Restore drill ${request.drillId} waits for its log`, error)),
        Effect.mapError(({ message }) => new DrillError.DrillUnavailable({ message }))
      )
    )
    if (result._tag === "Done") {
      yield* signal(result.value.outcome)
      return result.value
    }
    yield* Durable.sleep(`report-wait/${n}`, Durable.pause(n, Duration.seconds(5), Duration.minutes(5)))
  }
})

/**
 * Layer that registers the workflow with an engine.
 *
 * **Gotchas**
 *
 * Every runner of an engine must have this layer: a runner without it ends the drills that it receives.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<
  never,
  never,
  DrillTarget.DrillTarget | DrillLog.DrillLog | WorkflowEngine.WorkflowEngine
> = Layer.unwrap(Effect.map(
  DrillProbe.DrillProbe,
  (probe) => RestoreDrill.toLayer((request, executionId) => drill(request, executionId, probe))
))

/**
 * Computes the execution ID of a drill from its drill ID. Sends nothing.
 *
 * @category getters
 * @since 0.1.0
 */
export const executionId = (drillId: string): Effect.Effect<string> =>
  // Only the drill ID is part of the execution ID.
  RestoreDrill.executionId(DrillRequest.DrillRequest.make({ drillId, index: IndexName.make("any") }))

/**
 * Runs a drill, or joins it if it is running, and waits for its report. A canceled drill returns its report as well.
 *
 * **Gotchas**
 *
 * Interrupting the wait does not cancel the drill.
 *
 * @category running
 * @since 0.1.0
 */
export const run = Effect.fn("RestoreDrill.run")(function*(
  request: DrillRequest.DrillRequest
): Effect.fn.Return<
  DrillReport.DrillReport,
  DrillLog.DrillLogError,
  DrillLog.DrillLog | WorkflowEngine.WorkflowEngine
> {
  const log = yield* DrillLog.DrillLog
  const exit = yield* Effect.exit(RestoreDrill.execute(request))
  if (Exit.isSuccess(exit)) return exit.value
  const entry = yield* log.get(yield* RestoreDrill.executionId(request))
  if (entry !== undefined && entry.problem !== null) {
    return yield* new DrillLog.DrillLogError({ message: `The report of the drill could not be read: ${entry.problem}` })
  }
  return entry?.report ?? (yield* Effect.failCause(exit.cause))
})

/**
 * Starts a drill, unless it was started before, and returns its execution ID without waiting.
 *
 * @category running
 * @since 0.1.0
 */
export const start = (
  request: DrillRequest.DrillRequest
): Effect.Effect<string, never, WorkflowEngine.WorkflowEngine> => RestoreDrill.execute(request, { discard: true })

/**
 * Cancels a drill: a running step is completed, then the temporary index is removed, and the report `CANCELLED` recorded.
 * Does nothing if the drill has ended. Returns before the index is removed.
 *
 * @category running
 * @since 0.1.0
 */
export const cancel = (executionId: string): Effect.Effect<void, never, WorkflowEngine.WorkflowEngine> =>
  RestoreDrill.interrupt(executionId)
