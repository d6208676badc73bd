/** Documents commands for their help pages. */
import * as Command from "effect/cli/Command"

/** Adds a description and examples, keyed by command line, to a command. */
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
