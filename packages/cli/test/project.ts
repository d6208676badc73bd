import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import { IndexName } from "@pinecone-backups/core/PineconeIndex"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"

/** IDs in Pinecone's format. */
export const uuid = (first: string) => `${first}-5a39-4254-9518-bd394b7f4886`

/** A Saturday evening, 14 hours after the runs of the day. */
export const now = DateTime.makeUnsafe("2026-11-21T20:00:00Z")

/** A small project, on the test's clock. */
export const project = Effect.fnUntraced(function*(options: ControlPlane.Options = {}) {
  yield* TestClock.setTime(DateTime.toEpochMillis(now))
  return yield* ControlPlane.make(options)
})

/** The services of core, to read or change a project without the command line. */
export const services = (plane: ControlPlane.Service) =>
  Pinecone.layer({ apiKey: Redacted.make("memory"), host: "http://memory.localhost" }).pipe(
    Layer.provide(Emulator.layerMemory),
    Layer.provide(Layer.succeed(ControlPlane.ControlPlane, plane))
  )

/** The project of {@link seeds}, two hours after its index `docs` was deleted. */
export const projectWithoutDocs = Effect.gen(function*() {
  const plane = yield* project(seeds)
  yield* Effect.gen(function*() {
    const indexes = yield* Indexes.Indexes
    const docs = IndexName.make("docs")
    yield* indexes.configure(docs, { deletionProtection: "disabled" })
    yield* indexes.delete(docs)
  }).pipe(Effect.provide(services(plane)))
  yield* TestClock.adjust("2 hours")
  return plane
})

const run = (first: string, more: Partial<BackupRun.BackupRun> = {}): Partial<BackupRun.BackupRun> => ({
  backupId: Backup.BackupId.make(uuid(first)),
  ...more
})

/** Two indexes, one with a schedule and one with a single usable backup, and earlier restores. */
export const seeds: Seed.Seeds = {
  indexes: [
    { id: uuid("d40265e4"), name: "docs", recordCount: 98_214, deletionProtection: "enabled" },
    { id: uuid("7c11d0aa"), name: "wiki", recordCount: 1_204, tags: { team: "search" }, deletionProtection: "enabled" }
  ],
  schedules: [{
    id: uuid("c688ed12"),
    name: "docs-daily",
    indexName: "docs",
    runs: [
      run("8c85e612"),
      run("88ddf477"),
      run("853602dc", { status: "InitializationFailed" }),
      run("818e1141")
    ]
  }],
  backups: [
    {
      backupId: Backup.BackupId.make(uuid("5d0c71aa")),
      name: "before-reindex",
      description: "new embeddings",
      createdAt: DateTime.makeUnsafe("2026-11-20T15:30:00Z")
    },
    {
      backupId: Backup.BackupId.make(uuid("0b0e8e8a")),
      indexName: "wiki",
      name: "wiki-import",
      createdAt: DateTime.makeUnsafe("2026-10-11T09:00:00Z")
    },
    {
      backupId: Backup.BackupId.make(uuid("0b77aa01")),
      indexName: "wiki",
      createdAt: DateTime.makeUnsafe("2026-11-21T19:58:00Z"),
      status: "Initializing",
      recordCount: null,
      namespaceCount: null,
      sizeBytes: null
    }
  ],
  restoreJobs: [
    {
      id: uuid("9857add2"),
      backupId: uuid("88ddf477"),
      targetIndexName: "docs-restored",
      createdAt: DateTime.makeUnsafe("2026-11-21T09:14:05Z"),
      completedAt: DateTime.makeUnsafe("2026-11-21T09:23:46Z")
    },
    {
      id: uuid("41aa07be"),
      backupId: uuid("0b0e8e8a"),
      targetIndexName: "wiki-copy",
      createdAt: DateTime.makeUnsafe("2026-10-11T10:00:00Z"),
      completedAt: DateTime.makeUnsafe("2026-10-11T10:08:00Z")
    },
    {
      id: uuid("3e9b5512"),
      backupId: uuid("8c85e612"),
      targetIndexName: "docs-trial",
      createdAt: DateTime.makeUnsafe("2026-11-21T19:55:40Z"),
      completedAt: DateTime.makeUnsafe("2026-11-21T20:05:40Z")
    }
  ]
}
