import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { Timestamp } from "./timestamp.ts"

/**
 * A field that the service may send, send as `null` or leave out. Documents and service disagree about
 * which of the three to expect, so every field that is not an id or an index name is one of these.
 */
export const maybe = <S extends Schema.Constraint>(schema: S): Schema.optionalKey<Schema.NullOr<S>> =>
  Schema.optionalKey(Schema.NullOr(schema))

/** A {@link maybe} instant. */
export const maybeTimestamp = Schema.optionalKey(Timestamp)

/** A status. New ones may appear at any time, so any text is one; `"Unknown"` when the service sent none. */
export const openEnum = <const Known extends ReadonlyArray<string>>(known: Known) =>
  Schema.optionalKey(Schema.NullOr(Schema.String)).pipe(
    Schema.decodeTo(Schema.Union([Schema.StringForLiteralAutocomplete, Schema.Literals(known)]), {
      decode: SchemaGetter.transformOptional((text) => Option.some(Option.getOrNull(text) ?? "Unknown")),
      encode: SchemaGetter.passthrough()
    })
  )

/** Tags are documented as texts. Should another JSON value turn up, its JSON text stands for it. */
export const Tags = Schema.Record(
  Schema.String,
  Schema.Json.pipe(
    Schema.decodeTo(
      Schema.String,
      SchemaTransformation.transform<string, Schema.Json>({
        decode: (value) => typeof value === "string" ? value : JSON.stringify(value),
        encode: (text) => text
      })
    )
  )
)

const snakeCase = (text: string) => text.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** The codec between a model with camelCase keys and the API's JSON object with snake_case keys. */
export const fromWire = <A>(
  model: Schema.Struct<Schema.Struct.Fields> & Schema.Codec<A, unknown>
): Schema.Codec<A, Schema.JsonObject> => {
  const mapping: Record<string, string> = {}
  for (const key of Object.keys(model.fields)) {
    mapping[key] = snakeCase(key)
  }
  // The keys are computed, so only the tests know that models encode to JSON.
  return Schema.encodeKeys<typeof model, {}>(mapping)(model) as never
}
