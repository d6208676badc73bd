/** Flags that several commands share. */
import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

const unitMillis: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The length of time a text says: `90s`, `15m`, `2h`, `7d`. */
export const durationOf = (text: string): Option.Option<Duration.Duration> => {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? []
  const millis = Number(digits) * (unitMillis[unit ?? ""] ?? NaN)
  return millis > 0 ? Option.some(Duration.millis(millis)) : Option.none()
}

/** A length of time as a flag: `90s`, `15m`, `2h`, `7d`. */
export const duration = (name: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("<duration>"),
    Flag.filterMap(
      durationOf,
      () => "Expected a length of time like 90s, 15m or 2h"
    )
  )

/** How often something is looked at again. */
export const isInterval = Flag.filter(
  (interval: Duration.Duration) => Duration.isGreaterThanOrEqualTo(interval, Duration.seconds(1)),
  () => "Expected 1s or more"
)

/** Makes a flag optional, with its description. */
export const optional = (description: string) => <A>(flag: Flag.Flag<A>): Flag.Flag<Option.Option<A>> =>
  Flag.optional(Flag.withDescription(flag, description))

/** A switch, which is off where it is not given. */
export const toggle = (name: string, description: string): Flag.Flag<boolean> =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

/** A flag that may be given again and again, or not at all. */
export const repeated = <A>(flag: Flag.Flag<A>): Flag.Flag<ReadonlyArray<A>> =>
  // Help calls one required that is not optional, although none of it is enough.
  flag.pipe(Flag.atLeast(0), Flag.optional, Flag.map(Option.getOrElse((): ReadonlyArray<A> => [])))

/** A number of things, of which there is one at least. */
export const count = (name: string) =>
  Flag.Int(name).pipe(Flag.filter((count) => count >= 1, (count) => `Expected 1 or more, got ${count}`))

/** How many rows to print, at most. */
export const limit = count("limit").pipe(Flag.withAlias("n"))

/** How many rows a table has where nobody says how many. */
export const rowsInTable = 30

/** The flag of every command that writes. */
export const dryRun = toggle("dry-run", "Say what would be done, and do nothing")

/** The flag of every command that asks. */
export const yes = toggle("yes", "Do not ask").pipe(Flag.withAlias("y"))

/** What `--yes` alone does not allow. */
export const allowLastCopy = toggle("allow-last-copy", "With --yes: even if an index loses its last good backup")

/** Whether to wait for the end. */
export const wait = toggle("wait", "Wait until it is ready; Ctrl-C ends the waiting and nothing else")

/** How long a wait takes at most where nobody says how long, in hours. */
const waitHours = 6

/** How long to wait. */
export const timeout = duration("timeout").pipe(optional(`How long to wait at most [${waitHours}h]`))

/** Fails where it is said how long to wait, and not that it is to be waited. */
export const checkTimeout = (
  input: { readonly wait: boolean; readonly timeout: Option.Option<Duration.Duration> }
): Effect.Effect<void, CliError.CliError> =>
  Option.isSome(input.timeout) && !input.wait
    ? Effect.fail(new CliError.ValidationError({ message: "--timeout says how long to wait: it needs --wait" }))
    : Effect.void

/**
 * What a text says in ISO 8601: a day, or an instant, of UTC where it names no zone. Nothing else is one, such as
 * 31 November, which would be the first of December.
 */
export const instantOf = (text: string): Option.Option<DateTime.Utc> => {
  const [, day, time = ""] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?))?$/.exec(text) ?? []
  return day === undefined || !Option.exists(DateTime.make(day), (begin) => DateTime.formatIsoDateUtc(begin) === day)
    ? Option.none()
    : Option.map(DateTime.make(time === "" ? day : `${day}T${time}`), DateTime.toUtc)
}

/** A time as seen from now. */
export type SeenFrom = (now: DateTime.Utc) => DateTime.Utc

/** Since when, as seen from now: a length of time before, a day, or an instant. */
export const since = Flag.String("since").pipe(
  Flag.withMetavar("<time>"),
  Flag.withDescription("Only since then: 7d, 12h, 2026-11-20 or 2026-11-20T18:00:00Z"),
  Flag.filterMap(
    (text): Option.Option<SeenFrom> =>
      Option.orElse(
        Option.map(durationOf(text), (ago) => DateTime.subtractDuration(ago)),
        () => Option.map(instantOf(text), (instant) => () => instant)
      ),
    () => "Expected a length of time like 7d, or a date like 2026-11-20"
  )
)
