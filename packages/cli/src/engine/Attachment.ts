/** Attaches this process to a store, as a runner if the store has none, else as a client that takes over from the runner. */
import type * as RunnerAddress from "effect/cluster/RunnerAddress"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { CliFailure } from "../output/CliFailure.ts"
import * as DrillEngine from "./DrillEngine.ts"
import type * as Store from "./Store.ts"

const loadLock = Effect.promise(() => import("./OwnerLock.ts"))

const loadPostgres = Effect.promise(() => import("./PostgresEngine.ts"))

/** Returns `true` if the store has a live runner. */
export const hasRunner = (store: Store.Store): Effect.Effect<boolean, CliFailure> =>
  store._tag === "File"
    ? Effect.flatMap(loadLock, ({ isHeld }) => isHeld(store.path))
    : Effect.mapError(
      Effect.flatMap(loadPostgres, ({ hasRunner }) => hasRunner(store.url)),
      DrillEngine.storeFailure(store)
    )

/** How a process becomes the runner of a kind of store. */
interface Succession {
  /** The part of a new runner, valid until the scope closes. `undefined` if the store has a runner. */
  readonly claim: Effect.Effect<DrillEngine.Part | undefined, CliFailure, Scope.Scope>
  /** Returns `true` while the store has a runner. */
  readonly isRun: Effect.Effect<boolean>
  /** Polling interval of `isRun`. */
  readonly interval: Duration.Input
}

const successionOf = (store: Store.Store): Succession =>
  store._tag === "File"
    ? {
      claim: Effect.map(
        Effect.flatMap(loadLock, ({ acquire }) => acquire(store.path)),
        (isOurs) => isOurs ? { role: "runner" } : undefined
      ),
      // Acquires and releases the lock. The first client to acquire it afterwards becomes the runner.
      isRun: Effect.flatMap(loadLock, ({ isHeld }) => isHeld(store.path)),
      interval: "1 second"
    }
    : {
      claim: Effect.flatMap(hasRunner(store), (isRun) =>
        isRun
          ? Effect.undefined
          : Effect.map(ownAddress, (address): DrillEngine.Part => ({ role: "runner", address }))),
      // An unreachable database must not end the wait: assume that the runner is alive.
      isRun: Effect.orElseSucceed(hasRunner(store), () => true),
      interval: "5 seconds"
    }

/**
 * Runs an effect as a runner if the store has none, else as a client. When the last runner exits, interrupts the client and
 * runs the effect again as a runner.
 *
 * **Gotchas**
 *
 * The effect may run several times, so it must be idempotent.
 */
export const attach = <A, E, R>(
  store: Store.Store,
  run: (part: DrillEngine.Part) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | CliFailure, R> => {
  const { claim, interval, isRun } = successionOf(store)
  const vacant = Effect.repeat(isRun, { while: (isRun) => isRun, schedule: Schedule.spaced(interval) })
  const once: Effect.Effect<Option.Option<A>, E | CliFailure, R> = Effect.scoped(Effect.gen(function*() {
    const part = yield* claim
    return part === undefined
      ? yield* Effect.raceFirst(Effect.asSome(run({ role: "client" })), Effect.as(vacant, Option.none<A>()))
      : Option.some(yield* run(part))
  }))
  return Effect.flatMap(
    once,
    Option.match({ onNone: () => attach(store, run), onSome: (result) => Effect.succeed(result) })
  )
}

/** A free loopback address, which only processes on this machine can reach. */
export const ownAddress: Effect.Effect<RunnerAddress.RunnerAddress> = Effect.flatMap(
  loadPostgres,
  ({ freeAddress }) => freeAddress
)
