/**
 * Backup policies: the requirements of a team for the age, frequency, retention and number of its backups, and the
 * desired schedules and settings of its indexes. A policy is a value, or a JSON or YAML file.
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
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Struct from "effect/Struct"
import * as BackupSchedule from "../BackupSchedule.ts"
import * as IndexRules from "../IndexRules.ts"
import * as Timestamp from "../internal/codec/timestamp.ts"
import * as IndexSettings from "../internal/contract/index-settings.ts"
import * as UnknownKeys from "../internal/unknown-keys.ts"
import { HealthCheck } from "./HealthCheck.ts"
import * as Rhythms from "./internal/rhythms.ts"

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

const describe = (description: string) => ({ description })

/**
 * Schema for the desired schedule of an index. Omitted fields stay as they are.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ScheduleWish = Schema.Struct({
  /** Frequency of the schedule. Required to create a schedule. */
  every: Schema.optionalKey(
    BackupSchedule.Frequency.annotate(describe("Frequency of the schedule. Required to create a schedule."))
  ),
  /** Retention in days. Required to create a schedule. */
  keep: Schema.optionalKey(Count.annotate(describe("Retention in days. Required to create a schedule."))),
  /** Name of the schedule. @default the only schedule of the index, or the enabled one; for a new schedule, `SchedulePlan.defaultName` */
  name: Schema.optionalKey(Schema.NonEmptyString.annotate(describe("Name of the schedule, which never changes."))),
  /** Whether the schedule must be paused (`true`) or enabled (`false`). */
  paused: Schema.optionalKey(
    Schema.Boolean.annotate(describe("Whether the schedule must be paused (true) or enabled (false)."))
  )
})

/**
 * The desired schedule of an index. Omitted fields stay as they are.
 *
 * @category models
 * @since 0.1.0
 */
export interface ScheduleWish extends Schema.Schema.Type<typeof ScheduleWish> {}

const tagValue = "must be a tag value in quotes, or null if the index must not have the tag"

const TagWish = Schema.NullOr(
  Schema.String.check(Schema.makeFilter((value) =>
    value === ""
      ? "must not be empty: use null if the index must not have the tag"
      : IndexRules.isTagValue(value) || "must be a tag value of up to 120 printable ASCII characters"
  ))
).annotate({ message: tagValue })

/** Describes invalid keys and too many tags. */
const wrongTags = (tags: Readonly<Record<string, string | null>>): ReadonlyArray<Schema.FilterIssue> => [
  ...Object.keys(tags).filter((key) => !IndexRules.isTagKey(key)).map((key) => ({
    path: [key],
    issue: "must have a key of 1 to 80 letters, digits, _ and -"
  })),
  ...(Object.values(tags).filter((value) => value !== null).length > IndexRules.maxTags
    ? [`must not have more than ${IndexRules.maxTags} tags`]
    : [])
]

/**
 * Schema for the desired settings of an index. Omitted fields and tags stay as they are.
 *
 * @category schemas
 * @since 0.1.0
 */
export const SettingsWish = Schema.Struct({
  /** Deletion protection. */
  deletionProtection: Schema.optionalKey(
    Schema.Literals(["enabled", "disabled"]).annotate(describe("Deletion protection of the index."))
  ),
  /** Tags by key. `null` means that the index must not have the tag. */
  tags: Schema.optionalKey(
    Schema.Record(Schema.String, TagWish).annotate(
      describe("Tags by key. null means that the index must not have the tag; other tags stay as they are.")
    ).check(Schema.makeFilter(wrongTags))
  ),
  /** Read capacity, which is used when the index is restored. */
  readCapacity: Schema.optionalKey(
    IndexSettings.ReadCapacity.annotate({ message: "must be a read capacity of the API, such as { mode: OnDemand }" })
  )
})

/**
 * The desired settings of an index. Omitted fields and tags stay as they are.
 *
 * @category models
 * @since 0.1.0
 */
export interface SettingsWish extends Schema.Schema.Type<typeof SettingsWish> {}

/**
 * Schema for the defaults of a policy.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Defaults = Schema.Struct({
  ...Requirements.fields,
  /** Completes the schedules in rules. Has no effect on indexes without such a rule. */
  schedule: Schema.optionalKey(ScheduleWish),
  /** Completes the settings in rules. Has no effect on indexes without such a rule. */
  settings: Schema.optionalKey(SettingsWish)
})

/**
 * The defaults of a policy.
 *
 * @category models
 * @since 0.1.0
 */
export interface Defaults extends Schema.Schema.Type<typeof Defaults> {}

