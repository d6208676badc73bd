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

/** Receives the progress of an audit. */
export type OnProgress = (progress: HealthChecks.Progress) => Effect.Effect<void>

/**
 * Runs an effect that reports the progress of several audits, and shows the total. The facts are printed after it.
 */
export const showSeveral = Effect.fnUntraced(function*<A, E, R>(
  facts: ReadonlyArray<string>,
  run: (onProgressOf: () => OnProgress) => Effect.Effect<A, E, R>
) {
  const latest = new Map<OnProgress, HealthChecks.Progress>()
  const self = run(() => {
    const onProgress: OnProgress = (progress) => Effect.sync(() => void latest.set(onProgress, progress))
    return onProgress
  })
  if (yield* Globals.Quiet) return yield* self
  const screen = yield* Screen.Screen
  const { errorColumns, isErrorTerminal } = screen
  const isLive = isErrorTerminal && (yield* Live.canDraw)
  const canvas = yield* Live.canvas("stderr")
  const startedAt = yield* Clock.monotonicTimeNanos

  const line = Effect.map(Clock.monotonicTimeNanos, (now) => {
    const [done, total] = [...latest.values()].reduce(
      ([done, total], progress) => [done + progress.done, total + progress.total],
      [0, 0]
    )
    const looked = latest.size === 0
      ? "Listing indexes"
      : `Checked ${Format.count(done)} of ${HealthSummary.indexes(total)}`
    return [looked, ...facts, Format.elapsed(Duration.nanos(now - startedAt))].join(Symbols.separator(screen))
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

/** Runs an effect that reports its progress, and shows it. */
export const show = <A, E, R>(run: (onProgress: OnProgress) => Effect.Effect<A, E, R>) =>
  showSeveral([], (onProgressOf) => run(onProgressOf()))
