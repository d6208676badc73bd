/** Checks of everything that a test or a control request gives to the simulated service. */
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Exit from "effect/Exit"
import * as Formatter from "effect/Formatter"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"

/** Error for an invalid value: an option, a setting or a fault. */
export class InvalidValue extends Data.TaggedError("InvalidValue")<{
  /** Path of the value, such as `"project.backupQuota"` or `"faults[0].times"`; `""` for the whole argument of a function. */
  readonly field: string
  readonly message: string
}> {}

// ============================================================================
// Descriptions
// ============================================================================

/** A path such as `schedules[0].runs[3].status`. */
export type Path = ReadonlyArray<PropertyKey>

const formatPath = (path: Path): string =>
  path.map((key) => typeof key === "number" ? `[${key}]` : `.${String(key)}`).join("").replace(/^\./, "")

/** Maximum length of the description of a problem. A value can be a whole state. */
const maxLength = 500

/** Returns a text as one short line. */
const shorten = (text: string): string => {
  const line = text.replace(/\s+/g, " ")
  return line.length <= maxLength ? line : `${line.slice(0, maxLength)}…`
}

/** Adds the path to the text of an error. */
export const at = (path: Path, text: string): string => path.length === 0 ? text : `${formatPath(path)}: ${text}`

const unknownKey = (known: ReadonlyArray<PropertyKey>): string => {
  // A constructor adds the tag, and JSON with another tag has another error.
  const names = known.map(String).filter((name) => name !== "_tag")
  return names.length === 0 ? "Unknown key. No key is allowed here" : `Unknown key. Expected ${names.join(", ")}`
}

const format = SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (issue) =>
    issue._tag === "UnexpectedKey" && SchemaAST.isObjects(issue.ast)
      ? unknownKey(issue.ast.propertySignatures.map(({ name }) => name))
      : SchemaIssue.defaultLeafHook(issue)
})

/** Returns the first problem that a schema found: where it is, and what is allowed there. */
const firstOf = (issue: SchemaIssue.Issue, inside: Path): { readonly path: Path; readonly text: string } => {
  const [first] = format(issue).issues
  const path = (first?.path ?? []).map((segment) => typeof segment === "object" ? segment.key : segment)
  return { path: [...inside, ...path], text: shorten(first?.message ?? "") }
}

// ============================================================================
// Checks
// ============================================================================

/** Creates the error of an invalid value. */
export type ToError = (path: Path, text: string) => Error

/** The error of a value that is not in a seed. */
export const invalid = (path: Path, text: string): InvalidValue =>
  new InvalidValue({ field: formatPath(path), message: at(path, text) })

/** The error of the first problem that a schema found. */
export const errorOf = <E>(issue: SchemaIssue.Issue, toError: (path: Path, text: string) => E): E => {
  const { path, text } = firstOf(issue, [])
  return toError(path, text)
}

/** Options of every schema of inputs. An unknown key may be a misspelled key, which would have no effect. */
export const strict = { onExcessProperty: "error", reportInput: true } as const

