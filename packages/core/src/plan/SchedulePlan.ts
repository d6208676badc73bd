/**
 * Plans that bring the schedules and settings of a project in line with a policy: pure functions that compare a policy
 * with facts, a reader for the facts, and a function that carries out an approved plan.
 *
 * **Example** (Planning from facts)
 *
 * ```ts
 * import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
 * import { IndexId, IndexName } from "@pinecone-backups/core/PineconeIndex"
 * import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
 * import * as DateTime from "effect/DateTime"
 * import * as Result from "effect/Result"
 *
 * const policy: BackupPolicy.BackupPolicy = {
 *   rules: [{ index: "docs", schedule: { every: "daily", keep: 30 }, settings: { deletionProtection: "enabled" } }]
 * }
 * const facts: SchedulePlan.Facts = {
 *   at: DateTime.makeUnsafe("2026-11-21T20:00:00Z"),
 *   indexes: [{
 *     index: { name: IndexName.make("docs"), id: IndexId.make("index-1"), deletionProtection: "disabled" },
 *     schedules: Result.succeed([]),
 *     histories: new Map(),
 *     backups: undefined
 *   }]
 * }
 * const plan = SchedulePlan.make(policy, facts)
 *
 * console.log(plan.steps.map(({ _tag }) => _tag)) // => [ 'ConfigureIndex', 'CreateSchedule' ]
 * console.log(SchedulePlan.verdict(plan), SchedulePlan.consentOf(plan)) // => drift free
 * ```
 *
 * @since 0.1.0
 */

import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Stream from "effect/Stream"
import type * as BackupSchedule from "../BackupSchedule.ts"
import type * as BackupPolicy from "../health/BackupPolicy.ts"
import * as Copies from "../health/Copies.ts"
import type * as PineconeError from "../PineconeError.ts"
import type * as PineconeIndex from "../PineconeIndex.ts"
import * as Applying from "./internal/applying.ts"
import * as Comparing from "./internal/comparing.ts"
import * as PlanFacts from "./internal/facts.ts"
import type { Facts } from "./internal/facts.ts"
import * as Gathering from "./internal/gathering.ts"
import * as Planning from "./internal/planning.ts"
import * as SchedulePlanning from "./internal/schedule-planning.ts"
import type * as ScheduleStep from "./ScheduleStep.ts"

// ============================================================================
// Facts
// ============================================================================

export {
  /**
   * Facts about a project, from `read`: all its indexes, and the time at which they were read. `scope` limits the plan to some
   * indexes.
   *
   * @category facts
   * @since 0.1.0
   */
  type Facts,
  /**
   * Facts about an index: the index itself, and its schedules, if they were read. The histories of schedules and the backups
   * of the index are only required where `needs` names a schedule.
   *
   * @category facts
   * @since 0.1.0
   */
  type IndexFacts
} from "./internal/facts.ts"

/**
 * Returns the schedules whose histories must be read, because a policy shortens their retention. The backups of their
 * indexes must be read as well.
 *
 * @category planning
 * @since 0.1.0
 */
export const needs = (wanted: BackupPolicy.BackupPolicy, facts: Facts): ReadonlyArray<BackupSchedule.ScheduleId> => {
  const managed = new Set<string>(
    Planning.managed(wanted, { indexes: facts.indexes.map(({ index }) => index), scope: facts.scope })
  )
  return facts.indexes.filter(({ index }) => managed.has(index.name)).flatMap((index) =>
    Planning.needsOf(wanted, index)
  )
}

// ============================================================================
// Plans
// ============================================================================

export {
  /**
   * The steps that bring a project in line with a policy, in the order in which they are safe.
   *
   * @category models
   * @since 0.1.0
   */
  type Plan as SchedulePlan
} from "./internal/planning.ts"

/**
 * Options of {@link make}.
 *
 * @category options
 * @since 0.1.0
 */
export interface MakeOptions {
  /** Whether to delete schedules of managed indexes that the policy does not have. @default false */
  readonly deleteExtra?: boolean | undefined
  /** Validity of the plan. @default 24 hours */
  readonly validFor?: Duration.Input | undefined
}

