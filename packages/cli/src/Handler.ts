/**
 * Attaches handlers to commands. Handlers are loaded when their command runs. The definitions in `command.ts` are
 * always loaded, for help, completion and usage errors.
 */
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Globals from "./input/Globals.ts"
import * as Projects from "./input/Projects.ts"
import { Screen } from "./terminal/Screen.ts"

/** Rejects a second `--profile` on commands for one project, which would ignore it. */
const checkProfiles = Effect.fnUntraced(function*(path: ReadonlyArray<string>) {
  const profiles = yield* Globals.Profiles
  if (profiles.length < 2 || Projects.commands.includes(path.join(" "))) return
  const commands = Projects.commands.map((command) => `pcb ${command}`).join(", ")
  return yield* new CliError.ShowHelp({
    commandPath: ["pcb", ...path],
    errors: [
      new CliError.ValidationError({
        message: `Expected one --profile, got ${profiles.length}. These commands accept several: ${commands}`
      })
    ]
  })
})

/** Rejects names in `--json=…` that the command's output does not have, before anything is sent. */
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
        message: `--json: unknown ${unknown.length === 1 ? "field" : "fields"} ${
          unknown.map((name) => `"${name}"`).join(", ")
        }. Expected ${known.join(", ")}`
      })
    ]
  })
})

/** Rejects global flags that the command does not accept. */
const check = (path: ReadonlyArray<string>) => Effect.andThen(checkProfiles(path), checkFields(path))

/**
 * Rejects connection flags on commands without a connection, where they would have no effect. `hints` name the flag
 * that was probably meant.
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
        message: `${name} has no effect on pcb ${path.join(" ")}, which does not connect to Pinecone${hint}`
      })
    ]
  })
})

/**
 * Shows the output in a pager if it is a table on a terminal. `own` is the command's own output format. Everything else
 * about the pager is loaded on demand.
 */
const paged = <A, E, R>(self: Effect.Effect<A, E, R>, own: Option.Option<string>) =>
  Effect.flatMap(Screen, ({ isTerminal }) =>
    isTerminal
      ? Effect.flatMap(Effect.promise(() => import("./output/Paging.ts")), (_) => _.paged(self, own))
      : Effect.asVoid(self))

/**
 * Attaches handlers from a module that is loaded on demand. `group` is the path of the command's group, if any. `isLong`
 * selects the inputs whose output is shown in a pager: long tables, never a command that prompts, waits or follows.
 */
export const from =
  <Module>(load: () => Promise<Module>, ...group: ReadonlyArray<string>) =>
  <const Name extends string, Input, Context, E, R>(
    command: Command.Command<Name, Input, Context, never, never>,
    pick: (module: Module) => (input: NoInfer<Input>) => Effect.Effect<void, E, R>,
    isLong: (input: NoInfer<Input>) => boolean = () =>
      false,
    formatOf: (input: NoInfer<Input>) => Option.Option<string> = Option.none
  ) =>
    Command.withHandler(command, (input) =>
      check([...group, command.name]).pipe(
        Effect.andThen(Effect.promise(load)),
        Effect.flatMap((module) => {
          const handled = pick(module)(input)
          return isLong(input) ? paged(handled, formatOf(input)) : handled
        }),
        Effect.catch((error) =>
          Effect.promise(() => import("./output/DescribeError.ts")).pipe(
            Effect.flatMap(({ onConnection }) => onConnection(error)),
            Effect.flatMap(Effect.fail)
          )
        )
      ))

/** Like {@link from}, for commands that do not connect to Pinecone. */
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

/** Layer from a module that is loaded when the layer is built. */
const layer = <Module, A, E, R>(
  load: () => Promise<Module>,
  pick: (module: Module) => Layer.Layer<A, E, R>
): Layer.Layer<A, E, R> => Layer.unwrap(Effect.map(Effect.promise(load), pick))

const connection = layer(() => import("./Connection.ts"), (Connection) => Connection.layer)

/** Like {@link from}, for commands that connect to Pinecone. Usage errors do not need an API key. */
export const connected = <Module>(load: () => Promise<Module>, ...group: ReadonlyArray<string>) => {
  const run = from(load, ...group)
  return <const Name extends string, Input, Context, E, R>(
    command: Command.Command<Name, Input, Context, never, never>,
    pick: (module: Module) => (input: NoInfer<Input>) => Effect.Effect<void, E, R>,
    isLong?: (input: NoInfer<Input>) => boolean
  ) => Command.provide(run(command, pick, isLong), Layer.unwrap(Effect.as(check([...group, command.name]), connection)))
}