/** Returns `true` for an object literal, and for objects without a prototype. */
const isPlain = (value: unknown): value is object => {
  if (!Predicate.isObject(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Removes properties with the value `undefined`, at every depth. They count as omitted. */
const omitUndefined = (value: unknown, around: ReadonlyArray<unknown> = []): unknown => {
  // The schema rejects a cycle.
  if (around.includes(value)) return value
  const omitInside = (part: unknown) => omitUndefined(part, [...around, value])
  return Array.isArray(value)
    ? value.map(omitInside)
    : isPlain(value)
    ? Object.fromEntries(
      Object.entries(value).flatMap(([key, part]) => part === undefined ? [] : [[key, omitInside(part)]])
    )
    : value
}

/** Creates a check of values with the types of a schema. Throws `toError` for any other value. */
export const checkOf = <S extends Schema.Constraint>(schema: S, toError: ToError = invalid) => {
  let decode: ((value: unknown) => Exit.Exit<S["Type"], SchemaIssue.Issue>) | undefined
  return (value: unknown, inside: Path = []): S["Type"] => {
    // The values of a schema need no services to be checked.
    decode ??= SchemaParser.decodeUnknownExit(Schema.toType(schema) as Schema.Codec<S["Type"]>, strict)
    const exit = decode(omitUndefined(value))
    if (Exit.isSuccess(exit)) return exit.value
    const issue = Option.getOrThrow(Exit.findErrorOption(exit))
    const { path, text } = firstOf(issue, inside)
    throw toError(path, text)
  }
}

/**
 * Throws `toError` if a value is not an object with properties. A `Map` or a `Date` has none, so it would count as an empty
 * object. The message does not contain the value, because it could be an API key.
 */
export const checkObject = (value: unknown, path: Path = [], toError: ToError = invalid): void => {
  if (!isPlain(value) && !(Predicate.isObject(value) && Object.keys(value).length > 0)) {
    throw toError(path, "Expected an object")
  }
}

/** Throws `toError` if a value is not an object, or has a property that is not one of the known ones. */
export const checkKeys = (
  value: object,
  known: ReadonlyArray<string>,
  inside: Path = [],
  toError: ToError = invalid
): void => {
  checkObject(value, inside, toError)
  checkNames(value, known, inside, toError)
}

const checkNames = (value: object, known: ReadonlyArray<string>, inside: Path, toError: ToError): void => {
  const unknown = Object.entries(value).find(([key, part]) => part !== undefined && !known.includes(key))
  if (unknown !== undefined) throw toError([...inside, unknown[0]], unknownKey(known))
}

const expected = (what: string, value: unknown): string => shorten(`Expected ${what}, got ${Formatter.format(value)}`)

/** Returns a list; an omitted list is empty. Throws `toError` for any other value. */
export const listOf = <A>(
  value: ReadonlyArray<A> | undefined,
  path: Path,
  toError: ToError = invalid
): ReadonlyArray<A> => {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw toError(path, expected("an array", value))
  return value
}

// ============================================================================
// Instants and durations in any form that Effect accepts
// ============================================================================

/** An object whose instants can have any form that Effect accepts, such as `"2026-04-24T06:00:00Z"`. */
export type WithInstants<A> = {
  readonly [Key in keyof A]: DateTime.Utc extends A[Key] ? A[Key] | DateTime.DateTime.Input : A[Key]
}

/** An object whose durations can have any form that Effect accepts, such as `"10 minutes"`. */
export type WithDurations<A> = {
  readonly [Key in keyof A]: Duration.Duration extends A[Key] ? A[Key] | Duration.Input : A[Key]
}

/** Returns the given properties of an object form of an instant or a duration, also those that a class inherits. */
const propertiesOf = (
  input: object,
  known: ReadonlyArray<string>,
  path: Path,
  toError: ToError
): ReadonlyArray<readonly [key: string, value: unknown]> => {
  // Effect ignores unknown keys.
  checkNames(input, known, path, toError)
  return known.map((key) => [key, Reflect.get(input, key)] as const).filter(([, value]) => value !== undefined)
}

const parts: ReadonlyArray<keyof DateTime.DateTime.Parts> = [
  "year",
  "month",
  "day",
  "hour",
  "minute",
  "second",
  "millisecond"
]

const hasValidYear = (instant: DateTime.Utc): boolean => {
  const year = DateTime.getPartUtc(instant, "year")
  return year >= 0 && year <= 9999
}

const validYears = "an instant in the years 0 to 9999"

/** Schema check of an instant: times of the service have years of four digits. */
export const isInValidYear = Schema.makeFilter(hasValidYear, { expected: validYears })

/** Returns `true` if the parts of an instant exist. The 32nd of a month, for example, would be a day of the next month. */
const exists = (given: ReadonlyArray<readonly [key: string, value: unknown]>): boolean =>
  Option.exists(DateTime.make(Object.fromEntries(given)), (instant) => {
    const actual = Object.entries(DateTime.toPartsUtc(instant))
    return given.every(([key, value]) => actual.some(([name, part]) => name === key && part === value))
  })

/** The date at the start of a string. */
const datePattern = /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)/

/** Returns `true` for a value that Effect reads as another instant, often one in 1970. */
const isOtherInstant = (input: unknown, path: Path, toError: ToError): boolean => {
  if (Predicate.isString(input)) {
    const groups = datePattern.exec(input)?.groups
    return groups !== undefined && !exists(Object.entries(groups).map(([key, digits]) => [key, Number(digits)]))
  }
  if (DateTime.isDateTime(input) || Predicate.isDate(input) || Predicate.isNumber(input)) return false
  if (!Predicate.isObject(input)) return true
  if ("epochMilliseconds" in input) {
    propertiesOf(input, ["epochMilliseconds", "timeZoneId"], path, toError)
    return !Predicate.isNumber(input.epochMilliseconds)
  }
  const given = propertiesOf(input, parts, path, toError)
  return given.length === 0 || !exists(given)
}

/** Parses an instant. Throws `toError` if it is invalid. */
export const instant = (input: unknown, path: Path, toError: ToError = invalid): DateTime.Utc => {
  const instant = isOtherInstant(input, path, toError)
    ? Option.none()
    : Option.map(DateTime.make(input as DateTime.DateTime.Input), DateTime.toUtc)
  if (Option.isNone(instant)) throw toError(path, expected("an instant such as \"2026-04-24T06:00:00Z\"", input))
  if (!hasValidYear(instant.value)) throw toError(path, expected(validYears, input))
  return instant.value
}

const units: ReadonlyArray<keyof Duration.DurationObject> = [
  "weeks",
  "days",
  "hours",
  "minutes",
  "seconds",
  "milliseconds",
  "microseconds",
  "nanoseconds"
]

/** Returns `true` for a value that Effect reads as another duration: NaN and an object without a unit as zero. */
const isOtherDuration = (input: unknown, path: Path): boolean => {
  if (Array.isArray(input)) return input.some(Number.isNaN)
  if (!Predicate.isObject(input) || Duration.isDuration(input)) return Number.isNaN(input)
  const given = propertiesOf(input, units, path, invalid)
  // A `Temporal.Duration` also has units of no fixed length.
  return given.length === 0 || !given.every(([, value]) => Predicate.isNumber(value) && !Number.isNaN(value)) ||
    ["years", "months"].some((unit) => Boolean(Reflect.get(input, unit)))
}

/** Parses a duration. Throws if it is invalid, also if it is NaN, which comes from a mistake in a calculation. */
export const duration = (input: unknown, path: Path): Duration.Duration => {
  const duration = isOtherDuration(input, path) ? Option.none() : Duration.fromInput(input as Duration.Input)
  if (Option.isSome(duration)) return duration.value
  throw invalid(path, expected("a duration such as \"10 minutes\"", input))
}

/** Parses an optional duration. Throws if it is invalid. */
export const optionalDuration = (input: Duration.Input | undefined, path: Path): Duration.Duration | undefined =>
  input === undefined ? undefined : duration(input, path)
