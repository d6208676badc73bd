/**
 * Values that a request can carry. The schemas of an endpoint may encode to other values, which JSON and URLs would change
 * without an error: NaN to null, a missing value to nothing, and a lone surrogate to another character.
 */
import * as Predicate from "effect/Predicate"
import * as Contract from "../contract/endpoint.ts"

/** A value that cannot be sent, and its path in the body or the query. */
interface Wrong {
  readonly path: ReadonlyArray<PropertyKey>
  readonly message: string
}

const wrongNumber = (value: number): string | undefined =>
  Number.isFinite(value) ? undefined : "must be a finite number"

/** Returns the problem with a value in a URL, if any. */
export const wrongInUrl = (value: unknown): string | undefined => {
  switch (typeof value) {
    case "string":
      return Contract.notWellFormed(value)
    case "number":
      return wrongNumber(value)
    case "boolean":
    case "bigint":
      return undefined
    default:
      return "must be a string, a number or a boolean"
  }
}

/** Returns the first parameter of a query that cannot be sent, if any. An omitted parameter may be `undefined`. */
export const wrongInQuery = (query: object): Wrong | undefined => {
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue
    const values: ReadonlyArray<unknown> = Array.isArray(value) ? value : [value]
    for (let index = 0; index < values.length; index++) {
      const message = Contract.notWellFormed(key) ?? wrongInUrl(values[index])
      if (message !== undefined) return { path: Array.isArray(value) ? [key, index] : [key], message }
    }
  }
  return undefined
}

/** Returns `true` for a value that decides itself what JSON writes. */
const hasOwnJson = (value: object): boolean => "toJSON" in value && Predicate.isFunction(value.toJSON)

/** Returns `true` for an object whose fields JSON would write. */
const isRecord = (value: object): value is Readonly<Record<string, unknown>> =>
  Object.prototype.toString.call(value) === "[object Object]"

const inside = (key: PropertyKey, wrong: Wrong | undefined): Wrong | undefined =>
  wrong && { path: [key, ...wrong.path], message: wrong.message }

/**
 * Returns the first part of a body that JSON would change or omit, if any. An omitted field may be `undefined`. Throws if the
 * body is nested too deeply, or contains itself.
 */
export const wrongInBody = (value: unknown): Wrong | undefined => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined
  if (typeof value === "number") {
    const message = wrongNumber(value)
    return message === undefined ? undefined : { path: [], message }
  }
  if (!Predicate.isObjectKeyword(value) || hasOwnJson(value)) return { path: [], message: "must be JSON" }
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const wrong = wrongInBody(value[index])
      if (wrong !== undefined) return inside(index, wrong)
    }
    return undefined
  }
  if (!isRecord(value)) return { path: [], message: "must be JSON" }
  for (const key of Object.keys(value)) {
    const wrong = value[key] === undefined ? undefined : wrongInBody(value[key])
    if (wrong !== undefined) return inside(key, wrong)
  }
  return undefined
}
