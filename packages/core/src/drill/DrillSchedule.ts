/**
 * Scheduled drill rounds, on a cluster of runners.
 *
 * @since 0.1.0
 */

import * as ClusterCron from "effect/cluster/ClusterCron"
import type * as Sharding from "effect/cluster/Sharding"
import type * as Cron from "effect/Cron"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import { millis } from "../internal/time.ts"
import * as DrillRound from "./DrillRound.ts"

/**
 * A round without its ID.
 *
 * @category options
 * @since 0.1.0
 */
export type Round = Omit<ConstructorParameters<typeof DrillRound.RoundRequest>[0], "roundId">

/**
 * Options of scheduled rounds.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options<E, R> {
  /**
   * Name of the schedule, under which its state is stored. Up to 60 characters.
   *
   * @default "drills"
   */
  readonly name?: string | undefined
  readonly cron: Cron.Cron
  /** The round for a scheduled time, without its ID; `undefined` to skip it. */
  readonly round: (
    scheduledAt: DateTime.Utc
  ) => Effect.Effect<Round | undefined, E, R>
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

/** Runs every slot through `execute`, regardless of age, so that missed slots are reported. */
const never = Duration.days(36_500)

/**
 * Returns the ID of the round of a scheduled time: `<name>/<time>`.
 *
 * @category getters
 * @since 0.1.0
 */
export const roundIdOf = (name: string, scheduledAt: DateTime.Utc): string =>
  `${name}/${DateTime.formatIso(scheduledAt)}`

/**
 * Layer that starts a round at the times of a cron expression. The round ID is the scheduled time, so a slot that is
 * started twice is one round. The engine must also have `DrillRound.layer`.
 *
 * **Details**
 *
 * Slots that passed while no runner was up are caught up in order, or reported as missed if they are older than
 * `maxDelay`. If `round` fails, it is retried, and later slots wait. Rounds of different slots can overlap.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <E, R>(
  { cron, maxDelay = "6 hours", name = "drills", onMissed, round }: Options<E, R>
): Layer.Layer<never, never, Sharding.Sharding | WorkflowEngine.WorkflowEngine | R> => {
  const execute = Effect.gen(function*() {
    const at = yield* ClusterCron.CurrentScheduledTime
    const delay = Duration.millis(Math.max(0, millis(yield* DateTime.now) - millis(at)))
    if (Duration.isGreaterThan(delay, Duration.fromInputUnsafe(maxDelay))) {
      const warn = Effect.logWarning(`The drill round of ${DateTime.formatIso(at)} was missed`)
      return yield* (onMissed?.(at) ?? warn)
    }
    const due = yield* round(at)
    if (due !== undefined) {
      yield* DrillRound.DrillRound.execute({ ...due, roundId: roundIdOf(name, at) }, { discard: true })
    }
  })
  // The compiler does not see that only the scheduled time is excluded from a requirement that is a parameter.
  return ClusterCron.make({
    name,
    cron,
    execute,
    calculateNextRunFromPrevious: true,
    skipIfOlderThan: never
  }) as Layer.Layer<never, never, Sharding.Sharding | WorkflowEngine.WorkflowEngine | R>
}
