/** Shows the progress of an audit on standard error: a live line on a terminal, occasional lines elsewhere. */
import type * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Globals from "../input/Globals.ts"
import * as Format from "../terminal/Format.ts"
import * as Live from "../terminal/Live.ts"
import * as Screen from "../terminal/Screen.ts"
import * as Symbols from "../terminal/SymbolsAndColors.ts"
import * as Text from "../terminal/Text.ts"
import * as HealthSummary from "./HealthSummary.ts"

/** Interval between log lines. Shorter audits print none. */
const pause = Duration.seconds(5)

/** Runs an effect that reports its progress, and shows it. */
export const show = Effect.fnUntraced(function*<A, E, R>(
  run: (onProgress: (progress: HealthChecks.Progress) => Effect.Effect<void>) => Effect.Effect<A, E, R>
) {
  let latest: HealthChecks.Progress | undefined
  const self = run((progress) =>
    Effect.sync(() => {
      latest = progress
    })
  )
  if (yield* Globals.Quiet) return yield* self
  const screen = yield* Screen.Screen
  const { errorColumns, isErrorTerminal } = screen
  const isLive = isErrorTerminal && (yield* Live.canDraw)
  const canvas = yield* Live.canvas("stderr")
  const startedAt = yield* Clock.monotonicTimeNanos

  const line = Effect.map(Clock.monotonicTimeNanos, (now) => {
    const looked = latest === undefined
      ? "Listing indexes"
      : `Checked ${Format.count(latest.done)} of ${HealthSummary.indexes(latest.total)}`
    return `${looked}${Symbols.separator(screen)}${Format.elapsed(Duration.nanos(now - startedAt))}`
  })
  const showing = isLive
    ? Effect.repeat(
      Effect.flatMap(line, (text) => canvas.draw(Text.cut(text, errorColumns - 1))),
      Schedule.spaced("100 millis")
    )
    : Effect.forever(Effect.andThen(Effect.sleep(pause), Effect.flatMap(line, Console.error)))
  const both = Effect.raceFirst(self, Effect.andThen(showing, Effect.never))
  return yield* isLive ? canvas.during("erase")(both) : both
})
