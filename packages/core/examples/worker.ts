import * as Indexes from "@pinecone-backups/core/Indexes"
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

interface Env {
  readonly PINECONE_API_KEY: string
}

const names = Effect.gen(function*() {
  const indexes = yield* Indexes.Indexes
  return Response.json((yield* indexes.list).map(({ name }) => name))
})

// The variables and secrets of a Worker are in `env`, not in the process environment.
const layerOf = (env: Env) => Layer.provide(Pinecone.layerFetch, ConfigProvider.layer(ConfigProvider.fromUnknown(env)))

export default {
  // A Worker must not use connections opened by another request, so each request builds the layer. This sends nothing.
  fetch: (request: Request, env: Env): Promise<Response> =>
    Effect.runPromise(
      names.pipe(
        Effect.provide(layerOf(env)),
        Effect.catch((error) =>
          Effect.as(Effect.logError(error.message), new Response("Pinecone is not available", { status: 502 }))
        )
      ),
      { signal: request.signal }
    )
}
