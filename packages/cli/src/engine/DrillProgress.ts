/** Tracks the current step of each drill in this process by observing calls to its target. */
import * as DrillTarget from "@pinecone-backups/core/drill/DrillTarget"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"

/** A step of a drill. */
export type Step = "restoring" | "counting" | "reading records" | "removing the copy"

/** Current step of each drill that this process runs, by execution ID. */
export class DrillProgress extends Context.Service<DrillProgress, Map<string, Step>>()(
  "@pinecone-backups/cli/engine/DrillProgress"
) {}

/** Layer without any drills yet. */
export const layer: Layer.Layer<DrillProgress> = Layer.sync(DrillProgress, () => new Map())

/** A wrapper for steps that does not change their result, for example one that sets the clock. */
export type Around = <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** Layer of a target that records the current step of each drill, and wraps every step in `around`. */
export const layerTarget = (
  around: Around = identity
): Layer.Layer<DrillTarget.DrillTarget, never, DrillTarget.Dependencies | DrillProgress> =>
  Layer.effect(
    DrillTarget.DrillTarget,
    Effect.gen(function*() {
      const steps = yield* DrillProgress
      const target = yield* DrillTarget.make
      const at = (executionId: string, step: Step): Around => (self) =>
        Effect.suspend(() => {
          steps.set(executionId, step)
          return around(self)
        })
      return {
        choose: (request) => around(target.choose(request)),
        countIndexes: around(target.countIndexes),
        restore: (backupId, temporary, startedAt) =>
          at(temporary.executionId, "restoring")(target.restore(backupId, temporary, startedAt)),
        progress: (restoreJobId, temporary) => around(target.progress(restoreJobId, temporary)),
        describe: (temporary) => around(target.describe(temporary)),
        stats: (temporary) => at(temporary.executionId, "counting")(target.stats(temporary)),
        draw: (temporary, records) => at(temporary.executionId, "reading records")(target.draw(temporary, records)),
        fetch: (temporary, drawn) => around(target.fetch(temporary, drawn)),
        remove: (temporary) => at(temporary.executionId, "removing the copy")(target.remove(temporary)),
        existing: around(target.existing)
      } satisfies DrillTarget.Service
    })
  )
