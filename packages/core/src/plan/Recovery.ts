/**
 * Recovery of an index from a backup: under its own name if it was deleted, next to it as a side copy, or in its place.
 *
 * A recovery keeps no local state. Every step follows from what the service shows, so a recovery that was interrupted
 * continues when it is repeated, and restores once.
 *
 * **Example** (Recovering a deleted index)
 *
 * ```ts
 * import * as IndexData from "@pinecone-backups/core/drill/IndexData"
 * import * as Indexes from "@pinecone-backups/core/Indexes"
 * import { IndexName } from "@pinecone-backups/core/PineconeIndex"
 * import * as Recovery from "@pinecone-backups/core/plan/Recovery"
 * import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Stream from "effect/Stream"
 *
 * const index = IndexName.make("docs")
 *
 * export const program = Effect.gen(function*() {
 *   const indexes = yield* Indexes.Indexes
 *   yield* indexes.delete(index)
 *
 *   const options = { index }
 *   const plan = yield* Effect.fromResult(Recovery.plan(yield* Recovery.read(options), options))
 *   yield* Console.log(plan.copy.recordCount, plan.steps.map(({ _tag }) => _tag))
 *   // => 100 [ 'Restore', 'AwaitRestore', 'Verify', 'CreateSchedule' ]
 *   yield* Recovery.run(plan).pipe(Stream.runForEach((event) =>
 *     event._tag === "Recovered"
 *       ? Console.log(event.result.verification?.verdict, event.result.scheduled?.schedule.name)
 *       : Effect.void
 *   ))
 *   // => verified nightly
 * }).pipe(Effect.provide(Layer.provideMerge(
 *   IndexData.layer,
 *   PineconeMemory.layer({
 *     indexes: [{ name: "docs", recordCount: 100 }],
 *     schedules: [{ indexName: "docs", name: "nightly", runs: 3 }]
 *   })
 * )))
 * ```
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Backup from "../Backup.ts"
import * as DrillRequest from "../drill/DrillRequest.ts"
import type * as PineconeError from "../PineconeError.ts"
import type * as PineconeIndex from "../PineconeIndex.ts"
import * as Polling from "../Polling.ts"
import * as Execution from "./internal/recovery-execution.ts"
import * as Planning from "./internal/recovery-planning.ts"
import * as Reading from "./internal/recovery-reading.ts"
import * as SideCopy from "./internal/side-copy.ts"
import type * as RecoveryPlan from "./RecoveryPlan.ts"
import type * as RecoveryReport from "./RecoveryReport.ts"

/**
 * Options of {@link run}.
 *
 * @category options
 * @since 0.1.0
 */
export interface RunOptions {
  /**
   * Verification of the restored index. A replacement requires one.
   *
   * @default counts records and namespaces, and reads 20 records, as a drill does
   */
  readonly verify?: DrillRequest.Verify | "none" | undefined
  /** Time within which the counts must agree after a restore, because counts lag. @default "10 minutes" */
  readonly grace?: Duration.Input | undefined
  /**
   * Delay before an index whose name existed before is counted again: its records may be visible for a moment and then
   * disappear. @default "3 minutes"
   */
  readonly recountAfter?: Duration.Input | undefined
  /** Time limit for all waits for a backup, a restore or a deletion. @default "6 hours" */
  readonly timeout?: Duration.Input | undefined
  /**
   * The current time, by which backups are judged when the facts are read again, and which events and results report. Waits
   * depend on the `Clock` only.
   *
   * @default the time of the `Clock`
   */
  readonly now?: Effect.Effect<DateTime.Utc> | undefined
}

/**
 * Returns the default name of the side copy of a backup: the start of the name of the index, `-from-`, and the first 8 digits
 * of the backup ID. IDs that are not random UUIDs: a short ID is used as it is, and a longer one by its start and a hash. At
 * most 45 characters. A repeated recovery finds the copy by this name.
 *
 * @category getters
 * @since 0.1.0
 */
