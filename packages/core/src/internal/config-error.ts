/** What a program says that ends with a wrong configuration. */
import * as Config from "effect/Config"
import type * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type * as SchemaIssue from "effect/SchemaIssue"
import * as Response from "./transport/response.ts"

/** Whether an issue says that a value is not there: the environment has nothing but texts. */
const isMissing = (issue: SchemaIssue.Issue): boolean =>
  issue._tag === "InvalidType" || ("issue" in issue && isMissing(issue.issue))

const sentenceOf = ({ cause }: Config.ConfigError): string => {
  if (cause._tag !== "SchemaError") return cause.message
  const { field, message } = Response.firstIssue(cause.issue, identity)
  if (!isMissing(cause.issue)) return `${field}: ${message}`
  return field === "PINECONE_API_KEY"
    ? `${field} is not set: it must be the API key of a Pinecone project`
    : `${field} is not set`
}

/**
 * The same error, with a sentence for a message. Effect's own is no `Error`: Node prints a rejected promise of it as
 * `[object Object]`, unless it has a `stack` of its own, and then with all that can be enumerated.
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
 * The same configuration, whose errors are readable where it is used by itself: as an effect, and by `parse`. Effect
 * evaluates it by `parse`, too, and has no way to change the errors of a configuration.
 */
export const withReadableErrors = <A>(config: Config.Config<A>): Config.Config<A> =>
  Object.create(config, {
    parse: {
      value: (provider: ConfigProvider.ConfigProvider) => Effect.mapError(config.parse(provider), readable)
    }
  })
