/** Drills in the configured store, as evidence for audits. Loads no drill modules if the store does not exist. */
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

/** Returns the effect that reads the drills; `undefined` if the store does not exist. */
export const read = Effect.gen(function*() {
  if (yield* Connection.isDemo) return Effect.succeed((yield* Connection.demo).drills)
  return yield* Effect.match(Store.existing, {
    // Without a state folder, no store can exist. Any other failure means that an existing store cannot be read.
    onFailure: (error) =>
      error._tag === "CliFailure" && error.report.code === "NO_STATE_FOLDER" ? undefined : unreadable(error.message),
    onSuccess: (store) => store && readFrom(store)
  })
})
