/**
 * What a team wants of its backups: how old they may be, how often they are made, how long they are kept. A value, or a
 * file in JSON or YAML.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Struct from "effect/Struct"
import * as BackupSchedule from "../BackupSchedule.ts"
import * as Timestamp from "../internal/codec/timestamp.ts"
import { HealthCheck } from "./HealthCheck.ts"

/** A text that is read by a function, which is `undefined` of what cannot be read. */
const textOf = <A>(
  to: Schema.Codec<A>,
  expected: string,
  { read, write }: { readonly read: (text: string) => A | undefined; readonly write: (value: A) => string }
): Schema.Codec<A, string> => {
  const message = `must be ${expected}`
  return Schema.String.annotate({ message }).check(Schema.makeFilter((text) => read(text) !== undefined || message))
    .pipe(
      Schema.decodeTo(
        to,
        // What cannot be read was refused before.
        SchemaTransformation.transform({ decode: (text) => read(text) as A, encode: write })
      )
    )
}

const unitHours: Readonly<Record<string, number>> = { m: 1 / 60, h: 1, d: 24, w: 168 }

const readPeriod = (text: string): Duration.Duration | undefined => {
  const [, digits, unit] = /^(\d{1,6})(m|h|d|w)$/.exec(text) ?? []
  const period = unit === undefined
    ? Option.getOrUndefined(Duration.fromInput(text as Duration.Input))
    : Duration.hours(Number(digits) * (unitHours[unit] ?? 0))
  return period !== undefined && Duration.isPositive(period) && Duration.isFinite(period) ? period : undefined
}

const writePeriod = (period: Duration.Duration): string => {
  const text = `${Duration.toHours(period)}h`
  return readPeriod(text) === undefined ? `${Duration.toMillis(period)} millis` : text
}

/**
 * Schema for a length of time: `26h`, `7d`, `4w`, `90m`, or as Effect writes it, `"26 hours"`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Period: Schema.Codec<Duration.Duration, string> = textOf(
  Schema.Duration,
  "a length of time such as 26h, 7d or 4w",
  { read: readPeriod, write: writePeriod }
)

/** A day until its end, or an instant. */
const readUntil = (text: string): DateTime.Utc | undefined => {
  if (text.length > 10) return Timestamp.parse(text)
  const day = Timestamp.parse(`${text}T00:00:00Z`)
  return day && DateTime.endOf(day, "day")
}

const Until = textOf(Schema.DateTimeUtc, "a day such as 2027-01-31, or an instant", {
  read: readUntil,
  write: DateTime.formatIso
})

const Fraction = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

const Share = Schema.Union([
  Fraction,
  textOf(Fraction, "a share such as 50%", {
    read: (text) => {
      const share = Number(/^(\d{1,3})%$/.exec(text)?.[1] ?? NaN) / 100
      return share <= 1 ? share : undefined
    },
    write: (share) => `${Math.round(share * 100)}%`
  })
])

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

/**
 * Schema for a check that is not to be reported for a while.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Exception = Schema.Struct({
  /** The check, or `"*"` for all of them. */
  check: Schema.Union([HealthCheck, Schema.Literal("*")]),
  /** Why, for whoever reads it a year from now. */
  reason: Schema.NonEmptyString,
  /** Until when. A day is meant until its end, in UTC. */
  until: Until
})

/**
 * A check that is not to be reported for a while.
 *
 * @category models
 * @since 0.1.0
 */
export interface Exception extends Schema.Schema.Type<typeof Exception> {}

/**
 * Schema for what is wanted of the backups of an index.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Requirements = Schema.Struct({
  /**
   * How old the newest usable backup may be: the recovery point objective. Left out, as its schedule allows: 26 hours
   * for one that runs daily, 7 days and 6 hours weekly, a month and a day monthly.
   */
  rpo: Schema.optionalKey(Period),
  /** How often its schedule must run. */
  minFrequency: Schema.optionalKey(BackupSchedule.Frequency),
  /** For how many days its schedule must keep a backup. */
  minRetentionDays: Schema.optionalKey(Count),
  /** How many usable backups there must be. */
  minCopies: Schema.optionalKey(Count),
  /** By which share a backup may be smaller than the median of those before it: `0.3`, or `30%`. @default 0.5 */
  maxShrink: Schema.optionalKey(Share),
  /** Within what time a restore of it must have been completed. Left out, 90 days, and not worth a warning. */
  restoreTestedWithin: Schema.optionalKey(Period),
  /** Whether it must be protected from being deleted. Without it, an index that is not is a notice. @default false */
  requireDeletionProtection: Schema.optionalKey(Schema.Boolean),
  /** How long a backup or a restore may take. @default 6 hours */
  maxDuration: Schema.optionalKey(Period),
  /** What is not to be reported. */
  ignore: Schema.optionalKey(Schema.Array(Exception))
})

