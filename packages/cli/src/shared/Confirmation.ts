/** Asks for confirmation before a destructive operation, and reads the confirmation flags. */
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import * as Prompt from "effect/cli/Prompt"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Terminal from "effect/Terminal"
import * as Globals from "../input/Globals.ts"
import { CliFailure } from "../output/CliFailure.ts"
import * as ExitCode from "../output/ExitCode.ts"
import * as Note from "../output/Note.ts"
import * as Format from "../terminal/Format.ts"
import { Screen } from "../terminal/Screen.ts"

/** The user did not confirm. Nothing was sent. */
const notConfirmed = (message: string, hint?: string) =>
  new CliFailure({ code: "NOT_CONFIRMED", message, hint, exitCode: ExitCode.notConfirmed })

/**
 * The theme of prompts, with the symbols and colors of notes. The tick stays a question mark, because the answer may be
 * "no".
 */
const theme = Effect.map(Screen, ({ errorStyle, isUnicode }) => {
  const usual = Prompt.makeTheme({ colors: errorStyle("bold", "") !== "" })
  return {
    ...usual,
    tick: usual.prefix,
    successColor: usual.primaryColor,
    ...(isUnicode ? {} : { pointerSmall: ">", ellipsis: "..." })
  }
})

/** The terminal for prompts. Defaults to the terminal of the process, with output on standard error. */
export const Keyboard = Context.Reference<Effect.Effect<Terminal.Terminal, never, Scope.Scope>>(
  "@pinecone-backups/cli/shared/Confirmation/Keyboard",
  {
    defaultValue: () =>
      Effect.map(NodeTerminal.make(), (terminal) =>
        Terminal.make({
          ...terminal,
          display: (text) => Effect.sync(() => void process.stderr.write(text))
        }))
  }
)

/** Prompts use the width of standard error, because standard output may be a file. */
const terminal = Effect.gen(function*() {
  const terminal = yield* Effect.flatten(Keyboard)
  const { errorColumns } = yield* Screen
  return Terminal.make({ ...terminal, columns: Effect.succeed(errorColumns) })
})

/** Runs a prompt on standard error. */
export const prompt = <A>(question: Prompt.Prompt<A>) =>
  Prompt.run(question).pipe(
    Effect.provideServiceEffect(Terminal.Terminal, terminal),
    Effect.provideServiceEffect(Prompt.Theme, theme),
    Effect.scoped
  )

/** The action to confirm, and the ways to confirm it. */
export interface Subject {
  /** The action, as in "refusing to": `delete schedule nightly`. */
  readonly action: string
  /** The text to type instead of "yes", for actions that cannot be undone. */
  readonly typed?: string | undefined
  /** The flags that give the confirmation. @default "--yes" */
  readonly flags?: string | undefined
}

/** A confirmation prompt. */
export interface Question extends Subject {
  /** The consequences, one per line, always printed. */
  readonly consequences: ReadonlyArray<string>
}

/** `true` if prompting is unavailable or disabled. */
const isUnattended = Effect.gen(function*() {
  const { canAsk } = yield* Screen
  return !canAsk || (yield* Globals.isOn(yield* Globals.NoInput, "PCB_NO_INPUT")) || (yield* Globals.isCi)
})

/**
 * Fails if confirmation is missing and prompting is not possible. Call it before looking anything up for the prompt.
 * `action` is as in {@link Question}.
 */
export const demand = Effect.fnUntraced(function*(action: string, isYes: boolean, flags = "--yes") {
  if (isYes || !(yield* isUnattended)) return
  return yield* notConfirmed(
    `Refusing to ${action} without ${flags}`,
    `preview with --dry-run, then rerun with ${flags}`
  )
})

/**
 * Looks up the subject of a confirmation. If the lookup fails and the prompt could not be shown anyway, fails like
 * {@link demand}.
 */
export const lookFor = (action: string, isYes: boolean) => <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.tapError(self, () => demand(action, isYes))

/**
 * Prints the consequences and asks for confirmation. Fails if it is declined or prompting is not possible. Ctrl-C ends
 * the program.
 */
export const ask = Effect.fnUntraced(function*({ action, consequences, flags, typed }: Question, isYes: boolean) {
  if (consequences.length > 0) {
    // Without --yes, print the consequences even with --quiet.
    yield* isYes ? Note.info(...consequences) : Note.always(...consequences)
  }
  if (isYes) return
  yield* demand(action, isYes, flags)
  const message = typed === undefined
    ? `${capitalized(Format.plain(action))}? (y/N)`
    : `Type ${Format.plain(typed)} to ${Format.plain(action)}`
  const answer = yield* prompt(Prompt.String({ message })).pipe(
    Effect.catchTag("QuitError", () => Effect.andThen(Console.error("\nNothing was sent."), Effect.interrupt))
  )
  if (!isConfirmation(answer.trim(), typed)) return yield* notConfirmed("Not confirmed; nothing was sent")
})

/**
 * Returns `true` if the answer is a confirmation. Reads a whole line, because Effect's `Prompt.Confirm` accepts single
 * keys, so "abort" or "wait" could confirm. An empty name cannot be confirmed.
 */
const isConfirmation = (answer: string, typed: string | undefined): boolean =>
  answer !== "" && (typed === undefined ? /^(y|yes)$/i.test(answer) : answer === typed)

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
