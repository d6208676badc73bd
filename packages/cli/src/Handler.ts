/**
 * What runs commands: parts of the program of their own, each loaded when a command of it runs. What describes them,
 * in `commands`, is there from the beginning: for help, completion, and to say what is wrong with a command line.
 */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** Gives commands what runs them, out of a module that is loaded then. */
export const from = <Module>(load: () => Promise<Module>) =>
<const Name extends string, Input, Context, E, R>(
  command: Command.Command<Name, Input, Context, never, never>,
  pick: (module: Module) => (input: NoInfer<Input>) => Effect.Effect<void, E, R>
) => Command.withHandler(command, (input) => Effect.flatMap(Effect.promise(load), (module) => pick(module)(input)))

/** Layer that is loaded when it is built. */
export const layer = <Module, A, E, R>(
  load: () => Promise<Module>,
  pick: (module: Module) => Layer.Layer<A, E, R>
): Layer.Layer<A, E, R> => Layer.unwrap(Effect.map(Effect.promise(load), pick))

const connection = layer(() => import("./Connection.ts"), (Connection) => Connection.layer)

/** The same as {@link from} for commands that ask the service. */
export const connected = <Module>(load: () => Promise<Module>) => {
  const run = from(load)
  return <const Name extends string, Input, Context, E, R>(
    command: Command.Command<Name, Input, Context, never, never>,
    pick: (module: Module) => (input: NoInfer<Input>) => Effect.Effect<void, E, R>
  ) => Command.provide(run(command, pick), connection)
}
