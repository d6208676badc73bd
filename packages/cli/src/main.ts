import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeStdio from "@effect/platform-node/NodeStdio"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Runtime from "effect/Runtime"
import * as Terminal from "effect/Terminal"
import * as Cli from "./Cli.ts"
import * as Argv from "./input/Argv.ts"
import * as ExitCode from "./output/ExitCode.ts"
import * as Program from "./shared/Program.ts"
import * as Pager from "./terminal/Pager.ts"
import * as Screen from "./terminal/Screen.ts"

const unasked = Effect.die("Commands use their own prompts")

/**
 * The Node.js services of commands. Commands do not start programs, and they open their own prompts, so those modules
 * are not loaded.
 */
const services = Layer.mergeAll(
  NodeFileSystem.layer,
  NodePath.layer,
  NodeStdio.layer,
  Layer.succeed(
    ChildProcessSpawner.ChildProcessSpawner,
    ChildProcessSpawner.make(() => Effect.die("Commands do not start programs"))
  ),
  Layer.succeed(
    Terminal.Terminal,
    Terminal.make({
      columns: unasked,
      rows: unasked,
      size: unasked,
      readInput: unasked,
      readLine: unasked,
      display: () => unasked
    })
  )
)

/**
 * Runs the command line of this process. `setUnwritten` receives the exit code to use if the result cannot be written.
 * `early` is a signal that arrived during loading.
 */
export const main = (
  program: Program.Service,
  setUnwritten: (exitCode: number) => void,
  early?: NodeJS.Signals
): void => {
  // Shells expect 130 for SIGINT and 143 for SIGTERM; the runtime returns 130 for both. A second signal exits
  // immediately, and so does the first signal if the program is only waiting for a slow reader.
  const args = process.argv.slice(2)
  let signalCode: number | undefined
  // A guard has the exit code of its command, which a signal could also have ended, so its own must differ.
  const isGuard = Argv.isCommand(args, "guard")
  let interruptedCode = isGuard ? ExitCode.notRun : undefined
  let isOver = false
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    process.on(signal, () => {
      if (signalCode !== undefined || isOver) process.exit(isGuard ? interruptedCode : code)
      signalCode = code
    })
  }

  // A closed standard error does not change the outcome.
  process.stderr.on("error", () => {})

  NodeRuntime.runMain(
    Cli.run(args).pipe(
      Effect.provideService(Program.Program, program),
      Effect.provideService(ExitCode.Decided, (exitCode, ifUnwritten, ifInterrupted) =>
        Effect.sync(() => {
          process.exitCode = exitCode
          interruptedCode = ifInterrupted
          setUnwritten(ifUnwritten)
        })),
      Effect.provideService(
        Pager.Start,
        Effect.flatMap(Effect.promise(() => import("./terminal/PagerProgram.ts")), ({ start }) => start)
      ),
      Effect.provide(Layer.merge(services, Screen.layerProcess(Argv.valueOf(args, "--color"))))
    ),
    {
      teardown: (exit, onExit) =>
        Runtime.defaultTeardown(exit, (code) => {
          if (signalCode !== undefined) return onExit(interruptedCode ?? signalCode)
          // `process.exit` drops unread output, so wait until it is flushed.
          isOver = true
          process.stdout.write("", () => process.stderr.write("", () => onExit(code)))
        })
    }
  )
  if (early !== undefined) process.emit(early)
}