/**
 * Compares a policy with facts.
 *
 * **Details**
 *
 * A pure function: the same policy, facts and options give the same plan. Fields that the policy does not have are never
 * changed, and neither are indexes that it does not manage. Each object is changed by at most one step. The order:
 *
 * 1. Steps that protect: deletion protection, longer retention, tags.
 * 2. Switches to another schedule, and frequencies. Directly after a schedule was paused to make way, the next step
 *    enables or creates the other schedule.
 * 3. Steps that loosen: shorter retention, pauses, protection that is removed.
 * 4. Deletions.
 *
 * If the first steps of a plan have been carried out, a new plan has exactly the others. Facts that are missing or
 * contradict each other make an index `unknown`, without any step.
 *
 * A wish for a schedule is about the schedule with the `name` of the wish, or about any schedule if it has no name. If
 * several match, it is about the enabled schedule, unless the wish pauses it: then it is `Ambiguous`.
 *
 * @category planning
 * @since 0.1.0
 */
export const make = (
  wanted: BackupPolicy.BackupPolicy,
  facts: Facts,
  options?: MakeOptions
): Planning.Plan => Planning.make(wanted, facts, options)

/**
 * Returns `true` if the tags of an index show that a drill or a recovery created it as a copy. Patterns in policies do not
 * match such an index.
 *
 * @category guards
 * @since 0.1.0
 */
export const isCopy: (index: PineconeIndex.PineconeIndex) => boolean = PlanFacts.isCopy

/**
 * Returns the name of a schedule that is created for a wish without a name, such as `docs-daily`.
 *
 * @category getters
 * @since 0.1.0
 */
export const defaultName: (index: PineconeIndex.IndexName, every: BackupSchedule.Frequency) => string =
  SchedulePlanning.defaultName

/**
 * Returns the verdict of a plan: `"unknown"` if any fact is unknown, otherwise `"drift"` if there is a step or a wish that
 * cannot be met, otherwise `"in-step"`.
 *
 * @category getters
 * @since 0.1.0
 */
export const verdict = (plan: Planning.Plan): "in-step" | "drift" | "unknown" =>
  plan.unknown.length > 0 ? "unknown" : plan.steps.length + plan.blocked.length > 0 ? "drift" : "in-step"

/**
 * Returns the consent that a plan needs: that of its steps. A plan whose project is not confirmed needs at least `"yes"`.
 *
 * @category getters
 * @since 0.1.0
 */
export const consentOf = (plan: Planning.Plan): ScheduleStep.Consent => {
  if (plan.steps.some(({ consent }) => consent === "typed")) return "typed"
  const isFree = plan.steps.every(({ consent }) => consent === "free") &&
    (plan.isProjectConfirmed || plan.steps.length === 0)
  return isFree ? "free" : "yes"
}

/**
 * Checks that every step of a new plan is in an approved plan, and loses no other backups.
 *
 * **Details**
 *
 * Fails with the first difference. Steps of the approved plan that are not in the new plan do not matter: they have been
 * carried out.
 *
 * @category planning
 * @since 0.1.0
 */
export const allows: (
  approved: Pick<Planning.Plan, "steps">,
  now: Pick<Planning.Plan, "steps">
) => Result.Result<void, ScheduleStep.Moved> = Comparing.allows

// ============================================================================
// The service
// ============================================================================

/**
 * Options of {@link read}.
 *
 * @category options
 * @since 0.1.0
 */
export interface ReadOptions {
  /** Indexes to plan. @default all indexes that the policy manages */
  readonly indexes?: ReadonlyArray<PineconeIndex.IndexName> | undefined
  /** Number of indexes to read concurrently. @default 8 */
  readonly concurrency?: number | undefined
  /** The time of the service, such as `now` of a verdict of `Clocks.make`. @default the time of the `Clock` */
  readonly now?: Effect.Effect<DateTime.Utc> | undefined
}

/**
 * Reads the facts of a plan.
 *
 * **Details**
 *
 * Sends one request for the indexes, and one for the schedules of each managed index. If a policy shortens a retention,
 * also reads the history of the schedule and the backups of its index. Reads the backups of indexes in the policy that do
 * not exist. Failed reads become part of the facts, and no more requests are sent after five consecutive retryable failures.
 * Fails if the indexes cannot be listed.
 *
 * @category reading
 * @since 0.1.0
 */
