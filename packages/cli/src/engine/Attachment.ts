/** Attaches this process to a store, as a runner if the store has none, else as a client that takes over from the runner. */
import type * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
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
  if (store._tag === "File") {
    return Effect.flatMap(loadLock, ({ attach }) => attach(store.path, (role) => run({ role })))
  }
  const vacant = Effect.repeat(
    // An unreachable database must not end the wait: assume that the runner is alive.
    Effect.orElseSucceed(hasRunner(store), () => true),
    { while: (hasRunner) => hasRunner, schedule: Schedule.spaced("5 seconds") }
  )
  const once: Effect.Effect<Option.Option<A>, E | CliFailure, R> = Effect.gen(function*() {
    if (yield* hasRunner(store)) {
      return yield* Effect.raceFirst(Effect.asSome(run({ role: "client" })), Effect.as(vacant, Option.none<A>()))
    }
    return Option.some(yield* run({ role: "runner", address: yield* ownAddress }))
  })
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
