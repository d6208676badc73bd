/** The part of this process on a store: it runs the drills if no other process does, and takes over when that one is gone. */
import type * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { CliFailure } from "../output/CliFailure.ts"
import * as DrillEngine from "./DrillEngine.ts"
import type * as Store from "./Store.ts"

const loadLock = Effect.promise(() => import("./OwnerLock.ts"))

const loadPostgres = Effect.promise(() => import("./PostgresEngine.ts"))

/** Returns `true` if a process runs the drills of a store at the moment. */
export const hasRunner = (store: Store.Store): Effect.Effect<boolean, CliFailure> =>
  store._tag === "File"
    ? Effect.flatMap(loadLock, ({ isHeld }) => isHeld(store.path))
    : Effect.mapError(
      Effect.flatMap(loadPostgres, ({ hasRunner }) => hasRunner(store.url)),
      DrillEngine.storeFailure(store)
    )

/**
 * Runs an effect as a runner of the store if there is none, else as a client. When the last runner is gone, the client is
 * interrupted, and the effect is run again as a runner.
 *
 * **Gotchas**
 *
 * The effect may run several times, so what it does must be safe to repeat.
 */
export const attach = <A, E, R>(
  store: Store.Store,
  run: (part: DrillEngine.Part) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | CliFailure, R> => {
  if (store._tag === "File") {
    return Effect.flatMap(loadLock, ({ attach }) => attach(store.path, (role) => run({ role })))
  }
  const vacant = Effect.repeat(
    // A database that cannot be reached for a while is no reason to give up.
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

/** An address that only processes of this machine can reach. */
export const ownAddress: Effect.Effect<RunnerAddress.RunnerAddress> = Effect.flatMap(
  loadPostgres,
  ({ freeAddress }) => freeAddress
)
