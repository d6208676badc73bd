/** What a command is about, as an argument or as the flag that Pinecone's own `pc` has for it. */
import * as Argument from "effect/cli/Argument"
import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flags from "./Flags.ts"

/** An index as a flag. */
export const indexFlag = Flag.String("index").pipe(
  Flag.withAlias("index-name"),
  Flag.withMetavar("<name>"),
  Flag.withDescription("Name of the index: another way to say it")
)

/** What everything else is named by. */
const idFlag = Flag.String("id").pipe(Flag.withMetavar("<id>"), Flag.withHidden)

const parts = (noun: string, description: string) => ({
  argument: Argument.String(noun).pipe(Argument.withDescription(description)),
  flag: noun === "index" ? indexFlag : idFlag
})

/** Exactly one thing, once {@link check} has seen it. */
export interface One {
  readonly argument: Option.Option<string>
  readonly flag: Option.Option<string>
}

/** Any number of things. */
export interface Several {
  readonly argument: ReadonlyArray<string>
  readonly flag: ReadonlyArray<string>
}

/** One thing. */
export const one = (noun: string, description: string) => {
  const { argument, flag } = parts(noun, description)
  return { argument: Argument.optional(argument), flag: Flag.optional(flag) }
}

/** Several things, or none: {@link check} wants one. */
export const several = (noun: string, description: string) => {
  const { argument, flag } = parts(noun, description)
  return { argument: Argument.variadic(argument), flag: Flags.repeated(flag) }
}

/** The things that were named. */
export const all = ({ argument, flag }: One | Several): ReadonlyArray<string> =>
  [argument, flag].flatMap((named) => Option.isOption(named) ? Option.toArray(named) : named)

/** The one thing, of a target that was checked. */
export const of = (target: One): string => all(target)[0] ?? ""

/** Fails unless something was named, and one thing alone where one is wanted. */
export const check = (noun: string, target: One | Several): Effect.Effect<void, CliError.CliError> => {
  const given = all(target)
  return given.length === 0
    ? Effect.fail(new CliError.MissingArgument({ argument: noun }))
    : given.length > 1 && Option.isOption(target.flag)
    ? Effect.fail(new CliError.ValidationError({ message: `Expected one ${noun}, got ${given.join(" and ")}` }))
    : Effect.void
}
