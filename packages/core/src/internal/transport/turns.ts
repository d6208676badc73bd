/**
 * Serializes calls that must not run at the same time, because together they could create duplicates or return the same
 * result.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as MutableHashMap from "effect/MutableHashMap"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Semaphore from "effect/Semaphore"

/** Runs effects with equal keys one after the other, in the order of their calls. */
const make = () => {
  const queues = MutableHashMap.empty<unknown, { readonly semaphore: Semaphore.Semaphore; users: number }>()
  return (key: unknown) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        const queue = Option.getOrElse(
          MutableHashMap.get(queues, key),
          () => ({ semaphore: Semaphore.makeUnsafe(1), users: 0 })
        )
        MutableHashMap.set(queues, key, queue)
        queue.users++
        return queue
      }),
      ({ semaphore }) => semaphore.withPermits(1)(self),
      (queue) =>
        Effect.sync(() => {
          if (--queue.users === 0) MutableHashMap.remove(queues, key)
        })
    )
}

/** The queues shared by all connections of a process. */
const InTurn = Context.Reference("@pinecone-backups/core/internal/transport/turns/InTurn", {
  defaultValue: make
})

/** Runs the effects of one project one after the other if all of their words are equal. */
type OfProject = (...words: ReadonlyArray<string | undefined>) => ReturnType<ReturnType<typeof make>>

/** Property of a connection that holds its queues. Not part of its type, but copied with it. */
const symbol = Symbol("@pinecone-backups/core/internal/transport/turns")

/**
 * Gives a connection the queues of its project, identified by host and key. The key is only compared, and cannot be
 * read from the connection.
 */
export const provide = <Client extends { readonly host: string }>(client: Client, apiKey: Redacted.Redacted<string>) =>
  Effect.map(InTurn, (inTurn): Client => {
    const ofProject: OfProject = (...words) => inTurn([apiKey, client.host, ...words])
    return Object.assign(client, { [symbol]: ofProject })
  })

/**
 * Returns the queues of a connection. A connection that was not created by this library has the queues of its host,
 * because its project is unknown.
 */
export const of = (client: { readonly host: string; readonly [symbol]?: OfProject }): Effect.Effect<OfProject> =>
  Effect.map(InTurn, (inTurn) => client[symbol] ?? ((...words) => inTurn([client.host, ...words])))
