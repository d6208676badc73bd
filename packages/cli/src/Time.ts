/**
 * When things were, as people want to be told.
 *
 * @since 0.1.0
 */
import * as Flag from "effect/cli/Flag"
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

/** How a person wants to be told. */
const chosen = Effect.gen(function*() {
  const flag = yield* Globals.Time
  const asked = Option.isSome(flag) ? flag : yield* Config.option(Config.Literals(Globals.times, "PCB_TIME"))
  return Option.getOrElse(asked, () => "relative" as const)
})

/**
 * How to say when something was: as `--time` asks, else `PCB_TIME`, else as seen from now.
 *
 * @category formatting
 * @since 0.1.0
 */
export const when = Effect.gen(function*() {
  const at = yield* now
  switch (yield* chosen) {
    case "relative":
      return (instant: DateTime.Utc) => Format.relative(instant, at)
    case "local":
      return Format.local
    case "utc":
      return Format.minute
  }
})

/**
 * How to say when something was where there is room for it: never as seen from now.
 *
 * @category formatting
 * @since 0.1.0
 */
export const exactly = Effect.map(chosen, (chosen) => chosen === "local" ? Format.local : Format.minute)

/**
 * What a text says in ISO 8601: a day, or an instant, of UTC where it names no zone. Nothing else is one, such as
 * 31 November, which would be the first of December.
 *
 * @category parsing
 * @since 0.1.0
 */
export const instantOf = (text: string): Option.Option<DateTime.Utc> => {
  const [, day, time = ""] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?))?$/.exec(text) ?? []
  return day === undefined || !Option.exists(DateTime.make(day), (begin) => DateTime.formatIsoDateUtc(begin) === day)
    ? Option.none()
    : Option.map(DateTime.make(time === "" ? day : `${day}T${time}`), DateTime.toUtc)
}

/**
 * Since when: a length of time before now, a day, or an instant.
 *
 * @category flags
 * @since 0.1.0
 */
export const since = Flag.String("since").pipe(
  Flag.withMetavar("<time>"),
  Flag.withDescription("Only since then: 7d, 12h, 2026-11-20 or 2026-11-20T18:00:00Z"),
  Flag.filterMap(
    (text): Option.Option<Effect.Effect<DateTime.Utc>> =>
      Option.orElse(
        Option.map(Globals.durationOf(text), (ago) => Effect.map(now, (now) => DateTime.subtractDuration(now, ago))),
        () => Option.map(instantOf(text), Effect.succeed)
      ),
    (text) => `Expected a length of time like 7d, or a date like 2026-11-20, got "${text}"`
  ),
  Flag.optional
)
