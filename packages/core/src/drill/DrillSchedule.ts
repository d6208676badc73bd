/**
 * Scheduled drill rounds, on a cluster of runners.
 *
 * @since 0.1.0
 */
import type * as Sharding from "effect/cluster/Sharding"
import type * as Cron from "effect/Cron"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import type * as DrillRound from "./DrillRound.ts"

/**
 * Options of scheduled rounds.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options<E, R> {
  /** The name of the schedule, which its state is stored under. Defaults to `"drills"`. */
  readonly name?: string | undefined
  readonly cron: Cron.Cron
  /** The round for a scheduled time, without its ID; `undefined` to skip it. */
  readonly round: (
    scheduledAt: DateTime.Utc
  ) => Effect.Effect<Omit<ConstructorParameters<typeof DrillRound.RoundRequest>[0], "roundId"> | undefined, E, R>
  /**
   * Maximum delay of a round, for example after a power loss. An older round is missed.
   *
   * @default "6 hours"
   */
  readonly maxDelay?: Duration.Input | undefined
  /**
   * Called for every missed round.
   *
   * @default logs a warning
   */
  readonly onMissed?: ((scheduledAt: DateTime.Utc) => Effect.Effect<void, E, R>) | undefined
}

/**
 * Layer that starts a round at the times of a cron expression. The round ID is the scheduled time, so a slot that is
 * started twice is one round. Needs `DrillRound.layer` beside it.
 *
 * @category layers
 * @since 0.1.0
 */
export declare const layer: <E, R>(
  options: Options<E, R>
) => Layer.Layer<never, never, Sharding.Sharding | WorkflowEngine.WorkflowEngine | R>
