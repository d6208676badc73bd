import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

/**
 * Constructor that returns its argument, so that a subclass adds its fields to that object. Any function can be such a
 * constructor, although its type does not allow it.
 */
const Given: new(value: object) => object = function(value: object) {
  return value
} as never

/**
 * Keeps the JSON object from which a value was decoded, in a private field of the value. Values still print, compare
 * and copy by their own fields, and a changed copy does not keep JSON that no longer matches. A `WeakMap` would do the
 * same, but a map of 100,000 rows is expensive to garbage-collect.
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

/** Keeps the source JSON of a decoded response and of each row of a list in it. */
export const rememberAll = (value: unknown, json: Schema.Json): void => {
  if (!Predicate.isObject(value) || !Predicate.isObject(json) || Array.isArray(json)) return
  remember(value, json as Schema.JsonObject)
  // Decoded values have no inherited properties, and a list of entries would cost more than all the rest.
  for (const key in value) {
    const rows: unknown = Reflect.get(value, key)
    if (!Array.isArray(rows)) continue
    const jsonRows: unknown = Reflect.get(json, key)
    if (Array.isArray(jsonRows)) rows.forEach((row, index) => remember(row, jsonRows[index]))
  }
}

/** Keeps the source JSON of a value on a changed copy of the value. */
export const inherit = <A extends object>(copy: A, value: unknown): A => {
  const json = Predicate.isObject(value) ? Origin.of(value) : undefined
  if (json !== undefined) remember(copy, json)
  return copy
}

/** Returns the JSON object from which a value was decoded, or encodes a value that was not decoded. */
export const recall = <A extends object>(value: A, codec: Schema.Codec<A, Schema.JsonObject>): Schema.JsonObject =>
  Origin.of(value) ?? Schema.encodeSync(codec)(value)
