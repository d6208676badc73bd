/** What is said of deletions, the same for whatever is deleted. */
import * as Effect from "effect/Effect"
import * as Note from "../output/Note.ts"
import * as PartialFailure from "../output/PartialFailure.ts"
import * as Format from "../terminal/Format.ts"
import * as Screen from "../terminal/Screen.ts"
import * as Symbols from "../terminal/Symbols.ts"

/** What stands above the things that go, one a line. */
export const heading = (isDryRun: boolean): string => isDryRun ? "Would delete for good:" : "To be deleted for good:"

/** The action of a question, and of what is refused: `delete backup before-reindex`, `delete 2 schedules`. */
export const action = (noun: "backup" | "schedule", names: ReadonlyArray<string>): string =>
  names.length === 1 ? `delete ${noun} ${names[0]}` : `delete ${names.length} ${noun}s`

/**
 * Deletes things one after the other, and says of each whether it is. Gives back those that are, and reports the
 * failures of the others.
 */
export const each = Effect.fnUntraced(function*<A, E, R>(
  doomed: ReadonlyArray<A>,
  nameOf: (value: A) => string,
  remove: (value: A) => Effect.Effect<void, E, R>
) {
  const screen = yield* Screen.Screen
  const atOnce = yield* PartialFailure.atOnce
  const say = (sign: "done" | "failed", value: A, what: string) =>
    Note.info(`${Symbols.note(screen, sign)} ${Format.plain(nameOf(value))} ${what}`)
  const [deleted, failures] = yield* Effect.partition(doomed, (value) =>
    remove(value).pipe(
      Effect.andThen(say("done", value, "deleted")),
      // Alone, the error says it.
      Effect.tapError(() => doomed.length === 1 ? Effect.void : say("failed", value, "not deleted")),
      atOnce,
      Effect.as(value)
    ))
  return { deleted, failures }
})
