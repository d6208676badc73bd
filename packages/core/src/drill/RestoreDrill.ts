/**
 * The restore drill: a durable workflow that restores a backup into a temporary index, verifies the copy, removes it, and
 * records a report.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Workflow from "effect/workflow/Workflow"
import type * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import type * as DrillLog from "./DrillLog.ts"
import * as DrillReport from "./DrillReport.ts"
import * as DrillRequest from "./DrillRequest.ts"
import type * as DrillTarget from "./DrillTarget.ts"

/**
 * The workflow. Every end has a report: as the result, and in the `DrillLog`. A canceled drill has no result, only the
 * report in the log.
 *
 * **When to use**
 *
 * To provide, poll or interrupt drills on an engine of your own. `run` executes one and waits for its report.
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
  idempotencyKey: ({ drillId }) => drillId,
  // A caller on another machine than the drill learns of its end by polling.
  suspendedRetrySchedule: Schedule.spaced("5 seconds")
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
export declare const layer: Layer.Layer<
  never,
  never,
  DrillTarget.DrillTarget | DrillLog.DrillLog | WorkflowEngine.WorkflowEngine
>

/**
 * Computes the execution ID of a drill from its drill ID. Sends nothing.
 *
 * @category getters
 * @since 0.1.0
 */
export declare const executionId: (drillId: string) => Effect.Effect<string>

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
export declare const run: (
  request: DrillRequest.DrillRequest
) => Effect.Effect<
  DrillReport.DrillReport,
  DrillLog.DrillLogError,
  DrillLog.DrillLog | WorkflowEngine.WorkflowEngine
>

/**
 * Starts a drill, unless it was started before, and returns its execution ID without waiting.
 *
 * @category running
 * @since 0.1.0
 */
export declare const start: (
  request: DrillRequest.DrillRequest
) => Effect.Effect<string, never, WorkflowEngine.WorkflowEngine>

/**
 * Cancels a drill: a running step is completed, then the temporary index is removed, and the report `CANCELLED` recorded.
 * Does nothing if the drill has ended. Returns before the index is removed.
 *
 * @category running
 * @since 0.1.0
 */
export declare const cancel: (executionId: string) => Effect.Effect<void, never, WorkflowEngine.WorkflowEngine>