export const read: (
  wanted: BackupPolicy.BackupPolicy,
  options?: ReadOptions
) => Effect.Effect<Facts, PineconeError.PineconeError, Applying.Requirements> = Gathering.read

export {
  /**
   * A result of `apply`.
   *
   * **Details**
   *
   * - `Done`: the step was carried out. `schedule` or `index` is the changed object, `recovered` if the response was lost.
   * - `Already`: nothing was sent, because the change is already there
   * - `Moved`: nothing was sent, because the project no longer fits the plan. Later steps of the index are not reached. For
   *   the reason `replaced`, the step may have been carried out on the other index.
   * - `Failed`: the step failed. Later steps of the index are not reached.
   * - `NotReached`: nothing was sent, because an earlier step of the index ended the chain, or no request can succeed
   * - `Left`: the last event. A new plan for the indexes of the approved plan.
   *
   * @category models
   * @since 0.1.0
   */
  type Event,
  /**
   * The services that plans use.
   *
   * @category services
   * @since 0.1.0
   */
  type Requirements
} from "./internal/applying.ts"

/**
 * Options of {@link apply}.
 *
 * @category options
 * @since 0.1.0
 */
export interface ApplyOptions extends Pick<ReadOptions, "concurrency" | "now"> {
  /** The policy from which the approved plan was made. */
  readonly wanted: BackupPolicy.BackupPolicy
}

/**
 * Carries out an approved plan, and emits the result of each step, in order.
 *
 * **Details**
 *
 * Before each step, reads the index again, and plans it again. The step is carried out only if everything that is needed
 * now is in the approved plan and loses no other backup. Otherwise the index has `Moved`. Interrupted at any point, a new
 * plan has exactly the steps that are left.
 *
 * Fails after the events of all steps if the key is invalid or lacks a permission, or if the service cannot be reached.
 * Carries out nothing if the plan has unknown facts: the caller must narrow the scope of the plan, or read again.
 *
 * **Gotchas**
 *
 * Does not ask for consent. Check {@link consentOf} before.
 *
 * **Example** (Creating the schedules of a policy)
 *
 * ```ts
 * import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
 * import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
 * import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const policy: BackupPolicy.BackupPolicy = {
 *   rules: [{ index: "*", schedule: { every: "daily", keep: 30 } }]
 * }
 *
 * export const program = Effect.gen(function*() {
 *   const plan = SchedulePlan.make(policy, yield* SchedulePlan.read(policy))
 *   if (SchedulePlan.consentOf(plan) !== "free") return
 *   yield* SchedulePlan.apply(plan, { wanted: policy }).pipe(
 *     Stream.runForEach((event) =>
 *       event._tag === "Left"
 *         ? Console.log(SchedulePlan.verdict(event.plan))
 *         : Console.log(event._tag, event.step._tag, event.step.indexName)
 *     )
 *   )
 * }).pipe(Effect.provide(PineconeMemory.layer({ indexes: [{ name: "docs" }] })))
 * // => Done CreateSchedule docs
 * // => in-step
 * ```
 *
 * @category applying
 * @since 0.1.0
 */
export const apply = (
  approved: Planning.Plan,
  { concurrency, now = DateTime.now, wanted }: ApplyOptions
): Stream.Stream<Applying.Event, PineconeError.ListError, Applying.Requirements> => {
  const { deleteExtra, validUntil } = approved
  return Applying.run(approved, {
    needs: (index) => Planning.needsOf(wanted, index),
    plan: (facts) => {
      // The same end of the validity gives the same steps. Only the losses of now count, on any clock.
      const same = make(wanted, facts, { deleteExtra, validFor: DateTime.distance(facts.at, validUntil) })
      const now = make(wanted, facts, { deleteExtra, validFor: Copies.futureTolerance })
      const steps = same.steps.map((step) => now.steps.find((other) => Comparing.isSame(step, other)) ?? step)
      return Result.succeed({ ...same, steps })
    },
    left: (indexes) =>
      Effect.map(read(wanted, { indexes, concurrency, now }), (facts) => make(wanted, facts, { deleteExtra })),
    now
  })
}
