/**
 * Backup policies: the requirements of a team for the age, frequency, retention and number of its backups. A policy is a
 * value, or a JSON or YAML file.
 *
 * **Example** (Decoding a policy file)
 *
 * ```ts
 * import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
 * import * as Duration from "effect/Duration"
 * import * as Effect from "effect/Effect"
 *
 * const file = JSON.parse(`{
 *   "defaults": { "rpo": "26h" },
 *   "rules": [{ "index": "prod-*", "minCopies": 7 }]
 * }`)
 * const policy = await Effect.runPromise(BackupPolicy.decode(file))
 * const { minCopies, rpo } = BackupPolicy.requirementsOf(policy, "prod-docs")
 *
 * console.log(minCopies) // => 7
 * console.log(rpo && Duration.toHours(rpo)) // => 26
 * ```
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

/** Schema for a string that `read` parses. `read` returns `undefined` for an invalid string. */
const parsedString = <A>(
  to: Schema.Codec<A>,
  expected: string,
  { read, write }: { readonly read: (text: string) => A | undefined; readonly write: (value: A) => string }
): Schema.Codec<A, string> => {
  const message = `must be ${expected}`
  return Schema.String.annotate({ message }).check(Schema.makeFilter((text) => read(text) !== undefined || message))
    .pipe(
      Schema.decodeTo(
        to,
        // The filter has rejected invalid strings.
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
 * Schema for a positive duration, such as `26h`, `7d`, `4w` or `90m`, or in Effect's form, such as `26 hours`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Period: Schema.Codec<Duration.Duration, string> = parsedString(
  Schema.Duration,
  "a duration such as 26h, 7d or 4w",
  { read: readPeriod, write: writePeriod }
)

/** Parses an instant, or a day as the end of that day. */
const readUntil = (text: string): DateTime.Utc | undefined => {
  if (text.length > 10) return Timestamp.parse(text)
  const day = Timestamp.parse(`${text}T00:00:00Z`)
  return day && DateTime.endOf(day, "day")
}

const Until = parsedString(Schema.DateTimeUtc, "a day such as 2027-01-31, or an instant", {
  read: readUntil,
  write: DateTime.formatIso
})

const Fraction = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

const Share = Schema.Union([
  Fraction,
  parsedString(Fraction, "a share such as 50%", {
    read: (text) => {
      const share = Number(/^(\d{1,3})%$/.exec(text)?.[1] ?? NaN) / 100
      return share <= 1 ? share : undefined
    },
    write: (share) => `${Math.round(share * 100)}%`
  })
])

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

/**
 * Schema for an exception, which suppresses the findings of a check until a date.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Exception = Schema.Struct({
  /** The check, or `"*"` for all checks. */
  check: Schema.Union([HealthCheck, Schema.Literal("*")]),
  /** Reason for the exception, for later readers. */
  reason: Schema.NonEmptyString,
  /** End of the exception. A day includes the whole day, in UTC. */
  until: Until
})

/**
 * An exception, which suppresses the findings of a check until a date.
 *
 * @category models
 * @since 0.1.0
 */
export interface Exception extends Schema.Schema.Type<typeof Exception> {}

/**
 * Schema for the requirements for the backups of an index.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Requirements = Schema.Struct({
  /**
   * Maximum age of the newest usable backup: the recovery point objective.
   *
   * @default the limit of the schedule: 26 hours if daily, 7 days and 6 hours if weekly, 1 month and 1 day if monthly
   */
  rpo: Schema.optionalKey(Period),
  /** Minimum frequency of the schedule. */
  minFrequency: Schema.optionalKey(BackupSchedule.Frequency),
  /** Minimum retention of the schedule, in days. */
  minRetentionDays: Schema.optionalKey(Count),
  /** Minimum number of usable backups. */
  minCopies: Schema.optionalKey(Count),
  /** Share by which a backup may be smaller than the median of the backups before it: `0.3` or `30%`. @default 0.5 */
  maxShrink: Schema.optionalKey(Share),
  /** Maximum time since the last completed restore. @default 90 days, as a notice instead of a warning */
  restoreTestedWithin: Schema.optionalKey(Period),
  /** Maximum time since the last successful restore drill, from the drill log. @default no requirement */
  drillWithin: Schema.optionalKey(Period),
  /** Whether missing deletion protection is a warning instead of a notice. @default false */
  requireDeletionProtection: Schema.optionalKey(Schema.Boolean),
  /** Maximum duration of a backup or restore. @default 6 hours */
  maxDuration: Schema.optionalKey(Period),
  /** Exceptions. */
  ignore: Schema.optionalKey(Schema.Array(Exception))
})

/**
 * Requirements for the backups of an index.
 *
 * @category models
 * @since 0.1.0
 */
export interface Requirements extends Schema.Schema.Type<typeof Requirements> {}

