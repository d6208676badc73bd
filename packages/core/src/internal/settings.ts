/** The options of a connection that come from the configuration, and what is said of a wrong one. */
import * as Config from "effect/Config"
import { identity } from "effect/Function"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import type * as SchemaIssue from "effect/SchemaIssue"
import * as Contract from "./transport/contract.ts"
import * as TransportOptions from "./transport/options.ts"
import * as Response from "./transport/response.ts"

/** The options that have a variable. */
export const variables = {
  apiKey: Config.schema(TransportOptions.ApiKey, "PINECONE_API_KEY"),
  host: Config.schema(TransportOptions.Host, "PINECONE_CONTROLLER_HOST").pipe(Config.withDefault(undefined)),
  apiVersion: Config.schema(Contract.ApiVersion, "PINECONE_API_VERSION").pipe(Config.withDefault(undefined))
}

/** Options, each as it is given: as a value, as a `Config`, or by its variable if it is omitted. */
export const configOf = (options: Readonly<Record<string, unknown>>) =>
  Config.all({
    ...variables,
    ...Record.map(
      Record.filter(options, Predicate.isNotUndefined),
      (option) => Config.isConfig(option) ? option : Config.succeed(option)
    )
  })

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
export const readable = (error: Config.ConfigError): Config.ConfigError => {
  const message = sentenceOf(error)
  return Object.defineProperties(new Config.ConfigError(error.cause), {
    message: { value: message, enumerable: true },
    stack: { value: `ConfigError: ${message}` },
    cause: { value: error.cause, enumerable: false }
  })
}
