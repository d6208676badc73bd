/**
 * A workflow engine in memory for tests of restore drills: on virtual time, with power losses.
 *
 * @since 0.1.0
 */

import * as RestoreDrill from "@pinecone-backups/core/drill/RestoreDrill"
import * as ClusterWorkflowEngine from "effect/cluster/ClusterWorkflowEngine"
import * as MessageStorage from "effect/cluster/MessageStorage"
import * as RunnerHealth from "effect/cluster/RunnerHealth"
import * as Runners from "effect/cluster/Runners"
import * as RunnerStorage from "effect/cluster/RunnerStorage"
import * as Sharding from "effect/cluster/Sharding"
import * as ShardingConfig from "effect/cluster/ShardingConfig"
import * as Snowflake from "effect/cluster/Snowflake"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as TestClock from "effect/testing/TestClock"
import type * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import * as Inputs from "./internal/inputs.ts"
import * as Settings from "./internal/settings.ts"

// ============================================================================
// Engine
// ============================================================================

/**
 * The state of an engine, which outlives it: two engines on one storage, one after the other, are one before and after a
 * restart.
 *
 * @category models
 * @since 0.1.0
 */
export interface Storage extends Readonly<MessageStorage.Encoded> {}

/**
 * Creates an empty storage in memory.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeStorage: Effect.Effect<Storage> = Layer.build(MessageStorage.MemoryDriver.layer).pipe(
  Effect.map((context) => Context.get(context, MessageStorage.MemoryDriver).encoded),
  Effect.scoped
)

/**
 * The services of an engine.
 *
 * @category models
 * @since 0.1.0
 */
export type Services = WorkflowEngine.WorkflowEngine | Sharding.Sharding | MessageStorage.MessageStorage

/**
 * Layer that provides an engine on a storage. Every use of the layer is an engine of its own.
 *
 * **Details**
 *
 * The engine is the one of clusters, with a single runner. Unlike `WorkflowEngine.layerMemory`, it runs compensations
 * after every kind of failure, which the removal of temporary indexes depends on. It reads the storage every 30 seconds,
 * by the `Clock`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerStorage = (storage: Storage): Layer.Layer<Services> =>
  ClusterWorkflowEngine.layer.pipe(
    Layer.provideMerge(Sharding.layer),
    Layer.provide(Runners.layerNoop),
    Layer.provideMerge(
      Layer.effect(MessageStorage.MessageStorage, MessageStorage.makeEncoded(storage)).pipe(
        Layer.provide(Snowflake.layerGenerator)
      )
    ),
    Layer.provide([RunnerStorage.layerMemory, RunnerHealth.layerNoop]),
    Layer.provide(ShardingConfig.layer({
      shardsPerGroup: 8,
      entityMessagePollInterval: "30 seconds",
      simulateRemoteSerialization: false
    })),
    Layer.fresh
  )

/**
 * Layer that provides an engine on a storage of its own.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<Services> = Layer.unwrap(Effect.map(makeStorage, layerStorage))

// ============================================================================
// Time
// ============================================================================

/**
 * Lets everything happen that is due now. The IDs of drills are made by WebCrypto, which takes real time, even where the
 * `Clock` is a test clock.
 *
 * @category time
 * @since 0.1.0
 */
export const settle: Effect.Effect<void> = Effect.repeat(RestoreDrill.executionId("settle"), { times: 10 }).pipe(
  Effect.asVoid
)

const checkPeriod = Inputs.checkOf(Settings.Period)

const checkStep = Inputs.checkOf(Settings.PositivePeriod)

/**
 * Advances the test clock in steps, and lets happen what is due after each. Dies with a `ControlPlane.InvalidValue` if the
 * duration is negative, the step is not positive, or one of them is invalid.
 *
 * @category time
 * @since 0.1.0
 */
