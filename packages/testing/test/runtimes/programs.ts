/** The programs that run on every runtime, using the packages as published: see `scripts/runtimes.ts`. */
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as Backups from "@pinecone-backups/core/Backups"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"

const expect = (what: string, actual: number, expected: number) =>
  actual === expected ? Effect.succeed(`${actual} ${what}`) : Effect.fail(`${actual} ${what} instead of ${expected}`)

/** Reads a history of several pages from the emulator. */
export const history = (host: string) =>
  Effect.gen(function*() {
    const schedules = yield* BackupSchedules.BackupSchedules
    const runs = schedules.history(BackupSchedule.ScheduleId.make("nightly"), { pageSize: 100 })
    return yield* expect("runs", yield* Stream.runCount(Stream.filter(runs, BackupRun.isReady)), 250)
  }).pipe(
    Effect.provide(Layer.provide(Pinecone.layer({ apiKey: Redacted.make("local"), host }), FetchHttpClient.layer))
  )

/** A test on the layer in memory, on virtual time. */
export const memory = Effect.gen(function*() {
  const backups = yield* Backups.Backups
  yield* TestClock.adjust("7 days")
  return yield* expect("backups", yield* Stream.runCount(backups.list()), 7)
}).pipe(
  Effect.provide(
    Layer.provideMerge(
      PineconeMemory.layer({ schedules: [{ id: "nightly", indexName: "docs" }] }),
      TestClock.layer()
    )
  )
)
