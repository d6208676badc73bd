import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

/**
 * A constructor that answers what it is given, so that a class on top of it adds its fields to that. Any function
 * can be one; their types do not say so.
 */
const Given: new(value: object) => object = function(value: object) {
  return value
} as never

/**
 * The JSON object a decoded value came from, in a private field that is added to the value. So a value prints,
 * compares and copies as what it means, and a changed copy does not carry a text it no longer matches. A `WeakMap`
 * would do the same, but one of a hundred thousand rows keeps the garbage collector busy.
 */
class Origin extends Given {
  #json: Schema.JsonObject

  constructor(value: object, json: Schema.JsonObject) {
    super(value)
    this.#json = json
  }

  static of(value: object): Schema.JsonObject | undefined {
    return #json in value ? value.#json : undefined
  }
}

const remember = (value: object, json: Schema.JsonObject): object =>
  Origin.of(value) === undefined ? new Origin(value, json) : value

/** Notes what an answer was decoded from, and each row of a list in it. */
export const rememberAll = (value: unknown, json: Schema.Json): void => {
  if (!Predicate.isObject(value) || !Predicate.isObject(json) || Array.isArray(json)) return
  remember(value, json as Schema.JsonObject)
  for (const [key, rows] of Object.entries(value)) {
    const jsonRows = Reflect.get(json, key)
    if (!Array.isArray(rows) || !Array.isArray(jsonRows)) continue
    rows.forEach((row, index) => remember(row, jsonRows[index]))
  }
}

/** Notes that a changed copy of a value came from what the value came from. */
export const inherit = <A extends object>(copy: A, value: unknown): A => {
  const json = Predicate.isObject(value) ? Origin.of(value) : undefined
  if (json !== undefined) remember(copy, json)
  return copy
}

/** The JSON object that a value was decoded from, or what `codec` makes of a value made by hand. */
export const recall = <A extends object>(value: A, codec: Schema.Codec<A, Schema.JsonObject>): Schema.JsonObject =>
  Origin.of(value) ?? Schema.encodeSync(codec)(value)
