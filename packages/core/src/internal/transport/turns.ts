/** Calls that must not be under way at the same time, so that nothing is made twice or is the result of two of them. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"

/** Runs effects with the same key one after the other, in the order in which they came. */
const make = () => {
  const queues = new Map<string, { readonly semaphore: Semaphore.Semaphore; users: number }>()
  return (key: string) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        const queue = queues.get(key) ?? { semaphore: Semaphore.makeUnsafe(1), users: 0 }
        queues.set(key, queue)
        queue.users++
        return queue
      }),
      ({ semaphore }) => semaphore.withPermits(1)(self),
      (queue) =>
        Effect.sync(() => {
          if (--queue.users === 0) queues.delete(key)
        })
    )
}

/** The turns of all connections of a process. */
export const InTurn = Context.Reference("@pinecone-backups/core/internal/transport/turns/InTurn", {
  defaultValue: make
})
