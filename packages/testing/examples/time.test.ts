import { assert, it } from "@effect/vitest"
import * as Backups from "@pinecone-backups/core/Backups"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"

const PineconeTest = PineconeMemory.layer({ schedules: [{ id: "nightly", indexName: "docs" }] })

it.effect("a daily schedule creates seven backups in a week", () =>
  Effect.gen(function*() {
    const backups = yield* Backups.Backups
    yield* TestClock.adjust("7 days")
    assert.lengthOf(yield* Stream.runCollect(backups.list()), 7)
  }).pipe(Effect.provide(PineconeTest)))
