import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Probe from "../src/commands/drill/Probe.ts"

const restored = {
  index: PineconeIndex.PineconeIndex.make({
    name: PineconeIndex.IndexName.make("drill-1"),
    host: "drill-1.svc.invalid"
  }),
  source: PineconeIndex.IndexName.make("docs"),
  backup: {
    backupId: Backup.BackupId.make("backup-1"),
    name: null,
    takenAt: null,
    recordCount: null,
    namespaceCount: null,
    sizeBytes: null,
    dimension: null,
    sourceIndexId: PineconeIndex.IndexId.make("docs-id"),
    hasTypedSchema: false
  }
}

/** Sets environment variables of this process, which child processes inherit, until the scope closes. */
const withVariables = (variables: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.sync(() => Object.assign(process.env, variables)),
    () => Effect.sync(() => Object.keys(variables).forEach((name) => Reflect.deleteProperty(process.env, name)))
  )

/** Runs a Node script as a probe, and returns its output lines. */
const run = Effect.fnUntraced(function*(script: string, ...args: ReadonlyArray<string>) {
  const lines: Array<string> = []
  yield* Effect.provideService(
    Probe.make([process.execPath, "-e", script, ...args])(restored),
    Console.Console,
    { ...globalThis.console, error: (...texts) => void lines.push(texts.join(" ")) }
  )
  return lines
})

describe("Probe.make", () => {
  it.live("runs a command without a shell, with variables for the copy and without secrets", () =>
    Effect.gen(function*() {
      yield* withVariables({ PINECONE_API_KEY: "pcsk_marker_probe", PCB_STORE: "postgres://user:password@host/db" })
      const lines = yield* run(
        `const e = process.env; console.error("to standard error"); console.log(JSON.stringify([e.PINECONE_API_KEY,
          e.PCB_STORE, e.PCB_DRILL_INDEX, e.PCB_DRILL_INDEX_HOST, e.PCB_DRILL_SOURCE, e.PCB_DRILL_BACKUP_ID, process.argv[1]]))`,
        "$HOME;"
      )
      assert.sameMembers(lines, [
        "to standard error",
        `[null,null,"drill-1","drill-1.svc.invalid","docs","backup-1","$HOME;"]`
      ])
    }))

  it.live("fails if the command exits with a code other than 0", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(run("process.exit(3)"))
      assert.deepStrictEqual([error._tag, error.message], [
        "DrillProbeFailed",
        `the command ${process.execPath} exited with 3`
      ])
    }))

  it.live.each(
    [
      ["does not exist", ["/nowhere/probe"], "command not found"],
      ["is not executable", ["/etc/passwd"], "permission denied"],
      [
        "is ended by a signal",
        [process.execPath, "-e", "process.kill(process.pid, 'SIGKILL')"],
        "Process interrupted due to receipt of signal: 'SIGKILL'"
      ]
    ] as const
  )("has no result if the command %s", ([, command, reason]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Probe.make(command)(restored))
      assert.deepStrictEqual([error._tag, error.message], [
        "DrillProbeUnknown",
        `the command ${command[0]} could not be run to completion: ${reason}`
      ])
    }))
})
