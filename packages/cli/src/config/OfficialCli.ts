/** Reads the API key from the files of the official Pinecone CLI. Loaded only if no other source has a key. */
import { parse } from "yaml"

/** A value, or the parsed YAML of a string: the official CLI writes objects as JSON strings. */
const value = (text: unknown): unknown => {
  if (typeof text !== "string") return text
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

// Written without Effect, which would add another chunk to the bundle.
const get = (object: unknown, name: string): unknown =>
  typeof object === "object" && object !== null ? Reflect.get(object, name) : undefined

const field = (object: unknown, name: string): unknown => value(get(object, name))

const key = (object: unknown, name: string): string | undefined => {
  const found = get(object, name)
  return typeof found === "string" && found.trim() !== "" ? found.trim() : undefined
}

/** The API key in `secrets.yaml`: the manually set key, else the key of the target project in `state.yaml`. */
export const keyOf = (secrets: string, state: string): string | undefined => {
  const all = value(secrets)
  const own = key(all, "api_key")
  if (own !== undefined) return own
  const project = key(field(value(state), "target_project"), "id")
  return project === undefined ? undefined : key(field(field(all, "project_api_keys"), project), "value")
}
