/**
 * The one process that runs the drills of a store in a file, and those that follow it.
 *
 * Two runners on one file would both run every drill, because the locks of the engine do not tell two processes of one
 * machine apart. The owner therefore holds an exclusive lock on a second, empty database beside the store. It is a lock of the
 * operating system, and ends with the process, however that ends.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import * as NodeSqlite from "./NodeSqlite.ts"

/** SQLite's number for a database that another connection has locked. */
const busy = 5

/** The file with the lock of a store. */
export const fileOf = (store: string): string => `${store}.lock`

/** Takes the lock of a store until the scope ends. Returns `false` if another process holds it. */
export const acquire = Effect.fnUntraced(function*(store: string) {
  const { DatabaseSync } = yield* NodeSqlite.load
  const held = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const database = new DatabaseSync(fileOf(store))
      try {
        database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE")
        return Option.some(database)
      } catch (error) {
        database.close()
        if (Predicate.hasProperty(error, "errcode") && error.errcode === busy) return Option.none()
        throw error
      }
    }),
    (held) => Effect.sync(() => Option.map(held, (database) => database.close()))
  )
  return Option.isSome(held)
})

/** Returns `true` if a process holds the lock of a store. */
export const isHeld = (store: string): Effect.Effect<boolean> =>
  Effect.scoped(Effect.map(acquire(store), (isOurs) => !isOurs))

/** The part of a process on a store: the one runner, or a client of it. */
export type Role = "runner" | "client"

/**
 * Runs an effect as the runner of a store if there is none, else as a client. When the runner is gone, the client is
 * interrupted, and the effect is run again as the runner.
 *
 * **Gotchas**
 *
 * The effect may run several times, so what it does must be safe to repeat.
 */
export const attach = <A, E, R>(store: string, run: (role: Role) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  const once: Effect.Effect<Option.Option<A>, E, R> = Effect.scoped(Effect.gen(function*() {
    if (yield* acquire(store)) return Option.some(yield* run("runner"))
    // The lock is taken and released to look whether the runner is gone: whoever is quickest becomes the next one.
    const vacant = Effect.repeat(isHeld(store), { while: (isHeld) => isHeld, schedule: Schedule.spaced("1 second") })
    return yield* Effect.raceFirst(Effect.asSome(run("client")), Effect.as(vacant, Option.none<A>()))
  }))
  return Effect.flatMap(
    once,
    Option.match({ onNone: () => attach(store, run), onSome: (result) => Effect.succeed(result) })
  )
}