/** Requirements and wishes that contradict each other. */
const contradictionsIn = (
  requirements: Requirements,
  { schedule, settings }: {
    readonly schedule?: ScheduleWish | "none" | "ignore" | undefined
    readonly settings?: SettingsWish | undefined
  }
): ReadonlyArray<Contradiction> => {
  const found: Array<Contradiction> = []
  const add = (path: Contradiction["path"], sentence: string) => found.push({ path, sentence })
  const { deletionProtection } = settings ?? {}
  if (deletionProtection === "disabled" && requirements.requireDeletionProtection === true) {
    add(["settings", "deletionProtection"], "contradicts requireDeletionProtection: true")
  }
  if (schedule === undefined || schedule === "none" || schedule === "ignore") return found
  const { every, keep, paused } = schedule
  const { minFrequency, minRetentionDays, rpo } = requirements
  const rank = (frequency: BackupSchedule.Frequency) => BackupSchedule.Frequency.literals.indexOf(frequency)
  if (every !== undefined && minFrequency !== undefined && rank(every) > rank(minFrequency)) {
    add(["schedule", "every"], `${every} is less frequent than minFrequency: ${minFrequency}`)
  }
  if (keep !== undefined && minRetentionDays !== undefined && keep < minRetentionDays) {
    add(["schedule", "keep"], `${keep} is less than minRetentionDays: ${minRetentionDays}`)
  }
  const { longestDays } = every === undefined ? { longestDays: 0 } : Rhythms.cadences[every]
  if (keep !== undefined && keep < longestDays) {
    add(["schedule", "keep"], `${keep} is less than the ${longestDays} days between two ${every} backups`)
  }
  if (paused === true && rpo !== undefined) add(["schedule", "paused"], "a paused schedule contradicts the rpo")
  return found
}

/**
 * Schema for a rule: the requirements and wishes for indexes that match a pattern.
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
  profiles: Schema.optionalKey(
    Schema.NonEmptyArray(Schema.NonEmptyString).annotate(
      describe("Profiles that the rule is for, where several projects share a policy; all projects by default.")
    )
  ),
  ...Requirements.fields,
  /**
   * The desired schedule. `"none"` means that the index must not have an enabled schedule, and `"ignore"` that its
   * schedules are not compared.
   */
  schedule: Schema.optionalKey(
    Schema.Union([Schema.Literals(["none", "ignore"]), ScheduleWish]).annotate(describe(
      "The desired schedule; none if the index must not have an enabled schedule, ignore to leave its schedules alone."
    ))
  ),
  /** The desired settings. */
  settings: Schema.optionalKey(SettingsWish),
  /** `false` rejects every change that makes a backup of the index expire. @default true */
  allowLoss: Schema.optionalKey(
    Schema.Boolean.annotate(describe("false rejects every change that makes a backup of the index expire."))
  )
}).check(
  Schema.makeFilter((rule: Requirements & Parameters<typeof contradictionsIn>[1]) =>
    contradictionsIn(rule, rule).map(({ path, sentence }) => ({ path, issue: sentence }))
  )
)

/**
 * A rule: the requirements and wishes for indexes that match a pattern.
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
  /** ID of the project. Changes to other projects are refused. */
  project: Schema.optionalKey(
    Schema.NonEmptyString.annotate(describe("ID of the project. Changes to other projects are refused."))
  ),
  /** Maximum number of backups in the project. @default 500, or 1,000 if the project has more: the limits of the plans */
  backupQuota: Schema.optionalKey(Count),
  /**
   * Requirements for every index. Their exceptions also apply to findings about the project. Desired schedules and
   * settings in the defaults only complete those in rules.
   */
  defaults: Schema.optionalKey(Defaults),
  /** Requirements and wishes for matching indexes. Later rules override earlier rules. */
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
 * Fails with a `SchemaError` that lists every invalid value and its path. Unknown keys are invalid, and the message lists the
 * known keys.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = (json: unknown): Effect.Effect<BackupPolicy, Schema.SchemaError> =>
  Effect.mapError(decodeStrictly(json), UnknownKeys.explained)

const decodeStrictly = /* @__PURE__ */ Schema.decodeUnknownEffect(BackupPolicy, {
  errors: "all",
  onExcessProperty: "error"
})

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

/** Returns `false` for a rule that applies to no index, unless {@link ofProfiles} selects it. */
const isForAll = ({ profiles }: Rule): boolean => profiles === undefined

/** The rules that apply to indexes. */
const rulesOf = ({ rules = [] }: BackupPolicy): ReadonlyArray<Rule> => rules.filter(isForAll)

/**
 * Returns the requirements for an index: the defaults, overridden by matching rules. Exceptions are combined.
 *
 * @category getters
 * @since 0.1.0
 */
