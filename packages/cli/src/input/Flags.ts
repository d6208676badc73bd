/** Flags shared by several commands. */
import * as IndexRules from "@pinecone-backups/core/IndexRules"
import * as CliError from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

const unitMillis: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Parses a duration: `90s`, `15m`, `2h`, `7d`. */
export const durationOf = (text: string): Option.Option<Duration.Duration> => {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? []
  const millis = Number(digits) * (unitMillis[unit ?? ""] ?? NaN)
  return millis > 0 ? Option.some(Duration.millis(millis)) : Option.none()
}

/** A duration flag: `90s`, `15m`, `2h`, `7d`. */
export const duration = (name: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("<duration>"),
    Flag.filterMap(
      durationOf,
      () => "Expected a duration such as 90s, 15m or 2h"
    )
  )

/** Restricts a duration flag to at least one second. */
export const isInterval = Flag.filter(
  (interval: Duration.Duration) => Duration.isGreaterThanOrEqualTo(interval, Duration.seconds(1)),
  () => "Expected 1s or more"
)

/** A non-empty string: an empty string comes from an unset shell variable. */
export const text = (name: string, metavar: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar(metavar),
    Flag.filter((value) => value !== "", () => "Expected a value, got an empty string")
  )

/** The name of a new index. */
export const newIndex = (name: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("<new-index>"),
    Flag.filter(
      (name) => IndexRules.wrongName(name) === undefined,
      (name) => `Expected ${IndexRules.wrongName(name)?.replace("must be ", "")}`
    )
  )

/** Makes a flag optional, with its description. */
export const optional = (description: string) => <A>(flag: Flag.Flag<A>): Flag.Flag<Option.Option<A>> =>
  Flag.optional(Flag.withDescription(flag, description))

/** A Boolean flag. Defaults to `false`. */
export const toggle = (name: string, description: string): Flag.Flag<boolean> =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

/** A repeatable, optional flag. */
export const repeated = <A>(flag: Flag.Flag<A>): Flag.Flag<ReadonlyArray<A>> =>
  // Without `Flag.optional`, help would call the flag required.
  flag.pipe(Flag.atLeast(0), Flag.optional, Flag.map(Option.getOrElse((): ReadonlyArray<A> => [])))

/** A positive integer flag. */
export const count = (name: string) =>
  Flag.Int(name).pipe(Flag.filter((count) => count >= 1, (count) => `Expected 1 or more, got ${count}`))

/** `--limit` */
export const limit = count("limit").pipe(Flag.withAlias("n"))

/** Default number of rows in a table. */
export const rowsInTable = 30

/** `--dry-run` */
export const dryRun = toggle("dry-run", "Print the planned change without applying it")

/** A duration, or `0`, which parses to `undefined`. */
export const durationOrZero = (name: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("<duration|0>"),
    Flag.filterMap(
      (text) => text === "0" ? Option.some(undefined) : durationOf(text),
      () => "Expected a duration such as 5m, or 0"
    )
  )

/** `--yes` */
export const yes = toggle("yes", "Skip confirmation").pipe(Flag.withAlias("y"))

/** `--allow-last-copy` */
export const allowLastCopy = toggle(
  "allow-last-copy",
  "With --yes, proceed even if an index loses its last good backup"
)

/** `--wait` */
export const wait = toggle("wait", "Wait until ready; Ctrl-C stops waiting but not the operation")

/** Default of `--timeout`, in hours. */
const waitHours = 6

/** `--timeout` */
export const timeout = duration("timeout").pipe(optional(`Maximum time to wait [${waitHours}h]`))

/** Fails if `--timeout` is given without `--wait`. */
export const checkTimeout = (
  input: { readonly wait: boolean; readonly timeout: Option.Option<Duration.Duration> }
): Effect.Effect<void, CliError.CliError> =>
  Option.isSome(input.timeout) && !input.wait
    ? Effect.fail(new CliError.ValidationError({ message: "--timeout requires --wait" }))
    : Effect.void

/** Fails if the tags of a new index are invalid. A filter of the flag could not show them. */
export const checkTags = (
  tags: Option.Option<Readonly<Record<string, string>>>
): Effect.Effect<void, CliError.CliError> => {
  const wrong = Option.isSome(tags) ? IndexRules.wrongTags(tags.value) : undefined
  return wrong === undefined ? Effect.void : Effect.fail(new CliError.ValidationError({ message: `--tag: ${wrong}` }))
}

/**
 * Parses an ISO 8601 date or instant, in UTC by default. Rejects impossible dates such as 31 November, which `Date`
 * would read as 1 December.
 */
const instantOf = (text: string): Option.Option<DateTime.Utc> => {
  const [, day, time = ""] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?))?$/.exec(text) ?? []
  return day === undefined || !Option.exists(DateTime.make(day), (begin) => DateTime.formatIsoDateUtc(begin) === day)
    ? Option.none()
    : Option.map(DateTime.make(time === "" ? day : `${day}T${time}`), DateTime.toUtc)
}

/** A time relative to now. */
export type SeenFrom = (now: DateTime.Utc) => DateTime.Utc

/** `--since`: a duration before now, a date, or an instant. */
export const since = Flag.String("since").pipe(
  Flag.withMetavar("<time>"),
  Flag.withDescription("Only show backups taken since this time: 7d, 12h, 2026-11-20 or 2026-11-20T18:00:00Z"),
  Flag.filterMap(
    (text): Option.Option<SeenFrom> =>
      Option.orElse(
        Option.map(durationOf(text), (ago) => DateTime.subtractDuration(ago)),
        () => Option.map(instantOf(text), (instant) => () => instant)
      ),
    () => "Expected a duration such as 7d, or a date such as 2026-11-20"
  )
)

/** Parses a date, as the end of that day, or an instant. */
export const untilOf = (text: string): Option.Option<DateTime.Utc> =>
  Option.map(instantOf(text), (instant) => text.includes(":") ? instant : DateTime.endOf(instant, "day"))

/** `--every` */
export const every = Flag.Literals("every", ["daily", "weekly", "monthly"]).pipe(
  Flag.withDescription("Frequency (the service chooses the time of day)")
)

/** `--keep`: `30`, or `30d` as printed in lists. */
export const keep = Flag.String("keep").pipe(
  Flag.withMetavar("<days>"),
  Flag.filterMap(
    (text) => {
      const days = Number(/^(\d{1,4})d?$/.exec(text)?.[1])
      return days >= 1 ? Option.some(days) : Option.none()
    },
    () => "Expected a number of days such as 30, minimum 1"
  ),
  Flag.withDescription("Retention: number of days to keep each backup")
)
