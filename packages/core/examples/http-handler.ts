import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import type * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"

const newest = Effect.fn("newest")(
  function*(index: string) {
    const backups = yield* Backups.Backups
    const rows = yield* backups.listByIndex(PineconeIndex.IndexName.make(index)).pipe(
      Stream.take(20),
      Stream.runCollect
    )
    return Response.json(rows.map(Backup.toJson))
  },
  Effect.catchTags({
    PineconeInvalidInput: ({ message }) => Effect.succeed(new Response(message, { status: 400 })),
    PineconeNotFound: () => Effect.succeed(new Response("Unknown index", { status: 404 }))
  }),
  // Log the details, but do not return them to the caller.
  Effect.catch((error) =>
    Effect.as(
      Effect.logError("The backups could not be listed", error),
      new Response("Backups are not available", { status: error.isRetryable ? 503 : 502 })
    )
  )
)

/** Creates a handler for web requests, for example for Hono, Next.js, Bun or Deno. */
export const makeHandler = <E>(services: Layer.Layer<Pinecone.Services, E>) => {
  // The runtime is built with the first request. All requests share its connection.
  const runtime = ManagedRuntime.make(services)
  return {
    handle: (request: Request): Promise<Response> =>
      // A client that disconnects aborts the signal, which interrupts the effect and its request to Pinecone.
      runtime.runPromise(newest(new URL(request.url).searchParams.get("index") ?? ""), { signal: request.signal }),
    close: () => runtime.dispose()
  }
}
