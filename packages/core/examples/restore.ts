import * as Backups from "@pinecone-backups/core/Backups"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Effect from "effect/Effect"

// Copies an index in its current state. Each step is carried out once, even if its response is lost.
export const copy = Effect.fn("copy")(
  function*(index: string, target: string) {
    const backups = yield* Backups.Backups
    const { backupId } = yield* backups.create(PineconeIndex.IndexName.make(index))
    yield* backups.awaitReady(backupId)
    const restored = yield* backups.restoreAndAwait(backupId, { name: target }, { timeout: "2 hours" })
    return `${restored.index.name} is ready`
  },
  Effect.catchTags({
    PineconeBackupFailed: ({ message }) => Effect.succeed(message),
    PineconeWaitTimedOut: ({ message }) => Effect.succeed(`${message}. It is still running.`),
    PineconeUnfinished: ({ message, started }) => Effect.succeed(`${message}. Resume with ${started.restoreJobId}.`)
  })
)
