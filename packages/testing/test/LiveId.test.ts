import { assert, describe, it } from "@effect/vitest"
import * as LiveId from "@pinecone-backups/core/health/LiveId"
import * as Indexes from "@pinecone-backups/core/Indexes"
import { IndexId } from "@pinecone-backups/core/PineconeIndex"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
import * as Effect from "effect/Effect"
import { indexName } from "./support.ts"

const docs = indexName("docs")

/** An index whose name an earlier index had, with a backup of each. */
const world = PineconeMemory.layer({
  indexes: [{ name: docs, id: "earlier", deletedAt: "1970-01-01T00:00:00Z" }, { name: docs, id: "current" }],
  backups: ["earlier", "current"].map((id) => ({ sourceIndexId: IndexId.make(id) }))
})

/** Reads the ID, and counts the requests. */
const read = Effect.gen(function*() {
  const plane = yield* ControlPlane.ControlPlane
  const index = yield* Indexes.Indexes.use((indexes) => indexes.describe(docs))
  const before = (yield* plane.requests).length
  const live = yield* LiveId.read(index)
  return { live, requests: (yield* plane.requests).length - before }
})

describe("LiveId.read", () => {
  it.effect("finds the ID of the current index in its backups", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* read, {
        live: { _tag: "Known", indexId: IndexId.make("current") },
        requests: 2
      })
    }).pipe(Effect.provide(world)))

  it.effect("finds no evidence for an index without schedules and backups", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      const indexes = yield* Indexes.Indexes
      yield* indexes.delete(docs)
      yield* plane.seedIndex({ name: docs })
      assert.deepStrictEqual((yield* read).live, { _tag: "NoEvidence" })
    }).pipe(Effect.provide(world)))

  it.effect("sends nothing if the index has an ID", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.configure({ switches: { indexIds: true } })
      assert.deepStrictEqual(yield* read, { live: { _tag: "Known", indexId: IndexId.make("current") }, requests: 0 })
    }).pipe(Effect.provide(world)))

  it.effect("does not fail if nothing can be read", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.fault("BackupSchedules.list", Fault.respond({ status: 403 }))
      yield* plane.fault("Backups.listByIndex", Fault.respond({ status: 403 }))
      const { live } = yield* read
      assert.strictEqual(live._tag, "Unread")
      assert.strictEqual(live._tag === "Unread" && live.error?._tag, "PineconePermissionDenied")
    }).pipe(Effect.provide(world)))

  it.effect("is contradictory if a schedule names another index than the backups", () =>
    Effect.gen(function*() {
      const plane = yield* ControlPlane.ControlPlane
      yield* plane.seedSchedule({ indexName: docs })
      yield* plane.fault("BackupSchedules.list", Fault.wrongObject({ parts: ["index"] }))
      assert.strictEqual((yield* read).live._tag, "Contradictory")
    }).pipe(Effect.provide(world)))
})
