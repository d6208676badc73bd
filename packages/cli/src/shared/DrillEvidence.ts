/** The drills in the store of this command line, as evidence for audits. Nothing of drills is loaded without a store. */
import type * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as Effect from "effect/Effect"
import * as Connection from "../Connection.ts"
import * as Store from "../engine/Store.ts"

/** Reads the drills. Fails with `DrillLogError` if the store cannot be read. */
type Read = Effect.Effect<ReadonlyArray<DrillLog.DrillEntry>, DrillLog.DrillLogError>

const unreadable = (message: string): Read =>
  Effect.flatMap(
    Effect.promise(() => import("@pinecone-backups/core/drill/DrillLog")),
    ({ DrillLogError }) => Effect.fail(new DrillLogError({ message }))
  )

const readFrom = (store: Store.Store): Read =>
  Effect.gen(function*() {
    const { DrillLog } = yield* Effect.promise(() => import("@pinecone-backups/core/drill/DrillLog"))
    const DrillEngine = yield* Effect.promise(() => import("../engine/DrillEngine.ts"))
    const Provided = yield* Effect.promise(() => import("../engine/Provided.ts"))
    return yield* Provided.by(DrillEngine.layerStore(store))(Effect.flatMap(DrillLog, (log) => log.list())).pipe(
      Effect.catchTag("CliFailure", ({ message }) => unreadable(message))
    )
  })

/** How to read the drills; `undefined` if there is no store, and of the demo project. */
export const read = Effect.gen(function*() {
  if (yield* Connection.isDemo) return undefined
  return yield* Effect.match(Store.existing, {
    // A place for a store that is not known is none. A store that cannot be read has to be told of.
    onFailure: (error) =>
      error._tag === "CliFailure" && error.code === "NO_STATE_FOLDER" ? undefined : unreadable(error.message),
    onSuccess: (store) => store && readFrom(store)
  })
})
