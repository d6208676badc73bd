import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Decoder from "../../internal/codec/decoder.ts"

/** A number of things as JSON, or as the decimal text that JSON encoders write of 64-bit integers. Nothing else says how many. */
const toCount = (json: unknown): number | null => {
  const count = Predicate.isString(json) && /^\d+$/.test(json) ? Number(json) : json
  return Number.isSafeInteger(count) && Number(count) >= 0 ? Number(count) : null
}

/** A field that says how many there are, and that reads as null if it does not. What is unknown must not look like none. */
export const maybeCount = Decoder.assign(
  Schema.optionalKey(
    Schema.Json.pipe(
      Schema.annotate({ description: "A whole number, or its decimal text. Any other value counts as unknown." }),
      Schema.decodeTo(
        Schema.NullOr(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
        SchemaTransformation.transform<number | null, Schema.Json>({ decode: toCount, encode: (count) => count })
      )
    )
  ),
  () => toCount
)

type Floats = ReadonlyArray<number | null>

const toFloat = (json: unknown): number | null => Number.isFinite(json) ? Number(json) : null

const toFloats = (json: unknown): Floats | null => Array.isArray(json) ? json.map(toFloat) : null

/** A field of numbers. What of them is no finite number, such as the text `"NaN"`, reads as null. */
export const maybeFloats = Decoder.assign(
  Schema.optionalKey(
    Schema.Json.pipe(
      Schema.annotate({ description: "A list of numbers. What is no finite number counts as unknown." }),
      Schema.decodeTo(
        Schema.NullOr(Schema.Array(Schema.NullOr(Schema.Finite))),
        SchemaTransformation.transform<Floats | null, Schema.Json>({ decode: toFloats, encode: (floats) => floats })
      )
    )
  ),
  () => toFloats
)

/** The codec of a model whose fields have these names in JSON, where they are not the same. */
export const renamed = <A>(
  model: Schema.Struct<Schema.Struct.Fields> & Schema.Codec<A, unknown>,
  names: Readonly<Record<string, string>>
): Schema.Codec<A, Schema.JsonObject> =>
  Decoder.assign(
    Schema.encodeKeys(names)(model),
    () => Decoder.struct(model.ast, (key) => names[key] ?? key)
    // The names are computed, so only the tests know that models encode to JSON.
  ) as never
