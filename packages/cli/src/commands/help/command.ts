/** `pcb help` */
import * as Argument from "effect/cli/Argument"
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Documentation from "../../input/Documentation.ts"

/** `pcb help`, for the commands of a root command. */
export const command = (root: () => Command.Command.Any) =>
  Command.make(
    "help",
    {
      words: Argument.String("command").pipe(
        Argument.withDescription("Command to show help for; omit for general help"),
        Argument.variadic()
      )
    },
    Effect.fnUntraced(function*({ words }) {
      const path: Array<string> = [root().name]
      let command = root()
      for (const word of words) {
        const children = command.subcommands.flatMap(({ commands }) => commands)
        const next = children.find(({ alias, name }) => name === word || alias === word)
        if (next === undefined) {
          const error = new CliError.UnknownSubcommand({ subcommand: word, parent: path, suggestions: [] })
          return yield* new CliError.ShowHelp({ commandPath: path, errors: [error] })
        }
        path.push(next.name)
        command = next
      }
      yield* GlobalFlag.Help.run(true, {
        builtIns: [GlobalFlag.Help],
        command: root(),
        commandPath: path,
        // Help pages do not print the version.
        version: ""
      })
    })
  ).pipe(
    Documentation.of("Show help for a command", {
      "pcb help schedule history": "Show help (same as pcb schedule history --help)",
      "pcb help schedule history -o json": "Print the help page as JSON"
    })
  )
