/**
 * The files of Pinecone's own command line, as far as this one reads them: for the API key. Loaded only when no
 * other place has one.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"
import { parse } from "yaml"

/** A value that may be YAML or, as that program writes what has several fields, JSON in a text. */
const value = (text: unknown): unknown => {
  if (!Predicate.isString(text)) return text
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

const field = (object: unknown, name: string): unknown =>
  Predicate.isObject(object) ? value(Reflect.get(object, name)) : undefined

const key = (object: unknown, name: string): string | undefined => {
  // A key may look like a number to YAML.
  const found: unknown = Predicate.isObject(object) ? Reflect.get(object, name) : undefined
  return Predicate.isString(found) && found.trim() !== "" ? found.trim() : undefined
}

/**
 * The API key in `secrets.yaml`: the one that was set by hand, else that of the project which `state.yaml` says is
 * the one to work on.
 *
 * @category getters
 * @since 0.1.0
 */
export const keyOf = (secrets: string, state: string): string | undefined => {
  const all = value(secrets)
  const own = key(all, "api_key")
  if (own !== undefined) return own
  const project = key(field(value(state), "target_project"), "id")
  return project === undefined ? undefined : key(field(field(all, "project_api_keys"), project), "value")
}