export const requirementsOf = (policy: BackupPolicy, indexName: string): Requirements => {
  const matching = rulesOf(policy).filter(({ index }) => matches(index, indexName))
  // Wishes are no requirements.
  const all = [policy.defaults ?? {}, ...matching].map((part): Requirements => Struct.pick(part, requirementKeys))
  return { ...all.reduce(Struct.assign), ignore: all.flatMap(({ ignore = [] }) => ignore) }
}

const requirementKeys = Struct.keys(Requirements.fields)

/**
 * Returns the index names in the rules of a policy, without patterns.
 *
 * @category getters
 * @since 0.1.0
 */
export const namesOf = (policy: BackupPolicy): ReadonlyArray<string> => [
  ...new Set(rulesOf(policy).map(({ index }) => index).filter((index) => !isPattern(index)))
]

// ============================================================================
// Wishes
// ============================================================================

/**
 * The desired schedule and settings of an index, merged from the matching rules and the defaults.
 *
 * @category models
 * @since 0.1.0
 */
export interface Wish {
  /**
   * The desired schedule. `"none"`: the index must not have an enabled schedule. `"ignore"` or `undefined`: its schedules
   * are not compared.
   */
  readonly schedule: ScheduleWish | "none" | "ignore" | undefined
  /** The desired settings; `undefined` if no rule has settings. */
  readonly settings: SettingsWish | undefined
  /** Whether changes may make backups of the index expire. */
  readonly allowLoss: boolean
}

/**
 * Options of {@link wishOf}.
 *
 * @category options
 * @since 0.1.0
 */
export interface WishOptions {
  /**
   * Whether the index is a copy from a drill or a recovery. Patterns do not match such an index, but its exact name does.
   *
   * @default false
   */
  readonly isCopy?: boolean | undefined
}

const isPattern = (index: string): boolean => index.includes("*")

/** The rules with wishes for an index, with their positions. */
const wishesFor = ({ rules = [] }: BackupPolicy, indexName: string, { isCopy = false }: WishOptions) =>
  rules.map((rule, position) => ({ rule, position })).filter(({ rule }) =>
    isForAll(rule) && !(isCopy && isPattern(rule.index)) && matches(rule.index, indexName)
  )

const mergeSettings = (first: SettingsWish | undefined, then: SettingsWish): SettingsWish => {
  const merged: SettingsWish = { ...first, ...then }
  const { tags } = first ?? {}
  return tags === undefined || then.tags === undefined ? merged : { ...merged, tags: { ...tags, ...then.tags } }
}

/**
 * Returns the desired schedule and settings of an index.
 *
 * **Details**
 *
 * Later rules override earlier rules, field by field and tag by tag. `"none"` and `"ignore"` discard the schedule of
 * earlier rules. A schedule after them starts from the defaults again. The defaults only complete a schedule or settings
 * that a rule has.
 *
 * **Example** (Merging two rules)
 *
 * ```ts
 * import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
 *
 * const policy: BackupPolicy.BackupPolicy = {
 *   defaults: { schedule: { keep: 30 } },
 *   rules: [
 *     { index: "prod-*", schedule: { every: "daily" } },
 *     { index: "prod-docs", schedule: { every: "weekly", name: "docs" } }
 *   ]
 * }
 * const { schedule } = BackupPolicy.wishOf(policy, "prod-docs")
 *
 * console.log(JSON.stringify(schedule)) // => {"keep":30,"every":"weekly","name":"docs"}
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const wishOf = (policy: BackupPolicy, indexName: string, options: WishOptions = {}): Wish => {
  const { schedule: everySchedule, settings: everySettings } = policy.defaults ?? {}
  let schedule: Wish["schedule"]
  let settings: Wish["settings"]
  let allowLoss = true
  for (const { rule } of wishesFor(policy, indexName, options)) {
    if (rule.schedule === "none" || rule.schedule === "ignore") schedule = rule.schedule
    else if (rule.schedule !== undefined) {
      schedule = { ...(typeof schedule === "object" ? schedule : everySchedule), ...rule.schedule }
    }
    if (rule.settings !== undefined) settings = mergeSettings(settings ?? everySettings, rule.settings)
    allowLoss = rule.allowLoss ?? allowLoss
  }
  return { schedule, settings, allowLoss }
}

/**
 * Returns `true` if a policy manages an index: a rule has settings or a schedule for it, other than `"ignore"`.
 *
 * @category guards
 * @since 0.1.0
 */
export const isManaged = (policy: BackupPolicy, indexName: string, options?: WishOptions): boolean => {
  const { schedule, settings } = wishOf(policy, indexName, options)
  return settings !== undefined || (schedule !== undefined && schedule !== "ignore")
}