export const advance = Effect.fnUntraced(function*(
  duration: Duration.Input,
  step: Duration.Input = "30 seconds"
): Effect.fn.Return<void> {
  let left = checkPeriod(Inputs.duration(duration, ["duration"]), ["duration"])
  const stride = checkStep(Inputs.duration(step, ["step"]), ["step"])
  yield* settle
  while (Duration.isPositive(left)) {
    const next = Duration.min(left, stride)
    yield* TestClock.adjust(next)
    yield* settle
    left = Duration.subtract(left, next)
  }
})

// ============================================================================
// Power
// ============================================================================

/**
 * A power supply that fails. Once it is off, nothing that it guards reaches the storage or the outside world, and nothing
 * ends.
 *
 * @category models
 * @since 0.1.0
 */
export interface Power {
  /** The storage, which the supply guards. */
  readonly storage: Storage
  /** Number of writes to the storage so far. */
  readonly writes: Effect.Effect<number>
  /** Returns `true` until the power is lost. */
  readonly isOn: Effect.Effect<boolean>
  /** Loses the power now. */
  readonly lose: Effect.Effect<void>
  /** Guards an effect: it never ends if the power is off when it starts. */
  readonly guard: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Guards every operation of a service, for example of a `DrillTarget` or a `DrillLog`. */
  readonly guardService: <S extends object>(service: S) => S
}

const checkCount = Inputs.checkOf(Settings.count)

/**
 * Creates a power supply that fails before the given write to the storage, counted from 0. Without a number, or with
 * `Infinity`, it does not fail on its own. Throws a `ControlPlane.InvalidValue` for a negative number, a fraction or `NaN`.
 *
 * **Example** (Losing power between two engines on one storage)
 *
 * ```ts
 * import * as DrillEngine from "@pinecone-backups/testing/DrillEngine"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Effect.gen(function*() {
 *   const storage = yield* DrillEngine.makeStorage
 *   const power = DrillEngine.powered(storage)
 *   const before = DrillEngine.layerStorage(power.storage)
 *   const after = DrillEngine.layerStorage(storage)
 *   // Start a drill on the engine `before` here.
 *   yield* power.guard(Console.log("reached the service"))
 *   yield* power.lose
 *   yield* Console.log(`power is ${(yield* power.isOn) ? "on" : "off"}`)
 *   // Then build the engine `after`, which resumes the drill.
 *   return { before, after }
 * })
 * // => reached the service
 * // => power is off
 * ```
 *
 * **Gotchas**
 *
 * Do not close the scope of an engine without power: its shutdown waits for effects that never end.
 *
 * @category constructors
 * @since 0.1.0
 */
export const powered = (storage: Storage, failsBefore = Infinity): Power => {
  const limit = failsBefore === Infinity ? failsBefore : checkCount(failsBefore, ["failsBefore"])
  let isOn = true
  let writes = 0
  const guard: Power["guard"] = (self) => Effect.suspend(() => isOn ? self : Effect.never)
  const write: Power["guard"] = (self) =>
    Effect.suspend(() => {
      isOn &&= writes < limit
      if (isOn) writes++
      return guard(self)
    })
  return {
    storage: {
      ...storage,
      saveEnvelope: (options) => write(storage.saveEnvelope(options)),
      saveReply: (reply) => write(storage.saveReply(reply)),
      clearReplies: (id, options) => write(storage.clearReplies(id, options)),
      clearAddress: (address) => write(storage.clearAddress(address)),
      unprocessedMessages: (...args) => guard(storage.unprocessedMessages(...args))
    },
    writes: Effect.sync(() => writes),
    isOn: Effect.sync(() => isOn),
    lose: Effect.sync(() => {
      isOn = false
    }),
    guard,
    guardService: (service) =>
      // Keys and types stay: operations are effects, or functions that return effects.
      Object.fromEntries(
        Object.entries(service).map(([key, member]: [string, unknown]) => [
          key,
          Effect.isEffect(member)
            ? guard(member)
            : Predicate.isFunction(member)
            ? (...args: ReadonlyArray<never>) => guard(member(...args) as Effect.Effect<unknown>)
            : member
        ])
      ) as typeof service
  }
}
