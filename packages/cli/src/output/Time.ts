/** The current time of the service, and the display of times. */
import type * as Clocks from "@pinecone-backups/core/health/Clocks"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Globals from "../input/Globals.ts"
import * as Format from "../terminal/Format.ts"

/**
 * The current time of the service. Before its first response, the time of this machine; if the clocks contradict each
 * other, the later one. The demo project has its own clock.
 */
export const Now = Context.Reference<Effect.Effect<DateTime.Utc>>("@pinecone-backups/cli/output/Time/Now", {
  defaultValue: () => DateTime.now
})

/** The observed clocks of the connection, for audits. */
export interface Observed {
  /** `undefined` if there is only one clock. */
  readonly verdict: Effect.Effect<Clocks.Verdict | undefined>
  /** Clears the observations, because each audit is independent. */
  readonly forget: Effect.Effect<void>
}

/** The observed clocks of the connection. */
export const Observed = Context.Reference<Observed>("@pinecone-backups/cli/output/Time/Observed", {
  defaultValue: () => ({ verdict: Effect.undefined, forget: Effect.void })
})

/** The current time of the service. Read the time after receiving the responses to compare it with. */
export const now = Effect.flatten(Now)

/** The earliest and latest time of all clocks. */
export interface Range {
  readonly earliest: DateTime.Utc
  readonly latest: DateTime.Utc
}

/**
 * The times of this machine's and the service's clock. Either may be wrong, so both are used to judge losses. Read the
 * time after receiving the responses to compare it with.
 */
export const range = Effect.flatMap(Observed, ({ verdict }) =>
  Effect.flatMap(verdict, (known) =>
    known === undefined
      ? Effect.map(now, (now): Range => ({ earliest: now, latest: now }))
      : Effect.succeed<Range>({ earliest: known.earliest, latest: known.now })))

/** The time format: `--time`, else `PCB_TIME`, else relative. */
const chosen = Effect.gen(function*() {
  const flag = yield* Globals.Time
  if (Option.isSome(flag)) return flag.value
  return yield* Config.withDefault(Config.Literals(Globals.times, "PCB_TIME"), "relative")
})

/** Formats a time in the chosen format. */
export const when = Effect.gen(function*() {
  const at = yield* now
  const relative = (instant: DateTime.Utc) => Format.relative(instant, at)
  return { relative, local: Format.local, utc: Format.minute }[yield* chosen]
})

/** Formats a time exactly, never relative. */
export const exactly = Effect.map(chosen, (chosen) => chosen === "local" ? Format.local : Format.minute)
