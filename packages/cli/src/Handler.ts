/**
 * What runs commands: parts of the program of their own, each loaded when a command of it runs. What describes them,
 * in `commands`, is there from the beginning: for help, completion, and to say what is wrong with a command line.
 *
 * @since 0.1.0
 */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"

/**
 * What a command is run with, as its flags and arguments say.
 *
 * @category models
 * @since 0.1.0
 */
export type Input<C> = C extends Command.Command<infer _Name, infer Input, infer _Context, infer _E, infer _R> ? Input
  : never

/**
 * Gives commands what runs them, out of a module that is loaded then.
 *
 * @category constructors
 * @since 0.1.0
 */
export const from = <Module>(load: () => Promise<Module>) =>
<const Name extends string, Input, Context, E, R>(
  command: Command.Command<Name, Input, Context, never, never>,
  pick: (module: Module) => (input: Input) => Effect.Effect<void, E, R>
) => Command.withHandler(command, (input) => Effect.flatMap(Effect.promise(load), (module) => pick(module)(input)))

/**
 * The same for commands that ask the service.
 *
 * @category constructors
 * @since 0.1.0
 */
export const connected = <Module>(load: () => Promise<Module>) => {
  const both = from(() => Promise.all([load(), import("./Connection.ts")]))
  return <const Name extends string, Input, Context, E, R>(
    command: Command.Command<Name, Input, Context, never, never>,
    pick: (module: Module) => (input: Input) => Effect.Effect<void, E, R>
  ) => both(command, ([module, { layer }]) => (input) => Effect.provide(pick(module)(input), layer))
}