/**
 * What is wanted of the backups of an index.
 *
 * @category models
 * @since 0.1.0
 */
export interface Requirements extends Schema.Schema.Type<typeof Requirements> {}

/**
 * Schema for a rule: what is wanted of some indexes.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Rule = Schema.Struct({
  /** The name of an index, or a pattern: in `prod-*`, the star stands for any characters. */
  index: Schema.NonEmptyString,
  ...Requirements.fields
})

/**
 * A rule: what is wanted of some indexes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rule extends Schema.Schema.Type<typeof Rule> {}

/**
 * Schema for a policy.
 *
 * @category schemas
 * @since 0.1.0
 */
export const BackupPolicy = Schema.Struct({
  /** Of this form. */
  version: Schema.optionalKey(Schema.Literal(1)),
  /** How many backups the project may have. Left out, 500, or 1,000 if there are more: what the plans allow. */
  backupQuota: Schema.optionalKey(Count),
  /** What is wanted of every index. Its exceptions are those of the project as well. */
  defaults: Schema.optionalKey(Requirements),
  /** What is wanted of some indexes. Of two rules that fit an index, the later one goes before the earlier one. */
  rules: Schema.optionalKey(Schema.Array(Rule))
})

/**
 * A policy.
 *
 * @category models
 * @since 0.1.0
 */
export interface BackupPolicy extends Schema.Schema.Type<typeof BackupPolicy> {}

/**
 * The policy that asks for nothing but what the schedules promise.
 *
 * @category constructors
 * @since 0.1.0
 */
export const empty: BackupPolicy = {}

/**
 * The share of the quota of backups from which on its use is a warning.
 *
 * @category models
 * @since 0.1.0
 */
export const quotaWarningShare = 0.9

/**
 * Reads a policy from what a JSON or YAML file holds. Fails with every mistake and where it is; a key that nobody
 * knows is one.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode: (json: unknown) => Effect.Effect<BackupPolicy, Schema.SchemaError> = /* @__PURE__ */ Schema
  .decodeUnknownEffect(BackupPolicy, { errors: "all", onExcessProperty: "error" })

/**
 * Whether the name of an index is one that a pattern stands for.
 *
 * @category guards
 * @since 0.1.0
 */
export const matches = (pattern: string, indexName: string): boolean => {
  // Each part in turn where it comes first: a pattern of many stars is no work.
  const [first = "", ...parts] = pattern.split("*")
  const last = parts.pop()
  if (last === undefined) return pattern === indexName
  if (!indexName.startsWith(first) || indexName.length < first.length + last.length) return false
  let from = first.length
  for (const part of parts) {
    const at = indexName.indexOf(part, from)
    if (at === -1) return false
    from = at + part.length
  }
  return indexName.length - last.length >= from && indexName.endsWith(last)
}

/**
 * What a policy wants of an index: its defaults, and what the rules that fit the name say instead. Exceptions add up.
 *
 * @category getters
 * @since 0.1.0
 */
export const requirementsOf = (policy: BackupPolicy, indexName: string): Requirements => {
  const fitting = (policy.rules ?? []).filter(({ index }) => matches(index, indexName))
  const all: ReadonlyArray<Requirements> = [policy.defaults ?? {}, ...fitting.map(Struct.omit(["index"]))]
  return { ...all.reduce(Struct.assign), ignore: all.flatMap(({ ignore = [] }) => ignore) }
}

/**
 * The names of indexes that a policy has rules for, without patterns.
 *
 * @category getters
 * @since 0.1.0
 */
export const namesOf = (policy: BackupPolicy): ReadonlyArray<string> => [
  ...new Set((policy.rules ?? []).map(({ index }) => index).filter((index) => !index.includes("*")))
]
