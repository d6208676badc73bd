/** Probe that runs a user command without a shell. */
import * as NodeChildProcessSpawner from "@effect/platform-node/NodeChildProcessSpawner"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as DrillProbe from "@pinecone-backups/core/drill/DrillProbe"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ChildProcess from "effect/process/ChildProcess"
import * as Stream from "effect/Stream"
import * as Provided from "../../engine/Provided.ts"
import * as SystemReason from "../../output/SystemReason.ts"
import * as Format from "../../terminal/Format.ts"

/** Variables with secrets, which are removed from the environment of the command. */
const secrets = {
  PINECONE_API_KEY: undefined,
  PINECONE_CLIENT_ID: undefined,
  PINECONE_CLIENT_SECRET: undefined,
  PCB_STORE: undefined
}

const services = NodeChildProcessSpawner.layer.pipe(Layer.provide([NodeFileSystem.layer, NodePath.layer]))

/**
 * Creates a probe from a program and its arguments. The `PCB_DRILL_…` variables describe the copy. Output goes to standard
 * error. The probe passes if the program exits with 0. If the program cannot be started or a signal ends it, the probe has no
 * result.
 */
export const make = ([program = "", ...args]: ReadonlyArray<string>): DrillProbe.Probe => ({ backup, index, source }) =>
  Effect.scoped(Effect.gen(function*() {
    const process = yield* ChildProcess.make(program, args, {
      extendEnv: true,
      env: {
        ...secrets,
        PCB_DRILL_INDEX: index.name,
        PCB_DRILL_INDEX_HOST: index.host ?? "",
        PCB_DRILL_SOURCE: source,
        PCB_DRILL_BACKUP_ID: backup.backupId
      },
      stdin: "ignore",
      forceKillAfter: "5 seconds"
    })
    yield* process.all.pipe(
      Stream.decodeText,
      Stream.splitLines,
      Stream.runForEach((line) => Console.error(Format.plain(line)))
    )
    return yield* process.exitCode
  })).pipe(
    Effect.catchTag("PlatformError", (error) =>
      Effect.fail(
        new DrillProbe.ProbeUnknown({
          message: `the command ${program} could not be run to completion: ${SystemReason.of(error)}`
        })
      )),
    Effect.flatMap((exitCode) =>
      exitCode === 0
        ? Effect.void
        : Effect.fail(new DrillProbe.ProbeFailed({ message: `the command ${program} exited with ${exitCode}` }))
    ),
    Provided.by(services)
  )
