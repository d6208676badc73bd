import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"

// A service of your application that uses a service of this library.
export class RestorePoints extends Context.Service<RestorePoints, {
  readonly of: (schedule: string) => Effect.Effect<string>
}>()("app/RestorePoints") {}

export const layer = Layer.effect(
  RestorePoints,
  Effect.gen(function*() {
    const schedules = yield* BackupSchedules.BackupSchedules
    return {
      of: Effect.fn("RestorePoints.of")(
        function*(schedule: string) {
          const id = BackupSchedule.ScheduleId.make(schedule)
          const ready = yield* schedules.history(id).pipe(Stream.filter(BackupRun.isReady), Stream.runCount)
          return `${ready} usable backups`
        },
        // Every error has a tag for specific handling, and a category for everything else.
        Effect.catchTags({
          PineconeNotFound: () => Effect.succeed("The schedule does not exist"),
          PineconeUnauthenticated: () => Effect.succeed("The API key is not valid")
        }),
        Effect.catch((error) => Effect.succeed(`${error.category}: ${error.message}`))
      )
    }
  })
)

export const program = Effect.gen(function*() {
  const points = yield* RestorePoints
  return yield* points.of(yield* Config.String("SCHEDULE_ID"))
})

// PINECONE_API_KEY comes from the environment.
export const main = program.pipe(Effect.provide(Layer.provide(layer, Pinecone.layerFetch)))
