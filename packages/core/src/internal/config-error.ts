/** What a program says that ends with a wrong configuration. */
import * as Config from "effect/Config"
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
export const readable = (error: Config.ConfigError): Config.ConfigError => {
  const message = sentenceOf(error)
  return Object.defineProperties(new Config.ConfigError(error.cause), {
    message: { value: message, enumerable: true },
    stack: { value: `ConfigError: ${message}` },
    cause: { value: error.cause, enumerable: false }
  })
}
