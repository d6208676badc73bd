import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as String from "effect/String"
import * as Decoder from "./decoder.ts"
import { makeRead, Timestamp, write } from "./timestamp.ts"

/**
 * A field that the service may send, send as `null`, or omit. Documentation and service disagree on which of these to
 * expect, so every field except IDs and index names is optional and nullable.
 */
export const maybe = <S extends Schema.Constraint>(schema: S): Schema.optionalKey<Schema.NullOr<S>> =>
  Schema.optionalKey(Schema.NullOr(schema))

/** An instant that is optional and nullable. */
export const maybeTimestamp = Decoder.assign(Schema.optionalKey(Timestamp), makeRead, () => write)

const decimal = /^-?\d+(\.\d+)?$/

/**
 * Returns the number in a JSON value, or `null`. Accepts decimal strings, because JSON encoders write 64-bit integers
 * as strings.
 */
const toNumber = (json: unknown): number | null => {
  const number = Predicate.isString(json) && decimal.test(json) ? Number(json) : json
  return Predicate.isNumber(number) && Number.isFinite(number) ? number : null
}

/**
 * A number that is optional and nullable: a number or its decimal text. Any other JSON value decodes to `null`, so that one
 * odd number does not cost the whole list. A number out of range becomes `null` before it gets here, because it is not a
 * JSON value once it is parsed.
 */
export const maybeNumber = Decoder.assign(
  Schema.optionalKey(
    Schema.Json.pipe(
      Schema.annotate({ description: "A number, its decimal text, or null. Any other value counts as unknown." }),
      Schema.decodeTo(
        Schema.NullOr(Schema.Finite),
        SchemaTransformation.transform<number | null, Schema.Json>({ decode: toNumber, encode: (number) => number })
      )
    )
  ),
  () => {
    const readJson = Decoder.of(Schema.Json.ast)
    return (json) =>
      Number.isFinite(json) || json === null ? json : readJson(json) === undefined ? undefined : toNumber(json)
  },
  () => (number) => Number.isFinite(number) || number === null ? number : undefined
)

/** Status or frequency if the field is missing in the response. */
export const unsent = "Unknown"

/**
 * A status. New values may appear at any time, so any string is accepted. Decodes to {@link unsent} if the field is
 * missing.
 */
export const openEnum = <const Known extends ReadonlyArray<string>>(known: Known) =>
  Decoder.assign(
    Schema.optionalKey(Schema.NullOr(Schema.String.annotate({ examples: known }))).pipe(
      Schema.decodeTo(Schema.Union([Schema.StringForLiteralAutocomplete, Schema.Literals(known)]), {
        decode: SchemaGetter.transformOptional((text) => Option.some(Option.getOrNull(text) ?? unsent)),
        encode: SchemaGetter.passthrough()
      })
    ),
    () => (json) => typeof json === "string" ? json : json === null || json === undefined ? unsent : undefined,
    () => (status) => typeof status === "string" ? status : undefined
  )

/** A schema that decodes any JSON with one function, and encodes with another. */
export const fromAny = <S extends Schema.Constraint>(
  to: S,
  { decode, encode }: {
    readonly decode: (json: Schema.Json) => S["Encoded"]
    readonly encode: (value: S["Encoded"]) => Schema.Json
  }
) =>
  Decoder.assign(
    Schema.Json.pipe(Schema.decodeTo(to, SchemaTransformation.transform({ decode, encode }))),
    () => {
      const read = Decoder.of(Schema.Json.ast)
      return (json) => {
        const checked = read(json)
        return checked === undefined ? undefined : decode(checked as Schema.Json)
      }
    }
  )

/** Tags are documented as strings. Any other JSON value decodes to its JSON text. */
export const Tags = Schema.Record(
  Schema.String,
  fromAny(Schema.String, {
    decode: (value) => typeof value === "string" ? value : JSON.stringify(value),
    encode: (text) => text
  })
)

type SnakeCase<Text extends string> = Text extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : Text

type SnakeKeys<Fields> = { readonly [Key in keyof Fields]: Key extends string ? SnakeCase<Key> : Key }

/** The snake_case keys of a model, by its camelCase keys. */
export const snakeKeys = <Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Record.map(fields, (_, key) => String.camelToSnake(key)) as SnakeKeys<Fields>

/** A struct with snake_case keys in its encoded form. */
export const snakeStruct = <const Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.Struct(fields).pipe(Schema.encodeKeys(snakeKeys(fields)))

/** A tagged struct with snake_case keys in its encoded form. There, the tag is `type`. */
export const snakeTagged = <const Tag extends string, const Fields extends Schema.Struct.Fields>(
  tag: Tag,
  fields: Fields
) => Schema.TaggedStruct(tag, fields).pipe(Schema.encodeKeys({ ...snakeKeys(fields), _tag: "type" as const }))

/**
 * The codec between a model with camelCase keys and the JSON object of the API with snake_case keys. `byName` makes
 * decoding faster for models in long lists.
 */
export const fromWire = <A, Fields extends Schema.Struct.Fields>(
  model: Schema.Struct<Fields> & Schema.Codec<A, unknown>,
  byName?: Decoder.ByName<A, Fields>
): Schema.Codec<A, Schema.JsonObject> =>
  // The keys are computed, so the compiler cannot know that models encode to JSON. Tests check it.
  Decoder.assign(
    Schema.encodeKeys(snakeKeys(model.fields))(model),
    () => {
      // Users may store models as JSON and decode them with the model itself.
      Decoder.of(model.ast)
      return Decoder.struct(model.ast, String.camelToSnake, byName)
    },
    () => Decoder.structWriter(model.ast, String.camelToSnake)
  ) as never
