/** Output of a wait: a live line on a terminal, otherwise lines from time to time, or JSON objects for programs. */
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Globals from "../input/Globals.ts"
import * as Output from "../output/Output.ts"
import * as Live from "../terminal/Live.ts"
import * as Screen from "../terminal/Screen.ts"

/** Interval of log lines without a live line. */
const heartbeat = Duration.seconds(60)

/** Prepares the output of a wait that starts now. */
export const make = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const { errorColumns, isErrorTerminal, isTerminal } = screen
  const isQuiet = yield* Globals.Quiet
  const isStream = (yield* Output.chosenFormat) === "ndjson"
  // A live line must not mix with results on the same terminal.
  const isLive = isErrorTerminal && !isQuiet && !(isStream && isTerminal) && (yield* Live.canDraw)
  const canvas = yield* Live.canvas("stderr")
  const printLine = yield* Output.printer
  const startedAt = yield* Clock.monotonicTimeNanos
  let frame = 0

  return {
    screen,
    isQuiet,
    isStream,
    isLive,
    /** Prints a line of a stream on standard output. */
    printLine,
    sinceStart: Effect.map(Clock.monotonicTimeNanos, (now) => Duration.nanos(now - startedAt)),
    /** Prints a permanent line above a live line. */
    say: (text: string) =>
      isQuiet ? Effect.void : Effect.andThen(isLive ? canvas.erase : Effect.void, Console.error(text)),
    /** Draws the live line, or calls `remind` once a minute if no line is live, while an effect runs. */
    during: <E, R, E2, R2>(
      line: (size: { readonly columns: number; readonly frame: number }) => Effect.Effect<string, E, R>,
      remind: Effect.Effect<unknown, E2, R2>
    ) =>
    <A, E3, R3>(waiting: Effect.Effect<A, E3, R3>) => {
      const redraw = Effect.flatMap(
        Effect.suspend(() => line({ columns: errorColumns, frame: frame++ })),
        canvas.draw
      )
      const animation: Effect.Effect<unknown, E | E2, R | R2> = isLive
        ? Effect.repeat(redraw, Schedule.spaced("100 millis"))
        : Effect.forever(Effect.andThen(Effect.sleep(heartbeat), remind))
      const animated = Effect.raceFirst(waiting, Effect.andThen(animation, Effect.never))
      return isLive ? canvas.during("erase")(animated) : animated
    }
  }
})
