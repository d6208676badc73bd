/** When things were, as people want to be told. */
import type * as Clocks from "@pinecone-backups/core/health/Clocks"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Globals from "../input/Globals.ts"
import * as Format from "../terminal/Format.ts"

/**
 * What time it is for the service, as far as that is known by now: before its first answer it is that of this machine,
 * and where the two contradict each other the later one. The demo project has a time of its own.
 */
export const Now = Context.Reference<Effect.Effect<DateTime.Utc>>("@pinecone-backups/cli/output/Time/Now", {
  defaultValue: () => DateTime.now
})

/** What the clocks of the connection say together, for audits. */
export interface Observed {
  /** `undefined` where there is one clock only. */
  readonly verdict: Effect.Effect<Clocks.Verdict | undefined>
  /** Forgets what they said: each audit stands by itself. */
  readonly forget: Effect.Effect<void>
}

/** What the clocks of the connection say. */
export const Observed = Context.Reference<Observed>("@pinecone-backups/cli/output/Time/Observed", {
  defaultValue: () => ({ verdict: Effect.undefined, forget: Effect.void })
})

/** What time it is for the service. To be asked for after what is seen from then has been answered. */
export const now = Effect.flatten(Now)

/** The earliest and the latest time that any clock shows. */
export interface Range {
  readonly earliest: DateTime.Utc
  readonly latest: DateTime.Utc
}

/**
 * The times that the clocks of this machine and of the service show, as far as answers told. Either may be wrong, so that
 * losses are judged by both. To be asked for after what is judged by them has been answered.
 */
export const range = Effect.flatMap(Observed, ({ verdict }) =>
  Effect.flatMap(verdict, (known) =>
    known === undefined
      ? Effect.map(now, (now): Range => ({ earliest: now, latest: now }))
      : Effect.succeed<Range>({ earliest: known.earliest, latest: known.now })))

/** How a person wants to be told. */
const chosen = Effect.gen(function*() {
  const flag = yield* Globals.Time
  if (Option.isSome(flag)) return flag.value
  return yield* Config.withDefault(Config.Literals(Globals.times, "PCB_TIME"), "relative")
})

/** How to say when something was: as `--time` asks, else `PCB_TIME`, else as seen from now. */
export const when = Effect.gen(function*() {
  const at = yield* now
  const relative = (instant: DateTime.Utc) => Format.relative(instant, at)
  return { relative, local: Format.local, utc: Format.minute }[yield* chosen]
})

/** How to say when something was where there is room for it: never as seen from now. */
export const exactly = Effect.map(chosen, (chosen) => chosen === "local" ? Format.local : Format.minute)
