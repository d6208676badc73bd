/** Calls that must not be under way at the same time, so that nothing is made twice or is the result of two of them. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as MutableHashMap from "effect/MutableHashMap"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Semaphore from "effect/Semaphore"

/** Runs effects with the same key one after the other, in the order in which they came. Keys are the same if they are equal. */
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

/** The turns of all connections of a process. */
const InTurn = Context.Reference("@pinecone-backups/core/internal/transport/turns/InTurn", {
  defaultValue: make
})

/** Runs effects of one project with the same words one after the other. */
type OfProject = (...words: ReadonlyArray<string | undefined>) => ReturnType<ReturnType<typeof make>>

/** Where a connection has its turns: nothing that its type says, but what copies of it have too. */
const symbol = Symbol("@pinecone-backups/core/internal/transport/turns")

/**
 * Gives a connection the turns of its project, which are those of the host and the key. The key is only compared: whoever
 * has the connection cannot read it there.
 */
export const provide = <Client extends { readonly host: string }>(client: Client, apiKey: Redacted.Redacted<string>) =>
  Effect.map(InTurn, (inTurn): Client => {
    const ofProject: OfProject = (...words) => inTurn([apiKey, client.host, ...words])
    return Object.assign(client, { [symbol]: ofProject })
  })

/** The turns of a connection. One that somebody else has made may be of any project of its host. */
export const of = (client: { readonly host: string; readonly [symbol]?: OfProject }): Effect.Effect<OfProject> =>
  Effect.map(InTurn, (inTurn) => client[symbol] ?? ((...words) => inTurn([client.host, ...words])))
