/** The whole command line as one effect, from arguments to exit code. */
import * as CliConfig from "effect/cli/CliConfig"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Api from "./commands/api/command.ts"
import * as Audit from "./commands/audit/command.ts"
import * as Backup from "./commands/backup/command.ts"
import * as Completion from "./commands/completion/command.ts"
import * as ConfigCommand from "./commands/config/command.ts"
import * as DemoCommand from "./commands/demo/command.ts"
import * as Doctor from "./commands/doctor/command.ts"
import * as Drill from "./commands/drill/command.ts"
import * as EmulatorCommand from "./commands/emulator/command.ts"
import * as Guard from "./commands/guard/command.ts"
import * as HelpCommand from "./commands/help/command.ts"
import * as Policy from "./commands/policy/command.ts"
import * as Recover from "./commands/recover/command.ts"
import * as Restore from "./commands/restore/command.ts"
import * as Schedule from "./commands/schedule/command.ts"
import * as Status from "./commands/status/command.ts"
import * as Settings from "./config/Settings.ts"
import * as Argv from "./input/Argv.ts"
import * as Documentation from "./input/Documentation.ts"
import * as Flags from "./input/Flags.ts"
import * as Globals from "./input/Globals.ts"
import * as Operands from "./input/Operands.ts"
import { Reported } from "./output/CliFailure.ts"
import * as ErrorReport from "./output/ErrorReport.ts"
import * as ExitCode from "./output/ExitCode.ts"
import * as Help from "./output/Help.ts"
import * as Program from "./shared/Program.ts"
import * as Verdict from "./shared/Verdict.ts"
import * as Format from "./terminal/Format.ts"
import * as Screen from "./terminal/Screen.ts"

/** `--version` has the short form `-V`; `-v` is free, because many programs use it for "verbose". */
const Version = GlobalFlag.Action({
  flag: Flag.withAlias(Flags.toggle("version", "Show the version"), "V"),
  run: (_, { version }) => Console.log(version)
})

/** The root command, for commands that describe other commands. */
const self = (): Command.Command.Any => root

const globalFlags = [...Globals.all, Version] as const

const root = Command.make("pcb").pipe(
  Documentation.of("Manage Pinecone backups and restores from the command line", {
    "pcb demo": "Take the tour on a demo project: no account, no key",
    "pcb audit": "Check backup health and print fixes",
    "pcb schedule history docs": "Show the runs of a backup schedule as a calendar",
    "pcb emulator": "Run a local Pinecone emulator for tests"
  }),
  // Every command is in one group. Help prints the groups in this order.
  Command.withSubcommands([
    {
      group: "watch",
      commands: [
        Status.command,
        Audit.command
      ]
    },
    {
      group: "operate",
      commands: [
        Schedule.command,
        Backup.command,
        Restore.command,
        Recover.command,
        Guard.command
      ]
    },
    {
      group: "prove",
      commands: [
        Drill.command
      ]
    },
    {
      group: "declare",
      commands: [
        Policy.command
      ]
    },
    {
      group: "tools",
      commands: [
        Doctor.command,
        DemoCommand.command,
        EmulatorCommand.command,
        Api.command,
        ConfigCommand.command,
        Completion.command(self, () => globalFlags),
        HelpCommand.command(self)
      ]
    }
  ]),
  Command.withGlobalFlags(globalFlags)
)

/** Returns `true` if help and errors are printed as JSON. Reads the raw arguments, because parsing may have failed. */
const wantsJson = (args: ReadonlyArray<string>): Effect.Effect<boolean> => {
  if (Argv.has(args, "--json")) return Effect.succeed(true)
  const given = Argv.valueOf(args, "-o", "--output")
  return given === undefined
    ? Effect.orElseSucceed(Effect.map(Config.String("PCB_OUTPUT"), Globals.isJson), () => false)
    : Effect.succeed(Globals.isJson(given))
}

/** Prints an unknown status in the audit's output format, because monitoring systems read only standard output. */
const sayUnknown = (why: string, args: ReadonlyArray<string>) =>
  Effect.flatMap(
    Effect.promise(() => import("./commands/audit/UsageVerdict.ts")),
    (_) => _.print(why, args)
  )

