import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

// A service of your application, built on a service of this library.
export class SuccessfulRuns extends Context.Service<SuccessfulRuns, {
  readonly of: (schedule: string) => Effect.Effect<string>
}>()("app/SuccessfulRuns") {}

export const layer = Layer.effect(
  SuccessfulRuns,
  Effect.gen(function*() {
    const schedules = yield* BackupSchedules.BackupSchedules
    return {
      of: Effect.fn("SuccessfulRuns.of")(
        function*(schedule: string) {
          const id = BackupSchedule.ScheduleId.make(schedule)
          const ready = yield* schedules.history(id).pipe(Stream.filter(BackupRun.isReady), Stream.runCount)
          return `${ready} successful runs`
        },
        // Every error has a tag and a category.
        Effect.catchTags({
          PineconeNotFound: () => Effect.succeed("Schedule not found"),
          PineconeUnauthenticated: () => Effect.succeed("The API key is not valid")
        }),
        Effect.catch((error) => Effect.succeed(`${error.category}: ${error.message}`))
      )
    }
  })
)

export const program = Effect.gen(function*() {
  const runs = yield* SuccessfulRuns
  return yield* runs.of(yield* Config.String("SCHEDULE_ID"))
})

// Reads PINECONE_API_KEY from the environment.
export const main = program.pipe(Effect.provide(Layer.provide(layer, Pinecone.layerFetch)))
