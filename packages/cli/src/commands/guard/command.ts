/** `pcb guard` */
import * as Argument from "effect/cli/Argument"
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"
import * as Flags from "../../input/Flags.ts"
import * as Operands from "../../input/Operands.ts"
import * as Target from "../../input/Target.ts"

const invalid = (message: string) => Effect.fail(new CliError.ValidationError({ message }))

/** A backup omits the writes of the 15 minutes before it. Duplicates core's value, so that help does not load core. */
const lag = Duration.minutes(15)

const guard = Command.make("guard", {
  target: Target.one("index", "Name of the index that the command changes"),
  // Words without `--` before them. Only for the usage line, and for a clear error.
  command: Argument.variadic(
    Argument.String("command").pipe(
      Argument.withDescription("Program to run and its arguments, after --; not run by a shell")
    )
  ),
  maxAge: Flag.String("max-age").pipe(
    Flag.withMetavar("<duration>"),
    Flag.filterMap(
      (text) => Option.filter(Flags.durationOf(text), Duration.isGreaterThanOrEqualTo(lag)),
      () => "Expected a duration of 15m or more, because a backup omits the writes of the 15 minutes before it"
    ),
    Flags.optional("Use an existing good backup if its data is not older [always create a backup]")
  ),
  timeout: Flags.duration("timeout").pipe(Flags.optional("Maximum time to wait for the backup [6h]")),
  settle: Flags.duration("settle").pipe(
    Flags.optional("Wait before creating the backup; 15m includes the latest writes if all writers are stopped [0]")
  ),
  name: Flags.text("name", "<string>").pipe(
    Flags.optional("Name of a new backup: up to 45 lowercase letters, digits and hyphens [guard- and the time]")
  ),
  allowEmpty: Flags.toggle("allow-empty", "Run the command even if the new backup has no records"),
  allowShrunk: Flags.toggle(
    "allow-shrunk",
    "Run the command even if the new backup is far smaller than the backups before it"
  ),
  report: Flag.String("report").pipe(
    Flag.withMetavar("<file>"),
    Flag.filter((path) => path !== "", () => "Expected a path, got an empty string"),
    Flags.optional("Write a JSON report to this file")
  ),
  dryRun: Flags.toggle("dry-run", "Print whether a backup exists or would be created; run nothing")
}).pipe(
  Command.validate(Effect.fnUntraced(function*({ command, dryRun, target }) {
    yield* Target.check("index", target)
    const operands = yield* Operands.Operands
    // The words may contain secrets, so the error does not repeat them.
    if (command.length > 0) return yield* invalid("The command must follow --: pcb guard INDEX -- COMMAND")
    if (operands.length === 0 && !dryRun) return yield* invalid("Expected a command after --")
    if (operands[0] === "") return yield* invalid("Expected a command after --, got an empty string")
  })),
  Command.withShortDescription("Run a command only if a backup can undo it"),
  Documentation.of(
    "Create a backup, wait until it is ready, then run a command that changes the index. Without a good backup, the command is not run. Exit codes: the command's own, 125 not run, 126 not executable, 127 not found, 128 + n ended by signal n",
    {
      "pcb guard docs -- npm run migrate": "Run a migration with a fresh backup",
      "pcb guard docs --max-age 6h -- ./reindex.sh": "Accept a good backup whose data is at most 6 hours old",
      "pcb guard docs --settle 15m -- ./reindex.sh": "After stopping all writers: include the latest writes",
      "pcb guard docs --max-age 6h --dry-run": "Print whether such a backup exists"
    }
  )
)

/** `pcb guard`. The handler connects by itself, so that a failed connection has the exit code of a command not run. */
export const command = Handler.from(() => import("./handler.ts"))(guard, (_) => _.run)
