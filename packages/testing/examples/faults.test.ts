import { assert, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"

const PineconeTest = PineconeMemory.layer({ backups: [{ backupId: Backup.BackupId.make("good") }] })

it.effect("waits for Retry-After before it retries", () =>
  Effect.gen(function*() {
    const plane = yield* ControlPlane.ControlPlane
    const backups = yield* Backups.Backups
    yield* plane.fault("Backups.describe", Fault.rateLimited({ retryAfter: "20 seconds" }), { times: 2 })

    const backup = yield* Effect.forkChild(backups.describe(Backup.BackupId.make("good")))
    yield* TestClock.adjust("40 seconds")

    assert.isTrue(Backup.isReady(yield* Fiber.join(backup)))
    assert.lengthOf(yield* plane.requests, 3)
  }).pipe(Effect.provide(PineconeTest)))
