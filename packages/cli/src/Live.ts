/**
 * A line that is drawn over and over, on standard error.
 *
 * @since 0.1.0
 */
import * as CliOutput from "effect/cli/CliOutput"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Globals from "./Globals.ts"
import * as Screen from "./Screen.ts"

/** Made when it is needed, since that takes 10 ms. */
let graphemes: Intl.Segmenter | undefined

/**
 * As much of a text as fits some columns. What looks like one character is not cut through, however wide it is.
 *
 * @category formatting
 * @since 0.1.0
 */
export const cut = (text: string, columns: number): string => {
  graphemes ??= new Intl.Segmenter()
  let left = columns
  let end = 0
  for (const { index, segment } of graphemes.segment(text)) {
    left -= CliOutput.displayWidth(segment)
    if (left < 0) break
    end = index + segment.length
  }
  return text.slice(0, end)
}

/**
 * Takes the line away.
 *
 * @category formatting
 * @since 0.1.0
 */
export const clear = "\r\x1b[2K"

/** Cursor off, and on again. */
const cursor = { hide: "\x1b[?25l", show: "\x1b[?25h" } as const

/**
 * The line with a text. The terminal itself keeps it from wrapping if it was made narrower since.
 *
 * @category formatting
 * @since 0.1.0
 */
export const drawn = (text: string): string => `${clear}\x1b[?7l${text}\x1b[?7h`

/**
 * Where to draw; whether anybody sees it changes nothing.
 *
 * @category drawing
 * @since 0.1.0
 */
export const pen = Effect.map(
  Stdio.Stdio,
  (stdio) => (text: string): Effect.Effect<void> =>
    Effect.ignore(Stream.run(Stream.make(text), stdio.stderr({ endOnDone: false })))
)

/**
 * Runs what draws, and leaves neither a line behind nor the cursor hidden.
 *
 * @category drawing
 * @since 0.1.0
 */
export const whileDrawing = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.flatMap(
    pen,
    (draw) => Effect.acquireUseRelease(draw(cursor.hide), () => self, () => draw(`${clear}${cursor.show}`))
  )

/**
 * Whether a line can be drawn over and over: on a terminal that understands it, with nobody's log behind it, and
 * neither results nor requests running through it.
 *
 * @category getters
 * @since 0.1.0
 */
export const canDraw = Effect.fnUntraced(function*(isStream: boolean) {
  const { isErrorTerminal, isTerminal } = yield* Screen.Screen
  const isDumb = Effect.map(
    Config.option(Config.String("TERM")),
    (term) => Option.getOrUndefined(term) === "dumb"
  )
  const isDebugging = Effect.flatMap(Globals.Debug, (debug) => Globals.isOn(debug, "PCB_DEBUG", "PINECONE_DEBUG"))
  return isErrorTerminal && !(isStream && isTerminal) && !(yield* Globals.isCi) && !(yield* isDumb) &&
    !(yield* isDebugging)
})
