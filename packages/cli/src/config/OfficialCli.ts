/**
 * The files of Pinecone's own command line, as far as this one reads them: for the API key. Loaded only when no
 * other place has one.
 */
import { parse } from "yaml"

/** A value that may be YAML or, as that program writes what has several fields, JSON in a text. */
const value = (text: unknown): unknown => {
  if (typeof text !== "string") return text
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

// Written without Effect, whose modules would be cut into one more file for the sake of this one.
const get = (object: unknown, name: string): unknown =>
  typeof object === "object" && object !== null ? Reflect.get(object, name) : undefined

const field = (object: unknown, name: string): unknown => value(get(object, name))

const key = (object: unknown, name: string): string | undefined => {
  const found = get(object, name)
  return typeof found === "string" && found.trim() !== "" ? found.trim() : undefined
}

/**
 * The API key in `secrets.yaml`: the one that was set by hand, else that of the project which `state.yaml` says is
 * the one to work on.
 */
export const keyOf = (secrets: string, state: string): string | undefined => {
  const all = value(secrets)
  const own = key(all, "api_key")
  if (own !== undefined) return own
  const project = key(field(value(state), "target_project"), "id")
  return project === undefined ? undefined : key(field(field(all, "project_api_keys"), project), "value")
}