/**
 * Schema for a rule: the requirements for indexes that match a pattern.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Rule = Schema.Struct({
  /** Index name, or a pattern such as `prod-*`, where `*` matches any characters. */
  index: Schema.NonEmptyString,
  /**
   * Profiles that the rule is for, where several projects share a policy. {@link ofProfiles} selects the rules of a
   * project; without it, the rule applies to no index. @default all projects
   */
  profiles: Schema.optionalKey(Schema.NonEmptyArray(Schema.NonEmptyString)),
  ...Requirements.fields
})

/**
 * A rule: the requirements for indexes that match a pattern.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rule extends Schema.Schema.Type<typeof Rule> {}

/**
 * Schema for a backup policy.
 *
 * @category schemas
 * @since 0.1.0
 */
export const BackupPolicy = Schema.Struct({
  /** Version of the file format. */
  version: Schema.optionalKey(Schema.Literal(1)),
  /** Maximum number of backups in the project. @default 500, or 1,000 if the project has more: the limits of the plans */
  backupQuota: Schema.optionalKey(Count),
  /** Requirements for every index. Their exceptions also apply to findings about the project. */
  defaults: Schema.optionalKey(Requirements),
  /** Requirements for matching indexes. Later rules override earlier rules. */
  rules: Schema.optionalKey(Schema.Array(Rule))
})

/**
 * A backup policy.
 *
 * @category models
 * @since 0.1.0
 */
export interface BackupPolicy extends Schema.Schema.Type<typeof BackupPolicy> {}

/**
 * The empty policy, which requires only what the schedules promise.
 *
 * @category constructors
 * @since 0.1.0
 */
export const empty: BackupPolicy = {}

/**
 * Minimum share of the backup quota in use that is a warning.
 *
 * @category models
 * @since 0.1.0
 */
export const quotaWarningShare = 0.9

/**
 * Decodes a policy from a parsed JSON or YAML file.
 *
 * **Details**
 *
 * Fails with a `SchemaError` that lists every invalid value and its path. Unknown keys are invalid.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode: (json: unknown) => Effect.Effect<BackupPolicy, Schema.SchemaError> = /* @__PURE__ */ Schema
  .decodeUnknownEffect(BackupPolicy, { errors: "all", onExcessProperty: "error" })

/**
 * Returns `true` if the name of an index matches a pattern.
 *
 * @category guards
 * @since 0.1.0
 */
export const matches = (pattern: string, indexName: string): boolean => {
  // Matches each part at its first occurrence, so patterns with many stars need no backtracking.
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
 * Returns the policy of a project that has these profiles.
 *
 * **When to use**
 *
 * If several projects share a policy, before it is passed to a health check.
 *
 * **Details**
 *
 * Rules for one of the profiles become rules for all indexes. Rules for other profiles keep their `profiles`, so they
 * apply to no index, and the positions of the rules stay the same.
 *
 * **Example** (Selecting the rules of a project)
 *
 * ```ts
 * import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
 *
 * const shared: BackupPolicy.BackupPolicy = {
 *   rules: [{ index: "docs" }, { index: "images", profiles: ["prod"] }]
 * }
 *
 * console.log(BackupPolicy.namesOf(BackupPolicy.ofProfiles(shared, ["prod"]))) // => [ 'docs', 'images' ]
 * console.log(BackupPolicy.namesOf(BackupPolicy.ofProfiles(shared, ["staging"]))) // => [ 'docs' ]
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const ofProfiles = (policy: BackupPolicy, names: ReadonlyArray<string>): BackupPolicy =>
  policy.rules === undefined ? policy : {
    ...policy,
    rules: policy.rules.map((rule) =>
      rule.profiles?.some((name) => names.includes(name)) === true ? Struct.omit(rule, ["profiles"]) : rule
    )
  }

/** The rules that apply: {@link ofProfiles} has not excluded them. */
const rulesOf = ({ rules = [] }: BackupPolicy): ReadonlyArray<Rule> =>
  rules.filter(({ profiles }) => profiles === undefined)

/**
 * Returns the requirements for an index: the defaults, overridden by matching rules. Exceptions are combined.
 *
 * @category getters
 * @since 0.1.0
 */
export const requirementsOf = (policy: BackupPolicy, indexName: string): Requirements => {
  const matching = rulesOf(policy).filter(({ index }) => matches(index, indexName))
  const all: ReadonlyArray<Requirements> = [policy.defaults ?? {}, ...matching.map(Struct.omit(["index", "profiles"]))]
  return { ...all.reduce(Struct.assign), ignore: all.flatMap(({ ignore = [] }) => ignore) }
}

/**
 * Returns the index names in the rules of a policy, without patterns.
 *
 * @category getters
 * @since 0.1.0
 */
export const namesOf = (policy: BackupPolicy): ReadonlyArray<string> => [
  ...new Set(rulesOf(policy).map(({ index }) => index).filter((index) => !index.includes("*")))
]