export const sideCopyName: (index: PineconeIndex.IndexName, backupId: Backup.BackupId) => PineconeIndex.IndexName =
  SideCopy.name

/**
 * Reads the facts for a plan.
 *
 * **Details**
 *
 * Reads the indexes, the backups of every index that had the name, and the restore jobs. If the index exists, also its
 * schedules and its own backups and, with `replace`, its counts: three to six requests, and one more for every further 100
 * rows. Fails with the first error, because a recovery must not be planned without these facts.
 *
 * @category constructors
 * @since 0.1.0
 */
export const read: (
  options: Pick<RecoveryPlan.Options, "index" | "replace">
) => Effect.Effect<RecoveryPlan.Facts, PineconeError.ListError, RecoveryPlan.Services> = Reading.read

/**
 * Makes a plan, or refuses to. A pure function.
 *
 * **Details**
 *
 * - The index does not exist: restores the newest good copy that is not shrunk under its name, verifies it, and creates its
 *   schedule. Two requests change something.
 * - The index exists and was restored from the chosen backup: continues where an earlier run stopped.
 * - The index exists otherwise: refuses, unless `to` or `replace` is given.
 * - `to`: restores into a side copy, without schedule and deletion protection.
 * - `replace`: refuses a side copy with a typed schema unless `acceptCounts` is set. Verifies the side copy, backs up the
 *   index, saves its settings in the tags of the side copy, deletes the index, and restores the backup that the side copy was
 *   restored from, even if there are newer backups. `consent` is `"typed"`.
 *
 * Identity decides and names do not: backups belong to an index by its ID, and an index is the result of a recovery if it was
 * restored from the chosen backup.
 *
 * @category constructors
 * @since 0.1.0
 */
export const plan: (
  facts: RecoveryPlan.Facts,
  options: RecoveryPlan.Options
) => Result.Result<RecoveryPlan.RecoveryPlan, RecoveryPlan.Refusal> = (facts, options) => Planning.plan(facts, options)

const defaults = {
  grace: Duration.minutes(10),
  recountAfter: Duration.minutes(3),
  timeout: Polling.defaultTimeout
}

const durationOf = (given: Duration.Input | undefined, byDefault: Duration.Duration): Duration.Duration =>
  given === undefined ? byDefault : Duration.fromInputUnsafe(given)

/**
 * Carries out a plan, and emits its events. The last event is `Recovered`.
 *
 * **Details**
 *
 * Reads the facts and plans again before every step. Skips steps that are done, and fails with the code `moved` if a step is
 * needed that the plan does not have. Every request that changes something is sent once. If the response to the restore is
 * lost, or its name is taken, looks up the restore: two recoveries of the same backup wait for the same restore. The error has
 * everything that was started. Throws if a duration is invalid.
 *
 * **Gotchas**
 *
 * The caller confirms the plan, as its `consent` requires. Interrupting the stream does not cancel a restore or a backup. Run
 * the same options again to continue.
 *
 * @category constructors
 * @since 0.1.0
 */
export const run = (
  plan: RecoveryPlan.RecoveryPlan,
  options: RunOptions = {}
): Stream.Stream<RecoveryReport.RecoveryEvent, RecoveryReport.RecoveryError, RecoveryPlan.Services> =>
  Stream.suspend(() => {
    const valid: Execution.RunOptions = {
      verify: options.verify ?? DrillRequest.sample(),
      grace: durationOf(options.grace, defaults.grace),
      recountAfter: durationOf(options.recountAfter, defaults.recountAfter),
      timeout: durationOf(options.timeout, defaults.timeout),
      now: options.now ?? DateTime.now
    }
    return Stream.callback<RecoveryReport.RecoveryEvent, RecoveryReport.RecoveryError, RecoveryPlan.Services>((queue) =>
      Execution.run(plan, valid, (event) => Effect.asVoid(Queue.offer(queue, event))).pipe(
        Effect.flatMap((result) => Queue.offer(queue, { _tag: "Recovered", result })),
        Effect.andThen(Queue.end(queue))
      )
    )
  })
