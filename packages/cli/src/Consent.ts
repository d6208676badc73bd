/**
 * The question before something is lost, and the ways to answer it beforehand.
 *
 * @since 0.1.0
 */
import * as Flag from "effect/cli/Flag"
import * as Prompt from "effect/cli/Prompt"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Terminal from "effect/Terminal"
import * as Format from "./Format.ts"
import * as Globals from "./Globals.ts"
import * as Note from "./Note.ts"
import { Screen } from "./Screen.ts"

/**
 * The flags of every command that writes.
 *
 * @category flags
 * @since 0.1.0
 */
export const dryRun = Flag.Boolean("dry-run").pipe(
  Flag.withDescription("Say what would be done, and do nothing"),
  Flag.withDefault(false)
)

/**
 * The flag of every command that asks.
 *
 * @category flags
 * @since 0.1.0
 */
export const yes = Flag.Boolean("yes").pipe(
  Flag.withAlias("y"),
  Flag.withDescription("Do not ask"),
  Flag.withDefault(false)
)

/**
 * Nobody said yes. Nothing was sent.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotConfirmed extends Data.TaggedError("NotConfirmed")<{ readonly message: string }> {}

/** Questions go to standard error: standard output may be a file. */
const onStandardError = Effect.map(Terminal.Terminal, (terminal) =>
  Terminal.make({
    ...terminal,
    display: (text) => Effect.sync(() => void process.stderr.write(text))
  }))

/** What is asked about. */
export interface Question {
  /** What will happen, one a line, said in any case. */
  readonly consequences: ReadonlyArray<string>
  /** What it is, after "refusing to": `delete schedule nightly`. */
  readonly action: string
  /** What has to be typed instead of a yes, where a mistake cannot be undone. */
  readonly typed?: string | undefined
}

/**
 * Fails with {@link NotConfirmed} if it was not said beforehand and nobody can be asked: before anything is looked up.
 *
 * @category asking
 * @since 0.1.0
 */
export const demand = Effect.fnUntraced(function*(action: string, isYes: boolean) {
  if (isYes) return
  const { canAsk } = yield* Screen
  if (!canAsk || (yield* Globals.isOn(yield* Globals.NoInput, "PCB_NO_INPUT", "CI"))) {
    return yield* new NotConfirmed({ message: `refusing to ${Format.plain(action)} without --yes` })
  }
})

/**
 * Says what will happen, and asks whether it is to. Fails with {@link NotConfirmed} if it is not, or if nobody can be
 * asked.
 *
 * @category asking
 * @since 0.1.0
 */
export const ask = Effect.fnUntraced(function*({ action, consequences, typed }: Question, isYes: boolean) {
  if (consequences.length > 0) yield* Note.say(...consequences)
  if (isYes) return
  yield* demand(action, isYes)
  const answer = typed === undefined
    ? Prompt.run(Prompt.Confirm({ message: `${capitalized(Format.plain(action))}?` }))
    : Effect.map(
      Prompt.run(Prompt.String({ message: `Type ${Format.plain(typed)} to ${Format.plain(action)}` })),
      (text) => text === typed
    )
  if (!(yield* Effect.provideServiceEffect(answer, Terminal.Terminal, onStandardError))) {
    return yield* new NotConfirmed({ message: `not confirmed: nothing was sent` })
  }
})

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
