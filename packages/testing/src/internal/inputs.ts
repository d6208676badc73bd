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
  /** Path of the value, such as `"project.backupQuota"` or `"faults[0].times"`. */
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

/** A message is for a person, who does not need a whole state to find the value. */
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

/** Creates a check of values with the types of a schema. Throws `toError` for any other value. */
export const checkOf = <S extends Schema.Constraint>(schema: S, toError: ToError = invalid) => {
  let decode: ((value: unknown) => Exit.Exit<S["Type"], SchemaIssue.Issue>) | undefined
  return (value: unknown, inside: Path = []): S["Type"] => {
    // The values of a schema need no services to be checked.
    decode ??= SchemaParser.decodeUnknownExit(Schema.toType(schema) as Schema.Codec<S["Type"]>, strict)
    const exit = decode(value)
    if (Exit.isSuccess(exit)) return exit.value
    const issue = Option.getOrThrow(Exit.findErrorOption(exit))
    const { path, text } = firstOf(issue, inside)
    throw toError(path, text)
  }
}

/** Throws `toError` if an object has a key that is not one of the known keys. */
export const checkKeys = (
  value: object,
  known: ReadonlyArray<string>,
  inside: Path = [],
  toError: ToError = invalid
): void => {
  const key = Object.keys(value).find((key) => !known.includes(key))
  if (key !== undefined) throw toError([...inside, key], unknownKey(known))
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

/** Parses an instant. Throws `toError` if it is invalid. */
export const instant = (input: unknown, path: Path, toError: ToError = invalid): DateTime.Utc => {
  const instant = Option.map(DateTime.make(input as DateTime.DateTime.Input), DateTime.toUtc)
  if (Option.isSome(instant)) return instant.value
  throw toError(path, expected("an instant such as \"2026-04-24T06:00:00Z\"", input))
}

/** Returns `true` for the forms of a duration in which Effect reads NaN as zero. */
const hasNaN = (input: unknown): boolean =>
  Number.isNaN(input) || (Predicate.isObjectOrArray(input) && Object.values(input).some(Number.isNaN))

/** Parses a duration. Throws if it is invalid, also if it is NaN, which comes from a mistake in a calculation. */
export const duration = (input: unknown, path: Path): Duration.Duration => {
  const duration = hasNaN(input) ? Option.none() : Duration.fromInput(input as Duration.Input)
  if (Option.isSome(duration)) return duration.value
  throw invalid(path, expected("a duration such as \"10 minutes\"", input))
}

/** Parses an optional duration. Throws if it is invalid. */
export const optionalDuration = (input: Duration.Input | undefined, path: Path): Duration.Duration | undefined =>
  input === undefined ? undefined : duration(input, path)
