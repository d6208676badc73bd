/** The drill log of the demo project, in memory. Loaded on demand. */
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as DemoProject from "../../demo/DemoProject.ts"

/** Adds the drills of the demo project to a log in memory. */
export const fill = Effect.flatMap(DrillLog.DrillLog, (log) =>
  // A log in memory does not fail.
  Effect.orDie(Effect.forEach(DemoProject.drills, ({ report }) => log.put(report), { discard: true })))

/** Layer that provides a log with the drills of the demo project. */
export const layer = Layer.provideMerge(Layer.effectDiscard(fill), DrillLog.layerMemory)
