/**
 * When things were, as people want to be told.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Format from "./Format.ts"
import * as Globals from "./Globals.ts"

/**
 * What time it is for the service. The demo project has a time of its own.
 *
 * @category services
 * @since 0.1.0
 */
export const Now = Context.Reference<Effect.Effect<DateTime.Utc>>("@pinecone-backups/cli/Time/Now", {
  defaultValue: () => DateTime.now
})

/**
 * What time it is for the service.
 *
 * @category getters
 * @since 0.1.0
 */
export const now = Effect.flatten(Now)

/**
 * How to say when something was: as `--time` asks, else `PCB_TIME`, else as seen from now.
 *
 * @category formatting
 * @since 0.1.0
 */
export const when = Effect.gen(function*() {
  const at = yield* now
  const fromEnvironment = yield* Config.option(Config.Literals(Globals.times, "PCB_TIME"))
  switch (Option.getOrElse(Option.orElse(yield* Globals.Time, () => fromEnvironment), () => "relative" as const)) {
    case "relative":
      return (instant: DateTime.Utc) => Format.relative(instant, at)
    case "local":
      return Format.local
    case "utc":
      return Format.minute
  }
})
