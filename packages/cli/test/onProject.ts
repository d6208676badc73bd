import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Backup from "@pinecone-backups/core/Backup"
import type * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as ConfigProvider from "effect/ConfigProvider"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Sink from "effect/Sink"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as TestConsole from "effect/testing/TestConsole"
import * as Cli from "../src/Cli.ts"
import * as Connection from "../src/Connection.ts"
import { Screen } from "../src/Screen.ts"

export interface Options {
  readonly env?: Readonly<Record<string, string>>
  /** How wide standard output is, if that is a terminal. */
  readonly columns?: number
  /** How wide standard error is, if that is a terminal. */
  readonly errorColumns?: number
  readonly isUnicode?: boolean
}

/**
 * A command line in this process, on a service of its own: fails where the program would exit with another code than
 * 0. The time of the service is that of the test's clock.
 */
export const start = (plane: ControlPlane.Service, args: string, options: Options = {}) =>
  Effect.gen(function*() {
    const { columns, env = {}, errorColumns, isUnicode = true } = options
    const stdout = yield* Ref.make("")
    const stderr = yield* Ref.make("")
    const into = (ref: Ref.Ref<string>) => () =>
      Sink.forEach((text: string | Uint8Array) => Ref.update(ref, (all) => all + text))
    const errorsBefore = (yield* TestConsole.errorLines).length
    const begun = yield* Deferred.make<void>()
    const fiber = yield* Effect.forkChild(
      Cli.run(args.split(" ").filter((arg) => arg !== ""), "1.2.3").pipe(
        Effect.provideService(
          Stdio.Stdio,
          Stdio.make({ args: Effect.succeed([]), stdin: Stream.empty, stdout: into(stdout), stderr: into(stderr) })
        ),
        Effect.provideService(
          Connection.Transport,
          Layer.unwrap(Effect.as(
            Deferred.succeed(begun, undefined),
            Layer.provide(Emulator.layerMemory, Layer.succeed(ControlPlane.ControlPlane, plane))
          ))
        ),
        Effect.provide(Layer.mergeAll(
          NodeServices.layer,
          ConfigProvider.layer(
            ConfigProvider.fromUnknown({
              PINECONE_API_KEY: "memory",
              PINECONE_CONTROLLER_HOST: "http://memory.localhost",
              ...env
            })
          ),
          Layer.succeed(Screen, {
            isTerminal: columns !== undefined,
            columns: columns ?? Infinity,
            isErrorTerminal: errorColumns !== undefined,
            errorColumns: errorColumns ?? 80,
            canAsk: false,
            isUnicode,
            style: (_, text) => text
          })
        ))
      )
    )
    // What runs a command is loaded first, and not by the test's clock.
    yield* Effect.raceFirst(Deferred.await(begun), Fiber.await(fiber))
    const run = Effect.gen(function*() {
      const exit = yield* Fiber.await(fiber)
      const lines = (yield* TestConsole.errorLines).slice(errorsBefore)
      return {
        exitCode: Exit.match(exit, {
          onSuccess: () => 0,
          // An interrupt has no error: it is Ctrl-C.
          onFailure: () => Option.match(Exit.findErrorOption(exit), { onNone: () => 130, onSome: (e) => e.exitCode })
        }),
        stdout: yield* Ref.get(stdout),
        stderr: lines.map((line) => `${line}\n`).join(""),
        /** What was drawn over and over. */
        drawn: yield* Ref.get(stderr)
      }
    })
    return { fiber, run, drawn: Ref.get(stderr) }
  })

/** Runs a command line to its end. */
export const pcb = (plane: ControlPlane.Service, args: string, options: Options = {}) =>
  Effect.flatMap(start(plane, args, options), ({ run }) => run)

/** Ids that look like Pinecone's. */
export const uuid = (first: string) => `${first}-5a39-4254-9518-bd394b7f4886`

/** The evening of a Saturday, fourteen hours after the runs of the day. */
export const now = DateTime.makeUnsafe("2026-11-21T20:00:00Z")

/** A small project, whose time goes by the test's clock. */
export const project = Effect.fnUntraced(function*(options: ControlPlane.Options = {}) {
  yield* TestClock.setTime(DateTime.toEpochMillis(now))
  return yield* ControlPlane.make(options)
})

const run = (first: string, more: Partial<BackupRun.BackupRun> = {}): Partial<BackupRun.BackupRun> => ({
  backupId: Backup.BackupId.make(uuid(first)),
  ...more
})

/** Two indexes, one of them with a schedule and the other with one backup to restore from, and restores of before. */
export const seeds: ControlPlane.Seeds = {
  indexes: [
    { id: uuid("d40265e4"), name: "docs", recordCount: 98_214 },
    { id: uuid("7c11d0aa"), name: "wiki", recordCount: 1_204, tags: { team: "search" } }
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
