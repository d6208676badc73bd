/**
 * The command line as one effect: arguments in, exit code out.
 *
 * @since 0.1.0
 */
import * as CliConfig from "effect/cli/CliConfig"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as DemoCommand from "./commands/Demo.ts"
import * as Restore from "./commands/Restore.ts"
import * as Schedule from "./commands/Schedule.ts"
import * as Failure from "./Failure.ts"
import * as Globals from "./Globals.ts"
import * as Suggest from "./Suggest.ts"

/** `--version` has the short form `-V`; `-v` is left alone, since half of all programs mean "verbose" by it. */
const Version = GlobalFlag.Action({
  flag: Flag.Boolean("version").pipe(
    Flag.withAlias("V"),
    Flag.withDescription("Show the version"),
    Flag.withDefault(false)
  ),
  run: (_, { version }) => Console.log(version)
})

const root = Command.make("pcb").pipe(
  Command.withDescription("Pinecone backups and restores from the command line"),
  Command.withSubcommands([Schedule.command, Restore.command, DemoCommand.command]),
  Command.withGlobalFlags([...Globals.all, Version])
)

/** Whether errors are to be JSON. Asked of the bare arguments, because they may be what is wrong. */
const wantsJson = (args: ReadonlyArray<string>): Effect.Effect<boolean> => {
  const end = args.indexOf("--")
  const flags = end === -1 ? args : args.slice(0, end)
  const given = flags.flatMap((flag, index) =>
    flags[index - 1] === "-o" || flags[index - 1] === "--output"
      ? [flag]
      : /^(-o|--output)=/.test(flag)
      ? [flag.slice(flag.indexOf("=") + 1)]
      : []
  )
  return given[0] === undefined
    ? Effect.orElseSucceed(Effect.map(Config.String("PCB_OUTPUT"), isJson), () => false)
    : Effect.succeed(isJson(given[0]))
}

const isJson = (format: string) => format === "json" || format === "ndjson"

/**
 * Runs a command line. What went wrong has been reported when this fails; only the exit code is left.
 *
 * Results go to standard output and everything else to standard error: usage errors, notes, logs.
 *
 * @category running
 * @since 0.1.0
 */
export const run = Effect.fnUntraced(function*(args: ReadonlyArray<string>, version: string) {
  const asJson = yield* wantsJson(args)

  const presenter: CliOutput.Presenter = {
    present: (event) => {
      if (event._tag === "InvalidInvocation") {
        return Failure.reportUsage(event.errors.map(Suggest.messageOf), event.commandPath, asJson)
      }
      const isHelpForMistake = event._tag === "Help" && event.reason === "Implicit" && event.commandPath.length > 1
      if (!isHelpForMistake) return CliOutput.defaultPresenter.present(event)
      return asJson
        ? Failure.reportUsage(["A subcommand is missing"], event.commandPath, asJson)
        : Console.error(CliOutput.defaultFormatter({ colors: false }).formatHelpDoc(event.helpDoc))
    }
  }

  yield* Command.runWith(root, { version })(args).pipe(
    Effect.catchTag("ShowHelp", ({ commandPath, errors }) =>
      // The bare program shows what it can do; a bare group in a script is a variable that was empty.
      errors.length > 0 || commandPath.length > 1
        ? Effect.fail(new Failure.Reported({ exitCode: Failure.exitCodes.usage }))
        : Effect.void),
    Effect.catch((error) => error._tag === "Reported" ? Effect.fail(error) : Failure.report(error, asJson)),
    Effect.catchDefect((defect) => Failure.report(defect, asJson)),
    Effect.provideService(CliConfig.CliConfig, { builtIns: [GlobalFlag.Help] }),
    Effect.provideService(CliOutput.Presenter, presenter),
    Effect.provideService(Logger.LogToStderr, true)
  )
})
