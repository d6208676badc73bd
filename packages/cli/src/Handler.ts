/**
 * What runs commands: parts of the program of their own, each loaded when a command of it runs. What describes them,
 * in `commands`, is there from the beginning: for help, completion, and to say what is wrong with a command line.
 */
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Globals from "./input/Globals.ts"

/** Refuses fields that what a command prints does not have, before anything is done. */
const checkFields = Effect.fnUntraced(function*(path: ReadonlyArray<string>) {
  const names = Globals.fieldNames(yield* Globals.Json)
  if (names.length === 0) return
  const JsonFields = yield* Effect.promise(() => import("./output/JsonFields.ts"))
  const known = JsonFields.of(path.join(" "))
  const unknown = names.filter((name) => !known.includes(name))
  if (known.length === 0 || unknown.length === 0) return
  return yield* new CliError.ShowHelp({
    commandPath: ["pcb", ...path],
    errors: [
      new CliError.ValidationError({
        message: `--json: no field is called ${unknown.join(" or ")}. There are ${known.join(", ")}`
      })
    ]
  })
})

/**
 * Refuses the flags of a connection where there is none: what says where to connect must not be taken for something else, and
 * then do nothing. `hints` say what was meant.
 */
const checkUnconnected = Effect.fnUntraced(function*(
  path: ReadonlyArray<string>,
  hints: Readonly<Record<string, string>>
) {
  const [name] = yield* Globals.givenForConnection
  if (name === undefined) return
  const hint = hints[name] === undefined ? "" : `: ${hints[name]}`
  return yield* new CliError.ShowHelp({
    commandPath: ["pcb", ...path],
    errors: [
      new CliError.ValidationError({
        message: `${name} has no effect on pcb ${path.join(" ")}, which connects to nothing${hint}`
      })
    ]
  })
})

/** Gives commands, of a group if they are in one, what runs them, out of a module that is loaded then. */
export const from =
  <Module>(load: () => Promise<Module>, ...group: ReadonlyArray<string>) =>
  <const Name extends string, Input, Context, E, R>(
    command: Command.Command<Name, Input, Context, never, never>,
    pick: (module: Module) => (input: NoInfer<Input>) => Effect.Effect<void, E, R>
  ) =>
    Command.withHandler(command, (input) =>
      checkFields([...group, command.name]).pipe(
        Effect.andThen(Effect.promise(load)),
        Effect.flatMap((module) => pick(module)(input))
      ))

/** The same as {@link from} for commands that connect to nothing. */
export const unconnected = <Module>(
  load: () => Promise<Module>,
  hints: Readonly<Record<string, string>> = {}
) =>
<const Name extends string, Input, Context, E, R>(
  command: Command.Command<Name, Input, Context, never, never>,
  pick: (module: Module) => (input: NoInfer<Input>) => Effect.Effect<void, E, R>
) =>
  from(load)(
    command,
    (module) => (input) => Effect.andThen(checkUnconnected([command.name], hints), pick(module)(input))
  )

/** Layer that is loaded when it is built. */
export const layer = <Module, A, E, R>(
  load: () => Promise<Module>,
  pick: (module: Module) => Layer.Layer<A, E, R>
): Layer.Layer<A, E, R> => Layer.unwrap(Effect.map(Effect.promise(load), pick))

const connection = layer(() => import("./Connection.ts"), (Connection) => Connection.layer)

/** The same as {@link from} for commands that ask the service. A wrong command line needs no key. */
export const connected = <Module>(load: () => Promise<Module>, ...group: ReadonlyArray<string>) => {
  const run = from(load, ...group)
  return <const Name extends string, Input, Context, E, R>(
    command: Command.Command<Name, Input, Context, never, never>,
    pick: (module: Module) => (input: NoInfer<Input>) => Effect.Effect<void, E, R>
  ) => Command.provide(run(command, pick), Layer.unwrap(Effect.as(checkFields([...group, command.name]), connection)))
}
