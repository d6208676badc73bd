/** Readable messages for errors of the configuration. */
import * as Config from "effect/Config"
import type * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type * as SchemaIssue from "effect/SchemaIssue"
import * as Response from "./transport/response.ts"

/** Returns `true` if an issue means that a value is missing: all values of the environment are strings. */
const isMissing = (issue: SchemaIssue.Issue): boolean =>
  issue._tag === "InvalidType" || ("issue" in issue && isMissing(issue.issue))

const sentenceOf = ({ cause }: Config.ConfigError): string => {
  if (cause._tag !== "SchemaError") return cause.message
  const { field, message } = Response.firstIssue(cause.issue, identity)
  if (!isMissing(cause.issue)) return `${field}: ${message}`
  return field === "PINECONE_API_KEY"
    ? `${field} is not set: set it to the API key of a Pinecone project`
    : `${field} is not set`
}

/**
 * Copies an error with a sentence as its message.
 *
 * **Details**
 *
 * Effect's `ConfigError` is not an `Error`. Node prints a rejected promise with it as `[object Object]`, unless it has
 * its own `stack`, and then prints every enumerable property.
 */
const readable = (error: Config.ConfigError): Config.ConfigError => {
  const message = sentenceOf(error)
  return Object.defineProperties(new Config.ConfigError(error.cause), {
    message: { value: message, enumerable: true },
    stack: { value: `ConfigError: ${message}` },
    cause: { value: error.cause, enumerable: false }
  })
}

/**
 * Copies a configuration so that its errors are readable when it is used directly, as an effect or by `parse`.
 *
 * **Details**
 *
 * Effect also evaluates a configuration by `parse`, and provides no way to map the errors of a configuration.
 */
export const withReadableErrors = <A>(config: Config.Config<A>): Config.Config<A> =>
  Object.create(config, {
    parse: {
      value: (provider: ConfigProvider.ConfigProvider) => Effect.mapError(config.parse(provider), readable)
    }
  })