/**
 * A wish that contradicts a requirement.
 *
 * @category models
 * @since 0.1.0
 */
export interface Contradiction {
  /** The field of the wish. */
  readonly path: readonly ["schedule", keyof ScheduleWish] | readonly ["settings", keyof SettingsWish]
  /** The requirement that it contradicts. */
  readonly sentence: string
}

/**
 * Returns the wishes for an index that contradict its requirements. Contradictions in one rule are already invalid when
 * the file is decoded, so these are contradictions between rules.
 *
 * @category getters
 * @since 0.1.0
 */
export const contradictionsOf = (
  policy: BackupPolicy,
  indexName: string,
  options?: WishOptions
): ReadonlyArray<Contradiction> => {
  // The default RPO applies to every index, so it is no statement about an index that a rule pauses.
  const { rpo, ...requirements } = requirementsOf(policy, indexName)
  const ofRules = requirementsOf({ rules: policy.rules ?? [] }, indexName)
  return contradictionsIn(
    ofRules.rpo === undefined ? requirements : { ...requirements, rpo: ofRules.rpo },
    wishOf(policy, indexName, options)
  )
}

/**
 * A part of a policy that is valid, but probably not intended.
 *
 * @category models
 * @since 0.1.0
 */
export type Notice =
  /** A pattern overrides a field of an earlier rule for an exact name. */
  | {
    readonly _tag: "OrderTrap"
    /** The position of the rule for the exact name in `rules`. */
    readonly exact: number
    /** The position of the later rule with the pattern. */
    readonly pattern: number
    readonly indexName: string
    /** The field, such as `schedule.keep` or `settings.tags.tier`. */
    readonly field: string
  }
  /** A retention of more than 365 days, which the service accepts only if the limit of the project was raised. */
  | {
    readonly _tag: "LongRetention"
    readonly path: ReadonlyArray<PropertyKey>
    readonly days: number
  }

/** The default maximum of the retention, in days. */
const usualMaxDays = 365

/** The fields of the wishes of a rule, with their values. */
const fieldsOf = (
  { allowLoss, schedule, settings: { tags, ...settings } = {} }: Rule
): ReadonlyMap<string, unknown> => {
  const under = (prefix: string, fields: object) =>
    Object.entries(fields).map(([key, value]): readonly [string, unknown] => [`${prefix}.${key}`, value])
  const fields: ReadonlyArray<readonly [string, unknown]> = [
    ...(typeof schedule === "object" ? under("schedule", schedule) : [["schedule", schedule] as const]),
    ...under("settings", settings),
    ...under("settings.tags", tags ?? {}),
    ["allowLoss", allowLoss]
  ]
  return new Map(fields.filter(([, value]) => value !== undefined))
}

/** The first field of a rule that a later rule overrides with another value. */
const overriddenField = (rule: Rule, later: Rule): string | undefined => {
  const [own, other] = [fieldsOf(rule), fieldsOf(later)]
  // `none` and `ignore` discard the whole schedule.
  if (other.has("schedule") && typeof rule.schedule === "object") return "schedule"
  if (own.has("schedule") && typeof later.schedule === "object") return "schedule"
  return [...own].find(([field, value]) =>
    other.has(field) && JSON.stringify(other.get(field)) !== JSON.stringify(value)
  )?.[0]
}

/**
 * Returns the notices about a policy: patterns after a rule for an exact name that they override, and retentions of more
 * than 365 days.
 *
 * @category getters
 * @since 0.1.0
 */
export const noticesOf = ({ defaults = {}, rules = [] }: BackupPolicy): ReadonlyArray<Notice> => {
  const long = (schedule: Rule["schedule"], path: ReadonlyArray<PropertyKey>): ReadonlyArray<Notice> =>
    typeof schedule === "object" && schedule.keep !== undefined && schedule.keep > usualMaxDays
      ? [{ _tag: "LongRetention", path: [...path, "schedule", "keep"], days: schedule.keep }]
      : []
  return [
    ...long(defaults.schedule, ["defaults"]),
    ...rules.flatMap((rule, exact) => [
      ...long(rule.schedule, ["rules", exact]),
      ...(isPattern(rule.index) || !isForAll(rule) ? [] : rules.flatMap((later, pattern): ReadonlyArray<Notice> => {
        if (!isForAll(later) || pattern <= exact || !isPattern(later.index) || !matches(later.index, rule.index)) {
          return []
        }
        const field = overriddenField(rule, later)
        return field === undefined ? [] : [{ _tag: "OrderTrap", exact, pattern, indexName: rule.index, field }]
      }))
    ])
  ]
}
