import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

/**
 * The JSON object each decoded value came from. A side table and not a field, so that a value prints,
 * compares and copies as what it means, and a changed copy does not carry a text it no longer matches.
 */
const registry = /* @__PURE__ */ new WeakMap<object, Schema.JsonObject>()

/** Notes what an answer was decoded from, and each row of a list in it. */
export const rememberAll = (value: unknown, json: Schema.Json): void => {
  if (!Predicate.isObject(value) || !Predicate.isObject(json) || Array.isArray(json)) return
  registry.set(value, json as Schema.JsonObject)
  for (const [key, rows] of Object.entries(value)) {
    const jsonRows = Reflect.get(json, key)
    if (!Array.isArray(rows) || !Array.isArray(jsonRows)) continue
    rows.forEach((row, index) => registry.set(row, jsonRows[index]))
  }
}

/** Notes that a changed copy of a value came from what the value came from. */
export const inherit = <A extends object>(copy: A, value: unknown): A => {
  const json = Predicate.isObject(value) ? registry.get(value) : undefined
  if (json !== undefined) registry.set(copy, json)
  return copy
}

/** The JSON object that a value was decoded from, or what `codec` makes of a value made by hand. */
export const recall = <A extends object>(value: A, codec: Schema.Codec<A, Schema.JsonObject>): Schema.JsonObject =>
  registry.get(value) ?? Schema.encodeSync(codec)(value)
