/** `pcb help` */
import * as Argument from "effect/cli/Argument"
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Documentation from "../../input/Documentation.ts"

/** `pcb help`, for the commands of a program. */
export const command = (root: () => Command.Command.Any) =>
  Command.make(
    "help",
    {
      words: Argument.String("command").pipe(
        Argument.withDescription("What to explain: all of it, if left out"),
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
        // Help does not say it.
        version: ""
      })
    })
  ).pipe(
    Documentation.of("Explain a command", {
      "pcb help schedule history": "The same as pcb schedule history --help",
      "pcb help schedule history -o json": "The page as data"
    })
  )
