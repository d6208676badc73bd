/**
 * The floor of the command line: the parser and the client of Effect, without this library.
 *
 * - `--help`: the help of one command
 * - `history --host URL ID`: requests a schedule and one page of its history, and prints a line for each run. Loads
 *   the client only then, as the command line does.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeStdio from "@effect/platform-node/NodeStdio"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Terminal from "effect/Terminal"

const unused = Effect.die("Not used")

const services = Layer.mergeAll(
  NodeFileSystem.layer,
  NodePath.layer,
  NodeStdio.layer,
  Layer.succeed(ChildProcessSpawner.ChildProcessSpawner, ChildProcessSpawner.make(() => unused)),
  Layer.succeed(
    Terminal.Terminal,
    Terminal.make({
      columns: unused,
      rows: unused,
      size: unused,
      readInput: unused,
      readLine: unused,
      display: () => unused
    })
  )
)

const history = Command.make(
  "history",
  { host: Flag.String("host"), id: Argument.String("id") },
  ({ host, id }) => Effect.flatMap(Effect.promise(() => import("./command-history.ts")), ({ run }) => run(host, id))
)

Command.make("floor").pipe(
  Command.withDescription("A command line that does the least"),
  Command.withSubcommands([history]),
  Command.run({ version: "0.0.0" }),
  Effect.provide(services),
  NodeRuntime.runMain
)
