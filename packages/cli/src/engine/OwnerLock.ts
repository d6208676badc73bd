/**
 * Owner lock of a file store, which allows one runner per store.
 *
 * Two runners on one file would both run every drill, because the engine's locks do not distinguish processes on the same
 * machine. The owner therefore holds an exclusive lock on a second, empty database next to the store. The operating system
 * releases the lock when the process ends, even after a crash.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as NodeSqlite from "./NodeSqlite.ts"

/** SQLite's error code `SQLITE_BUSY`: another connection holds the lock. */
const busy = 5

/** Path of the lock file of a store. */
export const fileOf = (store: string): string => `${store}.lock`

/** Acquires the lock of a store until the scope closes. Returns `false` if another process holds it. */
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