/**
 * Prints an unknown status if a signal ends an audit before it has printed one: no output must not be read as ok.
 *
 * The signal may arrive while the audit is still being loaded, before anything is parsed.
 */
const withVerdict = (args: ReadonlyArray<string>) => <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Argv.isCommand(args, "audit", "check")
    ? Effect.onInterrupt(self, () =>
      Effect.flatMap(Verdict.Verdict, (verdict) => {
        if (verdict.isSaid || Argv.has(args, "--help") || Argv.has(args, "-h")) return Effect.void
        verdict.isSaid = true
        return Effect.flatMap(
          Effect.promise(() => import("./commands/audit/UsageVerdict.ts")),
          (_) => _.printEnded(args)
        )
      }))
    : self

/**
 * Runs a command line. Errors are already reported when this fails; the failure has only the exit code.
 *
 * **Details**
 *
 * Results go to standard output. Usage errors, notes and logs go to standard error.
 */
export const run = Effect.fnUntraced(
  function*(args: ReadonlyArray<string>) {
    const settings = yield* Settings.make(args)
    yield* withSettings(args).pipe(
      // Inside the settings, so that the output format from the configuration file applies.
      withVerdict(args),
      Effect.provideService(ConfigProvider.ConfigProvider, Settings.provider(settings)),
      Effect.provideService(Settings.Settings, settings)
    )
  },
  (self, args) =>
    Effect.suspend(() => Effect.provideService(withVerdict(args)(self), Verdict.Verdict, { isSaid: false }))
)

/** Reports an error. The module that describes errors is loaded on demand. */
const report = (error: unknown, asJson: boolean) =>
  Effect.flatMap(Effect.promise(() => import("./output/DescribeError.ts")), (_) => _.report(error, asJson))

const withSettings = Effect.fnUntraced(function*(args: ReadonlyArray<string>) {
  const { version } = yield* Program.Program
  const asJson = yield* wantsJson(args)
  const screen = yield* Screen.Screen

  const presenter: CliOutput.Presenter = {
    present: (event) => {
      if (event._tag === "InvalidInvocation") {
        const mistake = Help.mistake(event.errors, event.helpDoc, args)
        const said = ErrorReport.printUsage(mistake, event.commandPath, asJson)
        return event.commandPath[1] === "audit" ? Effect.andThen(said, sayUnknown(mistake.message, args)) : said
      }
      if (event._tag === "Version") return Console.log(event.version)
      const isForMistake = event.reason === "Implicit" && event.commandPath.length > 1
      if (asJson) {
        return isForMistake
          ? ErrorReport.printUsage({ message: "Missing subcommand", suggestions: [] }, event.commandPath, asJson)
          : Console.log(Format.json(Help.toJson(event.helpDoc), screen.isTerminal ? 2 : undefined))
      }
      return isForMistake
        // Standard error may not be a terminal even when standard output is.
        ? Console.error(Help.page(event.helpDoc, { columns: screen.errorColumns, style: screen.errorStyle }))
        : Console.log(Help.page(event.helpDoc, screen))
    }
  }

  const { args: own, operands } = Operands.split(args)
  yield* Command.runWith(root, { version })(own).pipe(
    Effect.catchTag("ShowHelp", ({ commandPath, errors }) =>
      // `pcb` alone shows its help. A command group without a subcommand is an error: in a script, it usually means
      // that a variable is empty.
      errors.length > 0 || commandPath.length > 1
        ? Effect.fail(new Reported({ exitCode: ExitCode.ofUsage(commandPath) }))
        : Effect.void),
    Effect.catch((error) => error._tag === "Reported" ? Effect.fail(error) : report(error, asJson)),
    Effect.catchDefect((defect) => report(defect, asJson)),
    Effect.provideService(CliConfig.CliConfig, { builtIns: [GlobalFlag.Help] }),
    Effect.provideService(CliOutput.Presenter, presenter),
    Effect.provideService(Operands.Operands, operands),
    Effect.provideService(Logger.LogToStderr, true)
  )
})
