/** The target of a command, as an argument or as the flag that the official Pinecone CLI uses. */
import * as Argument from "effect/cli/Argument"
import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flags from "./Flags.ts"

/** `--index` */
export const indexFlag = Flag.String("index").pipe(
  Flag.withAlias("index-name"),
  Flag.withMetavar("<name>"),
  Flag.withDescription("Name of the index (same as the argument)")
)

/** `--id`, for all other targets. */
const idFlag = Flag.String("id").pipe(Flag.withMetavar("<id>"), Flag.withHidden)

const parts = (noun: string, description: string) => ({
  argument: Argument.String(noun).pipe(Argument.withDescription(description)),
  flag: noun === "index" ? indexFlag : idFlag
})

/** Exactly one target, after {@link check}. */
export interface One {
  readonly argument: Option.Option<string>
  readonly flag: Option.Option<string>
}

/** Any number of targets. */
export interface Several {
  readonly argument: ReadonlyArray<string>
  readonly flag: ReadonlyArray<string>
}

/** An argument or flag for one target. */
export const one = (noun: string, description: string) => {
  const { argument, flag } = parts(noun, description)
  return { argument: Argument.optional(argument), flag: Flag.optional(flag) }
}

/** Arguments or flags for any number of targets. {@link check} requires at least one. */
export const several = (noun: string, description: string) => {
  const { argument, flag } = parts(noun, description)
  return { argument: Argument.variadic(argument), flag: Flags.repeated(flag) }
}

/** The given targets. */
export const all = ({ argument, flag }: One | Several): ReadonlyArray<string> =>
  [argument, flag].flatMap((named) => Option.isOption(named) ? Option.toArray(named) : named)

/** The target, after {@link check}. */
export const of = (target: One): string => all(target)[0] ?? ""

/** Fails if no target is given, or several for a single target. */
export const check = (noun: string, target: One | Several): Effect.Effect<void, CliError.CliError> => {
  const given = all(target)
  return given.length === 0
    ? Effect.fail(new CliError.MissingArgument({ argument: noun }))
    : given.length > 1 && Option.isOption(target.flag)
    ? Effect.fail(new CliError.ValidationError({ message: `Expected one ${noun}, got ${given.join(" and ")}` }))
    : Effect.void
}
