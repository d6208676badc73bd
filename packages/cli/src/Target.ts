/**
 * What a command is about, as an argument: and as the hidden flags that stand for it in Pinecone's own `pc`.
 *
 * @since 0.1.0
 */
import * as Argument from "effect/cli/Argument"
import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** The first name is that of the flag, the others are its aliases. */
const hidden = ([name, ...aliases]: readonly [string, ...ReadonlyArray<string>]) =>
  aliases.reduce((flag, alias) => Flag.withAlias(flag, alias), Flag.String(name)).pipe(Flag.withHidden, Flag.optional)

/**
 * Exactly one thing.
 *
 * @category arguments
 * @since 0.1.0
 */
export const one = (noun: string, description: string, flags: readonly [string, ...ReadonlyArray<string>]) => ({
  target: Argument.String(noun).pipe(Argument.withDescription(description), Argument.optional),
  targetFlag: hidden(flags)
})

/**
 * One thing or more.
 *
 * @category arguments
 * @since 0.1.0
 */
export const many = (noun: string, description: string, flags: readonly [string, ...ReadonlyArray<string>]) => ({
  targets: Argument.String(noun).pipe(Argument.withDescription(description), Argument.variadic()),
  targetFlag: hidden(flags)
})

interface One {
  readonly target: Option.Option<string>
  readonly targetFlag: Option.Option<string>
}

interface Many {
  readonly targets: ReadonlyArray<string>
  readonly targetFlag: Option.Option<string>
}

/**
 * The one thing, of a command whose input was validated.
 *
 * @category getters
 * @since 0.1.0
 */
export const of = ({ target, targetFlag }: One): string =>
  Option.getOrElse(Option.orElse(target, () => targetFlag), () => "")

/**
 * The things, of a command whose input was validated.
 *
 * @category getters
 * @since 0.1.0
 */
export const all = ({ targetFlag, targets }: Many): ReadonlyArray<string> => [...targets, ...Option.toArray(targetFlag)]

/**
 * Fails unless there is exactly one.
 *
 * @category validating
 * @since 0.1.0
 */
export const checkOne = (noun: string, { target, targetFlag }: One) =>
  Option.isSome(target) === Option.isSome(targetFlag)
    ? invalid(Option.isNone(target) ? `Missing required argument: ${noun}` : `One ${noun} is enough`)
    : Effect.void

/**
 * Fails unless there is one or more.
 *
 * @category validating
 * @since 0.1.0
 */
export const checkMany = (noun: string, target: Many) =>
  all(target).length === 0 ? invalid(`Missing required argument: ${noun}`) : Effect.void

const invalid = (message: string) => Effect.fail(new CliError.ValidationError({ message }))
