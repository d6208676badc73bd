/** `pcb completion` */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Completions from "effect/cli/Completions"
import type * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Documentation from "../../input/Documentation.ts"
import * as Shell from "../../shared/Shell.ts"

/** `pcb completion`, for the commands and global flags of a program. */
export const command = (
  root: () => Command.Command.Any,
  globals: () => ReadonlyArray<{ readonly flag: Flag.Flag<unknown> }>
) =>
  Command.make(
    "completion",
    {
      shell: Argument.Literals("shell", Shell.names).pipe(Argument.withDescription(`One of ${Shell.names.join(", ")}`))
    },
    Effect.fnUntraced(function*({ shell }) {
      // Global flags do not belong to a command, so attach them to a temporary command.
      const holder = Command.make(
        "globals",
        Object.fromEntries([GlobalFlag.Help, ...globals()].map(({ flag }, index) => [`flag${index}`, flag]))
      )
      const { flags } = Completions.fromCommand(holder)
      const complete = (descriptor: Completions.CommandDescriptor): Completions.CommandDescriptor => ({
        ...descriptor,
        flags: [
          ...descriptor.flags,
          // A command's own flag overrides a global flag with the same name.
          ...flags.filter(({ name }) => descriptor.flags.every((own) => own.name !== name))
        ].map((flag) => ({ ...flag, description: flag.description?.replace(/ \[[^\]]*\]$/, "") })),
        subcommands: descriptor.subcommands.map(complete)
      })
      const script = Completions.generate("pcb", shell, complete(Completions.fromCommand(root())))
      // The generated condition for fish mistakes the value of a global flag for a command: `-o json`.
      const commands = root().subcommands.flatMap(({ commands }) => commands).map(({ name }) => name)
      const isNone = `not __fish_seen_subcommand_from ${commands.join(" ")}`
      // A function, because `$` in a replacement string is special.
      yield* Console.log(
        script.replaceAll("__fish_use_subcommand", isNone).replace(
          /^(#\s+)pcb --completions .*\n(?:#\s+(?:then|\. <PATH>).*\n)?/m,
          (_, begin: string) => `${begin}${Shell.install[shell]}\n`
        )
      )
    })
  ).pipe(
    Documentation.of("Print a completion script for a shell", {
      "source <(pcb completion bash)": "Load completions in the current shell",
      [Shell.install.fish]: "Install completions for fish"
    })
  )
