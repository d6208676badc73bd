/** What the help page of a command says of it. */
import * as Command from "effect/cli/Command"

/** Documents a command: what it does, and examples of it, each by its command line. */
export const of =
  (description: string, examples: Readonly<Record<string, string>>) =>
  <const Name extends string, Input, Context, E, R>(
    self: Command.Command<Name, Input, Context, E, R>
  ): Command.Command<Name, Input, Context, E, R> =>
    self.pipe(
      Command.withDescription(description),
      Command.withExamples(
        Object.entries(examples).map(([command, description]) => ({ command, description }))
      )
    )
