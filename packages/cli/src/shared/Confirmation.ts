/** The question before something is lost, and the ways to answer it beforehand. */
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

/** Nobody said yes. Nothing was sent. */
const notConfirmed = (message: string, hint?: string) =>
  new CliFailure({ code: "NOT_CONFIRMED", message, hint, exitCode: ExitCode.notConfirmed })

/** Questions have the symbols and the colours of notes. One that was answered is still one: the answer may be no. */
const theme = Effect.map(Screen, ({ errorStyle, isUnicode }) => {
  const usual = Prompt.makeTheme({ colors: errorStyle("bold", "") !== "" })
  return {
    ...usual,
    tick: usual.prefix,
    successColor: usual.primaryColor,
    ...(isUnicode ? {} : { pointerSmall: ">", ellipsis: "..." })
  }
})

/** The terminal that questions are put on: by default that of the process, with its standard error. */
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

/** Questions are as wide as standard error: standard output may be a file. */
const terminal = Effect.gen(function*() {
  const terminal = yield* Effect.flatten(Keyboard)
  const { errorColumns } = yield* Screen
  return Terminal.make({ ...terminal, columns: Effect.succeed(errorColumns) })
})

/** Puts a question, on standard error. */
export const prompt = <A>(question: Prompt.Prompt<A>) =>
  Prompt.run(question).pipe(
    Effect.provideServiceEffect(Terminal.Terminal, terminal),
    Effect.provideServiceEffect(Prompt.Theme, theme),
    Effect.scoped
  )

/** What a question is about, and how it is answered. */
export interface Subject {
  /** What it is, after "refusing to": `delete schedule nightly`. */
  readonly action: string
  /** What has to be typed instead of a yes, where a mistake cannot be undone. */
  readonly typed?: string | undefined
  /** The flags that answer it beforehand. @default "--yes" */
  readonly flags?: string | undefined
}

/** What is asked about. */
export interface Question extends Subject {
  /** What will happen, one a line, said in any case. */
  readonly consequences: ReadonlyArray<string>
}

/** Whether nobody can be asked, or wants to be. */
const isUnattended = Effect.gen(function*() {
  const { canAsk } = yield* Screen
  return !canAsk || (yield* Globals.isOn(yield* Globals.NoInput, "PCB_NO_INPUT")) || (yield* Globals.isCi)
})

/**
 * Fails where nobody has said yes and nobody can be asked: before anything is looked up for a
 * question that will not be put. `action` is as in a {@link Question}.
 */
export const demand = Effect.fnUntraced(function*(action: string, isYes: boolean, flags = "--yes") {
  if (isYes || !(yield* isUnattended)) return
  return yield* notConfirmed(
    `refusing to ${action} without ${flags}`,
    `look at what it would do with --dry-run, then add ${flags}`
  )
})

/**
 * Looks up what a question is about. Fails as {@link demand} does where that cannot be found out and the question would not
 * be put: without a yes, the outcome depends on nothing else.
 */
export const lookFor = (action: string, isYes: boolean) => <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.tapError(self, () => demand(action, isYes))

/**
 * Says what will happen, and asks whether it is to. Fails if it is not, or if nobody can be
 * asked. Ctrl-C is no answer: it ends the program.
 */
export const ask = Effect.fnUntraced(function*({ action, consequences, flags, typed }: Question, isYes: boolean) {
  if (consequences.length > 0) {
    // Whoever is asked, or would have been, must see it, however quiet it is to be.
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
  if (!isConfirmation(answer.trim(), typed)) return yield* notConfirmed("not confirmed: nothing was sent")
})

/**
 * Whether an answer confirms: a whole line, since effect's `Prompt.Confirm` takes the single key `t` for a yes, so that
 * "abort" or "wait" would confirm. An empty name cannot be confirmed.
 */
const isConfirmation = (answer: string, typed: string | undefined): boolean =>
  answer !== "" && (typed === undefined ? /^(y|yes)$/i.test(answer) : answer === typed)

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
