import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Decoder from "../../internal/codec/decoder.ts"

/** A count: a JSON number, or the decimal string of a 64-bit integer. Any other value is unknown. */
const toCount = (json: unknown): number | null => {
  const count = Predicate.isString(json) && /^\d+$/.test(json) ? Number(json) : json
  return Number.isSafeInteger(count) && Number(count) >= 0 ? Number(count) : null
}

/** A field with a count. Invalid values decode to `null`, because an unknown count must not look like 0. */
export const maybeCount = Decoder.assign(
  Schema.optionalKey(
    Schema.Json.pipe(
      Schema.annotate({ description: "An integer, or its decimal string. Any other value counts as unknown." }),
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

/** A field with a list of numbers. Values that are not finite numbers, such as the string `"NaN"`, decode to `null`. */
export const maybeFloats = Decoder.assign(
  Schema.optionalKey(
    Schema.Json.pipe(
      Schema.annotate({ description: "A list of numbers. A value that is not a finite number counts as unknown." }),
      Schema.decodeTo(
        Schema.NullOr(Schema.Array(Schema.NullOr(Schema.Finite))),
        SchemaTransformation.transform<Floats | null, Schema.Json>({ decode: toFloats, encode: (floats) => floats })
      )
    )
  ),
  () => toFloats
)

/** The codec of a model, with the JSON names of the fields whose names differ. */
export const renamed = <A>(
  model: Schema.Struct<Schema.Struct.Fields> & Schema.Codec<A, unknown>,
  names: Readonly<Record<string, string>>
): Schema.Codec<A, Schema.JsonObject> =>
  Decoder.assign(
    Schema.encodeKeys(names)(model),
    () => Decoder.struct(model.ast, (key) => names[key] ?? key)
    // The names are computed, so the compiler cannot check that models encode to JSON. Tests check it.
  ) as never
