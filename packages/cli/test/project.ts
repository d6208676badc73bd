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

const manual = (indexName: string, name: string, createdAt: string, more: Seed.Backup = {}): Seed.Backup => ({
  backupId: Backup.BackupId.make(uuid(createdAt.replace(/\D/g, "").slice(4))),
  indexName,
  name,
  createdAt: DateTime.makeUnsafe(`${createdAt}:00Z`),
  ...more
})

/** A project with a full backup quota: 12 backups, most of them manual. */
export const full: ControlPlane.Options = {
  project: { backupQuota: 12 },
  indexes: [
    { id: uuid("d40265e4"), name: "docs", recordCount: 98_214, deletionProtection: "enabled" },
    { id: uuid("7c11d0aa"), name: "wiki", recordCount: 1_204, deletionProtection: "enabled" }
  ],
  schedules: [{
    id: uuid("c688ed12"),
    name: "docs-daily",
    indexName: "docs",
    runs: [run("8c85e612"), run("88ddf477"), run("818e1141")]
  }],
  backups: [
    manual("docs", "guard-20261121t113000z", "2026-11-21T11:30"),
    manual("docs", "before-reindex", "2026-11-20T15:30"),
    manual("docs", "guard-20261112t134000z", "2026-11-12T13:40", { status: "InitializationFailed", recordCount: null }),
    manual("docs", "guard-20261102t090000z", "2026-11-02T09:00", { recordCount: 0, sizeBytes: 0 }),
    manual("docs", "october", "2026-10-31T09:00", { recordCount: 90_112 }),
    manual("docs", "guard-20261005t100000z", "2026-10-05T10:00", { recordCount: 88_007 }),
    manual("docs", "september", "2026-09-30T09:00", { recordCount: 86_450 }),
    manual("wiki", "wiki-import", "2026-10-11T09:00"),
    manual("wiki", "wiki-start", "2026-08-01T09:00")
  ]
}
